"""Dispositions, given in the page or from a sheet: handing a letter on, reading it, saying that it is done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, insert, text, update
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger, stacks
from archive.reading import clean
from core.faults import DispositionRefused, InvalidRequest, NotFound
from records import inbox
from records.chain import Refusal
from records.office import office
from records.tables import DispositionRow

_PEOPLE: Final = text("SELECT id, name, role, sees FROM disposition_people(:document, CAST(:named AS text[]))")
MOST_RECIPIENTS: Final = 18
_LONGEST: Final = 1000
_WHY: Final = {
    "done": "disposisi ini sudah selesai",
    "not_yours": "disposisi ini bukan untuk Anda",
    "yourself": "penerimanya Anda sendiri",
    "above": "{whom} sudah ada di atas Anda dalam rantai ini; laporkan kepadanya dengan tombol Selesai",
    "holds": "{whom} sudah memegang disposisi surat ini",
}


class Colleague(NamedTuple):
    """Somebody a letter may be handed to; `sees`: whether they may see it."""

    id: UUID
    name: str
    role: str
    sees: bool


@dataclass(frozen=True, slots=True)
class To:
    """One recipient by the account's name, and the jabatan they get it as ("": as the office's file says)."""

    name: str
    post: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """What is said with a letter that is handed on."""

    to: tuple[To, ...]
    instructions: tuple[str, ...] = ()
    note: str = ""
    due_on: date | None = None


def people(session: Session, document: UUID, named: Collection[str] = ()) -> list[Colleague]:
    """Those of the letter's unit who may see it, by name; and those `named`, whether they may see it or not."""
    return [Colleague(*row) for row in session.execute(_PEOPLE, {"document": document, "named": list(named)})]


def give(session: Session, account: Account, document: UUID, handed: Handed) -> list[DispositionRow]:
    """Begin a chain: hand the letter to one or several people.

    Raises Forbidden, NotFound, InvalidRequest, DispositionRefused; PagesElsewhere, CutFirst or NotReady for no letter.
    """
    account.require(Right.DISPOSE)
    return _give(session, account, document, handed)


def from_sheet(session: Session, account: Account, document: UUID, sheet: UUID, handed: Handed) -> list[DispositionRow]:
    """Begin a chain as a sheet of paper says, on behalf of who signed it. Raises as give() does."""
    account.require(Right.REGISTER)
    return _give(session, account, document, handed, sheet=sheet)


def pass_on(session: Session, account: Account, disposition: UUID, handed: Handed) -> list[DispositionRow]:
    """Hand on what one was handed: the next links of the chain. Raises NotFound, InvalidRequest, DispositionRefused."""
    row = find(session, disposition)
    return _give(session, account, row.document_id, handed, parent=disposition)


def _give(
    session: Session,
    account: Account,
    document: UUID,
    handed: Handed,
    *,
    parent: UUID | None = None,
    sheet: UUID | None = None,
) -> list[DispositionRow]:
    stacks.held_letter(session, document)  # of one letter one at a time: what is refused now can't have become so
    told = _checked(handed)
    rows = inbox.of_letter(session, document)
    chain = inbox.chain_of(rows)
    above = next((link for link in chain.links if link.id == parent), None)
    if refused := chain.refusal(above, account.id, (), on_paper=sheet is not None):
        raise _refused(refused, {})
    signs = office().disposition.holders.get(office().disposition.signatory.title) if sheet is not None else None
    named = [*(one.name for one in told.to), *([signs] if signs else [])]
    known = {person.name: person for person in people(session, document, named)}
    found = [_person(known, one) for one in told.to]
    if refused := chain.refusal(above, account.id, [one.id for one in found], on_paper=sheet is not None):
        raise _refused(refused, {one.id: one.name for one in found})
    given = [
        session.scalars(
            insert(DispositionRow)
            .values(
                document_id=document,
                parent_id=parent,
                sheet_id=sheet,
                recipient_id=person.id,
                post=one.post or office().disposition.post_of(person.name),
                given_by=account.id,
                handed_by=known[signs].id if signs in known else account.id,
                on_behalf=office().disposition.signatory.title if sheet is not None else "",
                instructions=list(told.instructions),
                note=told.note,
                due_on=told.due_on,
            )
            .returning(DispositionRow)
        ).one()
        for one, person in zip(told.to, found, strict=True)
    ]
    for row in given:
        ledger.append(session, "disposition_given", **_event(account, row))
    return given


