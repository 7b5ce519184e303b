"""`arsip person`: what is held on one person, and a copy of it for them."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from cli.client import Api, data_option, find_target, output_option, plain

_nik = click.option("--nik", default="", help="NIK. Tanpa ini: --name dengan --birth.")
_name = click.option("--name", default="", help="Nama.")
_birth = click.option("--birth", type=click.DateTime(["%Y-%m-%d"]), help="Tanggal lahir, 1980-02-03.")


@click.group()
def person() -> None:
    """Data pribadi satu orang (UU 27/2022): apa yang disimpan, salinannya, daftar pemrosesan."""


@person.command()
@_nik
@_name
@_birth
@data_option
def find(nik: str, name: str, birth: datetime | None, data: Path | None) -> None:
    """Apa saja yang disimpan tentang orang ini."""
    found = Api(lambda: find_target(data)).post("/persons", _asked(nik, name, birth))
    for what, told in (("clients", "klien"), ("cases", "kasus"), ("letters", "surat"), ("agenda", "baris agenda")):
        click.echo(f"{len(found[what])} {told}")
    for case in found["cases"]:
        click.echo(f"Kasus {case['number']} ({case['sop']})")
    for letter in found["letters"]:
        click.echo(f"Surat {letter['id']} ({letter['kind'] or 'belum dikenal'})")


@person.command()
@_nik
@_name
@_birth
@output_option
@data_option
def export(nik: str, name: str, birth: datetime | None, output: Path, data: Path | None) -> None:
    """Salinan semuanya sebagai ZIP, untuk diberikan kepada orangnya."""
    size = Api(lambda: find_target(data)).save("/persons/export", output, body=_asked(nik, name, birth))
    click.echo(f"{output} ditulis, {size} byte.")


@person.command()
@click.argument("client", metavar="KLIEN", type=click.UUID)
@click.option("--name", required=True, help="Nama yang benar.")
@_birth
@click.option("--reason", required=True, help="Alasan.")
@data_option
def correct(client: UUID, name: str, birth: datetime | None, reason: str, data: Path | None) -> None:
    """Betulkan nama dan tanggal lahir satu klien; isi sebelumnya tetap tersimpan."""
    wanted = {"name": name, "birth_date": birth.date().isoformat() if birth else None, "reason": reason}
    row = Api(lambda: find_target(data)).put(f"/clients/{client}", wanted)
    click.echo(f"{plain(row['name'])}, lahir {row['birth_date'] or 'tidak diketahui'}")


@person.command()
@data_option
def processing(data: Path | None) -> None:
    """Daftar pemrosesan data pribadi di Arsiparis."""
    for one in Api(lambda: find_target(data)).get("/processing")["processing"]:
        click.echo(f"{one['name']}\n  Tujuan: {one['purpose']}\n  Dasar: {one['basis']}\n  Disimpan: {one['kept']}")


def _asked(nik: str, name: str, birth: datetime | None) -> dict[str, Any]:
    return {"name": name, "nik": nik or None, "birth_date": birth.date().isoformat() if birth else None}
