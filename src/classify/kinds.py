"""Which kind of letter this is, how sure that is, and why, in words for clerks. Rules: kinds.toml."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.reading import PageReading
from classify.match import Hit, find_all, most_specific
from classify.rules import BLANK, OTHER, PHOTO, UNREADABLE, ZONES, Rules, packaged
from classify.zones import MOST_WORDS, ZoneText, cues_of, zones_of

# later pages of a long file say nothing that the first ones have not
MOST_PAGES = 12
FEW_WORDS = 40
# mean confidence of words: below the first nobody can tell what they say, below the second nothing is filed unasked
ILLEGIBLE, DOUBTFUL = 0.45, 0.6
_NAMES = {"title": "judul", "head": "kop", "subject": "perihal", "to": "tujuan", "sign": "tanda tangan", "body": "isi"}
_CUES = {"card": "ukuran kartu", "landscape": "halaman mendatar", "few_words": "sedikit kata"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind of a letter (an id of kinds.toml) and the share of such verdicts that are right (`confidence`, 0…1).

    `sure`: may be filed without asking. `reasons`: what was found, quoted, the weightiest first.
    `others`: the next likely kinds with their shares.
    """

    kind: str
    confidence: float
    sure: bool
    reasons: tuple[str, ...]
    others: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """Something that speaks for or against a kind."""

    zone: str
    weight: float
    reason: str
    plain: str = ""


Evidence = dict[str, list[_Found]]


def _hits(page: PageReading, rules: Rules) -> list[tuple[Hit, ZoneText]]:
    zones = zones_of(page, rules.spelling)
    found = []
    for zone in ZONES:
        hits = find_all(rules.phrases[zone], zones[zone])
        if zone in ("title", "subject", "to"):
            hits = most_specific(hits)
        found += [(hit, zones[zone]) for hit in hits]
    return found


def _evidence(page: PageReading, rules: Rules) -> Evidence:
    """All that one page says, by kind."""
    found: Evidence = defaultdict(list)
    for hit, zone in _hits(page, rules):
        reason = f"{_NAMES[hit.phrase.zone]}: {zone.quote(hit.start, hit.end)}"
        for kind, weight in hit.phrase.says:
            found[kind].append(_Found(hit.phrase.zone, weight * hit.quality, reason, hit.phrase.plain))
    cues = cues_of(page)
    for rule in rules.kinds.values():
        for cue, weight in rule.cues:
            if cue in cues:
                found[rule.id].append(_Found("cue", weight, f"bentuk: {_CUES.get(cue, cue)}"))
    return found


def _score(found: Sequence[_Found], cap: float) -> float:
    body = sum(f.weight for f in found if f.zone == "body" and f.weight > 0)
    return min(cap, body) + sum(f.weight for f in found if f.zone != "body" or f.weight <= 0)


def _scores(pages: Sequence[Evidence], rules: Rules) -> dict[str, float]:
    """What all pages say for each kind, in nats: the first page in full, the body of later ones a little."""
    total = dict.fromkeys(rules.kinds, 0.0)
    for kind in rules.kinds.values():
        total[kind.id] = _score(pages[0].get(kind.id, ()), kind.cap)
        later = [f for page in pages[1:] for f in page.get(kind.id, ()) if f.zone in ("body", "sign") and f.weight > 0]
        # an attachment has a title of its own: it must not name the letter
        total[kind.id] += min(kind.cap / 2, rules.later_pages * sum(f.weight for f in later))
    total[OTHER] += rules.base
    for page_kind in (PHOTO, BLANK, UNREADABLE):
        del total[page_kind]
    return total


