"""Where a stack scanned as one file is cut into letters: proposals for a clerk, sure only where paper says so itself.

A letter of many pages with attachments looks like a stack of letters. So a cut is sure behind a separator sheet, or
where one letter counted its pages to the end, the next begins to count anew under a title we know, and the letter
before announced no attachments. Everything else is proposed and asked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz import fuzz

from archive.reading import PageReading
from classify.kinds import Verdict, classify_page
from classify.rules import BLANK, OTHER, PHOTO, UNREADABLE, packaged
from classify.zones import ZoneText, cues_of, zones_of

# a stack is one feeder's load; what is longer is a book, and is not judged page by page
MOST_PAGES = 400

_OF = re.compile(r"\b(?:hal(?:aman)?|page|lembar)\W{0,4}(\d{1,3})\s?(?:dari|of|/)\s?(\d{1,3})\b", re.IGNORECASE)
_ONLY = re.compile(r"^\W{0,3}(?:hal(?:aman)?\W{0,4})?(\d{1,3})\W{0,3}$", re.IGNORECASE)
_PARTS = re.compile(r"^\W*(?:lampiran|attachment)\b", re.IGNORECASE)
_ANNOUNCED = re.compile(r"\blamp(?:iran)?\W{1,4}(\d{1,2})\b|\bterlampir\b|\bkami lampirkan\b", re.IGNORECASE)
_CONTINUES = re.compile(
    r"^\W*(?:tembusan|mengetahui|demikian|nip\b|[b-z]\.\s|(?:i{2,3}|iv|vi{0,3})\.\s)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Cut:
    """One letter of a stack: pages `first` to `last` (counted from 1 as in `cuts`' argument), and its likely kind.

    `sure`: the letter may begin here without asking. `reasons` are for clerks.
    """

    first: int
    last: int
    kind: str
    sure: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one page says about where letters begin and end."""

    verdict: Verdict
    blank: bool
    head: bool
    title: bool
    page: int | None
    of: int | None
    part: bool
    goes_on: bool
    announces: bool


# a page that is not looked at goes on where the one before it was; of such a one only whether it is blank is known
_UNSEEN = _Seen(Verdict(OTHER, 0.0, False, (), ()), False, False, False, None, None, False, True, False)
_UNSEEN_BLANK = replace(_UNSEEN, verdict=Verdict(BLANK, 1.0, True, (), ()), blank=True)


def _numbered(page: PageReading, lines: Sequence[str]) -> tuple[int | None, int | None]:
    """The page's own number and the count it gives: "Halaman 2 dari 3" → (2, 3), "- 2 -" → (2, None)."""
    edges = [*lines[:3], *lines[-3:]]
    for line in edges:
        if (found := _OF.search(line)) is not None:
            number, count = int(found[1]), int(found[2])
            if 1 <= number <= count:
                return number, count
    for line in (*lines[:1], *lines[-1:]):
        if (found := _ONLY.match(line)) is not None and len(page.words) > 3:
            return int(found[1]), None
    return None, None


def _has_head(top: ZoneText) -> bool:
    return any(
        len(top.text) >= len(head) and fuzz.partial_ratio(head, top.text) >= 88 for head in packaged().letterheads
    )


def _see(page: PageReading) -> _Seen:
    verdict = classify_page(page)
    lines = [line[:300] for line in page.text.split("\n")[:200]]
    zones = zones_of(page, packaged().spelling)
    number, count = _numbered(page, lines)
    named = verdict.kind not in (OTHER, PHOTO, BLANK, UNREADABLE)
    title = named and any(r.startswith(("judul", "perihal", "tujuan", "bentuk")) for r in verdict.reasons[:2])
    return _Seen(
        verdict=verdict,
        blank=verdict.kind == BLANK,
        head=_has_head(zones["head"]) or "card" in cues_of(page),
        title=title,
        page=number,
        of=count,
        part=any(_PARTS.match(line) for line in lines[:4]),
        goes_on=bool(lines) and _CONTINUES.match(lines[0]) is not None,
        announces=any(_ANNOUNCED.search(line) for line in lines),
    )


def _for(before: _Seen, here: _Seen, after_blank: bool) -> list[tuple[float, str]]:
    """What speaks for a letter beginning here, with its weight."""
    told: list[tuple[float, str]] = []
    if here.head and here.title:
        told.append((2.5, "kop dan judul surat baru"))
    elif here.title:
        told.append((1.6, "judul surat baru"))
    elif here.head:
        told.append((1.2, "kop surat baru"))
    if here.page == 1:
        told.append((1.5, "halaman dihitung dari 1 lagi"))
    if before.of is not None and before.page == before.of:
        told.append((1.0, f"surat sebelumnya selesai pada halaman {before.page} dari {before.of}"))
    if after_blank:
        told.append((0.7, "sesudah halaman kosong"))
    if here.title and before.title and here.verdict.kind != before.verdict.kind:
        told.append((0.4, f"jenis lain: {packaged().kinds[here.verdict.kind].label}"))
    return told


def _against(before: _Seen, here: _Seen) -> float:
    """The weight of what speaks for the letter going on."""
    weight = 0.0
    if here.page is not None and here.page > 1:
        weight += 4.0
    if before.of is not None and before.page is not None and before.page < before.of:
        weight += 2.5
    if here.part:
        weight += 2.0
    if here.goes_on:
        weight += 1.5
    if not here.head and here.verdict.kind == before.verdict.kind:
        weight += 1.0
    return weight


def _begins(letter: Sequence[_Seen], here: _Seen, after_blank: bool) -> tuple[bool, bool, tuple[str, ...]]:
    """Whether a letter begins with page `here` behind the pages of `letter`, whether that is sure, and why."""
    told = _for(letter[-1], here, after_blank)
    if sum(weight for weight, _ in told) - _against(letter[-1], here) < 1.5:
        return False, False, ()
    counted = letter[-1].of is not None and letter[-1].page == letter[-1].of and here.page == 1 and here.of is not None
    attached = any(page.announces for page in letter) or here.part
    sure = counted and here.head and here.title and here.verdict.sure and not attached
    return True, sure, tuple(reason for _, reason in sorted(told, key=lambda t: -t[0]))


def _letters(seen: Sequence[_Seen], separators: frozenset[int]) -> list[tuple[int, bool, tuple[str, ...]]]:
    """First page, sureness and reasons of each letter."""
    begun: list[tuple[int, bool, tuple[str, ...]]] = []
    letter: list[_Seen] = []
    behind_sheet = after_blank = False
    for number, here in enumerate(seen, 1):
        if number in separators:
            behind_sheet, after_blank = True, False
            continue
        if behind_sheet and here.blank and here.verdict.sure:
            continue  # the sheet's own back, scanned in duplex
        if not begun or behind_sheet:
            begun.append((number, True, ("sesudah lembar pemisah",) if behind_sheet else ("awal berkas",)))
            letter, behind_sheet = [], False
        elif here.blank:
            after_blank = True
            continue
        elif letter and (found := _begins(letter, here, after_blank))[0]:
            begun.append((number, *found[1:]))
            letter = []
        after_blank = here.blank
        if not here.blank:
            letter.append(here)
    return begun


def cuts(
    pages: Sequence[PageReading],
    separators: frozenset[int] = frozenset(),
    rest: Sequence[bool] = (),
    *,
    most: int = MOST_PAGES,
) -> tuple[Cut, ...]:
    """The letters in a stack, in order; one `Cut` when nothing tells where to cut, none when there is no page.

    `separators`: places (counted from 1) of the product's own separator sheets; they and their blank backs belong to no
    letter. Other blank pages stay with the letter before them. Beyond `most` pages only sheets cut; of pages behind
    `pages` no more is needed than whether each is blank (`rest`).
    """
    seen = [_see(page) if n < most else _UNSEEN for n, page in enumerate(pages)]
    seen += [_UNSEEN_BLANK if blank else _UNSEEN for blank in rest]
    begun = _letters(seen, separators)
    found = []
    for at, (first, sure, reasons) in enumerate(begun):
        last = begun[at + 1][0] - 1 if at + 1 < len(begun) else len(seen)
        last = min([last, *(sheet - 1 for sheet in separators if first < sheet <= last)])
        named = next((s.verdict.kind for s in seen[first - 1 : last] if not s.blank), BLANK)
        found.append(Cut(first, last, named, sure, reasons))
    return tuple(found)


def surely(found: Sequence[Cut]) -> tuple[tuple[int, int, bool], ...]:
    """The letters that begin without asking: first and last page, and whether no further cut is proposed within."""
    starts = [at for at, cut in enumerate(found) if cut.sure or at == 0]
    bounds = pairwise([*starts, len(found)])
    return tuple((found[at].first, found[end - 1].last, end - at == 1) for at, end in bounds)


def apart(found: Sequence[Cut], pages: int) -> tuple[int, ...]:
    """Pages, of 1 … `pages`, that belong to no letter: separator sheets and their blank backs."""
    held = {number for cut in found for number in range(cut.first, cut.last + 1)}
    return tuple(number for number in range(1, pages + 1) if number not in held)
