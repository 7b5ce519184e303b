"""The embedded engines keep what they promise: locked objects stay, nobody unknown gets in, data survive."""

import io
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from uuid import uuid4

import psycopg
import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE, ENABLED, GOVERNANCE, Filter
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, S3Error
from minio.helpers import genheaders
from minio.lifecycleconfig import Expiration, LifecycleConfig, Rule
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.retention import Retention
from minio.versioningconfig import SUSPENDED, VersioningConfig
from minio.xml import marshal
from redis import Redis
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError as PoolError

from cli import seaweed
from cli.datadir import DataDirError, hold, load_secrets, prepare
from cli.engines import ENGINES, Stack, disposer_env, running_engines
from tests.fixtures_engines import short_folder

BUCKET, DERIVED = seaweed.BUCKET, seaweed.DERIVED_BUCKET
SOON = timedelta(days=2)


@pytest.fixture(scope="module")
def own() -> Iterator[Stack]:
    """Engines of this file alone: it kills them, and leaves objects that no row knows of."""
    with short_folder() as folder, running_engines(folder / "data") as stack:
        admin = _client(stack, "S3_ADMIN")
        admin.make_bucket(bucket_name=BUCKET, object_lock=True)
        yield stack


@pytest.fixture
def app(own: Stack) -> Minio:
    return _client(own, "S3")


@pytest.fixture
def admin(own: Stack) -> Minio:
    return _client(own, "S3_ADMIN")


@pytest.fixture
def disposer(own: Stack) -> Minio:
    return _client(own, "S3_DISPOSER")


def _client(stack: Stack, identity: str) -> Minio:
    env = {**stack.env, **disposer_env(load_secrets(stack.data))}
    access, secret = (env[f"ARSIP_{identity}_{part}_KEY"] for part in ("ACCESS", "SECRET"))
    # a region that is known need not be asked for, which the disposer may not
    return Minio(env["ARSIP_S3_ENDPOINT"], access_key=access, secret_key=secret, secure=False, region="us-east-1")


def _locked(
    app: Minio,
    data: bytes = b"surat",
    mode: str = COMPLIANCE,
    key: str | None = None,
    until: datetime | None = None,
) -> tuple[str, str]:
    key = key or f"sha256/{uuid4().hex}"
    put = app.put_object(
        bucket_name=BUCKET,
        object_name=key,
        data=io.BytesIO(data),
        length=len(data),
        retention=Retention(mode, until or datetime.now(UTC) + SOON),
    )
    assert put.version_id
    return key, put.version_id


def _read(client: Minio, key: str, version: str | None = None) -> bytes:
    response = client.get_object(bucket_name=BUCKET, object_name=key, version_id=version)
    try:
        return response.read()
    finally:
        response.close()
        response.release_conn()


def _xml(retention: Retention) -> bytes:
    return marshal(retention)


def _refused(client: Minio, key: str, version: str) -> None:
    errors = list(client.remove_objects(BUCKET, [DeleteObject(key, version)], bypass_governance_mode=True))
    assert errors


def _retain(client: Minio, key: str, version: str, mode: str, until: datetime) -> None:
    client.set_object_retention(bucket_name=BUCKET, object_name=key, config=Retention(mode, until), version_id=version)


def _memory(stack: Stack) -> Any:
    """PostgreSQL's, in MB, and what it preloads, as only its superuser may know."""
    password = load_secrets(stack.data).postgres_password
    with psycopg.connect(f"postgresql://postgres:{password}@127.0.0.1:{stack.ports.postgres}/arsip") as connection:
        shown = "SELECT setting::int >> 7, current_setting('shared_preload_libraries') FROM pg_settings WHERE name = %s"
        return connection.execute(shown, ("shared_buffers",)).fetchone()


