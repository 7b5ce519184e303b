"""`arsip berkas` and `arsip retention` against a running product, as an arsiparis at a terminal uses them."""

import json
import re
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.inside import nonce, text_pdf
from tests.product import ARSIP, Product, settled

pytestmark = pytest.mark.timeout(300)


def arsip(product: Product, *args: str, fails: bool = False) -> str:
    """What the command says, on either stream where it is to fail."""
    argv = [*ARSIP, *args, "--data", str(product.data)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) is fails, done.stderr
    return done.stderr if fails else done.stdout


def asked(product: Product, *args: str) -> Any:
    return json.loads(arsip(product, *args, "--json"))


def test_berkas_codes_schedules_and_holds_by_command(product: Product, tmp_path: Path) -> None:
    title = f"Undangan {nonce()}"
    with product.client() as client:
        sent = client.post("/documents", files={"file": ("a.pdf", text_pdf(nonce()))}).raise_for_status().json()["id"]
        assert settled(client, sent)["stage"] == "sealed"
    made = asked(product, "berkas", "open", title, "--code", "000.8.3.3", "--clearance", "terbatas")
    berkas = made["id"]
    assert re.fullmatch(rf"\d{{3}}/{datetime.now(ZoneInfo('Asia/Makassar')).year}", made["number"])
    assert sent in {one["document"] for one in asked(product, "berkas", "loose")["letters"]}
    assert "1 surat diberkaskan" in arsip(product, "berkas", "file", berkas, sent)
    assert "0 surat diberkaskan" in arsip(product, "berkas", "file", berkas, sent)
    assert asked(product, "berkas", "show", berkas)["contents"][0]["document"] == sent
    assert "1 surat dikeluarkan" in arsip(product, "berkas", "take-out", berkas, sent)
    assert title in arsip(product, "berkas", "list", *title.split())
    assert "400.9.4.1" in arsip(product, "berkas", "code", "orang terlantar")
    for name in ("daftar.pdf", "daftar.xlsx"):
        arsip(product, "berkas", "print", "berkas", "-o", str(tmp_path / name))
        assert (tmp_path / name).read_bytes()[:2] == (b"%P" if name.endswith("pdf") else b"PK")

    wrong, right = tmp_path / "salah.csv", tmp_path / "jra.csv"
    wrong.write_text("kode;jenis arsip;aktif;inaktif;nasib akhir\n000.8.3.3;Uji;dua;3;Musnah\n")
    right.write_text("kode;jenis arsip;aktif;inaktif;nasib akhir\n000.8.3.3;Uji;2;3;Musnah\n")
    refused = arsip(product, "retention", "import", str(wrong), "--name", "JRA", fails=True)
    assert "baris 2, kolom aktif" in refused
    brought = arsip(product, "retention", "import", str(right), "--name", "JRA", "--from", "2001-01-01")
    version = brought.rsplit(" ", 1)[1].strip()
    assert "000.8.3.3" in arsip(product, "retention", "effect", version)
    each = tmp_path / "dampak.csv"
    arsip(product, "retention", "effect", version, "-o", str(each))
    told = next(line for line in each.read_text("utf-8-sig").splitlines() if title in line)
    assert "Uji,Musnah,2,3," in told
    arsip(product, "retention", "apply", version)
    assert "2012-01-01" in arsip(product, "berkas", "close", berkas, "--on", "2006-05-05")
    assert "retensi habis 2012-01-01; musnah" in arsip(product, "berkas", "list", title)
    assert berkas in {one["id"] for one in asked(product, "retention", "list", "habis", "--limit", "200")["berkas"]}
    arsip(product, "retention", "list", "habis", "-o", str(tmp_path / "habis.csv"))
    assert title in (tmp_path / "habis.csv").read_text("utf-8-sig")
    assert "Retensi habis: " in arsip(product, "retention", "report")
    held = arsip(product, "retention", "hold", "--berkas", berkas, "--kind", "audit", "--reason", "Pemeriksaan")
    assert "DITAHAN" in arsip(product, "berkas", "list", title)
    same = arsip(product, "retention", "release", held.split()[0], "--reason", "selesai", fails=True)
    assert "orang kedua" in same
    arsip(product, "retention", "end", version, "2001-01-01")
