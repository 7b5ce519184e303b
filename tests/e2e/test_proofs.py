"""An auditor checks the ledger and a letter without the office: what the product hands out, the commands offline."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from minio import Minio
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.assets.bulk import unique_jpeg
from tests.conftest import SAMPLES
from tests.e2e.inside import settings_of, superuser
from tests.e2e.test_pages import CALM, CHROMIUM, sign_in
from tests.product import Product, settled, until


@pytest.fixture(scope="module")
def quick(short_tmp: Path) -> Iterator[Product]:
    """A product that signs a checkpoint each second, and reads objects again every other."""
    product = Product(short_tmp / "quick", {"ARSIP_CHECKPOINT_SECONDS": "1", "ARSIP_FIXITY_SECONDS": "2"})
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=CALM)
        yield running
        running.close()


def signed_in(product: Product, browser: Browser, role: str) -> Page:
    page = browser.new_context(base_url=product.url).new_page()
    sign_in(page, product.user(role, clearance="rahasia"))
    return page


@pytest.mark.parametrize("role", ["arsiparis", "auditor"])
def test_the_pages_hand_them_out(quick: Product, letter: dict[str, Any], browser: Browser, role: str) -> None:
    page = signed_in(quick, browser, role)
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


def test_a_rotten_original_is_told_with_the_letters_name(quick: Product, browser: Browser) -> None:
    with quick.client() as client:
        sent = client.post("/documents", files={"file": ("busuk.jpg", unique_jpeg(8, 90))}).json()
        settled(client, sent["id"])
        with superuser(quick) as connection:
            known = "SELECT key, version FROM stored_object WHERE document_id = %s AND kind = 'original'"
            # the next reading enters it; before that nothing of this letter counts as unread
            key, version = until(lambda: connection.execute(known, (sent["id"],)).fetchone())
        read = until(lambda: client.get("/fixity").json(), lambda told: told["unread"] == 0, timeout=60, step=0.5)
        assert (read["bad"], read["days"][-1]["objects"] >= 3) == (0, True)
    assert "sudah dibaca ulang" in quick.arsip("fixity").stdout
    with superuser(quick) as connection:
        _rot(quick, key, version)
        connection.execute("UPDATE stored_object SET checked_at = '2020-01-01' WHERE key = %s", (key,))
    with quick.client() as client:
        told = until(lambda: client.get("/fixity").json(), lambda told: told["bad"] == 1, timeout=90, step=0.5)
    assert [(flaw["filename"], flaw["kind"]) for flaw in told["flaws"]] == [("busuk.jpg", "original")]
    found = quick.arsip("fixity", check=False)
    assert (found.returncode, "busuk.jpg: berkas asli" in found.stdout) == (1, True)
    for role in ("arsiparis", "auditor"):
        page = signed_in(quick, browser, role)
        page.goto("/bukti")
        expect(page.get_by_role("alert")).to_contain_text("1 berkas rusak dan belum diperbaiki")
        expect(page.get_by_role("link", name="busuk.jpg")).to_have_count(1 if role == "arsiparis" else 0)
        expect(page.get_by_role("img", name="Berkas yang dibaca ulang")).to_be_visible()
        if role == "arsiparis":
            page.goto(f"/arsip/{sent['id']}")
            expect(page.get_by_role("alert")).to_contain_text("rusak di penyimpanan")


def _rot(product: Product, key: str, version: str) -> None:
    """Turn over one bit of the object on the disk."""
    env = settings_of(product)
    keys = {"access_key": env["ARSIP_S3_ACCESS_KEY"], "secret_key": env["ARSIP_S3_SECRET_KEY"]}
    store = Minio(env["ARSIP_S3_ENDPOINT"], secure=False, **keys)
    stored = store.get_object(env["ARSIP_S3_BUCKET"], key, version_id=version).read()
    for volume in (product.data / "seaweedfs").rglob("*.dat"):
        place = volume.read_bytes().find(stored[:4096])
        if place >= 0:
            with volume.open("r+b") as file:
                file.seek(place + len(stored) // 2)
                byte = file.read(1)[0]
                file.seek(-1, 1)
                file.write(bytes([byte ^ 1]))
            return
    raise AssertionError("the object lies in no volume")
