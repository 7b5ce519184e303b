"""SOP A and SOP B once through the pages, from the first letter to the closed case: Chromium, mostly by keyboard.

The letters are those of one client as an office program prints them; what the machine asks, reads and proposes on the
way is what the clerk meets. The same walks with every branch go through the API in test_cases.py.
"""

import secrets
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.assets.letter import make_letter
from tests.e2e.inside import nonce
from tests.e2e.test_pages import LOCKED, SLOW, NewPage, as_file, browser, new_page, tab_to
from tests.product import Product, until

__all__ = ["browser", "new_page"]

pytestmark = pytest.mark.timeout(300)
SEED = 2311
SOP_A = (
    "skt_polisi", "formulir_layanan_sosial", "instrumen_asesmen", "hasil_asesmen", "surat_permohonan_pemulangan",
    "formulir_masuk_shelter", "formulir_keluar_shelter", "surat_pemulangan", "daftar_tanda_terima",
    "tanda_terima_biaya_transportasi", "bukti_uang_tiket_saku", "tiket", "syarat_keberangkatan",
)  # fmt: skip
SOP_B = (
    "surat_permohonan_pemulangan", "skt_polisi", "hasil_asesmen", "lembar_disposisi", "draf_hasil_pemeriksaan",
    "penetapan_pemulangan", "data_informasi_ot", "surat_pemulangan", "berita_acara_serah_terima",
)  # fmt: skip


SHEET = "lembar_disposisi"
NAMELESS = ("daftar_tanda_terima",)  # a list of many people is proposed for nobody's case
# filled in by hand, or in a letter that office programs do not bring: these come from the scanner
SCANNED = ("instrumen_asesmen", "lembar_disposisi", "data_informasi_ot")


def paper(kind: str) -> bytes:
    """The client's letter of that kind as PDF, in bytes of its own."""
    letter = make_letter(kind, SEED)
    made = letter.scan_pdf(70) if kind in SCANNED else letter.digital_pdf()
    return made + b"\n%" + secrets.token_hex(8).encode()


class Desk:
    """A clerk of a unit without letters or cases, at a page of theirs."""

    def __init__(self, product: Product, new_page: NewPage) -> None:
        unit = f"unit-{nonce()}"
        self.product, self.new_page = product, new_page
        self.clerk, self.official = product.user("petugas", unit), product.user("pejabat", unit)
        self.page = new_page(self.clerk)
        self.letters: dict[str, str] = {}
        self.case = ""

    def told(self, address: str) -> Any:
        with self.product.client(self.clerk.token) as client:
            return client.get(address).raise_for_status().json()

    @property
    def state(self) -> dict[str, Any]:
        """The case as a program is told it."""
        return dict(self.told(f"/cases/{self.case}"))

    def press(self, key: str) -> None:
        """A key that leads to another page."""
        pressed(self.page, key)

    def menu(self, *names: str) -> None:
        """To a page of the menu, and on by links there, without a mouse."""
        for name in names:
            self.page.get_by_role("link", name=name).first.focus()
            self.press("Enter")

    def send(self, kinds: tuple[str, ...]) -> None:
        """Choose all files at once on the page Unggah, and wait until each is locked in the archive."""
        self.page.goto("/unggah")
        tab_to(self.page, "Pilih berkas")
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files([as_file(f"{kind}.pdf", paper(kind), "application/pdf") for kind in kinds])
        expect(self.page.get_by_role("status")).to_have_text(
            f"{len(kinds)} berkas: {len(kinds)} {LOCKED.lower()}.", timeout=2 * SLOW
        )
        sent = self.told("/documents?limit=200")["documents"]
        self.letters = {one["filename"].removesuffix(".pdf"): one["id"] for one in sent}

    def check(self) -> None:
        """Accept by Enter whatever the machine asks."""
        self.menu("Periksa")
        asked = 0
        while self.page.locator("#periksa").count():
            self.press("Control+Enter")
            asked += 1
            assert asked <= len(self.letters)
        expect(self.page.get_by_text("Tidak ada surat yang menunggu diperiksa")).to_be_visible()
        read = self.told("/documents?limit=200")["documents"]
        assert {one["kind"]["value"] + ".pdf" for one in read} == {one["filename"] for one in read}

    def register(self) -> list[str]:
        """Enter registers each letter that the books ask for; which those were."""
        self.menu("Agenda", "Daftarkan surat")
        names = {letter: kind for kind, letter in self.letters.items()}
        found = []
        while self.page.locator("#daftarkan").count():
            found.append(names[self.page.url.partition("?")[0].rpartition("/")[2]])
            if found[-1] == "surat_pemulangan":  # it goes out, and gets its number here
                self.menu("Surat keluar")
                self.page.get_by_label("Tujuan").fill("Dinas Sosial Kota Parepare")
            missing = self.page.locator("#daftar [required]:invalid")
            while missing.count():  # what no letter of the kind says
                missing.first.fill("Dinas Sosial Kota Tarakan")
            self.press("Enter")
        expect(self.page.get_by_role("status")).to_contain_text("Terdaftar")
        return found

    def open(self, kind: str, key: str) -> None:
        """Open the case from the page of its first letter: that digit proposes the SOP, Enter takes what was read."""
        self.page.goto(f"/arsip/{self.letters[kind]}")
        self.press(key)
        expect(self.page.get_by_label("Nama klien")).to_be_focused()
        expect(self.page.get_by_label("Nama klien")).not_to_be_empty()
        self.press("Enter")
        self.page.wait_for_url("**/kasus/*#isi")
        self.case = self.page.url.rpartition("/")[2].removesuffix("#isi")

    def proposed(self) -> set[str]:
        """The letters that stand in the case already, or wait for the key that puts them there."""
        waiting = self.told("/proposals?limit=200")["letters"]
        found = {one["document"] for one in waiting if one["proposals"][0]["case"] == self.case}
        return found | {one["document"] for one in self.state["letters"]}

    def link(self) -> None:
        """One key for each letter that waits; what names nobody is linked from its own page."""
        named = {letter for kind, letter in self.letters.items() if kind not in NAMELESS}
        until(lambda: named - self.proposed(), lambda left: not left, timeout=120)
        self.menu("Kasus", "Menunggu dihubungkan")
        while self.page.locator(".proposals").count():
            first = self.page.locator(".proposals [data-key='1']")
            expect(first).to_be_focused()
            expect(first).to_contain_text("Hubungkan")
            self.press("1")
        linked = {one["document"] for one in self.state["letters"]}
        for letter in set(self.letters.values()) - linked:
            self.page.goto(f"/arsip/{letter}")
            self.menu("Hubungkan ke kasus")
            self.page.get_by_role("button", name="Hubungkan").focus()
            self.press("Enter")
        assert {one["document"] for one in self.state["letters"]} == set(self.letters.values())

    def dispose(self, kind: str) -> None:
        """The official hands the letter to the clerk in the page; the clerk says it is done."""
        official = self.new_page(self.official)
        official.goto(f"/arsip/{self.letters[kind]}/disposisi")
        official.get_by_label(self.clerk.name).press("Space")
        official.get_by_label("Proses lebih lanjut").press("Space")
        official.get_by_label("Catatan").fill("Segera dipulangkan")
        pressed(official, "Enter")
        expect(official.locator("#disposisi .badge")).to_have_text("Belum dibaca")
        self.menu("Disposisi")
        self.page.locator("main .letters a").first.focus()
        self.press("Enter")
        self.page.get_by_label("Hasilnya").fill("Sudah diproses")
        self.press("Enter")
        expect(self.page.get_by_text("Tidak ada disposisi yang menunggu Anda.")).to_be_visible()

    def visit(self) -> None:
        """To the case, from the board, once each letter is sealed as it was checked: a step waits for that."""
        until(lambda: {self.told(f"/documents/{one}")["stage"] for one in self.letters.values()}, {"sealed"}.__eq__)
        self.menu("Kasus", self.state["client"]["name"])

    def finish(self, *steps: int) -> None:
        """S finishes the step that waits for nothing but that; these, in this order."""
        for step in steps:
            self.press("s")
            expect(self.page.locator(f"#langkah-{step} h3 .badge")).to_have_text("Selesai")

    def close(self) -> None:
        """Confirm the classification that is proposed, and close; nothing may lack."""
        self.page.get_by_label("Kode klasifikasi").focus()
        self.press("Enter")
        self.page.get_by_role("button", name="Tutup kasus").focus()
        self.press("Enter")
        expect(self.page.get_by_text("Ditutup ").first).to_be_visible()
        told = self.state
        assert (told["lacks"], told["gaps"], told["closed_at"] is not None) == ([], [], True)
        assert {step["state"] for step in told["steps"]} == {"done"}


