"""From a run to figures, all in per cent unless said otherwise. What each means is said where it is made."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import edlib  # type: ignore[import-not-found]
import numpy as np

from tests.yardstick.reading import Read
from tests.yardstick.scans import Scan, moved

KEY = ("nik", "nomor_surat", "tanggal", "perihal", "nama")
_FOLD = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "—": "-", "–": "-", "\u00ad": ""})
_GROW = 0.3  # of a word's height: how far outside its printed box a letter of it may lie
QR_MM = 18.0
Figures = dict[str, float]


def folded(text: str) -> str:
    """Compatible letters, plain quotes and dashes, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_FOLD).split())


def bare(text: str) -> str:
    """Letters and digits alone, without case."""
    return "".join(c for c in folded(text).casefold() if c.isalnum())


def share(part: float, whole: float) -> float:
    """Per cent; nothing of nothing is all of it."""
    return 100.0 * part / whole if whole else 100.0


def text_counts(scan: Scan, text: str) -> Counter[str]:
    """Edits and lengths of one page.

    edits/length: to the rows in reading order (CER). line_edits/line_length: each printed line found anywhere (oCER).
    key/key_right: key fields whose printed value stands in the text.
    """
    got, want = folded(text), folded(" ".join(scan.page["rows"]))
    counts: Counter[str] = Counter(length=len(want))
    counts["edits"] = edlib.align(got, want, task="distance")["editDistance"] if got else len(want)
    for line in scan.page["lines"]:
        printed = folded(line["text"])
        if line["role"] != "text" or not printed:
            continue
        found = edlib.align(printed, got, mode="HW", task="distance")["editDistance"] if got else len(printed)
        counts["line_length"] += len(printed)
        counts["line_edits"] += min(len(printed), found)
    key = [name for name in KEY if name in scan.fields and name not in scan.comb]
    counts["key"] = len(key)
    counts["key_right"] = sum(folded(scan.fields[name]) in got for name in key)
    return counts


def text_figures(pairs: Iterable[tuple[Scan, str]]) -> Figures:
    """cer, ocer, key of (scan, text)."""
    total: Counter[str] = Counter()
    for scan, text in pairs:
        total.update(text_counts(scan, text))
    return {
        "cer": share(total["edits"], total["length"]),
        "ocer": share(total["line_edits"], total["line_length"]),
        "key": share(total["key_right"], total["key"]),
    }


def kind_figures(reads: list[Read]) -> Figures:
    """kind: pages right; kind_alone: each judged by itself. kind_sure: of those filed unasked, right.

    kind_cover: how many those are. kind_ece: how far confidence and truth lie apart, in ten bins.
    """
    right = np.array([read.kind == read.scan.entry["kind"] for read in reads], np.float64)
    said = np.array([read.confidence for read in reads], np.float64)
    sure = np.array([read.kind_sure for read in reads], bool)
    bins = np.minimum((said * 10).astype(int), 9)
    apart = sum(abs(right[bins == b].mean() - said[bins == b].mean()) * (bins == b).sum() for b in set(bins.tolist()))
    return {
        "kind": share(right.sum(), len(reads)),
        "kind_alone": share(sum(read.kind_alone == read.scan.entry["kind"] for read in reads), len(reads)),
        "kind_sure": share(right[sure].sum(), sure.sum()),
        "kind_cover": share(sure.sum(), len(reads)),
        "kind_ece": 100 * float(apart) / len(reads),
    }


def field_figures(reads: list[Read]) -> Figures:
    """field: printed fields given right. field_sure and field_cover: of those marked sure; field_sure_alone and
    field_cover_alone: before the second reader was asked. nik: NIK right; nik_wrong_sure: wrong NIK marked sure.
    """
    count: Counter[str] = Counter()
    for read in reads:
        truth = read.scan.fields
        right = {
            name for name, value in truth.items() if name in read.fields and bare(read.fields[name]) == bare(value)
        }
        sure = [name for name in read.sure if name in truth]
        alone = [name for name in read.sure_alone if name in truth]
        count.update(alone=len(alone), alone_right=sum(name in right for name in alone))
        count.update(
            fields=len(truth), right=len(right), sure=len(sure), sure_right=sum(name in right for name in sure)
        )
        if "nik" in truth:
            count.update(nik=1, nik_right="nik" in right, nik_wrong_sure="nik" in sure and "nik" not in right)
    return {
        "field": share(count["right"], count["fields"]),
        "field_sure": share(count["sure_right"], count["sure"]),
        "field_cover": share(count["sure"], count["fields"]),
        "field_sure_alone": share(count["alone_right"], count["alone"]),
        "field_cover_alone": share(count["alone"], count["fields"]),
        "nik": share(count["nik_right"], count["nik"]),
        "nik_wrong_sure": float(count["nik_wrong_sure"]),
    }


