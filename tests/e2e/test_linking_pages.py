"""Letters find their case, as a clerk sees it in Chromium: one by itself, one by one key press, and the way back."""

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.assets.letter import Letter, make_letter
from tests.e2e.inside import nonce, superuser
from tests.e2e.test_pages import NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, User, settled, until

__all__ = ["browser", "new_page"]

SEED = 2107
SKT, FORM = make_letter("skt_polisi", SEED), make_letter("formulir_layanan_sosial", SEED)


@pytest.fixture
def clerk(product: Product) -> User:
    """Somebody of a unit without cases."""
    return product.user("petugas", unit=f"unit-{nonce()}")


def sent(product: Product, clerk: User, letter: Letter) -> str:
    """The letter as an office program prints it, in bytes of its own, sealed."""
    data = letter.digital_pdf() + b"\n%" + uuid4().hex.encode()
    with product.client(clerk.token) as client:
        made = client.post("/documents", files={"file": (f"{letter.kind}.pdf", data)}).raise_for_status().json()["id"]
        assert settled(client, made)["stage"] == "sealed"
    return str(made)


def opened(product: Product, clerk: User, name: str, nik: str | None) -> dict[str, Any]:
    with product.client(clerk.token) as client:
        new = {"sop": "pemulangan-tarakan", "person": {"name": name, "nik": nik}}
        case: dict[str, Any] = client.post("/cases", json=new).raise_for_status().json()
    return case


def letters_of(product: Product, clerk: User, case: str) -> list[tuple[str, int, bool]]:
    with product.client(clerk.token) as client:
        found = client.get(f"/cases/{case}").json()["letters"]
    return [(one["document"], one["step"], one["certain"]) for one in found]


def first_proposed(product: Product, clerk: User, letter: str) -> tuple[str | None, int] | None:
    with product.client(clerk.token) as client:
        found = client.get(f"/documents/{letter}/proposals").raise_for_status().json()["proposals"]
    return (found[0]["case"], found[0]["step"]) if found else None


def test_a_letter_that_is_certain_links_itself_and_is_taken_off(
    new_page: NewPage, product: Product, clerk: User
) -> None:
    case = opened(product, clerk, SKT.fields["nama"], SKT.fields["nik"])
    letter = sent(product, clerk, SKT)
    assert letters_of(product, clerk, case["id"]) == [(letter, 1, True)]
    page = new_page(clerk)
    page.goto(f"/kasus/{case['id']}")
    expect(page.get_by_text(re.compile("dihubungkan sistem .*NIK sama"))).to_be_visible()
    expect(page.locator(".history li").first).to_contain_text("Sistem")
    page.get_by_role("link", name="Surat dihubungkan").click()
    section = page.locator("#kasus")
    expect(section).to_contain_text("dihubungkan sistem: NIK sama")
    section.get_by_role("button", name="Lepas dari kasus ini").click()
    expect(section).not_to_contain_text("dihubungkan sistem")
    assert letters_of(product, clerk, case["id"]) == []


def test_a_letter_that_is_not_locked_yet_says_so_until_it_is(new_page: NewPage, product: Product, clerk: User) -> None:
    case = opened(product, clerk, SKT.fields["nama"], SKT.fields["nik"])
    letter = sent(product, clerk, SKT)
    with superuser(product) as connection:  # as a check does, and a worker that holds it for long
        connection.execute(
            "UPDATE document SET stage = 'filed', sealed_at = NULL, manifest_key = NULL, manifest_version = NULL,"
            " attempts = 0, lease_until = now() + interval '1 hour' WHERE id = %s",
            (letter,),
        )
    page = new_page(clerk)
    page.goto(f"/kasus/{case['id']}")
    step = page.locator("#langkah-1")
    expect(step.locator(".marked")).to_contain_text("belum terkunci di arsip")
    expect(step.get_by_text("Keluaran:")).to_contain_text("belum terkunci di arsip. Penguncian berjalan sendiri")
    expect(step.get_by_role("button", name="Selesai")).not_to_have_attribute("data-key", "s")
    step.get_by_label("Alasan").first.fill("contoh")
    with superuser(product) as connection:
        connection.execute("UPDATE document SET lease_until = now() WHERE id = %s", (letter,))
    with product.client(clerk.token) as client:
        assert settled(client, letter)["stage"] == "sealed"
    expect(step.get_by_text("belum terkunci di arsip").first).to_be_visible()  # while somebody writes, nothing moves
    step.get_by_label("Alasan").first.fill("")
    step.get_by_label("Alasan").first.blur()
    expect(page.get_by_text("belum terkunci di arsip")).to_have_count(0)
    page.keyboard.press("s")
    expect(page.locator("#langkah-1 .badge")).to_have_text("Selesai")


