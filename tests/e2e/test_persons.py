"""One person's data: found, copied, told who saw it; never of somebody who only has the same name."""

import json
import zipfile
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Response, expect

from tests.conftest import SAMPLES
from tests.e2e.inside import text_pdf
from tests.e2e.test_pages import LIGHT, NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, User, settled

__all__ = ["browser", "new_page"]

SOP = "pemulangan-tarakan"
BORN = {"name": "Rahmat Contohjaya", "birth_date": "1980-02-03"}


@pytest.fixture(scope="module")
def keeper(product: Product) -> User:
    return product.user("arsiparis", unit="unit-orang", clearance="rahasia")


@pytest.fixture(scope="module")
def letter(product: Product, keeper: User) -> str:
    """A letter from which the case of a person was opened; and a case of somebody of the same name."""
    with product.client(keeper.token) as client, (SAMPLES / "skt_polisi.jpg").open("rb") as file:
        made: str = client.post("/documents", files={"file": ("skt.jpg", file)}).raise_for_status().json()["id"]
        assert settled(client, made)["stage"] == "sealed"
        for person, document in ((BORN, made), ({**BORN, "birth_date": "1990-05-06"}, None)):
            new = {"sop": SOP, "person": person, "document": document, "step": 1 if document else None}
            client.post("/cases", json=new).raise_for_status()
    return made


def test_all_that_is_held_and_who_saw_it(product: Product, keeper: User, letter: str) -> None:
    with product.client(keeper.token) as client:
        client.get(f"/documents/{letter}/pdf").raise_for_status()
        found = client.post("/persons", json=BORN).raise_for_status().json()
    assert [one["birth_date"] for one in found["clients"]] == ["1980-02-03"]  # not the other of that name
    assert len(found["cases"]) == 1
    assert [one["id"] for one in found["letters"]] == [letter]
    assert ("PDF diunduh", keeper.name) in {(event["what"], event["by"]) for event in found["events"]}


def test_a_copy_for_them(product: Product, keeper: User, letter: str, tmp_path: Path) -> None:
    made = tmp_path / "salinan.zip"
    argv = ["person", "export", "--name", BORN["name"], "--birth", BORN["birth_date"], "-o", str(made)]
    product.arsip(*argv)
    with zipfile.ZipFile(made) as bag:
        names = bag.namelist()
        [told] = [name for name in names if name.endswith("/data.json")]
        data = json.loads(bag.read(told))
        [original] = [name for name in names if name.endswith("asli.jpg")]
        assert bag.read(original) == (SAMPLES / "skt_polisi.jpg").read_bytes()
    assert letter in {one["id"] for one in data["letters"]}
    with product.client(keeper.token) as client:
        events = client.get(f"/documents/{letter}/events").raise_for_status().json()["events"]
        assert "person_exported" in {event["action"] for event in events}
        bodies = json.dumps(client.get("/ledger", params={"limit": 50}).json())
    assert "Rahmat" not in bodies


def test_letters_in_which_their_nik_was_read(product: Product, keeper: User) -> None:
    """A card is in no case; the NIK that was read on it is enough. Somebody else's number finds nothing of it."""
    with product.client(keeper.token) as client, (SAMPLES / "ktp.jpg").open("rb") as file:
        card = client.post("/documents", files={"file": ("ktp.jpg", file)}).raise_for_status().json()["id"]
        nik = settled(client, card)["fields"]["nik"]["value"]
        found = client.post("/persons", json={"nik": nik}).raise_for_status().json()
        other = client.post("/persons", json={"nik": nik[:-1] + str((int(nik[-1]) + 1) % 10)}).raise_for_status().json()
    assert card in {one["id"] for one in found["letters"]}
    assert card not in {one["id"] for one in other["letters"]}


@pytest.mark.parametrize("asked", [{"name": "Rahmat Contohjaya"}, {"nik": "12"}, {}], ids=str)
def test_who_is_meant_must_be_sure(product: Product, keeper: User, asked: dict[str, str]) -> None:
    with product.client(keeper.token) as client:
        assert client.post("/persons", json=asked).status_code == 422


def test_others_see_only_what_they_may(product: Product, letter: str) -> None:
    low = product.user("admin", unit="lain")
    with product.client(low.token) as client:
        found = client.post("/persons", json=BORN).raise_for_status().json()
    assert (found["clients"], found["letters"]) == ([], [])


def test_the_page_and_the_register(product: Product, keeper: User, letter: str) -> None:
    with httpx.Client(base_url=product.url, follow_redirects=True, timeout=60) as browser:
        browser.post("/masuk", data={"nama": keeper.name, "sandi": keeper.password})
        page = browser.get("/orang").raise_for_status().text
        csrf = page.split('name="csrf" value="')[1].split('"')[0]
        sent = {"csrf": csrf, "nama": BORN["name"], "lahir": BORN["birth_date"]}
        shown = browser.post("/orang", data=sent).raise_for_status().text
        assert "1 klien, 1 kasus, 1 surat" in shown
        assert f"/arsip/{letter}" in shown
        zipped = browser.post("/orang/ekspor", data=sent).raise_for_status()
        assert zipped.headers["content-type"] == "application/zip"
        assert "UU 43/2009" in browser.get("/orang/pemrosesan").raise_for_status().text


