"""`arsip restore`: a whole archive out of a backup, in a new data directory or in the office's own empty engines."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from archive import blobs, destructions, keyset, replica, wholesale
from archive.backups import Copied, Folder, NotABackupError, by_name, put_back
from archive.destructions import Gone
from archive.keyset import KeySet
from cli import rebuild
from cli.client import Misused, Stop
from cli.datadir import load_secrets, prepare, write_private
from cli.standing import engines_of, owners_settings
from core.faults import BytesDiffer, KeyUnusable, ReplicaUnavailable, StoreUnavailable
from core.settings import settings

_UNDER_WAY = "restore.json"
_AT_ONCE = 4


@click.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--data", type=click.Path(path_type=Path), help="Folder data yang baru; harus kosong.")
@click.option(
    "--office-key", metavar="BERKAS", type=click.File("r"), help="Berkas berisi kunci kantor (64 angka heksadesimal)."
)
@click.option(
    "--destroyed",
    "newer",
    metavar="FOLDER2",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Cadangan yang lebih baru, walau rusak: yang menurutnya sudah dimusnahkan, dimusnahkan lagi.",
)
def restore(folder: Path, data: Path | None, office_key: TextIO | None, newer: Path | None) -> None:
    """Pulihkan arsip dari cadangan di FOLDER; setiap berkas dicocokkan dengan daftarnya.

    Yang dimusnahkan setelah cadangan itu dibuat tidak kembali, bila daftarnya ada: di salinan kedua, atau di cadangan
    yang lebih baru (--destroyed). Kunci kantor diambil dari --office-key, dari ARSIP_OFFICE_KEY, atau dari secrets.json
    yang sudah ada di folder data.
    Aman diulang setelah terputus.
    """
    key = (office_key.read() if office_key else os.environ.get("ARSIP_OFFICE_KEY", "")).strip()
    backed_up = Folder(folder)
    if data is not None:
        _claim(prepare(data), folder, key)
    with engines_of(data) as at, _said():
        objects = backed_up.listed()
        if not objects:
            raise Stop(f"Di {folder} tidak ada cadangan yang lengkap.")
        _take_over(backed_up.keyset(), at)
        _make_buckets()
        versions = dict(_put_all(backed_up, objects.values()))
        wholesale.put_derived(keyset.KEY, backed_up.keyset())
        told = rebuild.run(versions, _destroyed_since(newer))
    if at is not None:
        (at / _UNDER_WAY).unlink(missing_ok=True)
    click.echo(f"Dipulihkan: {len(objects)} berkas, semuanya cocok dengan daftar cadangan.")
    rebuild.report(told, at)


def _claim(data: Path, folder: Path, key: str) -> None:
    """See that nothing but a restoring of this very backup was ever begun there, and that it gets the office key."""
    mark, secrets = data / _UNDER_WAY, data / "secrets.json"
    if not mark.exists() and ((data / "postgres").exists() or any((data / "seaweedfs").iterdir())):
        raise Stop(f"Folder data {data} tidak kosong. Pulihkan ke folder yang baru. Tidak ada yang diubah.")
    if not key and not secrets.exists():
        raise Misused("Kunci kantor belum diberikan: --office-key BERKAS, atau secrets.json di folder data yang baru.")
    found = load_secrets(data)
    if key:
        write_private(secrets, asdict(replace(found, office_key=key)))
    write_private(mark, {"from": str(folder.resolve())})


def _take_over(sealed: bytes, data: Path | None) -> None:
    """Let the new installation have the keys that must stay as they were. Raises Stop under another office key."""
    try:
        keys = keyset.read(sealed)
    except KeyUnusable as error:
        raise Stop("Kunci kantor ini tidak membuka cadangan. Tidak ada yang dipulihkan.") from error
    if data is not None:
        _keep(keys, data)


def _keep(keys: KeySet, data: Path) -> None:
    changed = {name: value for name, value in keys.secrets.items() if value}
    write_private(data / "secrets.json", {**asdict(load_secrets(data)), **changed})
    os.environ.update({f"ARSIP_{name.upper()}": value for name, value in changed.items()})
    settings.cache_clear()


def _make_buckets() -> None:
    wanted = owners_settings()
    if wanted.s3_admin_access_key and wanted.s3_admin_secret_key:
        access, secret = wanted.s3_admin_access_key, wanted.s3_admin_secret_key
        blobs.make_buckets(settings(), access.get_secret_value(), secret.get_secret_value())


def _destroyed_since(newer: Path | None) -> Gone:
    """What the second copy and a newer backup say was destroyed. Raises KeyUnusable where that is another office's."""
    lists: list[tuple[str, bytes]] = []
    if newer is not None:
        lists += Folder(newer).named(destructions.PREFIX)
    if replica.is_set_up():
        lists += [(name, b"".join(replica.chunks(name))) for name in replica.names_under(destructions.PREFIX)]
    return destructions.told(lists)


def _put_all(folder: Folder, objects: Iterable[Copied]) -> Iterator[tuple[tuple[str, str], str]]:
    """Put everything back; of each object that has another version now, by name and former version, the new one."""
    wanted = by_name(objects)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress, ThreadPoolExecutor(_AT_ONCE) as pool:
        task = progress.add_task("Dipulihkan", total=sum(each.size for one in wanted for each in one))
        for start in range(0, len(wanted), 64):
            batch = wanted[start : start + 64]
            put = pool.map(lambda one: zip(one, put_back(folder, one), strict=True), batch)
            for each, version in chain.from_iterable(put):
                progress.advance(task, each.size)
                if version != each.version:
                    yield (each.name, each.version), version


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except NotABackupError as error:
        raise Stop(f"Berkas cadangan hilang atau rusak: {error}. Pakai cadangan lain.") from error
    except BytesDiffer as error:
        raise Stop(f"Penyimpanan mengembalikan isi lain untuk {error.facts['key']}. Pemulihan dihentikan.") from error
    except KeyUnusable as error:
        raise Stop("Daftar pemusnahan yang ditemukan bukan milik kantor ini. Tidak ada yang diubah.") from error
    except (StoreUnavailable, ReplicaUnavailable) as error:
        raise Stop(f"{error.title}. Jalankan perintah yang sama untuk melanjutkan.") from error
