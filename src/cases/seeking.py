"""Seeking the cases of a letter and the letters of a case: what is proposed, kept where it can be asked for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select, text, union, update
from sqlalchemy.orm import Session, aliased

from archive import stacks
from archive.tables import DocumentRow
from cases import keys, names
from cases.keys import CaseKeys, Read
from cases.leads import Leads, Open, leads, open_cases
from cases.matching import ALIKE_WITH_BIRTH, Candidate, Match, Said, ranked
from cases.places import places
from cases.sop import Sop
from cases.tables import CaseFileRow, CaseLetterRow, CaseProposalRow
from classify.marks import IDENTITY
from records.tables import AgendaEntryRow, AgendaSheetRow

_MOST_CASES: Final = 12  # looked at in full
_MOST_LETTERS: Final = 40  # of a case, sought anew at one change of it
_NEWEST: Final = 200  # letters looked through for one key
# what a shared key says of a letter being a client's; two parts of a name are the least
_NIK, _NUMBER, _PART, _LEAST = 20, 10, 1, 2
# A common name has many letters: the newest of each key are enough, as they lie together in the index
_LETTERS: Final = text(f"""
    SELECT d.id, d.fields -> 'nama' ->> 'value' AS name, sum(own.weight) AS weight
    FROM unnest(CAST(:values AS bigint[]), CAST(:weights AS int[])) AS own (value, weight)
    CROSS JOIN LATERAL (SELECT m.document_seq FROM letter_key m WHERE m.value = own.value
                        ORDER BY m.document_seq DESC LIMIT :newest) AS having_it
    JOIN document d ON d.seq = having_it.document_seq
    WHERE d.unit = :unit AND d.clearance <= :clearance AND d.stage IN ('filed', 'sealed') AND {stacks.MAY_BE_LETTER}
      AND NOT EXISTS (SELECT FROM case_letter l WHERE l.document_id = d.id AND l.removed_at IS NULL)
    GROUP BY d.id HAVING sum(own.weight) >= :least
    ORDER BY weight DESC, d.seq DESC LIMIT :most""")  # noqa: S608 - constants of the program only

_STANDING: Final = text("""
    SELECT case_id, NULL AS sop, step, removed_at FROM case_letter WHERE document_id = :document
    UNION ALL SELECT case_id, sop, NULL, NULL FROM case_declined WHERE document_id = :document""")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a letter stands to cases by people's words: whether it is linked now, the steps of cases it was taken off,
    the cases and SOPs it was said not to be for."""

    linked: frozenset[tuple[UUID, int]]
    removed: dict[UUID, frozenset[int]]
    declined: frozenset[UUID | str | None]

    def settles(self, match: Match) -> bool:
        """Whether a person has said all about this proposal by now."""
        if match.case is None:
            return bool(self.linked) or match.sop in self.declined
        done = (match.case, match.step) in self.linked or match.step in self.removed.get(match.case, ())
        return done or match.case in self.declined


def standing(session: Session, document: UUID) -> Standing:
    """How the letter stands to cases by now."""
    links, declined = [], []
    for case, sop, step, removed_at in session.execute(_STANDING, {"document": document}):
        if step is None:
            declined.append(case or sop)
        else:
            links.append((case, step, removed_at))
    removed: dict[UUID, set[int]] = defaultdict(set)
    for case, step, removed_at in links:
        if removed_at is not None:
            removed[case].add(step)
    return Standing(
        linked=frozenset((case, step) for case, step, removed_at in links if removed_at is None),
        removed={case: frozenset(steps) for case, steps in removed.items()},
        declined=frozenset(declined),
    )


def matches(
    session: Session, row: DocumentRow, said: Read, stand: Standing, key: str, sops: Iterable[Sop]
) -> tuple[Match, ...]:
    """The proposals for a letter, the likeliest first. Of a letter that is linked already: further steps for which more
    than a name speaks."""
    found = leads(session, row, said, key)
    wanted = [case for case in found.cases if case not in stand.declined][:_MOST_CASES]
    about = _about(row, said)
    candidates = [
        _candidate(case, row, found, stand, about)
        for case in open_cases(session, row, wanted)
        if not stand.linked or found.of(case.case).is_strong
    ]
    begins = [] if stand.linked else [sop for sop in sops if sop.id not in stand.declined]
    return tuple(one for one in ranked(about, candidates, begins) if (one.case, one.step) not in stand.linked)


