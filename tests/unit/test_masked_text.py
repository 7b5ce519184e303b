"""Identity numbers are hidden wherever they stand in a text, and nothing else is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classify.maskedtext import masked_text, masked_words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("NIK 6571014203900001 atas nama", "NIK 6571********0001 atas nama"),
        ("6571 0142 0390 0001", "6571 **** **** 0001"),
        ("NIK:6571-0142-0390-0001.", "NIK:6571-****-****-0001."),
        ("No. KK 65710142O390O0l1", "No. KK 6571********O0l1"),  # O and l read for 0 and 1
        ("6571014203900001 6571014203900002", "6571********0001 6571********0002"),
    ],
)
def test_a_number_is_hidden_where_it_stands(text: str, shown: str) -> None:
    assert masked_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "NIP. 198501012010011001",
        "Nomor 400.9/1234/DINSOS/2026",
        "Telepon 0551-21234 dan 081234567890",
        "DOLLSBOSSSIZOOOO",
        "12 Maret 2026 s.d. 14 Maret 2026",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert masked_text(text) == text


@given(st.text(max_size=60), st.from_regex(r"[0-9]{16}", fullmatch=True), st.sampled_from(["", " ", ".", "-"]))
def test_length_and_words_stay_and_the_middle_goes(before: str, number: str, between: str) -> None:
    written = between.join(number[i : i + 4] for i in range(0, 16, 4))
    text = f"{before}\n\nx {written} y"
    shown = masked_text(text)
    assert len(shown) == len(text)
    assert len(shown.split()) == len(text.split())
    assert re.sub(r"\D", "", number)[4:12] not in re.sub(r"[ .-]", "", shown.rpartition("x ")[2])


def test_words_stay_as_long_as_they_were() -> None:
    words = ["NIK", "6571", "0142 0390", "", "0001", "Budi"]
    assert masked_words(words) == ["NIK", "6571", "**** ****", "", "0001", "Budi"]
    assert masked_words([]) == []
