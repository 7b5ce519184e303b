"""Opening a case, from a letter or empty, as the API and the pages do it."""

import hashlib
import hmac
import json
from dataclasses import astuple, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import level
from api.procedures import calendar, procedure, procedures
from archive import documents, stacks
from archive.tables import DocumentRow
from cases import book, clients, work
from cases.book import Case, Origin
from cases.clients import Similar, Told
from cases.letterfacts import facts
from cases.machine import CaseState, Command, suggested_step
from core.faults import CaseRefused, InvalidRequest
from core.settings import settings


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is opened with: a known client by id, or a new one; a letter to begin with, or none. `key` makes the
    request safe to send again."""

    sop: str
    client: UUID | None
    person: Told | None
    document: UUID | None
    step: int | None = None
    key: str | None = None

    @property
    def request(self) -> book.Request | None:
        """The key, with a digest that tells this request from another one and gives nothing of a person away."""
        if self.key is None:
            return None
        person = astuple(self.person) if self.person else None
        said = json.dumps([self.sop, self.client, person, self.document, self.step], default=str)
        index = hmac.digest(identity_key().encode(), b"opening:" + said.encode(), hashlib.sha256)
        return book.Request(self.key, index)


@dataclass(frozen=True, slots=True)
class Opened:
    """The case, and whether it is new or was opened by the same request before."""

    case: Case
    new: bool


def identity_key() -> str:
    """The key of the index of NIKs."""
    return settings().identity_key.get_secret_value()


def opened_before(session: Session, account: Account, wanted: Opening) -> Case | None:
    """The case that this very request opened before. Raises IdempotencyConflict for another request with its key."""
    return book.opened_by(session, account, wanted.request) if wanted.request else None


def open_case(session: Session, account: Account, wanted: Opening) -> Opened:
    """Open the case, once for each key; the letter is linked to the step named, or to the one it fits.

    Raises NotFound, CaseRefused, IdempotencyConflict; PagesElsewhere, CutFirst or NotReady for what is no letter.
    """
    known = opened_before(session, account, wanted)
    if known is not None:
        return Opened(known, new=False)
    sop = procedure(wanted.sop)
    # held before the ledger is: who moves the letter on takes them in this order
    letter = stacks.held_letter(session, wanted.document) if wanted.document else None
    unit = letter.unit if letter else account.unit
    clearance = letter.clearance if letter else min(level(settings().default_clearance), account.clearance)
    if wanted.client is not None:
        client = clients.find(session, wanted.client)
        if client.unit != unit:
            raise CaseRefused(why="klien ini milik unit lain")
    else:
        assert wanted.person is not None  # noqa: S101 - the doors ask for one of the two
        client = clients.add(session, account, identity_key(), wanted.person, unit=unit, clearance=clearance)
    year = calendar().day_of(book.now(session)).year
    row = book.open_case(
        session, account, sop, client, unit=unit, clearance=clearance, year=year, request=wanted.request
    )
    if letter is not None:
        step = wanted.step or suggested_step(CaseState.new(sop), letter.kind)
        work.link(session, account, row.id, letter.id, step)
    return Opened(book.find(session, row.id), new=True)


def act(session: Session, account: Account, case: UUID, command: Command) -> Case:
    """Do something with a step; a branch that leads to another SOP opens the client's case under it, once.

    Raises NotFound, CaseClosed, CaseRefused, InvalidRequest.
    """
    if command.action == "branch":
        # before the step is changed: its ledger entry comes last, and the new case takes its number before that
        _lead_on(session, account, book.find(session, case, to_change=True), command)
    return work.act(session, account, case, command)


def _lead_on(session: Session, account: Account, found: Case, command: Command) -> None:
    """Open the case that the branch leads to, unless there is one. What can't be done is refused by work.act."""
    steps = found.state.sop.steps
    if found.row.closed_at is not None or not 1 <= command.step <= len(steps):
        return
    branch = next((one for one in steps[command.step - 1].branches if one.id == command.branch), None)
    sop = procedures().get(branch.sop) if branch is not None and branch.sop is not None else None
    if sop is None or any(one.sop == sop.id and one.closed_at is None for one in book.led_to(session, found.row.id)):
        return
    book.open_case(
        session,
        account,
        sop,
        found.client,
        unit=found.row.unit,
        clearance=found.row.clearance,
        year=calendar().day_of(book.now(session)).year,
        origin=Origin(found.row.id, command.step),
    )


def letter_of(session: Session, document: UUID) -> DocumentRow:
    """The letter, if it is one that a case can hold. Raises NotFound, PagesElsewhere, CutFirst, NotReady."""
    row = documents.find(session, document)
    stacks.require_letter(row)
    return row


def alike(session: Session, name: str, nik: str, born: date | None, unit: str) -> list[Similar]:
    """Clients like the one a letter names; none when what was read can't be a client's."""
    try:
        person = clients.told(name, nik, born)
    except InvalidRequest:
        return []
    return clients.similar(session, identity_key(), person, unit)


def prefill(letter: DocumentRow) -> tuple[str, str, date | None]:
    """Name, NIK and birth date that a letter says of its client; "" and None for what it does not say."""
    said = facts(letter.kind, letter.fields)
    return said.name, str(letter.fields.get("nik", {}).get("value", "")), said.birth
