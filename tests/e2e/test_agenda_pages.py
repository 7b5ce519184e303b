"""The agenda as a clerk works in it: Chromium against the whole running product, by keyboard, on a phone, with axe."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.inside import nonce, text_pdf
from tests.e2e.test_pages import NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, User, settled

__all__ = ["browser", "new_page"]

YEAR = datetime.now(ZoneInfo("Asia/Makassar")).year


def letter(number: int) -> bytes:
    """A letter with real text, which needs no recognition."""
    return text_pdf(
        "Pengirim : Kelurahan Karang Anyar",
        f"Nomor : 460/{number}/KRA/IX/2025",
        "Tanggal : 10 September 2025",
        "Sifat : Segera",
        "Hal : Permohonan bantuan pemulangan",
        nonce(),
    )


@pytest.fixture
def clerk(product: Product) -> User:
    """Somebody of a unit whose books are still empty."""
    return product.user("petugas", unit=f"unit-{nonce()}")


@pytest.fixture
def letters(product: Product, clerk: User) -> list[str]:
    """Three letters of the clerk's unit, sealed."""
    with product.client(clerk.token) as client:
        sent = [client.post("/documents", files={"file": (f"{n}.pdf", letter(n))}).json() for n in (1, 2, 3)]
        assert {settled(client, one["id"])["stage"] for one in sent} == {"sealed"}
    return [one["id"] for one in sent]


def book(product: Product, clerk: User, kind: str) -> list[dict[str, Any]]:
    with product.client(clerk.token) as client:
        return client.get("/agenda", params={"book": kind, "year": YEAR}).raise_for_status().json()["lines"]


def queue_at(page: Page, letter: str) -> None:
    """Wait until that letter stands in the queue and takes keys."""
    page.wait_for_url(lambda url: letter in url)
    expect(page.get_by_label("Asal surat")).to_be_focused()


def test_letters_are_registered_by_keyboard_alone(
    new_page: NewPage, product: Product, clerk: User, letters: list[str]
) -> None:
    page = new_page(clerk)
    page.goto("/agenda")
    page.get_by_role("link", name="Daftarkan surat (3)").press("Enter")
    queue_at(page, letters[0])
    expect(page.get_by_label("Derajat")).to_have_value("segera")
    expect(page.get_by_label("Sifat")).to_have_value("biasa")
    page.keyboard.press("Enter")  # the one key press
    queue_at(page, letters[1])
    expect(page.get_by_role("status")).to_have_text("Terdaftar: surat masuk nomor 1.")
    page.keyboard.press("Escape")  # passed over
    queue_at(page, letters[2])
    page.keyboard.press("Tab")
    expect(page.get_by_label("Nomor surat")).to_be_focused()
    page.keyboard.type("460/1/BARU/XI/2026")
    page.keyboard.press("Enter")
    queue_at(page, letters[1])
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tidak ada surat yang menunggu didaftarkan")).to_be_visible()
    lines = book(product, clerk, "masuk")
    assert [(line["number"], line["entry"]["document"]) for line in lines] == [
        (1, letters[0]), (2, letters[2]), (3, letters[1]),
    ]  # fmt: skip
    assert lines[0]["entry"]["subject"] == "Permohonan bantuan pemulangan"
    assert (lines[0]["entry"]["letter_date"], lines[0]["entry"]["urgency"]) == ("2025-09-10", "segera")
    assert lines[1]["entry"]["letter_number"] == "460/1/BARU/XI/2026"


def test_what_is_typed_wrongly_is_shown_again_and_enters_nothing(
    new_page: NewPage, product: Product, clerk: User, letters: list[str]
) -> None:
    page = new_page(clerk)
    page.goto(f"/agenda/antrean/{letters[0]}")
    page.get_by_label("Tanggal surat").fill("entah kapan")
    page.get_by_label("Keterangan").fill("diantar sendiri")
    page.get_by_label("Keterangan").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("tulis seperti 20 November 2026")
    expect(page.get_by_label("Keterangan")).to_have_value("diantar sendiri")
    page.get_by_label("Tanggal surat").fill("3-11-2026")
    page.get_by_label("Tanggal surat").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Terdaftar: surat masuk nomor 1.")
    [line] = book(product, clerk, "masuk")
    assert (line["entry"]["letter_date"], line["entry"]["note"]) == ("2026-11-03", "diantar sendiri")


