"""What is made of a scanned sheet's boxes: where its handwriting stands, and which of its fields a person is asked."""

import pytest

from archive.reading import Box, PageReading, Tick
from classify.doubtful import with_doubtful_boxes
from classify.fields import Field
from records.notebox import note_area
from records.office import parse
from records.sheets import in_offices_words

OFFERED = parse("").disposition
KIND = "lembar_disposisi"
TO, WHAT = "Diteruskan kepada Sdr.", "Dengan hormat harap"


def tick(label: str, y: float, heading: str = TO, **more: object) -> Tick:
    box = (0.1, y - 0.006, 0.12, y + 0.006)
    facts = {"ticked": False, "ink": 0.0, "place": (0.05, (y - 0.05) / 0.9), "doubt": None, **more}
    return Tick(label, heading, box=box, **facts)  # type: ignore[arg-type]


def page(*ticks: Tick) -> PageReading:
    return PageReading(1, 595.0, 842.0, 800, 1132, 0, 0.0, "ocr", (), 0.1, ticks=ticks)


def boxes(last: float) -> list[Tick]:
    left = [tick(label, 0.4 + n * 0.03) for n, label in enumerate(OFFERED.recipients[:4])]
    return [*left, tick(OFFERED.instructions[-1], last, WHAT)]


def test_the_handwriting_stands_between_the_boxes_and_the_lower_marks() -> None:
    left, top, right, foot = note_area(page(*boxes(0.66)), OFFERED)
    assert (left, right) == (0.03, 0.97)
    assert top == pytest.approx(0.666 + 0.006, abs=1e-4)
    assert foot == pytest.approx(0.95, abs=1e-3)  # the marks' height, from how the boxes stand between them


def test_a_square_in_the_handwriting_is_no_box_of_the_sheet() -> None:
    drawn = tick("hubungi keluarga", 0.8)
    assert note_area(page(*boxes(0.66), drawn), OFFERED) == note_area(page(*boxes(0.66)), OFFERED)


@pytest.mark.parametrize("ticks", [(), (tick("Arsip/simpan", 0.93),)])
def test_without_boxes_to_go_by_the_usual_place_is_shown(ticks: tuple[Tick, ...]) -> None:
    _, top, _, foot = note_area(page(*ticks), OFFERED)
    assert top < 0.6 < foot


def field(name: str, text: str) -> Field:
    box: Box = (0.1, 0.4, 0.4, 0.42)
    return Field(name, text, text, 1, box, 0.98, sure=True, passed=(), failed=(), repaired=None)


def test_a_faint_tick_makes_its_list_one_that_is_asked_about() -> None:
    faint = tick("Sekretaris", 0.5, ticked=True, doubt="tanda di dalam kotak terlalu tipis")
    before = (
        field("perihal", "Bantuan"),
        field("diteruskan_kepada", "Pekerja Sosial"),
        field("instruksi", "Tindak lanjuti"),
    )
    matter, to, what = with_doubtful_boxes(KIND, [page(faint)], before)
    assert (matter, what) == (before[0], before[2])
    assert (to.sure, to.text) == (False, "Pekerja Sosial; Sekretaris")
    assert to.repaired == "kotak Sekretaris: tanda di dalam kotak terlalu tipis"
    assert to.box[1] <= 0.4
    assert to.box[3] >= 0.506


def test_a_box_that_a_line_strays_over_is_named_but_not_taken() -> None:
    crossed = tick("Sekretaris", 0.5, doubt="ada coretan yang melewati kotak")
    [to] = with_doubtful_boxes(KIND, [page(crossed)], [field("diteruskan_kepada", "Pekerja Sosial")])
    assert (to.sure, to.text) == (False, "Pekerja Sosial")


def test_where_nothing_else_is_ticked_the_doubtful_box_is_the_question() -> None:
    faint = tick("Untuk diketahui", 0.5, WHAT, doubt="tanda di dalam kotak terlalu tipis")
    [what] = with_doubtful_boxes(KIND, [page(faint)], [])
    assert (what.name, what.text, what.sure) == ("instruksi", "Untuk diketahui", False)


def stored(text: str, **more: object) -> dict[str, object]:
    return {"value": text, "text": text, "sure": False, "passed": [], "failed": [], "repaired": None, **more}


def test_boxes_that_the_office_offers_are_sure_in_its_own_words() -> None:
    told = in_offices_words(
        {"diteruskan_kepada": stored("Pekeria Sosial; Sekretarls"), "perihal": stored("Bantuan")}, OFFERED
    )
    assert (told["diteruskan_kepada"]["text"], told["diteruskan_kepada"]["sure"]) == (
        "Sekretaris; Pekerja Sosial",
        True,
    )
    assert told["perihal"] == stored("Bantuan")


@pytest.mark.parametrize(
    "field", [stored("Sekretaris; Tukang Kebun"), stored("Sekretaris", repaired="kotak Sekretaris: x"), stored("")]
)
def test_other_boxes_stay_as_they_were_read(field: dict[str, object]) -> None:
    assert in_offices_words({"diteruskan_kepada": field}, OFFERED) == {"diteruskan_kepada": field}


def test_sure_boxes_and_other_kinds_of_letters_are_left_alone() -> None:
    before = (field("diteruskan_kepada", "Pekerja Sosial"),)
    assert with_doubtful_boxes(KIND, [page(tick("Sekretaris", 0.5))], before) == before
    faint = tick("Sekretaris", 0.5, doubt="tanda di dalam kotak terlalu tipis")
    assert with_doubtful_boxes("surat_masuk_lain", [page(faint)], ()) == ()
    assert with_doubtful_boxes(KIND, [page(tick("Segera", 0.3, "Sifat :", doubt="x"))], before) == before
