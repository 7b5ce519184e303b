"""Whatever a file is called, people see a harmless name."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.names import LONGEST, NAMELESS, display_name


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("surat masuk.pdf", "surat masuk.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Budi\\Surat  Izin.PDF", "Surat Izin.PDF"),
        ("nol\x00byte.pdf", "nolbyte.pdf"),
        ("baris\r\nbaru.pdf", "barisbaru.pdf"),
        ("surat\u202efdp.exe", "suratfdp.exe"),  # shown as suratexe.pdf by whoever obeys the override
        ("lem\u200bbar.pdf", "lembar.pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
        ("..", NAMELESS),
        ("folder/", NAMELESS),
        ("\x00\u202e", NAMELESS),
        (" . ", NAMELESS),
        ("", NAMELESS),
        (None, NAMELESS),
        ("\ud800rusak.pdf", "rusak.pdf"),
    ],
)
def test_shown_as(raw: str | None, shown: str) -> None:
    assert display_name(raw) == shown


def test_a_long_name_keeps_its_extension() -> None:
    shown = display_name("a" * 300 + ".pdf")
    assert shown == "a" * (LONGEST - 4) + ".pdf"


def test_a_long_ending_is_no_extension() -> None:
    assert display_name("a" * 100 + "." + "b" * 200) == "a" * 100 + "." + "b" * (LONGEST - 101)


@given(st.text(max_size=400))
@example("a" * 118 + " .pdf")
@example("a" * 119 + ". b")
@example("." * 200 + "pdf")
def test_any_name_becomes_harmless(raw: str) -> None:
    shown = display_name(raw)
    assert 0 < len(shown) <= LONGEST
    assert not set(shown) & set("/\\\x00\r\n")
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in shown)
    assert shown == shown.strip()
    assert display_name(shown) == shown
    shown.encode()  # PostgreSQL and HTTP headers want it


@given(st.text(), st.text(alphabet=st.characters(exclude_characters="/\\")))
def test_folders_never_count(folder: str, name: str) -> None:
    assert display_name(f"{folder}/{name}") == display_name(name)
    assert display_name(f"{folder}\\{name}") == display_name(name)
