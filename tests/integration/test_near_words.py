"""A misread word is found behind the word itself; near words of hidden letters leave no sign; none outlives a page."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from access.accounts import Account
from api.holding import found as found_to_hold
from core.db import transaction
from core.faults import HoldRefused
from search.marks import in_letter
from search.nearness import shape, shapes_near, sound, sounds
from search.query import Results, search
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
        assert in_letter(session, misread, "labukkang")[1].flags == (False, False, True)


def test_a_clean_word_is_found_for_a_misread_question_and_can_be_switched_off(superuser: Engine, who: Account) -> None:
    letter = write_pages(superuser, who.unit, ["klien asal Labukkang"])
    assert [hit.document for hit in _search(who, "labvkkang").hits] == [letter]
    off = _search(who, "labvkkang", switched_off=("labukkang",))
    assert (off.hits, off.added, off.total) == ((), (), 0)


def test_a_near_word_is_told_as_letters_have_it_and_switched_off_so(superuser: Engine, who: Account) -> None:
    letter = write_pages(superuser, who.unit, ["bantuan Pemulanqan/klien"])
    write_pages(superuser, f"lain-{who.unit}", ["dipulanqkan"])
    found = _search(who, "pemulangan")
    assert [hit.document for hit in found.hits] == [letter]
    (told,) = found.added
    assert (told.asked, told.words) == ("pemulangan", ("pemulanqan",))  # of both the index has a stem
    assert _search(who, "pemulangan", switched_off=told.words).hits == ()


def test_pages_with_near_words_are_counted_as_far_as_they_are_ranked(superuser: Engine, who: Account) -> None:
    letter = write_pages(superuser, who.unit, ["klien asal Labukkang", "klien asal Iabvkkang"])
    more = text(
        "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at)"
        " SELECT id, seq, unit, clearance, n, 'asal Iabvkkang', '{\"words\": []}', now()"
        " FROM document, generate_series(CAST(:first AS int), :last) n WHERE id = :letter"
    )
    with superuser.begin() as connection:
        connection.execute(more, {"letter": letter, "first": 3, "last": 299})
    for sort in ("relevansi", "terbaru"):
        found = _search(who, "labukkang", sort=sort)
        assert (found.total, found.exact) == (299, True)
    with superuser.begin() as connection:
        connection.execute(more, {"letter": letter, "first": 300, "last": 350})
    for sort in ("relevansi", "terbaru", "terlama"):
        pages, cursor = [], None
        while cursor is not None or not pages:
            found = _search(who, "labukkang", sort=sort, cursor=cursor, limit=100)
            assert (found.total, found.exact) == (300, False)
            pages += [hit.page for hit in found.hits]
            cursor = found.next
        assert sorted(pages) == list(range(1, 351))
        assert sort != "relevansi" or pages[0] == 1
    with superuser.begin() as connection:
        connection.execute(text("DELETE FROM page WHERE document_id = :letter"), {"letter": letter})


@pytest.mark.parametrize("words", ['"asal labvkkang"', '"labvkkang"', "labvkkan*", "asal -labvkkang", "la"])
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
        told = {"shapes": sorted(shapes_near("rahasiabanget")), "sounds": sorted(sounds("rahasiabanget"))}
        assert session.scalar(text("SELECT count(*) FROM search_near(:shapes, :sounds, 9)"), told) == 0


def test_shape_and_sound_are_the_same_in_the_database(superuser: Engine) -> None:
    signs = "abcdefghijklmnopqrstuvwxyz0123456789é"
    words = [*signs, *(one + other for one in signs for other in signs), "460649", "46o649", "b4la1", "labukkang"]
    words += [f"b{one}{other}a{one}" for one in signs for other in signs] + ["muhammad", "aisjaah", "hhhhh", "kuta"]
    with superuser.connect() as connection:
        told = connection.execute(
            text("SELECT w, word_shape(w), coalesce(word_sound(w), '') FROM unnest(CAST(:words AS text[])) w"),
            {"words": words},
        )
        assert [tuple(row) for row in told] == [(word, shape(word), sound(word)) for word in words]


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("Samsudin", "Syamsuddin"), ("Mochamad", "Muhammad"), ("Yusup", "Jusuf"), ("Rizky", "Riski"),
        ("Sumijati", "Soemiati"), ("Djamaludin", "Jamaluddin"),
    ],
)  # fmt: skip
def test_a_name_is_found_by_how_it_sounds(superuser: Engine, who: Account, asked: str, written: str) -> None:
    letter = write_pages(superuser, who.unit, [f"klien bernama {written}"])
    for one in (asked, asked.lower()):
        found = _search(who, one)
        assert [hit.document for hit in found.hits] == [letter]
        assert [(near.asked, near.words) for near in found.added] == [(asked.lower(), (written.lower(),))]
    assert _search(who, written).added == ()  # it stands there itself


def test_a_spelling_of_one_sign_is_nearer_than_what_only_sounds_alike(superuser: Engine, who: Account) -> None:
    near = write_pages(superuser, who.unit, ["klien bernama Jusuf"])
    far = write_pages(superuser, who.unit, ["klien bernama Jusup"])
    assert [hit.document for hit in _search(who, "yusuf").hits] == [near, far]


def test_what_sounds_like_a_hidden_word_tells_nothing_of_it(superuser: Engine, who: Account) -> None:
    write_pages(superuser, f"lain-{who.unit}", ["Syamsuddin"])
    write_pages(superuser, who.unit, ["Syamsuddin"], clearance=2)
    found = _search(who, "Samsudin")
    assert (found.total, found.hits, found.added, found.did_you_mean) == (0, (), (), None)


def test_most_of_three_words_is_enough_behind_all_of_them(superuser: Engine, who: Account) -> None:
    most = write_pages(superuser, who.unit, ["kebakaran rumah di kelurahan"])
    whole = write_pages(superuser, who.unit, ["kebakaran rumah warga"])
    write_pages(superuser, who.unit, ["kunjungan rumah"])
    found = _search(who, "kebakaran rumah warga")
    assert [hit.document for hit in found.hits] == [whole, most]
    assert found.total == 2
    with transaction(who.context) as session:
        assert in_letter(session, most, "kebakaran rumah warga")[1].flags == (True, True, False, False)
    for words in ("kebakaran DAN rumah DAN warga", "rumah warga", '"kebakaran rumah warga"'):
        assert most not in [hit.document for hit in _search(who, words).hits], words
    with transaction(who.context) as session:
        assert [hit.document for hit in search(session, "kebakaran rumah warga", exactly=True).hits] == [whole]


def test_leafing_keeps_its_order_while_letters_come(superuser: Engine, who: Account) -> None:
    bodies = ("bantuan Labukkang", "Labukkang bantuan", "bantuan Iabukkang", "bantuan untuk Labukkang")
    letters = {write_pages(superuser, who.unit, [body]) for body in bodies}
    seen, cursor = [], None
    while True:
        found = _search(who, "bantuan labukkang", limit=1, cursor=cursor)
        seen += [hit.document for hit in found.hits]
        write_pages(superuser, who.unit, ["bantuan Labukkang"])
        cursor = found.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == letters


def test_a_hold_takes_no_letter_that_only_has_near_words(superuser: Engine, who: Account) -> None:
    exact = write_pages(superuser, who.unit, ["klien asal Labukkang"])
    write_pages(superuser, who.unit, ["klien asal Iabvkkang"])
    with transaction(who.context) as session:
        assert found_to_hold(session, "labukkang") == {exact}
        with pytest.raises(HoldRefused):
            found_to_hold(session, "labvkkang")


def test_a_word_stays_known_when_its_page_comes_while_another_goes(superuser: Engine, who: Account) -> None:
    """Who forgets waits for who stores: the last page but one with a word goes while a new one isn't committed yet."""
    old = write_pages(superuser, who.unit, ["asal Rantebua"])
    new = write_pages(superuser, who.unit, ["kosong"])
    with superuser.connect() as storing, ThreadPoolExecutor(1) as pool:
        storing.execute(text("UPDATE page SET words = NULL WHERE document_id = :id"), {"id": new})
        storing.commit()
        storing.execute(text("UPDATE page SET text = 'asal Rantebua' WHERE document_id = :id"), {"id": new})
        going = pool.submit(_delete_pages, superuser, old)
        with pytest.raises(TimeoutError):
            going.result(timeout=0.5)
        storing.commit()
        going.result(timeout=30)
    assert "rantebua" in set(_kept(superuser, who.unit))


