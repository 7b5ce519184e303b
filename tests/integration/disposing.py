"""What tests of transfer and destruction share: berkas whose retention is over, people, papers that name a list."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from access.accounts import Account
from core.db import transaction
from records.disposal import lists, papers
from records.disposal import panel as panels
from records.disposal.deed import Deed, Person
from records.disposal.panel import Panel
from records.disposal.tables import DisposalRow
from records.disposal.workflow import Kind, Step, workflows
from tests.integration.conftest import MakeAccount
from tests.integration.test_retention_rules import berkas, code

DEED = Deed(
    "000.5.6.2/1/DINSOS/2036",
    "Halaman kantor",
    "dicacah",
    (Person("Dewi Contoh", "Kepala Bagian Hukum"), Person("Eko Contoh", "Inspektur Pembantu")),
).to_json()

PANEL = Panel(
    "000.5.6.2/7 tanggal 4 Februari 2036",
    (Person("Gita Contoh", "Kepala Subbagian Umum", "198001012005012001"), Person("Hadi Contoh", "Arsiparis")),
)


def letter(
    superuser: Engine, unit: str, said: str = "", *, part_of: UUID | None = None, page: int | None = None
) -> UUID:
    """An archived letter of one page that says so, straight into the tables, with its arrival on the ledger."""
    with superuser.begin() as connection:
        made: UUID = connection.execute(
            text(
                "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage,"
                " pages, pages_read, kind, doubt, sealed_at, part_of, first_page, last_page, letters)"
                " VALUES (:unit, 1, coalesce((SELECT sha256 FROM document WHERE id = :part),"
                " encode(sha256(gen_random_uuid()::text::bytea), 'hex')), 1, 'application/pdf', 'Budi.pdf', 'v',"
                " 'sealed', 1, 1, 'surat_pemulangan', 0, now(), :part, :page, :page,"
                " CASE WHEN CAST(:part AS uuid) IS NULL THEN NULL ELSE 1 END) RETURNING id"
            ),
            {"unit": unit, "part": part_of, "page": page},
        ).scalar_one()
        connection.execute(
            text(
                "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, read_at)"
                " SELECT id, seq, unit, clearance, 1, :said, now() FROM document WHERE id = :id"
            ),
            {"id": made, "said": said},
        )
    return made


@dataclass
class Office:
    """Three people of the records unit, and the means to make what they need."""

    superuser: Engine
    proposer: Account
    assessor: Account
    executor: Account
    code: str
    made: list[UUID] = field(default_factory=list)

    @property
    def unit(self) -> str:
        return self.proposer.unit

    def berkas(self, letters: int = 1, **values: Any) -> UUID:
        """A closed berkas of the office's code, with so many letters."""
        said = {"code": self.code, "opened_on": date(2015, 1, 2), "closed_on": date(2015, 6, 1), **values}
        made = berkas(self.proposer, **said)
        for _ in range(letters):
            self.put_in(letter(self.superuser, self.unit), made)
        return made

    def put_in(self, one: UUID, where: UUID) -> None:
        """Put a letter into a berkas, also a closed one."""
        with self.superuser.begin() as connection:
            values = {"d": one, "b": where, "a": self.proposer.id}
            connection.execute(
                text("INSERT INTO berkas_letter (document_id, berkas_id, filed_by) VALUES (:d, :b, :a)"), values
            )

    def used_by(self, one: UUID, case: UUID) -> None:
        """Another case comes to use a letter that stays where it lies, as one of a case's own berkas does."""
        with self.superuser.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            link = text("INSERT INTO case_letter (case_id, step, document_id, linked_by) VALUES (:c, 1, :d, :a)")
            connection.execute(link, {"c": case, "d": one, "a": self.proposer.id})

    def used_no_more(self, one: UUID) -> None:
        with self.superuser.begin() as connection:
            taken = text("UPDATE case_letter SET removed_at = now(), removed_by = :a WHERE document_id = :d")
            connection.execute(taken, {"d": one, "a": self.proposer.id})

    def letters(self, of: UUID) -> list[UUID]:
        with self.superuser.connect() as connection:
            found = text("SELECT document_id FROM berkas_letter WHERE berkas_id = :b ORDER BY 1")
            return list(connection.scalars(found, {"b": of}))

    def do(self, by: Account, act: Callable[..., Any], *args: Any, **named: Any) -> Any:
        with transaction(by.context) as session:
            return act(session, by, *args, **named)

    def propose(self, *of: UUID, kind: Kind = "pemusnahan") -> DisposalRow:
        row: DisposalRow = self.do(self.proposer, lists.propose, kind, self.unit, of, "")
        return row

    def attach(self, row: DisposalRow, *names: str) -> None:
        for name in names:
            said = letter(self.superuser, self.unit, f"{name} untuk daftar {row.code} tahun ini")
            self.do(self.proposer, papers.attach, row.id, name, said, "")

    def seat(self, row: DisposalRow) -> None:
        """Name its panel, where it needs one."""
        if panels.is_needed(workflows()[row.kind]):  # type: ignore[index]
            self.do(self.proposer, lists.seat, row.id, PANEL)

    def who(self, step: Step) -> Account:
        """Who may take that step."""
        return {"penilai": self.assessor, "penerima": self.assessor, "pelaksana": self.executor}.get(
            step.by, self.proposer
        )

    def take(self, row: DisposalRow, name: str, **named: Any) -> DisposalRow:
        """Attach what the step needs, and take it."""
        step = workflows()[row.kind].step(name)  # type: ignore[index]
        assert step is not None
        self.attach(row, *step.papers)
        if step.freezes:
            self.seat(row)
        if step.executes:
            named = {"deed": DEED, **named}
        taken: DisposalRow = self.do(self.who(step), lists.take, row.id, name, declared=step.declares, **named)
        return taken

    def decided(self, *of: UUID) -> DisposalRow:
        """A list that waits for its execution."""
        row = self.propose(*of)
        for step in ("nilai", "timbang", "mohon", "setujui", "tetapkan"):
            row = self.take(row, step)
        return row


def office(
    account: MakeAccount, superuser: Engine, in_force: Callable[..., UUID], *, fate: str = "musnah", inactive: int = 3
) -> Office:
    """An office with a schedule of two years aktif, and so many inaktif, for its own code."""
    own = code() + f".{uuid4().int % 9000}"
    in_force((own, 2, inactive, fate, "kasus_selesai"))
    return Office(superuser, *(account("arsiparis") for _ in range(3)), own)


@contextmanager
def as_worker(engine: Engine) -> Iterator[Session]:
    """A transaction of a worker's."""
    with Session(engine) as session, session.begin():
        yield session