def _shares(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    top = max(scores.values())
    raw = {kind: math.exp(score - top) for kind, score in scores.items()}
    whole = sum(raw.values())
    return sorted(((kind, share / whole) for kind, share in raw.items()), key=lambda pair: (-pair[1], pair[0]))


def _calibrated(raw: float, rules: Rules) -> float:
    rows = rules.calibration
    at = min(len(rows) - 1, max(1, bisect_right(rows, (raw, math.inf))))
    (x0, y0), (x1, y1) = rows[at - 1], rows[at]
    return y0 + (y1 - y0) * (raw - x0) / (x1 - x0)


def _reasons(found: Sequence[_Found]) -> tuple[str, ...]:
    best = sorted((f for f in found if f.weight > 0), key=lambda f: -f.weight)
    return tuple(dict.fromkeys(f.reason for f in best))[:4]


def _wordless(page: PageReading) -> Verdict | None:
    """The verdict on a page that holds no text to judge by; None when it does."""
    if page.source == "blank":
        return Verdict(BLANK, 0.995, True, ("halaman tanpa tulisan",), ())
    signs = [c for word in page.words[:MOST_WORDS] for c in word.text if c.isalnum()]
    if 0 < len(signs) <= 3 and all(c.isdigit() for c in signs):
        return Verdict(BLANK, 0.6, False, ("hanya nomor halaman",), ((PHOTO, 0.2), (OTHER, 0.2)))
    if len(signs) <= 3:
        # something is printed there that is no text: a photo, a stamp, a scribble
        return Verdict(PHOTO, 0.5, False, ("ada gambar, hampir tanpa kata",), ((BLANK, 0.4), (OTHER, 0.1)))
    read = page.confidence
    if read is not None and read < ILLEGIBLE:
        kind, other = (PHOTO, UNREADABLE) if len(signs) < 60 else (UNREADABLE, PHOTO)
        return Verdict(kind, 0.6, False, (f"kata tak terbaca (keyakinan baca {read:.0%})",), ((other, 0.3),))
    return None


def _well_founded(found: Sequence[_Found], kind: str, rules: Rules) -> bool:
    """Whether the kind may be filed without asking: named where it should be, and borne out elsewhere."""
    rule = rules.kinds[kind]
    anchors = [f for f in found if f.zone in rule.anchor and f.weight > 0]
    named = [f.plain for f in anchors if f.zone != "body"]
    others = [f for f in found if f.weight > 0 and not any(f.plain in name for name in named if f.plain)]
    borne_out = sum(f.weight for f in others if f.zone not in rule.anchor or f.zone == "body")
    return not rule.ask and sum(f.weight for f in anchors) >= 2.5 and borne_out >= rules.borne_out


def _judge(pages: Sequence[Evidence], rules: Rules, readable: bool, words: int) -> Verdict:
    shares = _shares(_scores(pages, rules))
    kind, raw = shares[0]
    confidence = _calibrated(raw, rules)
    found = pages[0].get(kind, [])
    sure = readable and _well_founded(found, kind, rules) and confidence >= rules.sure
    reasons = _reasons(found) or _reasons([f for page in pages[1:] for f in page.get(kind, ())])
    if kind == OTHER and not reasons:
        reasons = ("tidak ada ciri jenis yang dikenal",)
        # the last lines of some letter look like this too
        confidence = confidence if readable and words >= FEW_WORDS else min(confidence, 0.4)
    # the rest of certainty is shared among the others as the scores share it
    rest = (1 - confidence) / max(1e-9, 1 - raw)
    others = tuple((other, round(share * rest, 3)) for other, share in shares[1:4] if share * rest >= 0.001)
    return Verdict(kind, round(confidence, 4), sure, reasons, others)


def classify(pages: Sequence[PageReading], rules: Rules | None = None) -> Verdict:
    """The kind of one letter: its first page with text says most. No pages: `kosong`, unsure."""
    rules = rules or packaged()
    wordless = [(page, _wordless(page)) for page in pages[:MOST_PAGES]]
    readable = [page for page, verdict in wordless if verdict is None]
    if not readable:
        verdicts = [verdict for _, verdict in wordless if verdict is not None]
        told = [verdict for verdict in verdicts if verdict.kind != BLANK]
        return (told or verdicts or [Verdict(BLANK, 0.5, False, ("tidak ada halaman",), ())])[0]
    read = readable[0].confidence
    legible = read is None or read >= DOUBTFUL
    return _judge([_evidence(page, rules) for page in readable], rules, legible, len(readable[0].words))


def classify_page(page: PageReading, rules: Rules | None = None) -> Verdict:
    """The kind of a page judged by itself."""
    return classify((page,), rules)
