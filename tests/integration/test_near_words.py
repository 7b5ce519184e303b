"""A misread word is found behind the word itself; near words of hidden letters leave no sign; none outlives a page."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from access.accounts import Account
from core.db import transaction
from search.query import Results, marks_in, search
from tests.integration.conftest import MakeAccount
from tests.integration.driving import write_pages


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("pejabat")


def _search(who: Account, words: str, **how: object) -> Results:
    with transaction(who.context) as session:
        return search(session, words, **how)  # type: ignore[arg-type]


def test_a_misread_word_is_found_behind_the_word_itself(superuser: Engine, who: Account) -> None:
    exact = write_pages(superuser, who.unit, ["klien asal Labukkang"])
    misread = write_pages(superuser, who.unit, ["klien asal Iabvkkang"])
    found = _search(who, "labukkang")
    assert [hit.document for hit in found.hits] == [exact, misread]
    assert found.total == 2
    assert [(one.asked, one.words) for one in found.added] == [("labukkang", ("iabvkkang",))]
    assert ("Iabvkkang", True) in found.hits[1].snippet
    with transaction(who.context) as session:
        assert marks_in(session, misread, "labukkang")[1].flags == (False, False, True)


def test_a_clean_word_is_found_for_a_misread_question_and_can_be_switched_off(superuser: Engine, who: Account) -> None:
    letter = write_pages(superuser, who.unit, ["klien asal Labukkang"])
    assert [hit.document for hit in _search(who, "labvkkang").hits] == [letter]
    off = _search(who, "labvkkang", switched_off=("labukkang",))
    assert (off.hits, off.added, off.total) == ((), (), 0)


@pytest.mark.parametrize("words", ['"asal labvkkang"', "asal -labvkkang", "la"])
def test_quoted_left_out_and_short_words_are_as_they_are(superuser: Engine, who: Account, words: str) -> None:
    letter = write_pages(superuser, who.unit, ["klien asal Labukkang"])
    found = _search(who, words)
    assert not found.added
    assert [hit.document for hit in found.hits] == ([letter] if "-" in words else [])


def test_leafing_goes_on_from_exact_to_near(superuser: Engine, who: Account) -> None:
    misread = [write_pages(superuser, who.unit, ["asal Iabukkang"]) for _ in range(3)]
    exact = [write_pages(superuser, who.unit, ["asal Labukkang"]) for _ in range(2)]
    seen, cursor = [], None
    while True:
        found = _search(who, "labukkang", limit=1, cursor=cursor)
        seen += [hit.document for hit in found.hits]
        cursor = found.next
        if cursor is None:
            break
    assert seen == [*reversed(exact), *reversed(misread)]


@pytest.mark.parametrize("hidden", ["other unit", "above ceiling"])
def test_a_hidden_letters_words_are_near_nothing(superuser: Engine, who: Account, hidden: str) -> None:
    where, level = (f"lain-{who.unit}", 1) if hidden == "other unit" else (who.unit, 2)
    write_pages(superuser, where, ["rahasiabanget"], clearance=level)
    found = _search(who, "rahasiabangat")
    assert (found.total, found.hits, found.added) == (0, (), ())
    with transaction(who.context) as session:
        near = "SELECT count(*) FROM search_near(ARRAY['rahasiabangat', 'rahasiabanget'], 9)"
        assert session.scalar(text(near)) == 0


def _kept(superuser: Engine, unit: str) -> Iterator[str]:
    with superuser.connect() as connection:
        yield from connection.scalars(text("SELECT lexeme FROM word WHERE unit = :unit ORDER BY 1"), {"unit": unit})


def test_a_word_is_kept_as_long_as_a_page_has_it(superuser: Engine, who: Account) -> None:
    one, other = (write_pages(superuser, who.unit, [f"bersama {own}"]) for own in ("rantebua", "wattimbela"))
    assert {"rantebua", "wattimbela"} <= set(_kept(superuser, who.unit))
    together = set(_kept(superuser, who.unit)) - {"rantebua", "wattimbela"}
    assert together
    with superuser.begin() as connection:
        connection.execute(text("UPDATE page SET text = 'bersama sangalinu' WHERE document_id = :id"), {"id": one})
    assert set(_kept(superuser, who.unit)) == {"sangalinu", "wattimbela", *together}
    with superuser.begin() as connection:
        connection.execute(text("DELETE FROM page WHERE document_id IN (:one, :other)"), {"one": one, "other": other})
    assert not set(_kept(superuser, who.unit))


def test_no_identity_number_is_kept(superuser: Engine, who: Account) -> None:
    write_pages(superuser, who.unit, ["NIK 6571016309839917 nomor 123456789012 nik12345678901234567"])
    assert not [word for word in _kept(superuser, who.unit) if sum(map(str.isdigit, word)) > 9]
