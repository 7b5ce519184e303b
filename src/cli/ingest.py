"""`arsip ingest`: folders of scans into the archive."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from access.roles import CLEARANCES
from cli.client import Api, Interrupted, Misused, data_option, find_target, plain
from cli.sending import Mishaps, Run, Tally, count, letters_in, send_all

LINE_SECONDS, STILL_SECONDS = 3.0, 30.0
NOT_ALL = 3


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--jobs", default=4, show_default=True, type=click.IntRange(1, 32), help="Berkas yang dikirim sekaligus.")
@click.option("--clearance", type=click.Choice(CLEARANCES), help="Tingkat akses surat; biasanya menurut aturan server.")
@click.option("--no-wait", is_flag=True, help="Selesai begitu semua terkirim, tanpa menunggu surat dibaca.")
@data_option
def ingest(paths: tuple[Path, ...], jobs: int, clearance: str | None, no_wait: bool, data: Path | None) -> None:
    """Masukkan berkas dan isi folder ke arsip.

    Aman diulang: setelah terputus, jalankan perintah yang sama; tidak ada surat yang tercatat dua kali. Berkas
    tersembunyi dan tautan di dalam folder dilewati. Kode akhir 0 bila semua diarsipkan, 3 bila ada yang tertahan atau
    ditolak.
    """
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise Misused(f"Tidak ada berkas atau folder bernama {plain(str(missing[0]))}. Belum ada yang dikirim.")
    run = send_files(Api(lambda: find_target(data)), paths, jobs=jobs, clearance=clearance, wait=not no_wait)
    with closing(run):
        report(run)
    if run.tally.held or run.tally.refused:
        raise SystemExit(NOT_ALL)


def send_files(
    api: Api, paths: Sequence[Path], *, jobs: int = 4, clearance: str | None = None, wait: bool = True
) -> Run:
    """Send all files with progress on standard error; returns the finished run. Raises Stop."""
    api.get("/me")  # a wrong address or token is said at once, before anything is tried again and again
    run = Run(api, letters_in(paths), jobs, clearance, wait)
    run.tally.found = count(letters_in(paths))
    try:
        _show(run)
    except KeyboardInterrupt as interrupt:
        sent = run.tally.sent - run.tally.refused
        raise Interrupted(
            f"Dihentikan. {sent} dari {run.tally.found} surat sudah aman diterima. "
            "Jalankan perintah yang sama untuk melanjutkan."
        ) from interrupt
    return run


def report(run: Run) -> None:
    """The closing table on standard output, then each letter that needs somebody, and why."""
    tally = run.tally
    table = Table("Hasil", "Surat", title_justify="left")
    table.columns[1].justify = "right"
    rows = [("Diarsipkan", tally.archived), ("Sudah ada", tally.present)]
    rows += [("Masih diproses", tally.waiting)] * bool(tally.waiting)
    for name, number in [*rows, ("Tertahan", tally.held), ("Ditolak", tally.refused)]:
        table.add_row(name, str(number))
    Console().print(table)
    _list("Tertahan (aslinya sudah tersimpan, perlu seseorang):", run.held)
    _list("Ditolak (tidak disimpan):", run.refused)


def _list(title: str, mishaps: Mishaps) -> None:
    for number, mishap in enumerate(mishaps):
        if number == 0:
            click.echo(title)
        click.echo(f"  {plain(mishap.name)}: {plain(mishap.why)}")


def _show(run: Run) -> None:
    console = Console(stderr=True)
    if sys.stderr.isatty() and not console.is_dumb_terminal:
        _bars(run, console, send_all(run))
        return
    click.echo(f"{run.tally.found} berkas ditemukan.", err=True)
    shown, last = "", time.monotonic()
    for tally in send_all(run):
        line, since = line_of(tally), time.monotonic() - last
        if since >= (STILL_SECONDS if line == shown else LINE_SECONDS):
            click.echo(line, err=True)
            shown, last = line, time.monotonic()


def line_of(tally: Tally) -> str:
    """The state of a run in one line, for logs."""
    parts = [f"terkirim {tally.sent}/{tally.found}", f"selesai {finished(tally)}/{tally.found}"]
    parts += [f"tertahan {tally.held}"] * bool(tally.held) + [f"ditolak {tally.refused}"] * bool(tally.refused)
    return ", ".join(parts)


def finished(tally: Tally) -> int:
    """Files about which nothing more will happen."""
    return tally.archived + tally.present + tally.held + tally.refused


def _bars(run: Run, console: Console, rounds: Iterator[Tally]) -> None:
    columns = (TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        sent = progress.add_task("Terkirim", total=run.tally.found)
        done = progress.add_task("Selesai", total=run.tally.found, visible=run.wait)
        for tally in rounds:
            progress.update(sent, completed=tally.sent)
            progress.update(done, completed=finished(tally))
