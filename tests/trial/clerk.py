"""A clerk made of Chromium: keys and decisions are counted as they happen, waiting is measured.

A person's own time is reckoned from them by the keystroke-level model of Card, Moran and Newell (1980): K = 0.28 s a
key (average typist), M = 1.35 s to make up one's mind, P = 1.1 s to point. To compare one value with its picture takes
COMPARE = 2 s, our own assumption: a glance of about 20 characters at an office worker's reading speed. The clerk knows
what each sample says (tests/assets), corrects what was read wrong, and sees nothing that the page does not show.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Locator, Page, sync_playwright

from classify.rules import labels
from tests.assets.letters import sample
from tests.assets.truth import fields_of
from tests.e2e.test_pages import CALM, CHROMIUM
from tests.yardstick.figures import bare

K, M, P, COMPARE = 0.28, 1.35, 1.1, 2.0
# what has the focus, and which page it is on: a page loaded anew has another origin of time
_STATE = """() => {
    const at = document.activeElement;
    return {id: at.id, name: at.name ?? "", value: at.value ?? "", path: location.pathname,
            desk: document.querySelector("#periksa") !== null, born: performance.timeOrigin};
}"""

# the browser gives the focus after the page has loaded; where the address names a place of the page, it gives none
_FOCUSED = """() => {
    const wanted = document.querySelector("[autofocus]");
    return !wanted || location.hash || wanted === document.activeElement;
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

    def click(self, name: str) -> None:
        """Point at a link or a button, and click."""
        self._click(self.page.locator("nav a, main a, main button").filter(has_text=name))

    def click_at(self, place: str) -> None:
        """The same with what stands at that place of the page, by CSS."""
        self._click(self.page.locator(place))

    def _click(self, found: Locator) -> None:
        self.points += 1
        self.keys += 1
        found.first.click()

    def goes(self, act: Callable[[], None]) -> None:
        """Do what leads to another page, and wait for it."""
        began, born = time.monotonic(), self.state()["born"]
        act()
        while self.state()["born"] == born:
            assert time.monotonic() < began + 60, self.page.url
            time.sleep(0.01)
        self.page.wait_for_load_state()
        self.page.wait_for_function(_FOCUSED)
        self.waited += time.monotonic() - began

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


@contextmanager
def chromium(url: str) -> Iterator[Page]:
    """A page of a desk's size."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CALM)
        yield browser.new_context(base_url=url, viewport={"width": 1280, "height": 900}).new_page()
        browser.close()
