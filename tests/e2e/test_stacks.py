"""A stack through the whole product: split by its separator sheets, or by a program that says where letters begin."""

import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.assets.letter import make_letter
from tests.assets.stacked import sheet, stacked
from tests.e2e.inside import nonce
from tests.product import Product, settled, until

TICKET, LONG = (make_letter(kind, 4).digital_pdf() for kind in ("tiket", "hasil_asesmen"))  # of 1 and 2 pages


@pytest.fixture
def client(product: Product) -> Iterator[httpx.Client]:
    with product.client(product.user("petugas", f"unit-{nonce()}").token) as opened:
        yield opened


def sent(client: httpx.Client, *papers: bytes) -> dict[str, Any]:
    data = stacked(papers, secrets.token_hex(8))
    answer = client.post("/documents", files={"file": ("tumpukan.pdf", data)}).raise_for_status().json()
    return settled(client, answer["id"])


def letters_of(client: httpx.Client, stack: str) -> list[dict[str, Any]]:
    found = client.get(f"/documents/{stack}").raise_for_status().json()["letters"]
    return [settled(client, letter["id"]) for letter in found]


def test_sheets_split_a_stack(client: httpx.Client, product: Product) -> None:
    stack = sent(client, TICKET, sheet(), LONG)
    until(lambda: len(client.get(f"/documents/{stack['id']}").json()["letters"]) == 2)
    letters = letters_of(client, stack["id"])
    assert [letter["part_of"] for letter in letters] == [
        {"id": stack["id"], "first_page": 1, "last_page": 1},
        {"id": stack["id"], "first_page": 3, "last_page": 4},
    ]
    assert [letter["kind"]["value"] for letter in letters] == ["tiket", "hasil_asesmen"]
    originals = {client.get(f"/documents/{one['id']}/original").content for one in (stack, *letters)}
    assert len(originals) == 1
    told = client.get(f"/documents/{letters[1]['id']}/original").headers["content-disposition"]
    assert 'filename="tumpukan.pdf"' in told
    for number in (1, 2):
        address = f"/documents/{letters[1]['id']}/pages/{number}"
        assert client.get(f"{address}/image", params={"width": 320}).content.startswith(b"\xff\xd8\xff")
        assert client.get(f"{address}/words").json()["number"] == number
    assert client.get(f"/documents/{letters[1]['id']}/pages/3/image").status_code == 404
    assert client.get(f"/documents/{stack['id']}/pages/3/image").status_code == 404  # it is the letter's now
    assert client.get(f"/documents/{stack['id']}/pages/2/image").status_code == 200
    shown = product.arsip("show", stack["id"]).stdout
    assert "tumpukan 2 surat" in shown
    assert f"{letters[1]['id']} halaman 3–4" in shown
    assert f"{stack['id']} halaman 3–4" in product.arsip("show", letters[1]["id"]).stdout
    cuts = client.get(f"/documents/{stack['id']}/cuts").json()
    assert (cuts["decided"], cuts["apart"], len(cuts["letters"])) == (True, [2], 2)


def test_a_program_says_where_letters_begin(client: httpx.Client) -> None:
    stack = sent(client, TICKET, LONG)["id"]
    checks = client.get("/checks").json()
    assert [document["id"] for document in checks["documents"]] == [stack]
    cuts = client.get(f"/documents/{stack}/cuts").json()
    assert (cuts["pages"], cuts["decided"]) == (3, False)
    said = {"begins": [c["first_page"] for c in cuts["letters"]], "pages": 3, "decided_letters": None}
    first = client.put(f"/documents/{stack}/cuts", json=said).raise_for_status().json()
    again = client.put(f"/documents/{stack}/cuts", json=said).raise_for_status().json()
    assert first["letters"] == again["letters"] != []
    other = client.put(f"/documents/{stack}/cuts", json={**said, "begins": [1, 3]})
    assert (other.status_code, other.json()["slug"]) == (409, "pages_elsewhere")
    letters = letters_of(client, stack)
    assert [letter["stage"] for letter in letters] == ["sealed", "sealed"]
    until(lambda: client.get(f"/documents/{stack}").json()["stage"] == "sealed")
    manifest = client.get(f"/documents/{stack}/manifest").json()
    assert [part["document"] for part in manifest["letters"]] == [letter["id"] for letter in letters]
    joined = client.delete(f"/documents/{stack}/cuts").raise_for_status().json()
    assert joined["letters"] == []
    left = client.get(f"/documents/{letters[0]['id']}").json()
    assert left["part_of"] == {"id": stack, "first_page": None, "last_page": None}
    assert client.get(f"/documents/{letters[0]['id']}/cuts").json()["slug"] == "pages_elsewhere"
    assert settled(client, stack)["kind"]["value"] is not None
    assert client.put(f"/documents/{stack}/cuts", json=said).json()["slug"] == "cut_meanwhile"


@pytest.mark.parametrize(
    "said", [{"begins": [4], "pages": 3}, {"begins": [], "pages": 3}, {"begins": [0], "pages": 3}, {"begins": [1]}]
)
def test_what_cannot_be_is_refused(client: httpx.Client, said: dict[str, Any]) -> None:
    stack = sent(client, TICKET, LONG)["id"]
    answer = client.put(f"/documents/{stack}/cuts", json=said)
    assert (answer.status_code, answer.json()["slug"]) == (422, "invalid_request")
