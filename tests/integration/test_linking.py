"""Letters find their case on the real database: certain links, proposals, what people said, and walls around both."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from access.accounts import Account
from api.casework import act, identity_key
from archive import documents, ledger
from cases import book, clients, proposals, seeking, work
from cases.casecode import code_of
from cases.clients import told
from cases.machine import Command
from cases.matching import Match
from cases.sopfiles import packaged
from core.db import transaction
from core.faults import CaseRefused, DatabaseUnavailable, InvalidRequest
from records.sheetcode import code_of as sheet_code
from tests.integration.conftest import MakeAccount
from tests.integration.driving import connected_as, with_settings
from tests.yardstick import links
from workers import linking

_ENTERED = text(
    "INSERT INTO agenda_entry (unit, clearance, book, numbered, day, document_id, party, account_id)"
    " VALUES (:unit, 1, 'masuk', true, '2026-01-02', :id, 'x', :by) RETURNING id"
)
A, C = "pemulangan-tarakan", "rujukan-lk3-tarakan"
NIK, NAME = "6571014101809901", "Siti Aminah"


class Office:
    """A clerk, and a worker that seeks when it is told to."""

    def __init__(self, clerk: Account, database: Engine, worker: Engine) -> None:
        self.clerk, self.database, self.worker = clerk, database, worker

    def open(self, name: str = NAME, nik: str | None = NIK, *, clearance: int = 1, sop: str = A) -> UUID:
        by = self.clerk
        with transaction(by.context) as session:
            person = told(name, nik)
            client = clients.add(session, by, identity_key(), person, unit=by.unit, clearance=clearance)
            opened = book.open_case(session, by, packaged()[sop], client, unit=by.unit, clearance=clearance, year=2026)
            return opened.id

    def filed(
        self,
        kind: str = "skt_polisi",
        *,
        nik: str | None = NIK,
        name: str | None = NAME,
        number: str = "",
        body: str = "",
        codes: tuple[str, ...] = (),
        sure: bool = True,
        unit: str | None = None,
        clearance: int = 1,
    ) -> UUID:
        """A filed letter straight into the tables, and its case sought."""
        said = {"nik": nik, "nama": name, "nomor_surat": number}
        fields = {key: {"value": value, "text": value, "sure": sure} for key, value in said.items() if value}
        boxed = [{"kind": "qr", "text": code, "box": [0, 0, 1, 1], "angle": 0} for code in codes]
        with self.database.begin() as connection:
            made, seq = connection.execute(
                text(
                    "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version,"
                    " stage, pages, pages_read, kind, doubt, fields) VALUES (:unit, :clearance,"
                    " encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'application/pdf', 'uji.pdf', 'v',"
                    " 'filed', 1, 1, :kind, 0, :fields) RETURNING id, seq"
                ),
                {
                    "unit": unit or self.clerk.unit,
                    "clearance": clearance,
                    "kind": kind,
                    "fields": json.dumps(fields),
                },
            ).one()
            connection.execute(
                text(
                    "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at)"
                    " VALUES (:id, :seq, :unit, :clearance, 1, :text, :reading, now())"
                ),
                {
                    "id": made,
                    "seq": seq,
                    "unit": unit or self.clerk.unit,
                    "clearance": clearance,
                    "text": f"Nomor : {number}\n{body}",
                    "reading": json.dumps({"codes": boxed}),
                },
            )
        self.seek(made)
        found: UUID = made
        return found

    def seek(self, letter: UUID) -> None:
        with connected_as(self.worker):
            linking.seek(letter)

    def work_through(self) -> None:
        """What the feeder's tasks do, for this unit's cases."""
        with connected_as(self.worker):
            with transaction() as session:
                due = seeking.due(session, 1000)
            for case in due:
                linking.seek_for(case)

    def links(self, letter: UUID) -> list[tuple[UUID, int, UUID | None, str]]:
        with self.database.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT case_id, step, linked_by, why FROM case_letter"
                    " WHERE document_id = :id AND removed_at IS NULL ORDER BY step"
                ),
                {"id": letter},
            )
            return [(case, step, by, why) for case, step, by, why in rows]

    def proposed(self, letter: UUID, by: Account | None = None) -> list[tuple[UUID | None, str, int]]:
        with transaction((by or self.clerk).context) as session:
            found = proposals.of_letter(session, letter)
            return [(one.case.row.id if one.case else None, one.sop, one.step) for one in found]

    def waiting(self, by: Account | None = None) -> list[UUID]:
        with transaction((by or self.clerk).context) as session:
            found = [one.row.id for one in proposals.waiting(session, by or self.clerk, limit=50)]
            assert proposals.waiting_count(session, by or self.clerk) == len(found)
        return found

    def link(self, case: UUID, letter: UUID, step: int) -> UUID:
        with transaction(self.clerk.context) as session:
            return work.link(session, self.clerk, case, letter, step).id


@pytest.fixture
def office(account: MakeAccount, superuser: Engine, worker_engine: Engine) -> Iterator[Office]:
    made = Office(account("petugas"), superuser, worker_engine)
    made.work_through()  # what other tests left
    yield made
    made.work_through()


def test_the_same_nik_and_an_awaited_letter_link_themselves(office: Office) -> None:
    case = office.open()
    office.work_through()
    letter = office.filed()
    assert office.links(letter) == [(case, 1, None, "NIK sama; nama sama; ditunggu langkah 1")]
    assert office.waiting() == []
    with transaction(office.clerk.context) as session:
        done = book.history(session, case)
        assert [(one.what, one.account, one.document) for one in done] == [("link", None, letter)]
        [event] = [one for one in ledger.document_events(session, letter) if one.action == "letter_linked"]
    assert (event.actor, event.detail) == ("worker", {"case": str(case), "step": 1})


def test_a_name_alone_waits_for_a_key_press(office: Office) -> None:
    case = office.open(nik=None)
    office.work_through()
    letter = office.filed(nik=None, name="SITI AMINAB")
    assert office.links(letter) == []
    assert office.proposed(letter)[0] == (case, A, 1)
    assert office.waiting() == [letter]
    office.link(case, letter, 1)
    assert office.waiting() == []


def test_somebody_of_another_nik_is_not_proposed(office: Office) -> None:
    office.open(nik="6571014101809902")
    office.work_through()
    assert office.proposed(office.filed("info_keluarga")) == []


def test_two_open_cases_of_one_client_are_asked(office: Office) -> None:
    first, second = office.open(), office.open()
    office.work_through()
    letter = office.filed()
    assert office.links(letter) == []
    assert {case for case, _, _ in office.proposed(letter)[:2]} == {first, second}


def test_what_a_person_took_off_is_never_linked_again_by_itself(office: Office) -> None:
    case = office.open()
    office.work_through()
    letter = office.filed()
    with transaction(office.clerk.context) as session:
        [link] = [one.link.id for one in book.find(session, case).letters]
    with transaction(office.clerk.context) as session:
        work.unlink(session, office.clerk, case, link)
    office.seek(letter)
    office.work_through()
    assert office.links(letter) == []
    assert (case, A, 1) not in office.proposed(letter)
    with transaction(office.clerk.context) as session:
        assert [one.what for one in book.history(session, case)] == ["link", "unlink"]
    with transaction() as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text("DELETE FROM case_letter"))


def test_a_letter_that_came_first_is_found_when_its_case_is_opened(office: Office) -> None:
    by_nik, by_name = office.filed("skt_polisi"), office.filed("ktp", nik=None, name="Siti Aminah")
    assert [sop for _, sop, _ in office.proposed(by_nik)] == [A, "pemulangan-kaltara"]  # it may open one
    assert office.proposed(by_name) == []
    case = office.open()
    office.work_through()
    assert [link[:3] for link in office.links(by_nik)] == [(case, 1, None)]
    assert office.proposed(by_name)[0][:2] == (case, A)
    assert office.waiting() == [by_name]


def test_a_letter_links_itself_when_its_turn_comes(office: Office) -> None:
    case = office.open()
    office.work_through()
    letter = office.filed("formulir_layanan_sosial")
    assert office.links(letter) == []
    assert office.proposed(letter)[0] == (case, A, 2)
    with transaction(office.clerk.context) as session:
        work.act(session, office.clerk, case, Command("finish", 1, "tanpa surat"))
    office.work_through()
    assert [link[:3] for link in office.links(letter)] == [(case, 2, None)]


def test_a_quoted_number_links_when_it_leads_to_one_case_only(office: Office) -> None:
    case, other = office.open(nik=None), office.open("Budi Santoso", nik=None)
    number = "SKT/77/III/2026/Polsek"
    quoted = office.filed(nik=None, name=None, number=number)
    office.link(case, quoted, 1)
    office.work_through()
    body = f"Menindaklanjuti surat nomor {number}"
    letter = office.filed("formulir_layanan_sosial", nik=None, name=None, body=body)
    assert office.proposed(letter)[0] == (case, A, 2)
    with transaction(office.clerk.context) as session:
        work.act(session, office.clerk, case, Command("finish", 1, "belum terkunci"))
    office.work_through()
    assert [link[:3] for link in office.links(letter)] == [(case, 2, None)]
    twice = office.filed(nik=None, name=None, number=number)  # the same number on another case's letter
    office.link(other, twice, 1)
    office.work_through()
    assert office.links(office.filed("info_keluarga", nik=None, name=None, body=body)) == []


QUOTED = "SKT/78/III/2026/Polsek"
_NUMBER = text("UPDATE document SET fields = jsonb_set(fields, '{nomor_surat}', :said) WHERE id = :id")


@pytest.mark.parametrize("how", ["read in doubt", "corrected since"])
def test_a_number_that_may_not_be_the_letters_own_links_nothing(office: Office, how: str) -> None:
    case = office.open(nik=None)
    quoted = office.filed(nik=None, name=None, number=QUOTED, sure=how == "corrected since")
    office.link(case, quoted, 1)
    with transaction(office.clerk.context) as session:
        work.act(session, office.clerk, case, Command("finish", 1, "tanpa surat"))
    office.work_through()
    if how == "corrected since":
        said = {"value": "SKT/79/III/2026/Polsek", "text": "SKT/79/III/2026/Polsek", "sure": True}
        with office.database.begin() as connection:
            connection.execute(_NUMBER, {"said": json.dumps(said), "id": quoted})
    body = f"Menindaklanjuti surat nomor {QUOTED}"
    letter = office.filed("formulir_layanan_sosial", nik=None, name=None, body=body)
    assert office.links(letter) == []
    assert office.proposed(letter)[0] == (case, A, 2)  # for a person to say


def test_a_number_given_in_the_agenda_finds_the_letters_that_quote_it(office: Office, superuser: Engine) -> None:
    case = office.open(nik=None)
    misread = office.filed(nik=None, name=None)
    office.link(case, misread, 1)
    with transaction(office.clerk.context) as session:
        work.act(session, office.clerk, case, Command("finish", 1, "tanpa surat"))
    letter = office.filed("formulir_layanan_sosial", nik=None, name=None, body=f"Menindaklanjuti surat nomor {QUOTED}")
    office.work_through()
    assert office.links(letter) == []
    with superuser.begin() as connection:
        entry = connection.execute(_ENTERED, {"unit": office.clerk.unit, "id": misread, "by": office.clerk.id}).scalar()
    office.work_through()
    assert office.links(letter) == []
    with superuser.begin() as connection:
        number = text("UPDATE agenda_entry SET letter_number = :number WHERE id = :id")
        connection.execute(number, {"number": QUOTED, "id": entry})
    office.work_through()
    assert [link[:3] for link in office.links(letter)] == [(case, 2, None)]


def test_a_sheet_of_disposition_links_to_the_case_of_its_letter(office: Office, superuser: Engine) -> None:
    case = office.open(nik=None, sop="pemulangan-kaltara")
    request = office.filed("surat_permohonan_pemulangan", nik=None, name=None)
    office.link(case, request, 1)
    office.work_through()
    with superuser.begin() as connection:
        values = {"unit": office.clerk.unit, "id": request, "by": office.clerk.id}
        entry = connection.execute(_ENTERED, values).scalar_one()
    sheet = office.filed("lembar_disposisi", nik=None, name=None, codes=(sheet_code(entry),))
    assert office.links(sheet) == [(case, 1, None, "lembar disposisi surat kasus ini; ditunggu langkah 1")]


def test_a_cases_own_code_links(office: Office) -> None:
    case = office.open(nik=None)
    office.work_through()
    letter = office.filed(nik=None, name=None, codes=(code_of(case),))
    assert [link[:3] for link in office.links(letter)] == [(case, 1, None)]


def test_nothing_crosses_units_or_levels(office: Office, account: MakeAccount) -> None:
    case = office.open()
    office.work_through()
    elsewhere = office.filed(unit="unit-lain-sekali", codes=(code_of(case),))
    above = office.filed(clearance=2, codes=(code_of(case),))
    assert office.links(elsewhere) == office.links(above) == []
    chief = account("petugas", clearance="rahasia")
    assert [found for found, _, _ in office.proposed(above, chief) if found] == []
    assert [found for found, _, _ in office.proposed(elsewhere, account("arsiparis", unit="kearsipan")) if found] == []


FORGED = {
    "another unit's letter": (None, "unit-lain-sekali", 1),
    "a letter above the case": (None, None, 2),
    "a person's name": ("clerk", None, 1),
}


@pytest.mark.parametrize("deed", FORGED)
def test_a_worker_links_only_what_may_be_and_in_nobodys_name(office: Office, worker_engine: Engine, deed: str) -> None:
    by, unit, clearance = FORGED[deed]
    case, letter = office.open(nik=None), office.filed("undangan", unit=unit, clearance=clearance)
    values = {"case": case, "letter": letter, "by": office.clerk.id if by else None}
    statement = text("INSERT INTO case_letter (case_id, step, document_id, linked_by) VALUES (:case, 1, :letter, :by)")
    with pytest.raises(DBAPIError, match="row-level security"), worker_engine.begin() as connection:
        connection.execute(statement, values)


def test_nobody_links_in_the_systems_name(office: Office) -> None:
    case, letter = office.open(nik=None), office.filed("undangan")
    statement = text("INSERT INTO case_letter (case_id, step, document_id) VALUES (:case, 1, :letter)")
    with pytest.raises(DBAPIError, match="row-level security"), transaction(office.clerk.context) as session:
        session.execute(statement, {"case": case, "letter": letter})


def test_who_may_not_see_letter_or_case_sees_no_proposal(office: Office, account: MakeAccount) -> None:
    chief = account("petugas", clearance="rahasia")
    secret = Office(chief, office.database, office.worker)
    case = secret.open("Nama Rahasia", nik=None, clearance=2)
    office.work_through()
    letter = office.filed("instrumen_asesmen", nik=None, name="Nama Rahasia")
    assert [found for found, _, _ in office.proposed(letter, chief)] == [case]
    for outsider in (office.clerk, account("petugas", unit="unit-lain", clearance="rahasia"), account("auditor")):
        assert office.proposed(letter, outsider) == []
        assert letter not in office.waiting(outsider)
    assert letter in office.waiting(chief)


def test_what_none_fits_is_not_asked_again(office: Office) -> None:
    case = office.open(nik=None)
    office.work_through()
    letter = office.filed(nik=None)
    with transaction(office.clerk.context) as session:
        proposals.decline(session, office.clerk, letter)
    assert office.waiting() == office.proposed(letter) == []
    office.seek(letter)
    office.work_through()
    assert office.proposed(letter) == []
    another = office.open(nik=None)
    office.work_through()
    assert office.proposed(letter) == [(another, A, 1)]  # of this one nobody has said anything yet
    office.link(case, letter, 1)  # and by hand it stays possible


def test_what_none_fits_stays_so_while_a_worker_is_at_it(office: Office) -> None:
    case = office.open(nik=None)
    office.work_through()
    letter = office.filed(nik=None)
    with Session(office.worker) as session, session.begin():
        found = [Match(case, None, 1, 99, ("nama sama",)), Match(None, A, 1, 45, ("surat seperti ini membuka kasus",))]
        row = documents.find(session, letter)
        with transaction(office.clerk.context) as other:
            proposals.decline(other, office.clerk, letter)
        seeking.keep(session, row, [*found, Match(case, None, 2, 30, ("nama sama",))])
    assert office.proposed(letter) == office.waiting() == []
    with connected_as(office.worker), transaction() as session:
        assert not work.link_by_itself(session, case, letter, 1, "nama sama")
    assert office.links(letter) == []


def test_declining_waits_for_who_holds_the_letter(office: Office) -> None:
    office.open(nik=None)
    office.work_through()
    letter = office.filed(nik=None)

    def declined() -> None:
        with transaction(office.clerk.context) as session:
            session.execute(text("SET LOCAL lock_timeout = '100ms'"))
            proposals.decline(session, office.clerk, letter)

    with Session(office.worker) as session, session.begin():
        session.execute(text("SELECT FROM document WHERE id = :id FOR NO KEY UPDATE"), {"id": letter})
        with pytest.raises(DatabaseUnavailable):
            declined()
    declined()
    assert office.waiting() == []


def test_a_long_queue_is_not_counted_to_its_end(office: Office, account: MakeAccount) -> None:
    for _ in range(3):
        office.filed()  # each may open a case, under two SOPs
    records = account("arsiparis", unit="kearsipan")
    with transaction(records.context) as session:
        assert proposals.waiting_count(session, records) >= 3
    with transaction(office.clerk.context) as session:
        assert proposals.waiting_count(session, office.clerk, most=2) == 2
        assert len(proposals.waiting(session, office.clerk, limit=50)) == 3


def test_a_letter_serves_further_steps(office: Office) -> None:
    case = office.open(sop="pemulangan-kaltara")
    office.work_through()
    with transaction(office.clerk.context) as session:
        for step in range(1, 7):
            work.act(session, office.clerk, case, Command("skip", step, "contoh"))
    office.work_through()
    letter = office.filed("surat_pemulangan")
    assert office.links(letter) == []  # draft, initialled or signed: its kind does not say
    assert office.proposed(letter)[0] == (case, "pemulangan-kaltara", 7)
    office.link(case, letter, 7)
    office.work_through()
    office.seek(letter)
    assert office.proposed(letter)[0] == (case, "pemulangan-kaltara", 8)
    assert office.waiting() == []


def test_a_closed_case_is_not_proposed(office: Office) -> None:
    case = office.open(nik=None)
    office.work_through()
    letter = office.filed("ktp", nik=None)
    assert office.waiting() == [letter]
    closed = text("UPDATE case_file SET closed_at = now(), closed_by = :by WHERE id = :id")
    with office.database.begin() as connection:
        connection.execute(closed, {"by": office.clerk.id, "id": case})
    assert office.waiting() == office.proposed(letter) == []


def test_what_goes_wrong_keeps_no_letter_and_is_not_tried_for_ever(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    case = office.open()
    with with_settings(ARSIP_SOP_FOLDER=str(tmp_path / "tidak-ada")):
        letter = office.filed()
        office.work_through()
    assert office.links(letter) == []
    with transaction(office.clerk.context) as session:
        work.act(session, office.clerk, case, Command("skip", 1, "contoh"))
    kept = text("SELECT sop_digest FROM case_file WHERE id = :id")
    take = text("UPDATE case_file SET sop_digest = :digest WHERE id = :id")
    with office.database.begin() as connection:
        digest = connection.scalar(kept, {"id": case})
        connection.execute(text("INSERT INTO sop_version (digest, sop, data) VALUES (repeat('e', 64), 'x', '{}')"))
        connection.execute(take, {"id": case, "digest": "e" * 64})  # of which nobody can make anything
    office.work_through()
    with office.database.begin() as connection:
        connection.execute(take, {"id": case, "digest": digest})
    assert {record.message for record in caplog.records} == {"links_not_sought"}
    with office.database.connect() as connection:
        assert connection.scalar(text("SELECT seek_since FROM case_file WHERE id = :id"), {"id": case}) is None


def test_keys_tell_nothing_and_only_workers_see_them(office: Office, superuser: Engine) -> None:
    letter = office.filed()
    with superuser.connect() as connection:
        rows = connection.scalars(
            text("SELECT k::text FROM letter_key k JOIN document d ON d.seq = k.document_seq WHERE d.id = :id"),
            {"id": letter},
        ).all()
    assert len(rows) == 5  # the NIK, and two parts of each word of the name
    assert not [row for row in rows if NIK in row]
    for table in ("letter_key", "client_key"):
        with pytest.raises(DBAPIError, match="permission denied"), transaction(office.clerk.context) as session:
            session.execute(text(f"SELECT 1 FROM {table}"))


def test_the_branch_to_counselling_opens_its_case(office: Office) -> None:
    case = office.open()
    command = Command("branch", 2, "Klien sangat tertekan", "stres")
    with transaction(office.clerk.context) as session:
        work.act(session, office.clerk, case, Command("skip", 1, "contoh"))
        assert act(session, office.clerk, case, command).state.of(2).state == "branched"
    with transaction(office.clerk.context) as session:
        [child] = book.led_to(session, case)
        opened = book.find(session, child.id)
        origin = book.origin(session, opened)
        parent = book.find(session, case)
    assert (opened.row.sop, opened.row.from_case, opened.row.from_step) == (C, case, 2)
    assert (opened.client.id, opened.row.unit, opened.row.clearance) == (
        parent.client.id,
        parent.row.unit,
        parent.row.clearance,
    )
    assert origin is not None
    assert origin.id == case
    with transaction(office.clerk.context) as session:  # back, and into the same branch: one case is enough
        work.act(session, office.clerk, case, Command("start", 2))
        act(session, office.clerk, case, command)
        assert [row.id for row in book.led_to(session, case)] == [child.id]


def test_a_refused_branch_opens_nothing(office: Office, superuser: Engine) -> None:
    case = office.open()
    for command in (Command("branch", 2, "x", "stres"), Command("branch", 1, "x", "stres"), Command("branch", 99, "x")):
        with pytest.raises((CaseRefused, InvalidRequest)), transaction(office.clerk.context) as session:
            act(session, office.clerk, case, command)
    with superuser.connect() as connection:
        count: Any = connection.scalar(text("SELECT count(*) FROM case_file WHERE unit = :u"), {"u": office.clerk.unit})
    assert count == 1


def test_a_small_offices_year_is_lived_through() -> None:
    found = links.measure(24, 190, 5)
    assert found["links_right"] == 100
    assert found["links_first"] > 90
    assert found["links_own"] > 20
