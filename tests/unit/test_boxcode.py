"""Codes of boxes: what the label says is found again, typed or scanned, and nothing else is taken for one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import boxes
from records.boxcode import Typed, code, qr_text, wanted
from records.boxes import Stand

UNITS = st.from_regex(r"[a-z0-9][a-z0-9._-]{1,39}", fullmatch=True)


@given(UNITS, st.integers(1, 999_999))
def test_a_typed_code_leads_back_to_its_box(unit: str, number: int) -> None:
    assert wanted(code(unit, number)) == Typed(unit, number)
    assert wanted(f"  {code(unit, number).lower()} ") == Typed(unit, number)


@given(st.uuids())
def test_a_scanned_code_leads_back_to_its_box(box: UUID) -> None:
    assert wanted(qr_text(box)) == wanted(qr_text(box).upper()) == wanted(str(box)) == box


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_none(text: str) -> None:
    assert wanted(text) is None or isinstance(wanted(text), UUID | Typed)


@pytest.mark.parametrize(
    "text", ["", "boks 12", "UMUM", "UMUM-", "-12", f"ARSIP-AGENDA-1/{UUID(int=1)}", "UMUM-12345678"]
)
def test_other_codes_name_no_box(text: str) -> None:
    assert wanted(text) is None


def test_where_a_box_stands_in_words() -> None:
    assert boxes.words(Stand("A", "arsip", "3")) == "Gedung A, ruang arsip, rak 3"
    assert boxes.words(Stand("", "Ruang arsip", "Rak 3")) == "Ruang arsip, Rak 3"
    assert boxes.words(Stand()) == ""
