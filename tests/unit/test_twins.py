"""Whether two scans are of one paper: what decides it, what does not, and that it is the same either way round."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from classify.marks import FEW_WORDS, MOST_LETTERS, MOST_MARKS, MOST_WORDS, marks
from classify.twins import ALIKE, Paper, compare
from ocr.picturehash import picture_hash
from tests.yardstick import twins as yardstick

KINDS = ("surat_rujukan_rsud", "lembar_disposisi", "kontrak_konseling", "skt_kelurahan")


def field(value: str, *, sure: bool = True) -> dict[str, Any]:
    return {"value": value, "text": value, "sure": sure}


def paper(kind: str = KINDS[0], case: int = 1, dated: int | None = None, **fields: dict[str, Any]) -> Paper:
    """A letter of the case read without a mistake, perhaps numbered and dated as that of another case."""
    facts = yardstick.facts_of(kind, case, case if dated is None else dated)
    return Paper(kind, fields, yardstick.plain(kind, facts), ())


def misread(read: Paper, rate: float, seed: int) -> Paper:
    return replace(read, text="".join(yardstick.misread(read.text, rate, random.Random(seed))))


@pytest.mark.parametrize("kind", KINDS)
def test_one_paper_read_twice_is_alike(kind: str) -> None:
    read = paper(kind)
    assert compare(read, read).score == 1.0
    found = compare(misread(read, 0.004, 1), misread(read, 0.004, 2))
    assert found.alike
    assert found.reasons


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", [2, 3, 4])
def test_a_letter_of_the_same_template_to_others_is_not(kind: str, case: int) -> None:
    found = compare(paper(kind), paper(kind, case))
    assert found.score < ALIKE
    assert not found.alike
    assert found.only_first
    assert found.only_second


def test_a_second_letter_to_the_same_person_is_not() -> None:
    assert not compare(paper(), paper(dated=77)).alike


@pytest.mark.parametrize("name", ["nomor_surat", "tanggal", "nik", "nama"])
def test_what_both_are_sure_of_decides(name: str) -> None:
    one, other = paper(**{name: field("Siti 460/12/2025")}), paper(**{name: field("Budi 871/93/2024")})
    found = compare(one, other)
    assert (found.score, found.alike) == (0.0, False)
    assert found.reasons[0].endswith("berbeda")
    unsure = paper(**{name: field("Budi 871/93/2024", sure=False)})
    assert compare(one, unsure).score > 0


def test_names_may_be_misread_and_dates_be_two_on_one_letter() -> None:
    assert compare(paper(nama=field("Nurhaliza Pallangga")), paper(nama=field("Nurhalizo Palangga"))).alike
    told = paper()
    days = [day for day in yardstick.facts_of(KINDS[0], 1, 1).values() if day.endswith(" 2025") and day in told.text]
    dates = sorted(set(days))
    if len(dates) > 1:
        assert compare(paper(tanggal=field(dates[0])), paper(tanggal=field(dates[1]))).alike


def test_the_letters_number_speaks_for_it() -> None:
    one, other = paper(), misread(paper(), 0.02, 5)
    numbered = [replace(read, fields={"nomor_surat": field("460/12/2025")}) for read in (one, other)]
    assert compare(*numbered).score >= compare(one, other).score
    assert "Nomor surat sama" in compare(*numbered).reasons


@pytest.mark.parametrize("kind", ["ktp", "kk"])
def test_identity_cards_are_never_one_letter(kind: str) -> None:
    card = replace(paper(), kind=kind)
    assert not compare(card, card).alike
    assert not compare(card, paper()).alike


def test_a_blank_back_and_another_order_of_columns_change_nothing() -> None:
    read = paper()
    lines = read.text.split("\n")
    turned = replace(read, text="\n".join([*lines[len(lines) // 2 :], *lines[: len(lines) // 2]]) + "\n\n")
    assert compare(read, turned).alike


def test_two_empty_forms_prove_nothing() -> None:
    form = Paper(
        None, {}, "formulir layanan sosial nama alamat umur pekerjaan agama keterangan lain yang perlu diisi", ()
    )
    assert compare(form, form).score == 0.0


def test_pages_without_words_are_compared_as_pictures() -> None:
    one, near, other = "ff00ff00ff00ff00", "ff00ff00ff00ff07", "0ff00ff00ff00ff0"
    photo = Paper("foto", {}, "", (one,))
    assert compare(photo, replace(photo, pictures=(near,))).alike
    assert not compare(photo, replace(photo, pictures=(other,))).alike
    assert compare(replace(photo, pictures=()), photo).score == 0.0
    assert len(marks("", (one,)) & marks("", (near,))) >= 2
    assert not marks("", (one,)) & marks("", (other,))
    assert marks("", ()) == frozenset()


TEXTS = st.builds(
    lambda kind, case, rate, seed: misread(paper(kind, case), rate, seed).text,
    st.sampled_from(KINDS),
    st.integers(1, 5),
    st.sampled_from([0.0, 0.005, 0.02, 0.2]),
    st.integers(0, 99),
) | st.text(max_size=300)
FIELDS = st.dictionaries(
    st.sampled_from(["nomor_surat", "tanggal", "nama", "nik"]),
    st.builds(lambda value, sure: field(value, sure=sure), st.text(max_size=12), st.booleans()),
)
PAPERS = st.builds(
    Paper,
    st.sampled_from([*KINDS, "ktp", None]),
    FIELDS,
    TEXTS,
    st.lists(st.from_regex("[0-9a-f]{16}", fullmatch=True), max_size=2).map(tuple),
)


@given(PAPERS, PAPERS)
def test_it_does_not_matter_which_comes_first(one: Paper, other: Paper) -> None:
    here, there = compare(one, other), compare(other, one)
    assert (here.score, here.alike, here.reasons) == (there.score, there.alike, there.reasons)
    assert (here.only_first, here.only_second) == (there.only_second, there.only_first)
    assert 0 <= here.score <= 1


@given(st.sampled_from(KINDS), st.integers(1, 9), st.floats(0, 0.3), st.integers(0, 99))
def test_misreading_only_lowers(kind: str, case: int, rate: float, seed: int) -> None:
    read = paper(kind, case)
    assert compare(read, misread(read, rate, seed)).score <= compare(read, read).score


@given(st.text(max_size=2000) | TEXTS)
def test_marks_are_few_and_the_same_every_time(text: str) -> None:
    found = marks(text, ())
    assert len(found) <= MOST_MARKS
    assert found == marks(text, ())


def test_however_much_is_written_it_ends() -> None:
    flood = Paper(None, {}, "Budi 12 Maret 2025 " * 50_000, ())
    assert compare(flood, replace(flood, text="Siti 1 " * 100_000)).score == 0.0
    assert len(flood.read.words) <= MOST_WORDS
    assert len(flood.read.text) <= MOST_LETTERS


def test_marks_stand_confused_letters_and_lost_spaces_between_signs() -> None:
    filling = " dan" * FEW_WORDS
    assert marks("Nomor 460/I8/2O25" + filling, ()) == marks("Nomor 460 / 18 / 2025" + filling, ())
    assert marks("surat keterangan dengan hormat" + filling, ()) == frozenset()


def _drawn(seed: int) -> Image.Image:
    rng = random.Random(seed)
    picture = Image.new("L", (620, 877), 240)
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = rng.randrange(500), rng.randrange(800)
        draw.rectangle((x, y, x + rng.randrange(40, 300), y + rng.randrange(20, 200)), fill=rng.randrange(200))
    return picture


def _bits(one: str | None, other: str | None) -> int:
    assert one is not None
    assert other is not None
    return (int(one, 16) ^ int(other, 16)).bit_count()


def test_a_pictures_hash_stays_through_another_scanner() -> None:
    for seed in range(6):
        picture = _drawn(seed)
        again = picture.rotate(0.5, fillcolor=240).resize((500, 707)).point(lambda grey: grey * 0.9)
        assert _bits(picture_hash(picture), picture_hash(again)) <= 10
        assert _bits(picture_hash(picture), picture_hash(_drawn(seed + 50))) > 10
    assert picture_hash(Image.new("L", (620, 877), 240)) is None


def test_the_yardstick_on_a_small_archive() -> None:
    found = yardstick.measure(letters=240, rescans=80, second=20)
    assert found["twins_found"] > 95
    assert found["twins_false"] < 1
