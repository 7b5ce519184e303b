"""Which kind of letter: all kinds, other offices' wordings, worn pages, and knowing when not to be sure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.reading import PageReading, Word, word_at
from classify.kinds import Verdict, classify, classify_page
from classify.rules import KINDS, packaged
from tests.assets.letter import kinds
from tests.unit.kinds_pages import blank, letter, noisy_all, offices, reading, typed, variants

OTHER = "surat_masuk_lain"
WORDINGS = [(kind, title, subject) for kind in kinds() for title, subject in variants(kind)]


def right(verdicts: list[tuple[str, Verdict]]) -> float:
    return sum(kind == verdict.kind for kind, verdict in verdicts) / len(verdicts)


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_is_known_and_surely(kind: str) -> None:
    verdict = classify(letter(kind, 11))
    assert (verdict.kind, verdict.sure) == (kind, True)
    assert verdict.reasons


def test_other_wordings_are_known() -> None:
    """A third of them, worn a little; all of them in tests/integration/test_kinds_measured.py."""
    found = []
    for number, (kind, title, subject) in enumerate(WORDINGS[::3]):
        found.append((kind, classify(noisy_all(letter(kind, 13 + number, title, subject), 0.03, number))))
    sure = [pair for pair in found if pair[1].sure]
    assert right(found) >= 0.98
    assert right(sure) == 1
    assert len(sure) / len(found) >= 0.9


@pytest.mark.parametrize(("name", "least"), [("kinds_other_offices.txt", 0.97), ("kinds_held_back.txt", 0.95)])
def test_letters_of_other_offices(name: str, least: float) -> None:
    found = [(kind, classify_page(typed(text))) for kind, text in offices(name)]
    assert right(found) >= least
    assert right([pair for pair in found if pair[1].sure]) == 1


def test_foreign_letters_are_never_filed_unasked() -> None:
    texts = [
        text
        for name in ("kinds_other_offices.txt", "kinds_held_back.txt")
        for kind, text in offices(name)
        if kind == OTHER
    ]
    for number, text in enumerate(texts):
        verdict = classify(noisy_all([typed(text)], 0.03 * (number % 2), number))
        assert not verdict.sure, text


def test_reasons_quote_the_letter() -> None:
    verdict = classify(letter("skt_polisi", 3))
    assert "judul: SURAT KETERANGAN TERLANTAR" in verdict.reasons
    assert any(reason.startswith("kop: KEPOLISIAN") for reason in verdict.reasons)


def test_who_wrote_it_decides_between_equal_titles() -> None:
    title = "SURAT KETERANGAN ORANG TERLANTAR"
    for kind in ("skt_polisi", "skt_kelurahan", "surat_keterangan_dinsos_kabkota"):
        assert classify(letter(kind, 21, title)).kind == kind


def test_whom_it_is_written_to_decides_a_referral() -> None:
    for kind in ("surat_rujukan_rsud", "surat_rujukan_puskesmas", "surat_rujukan_lk3"):
        assert classify(letter(kind, 22, subject="Rujukan Klien Stres ke LK3")).kind == kind


def test_subject_beside_the_addressee() -> None:
    """Old letters set the addressee beside number and subject: the columns must not be read across."""
    left = ["Nomor : 460/1", "Sifat : Segera", "Perihal : Permohonan Bantuan", "Pemulangan Orang", "Terlantar"]
    beside = ["Kepada", "Yth. Kepala Dinas Sosial", "Provinsi Kalimantan Utara", "di -", "Tanjung Selor"]
    words: list[Word] = []
    for line, pair in enumerate(zip(left, beside, strict=True)):
        for x, text in zip((0.1 if line < 3 else 0.24, 0.6), pair, strict=True):
            for n, part in enumerate(text.split()):
                at = x + 0.07 * n
                words += word_at(part, (at, 0.2 + line * 0.02, at + 0.06, 0.212 + line * 0.02), 0.95, line)
    verdict = classify_page(reading(words))
    assert verdict.kind == "surat_permohonan_pemulangan"
    assert "perihal: Permohonan Bantuan Pemulangan" in verdict.reasons


def test_the_first_page_names_the_letter() -> None:
    pages = [*letter("surat_permohonan_pemulangan", 5), *letter("skt_polisi", 5), *letter("ktp", 5)]
    assert classify(pages).kind == "surat_permohonan_pemulangan"
    assert classify([blank(), *letter("skt_polisi", 5)]).kind == "skt_polisi"


def test_a_title_alone_is_not_enough() -> None:
    verdict = classify_page(typed("^HASIL ASESMEN"))
    assert (verdict.kind, verdict.sure) == ("hasil_asesmen", False)


@pytest.mark.parametrize(
    ("page", "kind", "sure"),
    [
        (blank(), "kosong", True),
        (reading(word_at("2", (0.5, 0.95, 0.51, 0.96), 0.9, 0)), "kosong", False),
        (reading(word_at("~", (0.5, 0.5, 0.6, 0.6), 0.3, 0)), "foto", False),
        (reading(word_at("wqxj kkpz vv", (0.5, 0.5, 0.6, 0.6), 0.3, 0)), "foto", False),
        (reading(word_at("lIl1 ijz " * 40, (0.1, 0.1, 0.9, 0.9), 0.3, 0)), "tak_terbaca", False),
        (typed("\n".join(["kata biasa yang tidak menyebut apa pun sama sekali"] * 8)), OTHER, False),
    ],
)
def test_pages_that_are_no_known_letter(page: PageReading, kind: str, sure: bool) -> None:
    verdict = classify_page(page)
    assert (verdict.kind, verdict.sure) == (kind, sure)


def test_no_pages() -> None:
    assert not classify([]).sure


def test_hardly_legible_letters_are_asked() -> None:
    page = letter("skt_polisi", 4)[0]
    faint = reading([Word(w.text, w.box, 0.5, w.line) for w in page.words])
    verdict = classify_page(faint)
    assert (verdict.kind, verdict.sure) == ("skt_polisi", False)


PHRASES = [phrase.plain for zone in packaged().phrases.values() for phrase in zone]
TEXT = st.one_of(st.text(st.characters(exclude_categories=()), max_size=80), st.sampled_from(PHRASES))


@settings(max_examples=60)
@given(st.lists(st.tuples(TEXT, st.floats(0, 1), st.floats(0, 1), st.none() | st.floats(0, 1)), max_size=25))
def test_whatever_was_read_there_is_a_verdict(rows: list[tuple[str, float, float, float | None]]) -> None:
    words = [w for n, (text, x, y, sure) in enumerate(rows) for w in word_at(text, (x, y, x + 0.2, y + 0.02), sure, n)]
    verdict = classify_page(reading(words))
    assert verdict.kind in KINDS
    assert 0 <= verdict.confidence <= 1
    assert sum(share for _, share in verdict.others) + verdict.confidence <= 1.01
