"""Chains of dispositions on the real database: who may be handed a letter, what waits for whom, what stays."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from access.accounts import Account
from api import cutting
from archive.stacks import Decision
from core.db import transaction
from core.faults import DispositionRefused, Forbidden, InvalidRequest, LetterInUse, NotFound
from records import dispositions, inbox
from records.dispositions import Handed, To
from records.tables import DispositionRow
from tests.integration.conftest import MakeAccount

MakeLetter = Callable[..., UUID]
WHAT = ("Proses lebih lanjut",)


@pytest.fixture
def letter(superuser: Engine, unit: str) -> MakeLetter:
    """A filed letter straight into the table: `letter(clearance=2)`."""

    def make(*, clearance: int = 1, unit: str = unit) -> UUID:
        with superuser.begin() as connection:
            made: UUID = connection.execute(
                text(
                    "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version,"
                    " stage, pages, pages_read, kind, doubt) VALUES (:unit, :clearance,"
                    " encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'application/pdf', 'uji.pdf', 'v',"
                    " 'filed', 2, 2, 'surat_masuk_lain', 0) RETURNING id"
                ),
                {"unit": unit, "clearance": clearance},
            ).scalar_one()
        return made

    return make


def handed(*to: Account, note: str = "", **more: object) -> Handed:
    return Handed(tuple(To(one.name) for one in to), WHAT, note, **more)  # type: ignore[arg-type]


def give(by: Account, document: UUID, *to: Account, **more: object) -> list[DispositionRow]:
    with transaction(by.context) as session:
        return dispositions.give(session, by, document, handed(*to, **more))


def pass_on(by: Account, link: UUID, *to: Account) -> list[DispositionRow]:
    with transaction(by.context) as session:
        return dispositions.pass_on(session, by, link, handed(*to))


def end(by: Account, link: UUID, note: str = "") -> DispositionRow:
    with transaction(by.context) as session:
        return dispositions.finish(session, by, link, note)


def waits_for(who: Account) -> list[UUID]:
    with transaction(who.context) as session:
        found = [item.step.row.id for item in inbox.received(session, who, 9)]
    assert inbox.waiting_count(who.id) == len(found)
    return found


def ended(superuser: Engine, paper: UUID) -> set[UUID]:
    """The letter's links that no list of what is open reads any more."""
    with superuser.connect() as connection:
        told = text("SELECT id FROM disposition WHERE document_id = :id AND ended_at IS NOT NULL")
        return set(connection.scalars(told, {"id": paper}))


def test_a_chain_from_the_top_to_the_end(account: MakeAccount, letter: MakeLetter, superuser: Engine) -> None:
    kadis, kabid, kasi, staf = (account(role) for role in ("pejabat", "pejabat", "pejabat", "petugas"))
    paper = letter()
    [first] = give(kadis, paper, kabid, note="  segera   hubungi ")
    assert (first.recipient, first.giver, first.note) == (kabid.name, kadis.name, "segera hubungi")
    assert (waits_for(kabid), waits_for(kasi)) == ([first.id], [])
    with transaction(kabid.context) as session:
        dispositions.mark_read(session, kabid, paper)
        dispositions.mark_read(session, kabid, paper)  # once is enough
    [second] = pass_on(kabid, first.id, kasi)
    assert (waits_for(kabid), waits_for(kasi)) == ([], [second.id])
    third, fourth = pass_on(kasi, second.id, staf, account("petugas"))
    assert end(staf, third.id, "sudah dihubungi").done_note == "sudah dihubungi"
    with transaction(staf.context) as session:
        [*steps] = inbox.chains(session, [paper])[paper]
        assert [(step.row.id, step.depth, step.state) for step in steps] == [
            (first.id, 0, "passed"), (second.id, 1, "passed"), (third.id, 2, "done"), (fourth.id, 2, "new"),
        ]  # fmt: skip
        assert steps[0].row.read_at is not None
        assert [item.step.row.id for item in inbox.finished(session, staf, 9)] == [third.id]
    assert ended(superuser, paper) == {third.id}
    end(kadis, fourth.id)  # the last one is away: who handed it out above may end it
    with transaction(kadis.context) as session:
        assert {step.state for step in inbox.chains(session, [paper])[paper]} == {"done"}
        assert inbox.handed_out(session, kadis, 9) == []
    for who, link in ((kabid, first), (kasi, second)):  # what they passed on is done too, and waits nowhere any more
        with transaction(who.context) as session:
            [item] = inbox.finished(session, who, 9)
            assert (item.step.row.id, item.step.row.ended_at is not None) == (link.id, True)
            dispositions.mark_read(session, who, paper)
    assert ended(superuser, paper) == {first.id, second.id, third.id, fourth.id}


