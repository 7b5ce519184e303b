"""Stacks scanned as one file: where they are cut, and where nobody may cut without asking."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.reading import PageReading
from classify.cuts import Cut, apart, cuts, surely
from tests.assets.letter import kinds
from tests.unit.kinds_pages import blank, counted, letter, noisy_all, typed

LONG = ("hasil_asesmen", "berita_acara_serah_terima", "formulir_layanan_sosial")


def spans(found: tuple[Cut, ...]) -> list[tuple[int, int]]:
    return [(cut.first, cut.last) for cut in found]


def test_a_letter_of_many_pages_stays_whole() -> None:
    for kind in LONG:
        pages = letter(kind, 3)
        assert spans(cuts(pages)) == [(1, len(pages))]
        assert spans(cuts(noisy_all(pages, 0.05, 3))) == [(1, len(pages))]


def test_a_stack_of_letters_is_proposed_and_asked() -> None:
    found = ("skt_polisi", "hasil_asesmen", "ktp", "surat_rujukan_rsud")
    stack: list[PageReading] = []
    firsts: list[int] = []
    for kind in found:
        firsts.append(len(stack) + 1)
        stack += letter(kind, 8)
    proposed = cuts(stack)
    assert [cut.first for cut in proposed] == firsts
    assert [cut.kind for cut in proposed] == list(found)
    assert [cut.sure for cut in proposed] == [True, False, False, False]
    assert all(cut.reasons for cut in proposed)


def test_attachments_are_never_cut_off_surely() -> None:
    pages = [*letter("surat_permohonan_pemulangan", 8), *letter("skt_polisi", 8), *letter("ktp", 8)]
    assert not any(cut.sure for cut in cuts(pages)[1:])
    counted_ = [*counted(letter("surat_permohonan_pemulangan", 8)), *counted(letter("skt_polisi", 8))]
    assert not any(cut.sure for cut in cuts(counted_)[1:])  # "Lampiran : 1 (satu) berkas"


def test_pages_counted_to_the_end_and_anew_are_a_sure_cut() -> None:
    found = cuts([*counted(letter("hasil_asesmen", 8)), *counted(letter("skt_polisi", 8))])
    assert [(cut.first, cut.sure) for cut in found] == [(1, True), (3, True)]


def test_a_counted_page_goes_on() -> None:
    second = typed("^PEMERINTAH KOTA TARAKAN\n^SURAT KETERANGAN TERLANTAR\nKlien tersebut di atas\nHalaman 2 dari 2")
    assert spans(cuts([letter("hasil_asesmen", 8)[0], second])) == [(1, 2)]


def test_separator_sheets_belong_to_no_letter() -> None:
    sheet = typed("^LEMBAR PEMISAH")
    pages = [sheet, *letter("skt_polisi", 1), sheet, *letter("hasil_asesmen", 1), sheet]
    found = cuts(pages, frozenset({1, 3, 6}))
    assert spans(found) == [(2, 2), (4, 5)]
    assert all(cut.sure for cut in found)
    assert found[1].reasons == ("sesudah lembar pemisah",)


def test_the_back_of_a_separator_sheet_is_no_letter() -> None:
    sheet = typed("^LEMBAR PEMISAH")
    pages = [sheet, blank(), *letter("skt_polisi", 1), blank(), sheet, blank()]
    assert spans(cuts(pages, frozenset({1, 5}))) == [(3, 4)]


def test_blank_backs_stay_with_their_letter() -> None:
    first, second = letter("hasil_asesmen", 1)
    pages = [first, blank(), second, blank(), *letter("skt_polisi", 1), blank()]
    assert spans(cuts(pages)) == [(1, 4), (5, 6)]


def test_a_book_is_cut_only_by_sheets_after_a_while() -> None:
    page = letter("skt_polisi", 1)[0]
    assert spans(cuts([page, page, page, page], frozenset({3}), most=1)) == [(1, 2), (4, 4)]


def test_of_pages_behind_the_first_ones_only_sheets_and_blanks_are_known() -> None:
    page = letter("skt_polisi", 1)[0]
    found = cuts([page], frozenset({3, 6}), [False, False, True, False, False])  # the blank is the sheet's back
    assert spans(found) == [(1, 2), (5, 5)]
    assert apart(found, 6) == (3, 4, 6)
    assert all(cut.sure for cut in found)


def test_what_is_sure_is_cut_and_the_rest_asked() -> None:
    def cut(first: int, last: int, sure: bool) -> Cut:
        return Cut(first, last, "ktp", sure, ())

    assert surely([]) == ()
    assert surely([cut(1, 2, True), cut(3, 3, False)]) == ((1, 3, False),)
    assert surely([cut(1, 2, True), cut(4, 4, True), cut(5, 6, False), cut(8, 9, True)]) == (
        (1, 2, True),
        (4, 6, False),
        (8, 9, True),
    )


def test_nothing_and_nothing_but_blanks() -> None:
    assert cuts([]) == ()
    assert spans(cuts([blank(), blank()])) == [(1, 2)]
    assert cuts([blank()])[0].kind == "kosong"
    assert cuts([typed("^LEMBAR PEMISAH")], frozenset({1})) == ()


SAMPLES = [page for kind in kinds()[:6] for page in letter(kind, 2)] + [blank(), typed("2"), typed("Halaman 3 dari 2")]


@settings(max_examples=12)
@given(st.lists(st.sampled_from(SAMPLES), max_size=7), st.frozensets(st.integers(-1, 9), max_size=3))
def test_every_page_is_in_one_letter_or_a_sheet(pages: list[PageReading], sheets: frozenset[int]) -> None:
    covered = [n for cut in cuts(pages, sheets) for n in range(cut.first, cut.last + 1)]
    assert covered == sorted(set(covered))
    left_out = {n for n in range(1, len(pages) + 1) if n not in covered}
    behind = {n for n in left_out - sheets if pages[n - 1].source == "blank" and (n - 1) in left_out}
    assert left_out == (sheets & left_out) | behind
    assert not sheets & set(covered)
