"""A second reader where a field that identifies a letter is in doubt: asked once, weighed, shown; nothing changed."""

import json
import math
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import Engine, text

from access.accounts import Account
from archive.checks import IDENTIFYING
from archive.reading import PageReading, word_at
from classify.fields import AGREED, extract
from classify.second import questions, weighed
from ocr import reader
from ocr.sandbox import Sandbox
from ocr.second import MOST_LINES
from tests.assets.letter import Letter, make_letter, sample
from tests.conftest import BAD
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, send
from workers.opinions import with_second_opinion

SAMPLE = sample("skt_polisi")
NAME = SAMPLE.fields["nama"]


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas")


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    with Sandbox(2048) as made:
        yield made


def as_read(letter: Letter, confidence: float = 0.66) -> PageReading:
    """A letter's first page as a poor reader reads it: each printed word where it stands on the picture."""
    page = letter.pages[0]
    printed = [word for word in page.words if word.style.family != "hand"]
    placed = zip(printed, (word.box for word in letter.words if word.page == 1), strict=True)
    words = [
        word
        for line, (one, (x0, y0, x1, y1)) in sorted(((one.line, (one, box)) for one, box in placed), key=lambda p: p[0])
        for word in word_at(one.text, (y0, 1 - x1, y1, 1 - x0) if letter.turn else (x0, y0, x1, y1), confidence, line)
    ]
    right = letter._matrix(0) @ np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 1.0]])
    across, down = ((right[:2, 1] / right[2, 1]) - (right[:2, 0] / right[2, 0])) * letter.image.size
    skew = math.degrees(math.atan2(down, across)) - letter.turn
    rotation = (360 - letter.turn) % 360
    return PageReading(1, page.width, page.height, 1000, 1400, rotation, round(skew, 2), "ocr", tuple(words), 0.1)


def _read(hands: Hands, superuser: Engine, who: Account, read: PageReading) -> UUID:
    """The sample letter, read so."""
    document = send(who, SAMPLE.jpeg(quality=80) + uuid4().bytes.hex().encode()).document.id
    hands.open(document)
    with superuser.begin() as connection:
        connection.execute(
            text(
                "UPDATE page SET reading = CAST(:reading AS jsonb), text = :text, read_at = now()"
                " WHERE document_id = :id"
            ),
            {"id": document, "reading": json.dumps(read.to_json()), "text": read.text},
        )
        connection.execute(text("UPDATE document SET stage = 'read', pages_read = 1 WHERE id = :id"), {"id": document})
    return document


def test_where_both_read_the_same_nobody_is_asked(hands: Hands, superuser: Engine, who: Account) -> None:
    document = _read(hands, superuser, who, as_read(SAMPLE))
    hands.seal(document)
    row = hands.look(document)
    asked = {name: field for name, field in row.fields.items() if field["other"] is not None}
    assert {"nama", "tanggal"} <= asked.keys() <= IDENTIFYING
    agreed = {name for name, field in asked.items() if AGREED in field["passed"]}
    assert "nama" in agreed
    assert all(row.fields[name]["sure"] for name in agreed if not row.fields[name]["failed"])
    manifest = hands.manifest(row)
    assert manifest["fields"] == row.fields
    assert manifest["software"].keys() >= {"tesseract", "pytesseract", "onnxruntime"}


def test_where_they_differ_both_readings_are_kept(hands: Hands, superuser: Engine, who: Account) -> None:
    first = NAME.split()[0].casefold()
    read = as_read(SAMPLE)
    words = [replace(word, text=f"{word.text[:-1]}x") if word.text.casefold() == first else word for word in read.words]
    document = _read(hands, superuser, who, replace(read, words=tuple(words)))
    hands.seal(document)
    name = hands.look(document).fields["nama"]
    assert name["text"].split()[0].casefold() == f"{first[:-1]}x"
    assert name["other"].casefold() == NAME.casefold()
    assert (name["sure"], hands.look(document).doubt) == (False, 2)


