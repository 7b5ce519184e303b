"""The letters of one stack are linked to their case by one key, also a list that names nobody."""

import secrets
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.assets.letter import make_letter
from tests.assets.stacked import sheet, stacked
from tests.e2e.inside import nonce
from tests.e2e.test_pages import NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, User, settled, until

__all__ = ["browser", "new_page"]

SEED = 2117
SKT, FORM, LIST = (make_letter(kind, SEED) for kind in ("skt_polisi", "formulir_layanan_sosial", "daftar_tanda_terima"))


@pytest.fixture
def clerk(product: Product) -> User:
    """Somebody of a unit without cases."""
    return product.user("petugas", unit=f"unit-{nonce()}")


def scanned(product: Product, clerk: User) -> list[str]:
    """The three letters with separator sheets between them, split and sealed."""
    papers = [SKT.digital_pdf(), sheet(), FORM.digital_pdf(), sheet(), LIST.digital_pdf()]
    with product.client(clerk.token) as client:
        sent = client.post("/documents", files={"file": ("tumpukan.pdf", stacked(papers, secrets.token_hex(8)))})
        stack = sent.raise_for_status().json()["id"]
        letters = until(lambda: client.get(f"/documents/{stack}").json()["letters"], timeout=120)
        assert [settled(client, one["id"])["kind"]["value"] for one in letters] == [SKT.kind, FORM.kind, LIST.kind]
    return [str(one["id"]) for one in letters]


def opened(product: Product, clerk: User, name: str) -> str:
    with product.client(clerk.token) as client:
        new = {"sop": "pemulangan-tarakan", "person": {"name": name}}
        return str(client.post("/cases", json=new).raise_for_status().json()["id"])


def proposed(product: Product, clerk: User, letter: str) -> str | None:
    with product.client(clerk.token) as client:
        found = client.get(f"/documents/{letter}/proposals").raise_for_status().json()["proposals"]
    return found[0]["case"] if found else None


def letters_of(product: Product, clerk: User, case: str) -> list[tuple[str, int]]:
    with product.client(clerk.token) as client:
        told: dict[str, Any] = client.get(f"/cases/{case}").raise_for_status().json()
    return [(one["document"], one["step"]) for one in told["letters"]]


def test_one_key_links_the_whole_stack(new_page: NewPage, product: Product, clerk: User) -> None:
    skt, form, receipts = scanned(product, clerk)
    case = opened(product, clerk, SKT.fields["nama"])
    until(lambda: {proposed(product, clerk, letter) for letter in (skt, form)} == {case}, timeout=180)
    address = f"/kasus/hubungkan?surat={skt}&antrean=true"
    phone = new_page(clerk, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    phone.goto(address)
    assert overflow(phone) == []
    page = new_page(clerk)
    page.goto(address)
    assert axe_findings(page) == []
    batch = page.locator(".batch")
    expect(batch.get_by_role("checkbox")).to_have_count(3)
    expect(batch).to_contain_text("tidak menyebut klien; dari berkas yang sama")
    batch.get_by_role("checkbox", name="Formulir layanan sosial").uncheck()
    page.keyboard.press("a")
    page.wait_for_url(f"**/kasus/{case}#langkah")
    assert letters_of(product, clerk, case) == [(skt, 1), (receipts, 7)]


def test_a_list_is_left_out_where_the_stack_leads_to_two_cases(
    new_page: NewPage, product: Product, clerk: User
) -> None:
    skt, form, receipts = scanned(product, clerk)
    case = opened(product, clerk, SKT.fields["nama"])
    # before the form stands in the other case: it quotes the certificate, which would then be proposed for that one
    until(lambda: proposed(product, clerk, skt) == case, timeout=180)
    other = opened(product, clerk, "Orang Lain")
    with product.client(clerk.token) as client:
        client.post(f"/cases/{other}/letters", json={"document": form, "step": 2}).raise_for_status()
    page = new_page(clerk)
    page.goto(f"/kasus/hubungkan?surat={skt}&antrean=true")
    expect(page.locator(".proposals li").first).to_be_visible()
    expect(page.locator(".batch")).to_have_count(0)
    assert proposed(product, clerk, receipts) is None
