"""A page is put upright and level however it was laid on the glass."""

import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr import straighten

WORDS = "pemberdayaan masyarakat dan hal lain yang diajukan kepada kepala dinas sosial untuk ditindaklanjuti"


@pytest.fixture(scope="module")
def page() -> Image.Image:
    sheet = Image.new("L", (1240, 1754), 235)
    font = ImageFont.truetype("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf", 24)
    for row in range(30):
        ImageDraw.Draw(sheet).text((120, 150 + 40 * row), WORDS[row % 7 : 60 + row % 20], fill=30, font=font)
    return sheet


@pytest.mark.parametrize("laid", [0, 90, 180, 270])
@pytest.mark.parametrize("leaning", [-4.0, 0.0, 2.5])
def test_how_a_page_lies_is_found(page: Image.Image, laid: int, leaning: float) -> None:
    scan = straighten.turn(page.rotate(-leaning, Image.Resampling.BICUBIC, fillcolor=235), laid)
    found = straighten.stance(scan, straighten.even_light(scan))
    assert found.rotation == (360 - laid) % 360
    assert found.skew == pytest.approx(leaning, abs=0.15)


def test_a_shadow_and_a_dark_table_do_not_matter(page: Image.Image) -> None:
    scan = Image.new("L", (1600, 2200), 60)
    scan.paste(page, (180, 220))
    shadow = Image.linear_gradient("L").rotate(90).resize(scan.size).point(lambda v: 130 + v // 2)
    scan = Image.composite(scan, Image.new("L", scan.size, 20), shadow)
    found = straighten.stance(scan, straighten.even_light(scan))
    assert (found.rotation, found.skew) == (0, pytest.approx(0, abs=0.15))


def test_an_empty_page_is_blank() -> None:
    scan = Image.effect_noise((1240, 1754), 12).point(lambda v: min(255, v + 90))
    assert straighten.stance(scan, straighten.even_light(scan)).blank


def test_levelling_keeps_a_level_page(page: Image.Image) -> None:
    assert straighten.level(page, 0.01) is page
