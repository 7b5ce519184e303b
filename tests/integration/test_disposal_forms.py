"""Forms of a list as they come out: what its berita acara says, who signs where, on paper and in a spreadsheet."""

import io
from collections.abc import Callable
from uuid import UUID

import pytest
import python_calamine
from sqlalchemy import Engine

from core.clock import today
from core.db import transaction
from core.faults import InvalidRequest
from records.dates import written
from records.disposal import printing
from records.disposal.tables import DisposalRow
from tests.integration.conftest import MakeAccount
from tests.integration.disposing import DEED, Office, office
from tests.integration.test_disposal import words_of
from tests.integration.test_retention_rules import in_force  # noqa: F401 - a fixture

BY = {"name": "Indra Contoh", "title": "Arsiparis Ahli Pertama", "nip": "198501012010011001"}


@pytest.fixture
def here(account: MakeAccount, superuser: Engine, in_force: Callable[..., UUID]) -> Office:  # noqa: F811
    return office(account, superuser, in_force)


def sheet_of(here: Office, row: DisposalRow, form: printing.Form) -> list[str]:
    """Every cell of a list's spreadsheet that says something, in reading order."""
    with transaction(here.proposer.context) as session:
        made = printing.as_xlsx(printing.gathered(session, row.id, form, today()), form)
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    return [str(cell) for row in rows for cell in row if cell != ""]


def test_a_berita_acara_says_when_how_by_whom_and_before_whom(here: Office) -> None:
    row = here.take(here.decided(here.berkas(2)), "musnahkan", deed={**DEED, "executor": BY})
    said = words_of(here, row, "berita_acara")
    for part in (
        f"bulan {written(today()).split()[1]} tahun dua ribu",
        f"({written(today())})",
        "Pelaksana : Indra Contoh, NIP 198501012010011001, Arsiparis Ahli Pertama",
        "Saksi 1 : Dewi Contoh",
        "Cara pemusnahan : dicacah",
        "1 berkas, 2 surat",
        "Tembusan: Kepala ANRI",
        f"daftar {row.code} – Rangkap 1: unit kearsipan – halaman 1 dari 1",
        f"daftar {row.code} – Rangkap 2: unit pengolah – halaman 1 dari 1",
    ):
        assert part in said, part
    other = here.take(here.decided(here.berkas()), "musnahkan")
    assert "Pelaksana : …" in words_of(here, other, "berita_acara")  # nobody said: written in by hand


def test_the_berita_acara_of_alih_media_can_be_signed_before_scans_are_marked(here: Office) -> None:
    row = here.propose(here.berkas(), kind="alih_media")
    with transaction(here.proposer.context) as session, pytest.raises(InvalidRequest):
        printing.gathered(session, row.id, "berita_acara", today())
    row = here.take(row, "periksa")
    said = words_of(here, row, "berita_acara")
    for part in (row.code, "Jenis media", "Keterangan proses : …", "Pelaksana : …", "bertempat di …"):
        assert part in said, part
    row = here.take(row, "autentikasi", deed={**DEED, "method": "pemindai meja, 300 dpi", "executor": BY})
    said = words_of(here, row, "berita_acara")
    for part in ("Keterangan proses : pemindai meja, 300 dpi", "Indra Contoh", "Halaman kantor"):
        assert part in said, part


def test_a_list_as_a_spreadsheet_is_signed_as_on_paper(here: Office) -> None:
    row = here.take(here.decided(here.berkas(2), here.berkas(1)), "musnahkan")
    cells = sheet_of(here, row, "daftar_akhir")
    end = cells[cells.index("Jumlah: 2 berkas, 3 surat.") :]
    for part in ("Unit kearsipan,", "Unit pengolah,", "Saksi 1,", "Dewi Contoh", "Saksi 2,", "Eko Contoh"):
        assert part in end, part
    assert any(cell.startswith("NIP") for cell in end)
