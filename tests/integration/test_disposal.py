"""Lists of records on the real database: what the law asks for is asked by the rooms in words, and by PostgreSQL of
whoever speaks to it as the application does."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from access.accounts import Account
from archive.pagelock import lock_pages
from cases import work
from cli.migrate import tell_rules
from core.clock import today
from core.db import transaction
from core.faults import CaseRefused, DisposalRefused, Forbidden, InvalidRequest, ListNotNamed
from ocr.pdfa import broken_rules
from records.disposal import book, lists, machine, papers, printing
from records.disposal.panel import Panel
from records.disposal.tables import DisposalRow
from records.disposal.words import BLOCKERS
from records.disposal.workflow import workflows
from records.office import office as office_of
from tests.integration.conftest import MakeAccount
from tests.integration.disposing import DEED, Office, as_worker, letter, office
from tests.integration.driving import with_settings
from tests.integration.test_cases import opened
from tests.integration.test_retention_rules import in_force  # noqa: F401 - a fixture
from tests.product import until

SECOND = "UPDATE disposal SET status = :status WHERE id = :id"


@pytest.fixture
def here(account: MakeAccount, superuser: Engine, in_force: Callable[..., UUID]) -> Office:  # noqa: F811
    return office(account, superuser, in_force)


def sql(by: Account, statement: str, **values: Any) -> None:
    """As the application's role, with everything else its own."""
    with transaction(by.context) as session:
        session.execute(text(statement), values)


def refused(by: Account, statement: str, why: str, **values: Any) -> None:
    with pytest.raises(DBAPIError, match=why):
        sql(by, statement, **values)


def blockers(here: Office, row: DisposalRow) -> set[str]:
    with transaction(here.proposer.context) as session:
        found = lists.look(session, lists.find(session, row.id)).blocked
    return {why for whys in found.values() for why in whys}


def marks(step: Any) -> tuple[bool, ...]:
    return step.freezes, step.declares, step.chooses, step.executes


def test_the_database_knows_the_same_steps(superuser: Engine) -> None:
    with superuser.connect() as connection:
        rows = connection.execute(text("SELECT * FROM disposal_steps()")).all()
    known = {
        (kind, one.id, frozenset(one.sources), one.to, one.by, one.papers, marks(one))
        for kind, flow in workflows().items()
        for one in flow.steps
    }
    assert {
        (r.kind, r.step, frozenset(r.sources), r.target, r.done_by, tuple(r.papers), marks(r)) for r in rows
    } == known


def test_a_letter_is_wiped_by_indexes_alone(here: Office) -> None:
    one = letter(here.superuser, here.unit, "kata")
    with here.superuser.connect() as connection:
        # what has an index is found by it, however small a table is here
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        read_through = text("SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE seq_scan > 0")
        before = set(connection.execute(read_through).all())
        connection.execute(text("SELECT letter_wipe(:letter)"), {"letter": one})
        assert set(connection.execute(read_through).all()) == before
        connection.rollback()


