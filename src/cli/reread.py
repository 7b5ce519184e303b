"""`arsip reread`: let a newer reader read the archive; originals and what was read before stay."""

import time
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.client import Api, data_option, find_target

_POLL_SECONDS = 1.0


@click.command()
@click.option("--wait/--no-wait", default=True, help="Tunggu dan tampilkan kemajuannya (bawaan), atau tidak.")
@data_option
def reread(wait: bool, data: Path | None) -> None:
    """Baca ulang semua surat dengan pembaca yang sekarang.

    Berkas asli tidak disentuh; teks yang lama tetap disimpan sebagai riwayat. Surat baru selalu didahulukan.
    Ctrl-C hanya menghentikan tampilan; pembacaan ulang tetap berjalan.
    """
    api = Api(lambda: find_target(data))
    asked = api.post("/rereading")
    left = api.get("/rereading")
    if not left["pages"]:
        click.echo("Tidak ada surat yang perlu dibaca ulang.")
        return
    click.echo(f"{asked['pages']} halaman dari {asked['documents']} surat masuk antrean baca ulang.")
    if wait:
        _show(api, left["pages"])


def _show(api: Api, total: int) -> None:
    columns = (TextColumn("Dibaca ulang"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=total)
        while left := api.get("/rereading")["pages"]:
            progress.update(bar, completed=max(0, total - left))
            time.sleep(_POLL_SECONDS)
        progress.update(bar, completed=total)
    click.echo("Selesai. Surat yang berubah dikunci lagi dengan manifes baru.")
