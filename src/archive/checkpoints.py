"""Checkpoints: from time to time the ledger's size, the root of its tree and its head are signed and put under lock.

The tree's roots over whole blocks of entries are stored, so that neither a checkpoint nor a proof reads a ledger of
millions again. archive/offline.py checks both with code of its own.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from archive import blobs, ledger, merkle
from archive.blobs import Stored
from archive.notes import Signer
from archive.objects import Place
from archive.prooftables import CheckpointRow, LedgerBlockRow
from core.faults import BytesDiffer

BLOCK: Final = 1024  # a power of two, so that a block is a whole part of every larger tree
_HASHES: Final = text("SELECT hash FROM ledger_hashes(:first, :last)")


class HistoryChangedError(Exception):
    """The ledger is no longer the one that the last checkpoint was signed for: nothing is signed any more."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be signed: how many entries there are, the root over them, and the last one's hash."""

    size: int
    root: bytes
    head: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that lies under lock."""

    draft: Draft
    note: str
    public_key: str
    stored: Stored
    at: datetime


class Tree:
    """The tree over the ledger's first entries, as one transaction sees them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        rows = session.execute(select(LedgerBlockRow.number, LedgerBlockRow.root))
        self._blocks = {number: bytes(root) for number, root in rows}
        self._leaves: dict[int, list[bytes]] = {}

    def root_of(self, first: int, end: int) -> bytes:
        """The root of entries number first + 1 to end (merkle.RootOf)."""
        whole = end - first == BLOCK and first % BLOCK == 0
        if whole and first // BLOCK in self._blocks:
            return self._blocks[first // BLOCK]
        if end - first <= BLOCK:
            inside = self._leaves_of(first // BLOCK)
            return merkle.root(inside[first % BLOCK : first % BLOCK + end - first])
        middle = first + merkle.split(end - first)
        return merkle.node(self.root_of(first, middle), self.root_of(middle, end))

    def _leaves_of(self, block: int) -> list[bytes]:
        if block not in self._leaves:
            asked = {"first": block * BLOCK + 1, "last": (block + 1) * BLOCK}
            self._leaves[block] = [merkle.leaf(bytes(row[0])) for row in self._session.execute(_HASHES, asked)]
        return self._leaves[block]

    def store_blocks(self, size: int) -> None:
        """Enter the roots of whole blocks that are not stored yet."""
        missing = [number for number in range(size // BLOCK) if number not in self._blocks]
        for number in missing:
            self._blocks[number] = self.root_of(number * BLOCK, (number + 1) * BLOCK)
            del self._leaves[number]
        rows = [{"number": number, "root": self._blocks[number]} for number in missing]
        if rows:
            self._session.execute(insert(LedgerBlockRow).on_conflict_do_nothing(), rows)


def draft(session: Session) -> Draft | None:
    """What the next checkpoint says; None when nothing has happened since the last one.

    Raises HistoryChangedError when the entries that the last one covers have another root now.
    """
    size, head = ledger.head(session)
    last = newest(session)
    if size == 0 or (last is not None and last.size == size):
        return None
    tree = Tree(session)
    if last is not None and (last.size > size or tree.root_of(0, last.size) != bytes(last.root)):
        raise HistoryChangedError
    tree.store_blocks(size)
    return Draft(size, tree.root_of(0, size), head)


def put(wanted: Draft, signer: Signer, at: datetime) -> Kept | None:
    """Sign and put under lock. A worker that ended between this and its commit left one that says the same: that one
    is taken. None where a head of that size lies there that was never signed, or says something else."""
    note = signer.checkpoint(wanted.size, wanted.root, wanted.head, at)
    body = {"hash": wanted.head, "note": note, "root": wanted.root.hex(), "seq": wanted.size}
    data = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
    place = Place(head_key(wanted.size))
    try:
        stored = blobs.put(place, data, hashlib.sha256(data).hexdigest(), "application/json")
    except BytesDiffer as taken:
        version = taken.facts["version"]
        data = blobs.get(place, version)
        earlier = json.loads(data)
        if "note" not in earlier or {**earlier, "note": note} != body:
            return None
        note, stored = earlier["note"], Stored(place.name, version, hashlib.sha256(data).hexdigest())
    return Kept(wanted, note, signer.public, stored, at)


def put_unsigned(size: int, head: str) -> None:
    """Put the head alone under lock, where no key is set up to sign with."""
    data = json.dumps({"hash": head, "seq": size}, sort_keys=True).encode()
    try:
        blobs.put(Place(head_key(size)), data, hashlib.sha256(data).hexdigest(), "application/json")
    except BytesDiffer:
        return  # it was signed before


def head_key(size: int) -> str:
    """Where the checkpoint over so many entries lies."""
    return f"ledger/{size:012d}.json"


def enter(session: Session, kept: Kept) -> None:
    """Enter a checkpoint that lies under lock; one of its size that was entered before stays."""
    row = {
        "size": kept.draft.size,
        "root": kept.draft.root,
        "head": bytes.fromhex(kept.draft.head),
        "note": kept.note,
        "public_key": kept.public_key,
        "key": kept.stored.key,
        "version": kept.stored.version,
        "sha256": kept.stored.sha256,
        "at": kept.at,
    }
    session.execute(insert(CheckpointRow).values(row).on_conflict_do_nothing())


def newest(session: Session) -> CheckpointRow | None:
    """The checkpoint that covers most."""
    return session.scalars(select(CheckpointRow).order_by(CheckpointRow.size.desc()).limit(1)).one_or_none()


def before(session: Session, size: int | None, limit: int) -> Sequence[CheckpointRow]:
    """At most `limit` checkpoints that cover fewer than `size` entries, the largest first."""
    query = select(CheckpointRow).order_by(CheckpointRow.size.desc()).limit(limit)
    return session.scalars(query if size is None else query.where(CheckpointRow.size < size)).all()


def count(session: Session) -> int:
    """How many checkpoints were signed."""
    return session.scalar(select(func.count()).select_from(CheckpointRow)) or 0
