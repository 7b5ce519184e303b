"""The generator of worn letters with truth: its boxes and codes stand where it says, and the product finds them."""

import json
from pathlib import Path

import numpy as np
import pytest

from ocr.boxes import ticked
from ocr.codes import find_codes
from tests.assets import truth
from tests.assets.letter import book
from tests.yardstick.scans import Scan, load, moved

FORMS = tuple(kind for kind, entry in book()["kinds"].items() if "[]" in entry["body"])
KINDS = (*FORMS, "ktp", "skt_polisi", "skt_kelurahan", "hasil_asesmen")


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> list[Scan]:
    """A letter of each kind that has check boxes, and of some that have none, worn."""
    folder: Path = tmp_path_factory.mktemp("truth")
    truth.write(folder, len(KINDS), 7, KINDS)
    return load(folder)


def test_every_letter_comes_with_its_text_and_fields(scans: list[Scan]) -> None:
    assert {scan.entry["kind"] for scan in scans} == set(KINDS)
    for scan in scans:
        assert scan.file.is_file()
        text = " ".join(" ".join(scan.page["rows"]).split())
        assert text
        assert not any("....." in row for row in scan.page["rows"])
    assert {name for scan in scans for name in scan.fields} >= {
        "nama",
        "nik",
        "nomor_surat",
        "tanggal",
        "tempat_tgl_lahir",
    }


def test_words_are_dark_where_the_truth_says(scans: list[Scan]) -> None:
    for scan in scans[::3]:
        gray = np.asarray(scan.picture(0), np.float64)
        inked = words = 0
        for line in scan.page["lines"]:
            for word in line["words"]:
                quad = moved(scan.raw, word["b"]) * (gray.shape[1], gray.shape[0])
                (x0, y0), (x1, y1) = np.floor(quad.min(axis=0)).astype(int), np.ceil(quad.max(axis=0)).astype(int)
                inside = gray[max(0, y0) : y1, max(0, x0) : x1]
                words += 1
                inked += inside.size > 0 and float(inside.min()) < 0.75 * float(np.percentile(inside, 95))
        assert inked >= 0.97 * words


def test_codes_and_boxes_are_found_on_worn_forms(scans: list[Scan]) -> None:
    codes = boxes = 0
    for scan in scans:
        upright = scan.picture((360 - int(scan.entry["rotate_cw"])) % 360)
        found = find_codes(upright)
        printed = {(code["type"].lower(), code["data"]) for code in scan.page["codes"]}
        assert {(code.kind, code.text) for code in found} == printed
        codes += len(printed)
        if not scan.page["checkboxes"]:
            continue
        width = json.loads((scan.folder / "truth" / f"{scan.entry['doc']}.json").read_text())["page_size"][0]
        ticks = ticked(upright, [], width, -float(scan.entry["skew_ccw"]), [code.box for code in found])
        for box in scan.page["checkboxes"]:
            x, y = moved(scan.upright, box["b"]).mean(axis=0)
            (tick,) = (t for t in ticks if t.box[0] < x < t.box[2] and t.box[1] < y < t.box[3])
            assert tick.ticked == box["checked"] or not tick.sure
            boxes += 1
    assert codes >= len(FORMS) / 2
    assert boxes > 40
