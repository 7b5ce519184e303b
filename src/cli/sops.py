"""`arsip sop`: the procedures a server works by, and checking a file before it becomes one of them."""

import json
import urllib.parse
from pathlib import Path
from typing import Any

import click

from cli.client import Api, Stop, data_option, find_target, json_option, plain


@click.group()
def sop() -> None:
    """Lihat prosedur (SOP), atau periksa berkas SOP kantor."""


@sop.command()
@click.argument("file", metavar="BERKAS", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Periksa berkas SOP (TOML) sebelum dipakai; tanpa server.

    Menyebut baris dan isian yang keliru serta apa yang harus dibuat. Kode keluar 1 bila ada yang keliru.
    """
    from cases.sopfiles import SopFileError, read_file

    try:
        found = read_file(file)
    except SopFileError as error:
        raise Stop(f"{error}\nSOP ini belum dapat dipakai.") from error
    click.echo(f"{file.name} dapat dipakai: {found.name.text}")
    click.echo(f"{len(found.steps)} langkah, {len(found.contradictions)} catatan, versi {found.digest[:12]}")


@sop.command("list")
@json_option
@data_option
def list_(as_json: bool, data: Path | None) -> None:
    """Daftar SOP yang dipakai server."""
    found = Api(lambda: find_target(data)).get("/sops")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["sops"]:
        click.echo(f"{click.style(one['id'], bold=True)}  {plain(one['name'])}")
        click.echo(f"  {plain(one['agency'])} · {plain(one['number'])} · {one['steps']} langkah")


@sop.command()
@click.argument("wanted", metavar="ID")
@json_option
@data_option
def show(wanted: str, as_json: bool, data: Path | None) -> None:
    """Tampilkan satu SOP: langkah, waktu, surat, cabang, dan catatan tentang isinya."""
    found = Api(lambda: find_target(data)).get(f"/sops/{urllib.parse.quote(wanted, safe='')}")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{plain(found['name']['text'])}\n{plain(found['agency']['text'])} · {plain(found['number']['text'])}")
    times = _times(found)
    names = {actor["id"]: actor["short"] for actor in found["actors"]}
    for step in found["steps"]:
        actors = ", ".join(names[actor] for actor in step["actors"])
        time = times.get(step["number"], "tanpa waktu")
        title = click.style(f"{step['number']}. {plain(step['short'])}", bold=True)
        click.echo(f"\n{title}  ({plain(actors)}; {plain(time)})")
        _papers("perlu", step["needs"])
        _papers("hasil", step["outputs"])
        for branch in step["branches"]:
            click.echo(f"   cabang: {plain(branch['when'])} → {plain(branch['to'])}")
    if found["contradictions"]:
        click.echo("\nCatatan")
    for one in found["contradictions"]:
        click.echo(f" - {plain(one['text'])} {plain(one['decide'])}")


def _times(found: dict[str, Any]) -> dict[int, str]:
    """The standard time of each step that has one, alone or together with others."""
    times = {step["number"]: step["time"]["text"] for step in found["steps"] if step["time"]}
    for shared in found["shared_times"]:
        together = " + ".join(str(number) for number in shared["steps"])
        times |= dict.fromkeys(shared["steps"], f"{shared['time']['text']} untuk langkah {together}")
    return times


def _papers(title: str, papers: list[dict[str, Any]]) -> None:
    for paper in papers:
        marks = [word for word, is_so in (("bila ada", paper["optional"]), ("disimpulkan", paper["inferred"])) if is_so]
        shown = f" ({', '.join(marks)})" if marks else ""
        click.echo(f"   {title}: {plain(paper['text'])}{shown}")
