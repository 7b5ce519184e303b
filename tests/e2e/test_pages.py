"""The pages as a clerk uses them: Chromium against the whole running product."""

import base64
import json
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, Route, expect, sync_playwright

from tests.assets.letter import make_letter
from tests.assets.stacked import stacked
from tests.conftest import SAMPLES
from tests.product import Product, User, settled

CHROMIUM = "/usr/bin/chromium"
CALM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
CALM += ["--disable-component-update", "--disable-sync"]
LOCKED = "Tersimpan dan terkunci"
SLOW = 60_000  # a letter is read and locked in seconds, but other tests may keep both cores busy
LETTER = "skt_polisi.jpg"  # says TERLANTAR twice
NewPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=CALM)
        yield running
        running.close()


@pytest.fixture
def new_page(browser: Browser, product: Product) -> Iterator[NewPage]:
    """Pages in contexts of their own. In the end: no script failed, and nothing broke the content security policy."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            wrong.append(message.text)

    def make(user: User | None = None, **options: Any) -> Page:
        context = browser.new_context(base_url=product.url, **{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", listen)
        page.on("filechooser", lambda _: None)  # caught from the start: asking only when it opens can come too late
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        if user is not None:
            sign_in(page, user)
        return page

    yield make
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def clerk(product: Product) -> User:
    return product.user("petugas", clearance="rahasia")


@pytest.fixture(scope="module")
def sealed(product: Product, clerk: User) -> dict[str, Any]:
    """A letter of the clerk's unit, locked."""
    with product.client(clerk.token) as client:
        sent = client.post("/documents", files={"file": (LETTER, fresh(LETTER))}).raise_for_status().json()
        return settled(client, sent["id"])


@pytest.fixture(scope="module")
def held(product: Product, clerk: User) -> dict[str, Any]:
    """A letter that can't be read: a PDF cut off after its first bytes."""
    with product.client(clerk.token) as client:
        damaged = b"%PDF-1.7\n" + secrets.token_bytes(400)
        sent = client.post("/documents", files={"file": ("rusak.pdf", damaged)}).raise_for_status().json()
        return settled(client, sent["id"])


def fresh(sample: str) -> bytes:
    """A sample letter with a tail that makes its bytes new; readers of JPEG stop before it."""
    return (SAMPLES / sample).read_bytes() + secrets.token_bytes(8)


def as_file(name: str, data: bytes, media_type: str = "image/jpeg") -> Any:
    return {"name": name, "mimeType": media_type, "buffer": data}


def sign_in(page: Page, user: User) -> None:
    page.goto("/masuk")
    page.get_by_label("Nama pengguna").fill(user.name)
    page.get_by_label("Kata sandi").fill(user.password)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(lambda url: "/masuk" not in url)


def look_for(page: Page, words: str) -> str:
    """Search for them; the address of what was found, which does not hold them."""
    page.goto("/cari")
    page.get_by_label("Kata di dalam surat").fill(words)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert words not in page.url
    return page.url


def marked(page: Page, found: str) -> str:
    """The address of the first hit there, with its words marked."""
    page.goto(found)
    return str(page.locator(".hits a").first.get_attribute("href"))


