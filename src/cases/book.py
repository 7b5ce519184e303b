"""The book of cases: opening one under a version of its SOP, finding it, and everything that is known of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import ledger
from archive.checks import KIND_IN_DOUBT
from archive.tables import DocumentRow
from cases.closing import Gap, gaps
from cases.machine import SETTLED, CaseState, Lack, Linked, Progress, StepState, finishable, lacks, missing
from cases.officehours import Office
from cases.sop import Sop, Step
from cases.tables import CaseActionRow, CaseFileRow, CaseLetterRow, CaseStepRow, ClientRow, SopVersionRow
from cases.timers import Timer, Times, timers
from core.faults import IdempotencyConflict, NotFound
from records.booked import booked
from records.paper import Lies, lying

_NUMBER: Final = text("SELECT case_number(:unit, :year)")
_versions: Final[dict[str, Sop]] = {}  # SOPs of cases, by digest: each is read once


@dataclass(frozen=True, slots=True)
class Request:
    """What makes a request to open a case safe to send again: the sender's key, and a keyed digest of what it says."""

    key: str
    index: bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """The case and the step whose branch leads to another case."""

    case: UUID
    step: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is linked to a step of a case; `booked`: no book waits for it, `lies`: where its paper is."""

    link: CaseLetterRow
    document: DocumentRow
    booked: bool
    lies: Lies | None

    @property
    def sure(self) -> bool:
        """Whether it is beyond doubt what kind of letter it is."""
        return self.document.checked_at is not None or (self.document.doubt or 0) < KIND_IN_DOUBT

    @property
    def locked(self) -> bool:
        """Whether it lies locked in the archive; what is another letter's pages by now never will."""
        return self.document.stage == "sealed" or self.document.is_stack or self.document.is_joined_back


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that somebody did: an action on a step, `waive`, `classify` (`reason`: the code), `close`, `link` or
    `unlink`; with a letter's dispositions (cases/chronicle.py) `dispose` or `disposed`.

    `account` is None for what the system did by itself. `by` is who a disposition says did it, by name or jabatan: who
    sees the letter may know that, and no other names of accounts.
    """

    at: datetime
    account: UUID | None
    what: str
    step: int | None
    reason: str
    branch: str | None = None
    place: str | None = None
    document: UUID | None = None
    by: str = ""


@dataclass(frozen=True)
class Case:
    """One case with its client, steps, letters and what was done, as one transaction saw them."""

    row: CaseFileRow
    client: ClientRow
    state: CaseState
    times: dict[int, Times]
    letters: tuple[Letter, ...]
    waived: frozenset[str]

    @property
    def number(self) -> str:
        """`001/2026`."""
        return f"{self.row.number:03d}/{self.row.year}"

    @cached_property
    def linked(self) -> tuple[Linked, ...]:
        """The letters as the machine sees them."""
        return tuple(
            Linked(
                step=letter.link.step,
                kind=letter.document.kind,
                numbered=bool(letter.document.fields.get("nomor_surat", {}).get("value")),
                sealed=letter.document.stage == "sealed",
                booked=letter.booked,
                sure=letter.sure,
                placed=letter.lies is not None,
                letter=letter.document.id,
            )
            for letter in self.letters
            if not (letter.document.is_stack or letter.document.is_joined_back)  # its pages are other letters' now
        )

    @cached_property
    def lacks(self) -> list[Lack]:
        """What is missing and was not waived."""
        return lacks(self.state, self.linked, self.waived)

    @cached_property
    def gaps(self) -> list[Gap]:
        """What the archive still lacks of it before it may close, and was not waived; none once it is closed."""
        if self.row.closed_at is not None:
            return []
        return gaps(
            self.state,
            self.linked,
            on_paper=self.state.sop.on_paper,
            classified=self.row.classification is not None,
            waived=self.waived,
        )

    @property
    def finishable(self) -> tuple[int, ...]:
        """The steps that wait for nothing but somebody's word that they are done; none once it is closed."""
        return finishable(self.state, self.linked) if self.row.closed_at is None else ()

    def missing(self, step: Step) -> list[Lack]:
        """The outputs for want of which the step ends with a reason only."""
        return missing(step, self.linked)

    @property
    def settled(self) -> int:
        """How many steps are done or skipped."""
        return sum(progress.state in SETTLED for progress in self.state.steps)

    @property
    def waits_for(self) -> tuple[Step, ...]:
        """The steps that wait for somebody; none once it is closed."""
        return self.state.current if self.row.closed_at is None else ()

    def timers(self, now: datetime, office: Office) -> tuple[Timer, ...]:
        """How it stands against the SOP's times; a closed case stands as it did when it was closed."""
        return timers(self.state, self.times, self.row.opened_at, self.row.closed_at or now, office)


