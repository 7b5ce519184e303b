"""The check from outside knows stacks: each page in one letter, each letter's record that of its pages of the stack."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from access.accounts import Account
from api import cutting
from archive import blobs, keys, objects, stacks
from archive.lockedheads import Finding
from archive.objects import Place
from archive.stacks import Decision, Part
from archive.verify import Verification
from cli.engines import Stack
from core.db import transaction
from core.settings import settings
from tests.assets.letter import make_letter
from tests.assets.stacked import sheet, stacked
from tests.integration.driving import Hands, engine_of, own_archive, send, somebody

TICKET, LONG = (make_letter(kind, 5).digital_pdf() for kind in ("tiket", "hasil_asesmen"))  # of 1 and 2 pages


@dataclass(frozen=True)
class Archive:
    """A stack split by its sheets; one that a person split, joined again, split otherwise and then further."""

    stack: Stack
    root: Engine
    auditor: Account
    by_sheets: UUID
    letters: list[Part]
    by_hand: UUID


def _seal_all(hands: Hands, stack: UUID) -> list[Part]:
    with Session(hands.engine) as session:
        letters = stacks.letters_of(session, stack)
    for document in (*(letter.id for letter in letters), stack):
        hands.seal(document)
        assert hands.look(document).stage == "sealed"
    return letters


@pytest.fixture(scope="module")
def split() -> Iterator[Archive]:
    with (
        own_archive() as stack,
        engine_of(stack, "arsip_worker") as engine,
        engine_of(stack, "postgres") as root,
        Hands(engine) as hands,
    ):
        clerk, auditor = somebody("petugas", "umum"), somebody("auditor", "umum")
        by_sheets, by_hand = (
            send(clerk, stacked(papers, "uji")).document.id
            for papers in ([TICKET, sheet(), LONG], [TICKET, LONG, TICKET, LONG])
        )
        assert hands.finish(by_sheets).letters == 2
        letters = _seal_all(hands, by_sheets)
        hands.finish(by_hand)

        def decide(document: UUID, begins: set[int], pages: int, decided: int | None) -> None:
            with transaction(clerk.context) as session:
                cutting.decide(session, clerk, document, Decision(frozenset(begins), pages, decided))

        decide(by_hand, {1, 4}, 6, None)
        _seal_all(hands, by_hand)
        with transaction(clerk.context) as session:
            cutting.join(session, clerk, by_hand)
        hands.seal(by_hand)
        decide(by_hand, {2, 4}, 6, 1)
        second = _seal_all(hands, by_hand)[1]
        decide(second.id, {1, 2}, 2, 1)
        _seal_all(hands, by_hand)
        yield Archive(stack, root, auditor, by_sheets, letters, by_hand)


@pytest.fixture
def intruder(split: Archive) -> Iterator[Session]:
    """A superuser for whom no trigger fires; all it does is undone."""
    with Session(split.root) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        session.rollback()


def _finding(session: Session) -> Finding | None:
    check = Verification(lambda: nullcontext(session), settings())
    list(check.run())
    return check.finding


def test_split_joined_and_split_again_is_whole_also_for_who_sees_no_letter(split: Archive) -> None:
    check = Verification(lambda: transaction(split.auditor.context), settings())
    list(check.run())
    assert check.finding is None


@pytest.mark.parametrize(
    "change",
    [
        # one page of the second letter goes to the first; is gone; is the stack's again; stands twice
        "UPDATE page SET document_id = :first, number = 2 WHERE document_id = :second AND number = 2",
        "DELETE FROM page WHERE document_id = :second AND number = 2",
        "UPDATE page SET document_id = :stack, number = 4 WHERE document_id = :second AND number = 2",
        "INSERT INTO page (document_id, document_seq, unit, clearance, number) VALUES (:stack, 1, 'umum', 1, 3)",
        "UPDATE page SET number = 3 WHERE document_id = :second AND number = 2",
        "UPDATE document SET letters = 3 WHERE id = :stack",
        "UPDATE document SET letters = NULL WHERE id = :stack",
        "UPDATE document SET clearance = 0 WHERE id = :second",
        "UPDATE document SET original_version = 'x' WHERE id = :second",
    ],
)
def test_pages_that_are_not_each_in_one_letter(intruder: Session, split: Archive, change: str) -> None:
    first, second = (letter.id for letter in split.letters)
    named = {"stack": split.by_sheets, "first": first, "second": second}
    intruder.execute(text(change), {name: value for name, value in named.items() if f":{name}" in change})
    assert _finding(intruder) == Finding(
        "stack_not_covered", f"document {split.by_sheets}: its pages are not each in one letter"
    )


def test_a_stack_that_rose_with_its_sheet_of_disposition_is_whole(intruder: Session, split: Archive) -> None:
    named = {"stack": split.by_sheets, "sheet": split.letters[1].id}
    rise = text("UPDATE document SET clearance = 2 WHERE id IN (:stack, :sheet)")
    intruder.execute(rise, named)
    covered = text("SELECT stack_not_covered()")
    assert intruder.scalar(covered) == split.by_sheets, "no sheet says why"
    entry = text(
        "INSERT INTO agenda_entry (unit, clearance, book, numbered, number, year, registered_at, day, document_id,"
        " account_id) SELECT a.unit, 2, 'masuk', true, 1, 2026, now(), current_date, d.id, a.id"
        " FROM account a, document d LIMIT 1 RETURNING id"
    )
    back = text("INSERT INTO agenda_sheet (document_id, entry_id, page) VALUES (:sheet, :entry, 1)")
    intruder.execute(back, {"sheet": named["sheet"], "entry": intruder.scalar(entry)})
    assert intruder.scalar(covered) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE document SET first_page = 2, last_page = 3 WHERE id = :id",
        "UPDATE document SET first_page = NULL, last_page = NULL WHERE id = :id",
        "UPDATE document SET part_of = :other WHERE id = :id",
        "UPDATE document SET part_of = NULL, first_page = NULL, last_page = NULL, clearance = 2 WHERE id = :id",
        "DELETE FROM document WHERE id = :id",
    ],
)
def test_a_letter_that_is_not_the_part_the_ledger_says(intruder: Session, split: Archive, change: str) -> None:
    named = {"id": split.letters[1].id, "other": split.by_hand}
    intruder.execute(text(change), {name: value for name, value in named.items() if f":{name}" in change})
    found = _finding(intruder)
    assert found is not None
    assert (found.what, str(split.letters[1].id) in found.where) == ("document_unknown", True)


@pytest.mark.parametrize("member", ["part_of", "original", "pages"])
def test_a_manifest_of_other_pages_than_the_letters(intruder: Session, split: Archive, member: str) -> None:
    """As if a worker had sealed a letter with somebody else's pages: a manifest and its event, both well made."""
    letter = split.letters[1]
    sealed = intruder.execute(
        text("SELECT body FROM ledger WHERE document = :id AND action = 'sealed'"), {"id": letter.id}
    ).scalar_one()
    body = json.loads(sealed)
    key = keys.of(intruder, letter.id)
    assert key is not None
    told = json.loads(blobs.get(Place(body["manifest"], key), body["version"]))
    told[member] = {
        "part_of": {**told["part_of"], "first_page": 1},
        "original": {**told["original"], "sha256": "0" * 64},
        "pages": told["pages"][:1],
    }[member]
    data = json.dumps(told).encode()
    digest = hashlib.sha256(data).hexdigest()
    forged = blobs.put(objects.manifest_at(letter.id, 90 + len(member), key), data, digest, "application/json")
    _append(intruder, {**body, "manifest": forged.key, "version": forged.version, "digest": digest})
    found = _finding(intruder)
    assert found is not None
    assert (found.what, forged.key in found.where) == ("manifest_disagrees", True)


def _append(session: Session, body: dict[str, object]) -> None:
    """An entry behind the last one, well hashed."""
    seq, head = session.execute(text("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1")).one()
    written = json.dumps(body)
    at = session.scalar(text("SELECT now()"))
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    digest = hashlib.sha256(bytes(head) + f"{seq + 1}|{stamp}|{written}".encode()).digest()
    session.execute(
        text("INSERT INTO ledger (seq, at, body, prev, hash) VALUES (:seq, :at, :body, :prev, :hash)"),
        {"seq": seq + 1, "at": at, "body": written, "prev": bytes(head), "hash": digest},
    )
