"""Berkas, codes, schedules, work lists and holds through the pages, mostly by keyboard; and the printed lists."""

import io
import re
import zipfile
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e.inside import nonce, superuser, text_pdf
from tests.e2e.test_pages import LIGHT, NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, User, settled

__all__ = ["browser", "new_page"]

pytestmark = pytest.mark.timeout(300)
HEADS = "kode;jenis arsip;aktif;inaktif;nasib akhir;pemicu\n"


@pytest.fixture(scope="module")
def people(product: Product) -> dict[str, User]:
    unit = f"unit-{nonce()}"
    return {role: product.user(role, unit) for role in ("petugas", "pejabat", "arsiparis", "auditor")}


@pytest.fixture(scope="module")
def letter(product: Product, people: dict[str, User]) -> str:
    with product.client(people["petugas"].token) as client:
        sent = client.post("/documents", files={"file": ("undangan.pdf", text_pdf(nonce()))}).raise_for_status().json()
        assert settled(client, sent["id"])["stage"] == "sealed"
    return str(sent["id"])


def table(text: str) -> list[Any]:
    return [{"name": "jra.csv", "mimeType": "text/csv", "buffer": text.encode()}]


def today() -> datetime:
    return datetime.now(ZoneInfo("Asia/Makassar"))


def open_part(page: Page, name: str) -> None:
    page.locator("summary", has_text=name).press("Enter")


def test_a_berkas_from_its_opening_to_the_end_of_its_retention(
    new_page: NewPage, product: Product, people: dict[str, User], letter: str
) -> None:
    code = f"7{uuid4().int % 90 + 10}.{uuid4().int % 90 + 1}.{uuid4().int % 90 + 1}"
    keeper = new_page(people["arsiparis"])
    keeper.goto("/retensi/jra")
    if not keeper.get_by_label("Nama JRA").is_visible():  # it is open while there is no schedule
        open_part(keeper, "Muat JRA kantor")
    keeper.get_by_label("Nama JRA").fill("JRA uji")
    keeper.get_by_label("Berkas tabel").set_input_files(table(f"{HEADS}{code};Uji;dua;3;Musnah;\n"))
    keeper.get_by_role("button", name="Periksa dan muat").press("Enter")
    expect(keeper.get_by_role("alert")).to_contain_text("baris 2, kolom aktif: “dua” bukan jumlah tahun")
    keeper.get_by_label("Nama JRA").fill("JRA uji")
    keeper.get_by_label("Berlaku mulai").fill("2000-01-01")
    keeper.get_by_label("Berkas tabel").set_input_files(table(f"{HEADS}{code};Undangan;2;3;Musnah;\n"))
    keeper.get_by_role("button", name="Periksa dan muat").press("Enter")
    expect(keeper.get_by_role("heading", level=1)).to_have_text("JRA uji")
    expect(keeper.get_by_text("Dampak bila diterapkan")).to_be_visible()
    keeper.get_by_role("button", name="Terapkan JRA ini").press("Enter")
    expect(keeper).to_have_url(re.compile("/retensi$"))

    clerk = new_page(people["petugas"])
    clerk.goto("/berkas")
    open_part(clerk, "Buka berkas baru")
    clerk.get_by_label("Uraian berkas").fill("Undangan rapat uji")
    clerk.get_by_label("Kode klasifikasi").fill(code)
    clerk.keyboard.press("Enter")
    expect(clerk.get_by_role("heading", level=1)).to_have_text(f"Berkas 001/{today().year}")
    expect(clerk.get_by_text("Bila ditutup hari ini")).to_be_visible()
    address = clerk.url
    clerk.goto("/berkas/belum")
    clerk.get_by_label("undangan.pdf").check()
    clerk.get_by_label("Nomor berkas").fill(f"1/{today().year}")
    clerk.keyboard.press("Enter")
    expect(clerk.get_by_text("sudah diberkaskan")).to_be_visible()
    clerk.goto(f"/arsip/{letter}/berkas")
    expect(clerk.get_by_role("link", name="Undangan rapat uji")).to_be_visible()
    clerk.goto(address)
    expect(clerk.get_by_text("1 surat")).to_be_visible()
    open_part(clerk, "Tutup berkas")
    clerk.get_by_label("Ditutup tanggal").fill("2010-05-06")
    clerk.get_by_role("button", name="Tutup berkas").press("Enter")
    expect(clerk.locator("dl")).to_contain_text("1 Januari 2016")

    chief = new_page(people["pejabat"])
    chief.goto(address)
    open_part(chief, "Tahan dari penyusutan")
    chief.get_by_label("Alasan").fill("Pemeriksaan Inspektorat")
    chief.keyboard.press("Enter")
    expect(chief.get_by_role("status")).to_contain_text("ditahan")
    keeper.goto("/retensi?daftar=habis")
    expect(keeper.get_by_role("link", name="Undangan rapat uji")).to_be_visible()
    expect(keeper.locator(".badge.held", has_text="Ditahan").first).to_be_visible()
    expect(keeper.get_by_role("img", name=re.compile("retensinya habis"))).to_be_visible()
    keeper.goto("/retensi/penahanan")
    item = keeper.get_by_role("listitem").filter(has_text="Pemeriksaan Inspektorat")
    item.locator("summary").press("Enter")
    item.get_by_label("Alasan dilepas").fill("selesai")
    keeper.keyboard.press("Enter")
    expect(item).to_have_count(0)
    keeper.goto(address)
    expect(keeper.get_by_text("Berkas ini ditahan")).to_have_count(0)

    for page in (keeper, clerk):
        assert axe_findings(page) == []
    auditor = new_page(people["auditor"])
    auditor.goto("/retensi")
    expect(auditor.get_by_role("img", name=re.compile("retensinya habis"))).to_be_visible()
    expect(auditor.get_by_text("Undangan rapat uji")).to_have_count(0)


