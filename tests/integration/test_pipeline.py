"""Each kind of file through every stage, with the real parsers behind their wall, the real store and database."""

import hashlib
import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from uuid import UUID, uuid4

import pypdfium2 as pdfium
import pytest
from minio import Minio
from minio.error import S3Error
from sqlalchemy import Engine, text

from access.accounts import Account
from archive import blobs, objects
from archive.tables import DocumentRow
from cli.engines import Stack
from core.db import transaction
from core.settings import settings
from ocr.pdfa import broken_rules
from search.query import search
from tests.assets.bulk import unique_jpeg
from tests.conftest import BAD, SAMPLES
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, connected_as, send
from workers import pipeline

LIFE = ["received", "paged", "page_read", "filed", "sealed"]


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas")


@pytest.fixture
def letter(who: Account) -> UUID:
    return send(who, unique_jpeg(uuid4().int % 10**6, 20)).document.id


@pytest.fixture(scope="module")
def second(worker_engine: Engine) -> Iterator[Hands]:
    """Another worker, to do the same work at the same moment."""
    with Hands(worker_engine, "worker@dua") as made:
        yield made


def _manifests(archive: Stack, letter: UUID) -> list[str]:
    """Every version of every manifest of the letter, as the store's administrator sees them."""
    prefix = f"documents/{letter}/manifest-"
    found = _admin(archive).list_objects(settings().s3_bucket, prefix=prefix, recursive=True, include_version=True)
    return [f"{item.object_name}@{item.version_id}" for item in found]


def _admin(archive: Stack) -> Minio:
    keys = {part: archive.env[f"ARSIP_S3_ADMIN_{part.upper()}_KEY"] for part in ("access", "secret")}
    return Minio(settings().s3_endpoint, access_key=keys["access"], secret_key=keys["secret"], secure=False)


@pytest.mark.parametrize(
    ("name", "pages", "source", "word"),
    [
        ("surat_rekomendasi_pemulangan.jpg", 1, "ocr", "rekomendasi"),
        ("data_informasi_ot.png", 1, "ocr", "informasi"),
        ("formulir_layanan_sosial.tif", 2, "ocr", "formulir"),
        ("hasil_asesmen.pdf", 2, "ocr", "asesmen"),
        ("tiket.pdf", 1, "pdf_text", "tiket"),
    ],
)
def test_from_bytes_to_record(
    archive: Stack, hands: Hands, who: Account, name: str, pages: int, source: str, word: str
) -> None:
    data = (SAMPLES / name).read_bytes()
    document = send(who, data, name=name).document.id
    hands.open(document)
    opened = hands.look(document)
    assert (opened.stage, opened.pages, opened.pages_read) == ("paged", pages, 0)
    hands.read(document)
    assert hands.look(document).stage == "read"
    with transaction(who.context) as session:  # searchable in the moment the page is read
        assert {hit.document for hit in search(session, word).hits} == {document}
    hands.seal(document)
    row = hands.look(document)
    # a sample is named for its kind
    assert (row.stage, row.kind, row.lease, row.attempts) == ("sealed", name.partition(".")[0], None, 0)
    assert row.verdict["kind"] == row.kind
    assert row.verdict["reasons"]
    assert row.doubt is not None
    assert {page.number: page.read_at is not None for page in hands.pages(document)} == dict.fromkeys(
        range(1, pages + 1), True
    )
    assert [action for action, _ in hands.events(document)] == [
        *LIFE[:2],
        *["page_read"] * pages,
        *LIFE[3:],
    ]
    assert hands.original(row) == data
    assert all(hands.picture(row, n).startswith(b"\xff\xd8\xff") for n in range(1, pages + 1))
    _check_manifest(row, data, hands, source)
    _check_pdf(hands, row, pages, word)
    _check_locks(archive, hands, row)


def _check_manifest(row: DocumentRow, data: bytes, hands: Hands, source: str) -> None:
    found = hands.manifest(row)
    assert found["document"] == str(row.id)
    assert found["original"] == {
        "key": f"documents/{row.id}/original",
        "version": row.original_version,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }
    assert (found["pdf"]["key"], found["pdf"]["version"]) == (hands.place(objects.pdf, row).name, row.pdf_version)
    pdf = hands.pdf(row)
    assert hashlib.sha256(pdf).hexdigest() == found["pdf"]["sha256"] == row.pdf_sha256
    pages = hands.pages(row.id)
    assert [page["number"] for page in found["pages"]] == [page.number for page in pages]
    assert {page["source"] for page in found["pages"]} == {source}
    for entry, page in zip(found["pages"], pages, strict=True):
        assert entry["text_sha256"] == hashlib.sha256((page.text or "").encode()).hexdigest()
        assert "words" not in entry
    assert found["kind"] == {"value": row.kind, "confidence": row.kind_confidence}
    assert found["fields"] == row.fields
    assert found["software"]["arsip"] == version("arsiparis")
    assert {"mode", "onnxruntime", "page-validation", "pypdf", "pypdfium2"} <= set(found["software"])
    conformant = broken_rules(pdf) == []
    assert found["pdfa"] == {"conformant": conformant, "why": found["pdfa"]["why"]}
    assert conformant != bool(found["pdfa"]["why"])
    assert conformant or row.media_type == "application/pdf"
    assert any(name.startswith("PP-OCRv6") for name in found["software"])
    assert found["events"][0]["action"] == "received"
    assert found["events"][-1]["action"] == "filed"
    assert found["ledger"]["seq"] >= found["events"][-1]["seq"]
    sealed = hands.events(row.id)[-1][1]
    kept = blobs.get(hands.place(objects.manifest, row), sealed["version"])
    assert hashlib.sha256(kept).hexdigest() == sealed["digest"]
    assert (sealed["manifest"], sealed["pdf"]) == (row.manifest_key, row.pdf_sha256)


