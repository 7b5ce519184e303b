"""Cases through the API: each SOP from its first letter to the closed case, with its branches, and what is refused."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from cases.sop import Sop
from cases.sopfiles import packaged
from tests.e2e.inside import nonce, text_pdf
from tests.product import Product, User, until

# thirty letters are read and locked before the first walk begins
pytestmark = pytest.mark.timeout(900)
WHY = "Sudah dipastikan petugas"
FIELDS = {"surat_pemulangan": {"nomor_surat": "000.8.3.3/12/DINSOSPM"}}


@dataclass
class Office:
    """A clerk with a letter of each kind that they ask for, and an arsiparis."""

    product: Product
    clerk: User
    arsiparis: User
    letters: dict[str, str] = field(default_factory=dict)

    def client(self) -> httpx.Client:
        return self.product.client(self.clerk.token)

    def prepare(self) -> None:
        """A letter of each kind that the walks bring, confirmed to be of it and locked; all of them at once."""
        papers = [
            paper
            for sop in packaged().values()
            for step in sop.steps
            for paper in (*step.needs, *step.outputs, *(p for branch in step.branches for p in branch.outputs))
        ]
        kinds = {paper.kinds[0] for paper in papers if paper.required}
        with self.client() as http:
            for kind in kinds:
                sent = http.post("/documents", files={"file": (f"{kind}.pdf", text_pdf(f"{kind} {nonce()}"))})
                self.letters[kind] = sent.raise_for_status().json()["id"]
            self._wait(http)
            for kind, letter in self.letters.items():
                said = {"kind": kind, "fields": FIELDS.get(kind, {})}
                http.post(f"/documents/{letter}/check", json=said).raise_for_status()
            self._wait(http)

    def register(self) -> None:
        """Enter every letter in the books, as it came in."""
        with self.client() as http:
            for kind, letter in self.letters.items():
                line = {"book": "masuk", "party": "Kelurahan", "subject": kind}
                http.post(f"/documents/{letter}/agenda", json=line).raise_for_status()

    def box(self) -> str:
        """The code of the unit's box."""
        with self.client() as http:
            return str(http.post("/boxes", json={"name": "Boks 1"}).raise_for_status().json()["code"])

    def _wait(self, http: httpx.Client) -> None:
        for letter in self.letters.values():
            until(lambda letter=letter: _sealed(http, letter), timeout=600, step=0.2)


def _sealed(client: httpx.Client, document: str) -> bool:
    return bool(client.get(f"/documents/{document}").json()["stage"] == "sealed")


@pytest.fixture(scope="module")
def office(product: Product) -> Office:
    unit = f"unit-{nonce()}"
    return Office(product, product.user("petugas", unit), product.user("arsiparis", "kearsipan"))


@pytest.fixture(scope="module")
def stocked(office: Office) -> Office:
    """The office, with a letter of each kind."""
    office.prepare()
    office.register()
    return office


@dataclass
class Walk:
    """One case on its way."""

    office: Office
    http: httpx.Client
    sop: Sop
    case: dict[str, Any]

    @classmethod
    def begin(cls, office: Office, http: httpx.Client, sop: str, letter: str | None, name: str) -> "Walk":
        new = {"sop": sop, "person": {"name": name}, "document": office.letters[letter] if letter else None}
        answer = http.post("/cases", json=new)
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/api/v1/cases/{answer.json()['id']}"
        return cls(office, http, packaged()[sop], answer.json())

    @property
    def path(self) -> str:
        return f"/cases/{self.case['id']}"

    def state(self, step: int) -> str:
        return str(self.case["steps"][step - 1]["state"])

    def do(self, action: str, step: int, **more: str) -> httpx.Response:
        answer = self.http.post(f"{self.path}/steps/{step}", json={"action": action, **more})
        if answer.is_success:
            self.case = answer.json()
        return answer

    def link(self, step: int, *kinds: str) -> None:
        for kind in kinds:
            sent = {"document": self.office.letters[kind], "step": step}
            assert self.http.post(f"{self.path}/letters", json=sent).status_code == 201
        self.case = self.http.get(self.path).json()

    def through(self, step: int) -> None:
        """Do the step as its SOP says: begin it, bring every letter it asks for and yields, finish it without words."""
        assert self.do("start", step).is_success
        told = self.sop.step(step)
        self.link(step, *dict.fromkeys(paper.kinds[0] for paper in (*told.needs, *told.outputs) if paper.required))
        answer = self.do("finish", step)
        assert answer.is_success, answer.text
        assert self.state(step) == "done"

    def file(self) -> None:
        """What the archive asks for beside the letters: a classification as proposed, and where the paper lies."""
        code = {"code": self.case["proposed_classification"]}
        assert self.http.put(f"{self.path}/classification", json=code).is_success
        if self.sop.on_paper:
            where = {"box": self.office.box(), "folder": self.case["number"]}
            assert self.http.post(f"{self.path}/places", json=where).is_success
        self.case = self.http.get(self.path).json()
        assert self.case["gaps"] == []

    def close(self) -> httpx.Response:
        answer = self.http.post(f"{self.path}/close")
        if answer.is_success:
            self.case = answer.json()
        return answer