def test_a_list_goes_its_way_to_the_last_letter(here: Office, worker_engine: Engine) -> None:
    first, second = here.berkas(2), here.berkas(1)
    row = here.decided(first, second)
    assert (row.status, row.approver, row.code[:4]) == ("ditetapkan", "kepala_daerah", "MSN-")
    row = here.take(row, "musnahkan")
    assert (row.status, row.executed_by) == ("ditetapkan", here.executor.id)
    documents = [*here.letters(first), *here.letters(second)]
    with here.superuser.begin() as connection:  # whoever signed them is a person too
        signed = text("UPDATE document SET signatures = '[{}]' WHERE id = ANY (:d)")
        connection.execute(signed, {"d": documents})
    for document in documents:
        with as_worker(worker_engine) as session:
            session.execute(text("SELECT disposal_erase(:d)"), {"d": document})
    with pytest.raises(DBAPIError, match="not all done"), as_worker(worker_engine) as session:
        session.execute(text("SELECT disposal_finish(:l)"), {"l": row.id})
    with as_worker(worker_engine) as session:
        session.execute(text("UPDATE disposal_erasure SET gone_at = now() WHERE disposal_id = :l"), {"l": row.id})
        session.execute(text("SELECT disposal_finish(:l)"), {"l": row.id})
    with here.superuser.connect() as connection:
        stub = connection.execute(
            text("SELECT filename, fields, signatures, destroyed_at, sha256, kind FROM document WHERE id = :d"),
            {"d": documents[0]},
        ).one()
        pages = connection.scalar(text("SELECT count(*) FROM page WHERE document_id = ANY (:d)"), {"d": documents})
        told = connection.scalar(
            text("SELECT count(*) FROM ledger WHERE action = 'destroyed' AND document = ANY (:d)"), {"d": documents}
        )
        left = connection.execute(text("SELECT title, disposal_id FROM berkas WHERE id = :b"), {"b": first}).one()
        assert connection.scalar(text("SELECT destroyed_undecided()")) is None
    assert (stub.filename, stub.fields, stub.kind) == ("dimusnahkan", {}, "surat_pemulangan")
    assert stub.signatures is None
    assert (pages, told, left) == (0, 3, ("uji", row.id))
    with transaction(here.proposer.context) as session:
        assert lists.find(session, row.id).status == "dimusnahkan"
        assert book.progress(session, row.id).gone == 3
        found = book.destroyed_by(session, documents[0])
        assert found is not None
        assert found.code == row.code
    assert here.take(row, "laporkan").status == "dilaporkan"


def test_destroying_waits_for_a_page_in_hand_and_not_the_other_way_round(
    here: Office, worker_engine: Engine, superuser: Engine
) -> None:
    berkas = here.berkas(1)
    here.take(here.decided(berkas), "musnahkan")
    (one,) = here.letters(berkas)

    def erase() -> None:
        with as_worker(worker_engine) as session:
            session.execute(text("SELECT disposal_erase(:d)"), {"d": one})

    def waits() -> bool:
        with superuser.connect() as connection:
            return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    with ThreadPoolExecutor(1) as pool:
        with as_worker(worker_engine) as session:  # as one who records a page: its row, then the letter's
            lock_pages(session, [one])
            erased = pool.submit(erase)
            until(waits)
            session.execute(text("UPDATE document SET pages_read = pages_read WHERE id = :d"), {"d": one})
        erased.result()
    with superuser.connect() as connection:
        destroyed = text("SELECT destroyed_at IS NOT NULL FROM document WHERE id = :d")
        assert connection.scalar(destroyed, {"d": one}) is True


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"closed_on": None}, "terbuka"),
        ({"code": "000.1"}, "tanpa_jadwal"),
        ({"opened_on": "2026-01-01", "closed_on": "2026-02-01"}, "belum_habis"),
        ({"permanent": True}, "nasib"),
    ],
)
def test_what_the_law_asks_for_is_asked(here: Office, values: dict[str, Any], why: str) -> None:
    kept = here.berkas(**{name: value for name, value in values.items() if name != "permanent"})
    if values.get("permanent"):
        with here.superuser.begin() as connection:
            connection.execute(text("UPDATE berkas SET permanent = true WHERE id = :b"), {"b": kept})
    row = here.propose(kept)
    assert why in blockers(here, row)
    assert why in BLOCKERS
    here.attach(row, "sk_panitia", "notulen")
    here.seat(row)
    with pytest.raises(DisposalRefused, match="disposal_refused") as refusal:
        here.do(here.assessor, lists.take, row.id, "nilai", declared=True)
    assert machine.BLOCKED in refusal.value.detail
    refused(here.assessor, SECOND.replace("WHERE", ", declared = true WHERE"), "blocked", status="dinilai", id=row.id)


def test_the_assessor_answers_for_what_no_schedule_knows(here: Office) -> None:
    row = here.propose(here.berkas())
    here.attach(row, "sk_panitia", "notulen")
    here.seat(row)
    with pytest.raises(DisposalRefused) as refusal:
        here.do(here.assessor, lists.take, row.id, "nilai")
    assert machine.NO_DECLARATION in refusal.value.detail
    refused(here.assessor, SECOND, "answers for ps 51 a and c", status="dinilai", id=row.id)


