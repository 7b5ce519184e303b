"""The printed books, opened again: every line, right page numbers, heads on every page, and no text that computes."""

import zipfile
from datetime import date
from io import BytesIO
from uuid import uuid4
from xml.etree import ElementTree

import pypdfium2
import pytest

from core import settings
from core.faults import InvalidRequest
from records import office, printing, sheet
from records.book import Period
from records.columns import Cell
from records.particulars import Book
from records.printing import Part, Printed, as_pdf, as_xlsx, named
from records.tables import AgendaEntryRow

HOSTILE = '=HYPERLINK("http://jahat.example") #eval("1+1") *tebal* $x$ \\ @cell "kutip" <b>'


pytestmark = pytest.mark.usefixtures("reaches_nothing")


def part(book: Book, count: int, text: str = "Permohonan") -> Part:
    def row(n: int) -> tuple[Cell, ...]:
        day = date(2026, 11, n % 28 + 1)
        if book == "masuk":
            return (n, day, n, f"Pengirim {n}", day, f"460/{n}/X", text, "1 berkas", "", "")
        return (n, "", f"400/{n}/DINSOS", day, None, f"Tujuan {n}", text, "")

    return Part(book, tuple(row(n) for n in range(1, count + 1)), tuple(n == 3 for n in range(count)), 2)


def pages(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [document[n].get_textpage().get_text_range() for n in range(len(document))]


def test_a_book_has_every_line_heads_on_every_page_and_a_place_to_sign() -> None:
    printed = pages(as_pdf(Printed("umum", Period(2026, 11), (part("masuk", 60),))))
    assert len(printed) > 2
    for number, text in enumerate(printed, 1):
        assert ("Isi ringkas/perihal" in text) == ("Pengirim" in text)
        assert f"halaman {number} dari {len(printed)}" in text
    whole = "\n".join(printed)
    assert all(f"460/{n}/X" in whole for n in range(1, 61))
    assert "BUKU AGENDA SURAT MASUK" in printed[0]
    assert "November 2026" in printed[0]
    assert "Jumlah: 60 surat, di antaranya 1 dibatalkan dan 2 tertutup." in printed[-1]
    assert "NIP" in printed[-1]


def test_a_paired_book_has_incoming_letters_on_left_pages_and_outgoing_on_right() -> None:
    printed = pages(as_pdf(Printed("umum", Period(2026), (part("masuk", 50), part("keluar", 20)))))
    body = printed[1:-1]
    assert len(body) % 2 == 0
    assert all("Buku Agenda Surat Masuk" in text for text in body[::2])
    assert all("Buku Agenda Surat Keluar" in text for text in body[1::2])
    assert all(any(f"460/{n}/X" in text for text in body[::2]) for n in range(1, 51))
    assert all(any(f"400/{n}/DINSOS" in text for text in body[1::2]) for n in range(1, 21))


def test_what_people_wrote_is_text_whatever_it_looks_like() -> None:
    [text] = pages(as_pdf(Printed("umum", Period(2026), (part("masuk", 1, HOSTILE),))))
    plain = "".join(text.split())
    for piece in ("=HYPERLINK", '#eval("1+1")', "*tebal*", "$x$", "\\", "@cell", "<b>"):
        assert piece in plain


def test_an_empty_book_and_one_that_is_too_long() -> None:
    assert "Jumlah: 0 surat" in pages(as_pdf(Printed("umum", Period(2026), (part("keluar", 0),))))[0]
    endless = Part("masuk", ((),) * (printing.MOST_LINES + 1), (False,) * (printing.MOST_LINES + 1), 0)
    with pytest.raises(InvalidRequest):
        printing.refuse_too_long(Printed("umum", Period(2026), (endless,)))


def test_the_pdf_is_of_the_archives_kind_and_carries_its_fonts() -> None:
    made = as_pdf(Printed("umum", Period(2026), (part("masuk", 2),)))
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    assert made.count(b"/FontFile") >= 1


def cells(xlsx: bytes, sheet_number: int = 1) -> list[tuple[str, str]]:
    """Type and value of every cell, shared strings looked up."""
    names = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(BytesIO(xlsx)) as file:
        strings = [
            "".join(one.itertext())
            for one in ElementTree.fromstring(file.read("xl/sharedStrings.xml")).findall("m:si", names)
        ]
        page = ElementTree.fromstring(file.read(f"xl/worksheets/sheet{sheet_number}.xml"))
    assert page.findall(".//m:f", names) == []
    found = []
    for cell in page.findall(".//m:c", names):
        value = cell.findtext("m:v", "", names)
        kind = cell.get("t", "n")
        found.append((kind, strings[int(value)] if kind == "s" else value))
    return found


def test_a_spreadsheet_has_dates_as_dates_and_no_formula() -> None:
    found = cells(as_xlsx(Printed("umum", Period(2026, 11), (part("masuk", 3, HOSTILE),))))
    assert ("s", HOSTILE) in found
    assert ("s", "Isi ringkas/perihal") in found
    assert ("s", "Jumlah: 3 surat, di antaranya 2 tertutup.") in found
    assert ("n", str((date(2026, 11, 2) - date(1899, 12, 30)).days)) in found


def test_a_paired_spreadsheet_has_a_sheet_for_each_book() -> None:
    made = as_xlsx(Printed("umum", Period(2026), (part("masuk", 2), part("keluar", 1))))
    assert ("s", "Pengirim 2") in cells(made, 1)
    assert ("s", "Tujuan 1") in cells(made, 2)


def test_periods_and_files_are_named() -> None:
    assert [named(Period(2026)), named(Period(2026, 2)), named(Period(2026, 2, 3))] == [
        "Tahun 2026", "Februari 2026", "3 Februari 2026",
    ]  # fmt: skip
    printed = Printed("umum", Period(2026, 2, 3), (part("masuk", 0),))
    assert printing.filename(printed, "pdf") == "agenda-masuk-umum-2026-02-03.pdf"


def test_the_fullest_sheet_of_disposition_fits_on_one_page(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    most = office.MOST_TICKS
    lists = "\n".join(
        f"{name} = [{', '.join(f'{chr(34)}{label} {n} yang namanya cukup panjang{chr(34)}' for n in range(most))}]"
        for name, label in (("recipients", "Kepala Seksi"), ("instructions", "Instruksi"))
    )
    own = tmp_path / "office.toml"
    own.write_text(f"[disposition]\n{lists}\n")
    monkeypatch.setenv("ARSIP_OFFICE", str(own))
    settings.settings.cache_clear()
    entry = AgendaEntryRow(
        id=uuid4(), book="masuk", number=12, year=2026, party="Dinas Sosial " * 38, letter_number="460/" * 125,
        urgency="segera", secrecy=2, subject="Permohonan " * 45,
    )  # fmt: skip
    printed = pages(sheet.as_pdf(entry))
    assert len(printed) == 1
    assert f"Instruksi {most - 1}" in printed[0]
    assert "NIP" in printed[0]
