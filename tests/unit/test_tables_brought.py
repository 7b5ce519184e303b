"""Tables that an office brings, as CSV and XLSX: schedules and codes, and every way in which one is wrong."""

import csv
import io
import zipfile
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from records.filing import codes
from records.retention import series
from records.tablefile import MOST_BYTES, TableError, day, read

HEADS = ("Kode", "Jenis Arsip", "Aktif", "Inaktif", "Nasib Akhir", "Pemicu", "Dasar Hukum")
GOOD = ("400.9.4.1", "Gelandangan", "2 Tahun", "3", "Musnah", "", "Perwali 1/2026")


def as_csv(*rows: tuple[str, ...], delimiter: str = ";") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEADS, *rows])
    return ("\ufeff" + out.getvalue()).encode()


def as_xlsx(*rows: tuple[object, ...], above: int = 0) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write(0, 0, "JADWAL RETENSI ARSIP" if above else HEADS[0])
        for number, row in enumerate([HEADS, *rows]):
            for column, cell in enumerate(row):
                page.write(number + above, column, cell)
    return out.getvalue()


def wrongs(data: bytes) -> list[str]:
    with pytest.raises(TableError) as caught:
        series.parse(data)
    return [one.in_words for one in caught.value.wrongs]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_however_its_cells_are_parted(delimiter: str) -> None:
    (row,) = series.parse(as_csv(GOOD, delimiter=delimiter))
    assert (row.code, row.active_years, row.inactive_years, row.fate, row.trigger, row.line) == (
        *("400.9.4.1", 2, 3, "musnah", "kasus_selesai"),
        2,
    )


def test_an_xlsx_with_titles_above_and_numbers_as_numbers() -> None:
    (row,) = series.parse(as_xlsx(("400.9.4.1", "Gelandangan", 2, 3.0, "Permanen", "", ""), above=3))
    assert (row.line, row.active_years, row.inactive_years, row.fate) == (5, 2, 3, "permanen")


@pytest.mark.parametrize(
    ("active", "trigger", "expected"),
    [
        ("2 tahun setelah Hak dan Kewajiban Selesai", "", "hak_kewajiban_selesai"),
        ("2 Tahun Sejak Penetapan Kebijakan yang Terbaru", "", "kebijakan_diganti"),
        ("2 tahun setelah data diperbarui (update)", "", "data_diperbarui"),
        ("2", "Setelah Proses Kegiatan Dipertanggungjawabkan", "dipertanggungjawabkan"),
        ("2", "setelah pemeriksaan", "setelah_pemeriksaan"),
        ("2", "Sampai dengan masalah selesai", "masalah_selesai"),
        ("2", "tanggal_dokumen", "tanggal_dokumen"),
        ("2 (dua) tahun", "", "kasus_selesai"),
    ],
)
def test_the_phrases_of_real_schedules(active: str, trigger: str, expected: str) -> None:
    (row,) = series.parse(as_csv((*GOOD[:2], active, "3", "Musnah", trigger, "")))
    assert (row.active_years, row.trigger) == (2, expected)


@pytest.mark.parametrize(
    ("fate", "expected", "condition"),
    [
        ("Musnah, kecuali arsip kebijakan", "dinilai_kembali", "Musnah, kecuali arsip kebijakan"),
        ("Dinilai Kembali", "dinilai_kembali", "Dinilai Kembali"),
        ("PERMANEN", "permanen", ""),
        ("m", "musnah", ""),
    ],
)
def test_what_becomes_of_a_series(fate: str, expected: str, condition: str) -> None:
    (row,) = series.parse(as_csv((*GOOD[:4], fate, "", "")))
    assert (row.fate, row.condition) == (expected, condition)


def test_every_wrong_line_is_named_at_once() -> None:
    told = wrongs(
        as_csv(
            GOOD,
            ("400,9", "", "dua", "101", "Hapus", "kapan-kapan", ""),
            GOOD,
        )
    )
    assert [one.partition(": ")[0] for one in told] == [
        "baris 3, kolom kode",
        "baris 3, kolom jenis arsip",
        "baris 3, kolom aktif",
        "baris 3, kolom inaktif",
        "baris 3, kolom nasib akhir",
        "baris 3, kolom pemicu",
        "baris 4, kolom kode",
    ]
    assert told[-1].endswith("sudah ada di baris 2")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "kolom kode: kolom ini tidak ada"),
        (b"kode;jenis arsip\r\n1;2", "kolom aktif: kolom ini tidak ada"),
        (as_csv(), "tidak ada baris di bawah judul kolom"),
        (b"PK\x03\x04rusak", "XLSX ini tidak bisa dibuka; simpan ulang tanpa sandi"),
        (b"\x00\x01\x02", "berkas ini bukan CSV atau XLSX"),
        (b"a" * (MOST_BYTES + 1), "berkas lebih besar dari 2 MB"),
        (b'kode;jenis arsip;aktif;inaktif;nasib akhir\r\n"a"b;c', "CSV ini rusak; simpan ulang dari lembar kerjanya"),
    ],
)
def test_files_that_are_no_table(data: bytes, said: str) -> None:
    assert wrongs(data)[0] == said


