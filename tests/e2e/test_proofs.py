"""An auditor checks the ledger and a letter without the office: what the product hands out, the commands offline."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import expect, sync_playwright

from tests.conftest import SAMPLES
from tests.e2e.test_pages import CALM, CHROMIUM
from tests.product import Product, settled, until


@pytest.fixture(scope="module")
def quick(short_tmp: Path) -> Iterator[Product]:
    """A product that signs a checkpoint each second."""
    product = Product(short_tmp / "quick", {"ARSIP_CHECKPOINT_SECONDS": "1"})
    product.start()
    yield product
    product.stop()


@pytest.fixture(scope="module")
def letter(quick: Product) -> dict[str, Any]:
    """A sealed letter that a checkpoint covers, its sealing too."""
    with quick.client() as client:
        sent = client.post("/documents", files={"file": ("tiket.pdf", (SAMPLES / "tiket.pdf").read_bytes())}).json()
        found = settled(client, sent["id"])

        def covered() -> bool:
            answer = client.get(f"/documents/{sent['id']}/proof")
            return answer.status_code == 200 and len(answer.json()["entries"]) == 2

        until(covered, timeout=30, step=0.5)
        return found


def test_the_exported_ledger_is_checked_with_the_key_alone(
    quick: Product, letter: dict[str, Any], tmp_path: Path
) -> None:
    export, kept = tmp_path / "buku-besar.jsonl", tmp_path / "titik.txt"
    key = quick.arsip("ledger", "key").stdout.strip()
    kept.write_text(quick.arsip("ledger", "checkpoint").stdout)
    quick.arsip("ledger", "export", str(export))
    asked = ("verify", "--offline", str(export), "--key", key, "--checkpoint", str(kept))
    assert quick.arsip(*asked).stdout.startswith("Buku besar utuh: ")
    lines = export.read_text().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if letter["id"] in line)
    export.write_text("".join([*lines[:at], lines[at].replace("received", "arrived_"), *lines[at + 1 :]]))
    broken = quick.arsip(*asked, check=False)
    seq = json.loads(lines[at])["seq"]
    assert (broken.returncode, f"ledger entry {seq}:" in broken.stdout) == (1, True)
    assert quick.arsip("verify").stdout.startswith("Arsip utuh: ")


def test_a_letters_proof_is_checked_with_its_file(quick: Product, letter: dict[str, Any], tmp_path: Path) -> None:
    proof, pdf, key = tmp_path / "bukti.json", tmp_path / "surat.pdf", tmp_path / "kunci.txt"
    key.write_text(quick.arsip("ledger", "key").stdout)
    quick.arsip("proof", "get", letter["id"], "-o", str(proof))
    with quick.client() as client:
        pdf.write_bytes(client.get(f"/documents/{letter['id']}/pdf").content)
        assert "filename" not in proof.read_text()
    for file, name in ((SAMPLES / "tiket.pdf", "berkas asli"), (pdf, "PDF")):
        found = quick.arsip("proof", "check", str(proof), str(file), "--key", str(key))
        assert f"{file} adalah {name} surat itu." in found.stdout
    pdf.write_bytes(pdf.read_bytes() + b" ")
    wrong = quick.arsip("proof", "check", str(proof), str(pdf), "--key", str(key), check=False)
    assert (wrong.returncode, "BUKAN SURAT INI" in wrong.stdout) == (1, True)


def test_the_sheet_says_what_the_file_says(quick: Product, letter: dict[str, Any], tmp_path: Path) -> None:
    sheet = tmp_path / "lembar.pdf"
    quick.arsip("proof", "get", letter["id"], "--sheet", "-o", str(sheet))
    document = pypdfium2.PdfDocument(sheet.read_bytes())
    assert len(document) == 1
    text = document[0].get_textpage().get_text_range()
    assert "LEMBAR BUKTI" in text
    assert letter["id"] in text
    assert letter["sha256"] in "".join(text.split())
    picture = document[0].render(scale=3).to_pil()
    codes = [code.text for code in zxingcpp.read_barcodes(picture)]
    assert len(codes) == 1
    mark, named, digest, size, root = codes[0].split("/")
    assert (mark, named, digest) == ("ARSIP-BUKTI-1", letter["id"], letter["sha256"])
    assert f"{size}" in text
    assert root in "".join(text.split())


@pytest.mark.parametrize("role", ["arsiparis", "auditor"])
def test_the_pages_hand_them_out(quick: Product, letter: dict[str, Any], role: str) -> None:
    user = quick.user(role, clearance="rahasia")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=CALM) as browser:
        page = browser.new_context(base_url=quick.url).new_page()
        page.goto("/masuk")
        page.get_by_label("Nama pengguna").fill(user.name)
        page.get_by_label("Kata sandi").fill(user.password)
        page.get_by_role("button", name="Masuk").click()
        page.wait_for_url(lambda url: "/masuk" not in url)
        page.goto("/bukti")
        expect(page.get_by_text("arsiparis/").first).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Unduh buku besar").click()
        assert download.value.suggested_filename == "buku-besar.jsonl"
        if role == "arsiparis":
            page.goto(f"/arsip/{letter['id']}")
            for name, ending in (("Berkas bukti", "json"), ("Lembar bukti", "pdf")):
                with page.expect_download() as download:
                    page.get_by_role("link", name=name, exact=True).click()
                assert download.value.suggested_filename == f"bukti-{letter['id'][:8]}.{ending}"
