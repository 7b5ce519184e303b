"""`arsip search`: finding pages, narrowing them as the page Cari does, and saving all of them as a file."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from cli.client import Api, Misused, data_option, find_target, json_option, plain
from cli.look import day

_MOST_AT_ONCE = 100  # the API's limit of one answer
_MOST_SHOWN = 8  # near words of one, and values of a facet, as on the page Cari
FACETS = {
    "jenis": "Jenis surat",
    "tahun": "Tahun",
    "unit": "Unit",
    "kasus": "Kasus",
    "langkah": "Langkah SOP",
    "retensi": "Status retensi",
}
"""Facets by their names in the API, as people read them."""


@click.command()
@click.argument("words", metavar="KATA...", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="Paling banyak hasil.")
@click.option(
    "--sort",
    default="relevansi",
    show_default=True,
    type=click.Choice(["relevansi", "terbaru", "terlama"]),
    help="Urutan: yang persis dulu, surat terbaru, atau surat terlama.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="SARINGAN:NILAI",
    help=f"Persempit, misalnya tahun:2025; boleh berulang. Saringan: {', '.join(FACETS)}.",
)
@click.option("--without", multiple=True, metavar="KATA", help="Kata mirip yang tidak ikut dicari; boleh berulang.")
@click.option("--facets", is_flag=True, help="Tampilkan juga jumlah surat menurut tiap saringan.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Simpan semua hasil: .csv, .xlsx, atau .zip (kantong BagIt dengan PDF tiap surat).",
)
@json_option
@data_option
def search(
    words: tuple[str, ...],
    limit: int,
    sort: str,
    only: tuple[str, ...],
    without: tuple[str, ...],
    facets: bool,
    output: Path | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Cari halaman surat yang memuat semua kata.

    Yang persis lebih dulu. Tanda kutip mencari kata yang berurutan: arsip search '"orang terlantar"'
    """
    asked: dict[str, Any] = {"q": " ".join(words), "filters": _chosen(only), "without": list(without)}
    api = Api(lambda: find_target(data))
    if output is not None:
        _save(api, asked, output)
        return
    found = find_pages(api, asked | {"sort": sort, "facets": facets}, limit)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    _show(api, found, asked["q"])


def _chosen(only: Iterable[str]) -> dict[str, list[str]]:
    """The filters as the API takes them. Raises Misused."""
    chosen: dict[str, list[str]] = defaultdict(list)
    for said in only:
        name, _, value = said.partition(":")
        if name not in FACETS or not value:
            raise Misused(f"--only {plain(said)}: tulis SARINGAN:NILAI, misalnya tahun:2025 ({', '.join(FACETS)}).")
        chosen[name].append(value)
    return chosen


def _save(api: Api, asked: dict[str, Any], output: Path) -> None:
    """All that is found as a file, in the form that its name says. Raises Misused for another name."""
    ending = output.suffix.removeprefix(".")
    if ending not in ("csv", "xlsx", "zip"):
        raise Misused(f"{output}: nama berkas harus berakhir .csv, .xlsx, atau .zip.")
    size = api.save("/search/export", output, body=asked | {"format": ending})
    click.echo(f"{output}: {size} byte.")


def find_pages(api: Api, asked: dict[str, Any], limit: int) -> dict[str, Any]:
    """The search's answer with at most `limit` hits, taken together from as many answers as that needs."""
    found = api.post("/search", asked | {"limit": min(limit, _MOST_AT_ONCE)})
    while found["next"] and len(found["hits"]) < limit:
        most = min(limit - len(found["hits"]), _MOST_AT_ONCE)
        more = api.post("/search", asked | {"limit": most, "cursor": found["next"], "facets": False})
        found["hits"] += more["hits"]
        found["next"] = more["next"]
    return found


def _show(api: Api, found: dict[str, Any], asked: str) -> None:
    total = f"{found['total']}{'' if found['exact'] else '+'} halaman ditemukan."
    click.echo(total if found["total"] else "Tidak ada yang ditemukan.")
    if found["did_you_mean"]:
        click.echo(f"Apakah maksud Anda: {plain(found['did_you_mean'])}")
    for one in found["added"]:
        near = ", ".join(one["words"][:_MOST_SHOWN])
        click.echo(plain(f"Kata mirip yang ikut dicari untuk {one['asked']}: {near} (tanpa: --without KATA)"))
    for facet in found["facets"]:
        values = (f"{facet['name']}:{one['value']} ({one['label']}, {one['count']})" for one in facet["values"])
        click.echo(plain(f"{FACETS[facet['name']]}: {'; '.join(list(values)[:_MOST_SHOWN])}"))
    for hit in found["hits"]:
        show_hit(api, hit, asked)
    if found["next"]:
        click.echo(f"\nBaru {len(found['hits'])} yang ditampilkan; lihat lebih banyak dengan --limit.")


def show_hit(api: Api, hit: dict[str, Any], asked: str) -> None:
    """One hit with the address of its page."""
    click.echo(f"\n{day(hit['received_at'])}  {click.style(hit['document'], bold=True)}  halaman {hit['page']}")
    click.echo(f"  … {emphasised(plain(hit['snippet']), asked)} …")
    click.echo(f"  {api.url}{hit['page_address']}")


def emphasised(snippet: str, asked: str) -> str:
    """The snippet with the asked words in bold, also with prefixes and suffixes (`arsip` in `pengarsipan`)."""
    wanted = [word for word in re.findall(r"\w+", re.sub(r"(?<!\S)-\S+", "", asked.casefold())) if word]
    return " ".join(click.style(word, bold=True) if _fits(word, wanted) else word for word in snippet.split())


def _fits(word: str, wanted: list[str]) -> bool:
    parts = re.findall(r"\w+", word.casefold())
    return any(
        part == one or (min(len(part), len(one)) >= 4 and (one in part or part in one))
        for part in parts
        for one in wanted
    )