class TestLock:
    def test_a_locked_version_cannot_be_deleted_by_anybody(self, app: Minio, admin: Minio) -> None:
        key, version = _locked(app)
        for client in (app, admin):
            with pytest.raises(S3Error, match="AccessDenied"):
                client.remove_object(bucket_name=BUCKET, object_name=key, version_id=version)
        assert _read(app, key, version) == b"surat"

    def test_the_application_cannot_even_hide_an_object(self, app: Minio) -> None:
        key, _ = _locked(app)
        with pytest.raises(S3Error, match="AccessDenied"):
            app.remove_object(bucket_name=BUCKET, object_name=key)
        errors = list(app.remove_objects(bucket_name=BUCKET, delete_object_list=[DeleteObject(key)]))
        assert [error.code for error in errors] == ["AccessDenied"]
        assert _read(app, key) == b"surat"

    @pytest.mark.parametrize("mode", [COMPLIANCE, GOVERNANCE])
    def test_a_lock_cannot_be_shortened_by_the_application(self, app: Minio, mode: str) -> None:
        key, version = _locked(app, mode=mode)
        with pytest.raises(S3Error, match="AccessDenied"):
            _retain(app, key, version, mode, datetime.now(UTC) + timedelta(minutes=1))

    def test_a_lock_cannot_be_weakened_by_the_administrator(self, app: Minio, admin: Minio) -> None:
        key, version = _locked(app)
        for mode, days in ((COMPLIANCE, 1), (GOVERNANCE, 9)):
            with pytest.raises(S3Error, match="AccessDenied"):
                _retain(admin, key, version, mode, datetime.now(UTC) + timedelta(days=days))

    @pytest.mark.parametrize("who", ["app", "admin", "disposer"])
    def test_nothing_that_any_key_can_ask_for_ends_a_lock(
        self, who: str, app: Minio, request: pytest.FixtureRequest
    ) -> None:
        """Bypass in one deletion and in many, a shorter or weaker lock with bypass, no lock at all, bytes put over the
        version, the bucket's rule taken away, its versions switched off, the bucket removed."""
        client: Minio = request.getfixturevalue(who)
        client._http = PoolManager(timeout=Timeout(connect=2, read=5), retries=False)  # one asks, none waits
        key, version = _locked(app)
        bypass = {"x-amz-bypass-governance-retention": "true"}
        soon = Retention(COMPLIANCE, datetime.now(UTC) + timedelta(minutes=1))
        weak = Retention(GOVERNANCE, datetime.now(UTC) + timedelta(days=9))
        rule = Rule(status=ENABLED, rule_filter=Filter(prefix=""), expiration=Expiration(days=1))
        one = {"versionId": version}
        attempts: list[Callable[[], object]] = [
            lambda: client._execute("DELETE", BUCKET, key, query_params=one, headers=bypass),
            lambda: _refused(client, key, version),
            lambda: client._execute("PUT", BUCKET, key, _xml(soon), bypass, {**one, "retention": ""}),
            lambda: client._execute("PUT", BUCKET, key, _xml(weak), bypass, {**one, "retention": ""}),
            lambda: client._execute("PUT", BUCKET, key, b"<Retention/>", bypass, {**one, "retention": ""}),
            lambda: (
                client.delete_bucket_lifecycle(BUCKET) or client.set_bucket_lifecycle(BUCKET, LifecycleConfig([rule]))
            ),
            lambda: client.delete_object_lock_config(BUCKET),
            lambda: client.set_bucket_versioning(BUCKET, VersioningConfig(SUSPENDED)),
            lambda: client._execute("PUT", BUCKET, key, b"lain", {"Content-Type": "x"}, one),
            lambda: client.remove_bucket(BUCKET),
        ]
        for attempt in attempts:
            with suppress(S3Error, InvalidResponseError, ValueError, PoolError):
                attempt()
        assert _read(app, key, version) == b"surat"
        kept = app.get_object_retention(BUCKET, key, version_id=version)
        assert kept is not None
        assert (kept.mode, kept.retain_until_date > datetime.now(UTC) + SOON - timedelta(hours=1)) == (COMPLIANCE, True)
        _locked(app)  # and the bucket still locks what comes

    def test_a_lock_can_be_extended(self, app: Minio) -> None:
        key, version = _locked(app)
        later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
        _retain(app, key, version, COMPLIANCE, later)
        kept = app.get_object_retention(bucket_name=BUCKET, object_name=key, version_id=version)
        assert kept is not None
        assert kept.retain_until_date.replace(microsecond=0, tzinfo=UTC) == later

    def test_governance_bypass_is_refused_to_the_application(self, app: Minio) -> None:
        key, version = _locked(app, mode=GOVERNANCE)
        one = DeleteObject(key, version)
        errors = list(app.remove_objects(bucket_name=BUCKET, delete_object_list=[one], bypass_governance_mode=True))
        assert [error.code for error in errors] == ["AccessDenied"]
        assert _read(app, key, version) == b"surat"

    def test_writing_over_makes_a_new_version(self, app: Minio) -> None:
        key, first = _locked(app)
        _, second = _locked(app, b"lain", key=key)
        assert first != second
        assert (_read(app, key, first), _read(app, key)) == (b"surat", b"lain")

    def test_if_none_match_refuses_a_taken_key(self, app: Minio) -> None:
        key, _ = _locked(app)
        retention = Retention(COMPLIANCE, datetime.now(UTC) + SOON)
        headers = {**genheaders(None, None, None, retention, False), "If-None-Match": "*"}
        with pytest.raises(S3Error, match="PreconditionFailed"):
            app._put_object(BUCKET, key, b"lain", headers)
        assert _read(app, key) == b"surat"


