"""Taking a berkas out as an archivist does: at the page, by the API, by the command."""

import json
import secrets
import zipfile
from pathlib import Path
from typing import Any

import bagit
import pytest
from playwright.sync_api import expect

from tests.assets.bulk import unique_jpeg
from tests.e2e.inside import text_pdf
from tests.e2e.test_pages import NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, User, settled

__all__ = ["browser", "new_page"]


@pytest.fixture
def unit() -> str:
    return f"unit-{secrets.token_hex(4)}"


@pytest.fixture
def archivist(product: Product, unit: str) -> User:
    return product.user("arsiparis", unit)


@pytest.fixture
def case(product: Product, unit: str) -> dict[str, Any]:
    """A case with one letter."""
    with product.client(product.user("petugas", unit).token) as client:
        data = text_pdf("Surat Keterangan", secrets.token_hex(4))
        letter = client.post("/documents", files={"file": ("a.pdf", data)}).raise_for_status().json()["id"]
        settled(client, letter)
        new = {"sop": "pemulangan-tarakan", "person": {"name": "Budi Contoh"}, "document": letter}
        made: dict[str, Any] = client.post("/cases", json=new).raise_for_status().json()
    return made


def test_a_case_is_taken_out_whole(
    product: Product, archivist: User, case: dict[str, Any], new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page(archivist)
    page.goto(f"/kasus/{case['id']}")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Ekspor berkas").click()
    packed = tmp_path / "kantong.zip"
    waiting.value.save_as(packed)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "isi")
    (folder,) = (tmp_path / "isi").iterdir()
    assert bagit.Bag(str(folder)).validate()
    assert (folder / "data/surat/001/asli.pdf").read_bytes().startswith(b"%PDF")
    berkas = json.loads((folder / "data/berkas.json").read_text())["berkas"]
    page.goto(f"/berkas/{berkas}")
    expect(page.get_by_role("link", name="Ekspor berkas")).to_have_attribute("href", f"/api/v1/berkas/{berkas}/export")
    told = product.arsip("export", "berkas", berkas, str(tmp_path / "ambil")).stdout
    assert "semua sidik jarinya cocok" in told
    assert bagit.Bag(str(tmp_path / "ambil" / folder.name)).validate()
    again = product.arsip("export", "berkas", berkas, str(tmp_path / "ambil"), check=False)
    assert (again.returncode, "sudah ada" in again.stderr) == (2, True)
    product.arsip("export", "case", case["id"], str(tmp_path / "kasus.zip"))
    assert zipfile.is_zipfile(tmp_path / "kasus.zip")
    with product.client(archivist.token) as client:
        events = client.get(f"/documents/{case['letters'][0]['document']}/events").json()["events"]
    assert [event["action"] for event in events].count("letter_exported") == 4


def test_a_large_berkas_is_sent_piece_by_piece(product: Product, archivist: User, unit: str) -> None:
    """The process that serves everybody holds a piece of it at a time, and whoever takes it need not be quick."""
    with product.client(product.user("petugas", unit).token) as client:
        letters = []
        for number in range(4):
            file = {"file": ("pindaian.jpg", unique_jpeg(secrets.randbelow(10**9) + number, 8000))}
            letters.append(client.post("/documents", files=file).raise_for_status().json()["id"])
        for letter in letters:
            assert settled(client, letter)["stage"] == "sealed"
        new = {"title": "Pindaian besar", "clearance": "terbatas", "code": "000.1.5"}
        berkas = client.post("/berkas", json=new).raise_for_status().json()["id"]
        client.post(f"/berkas/{berkas}/letters", json={"documents": letters}).raise_for_status()
    with product.client(archivist.token) as client:
        client.get(f"/berkas/{berkas}").raise_for_status()  # what serving anything needs is there
        before, most, sent = memory(product), 0, 0
        with client.stream("GET", f"/berkas/{berkas}/export") as answer:
            for piece in answer.raise_for_status().iter_bytes(1 << 20):
                sent += len(piece)
                most = max(most, memory(product))
    assert sent > 50_000_000
    assert most - before < sent / 4


def memory(product: Product) -> int:
    """Bytes that the serving process has in memory now."""
    told = Path(f"/proc/{product.pid('api')}/status").read_text()
    return int(next(line.split()[1] for line in told.splitlines() if line.startswith("VmRSS:"))) * 1024


def test_tables_are_taken_out_at_the_page(
    product: Product, archivist: User, case: dict[str, Any], unit: str, new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page(archivist, viewport={"width": 360, "height": 740})
    page.goto("/ekspor")
    assert overflow(page) == []
    assert axe_findings(page) == []
    for table, name in (("naskah", "Registrasi naskah"), ("klasifikasi", "Klasifikasi dan JRA")):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=f"CSV {name}").click()
        assert waiting.value.suggested_filename.startswith(f"srikandi-{table}")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="XLSX Daftar berkas").press("Enter")
    assert zipfile.is_zipfile(waiting.value.path())
    with page.expect_download() as waiting:
        page.get_by_role("button", name="ZIP dengan PDF tiap surat").click()
    assert zipfile.is_zipfile(waiting.value.path())
    product.arsip("export", "srikandi", "naskah", str(tmp_path / "naskah.zip"), "--unit", unit, "--month", "1")
    assert zipfile.is_zipfile(tmp_path / "naskah.zip")
    out = tmp_path / "berkas.csv"
    product.arsip("export", "srikandi", "isi-berkas", str(out), "--unit", unit)
    assert len(out.read_text("utf-8-sig").splitlines()) == 2
    wrong = product.arsip("export", "srikandi", "berkas", str(tmp_path / "berkas.txt"), check=False)
    assert "harus berakhir .csv atau .xlsx" in wrong.stderr


def test_a_clerk_sees_no_button(product: Product, case: dict[str, Any], unit: str, new_page: NewPage) -> None:
    page = new_page(product.user("petugas", unit))
    page.goto(f"/kasus/{case['id']}")
    expect(page.get_by_role("link", name="Ekspor berkas")).to_have_count(0)
    expect(page.get_by_role("link", name="Ekspor", exact=True)).to_have_count(0)
