"""`arsip key`: a sealed copy of the office key, and getting the key back from it.

The key itself never goes over the network: both work on the machine that has it, in the data directory of `arsip up`
or, with docker compose, in `ARSIP_OFFICE_KEY`.
"""

import secrets
import sys
from pathlib import Path

import click

from archive import keycopy, officekey
from cli.client import Api, Misused, Stop, data_option, find_target
from cli.datadir import (
    KEY_COPY,
    DataDirError,
    hold,
    load_secrets,
    office_key_of,
    prepare,
    replace_office_key,
    write_private,
)
from core.faults import KeyUnusable
from core.settings import ClientSettings

_passphrase_option = click.option(
    "--passphrase-stdin", is_flag=True, help="Baca kata sandi salinan dari masukan standar (satu baris)."
)


@click.group()
def key() -> None:
    """Salinan kunci kantor; tanpa kunci itu tidak ada surat yang bisa dibuka."""


@key.command("export")
@click.argument("file", metavar="BERKAS", type=click.Path(path_type=Path, dir_okay=False))
@_passphrase_option
@data_option
def export(file: Path, passphrase_stdin: bool, data: Path | None) -> None:
    """Tulis salinan kunci kantor yang terkunci dengan kata sandi.

    Simpan berkasnya di luar komputer ini, dan kata sandinya di tempat lain lagi.
    """
    if file.exists():
        raise Misused(f"{file} sudah ada dan tidak ditimpa. Pilih nama lain.")
    wanted = ClientSettings()
    folder = data or wanted.data
    office_key = _own_key(wanted, folder, explicit=data is not None)
    text = keycopy.seal(office_key, _passphrase(passphrase_stdin, new=True))
    write_private(file, text)
    fingerprint = officekey.fingerprint(office_key)
    click.echo(f"Salinan kunci kantor (sidik {fingerprint}) ditulis ke {file}.")
    _tell(data, folder, fingerprint)


def _own_key(wanted: ClientSettings, folder: Path, *, explicit: bool) -> bytes:
    if wanted.office_key is not None and not explicit:
        return bytes.fromhex(wanted.office_key.get_secret_value())
    if not (folder.expanduser() / "secrets.json").exists():
        raise Misused(f"Di {folder} tidak ada kunci kantor. Jalankan di komputer `arsip up`, atau beri --data.")
    try:
        return bytes.fromhex(load_secrets(folder.expanduser()).office_key)
    except DataDirError as error:
        raise Stop(str(error)) from error


def _tell(data: Path | None, folder: Path, fingerprint: str) -> None:
    """Let the server know, so that it warns no longer; one that does not run now learns it at its next start."""
    try:
        Api(lambda: find_target(data, as_admin=True)).post("/store/key-copies", {"fingerprint": fingerprint})
    except Stop as trouble:
        if (folder.expanduser() / "secrets.json").exists():
            write_private(folder.expanduser() / KEY_COPY, fingerprint)
            click.echo("Arsiparis tidak sedang berjalan; dicatat saat `arsip up` dijalankan lagi.", err=True)
        else:
            click.echo(f"Server belum tahu ({trouble.message}), jadi peringatannya tetap tampil.", err=True)


@key.command("import")
@click.argument("file", metavar="BERKAS", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--show", is_flag=True, help="Hanya cetak kuncinya, untuk ARSIP_OFFICE_KEY di .env.")
@click.option("--replace", is_flag=True, help="Ganti kunci lain yang sudah dipakai folder data ini.")
@_passphrase_option
@click.option("--data", type=click.Path(path_type=Path), help="Folder data dari `arsip up` di komputer ini.")
def import_(file: Path, show: bool, replace: bool, passphrase_stdin: bool, data: Path | None) -> None:
    """Pulihkan kunci kantor dari salinannya ke folder data."""
    try:
        office_key = keycopy.open_copy(file.read_text(), _passphrase(passphrase_stdin, new=False))
    except (KeyUnusable, UnicodeDecodeError):
        raise Stop("Kata sandi keliru, atau berkas ini bukan salinan kunci kantor. Tidak ada yang diubah.") from None
    if show:
        click.echo(office_key.hex())
        return
    try:
        folder = prepare(data or ClientSettings().data)
        with hold(folder):
            _put(folder, office_key.hex(), replace=replace)
    except DataDirError as error:
        raise Stop(str(error)) from error


def _put(folder: Path, office_key: str, *, replace: bool) -> None:
    there = office_key_of(folder)
    if there == office_key:
        click.echo("Folder data ini sudah memakai kunci itu. Tidak ada yang diubah.")
        return
    if there is not None and (folder / "postgres").exists() and not replace:
        raise Stop(
            "Folder data ini memakai kunci lain, dan suratnya hanya terbuka dengan kunci itu. "
            "Bila yakin salinan ini yang benar, ulangi dengan --replace."
        )
    if there is not None and replace:
        kept = folder / f"office-key-lama-{secrets.token_hex(4)}"
        write_private(kept, there)
        click.echo(f"Kunci yang diganti disimpan di {kept}.", err=True)
    replace_office_key(folder, office_key)
    fingerprint = officekey.fingerprint(bytes.fromhex(office_key))
    click.echo(f"Kunci kantor (sidik {fingerprint}) dipulihkan. Jalankan: arsip up")


def _passphrase(from_stdin: bool, *, new: bool) -> str:
    """What was typed or piped in. Raises Misused for one that is too short or missing."""
    if from_stdin or not sys.stdin.isatty():
        typed = sys.stdin.readline().rstrip("\r\n")
        if len(typed) < keycopy.LEAST_PASSPHRASE:
            raise Misused(f"Kata sandi salinan paling sedikit {keycopy.LEAST_PASSPHRASE} huruf. Coba lagi.")
        return typed
    while True:
        typed = click.prompt("Kata sandi salinan (paling sedikit 12 huruf)", hide_input=True, err=True)
        if not new:
            return typed
        if len(typed) < keycopy.LEAST_PASSPHRASE:
            click.echo("Terlalu pendek. Pakai beberapa kata yang mudah Anda ingat.", err=True)
        elif click.prompt("Ulangi kata sandi", hide_input=True, err=True) != typed:
            click.echo("Kedua kata sandi tidak sama. Ketik lagi.", err=True)
        else:
            return typed
