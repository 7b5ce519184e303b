"""Each document's own key: nothing of a letter lies readable, a destroyed key ends it, and what was stored before
documents had keys stays readable where it lies."""

import hashlib
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import blobs, keys, objects
from archive.envelope import MARK
from archive.objects import Place
from archive.tables import DocumentRow
from archive.verify import Verification
from cli.engines import Stack
from core.db import transaction
from core.faults import KeyDestroyed
from core.settings import settings
from ingest.sniff import JPEG
from tests.assets.bulk import unique_jpeg
from tests.conftest import SAMPLES
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, engine_of, own_archive, send, somebody

PDF_MARK, JPEG_MARK = b"%PDF", b"\xff\xd8\xff"


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas")


def _raw(name: str, version: str | None = None) -> bytes:
    return b"".join(blobs.stored_chunks(name, version))


def test_nothing_of_a_letter_lies_readable(who: Account, hands: Hands) -> None:
    row = hands.finish(send(who, (SAMPLES / "tiket.pdf").read_bytes(), name="tiket.pdf").document.id)
    for find, version in (
        (objects.original, row.original_version),
        (objects.pdf, row.pdf_version),
        (objects.manifest, row.manifest_version),
    ):
        place = hands.place(find, row)
        assert place.name.startswith(f"documents/{row.id}/")
        assert repr(place.key)[2:-1] not in repr(place)
        raw = _raw(place.name, version)
        assert raw.startswith(MARK)
        assert PDF_MARK not in raw
        assert b"received" not in raw
    page = hands.place(objects.page, row, 1)
    picture = b"".join(blobs.stored_chunks(page.name, bucket=settings().s3_derived_bucket))
    assert picture.startswith(MARK)
    assert hands.picture(row, 1).startswith(JPEG_MARK)
    listed = blobs.client().list_objects(settings().s3_bucket, prefix=f"documents/{row.id}/", recursive=True)
    names = {str(item.object_name).removeprefix(f"documents/{row.id}/") for item in listed}
    assert names == {"original", "manifest-1", f"pdf-{row.pdf_sha256}"}


def test_a_destroyed_key_ends_the_letter_wherever_copies_lie(
    archive: Stack, who: Account, hands: Hands, superuser: Engine
) -> None:
    row = hands.finish(send(who, unique_jpeg(uuid4().int % 10**6, 20)).document.id)
    copy = _raw(f"documents/{row.id}/original")
    act = uuid4()
    with engine_of(archive, "arsip_owner") as engine, Session(engine) as session, session.begin():
        keys.destroy(session, row.id, act)
        keys.destroy(session, row.id, uuid4())  # once: the first act is the one that is written down
    for find, which in ((objects.original, ()), (objects.pdf, ()), (objects.manifest, ()), (objects.page, (1,))):
        with pytest.raises(KeyDestroyed), transaction(who.context) as session:
            find(session, session.get_one(DocumentRow, row.id), *which)
    with superuser.connect() as connection:
        kept = connection.execute(text("SELECT * FROM document_key WHERE document_id = :id"), {"id": row.id}).one()
    assert (kept.wrapped, kept.disposal, kept.destroyed_at is not None) == (None, act, True)
    assert copy == _raw(f"documents/{row.id}/original")  # still locked in the store, and nobody can open it


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE document_key SET wrapped = NULL, destroyed_at = now(), disposal = document_id",
        "UPDATE document_key SET wrapped = wrapped",
        "DELETE FROM document_key",
        "TRUNCATE document_key",
        "SELECT document_key_destroy(document_id, document_id) FROM document_key LIMIT 1",
        "INSERT INTO document_key (document_id, destroyed_at, disposal) SELECT id, now(), id FROM document LIMIT 1",
    ],
)
@pytest.mark.parametrize("role", ["api", "worker"])
def test_no_server_process_destroys_or_changes_a_key(
    account: MakeAccount, worker_engine: Engine, role: str, statement: str
) -> None:
    admin = account("admin", clearance="sangat_rahasia")
    send(admin, unique_jpeg(uuid4().int % 10**6, 20))
    refused = pytest.raises(DBAPIError, match=r"permission denied|row-level security")
    if role == "worker":
        with refused, worker_engine.begin() as connection:
            connection.execute(text(statement))
    else:
        with refused, transaction(admin.context) as session:
            session.execute(text(statement))


