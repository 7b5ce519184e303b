"""Search."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import Reader
from api.finding import MOST_LETTERS, Asked, find
from api.schemas import search as schemas

router = APIRouter(tags=["search"])


@router.get("/search")
def search_pages(
    account: Reader,
    q: Annotated[str, Query(min_length=1, max_length=MOST_LETTERS, examples=["surat keterangan terlantar"])],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> schemas.SearchResults:
    """Pages with all the words (`"…"` for words in a row, `-kata` for without it), newest letter first.

    Addresses are kept by browsers and proxies: ask for people by POST."""
    return schemas.search_results(account, Asked(q), find(account, Asked(q, cursor), limit))


@router.post("/search")
def search_unseen(account: Reader, asked: schemas.SearchAsked) -> schemas.SearchResults:
    """The same, with what is asked for in the body, where no address tells it."""
    found = find(account, Asked(asked.q, asked.cursor), asked.limit)
    return schemas.search_results(account, Asked(asked.q), found)
