"""`arsip disposition`: dispositions from the command line: what waits, handing a letter on, saying that it is done."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from cli.client import Api, data_option, find_target, json_option, plain
from cli.look import moment

_LISTS = {"menunggu": "waiting", "diberikan": "given", "selesai": "done"}
# as the pages say it (api/web/words.py)
_STATES = {"new": "belum dibaca", "read": "sudah dibaca", "passed": "diteruskan", "done": "selesai"}

to_option = click.option("--to", "names", multiple=True, required=True, help="Nama pengguna penerima; boleh berulang.")
instruction_option = click.option("--instruction", "instructions", multiple=True, help="Instruksi dari daftar kantor.")
note_option = click.option("--note", default="", help="Catatan.")
due_option = click.option("--due", metavar="TTTT-BB-HH", help="Tenggat.")


@click.group()
def disposition() -> None:
    """Disposisi: lihat yang menunggu, beri, teruskan, selesaikan."""


@disposition.command("list")
@click.argument("which", metavar="[menunggu|diberikan|selesai]", type=click.Choice(list(_LISTS)), default="menunggu")
@json_option
@data_option
def list_(which: str, as_json: bool, data: Path | None) -> None:
    """Disposisi yang menunggu Anda, yang Anda berikan, atau yang sudah selesai."""
    _print(_api(data).get("/dispositions", of=_LISTS[which]), as_json)


@disposition.command()
@click.argument("letter", metavar="SURAT", type=click.UUID)
@json_option
@data_option
def show(letter: UUID, as_json: bool, data: Path | None) -> None:
    """Tampilkan rantai disposisi satu surat."""
    _print(_api(data).get(f"/documents/{letter}/dispositions"), as_json)


@disposition.command()
@click.argument("letter", metavar="SURAT", type=click.UUID)
@to_option
@instruction_option
@note_option
@due_option
@json_option
@data_option
def give(letter: UUID, as_json: bool, data: Path | None, **said: Any) -> None:
    """Beri disposisi atas satu surat."""
    _print(_api(data).post(f"/documents/{letter}/dispositions", _handed(**said)), as_json)


@disposition.command()
@click.argument("link", metavar="DISPOSISI", type=click.UUID)
@to_option
@instruction_option
@note_option
@due_option
@json_option
@data_option
def forward(link: UUID, as_json: bool, data: Path | None, **said: Any) -> None:
    """Teruskan disposisi yang Anda terima."""
    _print(_api(data).post(f"/dispositions/{link}/forward", _handed(**said)), as_json)


@disposition.command()
@click.argument("link", metavar="DISPOSISI", type=click.UUID)
@note_option
@json_option
@data_option
def done(link: UUID, note: str, as_json: bool, data: Path | None) -> None:
    """Nyatakan satu disposisi selesai."""
    _print({"dispositions": [_api(data).post(f"/dispositions/{link}/done", {"note": note})]}, as_json)


def _api(data: Path | None) -> Api:
    return Api(lambda: find_target(data))


def _handed(names: tuple[str, ...], instructions: tuple[str, ...], note: str, due: str | None) -> dict[str, Any]:
    recipients = [{"name": name} for name in names]
    return {"recipients": recipients, "instructions": list(instructions), "note": note, "due_on": due}


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    if not found["dispositions"]:
        click.echo("Tidak ada disposisi.")
    for one in found["dispositions"]:
        late = ", melewati tenggat" if one["late"] else ""
        whom = plain(f"{one['post']} ({one['recipient']})" if one["post"] else one["recipient"])
        click.echo(f"{'  ' * one['depth']}{plain(one['on_behalf'] or one['giver'])} → {whom}  {one['id']}")
        told = "; ".join(plain(part) for part in [*one["instructions"], one["note"], one["done_note"]] if part)
        shown = f"{_STATES[one['state']]}{late}, {moment(one['given_at'])}"
        click.echo(f"{'  ' * one['depth']}  {shown}{': ' + told if told else ''}")
