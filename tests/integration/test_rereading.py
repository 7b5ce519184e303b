"""A newer reader reads the archive: what was read before is kept, originals are not touched, nothing is lost."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from access.accounts import Account
from api import checking
from archive import rereading, work
from core.db import transaction
from core.faults import DamagedFile
from ocr import reader
from search.query import search
from tests.conftest import SAMPLES
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, ask_for_all, connected_as, send
from workers import pipeline


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("arsiparis")


def _sealed(hands: Hands, who: Account, name: str = "surat_pemulangan.jpg") -> UUID:
    data = (SAMPLES / name).read_bytes() + uuid4().bytes.hex().encode()
    document = send(who, data, name=name).document.id
    hands.open(document)
    hands.read(document)
    hands.seal(document)
    assert hands.look(document).stage == "sealed"
    return document


def _read_by_an_older_reader(superuser: Engine, document: UUID) -> None:
    """As if years ago: by a reader that saw less."""
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE page SET text = 'surat pernulangan', reader = 'lama' WHERE document_id = :id"),
            {"id": document},
        )


def _left(who: Account) -> rereading.Asked:
    with transaction(who.context) as session:
        return rereading.left(session)


def _read_anew(hands: Hands, document: UUID) -> None:
    for page in hands.pages(document):
        with connected_as(hands.engine):
            pipeline.read_page(hands.worker, page.id)


def test_a_newer_reader_replaces_what_was_read_and_keeps_it(hands: Hands, superuser: Engine, who: Account) -> None:
    document = _sealed(hands, who)
    before = hands.look(document)
    _read_by_an_older_reader(superuser, document)
    assert ask_for_all(who).documents >= 1
    assert hands.look(document).stage == "sealed"  # and found, and downloaded, until the new reading is whole
    _read_anew(hands, document)
    assert hands.look(document).stage == "read"
    hands.seal(document)
    after = hands.look(document)
    assert (after.stage, after.rereading) == ("sealed", None)
    assert after.manifest_key == f"documents/{document}/manifest-2"
    with transaction(who.context) as session:
        (old,) = rereading.earlier(session, document, 1)
        assert document in {hit.document for hit in search(session, "pemulangan").hits}
    assert (old.text, old.reader) == ("surat pernulangan", "lama")
    assert old.read_at < old.replaced_at
    originals = [hands.manifest(row)["original"] for row in (before, after)]
    assert originals[0] == originals[1]
    assert [action for action, _ in hands.events(document)].count("page_reread") == 1


def test_what_this_reader_has_read_is_passed_over(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who)
    before = hands.look(document)
    assert hands.pages(document)[0].reader == reader.identity()
    ask_for_all(who)
    _read_anew(hands, document)
    after = hands.look(document)
    assert (after.stage, after.rereading, after.manifest_key) == ("sealed", None, before.manifest_key)
    with transaction(who.context) as session:
        assert rereading.earlier(session, document, 1) == []


def test_what_a_person_said_stands(hands: Hands, superuser: Engine, who: Account) -> None:
    document = _sealed(hands, who)
    said = {name: field["text"] for name, field in hands.look(document).fields.items()}
    with transaction(who.context) as session:
        checking.confirm(session, who, document, "surat_pemulangan", {**said, "nama": "Nama Yang Benar"})
    hands.seal(document)
    _read_by_an_older_reader(superuser, document)
    ask_for_all(who)
    _read_anew(hands, document)
    hands.seal(document)
    row = hands.look(document)
    assert (row.stage, row.fields["nama"]["value"]) == ("sealed", "Nama Yang Benar")
    assert row.checked_at is not None


def test_a_page_that_cannot_be_read_any_more_keeps_what_it_says(
    hands: Hands, superuser: Engine, who: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = _sealed(hands, who)
    _read_by_an_older_reader(superuser, document)
    ask_for_all(who)

    def damaged(*_: object, **__: object) -> None:
        raise DamagedFile

    with monkeypatch.context() as patch:
        patch.setattr(reader, "read_page", damaged)
        _read_anew(hands, document)
    row = hands.look(document)
    assert (row.stage, row.rereading, row.fault_slug) == ("sealed", None, None)
    assert hands.pages(document)[0].text == "surat pernulangan"


def test_others_letters_are_not_asked_for(hands: Hands, who: Account, account: MakeAccount) -> None:
    document = _sealed(hands, who)
    ask_for_all(account("admin", unit="unit-lain"))
    assert hands.look(document).rereading is None


def test_pages_of_sealed_letters_are_fed_last(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who)
    ask_for_all(who)
    with connected_as(hands.engine), transaction() as session:
        page = hands.pages(document)[0].id
        assert page in work.due_rereads(session, 10_000)
        assert page not in work.due_pages(session, 10_000)
    _read_anew(hands, document)
    assert _left(who).pages >= 0
