"""Cases through the API and the command: what is refused, waived, undone, found again. The walks are test_walks.py."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.inside import nonce, text_pdf
from tests.product import Product, User, settled

WHY = "Sudah dipastikan petugas"


@dataclass
class Office:
    """A clerk of a unit, and an arsiparis."""

    product: Product
    clerk: User
    arsiparis: User

    def client(self) -> httpx.Client:
        return self.product.client(self.clerk.token)


@pytest.fixture(scope="module")
def office(product: Product) -> Office:
    unit = f"unit-{nonce()}"
    return Office(product, product.user("petugas", unit), product.user("arsiparis", "kearsipan"))


@dataclass
class Case:
    """One case as the clerk works on it."""

    http: httpx.Client
    told: dict[str, Any]

    @classmethod
    def open(cls, http: httpx.Client, sop: str, name: str, letter: str | None = None) -> "Case":
        new = {"sop": sop, "person": {"name": name}, "document": letter}
        return cls(http, http.post("/cases", json=new).raise_for_status().json())

    @property
    def path(self) -> str:
        return f"/cases/{self.told['id']}"

    def look(self) -> dict[str, Any]:
        self.told = self.http.get(self.path).raise_for_status().json()
        return self.told

    def do(self, action: str, step: int, **more: str) -> httpx.Response:
        return self.http.post(f"{self.path}/steps/{step}", json={"action": action, **more})

    def close(self) -> httpx.Response:
        return self.http.post(f"{self.path}/close")


def test_what_lacks_is_named_and_only_an_arsiparis_waives_it(office: Office) -> None:
    with office.client() as http, office.product.client(office.arsiparis.token) as records:
        case = Case.open(http, "rujukan-lk3-tarakan", "Wati Walker")
        for step in range(1, 8):
            assert case.do("finish", step).json()["slug"] == "case_refused"
            assert case.do("finish" if step == 3 else "skip", step, reason=WHY).is_success
        [lack] = case.look()["lacks"]
        assert (lack["step"], lack["kinds"], lack["why"]) == (3, ["kontrak_konseling"], "absent")
        assert "langkah 3: Kontrak konseling belum ada" in case.close().json()["detail"]
        waiver = {"place": lack["place"], "reason": WHY}
        assert http.post(f"{case.path}/waivers", json=waiver).status_code == 403
        assert records.post(f"{case.path}/waivers", json=waiver).json()["lacks"] == []
        code = {"code": case.told["proposed_classification"]}
        assert http.put(f"{case.path}/classification", json=code).json()["gaps"] == []
        assert case.close().is_success


def test_links_are_undone_and_stay_known(office: Office) -> None:
    with office.client() as http:
        sent = http.post("/documents", files={"file": ("surat.pdf", text_pdf(f"Surat {nonce()}"))}).raise_for_status()
        settled(http, sent.json()["id"])
        case = Case.open(http, "pemulangan-tarakan", "Joko Walker", sent.json()["id"])
        [link] = case.told["letters"]
        again = {"document": link["document"], "step": 1}
        assert http.post(f"{case.path}/letters", json=again).json()["id"] == link["id"]  # once is enough
        assert http.delete(f"{case.path}/letters/{link['id']}").status_code == 204
        assert http.delete(f"{case.path}/letters/{link['id']}").status_code == 404
        told = http.get(case.path).json()
        assert told["letters"] == []
        assert [(done["what"], done["document"]) for done in told["history"]] == [
            ("link", link["document"]),
            ("unlink", link["document"]),
        ]
        assert http.post(f"{case.path}/letters", json=again).json()["id"] != link["id"]
        events = http.get(f"/documents/{link['document']}/events").json()["events"]
    told = [e["action"] for e in events if e["detail"].get("case") == case.told["id"]]
    assert told == ["letter_linked", "letter_unlinked", "letter_linked"]


def test_clients_are_found_again_and_the_clerk_decides(office: Office) -> None:
    nik = "6571010101800001"
    with office.client() as http:
        new = {"name": "Siti Aminah", "nik": nik, "birth_date": "1980-01-01"}
        first = http.post("/cases", json={"sop": "pemulangan-tarakan", "person": new}).json()
        assert first["client"]["nik"] == "6571********0001"
        other = {"name": "Siti Rahmah", "birth_date": "1991-05-05"}
        http.post("/cases", json={"sop": "pemulangan-tarakan", "person": other}).raise_for_status()

        def found(**person: str) -> list[tuple[str, str, int]]:
            answer = http.post("/clients/search", json=person).raise_for_status().json()
            return [(one["client"]["name"], one["why"], one["cases"]) for one in answer["clients"]]

        assert found(name="Orang Lain", nik=nik) == [("Siti Aminah", "nik", 1)]
        assert found(name="Siti Aminan", birth_date="1980-01-01") == [("Siti Aminah", "name_birth", 1)]
        assert found(name="aminah, siti") == [("Siti Aminah", "name", 1)]
        assert found(name="Siti Aminah", nik="6571010101800002") == []
        assert found(name="Budi Hartono") == []
        again = {"sop": "rujukan-lk3-tarakan", "client": first["client"]["id"]}
        assert http.post("/cases", json=again).json()["client"] == first["client"]
        assert found(name="Siti Aminah") == [("Siti Aminah", "name", 2)]
        wrong = http.post("/clients/search", json={"name": "Siti", "nik": "123"})
        assert (wrong.status_code, wrong.json()["slug"]) == (422, "invalid_request")
        both = {"sop": "rujukan-lk3-tarakan", "client": first["client"]["id"], "person": new}
        assert http.post("/cases", json=both).status_code == 422


def test_the_same_request_opens_one_case(office: Office) -> None:
    person = {"name": "Sri Berulang", "nik": "6571014101900003", "birth_date": "1990-01-01"}
    new = {"sop": "pemulangan-tarakan", "person": person}
    with office.client() as http, ThreadPoolExecutor(3) as pool:
        key = {"Idempotency-Key": nonce()}
        answers = list(pool.map(lambda _: http.post("/cases", json=new, headers=key), range(3)))
        assert sorted(one.status_code for one in answers) == [200, 200, 201]
        assert len({one.json()["id"] for one in answers}) == 1
        assert len({one.headers["location"] for one in answers}) == 1
        other = {**new, "person": {**person, "nik": "6571014101900004"}}
        refused = http.post("/cases", json=other, headers=key)
        assert (refused.status_code, refused.json()["slug"]) == (409, "idempotency_conflict")
        found = http.post("/clients/search", json=person).raise_for_status().json()["clients"]
        assert [one["cases"] for one in found] == [1]


def test_a_form_that_is_sent_twice_opens_one_case(office: Office) -> None:
    with httpx.Client(base_url=office.product.url, headers={"Accept": "text/html"}, timeout=60) as browser:
        said = {"nama": office.clerk.name, "sandi": office.clerk.password}
        assert browser.post("/masuk", data=said).status_code == 303
        page = browser.get("/kasus/baru").text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))
        form = {**hidden, "sop": "pemulangan-tarakan", "nama": "Tuti Berulang", "lahir": "1971-03-04"}
        first, second = (browser.post("/kasus/baru", data=form) for _ in range(2))
        assert (first.status_code, second.status_code) == (303, 303)
        assert first.headers["location"] == second.headers["location"]
        changed = browser.post("/kasus/baru", data={**form, "nama": "Orang Lain"})
        assert changed.status_code == 409
        assert "sudah tersimpan dengan isi yang lain" in changed.text


def test_cases_are_numbered_and_listed(office: Office) -> None:
    with office.client() as http:
        listed = http.get("/cases", params={"limit": 200}).json()["cases"]
        numbers = sorted(int(case["number"].split("/")[0]) for case in listed)
        assert numbers == list(range(1, len(listed) + 1))
        assert all(case["closed_at"] is None for case in http.get("/cases", params={"open": True}).json()["cases"])
        page = http.get("/cases", params={"limit": 2}).json()
        rest = http.get("/cases", params={"limit": 200, "cursor": page["next"]}).json()
        assert [case["id"] for case in page["cases"] + rest["cases"]] == [case["id"] for case in listed]
        assert rest["next"] is None


def test_the_command_works_a_case(office: Office) -> None:
    def run(*args: str, **more: Any) -> dict[str, Any]:
        return dict(json.loads(office.product.arsip("case", *args, "--json", **more).stdout))

    opened = run("open", "rujukan-lk3-tarakan", "--name", "Yanto Perintah", "--nik-stdin", input="6571010101800077\n")
    assert opened["client"]["nik"] == "6571********0077"
    for step in range(1, 8):
        run("step", opened["id"], str(step), "lewati", "--reason", "contoh")
    assert opened["id"] in {case["id"] for case in run("list")["cases"]}
    shown = office.product.arsip("case", "show", opened["id"]).stdout
    assert "3. Sepakati kontrak konseling: dilewati" in shown
    early = office.product.arsip("case", "close", opened["id"], check=False)
    assert "kode klasifikasi kasus belum dikonfirmasi" in early.stderr
    assert run("classify", opened["id"], "400.9.12.1")["gaps"] == []
    assert run("close", opened["id"])["closed_at"] is not None
    again = office.product.arsip("case", "close", opened["id"], check=False)
    assert again.returncode == 1
    assert "Kasus ini sudah ditutup" in again.stderr