def test_a_letter_that_another_kept_case_uses_is_not_destroyed(here: Office, worker_engine: Engine) -> None:
    kept = here.berkas(2)
    first, second = here.letters(kept)
    other = opened(here.proposer)
    row = here.propose(kept)
    here.used_by(first, other)
    assert blockers(here, row) == {"dipakai"}
    here.attach(row, "sk_panitia", "notulen")
    here.seat(row)
    with pytest.raises(DisposalRefused) as refusal:
        here.do(here.assessor, lists.take, row.id, "nilai", declared=True)
    assert machine.BLOCKED in refusal.value.detail
    closing = SECOND.replace("WHERE", ", declared = true WHERE")
    refused(here.assessor, closing, "blocked", status="dinilai", id=row.id)
    here.used_no_more(first)
    for step in ("nilai", "timbang", "mohon", "setujui", "tetapkan", "musnahkan"):
        row = here.take(row, step)
    with transaction(here.proposer.context) as session, pytest.raises(CaseRefused):
        work.link(session, here.proposer, other, first, 1)
    here.used_by(first, other)
    with pytest.raises(DBAPIError, match="another kept case uses"), as_worker(worker_engine) as session:
        session.execute(text("SELECT disposal_erase(:d)"), {"d": first})
    refused(
        here.executor, "UPDATE disposal_erasure SET erased_at = now() WHERE document_id = :d", "permission", d=first
    )
    with as_worker(worker_engine) as session:
        session.execute(text("SELECT disposal_erase(:d)"), {"d": second})
    with here.superuser.connect() as connection:
        left = text("SELECT document_id FROM page WHERE document_id = ANY (:d)")
        assert list(connection.scalars(left, {"d": [first, second]})) == [first]


def test_by_a_sample_schedule_nothing_is_destroyed(here: Office, in_force: Callable[..., UUID]) -> None:  # noqa: F811
    with here.superuser.begin() as connection:
        connection.execute(text("UPDATE schedule_version SET sample = true WHERE valid_from = office_today()"))
    row = here.propose(here.berkas())
    assert "tanpa_jadwal" in blockers(here, row)
    here.attach(row, "sk_panitia", "notulen")
    here.seat(row)
    with pytest.raises(DisposalRefused):
        here.do(here.assessor, lists.take, row.id, "nilai", declared=True)
    refused(here.assessor, SECOND.replace("WHERE", ", declared = true WHERE"), "blocked", status="dinilai", id=row.id)


def test_a_hold_stops_it_at_any_step(here: Office, worker_engine: Engine) -> None:
    kept = here.berkas()
    row = here.decided(kept)
    hold = (
        "INSERT INTO hold (unit, clearance, scope, berkas_id, kind, reason, placed_by)"
        " VALUES (:u, 1, 'berkas', :b, 'sengketa', 'gugatan', :a)"
    )
    sql(here.proposer, hold, u=here.unit, b=kept, a=here.proposer.id)
    assert blockers(here, row) == {"ditahan"}
    with pytest.raises(DisposalRefused):
        here.take(row, "musnahkan")
    refused(here.executor, "UPDATE disposal SET began_at = now() WHERE id = :id", "blocked", id=row.id)
    sql(
        here.assessor,
        "UPDATE hold SET released_by = :a, released_at = now(), release_reason = 'selesai' WHERE berkas_id = :b",
        a=here.assessor.id,
        b=kept,
    )
    here.take(row, "musnahkan")
    sql(here.proposer, hold, u=here.unit, b=kept, a=here.proposer.id)  # when it has begun, too
    with pytest.raises(DBAPIError, match="the letter is held"), as_worker(worker_engine) as session:
        session.execute(text("SELECT disposal_erase(:d)"), {"d": here.letters(kept)[0]})


