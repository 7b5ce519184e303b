"""The rules as data: complete, and refused at start when wrong."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import pytest

from classify.match import find, find_all, most_specific
from classify.rules import KINDS, Phrase, labels, packaged, parse, rules_digest
from classify.zones import ZoneText
from tests.assets.letter import kinds
from tests.unit.kinds_pages import typed

TEXT = files("classify").joinpath("kinds.toml").read_text("utf-8")


SMALL = """
[settings]
base = 2
later_pages = 0.5
sure = 0.99
borne_out = 1
letterheads = ["pemerintah kota"]
calibration = [{ raw = 0.0, right = 0.2 }, { raw = 1.0, right = 0.9 }]
[spelling]
telantar = "terlantar"
[kinds.kk]
label = "Kartu keluarga"
cap = 9
cues = [["landscape", 1]]
anchor = ["body"]
title = [["kartu keluarga", 6.5]]
[kinds.surat_masuk_lain]
label = "Lain"
[kinds.foto]
label = "Foto"
[kinds.kosong]
label = "Kosong"
[kinds.tak_terbaca]
label = "Tak terbaca"
"""


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


def test_every_kind_has_its_rule_and_its_name() -> None:
    assert packaged().kinds.keys() == KINDS
    assert set(kinds()) <= KINDS
    assert len(set(labels().values())) == len(KINDS)


def test_the_digest_is_of_the_file() -> None:
    assert rules_digest() == hashlib.sha256(TEXT.encode()).hexdigest()
    assert parse(SMALL).digest != parse(SMALL + "\n").digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SMALL + '\n[kinds.surat_cinta]\nlabel = "Surat cinta"', "surat_cinta"),
        (changed('[["kartu keluarga", 6.5]]', '[["", 6.5]]'), "too short"),
        (changed('[["kartu keluarga", 6.5]]', '[["kartu keluarga", "6.5"]]'), "weight"),
        (changed('[["kartu keluarga", 6.5]]', '[["kartu keluarga", 99]]'), "weight"),
        (changed('[["kartu keluarga", 6.5]]', '[["kartu keluarga"]]'), "not"),
        (changed('[["kartu keluarga", 6.5]]', '[["kartu keluarga", 1], ["kartu keluarga", 6.5]]'), "twice"),
        (changed('label = "Kartu keluarga"', 'label = " "'), "label"),
        (changed('cues = [["landscape", 1]]', 'cues = [["round", 1]]'), "round"),
        (changed('anchor = ["body"]', 'anchor = ["cover"]'), "cover"),
        (changed("cap = 9", "limit = 9"), "limit"),
        (changed("[kinds.foto]", "[kinds.fotos]"), "foto"),
        (changed("right = 0.9 }", "right = 0.1 }"), "rise"),
        (changed("[spelling]", '[spelling]\n"two words" = "x"'), "two words"),
        (changed("[settings]", "[setings]"), "setings"),
        (changed('"pemerintah kota"', '"po"'), "letterheads"),
        ("[kinds", "Expected"),
    ],
)
def test_wrong_rules_are_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse(text)


def zone(*lines: str) -> ZoneText:
    page = typed("\n".join(lines))
    found = [[w for w in page.words if w.line == n] for n in range(len(lines))]
    return ZoneText.of(found, {"telantar": "terlantar"})


def phrase(words: str, *, start: bool = False, end: bool = False) -> Phrase:
    return Phrase("title", words.replace(" ", ""), tuple(words.split()), start, end, (("kk", 1.0),))


@pytest.mark.parametrize(
    "printed",
    [
        "SURAT KETERANGAN TERLANTAR",
        "SURAT KETERANGAN TELANTAR",
        "SURATKETERANGAN TERLANTAR",
        "5URAT KETERAN6AN TERLANTAR",
        "SURAT KETFRANGAN TERIANTAR",
    ],
)
def test_misread_letters_and_lost_spaces_are_forgiven(printed: str) -> None:
    text = zone("PEMERINTAH KOTA", printed, "Nomor : 1")
    hit = find(phrase("surat keterangan terlantar"), text)
    assert hit is not None
    assert text.quote(hit.start, hit.end) == printed


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("surat keterangan lahir", "SURAT KETERANGAN TERLANTAR"),
        ("permohonan bantuan pemulangan", "PERMOHONAN BANTUAN PERMAKANAN"),
        ("formulir masuk shelter", "FORMULIR KELUAR SHELTER"),
        ("nota dinas", "ORANG TERLANTAR DINAS SOSIAL"),
        ("rsud", "KARSUDIN"),
    ],
)
def test_other_words_are_not_misread_letters(words: str, printed: str) -> None:
    assert find(phrase(words), zone(printed)) is None


def test_a_place_in_the_line_can_be_asked_for() -> None:
    text = zone("PEMULANGAN KLIEN", "SURAT PEMULANGAN")
    assert find(phrase("surat", start=True), text) is not None
    assert find(phrase("klien", start=True), text) is None
    assert find(phrase("klien", end=True), text) is not None
    assert find(phrase("surat", end=True), text) is None


def test_the_longest_of_overlapping_phrases_counts() -> None:
    hits = find_all([phrase("hasil asesmen"), phrase("hasil asesmen ulang")], zone("HASIL ASESMEN ULANG"))
    assert [hit.phrase.plain for hit in most_specific(hits)] == ["hasilasesmenulang"]