def drop(page: Page, files: list[tuple[str, bytes]]) -> None:
    """Let files go over the frame, as from a folder window."""
    carried = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const [name, data] of files) {
                const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
                transfer.items.add(new File([bytes], name));
            }
            return transfer;
        }""",
        [[name, base64.b64encode(data).decode()] for name, data in files],
    )
    page.dispatch_event("#kirim", "drop", {"dataTransfer": carried})


def sent_item(page: Page, name: str) -> Any:
    return page.locator("#daftar > li").filter(has=page.locator(".name", has_text=name))


def addresses(sealed: dict[str, Any], held: dict[str, Any]) -> list[str]:
    """Every page, with something on it, as the records unit may see it."""
    letter = f"/arsip/{sealed['id']}"
    return [
        *("/unggah", "/arsip", "/arsip?tahap=held", letter, f"/arsip/{held['id']}"),
        *("/ketepatan", "/kembar", "/periksa", f"/periksa/{sealed['id']}"),
        *("/cari", "/catatan", "/bukti", "/penyimpanan", "/tidak-ada"),
        *("/prosedur", "/prosedur/pemulangan-tarakan", "/prosedur/pemulangan-kaltara"),
        *("/kasus", f"/kasus/baru?surat={sealed['id']}", f"/kasus/hubungkan?surat={sealed['id']}"),
    ]


def test_wrong_password_says_what_to_do(new_page: NewPage, clerk: User) -> None:
    page = new_page()
    page.goto("/arsip?tahap=held")
    expect(page).to_have_url("/masuk?lanjut=%2Farsip%3Ftahap%3Dheld")
    page.get_by_label("Nama pengguna").fill(clerk.name)
    page.get_by_label("Kata sandi").fill("bukan ini")
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("alert")).to_contain_text("Nama atau kata sandi salah. Periksa")
    expect(page.get_by_label("Nama pengguna")).to_have_value(clerk.name)
    page.get_by_label("Kata sandi").fill(clerk.password)
    page.keyboard.press("Enter")
    expect(page).to_have_url("/arsip?tahap=held")


def test_five_wrong_passwords_close_the_door_for_a_while(product: Product) -> None:
    user = product.user("petugas")
    # From an address of its own (all of 127/8 is this machine), so that no other test is shut out with it
    own = httpx.HTTPTransport(local_address="127.0.0.9")
    with httpx.Client(base_url=product.url, transport=own, headers={"Accept": "text/html"}) as client:
        tries = [client.post("/masuk", data={"nama": user.name, "sandi": "salah"}).status_code for _ in range(5)]
        refused = client.post("/masuk", data={"nama": user.name, "sandi": user.password})
    assert tries == [401] * 5
    assert (refused.status_code, "set-cookie" in refused.headers) == (429, False)
    assert "Tunggu" in refused.text


def test_sign_in_refuses_other_sites_forms(product: Product, clerk: User) -> None:
    form = {"nama": clerk.name, "sandi": clerk.password}
    refused = httpx.post(f"{product.url}/masuk", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)


def test_dropped_and_chosen_letters_become_locked(new_page: NewPage, clerk: User) -> None:
    page = new_page(clerk)
    expect(page).to_have_url("/unggah")
    page.evaluate(
        """() => {
            window.seen = [];
            const note = () => document.querySelectorAll("#daftar .badge").forEach((b) => seen.push(b.textContent));
            new MutationObserver(note).observe(document.querySelector("#daftar"),
                { childList: true, subtree: true, characterData: true });
        }"""
    )
    drop(page, [("dua halaman.tif", (SAMPLES / "formulir_layanan_sosial.tif").read_bytes() + secrets.token_bytes(8))])
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Pilih berkas").click()
    chooser.value.set_files([as_file("surat polisi.jpg", fresh(LETTER))])
    for name in ("dua halaman.tif", "surat polisi.jpg"):
        expect(sent_item(page, name).locator(".badge")).to_have_text(LOCKED, timeout=SLOW)
    expect(page.get_by_role("status")).to_have_text("2 berkas: 2 tersimpan dan terkunci.")
    seen = page.evaluate("seen")
    assert any(said.startswith("Mengirim") for said in seen)
    assert any(said.startswith("Sedang dibaca: ") and said.endswith("dari 2 halaman") for said in seen), set(seen)
    sent_item(page, "surat polisi.jpg").get_by_role("link", name="Buka surat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("surat polisi.jpg")


def test_same_letter_again_is_said_plainly(new_page: NewPage, clerk: User) -> None:
    page, data = new_page(clerk), fresh(LETTER)
    drop(page, [("pertama.jpg", data)])
    expect(sent_item(page, "pertama.jpg").locator(".badge")).to_have_text(LOCKED, timeout=SLOW)
    drop(page, [("salinan.jpg", data)])
    again = sent_item(page, "salinan.jpg")
    expect(again.locator(".badge")).to_have_text("Sudah ada di arsip")
    expect(again).to_contain_text("tidak disimpan dua kali")
    first = sent_item(page, "pertama.jpg").get_by_role("link").get_attribute("href")
    expect(again.get_by_role("link", name="Lihat surat yang sudah ada")).to_have_attribute("href", str(first))


def test_a_held_letter_sent_again_is_not_said_to_be_well(new_page: NewPage, clerk: User) -> None:
    page, damaged = new_page(clerk), b"%PDF-1.7\n" + secrets.token_bytes(400)
    for name in ("pertama.pdf", "salinan.pdf"):
        drop(page, [(name, damaged)])
        expect(sent_item(page, name).locator(".badge")).to_have_text("Tertahan", timeout=SLOW)
        expect(sent_item(page, name)).to_contain_text("Berkas rusak atau terpotong. Berkas asli sudah aman tersimpan")
    expect(page.get_by_role("status")).to_have_text("2 berkas: 2 tertahan.")


def test_refusals_say_why(new_page: NewPage, clerk: User) -> None:
    page = new_page(clerk)
    drop(page, [("gaji.pdf", b"MZ\x90\x00" + b"\0" * 600), ("kosong.pdf", b"")])
    program = sent_item(page, "gaji.pdf")
    expect(program.locator(".badge")).to_have_text("Ditolak")
    expect(program).to_contain_text("Jenis berkas tidak didukung. Isi berkas ini bukan PDF")
    expect(sent_item(page, "kosong.pdf")).to_contain_text("Berkas kosong. Berkas ini berisi 0 byte")
    expect(page.get_by_role("status")).to_have_text("2 berkas: 2 ditolak.")


def test_lost_connection_loses_nothing(new_page: NewPage, product: Product, clerk: User) -> None:
    page = new_page(clerk)

    def lose_answer(route: Route) -> None:
        route.fetch()  # the server takes the letter, but its answer never arrives
        route.abort()

    page.route("**/api/v1/documents", lose_answer, times=1)
    drop(page, [("putus.jpg", fresh(LETTER))])
    item = sent_item(page, "putus.jpg")
    expect(item).to_contain_text("Tidak ada yang hilang")
    item.get_by_role("button", name="Kirim ulang").click()
    expect(item.locator(".badge")).to_have_text(LOCKED, timeout=SLOW)
    with product.client(clerk.token) as client:
        names = [letter["filename"] for letter in client.get("/documents?limit=200").json()["documents"]]
    assert names.count("putus.jpg") == 1


def test_ended_session_loses_nothing(new_page: NewPage, clerk: User) -> None:
    page = new_page(clerk)
    page.context.clear_cookies()
    drop(page, [("sesi.jpg", fresh(LETTER))])
    item = sent_item(page, "sesi.jpg")
    expect(item).to_contain_text("Sesi Anda sudah berakhir")
    with page.context.expect_page() as opened:
        item.get_by_role("link", name="Masuk lagi").click()
    sign_in(opened.value, clerk)
    item.get_by_role("button", name="Kirim ulang").click()
    expect(item.locator(".badge")).to_have_text(LOCKED, timeout=SLOW)


def test_search_leads_to_the_marked_place(
    new_page: NewPage, product: Product, clerk: User, sealed: dict[str, Any]
) -> None:
    page = new_page(clerk)
    page.goto("/cari")
    page.get_by_label("Kata di dalam surat").fill("terlantar")
    page.keyboard.press("Enter")
    expect(page.locator(".hits mark").first).to_be_visible()
    page.locator(f'.hits a[href*="{sealed["id"]}"]').click()
    expect(page).to_have_url(re.compile(rf"/arsip/{sealed['id']}\?c=[\w-]+#halaman-1$"))
    expect(page.locator(".words mark")).to_have_text(["TERLANTAR", "terlantar"])
    with product.client(clerk.token) as client:
        read = client.get(f"/documents/{sealed['id']}/pages/1/words").json()["words"]
    truth = [word["box"] for word in read if word["text"].casefold() == "terlantar"]
    picture = page.locator(".picture img")
    expect(picture).to_have_js_property("complete", value=True)
    frame = picture.bounding_box()
    marks = page.locator(".marks rect")
    assert frame is not None
    assert marks.count() == len(truth) == 2
    for mark, (x0, y0, x1, y1) in zip(marks.all(), truth, strict=True):
        box = mark.bounding_box()
        assert box is not None
        left, top = (box["x"] - frame["x"]) / frame["width"], (box["y"] - frame["y"]) / frame["height"]
        right, bottom = left + box["width"] / frame["width"], top + box["height"] / frame["height"]
        assert [left, top, right, bottom] == pytest.approx([x0, y0, x1, y1], abs=0.006)


def thick_pdf(pages: int) -> bytes:
    """A PDF of so many pages with real text, each with a word of its own: `lembarke24` on page 24."""
    kids = " ".join(f"{2 * n + 4} 0 R" for n in range(pages))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {pages}/Kids[{kids}]>>"]
    objects.append("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    for n in range(pages):
        lines = f"(Surat keterangan lembarke{n + 1} tentang bantuan {secrets.token_hex(4)})Tj 0 -30 Td " + (
            "(Dengan ini diterangkan bahwa yang bersangkutan menerima bantuan sosial)Tj 0 -30 Td " * 12
        )
        content = f"BT /F 14 Tf 60 760 Td {lines}ET"
        resources = "/Resources<</Font<</F 3 0 R>>>>/MediaBox[0 0 595 842]"
        objects.append(f"<</Type/Page/Parent 2 0 R{resources}/Contents {2 * n + 5} 0 R>>")
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
    body, places = "%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj{text}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    return f"{body}{head}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n".encode()


def test_thick_file_opens_at_the_page_of_the_hit(new_page: NewPage, product: Product, clerk: User) -> None:
    with product.client(clerk.token) as client:
        sent = client.post("/documents", files={"file": ("tebal.pdf", thick_pdf(24))}).raise_for_status().json()
        assert settled(client, sent["id"])["stage"] == "sealed"
    page = new_page(clerk)
    look_for(page, "lembarke24")
    page.locator(".hits a").first.click()
    expect(page).to_have_url(re.compile(rf"/arsip/{sent['id']}\?c=[\w-]+&halaman=24#halaman-24$"))
    expect(page.locator("#halaman-24")).to_be_in_viewport()
    expect(page.locator("#halaman-24 .words mark")).to_have_text("lembarke24")
    parts = page.get_by_role("navigation", name="Bagian surat").get_by_role("link")
    expect(parts).to_have_text(["1–20", "21–24"])
    parts.first.click()
    expect(page.locator("section.page")).to_have_count(20)
    expect(page.locator("#riwayat")).to_contain_text("Dibaca mesin: halaman 1–24")


def test_views_stand_in_the_ledger(new_page: NewPage, product: Product, sealed: dict[str, Any]) -> None:
    officer = product.user("pejabat")
    page = new_page(officer)
    with page.expect_response(lambda r: "/pages/1/image" in r.url):
        page.goto(f"/arsip/{sealed['id']}")
    with product.client(officer.token) as client:
        me = client.get("/me").json()["id"]
        events = client.get(f"/documents/{sealed['id']}/events").json()["events"]
    mine = [(e["action"], e["digest"]) for e in events if e["actor"] == me]
    assert mine == [("text_viewed", sealed["sha256"]), ("page_viewed", sealed["sha256"])]


def test_letter_shows_itself_while_it_is_read(new_page: NewPage, product: Product, clerk: User) -> None:
    page = new_page(clerk)
    with product.client(clerk.token) as client:
        sent = client.post("/documents", files={"file": ("baru.jpg", fresh(LETTER))}).raise_for_status().json()
    page.goto("/arsip")
    row = page.locator(f'.letters [data-id="{sent["id"]}"]')
    beside = page.context.new_page()
    beside.goto(f"/arsip/{sent['id']}")
    expect(row.locator(".badge")).to_have_text(LOCKED, timeout=SLOW)
    expect(beside.locator("#keadaan .badge")).to_have_text(LOCKED, timeout=SLOW)
    expect(beside.get_by_role("link", name="Unduh PDF")).to_be_visible()
    expect(beside.locator(".words")).to_contain_text("TERLANTAR")


def test_a_letter_is_checked_by_keyboard(new_page: NewPage, product: Product) -> None:
    checker = product.user("petugas", f"unit-{secrets.token_hex(4)}")
    with product.client(checker.token) as client:
        sent = client.post("/documents", files={"file": ("disposisi.jpg", fresh("lembar_disposisi.jpg"))}).json()
        before = settled(client, sent["id"])
        page = new_page(checker)
        page.goto(f"/periksa/{sent['id']}")
        expect(page.get_by_label("Jenis surat")).to_have_value("lembar_disposisi")
        if not page.get_by_label("Perihal").is_visible():
            page.get_by_text("Isian lain").click()
        matter = page.get_by_label("Perihal")
        expect(matter).to_have_value(before["fields"]["perihal"]["text"])
        matter.focus()
        spot = page.locator("#lembar-1 .spot")
        assert float(spot.get_attribute("width") or 0) > 0  # the place on the paper is marked
        matter.fill("Permohonan bantuan pemulangan")
        doubtful = page.locator(".doubt input").all()
        for item in doubtful:  # Enter goes from one to the next, and after the last to the next letter
            item.focus()
            page.keyboard.press("Enter")
        if not doubtful:
            page.get_by_role("button", name="Semua benar, lanjut").focus()
            page.keyboard.press("Enter")
        expect(page.get_by_text("Tidak ada surat yang menunggu diperiksa")).to_be_visible()
        after = settled(client, sent["id"])
        assert after["fields"]["perihal"]["value"] == "Permohonan bantuan pemulangan"
        assert after["checked_at"] > before["sealed_at"]
        assert client.get("/checks").json() == {"waiting": 0, "documents": []}
    page.goto(f"/arsip/{sent['id']}")
    expect(page.locator("#isi-surat")).to_contain_text("Permohonan bantuan pemulangan")
    expect(page.locator("#riwayat")).to_contain_text("Diperiksa")


def test_two_scans_of_a_paper_are_decided_by_keyboard(new_page: NewPage, product: Product) -> None:
    checker = product.user("petugas", f"unit-{secrets.token_hex(4)}")
    printed = make_letter("surat_rujukan_rsud", 301).digital_pdf()
    with product.client(checker.token) as client:
        for name in ("pertama.pdf", "kedua.pdf"):
            file = (name, printed + b"\n%" + secrets.token_hex(8).encode())
            second = settled(client, client.post("/documents", files={"file": file}).json()["id"])
        (pair,) = client.get("/twins").json()["twins"]
        page = new_page(checker, viewport={"width": 360, "height": 740})
        page.goto(f"/arsip/{second['id']}")
        expect(page.locator("#keadaan")).to_contain_text("Mungkin surat yang sama dengan")
        page.locator("#keadaan").get_by_role("link", name="pertama.pdf").click()
        expect(page.get_by_role("heading", name="Apakah ini surat yang sama?")).to_be_visible()
        expect(page.get_by_role("img", name="Perbesar halaman 1 dari kedua.pdf")).to_be_visible()
        assert axe_findings(page) + overflow(page) == []
        page.keyboard.press("Enter")  # by accident
        page.keyboard.press("Control+s")
        assert client.get("/twins").json()["waiting"] == 1
        page.keyboard.press("s")
        expect(page.get_by_text("Tidak ada pasangan surat yang menunggu keputusan")).to_be_visible()
        page.goto(f"/arsip/{second['id']}")
        expect(page.locator("#keadaan")).to_contain_text("Surat yang sama: pertama.pdf")
        expect(page.locator("#riwayat")).to_contain_text("Surat kembar diputuskan: surat yang sama")
        page.get_by_role("link", name="Lihat keduanya").click()
        tab_to(page, "Batalkan keputusan")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/kembar/{pair['id']}")
        expect(page.get_by_role("button", name="Berbeda (B)")).to_be_visible()
        page.keyboard.press("b")
        expect(page.get_by_text("Surat yang berbeda")).to_be_visible()
        (told,) = client.get(f"/documents/{second['id']}/twins").json()["twins"]
        assert (told["id"], told["decision"]) == (pair["id"], "different")
    page.goto(f"/arsip/{second['id']}")
    expect(page.locator("#keadaan")).not_to_contain_text("pertama.pdf")


def test_another_kind_is_chosen_at_the_desk(new_page: NewPage, clerk: User, sealed: dict[str, Any]) -> None:
    page = new_page(clerk)
    page.goto(f"/periksa/{sealed['id']}")
    page.get_by_label("Jenis surat").select_option("ktp")
    page.get_by_role("button", name="Semua benar, lanjut").click()  # what was chosen is not lost: its fields come first
    page.wait_for_url("**?jenis=ktp")
    if not page.get_by_label("Agama").is_visible():
        page.get_by_text("Isian lain").click()
    expect(page.get_by_label("Agama")).to_be_visible()
    assert page.locator("input[name=jenis]").input_value() == "ktp"


def test_a_stack_is_split_by_keyboard_and_joined_again(new_page: NewPage, product: Product) -> None:
    checker = product.user("petugas", f"unit-{secrets.token_hex(4)}")
    papers = [make_letter(kind, 6).digital_pdf() for kind in ("tiket", "hasil_asesmen")]  # of 1 and 2 pages
    with product.client(checker.token) as client:
        file = ("tumpukan.pdf", stacked(papers, secrets.token_hex(8)))
        stack = settled(client, client.post("/documents", files={"file": file}).json()["id"])["id"]
        page = new_page(checker)
        page.goto("/periksa")
        page.wait_for_url(f"**/arsip/{stack}/belah")
        findings, too_wide = axe_findings(page), _on_a_phone(new_page, checker, f"/arsip/{stack}/belah")
        assert focused_value(page) == "2"  # the first cut that is proposed
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        expect(page.locator("#tombol-belah")).to_have_text("Belah menjadi 3 surat")
        page.keyboard.press("Space")
        tab_to(page, "Belah menjadi 2 surat")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/arsip/{stack}")
        letters = client.get(f"/documents/{stack}").json()["letters"]
        for document in (*(letter["id"] for letter in letters), stack):
            assert settled(client, document)["stage"] == "sealed"
        page.reload()
        expect(page.locator(".parts li")).to_contain_text([f"halaman 1 {LOCKED}", f"halaman 2–3 {LOCKED}"])
        for address in (f"/arsip/{stack}", f"/arsip/{letters[1]['id']}"):
            page.goto(address)
            findings += axe_findings(page)
            too_wide += _on_a_phone(new_page, checker, address)
        assert (findings, too_wide) == ([], [])
        page.get_by_role("link", name="tumpukan.pdf").click()
        page.get_by_text("Salah belah?").click()
        page.get_by_role("button", name="Gabungkan kembali").click()
        expect(page.get_by_role("link", name="Belah berkas ini")).to_be_visible(timeout=SLOW)
        expect(page.locator(".parts li")).to_have_count(0)
        page.goto(f"/arsip/{letters[0]['id']}")
        expect(page.get_by_text("sudah digabung kembali")).to_be_visible()
        for offer in ("Daftarkan di agenda", "Buka kasus", "Hubungkan ke kasus"):
            expect(page.get_by_role("link", name=offer)).to_have_count(0)
        page.goto("/arsip")
        expect(page.locator(".letters li")).to_have_count(1)


def test_a_stack_is_split_without_script(new_page: NewPage, product: Product) -> None:
    checker = product.user("petugas", f"unit-{secrets.token_hex(4)}")
    papers = [make_letter(kind, 7).digital_pdf() for kind in ("tiket", "hasil_asesmen")]
    with product.client(checker.token) as client:
        file = ("tumpukan.pdf", stacked(papers, secrets.token_hex(8)))
        stack = settled(client, client.post("/documents", files={"file": file}).json()["id"])["id"]
        page = new_page(checker, java_script_enabled=False)
        page.goto(f"/arsip/{stack}/belah")
        page.get_by_role("checkbox", name="Surat baru mulai di halaman 2").uncheck()
        page.get_by_role("checkbox", name="Surat baru mulai di halaman 3").check()
        page.get_by_role("button", name="Belah menurut tanda").click()
        page.wait_for_url(f"**/arsip/{stack}")
        letters = client.get(f"/documents/{stack}").json()["letters"]
    assert [(letter["first_page"], letter["last_page"]) for letter in letters] == [(1, 2), (3, 3)]


def _on_a_phone(new_page: NewPage, user: User, address: str) -> list[str]:
    page = new_page(user, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.goto(address)
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = [f"{address}: {wide} px"] if wide > 360 else []
    for target in page.locator("button:visible, a.button:visible, .mark:visible, .parts a:visible").all():
        box = target.bounding_box()
        if box is not None and box["height"] < 43.5:
            found.append(f"{address}: {target.inner_text()} is {box['height']} px high")
    return found


def focused_value(page: Page) -> str:
    return str(page.evaluate("document.activeElement.value"))


def test_a_case_is_opened_from_a_letter_and_worked(new_page: NewPage, clerk: User, sealed: dict[str, Any]) -> None:
    page = new_page(clerk)
    page.goto(f"/arsip/{sealed['id']}")
    page.get_by_role("link", name="Buka kasus", exact=True).click()
    expect(page.get_by_label("Nama klien")).not_to_be_empty()  # as the letter says it
    name = page.get_by_label("Nama klien").input_value()
    page.get_by_label("Prosedur").select_option("pemulangan-tarakan")
    page.get_by_role("button", name="Buka kasus").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(name)
    first, second = page.locator("#langkah-1"), page.locator("#langkah-2")
    expect(first.get_by_role("link", name="Surat keterangan terlantar")).to_be_visible()
    first.get_by_role("button", name="Selesai").click()  # its letter is there, so nobody asks why
    expect(first.locator("h3 .badge")).to_have_text("Selesai")
    second.get_by_text("Masuk cabang").first.click()
    second.get_by_label("Cabang").select_option("sakit")
    second.get_by_label("Alasan").nth(1).fill("Demam")
    second.get_by_role("button", name="Masuk cabang").click()
    expect(second.locator("h3 .badge")).to_have_text("Di cabang")
    expect(page.locator("#kurang")).to_contain_text("Surat rujukan ke Puskesmas atau RSUD belum ada")
    number = heading.inner_text().split(":")[0].removeprefix("Kasus ")
    page.goto("/kasus")
    line = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=f"{number} · {name}"))
    expect(line).to_contain_text("Menunggu: 2. Isi Formulir Layanan Sosial")
    page.goto(f"/kasus/baru?surat={sealed['id']}")  # the same client again: who it is has to be said
    page.get_by_label("Prosedur").select_option("rujukan-lk3-tarakan")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Buka kasus").click()
    expect(heading).to_contain_text(name)


def test_held_letter_says_why_and_can_be_tried_again(new_page: NewPage, clerk: User, held: dict[str, Any]) -> None:
    page = new_page(clerk)
    page.goto("/arsip?tahap=held")
    page.locator(f'a[href="/arsip/{held["id"]}"]').click()
    expect(page.get_by_role("alert")).to_contain_text("Berkas asli sudah aman tersimpan")
    page.get_by_role("button", name="Coba lagi").click()
    expect(page.locator("#riwayat")).to_contain_text("Dicoba lagi")
    expect(page.get_by_role("alert")).to_contain_text("Berkas asli sudah aman tersimpan", timeout=SLOW)


def test_downloads(new_page: NewPage, clerk: User, sealed: dict[str, Any]) -> None:
    page = new_page(clerk)
    page.goto(f"/arsip/{sealed['id']}")
    heads = {"Unduh asli": b"\xff\xd8\xff", "Unduh PDF": b"%PDF-", "Manifes": b"{"}
    for name, head in heads.items():
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert Path(download.value.path()).read_bytes().startswith(head)


def test_main_flow_by_keyboard_alone(new_page: NewPage, clerk: User) -> None:
    page = new_page()
    page.goto("/masuk")
    expect(page.get_by_label("Nama pengguna")).to_be_focused()
    page.keyboard.type(clerk.name)
    page.keyboard.press("Tab")
    page.keyboard.type(clerk.password)
    expect(page.get_by_label("Kata sandi")).to_have_value(clerk.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/unggah")
    page.keyboard.press("Tab")
    assert focused(page) == "Langsung ke isi"
    page.keyboard.press("Enter")
    tab_to(page, "Pilih berkas")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files([as_file("papan ketik.jpg", fresh(LETTER))])
    expect(sent_item(page, "papan ketik.jpg").locator(".badge")).to_have_text(LOCKED, timeout=SLOW)
    tab_to(page, "Buka surat")
    tab_to(page, "Cari", backwards=True)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cari")
    expect(page.get_by_label("Kata di dalam surat")).to_be_focused()
    page.keyboard.type("terlantar")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cari?c=*")
    tab_to(page, "papan ketik.jpg")
    page.keyboard.press("Enter")
    expect(page.locator(".words mark").first).to_be_visible()
    tab_to(page, "Keluar")
    page.keyboard.press("Enter")
    page.wait_for_url("**/masuk")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText ?? ''")).strip()


def tab_to(page: Page, name: str, *, backwards: bool = False) -> None:
    """Press Tab until the element of that name has the focus, and it shows that it has."""
    for _ in range(60):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if focused(page) == name:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"no way to {name} by Tab")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_axe_finding(
    new_page: NewPage, product: Product, sealed: dict[str, Any], held: dict[str, Any], scheme: str
) -> None:
    page = new_page(color_scheme=scheme)
    page.goto("/masuk")
    findings = axe_findings(page)
    sign_in(page, product.user("arsiparis", clearance="rahasia"))
    drop(page, [("a.pdf", b"MZ"), ("b.jpg", fresh(LETTER))])
    expect(page.get_by_role("status")).to_have_text("2 berkas: 1 tersimpan dan terkunci, 1 ditolak.", timeout=SLOW)
    findings += axe_findings(page)
    looked = [look_for(page, words) for words in ("terlantar", "takadakataini")]
    hit = marked(page, looked[0])
    for address in [*looked, hit, *addresses(sealed, held)[:: 1 if scheme == "light" else 2]]:
        page.goto(address)
        findings += axe_findings(page)
    assert findings == []


def axe_findings(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {v['id']}: {json.dumps([n['target'] for n in v['nodes']])}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def test_fits_a_small_phone(new_page: NewPage, product: Product, sealed: dict[str, Any], held: dict[str, Any]) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.goto("/masuk")
    too_wide = overflow(page)
    sign_in(page, product.user("arsiparis", clearance="rahasia"))
    expect(page.get_by_role("button", name="Foto dengan kamera")).to_be_visible()
    drop(page, [("nama-berkas-yang-sangat-panjang-tanpa-spasi-sama-sekali-" * 2 + ".pdf", b"MZ")])
    too_wide += overflow(page)
    looked = [look_for(page, words) for words in ("terlantar", "takadakataini")]
    for address in [*looked, marked(page, looked[0]), *addresses(sealed, held)]:
        page.goto(address)
        too_wide += overflow(page)
    assert too_wide == []


def overflow(page: Page) -> list[str]:
    """The page's address when it is wider than the phone, and each thing to press that is too small for a finger."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = [f"{page.url}: {wide} px"] if wide > 360 else []
    for target in page.locator("button:visible, a.button:visible, input:visible, select:visible, nav a:visible").all():
        box = target.bounding_box()
        if box is not None and box["height"] < 43.5:
            found.append(f"{page.url}: {target.inner_text()} is {box['height']} px high")
    return found


