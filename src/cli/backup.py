"""`arsip backup`: everything needed to have the archive again, in one folder."""

import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from archive.backups import Done, Folder, NotABackupError, Run
from cli.client import Interrupted, Stop
from cli.standing import engines_of
from cli.supervisor import say
from core.faults import BytesDiffer, KeyUnusable, NotFound, StoreUnavailable

# a program of the workers' own, as `arsip up` starts them
_SNAPSHOT = (sys.executable, "-P", "-m", "workers.preserving")
_TRIES = 3


@click.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False))
@click.option("--data", type=click.Path(path_type=Path), help="Folder data dari `arsip up` di komputer ini.")
def backup(folder: Path, data: Path | None) -> None:
    """Salin seluruh arsip ke FOLDER; yang sudah ada di sana tidak disalin lagi.

    Aman dijalankan selagi kantor bekerja, dan aman diulang setelah terputus. Kunci kantor tidak ikut: simpan di tempat
    lain.
    """
    with engines_of(data, beside=True):
        done = make(folder)
    click.echo(
        f"Cadangan lengkap: {done.objects} berkas ({_size(done.size)}), {done.fetched} di antaranya baru "
        f"({_size(done.fetched_size)})."
    )
    click.echo("Kunci kantor tidak ada di dalamnya; tanpa kunci itu cadangan tidak terbuka. Simpan terpisah.", err=True)


def make(folder: Path) -> Done:
    """Bring the folder up to date, from the engines that the settings name. Raises Stop."""
    at = Folder(folder)
    try:
        at.prepare()
        for _ in range(_TRIES):
            _take_snapshot()
            if done := _copy(Run(at)):
                return done
    except NotABackupError as error:
        raise Stop(f"{error} bukan cadangan Arsiparis, atau rusak. Pilih folder lain yang kosong.") from error
    except KeyUnusable as error:
        raise Stop("Kunci kantor yang dipakai bukan kunci arsip ini. Cadangan belum lengkap.") from error
    except (StoreUnavailable, NotFound, BytesDiffer) as error:
        raise Stop(f"{error.title}. Cadangan belum lengkap; jalankan perintah yang sama untuk melanjutkan.") from error
    except OSError as error:
        raise Stop(f"Folder {folder} tidak bisa ditulisi ({error.strerror}). Cadangan belum lengkap.") from error
    except KeyboardInterrupt as error:
        raise Interrupted("Dihentikan. Jalankan perintah yang sama untuk melanjutkan.") from error
    raise Stop("Arsip sedang dimusnahkan sebagian. Cadangan belum lengkap; jalankan lagi sebentar lagi.")


def _take_snapshot() -> None:
    say("Memotret basis data …")
    if subprocess.run(_SNAPSHOT, check=False).returncode:
        raise Stop("Basis data tidak bisa dipotret. Cadangan belum lengkap. Periksa: arsip doctor")


def _copy(run: Run) -> Done | None:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Disalin", total=run.total)
        for copied in run.objects():
            progress.advance(task, copied.size)
    return run.finish()


def _size(number: int) -> str:
    return f"{number / 1e6:.1f} MB".replace(".", ",")
