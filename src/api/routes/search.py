"""Search."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from access.accounts import Account
from api.auth import Reader
from api.casework import identity_key
from api.finding import Asked, bagged, find, taken_out
from api.foundfile import DOCUMENTED, bag, table
from api.schemas import search as schemas
from core.db import transaction
from search import saved
from search.similar import similar
from search.suggesting import suggest

router = APIRouter(tags=["search"])


@router.get("/search", response_model=schemas.SearchResults)
def search_pages(account: Reader, asked: Annotated[schemas.SearchAddress, Query()]) -> Response:
    """Pages with all the words (`"…"` for words in a row, `-kata` for without it, `nama:` and other fields as
    docs/searching.md has them), newest letter first; behind them pages with near words in their place.

    Addresses are kept by browsers and proxies: ask for people by POST."""
    return _found(account, asked.asked, asked)


@router.post("/search", response_model=schemas.SearchResults)
def search_unseen(account: Reader, asked: schemas.SearchAsked) -> Response:
    """The same, with what is asked for in the body, where no address tells it."""
    return _found(account, asked.asked, asked)


def _found(account: Account, asked: Asked, part: schemas.Part) -> Response:
    wanted = replace(asked, cursor=part.cursor, sort=part.sort)
    results = schemas.search_results(account, asked, find(account, wanted, part.limit, facets=part.facets))
    # as FastAPI would write them, which checks them once more, and in a thread again
    return Response(results.model_dump_json(), media_type="application/json")


@router.post("/search/suggestions")
def suggestions(account: Reader, asked: schemas.Begun) -> schemas.Suggestions:
    """Names, numbers, places, kinds and words that begin so, from three letters on, out of letters the asker may see.

    What is being typed is no search yet: the ledger is told of the search that follows (docs/searching.md)."""
    with transaction(account.context) as session:
        found = suggest(session, asked.begun)
    return schemas.Suggestions(suggestions=[schemas.Suggested(text=one.text, kind=one.kind) for one in found])


@router.get("/documents/{document}/similar")
def similar_letters(document: UUID, account: Reader) -> schemas.SimilarLetters:
    """Letters of the same case, from the same sender or of similar words, of those that the asker may see."""
    with transaction(account.context) as session:
        found = similar(session, document)
    return schemas.SimilarLetters(
        similar=[schemas.Similar(document=one.document, score=one.score, reasons=list(one.reasons)) for one in found]
    )


@router.post("/search/export", response_class=Response, responses=DOCUMENTED)
def export_found(account: Reader, asked: schemas.ExportAsked) -> Response:
    """All that is found as CSV or XLSX (at most 2,000 pages), or as a BagIt bag with each letter's searchable PDF (at
    most 200 letters; for whoever may export). Identity numbers are hidden; it is entered in the ledger."""
    if asked.format == "zip":
        return bag(bagged(account, asked.asked))
    return table(taken_out(account, asked.asked, asked.format), asked.format)


@router.get("/search/saved")
def saved_searches(account: Reader) -> schemas.SavedSearches:
    """The asker's own saved searches, and how many hits came to each since it was opened."""
    with transaction(account.context) as session:
        saved.fresh_count(session, account, identity_key())
        return schemas.saved_searches(saved.mine(session, account, identity_key()))


@router.post("/search/saved", status_code=201)
def save_search(account: Reader, asked: schemas.Sought) -> schemas.SavedSearches:
    """Keep a search; the same one is kept once. At most 30."""
    with transaction(account.context) as session:
        saved.save(session, account, identity_key(), asked.asked.told)
        return schemas.saved_searches(saved.mine(session, account, identity_key()))


@router.delete("/search/saved/{search}")
def forget_search(search: UUID, account: Reader) -> schemas.SavedSearches:
    """Keep a search no longer."""
    with transaction(account.context) as session:
        saved.remove(session, account, search)
        return schemas.saved_searches(saved.mine(session, account, identity_key()))
