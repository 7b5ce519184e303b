"""Letters that may be scans of one paper: finding them by their marks, and what a person said of each pair.

Whoever may not see both letters of a pair sees no pair (row-level policies). Both letters are kept in any case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import ledger
from archive.stacks import MAY_BE_LETTER
from archive.tables import DocumentRow, PageRow, TwinRow
from core.faults import CheckedMeanwhile, NotFound

Decision = Literal["same", "different"]

# A mark that more letters have tells nothing: what a letterhead prints, or a busy official's name
MOST_WITH_A_MARK: Final = 100
LEAST_SHARED: Final = 2  # marks; one is chance
MOST_CANDIDATES: Final = 8
# Letters of one case share its people whatever their kind: so much more a shared mark says between two of one kind
SAME_KIND: Final = 10
# What is read of a letter to compare it: hostile files hold megabytes of text
_MOST_PAGES: Final = 40
_MOST_LETTERS: Final = 20_000
_WAITS = TwinRow.decision.is_(None) & ~TwinRow.withdrawn
_ENTER = text(
    "INSERT INTO letter_mark (value, document_id) SELECT unnest(CAST(:values AS bigint[])), :document"
    " ON CONFLICT DO NOTHING"
)
# One step down the index for each mark, and never more than a hundred rows along it (the order sees to that), however
# large the archive is. The fewer letters share a mark, the more it says. Rows are counted before any letter is looked
# at: of a hundred letters of one form each shares hundreds of marks.
_SHARING = text(
    f"""
    WITH shared AS MATERIALIZED (
      SELECT sharing.id, sum(1 / cardinality(having_it.ids)::float8) AS says
      FROM unnest(CAST(:values AS bigint[])) AS own (value)
      CROSS JOIN LATERAL (
        SELECT array_agg(few.document_id) AS ids FROM (
          SELECT m.document_id FROM letter_mark m WHERE m.value = own.value AND m.document_id <> :document
          ORDER BY m.document_id LIMIT :most + 1
        ) AS few
      ) AS having_it
      CROSS JOIN LATERAL unnest(having_it.ids) AS sharing (id)
      WHERE cardinality(having_it.ids) <= :most
      GROUP BY sharing.id HAVING count(*) >= :least
    )
    SELECT d.id FROM shared JOIN document d ON d.id = shared.id WHERE {MAY_BE_LETTER}
    ORDER BY shared.says * CASE WHEN d.kind = :kind THEN :same_kind ELSE 1 END DESC, d.id
    LIMIT :candidates"""  # noqa: S608 - constants of the program only
)


@dataclass(frozen=True, slots=True)
class Content:
    """What is compared of a letter: see classify/twins.py."""

    kind: str | None
    fields: dict[str, Any]
    text: str
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """Another letter that may be the same, how likely (0…1) and why, in words for clerks."""

    document: UUID
    score: float
    reasons: tuple[str, ...]


def _values(unit: str, marks: Iterable[str]) -> list[int]:
    """The marks as they are stored: of one unit, so that other units' letters are not even met."""
    digests = (blake2b(f"{unit}\0{mark}".encode(), digest_size=8).digest() for mark in marks)
    return sorted(int.from_bytes(digest, signed=True) for digest in digests)


def enter_marks(session: Session, row: DocumentRow, marks: Iterable[str]) -> None:
    """Let the letter be found by these marks too. Commit before asking for candidates: of two letters that are filed at
    once, one then finds the other."""
    session.execute(_ENTER, {"values": _values(row.unit, marks), "document": row.id})


def candidates(session: Session, row: DocumentRow, marks: Iterable[str]) -> list[UUID]:
    """Letters of the unit to compare with: those that share the most telling marks, and those of undecided pairs."""
    asked = {
        "values": _values(row.unit, marks),
        "document": row.id,
        "most": MOST_WITH_A_MARK,
        "least": LEAST_SHARED,
        "candidates": MOST_CANDIDATES,
        "kind": row.kind,
        "same_kind": SAME_KIND,
    }
    sharing = session.scalars(_SHARING, asked)
    pairs = session.execute(select(TwinRow.first_id, TwinRow.second_id).where(_of(row.id), _WAITS))
    proposed = (second if first == row.id else first for first, second in pairs)
    return list(dict.fromkeys([*sharing, *proposed]))


def contents(session: Session, documents: Sequence[UUID]) -> dict[UUID, Content]:
    """What is compared of these letters, those of them that are visible."""
    pages: dict[UUID, list[Any]] = {document: [] for document in documents}
    beginning = func.left(PageRow.text, _MOST_LETTERS).label("text")
    picture = PageRow.reading["picture"].astext.label("picture")
    read = select(PageRow.document_id, beginning, picture).order_by(PageRow.document_id, PageRow.number)
    asked = PageRow.document_id.in_(documents) & PageRow.read_at.is_not(None) & (PageRow.number <= _MOST_PAGES)
    for page in session.execute(read.where(asked)):
        pages[page.document_id].append(page)
    rows = session.execute(select(DocumentRow.id, DocumentRow.kind, DocumentRow.fields).where(_in(documents)))
    return {
        row.id: Content(
            kind=row.kind,
            fields=row.fields,
            text="\n".join(page.text or "" for page in pages[row.id]),
            pictures=tuple(page.picture for page in pages[row.id] if page.picture is not None),
        )
        for row in rows
    }


