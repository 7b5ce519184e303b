"""The desk Periksa: which letters wait for a person, and what the person said of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import ledger
from archive.pagelock import lock_pages
from archive.tables import ConfirmationRow, DocumentRow, LedgerRow
from core.faults import CheckedMeanwhile, NotFound, NotReady, PagesElsewhere
from core.settings import settings

# What a letter is found and linked by later: a mistake here costs more than one in a telephone number
IDENTIFYING: Final = frozenset({"nik", "nama", "nomor_surat", "tanggal", "perihal"})
KIND_IN_DOUBT: Final = 3  # of `doubt`
# Being worth a step more in `doubt` is as good as having come so many letters earlier
_WORTH_LETTERS = 50
_ASKED = (DocumentRow.doubt > 0) | DocumentRow.sampled
_WAITS = _ASKED & DocumentRow.checked_at.is_(None) & DocumentRow.stage.in_(("filed", "sealed"))

_AT_THE_DESK_MINUTES = 3
# A letter may be checked while it is read anew or sealed: whoever holds it then loses its lease and does it again
CHECKABLE: Final = frozenset({"read", "filed", "sealed"})
ANY_TIME: Final = datetime.min.replace(tzinfo=UTC)  # a program that does not say when it looked

Fields = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of a letter: its kind and all its fields, as stored.

    `read` are the fields as they were shown, `looked_at` the names of those the person had before their eyes, `seen`
    when the letter had last been checked as they saw it (ANY_TIME: not asked).
    """

    kind: str
    fields: Fields
    read: Fields
    looked_at: frozenset[str]
    seen: datetime | None = ANY_TIME


def doubt_of(kind_sure: bool, fields: Fields, must: Iterable[str] = ()) -> int:
    """How much a person is needed: 0 not at all, 1 for a field, 2 for a field that identifies, 3 for the kind.

    `must` are fields that a letter of the kind has: not finding one is a doubt.
    """
    if not kind_sure:
        return KIND_IN_DOUBT
    unsure = {name for name, field in fields.items() if not field["sure"]} | (set(must) - fields.keys())
    return 2 if unsure & IDENTIFYING else 1 if unsure else 0


def waiting(session: Session, limit: int) -> list[DocumentRow]:
    """Visible letters that wait for a person, those first that wait longest and matter most."""
    urgency = DocumentRow.seq - _WORTH_LETTERS * DocumentRow.doubt
    rows = session.scalars(select(DocumentRow).where(_WAITS).order_by(urgency).limit(limit))
    return list(rows)


def waiting_count(session: Session) -> int:
    """How many visible letters wait for a person."""
    return session.scalar(select(func.count()).select_from(DocumentRow).where(_WAITS)) or 0


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often reading was right, of what people confirmed in one month of one kind of letter and one field.

    `told` of them people confirmed or corrected, `right` the machine had read as they said; `sure` of them it would
    have filed unasked, `sure_right` rightly.
    """

    month: date
    kind: str
    name: str
    told: int
    right: int
    sure: int
    sure_right: int


# What was read at first against what was said at last: a second correction changes the truth, not the reading. What
# was neither read nor said is no fact: counting it would flatter the reader
_ACCURACY = text("""
    SELECT CAST(date_trunc('month', at AT TIME ZONE :zone) AS date) AS month, kind, name, count(*) AS told,
      count(*) FILTER (WHERE read IS NOT DISTINCT FROM said) AS "right", count(*) FILTER (WHERE sure) AS sure,
      count(*) FILTER (WHERE sure AND read IS NOT DISTINCT FROM said) AS sure_right
    FROM (SELECT name, min(at) AS at, (array_agg(read ORDER BY at))[1] AS read,
            (array_agg(sure ORDER BY at))[1] AS sure, (array_agg(said ORDER BY at DESC))[1] AS said,
            (array_agg(kind ORDER BY at DESC))[1] AS kind
          FROM confirmation GROUP BY document_id, name) AS facts
    WHERE read IS NOT NULL OR said IS NOT NULL
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""")


def accuracy(session: Session) -> list[Accuracy]:
    """How often reading was right, of visible letters that people confirmed, oldest month first."""
    rows = session.execute(_ACCURACY, {"zone": settings().timezone})
    return [Accuracy(*row) for row in rows]


def opened_by_others(session: Session, account: Account, documents: Iterable[UUID]) -> set[UUID]:
    """Those of the letters that somebody else looked at in the last minutes: two people need not check one letter."""
    since = func.now() - timedelta(minutes=_AT_THE_DESK_MINUTES)
    rows = session.scalars(
        select(LedgerRow.document)
        .where(LedgerRow.document.in_(list(documents)), LedgerRow.action == "text_viewed", LedgerRow.at > since)
        .where(LedgerRow.body.not_like(f'%"actor":"{account.id}"%'))
    )
    return {document for document in rows if document is not None}


def confirm(session: Session, account: Account, document: UUID, told: Told) -> DocumentRow:
    """Take a person's word for what the letter is and says; it is sealed anew, with a further manifest.

    Raises NotFound; NotReady while the letter is not filed, or held; PagesElsewhere for a stack that was split;
    CheckedMeanwhile when `told.seen` is not when it was last checked.
    """
    lock_pages(session, [document])
    row = session.scalar(select(DocumentRow).where(DocumentRow.id == document).with_for_update(key_share=True))
    if row is None:
        raise NotFound
    if row.is_stack or row.is_joined_back:
        raise PagesElsewhere
    if row.kind is None or row.stage not in CHECKABLE:
        raise NotReady(stage=row.stage)
    if told.seen != ANY_TIME and told.seen != row.checked_at:
        raise CheckedMeanwhile
    nothing: Mapping[str, Any] = {}
    was = {"value": row.kind, "sure": row.verdict.get("sure", False), "confidence": row.kind_confidence}
    before = {**told.read, "kind": was}
    after = {**told.fields, "kind": {"value": told.kind}}
    said = [
        {
            "document_id": document,
            "account_id": account.id,
            "kind": told.kind,
            "name": name,
            "read": before.get(name, nothing).get("value"),
            "said": after.get(name, nothing).get("value"),
            "sure": before.get(name, nothing).get("sure", False),
            "confidence": before.get(name, nothing).get("confidence") or 0.0,
        }
        for name in sorted(told.looked_at | {"kind"})
    ]
    session.execute(insert(ConfirmationRow), said)
    session.execute(
        update(DocumentRow)
        .where(DocumentRow.id == document)
        .values(
            kind=told.kind,
            kind_confidence=1.0,
            fields=dict(told.fields),
            checked_at=func.now(),
            stage="filed",
            sealed_at=None,
            manifest_key=None,
            manifest_version=None,
            attempts=0,
            lease=None,
            lease_owner=None,
            lease_until=None,
        )
    )
    corrected = [one["name"] for one in said if one["read"] != one["said"]]
    ledger.append(session, "checked", actor=account.id, document=document, kind=told.kind, corrected=corrected)
    session.refresh(row)
    return row
