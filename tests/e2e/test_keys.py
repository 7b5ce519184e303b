"""The office key's copy as its admin makes and uses it, and what the pages and commands say of the store."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser

from cli.datadir import load_secrets
from cli.engines import ports_of
from tests.e2e.inside import nonce, text_pdf
from tests.e2e.test_pages import axe_findings, browser, sign_in
from tests.product import Product, settled, until

__all__ = ["browser"]
PASSPHRASE = "tiga ekor kuda terbang\n"


@pytest.fixture(scope="module")
def own(short_tmp: Path) -> Iterator[Product]:
    """A product whose key nobody has copied yet."""
    made = Product(short_tmp / "kunci")
    made.start()
    yield made
    made.stop()


def _said(product: Product) -> str:
    return (product.data.parent / f"{product.data.name}.up.log").read_text()


def test_a_key_without_a_copy_is_warned_of_until_it_has_one(own: Product, browser: Browser, tmp_path: Path) -> None:
    until(lambda: "PERINGATAN: kunci kantor belum punya salinan" in _said(own))
    assert "✗ Kunci kantor belum punya salinan" in own.arsip("doctor", check=False).stdout
    admin, clerk = own.user("admin"), own.user("petugas")
    for who, warned in ((admin, 1), (clerk, 0)):
        with browser.new_context(base_url=own.url) as context:
            page = context.new_page()
            sign_in(page, who)
            assert page.get_by_text("Kunci kantor belum punya salinan").count() == warned
    copy = tmp_path / "salinan.json"
    done = own.arsip("key", "export", str(copy), input=PASSPHRASE)
    told = json.loads(copy.read_text())
    assert told["fingerprint"] in done.stdout
    assert copy.stat().st_mode & 0o777 == 0o600
    assert load_secrets(own.data).office_key not in copy.read_text()
    assert own.arsip("key", "export", str(copy), input=PASSPHRASE, check=False).returncode == 2  # never written over
    assert "✓ Kunci kantor punya salinan" in own.arsip("doctor", check=False).stdout
    with browser.new_context(base_url=own.url) as context:
        page = context.new_page()
        sign_in(page, admin)
        assert page.get_by_text("Kunci kantor belum punya salinan").count() == 0
        page.goto("/penyimpanan")
        assert page.get_by_role("heading", name="Yang tidak cocok").count() == 1
    assert own.arsip("store", check=False).returncode == 0
    with own.client(admin.token) as client:
        assert client.get("/store").json()["key_copied"] is True
        assert client.post("/store/key-copies", json={"fingerprint": "0" * 16}).status_code == 422
    with own.client() as client:
        assert client.get("/store").json()["key_copied"] is None  # an arsiparis needn't know


def test_what_stands_raises_an_alarm_where_people_and_programs_look(own: Product, browser: Browser) -> None:
    at = ports_of(own.data)
    url = f"host=127.0.0.1 port={at.postgres} user=postgres dbname=arsip password={own.secrets['postgres_password']}"
    with psycopg.connect(url, autocommit=True) as root:
        root.execute(
            "INSERT INTO store_finding (object, version, what)"
            " VALUES ('snapshot/index-', '', 'snapshots_of_another_database')"
        )
        try:
            assert httpx.get(f"{own.url}/readyz").json()["findings"] == 1
            assert "arsip_store_findings 1.0" in httpx.get(f"{own.url}/metrics").text
            assert "tidak dipotret lagi" in own.arsip("store", check=False).stdout
            with browser.new_context(base_url=own.url, viewport={"width": 360, "height": 740}) as context:
                page = context.new_page()
                sign_in(page, own.user("auditor"))
                page.goto("/penyimpanan")
                assert "1 hal tidak cocok" in page.get_by_role("alert").inner_text()
                assert axe_findings(page) == []
                assert page.evaluate("document.documentElement.scrollWidth") <= 360
        finally:
            root.execute("DELETE FROM store_finding WHERE what = 'snapshots_of_another_database'")
    assert httpx.get(f"{own.url}/readyz").json()["findings"] == 0


def test_a_copy_made_while_nothing_runs_is_known_after_the_next_start(fresh_product: Product, tmp_path: Path) -> None:
    fresh_product.start()
    with fresh_product.client() as client:
        sent = client.post("/documents", files={"file": ("surat.pdf", text_pdf(nonce()))}).raise_for_status().json()
        settled(client, sent["id"])
    fresh_product.stop()
    copy = tmp_path / "salinan.json"
    fresh_product.arsip("key", "export", str(copy), input=PASSPHRASE)
    wrong = fresh_product.arsip("key", "import", str(copy), input="sandi yang lain\n", check=False)
    assert (wrong.returncode, "Kata sandi keliru" in wrong.stderr) == (1, True)
    same = fresh_product.arsip("key", "import", str(copy), input=PASSPHRASE)
    assert "Tidak ada yang diubah" in same.stdout
    secrets = fresh_product.data / "secrets.json"
    kept = json.loads(secrets.read_text())
    secrets.write_text(json.dumps({**kept, "office_key": "00" * 32}))  # as on a machine set up anew
    refused = fresh_product.arsip("key", "import", str(copy), input=PASSPHRASE, check=False)
    assert (refused.returncode, "--replace" in refused.stderr) == (1, True)
    fresh_product.arsip("key", "import", "--replace", str(copy), input=PASSPHRASE)
    assert json.loads(secrets.read_text()) == kept
    fresh_product.start()
    assert _said(fresh_product).count("PERINGATAN") == 1  # of the first start
    with fresh_product.client() as client:
        assert client.get(f"/documents/{sent['id']}/original").raise_for_status().content.startswith(b"%PDF")
    assert fresh_product.arsip("verify").returncode == 0


def test_a_new_machine_gets_the_key_before_its_first_start(own: Product, tmp_path: Path) -> None:
    copy, folder = tmp_path / "salinan.json", tmp_path / "baru"
    own.arsip("key", "export", str(copy), input=PASSPHRASE)
    new = Product(folder)
    new.arsip("key", "import", str(copy), input=PASSPHRASE)
    assert load_secrets(folder).office_key == load_secrets(own.data).office_key
    shown = new.arsip("key", "import", "--show", str(copy), input=PASSPHRASE)
    assert shown.stdout.strip() == load_secrets(folder).office_key
