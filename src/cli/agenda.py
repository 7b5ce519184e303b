"""`arsip agenda`: the books from the command line: listing, registering a letter, putting right, printing."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from cli.client import Api, Misused, data_option, find_target, json_option, output_option, plain, write

_MOST_AT_ONCE = 500  # the API's limit of one answer
_BOOKS = click.Choice(["masuk", "keluar"])

book_option = click.option("--book", "kind", type=_BOOKS, default="masuk", show_default=True, help="Buku agenda.")
unit_option = click.option("--unit", help="Unit pemilik buku; tanpa ini unit Anda sendiri.")
year_option = click.option("--year", required=True, type=click.IntRange(2000, 2999), help="Tahun buku.")
month_option = click.option("--month", type=click.IntRange(1, 12), help="Hanya bulan ini.")
day_option = click.option("--day", type=click.IntRange(1, 31), help="Hanya tanggal ini (beserta --month).")


@click.group()
def agenda() -> None:
    """Buku agenda: lihat, daftarkan surat, cetak."""


@agenda.command("list")
@book_option
@unit_option
@year_option
@month_option
@day_option
@json_option
@data_option
def list_lines(
    kind: str, unit: str | None, year: int, month: int | None, day: int | None, as_json: bool, data: Path | None
) -> None:
    """Tampilkan isi buku menurut nomor, tanpa ada yang terlewat."""
    api = Api(lambda: find_target(data))
    lines = _lines(api, {"book": kind, **_period(unit, year, month, day)})
    if as_json:
        click.echo(json.dumps({"lines": lines}, ensure_ascii=False))
        return
    for line in lines:
        click.echo(_shown(line))
    click.echo(f"{len(lines)} surat.")


def _period(unit: str | None, year: int, month: int | None, day: int | None) -> dict[str, Any]:
    if day is not None and month is None:
        raise Misused("--day memerlukan --month.")
    asked = {"unit": unit, "year": year, "month": month, "day": day}
    return {name: value for name, value in asked.items() if value is not None}


def _lines(api: Api, asked: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = "0"
    while cursor is not None:
        part = api.get("/agenda", **asked, limit=_MOST_AT_ONCE, cursor=cursor)
        found += part["lines"]
        cursor = part["next"]
    return found


def _shown(line: dict[str, Any]) -> str:
    entry = line["entry"]
    head = f"{line['number']:>6}  {line['day']}"
    if entry is None:
        return f"{head}  (tertutup bagi Anda)" + ("  BATAL" if line["cancelled"] else "")
    struck = f"  BATAL: {plain(entry['cancel_reason'])}" if line["cancelled"] else ""
    number = plain(entry["letter_number"]) or "tanpa nomor"
    return f"{head}  {plain(entry['party'])}  {number}  {plain(entry['subject'])}{struck}"


@agenda.command()
@click.argument("document", metavar="ID")
@click.option("--book", "kind", type=_BOOKS, help="Buku agenda; tanpa ini menurut suratnya.")
@click.option("--party", help="Asal surat masuk, atau tujuan surat keluar.")
@click.option("--subject", help="Perihal.")
@click.option("--number", "letter_number", help="Nomor surat masuk.")
@click.option("--code", help="Kode klasifikasi surat keluar.")
@json_option
@data_option
def register(document: str, kind: str | None, as_json: bool, data: Path | None, **said: str | None) -> None:
    """Daftarkan satu surat dengan isian yang terbaca, atau yang Anda tulis. Aman diulang: nomornya tetap satu."""
    try:
        letter = UUID(document)
    except ValueError as error:
        raise Misused("ID surat tidak lengkap. Salin seluruhnya dari hasil `arsip search`.") from error
    api = Api(lambda: find_target(data))
    proposal = api.get(f"/documents/{letter}/agenda")
    chosen = kind or proposal["book"]
    corrected = {name: text for name, text in said.items() if text is not None}
    entry = api.post(f"/documents/{letter}/agenda", {"book": chosen, **proposal[chosen], **corrected})
    if as_json:
        click.echo(json.dumps(entry, ensure_ascii=False))
        return
    click.echo(f"Surat {entry['book']} nomor {entry['number']} tahun {entry['year']}: {plain(entry['subject'])}")
    if entry["book"] == "keluar":
        click.echo(f"Nomor surat: {plain(entry['letter_number'])}")


@agenda.command()
@click.argument("entry", metavar="ID", type=click.UUID)
@click.option("--reason", required=True, help="Mengapa dibetulkan.")
@click.option("--party", help="Asal surat masuk, atau tujuan surat keluar.")
@click.option("--subject", help="Perihal.")
@click.option("--number", "letter_number", help="Nomor surat masuk.")
@click.option("--date", "letter_date", metavar="TTTT-BB-HH", help="Tanggal surat.")
@click.option("--note", help="Keterangan.")
@json_option
@data_option
def correct(entry: UUID, reason: str, as_json: bool, data: Path | None, **said: str | None) -> None:
    """Betulkan isi satu baris buku; nomornya tetap, isi yang lama tersimpan."""
    changed = {name: text for name, text in said.items() if text is not None}
    if not changed:
        raise Misused("Sebutkan apa yang dibetulkan, misalnya --subject.")
    done = Api(lambda: find_target(data)).patch(f"/agenda/entries/{entry}", {"reason": reason, **changed})
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    click.echo(f"Surat {done['book']} nomor {done['number'] or '–'} dibetulkan: {plain(done['subject'])}")


@agenda.command("print")
@click.option(
    "--layout",
    type=click.Choice(["masuk", "keluar", "berpasangan"]),
    default="masuk",
    show_default=True,
    help="Buku yang dicetak.",
)
@click.option(
    "--format", "ending", type=click.Choice(["pdf", "xlsx"]), default="pdf", show_default=True, help="Bentuk."
)
@output_option
@unit_option
@year_option
@month_option
@day_option
@data_option
def print_book(
    layout: str,
    ending: str,
    output: Path,
    unit: str | None,
    year: int,
    month: int | None,
    day: int | None,
    data: Path | None,
) -> None:
    """Cetak buku setahun, sebulan, atau sehari ke PDF atau XLSX."""
    api = Api(lambda: find_target(data))
    made = api.download("/agenda/print", layout=layout, format=ending, **_period(unit, year, month, day))
    write(output, made)
