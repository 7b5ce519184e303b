"""Labels of boxes and a case on paper, opened again: codes that scanners read, all that is asked for, text as text."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from archive.tables import DocumentRow
from cases import printing
from cases.book import Case, Done, Letter
from cases.casecode import case_in
from cases.machine import CaseState, Command, apply
from cases.officehours import office
from cases.printing import Printed
from cases.sopfiles import packaged
from cases.tables import CaseFileRow, CaseLetterRow, ClientRow
from cases.timers import Times
from core.faults import InvalidRequest
from ocr.codes import find_codes
from records import labels
from records.boxcode import qr_text
from records.paper import Lies
from records.papertables import PaperBoxRow
from tests.unit.test_agenda_printing import HOSTILE, pages

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
WITA = office("Asia/Makassar", "senin-jumat 08.00-16.00", "kerja", None)


pytestmark = pytest.mark.usefixtures("reaches_nothing")


def box(number: int, name: str = "Boks", shelf: str = "3") -> PaperBoxRow:
    return PaperBoxRow(
        id=UUID(int=number), unit="umum", number=number, name=name, building="Gedung A", room="Arsip", shelf=shelf
    )


def scanned(pdf: bytes, page: int) -> set[str]:
    """What a scanner reads on a page printed at 150 dpi."""
    picture = pypdfium2.PdfDocument(pdf)[page].render(scale=150 / 72, grayscale=True).to_numpy()
    return {code.text for code in zxingcpp.read_barcodes(np.ascontiguousarray(picture.squeeze()))}


def test_every_label_has_its_code_to_read_and_to_scan() -> None:
    printed = [box(number) for number in range(1, 12)]
    made = labels.as_pdf(printed, "lembar")
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    sheets = pages(made)
    assert len(sheets) == 2  # eight on the first, three on the second
    for at, found in ((0, printed[:8]), (1, printed[8:])):
        assert all(f"UMUM-{one.number:04d}" in sheets[at] for one in found)
        assert "Gedung A, ruang Arsip, rak 3" in " ".join(sheets[at].split())
        assert scanned(made, at) == {qr_text(one.id) for one in found}


def test_a_single_label_is_a_page_of_its_own_size() -> None:
    made = labels.as_pdf([box(1), box(2)], "satuan")
    document = pypdfium2.PdfDocument(made)
    assert len(document) == 2
    width, height = (round(points / 72 * 25.4, 1) for points in document[0].get_size())
    assert (width, height) == (99.1, 67.7)
    assert [scanned(made, at) for at in range(2)] == [{qr_text(UUID(int=1))}, {qr_text(UUID(int=2))}]


def test_the_longest_names_stay_on_their_label() -> None:
    name, shelf = "Boks arsip dinamis inaktif bidang rehabilitasi sosial tahun", "Rak besi nomor tiga dari pintu masuk"
    long = box(123456, name, shelf)
    long.unit = "rehabilitasi-sosial-tuna-sosial-dan-kpo"
    made = labels.as_pdf([long], "satuan")
    [text] = pages(made)
    assert "REHABILITASI-SOSIAL-TUNA-SOSIAL-DAN-KPO-123456" in "".join(text.split())
    assert scanned(made, 0) == {qr_text(long.id)}


def test_what_people_wrote_on_a_label_is_text() -> None:
    [text] = pages(labels.as_pdf([box(1, HOSTILE[:60])], "satuan"))
    assert "=HYPERLINK" in "".join(text.split())


def test_no_label_and_too_many_are_refused() -> None:
    for found in ([], [box(1)] * (labels.MOST + 1)):
        with pytest.raises(InvalidRequest):
            labels.refuse_unprintable(found)


def case(name: str = "Budi Contoh") -> Printed:
    """A case under B whose first step was done with one letter that is in no book."""
    sop = packaged()["pemulangan-kaltara"]
    state = apply(CaseState.new(sop), Command("finish", 1, "ada"), [])
    times = {step.number: Times(None, None) for step in sop.steps}
    times[1] = Times(NOW - timedelta(minutes=20), NOW)
    row = CaseFileRow(
        id=uuid4(), unit="umum", clearance=1, year=2026, number=1, sop=sop.id, opened_at=NOW - timedelta(hours=1)
    )
    client = ClientRow(name=name, nik_masked="6571********0001", birth_date=date(1980, 2, 3))
    document = DocumentRow(
        id=uuid4(), kind="skt_polisi", stage="sealed", doubt=0, filename="rahasia-nama-orang.pdf",
        fields={"nomor_surat": {"value": "SKT/1", "text": "SKT/1/XI/2026"}}, verdict={},
    )  # fmt: skip
    letter = Letter(CaseLetterRow(step=1), document, booked=False, lies=Lies(box(12, "Boks 12"), "001/2026"))
    found = Case(row, client, state, times, (letter,), frozenset())
    who = uuid4()
    history = [Done(NOW, who, "finish", 1, HOSTILE)]
    return Printed(found, found.timers(NOW, WITA), history, {str(who): "siti"}, NOW)


def test_a_case_on_paper_says_what_its_page_says() -> None:
    made = printing.as_pdf(case())
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    text = " ".join(" ".join(pages(made)).split())
    for told in (
        "KASUS 001/2026",
        "6571********0001",
        "3 Februari 1980",
        "26 November 2026 11.00",
        "20 menit dari 5 menit",
        "melewati waktu",
        "SKT/1/XI/2026",
        "Boks UMUM-0012 (Boks 12), folder 001/2026",
        "Kode klasifikasi kasus belum dikonfirmasi",
        "Surat keterangan terlantar (Kepolisian) (langkah 1) belum diagendakan",
        "Hasil asesmen belum ada",
        "Terima OT dan berkasnya",
        "siti",
    ):
        assert told in text, told
    assert "rahasia-nama-orang" not in text


def test_a_printed_case_says_which_it_is_to_a_scanner() -> None:
    printed = case()
    made = printing.as_pdf(printed)
    with pypdfium2.PdfDocument(made) as document:
        [code] = find_codes(document[0].render(scale=200 / 72).to_pil().convert("L"))
    assert case_in(code.text) == printed.case.row.id


def test_what_stands_in_a_case_is_text_whatever_it_looks_like() -> None:
    plain = "".join("".join(pages(printing.as_pdf(case(HOSTILE)))).split())
    for piece in ("=HYPERLINK", '#eval("1+1")', "*tebal*", "$x$", "@cell", "<b>"):
        assert plain.count(piece) >= 2, piece  # the client's name, and a reason


def test_a_cases_file_is_named_after_no_person() -> None:
    assert printing.filename(case().case) == "kasus-umum-2026-001.pdf"
