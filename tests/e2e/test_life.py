"""The life of three berkas, ten years in an hour: one is destroyed by the book, one is handed over for ever, one is
stopped by a hold. Through pages and API, with the product started ten years ago and again today."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import pypdfium2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.inside import nonce, text_pdf
from tests.e2e.test_pages import SLOW, axe_findings, browser, overflow, sign_in
from tests.product import Product, User, settled, until

__all__ = ["browser"]

UNIT = "umum"
SCHEDULE = """kode;jenis arsip;aktif;inaktif;nasib akhir;pemicu;dasar hukum
400.9.4;Rehabilitasi sosial tuna sosial;2;3;Musnah;kegiatan atau kasus selesai;Perwali 1/2015
400.9.8;Pelindungan korban;2;3;Permanen;kegiatan atau kasus selesai;Perwali 1/2015
"""


@dataclass(frozen=True)
class Deed:
    """What its executor tells of a list: `people` in the seats called `seat`, by name, jabatan, NIP."""

    number: str
    place: str
    method: str
    seat: str
    people: tuple[tuple[str, str, str], ...]


HUKUM, INSPEKTUR = ("Dewi Contoh", "Kepala Bagian Hukum", ""), ("Eko Contoh", "Inspektur Pembantu", "")
DEED = Deed("000.5.6.2/1/DINSOS", "Halaman kantor", "dicacah", "Saksi", (HUKUM, INSPEKTUR))
DECREE = "000.5.6.2/7 tanggal 4 Februari 2036"
PANEL = (("Gita Contoh", "Kepala Subbagian Umum", "198001012005012001"), ("Hadi Contoh", "Arsiparis", ""))


@dataclass
class Office:
    """The people, and what they kept ten years ago: a word of each berkas' letters finds them."""

    product: Product
    browser: Browser
    people: dict[str, User] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    berkas: dict[str, str] = field(default_factory=dict)
    letters: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)

    def api(self, who: str) -> httpx.Client:
        return self.product.client(self.people[who].token)

    def send(self, *lines: str) -> str:
        with self.api("clerk") as http:
            sent = http.post("/documents", files={"file": (f"{nonce()}.pdf", text_pdf(*lines))}).raise_for_status()
            assert settled(http, sent.json()["id"])["stage"] == "sealed"
            return str(sent.json()["id"])

    def keep(self, name: str, code: str) -> None:
        """A case with two letters, gone through and closed."""
        word = self.words[name] = nonce()
        letters = self.letters[name] = [self.send(word, f"Surat ke {number}") for number in (1, 2)]
        with self.api("clerk") as http:
            new = {"sop": "pemulangan-tarakan", "person": {"name": f"Budi {word}"}, "document": letters[0]}
            case = self.cases[name] = http.post("/cases", json=new).raise_for_status().json()["id"]
            http.post(f"/cases/{case}/letters", json={"document": letters[1], "step": 1}).raise_for_status()
            for step in range(1, 9):
                told = {"action": "skip", "reason": "contoh"}
                http.post(f"/cases/{case}/steps/{step}", json=told).raise_for_status()
            http.put(f"/cases/{case}/classification", json={"code": code}).raise_for_status()
            box = http.post("/boxes", json={"name": "Boks 1"}).raise_for_status().json()
            http.post(f"/cases/{case}/places", json={"box": box["code"], "folder": "F1"}).raise_for_status()
            http.post(f"/cases/{case}/close").raise_for_status()
            self.berkas[name] = http.get(f"/documents/{letters[0]}/berkas").raise_for_status().json()["berkas"][0]["id"]

    def page(self, who: str, path: str = "") -> Page:
        """Somebody at the pages, signed in once, at that one now."""
        if who not in self.pages:
            context = self.browser.new_context(base_url=self.product.url)
            context.set_default_timeout(SLOW)
            self.pages[who] = context.new_page()
            sign_in(self.pages[who], self.people[who])
        if path:
            self.pages[who].goto(path)
        return self.pages[who]

    def posted(self, who: str, path: str, **data: Any) -> int:
        """What is answered to a form that the page does not offer."""
        page = self.page(who)
        token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
        sent = urlencode({"csrf": token, **data}, doseq=True)
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.product.url}
        return page.request.post(path, data=sent, headers=form, max_redirects=0).status

    def propose(self, kind: str, name: str) -> tuple[str, str]:
        """The list made at the page, by its id and its code."""
        page = self.page("proposer", f"/penyusutan/baru?jenis={kind}&unit={UNIT}")
        for offered in page.get_by_role("checkbox").all():
            offered.set_checked(offered.get_attribute("value") == self.berkas[name])
        expect(page.locator("input:checked")).to_have_count(1)
        page.get_by_label("Keterangan").press("Enter")
        page.wait_for_url(re.compile(r"/penyusutan/[0-9a-f-]{36}$"))
        code = page.get_by_role("heading", level=1).inner_text().split()[0]
        assert re.fullmatch(r"[A-Z]{3}-\d{4}-\d{4}", code)
        return page.url.rpartition("/")[2], code

    def seat(self, listed: str) -> None:
        """Name the panel at the list's page."""
        page = self.page("proposer", f"/penyusutan/{listed}")
        part = page.get_by_role("region", name="Panitia penilai")
        part.get_by_label("Nomor dan tanggal SK").fill(DECREE)
        for seat, person in zip(("Ketua", "Anggota 1"), PANEL, strict=True):
            _fill(part.get_by_role("group", name=seat, exact=True), person)
        part.get_by_role("button", name="Simpan panitia").click()
        expect(page.get_by_role("region", name="Panitia penilai").get_by_role("listitem")).to_have_count(2)

    def step(self, who: str, listed: str, code: str, name: str, deed: Deed | None = None) -> None:
        """Scan what the step needs, attach it at the page where it was found by the list's code, and take the step."""
        with self.api(who) as http:
            steps = http.get(f"/disposals/{listed}").raise_for_status().json()["steps"]
        wanted = next(one for one in steps if one["step"] == name)
        for paper in wanted["papers"]:
            letter = self.send(f"{paper} untuk daftar {code}", nonce())
            page = self.page("proposer", f"/penyusutan/{listed}")
            assert page.locator(f'#penyebut option[value="{letter}"]').count() == 1  # it names the list
            page.locator("#jenis-lampiran").select_option(paper)
            page.get_by_label("Surat (alamat halamannya)").fill(letter)
            page.get_by_role("button", name="Lampirkan", exact=True).click()
            expect(page.locator(f'#lampiran a[href="/arsip/{letter}"]')).to_be_visible()
        page = self.page(who, f"/penyusutan/{listed}")
        part = page.get_by_role("region", name=wanted["title"])
        for declared in part.get_by_role("checkbox").all():
            declared.check()
        if deed is not None:
            _tell(part, deed)
        part.get_by_role("button", name=wanted["title"]).click()
        expect(page.get_by_role("region", name=wanted["title"])).to_have_count(0)

    def decide(self, listed: str, code: str) -> None:
        self.seat(listed)
        for who, name in (
            ("assessor", "nilai"),
            ("assessor", "timbang"),
            ("proposer", "mohon"),
            ("proposer", "setujui"),
            ("proposer", "tetapkan"),
        ):
            self.step(who, listed, code, name)

    def status(self, listed: str) -> str:
        with self.api("proposer") as http:
            return str(http.get(f"/disposals/{listed}").raise_for_status().json()["status"])


