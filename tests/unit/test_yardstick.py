"""The yardstick itself: what is right counts as right, what is wrong as wrong, what is missing as missing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.reading import PageReading, word_at
from classify.cuts import Cut
from tests.yardstick import office, stacks
from tests.yardstick.figures import all_figures, bare, folded
from tests.yardstick.reading import Read
from tests.yardstick.report import page
from tests.yardstick.scans import Scan, field_names, moved
from tests.yardstick.targets import TARGETS, table

WORDS = ("Nomor", "460/12/III/2025", "Nama", "Siti", "Aminah")


def scan(rotation: int = 0) -> Scan:
    """A page of 100 × 200 points, drawn at one pixel a point and turned clockwise by `rotation`."""
    lines = []
    for y, texts in ((20, WORDS[:2]), (40, WORDS[2:])):
        words = [{"t": text, "b": [10 * n, y, 10 * n + 9, y + 8]} for n, text in enumerate(texts)]
        lines.append({"text": " ".join(texts), "role": "text", "words": words})
    size = (100, 200) if rotation in (0, 180) else (200, 100)
    matrix = {0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], 90: [[0, -1, 200], [1, 0, 0], [0, 0, 1]]}[rotation]
    entry: dict[str, Any] = {
        "file": "scans/a.jpg", "doc": "a", "page": 0, "kind": "ktp", "profile": "scan",
        "w": size[0], "h": size[1], "rotate_cw": rotation, "H": matrix,
    }  # fmt: skip
    truth = {
        "rows": [" ".join(WORDS[:2]), " ".join(WORDS[2:])],
        "lines": lines,
        "checkboxes": [],
        "codes": [{"type": "QR", "data": "A1", "b": [0, 0, 60, 60], "mm": 20.0}],
    }
    return Scan(Path("."), entry, truth, {"nama": "Siti Aminah", "nik": "6473"}, frozenset())


def reading(text: str) -> PageReading:
    """A page that reads `text`, all at one place."""
    words = tuple(word for n, line in enumerate(text.split("\n")) for word in word_at(line, (0, 0, 1, 1), 0.9, n))
    return PageReading(1, 100.0, 200.0, 10, 20, 0, 0.0, "ocr", words, 0.1)


def read(text: str, **said: Any) -> Read:
    """What was read of the page."""
    return Read(scan(), reading(text), **said)


def test_a_perfect_reading_scores_full() -> None:
    chars = [
        (c, 0.1 * n + 0.05, y)
        for y, words in ((0.12, WORDS[:2]), (0.22, WORDS[2:]))
        for n, w in enumerate(words)
        for c in w
    ]
    said = {"kind": "ktp", "kind_alone": "ktp", "confidence": 1.0, "kind_sure": True, "chars": chars}
    fields = {"nama": "SITI AMINAH", "nik": "64 73"}
    found = all_figures([read("Nomor 460/12/III/2025\nNama Siti Aminah", fields=fields, sure=["nik"], **said)])
    wanted = {"cer": 0, "ocer": 0, "key": 50, "kind": 100, "kind_sure": 100, "kind_ece": 0, "field": 100, "nik": 100}
    assert found.items() >= {**wanted, "places": 100}.items()
    assert (found["field_sure"], found["field_cover"], found["qr"]) == (100, 50, 0)


def test_order_counts_for_one_error_rate_only() -> None:
    found = all_figures([read("Nama Siti Aminah\nNomor 460/12/III/2025")])
    assert found["ocer"] == 0
    assert found["cer"] > 50


def test_a_page_not_read_counts_in_full() -> None:
    found = all_figures([Read(scan(), None)])
    assert (found["cer"], found["ocer"], found["key"], found["field"], found["kind"], found["places"]) == (
        100,
        100,
        0,
        0,
        0,
        0,
    )


def test_a_wrong_nik_marked_sure_is_counted() -> None:
    found = all_figures([read("", fields={"nik": "6474"}, sure=["nik"])])
    assert (found["nik"], found["nik_wrong_sure"], found["field_sure"]) == (0, 1, 0)


def test_a_confident_error_is_a_calibration_error() -> None:
    assert all_figures([read("", kind="kk", confidence=0.9)])["kind_ece"] == pytest.approx(90)


def test_a_turned_scan_leads_upright() -> None:
    upright = moved(scan(90).upright, [10.0, 20.0, 19.0, 28.0])
    assert upright[0].tolist() == pytest.approx([0.1, 0.1])
    assert upright[2].tolist() == pytest.approx([0.19, 0.14])
    assert moved(scan(90).raw, [0.0, 0.0, 100.0, 200.0])[0].tolist() == [1.0, 0.0]


def test_texts_are_compared_folded() -> None:
    assert folded(" a\u00ad  “b” ﬁ–") == 'a "b" fi-'
    assert bare("Jl. Melati No. 5") == "jlmelatino5"


def test_every_target_is_met_missed_or_not_measured() -> None:
    verdicts = {row["what"]: row["verdict"] for row in table({"ocer": 0.4, "cer": 2.1, "kind": 98.0})}
    assert len(verdicts) == len(TARGETS)
    assert verdicts["Order-free character errors (oCER)"] == "met"
    assert verdicts["Character errors in reading order (CER)"] == "missed"
    assert verdicts["NIK right"] == "not measured"


def test_the_report_shows_targets_groups_and_peers() -> None:
    figures = all_figures([read("Nomor 460/12/III/2025\nNama Siti Aminah")])
    written = page(
        {
            "set": "own", "pages": 1, "mode": "fast", "day": "2025-06-01", "machine": "x", "versions": {"a": "5"},
            "figures": figures, "by_profile": {"scan": figures}, "by_kind": {"ktp": figures}, "targets": table(figures),
            "peers": [{"reader": "lain", "pages_per_minute": 12.0, "cer": 1.0}],
        }
    )  # fmt: skip
    assert "| Order-free character errors (oCER) | ≤ 0.4 % | 0.00 % | met |" in written
    assert "| scan | 1 | 0.00 |" in written
    assert "| lain | 12.00 | 1.00 | – | – | – |" in written


def test_cuts_of_stacks_are_measured() -> None:
    found = stacks.figures(3, seed=1)
    assert set(found) == set(stacks.MEANING)
    assert found["cuts_sure"] == 100.0
    assert len(stacks.lines(found)) == len(found)


def test_a_wrong_cut_is_counted() -> None:
    first, wrong = Cut(1, 2, "ktp", True, ()), Cut(3, 4, "kk", True, ())
    count = stacks.judged((first, wrong), {1, 4}, sheets=True)
    assert (count["sure"], count["sure_right"], count["wrong"], count["alone"]) == (1, 0, 1, 0)
    assert stacks.judged((first, wrong), {1, 3}, sheets=True)["alone"] == 1
    count = stacks.judged((first, replace(wrong, sure=False)), {1, 3}, sheets=False)
    assert (count["found"], count["letters"], count["wrong"], count["alone"]) == (1, 1, 0, 0)


def test_readings_hold_only_fields_the_set_knows() -> None:
    line = read("a", fields={"nama": "x", "agama": "y"}, sure=["agama"]).line(field_names([scan()])["ktp"])
    assert (line["fields"], line["sure"]) == ({"nama": "x"}, [])


def test_an_offices_year_is_the_same_for_its_seed() -> None:
    first, again = office.year(60, 480, 3), office.year(60, 480, 3)
    assert [(one.day, one.kind, one.name, one.nik, one.number) for one in first.letters] == [
        (one.day, one.kind, one.name, one.nik, one.number) for one in again.letters
    ]
    assert {case.sop for case in first.cases} == set(office.PLANS)
    assert (len(first.cases), len(first.letters)) == (60, 480)
    assert sum(one.opens for one in first.letters) + sum(case.empty for case in first.cases) == 60
    assert any(one.case is None for one in first.letters)
    for letter in first.letters:
        assert letter.case is None or letter.steps
