"""A destruction carried out on the real store: killed at any moment it goes on to the same end, what is left afterwards
is the stub, its berita acara is a letter of the archive, and the archive still checks as whole."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from minio.error import S3Error
from pypdf import PdfReader
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import blobs, locks, objects
from archive.tables import DocumentRow
from cli.datadir import load_secrets
from cli.engines import Stack, disposer_env, settings_env
from core.db import transaction
from core.faults import KeyDestroyed
from core.settings import settings
from ocr.pdfa import broken_rules
from records.disposal.tables import DisposalRow
from search.query import search
from tests.assets.bulk import unique_jpeg
from tests.e2e.inside import nonce, text_pdf
from tests.integration.disposing import Office
from tests.integration.driving import Hands, connected_as, engine_of, own_archive, send, somebody, with_settings
from tests.integration.test_cases import opened
from workers import depositing

_RUN = "import sys; from uuid import UUID; from workers import disposing; disposing.erase_list(UUID(sys.argv[1]))"
_LETTERS = 9


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with own_archive() as made:
        yield made


@pytest.fixture(scope="module")
def root(stack: Stack) -> Iterator[Engine]:
    with engine_of(stack, "postgres") as engine:
        yield engine


@pytest.fixture(scope="module")
def hands(stack: Stack) -> Iterator[Hands]:
    with engine_of(stack, "arsip_worker") as engine, Hands(engine) as made:
        yield made


def schedule(root: Engine, keeper: Account) -> None:
    with root.begin() as connection:
        connection.execute(
            text(
                "WITH v AS (INSERT INTO schedule_version (name, valid_from, digest, imported_by, applied_by,"
                " applied_at) VALUES ('uji', '2000-01-01', repeat('a', 64), :a, :a, now()) RETURNING id)"
                " INSERT INTO schedule_row (version_id, line, code, series, active_years, inactive_years, fate,"
                " trigger) SELECT id, 1, '400.9', 'Tuna sosial', 2, 3, 'musnah', 'kasus_selesai' FROM v"
            ),
            {"a": keeper.id},
        )


def received(office: Office, hands: Hands, word: str, number: int) -> UUID:
    """A letter that came in by the door, of which one word is its own, with a lock that is over at once."""
    sent = send(office.proposer, text_pdf(word, f"Surat ke {number} dari {word}"), name=f"Budi-{number}.pdf")
    row = hands.finish(sent.document.id)
    assert row.stage == "sealed"
    return row.id


def environment(stack: Stack) -> dict[str, str]:
    secrets = load_secrets(stack.data)
    worker = settings_env(stack.data, secrets, stack.ports, role="worker")
    own = {name: value for name, value in worker.items() if name in settings_names()}
    return {**os.environ, **own, **disposer_env(secrets)}


def settings_names() -> set[str]:
    return {f"ARSIP_{name.upper()}" for name in type(settings()).model_fields}


def progress(root: Engine, row: DisposalRow) -> tuple[int, int]:
    with root.connect() as connection:
        told = text("SELECT count(erased_at), count(gone_at) FROM disposal_erasure WHERE disposal_id = :l")
        erased, gone = connection.execute(told, {"l": row.id}).one()
    return erased, gone


def run(stack: Stack, root: Engine, row: DisposalRow, until: tuple[int, int] | None, code: str = _RUN) -> None:
    """The disposer's work in a process of its own, killed once so much is done; None: to its end."""
    process = subprocess.Popen([sys.executable, "-c", code, str(row.id)], env=environment(stack))
    deadline = time.monotonic() + 90
    while until is not None and process.poll() is None and time.monotonic() < deadline:
        erased, gone = progress(root, row)
        if erased >= until[0] and gone >= until[1]:
            process.send_signal(signal.SIGKILL)
            break
    ended = process.wait(timeout=120)
    assert ended in ((0,) if until is None else (0, -signal.SIGKILL))


def copies(root: Engine, letters: list[UUID]) -> list[str]:
    """Plain copies of these letters that lie where pages are read from."""
    with root.connect() as connection:
        asked = text("SELECT sha256 FROM document WHERE id = ANY (:letters)")
        digests = set(connection.scalars(asked, {"letters": letters}))
    return [file.name for file in (settings().spool / "cache").glob("*") if file.name[:64] in digests]


def undecided(root: Engine) -> str | None:
    """The first letter that is gone though no list decided it."""
    with root.connect() as connection:
        return connection.scalar(text("SELECT destroyed_undecided()::text"))


