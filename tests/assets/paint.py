"""Ink on paper: a set page as a clean picture, before it is worn."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from tests.assets.typeset import DPI, Box, Mark, Page, font

BLACK = (24, 24, 30)
BLUE = (30, 50, 150)
PURPLE = (88, 48, 150)
Pen = Callable[[Image.Image, Mark, Box, random.Random], None]


def paint(page: Page, dpi: int, seed: int) -> Image.Image:
    """The page as RGB at ``dpi``; ``seed`` decides the shape of signatures and the slant of stamps."""
    if (
        dpi < DPI
    ):  # words were measured at DPI: a coarser picture is that one made smaller, or small type would run together
        fine = paint(page, DPI, seed)
        size = (round(page.width * dpi / 72), round(page.height * dpi / 72))
        return fine.resize(size, Image.Resampling.LANCZOS)
    rng = random.Random(seed)
    scale = dpi / 72
    sheet = Image.new("RGB", (round(page.width * scale), round(page.height * scale)), "white")
    late = ("stamp", "signature", "watermark")  # ink that lies over print
    for mark in page.marks:
        if mark.name not in late:
            _mark(sheet, mark, scale, rng)
    draw = ImageDraw.Draw(sheet)
    for number, word in enumerate(page.words):
        hand = word.style.family == "hand"
        lift = ((number * 7) % 5 - 2) * 0.7 if hand else 0.0  # nobody writes on a ruler
        x, y = word.origin[0] * scale, (word.origin[1] + lift) * scale
        draw.text(
            (x, y),
            word.text,
            BLUE if hand else BLACK,
            font(word.style.file, round(word.style.size * scale)),
            anchor="ls",
        )
    for mark in page.marks:
        if mark.name in late:
            _mark(sheet, mark, scale, rng)
    return sheet


def _mark(sheet: Image.Image, mark: Mark, scale: float, rng: random.Random) -> None:
    x0, y0, x1, y1 = mark.box
    PENS[mark.name](sheet, mark, (x0 * scale, y0 * scale, x1 * scale, y1 * scale), rng)


def _rule(sheet: Image.Image, mark: Mark, box: Box, _: random.Random) -> None:
    weight = max(1, round(mark.weight * (box[2] - box[0]) / max(mark.box[2] - mark.box[0], 0.01)))
    ImageDraw.Draw(sheet).line(box, BLACK, weight)


def _frame(sheet: Image.Image, mark: Mark, box: Box, _: random.Random) -> None:
    ImageDraw.Draw(sheet).rectangle(box, outline=BLACK, width=2)


def _tick(sheet: Image.Image, mark: Mark, box: Box, rng: random.Random) -> None:
    _frame(sheet, mark, box, rng)
    x0, y0, x1, y1 = box
    side = x1 - x0
    stroke = [
        (x0 + side * 0.1, y0 + side * 0.5),
        (x0 + side * 0.4, y1 - side * 0.1),
        (x1 + side * 0.35, y0 - side * 0.35),
    ]
    ImageDraw.Draw(sheet).line(stroke, BLUE, max(2, round(side * 0.14)), joint="curve")


def _emblem(sheet: Image.Image, mark: Mark, box: Box, _: random.Random) -> None:
    """A shield with a star: of no real town."""
    draw = ImageDraw.Draw(sheet)
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, y1 - y0
    shield = [(x0, y0), (x1, y0), (x1, y0 + high * 0.6), ((x0 + x1) / 2, y1), (x0, y0 + high * 0.6)]
    draw.polygon(shield, (225, 228, 235), BLACK, max(2, round(wide * 0.03)))
    centre = ((x0 + x1) / 2, y0 + high * 0.42)
    points = [
        (
            centre[0] + math.sin(step * math.pi / 5) * wide * (0.3 if step % 2 == 0 else 0.12),
            centre[1] - math.cos(step * math.pi / 5) * wide * (0.3 if step % 2 == 0 else 0.12),
        )
        for step in range(10)
    ]
    draw.polygon(points, (120, 120, 130))


def _signature(sheet: Image.Image, mark: Mark, box: Box, rng: random.Random) -> None:
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, y1 - y0
    loops, phase, lean = rng.uniform(2.5, 4.5), rng.uniform(0, 6), rng.uniform(0.15, 0.35)
    stroke = []
    for step in range(160):
        t = step / 159
        x = x0 + wide * (0.08 + 0.8 * t + 0.09 * math.sin(loops * 6.3 * t + phase))
        y = y0 + high * (0.55 - lean * (t - 0.5) + 0.36 * (1 - 0.6 * t) * math.cos(loops * 6.3 * t + phase * 1.7))
        stroke.append((x, y))
    stroke.append((x0 + wide * 0.2, y0 + high * 0.8))
    ImageDraw.Draw(sheet).line(stroke, BLUE, max(2, round(high * 0.045)), joint="curve")


def _over(sheet: Image.Image, stain: Image.Image, box: Box, opacity: float) -> None:
    """Lay ``stain`` over the sheet as translucent ink, in the middle of ``box``."""
    stain.putalpha(stain.getchannel("A").point(lambda a: round(a * opacity)))
    x = round((box[0] + box[2] - stain.width) / 2)
    y = round((box[1] + box[3] - stain.height) / 2)
    sheet.paste(stain, (x, y), stain)


def _stamp(sheet: Image.Image, mark: Mark, box: Box, rng: random.Random) -> None:
    side = round(box[2] - box[0])
    stain = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(stain)
    edge = max(2, side // 45)
    ring, _, middle = mark.text.partition("|")
    for inset in (0.03, 0.24):
        draw.ellipse(
            (side * inset, side * inset, side * (1 - inset), side * (1 - inset)), outline=(*PURPLE, 255), width=edge
        )
    face = font("LiberationSans-Bold.ttf", max(8, round(side * 0.12)))
    for half, turn in ((ring, -1), ("CONTOH", 1)):
        for number, letter in enumerate(half):
            angle = (number - (len(half) - 1) / 2) * (0.24 if turn < 0 else -0.28)
            tile = Image.new("RGBA", (round(side * 0.2),) * 2)
            ImageDraw.Draw(tile).text((side * 0.1, side * 0.1), letter, (*PURPLE, 255), face, anchor="mm")
            tile = tile.rotate(-math.degrees(angle), Image.Resampling.BICUBIC)
            x = side / 2 + math.sin(angle) * side * 0.365
            y = side / 2 + turn * math.cos(angle) * side * 0.365
            stain.alpha_composite(tile, (round(x - side * 0.1), round(y - side * 0.1)))
    draw.text(
        (side / 2, side / 2), middle, (*PURPLE, 255), font("LiberationSans-Bold.ttf", round(side * 0.1)), anchor="mm"
    )
    _over(sheet, stain.rotate(rng.uniform(-25, 25), Image.Resampling.BICUBIC), box, 0.62)


def _watermark(sheet: Image.Image, mark: Mark, box: Box, _: random.Random) -> None:
    wide, high = round(box[2] - box[0]), round(box[3] - box[1])
    stain = Image.new("RGBA", (wide, wide))
    face = font("LiberationSans-Bold.ttf", round(high * 0.4))
    ImageDraw.Draw(stain).text((wide / 2, wide / 2), mark.text, (200, 60, 60, 255), face, anchor="mm")
    _over(sheet, stain.rotate(22, Image.Resampling.BICUBIC), box, 0.22)


def _card(sheet: Image.Image, mark: Mark, box: Box, _: random.Random) -> None:
    draw = ImageDraw.Draw(sheet)
    draw.rounded_rectangle(box, radius=(box[2] - box[0]) * 0.03, fill=(188, 222, 236), outline=(120, 150, 170), width=2)
    x0, y0, x1, y1 = box
    for wave in range(14):
        stroke = [
            (x, y0 + (y1 - y0) * ((wave + 0.5) / 14 + 0.02 * math.sin(x / (x1 - x0) * 14 + wave)))
            for x in range(round(x0) + 4, round(x1) - 4, 6)
        ]
        draw.line(stroke, (172, 210, 228), 2)


def _portrait(sheet: Image.Image, mark: Mark, box: Box, _: random.Random) -> None:
    """A face without a face."""
    draw = ImageDraw.Draw(sheet)
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, y1 - y0
    draw.rectangle(box, fill=(176, 40, 40))
    draw.pieslice((x0 + wide * 0.08, y0 + high * 0.62, x1 - wide * 0.08, y1 + high * 0.4), 180, 360, fill=(60, 60, 80))
    draw.ellipse((x0 + wide * 0.28, y0 + high * 0.16, x1 - wide * 0.28, y0 + high * 0.68), fill=(200, 170, 150))
    draw.rectangle((x0, y1, x1, y1 + high * 0.45), fill=(188, 222, 236))


def _bars(sheet: Image.Image, mark: Mark, box: Box, _: random.Random) -> None:
    """Bars that look like a code; they encode nothing."""
    draw = ImageDraw.Draw(sheet)
    rng = random.Random(mark.text)
    x = box[0]
    while x < box[2] - 8:
        wide = rng.choice((2, 2, 4, 6))
        draw.rectangle((x, box[1], x + wide - 1, box[3]), fill=BLACK)
        x += wide + rng.choice((2, 3, 5))


PENS: dict[str, Pen] = {
    "rule": _rule, "frame": _frame, "box": _frame, "tick": _tick, "emblem": _emblem, "signature": _signature,
    "stamp": _stamp, "watermark": _watermark, "card": _card, "portrait": _portrait, "bars": _bars,
}  # fmt: skip
