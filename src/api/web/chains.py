"""Chains of dispositions as pages show them, and the form that hands a letter on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from access.accounts import Account
from api.web.agenda_form import day
from api.web.words import ROLES
from archive import documents
from records import inbox
from records.dispositions import Colleague, Handed, To
from records.inbox import Step
from records.office import office

_TO: Final = "kepada."
_WHAT: Final = "perintah."
_ROLES: Final = {role.value: word.lower() for role, word in ROLES.items()}


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter's chain; `notes` are the sheets whose handwriting the visitor may see, each at its first link; `endable`
    the links that the visitor may say are done."""

    steps: tuple[Step, ...]
    notes: Mapping[UUID, UUID]
    endable: frozenset[UUID]


def shown(session: Session, account: Account, letters: Collection[UUID]) -> dict[UUID, Shown]:
    """The chains of these letters; letters without one are left out."""
    found = inbox.chains(session, letters)
    of_sheets = {step.row.sheet_id for steps in found.values() for step in steps if step.row.sheet_id is not None}
    visible = documents.several(session, list(of_sheets))
    told = {}
    for letter, steps in found.items():
        first: dict[UUID, UUID] = {}
        for step in steps:
            if step.row.sheet_id in visible:
                first.setdefault(step.row.sheet_id, step.row.id)
        notes = {link: sheet for sheet, link in first.items()}
        endable = inbox.may_end([step.row for step in steps], account)
        told[letter] = Shown(tuple(steps), notes, frozenset(endable))
    return told


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody a letter may be handed to, as the form names them."""

    name: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Form:
    """The form that hands a letter on: whom, with which instructions, a note, until when."""

    people: tuple[Choice, ...]
    instructions: tuple[tuple[str, bool], ...]
    note: str = ""
    due: str = ""


def form(
    people: Sequence[Colleague],
    account: Account,
    *,
    posted: Mapping[str, str] | None = None,
    instructions: Collection[str] = (),
) -> Form:
    """The form as it is first shown, or as it was `posted`; who holds a jabatan stands first."""
    said, offered = posted or {}, office().disposition
    ordered = sorted(people, key=lambda one: (not offered.post_of(one.name), one.name))
    told = set(instructions) if posted is None else set(_instructions(said))
    return Form(
        people=tuple(Choice(one.name, _label(one), _TO + one.name in said) for one in ordered if one.id != account.id),
        instructions=tuple((one, one in told) for one in offered.instructions),
        note=said.get("catatan", ""),
        due=said.get("tenggat", ""),
    )


def _label(person: Colleague) -> str:
    """How people know somebody: by jabatan and name, or by name and role."""
    post = office().disposition.post_of(person.name)
    return f"{post} ({person.name})" if post else f"{person.name} ({_ROLES[person.role]})"


def handed(posted: Mapping[str, str], more: Sequence[To] = ()) -> Handed:
    """What the form said, and to whom else. Raises InvalidRequest for a day that does not exist."""
    to = [To(name.removeprefix(_TO)) for name in posted if name.startswith(_TO)]
    return Handed(
        to=(*more, *to),
        instructions=tuple(_instructions(posted)),
        note=posted.get("catatan", ""),
        due_on=day(posted.get("tenggat", "").strip(), "tenggat"),
    )


def _instructions(posted: Mapping[str, Any]) -> list[str]:
    return [one for number, one in enumerate(office().disposition.instructions) if f"{_WHAT}{number}" in posted]
