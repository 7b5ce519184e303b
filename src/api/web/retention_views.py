"""Pages of retention: work lists and what falls due, schedules with their effect, holds."""

from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from access.accounts import Account, names_of
from access.roles import Right
from api import holding
from api.routes.retention import apply, day, sweep
from api.web import dueplot
from api.web.filing_views import WORDS, listed
from api.web.pages import ChangingVisitor, ReadingVisitor, RetentionVisitor, render
from api.web.tableform import PagesTable
from api.web.words import who
from core import clock
from core.db import transaction
from core.faults import InvalidRequest, TableRefused
from records.retention import holds, schedule, worklists
from records.retention.holds import Kind
from records.retention.worklists import LISTS, NEWS_DAYS, List

router = APIRouter(include_in_schema=False)

_AT_ONCE: Final = 20
_YEARS: Final = 20
_LINES: Final = 120
_EFFECTS: Final = 60
Reason = Annotated[str, Form(max_length=1000)]


@router.get("/retensi")
def retention_page(
    request: Request,
    visitor: RetentionVisitor,
    daftar: List = "habis",
    sesudah: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}\.\d{4}\.\d{1,9}\.[a-z0-9-]{1,40}$")] = None,
) -> Response:
    """What is due, list by list, and what falls due in which year."""
    account, this = visitor.account, clock.today().year
    after: tuple[date, int, int, str] | None = None
    if sesudah is not None:
        first, year, number, unit = sesudah.split(".", 3)
        after = day(first, "sesudah") or date.min, int(year), int(number), unit
    with transaction(account.context) as session:
        found = worklists.listed(session, daftar, limit=_AT_ONCE + 1, after=after)
        shown = listed(session, [one.row for one in found[:_AT_ONCE]])
        counts, news = worklists.counts(session), worklists.news(session)
        years = worklists.by_year(session, this - _YEARS, this + _YEARS)
        in_force = schedule.in_force(session)
    last = worklists.position(daftar, found[_AT_ONCE - 1].row) if len(found) > _AT_ONCE else None
    onward = {"daftar": daftar, "sesudah": ".".join(str(part) for part in last)} if last else None
    return render(
        request,
        "retensi.html",
        **WORDS,
        schedule=in_force,
        news=news,
        news_days=NEWS_DAYS,
        plot=dueplot.plot(years),
        lists=LISTS,
        counts=counts,
        chosen=daftar,
        shown=shown,
        first=sesudah is None,
        onward=f"/retensi?{urlencode(onward)}" if onward else None,
        may_read=account.may(Right.READ),
        may_retain=account.may(Right.RETAIN),
    )


@router.get("/retensi/jra")
def schedules_page(request: Request, visitor: ReadingVisitor) -> Response:
    """The schedules that were brought."""
    return _schedules(request, visitor.account)


@router.post("/retensi/jra")
def bring_schedule(request: Request, brought: PagesTable) -> Response:
    """Keep a schedule, or show every line of it that is wrong."""
    visitor, table = brought
    try:
        with transaction(visitor.account.context) as session:
            row = schedule.bring(
                session,
                visitor.account,
                table.data,
                name=table.text("nama"),
                basis=table.text("dasar"),
                valid_from=day(table.text("mulai"), "berlaku mulai") or clock.today(),
                valid_to=day(table.text("sampai"), "berlaku sampai"),
            )
    except TableRefused as refused:
        return _schedules(request, visitor.account, refused.facts["lines"])
    return RedirectResponse(f"/retensi/jra/{row.id}", 303)


@router.post("/retensi/jra/contoh")
def bring_sample(visitor: ChangingVisitor) -> Response:
    """Bring the sample schedule."""
    with transaction(visitor.account.context) as session:
        row = schedule.bring_sample(session, visitor.account)
    return RedirectResponse(f"/retensi/jra/{row.id}", 303)


@router.get("/retensi/jra/{schedule_id:uuid}")
def schedule_page(request: Request, schedule_id: UUID, visitor: ReadingVisitor) -> Response:
    """One schedule: its series, and for who may apply it what it changes."""
    account = visitor.account
    with transaction(account.context) as session:
        row, lines = schedule.find(session, schedule_id), schedule.rows(session, schedule_id)
        in_force = schedule.in_force(session)
        told = schedule.effect(session, schedule_id) if account.may(Right.RETAIN) else []
    changing = [one for one in told if one.changes]
    return render(
        request,
        "jra_satu.html",
        **WORDS,
        row=row,
        lines=lines,
        shown=_LINES,
        in_force=in_force is not None and in_force.id == row.id,
        effects=changing[:_EFFECTS],
        more_effects=max(0, len(changing) - _EFFECTS),
        changed=sum(one.berkas for one in changing),
        total=sum(one.berkas for one in told),
        may_retain=account.may(Right.RETAIN),
    )


