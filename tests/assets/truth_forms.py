"""What a printed form carries for a machine: corner marks, QR, Code 128 and Data Matrix codes, ticked boxes.

They are added to a page that ``letter`` has set, where it leaves room; pens for them join those of ``paint``.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from tests.assets.paint import BLUE, PENS
from tests.assets.typeset import Box, Mark, Page

MM = 72 / 25.4
MARK_PT = 22.0
FORMATS = {"QR": "QRCode", "CODE128": "Code128", "DATAMATRIX": "DataMatrix"}
TICKS = ("tick", "tick_cross", "tick_fill")


def furnish(page: Page, kind: str, rng: random.Random, first_id: int) -> None:
    """Give the page corner marks, codes and other ticks, in place: forms get all, other letters a code at times."""
    page.marks[:] = [_ticked(mark, rng) if mark.name in ("box", "tick") else mark for mark in page.marks]
    form = any(mark.name in ("box", *TICKS) for mark in page.marks)
    if form or kind.startswith("formulir"):
        for number, (x, y) in enumerate(_corners(page)):
            page.marks.append(Mark("fiducial", (x, y, x + MARK_PT, y + MARK_PT), str(first_id + number)))
    for kind_of_code in rng.sample(sorted(FORMATS), rng.choice((1, 2)) if form else int(rng.random() < 0.25)):
        _place(page, kind_of_code, rng)


def _corners(page: Page) -> list[tuple[float, float]]:
    rim = 20.0
    far_x, far_y = page.width - rim - MARK_PT, page.height - rim - MARK_PT
    return [(rim, rim), (far_x, rim), (far_x, far_y), (rim, far_y)]


def _ticked(mark: Mark, rng: random.Random) -> Mark:
    return replace(mark, name=rng.choice(TICKS) if rng.random() < 0.35 else "box")


def _place(page: Page, code: str, rng: random.Random) -> None:
    """Put a code on the first free spot from the foot up; none when the page is full."""
    year, serial = rng.randint(2023, 2026), rng.randint(1, 9999)
    text = f"AGD{serial:05d}{year}" if code == "CODE128" else f"ARS|{serial}/{year}|{rng.randrange(1 << 32):08x}"
    wide, high = (42 * MM, 9 * MM) if code == "CODE128" else ((rng.uniform(18, 25) * MM,) * 2)
    wide, high = (14 * MM, 14 * MM) if code == "DATAMATRIX" else (wide, high)
    quiet = 8.0
    taken = [word.box for word in page.words] + [mark.box for mark in page.marks]
    for y in np.arange(page.height - 52 - high, 100, -12).tolist():
        for x in np.arange(56.0, page.width - 60 - wide, 24).tolist():
            around = (x - quiet, y - quiet, x + wide + quiet, y + high + quiet)
            if not any(_touch(around, box) for box in taken):
                page.marks.append(Mark(f"code_{code}", (x, y, x + wide, y + high), text))
                return


def _touch(one: Box, other: Box) -> bool:
    x0, x1 = sorted((other[0], other[2]))
    y0, y1 = sorted((other[1], other[3]))
    return one[0] < x1 and x0 < one[2] and one[1] < y1 and y0 < one[3]


def boxes_of(page: Page) -> list[dict[str, Any]]:
    """The truth of the page's check boxes: label, ticked, place."""
    boxes = [mark for mark in page.marks if mark.name in ("box", *TICKS)]
    return [
        {"group": "", "label": _label(page, mark, boxes), "checked": mark.name in TICKS, "b": list(mark.box)}
        for mark in boxes
    ]


def _label(page: Page, box: Mark, boxes: list[Mark]) -> str:
    """The words of the box's line up to the next box."""
    middle = (box.box[1] + box.box[3]) / 2
    end = min((m.box[0] for m in boxes if m.box[0] > box.box[2] and abs(m.box[1] - box.box[1]) < 3), default=page.width)
    right = [w for w in page.words if box.box[2] <= w.box[0] < end]
    beside = [w for w in right if w.origin[1] - w.style.size < middle < w.origin[1] + 2]
    line = min(beside, key=lambda w: w.box[0]).line if beside else 0
    return " ".join(w.text for w in beside if w.line == line)


def codes_of(page: Page) -> list[dict[str, Any]]:
    """The truth of the page's codes."""
    marks = [mark for mark in page.marks if mark.name.startswith("code_")]
    return [
        {"type": m.name[5:], "data": m.text, "b": list(m.box), "mm": round((m.box[2] - m.box[0]) / MM, 1)}
        for m in marks
    ]


def fiducials_of(page: Page) -> list[dict[str, Any]]:
    """The truth of the page's corner marks."""
    return [{"id": int(mark.text), "b": list(mark.box)} for mark in page.marks if mark.name == "fiducial"]


def _code(sheet: Image.Image, mark: Mark, box: Box, _: random.Random) -> None:
    made = zxingcpp.create_barcode(mark.text, getattr(zxingcpp.BarcodeFormat, FORMATS[mark.name[5:]]))
    drawn = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False)))
    drawn = drawn.resize((drawn.width * 8, drawn.height * 8), Image.Resampling.NEAREST)
    x0, y0, x1, y1 = (round(v) for v in box)
    sheet.paste(drawn.resize((x1 - x0, y1 - y0), Image.Resampling.BOX).convert("RGB"), (x0, y0))


def _fiducial(sheet: Image.Image, mark: Mark, box: Box, _: random.Random) -> None:
    side = round(box[2] - box[0])
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    drawn = cv2.aruco.generateImageMarker(dictionary, int(mark.text), side)
    sheet.paste(Image.fromarray(drawn).convert("RGB"), (round(box[0]), round(box[1])))


def _cross(sheet: Image.Image, mark: Mark, box: Box, rng: random.Random) -> None:
    PENS["box"](sheet, mark, box, rng)
    x0, y0, x1, y1 = box
    out = (x1 - x0) * rng.uniform(-0.12, 0.15)
    pen, wide = ImageDraw.Draw(sheet), max(2, round((x1 - x0) * 0.11))
    pen.line((x0 - out, y0 - out, x1 + out, y1 + out), BLUE, wide)
    pen.line((x0 - out, y1 + out, x1 + out, y0 - out), BLUE, wide)


def _fill(sheet: Image.Image, mark: Mark, box: Box, rng: random.Random) -> None:
    PENS["box"](sheet, mark, box, rng)
    x0, y0, x1, y1 = box
    pen, wide = ImageDraw.Draw(sheet), max(2, round((x1 - x0) * 0.12))
    for step in range(7):
        y = y0 + (y1 - y0) * (0.08 + 0.14 * step)
        pen.line((x0 + rng.uniform(0, 3), y, x1 - rng.uniform(0, 3), y + rng.uniform(-2, 2)), BLUE, wide)


PENS |= {f"code_{code}": _code for code in FORMATS}
PENS |= {"fiducial": _fiducial, "tick_cross": _cross, "tick_fill": _fill}