def test_a_letter_that_was_often_looked_at_stays_light(new_page: NewPage, clerk: User, sealed: dict[str, Any]) -> None:
    page = new_page(clerk)
    for _ in range(25):
        page.request.get(f"/arsip/{sealed['id']}")
    page.goto(f"/arsip/{sealed['id']}")
    expect(page.locator("#riwayat li")).to_have_count(10)
    page.get_by_role("link", name="catatan yang lebih lama").click()
    expect(page.locator("#riwayat li").first).to_contain_text("Surat diterima")
    assert page.locator("#riwayat li").count() > 10
    expect(page.get_by_role("link", name="catatan yang lebih lama")).to_have_count(0)


def test_pages_are_light(new_page: NewPage, clerk: User, sealed: dict[str, Any]) -> None:
    page = new_page(clerk)
    found = look_for(page, "terlantar")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    for address in ("/unggah", "/arsip", f"/arsip/{sealed['id']}", found):
        answers.clear()
        page.goto(address)
        sizes = {a.url: len(a.body()) for a in answers if a.request.resource_type in LIGHT}
        assert 2 <= len(sizes) <= 5, sizes
        assert sum(sizes.values()) < 30_000, sizes


LIGHT = ("document", "stylesheet", "script")


def test_hostile_names_stay_text(new_page: NewPage, clerk: User) -> None:
    hostile = "<img src=x onerror=alert(1)>'&.jpg"
    page = new_page(clerk)
    drop(page, [(hostile, fresh(LETTER))])
    item = sent_item(page, hostile)
    expect(item.locator(".badge")).to_have_text(LOCKED, timeout=SLOW)
    address = item.get_by_role("link", name="Buka surat").get_attribute("href")
    for place in (address, "/arsip", look_for(page, "terlantar")):
        page.goto(str(place))
        assert page.locator("img[src=x]").count() == 0
        expect(page.get_by_text(hostile).first).to_be_visible()
    look_for(page, '"><img src=x onerror=alert(1)>')
    assert page.locator("img[src=x]").count() == 0


