"""Where paper lies, on the real database: kept moves, boxes that everybody finds, walls around what is in them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from fastapi.responses import StreamingResponse
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from access.accounts import Account
from api.routes import paper as routes
from archive import ledger
from core.db import transaction
from core.faults import Forbidden, InvalidRequest, NotFound
from records import boxes, paper
from records.boxcode import qr_text
from records.boxes import Stand
from records.papertables import PaperBoxRow
from tests.integration.conftest import MakeAccount

SHELF = Stand("Gedung A", "Ruang arsip", "3")


def sealed(superuser: Engine, unit: str, clearance: int = 1) -> UUID:
    """An archived letter straight into the table."""
    with superuser.begin() as connection:
        made: UUID = connection.execute(
            text(
                "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage,"
                " pages, pages_read, kind, doubt, sealed_at) VALUES (:unit, :clearance,"
                " encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'application/pdf', 'uji.pdf', 'v',"
                " 'sealed', 1, 1, 'skt_polisi', 0, now()) RETURNING id"
            ),
            {"unit": unit, "clearance": clearance},
        ).scalar_one()
    return made


def box_of(by: Account, name: str = "Boks 1", where: Stand = SHELF) -> PaperBoxRow:
    with transaction(by.context) as session:
        return boxes.add(session, by, by.unit, name, where).box


def put(by: Account, letters: list[UUID], box: PaperBoxRow | None, folder: str = "") -> int:
    with transaction(by.context) as session:
        return paper.place(session, by, letters, box, folder)


def missing(by: Account) -> set[UUID]:
    with transaction(by.context) as session:
        return {row.id for row in paper.missing(session, by, limit=1000)}


def test_where_paper_lay_stays_known(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk, letter = account("petugas"), sealed(superuser, unit)
    first, second = box_of(clerk, "Boks 1"), box_of(clerk, "Boks 2", Stand())
    assert letter in missing(clerk)
    assert put(clerk, [letter], first, "001/2026") == 1
    assert put(clerk, [letter], first, "001/2026") == 0  # no news
    assert letter not in missing(clerk)
    assert put(clerk, [letter], second) == 1
    assert put(clerk, [letter], None) == 1
    assert letter in missing(clerk)
    assert put(clerk, [letter], None) == 0
    with transaction(clerk.context) as session:
        said = paper.history(session, letter)
        assert paper.lying(session, [letter]) == {}
        assert [(row.id, folder) for row, folder in paper.in_box(session, first.id)] == []
        events = [e.detail["box"] for e in ledger.document_events(session, letter) if e.action == "paper_placed"]
    assert [one.lies.words if one.lies else "" for one in said] == [
        f"Boks {unit.upper()}-0001 (Boks 1), folder 001/2026; gedung A, Ruang arsip, rak 3",
        f"Boks {unit.upper()}-0002 (Boks 2)",
        "",
    ]
    assert events == [str(first.id), str(second.id), None]


def test_the_list_of_all_missing_paper_goes_on_to_the_end(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk, records = account("petugas"), account("arsiparis", unit="kearsipan")
    letters = [sealed(superuser, unit) for _ in range(5)]
    secret, other = sealed(superuser, unit, clearance=2), sealed(superuser, f"lain-{uuid4().hex[:8]}")

    def listed(by: Account) -> list[str]:
        async def whole(answer: StreamingResponse) -> bytes:
            return b"".join([bytes(part) async for part in answer.body_iterator])

        answer = routes.list_missing(by, "csv")
        head, *lines = asyncio.run(whole(answer)).decode("utf-8-sig").splitlines()
        assert head == "id,berkas,jenis,unit,diterima"
        return [line.partition(",")[0] for line in lines]

    newest_first = [str(letter) for letter in reversed(letters)]
    assert listed(clerk) == newest_first
    parts = [[line[0] for line in part] for part in routes._all_missing(clerk, 2)]
    assert parts == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert {str(letter) for letter in (*letters, other)} <= set(listed(records))
    assert str(secret) not in listed(records)
    with transaction(account("auditor").context) as session:
        events = ledger.events_before(session, None, 50)
    assert next(e.detail["lines"] for e in events if e.actor == str(clerk.id)) == 5


def test_a_destroyed_letter_is_in_no_box_and_not_missed(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")
    letters, box = [sealed(superuser, unit) for _ in range(3)], box_of(clerk)
    put(clerk, letters[:2], box)
    destroyed = text("UPDATE document SET destroyed_at = :at WHERE id = ANY (:gone)")
    with superuser.begin() as connection:
        connection.execute(destroyed, {"gone": letters[1:], "at": datetime.now(UTC)})
    with transaction(clerk.context) as session:
        assert [row.id for row, _ in paper.in_box(session, box.id)] == letters[:1]
        assert set(paper.lying(session, letters)) == set(letters[:1])
    assert missing(clerk) == set()
    with superuser.begin() as connection:  # no list decided it
        connection.execute(destroyed, {"gone": letters[1:], "at": None})


def test_many_letters_go_into_a_box_at_once_or_none(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")
    letters, box = [sealed(superuser, unit) for _ in range(30)], box_of(clerk)
    with pytest.raises(NotFound):
        put(clerk, [*letters, sealed(superuser, unit, clearance=2)], box)
    assert set(letters) <= missing(clerk)
    assert put(clerk, letters, box, "A") == 30
    with transaction(clerk.context) as session:
        assert {row.id for row, _ in paper.in_box(session, box.id)} == set(letters)
    with pytest.raises(InvalidRequest):
        put(clerk, [], box)
    with pytest.raises(InvalidRequest):
        put(clerk, [uuid4() for _ in range(paper.MOST_AT_ONCE + 1)], box)
    with pytest.raises(InvalidRequest):
        put(clerk, letters[:1], box, "x" * 61)


def test_two_who_place_the_same_letters_leave_one_place_each(
    account: MakeAccount, superuser: Engine, unit: str
) -> None:
    clerk = account("petugas")
    letters, found = [sealed(superuser, unit) for _ in range(8)], [box_of(clerk, f"Boks {n}") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: put(clerk, letters[:: 1 if n % 2 else -1], found[n % 4]), range(16)))
    with superuser.connect() as connection:
        rows = connection.execute(
            text("SELECT count(*) FROM paper_place WHERE last AND document_id = ANY (:ids) GROUP BY document_id"),
            {"ids": letters},
        )
        assert [row[0] for row in rows] == [1] * 8


def test_boxes_are_numbered_and_found_by_their_codes(account: MakeAccount, unit: str) -> None:
    clerk = account("petugas")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: box_of(clerk, f"Boks {n}"), range(12)))
    assert sorted(box.number for box in made) == list(range(1, 13))
    assert box_of(clerk, " Boks   3 ").id == next(box.id for box in made if box.name == "Boks 3")  # sent twice
    with pytest.raises(InvalidRequest, match="invalid_request"):
        box_of(clerk, "Boks 3", Stand("Gedung B"))
    with transaction(clerk.context) as session:
        for text_typed in (f"{unit.upper()}-0007", f"{unit}-7", f" {unit} - 0007 "):
            assert boxes.find(session, text_typed).number == 7
        assert boxes.find(session, qr_text(made[0].id)).id == made[0].id
        for unknown in (f"{unit}-99", qr_text(uuid4()), "boks", ""):
            with pytest.raises(NotFound):
                boxes.find(session, unknown)


def test_a_box_is_moved_with_all_that_lies_in_it(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk, letter = account("petugas"), sealed(superuser, unit)
    box = box_of(clerk)
    put(clerk, [letter], box)
    with transaction(clerk.context) as session:
        boxes.move(session, clerk, boxes.find(session, str(box.id)), Stand("Gedung B", "", "9"))
    with transaction(clerk.context) as session:
        boxes.move(session, clerk, boxes.find(session, str(box.id)), Stand("Gedung B", "", "9"))
        assert paper.lying(session, [letter])[letter].words.endswith("; gedung B, rak 9")
        stood = [boxes.stand_of(one) for one in boxes.moves(session, box.id)]
    assert stood == [SHELF, Stand("Gedung B", "", "9")]


def test_what_lies_in_a_box_is_told_only_to_who_sees_it(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk, chief = account("petugas"), account("petugas", clearance="rahasia")
    stranger = account("petugas", unit="unit-lain")
    records = account("arsiparis", unit="kearsipan")
    letter, secret = sealed(superuser, unit), sealed(superuser, unit, clearance=2)
    box = box_of(records, f"Boks {uuid4().hex[:8]}")  # the records unit's, with a unit's letters in it
    put(clerk, [letter], box)
    put(chief, [secret], box, "rahasia")
    inside = {}
    for who in (clerk, chief, records, stranger):
        with transaction(who.context) as session:
            assert boxes.find(session, str(box.id)).id == box.id
            inside[who.id] = {row.id for row, _ in paper.in_box(session, box.id)}
    assert inside == {clerk.id: {letter}, chief.id: {letter, secret}, records.id: {letter}, stranger.id: set()}
    with transaction(clerk.context) as session:
        assert paper.history(session, secret) == []
        assert session.scalar(text("SELECT count(*) FROM paper_place WHERE document_id = :d"), {"d": secret}) == 0
    with transaction(account("auditor").context) as session, pytest.raises(NotFound):
        boxes.find(session, str(box.id))
    for deed in (
        lambda session: boxes.move(session, clerk, boxes.find(session, str(box.id)), Stand("X")),
        lambda session: boxes.add(session, clerk, "kearsipan", "Boks asing", Stand()),
    ):
        with pytest.raises(Forbidden), transaction(clerk.context) as session:
            deed(session)


FORGED = {
    "a place": "INSERT INTO paper_place (document_id, box_id, account_id) VALUES (:letter, :box, :other)",
    "a box": "INSERT INTO paper_box (unit, number, name, account_id) VALUES (app_unit(), 99, 'X', :other)",
    "a box of others": "INSERT INTO paper_box (unit, number, name, account_id) VALUES ('asing', 1, 'X', app_account())",
    "a move": "INSERT INTO paper_box_move (box_id, building, room, shelf, account_id)"
    " VALUES (:box, '', '', '', :other)",
    "a move of others": "INSERT INTO paper_box_move (box_id, building, room, shelf, account_id)"
    " VALUES (:foreign, '', '', '', app_account())",
    "an old place anew": "UPDATE paper_place SET last = true WHERE document_id = :letter",
}


@pytest.mark.parametrize("deed", FORGED)
def test_nobody_moves_paper_in_anothers_name(account: MakeAccount, superuser: Engine, unit: str, deed: str) -> None:
    clerk, letter = account("petugas"), sealed(superuser, unit)
    box, foreign = box_of(clerk), box_of(account("petugas", unit=f"lain-{uuid4().hex[:8]}"))
    put(clerk, [letter], box)
    values = {"letter": letter, "box": box.id, "foreign": foreign.id, "other": account("petugas").id}
    with pytest.raises(DBAPIError, match="row-level security"), transaction(clerk.context) as session:
        session.execute(text(FORGED[deed]), values)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE paper_place SET folder = 'lain'",
        "UPDATE paper_box SET number = 1",
        "UPDATE paper_box_move SET shelf = '1'",
        "DELETE FROM paper_place",
        "DELETE FROM paper_box",
    ],
)
def test_what_was_said_of_paper_is_never_changed(account: MakeAccount, statement: str) -> None:
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        transaction(account("arsiparis").context) as session,
    ):
        session.execute(text(statement))
