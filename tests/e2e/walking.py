"""Walking cases through the product's API as an office does: letters, agenda, dispositions, steps, to the closing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from records.office import parse
from tests.assets.letters import make_letter
from tests.e2e.inside import nonce
from tests.product import Product, User, settled, until

WHY = "Sudah dipastikan petugas"
OFFICE = parse("")  # as it comes: which kinds need no line in a book


@dataclass
class Office:
    """A unit with a clerk and two officials, and an auditor."""

    product: Product
    unit: str = field(default_factory=lambda: f"unit-{nonce()}")

    def __post_init__(self) -> None:
        self.clerk, self.kabid, self.kasi = (self.product.user(r, self.unit) for r in ("petugas", "pejabat", "pejabat"))
        self.auditor = self.product.user("auditor", "inspektorat")
        self.http = self.product.client(self.clerk.token)

    def as_(self, user: User) -> httpx.Client:
        return self.product.client(user.token)

    def send(self, kind: str, data: bytes) -> str:
        """A letter through the door; its id."""
        sent = self.http.post("/documents", files={"file": (f"{kind}.pdf", data)})
        return str(sent.raise_for_status().json()["id"])

    def archived(self, letter: str, kind: str) -> dict[str, Any]:
        """The letter when it lies locked, read for what it is without anybody's help."""
        found = settled(self.http, letter)
        assert (found["stage"], found["kind"]["value"], found["kind"]["sure"]) == ("sealed", kind, True), found
        return found

    def register(self, letter: str, book: str, **more: Any) -> dict[str, Any]:
        """Enter a letter in a book as it proposes itself; what it leaves open the clerk types."""
        told = self.http.get(f"/documents/{letter}/agenda").raise_for_status().json()
        assert told["entry"] is None
        line = {**told[book], "party": told[book]["party"] or "Dinas Sosial", "book": book, **more}
        answer = self.http.post(f"/documents/{letter}/agenda", json=line)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def took(self, entry: str, step: str, document: str | None = None) -> dict[str, Any]:
        """Tell that a step of an outgoing letter was done."""
        answer = self.http.post(f"/agenda/entries/{entry}/steps", json={"step": step, "document": document})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def refused(self, entry: str, step: str) -> str:
        """The fault with which a step that is too early is refused."""
        answer = self.http.post(f"/agenda/entries/{entry}/steps", json={"step": step})
        assert answer.status_code == 409, answer.text
        return str(answer.json()["slug"])

    def send_out(self, letter: str) -> None:
        """An outgoing letter on its whole way at once."""
        entry = self.register(letter, "keluar", numbered=False)
        assert entry["number"] is None
        for step in ("paraf", "nomor", "ttd", "terkirim"):
            done = self.took(entry["id"], step)
        assert [one["step"] for one in done["steps"]] == ["draf", "paraf", "nomor", "ttd", "terkirim"]
        assert f"/{done['number']}/" in done["letter_number"]

    def clear_queue(self, outgoing: Iterable[str]) -> None:
        """Work off the queue of letters that stand in no book: those of the kinds `outgoing` go out, others came in,
        papers that stay within a case are left out."""
        for told in self.http.get("/agenda/waiting", params={"limit": 200}).raise_for_status().json()["letters"]:
            letter = told["document"]
            kind = self.http.get(f"/documents/{letter}").json()["kind"]["value"]
            if kind in OFFICE.internal:
                why = {"reason": "formulir internal"}
                self.http.post(f"/documents/{letter}/agenda/leave-out", json=why).raise_for_status()
            elif kind in outgoing:
                self.send_out(letter)
            else:
                self.register(letter, "masuk")

    def box(self) -> str:
        """The code of a box of the unit's own."""
        return str(self.http.post("/boxes", json={"name": "Boks 1"}).raise_for_status().json()["code"])

    def nothing_waits(self) -> None:
        """Nothing is left to be done in the unit."""
        for where in ("/agenda/waiting", "/proposals"):
            assert self.http.get(where).raise_for_status().json()["waiting"] == 0, where
        for user in (self.clerk, self.kabid, self.kasi):
            with self.as_(user) as http:
                assert http.get("/dispositions").raise_for_status().json()["dispositions"] == []
        assert self.http.get("/dispositions/sheets").json()["sheets"] == []


@dataclass
class Papers:
    """The letters about one invented person: all but those `later` are sent at once, and read while others work."""

    office: Office
    seed: int
    kinds: tuple[str, ...]
    scanned: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in self.later:
                self.send(kind)

    def send(self, kind: str) -> None:
        """Send the letter of that kind, on paper with its ink or born digital."""
        letter = make_letter(kind, self.seed, wear="scan", turn=0)
        data = letter.scan_pdf() if kind in self.scanned else letter.digital_pdf()
        self.ids[kind] = self.office.send(kind, data)

    def arrived(self) -> None:
        """Wait until all that was sent lies locked."""
        for kind, letter in self.ids.items():
            self.office.archived(letter, kind)