def test_sop_a_from_the_police_letter_to_the_ship(stocked: Office) -> None:
    with stocked.client() as http:
        walk = Walk.begin(stocked, http, "pemulangan-tarakan", "skt_polisi", "Sutrisno Walker")
        assert [one["step"] for one in walk.case["letters"]] == [1]  # the letter that opened it serves the first step
        assert walk.do("finish", 1).is_success
        for branch, kind in (("sakit", "surat_rujukan_puskesmas"), ("odgj", "surat_rujukan_rsud")):
            assert walk.do("branch", 2, branch=branch, reason=WHY).is_success
            assert walk.state(2) == "branched"
            assert kind in {name for lack in walk.case["lacks"] for name in lack["kinds"]}
            walk.link(2, kind)
            assert walk.do("start", 2).is_success
        for branch, kind in (("shelter", "formulir_masuk_shelter"), ("stres", "surat_rujukan_lk3")):
            assert walk.do("branch", 2, branch=branch, reason=WHY).is_success
            walk.link(2, kind)
            assert walk.do("start", 2).is_success
        walk.link(2, "formulir_layanan_sosial")
        assert walk.do("finish", 2).is_success
        assert [step["number"] for step in walk.case["steps"] if step["ready"] and step["state"] == "waiting"] == [3, 6]
        for step in (3, 6, 4, 5, 7, 8):
            walk.through(step)
        assert walk.case["lacks"] == []
        assert {tuple(timer["steps"]) for timer in walk.case["timers"]} == {
            (1,), (2,), (3,), (4, 5), (6,), (7,), (8,), (6, 8)
        }  # fmt: skip
        walk.file()
        assert walk.close().is_success
        assert (walk.case["closed_at"] is not None, walk.case["ended_by"]) == (True, None)
        after = walk.do("reopen", 8, reason=WHY)
        assert (after.status_code, after.json()["slug"]) == (409, "case_closed")


def test_sop_b_with_an_illness_on_the_way(stocked: Office) -> None:
    with stocked.client() as http:
        walk = Walk.begin(stocked, http, "pemulangan-kaltara", "surat_permohonan_pemulangan", "Rahmat Walker")
        for step in range(1, 6):
            walk.through(step)
        assert walk.do("branch", 6, branch="sakit", reason="Demam").is_success
        walk.link(6, "surat_rujukan_rsud")
        for step in range(6, 13):
            walk.through(step)
        last = next(timer for timer in walk.case["timers"] if timer["steps"] == [12])
        assert (last["allowed"], last["standing"]) == ("3 x 24 jam", "on_time")
        walk.file()
        assert walk.close().is_success


def test_sop_b_for_somebody_who_is_not_eligible(stocked: Office) -> None:
    with stocked.client() as http:
        walk = Walk.begin(stocked, http, "pemulangan-kaltara", "surat_permohonan_pemulangan", "Tono Walker")
        for step in range(1, 5):
            walk.through(step)
        early = walk.close()
        assert (early.status_code, early.json()["slug"]) == (409, "case_incomplete")
        assert "langkah 5 (Tetapkan layak atau tidak layak)" in early.json()["detail"]
        assert walk.do("branch", 5, branch="tidak-layak").json()["slug"] == "case_refused"  # not without a reason
        assert walk.do("branch", 5, branch="tidak-layak", reason="Masih punya keluarga di Tarakan").is_success
        walk.file()
        assert walk.close().is_success
        assert walk.case["ended_by"] == "tidak-layak"


def test_sop_c_has_no_deadline(stocked: Office) -> None:
    with stocked.client() as http:
        walk = Walk.begin(stocked, http, "rujukan-lk3-tarakan", None, "Yuni Walker")
        for step in range(1, 8):
            walk.through(step)
        assert (walk.case["timers"], walk.case["standing"]) == ([], None)
        walk.file()
        assert walk.close().is_success


def test_what_lacks_is_named_and_only_an_arsiparis_waives_it(office: Office) -> None:
    with office.client() as http, office.product.client(office.arsiparis.token) as records:
        walk = Walk.begin(office, http, "rujukan-lk3-tarakan", None, "Wati Walker")
        for step in range(1, 8):
            assert walk.do("finish", step).json()["slug"] == "case_refused"
            assert walk.do("finish" if step == 3 else "skip", step, reason=WHY).is_success
        [lack] = walk.case["lacks"]
        assert (lack["step"], lack["kinds"], lack["why"]) == (3, ["kontrak_konseling"], "absent")
        assert "langkah 3: Kontrak konseling belum ada" in walk.close().json()["detail"]
        waiver = {"place": lack["place"], "reason": WHY}
        assert http.post(f"{walk.path}/waivers", json=waiver).status_code == 403
        assert records.post(f"{walk.path}/waivers", json=waiver).json()["lacks"] == []
        walk.file()
        assert walk.close().is_success


def test_links_are_undone_and_stay_known(stocked: Office) -> None:
    with stocked.client() as http:
        walk = Walk.begin(stocked, http, "pemulangan-tarakan", "skt_polisi", "Joko Walker")
        [link] = walk.case["letters"]
        again = {"document": link["document"], "step": 1}
        assert http.post(f"{walk.path}/letters", json=again).json()["id"] == link["id"]  # once is enough
        assert http.delete(f"{walk.path}/letters/{link['id']}").status_code == 204
        assert http.delete(f"{walk.path}/letters/{link['id']}").status_code == 404
        told = http.get(walk.path).json()
        assert told["letters"] == []
        assert [(done["what"], done["document"]) for done in told["history"]] == [
            ("link", link["document"]),
            ("unlink", link["document"]),
        ]
        assert http.post(f"{walk.path}/letters", json=again).json()["id"] != link["id"]
        events = http.get(f"/documents/{link['document']}/events").json()["events"]
    told = [e["action"] for e in events if e["detail"].get("case") == walk.case["id"]]
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
