"""`arsip up`: the whole product on one machine, in the foreground."""

import json
import os
import signal
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from cli import engines
from cli.datadir import KEY_COPY, LOST, DataDirError, Secrets, State, hold, load_secrets, prepare, write_private
from cli.supervisor import Program, StartError, Supervisor, say, spawn
from core.settings import PREFIX, ClientSettings, MigrationSettings, UnknownSettingError, refuse_unknown

DEFAULT_PORT = 8080
# More malloc arenas and more threads inside a library only cost memory here: the worker itself uses every core
_PYTHON_ENV = {"MALLOC_ARENA_MAX": "2", "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
# -P: what lies in the folder where somebody happens to start `arsip` is none of our modules
_MIGRATE = ("-P", "-m", "cli.main", "migrate")
_API = (
    "-P",
    "-m",
    "uvicorn",
    "api.app:create",
    "--factory",
    "--host",
    "127.0.0.1",
    "--no-access-log",
    "--no-server-header",
    # everybody who reaches this port comes from this machine, so nobody's word for another address is taken
    "--no-proxy-headers",
)
_WORKER = ("-P", "-m", "celery", "-A", "workers.app", "worker", "-Q", "intake,pages,archive,fixity")
_WORKER_QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-n", "worker@embedded")
_DISPOSER = ("-P", "-m", "celery", "-A", "workers.disposer", "worker", "-Q", "dispose")
_DISPOSER_QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-n", "disposer@embedded")
_REPLICA_KEYS = ("ARSIP_REPLICA_ACCESS_KEY", "ARSIP_REPLICA_SECRET_KEY")
_BEAT = ("-P", "-m", "celery", "-A", "workers.clock", "beat", "--pidfile=", "--loglevel", "WARNING")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder data (bila belum ada, dibuat).")
@click.option("--port", type=click.IntRange(1, 65535), help=f"Port halaman web; biasanya {DEFAULT_PORT}.")
def up(data: Path | None, port: int | None) -> None:
    """Jalankan seluruh Arsiparis di komputer ini, sampai Ctrl-C."""
    try:
        refuse_unknown()
        run(data or ClientSettings().data, port)
    except (DataDirError, StartError) as error:
        say(str(error))
        raise SystemExit(1) from error
    except UnknownSettingError as error:
        say(f"Setelan tidak dikenal ({error}). Periksa ejaannya atau hapus.")
        raise SystemExit(1) from error


def run(data: Path, port: int | None) -> None:
    """Run until a signal asks for the end. Raises DataDirError or StartError when it can't get healthy."""
    data = prepare(data)
    with hold(data) as lock, _cancelled_by_signals() as cancelled, web_port(port) as web:
        secrets, ports = load_secrets(data), engines.pick_ports()
        supervisor = Supervisor(data / "logs", data / "run" / "pids.json", cancelled=cancelled)
        state = data / "run" / "state.json"
        try:
            say("Menyalakan basis data, antrean, dan penyimpanan …")
            engines.note_ports(data, ports)
            with _migration(data, secrets, ports, cancelled) as migrate:
                supervisor.start(engines.programs(data, secrets, ports, lock))
                migrate()
            say("Menyalakan halaman web dan pembaca surat …")
            supervisor.start(programs(data, secrets, ports, web))
            url = f"http://127.0.0.1:{web}"
            write_private(state, asdict(State(url, os.getpid())))
            print(f"Ready: {url}", flush=True)
            supervisor.start(clockwork(data, secrets, ports))
            _mind_the_key(data, url, secrets.operator_admin_token)
            cancelled.wait()
        except StartError:
            if not cancelled.is_set():
                raise
        finally:
            say("Menghentikan …")
            state.unlink(missing_ok=True)
            supervisor.stop()


def _mind_the_key(data: Path, url: str, token: str) -> None:
    """Warn until a sealed copy of the office key was made: who loses the key loses the archive. What was copied while
    nothing ran is told first."""
    pending = data / KEY_COPY
    try:
        if pending.exists():
            _ask(f"{url}/api/v1/store/key-copies", token, {"fingerprint": pending.read_text()})
            pending.unlink()
        copied = _ask(f"{url}/api/v1/store", token)["key_copied"]
    except OSError:
        return  # stopped in this moment; the pages warn too
    if not copied:
        say(f"PERINGATAN: kunci kantor belum punya salinan. Buat sekarang: arsip key export BERKAS --data {data}")


def _ask(url: str, token: str, body: dict[str, str] | None = None) -> dict[str, Any]:
    """Our own server's answer; the client of the commands would only cost this process memory."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    asked = urllib.request.Request(url, data, headers)  # noqa: S310 - the address is our own
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
    return found


def programs(data: Path, secrets: Secrets, ports: engines.Ports, web: int) -> list[Program]:
    """What people wait for at a start: the HTTP server and the worker."""
    return [
        Program(
            "api",
            [sys.executable, *_API, "--port", str(web), "--timeout-graceful-shutdown", "3"],
            # who takes letters in cannot sign for what came in, nor reach the second copy
            _server_env(data, secrets, ports, "api", without=("ARSIP_CHECKPOINT_KEY", *_REPLICA_KEYS)),
            lambda: _probe_web(web),
            orphan_signal=signal.SIGTERM,
        ),
        Program(
            "worker",
            [
                sys.executable,
                *_WORKER,
                *_WORKER_QUIET,
                "--loglevel",
                "WARNING",
            ],
            _server_env(data, secrets, ports, "worker"),
            lambda: _probe_worker(web),
            grace=5.0,  # a page begun is read again after the next start; nobody should wait for it at Ctrl-C
        ),
    ]


def clockwork(data: Path, secrets: Secrets, ports: engines.Ports) -> list[Program]:
    """What nobody waits for, and what starts last: who destroys what was ordered, and the clock."""
    others, beat_file = _server_env(data, secrets, ports, "worker", without=_REPLICA_KEYS), data / "run" / "beat"
    return [
        Program(
            "disposer",
            [sys.executable, *_DISPOSER, *_DISPOSER_QUIET, "--loglevel", "WARNING"],
            # nobody else has the key of the identity that deletes
            {**others, **engines.disposer_env(secrets)},
            lambda: None,
            grace=5.0,
        ),
        Program("beat", [sys.executable, *_BEAT, "--schedule", str(beat_file)], others, lambda: None, grace=3.0),
    ]


def _server_env(
    data: Path, secrets: Secrets, ports: engines.Ports, role: str, *, without: Sequence[str] = ()
) -> dict[str, str]:
    """A server process's environment; the rights to make schema and roles are no server process's."""
    hidden = {*without, *(PREFIX + name.upper() for name in MigrationSettings.model_fields)}
    made = python_env(engines.settings_env(data, secrets, ports, role=role))
    return {name: value for name, value in made.items() if name not in hidden}


def python_env(settings: dict[str, str]) -> dict[str, str]:
    """The environment of one of our Python processes: the operator's, then what this machine's stack must be."""
    client_only = {PREFIX + name.upper() for name in ClientSettings.model_fields}
    kept = {k: v for k, v in os.environ.items() if k not in client_only and k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **_PYTHON_ENV, **settings}


@contextmanager
def web_port(asked: int | None) -> Iterator[int]:
    """The asked port, or the default one, or when that is taken any free one. Raises StartError.

    Seconds pass before the web server takes the port. Another Arsiparis that starts meanwhile would take it too, and
    both would believe that the one which answers is theirs: until the end, a name says that the port is spoken for.
    """
    for port in [asked] if asked else [DEFAULT_PORT, 0]:
        with socket.socket() as candidate, socket.socket(socket.AF_UNIX) as claim:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
                found = int(candidate.getsockname()[1])
                claim.bind(f"\0arsiparis-web-{found}")  # an abstract name: gone with this process, however it ends
            except OSError:
                continue
            candidate.close()
            yield found
            return
    raise StartError(f"Port {asked} sedang dipakai program lain. Pilih port lain dengan --port, atau tanpa --port.")


@contextmanager
def _migration(
    data: Path, secrets: Secrets, ports: engines.Ports, cancelled: threading.Event
) -> Iterator[Callable[[], None]]:
    """Brings schema, roles and buckets up to date when called; until then it makes itself ready, beside the engines.

    Always run: it finds nothing to do in a moment.
    """
    env = python_env(engines.settings_env(data, secrets, ports, role="api"))
    log = data / "logs" / "migrate.log"
    waits, goes = os.pipe()
    argv = [sys.executable, *_MIGRATE, "--after", str(waits)]
    process = spawn(Program("migrate", argv, env, lambda: None, keep_open=(waits,)), log)
    os.close(waits)
    go = os.fdopen(goes, "wb")

    def migrate() -> None:
        go.close()
        while process.poll() is None and not cancelled.is_set():
            cancelled.wait(0.02)
        if not cancelled.is_set():
            _require_migrated(process.wait(), data, log)

    try:
        yield migrate
    finally:
        process.kill()
        process.wait()
        go.close()


def _require_migrated(code: int, data: Path, log: Path) -> None:
    if code == LOST:
        raise StartError(
            "Basis data hilang, tetapi penyimpanan masih berisi arsip. Tidak ada yang diubah. Buat lagi basis datanya: "
            f"arsip rebuild --data {data}"
        )
    if code:
        raise StartError(f"Basis data tidak bisa disiapkan. Baca lognya: {log}")


def _probe_web(port: int) -> None:
    missing = [name for name, answers in _readiness(port).items() if not answers and name != "worker"]
    if missing:
        raise OSError(f"no answer yet: {', '.join(missing)}")


def _probe_worker(port: int) -> None:
    """It feeds: that it waits for work would not do, as it may find the work of days."""
    if not _readiness(port)["worker"]:
        raise OSError("no worker feeds the queues yet")


def _readiness(port: int) -> dict[str, bool]:
    """Which engines answer, as the web server's /readyz says. Raises OSError while it says nothing."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            body = answer.read()
    except urllib.error.HTTPError as not_ready:
        body = not_ready.read()
    found: dict[str, bool] = json.loads(body)["engines"]
    return found


@contextmanager
def _cancelled_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and a closed terminal set, instead of ending the program at once."""
    cancelled = threading.Event()
    before = {s: signal.signal(s, lambda *_: cancelled.set()) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield cancelled
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
