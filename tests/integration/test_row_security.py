"""The second wall: PostgreSQL itself shows and takes nothing that the asker has no right to."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

import archive.keytables
import archive.prooftables  # noqa: F401 - declares its tables
import cases.tables  # noqa: F401 - declares its tables
import records.disposal.tables
import records.filing.tables
import records.papertables
import records.retention.tables
import records.tables  # noqa: F401 - declares its tables
import search.tables
from access.accounts import GATE, Account, names_of
from archive import documents
from core.db import Base, engine, transaction
from core.faults import NotFound
from search.query import search
from tests.assets.bulk import unique_jpeg
from tests.integration.conftest import MakeAccount
from tests.integration.driving import send, write_pages

TABLES = sorted(Base.metadata.tables)
LETTER = (
    "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version) "
    "VALUES (:unit, :clearance, repeat('a', 64), 1, 'image/jpeg', 'x', 'v')"
)

A_CASE = (
    "case_counter VALUES ('hidden', 2026, 1)",
    "sop_version (digest, sop, data) VALUES (repeat('a', 64), 'x', '{}')",
    "client (unit, clearance, name, added_by) SELECT 'hidden', 1, 'X', id FROM account LIMIT 1",
    "case_file (unit, clearance, year, number, sop, sop_digest, client_id, opened_by)"
    " SELECT 'hidden', 1, 2026, 1, 'x', repeat('a', 64), id, added_by FROM client LIMIT 1",
    "case_step (case_id, number) SELECT id, 1 FROM case_file LIMIT 1",
    "case_action (case_id, account_id, action) SELECT id, opened_by, 'close' FROM case_file LIMIT 1",
    "case_letter (case_id, step, document_id, linked_by) SELECT c.id, 1, d.id, opened_by FROM case_file c, document d"
    " LIMIT 1",
)

HANDED_ON = (
    # its unit's own letter, so that the recipient may see it
    "disposition (document_id, recipient_id, given_by) SELECT d.id, a.id, a.id FROM document d JOIN account a"
    " ON a.unit = d.unit AND a.clearance >= d.clearance AND a.role = 'petugas' LIMIT 1",
    "client_correction (client_id, account_id, reason, name) SELECT id, added_by, 'x', 'x' FROM client LIMIT 1",
    "agenda_correction (entry_id, account_id, reason, before) SELECT id, account_id, 'x', '{}' FROM agenda_entry"
    " LIMIT 1",
)

# The HTTP process may not even ask these
NOT_ITS_OWN = (
    *("kind_model", "letter_mark", "case_counter", "letter_key", "client_key", "berkas_counter", "lock_due"),
    *("key_generation", "snapshot_progress", "word", "search_made"),
)

FILED = (
    # the berkas of the case above is there by a trigger; this one is of a letter outside cases
    "berkas (unit, clearance, title, opened_on, opened_by) SELECT 'hidden', 1, 'X', current_date, id FROM account"
    " LIMIT 1",
    "berkas_letter (document_id, berkas_id) SELECT d.id, b.id FROM document d, berkas b LIMIT 1",
    "classification_import (name, digest, lines, account_id) SELECT 'x', repeat('a', 64), 1, id FROM account LIMIT 1",
    "classification_code (code, valid_from, title, import_id) SELECT '460', current_date, 'X', id"
    " FROM classification_import LIMIT 1",
    "schedule_version (name, valid_from, digest, imported_by) SELECT 'x', current_date, repeat('a', 64), id"
    " FROM account LIMIT 1",
    "schedule_row (version_id, line, code, series, active_years, inactive_years, fate, trigger)"
    " SELECT id, 1, '460', 'X', 2, 3, 'musnah', 'kasus_selesai' FROM schedule_version LIMIT 1",
    "hold (unit, clearance, scope, berkas_id, kind, reason, placed_by) SELECT 'hidden', 1, 'berkas', id, 'audit', 'x',"
    " opened_by FROM berkas LIMIT 1",
    "hold_document SELECT h.id, d.id FROM hold h, document d LIMIT 1",
)

PROPOSED = (
    "letter_key SELECT 1, seq FROM document LIMIT 1",
    "client_key SELECT 1, id FROM client LIMIT 1",
    "case_proposal (document_id, rank, document_seq, unit, sop, step, score, reasons, waits)"
    " SELECT id, 1, seq, unit, 'x', 1, 1, '[]', true FROM document LIMIT 1",
    "case_declined (document_id, sop, account_id) SELECT d.id, 'y', a.id FROM document d, account a LIMIT 1",
)

ON_PAPER = (
    "paper_box (unit, number, name, account_id) SELECT 'hidden', 1, 'Boks', id FROM account LIMIT 1",
    "paper_box_move (box_id, building, room, shelf, account_id) SELECT id, '', '', '', account_id FROM paper_box"
    " LIMIT 1",
    "paper_place (document_id, box_id, account_id) SELECT d.id, b.id, b.account_id FROM document d, paper_box b"
    " LIMIT 1",
)

# What the HTTP process may forget: what is over, and what somebody keeps for themselves
DELETED = ("session", "login_failure", "saved_search")

SOUGHT = (
    "search_made (account_id, digest, asked, found) SELECT id, 'x', '{}', 0 FROM account LIMIT 1",
    "saved_search (account_id, asked) SELECT id, 'x' FROM account LIMIT 1",
)

PRESERVED = ("snapshot_progress (generation) VALUES (1)", "restored_version VALUES ('x', 'v', 'w')")


ON_A_LIST = (
    "disposal_item (disposal_id, berkas_id) SELECT l.id, b.id FROM disposal l JOIN berkas b USING (unit)"
    " WHERE unit = 'hidden' LIMIT 1",
    "disposal_action (disposal_id, account_id, action) SELECT id, proposed_by, 'usul' FROM disposal"
    " WHERE unit = 'hidden' LIMIT 1",
    "disposal_erasure (document_id, disposal_id) SELECT d.id, l.id FROM document d, disposal l WHERE l.unit = 'hidden'"
    " LIMIT 1",
    "authentic_copy (document_id, disposal_id, on_day) SELECT d.id, l.id, current_date FROM document d, disposal l"
    " LIMIT 1",
)
A_LIST = (
    "SELECT set_config('app.account', (SELECT opened_by FROM berkas WHERE unit = 'hidden' LIMIT 1)::text, true)",
    "INSERT INTO disposal (kind, unit, clearance, year, number, code, proposed_by)"
    " VALUES ('alih_media', 'hidden', 1, 0, 0, '', app_account())",
    "ALTER TABLE disposal_paper DISABLE TRIGGER USER",  # no paper of a list that is still open would be taken
    "INSERT INTO disposal_paper (disposal_id, paper, document_id, account_id, why)"
    " SELECT l.id, 'berita_acara', d.id, l.proposed_by, 'x' FROM disposal l, document d WHERE l.unit = 'hidden' LIMIT 1"
    " ON CONFLICT DO NOTHING",
    "ALTER TABLE disposal_paper ENABLE TRIGGER USER",
)


IN_THE_STORE = (
    "key_generation (number, wrapped) VALUES (1, 'x')",
    "office_key_copy (fingerprint, account_id) SELECT 'x', id FROM account LIMIT 1",
    "document_lock (document_id, locked_until) SELECT id, now() FROM document LIMIT 1",
    "store_run DEFAULT VALUES",
    "store_finding (object, version, what) VALUES ('documents/x/original', 'v', 'object_without_row')",
)


PROVEN = (
    "checkpoint (size, root, head, note, public_key, key, version, sha256, at) VALUES"
    " (1, 'x', 'x', 'x', 'x', 'x', 'x', 'x', now())",
    "ledger_block VALUES (0, 'x')",
    "stored_object (key, version, kind, seq, document_id, sha256) SELECT 'x', 'v', 'original', 1, id, 'x' FROM document"
    " LIMIT 1",
    "fixity_day (day) VALUES ('2026-01-01')",
)


@pytest.fixture
def letter(account: MakeAccount, superuser: Engine) -> UUID:
    """A read letter, received for real, so that every table has a row."""
    return send(account("petugas"), unique_jpeg(uuid4().int % 10**6, 20)).document.id


@pytest.fixture
def no_context(letter: UUID) -> Iterator[Session]:
    with Session(engine()) as session:
        yield session
        session.rollback()


def a_row_in_every_table(connection: Connection) -> None:
    """Something to hide in each table, within the transaction given."""
    person = "SELECT d.id, (SELECT id FROM account LIMIT 1), 'ktp', 'kind', true, 1 FROM document d LIMIT 1"
    pair = "SELECT min(id::text)::uuid, max(id::text)::uuid, 1, '[]' FROM document"
    entry = "SELECT 'hidden', 1, 'masuk', true, current_date, d.id, a.id FROM document d, account a LIMIT 1"
    of_a_letter = (
        "login_failure (key) VALUES ('x')",
        "session (digest, account_id, expires_at) SELECT gen_random_uuid()::text::bytea, id, now() FROM account"
        " LIMIT 1",
        "token (account_id, digest) SELECT id, gen_random_uuid()::text::bytea FROM account LIMIT 1",
        "kind_model (unit, letters, used) VALUES ('x', 1, false)",
        f"confirmation (document_id, account_id, kind, name, sure, confidence) {person}",
        "letter_mark SELECT 1, id FROM document LIMIT 1",
        f"twin (first_id, second_id, score, reasons) {pair}",
        "page_history (page_id, document_id, read_at) SELECT id, document_id, now() FROM page LIMIT 1",
        f"agenda_entry (unit, clearance, book, numbered, day, document_id, account_id) {entry}",
        "agenda_step (entry_id, step, on_day, account_id) SELECT id, 'ttd', current_date, account_id FROM agenda_entry"
        " LIMIT 1",
        "agenda_sheet (document_id, entry_id, page) SELECT d.id, e.id, 1 FROM document d, agenda_entry e LIMIT 1",
        "agenda_left_out (document_id, account_id, reason) SELECT d.id, a.id, 'x' FROM document d, account a LIMIT 1",
    )
    for row in (
        *of_a_letter,
        *A_CASE,
        *PROPOSED,
        *HANDED_ON,
        *ON_PAPER,
        *PROVEN,
        *FILED,
        *IN_THE_STORE,
        *PRESERVED,
        *SOUGHT,
    ):
        connection.execute(text(f"INSERT INTO {row} ON CONFLICT DO NOTHING"))
    for statement in (*A_LIST, *(f"INSERT INTO {row} ON CONFLICT DO NOTHING" for row in ON_A_LIST)):
        connection.execute(text(statement))


def test_without_a_context_every_table_is_empty(letter: UUID, superuser: Engine) -> None:
    """All in one transaction that is taken back, so that no code, schedule or list of this test is in force later."""
    write_pages(superuser, "hidden", ["rahasia"])
    with superuser.connect() as connection:
        a_row_in_every_table(connection)
        empty = [table for table in TABLES if not connection.scalar(text(f"SELECT count(*) FROM {table}"))]
        assert empty == []
        connection.execute(text("SELECT set_config('app.account', '', true)"))
        connection.execute(text("SET LOCAL ROLE arsip_api"))
        shown: dict[str, object] = {}
        for table in TABLES:
            try:
                with connection.begin_nested():
                    shown[table] = connection.scalar(text(f"SELECT count(*) FROM {table}"))
            except ProgrammingError as error:
                shown[table] = type(error.orig)
        connection.rollback()
    assert shown == {table: InsufficientPrivilege if table in NOT_ITS_OWN else 0 for table in TABLES}


def test_without_a_context_the_walled_functions_give_nothing(no_context: Session, superuser: Engine) -> None:
    write_pages(superuser, "hidden", ["rahasiasekali"])
    query = "to_tsquery('indonesian', 'rahasiasekali')"
    assert no_context.scalar(text(f"SELECT count(*) FROM search_pages(ARRAY[{query}], 9999999999, 0, 100)")) == 0
    assert no_context.scalar(text(f"SELECT search_count({query})")) == 0
    total = text(f"SELECT total, seqs FROM search_total({query}, '{{}}', 100, 100)")
    assert tuple(no_context.execute(total).one()) == (0, [])
    few = f"SELECT seqs FROM search_few(ARRAY[{query}], ARRAY[{query}], 9999999999, 100)"
    assert no_context.scalar(text(few)) == []
    assert no_context.scalar(text(f"SELECT count(*) FROM search_begun({query}, 60)")) == 0
    assert search(no_context, "rahasiasekali").total == 0


@pytest.mark.parametrize(
    "context",
    [
        GATE,
        {"app.role": "petugas"},
        {"app.role": "petugas", "app.unit": "hidden"},
        {"app.role": "arsiparis"},
        {"app.clearance": "3", "app.unit": "hidden"},
        {"app.role": "auditor", "app.clearance": "3", "app.unit": "hidden"},
        {"app.role": "penyusup", "app.clearance": "3", "app.unit": "hidden"},
    ],
)
def test_half_a_context_shows_no_letter(archive, superuser: Engine, context: dict[str, str]) -> None:
    document = write_pages(superuser, "hidden", ["setengahkonteks"])
    with transaction(context) as session:
        assert search(session, "setengahkonteks").total == 0
        assert session.scalar(text("SELECT count(*) FROM document")) == 0
        assert session.scalar(text("SELECT count(*) FROM page")) == 0
        with pytest.raises(NotFound):
            documents.find(session, document)


@pytest.mark.parametrize(
    ("role", "where", "ceiling", "sees"),
    [
        ("petugas", "own", "rahasia", True),
        ("pejabat", "own", "sangat_rahasia", True),
        ("admin", "own", "rahasia", True),
        ("arsiparis", "other", "rahasia", True),  # the records unit keeps every unit's letters
        ("petugas", "own", "terbatas", False),
        ("arsiparis", "own", "terbatas", False),
        ("petugas", "other", "sangat_rahasia", False),
        ("pejabat", "other", "sangat_rahasia", False),
        ("admin", "other", "sangat_rahasia", False),
        ("auditor", "own", "sangat_rahasia", False),
    ],
)
def test_who_sees_a_letter(account: MakeAccount, unit: str, role: str, where: str, ceiling: str, sees: bool) -> None:
    sender = account("petugas", clearance="rahasia")
    document = send(sender, unique_jpeg(uuid4().int % 10**6, 20), clearance="rahasia").document.id
    who = account(role, unit=unit if where == "own" else f"lain-{unit}", clearance=ceiling)
    with transaction(who.context) as session:
        assert (document in {row.id for row in documents.newest(session)}) is sees
        assert (document in documents.several(session, [document])) is sees
        arrivals = text("SELECT count(*) FROM arrival WHERE document_id = :id")
        assert (session.scalar(arrivals, {"id": document}) == 1) is sees
        events = session.scalar(text("SELECT count(*) FROM ledger WHERE document = :id"), {"id": document})
        assert (events == 1) is (sees or role in ("auditor", "admin", "arsiparis"))


@pytest.mark.parametrize("role", ["petugas", "pejabat", "auditor", "arsiparis"])
def test_who_sees_whose_account(account: MakeAccount, role: str) -> None:
    """Nobody but an admin sees others' accounts or any token; who reads the ledger learns names, and names only."""
    who, other = account(role), account("petugas", unit="lain")
    with transaction(who.context) as session:
        assert set(session.scalars(text("SELECT id FROM account"))) == {who.id}
        names = names_of(session, [str(who.id), str(other.id), "worker"])
        assert names.pop(str(who.id)) == who.name
        assert names == ({str(other.id): other.name} if role in ("auditor", "arsiparis") else {})
        for table in ("token", "session", "login_failure"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_a_pejabat_knows_whom_a_list_comes_from(account: MakeAccount) -> None:
    """Who holds, proposes and appraises: the records unit, and pejabat of their own unit."""
    head = account("pejabat")
    known = [account("arsiparis", unit="lain"), account("pejabat")]
    others = [account("pejabat", unit="lain"), account("petugas"), account("auditor")]
    with transaction(head.context) as session:
        names = names_of(session, [str(one.id) for one in (*known, *others)])
    assert names == {str(one.id): one.name for one in known}


def test_a_pooled_connection_carries_nothing_on(archive, account: MakeAccount, superuser: Engine) -> None:
    """100 accounts of 10 units over 10 connections, interleaved, some breaking off: nobody ever sees another's."""
    units = [f"giliran-{uuid4().hex[:6]}" for _ in range(10)]
    own = {unit: write_pages(superuser, unit, ["bersama"]) for unit in units}
    people = [account("pejabat", unit=units[n % 10]) for n in range(100)]
    leaks: list[object] = []
    together = threading.Barrier(10)

    def look(who: Account) -> None:
        together.wait(20)
        try:
            with transaction(who.context) as session:
                seen = set(session.scalars(text("SELECT id FROM document")))
                found = {hit.document for hit in search(session, "bersama", limit=50).hits}
                if (seen, found) != ({own[who.unit]}, {own[who.unit]}):
                    leaks.append((who.unit, seen, found))
                if who.id.int % 3 == 0:
                    raise RuntimeError
        except RuntimeError:
            pass
        with Session(engine()) as bare:
            if bare.scalar(text("SELECT count(*) FROM document")):
                leaks.append("a connection came back with its context")

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(look, people))
    assert leaks == []