def _checked(handed: Handed) -> Handed:
    """What was said as it is kept. Raises InvalidRequest."""
    to = tuple(dict.fromkeys(To(one.name.strip(), " ".join(clean(one.post).split())) for one in handed.to))
    if not 0 < len(to) <= MOST_RECIPIENTS or len({one.name for one in to}) < len(to):
        raise InvalidRequest(what=f"penerima (1 sampai {MOST_RECIPIENTS} orang yang berbeda)")
    if not set(handed.instructions) <= set(office().disposition.instructions):
        raise InvalidRequest(what="instruksi (pilih yang ada di daftar kantor)")
    note = " ".join(clean(handed.note).split())
    if len(note) > _LONGEST or any(len(one.post) > _LONGEST for one in to):
        raise InvalidRequest(what=f"catatan (paling panjang {_LONGEST} huruf)")
    if handed.due_on is not None and handed.due_on < inbox.today():
        raise InvalidRequest(what="tenggat (harinya sudah lewat)")
    return Handed(to, tuple(dict.fromkeys(handed.instructions)), note, handed.due_on)


def _person(known: Mapping[str, Colleague], to: To) -> Colleague:
    person = known.get(to.name)
    if person is None:
        raise DispositionRefused(why=f"tidak ada pengguna bernama {to.name[:40]}")
    if not person.sees:
        raise DispositionRefused(
            why=f"{person.name} tidak boleh melihat surat ini, karena unitnya lain atau tingkat aksesnya kurang"
        )
    return person


def _refused(refusal: Refusal, names: Mapping[UUID, str]) -> DispositionRefused:
    whom = names.get(refusal.whom, "") if refusal.whom is not None else ""
    return DispositionRefused(why=_WHY[refusal.why].format(whom=whom))


def _event(account: Account, row: DispositionRow) -> dict[str, Any]:
    """What the ledger says of a link: between whom, never what was said."""
    parent = {"parent": str(row.parent_id)} if row.parent_id is not None else {}
    sheet = {"sheet": str(row.sheet_id)} if row.sheet_id is not None else {}
    facts = {"disposition": str(row.id), "recipient": str(row.recipient_id), **parent, **sheet}
    return {"actor": account.id, "document": row.document_id, **facts}


def mark_read(session: Session, account: Account, document: UUID) -> None:
    """Note that the account opened a letter that it was handed."""
    rows = session.scalars(
        update(DispositionRow)
        .where(DispositionRow.document_id == document, DispositionRow.recipient_id == account.id)
        .where(DispositionRow.read_at.is_(None), DispositionRow.ended_at.is_(None))
        .values(read_at=func.now())
        .returning(DispositionRow)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        ledger.append(session, "disposition_read", **_event(account, row))


def finish(session: Session, account: Account, disposition: UUID, note: str) -> DispositionRow:
    """Say that a link is done, with a note. Its recipient does, or who handed it or one above it out.

    Raises NotFound, InvalidRequest, DispositionRefused.
    """
    row = find(session, disposition)
    stacks.held_letter(session, row.document_id)
    told = " ".join(clean(note).split())
    if len(told) > _LONGEST:
        raise InvalidRequest(what=f"catatan (paling panjang {_LONGEST} huruf)")
    chain = inbox.chain_of(inbox.of_letter(session, row.document_id))
    link = next(link for link in chain.links if link.id == disposition)
    if not chain.may_end(link, account.id):
        raise _refused(Refusal("not_yours"), {})
    if chain.state(link) == "done":
        raise _refused(Refusal("done"), {})
    if link not in chain.waiting:
        raise DispositionRefused(why="disposisi ini sudah diteruskan dan selesai bersama yang di bawahnya")
    for ended, said in (
        ([disposition], {"done_at": func.now(), "done_by": account.id, "done_note": told}),
        ([one.id for one in chain.ends_with(link)], {}),
    ):
        session.execute(
            update(DispositionRow).where(DispositionRow.id.in_(ended)).values(ended_at=func.now(), **said),
            execution_options={"synchronize_session": False},
        )
    ledger.append(session, "disposition_done", **_event(account, row))
    session.refresh(row)
    return row


def find(session: Session, disposition: UUID) -> DispositionRow:
    """The link, if this transaction's account may see its letter. Raises NotFound."""
    row = session.get(DispositionRow, disposition)
    if row is None:
        raise NotFound
    return row