def _check_pdf(hands: Hands, row: DocumentRow, pages: int, word: str) -> None:
    assert row.pdf_sha256
    opened = pdfium.PdfDocument(io.BytesIO(hands.pdf(row)))
    try:
        assert len(opened) == pages
        assert word in " ".join(page.get_textpage().get_text_range() for page in opened).lower()
    finally:
        opened.close()


def _check_locks(archive: Stack, hands: Hands, row: DocumentRow) -> None:
    """Every object of the record is locked for its time, also against the store's own administrator."""
    admin, bucket = _admin(archive), settings().s3_bucket
    assert row.pdf_sha256
    assert row.manifest_key
    places = [hands.place(find, row) for find in (objects.original, objects.pdf, objects.manifest)]
    for place in places:
        key = place.name
        (found,) = admin.list_objects(bucket, prefix=key, include_version=True)
        kept = admin.get_object_retention(bucket, key, version_id=found.version_id)
        assert kept is not None
        assert kept.mode == "COMPLIANCE"
        assert kept.retain_until_date > datetime.now(UTC) + timedelta(days=settings().lock_days - 1)
        with pytest.raises(S3Error):
            admin.remove_object(bucket, key, version_id=found.version_id)
        with pytest.raises(S3Error):
            blobs.client().remove_object(bucket, key)
        assert blobs.get(place, found.version_id)


def test_every_step_done_again_changes_nothing(archive: Stack, hands: Hands, letter: UUID) -> None:
    steps = (hands.open, hands.read, hands.seal)
    for done, step in enumerate(steps, 1):
        step(letter)
        before = (hands.look(letter).stage, hands.events(letter), _manifests(archive, letter))
        for again in steps[:done]:
            again(letter)
        assert (
            hands.look(letter).stage,
            hands.events(letter),
            _manifests(archive, letter),
        ) == before
    assert [action for action, _ in hands.events(letter)] == LIFE
    assert len(_manifests(archive, letter)) == 1


def test_two_workers_at_every_step_do_it_once(archive: Stack, hands: Hands, second: Hands, letter: UUID) -> None:
    """Also when each believes the other dead: the leases are taken away while both work."""
    pair = (hands, second)
    with connected_as(hands.engine), ThreadPoolExecutor(3) as pool:
        for step in (pipeline.open_document, pipeline.seal_document):
            if step is pipeline.seal_document:
                (page,) = hands.pages(letter)
                list(pool.map(lambda who, p=page: pipeline.read_page(who.worker, p.id), pair))
                assert hands.look(letter).stage == "read"
            first = pool.submit(step, hands.worker, letter)
            _take_lease_away(hands, letter)
            other = pool.submit(step, second.worker, letter)
            first.result(60)
            other.result(60)
    assert hands.look(letter).stage == "sealed"
    assert [action for action, _ in hands.events(letter)] == LIFE
    assert len(hands.pages(letter)) == 1
    assert len(_manifests(archive, letter)) == 1


