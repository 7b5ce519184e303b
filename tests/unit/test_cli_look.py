"""How hits and letters are put on a terminal."""

import time
from collections.abc import Iterator

import click
import pytest

from cli.look import day, emphasised, moment


@pytest.fixture
def in_makassar() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Asia/Makassar")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_makassar")
def test_dates_are_the_machines_own() -> None:
    assert day("2026-08-31T20:02:03Z") == "1 Sep 2026"
    assert moment("2026-05-01T01:02:03.123456+00:00") == "1 Mei 2026 09.02"


@pytest.mark.parametrize(
    ("snippet", "asked", "bold"),
    [
        ("surat keterangan terlantar", "Terlantar", ["terlantar"]),
        ("unit pengarsipan daerah", "arsip", ["pengarsipan"]),
        ("arsip daerah", "pengarsipan", ["arsip"]),
        ("Ketua RT, RW", '"ketua rt"', ["Ketua", "RT,"]),
        ("RT dan kantor", "kantor -rt", ["kantor"]),
        ("parts of art", "rt", []),
    ],
)
def test_the_words_asked_for_stand_out(snippet: str, asked: str, bold: list[str]) -> None:
    marked = emphasised(snippet, asked)
    assert [word for word in snippet.split() if click.style(word, bold=True) in marked] == bold
    assert click.unstyle(marked) == snippet
