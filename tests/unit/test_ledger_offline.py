"""Whatever is done to an exported ledger, whoever has only the public key finds it and names the first bad entry."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from archive import merkle
from archive.notes import Signer
from archive.offline import Checkpoint, Flaw, Key, LedgerCheck, NotOursError, Proven, opened, proven
from cli.main import main
from cli.offline import FLAWS

OFFICE, THIEF = Signer(bytes(range(32))), Signer(bytes(32))
KEYS = [Key.read(OFFICE.public)]
AT = datetime(2026, 11, 26, 14, tzinfo=UTC)
Entry = dict[str, Any]


def chained(bodies: Sequence[str], first: int = 1, prev: bytes = bytes(32)) -> list[Entry]:
    """A sound chain with these bodies."""
    found = []
    for seq, body in enumerate(bodies, first):
        at = f"2026-11-26T14:00:{seq % 60:02d}.000000Z"
        prev = hashlib.sha256(prev + f"{seq}|{at}|{body}".encode()).digest()
        found.append({"seq": seq, "at": at, "body": body, "hash": prev.hex()})
    return found


def note(entries: Sequence[Entry], size: int, signer: Signer = OFFICE) -> str:
    root = merkle.root([merkle.leaf(bytes.fromhex(entry["hash"])) for entry in entries[:size]])
    return signer.checkpoint(size, root, entries[size - 1]["hash"], AT)


def exported(entries: Sequence[Entry], notes: dict[int, list[str]]) -> list[bytes]:
    lines: list[Any] = [{"ledger": 1, "entries": len(entries)}]
    for entry in entries:
        lines += [entry, *({"checkpoint": one} for one in notes.get(entry["seq"], ()))]
    lines += [{"checkpoint": one} for size in sorted(notes) if size > len(entries) for one in notes[size]]
    return [json.dumps(line).encode() + b"\n" for line in lines]


def checked(lines: Sequence[bytes], brought: Sequence[Checkpoint] = ()) -> LedgerCheck:
    check = LedgerCheck(KEYS, brought)
    list(check.run(lines))
    return check


def flaw(lines: Sequence[bytes], brought: Sequence[Checkpoint] = ()) -> Flaw:
    found = checked(lines, brought).flaw
    assert found is not None
    return found


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Entry], dict[int, list[str]]]:
    """A ledger of 4 to 40 entries with checkpoints here and there, the last one over all of it."""
    bodies = draw(st.lists(st.text(max_size=20), min_size=4, max_size=40))
    entries = chained(bodies)
    sizes = draw(st.sets(st.integers(1, len(entries)), max_size=5)) | {len(entries)}
    return entries, {size: [note(entries, size)] for size in sizes}


Made = tuple[list[Entry], dict[int, list[str]]]


@given(ledgers())
def test_what_was_not_touched_is_whole(made: Made) -> None:
    entries, notes = made
    check = checked(exported(entries, notes))
    assert check.flaw is None
    assert (check.entries, check.covered, check.checkpoints) == (len(entries), len(entries), len(notes))


@given(ledgers(), st.data())
def test_an_edited_entry(made: Made, data: st.DataObject) -> None:
    entries, notes = made
    at = data.draw(st.integers(0, len(entries) - 1))
    member, new = data.draw(
        st.sampled_from([("body", "lain sekali, dan lebih panjang"), ("at", "2025"), ("hash", "00" * 32)])
    )
    entries[at] = {**entries[at], member: new}
    assert flaw(exported(entries, notes)) == Flaw(
        "ledger_changed", f"ledger entry {at + 1}: its hash does not fit what it says"
    )


@given(ledgers(), st.data())
def test_an_edited_entry_with_all_after_it_hashed_anew(made: Made, data: st.DataObject) -> None:
    entries, notes = made
    at = data.draw(st.integers(0, len(entries) - 1))
    bodies = [entry["body"] for entry in entries]
    bodies[at] = "lain sekali, dan lebih panjang"
    found = flaw(exported(chained(bodies), notes))
    before = max((size for size in notes if size <= at), default=0)
    after = min(size for size in notes if size > at)
    assert found == Flaw("ledger_rewritten", f"ledger entry {before + 1}, or one up to {after}")


@given(ledgers(), st.data())
def test_a_deleted_entry(made: Made, data: st.DataObject) -> None:
    entries, notes = made
    at = data.draw(st.integers(0, len(entries) - 2))
    del entries[at]
    assert flaw(exported(entries, notes)).where.startswith(f"ledger entry {at + 2}: does not follow")


@given(ledgers(), st.data())
def test_a_deleted_entry_with_the_rest_moved_up_and_hashed_anew(made: Made, data: st.DataObject) -> None:
    entries, notes = made
    at = data.draw(st.integers(0, len(entries) - 2))
    bodies = [entry["body"] for entry in entries]
    del bodies[at]
    moved = chained(bodies)
    found = flaw(exported(moved, notes))
    # where neighbours say the same, taking one away shows only at the next place that differs, or at the end
    assert found.what in ("ledger_rewritten", "ledger_cut")


@given(ledgers(), st.data())
def test_an_inserted_entry(made: Made, data: st.DataObject) -> None:
    entries, notes = made
    at = data.draw(st.integers(0, len(entries)))
    forged = chained(["disisipkan"], at + 1, bytes.fromhex(entries[at - 1]["hash"]) if at else bytes(32))
    found = flaw(exported([*entries[:at], *forged, *entries[at:]], notes)) if at < len(entries) else None
    if found is not None:
        assert found == Flaw("ledger_gap", f"ledger entry {at + 1}: does not follow entry {at + 1}")
        bodies = [entry["body"] for entry in entries]
        bodies.insert(at, "disisipkan, lebih panjang dari semua")
        assert flaw(exported(chained(bodies), notes)).what == "ledger_rewritten"


@given(ledgers(), st.data())
def test_entries_in_another_order(made: Made, data: st.DataObject) -> None:
    entries, notes = made
    one, other = sorted(data.draw(st.sets(st.integers(0, len(entries) - 1), min_size=2, max_size=2)))
    entries[one], entries[other] = entries[other], entries[one]
    assert flaw(exported(entries, notes)).where.startswith(f"ledger entry {other + 1}: does not follow")


@given(ledgers(), st.data())
def test_a_cut_end(made: Made, data: st.DataObject) -> None:
    entries, notes = made
    left = data.draw(st.integers(0, len(entries) - 1))
    found = flaw(exported(entries[:left], notes))
    assert (found.what, found.where.split(":")[0]) == ("ledger_cut", f"ledger entry {left + 1}")
    # cut off together with its checkpoints: only who kept one from before can tell
    rest = {size: kept for size, kept in notes.items() if size <= left}
    kept = opened(notes[len(entries)][0], KEYS)
    assert kept is not None
    assert flaw(exported(entries[:left], rest), [kept]).what == "ledger_cut"
    check = checked(exported(entries[:left], rest))
    assert check.flaw is None or check.flaw.what == "checkpoint_missing"
    # broken off on its way: the first line says how many there are
    assert flaw(exported(entries, notes)[: left + 1]).what == "ledger_cut"


@given(ledgers(), st.data())
def test_a_fork(made: Made, data: st.DataObject) -> None:
    """The office's key signed two histories: each alone is sound, together they give it away."""
    entries, notes = made
    at = data.draw(st.integers(0, len(entries) - 1))
    bodies = [entry["body"] for entry in entries]
    bodies[at] = "sejarah yang lain, lebih panjang"
    other = chained([*bodies, "dan satu lagi"])
    signed = note(other, len(other))
    assert checked(exported(other, {len(other): [signed]})).flaw is None
    assert flaw(exported(other, {**notes, len(other): [signed]})).what == "ledger_fork"
    same = note(other, len(entries))
    assert flaw(exported(entries, {len(entries): [*notes[len(entries)], same]})).what == "ledger_fork"
    kept = opened(same, KEYS)
    assert kept is not None
    assert flaw(exported(entries, notes), [kept]).what == "ledger_fork"


