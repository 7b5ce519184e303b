"""The desk Periksa as a clerk uses it, letter after letter, by keyboard alone and on a phone."""

import json
import secrets
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.assets.letter import make_letter
from tests.e2e.inside import superuser
from tests.e2e.test_pages import NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, User, settled

__all__ = ["browser", "new_page"]

LETTERS = 3
SECOND = "Bacaan Orang Kedua"
EMPTY = "Tidak ada surat yang menunggu diperiksa"


@pytest.fixture
def clerk(product: Product) -> User:
    """A clerk of a unit of their own: nobody else's letters wait at this desk."""
    return product.user("petugas", f"unit-{secrets.token_hex(4)}")


@pytest.fixture
def letters(product: Product, clerk: User) -> list[dict[str, Any]]:
    """Letters of which only the name is in doubt: two readers read it differently.

    They came as PDFs with real text, which are read in a moment.
    """
    with product.client(clerk.token) as client:
        made = [make_letter("skt_polisi", seed).digital_pdf() + secrets.token_bytes(8) for seed in range(LETTERS)]
        sent = [
            client.post("/documents", files={"file": (f"surat {n}.pdf", data)}).raise_for_status().json()["id"]
            for n, data in enumerate(made)
        ]
        found = [settled(client, one) for one in sent]
    for letter in found:
        fields = {name: {**field, "sure": name != "nama", "failed": []} for name, field in letter["fields"].items()}
        fields["nama"]["other"] = SECOND
        with superuser(product) as connection:
            connection.execute(
                "UPDATE document SET fields = %s, doubt = 2, sampled = false WHERE id = %s",
                (json.dumps(fields), letter["id"]),
            )
    return found


def _open_desk(page: Page) -> None:
    """To the desk from wherever a sign-in leads, by keyboard: Tab to the menu, Enter."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Periksa":
            page.keyboard.press("Enter")
            page.wait_for_url("**/periksa/*")
            return
    raise AssertionError("no way to the desk by Tab")


def _next(page: Page, keys: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(keys)


def test_several_letters_by_keyboard_alone(
    new_page: NewPage, product: Product, clerk: User, letters: list[dict[str, Any]]
) -> None:
    page = new_page(clerk)
    _open_desk(page)
    name = page.get_by_label("Nama", exact=True)
    expect(name).to_be_focused()  # what is doubtful, at once
    expect(page.locator(".doubt input")).to_have_count(1)
    expect(page.get_by_text("dua pembacaan berbeda")).to_be_visible()
    expect(page.locator("details")).not_to_have_attribute("open", "")  # what is certain is folded away
    right = name.input_value()
    _next(page, "Enter")  # the first reading is right

    expect(name).to_be_focused()
    first = name.input_value()
    page.keyboard.press("F2")
    expect(name).to_have_value(SECOND)
    page.keyboard.press("F2")
    expect(name).to_have_value(first)
    page.keyboard.press("Tab")  # or by Tab, as every button
    expect(page.get_by_role("button", name="Bacaan 2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(name).to_have_value(SECOND)
    expect(name).to_be_focused()
    _next(page, "Enter")

    page.keyboard.type("Nama Yang Diketik")  # what stood there was selected
    _next(page, "Control+Enter")  # all right, from wherever one is
    expect(page.get_by_text(EMPTY)).to_be_visible()
    with product.client(clerk.token) as client:
        told = {settled(client, letter["id"])["fields"]["nama"]["value"] for letter in letters}
        assert client.get("/checks").json()["waiting"] == 0
    assert told == {right, SECOND, "Nama Yang Diketik"}


def test_what_the_office_said_twice_is_suggested(
    new_page: NewPage, product: Product, clerk: User, letters: list[dict[str, Any]]
) -> None:
    official = "Puangrea Sarungallu, S.Sos."
    with product.client(clerk.token) as client:
        for letter in letters[:2]:
            said = {name: field["text"] for name, field in letter["fields"].items()} | {"penandatangan": official}
            kind = letter["kind"]["value"]
            client.post(f"/documents/{letter['id']}/check", json={"kind": kind, "fields": said}).raise_for_status()
    page = new_page(clerk)
    page.goto(f"/periksa/{letters[2]['id']}")
    suggested = page.locator("#kata-penandatangan option")
    expect(suggested).to_have_count(1)
    expect(suggested).to_have_attribute("value", official)
    assert page.locator("#kata-nama").count() == 0  # never a client's name
    colleague = product.user("petugas", clerk.unit, clearance="biasa")
    with product.client(colleague.token) as client:  # who may not see those letters sees none of their words
        assert client.get(f"/documents/{letters[2]['id']}").status_code == 404


def test_a_sample_is_marked_and_looked_at_whole(
    new_page: NewPage, product: Product, clerk: User, letters: list[dict[str, Any]]
) -> None:
    letter = letters[0]
    with superuser(product) as connection:
        connection.execute("UPDATE document SET doubt = 0 WHERE unit = %s", (clerk.unit,))
        connection.execute(
            "UPDATE document SET sampled = true, fields = jsonb_set(fields, '{nama,sure}', 'true') WHERE id = %s",
            (letter["id"],),
        )
    page = new_page(clerk)
    page.goto("/periksa")
    expect(page.locator(".badge")).to_have_text("Contoh acak")
    fields = page.locator(".items input")
    expect(fields.first).to_be_focused()
    for _ in range(fields.count() - 1):
        page.keyboard.press("Enter")
    _next(page, "Enter")
    expect(page.get_by_text(EMPTY)).to_be_visible()
    with product.client(clerk.token) as client:
        (told,) = client.get("/accuracy").raise_for_status().json()["samples"]
    assert (told["kind"], told["letters"], told["right"]) == (letter["kind"]["value"], 1, 1)
    assert told["facts"] == told["facts_right"] == len(letter["fields"]) + 1
    page.goto("/ketepatan")
    expect(page.get_by_role("region", name="Surat yang tersimpan tanpa bertanya")).to_contain_text(
        "1 dari 1 contoh acak"
    )
    assert axe_findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_readings_on_a_phone(new_page: NewPage, clerk: User, letters: list[dict[str, Any]], scheme: str) -> None:
    page = new_page(clerk, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, color_scheme=scheme)
    page.goto(f"/periksa/{letters[0]['id']}")
    page.get_by_role("button", name="Bacaan 2").tap()
    expect(page.get_by_label("Nama", exact=True)).to_have_value(SECOND)
    assert overflow(page) == []
    assert axe_findings(page) == []
    page.get_by_role("button", name="Semua benar, lanjut").tap()
    page.wait_for_url(lambda url: letters[0]["id"] not in url)
