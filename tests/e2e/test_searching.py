"""Saved searches, what is found as a file, identity numbers, and going from hit to hit; a hidden letter leaves no
sign in any of them."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from classify.fields import Field
from tests.e2e.inside import nonce, superuser, text_pdf
from tests.e2e.test_authorization import csrf_of
from tests.e2e.test_pages import NewPage, axe_findings, browser, new_page, overflow, tab_to, thick_pdf
from tests.product import Product, User, settled

__all__ = ["browser", "new_page"]

NIK = "6571014203900001"
SHOWN = "6571********0001"


class Shelf:
    """Two letters of one unit with a word of their own: one anybody there may see, one above most ceilings."""

    def __init__(self, product: Product) -> None:
        self.product, self.word, self.rare = product, f"kata{nonce()}", f"langka{nonce()}"
        self.unit = f"unit-{nonce()}"
        self.clerk = product.user("petugas", self.unit)
        self.secret = product.user("petugas", self.unit, "rahasia")
        self.letter = self.send(self.clerk, f"Surat {self.word} NIK {NIK} atas nama Budi", "=cmd.pdf")
        self.hidden = self.send(self.secret, f"Surat {self.word} {self.rare} rahasia", "lain.pdf", "rahasia")

    def send(self, user: User, words: str, name: str, level: str = "terbatas") -> str:
        with self.product.client(user.token) as client:
            sent = client.post(
                "/documents", files={"file": (name, text_pdf(words))}, data={"clearance": level}
            ).raise_for_status()
            document: str = sent.json()["id"]
            assert settled(client, document)["stage"] == "sealed"
        return document


@pytest.fixture(scope="module")
def shelf(product: Product) -> Shelf:
    return Shelf(product)


@contextmanager
def _browser(product: Product, user: User) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=product.url, headers={"Accept": "text/html"}, timeout=60) as client:
        assert client.post("/masuk", data={"nama": user.name, "sandi": user.password}).status_code == 303
        yield client


def test_a_saved_search_tells_of_new_hits(shelf: Shelf, product: Product) -> None:
    keeper = product.user("pejabat", shelf.unit)
    with product.client(keeper.token) as client, _browser(product, keeper) as pages:
        assert client.post("/search/saved", json={"q": shelf.word}).status_code == 201
        (kept,) = client.post("/search/saved", json={"q": shelf.word}).json()["saved"]  # once, however often
        assert (kept["q"], kept["fresh"]) == (shelf.word, 0)
        shelf.send(shelf.clerk, f"Baru {shelf.word}", "baru.pdf")
        shelf.send(shelf.secret, f"Baru {shelf.word}", "baru rahasia.pdf", "rahasia")
        _counted_long_ago(product, kept["id"])
        (kept,) = client.get("/search/saved").json()["saved"]
        assert kept["fresh"] == 1  # and not the one above their ceiling
        page = pages.get("/cari").text
        assert "1 baru" in page
        assert 'class="count">1<span class="unseen"> temuan baru' in page
        opened = pages.get(f"/cari/simpan/{kept['id']}")
        assert opened.status_code == 303
        assert shelf.word not in opened.headers["location"]
        assert shelf.word in pages.get(opened.headers["location"]).text
        assert client.get("/search/saved").json()["saved"][0]["fresh"] == 0
        with product.client(shelf.clerk.token) as other:
            assert other.get("/search/saved").json() == {"saved": []}
            assert other.delete(f"/search/saved/{kept['id']}").status_code == 404
        with superuser(product) as database:
            row = database.execute("SELECT asked FROM saved_search WHERE id = %s", [kept["id"]]).fetchone()
        assert row is not None
        assert shelf.word.encode() not in bytes(row[0])
        assert client.delete(f"/search/saved/{kept['id']}").json() == {"saved": []}


def _counted_long_ago(product: Product, saved: str, *, and_seen: bool = False) -> None:
    with superuser(product) as database:
        database.execute(
            "UPDATE saved_search SET counted_at = now() - interval '1 hour',"
            " seen_at = CASE WHEN %s THEN now() - interval '1 day' ELSE seen_at END WHERE id = %s",
            [and_seen, saved],
        )
        database.commit()


def test_a_saved_search_stays_narrowed(shelf: Shelf, product: Product) -> None:
    keeper = product.user("pejabat", shelf.unit)
    with product.client(keeper.token) as client, _browser(product, keeper) as pages:
        for unit in (shelf.unit, "lain"):
            client.post("/search/saved", json={"q": f"{shelf.word} Budi", "filters": {"unit": [unit]}})
            _counted_long_ago(product, client.get("/search/saved").json()["saved"][0]["id"], and_seen=True)
        for _ in range(2):  # one is counted again at a time
            kept = client.get("/search/saved").json()["saved"]
        assert [(one["filters"]["unit"], one["fresh"]) for one in kept] == [(["lain"], 0), ([shelf.unit], 1)]
        page = pages.get("/cari").text
        assert f"{shelf.word} Budi (lain)" in page
        assert f"{shelf.word} Budi ({shelf.unit})" in page
        found = [pages.get(pages.get(f"/cari/simpan/{one['id']}").headers["location"]).text for one in kept]
        assert [f'href="/arsip/{shelf.letter}?' in page for page in found] == [False, True]


def test_what_is_found_as_a_file(shelf: Shelf, product: Product, tmp_path: Path) -> None:
    records = product.user("arsiparis", shelf.unit)
    with product.client(records.token) as client:
        asked: dict[str, Any] = {"q": f"{shelf.word} Budi"}
        answer = client.post("/search/export", json=asked)
        (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert (line["Surat"], line["Halaman"], line["ID"]) == ("'=cmd.pdf", "1", shelf.letter)  # computes nothing
        assert SHOWN in line["Cuplikan"]
        sheet = client.post("/search/export", json={**asked, "format": "xlsx"}).content
        rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
        assert "=cmd.pdf" in [cell for row in rows for cell in row]  # of a formula it would be what that computes
        bag = client.post("/search/export", json={**asked, "format": "zip"})
        names = zipfile.ZipFile(io.BytesIO(bag.content)).namelist()
        assert f"hasil-pencarian/data/pdf/{shelf.letter}.pdf" in names
        taken = tmp_path / "hasil.csv"
        product.arsip("search", *asked["q"].split(), "-o", str(taken))
        assert f",{shelf.letter}" in taken.read_text("utf-8-sig")
        events = [e for e in client.get("/ledger").json()["events"] if e["action"] == "search_exported"]
        assert [e["detail"]["format"] for e in events[:4]] == ["csv", "bag", "xlsx", "csv"]
        assert shelf.word not in json.dumps(events)
    with product.client(product.user("pejabat", shelf.unit).token) as client:
        assert client.post("/search/export", json={**asked, "format": "zip"}).status_code == 403


def test_identity_numbers_are_opened_for_a_purpose(shelf: Shelf, product: Product) -> None:
    reader = product.user("pejabat", shelf.unit)
    with product.client(shelf.clerk.token) as client:
        assert NIK in client.get(f"/documents/{shelf.letter}/text").text  # who checks letters compares them
        found = client.post("/search", json={"q": f"{shelf.word} Budi"}).json()["hits"][0]
        assert SHOWN in found["snippet"]
    with product.client(reader.token) as client, _browser(product, reader) as pages:
        for part in ("", "/text", "/pages/1/words"):
            shown = client.get(f"/documents/{shelf.letter}{part}").text
            assert NIK not in shown
            assert part == "" or SHOWN in shown
        assert NIK in client.get(f"/documents/{shelf.letter}/text", params={"identity_purpose": "hukum"}).text
        assert client.get(f"/documents/{shelf.letter}/text", params={"identity_purpose": "x"}).status_code == 422
        page = pages.get(f"/arsip/{shelf.letter}").text
        assert SHOWN in page
        assert NIK not in page
        form = {"csrf": csrf_of(pages), "untuk": "pelayanan"}
        assert NIK in pages.post(f"/arsip/{shelf.letter}", data=form).text
        assert pages.post(f"/arsip/{shelf.letter}", data={**form, "untuk": ""}).status_code == 422
        events = client.get(f"/documents/{shelf.letter}/events").json()["events"]
        assert [e["detail"]["purpose"] for e in events if e["action"] == "identity_shown"] == ["hukum", "pelayanan"]


@pytest.mark.parametrize("role", ["petugas", "pejabat", "arsiparis", "admin"])
def test_a_hidden_letter_leaves_no_sign(shelf: Shelf, product: Product, role: str) -> None:
    user = product.user(role, shelf.unit)
    with product.client(user.token) as client, _browser(product, user) as pages:
        client.post("/search/saved", json={"q": shelf.rare}).raise_for_status()
        (kept,) = client.get("/search/saved").json()["saved"]
        _counted_long_ago(product, kept["id"])
        assert client.get("/search/saved").json()["saved"][0]["fresh"] == 0
        client.delete(f"/search/saved/{kept['id']}").raise_for_status()
        for words in (shelf.rare, shelf.word):
            told = client.get("/search", params={"q": words}).text + client.post("/search", json={"q": words}).text
            told += client.post("/search/export", json={"q": words}).text
            address = pages.post("/cari", data={"csrf": csrf_of(pages), "q": words}).headers["location"]
            told += pages.get(address).text.replace(f'value="{words}"', "")
            assert shelf.hidden not in told
            assert shelf.rare not in told
            for ending in ("xlsx", "zip"):
                file = client.post("/search/export", json={"q": words, "format": ending})
                if file.is_success:  # nothing found is a table too; a bag is for whoever may export
                    assert shelf.hidden.encode() not in b"".join(_unpacked(file.content))
            answer = client.post("/search", json={"q": words, "facets": True, "sort": "terbaru"}).json()
            seen = len({hit["document"] for hit in answer["hits"]})
            counts = [v["count"] for one in answer["facets"] if one["name"] == "unit" for v in one["values"]]
            assert sum(counts) == seen
        misspelt = shelf.rare[:-1] + ("x" if shelf.rare[-1] != "x" else "y")
        for typed in (shelf.rare[:9], shelf.rare[:-2], misspelt):
            told = client.post("/search/suggestions", json={"begun": typed}).text
            told += client.post("/search", json={"q": typed}).text  # added words, and what was meant
            assert shelf.rare not in told
            assert shelf.hidden not in told
        told = client.get(f"/documents/{shelf.letter}/similar").text + pages.get(f"/arsip/{shelf.letter}").text
        assert shelf.hidden not in told
        assert client.get(f"/documents/{shelf.hidden}/similar").status_code == 404
        assert client.post("/search", json={"q": shelf.rare}).json()["total"] == 0
        marked = pages.post(f"/arsip/{shelf.hidden}/tandai", data={"csrf": csrf_of(pages), "q": shelf.rare})
        assert marked.status_code == 404


def _unpacked(archive: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as whole:
        return [whole.read(name) for name in whole.namelist()]


def test_what_is_found_is_narrowed_suggested_and_compared(new_page: NewPage, shelf: Shelf, product: Product) -> None:
    word = nonce()
    first, second = (shelf.send(shelf.clerk, f"Surat {word} perihal rumah {n}", f"{n}.pdf") for n in ("satu", "dua"))
    with product.client(shelf.clerk.token) as client:
        found = client.post("/search", json={"q": word, "facets": True, "sort": "terlama"}).json()
        assert [hit["document"] for hit in found["hits"]] == [first, second]
        (unit,) = [one for one in found["facets"] if one["name"] == "unit"]
        assert unit["values"] == [{"value": shelf.unit, "label": shelf.unit, "count": 2}]
        assert client.post("/search", json={"q": word, "filters": {"unit": ["lain"]}}).json()["total"] == 0
        assert client.post("/search", json={"q": word, "filters": {"unit": [shelf.unit]}}).json()["total"] == 2
        with superuser(product) as database:  # as a letter with a subject line is read
            subject = Field("perihal", word, word, 1, (0.1, 0.1, 0.2, 0.2), 0.9, True, (), (), None)
            field = json.dumps({"perihal": subject.to_json()})
            database.execute("UPDATE document SET fields = fields || %s::jsonb WHERE id = %s", [field, first])
            database.commit()
        (like,) = client.get(f"/documents/{first}/similar").json()["similar"][:1]
        assert "isi" in like["reasons"]
    page = new_page(shelf.clerk)
    page.goto("/cari")
    box = page.get_by_role("combobox", name="Kata di dalam surat")
    box.press_sequentially(word[:10])
    expect(page.get_by_role("option", name=word)).to_be_visible()
    assert axe_findings(page) == []
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value(word)
    box.press("Enter")
    page.get_by_text("Persempit hasil").click()
    page.get_by_role("button", name=f"{shelf.unit} 2 surat").click()
    expect(page.get_by_role("button", name=f"Jangan persempit ke {shelf.unit}")).to_be_visible()
    assert axe_findings(page) == []
    page.get_by_role("button", name="Terlama").click()
    expect(page.get_by_role("button", name="Terlama")).to_have_attribute("aria-pressed", "true")
    page.set_viewport_size({"width": 360, "height": 740})
    assert overflow(page) == []
    page.locator(f'.hits a[href*="{first}"]').click()
    expect(page.get_by_role("heading", name="Surat yang serupa")).to_be_visible()
    assert axe_findings(page) == []


def test_keys_go_on_in_the_next_part_of_a_thick_file(new_page: NewPage, product: Product, shelf: Shelf) -> None:
    with product.client(shelf.clerk.token) as client:
        sent = client.post("/documents", files={"file": ("tebal.pdf", thick_pdf(22))}).raise_for_status().json()
        assert settled(client, sent["id"])["stage"] == "sealed"
    page = new_page(shelf.clerk)
    page.goto(f"/arsip/{sent['id']}")
    page.get_by_label("Tandai kata di surat ini").fill("surat")  # once on each page
    page.keyboard.press("Enter")
    page.get_by_role("link", name="20", exact=True).click()
    where = page.locator(".jump [role=status]")
    for key, told in (
        ("n", "Halaman 20, temuan 20 dari 20"),
        ("n", "Halaman 21, temuan 1 dari 2"),
        ("n", "Halaman 22, temuan 2 dari 2"),
        ("p", "Halaman 21, temuan 1 dari 2"),
        ("p", "Halaman 20, temuan 20 dari 20"),
    ):
        page.keyboard.press(key)
        expect(where).to_have_text(f"{told} yang ditampilkan")
        expect(page.locator(".marks rect.now")).to_be_in_viewport()


def test_a_near_word_is_shown_and_switched_off(shelf: Shelf, product: Product) -> None:
    asked = nonce()
    read = asked[:-1] + ("x" if asked[-1] != "x" else "y")
    letter = shelf.send(shelf.clerk, f"Surat {read} tersendiri", "salah baca.pdf")
    with product.client(shelf.clerk.token) as client, _browser(product, shelf.clerk) as pages:
        found = client.post("/search", json={"q": asked}).json()
        assert (found["total"], found["exact"]) == (1, True)
        assert found["added"] == [{"asked": asked, "words": [read]}]
        assert found["hits"][0]["document"] == letter
        assert client.post("/search", json={"q": asked, "without": [read]}).json()["hits"] == []
        form = {"csrf": csrf_of(pages)}
        page = pages.get(pages.post("/cari", data={**form, "q": asked}).headers["location"]).text
        assert f'name="tanpa" value="{read}"' in page
        assert "Kata mirip yang ikut dicari" in page
        (sealed,) = set(re.findall(r'name="c" value="([^"]+)"', page))
        address = pages.post("/cari/ubah", data={**form, "c": sealed, "tanpa": read}).headers["location"]
        page = pages.get(address).text
        assert letter not in page
        assert f'name="pakai" value="{read}"' in page
        assert "Kata mirip yang tidak dicari" in page
        assert "Kata mirip yang ikut dicari" not in page
        (sealed,) = set(re.findall(r'name="c" value="([^"]+)"', page))
        back = pages.post("/cari/ubah", data={**form, "c": sealed, "pakai": read}).headers["location"]
        page = pages.get(back).text
        (mark,) = re.findall(rf'href="(/arsip/{letter}[^"#]+)', page)
        assert f"<mark>{read}</mark>" in pages.get(mark).text  # what was found is what is marked
        for words in (asked, read):
            assert words not in address + back + mark


def test_the_command_and_an_address_narrow_as_the_page_does(shelf: Shelf, product: Product) -> None:
    asked = nonce()
    read = asked[:-1] + ("x" if asked[-1] != "x" else "y")
    letter = shelf.send(shelf.clerk, f"Surat {read} dari seberang", "salah baca lagi.pdf")
    told = product.arsip("search", asked, "--facets").stdout
    assert f"Kata mirip yang ikut dicari untuk {asked}: {read}" in told
    assert f"Unit: unit:{shelf.unit} ({shelf.unit}, 1)" in told
    assert letter in told
    assert letter in product.arsip("search", asked, "--only", f"unit:{shelf.unit}", "--sort", "terlama").stdout
    assert letter not in product.arsip("search", asked, "--only", "unit:lain").stdout
    assert letter not in product.arsip("search", asked, "--without", read).stdout
    with product.client(shelf.clerk.token) as client:
        found = client.get("/search", params={"q": asked, "unit": shelf.unit, "facets": True}).json()
        assert [hit["document"] for hit in found["hits"]] == [letter]
        assert [one["name"] for one in found["facets"]].count("unit") == 1
        assert client.get("/search", params={"q": asked, "without": read}).json()["total"] == 0
        for key, wrong in (("tahun", "dulu"), ("sort", "acak"), ("tahn", "2025")):
            assert client.get("/search", params={"q": asked, key: wrong}).status_code == 422


def test_keys_go_from_hit_to_hit(new_page: NewPage, product: Product, shelf: Shelf) -> None:
    word = f"lompat{nonce()}"
    letter = shelf.send(shelf.clerk, f"{word} dan {word}", "dua temuan.pdf")
    page = new_page(shelf.clerk)
    page.goto("/cari")
    page.get_by_label("Kata di dalam surat").fill(word)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Simpan pencarian ini").click()
    expect(page.get_by_role("heading", name="Pencarian tersimpan")).to_be_visible()
    assert axe_findings(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert overflow(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator(f'.hits a[href*="{letter}"]').click()
    where = page.locator(".jump [role=status]")
    expect(page.get_by_role("button", name="Berikutnya (N)")).to_be_visible()
    page.keyboard.press("n")
    expect(where).to_have_text("Halaman 1, temuan 1 dari 2 yang ditampilkan")
    page.keyboard.press("n")
    expect(where).to_have_text("Halaman 1, temuan 2 dari 2 yang ditampilkan")
    expect(page.locator(".words mark.now")).to_have_count(1)
    expect(page.locator(".marks rect.now")).to_be_in_viewport()
    page.keyboard.press("n")
    expect(where).to_have_text("Ini temuan terakhir.")
    assert axe_findings(page) == []
    page.get_by_role("button", name="Sebelumnya (P)").click()
    expect(where).to_have_text(re.compile("temuan 1 dari 2"))


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_of_a_hit_opens_below_the_bar(new_page: NewPage, shelf: Shelf, width: int) -> None:
    word = f"bilah{nonce()}"
    letter = shelf.send(shelf.clerk, word, "di bawah bilah.pdf")
    page = new_page(shelf.clerk, viewport={"width": width, "height": 700})
    page.goto("/cari")
    page.get_by_label("Kata di dalam surat").fill(word)
    page.keyboard.press("Enter")
    page.locator(f'.hits a[href*="{letter}"]').click()
    expect(page.get_by_role("button", name="Berikutnya (N)")).to_be_visible()
    page.wait_for_function("scrollY > 0")
    bar, heading = page.locator(".jump").bounding_box(), page.locator("#judul-1").bounding_box()
    assert bar is not None
    assert heading is not None
    assert bar["y"] + bar["height"] <= heading["y"] < 700


@pytest.mark.parametrize("role", ["petugas", "pejabat"])
def test_the_menu_stands_in_one_row_on_a_desk(new_page: NewPage, product: Product, role: str) -> None:
    page = new_page(product.user(role), viewport={"width": 1280, "height": 800})
    page.goto("/cari")
    parts = [one.bounding_box() for one in page.locator("header.top").locator("nav, .brand, .who").all()]
    middles = {round(box["y"] + box["height"] / 2) for box in parts if box is not None}
    assert len(middles) == 1


def test_an_official_searches_opens_a_number_and_keeps_what_is_found_by_keyboard_alone(
    new_page: NewPage, product: Product, shelf: Shelf
) -> None:
    word = f"tuts{nonce()}"
    shelf.send(shelf.clerk, f"{word} dan {word} NIK {NIK}", "papan tuts.pdf")
    page = new_page(product.user("pejabat", shelf.unit))
    page.goto("/cari")
    expect(page.get_by_label("Kata di dalam surat")).to_be_focused()
    _type_and_go(page, word)
    tab_to(page, "papan tuts.pdf")
    page.keyboard.press("Enter")
    expect(page.locator(".words")).to_contain_text(SHOWN)
    expect(page.get_by_role("button", name="Berikutnya (N)")).to_be_visible()
    for n in (1, 2):
        page.keyboard.press("n")
        expect(page.locator(".jump [role=status]")).to_have_text(f"Halaman 1, temuan {n} dari 2 yang ditampilkan")
    tab_to(page, "Buka nomor", backwards=True)
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("melayani")
    expect(page.get_by_label("Nomor identitas disamarkan. Buka untuk")).to_have_value("pelayanan")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".words")).to_contain_text(NIK)
    tab_to(page, "Cari")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cari")
    expect(page.get_by_label("Kata di dalam surat")).to_be_focused()
    _type_and_go(page, word)
    tab_to(page, "CSV")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    tab_to(page, "Simpan pencarian ini", backwards=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pencarian tersimpan")).to_be_visible()
    (line,) = csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))
    assert (line["Surat"], SHOWN in line["Cuplikan"], NIK in line["Cuplikan"]) == ("papan tuts.pdf", True, False)


def _type_and_go(page: Page, words: str) -> None:
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cari?c=*")