def test_an_outgoing_letter_from_draft_to_sent(
    new_page: NewPage, product: Product, clerk: User, letters: list[str]
) -> None:
    page = new_page(clerk)
    page.goto(f"/agenda/antrean/{letters[0]}")
    page.get_by_role("link", name="Surat keluar").click()
    page.get_by_label("Tujuan").fill("Dinas Sosial Kabupaten Donggala")
    page.get_by_label("Masih draf").check()
    page.get_by_role("button", name="Daftarkan").click()
    page.get_by_role("link", name="draf surat keluar").click()
    for step in ("paraf", "ttd", "nomor"):
        page.get_by_label("Langkah berikutnya").select_option(step)
        page.get_by_role("button", name="Catat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Surat keluar nomor 1")
    page.get_by_label("Langkah berikutnya").select_option("terkirim")
    page.get_by_label("Bukti").fill(f"{product.url}/arsip/{letters[2]}?q=x#halaman-1")
    page.get_by_role("button", name="Catat").click()
    steps = page.locator("#judul-langkah + ol li b")
    expect(steps).to_have_text(["Draf", "Paraf", "Nomor", "Tanda tangan", "Terkirim"])
    expect(page.get_by_label("Langkah berikutnya")).to_have_count(0)
    page.goto(f"/arsip/{letters[2]}")
    expect(page.get_by_role("link", name="surat keluar nomor 1")).to_be_visible()


def test_a_file_that_is_no_letter_and_an_entry_that_was_a_mistake(
    new_page: NewPage, product: Product, clerk: User, letters: list[str]
) -> None:
    page = new_page(clerk)
    page.goto(f"/agenda/antrean/{letters[0]}")
    page.get_by_text("Bukan surat untuk agenda").click()
    page.get_by_label("Alasan").fill("lampiran surat lain")
    page.get_by_label("Alasan").press("Enter")
    queue_at(page, letters[1])
    page.keyboard.press("Enter")
    queue_at(page, letters[2])
    page.get_by_role("link", name="surat masuk nomor 1").click()
    page.get_by_text("Batalkan surat masuk nomor 1").click()
    page.get_by_label("Alasan").fill("salah buku")
    page.get_by_role("button", name="Batalkan nomor ini").click()
    expect(page.get_by_role("status")).to_contain_text("salah buku")
    page.goto("/agenda")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Batal: salah buku")
    expect(page.get_by_role("link", name="Daftarkan surat (2)")).to_be_visible()


def test_every_page_of_the_agenda_fits_a_phone_and_pleases_axe(
    new_page: NewPage, product: Product, clerk: User, letters: list[str]
) -> None:
    with product.client(clerk.token) as client:
        line = {"book": "masuk", "party": "Kelurahan", "subject": "Permohonan " * 20}
        masuk = client.post(f"/documents/{letters[0]}/agenda", json=line).json()["id"]
        draft = {**line, "book": "keluar", "code": "400.9.4.1", "numbered": False}
        keluar = client.post(f"/documents/{letters[1]}/agenda", json=draft).json()["id"]
        client.post(f"/agenda/entries/{masuk}/cancel", json={"reason": "keliru " * 20}).raise_for_status()
    addresses = ("/agenda", "/agenda?buku=keluar", f"/agenda/nomor/{masuk}", f"/agenda/nomor/{keluar}")
    addresses += (f"/agenda/antrean/{letters[2]}", "/agenda/surat-keluar", f"/arsip/{letters[0]}")
    phone = new_page(clerk, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    desktop = new_page(clerk, color_scheme="dark")
    wrong: list[str] = []
    for address in addresses:
        phone.goto(address)
        wrong += overflow(phone) + axe_findings(phone)
        desktop.goto(address)
        wrong += axe_findings(desktop)
    assert wrong == []


def test_a_book_for_somebody_who_may_not_see_its_letters(
    new_page: NewPage, product: Product, clerk: User, letters: list[str]
) -> None:
    with product.client(clerk.token) as client:
        client.post(
            f"/documents/{letters[0]}/agenda", json={"book": "masuk", "party": "Kelurahan", "subject": "Permohonan"}
        ).raise_for_status()
    page = new_page(product.user("auditor"))
    page.goto(f"/agenda?unit={clerk.unit}")
    expect(page.get_by_role("row").nth(1)).to_contain_text("tertutup bagi Anda")
    assert "Permohonan" not in page.content()
    with product.client(product.user("auditor").token) as client:
        lines = client.get("/agenda", params={"unit": clerk.unit, "year": YEAR}).json()["lines"]
        assert "Permohonan" not in json.dumps(lines)