def test_three_people_do_it(here: Office) -> None:
    row = here.propose(here.berkas())
    here.attach(row, "sk_panitia", "notulen")
    here.seat(row)
    with pytest.raises(DisposalRefused) as refusal:
        here.do(here.proposer, lists.take, row.id, "nilai", declared=True)
    assert machine.SAME_PERSON in refusal.value.detail
    declared = SECOND.replace("WHERE", ", declared = true WHERE")
    refused(here.proposer, declared, "different people", status="dinilai", id=row.id)
    for step in ("nilai", "timbang", "mohon", "setujui", "tetapkan"):
        row = here.take(row, step)
    for somebody in (here.proposer, here.assessor):
        with pytest.raises(DisposalRefused) as refusal:
            here.do(somebody, lists.take, row.id, "musnahkan", deed=DEED)
        assert machine.SAME_ASSESSOR in refusal.value.detail
        refused(somebody, "UPDATE disposal SET began_at = now() WHERE id = :id", "different people", id=row.id)


def test_no_list_is_appraised_without_its_panel(here: Office) -> None:
    row = here.propose(here.berkas())
    here.attach(row, "sk_panitia", "notulen")
    with pytest.raises(DisposalRefused) as refusal:
        here.do(here.assessor, lists.take, row.id, "nilai", declared=True)
    assert machine.NO_PANEL in refusal.value.detail
    closing = SECOND.replace("WHERE", ", declared = true WHERE")
    refused(here.assessor, closing, "no panel is named", status="dinilai", id=row.id)
    alone = "UPDATE disposal SET panel = CAST(:p AS jsonb) WHERE id = :id"
    sql(here.proposer, alone, id=row.id, p='{"decree": "7", "members": [{"name": "G", "title": "K"}]}')
    refused(here.assessor, closing, "no panel is named", status="dinilai", id=row.id)
    here.seat(row)
    row = here.do(here.assessor, lists.take, row.id, "nilai", declared=True)
    assert [one.name for one in Panel.from_json(row.panel).members] == ["Gita Contoh", "Hadi Contoh"]
    with pytest.raises(DisposalRefused):
        here.seat(row)
    refused(here.proposer, alone, "while the list is open", id=row.id, p="{}")


def test_the_letters_of_a_list_say_who_judged_and_who_is_asked(here: Office) -> None:
    row = here.propose(here.berkas(2))
    with transaction(here.proposer.context) as session, pytest.raises(InvalidRequest):
        printing.gathered(session, row.id, "pertimbangan", today())
    row = here.take(row, "nilai")
    row = here.take(row, "timbang")
    asked = words_of(here, row, "permohonan")
    for said in (row.code, "Kepala daerah", "1 berkas, 2 surat", "000.5.6.2/7 tanggal 4 Februari 2036", "Notulen"):
        assert said in asked, said
    judged = words_of(here, row, "pertimbangan")
    for said in ("Gita Contoh", "198001012005012001", "Ketua panitia penilai", "Anggota panitia", "Hadi Contoh", "JRA"):
        assert said in judged, said
    with transaction(here.proposer.context) as session, pytest.raises(InvalidRequest):
        printing.gathered(session, row.id, "pernyataan", today())


def test_the_office_s_own_papers_are_drafted_from_the_list(here: Office) -> None:
    row = here.propose(here.berkas(2))
    unnamed = words_of(here, row, "sk_panitia")
    for said in (row.code, "MEMUTUSKAN", "1 berkas, 2 surat", "UU 43/2009", "Kepala Subbagian Umum", "Arsiparis", "…"):
        assert said in unnamed, said
    for early in ("notulen", "sk_penetapan"):
        with transaction(here.proposer.context) as session, pytest.raises(InvalidRequest):
            printing.gathered(session, row.id, early, today())
    here.seat(row)
    assert "Gita Contoh, NIP 198001012005012001, Kepala Subbagian Umum" in words_of(here, row, "sk_panitia")
    minutes = words_of(here, row, "notulen")
    for said in (row.code, "000.5.6.2/7 tanggal 4 Februari 2036", "Ketua: Gita Contoh", "pemeriksaan fisik"):
        assert said in minutes, said
    for step in ("nilai", "timbang", "mohon", "setujui"):
        row = here.take(row, step)
    settled = words_of(here, row, "sk_penetapan")
    for said in (row.code, "Kepala daerah", "1 berkas, 2 surat", "Dimusnahkan", str(row.digest)):
        assert said.lower() in settled.lower(), said
    moved = here.propose(here.berkas(), kind="pemindahan")
    with transaction(here.proposer.context) as session, pytest.raises(InvalidRequest):
        printing.gathered(session, moved.id, "sk_panitia", today())