class TestHold:
    def test_a_held_version_stays_when_its_lock_is_over(self, app: Minio, admin: Minio, disposer: Minio) -> None:
        key, version = _locked(app, until=datetime.now(UTC) + timedelta(seconds=2))
        app.enable_object_legal_hold(bucket_name=BUCKET, object_name=key, version_id=version)
        time.sleep(3)
        for client in (app, admin, disposer):
            with pytest.raises(S3Error, match="AccessDenied"):
                client.remove_object(bucket_name=BUCKET, object_name=key, version_id=version)
        assert _read(app, key, version) == b"surat"
        app.disable_object_legal_hold(bucket_name=BUCKET, object_name=key, version_id=version)
        disposer.remove_object(bucket_name=BUCKET, object_name=key, version_id=version)
        with pytest.raises(S3Error, match="NoSuchVersion"):
            _read(app, key, version)


class TestDisposer:
    """The identity that deletes: what no lock or hold keeps, and nothing else."""

    def test_it_deletes_what_is_free_which_the_application_cannot(self, app: Minio, disposer: Minio) -> None:
        key, version = _locked(app, until=datetime.now(UTC) + timedelta(seconds=2))
        with pytest.raises(S3Error, match="AccessDenied"):
            disposer.remove_object(bucket_name=BUCKET, object_name=key, version_id=version)
        time.sleep(3)
        with pytest.raises(S3Error, match="AccessDenied"):
            app.remove_object(bucket_name=BUCKET, object_name=key, version_id=version)
        disposer.remove_object(bucket_name=BUCKET, object_name=key, version_id=version)
        with pytest.raises(S3Error, match="NoSuchVersion"):
            _read(app, key, version)

    @pytest.mark.parametrize("mode", [COMPLIANCE, GOVERNANCE])
    def test_a_lock_of_either_kind_stops_it(self, app: Minio, disposer: Minio, mode: str) -> None:
        key, version = _locked(app, mode=mode)
        one = DeleteObject(key, version)
        for bypass in (False, True):
            errors = list(
                disposer.remove_objects(bucket_name=BUCKET, delete_object_list=[one], bypass_governance_mode=bypass)
            )
            assert [error.code for error in errors] == ["AccessDenied"]
        assert _read(app, key, version) == b"surat"

    def test_it_can_do_nothing_else(self, app: Minio, disposer: Minio) -> None:
        key, version = _locked(app)
        later = Retention(COMPLIANCE, datetime.now(UTC) + timedelta(days=9))
        attempts = [
            lambda: _read(disposer, key, version),
            lambda: disposer.stat_object(bucket_name=BUCKET, object_name=key),
            lambda: list(disposer.list_objects(bucket_name=BUCKET, recursive=True, include_version=True)),
            lambda: disposer.put_object(bucket_name=BUCKET, object_name="x", data=io.BytesIO(b"x"), length=1),
            lambda: disposer.put_object(bucket_name=DERIVED, object_name="x", data=io.BytesIO(b"x"), length=1),
            lambda: disposer.set_object_retention(BUCKET, key, later, version_id=version),
            lambda: disposer.enable_object_legal_hold(BUCKET, key, version_id=version),
            lambda: disposer.disable_object_legal_hold(BUCKET, key, version_id=version),
            lambda: disposer.remove_object(bucket_name=BUCKET, object_name=key),  # that would hide it
            lambda: disposer.remove_bucket(bucket_name=BUCKET),
            lambda: disposer.set_bucket_versioning(bucket_name=BUCKET, config=VersioningConfig(SUSPENDED)),
        ]
        for attempt in attempts:
            with pytest.raises(S3Error, match="AccessDenied"):
                attempt()
        assert _read(app, key) == b"surat"


