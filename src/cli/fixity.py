"""`arsip fixity`: is every object still what was once put there, and does the second copy have it?"""

import json
from pathlib import Path
from typing import Any, Final

import click

from cli.client import Api, data_option, find_target, json_option, plain

_KINDS: Final = {
    "original": "berkas asli",
    "pdf": "PDF",
    "manifest": "manifes",
    "checkpoint": "titik periksa",
    "picture": "gambar halaman",
    "snapshot": "potret basis data",
    "destruction": "daftar pemusnahan",
}
_WHAT: Final = {"object_changed": "isinya berubah", "object_unreadable": "tidak bisa dibaca"}


@click.command()
@json_option
@data_option
def fixity(as_json: bool, data: Path | None) -> None:
    """Tampilkan pemeriksaan isi berkas: yang sudah dibaca ulang, yang rusak, salinan kedua.

    Kode akhir 1 bila ada berkas rusak yang belum diperbaiki.
    """
    found = Api(lambda: find_target(data)).get("/fixity")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _tell(found)
    if found["bad"]:
        raise SystemExit(1)


def _tell(found: dict[str, Any]) -> None:
    read = found["objects"] - found["unread"]
    click.echo(f"{read} dari {found['objects']} berkas sudah dibaca ulang, tiap {found['within_days']} hari.")
    if found["oldest"]:
        click.echo(f"Terlama: {found['oldest']}. Terakhir: {found['newest']}.")
    if found["replica"]:
        click.echo(f"Salinan kedua: {found['copied']} berkas.")
    else:
        click.echo("Salinan kedua belum disiapkan (ARSIP_REPLICA_ENDPOINT).")
    for flaw in found["flaws"]:
        name = plain(flaw["filename"] or flaw["document"] or flaw["object"])
        state = f"diperbaiki {flaw['repaired_at']}" if flaw["repaired_at"] else "BELUM DIPERBAIKI"
        click.echo(f"{name}: {_KINDS[flaw['kind']]} {_WHAT[flaw['what']]} sejak {flaw['since']}; {state}")
