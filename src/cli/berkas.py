"""`arsip berkas`: berkas, their letters and their codes, from the command line."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from cli.client import Api, Misused, data_option, find_target, json_option, output_option, plain, write
from records.filing.berkas import DEVELOPMENTS
from records.retention.clocks import FATES, PHASES

berkas_argument = click.argument("berkas", metavar="BERKAS", type=click.UUID)
letters_argument = click.argument("letters", metavar="SURAT...", nargs=-1, required=True, type=click.UUID)
limit_option = click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 200), help="Paling banyak baris."
)


@click.group()
def berkas() -> None:
    """Berkas: daftar, isi, kode klasifikasi, penutupan."""


@berkas.command("list")
@click.argument("query", metavar="[KATA]...", nargs=-1)
@limit_option
@json_option
@data_option
def list_(query: tuple[str, ...], limit: int, as_json: bool, data: Path | None) -> None:
    """Daftar berkas, nomor terbaru di atas; KATA: kata uraian, awal kode, atau nomor seperti 012/2026."""
    show_berkas(_api(data).get("/berkas", q=" ".join(query), limit=limit), as_json)


@berkas.command()
@berkas_argument
@json_option
@data_option
def show(berkas: UUID, as_json: bool, data: Path | None) -> None:
    """Tampilkan satu berkas: isinya, kodenya, jadwal dan tanggal retensinya."""
    found = _api(data).get(f"/berkas/{berkas}")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(line(found))
    series = found["series"]
    if series:
        told = f"{series['code']} {plain(series['series'])} ({plain(series['schedule'])})"
        click.echo(f"  jadwal: {told}{', contoh' if series['sample'] else ''}")
    for one in found["contents"]:
        click.echo(f"  {one['day']}  {one['document']}  {plain(one['subject']) or one['kind']}")


@berkas.command("open")
@click.argument("title", metavar="URAIAN")
@click.option("--code", help="Kode klasifikasi.")
@click.option("--unit", help="Unit pengolah; tanpa ini unit Anda.")
@click.option(
    "--clearance",
    default="terbatas",
    show_default=True,
    type=click.Choice(["biasa", "terbatas", "rahasia", "sangat_rahasia"]),
    help="Tingkat keamanan (SKKAAD).",
)
@click.option("--development", default="asli", type=click.Choice(list(DEVELOPMENTS)), help="Tingkat perkembangan.")
@click.option("--amount", default="", help="Jumlah fisik, misalnya “1 map”.")
@json_option
@data_option
def open_(title: str, as_json: bool, data: Path | None, **more: Any) -> None:
    """Buka berkas baru untuk surat di luar kasus."""
    made = _api(data).post("/berkas", {"title": title, **more})
    click.echo(json.dumps(made, ensure_ascii=False) if as_json else line(made))


@berkas.command("file")
@berkas_argument
@letters_argument
@data_option
def file_(berkas: UUID, letters: tuple[UUID, ...], data: Path | None) -> None:
    """Masukkan surat-surat ke berkas. Aman diulang."""
    done = _api(data).post(f"/berkas/{berkas}/letters", {"documents": [str(one) for one in letters]})
    click.echo(f"{done['filed']} surat diberkaskan.")


@berkas.command("take-out")
@berkas_argument
@letters_argument
@data_option
def take_out(berkas: UUID, letters: tuple[UUID, ...], data: Path | None) -> None:
    """Keluarkan surat-surat dari berkas."""
    api = _api(data)
    for letter in letters:
        api.remove(f"/berkas/{berkas}/letters/{letter}")
    click.echo(f"{len(letters)} surat dikeluarkan.")


@berkas.command()
@limit_option
@json_option
@data_option
def loose(limit: int, as_json: bool, data: Path | None) -> None:
    """Surat di arsip yang belum diberkaskan."""
    found = _api(data).get("/berkas/loose", limit=limit)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["letters"]:
        click.echo(f"{one['document']}  {one['kind']}  {one['unit']}")
    click.echo(f"{found['total']} surat belum diberkaskan.")


@berkas.command()
@berkas_argument
@click.argument("code", metavar="KODE")
@data_option
def classify(berkas: UUID, code: str, data: Path | None) -> None:
    """Beri kode klasifikasi pada berkas di luar kasus."""
    click.echo(line(_api(data).put(f"/berkas/{berkas}/classification", {"code": code})))


@berkas.command()
@berkas_argument
@click.option("--on", "day", metavar="TTTT-BB-HH", help="Tanggal ditutup.")
@click.option("--reopen", is_flag=True, help="Buka lagi berkas yang sudah ditutup.")
@data_option
def close(berkas: UUID, day: str | None, reopen: bool, data: Path | None) -> None:
    """Tutup berkas di luar kasus; retensinya mulai dihitung atau menunggu pemicunya."""
    if reopen == (day is not None):
        raise Misused("Sebut salah satu: --on TANGGAL, atau --reopen.")
    click.echo(line(_api(data).put(f"/berkas/{berkas}/closing", {"closed_on": day})))


@berkas.command()
@berkas_argument
@click.option("--on", "day", metavar="TTTT-BB-HH", help="Tanggal pemicu; tanpa ini: ternyata belum diketahui.")
@click.option("--reason", required=True, help="Surat atau kejadian yang menunjukkan tanggal itu.")
@data_option
def trigger(berkas: UUID, day: str | None, reason: str, data: Path | None) -> None:
    """Catat tanggal pemicu retensi, misalnya hak dan kewajiban selesai."""
    click.echo(line(_api(data).put(f"/berkas/{berkas}/trigger", {"day": day, "reason": reason})))


@berkas.command("print")
@click.argument("form", metavar="BENTUK", type=click.Choice(["berkas", "inaktif", "vital", "isi"]))
@click.option("--berkas", "of", type=click.UUID, help="Berkas yang daftar isinya dicetak (bentuk “isi”).")
@click.option("--unit", help="Unit pengolah; tanpa ini unit Anda.")
@output_option
@data_option
def print_(form: str, of: UUID | None, unit: str | None, output: Path, data: Path | None) -> None:
    """Cetak daftar berkas, arsip inaktif, arsip vital, atau isi satu berkas, sebagai .pdf atau .xlsx."""
    ending = "xlsx" if output.suffix.lower() == ".xlsx" else "pdf"
    if (form == "isi") != (of is not None):
        raise Misused("Untuk bentuk “isi” sebut --berkas; untuk yang lain jangan.")
    path = f"/berkas/{of}/print" if of else "/berkas/print"
    more = {} if of else {"form": form, **({"unit": unit} if unit else {})}
    write(output, _api(data).download(path, format=ending, **more))


@berkas.command()
@click.argument("query", metavar="KATA_ATAU_KODE")
@json_option
@data_option
def code(query: str, as_json: bool, data: Path | None) -> None:
    """Cari kode klasifikasi menurut awal kode atau kata judulnya."""
    found = _api(data).get("/classification", q=query)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["codes"]:
        instead = f"; diganti {one['replaced_by']}" if one["replaced_by"] else ""
        click.echo(f"{click.style(one['code'], bold=True)}  {plain(one['title'])}{instead}")
    click.echo(f"{len(found['codes'])} kode{'' if found['own'] else ' dari daftar bawaan'}.")


@berkas.command("import-codes")
@click.argument("table", metavar="TABEL", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", required=True, help="Nama tabel, misalnya “Permendagri 83/2022”.")
@data_option
def import_codes(table: Path, name: str, data: Path | None) -> None:
    """Muat tabel klasifikasi (CSV atau XLSX); baris yang keliru disebut semuanya."""
    done = _api(data).send("/classification", table, {"name": name})
    click.echo(f"{done['lines']} kode dimuat.")


def line(one: dict[str, Any]) -> str:
    """One berkas in a line: number, code, uraian, how many letters, phase and what then."""
    number = click.style(one["number"], bold=True)
    until = f"; retensi habis {one['expires_on']}" if one["expires_on"] else ""
    held = "; DITAHAN" if one["held"] else ""
    phase = f"{PHASES[one['phase']].lower()}{until}; {FATES[one['fate']].lower()}{held}"
    told = f"{number}  {one['id']}  {one['code'] or 'tanpa kode'}  {plain(one['title'])}"
    return f"{told}\n  {one['letters']} surat; {phase}"


def show_berkas(found: dict[str, Any], as_json: bool) -> None:
    """A list of berkas, for people or as it came."""
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["berkas"]:
        click.echo(line(one))
    click.echo(f"{len(found['berkas'])} berkas{', dan selebihnya' if found['next'] else ''}.")


def _api(data: Path | None) -> Api:
    return Api(lambda: find_target(data))