class TestRights:
    def test_the_application_cannot_change_the_bucket(self, app: Minio) -> None:
        rule = Rule(status=ENABLED, rule_filter=Filter(prefix=""), expiration=Expiration(days=1))
        attempts = [
            lambda: app.set_bucket_lifecycle(bucket_name=BUCKET, config=LifecycleConfig([rule])),
            lambda: app.set_object_lock_config(bucket_name=BUCKET, config=ObjectLockConfig(GOVERNANCE, 1, DAYS)),
            lambda: app.set_bucket_versioning(bucket_name=BUCKET, config=VersioningConfig(SUSPENDED)),
            lambda: app.remove_bucket(bucket_name=BUCKET),
            lambda: app.make_bucket(bucket_name="lain"),
        ]
        for attempt in attempts:
            with pytest.raises(S3Error, match="AccessDenied"):
                attempt()

    def test_versions_cannot_be_switched_off_nor_the_bucket_removed(self, app: Minio, admin: Minio) -> None:
        _locked(app)
        with pytest.raises(S3Error):
            admin.set_bucket_versioning(bucket_name=BUCKET, config=VersioningConfig(SUSPENDED))
        with pytest.raises(S3Error):
            admin.remove_bucket(bucket_name=BUCKET)

    def test_derived_pictures_can_be_made_again(self, app: Minio) -> None:
        for data in (b"satu", b"dua"):
            app.put_object(bucket_name=DERIVED, object_name="pages/x/1.jpg", data=io.BytesIO(data), length=len(data))
        app.remove_object(bucket_name=DERIVED, object_name="pages/x/1.jpg")
        assert list(app.list_objects(bucket_name=DERIVED, recursive=True)) == []

    def test_nobody_reads_without_a_key(self, own: Stack, app: Minio) -> None:
        key, _ = _locked(app)
        with pytest.raises(HTTPError, match="403"):
            urlopen(f"http://{own.env['ARSIP_S3_ENDPOINT']}/{BUCKET}/{key}")


