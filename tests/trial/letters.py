"""A clerk's morning, tried for real: every sample letter sent by the page Unggah, then checked at the desk by keyboard.

python -m tests.trial [--data DIR]

Chromium drives a running product. Keys and decisions are counted as they happen, waiting is measured; a person's
own time is reckoned from them by the keystroke-level model of Card, Moran and Newell (1980): K = 0.28 s a key
(average typist), M = 1.35 s to make up one's mind, P = 1.1 s to point. To compare one value with its picture takes
COMPARE = 2 s, our own assumption: a glance of about 20 characters at an office worker's reading speed. The clerk of the
trial knows what each sample says (tests/assets), corrects what was read wrong, and sees nothing that the desk does not
show.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, sync_playwright

from classify.rules import labels
from tests.assets.letters import sample
from tests.assets.truth import fields_of
from tests.conftest import SAMPLES
from tests.e2e.test_pages import CALM, CHROMIUM, sign_in
from tests.product import Product, User, settled
from tests.yardstick.figures import bare

K, M, P, COMPARE = 0.28, 1.35, 1.1, 2.0
# what has the focus, and which page it is on: a page loaded anew has another origin of time
_STATE = """() => {
    const at = document.activeElement;
    return {id: at.id, name: at.name ?? "", value: at.value ?? "", path: location.pathname,
            desk: document.querySelector("#periksa") !== null, born: performance.timeOrigin};
}"""


@cache
def printed_on(kind: str) -> dict[str, str]:
    """What the sample of that kind says, by field."""
    return {name: found["value"] for name, found in fields_of(sample(kind)).items()}


@dataclass
class Clerk:
    """One person at the desk: what they did so far, and how long they waited for a page."""

    page: Page
    truth: dict[str, str]  # kind by file name
    keys: int = 0
    minds: int = 0
    points: int = 0
    compared: int = 0
    corrected: list[str] = field(default_factory=list)
    waited: float = 0.0

    @property
    def human(self) -> float:
        """Seconds of a person's own time."""
        return K * self.keys + M * self.minds + P * self.points + COMPARE * self.compared

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Type over what is selected."""
        self.minds += 1
        self.keys += len(text)
        self.page.keyboard.type(text)

    def state(self) -> dict[str, Any]:
        """What has the focus now; asked again while a page is on its way."""
        while True:
            try:
                found: dict[str, Any] = self.page.evaluate(_STATE)
            except Error:
                time.sleep(0.01)
            else:
                return found

    def enter(self, before: dict[str, Any]) -> dict[str, Any]:
        """Enter, and what has the focus then."""
        self.press("Enter")
        began = time.monotonic()
        while (now := self.state()) == before:
            assert time.monotonic() < began + 60, before
            time.sleep(0.01)
        if now["born"] != before["born"]:
            self.page.wait_for_load_state()
            now = self.state()
        self.waited += time.monotonic() - began
        return now

    def judge(self, now: dict[str, Any], kind: str, seen: set[str]) -> None:
        """Compare what has the focus with the paper and put it right; once, for a second look would find the same."""
        if not now["name"] or now["path"] + now["name"] in seen:
            return
        seen.add(now["path"] + now["name"])
        self.compared += 1
        if now["name"] == "jenis":
            right = "" if now["value"] == kind else labels()[kind]
        else:
            printed = printed_on(kind).get(now["name"].removeprefix("isian."), "")
            right = printed if printed and bare(printed) != bare(now["value"]) else ""
        if right:
            self.corrected.append(f"{kind} {now['name']}: {now['value']!r} → {right!r}")
            self.write(right)


def check(clerk: Clerk, names: dict[str, str]) -> int:
    """All letters that wait; how many they were. `names` are the letters' file names by id."""
    clerk.page.goto("/periksa")
    clerk.minds += 1
    letters, seen = set[str](), set[str]()
    now = clerk.state()
    while now["desk"]:
        letter = now["path"].rpartition("/")[2]
        if letter not in letters:
            letters.add(letter)
            clerk.minds += 1
        clerk.judge(now, clerk.truth[names[letter]], seen)
        now = clerk.enter(clerk.state())
    return len(letters)


def upload(clerk: Clerk, files: list[Path]) -> None:
    """Press the button, mark all files of the scanner's folder, open them."""
    clerk.page.goto("/unggah")
    clerk.minds += 1
    clerk.points += 1
    with clerk.page.expect_file_chooser() as chooser:
        clerk.page.locator("#pilih").click()
    clerk.keys += 4  # the click, both of Ctrl+A, Enter
    chooser.value.set_files(files)
    clerk.page.locator("#daftar > li").nth(len(files) - 1).wait_for()


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


@contextmanager
def chromium(url: str) -> Iterator[Page]:
    """A page of a desk's size."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CALM)
        yield browser.new_context(base_url=url, viewport={"width": 1280, "height": 900}).new_page()
        browser.close()


def main() -> None:
    """Start the product, try, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="data directory of the product (default: a new one, then gone)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="arsip-", dir="/tmp") as folder:
        product = Product(args.data or Path(folder) / "data")
        product.start()
        try:
            with chromium(product.url) as page:
                found = trial(product, page, product.user("petugas", f"unit-{time.time_ns():x}", "rahasia"))
        finally:
            product.stop()
    corrections = found.pop("corrections")
    for what, value in found.items():
        print(f"{what:42s} {value:>8}")
    print(*corrections, sep="\n")


if __name__ == "__main__":
    main()
