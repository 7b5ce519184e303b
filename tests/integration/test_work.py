"""The stage column as queue: each piece of work is done once, whoever dies or comes late."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import checks, documents, work
from archive.checks import Told
from archive.tables import DocumentRow, PageRow
from archive.work import Filed, Sealed
from core.db import transaction
from core.faults import DamagedFile, NotHeld, ReaderCrashed, StoreUnavailable, Unforeseen
from core.settings import settings
from tests.assets.bulk import unique_jpeg
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, connected_as, send
from tests.product import until
from workers.pipeline import _outcome

FILED = Filed("skt_polisi", 0.9, {"sure": True}, {}, 0)
SEALED = Sealed("a" * 64, "v", "documents/x/pdf-a", "documents/x/manifest-1", "v", "b" * 64)


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas")


@pytest.fixture
def letter(who: Account) -> UUID:
    return send(who, unique_jpeg(uuid4().int % 10**6, 20)).document.id


@pytest.fixture
def idle(superuser: Engine) -> None:
    """Set aside what other tests left due, so that this one's letters are all there is."""
    with superuser.begin() as connection:
        connection.execute(
            text(
                "UPDATE document SET stage = 'held', fault_slug = 'damaged_file' WHERE stage NOT IN ('sealed', 'held')"
            )
        )


