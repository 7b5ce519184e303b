"""Readers of identity cards on the same cards in the same run: Arsiparis, and those of PyPI that read offline.

Of four that PyPI has, akshara-ocr reads offline, by tesseract or by rapidocr. fktd (easyocr, paddleocr) and indOCRArmy
fetch their models when first used; the pins of pisahkan-ktp 0.2.12 cannot be met together. Peers live in an environment
of their own (requirements/peers.txt): their pins are not ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from classify.letter import understand
from ocr.reader import inspect, read_page
from ocr.sandbox import Sandbox
from tests.yardstick.figures import bare, share
from tests.yardstick.ours import MEMORY_MB, SECONDS
from tests.yardstick.scans import Scan

ROOT = Path(__file__).parents[2]
LOCKED = ROOT / "requirements" / "peers.txt"
HOME = ROOT / ".venv" / "peers"
PEER = Path(__file__).with_name("card_peer.py")
FIELDS = ("nik", "nama", "alamat")
ENGINES = {"tesseract": "akshara-ocr, tesseract", "onnx": "akshara-ocr, rapidocr"}


def measure(scans: list[Scan]) -> list[dict[str, Any]]:
    """A row for each reader of cards; none without cards. Fetches the peers once when they are missing."""
    cards = [scan for scan in scans if scan.entry["kind"] == "ktp"]
    if not cards:
        return []
    began = time.monotonic()
    rows = [_row("Arsiparis, accurate", cards, _ours(cards), time.monotonic() - began)]
    python = _peers()
    for engine, label in ENGINES.items():
        asked = {"engine": engine, "fields": FIELDS, "files": [str(card.file) for card in cards]}
        done = subprocess.run([python, PEER], input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(done.stdout.splitlines()[-1])
        rows.append(_row(label, cards, told["read"], told["seconds"]))
    return rows


def _peers() -> Path:
    """The Python of the peers' environment, made when it is not there or its lock has changed."""
    python, done = HOME / "bin" / "python", HOME / "locked.txt"
    if not done.is_file() or done.read_bytes() != LOCKED.read_bytes():
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, HOME], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", LOCKED]
        subprocess.run(install, check=True)
        done.write_bytes(LOCKED.read_bytes())
    return python


def _ours(cards: list[Scan]) -> list[dict[str, str]]:
    """From the picture's bytes to fields, one card after the other, as a worker reads them."""
    found = []
    with tempfile.TemporaryDirectory() as folder, Sandbox(MEMORY_MB) as sandbox:
        working, preview = Path(folder) / "working.pdf", Path(folder) / "preview.jpg"
        for card in cards:
            inspect(sandbox, card.file, "image/*", working, max_pages=1, seconds=SECONDS)
            page = read_page(sandbox, working, 1, preview, seconds=SECONDS)
            found.append({field.name: field.value for field in understand([page]).fields})
    return found


def _row(label: str, cards: list[Scan], read: list[dict[str, str]], seconds: float) -> dict[str, Any]:
    """Fields right over all cards, of those that the truth has."""
    right = [
        bare(told.get(name, "")) == bare(card.fields[name])
        for card, told in zip(cards, read, strict=True)
        for name in FIELDS
        if name in card.fields
    ]
    return {
        "reader": f"{label} ({len(cards)} KTP: {', '.join(FIELDS)})",
        "pages_per_minute": 60 * len(cards) / seconds,
        "field": share(sum(right), len(right)),
    }
