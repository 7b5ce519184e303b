"""Search."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import Reader
from api.schemas import search as schemas
from core.db import transaction
from core.faults import InvalidRequest
from search.query import is_cursor, search

router = APIRouter(tags=["search"])


@router.get("/search")
def search_pages(
    account: Reader,
    q: Annotated[str, Query(min_length=1, max_length=500, examples=["surat keterangan terlantar"])],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> schemas.SearchResults:
    """Pages with all the words (`"…"` for words in a row, `-kata` for without it), newest letter first."""
    if cursor is not None and not is_cursor(cursor):
        raise InvalidRequest(what="cursor")
    with transaction(account.context) as session:
        return schemas.search_results(search(session, q, limit=limit, cursor=cursor))
