"""docker-compose.yml: valid, complete, shut, and of the same rights as the embedded engines."""

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.datadir import Secrets
from cli.seaweed import identities
from core.settings import PREFIX, ClientSettings, MigrationSettings, Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:[?-][^}]*)?\}")
SECRET = re.compile(r"PASSWORD|KEY|TOKEN")


def test_compose_schema() -> None:
    argv = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*argv, str(ROOT / "docker-compose.yml")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_names_every_variable_and_no_other() -> None:
    example = re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(example) == sorted({name for name, _ in VARIABLE.findall(TEXT)})


def test_secrets_have_no_default() -> None:
    found = {name: default for name, default in VARIABLE.findall(TEXT) if SECRET.search(name)}
    assert found
    assert set(found.values()) == {":?"}
    filled = re.findall(r"^(\w+)=.+", (ROOT / ".env.example").read_text(), re.MULTILINE)
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
        if name in ("migrate", "api", "worker-pages", "worker-archive", "beat"):
            assert needed - given == {"ARSIP_SPOOL"}, name  # the image sets that one


def test_only_migrate_may_change_the_schema_or_the_buckets() -> None:
    rights = {PREFIX + name.upper() for name in MigrationSettings.model_fields}
    holders = {name for name, service in SERVICES.items() if rights & set(service.get("environment", {}))}
    assert holders == {"migrate", "seaweedfs"}  # SeaweedFS holds the keys it checks


def test_every_queue_has_a_worker() -> None:
    from core.queue import QUEUES

    commands = [service["command"] for name, service in SERVICES.items() if name.startswith("worker-")]
    served = [queue for command in commands for queue in command[command.index("-Q") + 1].split(",")]
    assert sorted(served) == sorted(QUEUES)


def test_s3_identities_are_those_of_the_embedded_store() -> None:
    variables = {
        "s3_admin_access_key": "${ARSIP_S3_ADMIN_ACCESS_KEY:?}",
        "s3_admin_secret_key": "${ARSIP_S3_ADMIN_SECRET_KEY:?}",
        "s3_access_key": "${ARSIP_S3_ACCESS_KEY:?}",
        "s3_secret_key": "${ARSIP_S3_SECRET_KEY:?}",
    }
    secrets = Secrets(**{field.name: variables.get(field.name, "") for field in fields(Secrets)})
    assert json.loads(COMPOSE["configs"]["s3"]["content"]) == identities(secrets)


def test_every_volume_and_configuration_is_declared() -> None:
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            assert mount.split(":")[0] in COMPOSE["volumes"]
        for configuration in service.get("configs", []):
            assert configuration["source"] in COMPOSE["configs"]