def test_a_key_is_seen_by_who_sees_the_letter(account: MakeAccount, unit: str) -> None:
    document = send(account("petugas", clearance="rahasia"), unique_jpeg(uuid4().int % 10**6, 20), clearance="rahasia")
    for role, ceiling, sees in (
        ("pejabat", "rahasia", True),
        ("pejabat", "terbatas", False),
        ("auditor", "biasa", True),  # checks the archive without seeing a letter; wrapped, it opens nothing
    ):
        with transaction(account(role, clearance=ceiling).context) as session:
            assert (keys.of(session, document.document.id) is not None) is sees


def _stored_before(who: Account, superuser: Engine, data: bytes) -> UUID:
    """A letter as versions without keys stored it: plain bytes by their digest, a row, its event."""
    sha256, document = hashlib.sha256(data).hexdigest(), uuid4()
    stored = blobs.put(Place(objects.content_name(sha256)), data, sha256, JPEG)
    facts = {"id": document, "unit": who.unit, "sha256": sha256, "size": len(data), "version": stored.version}
    with superuser.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO document (id, unit, clearance, sha256, size, media_type, filename, original_version)"
                " VALUES (:id, :unit, 1, :sha256, :size, 'image/jpeg', 'lama.jpg', :version)"
            ),
            facts,
        )
        connection.execute(
            text("INSERT INTO arrival (document_id, account_id, filename, first) VALUES (:id, :who, 'lama.jpg', true)"),
            {"id": document, "who": who.id},
        )
        body = '{{"action":"received","actor":"{}","digest":"{}","document":"{}","size":{},"version":"{}"}}'
        connection.execute(
            text("SELECT ledger_append(:body)"),
            {"body": body.format(who.id, sha256, document, len(data), stored.version)},
        )
    return document


def test_what_was_stored_before_stays_readable_where_it_lies() -> None:
    with (
        own_archive() as stack,
        engine_of(stack, "arsip_worker") as engine,
        engine_of(stack, "postgres") as root,
        Hands(engine) as hands,
    ):
        who, auditor, data = somebody("petugas", "umum"), somebody("auditor", "umum"), unique_jpeg(31, 20)
        row = hands.finish(_stored_before(who, root, data))
        assert row.stage == "sealed"
        assert hands.original(row) == data == _raw(objects.content_name(row.sha256), row.original_version)
        assert hands.pdf(row) == _raw(objects.content_name(row.pdf_sha256 or ""), row.pdf_version)
        assert row.manifest_key == f"documents/{row.id}/manifest-1.json"
        assert hands.manifest(row)["original"]["key"] == objects.content_name(row.sha256)
        assert hands.picture(row, 1).startswith(JPEG_MARK)
        again = send(who, data)
        assert (again.document.id, again.duplicate_of) == (row.id, row.id)
        check = Verification(lambda: transaction(auditor.context), settings())
        list(check.run())
        assert (check.finding, check.objects) == (None, 3)


def test_a_letter_of_before_that_was_destroyed_says_so(
    archive: Stack, who: Account, hands: Hands, superuser: Engine
) -> None:
    row = hands.look(_stored_before(who, superuser, unique_jpeg(uuid4().int % 10**6, 20)))
    with engine_of(archive, "arsip_owner") as engine, Session(engine) as session, session.begin():
        keys.destroy(session, row.id, uuid4())
    with pytest.raises(KeyDestroyed):
        hands.place(objects.original, row)