def test_what_is_not_there_for_somebody(new_page: NewPage, product: Product, sealed: dict[str, Any]) -> None:
    page = new_page(product.user("petugas", unit="lain"))
    for address in (f"/arsip/{sealed['id']}", "/arsip/00000000-0000-0000-0000-000000000000", "/arsip/x", "/tidak-ada"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("Tidak ditemukan")
    look_for(page, "terlantar")
    expect(page.get_by_role("status")).to_contain_text("Tidak ada halaman yang memuat semua kata itu")


WORK = ["Unggah", "Periksa", "Agenda", "Disposisi", "Arsip", "Cari", "Kasus", "Berkas", "Retensi", "Prosedur"]
RECORDS = [*WORK, "Penyusutan", "Catatan", "Ekspor", "Bukti", "Penyimpanan"]
MENUS = {
    "petugas": WORK,
    "pejabat": ["Agenda", "Disposisi", "Arsip", "Cari", "Kasus", "Berkas", "Retensi", "Prosedur", "Penyusutan"],
    "arsiparis": RECORDS,
    "auditor": ["Agenda", "Retensi", "Catatan", "Bukti", "Penyimpanan", "Laporan"],
    "admin": RECORDS,
}


@pytest.mark.parametrize("role", MENUS)
def test_menu_and_pages_of_a_role(new_page: NewPage, product: Product, role: str) -> None:
    page = new_page(product.user(role))
    menu = page.get_by_role("navigation", name="Menu utama").get_by_role("link")
    expect(menu).to_have_text(MENUS[role])
    begins = {"pejabat": "/cari", "auditor": "/catatan"}
    expect(page).to_have_url(begins.get(role, "/unggah"))
    for name in RECORDS:
        answer = page.goto(f"/{name.lower()}")
        assert answer is not None
        assert answer.status == (200 if name in MENUS[role] else 403)
    expect(page.get_by_role("banner")).to_contain_text("Keluar")


def test_signing_out_ends_the_session(new_page: NewPage, product: Product, clerk: User) -> None:
    page = new_page(clerk)
    kept = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    assert [(c["httpOnly"], c["sameSite"]) for c in page.context.cookies()] == [(True, "Lax")]
    asked = {"cookies": kept, "headers": {"Accept": "text/html"}}
    with httpx.Client(base_url=product.url, **asked) as thief:
        assert thief.get("/arsip").status_code == 200
        assert thief.post("/keluar").status_code == 403  # without the page's own token
        page.get_by_role("button", name="Keluar").click()
        expect(page).to_have_url("/masuk")
        assert thief.get("/arsip").headers["location"] == "/masuk?lanjut=%2Farsip"
        assert thief.get("/api/v1/me").status_code == 401