def _fill(group: Locator, person: tuple[str, str, str]) -> None:
    for label, said in zip(("Nama", "Jabatan", "NIP"), person, strict=True):
        group.get_by_label(label).fill(said)


def _tell(part: Locator, deed: Deed) -> None:
    """What the berita acara says, into the form of a step."""
    part.get_by_label("Nomor berita acara").fill(deed.number)
    part.get_by_label("Tempat").fill(deed.place)
    if deed.method:
        part.get_by_label("Cara", exact=True).select_option(deed.method)
    for number, person in enumerate(deed.people, 1):
        _fill(part.get_by_role("group", name=f"{deed.seat} {number}"), person)


@pytest.fixture(scope="module")
def office(short_tmp: Any, browser: Browser) -> Iterator[Office]:
    product = Product(short_tmp / "hidup", {"ARSIP_CLOCK_OFFSET_DAYS": "-3650", "ARSIP_LOCK_DAYS": "0.0001"})
    product.start()
    try:
        made = _ten_years_later(product, browser)
        yield made
        for page in made.pages.values():
            page.context.close()
    finally:
        product.stop()


def _ten_years_later(product: Product, browser: Browser) -> Office:
    made = Office(product, browser)
    made.people["clerk"] = product.user("petugas", UNIT)
    for who in ("proposer", "assessor", "executor"):
        made.people[who] = product.user("arsiparis", UNIT)
    with made.api("proposer") as http:
        told = {"name": "JRA uji", "basis": "Perwali 1/2015", "valid_from": "2016-01-01"}
        brought = http.post("/schedules", files={"file": ("jra.csv", SCHEDULE.encode())}, data=told).raise_for_status()
        http.post(f"/schedules/{brought.json()['id']}/apply").raise_for_status()
    for name, code in (("destroyed", "400.9.4.1"), ("permanent", "400.9.8"), ("held", "400.9.4.1")):
        made.keep(name, code)
    with made.api("proposer") as http:  # nothing is due yet
        for kind in ("pemusnahan", "penyerahan"):
            assert http.get("/disposals/candidates", params={"kind": kind}).json()["berkas"] == []
        early = {"kind": "pemusnahan", "unit": UNIT, "berkas": [made.berkas["destroyed"]]}
        listed = http.post("/disposals", json=early).raise_for_status().json()["id"]
        assert http.get(f"/disposals/{listed}").json()["lines"][0]["blocked"] == ["belum_habis"]
        http.post(f"/disposals/{listed}/withdraw", json={"reason": "terlalu dini"}).raise_for_status()
    product.stop()
    product.settings.pop("ARSIP_CLOCK_OFFSET_DAYS")
    product.start()
    return made


