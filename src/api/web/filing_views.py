"""Pages of berkas: found, opened, described, closed, with what lies in them."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import CLEARANCES, Right, level
from api.routes.retention import day
from api.web import words
from api.web.pages import ChangingVisitor, ReadingVisitor, render
from core import clock
from core.db import transaction
from core.faults import Forbidden
from core.settings import settings
from records.disposal.tables import DisposalRow
from records.filing import berkas as shelf
from records.filing import letters, tree
from records.filing.berkas import DEVELOPMENTS, Described, Development, number_of
from records.filing.forms import LISTS as FORMS
from records.filing.letters import Item
from records.filing.tables import BerkasRow
from records.office import office
from records.retention import holds, schedule
from records.retention.clocks import FATES, PHASES, TRIGGERS, Clock, Series, Told
from records.retention.clocks import clock as clock_of
from records.retention.tables import ScheduleRowRow

router = APIRouter(include_in_schema=False)

_AT_ONCE: Final = 20
_ITEMS: Final = 60
# What several pages of berkas and retention say in the same words
WORDS: Final[dict[str, Any]] = {
    "number_of": number_of,
    "fates": FATES,
    "phases": PHASES,
    "triggers": TRIGGERS,
    "developments": DEVELOPMENTS,
    "hold_kinds": holds.KINDS,
    "levels": CLEARANCES,
}
Text = Annotated[str, Form(max_length=1000)]


@router.get("/berkas")
def berkas_page(
    request: Request,
    visitor: ReadingVisitor,
    q: Annotated[str, Query(max_length=200)] = "",
    sesudah: Annotated[str | None, Query(pattern=r"^\d{4}\.\d{1,9}\.[a-z0-9-]{1,40}$")] = None,
) -> Response:
    """Berkas that the visitor may see, found by word, code or number."""
    before: tuple[int, int, str] | None = None
    if sesudah is not None:
        year, number, unit = sesudah.split(".", 2)
        before = int(year), int(number), unit
    with transaction(visitor.account.context) as session:
        rows = shelf.newest(session, limit=_AT_ONCE + 1, query=q, before=before)
        shown = listed(session, rows[:_AT_ONCE])
    last = rows[_AT_ONCE - 1] if len(rows) > _AT_ONCE else None
    onward = {"q": q, "sesudah": f"{last.year}.{last.number}.{last.unit}"} if last else None
    return render(
        request,
        "berkas_daftar.html",
        **WORDS,
        shown=shown,
        query=q,
        first=sesudah is None,
        onward=f"/berkas?{urlencode(onward)}" if onward else None,
        may_file=visitor.account.may(Right.FILE),
        blank=Described(""),
        forms=FORMS,
    )


@router.post("/berkas")
def open_berkas(
    visitor: ChangingVisitor,
    uraian: Text = "",
    perkembangan: Text = "asli",
    jumlah: Text = "",
    keterangan: Text = "",
    vital: Text = "",
    media: Text = "",
    pelindungan: Text = "",
    kode: Text = "",
    tingkat: Text = "terbatas",
) -> Response:
    """Open a berkas for letters outside cases."""
    account = visitor.account
    wanted = level(tingkat) if tingkat in CLEARANCES else level(settings().default_clearance)
    if wanted > account.clearance:
        raise Forbidden
    described = _described(uraian, perkembangan, jumlah, keterangan, vital, media, pelindungan)
    with transaction(account.context) as session:
        row = shelf.open_(session, account, described, unit=account.unit, clearance=wanted, code=kode.strip() or None)
    return RedirectResponse(f"/berkas/{row.id}", 303)


@router.get("/berkas/{berkas:uuid}")
def one_page(request: Request, berkas: UUID, visitor: ReadingVisitor) -> Response:
    """One berkas: its clock, what lies in it, and what may be done with it."""
    account = visitor.account
    with transaction(account.context) as session:
        row = shelf.find(session, berkas)
        items = letters.items(session, berkas, limit=_ITEMS + 1)
        span = shelf.spans(session, [berkas]).get(berkas)
        held = bool(holds.held_berkas(session, [berkas]))
        goes_by = next(iter(schedule.series_of(session, [row]).values()), None)
        title = tree.title_of(session, row.code) if row.code else ""
        proposed = "" if row.code or row.case_id else _proposed(session, row, items)
        gone_by = session.get(DisposalRow, row.disposal_id) if row.disposal_id is not None else None
    series, version = goes_by or (None, None)
    return render(
        request,
        "berkas.html",
        **WORDS,
        row=row,
        items=items[:_ITEMS],
        more_items=len(items) > _ITEMS,
        span=span,
        held=held,
        series=series,
        schedule=version,
        code_title=title,
        outlook=_outlook(row, series),
        proposed=proposed,
        today=clock.today().isoformat(),
        may_change=account.may(Right.FILE) and row.disposed_at is None,
        may_retain=account.may(Right.RETAIN),
        may_hold=account.may(Right.HOLD),
        may_export=account.may(Right.EXPORT) and (gone_by is None or gone_by.kind != "pemusnahan"),
        gone_by=gone_by,
        may_appraise=account.may(Right.APPRAISE),
    )


def _proposed(session: Session, row: BerkasRow, items: Sequence[Item]) -> str:
    """The code to be confirmed: the office's rule for the kind of all its letters; where there is none, the tree's own,
    by the words of the berkas and its letters."""
    kinds = {item.row.kind or "" for item in items}
    ruled = {office().codes.get(one) for one in kinds}
    rule = ruled.pop() if len(ruled) == 1 else None
    said = " ".join((row.title, *(words.kind(one) for one in sorted(kinds)), *(item.subject for item in items)))
    return rule or tree.proposed(session, said)


@router.get("/kasus/{case:uuid}/berkas")
def of_case(case: UUID, visitor: ReadingVisitor) -> Response:
    """To the case's berkas."""
    with transaction(visitor.account.context) as session:
        return RedirectResponse(f"/berkas/{shelf.of_case(session, case).id}", 303)


