"""The agenda over HTTP and from the command line, against the whole running product."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.e2e.inside import nonce, text_pdf
from tests.product import Product, User, settled

YEAR = datetime.now(ZoneInfo("Asia/Makassar")).year


@pytest.fixture
def clerk(product: Product) -> User:
    return product.user("petugas", unit=f"unit-{nonce()}")


def sealed(client: httpx.Client) -> str:
    """A letter with real text, whose sender and matter are read."""
    paper = text_pdf("Pengirim : Kelurahan Karang Anyar", "Hal : Permohonan bantuan pemulangan", nonce())
    document = client.post("/documents", files={"file": ("surat.pdf", paper)}).raise_for_status().json()["id"]
    assert settled(client, document)["stage"] == "sealed"
    return str(document)


def registered(client: httpx.Client, document: str) -> dict[str, Any]:
    proposal = client.get(f"/documents/{document}/agenda").raise_for_status().json()
    answer = client.post(f"/documents/{document}/agenda", json={"book": "masuk", **proposal["masuk"]})
    assert answer.status_code == 201
    return answer.json()


def test_a_letters_way_through_the_book(product: Product, clerk: User) -> None:
    with product.client(clerk.token) as client:
        document = sealed(client)
        waiting = client.get("/agenda/waiting").json()
        assert (waiting["waiting"], waiting["letters"][0]["document"]) == (1, document)
        entry = registered(client, document)
        assert (entry["number"], entry["year"], entry["party"]) == (1, YEAR, "Kelurahan Karang Anyar")
        again = client.post(f"/documents/{document}/agenda", json={"book": "masuk", "party": "Lain", "subject": "Lain"})
        assert (again.status_code, again.json()["id"], again.json()["party"]) == (200, entry["id"], entry["party"])
        other = client.post(
            f"/documents/{document}/agenda", json={"book": "keluar", "party": "Lain", "subject": "Lain", "code": "400"}
        )
        assert (other.status_code, other.json()["slug"]) == (409, "in_other_book")
        client.post(f"/agenda/entries/{entry['id']}/cancel", json={"reason": "salah buku"}).raise_for_status()
        assert client.get("/agenda/waiting").json()["waiting"] == 1
        lines = client.get("/agenda", params={"year": YEAR}).json()["lines"]
        assert [(line["number"], line["cancelled"], line["entry"]["cancel_reason"]) for line in lines] == [
            (1, True, "salah buku")
        ]
        assert client.get("/agenda/books").json()["books"] == [
            {"unit": clerk.unit, "book": "masuk", "year": YEAR, "last": 1}
        ]


def test_an_outgoing_letter_that_is_still_to_be_made(product: Product, clerk: User) -> None:
    new = {"book": "keluar", "party": "Dinas Sosial Donggala", "subject": "Pemulangan", "code": "400.9.4.1"}
    with product.client(
        clerk.token,
    ) as client:
        key = {"Idempotency-Key": nonce()}
        first = client.post("/agenda/outgoing", json={**new, "numbered": False}, headers=key)
        again = client.post("/agenda/outgoing", json={**new, "numbered": False}, headers=key)
        assert (first.status_code, again.status_code, first.json()["number"]) == (201, 200, None)
        assert first.json()["id"] == again.json()["id"]
        steps = f"/agenda/entries/{first.json()['id']}/steps"
        early = client.post(steps, json={"step": "terkirim"})
        assert (early.status_code, early.json()["slug"]) == (409, "step_not_yet")
        for step in ("ttd", "nomor", "terkirim"):
            done = client.post(steps, json={"step": step, "on_day": "2026-11-20"}).raise_for_status().json()
        assert (done["number"], done["letter_number"].startswith("400.9.4.1/1/")) == (1, True)
        assert [(step["step"], step["on_day"]) for step in done["steps"]][-1] == ("terkirim", "2026-11-20")
        late = client.post(steps, json={"step": "paraf"})
        assert (late.status_code, late.json()["slug"]) == (409, "step_taken")


def test_a_scan_above_the_askers_ceiling_is_not_told_of(product: Product, clerk: User) -> None:
    new = {"book": "keluar", "party": "Dinas Sosial Donggala", "subject": "Pemulangan", "code": "400.9.4.1"}
    chief = product.user("petugas", clerk.unit, clearance="rahasia")
    with product.client(chief.token) as high, product.client(clerk.token) as low:
        file = {"file": ("rahasia.pdf", text_pdf(nonce()))}
        scan = high.post("/documents", files=file, data={"clearance": "rahasia"}).raise_for_status().json()["id"]
        settled(high, scan)
        entry = low.post("/agenda/outgoing", json=new).raise_for_status().json()["id"]
        step = {"step": "ttd", "on_day": "2026-11-20", "document": scan}
        told = high.post(f"/agenda/entries/{entry}/steps", json=step).raise_for_status().json()
        assert [one["document"] for one in told["steps"]] == [None, scan]
        seen = low.get(f"/agenda/entries/{entry}").raise_for_status().json()
        assert [(one["step"], one["document"]) for one in seen["steps"]] == [("nomor", None), ("ttd", None)]
        assert scan not in low.post(f"/agenda/entries/{entry}/steps", json={"step": "terkirim"}).raise_for_status().text


def test_pages_of_a_long_book_and_what_is_asked_wrongly(product: Product, clerk: User) -> None:
    new = {"book": "keluar", "party": "Dinas", "subject": "Pemulangan", "code": "400"}
    with product.client(clerk.token) as client:
        for _ in range(3):
            client.post("/agenda/outgoing", json=new).raise_for_status()
        asked: dict[str, Any] = {"book": "keluar", "year": YEAR, "limit": 2}
        first = client.get("/agenda", params=asked).json()
        assert ([line["number"] for line in first["lines"]], first["next"]) == ([1, 2], "2")
        second = client.get("/agenda", params={**asked, "cursor": first["next"]}).json()
        assert ([line["number"] for line in second["lines"]], second["next"]) == ([3], None)
        for wrong in ({"year": 1}, {"year": YEAR, "day": 3}, {"year": YEAR, "month": 2, "day": 30}, {}):
            assert client.get("/agenda", params=wrong).status_code == 422, wrong
        for unit in ("../x", 'a"b', "a\r\nSet-Cookie: x"):
            assert client.get("/agenda/print", params={"year": YEAR, "unit": unit}).status_code == 422


def test_prints_are_files_and_are_noted(product: Product, clerk: User) -> None:
    with product.client(clerk.token) as client:
        entry = registered(client, sealed(client))
        for ending, head in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
            answer = client.get("/agenda/print", params={"year": YEAR, "format": ending}).raise_for_status()
            assert answer.content.startswith(head)
            assert f'filename="agenda-masuk-{clerk.unit}-{YEAR}.{ending}"' in answer.headers["content-disposition"]
        sheet = client.get(f"/agenda/entries/{entry['id']}/disposition").raise_for_status()
        assert sheet.content.startswith(b"%PDF-")
    with product.client(product.user("auditor").token) as auditor:
        events = [(e["action"], json.dumps(e["detail"])) for e in auditor.get("/ledger").json()["events"]]
    told = [detail for action, detail in events if action in ("agenda_printed", "disposition_printed")]
    assert len(told) >= 3
    assert not [detail for detail in told if "Kelurahan" in detail]


def test_the_command_lists_registers_and_prints(product: Product, tmp_path: Path) -> None:
    with product.client() as client:
        document = sealed(client)
    said = product.arsip("agenda", "register", document, "--subject", "Dibetulkan lewat perintah").stdout
    assert "Dibetulkan lewat perintah" in said
    assert product.arsip("agenda", "register", document).stdout == said  # once more: the same number
    [line] = [
        line["entry"]
        for line in json.loads(product.arsip("agenda", "list", "--year", str(YEAR), "--json").stdout)["lines"]
        if line["entry"]["document"] == document
    ]
    product.arsip("agenda", "correct", line["id"], "--reason", "salah ketik", "--note", "diantar sendiri")
    listed = product.arsip("agenda", "list", "--year", str(YEAR)).stdout
    assert "Dibetulkan lewat perintah" in listed
    lines = json.loads(product.arsip("agenda", "list", "--year", str(YEAR), "--json").stdout)["lines"]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    out = tmp_path / "buku.xlsx"
    product.arsip("agenda", "print", "--year", str(YEAR), "--format", "xlsx", "-o", str(out))
    assert out.read_bytes().startswith(b"PK")
    for wrong in (("register", "x"), ("list", "--year", str(YEAR), "--day", "3")):
        done = product.arsip("agenda", *wrong, check=False)
        assert (done.returncode, done.stdout) == (2, "")
