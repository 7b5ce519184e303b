"""A case under SOP B from the pages: it can't close before its letters are agenda'd and its paper has a place."""

import csv
import io
from dataclasses import dataclass, field

import httpx
import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.e2e.inside import nonce, text_pdf
from tests.e2e.test_pages import NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, User, settled

__all__ = ["browser", "new_page"]

KINDS = ("surat_permohonan_pemulangan", "skt_polisi", "hasil_asesmen", "lembar_disposisi")


@dataclass
class Desk:
    """A unit with a clerk, an official and four letters of SOP B's first step, and a case that has nothing else."""

    product: Product
    clerk: User
    official: User
    letters: dict[str, str] = field(default_factory=dict)
    case: str = ""

    def client(self) -> httpx.Client:
        return self.product.client(self.clerk.token)

    def open(self, http: httpx.Client, name: str) -> str:
        """A case whose first step is done with the letters, all others skipped."""
        case = http.post("/cases", json={"sop": "pemulangan-kaltara", "person": {"name": name}}).json()["id"]
        for letter in self.letters.values():
            http.post(f"/cases/{case}/letters", json={"document": letter, "step": 1}).raise_for_status()
        http.post(f"/cases/{case}/steps/1", json={"action": "finish"}).raise_for_status()
        for step in range(2, 13):
            told = {"action": "skip", "reason": "contoh"}
            http.post(f"/cases/{case}/steps/{step}", json=told).raise_for_status()
        return str(case)


@pytest.fixture(scope="module")
def desk(product: Product) -> Desk:
    unit = f"unit-{nonce()}"
    made = Desk(product, product.user("petugas", unit), product.user("pejabat", unit))
    with made.client() as http:
        for kind in KINDS:
            sent = http.post("/documents", files={"file": (f"{kind}.pdf", text_pdf(f"{kind} {nonce()}"))})
            made.letters[kind] = sent.raise_for_status().json()["id"]
        for kind, letter in made.letters.items():
            settled(http, letter)
            http.post(f"/documents/{letter}/check", json={"kind": kind, "fields": {}}).raise_for_status()
        for letter in made.letters.values():
            assert settled(http, letter)["stage"] == "sealed"
        made.case = made.open(http, "Budi Contoh")
    return made