def test_one_key_links_a_letter_that_waits(new_page: NewPage, product: Product, clerk: User) -> None:
    case = opened(product, clerk, FORM.fields["nama"], None)
    letters = [sent(product, clerk, FORM) for _ in range(3)]
    for letter in letters:
        until(lambda letter=letter: first_proposed(product, clerk, letter) == (case["id"], 2))
    page = new_page(clerk)
    page.goto("/kasus")
    page.get_by_role("link", name="Menunggu dihubungkan (3)").click()
    at(page, letters[0])
    expect(page.locator(".proposals li").first).to_contain_text(f"{case['number']} · {case['client']['name']}")
    page.keyboard.press("l")  # passed over
    at(page, letters[1])
    page.keyboard.press("Enter")
    at(page, letters[0])
    assert letters_of(product, clerk, case["id"]) == [(letters[1], 2, False)]
    expect(page.get_by_role("status")).to_contain_text(f"dihubungkan ke kasus {case['number']}, langkah 2")
    page.get_by_role("button", name="Batalkan").click()
    page.wait_for_url(lambda url: letters[1] in url)
    assert letters_of(product, clerk, case["id"]) == []
    until(lambda: first_proposed(product, clerk, letters[2]) == (case["id"], 2))
    page.goto(f"/kasus/hubungkan?surat={letters[2]}")
    page.keyboard.press("1")
    page.wait_for_url(f"**/kasus/{case['id']}*")
    until(lambda: letters_of(product, clerk, case["id"]) == [(letters[2], 2, False)])
    for letter in letters[:2]:  # the step has its letter: another one would open a new case
        until(lambda letter=letter: first_proposed(product, clerk, letter) == (None, 1))
    page.goto("/kasus/antrean")
    for letter in letters[:2]:
        at(page, letter)
        page.keyboard.press("t")
    expect(page.get_by_text("Tidak ada surat yang menunggu dihubungkan")).to_be_visible()


def at(page: Page, letter: str) -> None:
    """Wait until that letter stands in the queue."""
    page.wait_for_url(lambda url: letter in url)
    expect(page.locator(".proposals [data-key='1']")).to_be_focused()


def test_a_letter_that_opens_a_case_proposes_that(new_page: NewPage, product: Product, clerk: User) -> None:
    letter = sent(product, clerk, SKT)
    page = new_page(clerk)
    page.goto(f"/arsip/{letter}")
    page.keyboard.press("1")
    page.wait_for_url("**/kasus/baru*")
    expect(page.get_by_label("Nama klien")).to_have_value(re.compile(SKT.fields["nama"], re.IGNORECASE))
    expect(page.get_by_label("Prosedur")).to_have_value("pemulangan-tarakan")


def test_the_command_tells_and_declines(product: Product, clerk: User) -> None:
    case = opened(product, clerk, FORM.fields["nama"], None)
    letter = sent(product, clerk, FORM)
    until(lambda: first_proposed(product, clerk, letter) == (case["id"], 2))
    assert f"kasus {case['number']} {case['id']}, langkah 2" in product.arsip("case", "proposals", letter).stdout
    assert letter in product.arsip("case", "waiting", "--limit", "200").stdout
    assert "Usulan ditolak." in product.arsip("case", "proposals", letter, "--decline").stdout
    assert product.arsip("case", "proposals", letter).stdout == "Tidak ada usulan.\n"
    assert letter not in product.arsip("case", "waiting", "--limit", "200").stdout


def test_the_branch_to_counselling_names_both_cases(new_page: NewPage, product: Product, clerk: User) -> None:
    case = opened(product, clerk, "Budi Contoh", None)
    with product.client(clerk.token) as client:
        client.post(f"/cases/{case['id']}/steps/1", json={"action": "skip", "reason": "contoh"}).raise_for_status()
    page = new_page(clerk)
    page.goto(f"/kasus/{case['id']}")
    step = page.locator("#langkah-2")
    step.get_by_text("Masuk cabang").first.click()
    step.get_by_label("Cabang").select_option("stres")
    step.get_by_label("Alasan").nth(1).fill("Klien sangat tertekan")
    step.get_by_role("button", name="Masuk cabang").click()
    page.get_by_text("Cabang langkah 2 menjadi").get_by_role("link").click()
    expect(page.get_by_text("Cabang dari")).to_contain_text(f"kasus {case['number']}")
    expect(page.locator(".lead")).to_contain_text("Lembaga Konsultasi Kesejahteraan Keluarga")


def test_the_pages_are_for_everybody_and_fit_a_phone(new_page: NewPage, product: Product, clerk: User) -> None:
    opened(product, clerk, FORM.fields["nama"], None)
    letter = sent(product, clerk, FORM)
    addresses = (f"/kasus/hubungkan?surat={letter}&antrean=true", f"/arsip/{letter}", "/kasus")
    page = new_page(clerk)
    for address in addresses:
        page.goto(address)
        assert axe_findings(page) == [], address
    phone = new_page(clerk, viewport={"width": 360, "height": 740})
    for address in addresses:
        phone.goto(address)
        assert overflow(phone) == [], address