def words_of(here: Office, row: DisposalRow, form: printing.Form) -> str:
    """What a form says, on one line; it is a PDF/A."""
    with transaction(here.proposer.context) as session:
        made = printing.as_pdf(printing.gathered(session, row.id, form, today()), form)
    assert broken_rules(made) == []
    with pypdfium2.PdfDocument(made) as pdf:
        said = "".join(pdf[number].get_textpage().get_text_range() for number in range(len(pdf)))
    return " ".join(said.split())


def test_no_step_is_left_out(here: Office) -> None:
    row = here.propose(here.berkas())
    for status in ("dinilai", "disetujui", "ditetapkan", "dimusnahkan", "dilaporkan"):
        refused(here.assessor, SECOND, "disposal:", status=status, id=row.id)
    refused(here.executor, "UPDATE disposal SET began_at = now() WHERE id = :id", "disposal:", id=row.id)
    for column, value in (("executed_by", here.executor.id), ("digest", "x"), ("done_at", "2026-01-01")):
        refused(
            here.executor, f"UPDATE disposal SET {column} = :v WHERE id = :id", "permission denied", v=value, id=row.id
        )
    refused(here.executor, "INSERT INTO disposal_erasure VALUES (:d, :l)", "permission denied", d=row.id, l=row.id)


def test_the_application_erases_nothing_by_itself(here: Office, worker_engine: Engine) -> None:
    kept = here.berkas()
    here.decided(kept)
    document = here.letters(kept)[0]
    refused(here.executor, "SELECT disposal_erase(:d)", "permission denied", d=document)
    refused(here.executor, "DELETE FROM page WHERE document_id = :d", "permission denied", d=document)
    refused(here.executor, "UPDATE document SET destroyed_at = now() WHERE id = :d", "permission denied", d=document)
    refused(here.executor, "UPDATE berkas SET disposed_at = now() WHERE id = :b", "permission denied", b=kept)
    with pytest.raises(DBAPIError, match="on no list"), as_worker(worker_engine) as session:
        session.execute(text("SELECT disposal_erase(:d)"), {"d": document})
    with pytest.raises(DBAPIError, match="permission denied"), as_worker(worker_engine) as session:
        session.execute(text("DELETE FROM page WHERE document_id = :d"), {"d": document})
    with pytest.raises(DBAPIError, match="not all done"), as_worker(worker_engine) as session:
        session.execute(text("SELECT disposal_finish(id) FROM disposal LIMIT 1"))


def test_a_change_after_the_assessment_voids_what_was_decided(here: Office) -> None:
    kept = here.berkas()
    row = here.decided(kept)
    refused(here.proposer, "SELECT disposal_unlist(:id, ARRAY[:b])", "closed list", id=row.id, b=kept)
    with pytest.raises(DisposalRefused):
        here.do(here.proposer, lists.change, row.id, [here.berkas()])
    here.put_in(letter(here.superuser, here.unit), kept)  # a letter more in one of its berkas
    with pytest.raises(DisposalRefused) as refusal:
        here.take(row, "musnahkan")
    assert machine.CHANGED in refusal.value.detail
    refused(here.executor, "UPDATE disposal SET began_at = now() WHERE id = :id", "has changed", id=row.id)
    row = here.do(here.proposer, lists.reopen, row.id, "satu surat ditambahkan")
    assert (row.status, row.digest, row.approver, row.declared) == ("usul", None, None, False)
    with transaction(here.proposer.context) as session:
        assert papers.of_list(session, row.id) == []
    for step in ("nilai", "timbang", "mohon", "setujui", "tetapkan", "musnahkan"):
        row = here.take(row, step)


