"""What the form of a number tells: a roman month, a date's signs; and only where the recogniser saw a trace of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.forms import by_form
from ocr.glyphs import Glyph

TABLE = "\0" + "0123456789:-./ABCDEFGHIJKLMNOPQRSTUVWXYZl| "


def said(text: str, traces: dict[int, tuple[str, float]]) -> tuple[list[Glyph], np.ndarray]:
    """Each character over two of three steps, 0.9 sure; `traces`: its place → what else was seen there, how much."""
    chances = np.zeros((3 * len(text), len(TABLE)), np.float32)
    chances[2::3, 0] = 1.0
    glyphs = []
    for at, character in enumerate(text):
        chances[3 * at : 3 * at + 2, TABLE.index(character)] = 0.9
        if at in traces:
            chances[3 * at, TABLE.index(traces[at][0])] = traces[at][1]
        glyphs.append(Glyph(character, 3 * at / len(chances), (3 * at + 2) / len(chances), 0.9))
    return glyphs, chances


def meant(text: str, traces: dict[int, tuple[str, float]]) -> str:
    glyphs, chances = said(text, traces)
    return "".join(g.text for g in by_form(glyphs, chances, TABLE))


@pytest.mark.parametrize(
    ("read", "traces", "right"),
    [
        ("057/KEL-SP/1/2025", {11: ("I", 0.1)}, "057/KEL-SP/I/2025"),
        ("057/KEL-SP/l/2025", {11: ("I", 0.1)}, "057/KEL-SP/I/2025"),
        ("057/KEL-SP/1I/2025", {11: ("I", 0.1)}, "057/KEL-SP/II/2025"),
        # an arabic month stays: nothing of a roman one was seen
        ("057/KEL-SP/1/2025", {}, "057/KEL-SP/1/2025"),
        ("057/KEL-SP/1/2025", {11: ("I", 0.02)}, "057/KEL-SP/1/2025"),
        ("057/KEL-SP/11/2025", {}, "057/KEL-SP/11/2025"),
        # no month: not before a year, or part of another number
        ("057/1/KEL-SP/2025", {4: ("I", 0.1)}, "057/1/KEL-SP/2025"),
        ("057/21/2025", {5: ("I", 0.1)}, "057/21/2025"),
        ("057/1/20251", {4: ("I", 0.1)}, "057/1/20251"),
        ("06:11-2023", {2: ("-", 0.03)}, "06-11-2023"),
        ("06-11.2023", {5: ("-", 0.03)}, "06-11-2023"),
        ("06:11-2023", {}, "06:11-2023"),
        # a time, and a date with other signs
        ("06:11:2023", {2: ("-", 0.03)}, "06:11:2023"),
        ("06.11.2023", {2: ("-", 0.03)}, "06.11.2023"),
    ],
)
def test_a_form_decides_where_the_recogniser_saw_a_trace(
    read: str, traces: dict[int, tuple[str, float]], right: str
) -> None:
    assert meant(read, traces) == right


def test_what_the_form_decided_is_as_sure_as_both_together() -> None:
    glyphs, chances = said("1/1/2025", {2: ("I", 0.1)})
    assert by_form(glyphs, chances, TABLE)[2].confidence == pytest.approx(2.0 / (2.0 + 0.9))


@given(st.text(alphabet="1Il|/20253:.-X", max_size=24))
def test_without_a_trace_nothing_changes(text: str) -> None:
    glyphs, chances = said(text, {})
    assert by_form(glyphs, chances, TABLE) == glyphs