def _take_lease_away(hands: Hands, letter: UUID) -> None:
    """Wait until somebody has it, then let it be out."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with hands.engine.begin() as connection:
            if connection.execute(
                text(
                    "UPDATE document SET lease_until = now() - interval '1 s' "
                    "WHERE id = :id AND lease_until > now() AND stage IN ('received', 'filed') RETURNING 1"
                ),
                {"id": letter},
            ).all():
                return
    raise AssertionError("nobody took it up")


def test_killed_between_put_and_record_one_manifest_is_adopted(
    archive: Stack, hands: Hands, superuser: Engine, letter: UUID
) -> None:
    hands.open(letter)
    hands.read(letter)
    with superuser.begin() as connection:  # the last step's commit fails, as if the worker had died before it
        connection.execute(
            text(
                "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$;"
                "CREATE TRIGGER die BEFORE UPDATE ON document FOR EACH ROW "
                f"WHEN (NEW.stage = 'sealed' AND NEW.id = '{letter}') EXECUTE FUNCTION die()"
            )
        )
    try:
        hands.seal(letter)
    finally:
        with superuser.begin() as connection:
            connection.execute(text("DROP FUNCTION die() CASCADE"))
    assert hands.look(letter).stage == "filed"
    left = _manifests(archive, letter)
    assert len(left) == 1
    hands.make_due(letter)
    hands.seal(letter)
    row = hands.look(letter)
    assert (row.stage, row.manifest_key) == ("sealed", f"documents/{letter}/manifest-1")
    assert _manifests(archive, letter) == left
    assert [action for action, _ in hands.events(letter)] == LIFE
    sealed = hands.events(letter)[-1][1]
    assert f"{sealed['manifest']}@{sealed['version']}" == left[0]
    assert hashlib.sha256(blobs.get(hands.place(objects.manifest, row))).hexdigest() == sealed["digest"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("encrypted.pdf", "encrypted_pdf"),
        ("truncated.pdf", "damaged_file"),
        ("truncated.jpg", "damaged_file"),
        ("no_pages.pdf", "no_pages"),
        ("ten_thousand_pages.pdf", "too_many_pages"),
        ("bomb_35000.png", "picture_too_large"),
        ("bomb_35000.tiff", "picture_too_large"),
    ],
)
def test_a_bad_file_is_kept_and_held_with_its_reason(hands: Hands, who: Account, name: str, slug: str) -> None:
    data = (BAD / name).read_bytes()
    document = send(who, data, name=name).document.id
    row = hands.finish(document)
    assert (row.stage, row.fault_slug, row.attempts) == ("held", slug, 1)
    assert hands.original(row) == data
    assert [action for action, _ in hands.events(document)] == ["received", "held"]
    facts = {"too_many_pages": {"pages": 10_000, "limit": settings().max_pages}}
    facts["picture_too_large"] = {"width": 35_000, "height": 35_000}
    assert row.fault_facts == facts.get(slug, {})


@pytest.mark.parametrize("name", ["stray_text.pdf", "tagged_no_text.pdf"])
def test_a_page_that_only_pretends_to_have_text_is_read(hands: Hands, who: Account, name: str) -> None:
    row = hands.finish(send(who, (BAD / name).read_bytes(), name=name).document.id)
    assert row.stage == "sealed"
    assert [page["source"] for page in hands.manifest(row)["pages"]] == ["ocr"]


def test_twins_of_a_weak_digest_are_two_records(hands: Hands, who: Account) -> None:
    rows = [hands.finish(send(who, (BAD / f"md5_twin_{twin}.pdf").read_bytes()).document.id) for twin in ("a", "b")]
    assert [row.stage for row in rows] == ["sealed", "sealed"]
    assert len({row.sha256 for row in rows}) == 2


def test_an_endless_page_is_read_and_harms_no_search(hands: Hands, who: Account) -> None:
    """A hidden text of millions of characters must neither loop for ever nor break anybody's search."""
    document = send(who, _endless_pdf()).document.id
    row = hands.finish(document)
    assert row.stage == "sealed"
    (page,) = hands.pages(document)
    assert page.text is not None
    assert 350_000 < len(page.text.encode()) <= 400_000
    with transaction(who.context) as session:
        (hit,) = search(session, "kata").hits
        assert hit.document == document
        assert len(hit.boxes) == 1


def _endless_pdf() -> bytes:
    """One page with "kata" and 75,000 different words in real text."""
    words = ["kata", *(f"w{number:x}" for number in range(75_000))]
    lines = [" ".join(words[n : n + 30]) for n in range(0, len(words), 30)]
    shown = "".join(f"1 0 0 1 20 {820 - 0.27 * n:.2f} Tm ({line}) Tj\n" for n, line in enumerate(lines))
    stream = f"BT /F1 2 Tf 1 0 0 1 20 820 Tm\n{shown}ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 5\n0000000000 65535 f \n%strailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(out),
    )


def test_work_leaves_nothing_behind_but_whole_copies(hands: Hands, letter: UUID) -> None:
    hands.finish(letter)
    folder = settings().spool / "cache"
    assert not list(settings().spool.glob("work-*/*"))
    copies = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    assert f"{hands.look(letter).sha256}.pdf" in copies
    assert all(name == digest for name, digest in copies.items() if not name.endswith(".pdf"))
    assert all(name.removesuffix(".pdf") in copies for name in copies)  # nothing half made, each beside its original


def test_a_worker_elsewhere_makes_the_working_copy_itself(hands: Hands, letter: UUID) -> None:
    hands.open(letter)
    (settings().spool / "cache" / f"{hands.look(letter).sha256}.pdf").unlink()
    hands.finish(letter)
    assert hands.look(letter).stage == "sealed"
