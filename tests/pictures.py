"""The pictures of the documents, all made anew: a product with invented letters in it, and Chromium before its pages.

python -m tests.pictures [OUT]   (docs/images when it is not said)

What is on them is made as a clerk makes it, or through the API where the page would show nothing else.
"""

from __future__ import annotations

import io
import secrets
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.assets.case import invent
from tests.assets.letter import make_letter
from tests.assets.stacked import stacked
from tests.assets.ticked_sheet import page_of, scanned, tick, write
from tests.conftest import ROOT, SAMPLES
from tests.e2e.inside import superuser
from tests.e2e.test_pages import CALM, CHROMIUM, sign_in
from tests.product import Product, User, settled, until

UNIT = "rehsos"
STACK = (
    "skt_polisi.jpg", "formulir_layanan_sosial.tif", "ktp.jpg", "instrumen_asesmen.jpg", "hasil_asesmen.pdf",
    "surat_permohonan_pemulangan.jpg", "formulir_masuk_shelter.jpg", "surat_pemulangan.jpg",
)  # fmt: skip
SINGLE = ("surat_rujukan_lk3.jpg", "kontrak_konseling.jpg", "hasil_reasesmen.jpg")
TOOK = ((9, 34, 70), (14, 22, 95), (12, 28, 84), (21, 25, 66))  # minutes of three steps, a month each
OTHERS = ("pemulangan-kaltara", "pemulangan-tarakan", "rujukan-lk3-tarakan")


