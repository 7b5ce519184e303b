"""A case on paper: who it is about (masked as on its page), its steps with their times, letters, what is missing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from access.accounts import names_of
from access.roles import CLEARANCES
from cases import book, chronicle
from cases.book import Case, Done, Letter
from cases.casecode import code_of
from cases.officehours import Office
from cases.timers import Timer
from cases.words import ACTIONS, GAPS, LACKS, STANDINGS, STATES
from classify import rules
from core.settings import settings
from records.dates import written
from records.office import office
from records.qrcode import modules
from records.typeset import pdf


@dataclass(frozen=True, slots=True)
class Printed:
    """A case as it stood when it was printed."""

    case: Case
    timers: tuple[Timer, ...]
    history: list[Done]
    names: dict[str, str]
    now: datetime


def gather(session: Session, case: Case, calendar: Office) -> Printed:
    """All that is printed of a case."""
    now, history = book.now(session), chronicle.of_case(session, case)
    names = names_of(session, {str(one.account) for one in history})
    return Printed(case, case.timers(now, calendar), history, names, now)


def filename(case: Case) -> str:
    """`kasus-umum-2026-001.pdf`: of a unit and a number, and of no person."""
    return f"kasus-{case.row.unit}-{case.row.year}-{case.row.number:03d}.pdf"


def as_pdf(printed: Printed) -> bytes:
    """The case as PDF/A, A4."""
    here, case = office(), printed.case
    data: dict[str, Any] = {
        "letterhead": here.letterhead,
        "number": case.number,
        "code": modules(code_of(case.row.id)),
        "unit": here.unit(case.row.unit).name,
        "printed": _moment(printed.now),
        "client": _client(case),
        "about": _about(case),
        "steps": [_step(printed, number) for number in range(1, len(case.state.steps) + 1)],
        "times": [_timer(timer) for timer in printed.timers if timer.name or len(timer.steps) > 1],
        "letters": [_letter(one) for one in case.letters],
        "missing": _missing(case),
        "history": [_done(printed, one) for one in printed.history],
    }
    return pdf("kasus", data, made_at=printed.now)


def _moment(at: datetime | None) -> str:
    """`26 November 2026 09.05`, at the office; a dash for none."""
    if at is None:
        return "–"
    local = at.astimezone(ZoneInfo(settings().timezone))
    return f"{written(local.date())} {local:%H.%M}"


def _client(case: Case) -> list[tuple[str, str]]:
    nobody = "Tidak ada; identitasnya dibuktikan dengan surat keterangan terlantar"
    return [
        ("Nama", case.client.name),
        ("NIK", case.client.nik_masked or nobody),
        ("Tanggal lahir", written(case.client.birth_date) or "Tidak diketahui"),
    ]


def _about(case: Case) -> list[tuple[str, str]]:
    sop, row = case.state.sop, case.row
    closed = [("Ditutup", _moment(row.closed_at))] if row.closed_at else [("Keadaan", "belum ditutup")]
    ended = case.state.ended_by
    return [
        ("SOP", f"{sop.name.text}, nomor {sop.number.text}"),
        ("Kode klasifikasi", row.classification or "belum dikonfirmasi"),
        ("Tingkat keamanan", CLEARANCES[row.clearance].replace("_", " ").capitalize()),
        ("Dibuka", _moment(row.opened_at)),
        *closed,
        *([("Berakhir karena", ended.when)] if ended else []),
    ]


def _step(printed: Printed, number: int) -> list[str]:
    case = printed.case
    step, state, times = case.state.sop.step(number), case.state.of(number), case.times[number]
    ways = [way.when for way in step.branches if way.id in state.taken]
    own = next((timer for timer in printed.timers if timer.steps == (number,) and not timer.name), None)
    spent = f"{own.spent} dari {own.allowed}" if own else "–"
    return [
        str(number),
        step.short + "".join(f"; cabang: {way}" for way in ways),
        STATES[state.state],
        _moment(times.started),
        _moment(times.ended),
        spent,
        STANDINGS[own.standing] if own else "",
    ]


def _timer(timer: Timer) -> str:
    name = timer.name or "Langkah " + " dan ".join(map(str, timer.steps))
    until = "" if timer.ended else f", paling lambat {_moment(timer.due)}"
    return f"{name}: {timer.spent} dari {timer.allowed}{until}; {STANDINGS[timer.standing]}"


def _kind(letter: Letter) -> str:
    kind = letter.document.kind or ""
    return rules.labels().get(kind, kind)


def _letter(one: Letter) -> list[str]:
    fields = one.document.fields
    said = [str(fields[name]["text"]) if name in fields else "–" for name in ("nomor_surat", "tanggal")]
    return [str(one.link.step), _kind(one), *said, one.lies.words if one.lies else "belum dicatat"]


def _missing(case: Case) -> list[str]:
    steps = [] if case.state.is_through else [f"Langkah {one.number}: {one.short}" for one in case.waits_for]
    lacks = [f"Langkah {one.step}: {one.paper.text} {LACKS[one.why]}" for one in case.lacks]
    kinds = {one.document.id: _kind(one) for one in case.letters}
    for gap in case.gaps:
        told = GAPS[gap.why]
        if gap.letter is not None:
            rows = ", ".join(dict.fromkeys(str(row.step) for row in gap.rows))
            told = f"{kinds[gap.letter]} (langkah {rows}) {told}"
        lacks.append(told[:1].upper() + told[1:])
    return [*steps, *lacks]


def _done(printed: Printed, one: Done) -> list[str]:
    of = (
        f"langkah {one.step}"
        if one.step
        else next((_kind(letter).lower() for letter in printed.case.letters if letter.document.id == one.document), "")
    )
    said = ACTIONS[one.what] + (f": {of}" if of else "")
    who = one.by or printed.names.get(str(one.account), f"Akun {str(one.account)[:8]}" if one.account else "Sistem")
    return [_moment(one.at), said, one.reason, who]