@pytest.mark.parametrize(
    ("unit_of", "clearance"), [("own", 2), ("own", 3), ("other", 0), ("other", 1)], ids=lambda value: str(value)
)
def test_the_database_refuses_a_letter_out_of_reach(
    account: MakeAccount, unit: str, unit_of: str, clearance: int
) -> None:
    who = account("petugas", clearance="terbatas")
    wanted = {"unit": unit if unit_of == "own" else "lain", "clearance": clearance}
    with pytest.raises(DBAPIError, match="row-level security"), transaction(who.context) as session:
        session.execute(text(LETTER), wanted)


@pytest.mark.parametrize("role", ["auditor", "gate"])
def test_the_database_takes_no_letter_from_who_files_none(archive, unit: str, role: str) -> None:
    context = {"app.role": role, "app.unit": unit, "app.clearance": "3", "app.account": str(uuid4())}
    with pytest.raises(DBAPIError, match="row-level security"), transaction(context) as session:
        session.execute(text(LETTER), {"unit": unit, "clearance": 1})


def test_an_arrival_is_ones_own_and_of_a_letter_one_sees(account: MakeAccount, letter: UUID) -> None:
    who, colleague = account("petugas"), account("petugas")
    stranger = account("petugas", unit="lain")
    arrival = text("INSERT INTO arrival (document_id, account_id, filename, first) VALUES (:d, :a, 'x', false)")
    with transaction(who.context) as session:
        session.execute(arrival, {"d": letter, "a": who.id})
    for asker, named in ((who, colleague), (stranger, stranger)):
        with pytest.raises(DBAPIError, match="row-level security"), transaction(asker.context) as session:
            session.execute(arrival, {"d": letter, "a": named.id})