def opened_by(session: Session, account: Account, request: Request) -> Case | None:
    """The case that this very request opened before; until the transaction ends no other one does with its key.

    Raises IdempotencyConflict when that request said something else.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{account.id}/{request.key}", 0))))
    mine = select(CaseFileRow).where(CaseFileRow.opened_by == account.id, CaseFileRow.request_key == request.key)
    row = session.scalar(mine)
    if row is None:
        return None
    if row.request_index != request.index:
        raise IdempotencyConflict
    return _loaded(session, [row])[0]


def open_case(
    session: Session,
    account: Account,
    sop: Sop,
    client: ClientRow,
    *,
    unit: str,
    clearance: int,
    year: int,
    request: Request | None = None,
    origin: Origin | None = None,
) -> CaseFileRow:
    """A new case of the client, numbered in its unit and year. Its level is at least the client's."""
    session.execute(
        insert(SopVersionRow)
        .values(digest=sop.digest, sop=sop.id, data=sop.model_dump(mode="json"))
        .on_conflict_do_nothing()
    )
    row = CaseFileRow(
        unit=unit,
        clearance=max(clearance, client.clearance),
        year=year,
        number=session.scalar(_NUMBER, {"unit": unit, "year": year}),
        sop=sop.id,
        sop_digest=sop.digest,
        client_id=client.id,
        opened_by=account.id,
        request_key=request.key if request else None,
        request_index=request.index if request else None,
        from_case=origin.case if origin else None,
        from_step=origin.step if origin else None,
    )
    session.add(row)
    session.flush()
    session.add_all(CaseStepRow(case_id=row.id, number=step.number) for step in sop.steps)
    session.flush()
    ledger.append(session, "case_opened", actor=account.id, case=str(row.id), sop=sop.id, version=sop.digest)
    return row


def find(session: Session, case: UUID, *, to_change: bool = False) -> Case:
    """The case, if this transaction's account may see it; `to_change` holds it until the end, unless it is closed: a
    closed one can't be changed. Raises NotFound."""
    query = select(CaseFileRow).where(CaseFileRow.id == case)
    row = session.scalar(query.with_for_update(of=CaseFileRow)) if to_change else None
    row = row or session.scalar(query)
    if row is None:
        raise NotFound
    return _loaded(session, [row])[0]


def several(session: Session, cases: Collection[UUID]) -> list[Case]:
    """Those of the cases that this transaction's account may see."""
    return _loaded(session, list(session.scalars(select(CaseFileRow).where(CaseFileRow.id.in_(cases)))))


def origin(session: Session, case: Case) -> CaseFileRow | None:
    """The case whose branch led to this one, if it may be seen."""
    return session.get(CaseFileRow, case.row.from_case) if case.row.from_case else None


def led_to(session: Session, case: UUID) -> list[CaseFileRow]:
    """The visible cases that branches of this one led to, oldest first."""
    query = select(CaseFileRow).where(CaseFileRow.from_case == case).order_by(CaseFileRow.opened_at)
    return list(session.scalars(query))


def newest(
    session: Session,
    *,
    is_open: bool | None,
    limit: int,
    before: datetime | None = None,
    of: Collection[UUID] | None = None,
) -> list[Case]:
    """At most `limit` visible cases, newest first, opened before that moment; `of`: only of these clients."""
    query = select(CaseFileRow).order_by(CaseFileRow.opened_at.desc()).limit(limit)
    if is_open is not None:
        query = query.where(CaseFileRow.closed_at.is_(None) if is_open else CaseFileRow.closed_at.is_not(None))
    if before is not None:
        query = query.where(CaseFileRow.opened_at < before)
    if of is not None:
        query = query.where(CaseFileRow.client_id.in_(of))
    return _loaded(session, list(session.scalars(query)))


