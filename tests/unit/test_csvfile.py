"""CSV files: a spreadsheet opens them, and computes nothing that a person wrote."""

import csv
import io

import pytest

from api.csvfile import answer


@pytest.mark.parametrize("text", ['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    [_, [cell]] = csv.reader(io.StringIO(bytes(answer("a.csv", ["x"], [[text]]).body).decode("utf-8-sig"), newline=""))
    assert cell == f"'{text}"


def test_text_numbers_and_nothing_come_back() -> None:
    made = answer("daftar.csv", ("a", "b", "c"), [('Surat, dengan "kutip"\nbaris', 3, None), ("2-1", -4, "é")])
    assert made.headers["content-disposition"] == 'attachment; filename="daftar.csv"'
    read = list(csv.reader(io.StringIO(bytes(made.body).decode("utf-8-sig"), newline="")))
    assert read == [["a", "b", "c"], ['Surat, dengan "kutip"\nbaris', "3", ""], ["2-1", "-4", "é"]]
