"""What proof costs: an exported ledger checked offline, and every object read again."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from archive import blobs, documents, fixitystate, merkle
from archive.notes import Signer
from core.db import transaction
from ingest import accept
from tests.assets.bulk import unique_jpeg
from tests.integration.driving import connected_as, engine_of, own_archive, somebody, with_settings
from tests.product import ARSIP
from workers import fixity

_ID = "0b6f1a52-3c1e-4c57-9f0e-6f0d7f2f9a11"


def write_export(file: Path, entries: int) -> str:
    """A sound export of so many events; the public key that checks it."""
    signer, at = Signer(os.urandom(32)), datetime(2026, 11, 26, 14, tzinfo=UTC)
    prev, leaves = bytes(32), []
    with file.open("w") as out:
        out.write(json.dumps({"ledger": 1, "entries": entries}) + "\n")
        for seq in range(1, entries + 1):
            body = (
                f'{{"action":"page_viewed","actor":"{_ID}","digest":"{seq:064x}","document":"{_ID}","page":{seq % 9}}}'
            )
            stamp = f"2026-11-26T14:{seq // 60 % 60:02d}:{seq % 60:02d}.000000Z"
            prev = hashlib.sha256(prev + f"{seq}|{stamp}|{body}".encode()).digest()
            leaves.append(merkle.leaf(prev))
            out.write(json.dumps({"seq": seq, "at": stamp, "body": body, "hash": prev.hex()}) + "\n")
            if seq in (entries // 2, entries):
                note = signer.checkpoint(seq, merkle.root(leaves), prev.hex(), at)
                out.write(json.dumps({"checkpoint": note}) + "\n")
    return signer.public


def offline(folder: Path, entries: int) -> float:
    """Seconds that `arsip verify --offline` takes for an export of so many events."""
    file = folder / "buku-besar.jsonl"
    key = write_export(file, entries)
    began = time.perf_counter()
    subprocess.run([*ARSIP, "verify", "--offline", str(file), "--key", key], check=True, capture_output=True)
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Speeds:
    """MB a second, medians of the rounds: of reading again with all that belongs to it; of getting the same objects
    from the store and throwing them away; of reading the store's volumes as plain files, and of hashing them too."""

    ours: float
    got: float
    plain: float
    hashed: float


def reading_again(objects: int, kilobytes: int, rounds: int = 3) -> Speeds:
    """How fast so many encrypted objects of that size are read, opened and compared through the store, without a limit,
    beside what store and disk give; in turns, one after the other."""
    with own_archive() as stack, engine_of(stack, "arsip_worker") as engine, engine_of(stack, "postgres") as root:
        clerk = somebody("petugas", "umum")
        for number in range(objects):
            data = unique_jpeg(number, kilobytes)
            with tempfile.TemporaryFile() as file:
                file.write(data)
                arrival = accept.keep(clerk, file, len(data), filename="a.jpg", clearance=None, idempotency_key=None)
            documents.receive(clerk, arrival)
        with connected_as(engine), with_settings(ARSIP_FIXITY_MB_PER_SECOND="0"):
            told = [_round(root, stack.data / "seaweedfs") for _ in range(rounds)]
        return Speeds(*(median(column) for column in zip(*told, strict=True)))


def _round(root: Engine, volumes: Path) -> tuple[float, float, float, float]:
    with root.begin() as connection:
        connection.execute(text("UPDATE stored_object SET checked_at = NULL"))
    before = _read_today()
    ours = _seconds(fixity.run)
    read = _read_today() - before
    with root.connect() as connection:
        named = connection.execute(text("SELECT key, version FROM stored_object WHERE kind = 'original'")).all()
    files = list(volumes.rglob("*.dat"))
    size = sum(file.stat().st_size for file in files)
    got = _seconds(lambda: [sum(map(len, blobs.stored_chunks(one.key, one.version))) for one in named])
    plain = _seconds(lambda: [_read(file) for file in files])
    hashed = _seconds(lambda: [_hashed(file) for file in files])
    return read / ours / 1e6, read / got / 1e6, size / plain / 1e6, size / hashed / 1e6


def _read_today() -> int:
    with transaction() as session:
        return sum(day.bytes for day in fixitystate.days(session, 1))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _read(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass


def _hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    print(reading_again(int(sys.argv[1]), int(sys.argv[2])))
