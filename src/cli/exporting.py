"""`arsip export`: a berkas or a case as a BagIt bag, checked when it has come; tables in SRIKANDI's columns."""

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import bagit
import click

from cli.client import Api, Misused, data_option, find_target

_TABLES = click.Choice(["naskah", "berkas", "isi-berkas", "klasifikasi"])
id_argument = click.argument("which", metavar="ID", type=click.UUID)
target_argument = click.argument("target", metavar="FOLDER|BERKAS.zip", type=click.Path(path_type=Path))


@click.group()
def export() -> None:
    """Ekspor: berkas sebagai kantong BagIt, daftar untuk SRIKANDI."""


@export.command()
@id_argument
@target_argument
@data_option
def berkas(which: UUID, target: Path, data: Path | None) -> None:
    """Ambil satu berkas lengkap: asli, PDF, manifes, daftar isi, riwayat."""
    _take(f"/berkas/{which}/export", target, data)


@export.command()
@id_argument
@target_argument
@data_option
def case(which: UUID, target: Path, data: Path | None) -> None:
    """Ambil berkas dari satu kasus."""
    _take(f"/cases/{which}/export", target, data)


@export.command()
@click.argument("table", metavar="DAFTAR", type=_TABLES)
@click.argument("output", metavar="BERKAS", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--unit", help="Unit pemilik; tanpa ini unit Anda sendiri.")
@click.option("--year", type=click.IntRange(1945, 2999), help="Tahun; tanpa ini tahun ini.")
@click.option("--month", type=click.IntRange(1, 12), help="Hanya bulan ini (naskah).")
@data_option
def srikandi(
    table: str, output: Path, unit: str | None, year: int | None, month: int | None, data: Path | None
) -> None:
    """Unduh daftar dengan kolom SRIKANDI: naskah, berkas, isi-berkas, atau klasifikasi.

    Bentuknya menurut nama berkas: .csv, .xlsx, atau (naskah) .zip yang memuat juga satu PDF per surat.
    """
    ending = output.suffix.removeprefix(".")
    packed = ending == "zip" and table == "naskah"
    if ending not in ("csv", "xlsx") and not packed:
        raise Misused(f"{output}: nama berkas harus berakhir .csv atau .xlsx (naskah juga .zip).")
    asked: dict[str, Any] = {"format": None if packed else ending, "unit": unit, "year": year, "month": month}
    api = Api(lambda: find_target(data))
    _save(
        api,
        f"/srikandi/{table}{'/files' if packed else ''}",
        output,
        {name: value for name, value in asked.items() if value is not None},
    )


def _take(path: str, target: Path, data: Path | None) -> None:
    api = Api(lambda: find_target(data))
    if target.suffix == ".zip":
        _save(api, path, target, {})
        return
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".kantong-") as name:
        packed, unpacked = Path(name) / "kantong.zip", Path(name) / "isi"
        api.save(path, packed)
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(unpacked)
        (folder,) = unpacked.iterdir()
        bag = _checked(folder)
        kept = target / folder.name
        if kept.exists():
            raise Misused(f"{kept} sudah ada; pindahkan dulu, atau pilih folder lain.")
        shutil.move(folder, kept)
    files = len(bag.payload_entries())
    click.echo(
        f"{kept}: {files} berkas, semua sidik jarinya cocok. Periksa lagi kapan saja: bagit.py --validate {kept}"
    )


def _checked(folder: Path) -> Any:
    """The bag, found whole by the public tool. Raises Misused otherwise."""
    try:
        bag = bagit.Bag(str(folder))
        bag.validate()
    except bagit.BagError as error:
        raise Misused("Kantong yang diterima tidak utuh. Coba lagi.") from error
    return bag


def _save(api: Api, path: str, output: Path, asked: dict[str, Any]) -> None:
    size = api.save(path, output, **asked)
    click.echo(f"{output} ditulis, {size} byte.")