@dataclass
class Walk:
    """One case on its way. Links as (kind, step): `alone` the system makes by itself, and no others; `asked` it
    proposes to a person."""

    office: Office
    sop: dict[str, Any]
    papers: Papers
    alone: set[tuple[str, int]]
    asked: set[tuple[str, int]]
    case: dict[str, Any] = field(default_factory=dict)

    def open(self, kind: str) -> None:
        """Open the case from its first letter, which proposes that, with the client whom the letter names."""
        letter = self.papers.ids[kind]
        offered = self.office.http.get(f"/documents/{letter}/proposals").raise_for_status().json()["proposals"]
        assert (None, self.sop["id"]) in [(one["case"], one["sop"]) for one in offered]
        said = self.office.archived(letter, kind)["fields"]
        self.name, self.nik = said["nama"]["value"], said["nik"]["value"]
        new = {"sop": self.sop["id"], "person": {"name": self.name, "nik": self.nik}, "document": letter}
        answer = self.office.http.post("/cases", json=new)
        assert answer.status_code == 201, answer.text
        self.case = answer.json()
        assert answer.headers["location"] == f"/api/v1{self.path}"
        # the letter that opened it serves the first step
        assert [(one["kind"], one["step"]) for one in self.case["letters"]] == [(kind, 1)]

    @property
    def path(self) -> str:
        return f"/cases/{self.case['id']}"

    def look(self) -> dict[str, Any]:
        self.case = self.office.http.get(self.path).raise_for_status().json()
        return self.case

    def state(self, step: int) -> str:
        return str(self.case["steps"][step - 1]["state"])

    def next(self) -> int | None:
        """The first step that may begin now; None when none is left."""
        return next((s["number"] for s in self.case["steps"] if s["ready"] and s["state"] == "waiting"), None)

    def do(self, action: str, step: int, **more: str) -> httpx.Response:
        answer = self.office.http.post(f"{self.path}/steps/{step}", json={"action": action, **more})
        if answer.is_success:
            self.case = answer.json()
        return answer

    def done(self, action: str, step: int, **more: str) -> None:
        answer = self.do(action, step, **more)
        assert answer.is_success, answer.text

    def is_linked(self, paper: dict[str, Any], step: int | None) -> bool:
        return any(one["kind"] in paper["kinds"] and step in (None, one["step"]) for one in self.case["letters"])

    def bring(self, paper: dict[str, Any], step: int, *, here: bool) -> None:
        """See that a row of the SOP has its letter (`here`: at that very step): wait for the system where it has to
        find it, else link it by hand."""
        if paper["optional"] or not paper["kinds"] or self.is_linked(paper, step if here else None):
            return
        kind = next(kind for kind in paper["kinds"] if kind in self.papers.kinds)
        if kind not in self.papers.ids:
            self.papers.send(kind)
            self.office.archived(self.papers.ids[kind], kind)
        if (kind, step) in self.alone:
            until(lambda: self.is_linked({"kinds": [kind]}, step) or not self.look())
        else:
            self.link(kind, step)

    def link(self, kind: str, step: int) -> None:
        """Link a letter as a person does, who takes what is proposed or seeks the case."""
        letter = self.papers.ids[kind]
        reasons = until(lambda: self._proposed(letter, step)) if (kind, step) in self.asked else []
        new = {"document": letter, "step": step, "why": "; ".join(reasons)}
        answer = self.office.http.post(f"{self.path}/letters", json=new)
        assert answer.status_code == 201, answer.text
        self.look()

    def _proposed(self, letter: str, step: int) -> list[str]:
        """Why this step is proposed for the letter; nothing when it is not."""
        offered = self.office.http.get(f"/documents/{letter}/proposals").raise_for_status().json()["proposals"]
        mine = [one for one in offered if (one["case"], one["step"]) == (self.case["id"], step)]
        return list(mine[0]["reasons"]) if mine else []

    def branch(self, step: int, branch: dict[str, Any]) -> None:
        """Lead the client into a branch, with the letters that go there."""
        assert self.do("branch", step, branch=branch["id"]).json()["slug"] == "case_refused"  # not without a reason
        self.done("branch", step, branch=branch["id"], reason=branch["when"])
        assert self.state(step) == "branched"
        for paper in branch["outputs"]:
            assert paper["text"] in {lack["text"] for lack in self.case["lacks"]} or self.is_linked(paper, step)
            self.bring(paper, step, here=True)

    def through(self, step: int) -> None:
        """Do the step as its SOP says: begin it, go into its branches and come back, but for those that end the case or
        lead to another SOP; bring every letter that it asks for and yields; finish it without words."""
        told = self.sop["steps"][step - 1]
        self.done("start", step)
        for branch in told["branches"]:
            if not branch["ends"] and branch["sop"] is None:
                self.branch(step, branch)
                self.done("start", step)
        for paper in told["needs"]:
            self.bring(paper, step, here=False)
        for paper in told["outputs"]:
            self.bring(paper, step, here=True)
        self.done("finish", step)
        assert self.state(step) == "done"

    @property
    def taken(self) -> set[tuple[int, str]]:
        return {(step["number"], way) for step in self.case["steps"] for way in step["taken"]}

    @property
    def certain(self) -> set[tuple[str, int]]:
        return {(one["kind"], one["step"]) for one in self.look()["letters"] if one["certain"]}

    def file(self) -> None:
        """What the archive asks for beside books: a classification as proposed, and where the paper lies."""
        code = {"code": self.case["proposed_classification"]}
        assert self.office.http.put(f"{self.path}/classification", json=code).is_success
        if self.sop["on_paper"]:
            assert {gap["why"] for gap in self.look()["gaps"]} == {"unplaced"}
            where = {"box": self.office.box(), "folder": self.case["number"]}
            assert self.office.http.post(f"{self.path}/places", json=where).is_success
        assert (self.look()["lacks"], self.case["gaps"]) == ([], [])

    def close(self) -> httpx.Response:
        answer = self.office.http.post(f"{self.path}/close")
        if answer.is_success:
            self.case = answer.json()
        return answer
