"""What proof costs: an exported ledger checked offline, and every object read again."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from archive import documents, fixitystate, merkle
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


def reading_again(objects: int, kilobytes: int) -> tuple[float, float]:
    """MB a second of reading, opening and comparing so many encrypted objects of that size through the store, without a
    limit; and of reading and hashing the same volumes as plain files, one after the other."""
    with own_archive() as stack, engine_of(stack, "arsip_worker") as engine:
        clerk = somebody("petugas", "umum")
        for number in range(objects):
            data = unique_jpeg(number, kilobytes)
            with tempfile.TemporaryFile() as file:
                file.write(data)
                arrival = accept.keep(clerk, file, len(data), filename="a.jpg", clearance=None, idempotency_key=None)
            documents.receive(clerk, arrival)
        with connected_as(engine), with_settings(ARSIP_FIXITY_MB_PER_SECOND="0"):
            began = time.perf_counter()
            fixity.run()
            ours = time.perf_counter() - began
            with transaction() as session:
                read = fixitystate.days(session, 1)[0].bytes
        began, size = time.perf_counter(), 0
        for volume in (stack.data / "seaweedfs").rglob("*.dat"):
            with volume.open("rb") as file:
                size += volume.stat().st_size
                hashlib.file_digest(file, "sha256")
        return read / ours / 1e6, size / (time.perf_counter() - began) / 1e6


if __name__ == "__main__":
    print(reading_again(int(sys.argv[1]), int(sys.argv[2])))
