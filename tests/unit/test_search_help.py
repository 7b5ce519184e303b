"""What the page Cari and docs/searching.md tell of the query language is what the parser understands."""

from pathlib import Path

import pytest

from api.web.searchhelp import EXAMPLES
from search import noted
from search.parsing import FIELDS, Query, parse

PARSED = {
    "surat keterangan": ["word surat", "word keterangan"],
    '"orang terlantar"': ["phrase orang terlantar"],
    "rujukan -puskesmas": ["word rujukan", "-word puskesmas"],
    "samarinda ATAU tarakan": ["word samarinda", "| word tarakan"],
    "tarak*": ["prefix tarak"],
    "444/PKM-KR/XII/2025": ["phrase 444 pkm kr xii 2025"],
    "15-02-2024": ["day 2024-02-15"],
    "6571 0142 0390 0001": ["number 6571014203900001"],
    "nama:wulandari": ["word nama:wulandari"],
    "nik:6571014203900001": ["number 6571014203900001"],
    "jenis:surat_pemulangan": ["jenis=surat_pemulangan"],
    "dari:2025-01 sampai:2025-06": ["dari=2025-01", "sampai=2025-06"],
    "kasus:12/2025": ["kasus=12/2025"],
    "kode:460": ["kode=460"],
    "disposisi:segera": ["disposisi=segera"],
}


def _said(query: Query) -> list[str]:
    said = []
    for n, terms in enumerate(query.alternatives):
        for term in terms:
            what = str(term.day) if term.day else " ".join(term.parts)
            field = f"{term.field}:" if term.field else ""
            said.append(f"{'| ' if n else ''}{'-' if term.without else ''}{term.sort} {field}{what}")
    return said + [f"{one.name}={one.value}" for one in query.fields]


@pytest.mark.parametrize("typed", [typed for typed, _ in EXAMPLES])
def test_each_example_is_understood(typed: str) -> None:
    assert _said(parse(typed)) == PARSED[typed]


def test_the_page_and_the_docs_name_each_field() -> None:
    page = " ".join(f"{typed} {found_so}" for typed, found_so in EXAMPLES)
    for told in (page, Path("docs/searching.md").read_text("utf-8")):
        assert [field for field in FIELDS if f"{field}:" not in told] == []


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ("siti rahmawati", []),
        ("nama:siti dari:2025-01", ["dari", "nama"]),
        ("nik:6571014203900001", ["nik"]),
        ("siti 6571 0142 0390 0001", ["nik"]),
        ("-nomor:444 jenis:ktp", ["jenis", "nomor"]),
    ],
)
def test_the_ledger_is_told_fields_and_no_word(typed: str, fields: list[str]) -> None:
    assert noted.used(typed) == {"words": len(typed.split()), "fields": fields}