def test_a_running_destruction_takes_no_letter_more(here: Office) -> None:
    kept = here.berkas()
    here.take(here.decided(kept), "musnahkan")
    more = letter(here.superuser, here.unit)
    with pytest.raises(DBAPIError, match="being destroyed"):
        here.put_in(more, kept)


def test_a_paper_names_its_list_or_somebody_says_why_not(here: Office, account: MakeAccount) -> None:
    row, other = here.propose(here.berkas()), here.propose(here.berkas())
    wrong = letter(here.superuser, here.unit, f"Persetujuan atas daftar {other.code}")
    with pytest.raises(ListNotNamed) as refusal:
        here.do(here.proposer, papers.attach, row.id, "sk_panitia", wrong, "")
    assert row.code in refusal.value.detail
    attach = (
        "INSERT INTO disposal_paper (disposal_id, paper, document_id, account_id, named) VALUES (:l, :p, :d, :a, true)"
    )
    refused(here.proposer, attach, "does not name", l=row.id, p="sk_panitia", d=wrong, a=here.proposer.id)
    chief = account("pejabat")
    with pytest.raises(Forbidden):
        here.do(chief, papers.attach, row.id, "sk_panitia", wrong, "salah ketik di surat")
    with pytest.raises(DisposalRefused) as own:  # who proposed it does not say alone that this decides it
        here.do(here.proposer, papers.attach, row.id, "sk_panitia", wrong, "salah ketik di surat")
    assert "orang lain" in own.value.detail
    attach = (
        "INSERT INTO disposal_paper (disposal_id, paper, document_id, account_id, why) VALUES (:l, :p, :d, :a, 'x')"
    )
    refused(here.proposer, attach, "proposed the list", l=row.id, p="sk_panitia", d=wrong, a=here.proposer.id)
    here.do(here.executor, papers.attach, row.id, "sk_panitia", wrong, "salah ketik di surat")
    misread = letter(here.superuser, here.unit, f"daftar {row.code.replace('0', 'O').replace('S', '5')}.")
    here.do(here.proposer, papers.attach, row.id, "notulen", misread, "")
    with transaction(here.proposer.context) as session:
        found = {one.row.paper: (one.row.named, one.row.why) for one in papers.of_list(session, row.id)}
    assert found == {"sk_panitia": (False, "salah ketik di surat"), "notulen": (True, "")}
    longer = letter(here.superuser, here.unit, f"daftar {row.code}7 dan lain-lain")
    with pytest.raises(ListNotNamed):  # that is another list's code
        here.do(here.proposer, papers.attach, row.id, "notulen", longer, "")


def test_a_scan_shared_with_a_letter_that_stays_is_not_destroyed(here: Office) -> None:
    stack = letter(here.superuser, here.unit)
    with here.superuser.begin() as connection:
        connection.execute(text("UPDATE document SET letters = 2 WHERE id = :d"), {"d": stack})
    cut = [letter(here.superuser, here.unit, part_of=stack, page=page) for page in (1, 2)]
    first, second = here.berkas(0), here.berkas(0)
    here.put_in(cut[0], first)
    here.put_in(cut[1], second)
    row = here.propose(first)
    assert blockers(here, row) == {"tumpukan"}
    here.attach(row, "sk_panitia", "notulen")
    here.seat(row)
    with pytest.raises(DisposalRefused):
        here.do(here.assessor, lists.take, row.id, "nilai", declared=True)
    refused(here.assessor, SECOND.replace("WHERE", ", declared = true WHERE"), "blocked", status="dinilai", id=row.id)
    here.do(here.proposer, lists.change, row.id, [second])
    assert blockers(here, row) == set()
    for step in ("nilai", "timbang", "mohon", "setujui", "tetapkan", "musnahkan"):
        row = here.take(row, step)
    with here.superuser.connect() as connection:
        due = text("SELECT document_id FROM disposal_erasure WHERE disposal_id = :l")
        assert set(connection.scalars(due, {"l": row.id})) == {stack, *cut}  # the scan itself goes with them


