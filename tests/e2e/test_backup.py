"""The drill: an office works, a backup is made beside it, the machine is lost, another one has the archive again."""

import hashlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