def code_figures(reads: list[Read]) -> Figures:
    """qr: of 18 mm or more, read. code128, datamatrix: read. codes_false: number of texts that no code carries."""
    seen: dict[str, list[bool]] = defaultdict(list)
    false = 0
    for read in reads:
        truth = read.scan.page["codes"]
        got = {(code.kind, code.text) for code in read.codes}
        for code in truth:
            kind = str(code["type"]).lower()
            if kind != "qr" or code["mm"] >= QR_MM:
                seen[kind].append((kind, code["data"]) in got)
        false += len(got - {(str(code["type"]).lower(), code["data"]) for code in truth})
    return {kind: share(sum(found), len(found)) for kind, found in sorted(seen.items())} | {"codes_false": float(false)}


def box_figures(reads: list[Read]) -> Figures:
    """boxes: check boxes judged right; boxes_pen: the same with pen marks added (half filled, dots, stray lines).

    boxes_pen_sure and boxes_pen_cover: of those judged without doubt; boxes_label: named as printed; boxes_false:
    number of boxes found where none is printed.
    """
    plain = [pair for read in reads for pair in read.boxes]
    pen = [pair for read in reads for pair in read.pen_boxes]
    if not plain:
        return {}
    named = [
        bare(tick.label) == bare(box["label"]) if tick else False
        for read in reads
        for box, (_, tick) in zip(read.scan.page["checkboxes"], read.boxes or [], strict=False)
        if bare(box["label"])
    ]
    sure = [tick.ticked == truth for truth, tick in pen if tick and tick.sure]
    return {
        "boxes": share(sum(tick is not None and tick.ticked == truth for truth, tick in plain), len(plain)),
        "boxes_pen": share(sum(tick is not None and tick.ticked == truth for truth, tick in pen), len(pen)),
        "boxes_pen_sure": share(sum(sure), len(sure)),
        "boxes_pen_cover": share(len(sure), len(pen)),
        "boxes_label": share(sum(named), len(named)),
        "boxes_false": float(sum(read.false_boxes for read in reads)),
        "boxes_count": float(len(plain)),
    }


def place_figures(reads: list[Read]) -> Figures:
    """places: printed words that pdfium finds in the searchable PDF, letter for letter, at their place."""
    found = total = 0
    for read in reads:
        letters = np.array([[x, y] for _, x, y in read.chars]).reshape(-1, 2)
        for line in read.scan.page["lines"]:
            for word in line["words"] if line["role"] == "text" else ():
                if bare(word["t"]):
                    total += 1
                    found += _placed(read, letters, word)
    return {"places": share(found, total)}


def _placed(read: Read, letters: Any, word: dict[str, Any]) -> bool:
    x0, y0, x1, y1 = word["b"]
    grow = _GROW * (y1 - y0)
    quad = moved(read.scan.raw, [x0 - grow, y0 - grow, x1 + grow, y1 + grow])
    low, high = quad.min(axis=0), quad.max(axis=0)
    inside = np.flatnonzero(((letters >= low) & (letters <= high)).all(axis=1))
    return bare(word["t"]) in bare("".join(read.chars[n][0] for n in inside.tolist()))


def all_figures(reads: list[Read]) -> Figures:
    """Everything above, over one list of pages."""
    pairs = [(read.scan, read.page.text if read.page else "") for read in reads]
    return {
        "pages": float(len(reads)),
        **text_figures(pairs),
        **place_figures(reads),
        **kind_figures(reads),
        **field_figures(reads),
        **code_figures(reads),
        **box_figures(reads),
    }


def grouped(reads: list[Read], by: str) -> dict[str, Figures]:
    """The figures of each profile or kind."""
    groups: dict[str, list[Read]] = defaultdict(list)
    for read in reads:
        groups[str(read.scan.entry[by])].append(read)
    return {name: all_figures(group) for name, group in sorted(groups.items())}
