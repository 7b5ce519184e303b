"""In which order rows are locked: pages before their document, everywhere, so that no two wait for each other."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.tables import PageRow


def lock_pages(session: Session, documents: Collection[UUID]) -> None:
    """Lock all pages of these documents until the transaction ends.

    Whoever records a page has its row first and then counts it in the document's; and a letter's kind and fields, once
    changed, are changed on its pages by a trigger. So what changes these locks the pages before it locks the document.
    """
    session.execute(select(PageRow.id).where(PageRow.document_id.in_(documents)).order_by(PageRow.id).with_for_update())
