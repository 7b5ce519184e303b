"""`arsip ledger` and `arsip proof`: what shows to others that nothing was changed."""

from pathlib import Path
from uuid import UUID

import click

from cli.client import Api, Misused, data_option, find_target, output_option, write
from cli.offline import check_proof, key_option

_letter_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def ledger() -> None:
    """Buku besar untuk diperiksa orang lain: ekspor, kunci umum, titik periksa."""


@ledger.command()
@click.argument("file", metavar="BERKAS", type=click.Path(path_type=Path, dir_okay=False))
@data_option
def export(file: Path, data: Path | None) -> None:
    """Simpan seluruh buku besar dengan titik periksanya; periksa dengan `arsip verify --offline BERKAS --key KUNCI`."""
    written = 0
    try:
        with _api(data).stream("/ledger/export") as parts, file.open("wb") as out:
            for part in parts:
                written += out.write(part)
    except OSError as error:
        raise Misused(f"{file} tidak bisa ditulis ({error.strerror}).") from error
    click.echo(f"{file} ditulis, {written} byte.")


@ledger.command()
@data_option
def key(data: Path | None) -> None:
    """Cetak kunci umum, satu baris. Boleh dibagikan; simpan juga di luar kantor."""
    click.echo(_api(data).get("/ledger/key")["public_key"])


@ledger.command()
@data_option
def checkpoint(data: Path | None) -> None:
    """Cetak titik periksa terbaru. Simpan di luar kantor: buku besar yang dipotong ketahuan dengannya."""
    found = _api(data).get("/ledger/checkpoints", limit=1)["checkpoints"]
    if not found:
        raise Misused("Belum ada titik periksa. Coba lagi sekitar sepuluh menit lagi.")
    click.echo(found[0]["note"], nl=False)


@click.group()
def proof() -> None:
    """Bukti satu surat: ambil berkasnya atau lembarnya, periksa tanpa server."""


@proof.command()
@click.argument("letter", metavar="SURAT", type=click.UUID)
@click.option("--sheet", is_flag=True, help="Lembar bukti untuk dicetak (PDF), bukan berkasnya.")
@output_option
@data_option
def get(letter: UUID, sheet: bool, output: Path, data: Path | None) -> None:
    """Simpan bukti satu surat."""
    write(output, _api(data).download(f"/documents/{letter}/proof", format="pdf" if sheet else "json"))


@proof.command()
@click.argument("file", metavar="BUKTI", type=_letter_file)
@click.argument("letter", metavar="[SURAT]", required=False, type=_letter_file)
@key_option
def check(file: Path, letter: Path | None, keys: tuple[str, ...]) -> None:
    """Periksa bukti tanpa server; dengan SURAT juga apakah berkas itu suratnya.

    Kode akhir 0 bila sah, 1 bila tidak.
    """
    check_proof(file, letter, keys)


def _api(data: Path | None) -> Api:
    return Api(lambda: find_target(data))