def pages_of(product: Product, people: dict[str, User], letter: str) -> list[str]:
    with product.client(people["arsiparis"].token) as client:
        berkas = client.get("/berkas", params={"limit": 1}).raise_for_status().json()["berkas"][0]["id"]
        version = client.post("/schedules/sample").raise_for_status().json()["id"]
    return [
        *("/berkas", "/berkas?q=takada", "/berkas/belum", "/berkas/klasifikasi?q=sosial", f"/berkas/{berkas}"),
        *("/retensi", "/retensi?daftar=tanpa_kode", "/retensi/jra", f"/retensi/jra/{version}", "/retensi/penahanan"),
        f"/arsip/{letter}/berkas",
    ]


def test_the_pages_are_light_accessible_and_fit_a_phone(
    new_page: NewPage, product: Product, people: dict[str, User], letter: str
) -> None:
    with product.client(people["arsiparis"].token) as client:  # so that each list is as full as it gets
        for _ in range(25):
            new = {"title": f"Berkas{'panjang' * 10} & kawan-kawan, tahun lalu", "vital": True, "clearance": "biasa"}
            berkas = client.post("/berkas", json=new).raise_for_status().json()["id"]
            held = {"berkas": berkas, "kind": "audit", "reason": "Pemeriksaan Inspektorat atas semua berkas tahun lalu"}
            client.post("/holds", json=held).raise_for_status()
    page = new_page(people["arsiparis"], viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    findings: list[str] = []
    for address in pages_of(product, people, letter):
        answers.clear()
        answer = page.goto(address)
        assert answer is not None
        assert answer.ok, address
        for part in page.locator("summary").all():
            part.press("Enter")
        sizes = {a.url: len(a.body()) for a in answers if a.request.resource_type in LIGHT}
        assert sum(sizes.values()) < 30_000, (address, sizes)
        findings += overflow(page) + axe_findings(page)
    assert findings == []


def test_codes_are_found_by_word(new_page: NewPage, people: dict[str, User]) -> None:
    page = new_page(people["petugas"])
    page.goto("/berkas/klasifikasi")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("orang terlantar")
    page.keyboard.press("Enter")
    expect(page.get_by_text("400.9.4.1")).to_be_visible()


@pytest.mark.parametrize("form", ["berkas", "inaktif", "vital"])
def test_lists_are_printed(product: Product, people: dict[str, User], form: str) -> None:
    with product.client(people["arsiparis"].token) as client:
        new = {"title": "Akta gedung kantor", "vital": True, "clearance": "biasa"}
        made = client.post("/berkas", json=new).raise_for_status().json()["id"]
        made_pdf = client.get("/berkas/print", params={"form": form}).raise_for_status()
        assert made_pdf.content.startswith(b"%PDF-1.7")
        assert b"pdfaid" in made_pdf.content
        sheet = client.get("/berkas/print", params={"form": form, "format": "xlsx"}).raise_for_status().content
        with zipfile.ZipFile(io.BytesIO(sheet)) as book:
            told = book.read("xl/sharedStrings.xml").decode()
        assert "Jumlah: " in told
        assert ("Akta gedung kantor" in told) is (form != "inaktif")
        contents = client.get(f"/berkas/{made}/print", params={"format": "xlsx"}).raise_for_status().content
        with zipfile.ZipFile(io.BytesIO(contents)) as book:
            assert "Nomor item arsip" in book.read("xl/sharedStrings.xml").decode()


def test_a_letter_says_how_secret_how_urgent_and_how_long_it_is_locked(
    new_page: NewPage, product: Product, people: dict[str, User]
) -> None:
    with product.client(people["petugas"].token) as client:
        sent = {"file": ("a.pdf", text_pdf("UNDANGAN", nonce()))}
        letter = client.post("/documents", files=sent).raise_for_status().json()["id"]
        told = settled(client, letter)
        assert (told["secrecy"], told["urgency"]) == (None, None)  # no Sifat was read
        for sifat, secrecy, urgency in (("Sangat Segera", "biasa", "sangat_segera"), ("Rahasia", "rahasia", "biasa")):
            said = {"kind": "surat_masuk_lain", "fields": {"sifat": sifat}}
            client.post(f"/documents/{letter}/check", json=said).raise_for_status()
            told = client.get(f"/documents/{letter}").raise_for_status().json()
            assert (told["secrecy"], told["urgency"]) == (secrecy, urgency)
        with superuser(product) as connection:  # as a worker notes it within a minute
            lock = "INSERT INTO document_lock VALUES (%s, '2032-01-01T00:00:00Z', true) ON CONFLICT (document_id)"
            connection.execute(f"{lock} DO UPDATE SET locked_until = excluded.locked_until, held = true", (letter,))
        told = client.get(f"/documents/{letter}").raise_for_status().json()
        assert (told["locked_until"], told["store_holds"]) == ("2032-01-01T00:00:00Z", True)
    page = new_page(people["petugas"])
    page.goto(f"/arsip/{letter}")
    expect(page.get_by_text("lebih rahasia daripada tingkat aksesnya di sini")).to_be_visible()
    expect(page.get_by_text("Derajat (urgensi)")).to_be_visible()


def test_what_fell_due_lately_is_counted_in_the_menu(
    new_page: NewPage, product: Product, people: dict[str, User]
) -> None:
    keeper = people["arsiparis"]
    with product.client(keeper.token) as client:
        made = client.post("/berkas", json={"title": "Lama", "clearance": "biasa"}).raise_for_status().json()["id"]
    page = new_page(keeper)
    page.goto("/retensi")
    link = page.get_by_role("navigation", name="Menu utama").get_by_role("link", name=re.compile("^Retensi"))
    before = link.inner_text()
    with superuser(product) as connection:  # as the sweep leaves one that fell due today
        connection.execute("SET session_replication_role = replica")
        day = "UPDATE berkas SET phase = 'habis', phase_on = office_today() WHERE id = %s"
        connection.execute(day, (made,))
    page.reload()
    expect(link).to_contain_text("berkas baru jatuh tempo")
    assert link.inner_text() != before
    with superuser(product) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE berkas SET phase = 'aktif', phase_on = NULL WHERE id = %s", (made,))
