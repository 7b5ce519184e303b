"""One person's data: found, copied, told who saw it; never of somebody who only has the same name."""

import json
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.conftest import SAMPLES
from tests.product import Product, User, settled

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