@pytest.mark.parametrize(
    "column", ["sha256", "clearance", "unit", "original_version", "filename", "verdict", "pdf_sha256"]
)
def test_the_http_process_cannot_rewrite_a_letter(account: MakeAccount, letter: UUID, column: str) -> None:
    who = account("admin", clearance="sangat_rahasia")
    with pytest.raises(DBAPIError, match="permission denied"), transaction(who.context) as session:
        session.execute(text(f"UPDATE document SET {column} = {column} WHERE id = :id"), {"id": letter})


def test_the_http_process_cannot_delete(account: MakeAccount, letter: UUID) -> None:
    who = account("admin", clearance="sangat_rahasia")
    for table in sorted(set(TABLES) - {"session", "login_failure", "saved_search"}):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(DBAPIError, match="permission denied"), transaction(who.context) as session:
                session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger (seq, at, body, prev, hash) VALUES (10000000, now(), '{}', '', '')",
        "UPDATE ledger SET body = '{}'",
        "ALTER TABLE ledger DISABLE TRIGGER ALL",
        "UPDATE page SET text = 'lain'",
        "INSERT INTO page (document_id, document_seq, unit, clearance, number) VALUES (gen_random_uuid(), 1, '', 0, 9)",
        "UPDATE account SET role = 'admin'",
        "UPDATE token SET account_id = account_id",
        "SET ROLE arsip_functions",
        "SET ROLE arsip_owner",
        "SET session_replication_role = replica",
        "ALTER TABLE document DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE public.mine ()",
        "CREATE FUNCTION public.app_sees(text, int) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    ],
)
def test_the_http_process_cannot_get_round_the_wall(account: MakeAccount, letter: UUID, statement: str) -> None:
    who = account("admin", clearance="sangat_rahasia")
    with (
        pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
        transaction(who.context) as session,
    ):
        session.execute(text(statement))


