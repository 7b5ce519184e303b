"""What leads from a letter to cases: codes, NIK, numbers quoted, names. Each is a bounded look into an index."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from archive.tables import DocumentRow
from cases import book, keys, names, quotes
from cases.casecode import case_in
from cases.keys import Read
from cases.letterfacts import day_in, facts
from cases.machine import CaseState, Linked, Progress
from cases.matching import ALIKE, ALIKE_WITH_BIRTH, Evidence
from cases.tables import CaseLetterRow
from classify.marks import IDENTITY
from records.sheetcode import entry_in
from records.tables import AgendaEntryRow

_MOST_CASES: Final = 40
_MOST_BEARERS: Final = 50  # letters that bear one of the numbers quoted
# so long before its opening and after its closing a letter may still be of a case
_BEFORE, _AFTER = timedelta(days=60), timedelta(days=30)
# The letters that bear these numbers, or quote them, and the cases that they stand in; and what number each has by now
_BEARERS: Final = text("""
    SELECT k.value, l.case_id, d.kind, d.fields -> 'nomor_surat' AS number,
      (SELECT e.letter_number FROM agenda_entry e WHERE e.document_id = d.id AND e.cancelled_at IS NULL) AS booked
    FROM letter_key k JOIN document d ON d.seq = k.document_seq
    LEFT JOIN case_letter l ON l.document_id = d.id AND l.removed_at IS NULL
    WHERE k.value = ANY (:values) AND d.id <> :document ORDER BY d.seq DESC LIMIT :most""")
_NAMESAKES: Final = text("""
    SELECT c.id, p.name, p.birth_date, count(*) AS shared FROM client_key k JOIN client p ON p.id = k.client_id
    JOIN case_file c ON c.client_id = p.id AND c.closed_at IS NULL
    WHERE k.value = ANY (:values) GROUP BY c.id, p.id ORDER BY shared DESC, c.opened_at DESC LIMIT :most""")
_OF_NIK: Final = text("""
    SELECT c.id, c.opened_at, c.closed_at FROM client p JOIN case_file c ON c.client_id = p.id
    WHERE p.unit = :unit AND p.nik_index = :nik ORDER BY c.opened_at DESC LIMIT :most""")

# As much of cases as a letter is compared with, in one look: a worker does it for every letter
_CASES: Final = text("""
    SELECT c.id, c.sop_digest, p.name, p.nik_index, p.birth_date,
      (SELECT jsonb_agg(jsonb_build_array(s.state, s.taken) ORDER BY s.number) FROM case_step s WHERE s.case_id = c.id),
      (SELECT jsonb_agg(jsonb_build_array(l.step, d.kind, d.fields -> 'tanggal' ->> 'value'))
       FROM case_letter l JOIN document d ON d.id = l.document_id WHERE l.case_id = c.id AND l.removed_at IS NULL)
    FROM case_file c JOIN client p ON p.id = c.client_id
    WHERE c.id = ANY (:cases) AND c.unit = :unit AND c.clearance >= :clearance AND c.closed_at IS NULL""")


@dataclass(frozen=True, slots=True)
class Open:
    """An open case that a letter could be linked to: its client, how far it is, the letters in it, and the day of the
    oldest of them."""

    case: UUID
    name: str
    nik: bytes | None
    birth: date | None
    state: CaseState
    letters: tuple[Linked, ...]
    begun: date | None


@dataclass(frozen=True, slots=True)
class Other:
    """A case of somebody with the letter's NIK, and when it was open."""

    case: UUID
    opened: datetime
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class Leads:
    """`evidence` by case, besides names; all cases of the letter's NIK; open cases of namesakes, the likest first."""

    evidence: dict[UUID, Evidence]
    of_nik: tuple[Other, ...]
    namesakes: tuple[UUID, ...]

    @property
    def cases(self) -> list[UUID]:
        """All that they lead to, those first that more than a name leads to."""
        return list(dict.fromkeys([*self.evidence, *self.namesakes]))

    def of(self, case: UUID) -> Evidence:
        return self.evidence.get(case, Evidence())

    def is_only(self, case: UUID, day: date) -> bool:
        """Whether no other case of the client is open, or was at the letter's time: it could be for that one."""

        def could_be(other: Other) -> bool:
            return other.closed is None or other.opened.date() - _BEFORE <= day <= other.closed.date() + _AFTER

        return not any(other.case != case and could_be(other) for other in self.of_nik)


@dataclass(frozen=True, slots=True)
class _Bearer:
    """A letter found by a number: the case it stands in, if any, and the numbers that are surely its own."""

    value: int
    case: UUID | None
    sure: frozenset[str]