def test_a_berkas_from_its_first_letter_to_its_berita_acara(office: Office) -> None:
    listed, code = office.propose("pemusnahan", "destroyed")
    _looks_well(office, listed)
    office.decide(listed, code)
    page = office.page("assessor", f"/penyusutan/{listed}")  # who assessed it does not carry it out
    part = page.get_by_role("region", name="Laksanakan pemusnahan")
    expect(part).to_contain_text("pelaksana harus berbeda")
    expect(part.get_by_role("button")).to_have_count(0)
    assert office.posted("assessor", f"/penyusutan/{listed}/langkah", **_form(DEED)) == 409
    office.step("executor", listed, code, "musnahkan", DEED)
    until(lambda: office.status(listed), lambda status: status == "dimusnahkan", timeout=120, step=1.0)
    with office.api("proposer") as http:
        assert http.get("/search", params={"q": office.words["destroyed"]}).json()["total"] == 0
        for letter in office.letters["destroyed"]:
            stub = http.get(f"/documents/{letter}").raise_for_status().json()
            assert stub["filename"] == "dimusnahkan"
            assert stub["sha256"]
            for part in ("original", "pdf", "manifest", "pages/1/image"):
                assert http.get(f"/documents/{letter}/{part}").status_code in (404, 410), part
            place = http.get(f"/documents/{letter}/place").raise_for_status().json()
            assert (place["lies"], len(place["history"])) == (None, 1)  # the box has it no more
            told = http.get(f"/documents/{letter}/disposal").raise_for_status().json()
            assert told["destroyed_by"] == code
            page = office.page("proposer", f"/arsip/{letter}")
            expect(page.get_by_role("link", name=code)).to_be_visible()
            expect(page.get_by_text("Kertasnya ikut dimusnahkan")).to_be_visible()
            for gone in (
                "UMUM-0001",
                "Unduh asli",
                "Betulkan",
                "Daftarkan di agenda",
                "Hubungkan ke kasus",
                "Beri disposisi",
            ):
                expect(page.get_by_role("link", name=gone)).to_have_count(0)  # a stub offers nothing to do
            events = http.get(f"/documents/{letter}/events").json()["events"]
            assert "destroyed" in {event["action"] for event in events}
        page = office.page("proposer", f"/berkas/{office.berkas['destroyed']}")
        expect(page.get_by_text("Berkas ini dimusnahkan")).to_be_visible()
        case = http.get(f"/cases/{office.cases['destroyed']}").raise_for_status().text
        assert office.words["destroyed"] not in case  # of the client nothing is left
    _forms(office, listed, code)
    _filed(office, code)
    office.step("proposer", listed, code, "laporkan")
    assert office.status(listed) == "dilaporkan"
    assert "utuh" in office.product.arsip("verify").stdout.lower()


def _form(deed: Deed) -> dict[str, Any]:
    """The same as a form's fields."""
    names, titles, nips = zip(*deed.people, strict=True)
    told = {"nomor": deed.number, "tempat": deed.place, "cara": deed.method}
    return {"langkah": "musnahkan", **told, "nama": names, "jabatan": titles, "nip": nips}


