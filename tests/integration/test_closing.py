"""A case under B on the real database: it closes only when its letters are booked, sure, placed, and it is classified;
and how long its steps took, as each role may know it."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

import pypdfium2
import pytest
from sqlalchemy import Engine, text

from access.accounts import Account
from api.procedures import calendar
from api.routes.cases import get_case
from archive import ledger
from cases import book, clients, printing, reports, work
from cases.book import Case
from cases.clients import told
from cases.machine import Command
from cases.sop import Sop
from cases.sopfiles import packaged
from cases.spells import Spell, spells
from core.db import transaction
from core.faults import CaseClosed, CaseIncomplete, Forbidden, InvalidRequest
from records import agenda, boxes, dispositions, outgoing, paper, waiting
from records.agenda import Registration
from records.boxes import Stand
from records.dispositions import Handed, To
from records.particulars import Particulars
from tests.integration.conftest import MakeAccount

B = "pemulangan-kaltara"
LETTERS = {
    "surat_permohonan_pemulangan": "Surat permohonan",
    "skt_polisi": "Surat keterangan",
    "hasil_asesmen": "Hasil asesmen",
    "lembar_disposisi": "Lembar disposisi",
}


def sealed(superuser: Engine, unit: str, kind: str, *, doubt: int = 0) -> UUID:
    """An archived letter of a kind straight into the table."""
    with superuser.begin() as connection:
        made: UUID = connection.execute(
            text(
                "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage,"
                " pages, pages_read, kind, doubt, sealed_at) VALUES (:unit, 1,"
                " encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'application/pdf', 'uji.pdf', 'v',"
                " 'sealed', 1, 1, :kind, :doubt, now()) RETURNING id"
            ),
            {"unit": unit, "kind": kind, "doubt": doubt},
        ).scalar_one()
    return made


class Desk:
    """A clerk with a case under B whose first step is done with four letters, all other steps skipped."""

    def __init__(self, clerk: Account, superuser: Engine) -> None:
        self.clerk = clerk
        self.letters = {kind: sealed(superuser, clerk.unit, kind) for kind in LETTERS}
        with transaction(clerk.context) as session:
            client = clients.add(session, clerk, "kunci", told("Budi Contoh"), unit=clerk.unit, clearance=1)
            row = book.open_case(session, clerk, packaged()[B], client, unit=clerk.unit, clearance=1, year=2026)
            self.case = row.id
            for letter in self.letters.values():
                work.link(session, clerk, self.case, letter, 1)
            work.act(session, clerk, self.case, Command("finish", 1))
            for step in range(2, 13):
                work.act(session, clerk, self.case, Command("skip", step, "contoh"))

    @property
    def found(self) -> Case:
        with transaction(self.clerk.context) as session:
            return book.find(session, self.case)

    def gaps(self) -> set[tuple[str, str]]:
        kinds = {letter: kind for kind, letter in self.letters.items()}
        return {(gap.why, kinds[gap.letter] if gap.letter else "") for gap in self.found.gaps}

    def do(self, deed: Callable[..., object], *args: object, by: Account | None = None) -> object:
        who = by or self.clerk
        with transaction(who.context) as session:
            return deed(session, who, *args)

    def register(self, kind: str, **how: bool) -> UUID:
        said = Particulars(party="Kelurahan", subject="Permohonan", code="400.9.4.1")
        wanted = Registration("keluar" if how else "masuk", said, self.letters[kind], **how)
        with transaction(self.clerk.context) as session:
            return agenda.register(session, self.clerk, wanted).entry.id

    def put_on_paper(self) -> None:
        with transaction(self.clerk.context) as session:
            box = boxes.add(session, self.clerk, self.clerk.unit, "Boks 1", Stand()).box
            work.put_on_paper(session, self.clerk, self.case, box, "001/2026")

    def refusal(self) -> str:
        with pytest.raises(CaseIncomplete) as refused:
            self.do(work.close, self.case)
        return str(refused.value.facts["what"])


@pytest.fixture
def desk(account: MakeAccount, superuser: Engine) -> Desk:
    return Desk(account("petugas"), superuser)


def test_a_case_closes_when_all_of_it_is_in_the_archive(desk: Desk) -> None:
    assert desk.gaps() == {
        ("unclassified", ""),
        ("unbooked", "surat_permohonan_pemulangan"),
        ("unbooked", "skt_polisi"),  # an assessment and a disposition sheet need not stand in a book
        *(("unplaced", kind) for kind in LETTERS),
    }
    assert "belum diagendakan" in desk.refusal()
    desk.register("skt_polisi")
    desk.register("surat_permohonan_pemulangan")
    assert desk.gaps() == {("unclassified", ""), *(("unplaced", kind) for kind in LETTERS)}
    assert "tempat kertasnya belum dicatat" in desk.refusal()
    desk.put_on_paper()
    assert desk.refusal() == "kode klasifikasi kasus belum dikonfirmasi"
    with pytest.raises(InvalidRequest):
        desk.do(work.classify, desk.case, "empat ratus")
    desk.do(work.classify, desk.case, " 400.9.4.1 ")
    desk.do(work.close, desk.case)
    closed = desk.found
    assert (closed.row.closed_at is not None, closed.row.classification, closed.gaps) == (True, "400.9.4.1", [])
    with transaction(desk.clerk.context) as session:
        done = [(one.what, one.reason) for one in book.history(session, desk.case)]
    assert done[-2:] == [("classify", "400.9.4.1"), ("close", "")]


def test_closing_tells_the_ledger_from_when_it_is_kept(desk: Desk, account: MakeAccount) -> None:
    for kind in ("skt_polisi", "surat_permohonan_pemulangan"):
        desk.register(kind)
    desk.put_on_paper()
    desk.do(work.classify, desk.case, "400.9.4.1")
    desk.do(work.close, desk.case)
    with transaction(account("auditor").context) as session:
        events = [e for e in ledger.events_before(session, None, 50) if e.detail.get("case") == str(desk.case)]
    assert (events[0].action, events[0].detail["code"]) == ("case_closed", "400.9.4.1")


def test_nobody_opens_a_closed_case_again(desk: Desk, account: MakeAccount) -> None:
    records = account("arsiparis", unit="kearsipan")
    for gap in desk.found.gaps:
        desk.do(work.waive, desk.case, gap.place, "berkas hilang", by=records)
    desk.do(work.classify, desk.case, "400.9.4.1")
    desk.do(work.close, desk.case)
    for change in ("closed_at = NULL, closed_by = NULL", "classified_by = app_account(), classification = '000'"):
        with transaction(desk.clerk.context) as session:
            done = session.execute(text(f"UPDATE case_file SET {change} WHERE id = :c RETURNING id"), {"c": desk.case})
            assert done.all() == []
    with pytest.raises(CaseClosed):
        desk.do(work.classify, desk.case, "400.9.4.2")
    assert (desk.found.row.closed_at is not None, desk.found.row.classification) == (True, "400.9.4.1")


def test_dispositions_of_its_letters_stand_in_the_case(desk: Desk, account: MakeAccount) -> None:
    kadis, kabid, letter = account("pejabat"), account("pejabat"), desk.letters["skt_polisi"]
    with transaction(kadis.context) as session:
        [given] = dispositions.give(session, kadis, letter, Handed((To(kabid.name),)))
    with transaction(kabid.context) as session:
        dispositions.finish(session, kabid, given.id, "sudah dihubungi")
        printed = printing.gather(session, desk.found, calendar())
    told = [(one.what, one.reason, one.document, one.by) for one in get_case(desk.case, desk.clerk).history]
    assert told[-2:] == [
        ("dispose", f"kepada {kabid.name}", letter, kadis.name),
        ("disposed", "sudah dihubungi", letter, kabid.name),
    ]
    assert {one.by for one in get_case(desk.case, desk.clerk).history[:-2]} == {""}
    with pypdfium2.PdfDocument(printing.as_pdf(printed)) as document:
        text = "".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    for piece in ("Disposisi:suratketeranganterlantar", f"kepada{kabid.name}", "sudahdihubungi", kadis.name):
        assert piece in text


def test_what_undoes_an_entry_opens_the_gap_again(desk: Desk) -> None:
    entry = desk.register("skt_polisi")
    assert ("unbooked", "skt_polisi") not in desk.gaps()
    desk.do(agenda.cancel, entry, "salah buku")
    assert ("unbooked", "skt_polisi") in desk.gaps()
    desk.do(waiting.leave_out, desk.letters["skt_polisi"], "lampiran surat lain")
    assert ("unbooked", "skt_polisi") in desk.gaps()  # left out is not agenda'd: that an arsiparis excuses
    draft = desk.register("skt_polisi", numbered=False)
    assert ("unbooked", "skt_polisi") in desk.gaps()  # a draft has no number yet
    with transaction(desk.clerk.context) as session:
        outgoing.take(session, desk.clerk, draft, "nomor", on_day=None, document=None)
    assert ("unbooked", "skt_polisi") not in desk.gaps()


def test_a_letter_that_shows_a_step_of_an_entry_stands_in_the_book(desk: Desk) -> None:
    said = Particulars(party="Dinas Sosial", subject="Pemulangan", code="400.9.4.1")
    with transaction(desk.clerk.context) as session:
        entry = agenda.register(session, desk.clerk, Registration("keluar", said)).entry
        outgoing.take(session, desk.clerk, entry.id, "ttd", on_day=None, document=desk.letters["skt_polisi"])
    assert ("unbooked", "skt_polisi") not in desk.gaps()


def test_a_kind_in_doubt_holds_it_up_until_a_person_looked(desk: Desk, superuser: Engine) -> None:
    letter = {"id": desk.letters["hasil_asesmen"]}
    with superuser.begin() as connection:
        connection.execute(text("UPDATE document SET doubt = 3 WHERE id = :id"), letter)
    assert ("unsure", "hasil_asesmen") in desk.gaps()
    with superuser.begin() as connection:
        connection.execute(text("UPDATE document SET checked_at = now() WHERE id = :id"), letter)
    assert ("unsure", "hasil_asesmen") not in desk.gaps()


def test_paper_taken_out_of_its_box_opens_the_gap_again(desk: Desk) -> None:
    desk.put_on_paper()
    assert not [kind for why, kind in desk.gaps() if why == "unplaced"]
    desk.do(paper.place, [desk.letters["skt_polisi"]], None)
    assert ("unplaced", "skt_polisi") in desk.gaps()


def test_an_arsiparis_excuses_each_with_a_reason_and_nobody_else_does(desk: Desk, account: MakeAccount) -> None:
    records = account("arsiparis", unit="kearsipan")
    places = [gap.place for gap in desk.found.gaps]
    assert len(places) == 7
    with pytest.raises(Forbidden):
        desk.do(work.waive, desk.case, places[0], "tidak perlu")
    with pytest.raises(InvalidRequest):
        desk.do(work.waive, desk.case, places[0], "  ", by=records)
    for place in places:
        desk.do(work.waive, desk.case, place, "berkas hilang sebelum dipindai", by=records)
    assert desk.gaps() == set()
    desk.do(work.close, desk.case)
    assert desk.found.row.classification is None


def test_a_case_without_letters_has_nothing_to_put_into_a_box(account: MakeAccount) -> None:
    clerk = account("petugas")
    with transaction(clerk.context) as session:
        client = clients.add(session, clerk, "kunci", told("Tono"), unit=clerk.unit, clearance=1)
        case = book.open_case(session, clerk, packaged()[B], client, unit=clerk.unit, clearance=1, year=2026).id
        box = boxes.add(session, clerk, clerk.unit, "Boks 1", Stand()).box
    with pytest.raises(InvalidRequest), transaction(clerk.context) as session:
        work.put_on_paper(session, clerk, case, box, "")


def test_reports_count_what_each_may_see_and_the_auditor_everything(
    desk: Desk, account: MakeAccount, superuser: Engine
) -> None:
    def counted(by: Account) -> int:
        with transaction(by.context) as session:
            ended = reports.ended_steps(session, calendar(), 1)
        told = reports.step_times(ended, calendar(), B)
        return sum(row.count for row in told.rows if row.of.steps == (1,))

    Desk(account("petugas", unit=f"lain-{uuid4().hex[:8]}"), superuser)
    own = counted(account("pejabat"))
    assert own == 1
    everything = counted(account("arsiparis"))
    assert everything >= 2
    assert counted(account("auditor")) >= everything
    with superuser.begin() as connection:
        connection.execute(text("UPDATE case_file SET clearance = 2 WHERE id = :c"), {"c": desk.case})
    assert counted(account("pejabat")) == 0
    assert counted(account("pejabat", clearance="rahasia")) == 1
    with transaction(account("auditor").context) as session:
        assert session.scalar(text("SELECT count(*) FROM case_file")) == 0


def test_steps_are_called_as_the_newest_version_calls_them(desk: Desk, account: MakeAccount) -> None:
    before, clerk = packaged()[B], desk.clerk
    said = before.model_dump(mode="json")
    said["steps"][0]["short"] = "Nama baru"
    after = Sop.model_validate(said)
    for sop in (before, before, before, after):
        with transaction(clerk.context) as session:
            client = clients.add(session, clerk, "kunci", told("Budi Contoh"), unit=clerk.unit, clearance=1)
            case = book.open_case(session, clerk, sop, client, unit=clerk.unit, clearance=1, year=2026).id
            work.act(session, clerk, case, Command("finish", 1, "contoh"))
    with transaction(account("pejabat").context) as session:
        ended = reports.ended_steps(session, calendar(), 1)
    found = reports.step_times(ended, calendar(), B)
    assert {found.label(row.of) for row in found.rows if row.of.steps == (1,)} == {"1. Nama baru"}


def test_what_a_closed_case_took_is_counted_once(desk: Desk, account: MakeAccount) -> None:
    records, official = account("arsiparis", unit="kearsipan"), account("pejabat")
    counted: list[tuple[Any, ...]] = []
    for gap in desk.found.gaps:
        desk.do(work.waive, desk.case, gap.place, "berkas hilang", by=records)

    def measured(*told: Any) -> Iterable[Spell]:
        counted.append(told[4:])
        return spells(*told)

    def report() -> object:
        with transaction(official.context) as session:
            ended = reports.ended_steps(session, calendar(), 1)
        return reports.step_times(ended, calendar(), B, measured)

    still_open = report()
    assert len(counted) == 1  # and only of what ended since
    assert report() == still_open
    assert len(counted) == 2
    assert all(since for (since,) in counted)
    desk.do(work.close, desk.case)
    assert report() == report() == still_open
    assert counted[2:] == [()]


def test_old_months_are_left_out(desk: Desk, account: MakeAccount, superuser: Engine) -> None:
    with superuser.begin() as connection:
        connection.execute(
            text(
                "UPDATE case_step SET started_at = now() - interval '70 days', ended_at = now() - interval '70 days'"
                " WHERE case_id = :c AND number = 1"
            ),
            {"c": desk.case},
        )
    with transaction(account("pejabat").context) as session:
        ended = {months: reports.ended_steps(session, calendar(), months) for months in (1, 4)}
    rows = {months: reports.step_times(ended[months], calendar(), B).rows for months in (1, 4)}
    assert [row.of.steps for row in rows[1]] == []
    assert [row.of.steps for row in rows[4]] == [(1,)]