@pytest.mark.parametrize("role", ["petugas", "pejabat", "arsiparis", "auditor", "gate"])
def test_only_an_admin_changes_a_password(archive, account: MakeAccount, role: str) -> None:
    victim, admin = account("admin"), account("admin")
    for context, changed in (({**victim.context, "app.role": role}, 0), (admin.context, 1)):
        with transaction(context) as session:
            ids = session.execute(
                text("UPDATE account SET password_hash = 'x' WHERE id = :id RETURNING id"), {"id": victim.id}
            ).all()
            assert len(ids) == changed


@pytest.mark.parametrize("role", ["petugas", "pejabat", "arsiparis", "auditor", "gate"])
@pytest.mark.parametrize("table", ["account", "token"])
def test_only_an_admin_adds_people_and_tokens(archive, account: MakeAccount, role: str, table: str) -> None:
    somebody = account("petugas")
    added = {
        "account": "INSERT INTO account (name, role, unit, clearance) VALUES ('x', 'admin', 'x', 3)",
        "token": "INSERT INTO token (account_id, digest) VALUES (:id, gen_random_uuid()::text::bytea)",
    }[table]
    context = {**somebody.context, "app.role": role}
    with pytest.raises(DBAPIError, match="row-level security"), transaction(context) as session:
        session.execute(text(added), {"id": somebody.id})
