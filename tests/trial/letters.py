"""A clerk's morning: every sample letter sent by the page Unggah, then checked at the desk by keyboard."""

from __future__ import annotations

import json
import time
from typing import Any

from playwright.sync_api import Page

from tests.conftest import SAMPLES
from tests.e2e.test_pages import sign_in
from tests.product import Product, User, settled
from tests.trial.clerk import Clerk, check, upload


def trial(product: Product, page: Page, user: User) -> dict[str, Any]:
    """Everything from the scanner's folder to the empty desk, as figures."""
    listing = json.loads((SAMPLES / "samples.json").read_text("utf-8"))
    clerk = Clerk(page, {entry["file"]: entry["kind"] for entry in listing})
    sign_in(page, user)
    began = time.monotonic()
    upload(clerk, [SAMPLES / entry["file"] for entry in listing])
    with product.client(user.token) as client:
        sent = wait_for_all(client, len(listing))
        done = [settled(client, document, timeout=1800) for document in sent]
        read = time.monotonic() - began
        assert {letter["stage"] for letter in done} == {"sealed"}
        waiting = client.get("/checks", params={"limit": 200}).json()["waiting"]
        unseen = [d["filename"] for d in done if d["kind"]["sure"] and d["kind"]["value"] != clerk.truth[d["filename"]]]
        checked = check(clerk, {letter["id"]: letter["filename"] for letter in done})
        left = client.get("/checks").json()["waiting"]
    return {
        "letters": len(listing), "ask a person": waiting, "checked": checked, "left": left,
        "wrong kind, not asked": len(unseen), "fields and kinds compared": clerk.compared,
        "corrected": len(clerk.corrected), "keys": clerk.keys, "decisions (M)": clerk.minds,
        "human time (s)": round(clerk.human, 1), "waiting for pages (s)": round(clerk.waited, 1),
        "human time and pages (s)": round(clerk.human + clerk.waited, 1),
        "a letter at the desk (s)": round((clerk.human + clerk.waited) / max(1, checked), 1),
        "machine: all read and sealed after (s)": round(read, 1), "corrections": clerk.corrected,
    }  # fmt: skip


def wait_for_all(client: Any, count: int) -> list[str]:
    """Ids of the letters, once all have arrived."""
    while True:
        found = client.get("/documents", params={"limit": 200}).raise_for_status().json()["documents"]
        if len(found) == count:
            return [document["id"] for document in found]
        time.sleep(0.2)
