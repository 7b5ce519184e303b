"""Letters finding their cases: a year of an office (office.py) through the product's own code and its real database.

Each day's letters are filed and sought as a worker does it; cases are opened and letters linked as the clerk of the
year really means it. Judged are every link that the system made by itself, and for the other letters what was proposed
first when the clerk took them up.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from access.accounts import Account
from cases import book, clients, seeking
from cases.clients import told
from cases.sopfiles import packaged
from core.db import transaction
from core.settings import settings
from records.sheetcode import code_of
from tests.integration.driving import connected_as, engine_of, own_archive, somebody
from tests.yardstick.figures import Figures, share
from tests.yardstick.office import YEAR, CaseOf, Sent, year
from workers import linking

CASES, LETTERS, SEED = 1_000, 8_000, 21
UNIT = "rehsos"
_LETTER = text("""
    INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage, pages,
      pages_read, kind, doubt, fields, received_at)
    VALUES (:unit, 1, encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1, 'application/pdf', 'surat.pdf', 'v',
      'filed', 1, 1, :kind, :doubt, :fields, :at) RETURNING id, seq""")
_PAGE = text("""
    INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at)
    VALUES (:id, :seq, :unit, 1, 1, :text, :reading, now())""")
_ENTRY = text("""
    INSERT INTO agenda_entry (unit, clearance, book, numbered, day, document_id, party, account_id)
    VALUES (:unit, 1, 'masuk', true, :day, :id, 'x', :account) RETURNING id""")
_LINK = text("INSERT INTO case_letter (case_id, step, document_id, linked_by) VALUES (:case, :step, :id, :account)")
_DONE = text("""UPDATE case_step SET state = 'done', ended_at = now()
    WHERE case_id = :case AND number = ANY (:steps) AND state <> 'done'""")
_CLOSE = text("UPDATE case_file SET closed_at = :at, closed_by = :account WHERE id = :case")


@dataclass
class Desk:
    """The office at work: what came of each case and letter, and how often the product was right."""

    database: Engine
    worker: Engine
    clerk: Account
    cases: dict[int, UUID] = field(default_factory=dict)
    letters: dict[Sent, UUID] = field(default_factory=dict)
    entries: dict[Sent, UUID] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)

    def file(self, letter: Sent, at: datetime) -> None:
        """A letter comes, is read, and its case sought."""
        with self.database.begin() as connection:
            code = code_of(self.entries[letter.sheet_of]) if letter.sheet_of in self.entries else None
            made = _insert(connection, letter, at, code)
            self.letters[letter] = made
            if letter.kind == "surat_permohonan_pemulangan":
                asked = {"unit": UNIT, "day": at.date(), "id": made, "account": self.clerk.id}
                self.entries[letter] = connection.execute(_ENTRY, asked).scalar_one()
        with connected_as(self.worker):
            linking.seek(made)

    def look_again(self) -> None:
        """What the feeder does: cases of which something changed."""
        with connected_as(self.worker):
            while True:
                with transaction() as session:
                    due = seeking.due(session, 100)
                if not due:
                    return
                for case in due:
                    linking.seek_for(case)

    def open(self, case: CaseOf, at: datetime) -> None:
        """The clerk opens a case of a new client, or of one known by NIK."""
        person, key = case.person, settings().identity_key.get_secret_value()
        with transaction(self.clerk.context) as session:
            wanted = told(person.name, person.nik or None, person.birth if case.knows_birth else None)
            known = [one for one in clients.similar(session, key, wanted, UNIT) if one.why == "nik"]
            client = known[0].client if known else clients.add(session, self.clerk, key, wanted, unit=UNIT, clearance=1)
            sop = packaged()[case.sop]
            made = book.open_case(session, self.clerk, sop, client, unit=UNIT, clearance=1, year=at.year)
        with self.database.begin() as connection:
            moved = text("UPDATE case_file SET opened_at = :at WHERE id = :case")
            connection.execute(moved, {"at": at, "case": made.id})
        self.cases[case.number] = made.id

    def handle(self, letter: Sent, at: datetime) -> bool:
        """The clerk takes up a letter; False while its case is still to be opened by another one."""
        document = self.letters[letter]
        with self.database.begin() as connection:
            made = connection.execute(
                text("SELECT case_id, step FROM case_letter WHERE document_id = :id AND linked_by IS NULL"),
                {"id": document},
            ).all()
            if made:
                self.count["own"] += 1
                self.count["own_right"] += self._is_right(letter, made[0].case_id, made[0].step)
                return True
            case = letter.case
            if case is None or letter.late:
                self.count["of_no_case"] += 1
                return True
            if case.number not in self.cases and not letter.opens:
                return False
            first = connection.execute(
                text("SELECT case_id, sop, step FROM case_proposal WHERE document_id = :id ORDER BY rank LIMIT 1"),
                {"id": document},
            ).one_or_none()
        self._judge(letter, case, first)
        if letter.opens and case.number not in self.cases:
            self.open(case, at)
        with self.database.begin() as connection:
            step = letter.steps[0]
            asked = {"case": self.cases[case.number], "step": step, "id": document, "account": self.clerk.id}
            connection.execute(_LINK, asked)
        if letter.opens:
            with connected_as(self.worker):
                linking.seek_for(self.cases[case.number])  # as a worker does before the clerk takes up the next letter
        return True

    def _judge(self, letter: Sent, case: CaseOf, first: Any) -> None:
        self.count["asked"] += 1
        if first is None:
            self.count["nothing_proposed"] += 1
        elif letter.opens:
            self.count["first_right"] += first.sop == case.sop
        else:
            self.count["first_right"] += first.case_id is not None and self._is_right(letter, first.case_id, first.step)

    def _is_right(self, letter: Sent, case: UUID, step: int) -> bool:
        mine = letter.case is not None and not letter.late and self.cases.get(letter.case.number) == case
        return mine and step in letter.steps

    def work(self, case: CaseOf, day: int, at: datetime) -> None:
        """The clerk says which steps are done, and closes the case."""
        steps = [step for step, done in case.done.items() if done == day]
        known = self.cases.get(case.number)
        if known is None or not (steps or case.closes == day):
            return
        with self.database.begin() as connection:
            if steps:
                before = [step for step, done in case.done.items() if done <= day]
                connection.execute(_DONE, {"case": known, "steps": before})
            if case.closes == day:
                connection.execute(_CLOSE, {"case": known, "at": at, "account": self.clerk.id})


def _insert(connection: Connection, letter: Sent, at: datetime, code: str | None) -> UUID:
    said: dict[str, tuple[str, bool]] = {"nama": (letter.name, True), "nik": (letter.nik, letter.nik_sure)}
    said["nomor_surat"] = (letter.number, True)
    said["tanggal"] = (at.date().isoformat(), True)
    said["tempat_tgl_lahir"] = (f"Tarakan, {letter.birth.isoformat()}" if letter.birth else "", True)
    fields = {name: {"value": value, "text": value, "sure": sure} for name, (value, sure) in said.items() if value}
    quote = f"Menindaklanjuti surat nomor {letter.quotes} perihal yang sama." if letter.quotes else ""
    body = f"Nomor : {letter.number}\n{quote}\nNama : {letter.name}"
    values = {"unit": UNIT, "kind": letter.kind, "doubt": 0 if letter.kind_sure else 3, "fields": json.dumps(fields)}
    made, seq = connection.execute(_LETTER, {**values, "at": at}).one()
    codes = [{"kind": "qr", "text": code, "box": [0, 0, 0.1, 0.1], "angle": 0}] if code else []
    page = {"id": made, "seq": seq, "unit": UNIT, "text": body, "reading": json.dumps({"codes": codes})}
    connection.execute(_PAGE, page)
    found: UUID = made
    return found


def measure(cases: int = CASES, letters: int = LETTERS, seed: int = SEED) -> Figures:
    """Of links that the system made by itself the right ones, and of the other letters those whose case and step, or
    whose case to open, was proposed first; in per cent. `links_own`: of all letters of cases those linked by itself."""
    began = time.monotonic()
    with own_archive() as stack, engine_of(stack, "postgres") as database, engine_of(stack, "arsip_worker") as worker:
        with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ALTER DATABASE arsip SET synchronous_commit = off"))
        database.dispose()
        desk = Desk(database, worker, somebody("petugas", UNIT))
        _live(desk, cases, letters, seed)
    count = desk.count
    return {
        "links_right": share(count["own_right"], count["own"]),
        "links_first": share(count["first_right"], count["asked"]),
        "links_own": share(count["own"], count["own"] + count["asked"]),
        "links_seconds": time.monotonic() - began,
    }


def _live(desk: Desk, cases: int, letters: int, seed: int) -> None:
    told_year = year(cases, letters, seed)
    waiting: list[Sent] = []
    coming = list(told_year.letters)
    for day in range(coming[-1].day + 30):
        at = datetime(YEAR.year, YEAR.month, YEAR.day, 1, tzinfo=UTC) + timedelta(days=day)
        while coming and coming[0].day <= day:
            letter = coming.pop(0)
            desk.file(letter, at)
            waiting.append(letter)
        for case in told_year.cases:
            if case.empty and case.starts == day:
                desk.open(case, at)
        desk.look_again()
        waiting = [letter for letter in waiting if not desk.handle(letter, at)]
        for case in told_year.cases:
            desk.work(case, day, at)