def test_a_copy_holds_their_whole_number_what_was_said_of_them_and_what_was_put_right(
    product: Product, keeper: User
) -> None:
    clerk, chief = (product.user(role, unit="unit-orang", clearance="rahasia") for role in ("petugas", "pejabat"))
    nik, person = "6571010302800001", {"name": "Sari Contohwati", "birth_date": "1980-02-03"}
    with product.client(clerk.token) as client:
        sent = {"file": ("a.pdf", text_pdf("SURAT UNDANGAN", "Hal : Rapat", f"NIK : {nik}", "Nama : Sari Contohwati"))}
        letter = client.post("/documents", files=sent).raise_for_status().json()["id"]
        assert settled(client, letter)["stage"] == "sealed"
        new = {"sop": SOP, "person": {**person, "nik": nik}, "document": letter, "step": 1}
        client.post("/cases", json=new).raise_for_status()
        said = {"kind": "surat_masuk_lain", "fields": {"perihal": "Rapat lengkap", "nik": nik}}
        client.post(f"/documents/{letter}/check", json=said).raise_for_status()
    with product.client(chief.token) as client:
        given = {"recipients": [{"name": keeper.name}], "note": "Dampingi keluarganya"}
        client.post(f"/documents/{letter}/dispositions", json=given).raise_for_status()
    with product.client(keeper.token) as client:
        found = client.post("/persons", json={"nik": nik}).raise_for_status().json()
        by_name = client.post("/persons", json=person).raise_for_status().json()
    assert [one["nik"] for one in found["clients"]] == [nik]
    # as their letter has it; and nothing of somebody who was born on the same day
    assert [one["nik"] for one in by_name["clients"]] == [nik]
    assert ("perihal", "Rapat lengkap", clerk.name) in {
        (one["what"], one["after"], one["by"]) for one in found["corrections"]
    }
    assert [(one["note"], one["given_by"]) for one in found["dispositions"]] == [("Dampingi keluarganya", chief.name)]


def test_what_is_wrong_about_them_is_put_right_and_kept(new_page: NewPage, product: Product, keeper: User) -> None:
    clerk = product.user("petugas", unit="unit-orang", clearance="rahasia")
    person = {"name": "Wati Contosari", "birth_date": "1991-07-08"}
    with product.client(clerk.token) as client:
        wrong = {"name": "Wati Contohsarii", "birth_date": "1991-07-08", "nik": "6571014807910001"}
        new = {"sop": SOP, "person": wrong}
        made = client.post("/cases", json=new).raise_for_status().json()["client"]["id"]
        told = {**person, "reason": "ejaan"}
        assert client.put(f"/clients/{made}", json=told).status_code == 403
    page = new_page(keeper)
    page.goto("/orang")
    page.get_by_label("Nama", exact=True).fill("Wati Contohsarii")
    page.get_by_label("Tanggal lahir").fill("1991-07-08")
    page.get_by_label("Tanggal lahir").press("Enter")
    page.locator("summary", has_text="Betulkan data klien").press("Enter")
    page.get_by_label("Nama yang benar").fill(person["name"])
    page.get_by_label("NIK yang benar").fill("6571014807910002")
    page.get_by_label("Alasan").fill("ejaan menurut KTP")
    page.get_by_label("Alasan").press("Enter")
    page.wait_for_url("**/orang")
    with product.client(keeper.token) as client:
        found = client.post("/persons", json=person).raise_for_status().json()
        bodies = json.dumps(client.get("/ledger", params={"limit": 50}).json())
    assert [one["name"] for one in found["clients"]] == [person["name"]]
    [kept] = found["client_corrections"]
    assert [one["nik"] for one in found["clients"]] == ["6571********0002"]
    before = {"name": "Wati Contohsarii", "birth_date": "1991-07-08", "nik": "6571********0001"}
    assert (kept["before"], kept["by"], kept["reason"]) == (before, keeper.name, "ejaan menurut KTP")
    assert "client_corrected" in bodies
    assert "Contohsari" not in bodies
    assert "65710148" not in bodies


def test_the_page_of_a_person_on_a_phone(new_page: NewPage, keeper: User, letter: str) -> None:
    page = new_page(keeper)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))

    def looks_well(width: int) -> None:
        assert width > 360 or overflow(page) == []
        assert axe_findings(page) == []
        sizes = {one.url: len(one.body()) for one in answers if one.request.resource_type in LIGHT}
        assert sum(sizes.values()) < 30_000, sizes
        answers.clear()

    for width, height in ((360, 740), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        answers.clear()
        page.goto("/orang")
        looks_well(width)
        page.get_by_label("Nama", exact=True).fill(BORN["name"])
        page.get_by_label("Tanggal lahir").fill(BORN["birth_date"])
        page.get_by_label("Tanggal lahir").press("Enter")
        expect(page.get_by_role("heading", name="Ditemukan")).to_contain_text("1 klien, 1 kasus, 1 surat")
        expect(page.get_by_role("link", name="Betulkan")).to_have_attribute("href", f"/periksa/{letter}")
        looks_well(width)
        page.goto("/orang/pemrosesan")
        looks_well(width)
