"""Words for every parser of what was read: the vocabulary of letters, and what must hold whatever a text says."""

from __future__ import annotations

import json
import re
from functools import cache

from archive.reading import PageReading, Word, clean, word_at
from classify import dates, identity, letternumber, numbers, regions
from classify.cuts import cuts
from classify.fields import Field, doubts, extract, photo_area
from classify.fieldspec import field_spec, kind_spec, kinds_known
from classify.letter import understand
from classify.typed import typed
from search.parsing import parse, spellings
from tests.conftest import ROOT

_LABELS = "Nama NIK Nomor : :: Tempat/Tgl Lahir Yth. di Tembusan 1. NIP. NRP Rp Gol. Darah Kota Kabupaten Provinsi"
_VALUES = (
    "6571022007930013 19720207 199701 1 011 12-05-1994 31/02/2025 12 Juli'25 2O25 12-IX-2025 Rp1.050.000,00 863.000,- "
    "460/2/II1/2025 LP/B/12/IX/2025/SPKT 0821-7378-7998 A1234567 003/001 SEUMUR HIDUP satu dua belas puluh ratus ribu "
    "juta bulan tahun tanggal seribu sembilan Halaman 2 dari 3 - 2 - Lamp. ARSIP-PEMISAH-1 a.n. Maria"
)


@cache
def vocabulary() -> tuple[str, ...]:
    """Words of letters of every kind, labels, and values of every type."""
    lines = (ROOT / "tests" / "unit" / "kinds_held_back.txt").read_text("utf-8").split()
    labels = [word for kind in kinds_known() for spec in kind_spec(kind).fields for word in spec.labels]
    return (*_LABELS.split(), *_VALUES.split(), *labels, *dict.fromkeys(lines))


@cache
def fields_by_type() -> dict[str, str]:
    """One field of each type."""
    return {spec.type: spec.name for kind in kinds_known() for spec in kind_spec(kind).fields}


def page(text: str, number: int = 1) -> PageReading:
    """A page with these lines, each word somewhere: rows, columns and their order are part of what is tried."""
    found: list[Word] = []
    for at, line in enumerate(text.split("\n")[:80]):
        for column, word in enumerate(line.split(" ")):
            x, y = (column * 0.09 + len(word) % 3 * 0.03) % 0.9, (at * 0.02) % 0.95
            box = (x, y, min(1.0, x + 0.008 * len(word)), y + 0.012)
            found += word_at(word, box, (len(word) % 11) / 10, at)
    return PageReading(number, 595.0, 842.0, 1240, 1754, 0, 0.0, "ocr" if found else "blank", tuple(found), 0.1)


def survive(text: str) -> None:
    """Read the text as everything it could be. Raises AssertionError where what must hold does not."""
    for found in dates.dates(text):
        assert text[found.start : found.end].strip() == found.text.strip()
        assert dates.OLDEST <= found.day.year <= dates.NEWEST
    said = dates.number_in_words(text)
    assert said is None or 0 <= said < 10**9
    for line in text.split("\n"):
        _numbers(line)
    _letter(text)


def _numbers(line: str) -> None:
    for read in (identity.nik, identity.kk, identity.nip, identity.nrp):
        number = read(line)
        assert number is None or (number.digits.isascii() and number.digits.isdigit())
        assert number is None or number.valid or number.why
    for told in (numbers.phone(line), numbers.bpjs(line), numbers.passport(line)):
        assert told is None or (told.value.isascii() and told.value.isalnum())
    amount = numbers.rupiah(line, bare=True)
    assert amount is None or 0 <= amount < 10**19
    letternumber.by_shape(letternumber.parse(line).value)
    regions.in_address(line)
    asked = parse(line).tsquery("kunci", spellings)
    assert set(re.sub(r"[^\W_]", "", asked)) <= set(" '()&|!<->:*")  # nothing that to_tsquery refuses
    for name in fields_by_type().values():
        value, failed = typed(name, line)
        # what is filed can be stored, and is empty only where the text says that there is nothing
        assert value == clean(value) or line != clean(line)
        assert value or failed or not any(c.isalnum() for c in line) or any(dash in line for dash in "-–—")


def _letter(text: str) -> None:
    pages = [page(part, n) for n, part in enumerate(text.split("\n\n")[:4], 1)]
    for kind in ("ktp", "skt_polisi", "surat_masuk_lain", "lembar_disposisi"):
        for field in extract(kind, pages, [(1, "Laki-laki")]):
            spec = field_spec(field.name)
            assert spec is not None
            assert Field.from_json(json.loads(json.dumps(field.to_json(), allow_nan=False))) == field
            assert 0 <= field.confidence <= 1
            assert field.sure or doubts(field)
    photo_area(pages)
    read = understand(pages)
    json.dumps([read.fields_json(), read.verdict_json()], allow_nan=False).encode()
    covered = [n for cut in cuts(pages) for n in range(cut.first, cut.last + 1)]
    assert len(covered) == len(set(covered))