@given(ledgers())
def test_a_checkpoint_that_somebody_else_signed(made: Made) -> None:
    entries, notes = made
    forged = {**notes, len(entries): [note(entries, len(entries), THIEF)]}
    assert flaw(exported(entries, forged)).what == "checkpoint_forged"


@given(ledgers(), st.data())
def test_a_damaged_file_never_ends_in_a_traceback(made: Made, data: st.DataObject) -> None:
    lines = exported(*made)
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(
        st.one_of(st.binary(max_size=40), st.sampled_from([b"[]", b"1", b"{}", b"null", b'{"seq":"1"}']))
    )
    assert flaw(lines) is not None


def _proof(entries: Sequence[Entry], seqs: Sequence[int], size: int) -> dict[str, Any]:
    leaves = [merkle.leaf(bytes.fromhex(entry["hash"])) for entry in entries]

    def path(seq: int) -> list[str]:
        return [one.hex() for one in merkle.path(seq - 1, size, lambda a, b: merkle.root(leaves[a:b]))]

    return {
        "arsip-proof": 1,
        "document": "d",
        "checkpoint": note(entries, size),
        "entries": [
            {**entries[seq - 1], "prev": entries[seq - 2]["hash"] if seq > 1 else "00" * 32, "path": path(seq)}
            for seq in seqs
        ],
    }


