"""Checking an exported ledger, or the proof of one letter, with nothing but the office's public key.

Shares no code with what writes them: own arithmetic, own reading of signed notes (docs/adr/0027). A run is one pass
over the lines, in memory for one entry and the checkpoints that the checker brought.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class NotOursError(ValueError):
    """What was given is no public key, no checkpoint or no proof that this can read."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first bad thing: what it is (FLAWS in cli/proof.py), and where."""

    what: str
    where: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed checkpoint as it says itself: how many entries, the root over them, the last one's hash, when."""

    size: int
    root: bytes
    head: str
    at: str


@dataclass(frozen=True)
class Key:
    """A public key in one line: `name+id+key`."""

    name: str
    id: bytes
    public: Ed25519PublicKey

    @classmethod
    def read(cls, line: str) -> "Key":
        """Raises NotOursError."""
        try:
            name, number, encoded = line.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
            named = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
            if raw[:1] != b"\x01" or number != named.hex():
                raise NotOursError("the key's id does not fit it")
            return cls(name, named, Ed25519PublicKey.from_public_bytes(raw[1:]))
        except ValueError as error:
            raise NotOursError(f"no public key of checkpoints: {error}") from error


def opened(note: str, keys: Sequence[Key]) -> Checkpoint | None:
    """What a signed checkpoint says; None unless one of the keys signed it. Raises NotOursError where it is none."""
    body, parting, signatures = note.partition("\n\n")
    body += "\n"
    if not parting or not any(_signed(body, line, keys) for line in signatures.splitlines()):
        return None
    try:
        _, size, root, head, at = body.splitlines()
        return Checkpoint(int(size), base64.b64decode(root), head.removeprefix("kepala "), at.removeprefix("waktu "))
    except ValueError as error:
        raise NotOursError("a checkpoint of another form") from error


def _signed(body: str, line: str, keys: Sequence[Key]) -> bool:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        return False
    for key in keys:
        if mark == "—" and (key.name, key.id) == (name, raw[:4]) and body.startswith(f"{name}\n"):
            try:
                key.public.verify(raw[4:], body.encode())
            except InvalidSignature:
                continue
            return True
    return False


def _hashed(prev: bytes, entry: dict[str, Any]) -> bytes:
    return hashlib.sha256(prev + f"{entry['seq']}|{entry['at']}|{entry['body']}".encode()).digest()


@dataclass
class Tree:
    """RFC 6962's tree, leaf by leaf: the roots of the whole parts that the leaves so far make, largest first."""

    size: int = 0
    parts: list[bytes] = field(default_factory=list)

    def add(self, data: bytes) -> None:
        """One more leaf with that data."""
        found, number = hashlib.sha256(b"\x00" + data).digest(), self.size
        while number & 1:
            found = hashlib.sha256(b"\x01" + self.parts.pop() + found).digest()
            number >>= 1
        self.parts.append(found)
        self.size += 1

    def root(self) -> bytes:
        """The root over the leaves so far."""
        if not self.parts:
            return hashlib.sha256(b"").digest()
        found = self.parts[-1]
        for part in reversed(self.parts[:-1]):
            found = hashlib.sha256(b"\x01" + part + found).digest()
        return found


