"""`arsip doctor`: is this machine fit to run Arsiparis, or the server of ARSIP_URL ready, and if not, what to do."""

import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from cli import engines, seaweed
from cli.client import Api, Away, Stop, find_target, local_target
from cli.datadir import running
from cli.supervisor import StartError
from core.settings import ClientSettings

LEAST_FREE_GB = 5


class Finding(NamedTuple):
    """One thing looked at: in order or not, what was seen, and what to do when it isn't in order."""

    good: bool
    seen: str
    advice: str = ""


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path), help="Folder data dari `arsip up`; tanpa ini dipakai ARSIP_URL bila ada."
)
def doctor(data: Path | None) -> None:
    """Periksa apakah komputer ini siap, dan apa yang harus dibuat.

    Bila ARSIP_URL diisi dan --data tidak: apakah server itu siap, dan apakah ia menerima ARSIP_TOKEN.
    """
    wanted = ClientSettings()
    findings = list(examine_remote() if data is None and wanted.url else examine(data or wanted.data))
    for finding in findings:
        print(f"{'✓' if finding.good else '✗'} {finding.seen}")
        if not finding.good:
            print(f"  → {finding.advice}")
    if not all(finding.good for finding in findings):
        raise SystemExit(1)


def examine(data: Path) -> Iterator[Finding]:
    """Look at programs, engines, disk space and the running server, in that order."""
    yield _recogniser()
    yield _sandbox()
    yield _engine("PostgreSQL", lambda: engines.postgres_bin() / "postgres", ("--version",))
    yield _engine("Valkey", engines.valkey_server, ("--version",))
    yield _engine("SeaweedFS", seaweed.weed, ("version",))
    yield _disk(data)
    state = running(data)
    if state:
        yield _server(state.url)
        yield _key_copy(data)


def examine_remote() -> Iterator[Finding]:
    """Ask the server that ARSIP_URL names whether it is ready, then whose token it was shown. Raises NoServer."""
    api = Api(lambda: find_target(None))
    try:
        api.get("/readyz")
    except Away:
        yield Finding(False, f"Server {api.url} tidak menjawab", "Periksa jaringan dan alamat di ARSIP_URL.")
        return
    except Stop:
        advice = "Tunggu sebentar; bila tetap begini, minta admin menjalankan `arsip doctor` di server itu."
        yield Finding(False, f"Server {api.url} menjawab, tetapi belum siap", advice)
        return
    yield Finding(True, f"Arsiparis siap di {api.url}")
    try:
        me = api.get("/me")
    except Stop as trouble:
        yield Finding(False, "ARSIP_TOKEN tidak diterima", trouble.message)
        return
    yield Finding(True, f"ARSIP_TOKEN diterima: {me['name']} ({me['role']})")


def _recogniser() -> Finding:
    advice = "Pasang: apt-get install --no-install-recommends tesseract-ocr tesseract-ocr-ind"
    answer = _run(["tesseract", "--list-langs"])
    if answer is None:
        return Finding(False, "Mesin baca (tesseract) tidak ditemukan", advice)
    good = "ind" in answer.split()
    return Finding(good, f"Mesin baca (tesseract) {'dengan' if good else 'tanpa'} data bahasa Indonesia", advice)


def _sandbox() -> Finding:
    advice = "Pasang: apt-get install --no-install-recommends bubblewrap"
    if shutil.which("bwrap") is None:
        return Finding(False, "Pengaman pembaca berkas (bubblewrap) tidak ditemukan", advice)
    if _run(["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]) is None:
        advice = (
            "Izinkan user namespace pada kernel atau wadah ini; tanpa itu hanya batas memori dan waktu yang menjaga."
        )
        return Finding(False, "Pengaman pembaca berkas (bubblewrap) ada, tetapi tidak diizinkan berjalan", advice)
    return Finding(True, "Pengaman pembaca berkas (bubblewrap) berjalan")


def _engine(name: str, find: Callable[[], Path], version: tuple[str, ...]) -> Finding:
    advice = "Pasang ulang paket Python: make up"
    try:
        answer = _run([str(find()), *version])
    except StartError as error:
        return Finding(False, f"{name}: {error}", advice)
    if answer is None:
        return Finding(False, f"{name} tidak bisa dijalankan", advice)
    return Finding(True, f"{name}: {answer.splitlines()[0].strip()}")


def _disk(data: Path) -> Finding:
    data = data.expanduser().resolve()
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(there).free / 1e9
    advice = f"Sediakan paling sedikit {LEAST_FREE_GB} GB, atau pindahkan folder data ke cakram yang lebih luas."
    if not os.access(there, os.W_OK):
        return Finding(False, f"Folder data {data} tidak bisa ditulisi", "Pilih folder lain dengan --data.")
    return Finding(free >= LEAST_FREE_GB, f"Ruang kosong untuk {data}: {free:.0f} GB", advice)


def _server(url: str) -> Finding:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=10):  # noqa: S310 - the address our own server wrote down
            return Finding(True, f"Arsiparis berjalan dan siap di {url}")
    except (urllib.error.URLError, OSError):
        advice = "Tunggu sebentar; bila tetap begini, baca berkas di folder logs, lalu jalankan lagi `arsip up`."
        return Finding(False, f"Arsiparis berjalan di {url}, tetapi belum siap", advice)


def _key_copy(data: Path) -> Finding:
    advice = f"Buat sekarang: arsip key export BERKAS --data {data}; simpan di luar komputer ini."
    try:
        copied = Api(lambda: local_target(data, as_admin=True)).get("/store")["key_copied"]
    except Stop as trouble:
        return Finding(False, "Salinan kunci kantor tidak bisa ditanyakan", trouble.message)
    return Finding(bool(copied), f"Kunci kantor {'punya' if copied else 'belum punya'} salinan", advice)


def _run(argv: list[str]) -> str | None:
    """What the command printed, or None when it's missing, fails or takes over 20 s."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout + done.stderr
