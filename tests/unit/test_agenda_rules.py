"""The agenda's pure rules: what a line says, which step follows, how numbers are written, what an office may set."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.faults import InvalidRequest
from records import office
from records.numbers import letter_number
from records.particulars import Particulars, checked, missing, proposed, sifat
from records.steps import STEPS, lacking, possible

PACKAGED = office.parse("")


def field(value: str, text: str | None = None) -> dict[str, str]:
    return {"value": value, "text": text or value}


LETTER = {
    "pengirim": field("Kelurahan Karang Anyar"),
    "tujuan": field("Kepala Dinas Sosial"),
    "nomor_surat": field("460/12/KRA/XI/2026"),
    "tanggal": field("2026-11-20", "20 November 2026"),
    "perihal": field("Permohonan pemulangan"),
    "lampiran": field("1 berkas"),
    "sifat": field("Segera"),
}


def test_an_incoming_letters_line_is_what_was_read() -> None:
    line = proposed("masuk", LETTER, received_on=date(2026, 11, 21), code="400")
    assert line == Particulars(
        party="Kelurahan Karang Anyar",
        letter_number="460/12/KRA/XI/2026",
        letter_date=date(2026, 11, 20),
        subject="Permohonan pemulangan",
        attachments="1 berkas",
        urgency="segera",
        received_on=date(2026, 11, 21),
    )


def test_an_outgoing_letters_line_names_whom_it_goes_to_and_has_no_number_of_its_own() -> None:
    line = proposed("keluar", LETTER, received_on=date(2026, 11, 21), code="400.9.4.1")
    assert (line.party, line.letter_number, line.code) == ("Kepala Dinas Sosial", "", "400.9.4.1")
    assert line.received_on is None


def test_nothing_read_is_an_empty_line() -> None:
    line = proposed("masuk", {"tanggal": field("20 Nopember")}, received_on=date(2026, 1, 1), code="")
    assert (line.party, line.letter_date, missing("masuk", line)) == ("", None, ("party", "subject"))


@pytest.mark.parametrize(
    ("said", "secrecy", "urgency"),
    [
        ("Biasa", 0, "biasa"),
        ("Rahasia", 2, "biasa"),
        ("Sangat Rahasia", 3, "biasa"),
        ("Terbatas", 1, "biasa"),
        ("Sangat  Segera", 0, "sangat_segera"),
        ("Kilat", 0, "sangat_segera"),
        ("Penting", 0, "penting"),
        ("apa saja", 0, "biasa"),
    ],
)
def test_secrecy_and_urgency_are_two_things(said: str, secrecy: int, urgency: str) -> None:
    assert sifat({"sifat": field(said)}) == (secrecy, urgency)


def test_a_line_is_tidied_and_what_it_needs_is_asked_for() -> None:
    assert checked("masuk", Particulars(party="  A \n B\x00", subject="x")).party == "A B"
    with pytest.raises(InvalidRequest, match="invalid_request") as refused:
        checked("keluar", Particulars(party="A", subject="x"))
    assert "kode klasifikasi" in refused.value.detail
    with pytest.raises(InvalidRequest):
        checked("masuk", Particulars(party="A" * 501, subject="x"))


@given(st.lists(st.sampled_from(STEPS), max_size=10))
def test_no_order_of_steps_gets_stuck_or_sends_what_is_not_ready(wanted: list[str]) -> None:
    done: list[str] = []
    for step in wanted:
        if step in possible(done):
            done.append(step)
    assert len(set(done)) == len(done)
    if "terkirim" in done:
        assert {"nomor", "ttd"} <= set(done[: done.index("terkirim")])
        assert done[-1] == "terkirim"
    while "terkirim" not in done:  # from anywhere the letter can still be sent
        following = possible(done)
        assert following
        done.append(following[-1])


def test_number_and_signature_come_in_either_order() -> None:
    assert lacking("terkirim", ["ttd"]) == ("nomor",)
    assert lacking("terkirim", ["nomor"]) == ("ttd",)
    assert lacking("terkirim", ["ttd", "nomor"]) == ()


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("{kode}/{nomor}/{opd}/{bulan}/{tahun}", "400.9.4.1/12/DINSOS/IX/2026"),
        ("{kode}/{nomor}/{opd}", "400.9.4.1/12/DINSOS"),
        ("{nomor}/DS/KU/{tahun}", "12/DS/KU/2026"),
    ],
)
def test_letter_numbers_are_written_as_the_office_writes_them(pattern: str, written: str) -> None:
    day = date(2026, 9, 3)
    assert letter_number(pattern, code="400.9.4.1", number=12, abbreviation="DINSOS", day=day) == written


def test_a_code_with_braces_is_written_as_it_is() -> None:
    assert (
        letter_number("{kode}/{nomor}", code="{tahun}", number=1, abbreviation="", day=date(2026, 1, 1)) == "{tahun}/1"
    )


def test_the_packaged_office_is_whole() -> None:
    assert PACKAGED.code("surat_rujukan_lk3") == "400.9.12.1"
    assert PACKAGED.code(None) == PACKAGED.code("apa saja") == "400.9.4.1"
    assert "ktp" in PACKAGED.not_letters
    assert PACKAGED.unit("umum").abbreviation == "DINSOS"
    assert PACKAGED.unit("rehsos").abbreviation == "DINSOS-REHSOS"


def test_an_office_sets_what_it_wants_and_keeps_the_rest() -> None:
    own = office.parse(
        '[office]\nname = "Dinas Sosial Kota Tarakan"\n[units.rehsos]\nname = "Rehsos"\nabbreviation = "RS"\n'
        'number = "{nomor}/{opd}/{tahun}"\n[disposition]\nrecipients = ["Sekretaris"]'
    )
    assert own.name == "Dinas Sosial Kota Tarakan"
    assert own.unit("rehsos").number == "{nomor}/{opd}/{tahun}"
    assert own.disposition.recipients == ("Sekretaris",)
    assert own.disposition.instructions == PACKAGED.disposition.instructions
    assert own.witnesses == PACKAGED.witnesses
    assert office.parse('[disposal]\nwitnesses = ["kepatuhan"]').witnesses == ("kepatuhan",)


WRONG = {
    "a pattern without serial": '[office]\nnumber = "{kode}/{tahun}"',
    "two serials": '[office]\nnumber = "{nomor}/{nomor}"',
    "a part that does not exist": '[office]\nnumber = "{nomor}/{nama}"',
    "a way into the program": '[office]\nnumber = "{nomor}/{opd.__class__}"',
    "a format of its own": '[office]\nnumber = "{nomor:99999999}"',
    "an open brace": '[office]\nnumber = "{nomor"',
    "an unknown table": "[kantor]\n",
    "an unknown key": '[office]\nnama = "x"',
    "nobody to witness": "[disposal]\nwitnesses = []",
    "an unknown key of disposal": '[disposal]\nsaksi = ["x"]',
    "no recipient": "[disposition]\nrecipients = []",
    "the same recipient twice": '[disposition]\nrecipients = ["A", "A"]',
    "too many instructions": f"[disposition]\ninstructions = {[f'x{n}' for n in range(30)]}".replace("'", '"'),
    "a number as a name": "[office]\nname = 7",
    "two units of one number": '[units.a]\nname = "A"\nabbreviation = "X"\n[units.b]\nname = "B"\nabbreviation = "X"',
    "an unnamed unit": '[units.a]\nabbreviation = "X"',
}


@pytest.mark.parametrize("mistake", WRONG)
def test_what_is_wrong_with_an_offices_file_is_said(mistake: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        office.parse(WRONG[mistake])