class LedgerCheck:
    """One run over the lines of an export. Iterate run(); then `flaw` is None when all is well.

    `brought` are checkpoints that the checker kept from before, or from elsewhere: without one that lies beyond it, an
    end that was cut off together with its checkpoints cannot be missed.
    """

    def __init__(self, keys: Sequence[Key], brought: Sequence[Checkpoint] = ()) -> None:
        self._keys = keys
        self._ahead: dict[int, list[Checkpoint]] = {}
        for checkpoint in brought:
            self._ahead.setdefault(checkpoint.size, []).append(checkpoint)
        self._tree = Tree()
        self._last = b"\x00" * 32
        self._promised = 0
        self._apart: Checkpoint | None = None  # the first one that the entries do not fit
        self.entries = 0
        self.checkpoints = 0
        self.covered = 0  # entries that a checkpoint fits
        self.flaw: Flaw | None = None

    def run(self, lines: Iterable[bytes]) -> Iterator[int]:
        """Check line by line; how many entries were checked comes out every ten thousand."""
        for number, line in enumerate(lines, 1):
            self._look(number, line)
            if self.flaw is not None:
                return
            if self.entries and self.entries % 10_000 == 0:
                yield self.entries
        self._end()

    def _look(self, number: int, line: bytes) -> None:
        try:
            told = json.loads(line)
            if "seq" in told:
                self._entry(told)
            elif "checkpoint" in told:
                self._signed(number, told["checkpoint"])
            elif number == 1 and told["ledger"] == 1:
                self._promised = int(told["entries"])
            else:
                self.flaw = Flaw("export_damaged", f"line {number}: not of a ledger")
        except (ValueError, KeyError, TypeError, AttributeError):
            self.flaw = Flaw("export_damaged", f"line {number}: cannot be read")

    def _entry(self, told: dict[str, Any]) -> None:
        seq = told["seq"]
        if seq != self.entries + 1:
            self.flaw = Flaw("ledger_gap", f"ledger entry {seq}: does not follow entry {self.entries}")
            return
        derived = _hashed(self._last, told)
        if derived.hex() != told["hash"]:
            self.flaw = Flaw("ledger_changed", f"ledger entry {seq}: its hash does not fit what it says")
            return
        self._last, self.entries = derived, seq
        self._tree.add(derived)
        for checkpoint in self._ahead.pop(seq, ()):
            self._compare(checkpoint)

    def _signed(self, number: int, note: str) -> None:
        checkpoint = opened(note, self._keys)
        if checkpoint is None:
            self.flaw = Flaw("checkpoint_forged", f"line {number}: a checkpoint that the office's key did not sign")
        elif checkpoint.size < self.entries:
            self.flaw = Flaw("export_damaged", f"line {number}: a checkpoint out of its place")
        elif checkpoint.size == self.entries:
            self._compare(checkpoint)
        else:
            self._ahead.setdefault(checkpoint.size, []).append(checkpoint)

    def _compare(self, checkpoint: Checkpoint) -> None:
        self.checkpoints += 1
        fits = (checkpoint.root, checkpoint.head) == (self._tree.root(), self._last.hex())
        if not fits and checkpoint.size <= self.covered:
            self.flaw = Flaw("ledger_fork", f"two checkpoints over {checkpoint.size} entries")
        elif not fits:
            self._apart = self._apart or checkpoint
        elif self._apart is not None:  # both are signed, and no one history fits both
            self.flaw = Flaw("ledger_fork", f"checkpoints over {self._apart.size} and {checkpoint.size} entries")
        else:
            self.covered = checkpoint.size

    def _end(self) -> None:
        if self._apart is not None:
            where = f"ledger entry {self.covered + 1}, or one up to {self._apart.size}"
            self.flaw = Flaw("ledger_rewritten", where)
        elif self._ahead:
            where = f"ledger entry {self.entries + 1}: missing, a checkpoint covers {max(self._ahead)} entries"
            self.flaw = Flaw("ledger_cut", where)
        elif self.entries < self._promised:
            self.flaw = Flaw("ledger_cut", f"ledger entry {self.entries + 1}: missing, the export begins with more")
        elif not self.checkpoints:
            self.flaw = Flaw("checkpoint_missing", "no signed checkpoint in it")


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof shows: these events of a letter stood in the ledger when the checkpoint was signed."""

    document: str
    checkpoint: Checkpoint
    events: list[dict[str, Any]]

    def names(self, sha256: str) -> str | None:
        """What the file with that digest is of this letter: `original`, `pdf`, `manifest`; None where it is not its."""
        for event in self.events:
            body = event["body"]
            if body["action"] in ("received", "letter_cut") and body["digest"] == sha256:
                return "original"
            if body["action"] == "sealed" and sha256 in (body["pdf"], body["digest"]):
                return "pdf" if body["pdf"] == sha256 else "manifest"
        return None


def proven(proof: dict[str, Any], keys: Sequence[Key]) -> Proven | Flaw:
    """What a letter's proof shows, or what is wrong with it. Raises NotOursError where it is no proof."""
    try:
        checkpoint = opened(proof["checkpoint"], keys)
        if checkpoint is None:
            return Flaw("checkpoint_forged", "the checkpoint is not signed by the office's key")
        events = [{**entry, "body": json.loads(entry["body"])} for entry in proof["entries"]]
        for entry, event in zip(proof["entries"], events, strict=True):
            if event["body"]["document"] != proof["document"]:
                return Flaw("proof_of_another", f"ledger entry {event['seq']}: of another letter")
            if not _reaches(entry, checkpoint):
                return Flaw("proof_broken", f"ledger entry {event['seq']}: does not stand in the signed ledger")
        return Proven(proof["document"], checkpoint, events)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotOursError("no proof of a letter") from error


def _reaches(entry: dict[str, Any], checkpoint: Checkpoint) -> bool:
    """Whether the entry's path leads to the checkpoint's root (RFC 9162, 2.1.3.2)."""
    number, last = entry["seq"] - 1, checkpoint.size - 1
    if not 0 <= number <= last:
        return False
    found = hashlib.sha256(b"\x00" + _hashed(bytes.fromhex(entry["prev"]), entry)).digest()
    for step in (bytes.fromhex(one) for one in entry["path"]):
        if last == 0:
            return False
        if number & 1 or number == last:
            found = hashlib.sha256(b"\x01" + step + found).digest()
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + step).digest()
        number, last = number >> 1, last >> 1
    return last == 0 and found == checkpoint.root
