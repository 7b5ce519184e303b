"""`arsip retention`: schedules (JRA), work lists, what falls due, holds, from the command line."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from cli.berkas import limit_option, show_berkas
from cli.client import Api, data_option, find_target, json_option, plain, write
from records.retention.clocks import FATES
from records.retention.holds import KINDS, SCOPES
from records.retention.worklists import LISTS

schedule_argument = click.argument("schedule", metavar="JRA", type=click.UUID)


@click.group()
def retention() -> None:
    """Retensi: JRA, daftar kerja, jatuh tempo, penahanan."""


@retention.command()
@json_option
@data_option
def report(as_json: bool, data: Path | None) -> None:
    """Berapa berkas di tiap daftar, dan yang retensinya habis tiap tahun."""
    found = _api(data).get("/retention")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for name, called in LISTS.items():
        click.echo(f"{called}: {found['lists'][name]} berkas")
    click.echo(f"Baru jatuh tempo: {found['news']} berkas")
    for one in found["years"]:
        held = f", {one['held']} ditahan" if one["held"] else ""
        click.echo(f"{one['year']}  {FATES[one['fate']].lower()}: {one['berkas']} berkas{held}")


@retention.command("list")
@click.argument("of", metavar="DAFTAR", type=click.Choice(list(LISTS)))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Simpan semuanya sebagai CSV.")
@limit_option
@json_option
@data_option
def list_(of: str, output: Path | None, limit: int, as_json: bool, data: Path | None) -> None:
    """Satu daftar kerja, yang paling lama jatuh tempo di atas."""
    if output is not None:
        write(output, _api(data).download(f"/retention/{of}", format="csv"))
        return
    show_berkas(_api(data).get(f"/retention/{of}", limit=limit), as_json)


@retention.command()
@json_option
@data_option
def schedules(as_json: bool, data: Path | None) -> None:
    """Daftar JRA yang pernah dimuat."""
    found = _api(data).get("/schedules")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["schedules"]:
        state = "berlaku" if one["in_force"] else "diterapkan" if one["applied_at"] else "belum diterapkan"
        until = f"–{one['valid_to']}" if one["valid_to"] else ""
        sample = ", contoh" if one["sample"] else ""
        click.echo(f"{one['id']}  {plain(one['name'])}  {one['valid_from']}{until}; {state}{sample}")
    click.echo(f"{len(found['schedules'])} JRA.")


@retention.command("import")
@click.argument("table", metavar="TABEL", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", required=True, help="Nama JRA, misalnya “JRA Kota 2026”.")
@click.option("--basis", default="", help="Dasar hukumnya.")
@click.option("--from", "valid_from", metavar="TTTT-BB-HH", default="", help="Berlaku mulai; tanpa ini hari ini.")
@click.option("--to", "valid_to", metavar="TTTT-BB-HH", default="", help="Hari terakhir berlaku.")
@data_option
def import_(table: Path, data: Path | None, **fields: str) -> None:
    """Muat JRA (CSV atau XLSX); baris yang keliru disebut semuanya. Belum berlaku sebelum diterapkan."""
    made = _api(data).send("/schedules", table, fields)
    click.echo(f"{len(made['rows'])} jenis arsip dimuat. Lihat dampaknya: arsip retention effect {made['id']}")


@retention.command()
@data_option
def sample(data: Path | None) -> None:
    """Muat JRA contoh, untuk dilihat; tidak pernah dipakai memusnahkan."""
    made = _api(data).post("/schedules/sample")
    click.echo(f"{made['id']}  {plain(made['name'])}")


@retention.command()
@schedule_argument
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Simpan tiap berkas sebagai CSV.")
@json_option
@data_option
def effect(schedule: UUID, output: Path | None, as_json: bool, data: Path | None) -> None:
    """Apa yang berubah pada semua berkas bila JRA ini diterapkan."""
    if output is not None:
        write(output, _api(data).download(f"/schedules/{schedule}/effect", format="csv"))
        return
    found = _api(data).get(f"/schedules/{schedule}/effect")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["codes"]:
        what = f"{_kept(one['was'])} → {_kept(one['becomes'])}"
        shift = f"{one['later']} lebih lama, {one['sooner']} lebih singkat"
        click.echo(f"{one['code'] or 'tanpa kode'}  {one['berkas']} berkas: {what}; {shift}")
    click.echo(f"{found['changed']} dari {found['berkas']} berkas berubah.")


@retention.command()
@schedule_argument
@data_option
def apply(schedule: UUID, data: Path | None) -> None:
    """Terapkan JRA; tanggal semua berkas dihitung ulang."""
    done = _api(data).post(f"/schedules/{schedule}/apply")
    click.echo(f"{plain(done['name'])} {'berlaku' if done['in_force'] else 'diterapkan'}.")


@retention.command()
@schedule_argument
@click.argument("day", metavar="TTTT-BB-HH")
@data_option
def end(schedule: UUID, day: str, data: Path | None) -> None:
    """Catat hari terakhir berlakunya JRA."""
    done = _api(data).put(f"/schedules/{schedule}/end", {"valid_to": day})
    click.echo(f"{plain(done['name'])} berlaku sampai {done['valid_to']}.")


@retention.command()
@click.option("--released", is_flag=True, help="Yang sudah dilepas, bukan yang masih berlaku.")
@limit_option
@json_option
@data_option
def holds(released: bool, limit: int, as_json: bool, data: Path | None) -> None:
    """Daftar penahanan dari penyusutan."""
    found = _api(data).get("/holds", state="released" if released else "standing", limit=limit)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["holds"]:
        click.echo(_hold(one))
    click.echo(f"{len(found['holds'])} penahanan.")


@retention.command()
@click.option("--letter", type=click.UUID, help="Tahan satu surat.")
@click.option("--berkas", type=click.UUID, help="Tahan satu berkas dengan semua isinya.")
@click.option("--search", metavar="KATA", help="Tahan semua surat yang ditemukan pencarian ini.")
@click.option("--kind", required=True, type=click.Choice(list(KINDS)), help="Sebabnya.")
@click.option("--reason", required=True, help="Alasan, misalnya nomor perkara.")
@data_option
def hold(
    letter: UUID | None, berkas: UUID | None, search: str | None, kind: str, reason: str, data: Path | None
) -> None:
    """Tahan surat atau berkas supaya tidak disusutkan; dilepas oleh orang kedua."""
    wanted: dict[str, Any] = {
        "document": str(letter) if letter else None,
        "berkas": str(berkas) if berkas else None,
        "query": search,
        "kind": kind,
        "reason": reason,
    }
    click.echo(_hold(_api(data).post("/holds", wanted)))


@retention.command()
@click.argument("hold", metavar="PENAHANAN", type=click.UUID)
@click.option("--reason", required=True, help="Alasan dilepas.")
@data_option
def release(hold: UUID, reason: str, data: Path | None) -> None:
    """Lepas penahanan yang dicatat orang lain."""
    click.echo(_hold(_api(data).post(f"/holds/{hold}/release", {"reason": reason})))


def _kept(one: dict[str, Any]) -> str:
    years = "" if one["active_years"] is None else f" {one['active_years']}+{one['inactive_years']} tahun"
    return f"{FATES[one['fate']].lower()}{years}"


def _hold(one: dict[str, Any]) -> str:
    what = one["berkas"] or (f"{one['letters']} surat" if one["letters"] else "")
    state = "dilepas" if one["released_at"] else "berlaku"
    return f"{one['id']}  {one['kind']}  {SCOPES[one['scope']].lower()} {what}; {state}; {plain(one['reason'])}"


def _api(data: Path | None) -> Api:
    return Api(lambda: find_target(data))
