"""The commands beside a running product, and against it as a remote server."""

import hashlib
import io
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.conftest import SAMPLES
from tests.product import ARSIP, Product, until

FEW = ("ktp.jpg", "tiket.pdf", "skt_polisi.jpg")


def make_scans(folder: Path, word: str, number: int) -> list[Path]:
    """So many small scans, each with the word and a number of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    face = ImageFont.load_default(48)
    for i in range(number):
        page = Image.new("L", (900, 200), 255)
        ImageDraw.Draw(page).text((60, 70), f"Laporan {word} lembar {i}", 0, face)
        out = io.BytesIO()
        page.save(out, "JPEG", dpi=(200, 200))
        (folder / f"lembar-{i:03}.jpg").write_bytes(out.getvalue())
    return sorted(folder.iterdir())


def counts(table: str) -> dict[str, int]:
    """The closing table's rows."""
    cells = [[cell.strip() for cell in line.replace("┃", "│").split("│")] for line in table.splitlines()]
    return {row[1]: int(row[2]) for row in cells if len(row) > 2 and row[2].isdigit()}


def documents(product: Product) -> list[dict[str, Any]]:
    """All letters, newest first."""
    with product.client() as client:
        found, cursor = [], None
        while True:
            page = client.get("/documents", params={"limit": 200, **({"cursor": cursor} if cursor else {})}).json()
            found += page["documents"]
            if not (cursor := page["next"]):
                return found


def arrivals(product: Product, document: str) -> list[str]:
    """The ledger's actions about arrivals of one letter."""
    with product.client() as client:
        events = client.get(f"/documents/{document}/events").raise_for_status().json()["events"]
    return [event["action"] for event in events if event["action"] in ("received", "arrived_again")]


