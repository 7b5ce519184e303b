"""One client's letters, dropped as one stack: cut, checked, a case opened, linked, its steps finished, and closed.

The stack is the way home of one client under SOP A, letter on letter as they were filed, without separator sheets. Each
letter that begins is compared with its proposed kind, every doubtful field with its picture, and so is each line of the
agenda, each proposal and what a case is opened with. What the machine needs to read is told apart: nobody sits there.
"""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page

from tests.assets.stacked import stacked
from tests.conftest import SAMPLES
from tests.e2e.test_pages import sign_in
from tests.product import Product, User, settled, until
from tests.trial.clerk import Clerk, check, upload

KINDS = (
    "skt_polisi", "formulir_layanan_sosial", "info_keluarga", "ktp", "kk", "instrumen_asesmen", "hasil_asesmen",
    "surat_permohonan_pemulangan", "formulir_masuk_shelter", "formulir_keluar_shelter", "surat_pemulangan",
    "daftar_tanda_terima", "tanda_terima_biaya_transportasi", "bukti_uang_tiket_saku", "tiket",
    "syarat_keberangkatan", "berita_acara_serah_terima",
)  # fmt: skip
STEPS = 8
IN_A_LINE = 5  # values of a line of the agenda that are compared with the letter
OFFICE = "Dinas Sosial Kota Tarakan"
IN_A_CASE = 4  # the procedure, name, NIK and birth that a case is opened with


def stack() -> bytes:
    """The shipped samples of that client as one scan."""
    files = {entry["kind"]: entry["file"] for entry in json.loads((SAMPLES / "samples.json").read_text("utf-8"))}
    return stacked([SAMPLES / files[kind] for kind in KINDS], str(time.time_ns()))


def trial(product: Product, page: Page, user: User, folder: Path) -> dict[str, Any]:
    """From the scanner's folder to the closed case, as figures."""
    scan = folder / "pindaian.pdf"
    scan.write_bytes(stack())
    clerk = Clerk(page, {})
    human: dict[str, float] = {}

    def mark(what: str) -> None:
        human[what] = clerk.human - sum(human.values())

    sign_in(page, user)
    with product.client(user.token) as client:
        began = time.monotonic()
        upload(clerk, [scan])
        mark("sent")
        [sent] = until(lambda: client.get("/documents").json()["documents"])
        settled(client, sent["id"], timeout=600)
        machine = time.monotonic() - began
        letters = cut(clerk, client, sent["id"])
        mark("cut")
        began = time.monotonic()
        read = [settled(client, letter, timeout=600) for letter in letters]
        clerk.truth = {letter["filename"]: kind for letter, kind in zip(read, KINDS, strict=True)}
        machine += time.monotonic() - began
        checked = check(clerk, {letter["id"]: letter["filename"] for letter in read})
        mark("checked")
        case = open_case(clerk, client)
        mark("case opened")
        by_hand = link(clerk, client, case) + seek(clerk, client, read, case)
        mark("linked")
        finish(clerk, case)
        mark("steps finished")
        complete = client.get(f"/cases/{case}").json()
        assert complete["lacks"] == [], complete["lacks"]
        until_complete, waited = clerk.human, clerk.waited
        lines = register(clerk, case)
        mark("in the agenda")
        close(clerk, client, case)
        mark("closed")
    return {
        "letters": len(letters), "checked": checked, "corrected": len(clerk.corrected),
        "linked by themselves": len(complete["letters"]) - by_hand - 1, "linked by a person": by_hand,
        "lines of the agenda": lines, "keys": clerk.keys, "decisions (M)": clerk.minds, "points": clerk.points,
        "values compared": clerk.compared,
        **{f"human time, {what} (s)": round(seconds, 1) for what, seconds in human.items()},
        "human time until the case is complete (s)": round(until_complete, 1),
        "waiting for pages until then (s)": round(waited, 1),
        "human time until the case is closed (s)": round(clerk.human, 1),
        "waiting for pages in all (s)": round(clerk.waited, 1),
        "machine: read, cut and sealed after (s)": round(machine, 1), "corrections": clerk.corrected,
    }  # fmt: skip


def cut(clerk: Clerk, client: httpx.Client, sent: str) -> list[str]:
    """Look where each letter begins and what it is taken for, and press Enter; the letters' ids."""
    clerk.goes(lambda: clerk.click("Periksa"))
    clerk.page.wait_for_url("**/belah")
    clerk.minds += 1
    clerk.compared += clerk.page.locator(".leaf.first, .leaf:has(:checked)").count()
    clerk.goes(lambda: clerk.press("Enter"))
    letters = client.get(f"/documents/{sent}").json()["letters"]
    assert len(letters) == len(KINDS), letters
    return [letter["id"] for letter in letters]


