"""`arsip paper`: where paper lies, from the command line: boxes, their labels, places of letters, what is missing."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from cli.client import Api, Misused, data_option, find_target, json_option, output_option, plain, write

box_option = click.option("--box", help="Kode di label boks, misalnya UMUM-0012; tanpa ini: kertasnya tidak ada.")
folder_option = click.option("--folder", default="", help="Folder di dalam boks.")
building_option = click.option("--building", default="", help="Gedung.")
room_option = click.option("--room", default="", help="Ruang.")
shelf_option = click.option("--shelf", default="", help="Rak.")
code_argument = click.argument("code", metavar="KODE")


@click.group()
def paper() -> None:
    """Berkas kertas: boks, label, tempat surat, yang belum ada."""


@paper.command()
@click.option("--unit", help="Hanya boks unit ini; tanpa ini unit Anda, atau semua bagi arsiparis.")
@json_option
@data_option
def boxes(unit: str | None, as_json: bool, data: Path | None) -> None:
    """Daftar boks menurut kodenya."""
    found = _api(data).get("/boxes", **({"unit": unit} if unit else {}))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["boxes"]:
        click.echo(_line(one))
    click.echo(f"{len(found['boxes'])} boks.")


@paper.command()
@click.argument("name", metavar="NAMA")
@click.option("--unit", help="Unit pemilik; tanpa ini unit Anda sendiri.")
@building_option
@room_option
@shelf_option
@json_option
@data_option
def add(name: str, unit: str | None, as_json: bool, data: Path | None, **stand: str) -> None:
    """Tambahkan boks; mencetak kodenya. Aman diulang: boks yang sama tetap satu."""
    box = _api(data).post("/boxes", {"name": name, "unit": unit, **stand})
    click.echo(json.dumps(box, ensure_ascii=False) if as_json else _line(box))


@paper.command()
@code_argument
@building_option
@room_option
@shelf_option
@data_option
def move(code: str, data: Path | None, **stand: str) -> None:
    """Pindahkan boks beserta isinya."""
    api = _api(data)
    click.echo(_line(api.put(f"/boxes/{_box(api, code)['id']}/place", dict(stand))))


@paper.command()
@code_argument
@json_option
@data_option
def show(code: str, as_json: bool, data: Path | None) -> None:
    """Tampilkan isi boks menurut kode yang diketik atau dipindai."""
    api = _api(data)
    box = api.get(f"/boxes/{_box(api, code)['id']}")
    if as_json:
        click.echo(json.dumps(box, ensure_ascii=False))
        return
    click.echo(_line(box))
    for one in box["letters"]:
        folder = f"folder {plain(one['folder'])}" if one["folder"] else "tanpa folder"
        click.echo(f"  {one['document']}  {one['kind']}  {plain(one['filename'])}  {folder}")
    click.echo(f"{len(box['letters'])} surat.")


@paper.command()
@click.argument("letters", metavar="SURAT...", nargs=-1, type=click.UUID)
@click.option("--case", "case", type=click.UUID, help="Semua surat kasus ini.")
@box_option
@folder_option
@data_option
def place(letters: tuple[UUID, ...], case: UUID | None, box: str | None, folder: str, data: Path | None) -> None:
    """Catat di mana kertas surat-surat ini, atau semua surat satu kasus, disimpan."""
    if bool(letters) == (case is not None):
        raise Misused("Sebut salah satu: ID surat-suratnya, atau --case.")
    where: dict[str, Any] = {"box": box, "folder": folder}
    if case is not None:
        done = _api(data).post(f"/cases/{case}/places", where)
    else:
        done = _api(data).post("/places", {**where, "documents": [str(letter) for letter in letters]})
    click.echo(f"{done['placed']} surat dicatat.")


@paper.command()
@output_option
@data_option
def missing(output: Path, data: Path | None) -> None:
    """Simpan daftar berkas fisik yang belum ada sebagai CSV."""
    write(output, _api(data).download("/places/missing", format="csv"))


@paper.command("labels")
@click.argument("codes", metavar="[KODE]...", nargs=-1)
@click.option("--single", is_flag=True, help="Tiap label satu halaman, untuk pencetak label; tanpa ini lembar A4.")
@output_option
@data_option
def labels(codes: tuple[str, ...], single: bool, output: Path, data: Path | None) -> None:
    """Cetak label boks dengan kode QR; tanpa KODE semua boks unit Anda."""
    api = _api(data)
    ids = [_box(api, code)["id"] for code in codes]
    asked: dict[str, Any] = {"layout": "satuan" if single else "lembar", **({"box": ids} if ids else {})}
    write(output, api.download("/boxes/labels", **asked))


def _api(data: Path | None) -> Api:
    return Api(lambda: find_target(data))


def _box(api: Api, code: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = api.get("/boxes", code=code)["boxes"]
    if not found:
        raise Misused("Tidak ada boks dengan kode itu. Periksa labelnya, atau lihat `arsip paper boxes`.")
    return found[0]


def _line(box: dict[str, Any]) -> str:
    stands = ", ".join(plain(box[name]) for name in ("building", "room", "shelf") if box[name])
    return f"{click.style(box['code'], bold=True)}  {plain(box['name'])}  {stands or 'tempatnya belum dicatat'}"
