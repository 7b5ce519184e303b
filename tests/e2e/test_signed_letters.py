"""A signed letter as people meet it: its page, the API, the command."""

import secrets
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.assets.signing import NAME, holder, root, signed
from tests.e2e.inside import text_pdf
from tests.e2e.test_pages import NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, User, settled

__all__ = ["browser", "new_page"]


@pytest.fixture
def clerk(product: Product) -> User:
    return product.user("petugas", f"unit-{secrets.token_hex(4)}")


@pytest.fixture
def letter(product: Product, clerk: User) -> dict[str, Any]:
    """Signed by two whom no root of this office vouches for."""
    data = signed(signed(text_pdf("Surat Keterangan"), holder(NAME, root())), holder("Siti Aminah", root()), field="B")
    with product.client(clerk.token) as client:
        sent = client.post("/documents", files={"file": ("tte.pdf", data)}).raise_for_status().json()["id"]
        return settled(client, sent)


def test_who_signed_it_is_shown(product: Product, clerk: User, letter: dict[str, Any], new_page: NewPage) -> None:
    told = [(one["status"], one["signer"], one["whole"]) for one in letter["signatures"]]
    assert told == [("unknown", NAME, False), ("unknown", "Siti Aminah", True)]
    page = new_page(clerk, viewport={"width": 360, "height": 740})
    page.goto(f"/arsip/{letter['id']}")
    part = page.locator("#tanda-tangan")
    expect(part.locator("li")).to_have_count(2)
    expect(part.locator("li").first).to_contain_text(f"{NAME}: penanda tangan tidak dikenal")
    expect(part).to_contain_text("salinan tanpa tanda tangan")
    assert overflow(page) == []
    assert axe_findings(page) == []
    shown = product.arsip("show", letter["id"]).stdout
    assert shown.count("penanda tangan tidak dikenal") == 2
