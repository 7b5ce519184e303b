"""The drill: an office works, a backup is made beside it, the machine is lost, another one has the archive again."""

import hashlib
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from minio import Minio

from cli.datadir import load_secrets
from cli.engines import ports_of, settings_env
from core.settings import Settings
from tests.conftest import SAMPLES
from tests.product import ARSIP, Product, settled


@pytest.fixture(scope="module")
def lost(short_tmp: Path) -> Iterator[Product]:
    """A product whose machine will be lost."""
    running = Product(short_tmp / "lama")
    running.start()
    yield running
    if running.process is not None:
        running.stop()


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _send(product: Product, name: str) -> str:
    with product.client() as client, (SAMPLES / name).open("rb") as file:
        sent = client.post("/documents", files={"file": (name, file)}).raise_for_status()
        document: str = sent.json()["id"]
        assert settled(client, document)["stage"] == "sealed"
    return document


def _seen(product: Product, letters: list[str]) -> dict[str, Any]:
    """What a person sees of the letters, with the bytes of the originals and PDFs."""
    with product.client() as client:
        found: dict[str, Any] = {}
        for letter in letters:
            found[letter] = client.get(f"/documents/{letter}").raise_for_status().json()
            for what in ("original", "pdf"):
                data = client.get(f"/documents/{letter}/{what}").raise_for_status().content
                found[f"{letter}/{what}"] = hashlib.sha256(data).hexdigest()
            picture = client.get(f"/documents/{letter}/pages/1/image").raise_for_status().content
            found[f"{letter}/page"] = hashlib.sha256(picture).hexdigest()
        found["total"] = client.get("/search", params={"q": "surat"}).raise_for_status().json()["total"]
    return found


