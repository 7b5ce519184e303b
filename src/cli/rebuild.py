"""`arsip rebuild`: the database is lost, the store is not; make the database again."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from alembic.util import CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session

from archive import destructions, journal, keyset, rebuild, rowcopy, snapshots, wholesale
from archive.actions import ACTIONS
from archive.destructions import Gone
from archive.keyset import KeySet
from archive.rebuild import Rebuilt
from archive.snapshots import Index
from cli.client import Stop
from cli.migrate import add_operators, let_snapshots_read, make_roles, tell_rules, upgrade
from cli.standing import engines_of, owners_settings
from core.faults import DatabaseUnavailable, KeyUnusable, StoreUnavailable
from core.settings import settings

_WRONG_KEY = (
    "Kunci kantor yang dipakai tidak membuka arsip ini, atau datanya rusak. Tidak ada yang diubah. Pulihkan dulu kunci "
    "kantor dari salinannya."
)


@click.command("rebuild")
@click.option("--data", type=click.Path(path_type=Path), help="Folder data; Arsiparis di sana harus berhenti.")
def rebuild_command(data: Path | None) -> None:
    """Buat lagi basis data yang hilang, dari isi penyimpanan.

    Hanya untuk basis data yang kosong. Yang dimasukkan orang setelah potret terakhir disebut di akhir.
    """
    with engines_of(data) as at:
        report(run(), at)


def run(versions: Mapping[tuple[str, str], str] | None = None, destroyed: Gone | None = None) -> Rebuilt:
    """Rebuild in the engines that the settings name, in one transaction. `versions`: what a restored store calls its
    objects now, by key and former version. `destroyed`: what is known to be destroyed beside what the bucket says.
    Raises Stop: then nothing was changed."""
    try:
        keys = found_keys()
        index = snapshots.newest(keys.generations)
        if index is None:
            raise Stop("Di penyimpanan tidak ada potret basis data. Tidak ada yang bisa dibuat lagi.")
        gone = destructions.known()
        gone.add(destroyed or Gone())
        return _make(index, keys, versions or {}, gone)
    except KeyUnusable as error:
        raise Stop(_WRONG_KEY) from error
    except (StoreUnavailable, DatabaseUnavailable) as error:
        raise Stop(f"{error.title}. {error.advice}") from error


def found_keys() -> KeySet:
    """The key set of the store. Raises Stop when it is of another installation, KeyUnusable."""
    sealed = wholesale.find_derived(keyset.KEY)
    if sealed is None:
        raise Stop("Di penyimpanan tidak ada set kunci. Kembalikan dulu dari cadangan.")
    keys = keyset.read(sealed)
    if keys.secrets["identity_key"] != settings().identity_key.get_secret_value():
        raise Stop("ARSIP_IDENTITY_KEY bukan yang dulu dipakai. Isi dengan yang lama; tanpa itu klien tidak dikenali.")
    return keys


def _make(index: Index, keys: KeySet, versions: Mapping[tuple[str, str], str], gone: Gone) -> Rebuilt:
    wanted = owners_settings()
    engine = create_engine(wanted.owner_database_url.get_secret_value(), hide_parameters=True)
    try:
        with engine.begin() as connection:
            make_roles(connection, wanted)
        with engine.begin() as connection, _rows_shown(index.rows) as seen:
            told = _fill(connection, index, keys, versions, seen)
            _destroy_again(connection, gone, told)
        add_operators(engine, wanted)
    finally:
        engine.dispose()
    return told


def _fill(
    connection: Connection,
    index: Index,
    keys: KeySet,
    versions: Mapping[tuple[str, str], str],
    seen: Callable[[int], None],
) -> Rebuilt:
    session = Session(connection)
    if rebuild.is_in_use(session):
        raise Stop("Basis data ini berisi arsip. Tidak ada yang diubah; `arsip rebuild` hanya untuk yang kosong.")
    if session.scalar(text("SELECT to_regclass('public.alembic_version') IS NOT NULL")):
        rebuild.clear(session)
    try:
        upgrade(connection, index.revision)
    except CommandError as error:
        raise Stop("Potret ini dibuat Arsiparis yang lebih baru. Pasang versi itu dulu.") from error
    rebuild.load(session, index, keys.generations[index.generation], seen)
    upgrade(connection)
    tell_rules(connection)
    let_snapshots_read(connection)
    told = Rebuilt(index.number, index.rows, datetime.fromisoformat(index.at))
    with rowcopy.open_to_owner(session):
        rebuild.replay(session, journal.after(index.ledger_seq, keys.generations), told)
        rebuild.enter_keys(session, keys)
        rebuild.rename_versions(session, versions)
    rebuild.note(session, told)
    session.flush()
    return told


def _destroy_again(connection: Connection, gone: Gone, told: Rebuilt) -> None:
    """What was destroyed after the copy was made does not come back: in the same transaction, so never seen."""
    session = Session(connection)
    with rowcopy.open_to_owner(session):
        told.destroyed = destructions.destroy_again(session, gone)
        destructions.write(
            session
        )  # what a newer backup or the second copy said is known here too, before it is checked
    session.flush()


@contextmanager
def _rows_shown(total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Baris", total=total)
        yield lambda rows: progress.advance(task, rows)


def report(told: Rebuilt, data: Path | None) -> None:
    """What came of it, and what to do next."""
    at = told.at.astimezone(ZoneInfo(settings().timezone))
    click.echo(
        f"Basis data dibuat lagi: {told.rows} baris dari potret {told.snapshot} ({at:%d-%m-%Y %H.%M}), lalu "
        f"{told.entries} catatan dan {told.letters} surat sesudahnya."
    )
    for action, number in told.lost.most_common():
        click.echo(
            f"Perlu dimasukkan lagi, karena terjadi setelah potret itu: {number} × {ACTIONS.get(action, action)}"
        )
    if told.destroyed:
        click.echo(
            f"Dimusnahkan lagi: {told.destroyed} surat yang dimusnahkan setelah cadangan itu dibuat. Daftar dan berita "
            "acaranya perlu dicatat lagi."
        )
    where = f" --data {data}" if data else ""
    click.echo(f"Jalankan Arsiparis (arsip up{where}), lalu periksa: arsip verify{where}", err=True)