def leads(session: Session, row: DocumentRow, said: Read, key: str) -> Leads:
    """Everything that leads from the letter to cases of its unit."""
    told: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for case, code in _by_code(session, row, said):
        told[case].setdefault("code", code)
    of_nik: tuple[Other, ...] = ()
    if said.nik is not None:
        rows = session.execute(_OF_NIK, {"unit": row.unit, "nik": said.nik, "most": _MOST_CASES})
        of_nik = tuple(Other(*one) for one in rows)
    for other in of_nik:
        told[other.case]["nik"] = True
    _by_quotes(session, row, said, key, told)
    for one in _bearers(session, row, keys.values(key, row.unit, keys.of_quote(said.facts.number))):
        if one.case is not None:
            told[one.case]["quoted_by"] = True
    evidence = {case: Evidence(**found) for case, found in told.items()}
    return Leads(evidence, of_nik, tuple(_namesakes(session, row, said, key)))


def open_cases(session: Session, row: DocumentRow, cases: Sequence[UUID]) -> list[Open]:
    """Those of the cases that the letter could be linked to: open, of its unit, not under its level."""
    if not cases:
        return []
    asked = {"cases": list(cases), "unit": row.unit, "clearance": row.clearance}
    rows = session.execute(_CASES, asked).all()
    sops = book.versions(session, {digest for _, digest, *_ in rows})
    return [
        Open(
            case=case,
            name=name,
            nik=nik,
            birth=birth,
            state=CaseState(sops[digest], tuple(Progress(state, tuple(taken)) for state, taken in steps)),
            letters=tuple(Linked(step, kind) for step, kind, _ in letters or ()),
            begun=_oldest((kind, day) for _, kind, day in letters or ()),
        )
        for case, digest, name, nik, birth, steps, letters in rows
    ]


def _oldest(letters: Iterable[tuple[str | None, str | None]]) -> date | None:
    """The oldest day among letters; a card's is when it was made, and says nothing about the case."""
    days = (day_in(day or "") for kind, day in letters if kind not in IDENTITY)
    return min((day for day in days if day is not None), default=None)


def _by_code(session: Session, row: DocumentRow, said: Read) -> Iterable[tuple[UUID, str]]:
    for code in said.codes:
        case = case_in(code)
        if case is not None:
            yield case, "case"
    entries = [entry for code in said.codes if (entry := entry_in(code)) is not None]
    if entries:
        linked = (
            select(CaseLetterRow.case_id)
            .join(AgendaEntryRow, AgendaEntryRow.document_id == CaseLetterRow.document_id)
            .where(AgendaEntryRow.id.in_(entries), AgendaEntryRow.unit == row.unit, CaseLetterRow.removed_at.is_(None))
        )
        for one in session.scalars(linked):
            yield one, "sheet"


def _bearers(session: Session, row: DocumentRow, values: Sequence[int]) -> list[_Bearer]:
    if not values:
        return []
    asked = {"values": list(values), "document": row.id, "most": _MOST_BEARERS}
    found = []
    for value, case, kind, number, booked in session.execute(_BEARERS, asked):
        told = facts(kind, {"nomor_surat": number} if number else {})
        sure = {quotes.key(booked or ""), quotes.key(told.number) if told.number_sure else None}
        found.append(_Bearer(value, case, frozenset(one for one in sure if one is not None)))
    return found


def _by_quotes(session: Session, row: DocumentRow, said: Read, key: str, told: dict[UUID, dict[str, Any]]) -> None:
    values = keys.values(key, row.unit, (f"no:{one}" for one in said.quoted))
    numbers = dict(zip(values, said.quoted.items(), strict=True))
    found = _bearers(session, row, values)
    # A number that a letter of no case bears too, or one of another case, proves nothing. Nor does one that the letter
    # was only taken to have: keys stay where a number was misread, and is corrected
    alone = len({one.case for one in found}) == 1 and any(numbers[one.value][0] in one.sure for one in found)
    for one in found:
        if one.case is not None:
            told[one.case] |= {"quotes": numbers[one.value][1], "alone": alone}


def _namesakes(session: Session, row: DocumentRow, said: Read, key: str) -> list[UUID]:
    values = keys.values(key, row.unit, keys.of_name(said.facts.name))
    judged = []
    for case, name, birth, _ in session.execute(_NAMESAKES, {"values": values, "most": _MOST_CASES}) if values else ():
        like = names.alike(said.facts.name, name)
        same_birth = said.facts.birth is not None and said.facts.birth == birth
        if like >= ALIKE or (same_birth and like >= ALIKE_WITH_BIRTH):
            judged.append((-like - 40 * same_birth, str(case), case))
    return [case for _, _, case in sorted(judged)]