def test_a_place_is_not_read_again_when_the_letter_is_filed_anew(hands: Hands, superuser: Engine, who: Account) -> None:
    document = _read(hands, superuser, who, as_read(SAMPLE))
    hands.seal(document)
    told = f"{NAME[:-1]}x"  # what no reader would read there
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text(
                "UPDATE document SET stage = 'read', sealed_at = NULL, manifest_key = NULL, manifest_version = NULL,"
                " fields = jsonb_set(fields, '{nama,other}', to_jsonb(CAST(:told AS text))) WHERE id = :id"
            ),
            {"id": document, "told": told},
        )
    hands.seal(document)
    row = hands.look(document)
    assert (row.stage, row.fields["nama"]["other"], row.fields["nama"]["sure"]) == ("sealed", told, False)


def test_a_letter_read_well_costs_no_second_reading(hands: Hands, superuser: Engine, who: Account) -> None:
    document = _read(hands, superuser, who, as_read(SAMPLE, 1.0))
    hands.seal(document)
    row = hands.look(document)
    assert all(field["other"] is None for name, field in row.fields.items() if field["sure"])
    manifest = hands.manifest(row)
    asked = any(field["other"] is not None for field in row.fields.values())
    assert ("tesseract" in manifest["software"]) is asked


def _working(sandbox: Sandbox, letter: Letter, folder: Path) -> Path:
    scan, working = folder / "scan.jpg", folder / "working.pdf"
    scan.write_bytes(letter.jpeg(quality=80))
    reader.inspect(sandbox, scan, "image/jpeg", working, max_pages=1, seconds=120)
    return working


@pytest.fixture(scope="module")
def scan(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PageReading]:
    """A scanned letter's working PDF and its page as read."""
    letter = make_letter("skt_polisi", 3, wear="scan", turn=0)
    return _working(sandbox, letter, tmp_path_factory.mktemp("scan")), as_read(letter)


@pytest.mark.parametrize("turn", [0, 90])
def test_lines_are_found_however_the_page_lies(sandbox: Sandbox, tmp_path: Path, turn: int) -> None:
    letter = make_letter("surat_rujukan_rsud", 5, wear="phone" if turn == 0 else "scan", turn=turn)
    working, page = _working(sandbox, letter, tmp_path), as_read(letter)
    fields = [replace(field, sure=False) for field in extract("surat_rujukan_rsud", [page])]
    asked = questions(fields, [page], IDENTIFYING, {})
    assert len(asked) >= 3
    texts = reader.second_opinion(sandbox, working, [(one.page, one.lines) for one in asked], seconds=120)
    by_name = {field.name: field for field in fields}
    agreed = [AGREED in weighed(by_name[one.field], told).passed for one, told in zip(asked, texts, strict=True)]
    assert sum(agreed) >= len(agreed) - 1, list(zip([one.field for one in asked], texts, strict=True))


def test_no_more_lines_are_read_than_a_letter_can_have(sandbox: Sandbox, scan: tuple[Path, PageReading]) -> None:
    working, page = scan
    line = next(word.box for word in page.words if len(word.text) > 6)
    places = [(page, [line] * MOST_LINES), (page, [line, (0.9, 0.9, 0.9, 0.9)])]
    first, second = reader.second_opinion(sandbox, working, places, seconds=120)
    assert len(first.split()) >= MOST_LINES
    assert second == ""


def test_a_place_without_print_says_nothing(sandbox: Sandbox, scan: tuple[Path, PageReading]) -> None:
    working, page = scan
    places = [(page, [(0.0, 0.0, 0.0, 0.0), (0.999, 0.999, 1.0, 1.0)]), (page, [])]
    assert reader.second_opinion(sandbox, working, places, seconds=120)[1] == ""
    assert reader.second_opinion(sandbox, working, [], seconds=120) == []


def test_a_file_that_fails_the_second_reader_is_filed_all_the_same(
    sandbox: Sandbox, scan: tuple[Path, PageReading]
) -> None:
    fields = tuple(replace(field, sure=False) for field in extract("skt_polisi", [scan[1]]))
    damaged = (BAD / "truncated.pdf").absolute
    assert with_second_opinion(sandbox, uuid4(), fields, [scan[1]], {}, damaged, seconds=120) == fields