def test_the_panel_decides_line_by_line_on_what_is_appraised_again(
    account: MakeAccount,
    superuser: Engine,
    in_force: Callable[..., UUID],  # noqa: F811
) -> None:
    here = office(account, superuser, in_force, fate="dinilai_kembali")
    first, second = here.berkas(), here.berkas()
    row = here.propose(first, second)
    assert blockers(here, row) == {"belum_dinilai"}
    with pytest.raises(DisposalRefused):
        here.do(here.proposer, lists.judge, row.id, first, "musnah", "tidak bernilai lagi")
    say = "UPDATE disposal_item SET verdict = 'musnah', verdict_reason = 'x' WHERE disposal_id = :l"
    refused(here.proposer, say, "the panel decides", l=row.id)
    here.attach(row, "sk_panitia", "notulen")
    here.seat(row)
    with pytest.raises(DisposalRefused):  # not while one line waits for its verdict
        here.do(here.assessor, lists.take, row.id, "nilai", declared=True)
    refused(here.assessor, SECOND.replace("WHERE", ", declared = true WHERE"), "blocked", status="dinilai", id=row.id)
    here.do(here.assessor, lists.judge, row.id, first, "musnah", "tidak bernilai lagi")
    half = words_of(here, row, "notulen")  # what is decided so far, and a gap for the rest
    assert "musnah, karena tidak bernilai lagi." in half
    assert "musnah / permanen" in half
    here.do(here.assessor, lists.judge, row.id, second, "permanen", "perkara pertama sejenis")
    assert "permanen, karena perkara pertama sejenis." in words_of(here, row, "notulen")
    for step in ("nilai", "timbang", "mohon", "setujui", "tetapkan", "musnahkan"):
        row = here.take(row, step)
    with superuser.connect() as connection:
        due = text("SELECT document_id FROM disposal_erasure WHERE disposal_id = :l")
        assert set(connection.scalars(due, {"l": row.id})) == set(here.letters(first))
        fates = text("SELECT fate FROM berkas WHERE id IN (:a, :b) ORDER BY fate")
        assert list(connection.scalars(fates, {"a": first, "b": second})) == ["musnah", "permanen"]


@pytest.mark.parametrize(("inactive", "who"), [(7, "kepala_daerah"), (8, "kepala_anri")])
def test_ten_years_in_all_are_for_anri(
    account: MakeAccount,
    superuser: Engine,
    in_force: Callable[..., UUID],  # noqa: F811
    inactive: int,
    who: str,
) -> None:
    here = office(account, superuser, in_force, inactive=inactive)
    row = here.propose(here.berkas(opened_on="2010-01-02", closed_on="2011-06-01"))
    with transaction(here.proposer.context) as session:
        assert machine.approver(workflows()["pemusnahan"], book.years(session, row.id)) == who
    assert here.take(row, "nilai").approver == who


@pytest.fixture
def inactive_years_only(superuser: Engine) -> Iterator[None]:
    """The office counts only the inactive years, here and in the database."""
    with with_settings(ARSIP_RETENTION_YEARS="inaktif"):
        with superuser.begin() as connection:
            tell_rules(connection)
        yield
    with superuser.begin() as connection:
        tell_rules(connection)


@pytest.mark.parametrize(("inactive", "who"), [(9, "kepala_daerah"), (10, "kepala_anri")])
@pytest.mark.usefixtures("inactive_years_only")
def test_an_office_may_count_the_inactive_years_alone(
    account: MakeAccount,
    superuser: Engine,
    in_force: Callable[..., UUID],  # noqa: F811
    inactive: int,
    who: str,
) -> None:
    here = office(account, superuser, in_force, inactive=inactive)
    row = here.propose(here.berkas(opened_on="2010-01-02", closed_on="2011-06-01"))
    with transaction(here.proposer.context) as session:
        assert machine.approver(workflows()["pemusnahan"], book.years(session, row.id)) == who
    assert here.take(row, "nilai").approver == who
    refused(here.proposer, "UPDATE disposal SET approver = 'kepala_daerah' WHERE id = :id", "permission", id=row.id)