@pytest.fixture(scope="module")
def scans(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of samples that was ingested."""
    folder = tmp_path_factory.mktemp("scans")
    for name in FEW:
        (folder / name).write_bytes((SAMPLES / name).read_bytes())
    product.arsip("ingest", str(folder))
    return folder


def remotely(product: Product, *args: str, token: str) -> subprocess.CompletedProcess[str]:
    """A command on a machine that knows only the server's address and a token."""
    env = {**product.env, "ARSIP_URL": product.url, "ARSIP_TOKEN": token}
    return subprocess.run([*ARSIP, *args], env=env, capture_output=True, text=True, timeout=120)


def test_a_folder_is_archived_and_a_second_time_already_there(product: Product, tmp_path: Path) -> None:
    make_scans(tmp_path / "in", "pendampingan", 4)
    first = product.arsip("ingest", str(tmp_path / "in"))
    assert counts(first.stdout) == {"Diarsipkan": 4, "Sudah ada": 0, "Tertahan": 0, "Ditolak": 0}
    again = product.arsip("ingest", str(tmp_path / "in"))
    assert counts(again.stdout) == {"Diarsipkan": 0, "Sudah ada": 4, "Tertahan": 0, "Ditolak": 0}
    assert "\x1b" not in first.stdout + first.stderr + again.stdout + again.stderr
    assert "\r" not in first.stderr


def test_what_is_refused_is_named_with_the_reason(product: Product, scans: Path, tmp_path: Path) -> None:
    folder = tmp_path / "campur"
    folder.mkdir()
    (folder / "kosong.pdf").touch()
    (folder / "catatan.pdf").write_text("<html>bukan surat</html>")
    (folder / FEW[0]).write_bytes((scans / FEW[0]).read_bytes())
    done = product.arsip("ingest", str(folder), check=False)
    assert done.returncode == 3
    assert counts(done.stdout)["Ditolak"] == 2
    assert counts(done.stdout)["Sudah ada"] == 1
    assert "kosong.pdf: Berkas kosong." in done.stdout
    assert "catatan.pdf: Jenis berkas tidak didukung." in done.stdout


def test_a_held_letter_is_named_with_the_reason(product: Product, tmp_path: Path) -> None:
    whole = (SAMPLES / "ktp.jpg").read_bytes()
    for name in ("terpotong.jpg", "nama-lain.jpg"):  # the same letter: named as it is here, not as it came first
        (tmp_path / name).write_bytes(whole[: len(whole) // 3])
        done = product.arsip("ingest", str(tmp_path / name), check=False)
        assert done.returncode == 3
        assert counts(done.stdout)["Tertahan"] == 1
        assert f"{tmp_path / name}: Berkas rusak atau terpotong." in done.stdout


def test_killed_and_started_again_nothing_is_entered_twice(fresh_product: Product, tmp_path: Path) -> None:
    fresh_product.start()
    files = make_scans(tmp_path / "in", "pemulangan", 24)
    command = [*ARSIP, "ingest", "--data", str(fresh_product.data), "--jobs", "2", str(tmp_path / "in")]
    first = subprocess.Popen(command, env=fresh_product.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: len(documents(fresh_product)), lambda n: n >= 3, step=0.01)
    first.kill()
    first.wait()
    second = subprocess.Popen(command, env=fresh_product.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert second.stderr is not None
    assert second.stderr.readline() == "24 berkas ditemukan.\n"  # from here on it waits for a server that is away
    until(lambda: len(documents(fresh_product)), lambda n: n >= 12, step=0.01)
    fresh_product.kill("api")  # and the server goes away under the second one
    out, err = second.communicate(timeout=240)
    assert second.returncode == 0, (out, err)
    tally = counts(out)
    assert tally["Diarsipkan"] + tally["Sudah ada"] == len(files)
    found = documents(fresh_product)
    assert Counter(d["sha256"] for d in found) == Counter(hashlib.sha256(f.read_bytes()).hexdigest() for f in files)
    assert {d["stage"] for d in found} == {"sealed"}
    assert all(arrivals(fresh_product, d["id"]) == ["received"] for d in found)


@pytest.mark.usefixtures("scans")
def test_a_word_is_found_and_its_letter_shown(product: Product) -> None:
    found = product.arsip("search", "SEUMUR", "HIDUP")
    assert "halaman ditemukan." in found.stdout
    raw = json.loads(product.arsip("search", "--json", "SEUMUR HIDUP").stdout)
    letter = raw["hits"][0]["document"]
    assert re.search(rf"{product.url}/arsip/{letter}\?c=[\w-]+#halaman-1", found.stdout)
    shown = product.arsip("show", letter, "--text", "--events").stdout
    for part in ("ktp.jpg", "diarsipkan dan terkunci", "Halaman 1", "SEUMUR HIDUP", "diterima"):
        assert part in shown
    assert json.loads(product.arsip("show", letter, "--json").stdout)["id"] == letter
    assert "Tidak ada yang ditemukan." in product.arsip("search", "qwertyuiopasdf").stdout


def test_a_letter_that_is_not_there_is_a_plain_message(product: Product) -> None:
    done = product.arsip("show", "00000000-0000-7000-8000-000000000000", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Tidak ditemukan. ")


@pytest.mark.usefixtures("scans")
def test_verify_counts_entries_and_objects(product: Product) -> None:
    done = product.arsip("verify")
    assert done.stdout.startswith("Arsip utuh: ")
    assert done.stdout.count("\n") == 1


@pytest.mark.usefixtures("scans")
def test_a_user_with_a_token_works_from_another_machine(product: Product, tmp_path: Path) -> None:
    product.arsip("user", "add", "sari.jauh", "--role", "petugas", "--password-stdin", input="kata sandi sari\n")
    issued = product.arsip("token", "issue", "sari.jauh").stdout
    token = issued.removesuffix("\n")
    assert token.startswith("arsip_")
    assert "\n" not in token
    found = remotely(product, "search", "SEUMUR HIDUP", token=token)
    assert found.returncode == 0, found.stderr
    make_scans(tmp_path / "in", "kunjungan", 1)
    sent = remotely(product, "ingest", str(tmp_path / "in"), token=token)
    assert counts(sent.stdout)["Diarsipkan"] == 1, sent
    refused = remotely(product, "verify", token=token)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Peran Anda tidak boleh melakukan ini.")


def test_users_are_added_once_and_only_well_named(product: Product) -> None:
    without = product.arsip("user", "add", "mesin-pindai", "--role", "petugas", input="")
    assert "Tanpa kata sandi" in without.stderr
    again = product.arsip("user", "add", "mesin-pindai", "--role", "petugas", input="", check=False)
    assert again.returncode == 1
    assert "sudah ada" in again.stderr
    nobody = product.arsip("token", "issue", "bukan-siapa-siapa", check=False)
    assert (nobody.returncode, nobody.stdout) == (2, "")


def test_reread_shows_how_far_it_is(product: Product) -> None:
    done = product.arsip("reread")
    assert done.returncode == 0, done.stderr
    assert "masuk antrean baca ulang" in done.stdout or "Tidak ada surat" in done.stdout
    again = product.arsip("reread", "--no-wait")  # the same reader: each page is passed over, so none stays behind
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    "words", [["search", "x"], ["ingest", str(SAMPLES)], ["verify"], ["reread"], ["token", "issue", "x"]]
)
def test_a_wrong_token_is_said_at_once(product: Product, words: list[str]) -> None:
    done = remotely(product, *words, token="arsip_salah")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Anda belum masuk.")
    assert "Traceback" not in done.stderr


def test_a_server_that_is_away_is_said_at_once(product: Product) -> None:
    env = {**product.env, "ARSIP_URL": "http://127.0.0.1:9", "ARSIP_TOKEN": "arsip_x"}
    done = subprocess.run([*ARSIP, "ingest", str(SAMPLES)], env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "tidak menjawab" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_asks_the_server_that_arsip_url_names(product: Product) -> None:
    clerk = product.user("petugas")
    well = remotely(product, "doctor", token=clerk.token)
    assert well.returncode == 0, (well.stdout, well.stderr)
    assert well.stdout.splitlines() == [
        f"✓ Arsiparis siap di {product.url}",
        f"✓ ARSIP_TOKEN diterima: {clerk.name} (petugas)",
    ]
    stranger = remotely(product, "doctor", token="arsip_salah")
    assert (stranger.returncode, "✗ ARSIP_TOKEN tidak diterima" in stranger.stdout) == (1, True)
    env = {**product.env, "ARSIP_URL": "http://127.0.0.1:9", "ARSIP_TOKEN": "arsip_x"}
    away = subprocess.run([*ARSIP, "doctor"], env=env, capture_output=True, text=True, timeout=30)
    assert (away.returncode, "✗ Server http://127.0.0.1:9 tidak menjawab" in away.stdout) == (1, True)


def test_demo_beside_a_running_product_shows_a_hit_and_ends(product: Product) -> None:
    command = [sys.executable, "-m", "cli.main", "demo", "--data", str(product.data)]
    done = subprocess.run(command, env=product.env, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, (done.stdout, done.stderr)
    password = json.loads((product.data / "demo.json").read_text())["password"]
    assert (product.data / "demo.json").stat().st_mode & 0o777 == 0o600
    assert f"pejabat-demo  kata sandi: {password}" in done.stdout
    (address,) = re.findall(rf"{product.url}(/arsip/\S+)#halaman-1", done.stdout)
    with httpx.Client(base_url=product.url, headers={"Accept": "text/html"}, timeout=60) as pages:
        signed_in = pages.post("/masuk", data={"nama": "petugas-demo", "sandi": password})
        assert signed_in.status_code == 303
        assert "<mark>" in pages.get(address).raise_for_status().text  # as whoever it says to sign in as