def open_case(clerk: Clerk, client: httpx.Client) -> str:
    """By the first letter that waits; what was read of the client is looked at before the case is opened."""
    clerk.goes(lambda: clerk.click("Menunggu dihubungkan"))  # where the empty desk leads to
    clerk.minds += 1
    clerk.goes(lambda: clerk.press("Enter"))
    assert "/kasus/baru" in clerk.page.url
    clerk.minds += 1
    clerk.compared += IN_A_CASE
    clerk.goes(lambda: clerk.press("Enter"))
    return clerk.page.url.rpartition("/")[2].partition("#")[0]


def link(clerk: Clerk, client: httpx.Client, case: str) -> int:
    """What did not link itself, by one key for the stack; how many those were. The proposed client is compared."""
    began = time.monotonic()
    still = -1
    while still != (still := len(client.get(f"/cases/{case}").json()["letters"])):
        time.sleep(1)
    clerk.waited += time.monotonic() - began
    clerk.goes(lambda: clerk.press("h"))
    before = len(client.get(f"/cases/{case}").json()["letters"])
    while clerk.page.locator("[data-key='1']").count():
        clerk.minds += 1
        clerk.compared += 1  # the client
        lines, key = clerk.page.locator(".batch li"), "Enter"
        if lines.count():  # whose NIK is the client's needs no second look: it would have linked itself, were it newer
            key = "a"
            clerk.compared += lines.count() - lines.filter(has_text="NIK sama").count()
        clerk.goes(partial(clerk.press, key))
    return len(client.get(f"/cases/{case}").json()["letters"]) - before


def seek(clerk: Clerk, client: httpx.Client, letters: list[dict[str, Any]], case: str) -> int:
    """Letters that name nobody are proposed for nothing: each is looked up in the archive and linked by hand."""
    linked = {one["document"] for one in client.get(f"/cases/{case}").json()["letters"]}
    lost = [letter["id"] for letter in letters if letter["id"] not in linked]
    for letter in lost:
        clerk.goes(lambda: clerk.click("Arsip"))
        clerk.minds += 1
        clerk.goes(partial(clerk.click_at, f".letters a[href='/arsip/{letter}']"))
        clerk.goes(lambda: clerk.click("Hubungkan ke kasus"))
        clerk.minds += 1
        clerk.goes(lambda: clerk.click_at(f"form[action='/kasus/{case}/surat'] button"))
    return len(lost)


def finish(clerk: Clerk, case: str) -> None:
    """Each step of the case by one key, where linking ended."""
    assert case in clerk.page.url
    for _ in range(STEPS):
        began = time.monotonic()
        while not clerk.page.locator("[data-key='s']").count():  # what was just checked is locked anew
            assert time.monotonic() < began + 120, clerk.page.url
            time.sleep(1)
            clerk.keys += 1
            clerk.page.reload()
        clerk.waited += time.monotonic() - began
        clerk.minds += 1
        clerk.goes(lambda: clerk.press("s"))


def register(clerk: Clerk, case: str) -> int:
    """Every letter that the books ask for; how many lines. What was read of it is compared with the letter."""
    clerk.goes(lambda: clerk.click("Agenda"))
    clerk.goes(lambda: clerk.click("Daftarkan surat"))
    lines = 0
    while clerk.page.locator("#daftarkan").count():
        clerk.minds += 1
        clerk.compared += IN_A_LINE
        missing = clerk.page.locator("#daftar [required]:invalid")
        while missing.count():  # what no letter of the kind says; the page stands there already
            missing.first.focus()
            clerk.write(OFFICE)
        clerk.goes(lambda: clerk.press("Enter"))
        assert clerk.page.locator(".notice.bad").count() == 0, clerk.page.locator(".notice.bad").inner_text()
        lines += 1
    return lines


def close(clerk: Clerk, client: httpx.Client, case: str) -> None:
    """Confirm the kode klasifikasi that is proposed, and close."""
    clerk.goes(lambda: clerk.click("Kasus"))
    clerk.goes(lambda: clerk.click_at(f".board a[href='/kasus/{case}']"))
    clerk.compared += 1
    clerk.minds += 1
    clerk.goes(lambda: clerk.click("Konfirmasi"))
    clerk.minds += 1
    clerk.goes(lambda: clerk.click("Tutup kasus"))
    assert client.get(f"/cases/{case}").json()["closed_at"]