class Studio:
    """A running product with three people of one unit, and their pages."""

    def __init__(self, product: Product, browser: Browser, out: Path) -> None:
        self.product, self.browser, self.out = product, browser, out
        self.siti, self.rahmat, self.dewi = (
            self._user(*one) for one in (("siti", "petugas"), ("rahmat", "pejabat"), ("dewi", "arsiparis"))
        )
        self.page = self.of(self.siti)

    def _user(self, name: str, role: str) -> User:
        password = secrets.token_urlsafe(12)
        with self.product.client(self.product.secrets["operator_admin_token"]) as admin:
            said = {"name": name, "role": role, "unit": UNIT, "clearance": "rahasia", "password": password}
            admin.post("/users", json=said).raise_for_status()
            token = admin.post(f"/users/{name}/tokens").raise_for_status().json()["token"]
        return User(name, role, UNIT, "rahasia", password, token)

    def of(self, user: User) -> Page:
        """A page at which that person is signed in."""
        context = self.browser.new_context(base_url=self.product.url, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        sign_in(page, user)
        return page

    def client(self, user: User | None = None) -> httpx.Client:
        return self.product.client((user or self.siti).token)

    def keep(self, name: str, page: Page | None = None, height: int = 900) -> None:
        """Picture what the page shows, once its own pictures are there, in few colours."""
        page = page or self.page
        page.set_viewport_size({"width": 1280, "height": height})
        page.wait_for_load_state("networkidle")
        page.evaluate("Promise.all([...document.images].filter((i) => i.loading !== 'lazy').map((i) => i.decode()))")
        page.wait_for_timeout(300)
        self.save(name, Image.open(io.BytesIO(page.screenshot())))
        page.set_viewport_size({"width": 1280, "height": 900})

    def save(self, name: str, picture: Image.Image) -> None:
        small = picture.convert("RGB").quantize(96, dither=Image.Dither.NONE)
        small.save(self.out / f"{name}.png", optimize=True)
        print(name, flush=True)

    def send(self, name: str, data: bytes) -> dict[str, Any]:
        """A letter that came, read and locked."""
        with self.client() as http:
            sent = http.post("/documents", files={"file": (name, data)}).raise_for_status().json()
            return settled(http, sent["id"], timeout=900)


def letters_come(studio: Studio) -> list[str]:
    """Unggah, Belah berkas, Periksa; the ids of the stack's letters."""
    page = studio.page
    page.goto("/unggah")
    with page.expect_file_chooser() as chooser:
        page.locator("#pilih").click()
    chooser.value.set_files([SAMPLES / name for name in SINGLE])
    until(lambda: page.locator("#daftar .badge.sealed").count() == len(SINGLE), timeout=900)
    studio.keep("unggah", height=1000)
    stack = studio.send("pindaian pagi.pdf", stacked([SAMPLES / name for name in STACK], secrets.token_hex(8)))["id"]
    page.goto(f"/arsip/{stack}/belah")
    studio.keep("belah")
    moved(page, lambda: page.keyboard.press("Enter"))
    with studio.client() as http:
        letters = [one["id"] for one in http.get(f"/documents/{stack}").json()["letters"]]
        read = [settled(http, letter, timeout=900) for letter in letters]
        doubtful = [one["id"] for one in read if not all(field["sure"] for field in one["fields"].values())]
    page.goto(f"/periksa/{doubtful[0]}")
    studio.keep("periksa")
    page.goto("/periksa")
    while page.locator("#periksa").count():
        moved(page, lambda: page.keyboard.press("Control+Enter"))
    page.goto("/ketepatan")
    studio.keep("ketepatan")
    return letters


def twins_are_compared(studio: Studio) -> None:
    """Kembar: one paper that was scanned twice."""
    for name, wear in (("rujukan RSUD.pdf", "scan"), ("rujukan RSUD lagi.pdf", "copy")):
        studio.send(name, make_letter("surat_rujukan_rsud", 2319, wear).scan_pdf(70))
    with studio.client() as http:
        [pair] = until(lambda: http.get("/twins").json()["twins"], timeout=120)
    studio.page.goto(f"/kembar/{pair['id']}")
    studio.keep("kembar")


def agenda_is_kept(studio: Studio, letters: list[str]) -> None:
    """Agenda: the queue, and the book."""
    page = studio.page
    page.goto(f"/agenda/antrean/{letters[0]}")
    studio.keep("agenda", height=1010)
    while page.locator("#daftarkan").count():
        missing = page.locator("#daftar [required]:invalid")
        while missing.count():  # what no letter of the kind says
            missing.first.fill("Dinas Sosial Kota Tarakan")
        moved(page, lambda: page.locator("#daftarkan").press("Enter"))
    page.goto("/agenda")
    studio.keep("buku")


def case_is_worked(studio: Studio, letters: list[str]) -> str:
    """Kasus: opened from a letter, its letters linked, steps finished; Menunggu dihubungkan, Disposisi."""
    page = studio.page
    page.goto(f"/kasus/baru?surat={letters[0]}&sop=pemulangan-tarakan")
    moved(page, lambda: page.get_by_label("Nama klien").press("Enter"))
    case = page.url.rpartition("/")[2].partition("#")[0]
    with studio.client() as http:
        until(lambda: len(_waiting(http, case)) >= len(letters) - 2, timeout=300)
    page.goto("/kasus/antrean")
    studio.keep("hubungkan", height=1000)
    with studio.client() as http:
        for letter, step in _waiting(http, case):
            http.post(f"/cases/{case}/letters", json={"document": letter, "step": step}).raise_for_status()
    dispositions_are_given(studio, letters)
    page.goto(f"/kasus/{case}")
    for _ in range(3):
        moved(page, lambda: page.keyboard.press("s"))
    page.goto(f"/kasus/{case}")
    studio.keep("kasus", height=1420)
    return case


def _waiting(http: httpx.Client, case: str) -> list[tuple[str, int]]:
    """The letters that are proposed for the case, each with its likeliest step."""
    found = http.get("/proposals", params={"limit": 200}).json()["letters"]
    return [(one["document"], one["proposals"][0]["step"]) for one in found if one["proposals"][0]["case"] == case]


def dispositions_are_given(studio: Studio, letters: list[str]) -> None:
    """Disposisi: what waits for a clerk, and a sheet that came back ticked."""
    with studio.client(studio.rahmat) as http:
        for letter, note in ((letters[0], "Segera hubungi keluarganya"), (letters[5], "")):
            said = {"recipients": [{"name": "siti"}], "instructions": ["Proses lebih lanjut"], "note": note}
            http.post(f"/documents/{letter}/dispositions", json=said).raise_for_status()
        entry = http.get(f"/documents/{letters[0]}/agenda").json()["entry"]["id"]
        pdf = http.get(f"/agenda/entries/{entry}/disposition").raise_for_status().content
    studio.page.goto("/disposisi")
    studio.keep("menunggu", height=620)
    picture = page_of(pdf)
    tick(picture, pdf)
    write(picture)
    sheet = studio.send("lembar.jpg", scanned(picture))["id"]
    studio.page.goto(f"/disposisi/lembar/{sheet}")
    studio.keep("disposisi")


def board_is_filled(studio: Studio, letters: list[str]) -> None:
    """Papan kasus, what lacks before one of them may close, and Laporan with the steps that were done."""
    with studio.client() as http:
        cases = [_opened(http, sop, seed) for seed, sop in enumerate(OTHERS, 2401)]
        for months, took in enumerate(TOOK, 1):
            _long_ago(studio.product, _opened(http, "pemulangan-tarakan", 2410 + months), months, took)
        for letter in (letters[0], letters[4], letters[5]):
            http.post(f"/cases/{cases[0]}/letters", json={"document": letter, "step": 1}).raise_for_status()
    studio.page.goto("/kasus")
    studio.keep("papan", height=1250)
    studio.page.goto(f"/kasus/{cases[0]}#tutup")
    studio.keep("penutupan")
    page = studio.of(studio.rahmat)
    page.goto("/kasus/laporan?sop=pemulangan-tarakan")
    studio.keep("laporan", page)


def _opened(http: httpx.Client, sop: str, seed: int) -> str:
    """A case of somebody invented, three steps of it done."""
    new = {"sop": sop, "person": {"name": invent(seed)["nama"]}}
    case = str(http.post("/cases", json=new).raise_for_status().json()["id"])
    for step in range(1, 4):
        done = {"action": "finish", "reason": "kertasnya menyusul"}
        http.post(f"/cases/{case}/steps/{step}", json=done).raise_for_status()
    return case


def _long_ago(product: Product, case: str, months: int, took: tuple[int, ...]) -> None:
    """Let the case have been opened on a Tuesday morning so many months ago, each step done after so many minutes."""
    day = datetime.now(UTC) - timedelta(days=30 * months)
    at = (day - timedelta(days=(day.weekday() - 1) % 7)).replace(hour=1, minute=0, second=0, microsecond=0)
    with superuser(product) as database:
        database.execute("UPDATE case_file SET opened_at = %s WHERE id = %s", (at, case))
        for step, minutes in enumerate(took, 1):
            at += timedelta(minutes=minutes)
            database.execute("UPDATE case_step SET ended_at = %s WHERE case_id = %s AND number = %s", (at, case, step))


def paper_is_placed(studio: Studio, case: str) -> None:
    """Boks: one box with what lies in it, and its label."""
    with studio.client() as http:
        stand = {"name": "Boks 12", "building": "Kantor", "room": "Ruang arsip", "shelf": "3"}
        box = http.post("/boxes", json=stand).raise_for_status().json()
        where = {"box": box["code"], "folder": "001/2026"}
        http.post(f"/cases/{case}/places", json=where).raise_for_status()
        labels = http.get("/boxes/labels").raise_for_status().content
    studio.page.goto(f"/arsip/boks/{box['id']}")
    studio.keep("boks")
    sheet = pypdfium2.PdfDocument(labels)[0].render(scale=1.5).to_pil()
    studio.save("label", sheet.crop((0, 0, sheet.width, sheet.height // 3)))


def list_is_led(studio: Studio) -> None:
    """Penyusutan: a list whose papers are still missing, and its form."""
    schedule = "kode;jenis arsip;aktif;inaktif;nasib akhir;pemicu;dasar hukum\n"
    schedule += "400.9.4;Rehabilitasi sosial tuna sosial;2;3;Musnah;kegiatan atau kasus selesai;Perwali 1/2015\n"
    berkas = []
    with studio.client(studio.dewi) as http:
        told = {"name": "JRA", "basis": "Perwali 1/2015", "valid_from": "2016-01-01"}
        brought = http.post("/schedules", files={"file": ("jra.csv", schedule.encode())}, data=told).raise_for_status()
        http.post(f"/schedules/{brought.json()['id']}/apply").raise_for_status()
        for title in ("Pemulangan orang terlantar 2017", "Pemulangan orang terlantar 2018"):
            new = {"title": title, "clearance": "terbatas", "code": "400.9.4.1"}
            berkas.append(http.post("/berkas", json=new).raise_for_status().json()["id"])
    with superuser(studio.product) as database:
        for number, one in enumerate(berkas):
            years = (f"{2017 + number}-01-05", f"{2018 + number}-02-01", one)
            database.execute("UPDATE berkas SET opened_on = %s, closed_on = %s WHERE id = %s", years)
    with studio.client(studio.dewi) as http:
        made = http.post("/disposals", json={"kind": "pemusnahan", "unit": UNIT, "berkas": berkas}).raise_for_status()
        form = http.get(f"/disposals/{made.json()['id']}/forms/daftar").raise_for_status().content
    page = studio.of(studio.rahmat)
    page.goto(f"/penyusutan/{made.json()['id']}")
    studio.keep("susut", page, height=1000)
    studio.save("daftar-usul-musnah", pypdfium2.PdfDocument(form)[0].render(scale=1.2).to_pil())


def records_are_kept(studio: Studio) -> None:
    """Berkas, Retensi with what falls due by year, a hold, Bukti."""
    page = studio.of(studio.dewi)
    berkas = []
    with studio.client(studio.dewi) as http:
        for number, title in enumerate(
            ("Undangan rapat koordinasi", "Pemulangan orang terlantar", "Bantuan sosial"), 1
        ):
            new = {"title": f"{title} {2018 + number}", "clearance": "terbatas", "code": f"400.9.4.{number}"}
            berkas.append(http.post("/berkas", json=new).raise_for_status().json()["id"])
    with superuser(studio.product) as database:
        for number, one in enumerate(berkas):
            years = (f"{2019 + number}-01-05", f"{2022 + number}-02-01", one)
            database.execute("UPDATE berkas SET opened_on = %s, closed_on = %s WHERE id = %s", years)
    with studio.client(studio.dewi) as http:
        held = {"berkas": berkas[1], "kind": "sengketa", "reason": "Perkara 12/Pdt.G/2026"}
        http.post("/holds", json=held).raise_for_status()
    page.goto("/berkas")
    studio.keep("berkas", page, height=1000)
    page.goto("/retensi")
    studio.keep("retensi", page, height=1100)
    page = studio.of(studio.rahmat)
    page.goto("/retensi/penahanan")
    studio.keep("penahanan", page, height=760)
    page = studio.of(studio.dewi)
    until(lambda: page.goto("/bukti") and page.get_by_text("Mencakup").count(), timeout=60, step=1.0)
    studio.keep("bukti", page, height=900)


def words_are_found(studio: Studio, letters: list[str]) -> None:
    """Cari, one letter with the word marked, and an SOP."""
    page = studio.page
    page.goto("/cari")
    page.get_by_label("Kata di dalam surat").fill("terlantar")
    moved(page, lambda: page.keyboard.press("Enter"))
    studio.keep("cari", height=760)
    moved(page, page.locator(f'.hits a[href*="{letters[0]}"]').first.click)
    studio.keep("surat")
    page.goto("/prosedur/pemulangan-tarakan")
    studio.keep("prosedur", height=1420)


def moved(page: Page, act: Callable[[], None]) -> None:
    """Do what leads to another page, and wait for that."""
    with page.expect_navigation(timeout=60_000):
        act()


def main() -> None:
    """Make them all."""
    out = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs" / "images"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="arsip-", dir="/tmp") as folder, sync_playwright() as playwright:
        product = Product(Path(folder) / "data", {"ARSIP_CHECKPOINT_SECONDS": "5", "ARSIP_FIXITY_SECONDS": "5"})
        product.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CALM)
        try:
            studio = Studio(product, browser, out)
            letters = letters_come(studio)
            agenda_is_kept(studio, letters)
            case = case_is_worked(studio, letters)
            board_is_filled(studio, letters)
            paper_is_placed(studio, case)
            list_is_led(studio)
            records_are_kept(studio)
            words_are_found(studio, letters)
            twins_are_compared(studio)
        finally:
            browser.close()
            product.stop()


if __name__ == "__main__":
    main()
