"""`arsip user` and `arsip token`: accounts and what programs sign in with."""

import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from access.roles import CLEARANCES, Role
from cli.client import Api, Misused, Problem, data_option, find_target, plain


@click.group()
def user() -> None:
    """Kelola pengguna."""


@user.command()
@click.argument("name", metavar="NAMA")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="Peran di kantor.")
@click.option("--unit", default="umum", show_default=True, help="Unit kerja; pengguna melihat surat unitnya.")
@click.option(
    "--clearance", default="terbatas", show_default=True, type=click.Choice(CLEARANCES), help="Tingkat akses tertinggi."
)
@click.option("--password-stdin", is_flag=True, help="Baca kata sandi dari masukan standar (satu baris).")
@data_option
def add(name: str, role: str, unit: str, clearance: str, password_stdin: bool, data: Path | None) -> None:
    """Tambah pengguna.

    Kata sandi ditanyakan dua kali dan tidak terlihat. Tanpa terminal dan tanpa --password-stdin, pengguna dibuat
    tanpa kata sandi: hanya untuk program, dengan `arsip token issue`.
    """
    api = Api(lambda: find_target(data, as_admin=True))
    password = _password(password_stdin)
    body = {"name": name, "role": role, "unit": unit, "clearance": clearance, "password": password}
    made = api.post("/users", body)
    rights = f"{made['role']}, unit {made['unit']}, akses sampai {made['clearance'].replace('_', ' ')}"
    click.echo(f"Pengguna {made['name']} dibuat: {rights}.")
    if password is None:
        click.echo(f"Tanpa kata sandi. Buat token untuk program: arsip token issue {made['name']}", err=True)


@user.command()
@click.argument("name", metavar="NAMA")
@click.option("--password-stdin", is_flag=True, help="Baca kata sandi dari masukan standar (satu baris).")
@data_option
def password(name: str, password_stdin: bool, data: Path | None) -> None:
    """Ganti kata sandi pengguna, misalnya karena lupa. Ia keluar dari semua halaman; tokennya tetap berlaku."""
    api = Api(lambda: find_target(data, as_admin=True))
    new = _password(password_stdin)
    if new is None:
        raise Misused("Kata sandi tidak diberikan. Ketik di terminal, atau kirim lewat --password-stdin.")
    with _somebody(name):
        api.put(f"/users/{_quoted(name)}/password", {"password": new})
    click.echo(f"Kata sandi {plain(name)} diganti.")


@contextmanager
def _somebody(name: str) -> Iterator[None]:
    """What is done to an account that does not exist is told as such. Raises Misused, Problem."""
    try:
        yield
    except Problem as problem:
        if problem.status != 404:
            raise
        raise Misused(
            f"Tidak ada pengguna bernama {plain(name)}. Buat dulu: arsip user add NAMA --role PERAN"
        ) from None


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def _password(from_stdin: bool) -> str | None:
    """The password that was typed or piped in; None without either. Raises Misused for an empty line."""
    if from_stdin:
        piped = sys.stdin.readline().rstrip("\r\n")
        if not piped:
            raise Misused("Masukan standar kosong, padahal --password-stdin dipakai. Pengguna tidak dibuat.")
        return piped
    if not sys.stdin.isatty():
        return None
    while True:
        typed: str = click.prompt("Kata sandi (paling sedikit 8 karakter)", hide_input=True, err=True)
        again: str = click.prompt("Ulangi kata sandi", hide_input=True, err=True)
        if typed != again:
            click.echo("Kedua kata sandi tidak sama. Ketik lagi.", err=True)
        elif len(typed) < 8:
            click.echo("Terlalu pendek. Ketik paling sedikit 8 karakter.", err=True)
        else:
            return typed


@click.group()
def token() -> None:
    """Kelola token untuk program."""


@token.command()
@click.argument("name", metavar="NAMA")
@data_option
def issue(name: str, data: Path | None) -> None:
    """Buat token baru untuk seorang pengguna.

    Token saja yang tercetak, dan hanya sekali ini. Simpan di tempat rahasia, misalnya sebagai ARSIP_TOKEN.
    """
    api = Api(lambda: find_target(data, as_admin=True))
    with _somebody(name):
        secret = api.issue_token(name)
    click.echo(secret)


@token.command()
@click.argument("name", metavar="NAMA")
@data_option
def revoke(name: str, data: Path | None) -> None:
    """Cabut semua token seorang pengguna; program yang memakainya tidak bisa masuk lagi."""
    api = Api(lambda: find_target(data, as_admin=True))
    with _somebody(name):
        revoked = api.delete(f"/users/{_quoted(name)}/tokens")["revoked"]
    click.echo(f"{revoked} token {plain(name)} dicabut.")