def test_a_killed_destruction_goes_on_to_the_same_end(stack: Stack, root: Engine, hands: Hands) -> None:
    people = [somebody("arsiparis", "umum") for _ in range(3)]
    office = Office(root, *people, "400.9.4.1")
    schedule(root, office.proposer)
    word = nonce()
    with with_settings(ARSIP_LOCK_DAYS="0.0001"):  # nine seconds
        letters = [received(office, hands, word, number) for number in range(_LETTERS)]
        kept = received(office, hands, f"{word}tetap", 99)
    berkas = office.berkas(0)
    for letter in letters:
        office.put_in(letter, berkas)
    row = office.take(office.decided(berkas), "musnahkan")
    assert undecided(root) is None
    assert copies(root, letters)
    time.sleep(10)
    for until in ((1, 0), (4, 0), (_LETTERS, 1), (_LETTERS, 5)):
        run(stack, root, row, until)
        erased, gone = progress(root, row)
        assert gone <= erased
        with Session(root) as session:  # whatever is destroyed is on the ledger, whatever is not is whole
            told = text("SELECT count(*) FROM ledger WHERE action = 'destroyed'")
            assert session.scalar(told) == erased
            assert session.scalar(text("SELECT destroyed_undecided()")) is None
    run(stack, root, row, None)
    assert progress(root, row) == (_LETTERS, _LETTERS)
    assert copies(root, letters) == []
    assert copies(root, [kept]) != []
    with Session(root) as session:
        assert session.get_one(DisposalRow, row.id).status == "dimusnahkan"
        for letter in letters:
            stub = session.get_one(DocumentRow, letter)
            assert (stub.filename, stub.fields, stub.destroyed_at is not None) == ("dimusnahkan", {}, True)
            assert stub.sha256
            with pytest.raises(KeyDestroyed):
                objects.original(session, stub)
    for letter in letters:
        assert not list(locks.versions(f"documents/{letter}/"))
        assert not list(locks.versions(f"pages/{letter}/", settings().s3_derived_bucket))
    assert list(locks.versions(f"documents/{kept}/"))
    with transaction(office.proposer.context) as session:
        assert search(session, word).total == 0
        assert search(session, f"{word}tetap").total == 1
    _its_berita_acara_is_a_letter_of_the_archive(office, root, hands, row)


def test_copies_that_a_killed_run_left_are_gone_after_the_next(stack: Stack, root: Engine, hands: Hands) -> None:
    """Killed when the last letter was destroyed: nothing is left to destroy, and its copy still lies there."""
    office = Office(root, *(somebody("arsiparis", "umum") for _ in range(3)), "400.9.4.1")
    with with_settings(ARSIP_LOCK_DAYS="0.0001"):
        letter = received(office, hands, nonce(), 1)
    berkas = office.berkas(0)
    office.put_in(letter, berkas)
    row = office.take(office.decided(berkas), "musnahkan")
    time.sleep(10)
    run(stack, root, row, None, f"from workers import cache; cache.forget_destroyed = lambda: None; {_RUN}")
    assert copies(root, [letter])
    run(stack, root, row, None)
    assert copies(root, [letter]) == []


def test_what_another_case_uses_stays_in_the_store_whoever_asks(stack: Stack, root: Engine, hands: Hands) -> None:
    office = Office(root, *(somebody("arsiparis", "umum") for _ in range(3)), "400.9.4.1")
    with with_settings(ARSIP_LOCK_DAYS="0.0001"):  # so that no lock keeps it
        used, other = (received(office, hands, nonce(), number) for number in (1, 2))
    berkas = office.berkas(0)
    for letter in (used, other):
        office.put_in(letter, berkas)
    row = office.take(office.decided(berkas), "musnahkan")
    case = opened(office.proposer)
    office.used_by(used, case)
    time.sleep(10)
    run(stack, root, row, None)
    assert progress(root, row) == (1, 1)
    assert not list(locks.versions(f"documents/{other}/"))
    versions = list(locks.versions(f"documents/{used}/"))
    assert versions
    one = versions[0]
    with pytest.raises(S3Error, match="AccessDenied"):  # the application's own key, past all of its code
        blobs.client().remove_object(settings().s3_bucket, one.name, version_id=one.version)
    with Session(root) as session:
        assert objects.original(session, session.get_one(DocumentRow, used))
        assert session.get_one(DisposalRow, row.id).status == "ditetapkan"
    office.used_no_more(used)
    with root.begin() as connection:
        connection.execute(text("UPDATE disposal_erasure SET locked_until = NULL"))
    run(stack, root, row, None)
    assert progress(root, row) == (2, 2)
    assert not list(locks.versions(f"documents/{used}/"))