def test_the_ledger_knows_between_whom_and_never_what_was_said(
    account: MakeAccount, letter: MakeLetter, superuser: Engine
) -> None:
    kadis, kabid = account("pejabat"), account("pejabat")
    paper = letter()
    [first] = give(kadis, paper, kabid, note="keluarga Budi")
    with transaction(kabid.context) as session:
        dispositions.mark_read(session, kabid, paper)
    end(kabid, first.id, "Budi sudah pulang")
    with superuser.connect() as connection:
        rows = connection.execute(text("SELECT body FROM ledger WHERE document = :id ORDER BY seq"), {"id": paper})
        bodies = [json.loads(row.body) for row in rows]
    known = {"disposition": str(first.id), "recipient": str(kabid.id), "document": str(paper)}
    assert bodies == [
        {"action": "disposition_given", "actor": str(kadis.id), **known},
        {"action": "disposition_read", "actor": str(kabid.id), **known},
        {"action": "disposition_done", "actor": str(kabid.id), **known},
    ]


@pytest.mark.parametrize(
    ("role", "where", "ceiling", "may"),
    [
        ("pejabat", "own", "rahasia", True),
        ("arsiparis", "other", "rahasia", True),
        ("pejabat", "own", "terbatas", False),
        ("pejabat", "other", "sangat_rahasia", False),
        ("arsiparis", "other", "terbatas", False),
        ("auditor", "own", "sangat_rahasia", False),
    ],
)
def test_a_letter_is_handed_only_to_who_may_see_it(
    account: MakeAccount,
    letter: MakeLetter,
    superuser: Engine,
    unit: str,
    role: str,
    where: str,
    ceiling: str,
    may: bool,
) -> None:
    kadis, paper = account("pejabat", clearance="rahasia"), letter(clearance=2)
    whom = account(role, unit=unit if where == "own" else f"lain-{unit}", clearance=ceiling)
    with transaction(kadis.context) as session:
        listed = {person.name for person in dispositions.people(session, paper)}
    assert (whom.name in listed) == (may and where == "own")
    if may:
        assert give(kadis, paper, whom)[0].recipient == whom.name
        return
    with pytest.raises(DispositionRefused) as refused:
        give(kadis, paper, whom)
    assert f"{whom.name} tidak boleh melihat surat ini" in refused.value.detail
    forged = "INSERT INTO disposition (document_id, recipient_id, given_by) VALUES (:d, :r, :g)"
    with pytest.raises(DBAPIError, match="may see its letter"), transaction(kadis.context) as session:
        session.execute(text(forged), {"d": paper, "r": whom.id, "g": kadis.id})
    with superuser.connect() as connection:
        count = text("SELECT count(*) FROM disposition WHERE document_id = :id")
        assert connection.scalar(count, {"id": paper}) == 0


def test_who_may_not_see_a_letter_sees_no_chain_and_hands_nothing_out(
    account: MakeAccount, letter: MakeLetter, unit: str
) -> None:
    kadis, kabid = account("pejabat", clearance="rahasia"), account("pejabat", clearance="rahasia")
    paper = letter(clearance=2)
    [first] = give(kadis, paper, kabid)
    for stranger in (account("pejabat"), account("pejabat", unit=f"lain-{unit}", clearance="rahasia")):
        with transaction(stranger.context) as session:
            assert inbox.chains(session, [paper]) == {}
            assert dispositions.people(session, paper) == []
            with pytest.raises(NotFound):
                dispositions.find(session, first.id)
        with pytest.raises(NotFound):
            give(stranger, paper, kabid)
        with pytest.raises(NotFound):
            pass_on(stranger, first.id, kabid)


def test_what_is_refused_says_why_and_leaves_all_as_it_was(account: MakeAccount, letter: MakeLetter) -> None:
    kadis, kabid, kasi = account("pejabat"), account("pejabat"), account("pejabat")
    paper = letter()
    [first] = give(kadis, paper, kabid)
    [second] = pass_on(kabid, first.id, kasi)
    refusals = {
        "tidak ada pengguna bernama entah": lambda: pass_on(
            kasi, second.id, Account(uuid4(), "entah", kasi.role, "x", 1)
        ),
        f"{kabid.name} sudah ada di atas": lambda: pass_on(kasi, second.id, kabid),
        f"{kasi.name} sudah memegang": lambda: give(kadis, paper, kasi),
        "bukan untuk Anda": lambda: pass_on(kabid, second.id, account("petugas")),
        "penerimanya Anda sendiri": lambda: pass_on(kasi, second.id, kasi),
        "sudah diteruskan": lambda: end(kabid, first.id),
    }
    for said, attempt in refusals.items():
        with pytest.raises(DispositionRefused) as refused:
            attempt()
        assert said in refused.value.detail
    outsider = account("petugas")
    with pytest.raises(DispositionRefused) as refused:
        end(outsider, second.id)
    assert "bukan untuk Anda" in refused.value.detail
    with pytest.raises(Forbidden):
        give(outsider, paper, kabid)
    end(kasi, second.id)
    with pytest.raises(DispositionRefused) as refused:
        end(kasi, second.id)
    assert "sudah selesai" in refused.value.detail
    with transaction(kadis.context) as session:
        assert [step.state for step in inbox.chains(session, [paper])[paper]] == ["done", "done"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": ()},
        {"to": (To("a"), To("a", "Kasi"))},
        {"instructions": ("Buang saja",)},
        {"note": "x" * 1001},
    ],
    ids=["nobody", "one twice", "not the office's", "too long"],
)
def test_what_is_wrong_in_it_is_told(account: MakeAccount, letter: MakeLetter, wrong: dict[str, object]) -> None:
    kadis, kabid = account("pejabat"), account("pejabat")
    said = Handed(**{"to": (To(kabid.name),), **wrong})  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest), transaction(kadis.context) as session:
        dispositions.give(session, kadis, letter(), said)


