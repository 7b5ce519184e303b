"""How hits are put on a terminal, and what can narrow them."""

import click
import pytest
from click.testing import CliRunner

from cli.main import main
from cli.searching import FACETS, emphasised
from search.facets import NAMES


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


def test_facets_are_those_of_the_search() -> None:
    assert tuple(FACETS) == NAMES


@pytest.mark.parametrize("said", ["tahun", "tahun:", "tanggal:2025"])
def test_what_narrows_nothing_is_said_before_anything_is_asked(said: str) -> None:
    done = CliRunner().invoke(main, ["search", "terlantar", "--only", said])
    assert done.exit_code == 2
    assert done.output.startswith(f"--only {said}: tulis SARINGAN:NILAI")
