"""`arsip search` and `arsip show`: finding letters and looking at one."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from archive.actions import ACTIONS
from archive.signatures import said
from cli.client import Api, Misused, data_option, find_target, json_option, plain

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
_MOST_AT_ONCE = 100  # the API's limit of one answer
STAGES = {
    "received": "diterima, menunggu dibuka",
    "paged": "sedang dibaca",
    "read": "selesai dibaca",
    "filed": "siap dikunci",
    "sealed": "diarsipkan dan terkunci",
    "held": "tertahan, perlu seseorang",
}


@click.command()
@click.argument("words", metavar="KATA...", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="Paling banyak hasil.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Simpan semua hasil: .csv, .xlsx, atau .zip (kantong BagIt dengan PDF tiap surat).",
)
@json_option
@data_option
def search(words: tuple[str, ...], limit: int, output: Path | None, as_json: bool, data: Path | None) -> None:
    """Cari halaman surat yang memuat semua kata.

    Surat terbaru lebih dulu. Tanda kutip mencari kata yang berurutan: arsip search '"orang terlantar"'
    """
    asked = " ".join(words)
    api = Api(lambda: find_target(data))
    if output is not None:
        _save(api, asked, output)
        return
    found = find_pages(api, asked, limit)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{found['total']} halaman ditemukan." if found["total"] else "Tidak ada yang ditemukan.")
    for hit in found["hits"]:
        show_hit(api, hit, asked)
    if found["total"] > len(found["hits"]):
        click.echo(f"\nBaru {len(found['hits'])} yang ditampilkan; lihat lebih banyak dengan --limit.")


def _save(api: Api, asked: str, output: Path) -> None:
    """All that is found as a file, in the form that its name says. Raises Misused for another name."""
    ending = output.suffix.removeprefix(".")
    if ending not in ("csv", "xlsx", "zip"):
        raise Misused(f"{output}: nama berkas harus berakhir .csv, .xlsx, atau .zip.")
    size = api.save("/search/export", output, body={"q": asked, "format": ending})
    click.echo(f"{output}: {size} byte.")


def find_pages(api: Api, asked: str, limit: int) -> dict[str, Any]:
    """The search's answer with at most `limit` hits, taken together from as many answers as that needs."""
    found = api.post("/search", {"q": asked, "limit": min(limit, _MOST_AT_ONCE)})
    while found["next"] and len(found["hits"]) < limit:
        most = min(limit - len(found["hits"]), _MOST_AT_ONCE)
        more = api.post("/search", {"q": asked, "limit": most, "cursor": found["next"]})
        found["hits"] += more["hits"]
        found["next"] = more["next"]
    return found


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


@click.command()
@click.argument("document", metavar="ID")
@click.option("--text", is_flag=True, help="Tampilkan juga teks semua halaman.")
@click.option("--events", is_flag=True, help="Tampilkan juga riwayatnya.")
@json_option
@data_option
def show(document: str, text: bool, events: bool, as_json: bool, data: Path | None) -> None:
    """Tampilkan keterangan satu surat."""
    try:
        letter = UUID(document)
    except ValueError as error:
        raise Misused("ID surat tidak lengkap. Salin seluruhnya dari hasil `arsip search`.") from error
    api = Api(lambda: find_target(data))
    found = api.get(f"/documents/{letter}")
    parts: dict[str, Any] = {}
    if text:
        parts["text"] = api.get(f"/documents/{letter}/text")["pages"]
    if events:
        parts["events"] = api.get(f"/documents/{letter}/events")["events"]
    if as_json:
        click.echo(json.dumps({**found, **parts}, ensure_ascii=False))
        return
    _details(api, found)
    for page in parts.get("text", []):
        click.echo(f"\nHalaman {page['number']}\n{page['text']}")
    if events:
        click.echo("\nRiwayat")
    for event in parts.get("events", []):
        action = ACTIONS.get(event["action"], event["action"]).lower()
        click.echo(f"  {event['seq']:>6}  {moment(event['at'])}  {action}  (oleh {event['actor']})")


def _details(api: Api, found: dict[str, Any]) -> None:
    pages = "belum diketahui" if found["pages"] is None else f"{found['pages']} ({found['pages_read']} sudah dibaca)"
    kind = (found["kind"]["value"] or "belum diketahui").replace("_", " ")
    if found["letters"]:
        kind = f"tumpukan {len(found['letters'])} surat"
    rows = [
        ("Surat", found["id"]),
        ("Nama berkas", plain(found["filename"])),
        ("Jenis berkas", found["media_type"]),
        ("Tahap", STAGES.get(found["stage"], found["stage"])),
        ("Jenis surat", kind),
        ("Halaman", pages),
        ("Akses", found["clearance"].replace("_", " ")),
        ("Diterima", moment(found["received_at"])),
        ("Diarsipkan", moment(found["sealed_at"]) if found["sealed_at"] else "belum"),
        ("SHA-256", found["sha256"]),
        ("Alamat", f"{api.url}/arsip/{found['id']}"),
    ]
    if found["part_of"]:
        rows.append(("Bagian dari", _place(found["part_of"], found["part_of"]["id"])))
    rows += [("Berisi surat", _place(part, part["id"])) for part in found["letters"]]
    rows += [("Tanda tangan", _signature(one)) for one in found["signatures"] or ()]
    if found["fault"]:
        rows.append(("Sebab", found["fault"]["detail"]))
    for name, value in rows:
        click.echo(f"{name:<14}{value}")


def _signature(one: dict[str, Any]) -> str:
    when = f", {moment(one['signed_at'])}" if one["signed_at"] else ""
    return f"{plain(one['signer'] or 'tanpa nama')}{when}: {said(one['why'], one['later'])}"


def _place(part: dict[str, Any], document: str) -> str:
    """A stack or a letter of one, with the stack's pages that are meant."""
    if part["first_page"] is None:
        return f"{document} (sudah digabung kembali)"
    return f"{document} halaman {part['first_page']}–{part['last_page']}"


def day(moment_utc: str) -> str:
    """`2026-11-21T01:02:03Z` → `21 Nov 2026`, by this machine's clock."""
    local = datetime.fromisoformat(moment_utc).astimezone()
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def moment(moment_utc: str) -> str:
    """`2026-11-21T01:02:03Z` → `21 Nov 2026 09.02`, by this machine's clock."""
    return f"{day(moment_utc)} {datetime.fromisoformat(moment_utc).astimezone():%H.%M}"
