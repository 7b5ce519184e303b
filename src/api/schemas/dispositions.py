"""What the API says of dispositions, with examples for its documentation."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shared import ID
from records.chain import State
from records.dispositions import MOST_RECIPIENTS, Colleague, Handed, To
from records.inbox import Step
from records.office import MOST_TICKS
from records.sheets import Proposal

_SECOND = "5c0e7b0a-6a53-4f6e-8f2b-2f1f1d3b7a10"
_LINK: dict[str, Any] = {
    "id": _SECOND,
    "document": ID,
    "parent": None,
    "sheet": None,
    "depth": 0,
    "recipient": "kabid-rehsos",
    "post": "Kepala Bidang Rehabilitasi Sosial",
    "giver": "kadis",
    "on_behalf": "",
    "instructions": ["Proses lebih lanjut"],
    "note": "Segera hubungi keluarganya",
    "due_on": "2026-11-30",
    "given_at": "2026-11-21T01:02:03Z",
    "read_at": None,
    "done_at": None,
    "done_note": "",
    "state": "new",
    "late": False,
}
_HANDED: dict[str, Any] = {
    "recipients": [{"name": "kabid-rehsos", "post": ""}],
    "instructions": ["Proses lebih lanjut"],
    "note": "Segera hubungi keluarganya",
    "due_on": "2026-11-30",
}
_SHEET: dict[str, Any] = {
    "document": ID,
    "entry": _SECOND,
    "letter": _SECOND,
    "recipients": ["Kepala Bidang Rehabilitasi Sosial"],
    "instructions": ["Proses lebih lanjut"],
    "others": [],
    "in_doubt": False,
    "settled": False,
}


class Recipient(BaseModel):
    """Somebody a letter is handed to: the account's name, and the jabatan (empty: as the office's file says)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _HANDED["recipients"]})

    name: Annotated[str, Field(min_length=1, max_length=40)]
    post: Annotated[str, Field(max_length=200)] = ""


class NewDisposition(BaseModel):
    """To whom a letter is handed, with which of the office's instructions, a note, and until when."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_HANDED]})

    recipients: Annotated[list[Recipient], Field(min_length=1, max_length=MOST_RECIPIENTS)]
    instructions: Annotated[list[str], Field(max_length=MOST_TICKS)] = []
    note: Annotated[str, Field(max_length=1000)] = ""
    due_on: date | None = None


class DoneWith(BaseModel):
    """What came of it, in a few words."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"note": "Keluarga sudah dihubungi"}]})

    note: Annotated[str, Field(max_length=1000)] = ""


class Disposition(BaseModel):
    """One link of a letter's chain. `new`, `read`: it waits for its recipient; `passed`: it was handed on, to the links
    whose `parent` it is; `late`: its day is over and it is not done."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LINK]})

    id: UUID
    document: UUID
    parent: UUID | None
    sheet: UUID | None = Field(description="The scanned sheet that it was entered from")
    depth: int
    recipient: str
    post: str
    giver: str
    on_behalf: str = Field(description="Who signed the sheet; empty for one given here")
    instructions: list[str]
    note: str
    due_on: date | None
    given_at: datetime
    read_at: datetime | None
    done_at: datetime | None
    done_note: str
    state: State
    late: bool


class Dispositions(BaseModel):
    """Links: of one letter each beneath the one it came from, of somebody's own list the most urgent first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"dispositions": [_LINK]}]})

    dispositions: list[Disposition]


class LetterDispositions(Dispositions):
    """A letter's chain, the people it may be handed to, and the instructions that the office uses."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dispositions": [_LINK],
                    "people": _HANDED["recipients"],
                    "instructions": ["Proses lebih lanjut", "Untuk diketahui"],
                }
            ]
        }
    )

    people: list[Recipient]
    instructions: list[str]


class ReturnedSheet(BaseModel):
    """A scanned sheet of disposition: what was ticked of the office's lists, and what else was read as ticked.
    `in_doubt`: its boxes have to be checked first; `settled`: somebody made a disposition of it, or said that nothing
    comes of it; `letter` is null where the entry's letter is not in the archive."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHEET]})

    document: UUID
    entry: UUID
    letter: UUID | None
    recipients: list[str]
    instructions: list[str]
    others: list[str]
    in_doubt: bool
    settled: bool


class ReturnedSheets(BaseModel):
    """Sheets that wait to become dispositions, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sheets": [ID]}]})

    sheets: list[UUID]


def handed(new: NewDisposition) -> Handed:
    """What was sent, as the room takes it."""
    to = tuple(To(one.name, one.post) for one in new.recipients)
    return Handed(to, tuple(new.instructions), new.note, new.due_on)


def link(step: Step) -> Disposition:
    """A link as the API shows it."""
    row = step.row
    return Disposition(
        id=row.id,
        document=row.document_id,
        parent=row.parent_id,
        sheet=row.sheet_id,
        depth=step.depth,
        recipient=row.recipient,
        post=row.post,
        giver=row.giver,
        on_behalf=row.on_behalf,
        instructions=row.instructions,
        note=row.note,
        due_on=row.due_on,
        given_at=row.given_at,
        read_at=row.read_at,
        done_at=row.done_at,
        done_note=row.done_note,
        state=step.state,
        late=step.late,
    )


def chain(
    steps: Iterable[Step], people: Iterable[Colleague], posts: dict[str, str], instructions: Iterable[str]
) -> LetterDispositions:
    """A letter's chain as the API shows it; `posts` are jabatan by account name."""
    return LetterDispositions(
        dispositions=[link(step) for step in steps],
        people=[Recipient(name=person.name, post=posts.get(person.name, "")) for person in people],
        instructions=list(instructions),
    )


def sheet(found: Proposal) -> ReturnedSheet:
    """A returned sheet as the API shows it."""
    return ReturnedSheet(
        document=found.sheet.id,
        entry=found.entry.id,
        letter=found.entry.document_id,
        recipients=list(found.recipients),
        instructions=list(found.instructions),
        others=list(found.others),
        in_doubt=found.in_doubt,
        settled=found.settled,
    )
