"""Bringing a running product's archive to a number of letters: by COPY, every index and trigger of the search at work.

Only the triggers of `document` rest meanwhile: they tell waiting workers of each letter, and nobody waits for these.
Many letters at once (BULK) are stored as a restored archive is: the search's index, and the words that stand in pages,
are made when all pages lie there. What is measured then is the same archive.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg

from cli.datadir import load_secrets
from tests.large.letters import large
from tests.relevance.store import Stored, document_row, reading_of

CHUNK = 5000  # letters of one transaction
BULK = 50_000  # letters from which on index and vocabulary are made afterwards
_DOCUMENT = (
    "COPY document (seq, id, unit, clearance, sha256, size, media_type, filename, original_version, stage, pages,"
    " pages_read, kind, kind_confidence, doubt, fields, pdf_sha256, manifest_key, sealed_at, received_at) FROM STDIN"
)
# no identity number stands in these letters
_PAGE = "COPY page (document_id, document_seq, unit, clearance, number, text, reading, read_at, identities) FROM STDIN"
_ESCAPED = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def connect(data: Path) -> psycopg.Connection[Any]:
    """The product's database as its superuser."""
    port = (data / "postgres" / "postmaster.pid").read_text().splitlines()[3]
    password = load_secrets(data).postgres_password
    return psycopg.connect(f"postgresql://postgres:{password}@127.0.0.1:{port}/arsip", autocommit=True)


def fill(data: Path, size: int) -> None:
    """Add letters until there are so many; those present must have come from here."""
    with connect(data) as connection, _at_ease(connection):
        row = connection.execute("SELECT coalesce(max(seq), 0) FROM document").fetchone()
        present = int(row[0]) if row else 0
        chunks = [(first, min(first + CHUNK, size)) for first in range(present, size, CHUNK)]
        with _afterwards(connection) if size - present >= BULK else nullcontext():
            _store(connection, chunks)
        connection.execute("SELECT setval(pg_get_serial_sequence('document', 'seq'), %s)", (size,))
        connection.execute("VACUUM ANALYZE")


def _store(connection: psycopg.Connection[Any], chunks: list[tuple[int, int]]) -> None:
    with get_context("spawn").Pool(1) as pool:  # letters are made on one core while the other stores them
        for documents, pages in pool.imap(_chunk, chunks):
            with connection.transaction(), connection.cursor() as cursor:
                for statement, lines in ((_DOCUMENT, documents), (_PAGE, pages)):
                    with cursor.copy(statement) as copy:
                        copy.write(lines)


@contextmanager
def _afterwards(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """The index of words and the vocabulary are made when all is stored, by the definitions they have."""
    row = connection.execute("SELECT pg_get_indexdef('page_words'::regclass)").fetchone()
    connection.execute("DROP INDEX page_words; ALTER TABLE page DISABLE TRIGGER words_kept")
    yield
    if row:
        connection.execute(row[0])
    connection.execute("ALTER TABLE page ENABLE TRIGGER words_kept")
    connection.execute(
        "INSERT INTO word (unit, clearance, lexeme) SELECT p.unit, p.clearance, t.lexeme FROM page p"
        " CROSS JOIN LATERAL unnest(p.words) AS t WHERE word_keepable(t.lexeme) GROUP BY 1, 2, 3 ON CONFLICT DO NOTHING"
    )


def add_document(connection: psycopg.Connection[Any], seq: int, row: Stored) -> None:
    """One letter without its page, in a transaction of its own."""
    with connection.transaction(), connection.cursor() as cursor, cursor.copy(_DOCUMENT) as copy:
        copy.write(_line((seq, *document_row(row))))


@contextmanager
def _at_ease(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Checkpoints seldom, a commit waits for no disk, and the triggers of `document` rest, as long as it takes."""
    connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
    connection.execute("SELECT pg_reload_conf()")
    connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '512MB'")
    connection.execute("ALTER TABLE document DISABLE TRIGGER USER")
    try:
        yield
    finally:
        connection.execute("ALTER TABLE document ENABLE TRIGGER USER")
        connection.execute("ALTER SYSTEM RESET max_wal_size")
        connection.execute("SELECT pg_reload_conf()")


def _chunk(span: tuple[int, int]) -> tuple[bytes, bytes]:
    """Rows of `document` and `page` for the letters from the first number to before the second."""
    documents, pages = [], []
    for number in range(*span):
        row, seq = stored(number), number + 1
        documents.append(_line((seq, *document_row(row))))
        reading = json.dumps(reading_of(row.text))
        pages.append(_line((row.id, seq, row.unit, row.clearance, 1, row.text, reading, row.at, "{}")))
    return "".join(documents).encode(), "".join(pages).encode()


def stored(number: int) -> Stored:
    """The letter of that number as it is stored: text and fields as they were read."""
    letter = large(number)
    fields = {
        "nama": letter.name, "nomor_surat": letter.letter_number, "perihal": letter.matter, "kelurahan": letter.place,
        "tanggal": letter.at.date().isoformat(),
    }  # fmt: skip
    return Stored(str(number), letter.unit, letter.kind, fields, letter.misread, letter.at, letter.clearance)


def _line(values: tuple[object, ...]) -> str:
    return "\t".join("\\N" if value is None else str(value).translate(_ESCAPED) for value in values) + "\n"
