"""The product's settings: one frozen object, read from `ARSIP_…` environment variables (docs/settings.md).

An empty variable is as one that is not set: docker compose passes on what its .env leaves out as empty.
"""

import os
import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ARSIP_"


class UnknownSettingError(Exception):
    """A variable with our prefix that no setting has: a typing mistake must not silently mean the default."""


class OfficeRules(BaseSettings):
    """What the office decides about dates and retention. `arsip migrate` tells the database, whose guards go by it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    timezone: str = Field("Asia/Makassar", description="The office's time zone, for dates people read")
    clock_offset_days: int = Field(
        0, description="Days by which retention's clock is moved, for rehearsals; may be negative"
    )
    retention_start: Literal["tanggal_pemicu", "1_januari_berikutnya"] = Field(
        "1_januari_berikutnya",
        description="Where retention begins to count: on the trigger's day or the next 1 January",
    )
    retention_years: Literal["total", "inaktif"] = Field(
        "total", description="Which years decide who approves a destruction (ten or more: Kepala ANRI)"
    )


class Settings(OfficeRules):
    """Everything a server process needs. Secrets have no default: `arsip up` makes its own, an office sets its own."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    database_url: SecretStr = Field(description="PostgreSQL of this process's own role (arsip_api or arsip_worker)")
    broker_url: SecretStr = Field(description="Valkey or Redis, as Celery writes it: redis://:password@host:port/0")
    s3_endpoint: str = Field(description="Host and port of an S3 store with Object Lock, without a scheme")
    s3_access_key: SecretStr = Field(description="Key of the append-only identity")
    s3_secret_key: SecretStr = Field(description="Its secret")
    identity_key: SecretStr = Field(
        description="Key of the index by which clients are found again by NIK; never changed, or they are not"
    )
    checkpoint_key: SecretStr | None = Field(
        None, description="Seed of the Ed25519 key that signs the ledger's checkpoints, 64 hex digits; workers only"
    )
    checkpoint_seconds: int = Field(600, ge=1, description="Seconds from one checkpoint of the ledger to the next")
    office_key: SecretStr = Field(
        description="Key that all letters' keys are wrapped with, 64 hexadecimal digits; lost, so are the letters",
    )
    fixity_days: int = Field(30, ge=1, description="Every object is read and compared again within so many days")
    fixity_seconds: int = Field(300, ge=1, description="Seconds from one run of reading again to the next")
    fixity_mb_per_second: int = Field(50, ge=0, description="Fastest reading again, in MB a second; 0 = no limit")
    replica_endpoint: str | None = Field(
        None, description="Host and port of another S3 store that keeps a second copy of every object; unset = none"
    )
    replica_bucket: str = Field("arsip", description="Its bucket, which exists")
    replica_access_key: SecretStr | None = Field(
        None,
        description="Key that may put, get, lock and remove objects there; only for the worker of the queue `fixity`",
    )
    replica_secret_key: SecretStr | None = Field(None, description="Its secret")
    replica_secure: bool = Field(True, description="Speak TLS to that store")
    replica_region: str = Field("us-east-1", description="Region to sign for there")
    s3_disposer_access_key: SecretStr | None = Field(
        None, description="Key of the identity that deletes; only for the worker of the queue `dispose`"
    )
    s3_disposer_secret_key: SecretStr | None = Field(None, description="Its secret")
    s3_secure: bool = Field(True, description="Speak TLS to the store")
    s3_region: str = Field("us-east-1", description="Region to sign for")
    s3_bucket: str = Field("arsip", description="Bucket with versions and Object Lock: the record")
    s3_derived_bucket: str = Field(
        "arsip-turunan", description="Bucket without lock: page pictures, made again at will"
    )
    lock_mode: Literal["COMPLIANCE", "GOVERNANCE"] = Field("COMPLIANCE", description="Kind of Object Lock on each put")
    lock_days: float = Field(
        30, gt=0, description="Days of an object's first lock, and of each extension until its retention is known"
    )
    snapshot_database_url: SecretStr | None = Field(
        None, description="PostgreSQL as arsip_snapshot, who reads every row: workers then keep snapshots in the store"
    )
    snapshot_minutes: int = Field(
        15, ge=1, description="Minutes between snapshots of the database; letters and the ledger are kept every minute"
    )
    spool: Path = Field(description="Folder for files on their way in and for copies being read")
    cache_mb: int = Field(2048, ge=64, description="Room for copies of originals on a worker, in MB")
    max_upload_mb: int = Field(100, ge=1, description="Largest accepted file, in MB")
    max_pages: int = Field(1000, ge=1, description="Most pages one file may have")
    reading_mode: Literal["fast", "accurate"] = Field(
        "accurate", description="Whether doubtful lines and numbers get a second look by the careful recogniser"
    )
    page_seconds: int = Field(120, ge=5, description="Longest work on one page, in seconds")
    file_seconds: int = Field(300, ge=5, description="Longest opening or assembling of one file, in seconds")
    parser_memory_mb: int = Field(2048, ge=256, description="Most address space of one parsing child, in MB")
    sample_percent: int = Field(
        2, ge=0, le=100, description="Of the letters filed unasked, so many per cent are checked all the same; 0 = none"
    )
    lease_seconds: int = Field(
        420, ge=10, description="How long a worker may hold a piece of work before it is due again"
    )
    visibility_seconds: int = Field(900, ge=20, description="When the broker hands out an unacknowledged task again")
    worker_threads: int = Field(0, ge=0, description="Pieces of work at once in one worker; 0 = one per processor core")
    default_clearance: Literal["biasa", "terbatas", "rahasia", "sangat_rahasia"] = Field(
        "terbatas", description="Clearance of a new letter when its sender names none (capped at the sender's ceiling)"
    )
    session_hours: int = Field(8, ge=1, description="Longest session of a page user, in hours")
    session_idle_minutes: int = Field(60, ge=1, description="Session ends after so many minutes without a request")
    cookie_secure: bool = Field(False, description="Send the session cookie over TLS only; set it wherever TLS ends")
    office: Path | None = Field(
        None, description="TOML file that names the office, its units and numbers (office.toml)"
    )
    office_hours: str = Field(
        "senin-kamis 07.30-12.00 13.00-16.00; jumat 07.30-11.30 13.00-16.30",
        description="When the office is open; minutes and hours of an SOP run only then",
    )
    office_days: Literal["kerja", "kalender"] = Field(
        "kerja", description="What an SOP's plain `hari` means: working days or calendar days"
    )
    office_closed: str | None = Field(
        None, description="Further days the office is closed, as 2026-12-15, 2026-12-16; public holidays are known"
    )
    sop_folder: Path | None = Field(
        None, description="Folder of the office's own SOPs (docs/procedures.md), which add to ours or take their place"
    )
    processing: Path | None = Field(
        None, description="TOML file of the office's own register of processing (UU 27/2022), in place of ours"
    )
    signature_roots: Path | None = Field(
        None,
        description="Folder of certificates (PEM) of those who vouch for electronic signatures",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged")

    @field_validator("office_key")
    @classmethod
    def _is_whole(cls, value: SecretStr) -> SecretStr:
        """A key cut short or mistyped would lock letters that its copy never opens."""
        if not re.fullmatch(r"[0-9a-f]{64}", value.get_secret_value()):
            raise ValueError("64 hexadecimal digits, as `openssl rand -hex 32` prints them")
        return value


class MigrationSettings(BaseSettings):
    """What `arsip migrate` needs besides: the rights to make schema, roles and buckets, which no server process has."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    owner_database_url: SecretStr = Field(description="PostgreSQL as the schema's owner, who may create roles")
    api_password: SecretStr = Field(description="Password to give the role arsip_api")
    worker_password: SecretStr = Field(description="Password to give the role arsip_worker")
    snapshot_password: SecretStr | None = Field(
        None, description="Password to give the role arsip_snapshot; unset = nobody signs in as it"
    )
    s3_admin_access_key: SecretStr | None = Field(None, description="Key that may create buckets; unset = they exist")
    s3_admin_secret_key: SecretStr | None = Field(None, description="Its secret")
    operator_token: SecretStr | None = Field(None, description="Token of this machine's operator, who reads letters")
    operator_admin_token: SecretStr | None = Field(None, description="Token of this machine's operator, who adds users")


class ClientSettings(BaseSettings):
    """What the `arsip` command needs to reach a server."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    url: str | None = Field(None, description="Address of a remote server, e.g. https://arsip.example.go.id")
    token: SecretStr | None = Field(None, description="Token to show it, from `arsip token issue`")
    office_key: SecretStr | None = Field(
        None, description="The office's key, where `arsip key export` finds it without a data directory"
    )
    data: Path = Field(
        default_factory=lambda: Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "arsiparis",
        description="Data directory of `arsip up` on this machine",
    )


def refuse_unknown() -> None:
    """Raise UnknownSettingError when the environment has an `ARSIP_` variable that no setting has."""
    classes: tuple[type[BaseSettings], ...] = (Settings, MigrationSettings, ClientSettings)
    known = {PREFIX + name.upper() for cls in classes for name in cls.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise UnknownSettingError(f"unknown setting: {', '.join(unknown)}; docs/settings.md lists them all")


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    refuse_unknown()
    return Settings()