class TestBackDoors:
    ATTACKS = (
        ("GET", f"/col/delete?collection={BUCKET}"),
        ("POST", f"/col/delete?collection={BUCKET}"),
        ("DELETE", f"/buckets/{BUCKET}?recursive=true"),
        ("DELETE", f"/buckets/{BUCKET}/sha256?recursive=true&ignoreRecursiveError=true"),
        ("DELETE", f"/{BUCKET}"),
        ("POST", f"/{BUCKET}?delete"),
        ("GET", "/vol/vacuum?garbageThreshold=0"),
        ("GET", "/admin/volume/delete?volume=1"),
        ("DELETE", "/1,0100000000"),
    )

    def test_no_unauthenticated_request_destroys_anything(self, own: Stack, app: Minio) -> None:
        key, version = _locked(app)
        for _, port in _listening(own.pid("seaweedfs")):
            for method, path in self.ATTACKS:
                _ask(method, f"http://127.0.0.1:{port}{path}")
        own.kill("seaweedfs")  # so that the answer comes from the disk
        assert _read(app, key, version) == b"surat"

    # what the ports of HTTP say without a key: that they live, how full disks are, which processes there are; no name
    TOLD: ClassVar[dict[str, set[str]]] = {
        "admin": {"/metrics"},
        "master": {"/", "/ui/index.html", "/healthz", "/cluster/status"},
        "volume": {"/healthz", "/status"},
        "filer": set(),
        "s3": {"/healthz", "/status"},
    }
    ASKED = (
        *("/", "/metrics", "/debug/pprof/", "/debug/pprof/heap", "/healthz", "/status", "/ui/index.html"),
        *("/dir/status", "/dir/assign", "/dir/lookup?volumeId=1", "/vol/status", "/vol/grow", "/cluster/status"),
        *(
            "/stats/memory",
            "/stats/disk",
            "/admin/shutdown",
            "/api/config",
            "/buckets/",
            f"/{BUCKET}/",
            "/1,0100000000",
        ),
    )

    def test_every_port_is_one_that_we_chose(self, own: Stack) -> None:
        """So that no door opens by itself with another version: an admin page, WebDAV, Iceberg, metrics of its own."""
        assert {port for _, port in _listening(own.pid("seaweedfs"))} <= set(astuple(own.ports.seaweed))
        assert {port for _, port in _listening(own.pid("postgres"))} == {own.ports.postgres}
        assert {port for _, port in _listening(own.pid("valkey"))} == {own.ports.valkey}

    def test_without_a_key_no_port_says_what_is_kept(self, own: Stack, app: Minio) -> None:
        key, _ = _locked(app)
        names = {name: port for name, port in asdict(own.ports.seaweed).items() if not name.endswith("_grpc")}
        assert names.keys() == self.TOLD.keys()
        for name, port in names.items():
            answers = {path: _answer(f"http://127.0.0.1:{port}{path}") for path in self.ASKED}
            # some listen seconds later than the others, so they may say less
            assert {path for path, answer in answers.items() if answer is not None} <= self.TOLD[name], name
            for answer in answers.values():
                assert not answer or (key.encode() not in answer and b"surat" not in answer)

    def test_grpc_wants_a_certificate(self, own: Stack) -> None:
        ports = {name: port for name, port in asdict(own.ports.seaweed).items() if name.endswith("_grpc")}
        assert len(ports) == 5
        for port in ports.values():
            assert _grpc_greeting(port, tls=False) == b""
            with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
                _grpc_greeting(port, tls=True)

    def test_the_maintenance_shell_gets_nowhere_without_a_certificate(
        self, own: Stack, app: Minio, tmp_path: Path
    ) -> None:
        key, version = _locked(app)
        sea = own.ports.seaweed
        argv = [str(seaweed.weed()), "shell", f"-master=127.0.0.1:{sea.master}.{sea.master_grpc}"]
        argv.append(f"-filer=127.0.0.1:{sea.filer}.{sea.filer_grpc}")
        script = f"lock\nfs.rm -rf /buckets/{BUCKET}\ncollection.delete -collection {BUCKET} -apply\n"
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        with pytest.raises(subprocess.TimeoutExpired):  # it waits for a master that won't speak to it
            subprocess.run(argv, input=script, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=3)
        assert _read(app, key, version) == b"surat"

    def test_everything_listens_on_this_machine_only(self, own: Stack) -> None:
        for name in ENGINES:
            found = _listening(own.pid(name))
            assert found
            assert {address for address, _ in found} == {"127.0.0.1"}, name

    def test_database_and_queue_want_their_password(self, own: Stack) -> None:
        for user in ("postgres", "arsip_owner"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(host="127.0.0.1", port=own.ports.postgres, user=user, dbname="postgres", password="x")
        answer = _first_bytes(own.ports.valkey, b"KEYS *\r\n")
        assert answer.startswith(b"-NOAUTH")


class TestKeeping:
    def test_secrets_are_the_owners_alone(self, own: Stack) -> None:
        assert stat.S_IMODE((own.data / "secrets.json").stat().st_mode) == 0o600
        assert stat.S_IMODE(own.data.stat().st_mode) == 0o700

    def test_the_owner_is_no_superuser(self, own: Stack) -> None:
        with psycopg.connect(_libpq(own.env["ARSIP_OWNER_DATABASE_URL"])) as connection:
            row = connection.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
            assert row.fetchone() == (False, False)
            assert connection.execute("SELECT lower('É'), current_setting('data_checksums')").fetchone() == ("é", "on")

    def test_a_second_start_is_refused_while_the_first_runs(self, own: Stack) -> None:
        with pytest.raises(DataDirError, match="sudah berjalan"), hold(own.data):
            pass

    @pytest.mark.parametrize("name", ENGINES)
    def test_a_killed_engine_comes_back(self, own: Stack, name: str) -> None:
        before = own.pid(name)
        own.kill(name)
        assert own.pid(name) != before

    def test_data_are_found_again_on_the_next_start(self) -> None:
        with short_folder() as folder:
            with running_engines(folder) as stack:
                _client(stack, "S3_ADMIN").make_bucket(bucket_name=BUCKET, object_lock=True)
                key, version = _locked(_client(stack, "S3"))
                with psycopg.connect(_libpq(stack.env["ARSIP_OWNER_DATABASE_URL"])) as connection:
                    connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
                Redis.from_url(stack.env["ARSIP_BROKER_URL"]).set("kept", "7")
                first = stack.env
            assert not (folder / "run" / "pids.json").exists()
            with running_engines(folder) as stack:
                assert stack.env["ARSIP_S3_SECRET_KEY"] == first["ARSIP_S3_SECRET_KEY"]
                assert _read(_client(stack, "S3"), key, version) == b"surat"
                with psycopg.connect(_libpq(stack.env["ARSIP_OWNER_DATABASE_URL"])) as connection:
                    assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
                assert Redis.from_url(stack.env["ARSIP_BROKER_URL"]).get("kept") == b"7"

    def test_a_large_database_has_memory_for_what_it_holds_and_is_read_again_after_a_restart(self) -> None:
        with short_folder() as folder:
            with running_engines(folder) as stack:
                assert _memory(stack) == (512, "")
                held = sum(file.stat().st_size for file in (folder / "postgres" / "base").glob("*/*")) >> 20
            with (folder / "postgres" / "base" / "1" / "banyak").open("wb") as large:  # nothing on the disk
                large.truncate(1 << 30)
            with running_engines(folder) as stack:
                assert _memory(stack) == (1024 + held, "pg_prewarm")
            assert (folder / "postgres" / "autoprewarm.blocks").stat().st_size
            with (folder / "postgres" / "base" / "1" / "banyak").open("wb") as large:
                large.truncate(1 << 42)
            memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
            with running_engines(folder) as stack:
                assert _memory(stack) == (memory // 4, "pg_prewarm")

    def test_a_half_made_database_is_made_again(self) -> None:
        with short_folder() as folder:
            prepare(folder)
            (folder / "postgres.baru" / "base").mkdir(parents=True)
            with running_engines(folder) as stack:
                psycopg.connect(_libpq(stack.env["ARSIP_OWNER_DATABASE_URL"])).close()
            assert not (folder / "postgres.baru").exists()

    def test_engines_end_with_a_killed_supervisor_and_the_next_start_waits_for_them(self) -> None:
        program = "import sys,time\nfrom pathlib import Path\nfrom cli.engines import running_engines\n"
        program += "with running_engines(Path(sys.argv[1])) as s:\n  print(*s.supervisor.pids().values(), flush=True)\n"
        program += "  time.sleep(60)\n"
        with short_folder() as folder:
            argv = [sys.executable, "-c", program, str(folder)]
            with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as supervisor:
                assert supervisor.stdout is not None
                pids = [int(pid) for pid in supervisor.stdout.readline().split()]
                supervisor.send_signal(signal.SIGKILL)
            with running_engines(folder) as stack:
                assert not [pid for pid in pids if Path(f"/proc/{pid}/exe").exists()]
                assert set(pids).isdisjoint(stack.supervisor.pids().values())


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _ask(method: str, url: str) -> None:
    try:
        with urlopen(Request(url, method=method), timeout=3) as answer:
            answer.read()
    except (HTTPError, URLError, OSError, ValueError):
        pass  # refused one way or another, as hoped; what counts is what is left afterwards


def _answer(url: str) -> bytes | None:
    """What is answered with a 200; None when it is refused, one way or another."""
    try:
        with urlopen(url, timeout=3) as answer:
            return bytes(answer.read())
    except (HTTPError, URLError, OSError):
        return None


def _first_bytes(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
        connection.sendall(sent)
        return connection.recv(100)


def _grpc_greeting(port: int, *, tls: bool) -> bytes:
    """What a gRPC server answers to HTTP/2's opening words; raises SSLError when it wants a certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", port), timeout=3)
    with plain, context.wrap_socket(plain) if tls else plain as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
        return connection.recv(100)


def _listening(pid: int) -> set[tuple[str, int]]:
    """The TCP addresses that process listens on, from the kernel's own tables."""
    links = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(os.readlink(descriptor))
        except OSError:
            continue  # closed meanwhile
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    found = set()
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for row in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            local, state, inode = (row.split()[n] for n in (1, 3, 9))
            if state == "0A" and inode in inodes:
                address, port = local.split(":")
                words = [bytes.fromhex(address[n : n + 8])[::-1] for n in range(0, len(address), 8)]
                found.add((socket.inet_ntop(family, b"".join(words)), int(port, 16)))
    return found
