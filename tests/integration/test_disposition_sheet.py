"""The printed sheet of disposition: worn, ticked by pen and scanned, it comes back to its entry with its ticks."""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import cv2
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from access.accounts import Account
from api import checking
from api.pictures import cut
from archive import documents, ledger
from archive.pagelock import lock_pages
from archive.tables import DocumentRow
from core.db import transaction
from core.faults import DispositionRefused, Forbidden, NotFound
from ocr.boxes import ticked
from ocr.codes import find_codes
from ocr.marks import corner_marks
from records import agenda, dispositions, inbox, office, returned, sheet, sheets
from records.agenda import Registration
from records.dispositions import Handed, To
from records.particulars import Particulars
from records.sheet import MARKS
from records.sheetcode import code_of, entry_in
from records.tables import AgendaEntryRow
from tests.assets import wear
from tests.assets.ticked_sheet import TICKED, WRITTEN, page_of, scanned, tick, touch, write
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, send, with_settings, write_pages


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


def test_a_scanned_sheet_comes_back_to_its_entry(
    entry: AgendaEntryRow, account: MakeAccount, hands: Hands, unit: str
) -> None:
    pdf = sheet.as_pdf(entry)
    picture = page_of(pdf)
    tick(picture, pdf)
    scan = scanned(picture)
    clerk = account("petugas")
    row = hands.finish(send(clerk, scan).document.id)
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
    stranger = hands.finish(send(elsewhere, scan).document.id)  # the same sheet, another unit
    with transaction(elsewhere.context) as session:
        assert returned.entry_of(session, stranger.id) is None


def _scan(entry: AgendaEntryRow, *, faint: bool = False, seed: int = 9) -> bytes:
    """The entry's sheet, ticked (or so faintly that nobody can be sure), written on and scanned."""
    pdf = sheet.as_pdf(entry)
    picture = page_of(pdf)
    (touch if faint else tick)(picture, pdf)
    write(picture)
    return scanned(picture, seed)


def _scanned(entry: AgendaEntryRow, clerk: Account, hands: Hands, *, faint: bool = False, seed: int = 9) -> DocumentRow:
    """Such a sheet, sent and filed."""
    return hands.finish(send(clerk, _scan(entry, faint=faint, seed=seed)).document.id)


