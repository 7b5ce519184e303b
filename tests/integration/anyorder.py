"""A unit's desk for commands in any order: what was done is noted and compared with what the database says."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from api.casework import Opening, act, open_case
from archive import documents
from archive.checks import KIND_IN_DOUBT
from cases import book, proposals, work
from cases.book import Case
from cases.clients import told
from cases.machine import Command
from core.db import transaction
from core.faults import CaseClosed, Fault
from records import agenda, boxes, correcting, dispositions, inbox, outgoing, waiting
from records.agenda import Registration
from records.book import Period, all_lines
from records.boxes import Stand
from records.dispositions import Handed, To
from records.office import office
from records.particulars import BOOKS, Particulars
from records.steps import STEPS
from tests.integration.conftest import MakeAccount
from tests.integration.test_agenda import YEAR
from tests.integration.test_linking import Office

A, B, C = "pemulangan-tarakan", "pemulangan-kaltara", "rujukan-lk3-tarakan"
KINDS: Final = (
    "skt_polisi", "formulir_layanan_sosial", "surat_permohonan_pemulangan", "hasil_asesmen", "lembar_disposisi",
    "surat_rujukan_lk3", "surat_pemulangan", "surat_rujukan_rsud", "kontrak_konseling", "surat_masuk_lain",
)  # fmt: skip
STEPS_OF_LETTERS: Final = STEPS
NIK, NAME = "6571014101809901", "Siti Aminah"
WHY = "ada sebabnya"
LISTS_EVERY = 4


@dataclass(eq=False)
class Entry:
    """What is known of one line: its letter, whether it has its number, is cancelled, and the letters that show it."""

    id: UUID
    book: Any
    letter: UUID | None
    numbered: bool
    cancelled: bool = False
    shown: set[UUID] = field(default_factory=set)


class Desk:
    """A unit with two clerks and an official, somebody of the records unit, and an outsider."""

    def __init__(self, account: MakeAccount, database: Engine, worker: Engine) -> None:
        unit = f"unit-{uuid4().hex[:12]}"
        self.people = {
            "clerk": account("petugas", unit=unit),
            "second": account("petugas", unit=unit),
            "official": account("pejabat", unit=unit),
            "records": account("arsiparis", unit="kearsipan"),
            "outsider": account("petugas", unit=f"lain-{unit}"),
        }
        self.clerk = self.people["clerk"]
        self.office = Office(self.clerk, database, worker)
        with transaction(self.clerk.context) as session:
            self.box = boxes.add(session, self.clerk, unit, "Boks 1", Stand()).box.id
        self.looks = 0
        self.client: UUID | None = None
        self.cases: list[UUID] = []
        self.closed: set[UUID] = set()
        self.letters: dict[UUID, str] = {}
        self.in_doubt: set[UUID] = set()  # letters whose kind nobody knows for certain
        self.live: dict[UUID, tuple[UUID, int, UUID]] = {}  # links: case, step, letter
        self.linked: Counter[UUID] = Counter()  # links ever made, by case
        self.entries: list[Entry] = []
        self.left_out: set[UUID] = set()
        self.handed: dict[UUID, UUID] = {}  # dispositions that are not done: to whom

    @contextmanager
    def doing(self, who: str) -> Iterator[tuple[Session, Account]]:
        """One command of somebody's; a refusal is as good as any answer, as long as it changes nothing. Which role may
        do what the doors say, so each command asks for its right first."""
        by = self.people[who]
        try:
            with transaction(by.context) as session:
                yield session, by
        except Fault:
            return

    def nth(self, of: Any, n: int) -> Any:
        return list(of)[n % len(of)] if of else None

    def open(self, who: str, sop: str, letter: int | None) -> None:
        document = self.nth(self.letters, letter) if letter is not None else None
        with self.doing(who) as (session, by):
            by.require(Right.WORK_CASES)
            person = told(NAME, NIK) if self.client is None else None
            opened = open_case(session, by, Opening(sop, self.client, person, document)).case
            assert who != "outsider"
            self.client = opened.client.id
            self.cases.append(opened.row.id)
            self._learn(opened)

    def letter(self, kind: str, *, doubt: int, named: bool) -> None:
        """A letter that was read, of the client or of nobody."""
        number = f"{len(self.letters) + 1}/{kind[:3].upper()}/XI/2026" if named else ""
        made = self.office.filed(kind, nik=NIK if named else None, name=NAME if named else None, number=number)
        with self.office.database.begin() as connection:
            change = text("UPDATE document SET doubt = :doubt, stage = 'sealed', sealed_at = now() WHERE id = :id")
            connection.execute(change, {"doubt": doubt, "id": made})
        self.letters[made] = kind
        if doubt == KIND_IN_DOUBT:
            self.in_doubt.add(made)
        self._learn_all()

    def seek(self, letter: int | None) -> None:
        """The system looks for the case of a letter, or for the letters of all cases that changed: it links only what
        is linked nowhere, and that once."""
        before = dict(self.live)
        if letter is None:
            self.office.work_through()
        else:
            self.office.seek(self.nth(self.letters, letter))
        self._learn_all()
        new = [at[2] for link, at in self.live.items() if link not in before]
        assert not set(new) & {at[2] for at in before.values()}
        assert len(new) == len(set(new))

    def link(self, who: str, case: int, letter: int, step: int) -> None:
        here, document = self.nth(self.cases, case), self.nth(self.letters, letter)
        with self.doing(who) as (session, by):
            by.require(Right.WORK_CASES)
            row = work.link(session, by, here, document, step)
            assert who != "outsider"
            if row.id not in self.live:
                self.live[row.id] = (here, step, document)
                self.linked[here] += 1

    def unlink(self, who: str, case: int, nth: int) -> None:
        here = self.nth(self.cases, case)
        mine = [link for link, (one, _, _) in self.live.items() if one == here]
        if mine:
            with self.doing(who) as (session, by):
                by.require(Right.WORK_CASES)
                work.unlink(session, by, here, mine[nth % len(mine)])
                assert who != "outsider"
                del self.live[mine[nth % len(mine)]]

    def act(self, who: str, case: int, action: Any, step: int, reason: str, branch: int) -> None:
        here = self.nth(self.cases, case)
        with transaction(self.clerk.context) as session:
            state = book.find(session, here).state
        likely = [one.number for one in state.current] if action != "reopen" else []
        number = self.nth(likely or [one.number for one in state.sop.steps], step)
        way = self.nth(state.sop.step(number).branches, branch)
        with self.doing(who) as (session, by):
            by.require(Right.WORK_CASES)
            done = act(session, by, here, Command(action, number, reason, way.id if way else None))
            assert who != "outsider"
            assert here not in self.closed
            assert [one for n, one in enumerate(state.steps, 1) if n != number] == [
                one for n, one in enumerate(done.state.steps, 1) if n != number
            ]
            new = [row.id for row in book.led_to(session, here) if row.id not in self.cases]
            self.cases += new

    def waive(self, who: str, case: int, nth: int, reason: str) -> None:
        here = self.nth(self.cases, case)
        with transaction(self.clerk.context) as session:
            found = book.find(session, here)
        missing = [one.place for one in (*found.lacks, *found.gaps)]
        if missing:
            with self.doing(who) as (session, by):
                work.waive(session, by, here, missing[nth % len(missing)], reason)
                assert who == "records"

    def classify(self, who: str, case: int, code: str) -> None:
        with self.doing(who) as (session, by):
            by.require(Right.WORK_CASES)
            work.classify(session, by, self.nth(self.cases, case), code)

    def place(self, who: str, case: int, *, is_there: bool) -> None:
        with self.doing(who) as (session, by):
            by.require(Right.PLACE)
            box = boxes.find(session, str(self.box)) if is_there else None
            work.put_on_paper(session, by, self.nth(self.cases, case), box, "F")

    def register(self, who: str, letter: int | None, which: Any, *, numbered: bool) -> None:
        document = self.nth(self.letters, letter) if letter is not None else None
        said = Particulars(party="Kelurahan", subject="Permohonan", code="400.9.4.1")
        with self.doing(who) as (session, by):
            by.require(Right.REGISTER)
            done = agenda.register(session, by, Registration(which, said, document, numbered))
            if by.unit != self.clerk.unit and document is None:
                return  # in the book of another unit
            if done.new:
                self.entries.append(Entry(done.entry.id, which, document, numbered))

    def cancel(self, who: str, entry: int) -> None:
        found: Entry | None = self.nth(self.entries, entry)
        if found:
            with self.doing(who) as (session, by):
                by.require(Right.REGISTER)
                agenda.cancel(session, by, found.id, WHY)
                assert not found.cancelled
                found.cancelled = True

    def correct(self, who: str, entry: int, subject: str) -> None:
        found: Entry | None = self.nth(self.entries, entry)
        if found:
            with self.doing(who) as (session, by):
                by.require(Right.REGISTER)
                correcting.correct(session, by, found.id, {"subject": subject}, WHY)
                assert not found.cancelled

    def take_step(self, who: str, entry: int, step: Any, letter: int | None) -> None:
        found: Entry | None = self.nth(self.entries, entry)
        shown = self.nth(self.letters, letter) if letter is not None else None
        if found:
            with self.doing(who) as (session, by):
                by.require(Right.REGISTER)
                outgoing.take(session, by, found.id, step, on_day=None, document=shown)
                assert (found.book, found.cancelled) == ("keluar", False)
                found.numbered = found.numbered or step == "nomor"
                found.shown |= {shown} if shown else set()

    def leave_out(self, who: str, letter: int) -> None:
        document = self.nth(self.letters, letter)
        with self.doing(who) as (session, by):
            by.require(Right.REGISTER)
            waiting.leave_out(session, by, document, "lampiran surat lain")
            self.left_out.add(document)

    def dispose(self, who: str, letter: int, to: str) -> None:
        document, whom = self.nth(self.letters, letter), self.people[to]
        with self.doing(who) as (session, by):
            [row] = dispositions.give(session, by, document, Handed((To(whom.name),)))
            assert "outsider" not in (who, to)
            self.handed[row.id] = whom.id

    def dispose_of(self, who: str, nth: int) -> None:
        link = self.nth(self.handed, nth)
        if link:
            with self.doing(who) as (session, by):
                dispositions.finish(session, by, link, "sudah")
                del self.handed[link]

    def close(self, who: str, case: int) -> None:
        here = self.nth(self.cases, case)
        with self.doing(who) as (session, by):
            by.require(Right.WORK_CASES)
            work.close(session, by, here)
            self.closed.add(here)

    def _learn_all(self) -> None:
        with transaction(self.clerk.context) as session:
            for found in book.several(session, self.cases):
                self._learn(found)

    def _learn(self, found: Case) -> None:
        """Links that were made by opening a case, or by the system."""
        case = found.row.id
        for one in found.letters:
            if one.link.id not in self.live:
                self.live[one.link.id] = (case, one.link.step, one.document.id)
                self.linked[case] += 1

    def check(self) -> None:
        """Everything that must be so after any command; the lists, which take longer, after some of them."""
        self.looks += 1
        with transaction(self.clerk.context) as session:
            assert len(documents.several(session, list(self.letters))) == len(self.letters)
            found = book.several(session, self.cases)
            assert {one.row.id for one in found} == set(self.cases)
            for one in found:
                self._check_case(session, one)
            for which in BOOKS:
                given = [line.number for line in all_lines(session, self.clerk.unit, which, Period(YEAR))]
                assert given == list(range(1, sum(e.numbered for e in self.entries if e.book == which) + 1))
            if self.looks % LISTS_EVERY == 0:
                self._check_lists(session)

    def _check_case(self, session: Session, found: Case) -> None:
        case = found.row.id
        assert (found.row.closed_at is not None) == (case in self.closed)
        there = {one.link.id: (case, one.link.step, one.document.id) for one in found.letters}
        assert there == {link: at for link, at in self.live.items() if at[0] == case}
        told = Counter(one.what for one in book.history(session, case))
        assert (told["link"], told["unlink"]) == (self.linked[case], self.linked[case] - len(there))
        # whatever is open waits for somebody, or may be closed as soon as nothing lacks
        assert case in self.closed or found.waits_for or found.state.is_through

    def _check_lists(self, session: Session) -> None:
        standing = {e.letter for e in self.entries if not e.cancelled}
        shown = {one for e in self.entries if not e.cancelled for one in e.shown}
        queued = {
            letter
            for letter, kind in self.letters.items()
            if kind not in office().not_letters and (kind not in office().internal or letter in self.in_doubt)
        }
        assert {row.id for row in waiting.waiting(session, 50)} == queued - standing - shown - self.left_out
        asked = {one.row.id for one in proposals.waiting(session, self.people["clerk"], limit=50)}
        assert not asked & {letter for _, _, letter in self.live.values()}
        for name in ("clerk", "second", "official"):
            mine = [link for link, to in self.handed.items() if to == self.people[name].id]
            assert inbox.waiting_count(self.people[name].id) == len(mine)

    def bring_to_its_end(self, case: int) -> None:
        """The arsiparis alone can close a case, whatever was done before; then nobody changes it any more."""
        here, by = self.nth(self.cases, case), self.people["records"]
        if here not in self.closed:
            with transaction(by.context) as session:
                found = book.find(session, here)
                while not found.state.is_through:
                    found = act(session, by, here, Command("skip", found.state.current[0].number, WHY))
                while places := [one.place for one in (*found.lacks, *found.gaps)]:
                    found = work.waive(session, by, here, places[0], WHY)
                work.close(session, by, here)
            self.closed.add(here)
        with pytest.raises(CaseClosed), transaction(by.context) as session:
            act(session, by, here, Command("reopen", 1, WHY))

    def end(self) -> None:
        """Every case can be closed still, and all is as it must be."""
        for case in range(len(self.cases)):
            self.bring_to_its_end(case)
        self.looks = -1
        self.check()
        with transaction() as session:
            assert session.scalar(text("SELECT agenda_broken()")) is None