def _killed(product: Product, argv: tuple[str, ...], seconds: float) -> None:
    """The command with nothing left of it, so long after it had begun to change something."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*ARSIP, *argv], env=product.env, stdout=quiet, stderr=quiet) as process:
        deadline = time.monotonic() + 60
        while not (product.data / "restore.json").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(seconds)
        assert process.poll() is None
        process.kill()


def test_a_lost_machine_is_made_again_from_its_backup(lost: Product, short_tmp: Path) -> None:
    folder, clerk = short_tmp / "cadangan", lost.user("petugas")
    letters = [_send(lost, "tiket.pdf")]
    first = lost.arsip("backup", str(folder), "--data", str(lost.data))
    assert "Cadangan lengkap" in first.stdout
    letters.append(_send(lost, "skt_polisi.jpg"))
    before = _seen(lost, letters)
    kept = _digests(folder / "record")
    again = lost.arsip("backup", str(folder), "--data", str(lost.data))
    assert kept.items() <= _digests(folder / "record").items()  # nothing that was there was fetched anew or changed
    assert "0 di antaranya baru" not in again.stdout
    secrets = lost.secrets
    lost.stop()
    shutil.rmtree(lost.data)

    made = Product(short_tmp / "baru")
    key = short_tmp / "kunci-kantor.txt"
    key.write_text(secrets["office_key"] + "\n")
    done = made.arsip("restore", str(folder), "--data", str(made.data), "--office-key", str(key))
    assert "semuanya cocok" in done.stdout
    assert made.secrets["identity_key"] == secrets["identity_key"]
    assert made.secrets["postgres_password"] != secrets["postgres_password"]
    made.start()
    try:
        assert _seen(made, letters) == before
        assert "Arsip utuh" in made.arsip("verify").stdout
        with made.client(clerk.token) as client:  # people and programs get in as before
            assert client.get("/me").raise_for_status().json()["name"] == clerk.name
        letters.append(_send(made, "ktp.jpg"))
        # and what was restored is backed up and restored once more
        made.arsip("backup", str(short_tmp / "cadangan2"), "--data", str(made.data))
    finally:
        made.stop()
    third = Product(short_tmp / "ketiga")
    restoring = ("restore", str(short_tmp / "cadangan2"), "--data", str(third.data), "--office-key", str(key))
    for seconds in (1.0, 3.0):  # while engines start, objects are put, the database is made
        _killed(third, restoring, seconds)
    assert "semuanya cocok" in third.arsip(*restoring).stdout
    third.start()
    try:
        assert "Arsip utuh" in third.arsip("verify").stdout
        assert _seen(third, letters[:1])[f"{letters[0]}/original"] == before[f"{letters[0]}/original"]
    finally:
        third.stop()


def test_what_was_destroyed_since_the_backup_stays_so(short_tmp: Path) -> None:
    """By the lists in a newer backup, or in the second copy, whichever there is."""
    office, older, newer = Product(short_tmp / "musnah"), short_tmp / "lama-sekali", short_tmp / "lebih-baru"
    office.start()
    try:
        gone, kept = _send(office, "tiket.pdf"), _send(office, "skt_polisi.jpg")
        office.arsip("backup", str(older), "--data", str(office.data))
        _destroy(office, gone)
        office.arsip("backup", str(newer), "--data", str(office.data))
        second = _second_copy(office)
        key = short_tmp / "kunci.txt"
        key.write_text(office.secrets["office_key"])
        for name, extra, settings in (("satu", ("--destroyed", str(newer)), {}), ("dua", (), second)):
            made = Product(short_tmp / f"musnah-{name}", settings)
            at = ("--data", str(made.data), "--office-key", str(key))
            done = made.arsip("restore", str(older), *at, *extra)
            assert "Dimusnahkan lagi: 1 surat" in done.stdout
    finally:
        office.stop()
    made.settings.clear()  # the second copy is gone with the office it was in
    made.start()
    try:
        _check_that_it_stays_gone(made, gone, kept)
        _check_that_no_form_is_told_in_words(made)
    finally:
        made.stop()


def _destroy(product: Product, letter: str) -> None:
    """Its key, as the door that erases does it."""
    at, password = ports_of(product.data).postgres, product.secrets["postgres_password"]
    url = f"host=127.0.0.1 port={at} user=postgres dbname=arsip password={password}"
    with psycopg.connect(url) as root:
        root.execute("SET ROLE arsip_owner")
        root.execute("SELECT document_key_destroy(%s, %s)", (letter, uuid4()))


def _second_copy(product: Product) -> dict[str, str]:
    """Settings of a second copy, in a bucket of its own under lock, with all that the archive holds."""
    secrets, ports = load_secrets(product.data), ports_of(product.data)
    access, secret = secrets.s3_admin_access_key, secrets.s3_admin_secret_key
    endpoint = f"127.0.0.1:{ports.seaweed.s3}"
    Minio(endpoint, access, secret, secure=False).make_bucket("salinan", object_lock=True)
    wanted = {
        "ARSIP_REPLICA_ENDPOINT": endpoint,
        "ARSIP_REPLICA_BUCKET": "salinan",
        "ARSIP_REPLICA_ACCESS_KEY": access,
        "ARSIP_REPLICA_SECRET_KEY": secret,
        "ARSIP_REPLICA_SECURE": "false",
    }
    env = {**product.env, **settings_env(product.data, secrets, ports, role="worker"), **wanted}
    names = {"ARSIP_" + name.upper() for name in Settings.model_fields}
    env = {name: value for name, value in env.items() if name in names or not name.startswith("ARSIP_")}
    run = "from workers import fixity; fixity.run()"
    subprocess.run([sys.executable, "-c", run], env=env, check=True, timeout=120)
    return wanted


def _check_that_it_stays_gone(product: Product, gone: str, kept: str) -> None:
    with product.client() as client:
        assert client.get(f"/documents/{gone}").raise_for_status().json()["filename"] == "dimusnahkan"
        answer = client.get(f"/documents/{gone}/original")
        assert (answer.status_code, answer.json()["slug"]) == (410, "key_destroyed")
        assert client.get("/search", params={"q": "tiket"}).raise_for_status().json()["total"] == 0
    assert "Arsip utuh" in product.arsip("verify").stdout
    assert _seen(product, [kept])[f"{kept}/original"]


def _check_that_no_form_is_told_in_words(product: Product) -> None:
    """As under a supervisor that gives a process less memory than setting a form may ask for."""
    with product.client() as client:
        resource.prlimit(product.pid("api"), resource.RLIMIT_AS, (3 << 30, 3 << 30))
        answer = client.get("/agenda/print", params={"year": 2026})
        assert (answer.status_code, answer.json()["slug"]) == (503, "form_unavailable")