def test_a_workbook_that_swells_is_not_opened() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (60 * 1024 * 1024))
    assert wrongs(out.getvalue()) == ["berkas XLSX ini terlalu besar"]


def test_what_is_shipped_can_be_read() -> None:
    told = {row.code: row for row in series.parse(series.sample())}
    assert told["000.5.4"].trigger == "hak_kewajiban_selesai"
    assert told["400.9.3"].fate == "dinilai_kembali"
    assert {"400.9.4.1", "400.9.12.1"} <= {one.code for one in codes.shipped()}


def test_codes_are_found_by_their_beginning_or_by_words() -> None:
    assert [one.code for one in codes.find(codes.shipped(), "400.9.4", 9)][:2] == ["400.9.4", "400.9.4.1"]
    assert codes.find(codes.shipped(), "orang telantar", 9) == []
    assert [one.code for one in codes.find(codes.shipped(), "Orang Terlant", 9)] == ["400.9.4.1"]
    assert codes.find(codes.shipped(), " ", 9) == []
    [old] = codes.find(codes.shipped(), "460", 9)
    assert (old.replaced_by, old.valid_on(date(2022, 12, 31)), old.valid_on(date(2023, 1, 1))) == ("400.9", True, False)
    ordered = [one.code for one in codes.find(codes.shipped(), "400.9", 99)]
    assert ordered.index("400.9.10") > ordered.index("400.9.9")


def test_older_codes_lead_to_the_new_ones() -> None:
    table = (
        "Kode;Judul;Berlaku mulai;Berlaku sampai;Kode baru\n460;Sosial;01/01/2006;2022-12-31;400.9\n400.9;Sosial;;;\n"
    )
    older, newer = codes.parse(table.encode(), valid_from=date(2023, 1, 1))
    assert (older.valid_from, older.valid_to, older.replaced_by) == (date(2006, 1, 1), date(2022, 12, 31), "400.9")
    assert [older.valid_on(date(2022, 12, 31)), older.valid_on(date(2023, 1, 1))] == [True, False]
    assert newer.valid_from == date(2023, 1, 1)
    assert codes.find([older, newer], "460", 9) == [older]


def test_wrong_codes_are_named() -> None:
    table = (
        "kode;judul;berlaku mulai;berlaku sampai;diganti oleh\n4.6;;kemarin;;\n"
        "460;A;2020-01-01;2019-01-01;470\n470;B;;;460\n470;C;;;\n"
    )
    with pytest.raises(TableError) as caught:
        codes.parse(table.encode(), valid_from=date(2023, 1, 1))
    assert [(one.line, one.column) for one in caught.value.wrongs] == [
        (2, "kode"),
        (2, "judul"),
        (2, "berlaku mulai"),
        (3, "berlaku sampai"),
        (5, "kode"),
    ]
    circle = "kode;judul;diganti oleh\n460;A;470\n470;B;460\n"
    with pytest.raises(TableError, match="2 lines"):
        codes.parse(circle.encode(), valid_from=date(2023, 1, 1))


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_table_or_are_refused(data: bytes) -> None:
    for whole in (data, as_csv() + data):
        try:
            told: object = series.parse(whole)
        except TableError as error:
            told = error.refused.facts["lines"]
        assert told


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_days_are_understood_both_ways_round(when: date) -> None:
    assert day(when.isoformat()) == day(f"{when.day:02d}/{when.month:02d}/{when.year}") == when
    assert day(f"{when.isoformat()}-1") is None


def test_a_column_may_be_anywhere() -> None:
    (line,) = read(b"x,Judul,KODE\n1,Sosial,460\n", codes.COLUMNS, ("code", "title"))
    assert dict(line.cells) == {"code": "460", "title": "Sosial"}
