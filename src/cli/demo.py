"""`arsip demo`: the product with sample letters in it, and one of them found."""

import json
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import click

from cli.client import Api, Problem, Stop, local_target
from cli.datadir import running, write_private
from cli.ingest import report, send_files
from cli.searching import find_pages, show_hit
from cli.supervisor import bound
from core.settings import ClientSettings

CLERK, OFFICIAL = "petugas-demo", "pejabat-demo"
USERS = {CLERK: "petugas", OFFICIAL: "pejabat"}
_START_SECONDS = 120.0


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder data (bila belum ada, dibuat).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port halaman web.")
def demo(data: Path | None, port: int | None) -> None:
    """Coba Arsiparis dengan surat contoh berisi orang rekaan.

    Menjalankan `arsip up` bila belum berjalan, memasukkan surat contoh, lalu mencari satu di antaranya.
    """
    data = (data or ClientSettings().data).expanduser().resolve()
    try:
        with ExitStack() as stack:
            server = None if running(data) else stack.enter_context(_server(data, port))
            _show_all(data)
            if server is not None:
                click.echo("\nTekan Ctrl-C untuk berhenti. Semua surat tetap tersimpan.")
                raise SystemExit(server.wait())
    except KeyboardInterrupt:
        return


def _show_all(data: Path) -> None:
    admin = Api(lambda: local_target(data, as_admin=True))
    password = make_users(admin, data)
    api = Api(lambda: local_target(data))
    with as_file(files("cli") / "samples") as folder:
        samples = json.loads((folder / "samples.json").read_text("utf-8"))
        click.echo(f"Memasukkan {len(samples)} surat contoh …")
        with closing(send_files(api, [folder / sample["file"] for sample in samples])) as run:
            report(run)
    asked = f'"{samples[0]["find"]}"'
    click.echo(f"\nMencari {asked} ({samples[0]['title']}):")
    with _clerk(admin, data) as clerk:
        found = find_pages(clerk, {"q": asked}, 1)
        if not found["hits"]:
            raise Stop("Surat contoh tidak ditemukan. Lihat surat yang tertahan di atas, atau jalankan `arsip doctor`.")
        show_hit(clerk, found["hits"][0], asked)
    known = password or "(dibuat sebelumnya, tidak diketahui di sini)"
    click.echo(f"\nBuka alamat itu di peramban dan masuk sebagai:\n  {CLERK}  kata sandi: {known}")
    click.echo(f"Untuk mencoba sebagai pejabat:\n  {OFFICIAL}  kata sandi: {known}")


@contextmanager
def _clerk(admin: Api, data: Path) -> Iterator[Api]:
    """The API as the demo's clerk: what an address marks is sealed for the account that searched (adr/0032), and the
    reader of it signs in as the clerk."""
    token = admin.issue_token(CLERK)
    try:
        yield Api(lambda: local_target(data)._replace(token=token))
    finally:
        admin.delete(f"/users/{CLERK}/tokens")


def make_users(admin: Api, data: Path) -> str | None:
    """Make the demo users that are missing; returns their password, or None when nobody here knows it any more.

    The password is written down before it is used, so that a demo stopped half-way can go on.
    """
    kept = data / "demo.json"
    try:
        password, fresh = str(json.loads(kept.read_text())["password"]), False
    except FileNotFoundError:
        password, fresh = secrets.token_urlsafe(9), True
        write_private(kept, {"password": password})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Stop(f"Berkas {kept} rusak. Hapus, lalu jalankan lagi.") from error
    for name, role in USERS.items():
        try:
            admin.post(
                "/users", {"name": name, "role": role, "unit": "umum", "clearance": "rahasia", "password": password}
            )
        except Problem as problem:
            if problem.slug != "invalid_request":
                raise
            if fresh:  # the name is taken, by a demo whose file is gone
                kept.unlink()
                return None
    return password


@contextmanager
def _server(data: Path, port: int | None) -> Iterator[subprocess.Popen[bytes]]:
    """An `arsip up` of our own, ended with us: also when this program is killed. Raises Stop when it fails to start."""
    options = ["--port", str(port)] if port else []
    up = [sys.executable, "-P", "-m", "cli.main", "up", "--data", str(data), *options]
    # A session of its own: Ctrl-C comes to us, and we end it once
    server = subprocess.Popen(bound(up, signal.SIGTERM, as_user=False), start_new_session=True)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while running(data) is None:
            if server.poll() is not None:
                raise Stop("Arsiparis tidak mau berjalan; sebabnya tertulis di atas.")
            if time.monotonic() > deadline:
                raise Stop("Arsiparis belum siap setelah 2 menit. Jalankan `arsip doctor`.")
            time.sleep(0.1)
        yield server
    finally:
        signal.signal(signal.SIGTERM, before)
        server.terminate()
        server.wait()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
