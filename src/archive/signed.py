"""Signatures of letters in the database: which were judged by other roots, and what is found of them now."""

from collections.abc import Sequence

from sqlalchemy import cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import Session

from archive.signatures import Signature
from archive.tables import DocumentRow


def judged_otherwise(session: Session, roots: str, limit: int) -> list[DocumentRow]:
    """Letters with a signer whom no root knew, and who were judged by another set of roots than this; oldest first."""
    path = '$[*] ? (@.why == "untrusted" && @.roots != $roots)'
    wanted = func.jsonb_path_exists(
        DocumentRow.signatures, cast(path, JSONPATH), func.jsonb_build_object("roots", roots)
    )
    query = select(DocumentRow).where(DocumentRow.signatures.is_not(None), wanted).order_by(DocumentRow.seq)
    return list(session.scalars(query.limit(limit)))


def record(session: Session, row: DocumentRow, found: Sequence[Signature]) -> None:
    """Keep what was found now; of a letter that was destroyed meanwhile nothing."""
    told = [one.to_json() for one in found]
    still = (DocumentRow.id == row.id) & DocumentRow.signatures.is_not(None)
    session.execute(update(DocumentRow).where(still).values(signatures=told))