ORIGINAL, PDF, MANIFEST = "1" * 64, "2" * 64, "3" * 64
RECEIVED = json.dumps({"action": "received", "document": "d", "digest": ORIGINAL})
SEALED = json.dumps({"action": "sealed", "document": "d", "digest": MANIFEST, "pdf": PDF})
OTHER = json.dumps({"action": "received", "document": "e", "digest": ORIGINAL})


def test_a_proof_shows_which_file_is_the_letters() -> None:
    entries = chained([OTHER, RECEIVED, "{}", SEALED, "{}"])
    shown = proven(_proof(entries, [2, 4], 5), KEYS)
    assert isinstance(shown, Proven)
    assert [shown.names(one) for one in (ORIGINAL, PDF, MANIFEST, "4" * 64)] == ["original", "pdf", "manifest", None]
    assert shown.checkpoint.size == 5


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda p: p["entries"][0].update(body=RECEIVED.replace(ORIGINAL, PDF)), "proof_broken"),
        (lambda p: p["entries"][0].update(seq=1), "proof_broken"),
        (lambda p: p["entries"][0]["path"].reverse(), "proof_broken"),
        (lambda p: p["entries"][0].update(at="2020"), "proof_broken"),
        (lambda p: p.update(document="e"), "proof_of_another"),
        (lambda p: p.update(checkpoint=note(chained(["{}"] * 5), 5)), "proof_broken"),
        (lambda p: p.update(checkpoint=note(chained(["{}"] * 5), 5, THIEF)), "checkpoint_forged"),
    ],
)
def test_a_forged_proof(change: Callable[[dict[str, Any]], None], what: str) -> None:
    proof = _proof(chained([OTHER, RECEIVED, "{}", SEALED, "{}"]), [2, 4], 5)
    change(proof)
    found = proven(proof, KEYS)
    assert isinstance(found, Flaw)
    assert found.what == what


@pytest.mark.parametrize("proof", [{}, {"checkpoint": 1}, {"checkpoint": note(chained(["{}"]), 1)}, []])
def test_what_is_no_proof(proof: Any) -> None:
    with pytest.raises(NotOursError):
        proven(proof, KEYS)


def test_the_commands_say_it_in_words(tmp_path: Path) -> None:
    entries = chained([OTHER, RECEIVED, "{}", SEALED, "{}"])
    export, proof, letter = tmp_path / "buku.jsonl", tmp_path / "bukti.json", tmp_path / "surat.jpg"
    key = tmp_path / "kunci.txt"
    key.write_text(OFFICE.public + "\n")
    export.write_bytes(b"".join(exported(entries, {4: [note(entries, 4)]})))
    asked = ["verify", "--offline", str(export), "--key", str(key)]
    done = CliRunner().invoke(main, asked)
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [
            "Buku besar utuh: 5 catatan cocok dengan 1 titik periksa.",
            "1 catatan terakhir belum tercakup titik periksa mana pun.",
        ],
    )
    kept = tmp_path / "titik.txt"
    kept.write_text(note(chained([entry["body"] for entry in entries] + ["{}"]), 6))
    cut = CliRunner().invoke(main, [*asked, "--checkpoint", str(kept)])
    assert cut.exit_code == 1
    assert FLAWS["ledger_cut"] in cut.stdout
    letter.write_bytes(b"surat")
    bodies = [OTHER, RECEIVED.replace(ORIGINAL, hashlib.sha256(b"surat").hexdigest()), "{}", SEALED, "{}"]
    proof.write_text(json.dumps(_proof(chained(bodies), [2, 4], 5)))
    found = CliRunner().invoke(main, ["proof", "check", str(proof), str(letter), "--key", OFFICE.public])
    assert found.exit_code == 0, found.output
    assert f"{letter} adalah berkas asli surat itu." in found.stdout
    letter.write_bytes(b"surat lain")
    wrong = CliRunner().invoke(main, ["proof", "check", str(proof), str(letter), "--key", str(key)])
    assert (wrong.exit_code, "BUKAN SURAT INI" in wrong.stdout) == (1, True)
    assert CliRunner().invoke(main, ["verify", "--offline", str(export)]).exit_code == 2
    assert CliRunner().invoke(main, ["proof", "check", str(export), "--key", str(key)]).exit_code == 2
    assert CliRunner().invoke(main, ["proof", "check", str(proof), "--key", "bukan kunci"]).exit_code == 2


def test_every_flaw_has_words() -> None:
    import re

    source = (Path(__file__).parents[2] / "src" / "archive" / "offline.py").read_text()
    assert set(re.findall(r'Flaw\("(\w+)"', source)) == set(FLAWS)