def _in(documents: Sequence[UUID]) -> Any:
    return DocumentRow.id.in_(documents)


def _of(document: UUID) -> Any:
    return or_(TwinRow.first_id == document, TwinRow.second_id == document)


def propose(session: Session, row: DocumentRow, alike: Sequence[Alike]) -> None:
    """Show a person these letters beside this one. What was decided stays so; what was proposed earlier and is no
    longer alike is taken back."""
    seqs = select(DocumentRow.id, DocumentRow.seq).where(_in([one.document for one in alike]))
    came = {found.id: found.seq for found in session.execute(seqs)}
    kept = [_propose(session, row, one, came[one.document]) for one in alike]
    past = tuple_(TwinRow.first_id, TwinRow.second_id).not_in(kept)
    session.execute(update(TwinRow).where(_of(row.id), _WAITS, past).values(withdrawn=True))


def _propose(session: Session, row: DocumentRow, one: Alike, came: int) -> tuple[UUID, UUID]:
    first, second = (row.id, one.document) if row.seq < came else (one.document, row.id)
    said = {"score": one.score, "reasons": list(one.reasons), "withdrawn": False}
    pair = insert(TwinRow).values(first_id=first, second_id=second, **said)
    session.execute(
        pair.on_conflict_do_update(
            index_elements=["first_id", "second_id"], set_=said, where=TwinRow.decision.is_(None)
        )
    )
    return first, second


def of_document(session: Session, document: UUID) -> list[TwinRow]:
    """The visible pairs of a letter, decided or waiting, oldest first."""
    standing = or_(_WAITS, TwinRow.decision.is_not(None))
    return list(session.scalars(select(TwinRow).where(_of(document), standing).order_by(TwinRow.seq)))


def undecided(session: Session, *, after: int = 0, limit: int = 50) -> list[TwinRow]:
    """At most `limit` visible pairs that wait for a person, oldest first, with `seq` above `after`."""
    waiting = select(TwinRow).where(_WAITS, TwinRow.seq > after)
    return list(session.scalars(waiting.order_by(TwinRow.seq).limit(limit)))


def last_decided(session: Session, limit: int) -> list[TwinRow]:
    """The visible pairs that people said something of last, newest first: where a slip is taken back."""
    decided = select(TwinRow).where(TwinRow.decision.is_not(None))
    return list(session.scalars(decided.order_by(TwinRow.decided_at.desc()).limit(limit)))


def undecided_count(session: Session) -> int:
    """How many visible pairs wait for a person."""
    return session.scalar(select(func.count()).select_from(TwinRow).where(_WAITS)) or 0


def find(session: Session, twin: UUID) -> TwinRow:
    """The pair, if both its letters are visible. Raises NotFound."""
    row = session.get(TwinRow, twin)
    if row is None:
        raise NotFound
    return row


def decide(session: Session, account: Account, twin: UUID, decision: Decision | None) -> TwinRow:
    """Take a person's word that the two letters are the same or different; None takes it back.

    Saying again what was said changes nothing. Raises NotFound; CheckedMeanwhile when somebody said otherwise: that has
    to be taken back first.
    """
    row = session.scalar(select(TwinRow).where(TwinRow.id == twin).with_for_update())
    if row is None:
        raise NotFound
    if row.decision == decision:
        return row
    if None not in (row.decision, decision):
        raise CheckedMeanwhile
    said: dict[str, Any] = {"decision": None, "decided_by": None, "decided_at": None}
    if decision is not None:
        said = {"decision": decision, "decided_by": account.id, "decided_at": func.now()}
    session.execute(update(TwinRow).where(TwinRow.id == twin).values(said))
    _enter(session, account, row, decision)
    session.refresh(row)
    return row


def _enter(session: Session, account: Account, row: TwinRow, decision: Decision | None) -> None:
    """In the history of both letters; but who sees only the lower one's must not learn that there is a higher one."""
    both = select(DocumentRow.id, DocumentRow.clearance).where(_in([row.first_id, row.second_id]))
    levels = {found.id: found.clearance for found in session.execute(both)}
    for one, other in ((row.first_id, row.second_id), (row.second_id, row.first_id)):
        if levels[one] == max(levels.values()):
            ledger.append(
                session,
                "twin_decided",
                actor=account.id,
                document=one,
                twin=str(other),
                decision=decision or "undecided",
            )