def pressed(page: Page, key: str) -> None:
    """Press a key and wait for the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_sop_a_from_the_scanner_to_the_closed_case(new_page: NewPage, product: Product) -> None:
    desk = Desk(product, new_page)
    desk.send(SOP_A)
    desk.check()
    assert sorted(desk.register()) == ["skt_polisi", "surat_pemulangan", "surat_permohonan_pemulangan"]
    desk.open("skt_polisi", "1")
    desk.link()
    desk.dispose("surat_permohonan_pemulangan")
    desk.visit()
    desk.finish(1, 2, 3, 4, 5, 6, 7, 8)
    desk.close()
    done = desk.page.get_by_role("region", name="Disposisi")
    expect(done.locator(".badge")).to_have_text("Selesai")
    expect(done).to_contain_text("Sudah diproses")


def test_sop_b_with_its_paper(new_page: NewPage, product: Product) -> None:
    desk = Desk(product, new_page)
    desk.send(SOP_B)
    desk.check()
    assert "surat_permohonan_pemulangan" in desk.register()
    desk.open("surat_permohonan_pemulangan", "1")
    desk.link()
    desk.dispose("surat_permohonan_pemulangan")
    page = desk.page
    # a letter that goes from hand to hand serves each of these steps
    for kind, step in (*((SHEET, step) for step in (2, 3)), *(("surat_pemulangan", step) for step in range(7, 12))):
        page.goto(f"/kasus/hubungkan?surat={desk.letters[kind]}")
        page.get_by_label("Langkah", exact=True).select_option(str(step))
        page.get_by_role("button", name="Hubungkan", exact=True).press("Enter")
        page.wait_for_url(f"**/kasus/{desk.case}*")
    desk.visit()
    desk.finish(*range(1, 13))
    page.goto("/arsip/boks")
    if not page.get_by_label("Nama boks").is_visible():  # other units have boxes already
        page.get_by_text("Tambah boks").press("Enter")
    page.get_by_label("Nama boks").fill("Boks 1")
    pressed(page, "Enter")
    code = str(page.get_by_role("heading", level=1).text_content()).removeprefix("Boks ")
    desk.visit()
    expect(page.get_by_text("tempat kertasnya belum dicatat")).to_have_count(len(SOP_B))
    page.get_by_label("Kode boks").fill(code)
    pressed(page, "Enter")
    expect(page.get_by_text("tempat kertasnya belum dicatat")).to_have_count(0)
    desk.close()
