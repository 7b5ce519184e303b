"""The page of one letter."""

from api.web.letter import _page
from search.query import PageMarks


def test_words_behind_the_part_that_is_searched_are_shown_without_marks() -> None:
    """Of an endless page only the beginning is text, so marks end before the words do."""
    words = [[text, 0.1, 0.1, 0.2, 0.2, 0.9, 0] for text in ("satu", "dua", "tiga")]
    reading = {"words": words, "preview": [100, 200]}
    shown = _page(1, reading, PageMarks(flags=(False, True), boxes=()))
    assert shown.lines == ((("satu", False), ("dua", True), ("tiga", False)),)