def test_only_what_was_approved_is_carried_out(here: Office) -> None:
    first, second = here.berkas(), here.berkas()
    row = here.propose(first, second)
    for step in ("nilai", "timbang", "mohon"):
        row = here.take(row, step)
    with pytest.raises(DisposalRefused):
        here.take(row, "setujui_sebagian", chosen=[first, second])
    row = here.take(row, "setujui_sebagian", chosen=[first])
    refused(here.proposer, "UPDATE disposal_item SET chosen = true WHERE disposal_id = :l", "closed list", l=row.id)
    here.take(row, "tetapkan")
    row = here.take(row, "musnahkan")
    with here.superuser.connect() as connection:
        due = text("SELECT document_id FROM disposal_erasure WHERE disposal_id = :l")
        assert list(connection.scalars(due, {"l": row.id})) == here.letters(first)


def test_permanent_records_are_handed_over_and_stay_readable(
    account: MakeAccount,
    superuser: Engine,
    in_force: Callable[..., UUID],  # noqa: F811
) -> None:
    here = office(account, superuser, in_force, fate="permanen")
    kept = here.berkas()
    row = here.propose(kept, kind="penyerahan")
    for step in ("nilai", "timbang", "mohon", "setujui", "tetapkan", "serahkan"):
        row = here.take(row, step)
    assert (row.status, row.approver) == ("diserahkan", "kepala_lkd")
    with superuser.connect() as connection:
        assert connection.scalar(text("SELECT disposal_id FROM berkas WHERE id = :b"), {"b": kept}) == row.id
        there = text("SELECT count(*) FROM page WHERE document_id = ANY (:d)")
        assert connection.scalar(there, {"d": here.letters(kept)}) == 1


def test_moving_and_authenticating_leave_the_records_where_they_are(here: Office) -> None:
    kept = here.berkas()
    moved = here.propose(kept, kind="pemindahan")
    moved = here.take(moved, "periksa")
    when = text("SELECT moved_on, moved_on = office_today() FROM berkas WHERE id = :b")
    with here.superuser.connect() as connection:
        assert connection.execute(when, {"b": kept}).one() == (None, None)
    moved = here.take(moved, "pindahkan")
    assert moved.status == "dipindahkan"
    said = words_of(here, moved, "berita_acara")
    for part in (
        "pihak pertama",
        "pihak kedua",
        office_of().usual_unit.signatory.title,
        moved.code,
        "1 berkas, 1 surat",
    ):
        assert part in said, part
    with here.superuser.connect() as connection:
        assert connection.execute(when, {"b": kept}).one()[1] is True
    refused(here.proposer, "UPDATE berkas SET moved_on = NULL WHERE id = :b", "permission denied", b=kept)
    copied = here.propose(kept, kind="alih_media")
    copied = here.take(copied, "periksa")
    with pytest.raises(DisposalRefused):  # not without its berita acara
        here.do(here.assessor, lists.take, copied.id, "autentikasi", deed=DEED)
    assert here.take(copied, "autentikasi").status == "diautentikasi"
    with transaction(here.proposer.context) as session:
        mark = book.authentic(session, here.letters(kept)[0])
        assert mark is not None
        assert mark[1].code == copied.code


def test_lists_of_other_units_are_not_seen(here: Office, account: MakeAccount) -> None:
    row = here.propose(here.berkas())
    chief = account("pejabat", unit=f"{here.unit}-lain")
    with transaction(chief.context) as session:
        assert book.lists_of(session, None, None, 10) == []
        assert not book.items(session, row.id)
    with Session(here.superuser) as session:
        assert session.get(DisposalRow, row.id) is not None
