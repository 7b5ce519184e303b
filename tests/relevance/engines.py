"""Three engines on the same letters: exact PostgreSQL full text, ours by its own code and roles, and tantivy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar, Protocol

import psycopg
import tantivy

from access.accounts import Account
from api.casework import identity_key
from core.db import transaction
from search.query import search
from tests.relevance.letters import Letter
from tests.relevance.store import Stored, noon, store

MOST = 20
_PERIOD = re.compile(r"\b(dari|sampai):(\d{4})-(\d{2})\s*")
_FIELD = re.compile(r"\b(nama|nik|nomor|hal|jenis):")


class Engine(Protocol):
    """Something that finds letters; ids of at most MOST, best first."""

    def find(self, text: str) -> list[str]: ...


class Exact:
    """What PostgreSQL has of itself: to_tsvector and ts_rank with its Indonesian stemmer, every word asked for."""

    def __init__(self, connection: psycopg.Connection[Any], name: str, letters: list[Letter], rate: float) -> None:
        self.connection, self.table = connection, f"exact_{name}"
        connection.execute(f"CREATE TEMP TABLE {self.table} (id text, words tsvector)")
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {self.table} VALUES (%s, to_tsvector('indonesian', %s))",
                [(letter.id, letter.read(rate)[0]) for letter in letters],
            )
        connection.execute(f"CREATE INDEX ON {self.table} USING gin (words)")
        connection.execute(f"ANALYZE {self.table}")

    def find(self, text: str) -> list[str]:
        """It knows no fields: their values are asked for in the text, periods not at all."""
        asked = _FIELD.sub("", _PERIOD.sub("", text)).replace("*", "")
        rows = self.connection.execute(
            f"SELECT id FROM {self.table}, websearch_to_tsquery('indonesian', %s) AS asked WHERE words @@ asked"
            f" ORDER BY ts_rank(words, asked) DESC, id LIMIT {MOST}",
            (asked,),
        )
        return [id_ for (id_,) in rows]


class Ours:
    """The product's search, as an officer of the unit that has the letters: role arsip_api, row-level security on."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        who: Account,
        letters: list[Letter],
        rate: float,
        *,
        sealed: bool = True,
    ) -> None:
        self.who = who
        rows = [_stored(letter, who.unit, rate, sealed) for letter in letters]
        self.ids = {row.id: row.name for row in rows}
        store(connection, rows, identity_key())
        connection.execute("ANALYZE")

    def find(self, text: str) -> list[str]:
        with transaction(self.who.context) as session:
            found = search(session, text, limit=MOST, identity_key=identity_key())
        return list(dict.fromkeys(self.ids[hit.document] for hit in found.hits))


def _stored(letter: Letter, unit: str, rate: float, sealed: bool) -> Stored:
    text, fields = letter.read(rate)
    printed = letter.fields["tanggal"]
    day = {"tanggal": letter.day.isoformat()} if fields["tanggal"] == printed else {}
    rest = {name: value for name, value in fields.items() if name != "tanggal"}
    return Stored(letter.id, unit, letter.kind, rest | day, text, noon(letter.day), sealed=sealed)


class Tantivy:
    """Tantivy as one would set it up for this: the same fields and text, exact words before near ones, near by the
    customary rule (one letter off from three letters on, two from six on), ranked by BM25. As ours it counts what it
    found and gives a snippet of each letter with the words marked."""

    FIELDS: ClassVar = {"nama": "nama", "nomor": "nomor_surat", "hal": "perihal", "nik": "nik"}

    def __init__(self, letters: list[Letter], rate: float) -> None:
        builder = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
        builder = builder.add_text_field("text", stored=True)
        for name in self.FIELDS:
            builder = builder.add_text_field(name)
        self.schema = (
            builder.add_text_field("jenis", tokenizer_name="raw")
            .add_integer_field("day", indexed=True, fast=True)
            .build()
        )
        self.index = tantivy.Index(self.schema)
        writer = self.index.writer(heap_size=64_000_000, num_threads=1)
        for letter in letters:
            text, fields = letter.read(rate)
            told = {name: fields[own] for name, own in self.FIELDS.items() if own in fields}
            writer.add_document(
                tantivy.Document(
                    id=letter.id,
                    text=text,
                    jenis=letter.kind,
                    day=letter.day.toordinal(),
                    **told,
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def find(self, text: str) -> list[str]:
        searcher = self.index.searcher()
        query = tantivy.Query.boolean_query(list(self._parts(text)))
        found = searcher.search(query, MOST)
        snippets = tantivy.SnippetGenerator.create(searcher, query, self.schema, "text")
        documents = [searcher.doc(address) for _, address in found.hits]
        self.shown = [snippets.snippet_from_doc(document).to_html() for document in documents]
        return [document["id"][0] for document in documents]

    def _parts(self, text: str) -> Iterator[tuple[tantivy.Occur, tantivy.Query]]:
        """The query's parts: fields, phrases and periods must be met, words should, words with a minus must not."""
        if periods := list(_PERIOD.finditer(text)):
            yield tantivy.Occur.Must, self._period(periods)
        for part in re.findall(r'(?:\w+:)?"[^"]+"|\S+', _PERIOD.sub("", text)):
            if _FIELD.match(part):
                field, _, value = part.partition(":")
                yield tantivy.Occur.Must, self._field(field, value)
            elif part.startswith('"'):
                yield tantivy.Occur.Must, tantivy.Query.phrase_query(self.schema, "text", list(_words(part)))
            elif part.startswith("-") and part[1:2].isalnum():
                yield tantivy.Occur.MustNot, self._all(part, "text")
            elif part != "OR":
                for word in _words(part):
                    yield tantivy.Occur.Should, self._near(word, "text", prefix=part.endswith("*"))

    def _field(self, field: str, value: str) -> tantivy.Query:
        if field == "jenis":
            return tantivy.Query.term_query(self.schema, "jenis", value)
        return self._all(value, field)

    def _all(self, value: str, field: str) -> tantivy.Query:
        parts = [(tantivy.Occur.Must, self._near(word, field)) for word in _words(value)]
        return tantivy.Query.boolean_query(parts)

    def _near(self, word: str, field: str, *, prefix: bool = False) -> tantivy.Query:
        exact = tantivy.Query.boost_query(tantivy.Query.term_query(self.schema, field, word), 2.0)
        distance = (len(word) >= 3) + (len(word) >= 6)
        if not distance:
            return exact
        near = tantivy.Query.fuzzy_term_query(self.schema, field, word, distance, True, prefix)
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, exact), (tantivy.Occur.Should, near)])

    def _period(self, periods: list[re.Match[str]]) -> tantivy.Query:
        since, until = date.min, date.max
        for found in periods:
            year, month = int(found[2]), int(found[3])
            if found[1] == "dari":
                since = date(year, month, 1)
            else:
                until = date(year + month // 12, month % 12 + 1, 1)
        return tantivy.Query.range_query(
            self.schema, "day", tantivy.FieldType.Integer, since.toordinal(), until.toordinal(), include_upper=False
        )


def _words(text: str) -> list[str]:
    """As tantivy's default tokenizer takes a text apart."""
    return [word.lower() for word in re.findall(r"[^\W_]+", text)]