def _looks_well(office: Office, listed: str) -> None:
    """The page of a list with all its forms, on a phone and on a desk."""
    page = office.page("proposer")
    for width, height in ((360, 740), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"/penyusutan/{listed}")
        assert width > 360 or overflow(page) == []
        assert axe_findings(page) == []


def _forms(office: Office, listed: str, code: str) -> None:
    with office.api("proposer") as http:
        for form, wanted in (
            ("daftar", "Usul Musnah"),
            ("daftar_akhir", "Dimusnahkan"),
            ("berita_acara", "Dewi Contoh"),
            ("pertimbangan", "Gita Contoh"),
            ("permohonan", "Kepala daerah"),
            ("sk_panitia", "Gita Contoh"),
            ("notulen", "Gita Contoh"),
            ("sk_penetapan", "Memutuskan"),
        ):
            made = http.get(f"/disposals/{listed}/forms/{form}").raise_for_status().content
            with pypdfium2.PdfDocument(io.BytesIO(made)) as pdf:
                said = " ".join(pdf[number].get_textpage().get_text_range() for number in range(len(pdf)))
            assert wanted.lower() in said.lower()
            assert code in said
            assert office.words["destroyed"] not in said  # forms name no person
        sheet = http.get(f"/disposals/{listed}/forms/daftar_akhir", params={"format": "xlsx"}).raise_for_status()
        assert sheet.content[:2] == b"PK"
    printed = office.product.data / "daftar.pdf"
    office.product.arsip("disposal", "print", code, "-o", str(printed))
    assert printed.read_bytes()[:5] == b"%PDF-"
    assert code in office.product.arsip("disposal", "list").stdout


def _filed(office: Office, code: str) -> None:
    """Berita acara and list became letters of the archive, which name the list."""

    def names() -> set[str]:
        with office.api("proposer") as http:
            hits = http.get("/search", params={"q": f'"{code}"'}).json()["hits"]
            return {http.get(f"/documents/{hit['document']}").json()["filename"] for hit in hits}

    wanted = {f"berita-acara-{code.lower()}.pdf", f"daftar-akhir-{code.lower()}.pdf"}
    until(names, lambda found: wanted <= found, timeout=90, step=1.0)


def test_a_permanent_berkas_is_handed_over_and_stays(office: Office) -> None:
    listed, code = office.propose("penyerahan", "permanent")
    office.decide(listed, code)
    taken = Deed("000.5.6.3/1", "LKD", "", "Penerima", (("Fajar Contoh", "Kepala LKD", ""),))
    office.step("executor", listed, code, "serahkan", taken)
    assert office.status(listed) == "diserahkan"
    with office.api("proposer") as http:
        assert http.get("/search", params={"q": office.words["permanent"]}).json()["total"] >= 2
        for letter in office.letters["permanent"]:
            assert http.get(f"/documents/{letter}/original").status_code == 200
    office.step("proposer", listed, code, "laporkan")
    assert office.status(listed) == "dilaporkan"


def test_a_hold_stops_a_destruction_that_is_decided(office: Office) -> None:
    listed, code = office.propose("pemusnahan", "held")
    office.decide(listed, code)
    page = office.page("assessor", f"/berkas/{office.berkas['held']}")
    page.locator("summary", has_text="Tahan dari penyusutan").press("Enter")
    page.get_by_label("Sebab").select_option("sengketa")
    page.locator("#alasan-berkas").fill("gugatan")
    page.get_by_role("button", name="Tahan berkas").click()
    expect(page.get_by_role("status")).to_contain_text("ditahan")
    page = office.page("executor", f"/penyusutan/{listed}")
    expect(page.get_by_role("region", name="Laksanakan pemusnahan").get_by_role("button")).to_have_count(0)
    expect(page.get_by_text("sedang ditahan")).to_be_visible()
    assert office.posted("executor", f"/penyusutan/{listed}/langkah", **_form(DEED)) == 409
    with office.api("proposer") as http:
        for letter in office.letters["held"]:
            assert http.get(f"/documents/{letter}/original").status_code == 200
    page = office.page("proposer", "/retensi/penahanan")
    page.locator("summary", has_text="Lepas").press("Enter")
    page.get_by_label("Alasan dilepas").fill("damai")
    page.get_by_role("button", name="Lepas penahanan").click()
    expect(page.get_by_text("Tidak ada penahanan yang berlaku")).to_be_visible()
    office.step("executor", listed, code, "musnahkan", DEED)
    until(lambda: office.status(listed), lambda status: status == "dimusnahkan", timeout=120, step=1.0)