def _about(row: DocumentRow, said: Read) -> Said:
    # a card's date is when it was made, and says nothing about the case
    day = row.received_at.date() if row.kind in IDENTITY or said.facts.day is None else said.facts.day
    return Said(
        kind=row.kind,
        sure=row.doubt is not None and (row.doubt < 3 or row.checked_at is not None),
        nik=said.nik,
        nik_sure=said.facts.nik_sure,
        name=said.facts.name,
        birth=said.facts.birth,
        day=day,
    )


def _candidate(case: Open, row: DocumentRow, found: Leads, stand: Standing, about: Said) -> Candidate:
    return Candidate(
        case=case.case,
        places=places(case.state, case.letters, row.kind),
        nik=case.nik,
        name=case.name,
        birth=case.birth,
        begun=case.begun,
        evidence=found.of(case.case),
        only=found.is_only(case.case, about.day),
        removed=stand.removed.get(case.case, frozenset()),
    )


def keep(session: Session, row: DocumentRow, found: Sequence[Match]) -> None:
    """Make these the letter's proposals, but for those that a person settled since they were found; nothing is written
    where they are the same."""
    # from here on nobody links it, takes it off or declines
    session.execute(select(DocumentRow.id).where(DocumentRow.id == row.id).with_for_update(key_share=True))
    stand = standing(session, row.id)
    wanted = [
        {
            "rank": rank,
            "case_id": one.case,
            "sop": one.sop,
            "step": one.step,
            "score": one.score,
            "reasons": list(one.reasons),
            "waits": not stand.linked,
        }
        for rank, one in enumerate(one for one in found if not stand.settles(one))
    ]
    columns = [getattr(CaseProposalRow, name) for name in wanted[0]] if wanted else [CaseProposalRow.rank]
    query = select(*columns).where(CaseProposalRow.document_id == row.id).order_by(CaseProposalRow.rank)
    there = [dict(one) for one in session.execute(query).mappings()]
    if there == wanted:
        return
    if there:
        session.execute(delete(CaseProposalRow).where(CaseProposalRow.document_id == row.id))
    if wanted:
        own = {"document_id": row.id, "document_seq": row.seq, "unit": row.unit}
        session.execute(insert(CaseProposalRow), [one | own for one in wanted])


def due(session: Session, limit: int) -> list[UUID]:
    """Cases of which something changed since letters were sought for them, the longest waiting first."""
    query = select(CaseFileRow.id).where(CaseFileRow.seek_since.is_not(None)).order_by(CaseFileRow.seek_since)
    return list(session.scalars(query.limit(limit)))


def sought(session: Session, case: UUID, since: datetime | None = None) -> None:
    """Say that letters were sought for the case; with `since`, unless it changed again meanwhile."""
    change = update(CaseFileRow).where(CaseFileRow.id == case)
    if since is not None:
        change = change.where(CaseFileRow.seek_since == since)
    session.execute(change.values(seek_since=None).execution_options(synchronize_session=False))


def letters_of(session: Session, told: CaseKeys, key: str) -> list[UUID]:
    """The letters that may be for the case and are linked to none, the likeliest first; of many the newest."""
    if told.closed:
        return []
    weights = dict.fromkeys(keys.of_name(told.name), _PART)
    if told.nik is not None:
        weights[keys.of_nik(told.nik)] = _NIK
    for _, number in told.numbers:
        weights |= dict.fromkeys(keys.of_quote(number), _NUMBER)
    asked = {
        "values": keys.values(key, told.unit, weights),
        "weights": list(weights.values()),
        "unit": told.unit,
        "clearance": told.clearance,
        "newest": _NEWEST,
        "least": _LEAST,
        "most": _MOST_LETTERS,
    }
    found = [
        document
        for document, name, weight in session.execute(_LETTERS, asked)
        if weight >= _NUMBER or names.alike(name or "", told.name) >= ALIKE_WITH_BIRTH
    ]
    return list(dict.fromkeys([*session.scalars(_named(told.case)), *found]))


def _named(case: UUID) -> Any:
    """Letters that a code leads to the case, whatever else they say: those proposed for it by now, and sheets of
    disposition of its letters; of those that are linked to nothing."""
    own = select(CaseLetterRow.document_id).where(CaseLetterRow.case_id == case, CaseLetterRow.removed_at.is_(None))
    other = aliased(CaseLetterRow)
    linked = select(other.id).where(other.document_id == AgendaSheetRow.document_id, other.removed_at.is_(None))
    sheets = (
        select(AgendaSheetRow.document_id)
        .join(AgendaEntryRow, AgendaEntryRow.id == AgendaSheetRow.entry_id)
        .where(AgendaEntryRow.document_id.in_(own), ~linked.exists())
    )
    waiting = select(CaseProposalRow.document_id).where(CaseProposalRow.case_id == case, CaseProposalRow.waits)
    return union(waiting, sheets)