def test_a_case_closes_when_its_paper_has_a_place(new_page: NewPage, desk: Desk) -> None:
    page = new_page(desk.clerk)
    page.goto(f"/kasus/{desk.case}")
    filing = page.get_by_role("region", name="Arsip dan penutupan")
    expect(filing.get_by_text("belum diagendakan")).to_have_count(2)
    expect(filing.get_by_text("tempat kertasnya belum dicatat")).to_have_count(4)
    expect(page.get_by_role("button", name="Tutup kasus")).to_have_count(0)
    filing.get_by_label("Kode klasifikasi").press("Enter")  # as the SOP proposes
    expect(filing).to_contain_text("Kode klasifikasi 400.9.4.1")
    for kind in KINDS[:2]:
        page.goto(f"/agenda/antrean/{desk.letters[kind]}?buku=masuk")
        page.get_by_label("Asal surat").fill("Dinas Sosial Kota Tarakan")
        page.get_by_label("Perihal").fill("Pemulangan")
        page.get_by_label("Perihal").press("Enter")
        page.wait_for_url(lambda url: "baru=" in url)
    page.goto("/arsip/boks")
    if not page.get_by_label("Nama boks").is_visible():  # it stands open where no box is there yet
        page.get_by_text("Tambah boks", exact=True).click()
    page.get_by_label("Nama boks").fill("Boks 12")
    page.get_by_label("Rak").fill("3")
    page.get_by_role("button", name="Tambah").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("-0001")
    code = str(heading.text_content()).removeprefix("Boks ")
    page.goto(f"/kasus/{desk.case}")
    expect(page.get_by_role("button", name="Tutup kasus")).to_have_count(0)
    page.get_by_label("Kode boks").fill(code.lower())
    page.get_by_role("button", name="Catat untuk semua surat").click()
    expect(page.get_by_text(f"Boks {code} (Boks 12), folder 001/").first).to_be_visible()
    page.get_by_role("button", name="Tutup kasus").click()
    expect(page.get_by_text("Ditutup ").first).to_be_visible()
    # what lies in the box is found by its code
    page.goto("/arsip/boks")
    page.get_by_label("Kode boks (pindai atau ketik)").fill(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Isi boks")).to_contain_text("4 surat")
    page.goto(f"/arsip/{desk.letters['skt_polisi']}")
    expect(page.get_by_role("region", name="Berkas kertas")).to_contain_text(f"Boks {code} (Boks 12)")
    page.get_by_role("button", name="Tidak ada di sana").click()
    expect(page.get_by_text("Kertasnya dicatat tidak ada di tempatnya")).to_be_visible()
    page.goto("/arsip/belum-ada")
    page.get_by_label("skt_polisi.pdf").check()
    page.get_by_label("Kode boks").fill(code)
    page.get_by_role("button", name="Simpan yang ditandai di boks ini").click()
    expect(page.get_by_label("skt_polisi.pdf")).to_have_count(0)


def test_an_arsiparis_closes_it_with_reasons_instead(new_page: NewPage, desk: Desk) -> None:
    records = desk.product.user("arsiparis", "kearsipan")
    last = f"surat/{desk.letters['skt_polisi']}/kertas"
    with desk.client() as http, desk.product.client(records.token) as chief:
        http.put(f"/documents/{desk.letters['skt_polisi']}/place", json={"box": None}).raise_for_status()
        case = desk.open(http, "Tono Contoh")
        places = [gap["place"] for gap in http.get(f"/cases/{case}").json()["gaps"]]
        assert {last, "klasifikasi"} <= set(places)
        for place in set(places) - {last}:
            told = {"place": place, "reason": "kertas hilang"}
            chief.post(f"/cases/{case}/waivers", json=told).raise_for_status()
    page = new_page(records)
    page.goto(f"/kasus/{case}")
    expect(page.get_by_role("button", name="Tutup kasus")).to_have_count(0)
    filing = page.get_by_role("region", name="Arsip dan penutupan")
    filing.get_by_text("Kecualikan: tempat kertasnya belum dicatat").click()
    filing.get_by_label("Alasan").fill("kertas tidak pernah ada")
    filing.get_by_label("Alasan").press("Enter")
    page.get_by_role("button", name="Tutup kasus").click()
    expect(page.get_by_text("Ditutup ").first).to_be_visible()


def test_what_is_printed_and_counted(desk: Desk) -> None:
    with desk.client() as http:
        told = http.get(f"/cases/{desk.case}/pdf").raise_for_status()
        assert told.headers["content-type"] == "application/pdf"
        text = pypdfium2.PdfDocument(told.content)[0].get_textpage().get_text_range()
        assert "Budi Contoh" in text
        sheet = http.get("/boxes/labels").raise_for_status().content
        assert b"<pdfaid:part>2</pdfaid:part>" in sheet
        assert http.get("/reports/steps").status_code == 403
    with desk.product.client(desk.official.token) as http:
        rows = http.get("/reports/steps", params={"months": 1}).raise_for_status().json()["rows"]
        [first] = [row for row in rows if row["sop"] == "pemulangan-kaltara" and row["steps"] == [1]]
        assert (first["allowed"], first["label"]) == ("5 menit", "1. Terima OT dan berkasnya")
        answer = http.get("/reports/steps", params={"months": 1, "format": "csv"}).raise_for_status()
        assert answer.headers["content-type"].startswith("text/csv")
        head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
        assert head[:4] == ["sop", "langkah", "bulan", "kasus"]
        assert [line[3] for line in lines] == [str(row["cases"]) for row in rows]


def test_the_command_keeps_paper(desk: Desk, tmp_path) -> None:
    def run(*args: str) -> str:
        return str(desk.product.arsip("paper", *args).stdout)

    name = f"Boks {nonce()}"
    code = run("add", name, "--shelf", "7").split()[0]
    assert run("add", name, "--shelf", "7").split()[0] == code
    assert "1 surat dicatat" in run("place", desk.letters["hasil_asesmen"], "--box", code, "--folder", "F")
    assert desk.letters["hasil_asesmen"] in run("show", code.lower())
    assert "8" in run("move", code, "--shelf", "8")
    assert code in run("boxes")
    run("labels", code, "--single", "-o", str(tmp_path / "label.pdf"))
    assert len(pypdfium2.PdfDocument((tmp_path / "label.pdf").read_bytes())) == 1
    run("missing", "-o", str(tmp_path / "belum.csv"))
    assert desk.letters["hasil_asesmen"] not in (tmp_path / "belum.csv").read_text("utf-8-sig")
    assert "4 surat dicatat" in run("place", "--case", desk.case, "--box", code, "--folder", "G")
    desk.product.arsip("case", "print", desk.case, "-o", str(tmp_path / "kasus.pdf"))
    assert (tmp_path / "kasus.pdf").read_bytes().startswith(b"%PDF")
    desk.product.arsip("case", "report", "--months", "1", "-o", str(tmp_path / "laporan.csv"))
    assert "pemulangan-kaltara" in (tmp_path / "laporan.csv").read_text("utf-8-sig")
    wrong = desk.product.arsip("paper", "show", "TIDAK-0001", check=False)
    assert (wrong.returncode, "Tidak ada boks" in wrong.stderr) == (2, True)


def test_every_page_of_it_fits_a_phone_and_pleases_axe(new_page: NewPage, desk: Desk) -> None:
    with desk.client() as http:
        case = desk.open(http, "Wati Contoh")
        box = http.post("/boxes", json={"name": "Boks sempit", "room": "Ruang arsip " * 4}).json()["id"]
    records = desk.product.user("admin", desk.clerk.unit)
    pages = ("/arsip/boks", "/arsip/boks?kode=X", f"/arsip/boks/{box}", "/arsip/belum-ada", "/kasus", "/kasus/laporan")
    pages += (f"/kasus/{case}", f"/kasus/{desk.case}", f"/arsip/{desk.letters['skt_polisi']}", "/arsip")
    phone = new_page(records, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    desktop = new_page(records, color_scheme="dark")
    wrong: list[str] = []
    for address in pages:
        phone.goto(address)
        wrong += overflow(phone) + axe_findings(phone)
        desktop.goto(address)
        wrong += axe_findings(desktop)
    assert wrong == []


def test_the_auditor_is_led_to_the_report_alone(new_page: NewPage, desk: Desk) -> None:
    page = new_page(desk.product.user("auditor"))
    page.goto("/catatan")
    page.get_by_role("link", name="Laporan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Laporan waktu langkah")
    expect(page.get_by_role("heading", name="1. Terima OT dan berkasnya")).to_be_visible()
    assert "Budi Contoh" not in page.content()
