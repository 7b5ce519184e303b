"""What bucket and database say of each other: which objects a document must have, which of them nobody knows, and
what of it is known to people (docs/adr/0025)."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from archive import ledger, objects
from archive.envelope import sealed_size
from archive.keytables import DocumentKeyRow, StoreFindingRow, StoreRunRow
from archive.prooftables import StoredObjectRow
from archive.tables import DocumentRow

LEASE_SECONDS: Final = 300
# What people are told of each kind of finding
WHAT: Final = {
    "object_without_row": "Objek tanpa catatan di basis data",
    "row_without_object": "Surat yang objeknya tidak ada di penyimpanan",
    "wrong_size": "Ukuran objek tidak cocok",
    "wrong_lock": "Kunci objek kurang lama dan tidak bisa diperpanjang",
    "wrong_hold": "Penahanan tidak bisa disamakan di penyimpanan",
    "snapshots_of_another_database": "Basis data tidak dipotret lagi: di penyimpanan ada potret basis data lain",
    "checkpoint_refused": "Buku besar tidak ditandatangani lagi: isinya bukan yang dulu ditandatangani",
}
# What workers meet beside the nightly comparison: it says nothing of these
_ALARMS: Final = ("snapshots_of_another_database", "checkpoint_refused")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the two do not agree on."""

    what: str
    object: str
    version: str
    document: UUID | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a document must have in the store: names with versions, and the size of those whose size is known."""

    document: UUID
    file: UUID
    objects: dict[tuple[str, str], int | None]
    destroyed: bool


_CLAIM = text(
    "UPDATE store_run SET lease_until = now() + make_interval(secs => :seconds)"
    " WHERE finished_at IS NULL AND (lease_until IS NULL OR lease_until < now())"
    " RETURNING id, position"
)
_SEEN = text(
    "INSERT INTO store_finding AS f (object, version, what, document_id) VALUES (:object, :version, :what, :document)"
    " ON CONFLICT (object, version, what) DO UPDATE SET seen_at = now(),"
    " found_at = CASE WHEN f.settled_at IS NULL THEN f.found_at ELSE now() END, settled_at = NULL"
    " RETURNING found_at = now()"
)
# A restored store has other versions than the ledger names (docs/adr/0028)
_OTHERS = text(
    "SELECT t.name, COALESCE(r.version, t.version) AS version FROM ledger l"
    " CROSS JOIN LATERAL (VALUES (l.body::jsonb ->> 'object',"
    " COALESCE(l.body::jsonb ->> 'pdf_version', l.body::jsonb ->> 'version')),"
    " (l.body::jsonb ->> 'manifest', l.body::jsonb ->> 'version')) AS t(name, version)"
    " LEFT JOIN restored_version r ON r.key = t.name AND r.was = t.version"
    " WHERE l.document = :document AND l.action IN ('received', 'sealed') AND t.name IS NOT NULL"
)
_PLAIN_UNKNOWN = text(
    "SELECT n FROM unnest(CAST(:digests AS text[])) AS t(n)"
    " WHERE NOT EXISTS (SELECT FROM document d WHERE d.sha256 = n)"
    " AND NOT EXISTS (SELECT FROM document d WHERE d.pdf_sha256 = n)"
    " AND NOT EXISTS (SELECT FROM ledger l WHERE l.action = 'sealed' AND l.body::jsonb ->> 'pdf' = n)"
)


def begin(session: Session) -> None:
    """A new run."""
    session.add(StoreRunRow())


def newest(session: Session) -> StoreRunRow | None:
    """The run that began last, if the asker may see it."""
    return session.scalar(select(StoreRunRow).order_by(StoreRunRow.started_at.desc()).limit(1))


def last_finished(session: Session) -> StoreRunRow | None:
    """The last run that came to its end, if the asker may see it."""
    finished = select(StoreRunRow).where(StoreRunRow.finished_at.is_not(None))
    return session.scalar(finished.order_by(StoreRunRow.started_at.desc()).limit(1))


def claim(session: Session) -> tuple[UUID, str] | None:
    """The unfinished run that nobody is at, and how far it has come."""
    row = session.execute(_CLAIM, {"seconds": LEASE_SECONDS}).first()
    return (row[0], row[1]) if row else None


def came_to(session: Session, run: UUID, position: str, *, objects: int, repaired: int, found: int) -> None:
    """Keep how far a run has come, and what it saw since it was last kept."""
    session.execute(
        update(StoreRunRow)
        .where(StoreRunRow.id == run)
        .values(
            position=position,
            objects=StoreRunRow.objects + objects,
            repaired=StoreRunRow.repaired + repaired,
            found=StoreRunRow.found + found,
        )
    )


def give_back(session: Session, run: UUID) -> None:
    """Let any worker go on with a run."""
    session.execute(update(StoreRunRow).where(StoreRunRow.id == run).values(lease_until=None))


def finish(session: Session, run: UUID) -> None:
    """End a run: what it did not see any more is settled; with its event."""
    row = session.get_one(StoreRunRow, run, populate_existing=True)
    session.execute(
        text(
            "UPDATE store_finding SET settled_at = now()"
            " WHERE settled_at IS NULL AND seen_at < :started AND what <> ALL (:alarms)"
        ),
        {"started": row.started_at, "alarms": list(_ALARMS)},
    )
    session.execute(text("UPDATE store_run SET finished_at = now(), lease_until = NULL WHERE id = :run"), {"run": run})
    ledger.append(
        session,
        "store_compared",
        actor=ledger.WORKER,
        objects=row.objects,
        repaired=row.repaired,
        found=row.found,
    )


def found(session: Session, finding: Finding) -> None:
    """Keep a finding, with an event when it is new."""
    values = {
        "object": finding.object,
        "version": finding.version,
        "what": finding.what,
        "document": finding.document,
    }
    if session.execute(_SEEN, values).scalar_one():
        ledger.append(
            session,
            "store_disagrees",
            actor=ledger.WORKER,
            document=finding.document,
            what=finding.what,
            object=finding.object,
            version=finding.version,
        )


def over(session: Session, what: str) -> None:
    """What stopped some work stops it no more."""
    session.execute(
        text("UPDATE store_finding SET settled_at = now() WHERE settled_at IS NULL AND what = :what"), {"what": what}
    )


def standing(session: Session, most: int) -> list[StoreFindingRow]:
    """At most so many findings that still stand, oldest first, if the asker may see them."""
    rows = select(StoreFindingRow).where(StoreFindingRow.settled_at.is_(None)).order_by(StoreFindingRow.found_at)
    return list(session.scalars(rows.limit(most)))


def count(session: Session) -> int:
    """How many findings stand."""
    return session.scalar(select(func.count()).where(StoreFindingRow.settled_at.is_(None))) or 0


def documents_after(session: Session, after: str, most: int) -> list[Expected]:
    """What the next documents must have in the store, by their ids; `after` is an id, or nothing for the first."""
    rows = session.execute(
        select(DocumentRow, DocumentKeyRow.wrapped.is_not(None), DocumentKeyRow.destroyed_at.is_not(None))
        .outerjoin(DocumentKeyRow, DocumentKeyRow.document_id == DocumentRow.id)
        .where(DocumentRow.id > UUID(after or "0" * 32))
        .order_by(DocumentRow.id)
        .limit(most)
    )
    return [_expected(row, has_key, destroyed) for row, has_key, destroyed in rows]


def _expected(row: DocumentRow, has_key: bool, destroyed: bool) -> Expected:
    wanted: dict[tuple[str, str], int | None] = {}
    key = b"" if has_key else None  # names only: nothing is opened here
    if destroyed:
        return Expected(row.id, row.file_id, wanted, destroyed)
    if row.part_of is None:
        name = objects.content_name(row.sha256) if key is None else objects.original_at(row.id, key).name
        wanted[name, row.original_version] = row.size if key is None else sealed_size(row.size)
    if row.stage == "sealed" and row.pdf_sha256 and row.manifest_key:
        wanted[objects.pdf_at(row.id, row.pdf_sha256, key).name, row.pdf_version or ""] = None
        wanted[row.manifest_key, row.manifest_version or ""] = None
    return Expected(row.id, row.file_id, wanted, destroyed)


def earlier(session: Session, document: UUID) -> set[tuple[str, str]]:
    """Objects that the ledger names of a document, those of earlier seals too, and those that went bad and were
    repaired under another version."""
    named = {(row.name, row.version) for row in session.execute(_OTHERS, {"document": document})}
    columns = (StoredObjectRow.key, StoredObjectRow.version)
    read = session.execute(select(*columns).where(StoredObjectRow.document_id == document))
    return named | {(name, version) for name, version in read}


def plain_unknown(session: Session, digests: list[str]) -> set[str]:
    """Of these digests of plain objects, those that no document has or had."""
    return set(session.scalars(_PLAIN_UNKNOWN, {"digests": digests}))
