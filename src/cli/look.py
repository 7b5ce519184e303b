"""`arsip show`: looking at one letter."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from archive.actions import ACTIONS
from archive.signatures import said
from cli.client import Api, Misused, data_option, find_target, json_option, plain

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
STAGES = {
    "received": "diterima, menunggu dibuka",
    "paged": "sedang dibaca",
    "read": "selesai dibaca",
    "filed": "siap dikunci",
    "sealed": "diarsipkan dan terkunci",
    "held": "tertahan, perlu seseorang",
}


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