@contextmanager
def _transaction(engine: Engine) -> Iterator[Session]:
    """One transaction of a worker."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def _claim(engine: Engine, document: UUID, stage: str, owner: str = "satu") -> DocumentRow | None:
    with _transaction(engine) as session:
        return work.claim_document(session, document, stage, owner)


def _paged(engine: Engine, document: UUID, pages: int) -> list[UUID]:
    with _transaction(engine) as session:
        row = work.claim_document(session, document, "received", "satu")
        assert row is not None
        assert work.record_opened(session, row, pages=pages)
    with _transaction(engine) as session:
        return list(
            session.scalars(text("SELECT id FROM page WHERE document_id = :id ORDER BY number"), {"id": document})
        )


def _read(engine: Engine, page: UUID, owner: str = "satu") -> bool:
    with _transaction(engine) as session:
        claimed = work.claim_page(session, page, owner)
    if claimed is None:
        return False
    with _transaction(engine) as session:
        return work.record_page(
            session, claimed[0], text="kata", identities=(), reading={"words": []}, reader="uji", digest="0" * 64
        )


def _expire(engine: Engine, document: UUID) -> None:
    with engine.begin() as connection:
        for table, column in (("document", "id"), ("page", "document_id")):
            connection.execute(
                text(
                    f"UPDATE {table} SET lease_until = now() - interval '1 s'"
                    f" WHERE {column} = :id AND lease_until > now()"
                ),
                {"id": document},
            )


def test_one_claim_at_a_time(worker_engine: Engine, letter: UUID) -> None:
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: _claim(worker_engine, letter, "received", f"w{n}"), range(8)))
    (held,) = [claim for claim in claims if claim is not None]
    assert (held.attempts, held.stage) == (1, "received")
    with worker_engine.connect() as connection:
        left = connection.scalar(
            text("SELECT extract(epoch FROM lease_until - now()) FROM document WHERE id = :id"), {"id": letter}
        )
    assert settings().lease_seconds - 30 < left <= settings().lease_seconds
    _expire(worker_engine, letter)
    again = _claim(worker_engine, letter, "received")
    assert again is not None
    assert again.attempts == 2
    assert again.lease != held.lease


def test_only_the_stage_that_is_due_can_be_claimed(worker_engine: Engine, letter: UUID) -> None:
    for stage in ("paged", "read", "filed", "sealed", "held"):
        assert _claim(worker_engine, letter, stage) is None
    assert _claim(worker_engine, uuid4(), "received") is None


def test_whoever_lost_the_lease_records_nothing(worker_engine: Engine, hands: Hands, letter: UUID) -> None:
    late = _claim(worker_engine, letter, "received", "lambat")
    _expire(worker_engine, letter)
    heir = _claim(worker_engine, letter, "received", "pewaris")
    assert late is not None
    assert heir is not None
    with _transaction(worker_engine) as session:
        assert not work.record_opened(session, late, pages=9)
    assert (hands.look(letter).stage, hands.pages(letter)) == ("received", [])
    with _transaction(worker_engine) as session:
        assert work.record_opened(session, heir, pages=1)
    with _transaction(worker_engine) as session:
        assert not work.record_opened(session, late, pages=9)
    assert hands.look(letter).pages == 1
    assert [action for action, _ in hands.events(letter)] == ["received", "paged"]


@pytest.mark.parametrize("fault", [DamagedFile(), ReaderCrashed(), Unforeseen(), StoreUnavailable()])
def test_whoever_lost_the_lease_breaks_nothing_either(
    worker_engine: Engine, hands: Hands, letter: UUID, fault: Exception
) -> None:
    late = _claim(worker_engine, letter, "received", "lambat")
    assert late is not None
    late.attempts = work.MOST_ATTEMPTS
    _expire(worker_engine, letter)
    heir = _claim(worker_engine, letter, "received", "pewaris")
    assert heir is not None
    with connected_as(worker_engine):
        _outcome(late, letter, fault)
    now = hands.look(letter)
    assert (now.stage, now.lease, now.lease_owner, now.attempts) == ("received", heir.lease, "pewaris", 2)
    with _transaction(worker_engine) as session:
        assert work.record_opened(session, heir, pages=1)


def test_a_late_page_is_not_recorded_twice(worker_engine: Engine, hands: Hands, letter: UUID) -> None:
    first, second = _paged(worker_engine, letter, 2)
    with _transaction(worker_engine) as session:
        late = work.claim_page(session, first, "lambat")
    _expire(worker_engine, letter)
    assert _read(worker_engine, first, "pewaris")
    assert late is not None
    with _transaction(worker_engine) as session:
        assert not work.record_page(
            session, late[0], text="lain", identities=(), reading={"words": []}, reader="uji", digest="1" * 64
        )
    assert hands.look(letter).pages_read == 1
    assert _read(worker_engine, second)
    assert hands.look(letter).stage == "read"
    assert [page.text for page in hands.pages(letter)] == ["kata", "kata"]


def test_three_claims_that_never_came_back_hold_a_letter(worker_engine: Engine, hands: Hands, letter: UUID) -> None:
    for attempt in (1, 2, 3):
        row = _claim(worker_engine, letter, "received")
        assert row is not None
        assert row.attempts == attempt
        _expire(worker_engine, letter)
    assert _claim(worker_engine, letter, "received") is None
    now = hands.look(letter)
    assert (now.stage, now.fault_slug, now.lease) == ("held", "reader_crashed", None)
    assert hands.events(letter)[-1][1]["fault"] == "reader_crashed"


def test_three_claims_of_a_page_that_never_came_back_hold_its_letter(
    worker_engine: Engine, hands: Hands, letter: UUID
) -> None:
    _, second, third = _paged(worker_engine, letter, 3)
    for _ in range(3):
        with _transaction(worker_engine) as session:
            assert work.claim_page(session, second, "satu") is not None
        _expire(worker_engine, letter)
    with _transaction(worker_engine) as session:
        assert work.claim_page(session, second, "satu") is None
    now = hands.look(letter)
    assert (now.stage, now.fault_slug, now.fault_facts) == ("held", "reader_crashed", {"page": 2})
    with _transaction(worker_engine) as session:  # nobody reads on for a letter that waits for a person
        assert work.claim_page(session, third, "satu") is None


def test_an_engine_that_is_away_does_not_count(worker_engine: Engine, hands: Hands, letter: UUID) -> None:
    for _ in range(5):
        row = _claim(worker_engine, letter, "received")
        assert row is not None
        with connected_as(worker_engine):
            _outcome(row, letter, StoreUnavailable())
        now = hands.look(letter)
        assert (now.stage, now.attempts, now.lease) == ("received", 0, None)
        assert now.lease_until is not None  # due again, in a while
        assert _claim(worker_engine, letter, "received") is None
        hands.make_due(letter)


def test_a_failure_counts_and_the_third_holds(worker_engine: Engine, hands: Hands, letter: UUID) -> None:
    for attempt in (1, 2, 3):
        row = _claim(worker_engine, letter, "received")
        assert row is not None
        with connected_as(worker_engine):
            _outcome(row, letter, ReaderCrashed())
        assert hands.look(letter).stage == ("held" if attempt == 3 else "received")
        if attempt < 3:
            hands.make_due(letter)


def test_a_fault_of_the_file_itself_holds_at_once(worker_engine: Engine, hands: Hands, letter: UUID) -> None:
    (page,) = _paged(worker_engine, letter, 1)
    with _transaction(worker_engine) as session:
        claimed = work.claim_page(session, page, "satu")
    assert claimed is not None
    with connected_as(worker_engine):
        _outcome(claimed[0], letter, DamagedFile())
    now = hands.look(letter)
    assert (now.stage, now.fault_slug, now.fault_facts) == ("held", "damaged_file", {"page": 1})


def test_a_dead_workers_leases_are_freed_by_its_name(worker_engine: Engine, hands: Hands, who: Account) -> None:
    name = f"worker@{uuid4().hex}"
    mine, others, paged = (send(who, unique_jpeg(uuid4().int % 10**6, 20)).document.id for _ in range(3))
    (page,) = _paged(worker_engine, paged, 1)
    assert _claim(worker_engine, mine, "received", name)
    assert _claim(worker_engine, others, "received", "yang-lain")
    with _transaction(worker_engine) as session:
        assert work.claim_page(session, page, name)
    with _transaction(worker_engine) as session:
        assert work.free_leases_of(session, name) == 2
    assert _claim(worker_engine, mine, "received") is not None
    assert _read(worker_engine, page)
    assert _claim(worker_engine, others, "received") is None
    assert hands.look(mine).attempts == 2  # the death counts: a letter that kills its readers must not go on for ever


@pytest.mark.usefixtures("idle")
def test_first_pages_come_first(worker_engine: Engine, who: Account) -> None:
    thick, thin, other = (send(who, unique_jpeg(uuid4().int % 10**6, 20)).document.id for _ in range(3))
    many = _paged(worker_engine, thick, 30)
    (only,) = _paged(worker_engine, thin, 1)
    two = _paged(worker_engine, other, 2)
    with _transaction(worker_engine) as session:
        assert work.due_pages(session, 100) == [many[0], only, two[0], many[1], two[1], *many[2:]]
        assert work.due_pages(session, 2) == [many[0], only]


@pytest.mark.usefixtures("idle")
def test_what_is_due(worker_engine: Engine, who: Account) -> None:
    letters = [send(who, unique_jpeg(uuid4().int % 10**6, 20)).document.id for _ in range(4)]
    received, claimed, read, filed = letters
    assert _claim(worker_engine, claimed, "received")
    for document in (read, filed):
        (page,) = _paged(worker_engine, document, 1)
        assert _read(worker_engine, page)
    row = _claim(worker_engine, filed, "read")
    assert row is not None
    with _transaction(worker_engine) as session:
        assert work.record_filed(session, row, FILED)
    with _transaction(worker_engine) as session:
        assert work.due_documents(session, 9) == [(received, "received"), (read, "read"), (filed, "filed")]
        assert work.due_documents(session, 1) == [(received, "received")]
        assert work.due_pages(session, 9) == []
    _expire(worker_engine, claimed)
    with _transaction(worker_engine) as session:
        assert (claimed, "received") in work.due_documents(session, 9)


@pytest.mark.parametrize("stage", ["received", "paged", "read", "filed"])
def test_trying_again_goes_on_where_it_stopped(
    worker_engine: Engine, hands: Hands, who: Account, letter: UUID, stage: str
) -> None:
    pages = _paged(worker_engine, letter, 2) if stage != "received" else []
    if stage == "paged":
        assert _read(worker_engine, pages[0])
        with _transaction(worker_engine) as session:
            assert work.claim_page(session, pages[1], "satu")
    if stage in ("read", "filed"):
        assert all(_read(worker_engine, page) for page in pages)
    if stage == "filed":
        row = _claim(worker_engine, letter, "read")
        assert row is not None
        with _transaction(worker_engine) as session:
            assert work.record_filed(session, row, FILED)
    with _transaction(worker_engine) as session:
        work.hold(session, letter, ReaderCrashed())
        work.hold(session, letter, DamagedFile())  # the first reason stays
    assert (hands.look(letter).stage, hands.look(letter).fault_slug) == ("held", "reader_crashed")
    with transaction(who.context) as session:
        again = documents.try_again(session, who, letter)
    assert (again.stage, again.attempts, again.fault_slug, again.fault_facts) == (stage, 0, None, None)
    if stage == "paged":
        assert _read(worker_engine, pages[1])  # its lease went with the hold
        assert hands.look(letter).stage == "read"
    else:
        assert _claim(worker_engine, letter, stage) is not None
    assert hands.events(letter)[-1 if stage != "paged" else -2][0] == "tried_again"
    with pytest.raises(NotHeld), transaction(who.context) as session:
        documents.try_again(session, who, letter)


def test_the_last_page_moves_its_letter_on_exactly_once(worker_engine: Engine, hands: Hands, letter: UUID) -> None:
    pages = _paged(worker_engine, letter, 8)
    claims: list[PageRow] = []
    for page in pages:
        with _transaction(worker_engine) as session:
            claimed = work.claim_page(session, page, "satu")
        assert claimed is not None
        claims.append(claimed[0])

    def record(page: PageRow) -> bool:
        with _transaction(worker_engine) as session:
            return work.record_page(
                session, page, text="kata", identities=(), reading={"words": []}, reader="uji", digest="0" * 64
            )

    with ThreadPoolExecutor(8) as pool:  # each twice, all at the same moment
        done = list(pool.map(record, claims * 2))
    assert done.count(True) == 8
    now = hands.look(letter)
    assert (now.stage, now.pages_read) == ("read", 8)
    assert sorted(body["page"] for action, body in hands.events(letter) if action == "page_read") == list(range(1, 9))


def test_a_page_read_while_its_letter_is_held_is_kept(
    worker_engine: Engine, hands: Hands, who: Account, letter: UUID
) -> None:
    first, second = _paged(worker_engine, letter, 2)
    with _transaction(worker_engine) as session:
        claimed = work.claim_page(session, second, "satu")
    assert claimed is not None
    assert _read(worker_engine, first)
    with _transaction(worker_engine) as session:
        work.hold(session, letter, ReaderCrashed())
    with _transaction(worker_engine) as session:
        assert work.record_page(
            session, claimed[0], text="kata", identities=(), reading={"words": []}, reader="uji", digest="0" * 64
        )
    assert (hands.look(letter).stage, hands.look(letter).pages_read) == ("held", 2)
    with transaction(who.context) as session:
        assert documents.try_again(session, who, letter).stage == "read"


def test_trying_again_waits_for_a_page_in_hand_and_not_the_other_way_round(
    superuser: Engine, worker_engine: Engine, hands: Hands, who: Account, letter: UUID
) -> None:
    (page,) = _paged(worker_engine, letter, 1)
    with _transaction(worker_engine) as session:
        claimed = work.claim_page(session, page, "satu")
        assert claimed is not None
        work.hold(session, letter, ReaderCrashed())

    def try_again() -> str:
        with transaction(who.context) as session:
            return documents.try_again(session, who, letter).stage

    def waits() -> bool:
        with superuser.connect() as connection:
            return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    with ThreadPoolExecutor(1) as pool:
        with _transaction(worker_engine) as session:
            assert work.still_holds(session, claimed[0])  # its row is this worker's until the commit
            again = pool.submit(try_again)
            until(waits)
            assert work.record_page(
                session, claimed[0], text="kata", identities=(), reading={}, reader="uji", digest="0" * 64
            )
        assert again.result() == "read"


def _sealed_to_be_read_anew(superuser: Engine, worker_engine: Engine, letter: UUID) -> PageRow:
    """Its one page, claimed to be read anew."""
    (page,) = _paged(worker_engine, letter, 1)
    assert _read(worker_engine, page)
    for stage, record in (("read", partial(work.record_filed, filed=FILED)), ("filed", _record_sealed)):
        row = _claim(worker_engine, letter, stage)
        assert row is not None
        with _transaction(worker_engine) as session:
            assert record(session, row)
    with superuser.begin() as connection:
        connection.execute(text("UPDATE page SET reread = true WHERE id = :id"), {"id": page})
        connection.execute(text("UPDATE document SET rereading = 1 WHERE id = :id"), {"id": letter})
    with _transaction(worker_engine) as session:
        claimed = work.claim_page(session, page, "satu")
    assert claimed is not None
    return claimed[0]


def _record_sealed(session: Session, row: DocumentRow) -> bool:
    return work.record_sealed(session, row, SEALED)


def test_a_correction_and_a_page_read_meanwhile_both_come_to_their_end(
    superuser: Engine, worker_engine: Engine, hands: Hands, who: Account, letter: UUID
) -> None:
    """The page's row is the worker's, the letter's is to be the clerk's: who has the one never waits for the other."""
    page = _sealed_to_be_read_anew(superuser, worker_engine, letter)

    def correct() -> str | None:
        with transaction(who.context) as session:
            return checks.confirm(session, who, letter, Told("ktp", {}, {}, frozenset())).kind

    def waits() -> bool:
        with superuser.connect() as connection:
            return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    with ThreadPoolExecutor(1) as pool:
        with _transaction(worker_engine) as session:
            assert work.still_holds(session, page)
            corrected = pool.submit(correct)
            until(waits)
            said = {"text": "kata lain", "identities": (), "reading": {}, "reader": "uji", "digest": "0" * 64}
            assert work.record_page(session, page, **said)
        assert corrected.result() == "ktp"
    assert (hands.look(letter).kind, hands.look(letter).rereading) == ("ktp", None)
    with superuser.connect() as connection:
        told = text("SELECT kind, text FROM page WHERE document_id = :id")
        assert connection.execute(told, {"id": letter}).one() == ("ktp", "kata lain")


def test_a_sealed_letter_is_never_held(worker_engine: Engine, hands: Hands, letter: UUID) -> None:
    (page,) = _paged(worker_engine, letter, 1)
    assert _read(worker_engine, page)
    for stage in ("read", "filed"):
        row = _claim(worker_engine, letter, stage)
        assert row is not None
        with _transaction(worker_engine) as session:
            if stage == "read":
                assert work.record_filed(session, row, FILED)
            else:
                assert work.record_sealed(session, row, SEALED)
                assert not work.record_sealed(session, row, SEALED)
    with _transaction(worker_engine) as session:
        work.hold(session, letter, DamagedFile())
    assert hands.look(letter).stage == "sealed"
    assert [action for action, _ in hands.events(letter)][-1] == "sealed"