@router.post("/berkas/{berkas:uuid}/uraian")
def describe(
    berkas: UUID,
    visitor: ChangingVisitor,
    uraian: Text = "",
    perkembangan: Text = "asli",
    jumlah: Text = "",
    keterangan: Text = "",
    vital: Text = "",
    media: Text = "",
    pelindungan: Text = "",
) -> Response:
    """Say anew how a berkas is described."""
    described = _described(uraian, perkembangan, jumlah, keterangan, vital, media, pelindungan)
    return _changed(visitor.account, berkas, lambda s: shelf.describe(s, visitor.account, berkas, described))


@router.post("/berkas/{berkas:uuid}/kode")
def classify(berkas: UUID, visitor: ChangingVisitor, kode: Text = "") -> Response:
    """Confirm the code that is proposed, or give another one."""
    return _changed(visitor.account, berkas, lambda s: shelf.classify(s, visitor.account, berkas, kode))


@router.post("/berkas/{berkas:uuid}/tutup")
def close(berkas: UUID, visitor: ChangingVisitor, tanggal: Text = "") -> Response:
    """Close a berkas outside cases."""
    on = day(tanggal.strip(), "tanggal ditutup") or clock.today()
    return _changed(visitor.account, berkas, lambda s: shelf.close(s, visitor.account, berkas, on))


@router.post("/berkas/{berkas:uuid}/buka-lagi")
def reopen(berkas: UUID, visitor: ChangingVisitor) -> Response:
    """Open a berkas outside cases again."""
    return _changed(visitor.account, berkas, lambda s: shelf.reopen(s, visitor.account, berkas))


@router.post("/berkas/{berkas:uuid}/pemicu")
def say_trigger(berkas: UUID, visitor: ChangingVisitor, tanggal: Text = "", alasan: Text = "") -> Response:
    """Say when what the series counts from has happened."""
    on = day(tanggal.strip(), "tanggal pemicu")
    return _changed(visitor.account, berkas, lambda s: shelf.say_trigger(s, visitor.account, berkas, on, alasan))


@router.post("/berkas/{berkas:uuid}/surat/{document:uuid}/keluar")
def take_out(berkas: UUID, document: UUID, visitor: ChangingVisitor) -> Response:
    """Take a letter out of a berkas outside cases."""
    return _changed(visitor.account, berkas, lambda s: letters.take_out(s, visitor.account, berkas, document))


def listed(session: Session, rows: list[BerkasRow]) -> list[tuple[BerkasRow, Any, bool]]:
    """Berkas with their kurun waktu and whether they are held, as lists show them."""
    ids = [row.id for row in rows]
    spans, held = shelf.spans(session, ids), holds.held_berkas(session, ids)
    return [(row, spans.get(row.id), row.id in held) for row in rows]


def _changed(account: Account, berkas: UUID, change: Callable[[Session], object]) -> Response:
    with transaction(account.context) as session:
        change(session)
    return RedirectResponse(f"/berkas/{berkas}", 303)


def _described(
    title: str, development: str, amount: str, note: str, vital: str, media: str, protection: str
) -> Described:
    told: Development = next((one for one in DEVELOPMENTS if one == development), "asli")
    return Described(title, told, amount, note, bool(vital), media, protection)


def _outlook(row: BerkasRow, series: ScheduleRowRow | None) -> Clock | None:
    """What the dates would be if an open berkas were closed today; None where closing starts no clock."""
    if series is None or row.closed_on is not None or series.trigger not in ("kasus_selesai", "tanggal_dokumen"):
        return None
    goes_by = Series(
        series.active_years,
        series.inactive_years,
        next(one for one in FATES if one == series.fate),
        next(one for one in TRIGGERS if one == series.trigger),
    )
    today = clock.today()
    return clock_of(goes_by, Told(today), start=settings().retention_start, today=today)