def of_letters(session: Session, documents: Collection[UUID]) -> list[Case]:
    """The visible cases that one of these letters is linked to."""
    linked = select(CaseLetterRow.case_id).where(
        CaseLetterRow.document_id.in_(documents), CaseLetterRow.removed_at.is_(None)
    )
    query = select(CaseFileRow).where(CaseFileRow.id.in_(linked)).order_by(CaseFileRow.opened_at)
    return _loaded(session, list(session.scalars(query)))


def history(session: Session, case: UUID) -> list[Done]:
    """What was done with a case, oldest first: its steps, waivers, letters linked and taken off again, its closing."""
    actions = session.scalars(select(CaseActionRow).where(CaseActionRow.case_id == case))
    done = [
        Done(row.at, row.account_id, row.action, row.step, row.reason, branch=row.branch, place=row.place)
        for row in actions
    ]
    for row in session.scalars(select(CaseLetterRow).where(CaseLetterRow.case_id == case)):
        done.append(Done(row.linked_at, row.linked_by, "link", row.step, row.why, document=row.document_id))
        if row.removed_at is not None and row.removed_by is not None:
            done.append(Done(row.removed_at, row.removed_by, "unlink", row.step, "", document=row.document_id))
    return sorted(done, key=lambda one: one.at)


def now(session: Session) -> datetime:
    """The database's clock, by which everything of a case is timed."""
    moment: datetime | None = session.scalar(select(func.now()))
    assert moment is not None  # noqa: S101 - now() always has a value
    return moment


def _loaded(session: Session, rows: Sequence[CaseFileRow]) -> list[Case]:
    """The cases in full, by a few queries for all of them."""
    ids = [row.id for row in rows]
    versions_of = versions(session, {row.sop_digest for row in rows})
    people = {
        row.id: row for row in session.scalars(select(ClientRow).where(ClientRow.id.in_({r.client_id for r in rows})))
    }
    steps: dict[UUID, list[CaseStepRow]] = {case: [] for case in ids}
    for step in session.scalars(select(CaseStepRow).where(CaseStepRow.case_id.in_(ids)).order_by(CaseStepRow.number)):
        steps[step.case_id].append(step)
    letters: dict[UUID, list[Letter]] = {case: [] for case in ids}
    linked = (
        select(CaseLetterRow, DocumentRow)
        .join(DocumentRow, DocumentRow.id == CaseLetterRow.document_id)
        .where(CaseLetterRow.case_id.in_(ids), CaseLetterRow.removed_at.is_(None))
        .order_by(CaseLetterRow.step, CaseLetterRow.linked_at)
    )
    pairs = [(link, document) for link, document in session.execute(linked)]
    documents = {document.id: document for _, document in pairs}
    done_with, places = booked(session, documents.values()), lying(session, documents)
    for link, document in pairs:
        letters[link.case_id].append(Letter(link, document, document.id in done_with, places.get(document.id)))
    waived: dict[UUID, set[str]] = {case: set() for case in ids}
    excused = select(CaseActionRow.case_id, CaseActionRow.place).where(
        CaseActionRow.case_id.in_(ids), CaseActionRow.action == "waive"
    )
    for case, place in session.execute(excused):
        waived[case].add(str(place))
    return [
        Case(
            row=row,
            client=people[row.client_id],
            state=CaseState(
                versions_of[row.sop_digest], tuple(progress(step.state, step.taken) for step in steps[row.id])
            ),
            times={step.number: Times(step.started_at, step.ended_at) for step in steps[row.id]},
            letters=tuple(letters[row.id]),
            waived=frozenset(waived[row.id]),
        )
        for row in rows
    ]


def progress(state: str, taken: Sequence[str]) -> Progress:
    """How far a step is, as its row says."""
    states: dict[str, StepState] = {
        "waiting": "waiting",
        "running": "running",
        "done": "done",
        "skipped": "skipped",
        "branched": "branched",
    }
    return Progress(states[state], tuple(taken))


def versions(session: Session, digests: Iterable[str]) -> dict[str, Sop]:
    """The SOPs that cases were opened under, by the digests of their versions; read once in a process."""
    wanted = set(digests)
    missing = [digest for digest in wanted if digest not in _versions]
    if missing:
        query = select(SopVersionRow.digest, SopVersionRow.data).where(SopVersionRow.digest.in_(missing))
        _versions.update({digest: Sop.model_validate(data) for digest, data in session.execute(query)})
    return {digest: _versions[digest] for digest in wanted}