def _delete_pages(superuser: Engine, letter: UUID) -> None:
    with superuser.begin() as connection:
        connection.execute(text("DELETE FROM page WHERE document_id = :id"), {"id": letter})


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


@pytest.mark.parametrize("apart", [20, 700, 200_000], ids=["around", "in its block", "elsewhere"])
def test_a_word_is_kept_however_far_the_other_page_is(superuser: Engine, who: Account, apart: int) -> None:
    going, staying = (write_pages(superuser, who.unit, ["rantebua d'angelo", "rantebua"]) for _ in range(2))
    moved = text("UPDATE page SET document_seq = :seq WHERE document_id = :id")
    kept = text("SELECT count(*) FROM word WHERE unit = :unit")
    with superuser.connect() as connection:
        connection.execute(moved, {"seq": 10 * 1024, "id": going})
        connection.execute(moved, {"seq": 10 * 1024 + apart, "id": staying})
        all_of_both = connection.scalar(kept, {"unit": who.unit})
        for letter, left in ((going, all_of_both), (staying, 0)):
            connection.execute(text("DELETE FROM page WHERE document_id = :id"), {"id": letter})
            assert connection.scalar(kept, {"unit": who.unit}) == left
        connection.rollback()


def test_words_are_forgotten_by_indexes_alone(superuser: Engine, who: Account) -> None:
    """As small as these tables are here, the planner would read them through; a million pages take it minutes."""
    write_pages(superuser, who.unit, ["rantebua"])
    asked = text("SELECT word_forget(:unit, 1, 0, ARRAY['rantebua', 'wattimbela'])")
    scans = text("SELECT relname, seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relname IN ('page', 'word')")
    with superuser.connect() as connection:
        connection.execute(asked, {"unit": who.unit})  # so that each table is counted
        before = {table: counts for table, *counts in connection.execute(scans)}
        connection.execute(asked, {"unit": who.unit})
        for table, through, by_index in connection.execute(scans).all():
            assert (through, by_index > before[table][1]) == (before[table][0], True), table
        connection.rollback()


