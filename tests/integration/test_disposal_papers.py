"""Papers of a list decide on it as it was closed, each on one thing, and are kept: what an old approval, a letter used
twice or a second list would get past, refused in words and by PostgreSQL."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.db import transaction
from core.faults import DisposalRefused
from records.disposal import lists, papers
from records.disposal.tables import DisposalRow
from records.disposal.words import BLOCKERS
from tests.integration.conftest import MakeAccount
from tests.integration.disposing import Office, as_worker, letter, office
from tests.integration.test_retention_rules import in_force  # noqa: F401 - a fixture

ATTACH = "INSERT INTO disposal_paper (disposal_id, paper, document_id, account_id) VALUES (:l, :p, :d, :a)"


@pytest.fixture
def here(account: MakeAccount, superuser: Engine, in_force: Callable[..., UUID]) -> Office:  # noqa: F811
    return office(account, superuser, in_force)


def naming(here: Office, row: DisposalRow) -> UUID:
    return letter(here.superuser, here.unit, f"surat tentang daftar {row.code}")


def refused(here: Office, row: DisposalRow, paper: str, document: UUID, words: str, why: str) -> None:
    """By the room in words, and by the database of whoever speaks to it as the application."""
    with pytest.raises(DisposalRefused) as refusal:
        here.do(here.proposer, papers.attach, row.id, paper, document, "")
    assert words in refusal.value.detail
    values: dict[str, Any] = {"l": row.id, "p": paper, "d": document, "a": here.proposer.id}
    with pytest.raises(DBAPIError, match=why), transaction(here.proposer.context) as session:
        session.execute(text(ATTACH), values)


def test_what_decides_on_a_list_comes_after_it_was_closed(here: Office) -> None:
    row = here.propose(here.berkas())
    early = naming(here, row)
    refused(here, row, "surat_persetujuan", early, "sudah ditutup", "before the list was closed")
    row = here.take(row, "nilai")
    assert row.assessed_at is not None
    refused(here, row, "surat_persetujuan", early, "datang sebelum daftarnya ditutup", "before the list was closed")


def test_an_approval_of_what_the_list_was_does_not_count_for_what_it_is(here: Office) -> None:
    row = here.propose(here.berkas())
    for step in ("nilai", "timbang", "mohon"):
        row = here.take(row, step)
    old = naming(here, row)
    here.do(here.proposer, papers.attach, row.id, "surat_persetujuan", old, "")
    row = here.do(here.proposer, lists.reopen, row.id, "satu berkas ditambahkan")
    assert row.assessed_at is None
    here.do(here.proposer, lists.change, row.id, [here.berkas()])
    for step in ("nilai", "timbang", "mohon"):
        row = here.take(row, step)
    refused(here, row, "surat_persetujuan", old, "datang sebelum daftarnya ditutup", "before the list was closed")
    assert here.take(row, "setujui").status == "disetujui"


def test_one_letter_is_one_paper_of_a_list(here: Office) -> None:
    row = here.propose(here.berkas())
    one = naming(here, row)
    here.do(here.proposer, papers.attach, row.id, "sk_panitia", one, "")
    refused(here, row, "notulen", one, "sudah dilampirkan sebagai SK panitia", "another paper of this list")
    here.do(here.proposer, papers.attach, row.id, "sk_panitia", one, "")  # the same again is nothing new
    other = here.propose(here.berkas())
    here.do(here.assessor, papers.attach, other.id, "sk_panitia", one, "SK untuk semua daftar tahun ini")


def test_what_decided_one_list_is_not_destroyed_by_another(here: Office, worker_engine: Engine) -> None:
    decided = here.decided(here.berkas())
    kept = here.berkas(2)
    with transaction(here.proposer.context) as session:
        approval = next(one.document.id for one in papers.of_list(session, decided.id) if one.row.paper == "notulen")
    here.put_in(approval, kept)
    second = here.propose(kept)
    with transaction(here.proposer.context) as session:
        blocked = lists.look(session, lists.find(session, second.id)).blocked
    assert blocked == {kept: ("lampiran",)}
    assert "lampiran" in BLOCKERS
    later = here.berkas()  # a letter that becomes a paper when its own list is carried out already
    running = here.take(here.decided(later), "musnahkan")
    document = here.letters(later)[0]
    here.do(here.assessor, papers.attach, decided.id, "berita_acara", document, "bukti")
    with pytest.raises(DBAPIError, match="is a paper of a list"), as_worker(worker_engine) as session:
        session.execute(text("SELECT disposal_erase(:d)"), {"d": document})
    assert running.status == "ditetapkan"


def test_a_list_that_is_over_keeps_its_papers(here: Office) -> None:
    row = here.propose(here.berkas())
    here.attach(row, "sk_panitia")
    here.do(here.proposer, lists.withdraw, row.id, "salah berkas")
    with transaction(here.proposer.context) as session:
        [paper] = papers.of_list(session, row.id)
    with pytest.raises(DisposalRefused, match="disposal_refused"):
        here.do(here.proposer, papers.detach, row.id, paper.row.id)
