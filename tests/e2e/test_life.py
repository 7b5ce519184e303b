"""The life of three berkas, ten years in an hour: one is destroyed by the book, one is handed over for ever, one is
stopped by a hold. Through pages and API, with the product started ten years ago and again today."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pypdfium2
import pytest

from tests.e2e.inside import nonce, text_pdf
from tests.e2e.test_authorization import csrf_of
from tests.product import Product, User, settled, until

UNIT = "umum"
SCHEDULE = """kode;jenis arsip;aktif;inaktif;nasib akhir;pemicu;dasar hukum
400.9.4;Rehabilitasi sosial tuna sosial;2;3;Musnah;kegiatan atau kasus selesai;Perwali 1/2015
400.9.8;Pelindungan korban;2;3;Permanen;kegiatan atau kasus selesai;Perwali 1/2015
"""
DEED = {
    "nomor": "000.5.6.2/1/DINSOS",
    "tempat": "Halaman kantor",
    "cara": "dicacah",
    "nama": ["Dewi Contoh", "Eko Contoh"],
    "jabatan": ["Kepala Bagian Hukum", "Inspektur Pembantu"],
    "nip": ["", ""],
}


@dataclass
class Office:
    """The people, and what they kept ten years ago: a word of each berkas' letters finds them."""

    product: Product
    people: dict[str, User] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    berkas: dict[str, str] = field(default_factory=dict)
    letters: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, httpx.Client] = field(default_factory=dict)

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
            http.post(f"/cases/{case}/close").raise_for_status()
            self.berkas[name] = http.get(f"/documents/{letters[0]}/berkas").raise_for_status().json()["berkas"][0]["id"]

    def browser(self, who: str) -> httpx.Client:
        """Somebody at the pages, signed in once."""
        if who not in self.browsers:
            client = httpx.Client(base_url=self.product.url, headers={"Accept": "text/html"}, timeout=60)
            person = self.people[who]
            assert client.post("/masuk", data={"nama": person.name, "sandi": person.password}).status_code == 303
            client.params = httpx.QueryParams()
            self.browsers[who] = client
        return self.browsers[who]

    def post(self, who: str, path: str, **data: Any) -> httpx.Response:
        browser = self.browser(who)
        return browser.post(path, data={"csrf": csrf_of(browser), **data})

    def propose(self, kind: str, name: str) -> tuple[str, str]:
        """The list made at the page, by its id and its code."""
        offered = self.browser("proposer").get(f"/penyusutan/baru?jenis={kind}&unit={UNIT}").text
        assert self.berkas[name] in offered
        made = self.post("proposer", "/penyusutan/baru", jenis=kind, unit=UNIT, berkas=[self.berkas[name]])
        assert made.status_code == 303, made.text
        page = self.browser("proposer").get(made.headers["location"]).text
        code = re.search(r"<h1>([A-Z]{3}-\d{4}-\d{4})", page)
        assert code is not None
        return made.headers["location"].rpartition("/")[2], code[1]

    def step(self, who: str, listed: str, code: str, name: str, **more: Any) -> None:
        """Scan what the step needs, attach it at the page where it was found by the list's code, and take the step."""
        with self.api(who) as http:
            steps = http.get(f"/disposals/{listed}").raise_for_status().json()["steps"]
        wanted = next(one for one in steps if one["step"] == name)
        for paper in wanted["papers"]:
            letter = self.send(f"{paper} untuk daftar {code}", nonce())
            assert letter in self.browser("proposer").get(f"/penyusutan/{listed}").text  # it names the list
            done = self.post("proposer", f"/penyusutan/{listed}/lampiran", lampiran=paper, surat=letter)
            assert done.status_code == 303, done.text
        done = self.post(who, f"/penyusutan/{listed}/langkah", langkah=name, nyatakan="ya", **more)
        assert done.status_code == 303, done.text

    def decide(self, listed: str, code: str) -> None:
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


@pytest.fixture(scope="module")
def office(short_tmp: Any) -> Iterator[Office]:
    product = Product(short_tmp / "hidup", {"ARSIP_CLOCK_OFFSET_DAYS": "-3650", "ARSIP_LOCK_DAYS": "0.0001"})
    product.start()
    try:
        made = _ten_years_later(product)
        yield made
        for client in made.browsers.values():
            client.close()
    finally:
        product.stop()


def _ten_years_later(product: Product) -> Office:
    made = Office(product)
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
    office.decide(listed, code)
    refused = office.post("assessor", f"/penyusutan/{listed}/langkah", langkah="musnahkan", **DEED)
    assert refused.status_code == 409  # who assessed it does not carry it out
    office.step("executor", listed, code, "musnahkan", **DEED)
    until(lambda: office.status(listed), lambda status: status == "dimusnahkan", timeout=120, step=1.0)
    with office.api("proposer") as http:
        assert http.get("/search", params={"q": office.words["destroyed"]}).json()["total"] == 0
        for letter in office.letters["destroyed"]:
            stub = http.get(f"/documents/{letter}").raise_for_status().json()
            assert stub["filename"] == "dimusnahkan"
            assert stub["sha256"]
            for part in ("original", "pdf", "manifest", "pages/1/image"):
                assert http.get(f"/documents/{letter}/{part}").status_code in (404, 410), part
            told = http.get(f"/documents/{letter}/disposal").raise_for_status().json()
            assert told["destroyed_by"] == code
            assert f"{code}</a>" in office.browser("proposer").get(f"/arsip/{letter}").raise_for_status().text
            events = http.get(f"/documents/{letter}/events").json()["events"]
            assert "destroyed" in {event["action"] for event in events}
        case = http.get(f"/cases/{office.cases['destroyed']}").raise_for_status().text
        assert office.words["destroyed"] not in case  # of the client nothing is left
    _forms(office, listed, code)
    _filed(office, code)
    office.step("proposer", listed, code, "laporkan")
    assert office.status(listed) == "dilaporkan"
    assert "utuh" in office.product.arsip("verify").stdout.lower()


def _forms(office: Office, listed: str, code: str) -> None:
    with office.api("proposer") as http:
        for form, wanted in (
            ("daftar", "Usul Musnah"),
            ("daftar_akhir", "Dimusnahkan"),
            ("berita_acara", "Dewi Contoh"),
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
    taker = {"nomor": "000.5.6.3/1", "tempat": "LKD", "nama": ["Fajar"], "jabatan": ["Kepala LKD"], "nip": [""]}
    office.step("executor", listed, code, "serahkan", **taker)
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
    with office.api("assessor") as http:
        new = {"berkas": office.berkas["held"], "kind": "sengketa", "reason": "gugatan"}
        hold = http.post("/holds", json=new).raise_for_status().json()["id"]
    refused = office.post("executor", f"/penyusutan/{listed}/langkah", langkah="musnahkan", **DEED)
    assert refused.status_code == 409
    page = office.browser("proposer").get(f"/penyusutan/{listed}").text
    assert "sedang ditahan" in page
    with office.api("proposer") as http:
        for letter in office.letters["held"]:
            assert http.get(f"/documents/{letter}/original").status_code == 200
        http.post(f"/holds/{hold}/release", json={"reason": "damai"}).raise_for_status()
    office.step("executor", listed, code, "musnahkan", **DEED)
    until(lambda: office.status(listed), lambda status: status == "dimusnahkan", timeout=120, step=1.0)