def test_no_identity_number_is_kept(superuser: Engine, who: Account) -> None:
    write_pages(superuser, who.unit, ["NIK 6571016309839917 nomor 123456789012 nik12345678901234567"])
    assert not [word for word in _kept(superuser, who.unit) if sum(map(str.isdigit, word)) > 9]


def test_a_word_whose_end_was_misread_is_found_though_the_stemmer_left_it_on(superuser: Engine, who: Account) -> None:
    letters = [write_pages(superuser, who.unit, [f"asal {read} Melai"]) for read in ("keluraban", "xelurahan")]
    found = _search(who, "kelurahan")
    assert {hit.document for hit in found.hits} == {*letters}


def test_of_two_words_the_common_one_may_be_missing(superuser: Engine, who: Account) -> None:
    write_pages(superuser, who.unit, ["kelurahan"] * 60)
    both = write_pages(superuser, who.unit, ["kelurahan Ampenan"])
    without = write_pages(superuser, who.unit, ["desa Ampenan"])
    assert [hit.document for hit in _search(who, "kelurahan ampenan").hits] == [both, without]
    assert [hit.document for hit in _search(who, "kelurahan DAN ampenan").hits] == [both]
    two = write_pages(superuser, who.unit, ["Petrus Rumbiantoro"])
    write_pages(superuser, who.unit, ["Petrus Lamadika"])
    assert [hit.document for hit in _search(who, "petrus rumbiantoro").hits] == [two]


def test_a_word_of_its_own_stands_behind_what_is_misread(superuser: Engine, who: Account) -> None:
    exact = write_pages(superuser, who.unit, ["asal Tampan"])
    misread = write_pages(superuser, who.unit, ["asal Tmpan"])
    own = [write_pages(superuser, who.unit, ["klien tawan"]) for _ in range(6)]
    found = [hit.document for hit in _search(who, "tampan").hits]
    assert found[:2] == [exact, misread]
    assert {*found[2:]} == {*own}


def test_a_word_is_one_of_its_own_by_pages_too_that_lack_the_rest(superuser: Engine, who: Account) -> None:
    """They need not be read, since they are not shown, but are counted."""
    misread = write_pages(superuser, who.unit, ["b0rnco Xaverius"])
    other = write_pages(superuser, who.unit, ["bornco Xaverius"])  # nearer to what is asked, and newer
    assert [hit.document for hit in _search(who, "borneo xaverius").hits] == [other, misread]
    write_pages(superuser, who.unit, ["borneo"] * 2 + ["bornco"] * 6)
    assert [hit.document for hit in _search(who, "borneo xaverius").hits] == [misread, other]
