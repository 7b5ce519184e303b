"""Settings: known names only, no secret by default, and times that fit each other."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr, ValidationError

from core.settings import MigrationSettings, Settings, UnknownSettingError, refuse_unknown, settings

NEEDED = {
    "ARSIP_DATABASE_URL": "postgresql+psycopg://arsip_api:rahasia-db@db/arsip",
    "ARSIP_BROKER_URL": "redis://:rahasia-broker@broker:6379/0",
    "ARSIP_S3_ENDPOINT": "s3:8333",
    "ARSIP_S3_ACCESS_KEY": "kunci",
    "ARSIP_S3_SECRET_KEY": "rahasia-s3",
    "ARSIP_IDENTITY_KEY": "rahasia-nik",
    "ARSIP_OFFICE_KEY": "5e" * 32,
    "ARSIP_SPOOL": "/var/spool/arsip",
}


@pytest.fixture(autouse=True)
def _needed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize("name", ["ARSIP_MAX_UPLOAD", "ARSIP_DATABASE", "ARSIP_LOCKDAYS"])
def test_a_mistyped_name_is_an_error(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(UnknownSettingError, match=name):
        settings()


def test_names_of_every_part_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ARSIP_OWNER_DATABASE_URL", "ARSIP_OPERATOR_TOKEN", "ARSIP_URL", "ARSIP_TOKEN", "ARSIP_DATA"):
        monkeypatch.setenv(name, "x")
    refuse_unknown()
    assert settings().s3_endpoint == "s3:8333"


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_needed_has_no_default(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(ValidationError, match=name.removeprefix("ARSIP_").lower()):
        settings()


def test_what_is_needed_is_not_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARSIP_IDENTITY_KEY", "")
    with pytest.raises(ValidationError, match="identity_key"):
        settings()


def test_an_empty_value_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    optional = [name for name, field in Settings.model_fields.items() if not field.is_required()]
    for name in optional:
        monkeypatch.setenv(f"ARSIP_{name.upper()}", "")
    read = settings()
    assert {name: getattr(read, name) for name in optional} == {
        name: Settings.model_fields[name].default for name in optional
    }


def test_no_secret_has_a_default_or_shows_itself() -> None:
    for fields in (Settings.model_fields, MigrationSettings.model_fields):
        secret = {name for name, field in fields.items() if "SecretStr" in str(field.annotation)}
        named = {name for name in fields if name.endswith(("_key", "_password", "_token", "_url"))}
        assert named <= secret
        assert all(fields[name].is_required() or fields[name].default is None for name in secret)
    assert isinstance(settings().s3_secret_key, SecretStr)
    shown = repr(settings()) + str(settings())
    assert "rahasia" not in shown.replace("sangat_rahasia", "")


def test_times_fit_each_other() -> None:
    wanted = settings()
    # work ends before its lease does, and the lease before the broker hands the task out again
    assert wanted.page_seconds < wanted.lease_seconds
    assert wanted.file_seconds < wanted.lease_seconds
    assert wanted.lease_seconds < wanted.visibility_seconds


def test_settings_are_frozen_and_read_once() -> None:
    assert settings() is settings()
    with pytest.raises(ValidationError):
        settings().lock_days = 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("LOCK_DAYS", "0"), ("LOCK_MODE", "NONE"), ("DEFAULT_CLEARANCE", "umum"), ("OFFICE_KEY", "5E" * 32)],
)
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"ARSIP_{name}", value)
    with pytest.raises(ValidationError):
        settings()


def test_every_setting_says_what_it_is() -> None:
    for cls in (Settings, MigrationSettings):
        assert all(field.description for field in cls.model_fields.values())
