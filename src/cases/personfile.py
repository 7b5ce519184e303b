"""What is held on a person as a file to be given to them: JSON, and a BagIt bag with their letters."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from access.accounts import names_of
from access.roles import CLEARANCES
from archive import blobs, objects
from archive.actions import ACTIONS
from archive.objects import Place
from archive.tables import DocumentRow
from cases.persons import Held
from core.faults import KeyDestroyed
from records.export.bag import Bag, Payload
from records.tables import DispositionRow

# Of a letter's fields and an agenda line, what is of the letter; the rest is how the archive works
_AGENDA: Final = ("book", "year", "number", "day", "party", "letter_number", "letter_date", "subject", "note")


@dataclass(frozen=True, slots=True)
class File:
    """One file of the bag, as it lies in the archive."""

    name: str
    place: Place
    version: str | None
    sha256: str | None


def told(session: Session, held: Held) -> dict[str, Any]:
    """All of it as JSON values, with who did and saw what by name."""
    accounts = [event.actor for event in held.events]
    accounts += [str(one.account_id) for one in held.actions]
    accounts += [str(who) for one in held.dispositions for who in (one.recipient_id, one.given_by, one.done_by) if who]
    accounts += [str(one.account_id) for one in held.confirmed] + [str(one.account_id) for one in held.corrected]
    accounts += [str(one.account_id) for one in held.renamed]
    names = names_of(session, sorted(set(accounts)))
    return {
        "clients": [
            {
                "id": str(one.id),
                "name": one.name,
                "birth_date": _day(one.birth_date),
                "nik": held.niks.get(one.id, one.nik_masked),
                "unit": one.unit,
                "added_at": _plain(one.added_at),
            }
            for one in held.clients
        ],
        "cases": [_case(held, case, names) for case in held.cases],
        "letters": [_letter(one) for one in held.letters],
        "agenda": [{name: _plain(getattr(one, name)) for name in _AGENDA} for one in held.agenda],
        "dispositions": [_disposition(one, names) for one in held.dispositions],
        "corrections": [
            {
                "letter": str(one.document_id),
                "what": one.name,
                "before": one.read,
                "after": one.said,
                "at": _plain(one.at),
                "by": names.get(str(one.account_id), ""),
            }
            for one in held.confirmed
            if one.read != one.said
        ],
        "client_corrections": [
            {
                "before": {"name": one.name, "birth_date": _day(one.birth_date), "nik": one.nik_masked},
                "reason": one.reason,
                "at": _plain(one.at),
                "by": names.get(str(one.account_id), ""),
            }
            for one in held.renamed
        ],
        "agenda_corrections": [
            {
                "before": one.before,
                "reason": one.reason,
                "at": _plain(one.at),
                "by": names.get(str(one.account_id), ""),
            }
            for one in held.corrected
        ],
        "events": [
            {
                "at": event.at.isoformat(),
                "what": ACTIONS.get(event.action, event.action),
                "by": names.get(event.actor, event.actor),
                "letter": str(event.document),
            }
            for event in held.events
        ],
    }


def files(session: Session, held: Held, endings: Mapping[str, str]) -> list[File]:
    """The letters' files: the original of one that came by itself, and the searchable PDF. Of a letter out of a stack
    the PDF alone: the stack holds others' letters too. `endings` of names by media type."""
    found: list[File] = []
    for number, letter in enumerate(held.letters, 1):
        folder = f"surat/{number:03d}"
        try:
            if letter.part_of is None and not letter.is_stack:
                name = f"{folder}/asli{endings[letter.media_type]}"
                found.append(File(name, objects.original(session, letter), letter.original_version, letter.sha256))
            if letter.stage == "sealed":
                place = objects.pdf(session, letter)
                found.append(File(f"{folder}/salinan.pdf", place, letter.pdf_version, letter.pdf_sha256))
        except KeyDestroyed:
            continue
    return found


def stream(told: dict[str, Any], taken: list[File], folder: str, made_at: datetime) -> Iterator[bytes]:
    """The bag as a ZIP, while it is read from the store. Raises BytesDiffer, StoreUnavailable: then it has no end."""
    text = json.dumps({**told, "made_at": made_at.isoformat()}, ensure_ascii=False, indent=1).encode()
    payload = [Payload("data.json", [text])]
    payload += [Payload(one.name, blobs.chunks(one.place, one.version), one.sha256) for one in taken]
    return Bag(folder, made_at).written(payload, {"External-Description": "Data pribadi satu orang (UU 27/2022)"})


def _case(held: Held, case: Any, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "number": f"{case.number}/{case.year}",
        "unit": case.unit,
        "sop": case.sop,
        "opened_at": _plain(case.opened_at),
        "closed_at": _plain(case.closed_at),
        "actions": [
            {"at": _plain(one.at), "what": one.action, "by": names.get(str(one.account_id), "")}
            for one in held.actions
            if one.case_id == case.id
        ],
    }


def _disposition(one: DispositionRow, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "letter": str(one.document_id),
        "given_by": names.get(str(one.given_by), one.giver),
        "on_behalf": one.on_behalf,
        "recipient": names.get(str(one.recipient_id), one.recipient),
        "post": one.post,
        "instructions": list(one.instructions),
        "note": one.note,
        "due_on": _day(one.due_on),
        "given_at": _plain(one.given_at),
        "read_at": _plain(one.read_at),
        "done_at": _plain(one.done_at),
        "done_by": names.get(str(one.done_by), "") if one.done_by else None,
        "done_note": one.done_note,
    }


def _letter(letter: DocumentRow) -> dict[str, Any]:
    return {
        "id": str(letter.id),
        "unit": letter.unit,
        "kind": letter.kind,
        "clearance": CLEARANCES[letter.clearance],
        "received_at": letter.received_at.isoformat(),
        "sha256": letter.sha256,
        "fields": {name: field.get("value") for name, field in letter.fields.items()},
    }


def _day(value: Any) -> str | None:
    return value.isoformat() if value is not None else None


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
