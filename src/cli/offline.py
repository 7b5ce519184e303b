"""Checking without a server: an exported ledger, or the proof of one letter, with the public key alone."""

import gzip
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

import click

from archive.offline import Checkpoint, Flaw, Key, LedgerCheck, NotOursError, Proven, opened, proven
from cli.client import Misused

# What checking offline can find (archive/offline.py)
FLAWS: Final = {
    "ledger_gap": "Catatan buku besar hilang, tersisip, atau berpindah",
    "ledger_changed": "Catatan buku besar diubah",
    "ledger_rewritten": "Buku besar ditulis ulang: catatannya tidak cocok dengan titik periksa yang ditandatangani",
    "ledger_cut": "Buku besar terpotong",
    "ledger_fork": "Dua titik periksa yang ditandatangani saling bertentangan",
    "checkpoint_forged": "Titik periksa tidak ditandatangani dengan kunci itu",
    "checkpoint_missing": "Tidak ada titik periksa yang mencakupnya",
    "export_damaged": "Berkas ekspor rusak",
    "proof_broken": "Bukti tidak sampai ke titik periksa yang ditandatangani",
    "proof_of_another": "Bukti memuat catatan surat lain",
}
_CAME: Final = {"original": "berkas asli", "pdf": "PDF", "manifest": "manifes"}
_CHUNK: Final = 1 << 20

key_option = click.option(
    "--key", "keys", multiple=True, required=True, help="Kunci umum (`arsip ledger key`), atau berkas yang memuatnya."
)


def check_ledger(export: Path, keys: tuple[str, ...], kept: tuple[Path, ...]) -> None:
    """Say whether the exported ledger is whole; exit code 1 and the first bad entry where it is not."""
    known = read_keys(keys)
    check = LedgerCheck(known, [_kept(path, known) for path in kept])
    with _lines_of(export) as lines:
        for entries in check.run(lines):
            if sys.stderr.isatty():
                click.echo(f"\rDiperiksa: {entries} catatan", nl=False, err=True)
    if sys.stderr.isatty():
        click.echo(err=True)
    if check.flaw is not None:
        _refuse("BUKU BESAR TIDAK UTUH", check.flaw)
    click.echo(f"Buku besar utuh: {check.entries} catatan cocok dengan {check.checkpoints} titik periksa.")
    beyond = check.entries - check.covered
    if beyond:
        click.echo(f"{beyond} catatan terakhir belum tercakup titik periksa mana pun.")


def check_proof(file: Path, letter: Path | None, keys: tuple[str, ...]) -> None:
    """Say what a letter's proof shows, and whether the file at hand is that letter."""
    try:
        shown = proven(json.loads(_read(file)), read_keys(keys))
    except ValueError as error:
        raise Misused(f"{file} bukan berkas bukti dari `arsip proof get`.") from error
    if isinstance(shown, Flaw):
        _refuse("BUKTI TIDAK SAH", shown)
    else:
        _tell(shown, letter)


def _tell(shown: Proven, letter: Path | None) -> None:
    name = None
    if letter is not None:
        with _opened(letter) as file:
            digest = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        name = shown.names(digest.hexdigest())
        if name is None:
            click.echo(
                f"BUKAN SURAT INI. {letter} bukan berkas surat {shown.document} (sidik jari {digest.hexdigest()})."
            )
            raise SystemExit(1)
    click.echo(f"Bukti sah: surat {shown.document}.")
    for event in shown.events:
        what = "diterima" if event["body"]["action"] != "sealed" else "dikunci di arsip"
        click.echo(f"  catatan {event['seq']}: {what} {event['at']}")
    click.echo(f"  titik periksa: {shown.checkpoint.size} catatan, ditandatangani {shown.checkpoint.at}")
    if name is not None:
        click.echo(f"  {letter} adalah {_CAME[name]} surat itu.")


def read_keys(given: tuple[str, ...]) -> list[Key]:
    """The public keys, given as text or as files. Raises Misused."""
    try:
        return [Key.read(Path(one).read_text() if "+" not in one else one) for one in given]
    except (OSError, ValueError) as error:
        raise Misused("Kunci umum tidak bisa dibaca. Salin seluruh baris dari `arsip ledger key`.") from error


def _kept(path: Path, keys: list[Key]) -> Checkpoint:
    """A checkpoint that the checker kept: the signed text, or a letter's proof that has it."""
    text = _read(path)
    try:
        note = json.loads(text)["checkpoint"] if text.startswith("{") else text
        found = opened(note, keys)
    except (ValueError, KeyError, NotOursError) as error:
        raise Misused(f"{path} bukan titik periksa dari `arsip ledger checkpoint`.") from error
    if found is None:
        _refuse("TITIK PERIKSA TIDAK SAH", Flaw("checkpoint_forged", str(path)))
    return found


def _refuse(title: str, flaw: Flaw) -> NoReturn:
    click.echo(f"{title}. {FLAWS[flaw.what]}: {flaw.where}")
    raise SystemExit(1)


def _read(path: Path) -> str:
    with _opened(path) as file:
        try:
            return file.read(64 * _CHUNK).decode()
        except UnicodeDecodeError as error:
            raise Misused(f"{path} bukan berkas teks.") from error


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise Misused(f"{path} tidak bisa dibaca ({error.strerror}).") from error


@contextmanager
def _lines_of(path: Path) -> Iterator[Iterator[bytes]]:
    """The export's lines; one that was packed with gzip is unpacked on the way."""
    with _opened(path) as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            with gzip.open(file) if packed else file as plain:
                yield iter(plain)
        except (gzip.BadGzipFile, EOFError) as error:
            raise Misused(f"{path} rusak: tidak bisa dibuka sampai akhir.") from error
