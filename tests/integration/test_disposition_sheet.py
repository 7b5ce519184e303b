"""The printed sheet of disposition: worn, ticked by pen and scanned, it comes back to its entry with its ticks."""

import io
from uuid import UUID, uuid4

import cv2
import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw
from sqlalchemy import Engine, text

from core.db import transaction
from ocr.boxes import ticked
from ocr.codes import find_codes
from ocr.marks import corner_marks
from records import agenda, office, returned, sheet
from records.agenda import Registration
from records.particulars import Particulars
from records.sheet import MARKS
from records.sheetcode import code_of, entry_in
from records.tables import AgendaEntryRow
from tests.assets import wear
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, send, write_pages

DPI = 200
TICKED = ("Kepala Bidang Rehabilitasi Sosial", "Pekerja Sosial", "Proses lebih lanjut", "Siapkan jawaban")


def page_of(pdf: bytes) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return document[0].render(scale=DPI / 72).to_pil().convert("RGB")


def label_places(pdf: bytes) -> dict[str, tuple[float, float]]:
    """Left and middle of each label's first letter, in px."""
    document = pypdfium2.PdfDocument(pdf)
    printed, high = document[0].get_textpage(), document[0].get_height()
    found = {}
    for label in TICKED:
        place = printed.search(label).get_next()
        assert place is not None, label
        left, bottom, _, top = printed.get_charbox(place[0])
        found[label] = (left * DPI / 72, (high - (bottom + top) / 2) * DPI / 72)
    return found


def tick(picture: Image.Image, pdf: bytes) -> None:
    """Tick the boxes before the labels, as a pen does: a hook that leaves its box."""
    pen = ImageDraw.Draw(picture)
    unit = DPI / 72
    for left, middle in label_places(pdf).values():
        x = left - 11.5 * unit  # the middle of a box of 11 pt, six before its label
        hook = [(x - 4 * unit, middle), (x - unit, middle + 4 * unit), (x + 6 * unit, middle - 7 * unit)]
        pen.line(hook, (24, 40, 120), round(1.5 * unit), joint="curve")


@pytest.fixture
def entry(account: MakeAccount, superuser: Engine, unit: str) -> AgendaEntryRow:
    """An entry of a filed letter."""
    clerk, letter = account("petugas"), write_pages(superuser, unit, ["surat"])
    with superuser.begin() as root:
        root.execute(text("UPDATE document SET stage = 'filed', kind = 'skt_polisi' WHERE id = :id"), {"id": letter})
    said = Particulars(party="Polres Tarakan", subject="Surat keterangan terlantar", urgency="segera")
    with transaction(clerk.context) as session:
        return agenda.register(session, clerk, Registration("masuk", said, letter)).entry


def test_the_marks_are_those_that_readers_look_for() -> None:
    known = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    for number, rows in enumerate(MARKS):
        dark = cv2.aruco.generateImageMarker(known, number, 6) == 0
        assert [["#" if cell else "." for cell in row] for row in dark] == [list(row) for row in rows]


@pytest.mark.parametrize("arrives", ["scan", "copy", "bilevel", "phone"])
def test_a_worn_sheet_is_known_and_its_ticks_are_read(entry: AgendaEntryRow, arrives: str) -> None:
    pdf = sheet.as_pdf(entry)
    picture = page_of(pdf)
    tick(picture, pdf)
    how = wear.WEARS[arrives]
    matrix = wear.place(how, 0, picture.width / picture.height, 5)
    worn = wear.apply(picture, how, matrix, 0, 5).convert("L")
    codes = find_codes(worn)
    assert [entry_in(code.text) for code in codes] == [entry.id]
    marks = corner_marks(np.asarray(worn))
    assert marks is not None
    assert marks.ids == (0, 1, 2, 3)
    ticks = ticked(worn, (), 595.0, codes=[code.box for code in codes])
    offered = office.office().disposition
    assert len(ticks) == 3 + len(offered.recipients) + len(offered.instructions)
    assert sum(one.ticked for one in ticks) == 1 + len(TICKED)  # `Segera` is printed ticked
    assert all(one.sure for one in ticks)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, dpi=(DPI, DPI))
    return out.getvalue()


def test_a_scanned_sheet_comes_back_to_its_entry(
    entry: AgendaEntryRow, account: MakeAccount, hands: Hands, unit: str
) -> None:
    pdf = sheet.as_pdf(entry)
    picture = page_of(pdf)
    tick(picture, pdf)
    how = wear.WEARS["scan"]
    scan = wear.apply(picture, how, wear.place(how, 0, picture.width / picture.height, 9), 0, 9)
    clerk = account("petugas")
    row = hands.finish(send(clerk, _jpeg(scan.convert("RGB"))).document.id)
    assert row.kind == "lembar_disposisi"
    assert row.fields["diteruskan_kepada"]["value"] == "Kepala Bidang Rehabilitasi Sosial; Pekerja Sosial"
    assert row.fields["instruksi"]["value"] == "Proses lebih lanjut; Siapkan jawaban"
    with transaction(clerk.context) as session:
        found = returned.entry_of(session, row.id)
        assert found is not None
        assert found.id == entry.id
        assert [one.id for one in returned.of_entry(session, entry.id)] == [row.id]
    assert [body["entry"] for action, body in hands.events(row.id) if action == "disposition_returned"] == [
        str(entry.id)
    ]
    elsewhere = account("petugas", unit=f"lain-{unit}")
    stranger = hands.finish(send(elsewhere, _jpeg(scan.convert("RGB"))).document.id)  # the same sheet, another unit
    with transaction(elsewhere.context) as session:
        assert returned.entry_of(session, stranger.id) is None


@pytest.mark.parametrize("said", ["", "ARSIP-PEMISAH-1", "ARSIP-AGENDA-1/", "ARSIP-AGENDA-1/x", f"x{code_of(uuid4())}"])
def test_other_codes_name_no_entry(said: str) -> None:
    assert entry_in(said) is None


def test_a_code_says_nothing_but_the_entry() -> None:
    entry = UUID(int=7)
    assert entry_in(code_of(entry)) == entry
