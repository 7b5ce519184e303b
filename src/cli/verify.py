"""`arsip verify`: is every byte and every entry still what was once kept?"""

import json
import sys
from pathlib import Path
from typing import Any

import click

from cli.client import Api, Misused, Stop, data_option, find_target
from cli.offline import check_ledger

# What the check can find (archive/verify.py); anything else is the slug of a fault that stopped it
FINDINGS = {
    "ledger_gap": "Catatan buku besar hilang atau tersisip",
    "ledger_changed": "Catatan buku besar diubah",
    "ledger_cut": "Buku besar terpotong atau dibuat baru",
    "checkpoint_forged": "Titik periksa tidak ditandatangani kunci kantor",
    "checkpoint_unproven": "Tanda tangan titik periksa belum bisa diperiksa: basis data tidak memuat kunci umum kantor",
    "checkpoint_missing": "Titik periksa yang pernah ditandatangani hilang",
    "object_unreadable": "Berkas arsip tidak bisa dibaca",
    "object_changed": "Isi berkas arsip berubah",
    "key_missing": "Kunci surat hilang",
    "manifest_disagrees": "Manifes tidak cocok dengan buku besar",
    "document_unknown": "Data surat tidak cocok dengan buku besar",
    "stack_not_covered": "Halaman satu berkas tidak terbagi utuh atas surat-suratnya",
    "agenda_broken": "Buku agenda tidak utuh",
    "destroyed_undecided": "Ada surat yang hilang tanpa keputusan pemusnahan",
}
_EVERY = 200


@click.command()
@click.option(
    "--offline",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="EKSPOR",
    help="Periksa buku besar yang diekspor (`arsip ledger export`), tanpa server; perlu --key.",
)
@click.option("--key", "keys", multiple=True, help="Dengan --offline: kunci umum, atau berkas yang memuatnya.")
@click.option(
    "--checkpoint",
    "kept",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Dengan --offline: titik periksa yang Anda simpan; bisa beberapa.",
)
@data_option
def verify(offline: Path | None, keys: tuple[str, ...], kept: tuple[Path, ...], data: Path | None) -> None:
    """Periksa seluruh arsip: rantai buku besar dan isi setiap berkas.

    Kode akhir 0 bila utuh; 1 bila tidak, dengan nama catatan atau berkas rusak yang pertama.
    """
    if offline is not None:
        if not keys:
            raise Misused("Beri kunci umumnya juga: --key KUNCI (dari `arsip ledger key`).")
        check_ledger(offline, keys, kept)
        return
    verdict = _run(Api(lambda: find_target(data)))
    if verdict["ok"]:
        click.echo(f"Arsip utuh: {verdict['entries']} catatan dan {verdict['objects']} berkas cocok.")
        return
    finding = verdict["finding"]
    if finding["what"] not in FINDINGS:
        raise Stop(f"Pemeriksaan tidak selesai. {finding['where']}")
    click.echo(f"ARSIP TIDAK UTUH. {FINDINGS[finding['what']]}: {finding['where']}")
    click.echo("Jangan ubah apa pun; simpan keluaran ini dan hubungi admin.", err=True)
    raise SystemExit(1)


def _run(api: Api) -> dict[str, Any]:
    """The verdict, with progress on standard error. Raises Stop when the check broke off."""
    on_terminal = sys.stderr.isatty()
    last: dict[str, Any] = {}
    with api.lines("/verification") as lines:
        for number, line in enumerate(lines):
            last = json.loads(line)
            if "ok" not in last and number % _EVERY == 0:
                progress = f"Diperiksa: {last['entries']} catatan, {last['objects']} berkas"
                click.echo(f"\r{progress}" if on_terminal else progress, nl=not on_terminal, err=True)
    if on_terminal:
        click.echo(err=True)
    if "ok" not in last:
        raise Stop("Pemeriksaan terputus sebelum selesai. Jalankan lagi.")
    return last