def test_an_authentic_copy_is_sealed_again_with_its_mark(root: Engine, hands: Hands) -> None:
    office = Office(root, *(somebody("arsiparis", "umum") for _ in range(3)), "400.9.4.1")
    before = hands.finish(send(office.proposer, unique_jpeg(uuid4().int % 10**6, 30), name="surat.jpg").document.id)
    letter = before.id
    earlier = hands.pdf(before)
    berkas = office.berkas(0)
    office.put_in(letter, berkas)
    row = office.take(office.take(office.propose(berkas, kind="alih_media"), "periksa"), "autentikasi")
    assert hands.look(letter).stage == "filed"
    after = hands.finish(letter)
    assert (after.stage, after.sha256, after.original_version) == ("sealed", before.sha256, before.original_version)
    assert after.pdf_sha256 != before.pdf_sha256
    made = hands.pdf(after)
    assert broken_rules(made) == []
    [stamp] = [one.get_object() for page in PdfReader(io.BytesIO(made)).pages for one in page["/Annots"]]  # type: ignore[attr-defined]
    for part in ("SALINAN AUTENTIK", "nomor 000.5.6.2/1/DINSOS/2036", f"daftar {row.code}"):
        assert part in stamp["/Contents"]
        assert part in made.decode("utf-8", "ignore")  # in XMP, which lies plain
    assert "/Annots" not in PdfReader(io.BytesIO(earlier)).pages[0]
    manifest = hands.manifest(after)
    assert manifest["mark"] == stamp["/Contents"].split("\n")
    assert (manifest["pdf"]["sha256"], manifest["pdfa"]["conformant"]) == (after.pdf_sha256, True)
    assert [action for action, _ in hands.events(letter)].count("sealed") == 2
    assert hands.finish(letter).pdf_sha256 == after.pdf_sha256  # once is enough


def _its_berita_acara_is_a_letter_of_the_archive(office: Office, root: Engine, hands: Hands, row: DisposalRow) -> None:
    with connected_as(hands.engine):
        depositing.report(row.id)
        depositing.report(row.id)  # again it does nothing
    with root.connect() as connection:
        filed = connection.execute(
            text(
                "SELECT d.id, d.filename, b.code, b.permanent, b.vital, d.unit FROM disposal l"
                " JOIN berkas b ON b.id = l.filed_in JOIN berkas_letter x ON x.berkas_id = b.id"
                " JOIN document d ON d.id = x.document_id WHERE l.id = :l"
                " AND l.reported_at IS NOT NULL ORDER BY d.filename"
            ),
            {"l": row.id},
        ).all()
    code = row.code.lower()
    assert [(one.filename, one.code, one.permanent, one.vital, one.unit) for one in filed] == [
        (f"berita-acara-{code}.pdf", "000.5.6.2", True, True, "umum"),
        (f"daftar-akhir-{code}.pdf", "000.5.6.2", True, True, "umum"),
    ]
    for one in filed:
        made = hands.finish(one.id)
        assert made.stage == "sealed"
        with root.connect() as connection:
            said = connection.scalar(text("SELECT disposal_named(:l, :d)"), {"l": row.id, "d": one.id})
        assert said  # its own paper names it, in its text and by its code
    office.take(row, "laporkan")
    with root.connect() as connection:  # what decided it is kept with its berita acara
        kept = connection.execute(
            text(
                "SELECT count(*), count(*) FILTER (WHERE x.berkas_id = l.filed_in)"
                " FROM disposal l JOIN disposal_paper p ON p.disposal_id = l.id"
                " LEFT JOIN berkas_letter x ON x.document_id = p.document_id WHERE l.id = :l"
            ),
            {"l": row.id},
        ).one()
    assert kept == (7, 7)


def test_a_key_or_a_letter_that_goes_without_a_list_is_found(stack: Stack, root: Engine, hands: Hands) -> None:
    office = Office(root, *(somebody("arsiparis", "umum") for _ in range(3)), "400.9.4.1")
    gone = received(office, hands, nonce(), 1)
    with root.begin() as connection:
        connection.execute(text("DELETE FROM page WHERE document_id = :d"), {"d": gone})
        connection.execute(text("UPDATE document SET destroyed_at = now() WHERE id = :d"), {"d": gone})
    assert undecided(root) == str(gone)
    with root.begin() as connection:
        entry = json.dumps({"action": "destroyed", "document": str(gone), "disposal": str(gone), "digest": "x"})
        connection.execute(text("SELECT ledger_append(:e)"), {"e": entry})
    assert undecided(root) == str(gone)  # no such list decided it