def test_a_sheet_becomes_the_first_links_of_its_letters_chain(
    entry: AgendaEntryRow, account: MakeAccount, hands: Hands
) -> None:
    clerk, kabid, peksos = account("petugas"), account("pejabat"), account("pejabat")
    row = _scanned(entry, clerk, hands)
    with transaction(clerk.context) as session:
        assert [one.id for one in sheets.waiting(session, 9)] == [row.id]
        found = sheets.proposal(session, row.id)
        note = sheets.note_of(session, row.id)
    assert (found.recipients, found.instructions, found.others) == (TICKED[:2], TICKED[2:], ())
    assert not found.in_doubt
    handed = Handed((To(kabid.name, TICKED[0]), To(peksos.name, TICKED[1])), TICKED[2:], "segera")
    with transaction(clerk.context) as session:
        links = sheets.settle(session, clerk, row.id, handed)
    signatory = office.office().disposition.signatory.title
    assert [(one.post, one.on_behalf, one.sheet_id, one.document_id) for one in links] == [
        (post, signatory, row.id, entry.document_id) for post in TICKED[:2]
    ]
    with pytest.raises(DispositionRefused) as refused, transaction(clerk.context) as session:
        sheets.settle(session, clerk, row.id, handed)
    assert "sudah dicatat" in refused.value.detail
    with transaction(kabid.context) as session:
        assert [item.step.row.id for item in inbox.received(session, kabid, 9)] == [links[0].id]
        assert sheets.waiting(session, 9) == []
    _, top, _, foot = note.area
    assert max(one["box"][3] for one in _ticks(hands, row)) < top < WRITTEN[0] / 2339
    assert WRITTEN[1] / 2339 < foot
    page = hands.picture(row, note.page)
    whole, note_alone = (Image.open(io.BytesIO(data)) for data in (page, cut(page, note.area)))
    assert note_alone.height == pytest.approx((foot - top) * whole.height, abs=2)
    dark = np.asarray(note_alone.convert("L"))[:, : note_alone.width // 3] < 110
    assert dark.any(axis=1).sum() > 20  # the lines that were written


def test_who_signed_a_sheet_follows_it_up_and_not_who_entered_it(
    entry: AgendaEntryRow, account: MakeAccount, hands: Hands, tmp_path: Path
) -> None:
    clerk, kadis, kabid = account("petugas"), account("pejabat"), account("pejabat")
    own = tmp_path / "kantor.toml"
    own.write_text(f'[disposition.holders]\n"Kepala Dinas Sosial" = "{kadis.name}"\n')
    row = _scanned(entry, clerk, hands)
    with with_settings(ARSIP_OFFICE=str(own)), transaction(clerk.context) as session:
        [link] = sheets.settle(session, clerk, row.id, Handed((To(kabid.name),), TICKED[2:]))
    for who, given in ((clerk, []), (kadis, [link.id])):
        with transaction(who.context) as session:
            assert [item.step.row.id for item in inbox.handed_out(session, who, 9)] == given
    with pytest.raises(DispositionRefused, match="disposition_refused"), transaction(clerk.context) as session:
        dispositions.finish(session, clerk, link.id, "")
    with transaction(kadis.context) as session:
        assert dispositions.finish(session, kadis, link.id, "").done_by == kadis.id


def _ticks(hands: Hands, row: DocumentRow) -> list[dict[str, Any]]:
    with Session(hands.engine) as session:
        [reading] = documents.readings(session, [(row.id, 1)]).values()
    return list(reading["ticks"])  # type: ignore[call-overload]


def test_faint_ticks_are_asked_about_before_anything_is_made_of_them(
    entry: AgendaEntryRow, account: MakeAccount, hands: Hands
) -> None:
    clerk, kabid = account("petugas"), account("pejabat")
    row = _scanned(entry, clerk, hands, faint=True)
    assert row.doubt is not None
    assert row.doubt > 0
    assert not row.fields["diteruskan_kepada"]["sure"]
    assert "kotak" in row.fields["diteruskan_kepada"]["repaired"]
    handed = Handed((To(kabid.name, TICKED[0]),), TICKED[2:3])
    with pytest.raises(DispositionRefused) as refused, transaction(clerk.context) as session:
        sheets.settle(session, clerk, row.id, handed)
    assert "Periksa" in refused.value.detail
    said = {"diteruskan_kepada": TICKED[0], "instruksi": TICKED[2]}
    with transaction(clerk.context) as session:
        checking.confirm(session, clerk, row.id, "lembar_disposisi", said)
    with transaction(clerk.context) as session:
        found = sheets.proposal(session, row.id)
        assert (found.recipients, found.instructions, found.in_doubt) == (TICKED[:1], TICKED[2:3], False)
        assert sheets.settle(session, clerk, row.id, handed)[0].recipient == kabid.name


def test_a_sheet_of_which_nothing_comes_is_set_aside(entry: AgendaEntryRow, account: MakeAccount, hands: Hands) -> None:
    clerk = account("petugas")
    row = _scanned(entry, clerk, hands)
    with pytest.raises(Forbidden), transaction(clerk.context) as session:
        sheets.settle(session, account("pejabat"), row.id, None)
    with transaction(clerk.context) as session:
        assert sheets.settle(session, clerk, row.id, None) == []
    with transaction(clerk.context) as session:
        assert sheets.waiting(session, 9) == []
        assert inbox.chains(session, [entry.document_id]) == {}
    assert [action for action, _ in hands.events(row.id)][-1] == "sheet_set_aside"


def _secret(superuser: Engine, by: Account) -> AgendaEntryRow:
    """An entry of a letter as high as the account may see."""
    secret = write_pages(superuser, by.unit, ["surat"], clearance=by.clearance)
    with superuser.begin() as root:
        root.execute(text("UPDATE document SET stage = 'filed', kind = 'skt_polisi' WHERE id = :id"), {"id": secret})
    said = Particulars(party="Polres Tarakan", subject="Surat keterangan terlantar")
    with transaction(by.context) as session:
        return agenda.register(session, by, Registration("masuk", said, secret)).entry


def test_a_scan_takes_at_least_its_letters_level(account: MakeAccount, superuser: Engine, hands: Hands) -> None:
    high, low = account("petugas", clearance="rahasia"), account("petugas")
    entry = _secret(superuser, high)
    row = _scanned(entry, low, hands)  # sent by somebody who chose no level
    assert row.clearance == 2
    assert {page.clearance for page in hands.pages(row.id)} == {2}
    assert [body["raised"] for action, body in hands.events(row.id) if action == "disposition_returned"] == [2]
    with transaction(low.context) as session, pytest.raises(NotFound):
        documents.find(session, row.id)
    again = _scanned(entry, high, hands, seed=11)
    assert again.clearance == 2


def test_a_scan_that_cannot_be_raised_is_held_and_not_linked(
    account: MakeAccount, superuser: Engine, hands: Hands
) -> None:
    high, low = account("petugas", clearance="sangat_rahasia"), account("petugas")
    entry = _secret(superuser, high)
    scan = _scan(entry)
    first = hands.finish(send(high, scan, clearance="sangat_rahasia").document.id)
    again = hands.finish(send(low, scan).document.id)  # by mistake, where the unit's clerks see it
    assert (again.stage, again.fault_slug, again.clearance) == ("held", "level_taken", low.clearance)
    assert "disposition_returned" not in [action for action, _ in hands.events(again.id)]
    with transaction(high.context) as session:
        assert [row.id for row in returned.of_entry(session, entry.id)] == [first.id]


def test_filing_a_sheet_waits_for_its_pages_before_it_takes_the_ledger(
    account: MakeAccount, superuser: Engine, hands: Hands
) -> None:
    entry = _secret(superuser, account("petugas", clearance="rahasia"))
    sent = send(account("petugas"), _scan(entry)).document.id
    hands.open(sent)
    hands.read(sent)
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'arsip_worker'")
    with ThreadPoolExecutor(1) as pool, Session(superuser) as session:
        lock_pages(session, [sent])
        sealing = pool.submit(hands.seal, sent)
        with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
            while not watching.scalar(waits):
                sealing.done() and sealing.result()
                time.sleep(0.05)
        session.execute(text("SET LOCAL lock_timeout = '3s'"))
        ledger.append(session, "tried_again", actor=ledger.WORKER, document=sent)
        session.rollback()
    sealing.result()
    assert [body["raised"] for action, body in hands.events(sent) if action == "disposition_returned"] == [2]


def test_a_sheet_raised_above_its_senders_ceiling_can_be_sent_again(
    account: MakeAccount, superuser: Engine, hands: Hands
) -> None:
    entry, low = _secret(superuser, account("petugas", clearance="rahasia")), account("petugas")
    scan = _scan(entry)
    first = send(low, scan, key="folder/lembar.jpg").document.id
    assert hands.finish(first).clearance == 2
    second = send(low, scan, key="folder/lembar.jpg")  # what they sent before is not theirs to see any more
    assert second.document.id != first
    third = send(low, scan, key="folder/lembar.jpg")
    assert (third.document.id, third.duplicate_of) == (second.document.id, second.document.id)


def test_a_scan_above_its_letters_level_stays_there(entry: AgendaEntryRow, account: MakeAccount, hands: Hands) -> None:
    high = account("petugas", clearance="sangat_rahasia")
    pdf = sheet.as_pdf(entry)
    row = hands.finish(send(high, pdf, name="lembar.pdf", clearance="sangat_rahasia").document.id)
    assert row.clearance == 3
    with transaction(high.context) as session:
        assert returned.entry_of(session, row.id) is not None


@pytest.mark.parametrize(
    "said", ["", "ARSIP-PEMISAH-1", "ARSIP-AGENDA-1/", "ARSIP-AGENDA-1/x", f"x{code_of(UUID(int=1))}"]
)
def test_other_codes_name_no_entry(said: str) -> None:
    assert entry_in(said) is None


def test_a_code_says_nothing_but_the_entry() -> None:
    entry = UUID(int=7)
    assert entry_in(code_of(entry)) == entry
