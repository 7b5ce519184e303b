"""The page Cari. What is asked for comes as a form and stands in addresses only sealed (docs/adr/0032)."""

from dataclasses import replace
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from access.roles import Right
from api.casework import identity_key
from api.finding import MOST_LETTERS, Asked, Found, bagged, find, page_address, taken_out
from api.foundfile import bag, table
from api.web.pages import ChangingVisitor, ReadingVisitor, render
from api.web.searchhelp import EXAMPLES
from archive import documents
from classify.rules import labels
from core.db import transaction
from search import saved
from search.facets import NAMES
from search.query import Sort

router = APIRouter(include_in_schema=False)

_HITS: Final = 10
Address = Annotated[str, Query(max_length=4000)]
Sealed = Annotated[str, Form(max_length=4000)]
Words = Annotated[str, Form(max_length=MOST_LETTERS)]


class Change(BaseModel):
    """What a button of the results asks: a near word off (`tanpa`) or on again (`pakai`), narrowing to a facet's value
    (`saring`, name:value) or not (`lepas`), an order."""

    csrf: str = ""
    c: str = Field("", max_length=4000)
    tanpa: str = Field("", max_length=MOST_LETTERS)
    pakai: str = Field("", max_length=MOST_LETTERS)
    saring: str = Field("", max_length=MOST_LETTERS)
    lepas: str = Field("", max_length=MOST_LETTERS)
    urut: Sort | None = None


@router.get("/cari")
def search_page(request: Request, visitor: ReadingVisitor, c: Address = "") -> Response:
    """Search, and what it found."""
    account = visitor.account
    asked = Asked.opened(account, c) if c else Asked("")
    found = find(account, asked, _HITS, facets=True, letters=True) if asked.words else None
    with transaction(account.context) as session:
        kept = saved.mine(session, account, identity_key())
    following = found.results.next if found else None
    plain = asked.from_start
    mark = plain.address(account) if found else ""
    return render(
        request,
        "cari.html",
        asked=asked,
        chosen=[(f"{name}:{value}", _label(found, name, value)) for name, value in asked.chosen],
        taken={name: [value for of, value in asked.chosen if of == name] for name in NAMES},
        examples=EXAMPLES,
        found=found,
        first=asked.is_first,
        kept=[(one, [_named(*pair) for pair in Asked.of(one.asked).chosen]) for one in kept],
        is_kept=any(one.asked == plain.told for one in kept),
        may_export=account.may(Right.EXPORT),
        again=f"/cari?c={mark}",
        onward=f"/cari?c={replace(asked, cursor=following).address(account)}" if following else None,
        mark=mark,
        address=page_address,
    )


def _label(found: Found | None, name: str, value: str) -> str:
    """What people read of a value that was chosen."""
    values = [one for facet in (found.results.facets if found else ()) if facet.name == name for one in facet.values]
    return next((one.label for one in values if one.value == value), _named(name, value))


def _named(name: str, value: str) -> str:
    """The same where nothing was counted: of a case only that it is one, for its name is in what may be counted."""
    step = value.rpartition("/")[2]
    return {"jenis": labels().get(value, value), "kasus": "satu kasus", "langkah": f"langkah {step}"}.get(name, value)


@router.post("/cari")
def ask(visitor: ChangingVisitor, q: Words = "") -> Response:
    """To what is found: sent as a form, so that no name stands in an address."""
    visitor.account.require(Right.READ)
    words = q.strip()
    return RedirectResponse(f"/cari?c={Asked(words).address(visitor.account)}" if words else "/cari", 303)


@router.post("/cari/ubah")
def change(visitor: ChangingVisitor, wanted: Annotated[Change, Form()]) -> Response:
    """To the same search without a near word or with it again, narrowed or not, in another order."""
    visitor.account.require(Right.READ)
    asked = Asked.opened(visitor.account, wanted.c).from_start
    off = dict.fromkeys(word for word in (*asked.off, wanted.tanpa) if word and word != wanted.pakai)
    chosen = dict.fromkeys((*asked.chosen, _pair(wanted.saring))) if wanted.saring else dict.fromkeys(asked.chosen)
    chosen.pop(_pair(wanted.lepas), None)
    changed = replace(asked, off=tuple(off), chosen=tuple(chosen), sort=wanted.urut or asked.sort)
    _ = changed.filters  # refused here, before it stands in an address
    return RedirectResponse(f"/cari?c={changed.address(visitor.account)}", 303)


def _pair(said: str) -> tuple[str, str]:
    name, _, value = said.partition(":")
    return name, value


@router.post("/cari/simpan")
def save(visitor: ChangingVisitor, c: Sealed = "") -> Response:
    """Keep the search, to be told of new hits."""
    visitor.account.require(Right.READ)
    asked = Asked.opened(visitor.account, c)
    with transaction(visitor.account.context) as session:
        saved.save(session, visitor.account, identity_key(), asked.from_start.told)
    return RedirectResponse(f"/cari?c={c}", 303)


@router.get("/cari/simpan/{search:uuid}")
def open_saved(search: UUID, visitor: ReadingVisitor) -> Response:
    """To what a saved search finds now; what is new in it is seen with that."""
    account = visitor.account
    with transaction(account.context) as session:
        asked = saved.open_again(session, account, identity_key(), search)
    return RedirectResponse(f"/cari?c={Asked.of(asked).address(account)}", 303)


@router.post("/cari/simpan/{search:uuid}/hapus")
def forget(search: UUID, visitor: ChangingVisitor) -> Response:
    """Keep it no longer."""
    visitor.account.require(Right.READ)
    with transaction(visitor.account.context) as session:
        saved.remove(session, visitor.account, search)
    return RedirectResponse("/cari", 303)


@router.post("/cari/ekspor")
def export(
    visitor: ChangingVisitor, c: Sealed = "", bentuk: Annotated[Literal["csv", "xlsx", "zip"], Form()] = "csv"
) -> Response:
    """All that is found as a table, or as a bag."""
    account = visitor.account
    account.require(Right.READ)
    asked = Asked.opened(account, c)
    return bag(bagged(account, asked)) if bentuk == "zip" else table(taken_out(account, asked, bentuk), bentuk)


@router.post("/arsip/{document:uuid}/tandai")
def mark(document: UUID, visitor: ChangingVisitor, q: Words = "") -> Response:
    """To the letter with those words marked. Raises NotFound."""
    visitor.account.require(Right.READ)
    with transaction(visitor.account.context) as session:
        documents.find(session, document)
    words = q.strip()
    return RedirectResponse(page_address(document, 1, Asked(words).address(visitor.account) if words else ""), 303)