def test_no_day_that_is_over_can_be_set(account: MakeAccount, letter: MakeLetter) -> None:
    kadis, kabid, paper = account("pejabat"), account("pejabat"), letter()
    with pytest.raises(InvalidRequest):
        give(kadis, paper, kabid, due_on=inbox.today() - timedelta(days=1))
    assert give(kadis, paper, kabid, due_on=inbox.today())


def test_what_is_due_stands_first_and_is_marked_when_its_day_is_over(
    account: MakeAccount, letter: MakeLetter, superuser: Engine
) -> None:
    kadis, kabid = account("pejabat"), account("pejabat")
    [loose] = give(kadis, letter(), kabid)
    [later] = give(kadis, letter(), kabid, due_on=inbox.today() + timedelta(days=9))
    [late] = give(kadis, letter(), kabid, due_on=inbox.today())
    with superuser.begin() as root:
        root.execute(text("UPDATE disposition SET due_on = due_on - 1 WHERE id = :id"), {"id": late.id})
    with transaction(kabid.context) as session:
        items = inbox.received(session, kabid, 9)
    assert [(item.step.row.id, item.step.late) for item in items] == [
        (late.id, True), (later.id, False), (loose.id, False),
    ]  # fmt: skip


def test_lists_have_an_end(account: MakeAccount, letter: MakeLetter) -> None:
    kadis, kabid = account("pejabat"), account("pejabat")
    first, second, _ = (give(kadis, letter(), kabid)[0].id for _ in range(3))
    with transaction(kabid.context) as session:
        assert [item.step.row.id for item in inbox.received(session, kabid, 2)] == [first, second]
    with transaction(kadis.context) as session:
        assert [item.step.row.id for item in inbox.handed_out(session, kadis, 2)] == [first, second]


def test_racing_givers_hand_one_letter_to_one_person_once(account: MakeAccount, letter: MakeLetter) -> None:
    kadis, kabid = account("pejabat"), account("pejabat")
    paper = letter()

    def one(_: int) -> int:
        try:
            return len(give(kadis, paper, kabid))
        except DispositionRefused:
            return 0

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(6))) == 1
    assert len(waits_for(kabid)) == 1


FORBIDDEN = {
    "delete a link": ("DELETE FROM disposition WHERE id = :id", "permission denied"),
    "rewrite a note": ("UPDATE disposition SET note = 'lain' WHERE id = :id", "permission denied"),
    "hand it to somebody else": ("UPDATE disposition SET recipient_id = given_by WHERE id = :id", "permission denied"),
    "open again what has ended": ("UPDATE disposition SET ended_at = NULL WHERE id = :id", "stays"),
    "hand it out in another's name": (
        "INSERT INTO disposition (document_id, recipient_id, given_by, handed_by) SELECT document_id, recipient_id,"
        " app_account(), recipient_id FROM disposition WHERE id = :id",
        "row-level security",
    ),
    "undo what is done": ("UPDATE disposition SET done_at = NULL, done_by = NULL WHERE id = :id", "stays"),
    "unread": ("UPDATE disposition SET read_at = NULL WHERE id = :id", "stays"),
    "give in another's name": (
        "INSERT INTO disposition (document_id, recipient_id, given_by) SELECT document_id, recipient_id, recipient_id"
        " FROM disposition WHERE id = :id",
        "row-level security",
    ),
    "hand on what one does not hold": (
        "INSERT INTO disposition (document_id, parent_id, recipient_id, given_by) SELECT document_id, id, recipient_id,"
        " app_account() FROM disposition WHERE id = :id",
        "only who holds",
    ),
}


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_what_even_the_server_process_may_not_do(account: MakeAccount, letter: MakeLetter, attempt: str) -> None:
    kadis, kabid = account("pejabat"), account("pejabat")
    paper = letter()
    [first] = give(kadis, paper, kabid)
    with transaction(kabid.context) as session:
        dispositions.mark_read(session, kabid, paper)
    end(kabid, first.id)
    statement, refusal = FORBIDDEN[attempt]
    with pytest.raises(DBAPIError, match=refusal), transaction(kadis.context) as session:
        session.execute(text(statement), {"id": first.id})


def test_a_letter_that_was_handed_on_is_not_split(account: MakeAccount, letter: MakeLetter, superuser: Engine) -> None:
    kadis, kabid, clerk = account("pejabat"), account("pejabat"), account("petugas")
    paper = letter()
    give(kadis, paper, kabid)
    said = Decision(frozenset({1, 2}), pages=2, letters=None)
    with pytest.raises(LetterInUse, match="letter_in_use"), transaction(clerk.context) as session:
        cutting.decide(session, clerk, paper, said)