@router.post("/retensi/jra/{schedule_id:uuid}/terapkan")
def apply_schedule(schedule_id: UUID, visitor: ChangingVisitor) -> Response:
    """Let a schedule count, and set all clocks by it."""
    apply(visitor.account, schedule_id)
    return RedirectResponse("/retensi", 303)


@router.post("/retensi/jra/{schedule_id:uuid}/akhiri")
def end_schedule(
    schedule_id: UUID, visitor: ChangingVisitor, sampai: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """Say until which day a schedule counts."""
    account = visitor.account
    account.require(Right.RETAIN)
    last = day(sampai.strip(), "hari terakhir berlaku")
    if last is None:
        raise InvalidRequest(what="hari terakhir berlaku")
    with transaction(account.context) as session:
        schedule.end(session, account, schedule_id, last)
    sweep(account)
    return RedirectResponse(f"/retensi/jra/{schedule_id}", 303)


@router.get("/retensi/penahanan")
def holds_page(
    request: Request,
    visitor: ReadingVisitor,
    dilepas: bool = False,
    sebelum: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """Holds that stand, or that were released."""
    account = visitor.account
    with transaction(account.context) as session:
        found = holds.newest(session, standing=not dilepas, limit=_AT_ONCE + 1, before=sebelum)
        people = {one.row.placed_by for one in found} | {one.row.released_by for one in found if one.row.released_by}
        names = names_of(session, {str(person) for person in people})
    last = found[_AT_ONCE - 1].row.seq if len(found) > _AT_ONCE else None
    onward = {"sebelum": last, **({"dilepas": "true"} if dilepas else {})}
    return render(
        request,
        "penahanan.html",
        **WORDS,
        shown=found[:_AT_ONCE],
        scopes=holds.SCOPES,
        by={person: who(str(person), account, names) for person in people},
        standing=not dilepas,
        first=sebelum is None,
        onward=f"/retensi/penahanan?{urlencode(onward)}" if last else None,
        may_hold=account.may(Right.HOLD),
        may_retain=account.may(Right.RETAIN),
    )


@router.post("/retensi/penahanan")
def hold_search(
    visitor: ChangingVisitor,
    kata: Annotated[str, Form(max_length=200)] = "",
    sebab: Annotated[str, Form(max_length=20)] = "",
    alasan: Reason = "",
) -> Response:
    """Hold the letters that a search finds now."""
    visitor.account.require(Right.HOLD)
    if not kata.strip():
        raise InvalidRequest(what="kata pencarian")
    _place(visitor.account, sebab, alasan, query=kata.strip())
    return RedirectResponse("/retensi/penahanan", 303)


@router.post("/retensi/penahanan/{hold:uuid}/lepas")
def release_hold(hold: UUID, visitor: ChangingVisitor, alasan: Reason = "") -> Response:
    """End a hold that somebody else placed."""
    with transaction(visitor.account.context) as session:
        holds.release(session, visitor.account, hold, alasan)
    return RedirectResponse("/retensi/penahanan", 303)


@router.post("/berkas/{berkas:uuid}/tahan")
def hold_berkas(
    berkas: UUID, visitor: ChangingVisitor, sebab: Annotated[str, Form(max_length=20)] = "", alasan: Reason = ""
) -> Response:
    """Hold a berkas with all that will lie in it."""
    _place(visitor.account, sebab, alasan, berkas=berkas)
    return RedirectResponse(f"/berkas/{berkas}", 303)


@router.post("/arsip/{document:uuid}/tahan")
def hold_letter(
    document: UUID, visitor: ChangingVisitor, sebab: Annotated[str, Form(max_length=20)] = "", alasan: Reason = ""
) -> Response:
    """Hold one letter."""
    _place(visitor.account, sebab, alasan, document=document)
    return RedirectResponse(f"/arsip/{document}/berkas", 303)


def _place(
    account: Account,
    kind: str,
    reason: str,
    *,
    document: UUID | None = None,
    berkas: UUID | None = None,
    query: str | None = None,
) -> None:
    account.require(Right.HOLD)
    wanted: Kind | None = next((one for one in holds.KINDS if one == kind), None)
    if wanted is None:
        raise InvalidRequest(what="sebab penahanan")
    with transaction(account.context) as session:
        holding.place(session, account, document=document, berkas=berkas, query=query, kind=wanted, reason=reason)


def _schedules(request: Request, account: Account, wrongs: list[str] | None = None) -> Response:
    with transaction(account.context) as session:
        rows, in_force = schedule.versions(session), schedule.in_force(session)
    return render(
        request,
        "jra.html",
        status=422 if wrongs else 200,
        rows=rows,
        in_force=in_force,
        wrongs=wrongs,
        today=clock.today().isoformat(),
        may_retain=account.may(Right.RETAIN),
    )
