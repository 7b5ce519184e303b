"""The page of one letter."""

from api.cards import photo_of
from api.web.letter import _page
from archive.tables import DocumentRow
from search.marks import PageMarks
from tests.unit.test_ktp_fields import CARD
from tests.unit.typed import page


def test_words_behind_the_part_that_is_searched_are_shown_without_marks() -> None:
    """Of an endless page only the beginning is text, so marks end before the words do."""
    words = [[text, 0.1, 0.1, 0.2, 0.2, 0.9, 0] for text in ("satu", "dua", "tiga")]
    reading = {**page("").to_json(), "words": words}
    shown = _page(DocumentRow(kind="tiket"), 1, reading, PageMarks(flags=(False, True), boxes=()))
    assert shown.lines == ((("satu", False), ("dua", True), ("tiga", False)),)


def test_a_card_is_masked_wherever_it_lies() -> None:
    card = page(CARD)
    letter = page("SURAT KETERANGAN\nNama : Lambudi\nNIK : 6571010106650029\nAlamat : Jl. Melati\nAgama : Islam")
    assert photo_of("surat_pemulangan", card) is not None  # a copy behind a letter, or in a file that was kept whole
    assert photo_of("surat_pemulangan", card) == photo_of("ktp", card) == photo_of(None, card)
    assert photo_of("surat_pemulangan", letter) is None
    row = DocumentRow(kind="surat_pemulangan")
    assert [_page(row, 1, one.to_json(), None).masked for one in (letter, card)] == [False, True]
