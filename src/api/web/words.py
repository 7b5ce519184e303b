"""What the pages say: stages, roles, events and dates in words a clerk uses."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from access.accounts import Account
from access.roles import Role
from api.need import PURPOSES
from archive.actions import ACTIONS
from archive.ledger import WORKER, Event
from classify.rules import labels
from core import faults
from core.faults import fault_from
from core.months import MONTHS
from core.settings import settings

STAGES: Final = {name: word.capitalize() for name, word in faults.STAGES.items()}
CLEARANCES: Final = {
    "biasa": "Biasa",
    "terbatas": "Terbatas",
    "rahasia": "Rahasia",
    "sangat_rahasia": "Sangat rahasia",
}
MEDIA: Final = {
    "application/pdf": "PDF",
    "image/jpeg": "Foto JPEG",
    "image/png": "Gambar PNG",
    "image/tiff": "Gambar TIFF",
    "image/heic": "Foto HEIC",
}
ROLES: Final = {
    Role.PETUGAS: "Petugas",
    Role.PEJABAT: "Pejabat",
    Role.ARSIPARIS: "Arsiparis",
    Role.AUDITOR: "Auditor",
    Role.ADMIN: "Admin",
}
DECISIONS: Final = {
    "same": "surat yang sama",
    "different": "surat yang berbeda",
    "undecided": "keputusan dibatalkan",
}
DISPOSITIONS: Final = {
    "new": "Belum dibaca",
    "read": "Sudah dibaca",
    "passed": "Diteruskan",
    "done": "Selesai",
}
_ZONES: Final = {7: "WIB", 8: "WITA", 9: "WIT"}


def moment(at: datetime) -> str:
    """`21 November 2026 14.05 WITA`, in the office's time zone."""
    return moment_in(settings().timezone, at)


def moment_in(timezone: str, at: datetime) -> str:
    """The same in any time zone (`Asia/Makassar`)."""
    local = at.astimezone(ZoneInfo(timezone))
    offset = local.utcoffset()
    hours = offset.total_seconds() / 3600 if offset is not None else 0
    zone = _ZONES.get(int(hours)) if hours == int(hours) else None
    return f"{local.day} {MONTHS[local.month - 1]} {local.year} {local:%H.%M} {zone or local.tzname()}"


def month(day: date) -> str:
    """`November 2026`."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def percent(share: float) -> str:
    """`98,4 %`; only what is whole is called 100 %."""
    shown = f"{share:.1f}" if share == 100 or share < 99.95 else "99.9"
    return shown.removesuffix(".0").replace(".", ",") + " %"


def capitalize_first(text: str) -> str:
    """With a capital at the front, whatever else stands in it."""
    return text[:1].upper() + text[1:]


def kind(value: str | None) -> str:
    """A kind of letter as people say it."""
    return labels().get(value, value.replace("_", " ").capitalize()) if value else "Belum dibaca"


def size(count: int) -> str:
    """`181 KB`, `2,4 MB`."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} KB"
    return f"{count / 1_000_000:.1f} MB".replace(".", ",")


def number(count: int) -> str:
    """`12.345`."""
    return f"{count:,}".replace(",", ".")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a history: several events of one kind in a row are one line. `count` events, the last at `at`."""

    seq: int
    at: datetime
    what: str
    who: str
    document: UUID | None
    digest: str | None
    count: int


def entries(events: Iterable[Event], account: Account, names: Mapping[str, str], *, folded: bool) -> list[Entry]:
    """The events in plain words; `folded` joins neighbours that differ in the page only."""
    if not folded:
        return [_entry([event], account, names) for event in events]
    runs = groupby(events, key=lambda e: (e.action, e.actor, e.seq if "page" not in e.detail else 0))
    return [_entry(list(run), account, names) for _, run in runs]


def _entry(run: list[Event], account: Account, names: Mapping[str, str]) -> Entry:
    last = run[-1]
    pages = sorted({event.detail["page"] for event in run if "page" in event.detail})
    return Entry(
        last.seq, last.at, _what(last, pages), who(last.actor, account, names), last.document, last.digest, len(run)
    )


def who(actor: str, account: Account, names: Mapping[str, str]) -> str:
    """Who did something, as far as whoever asks may know."""
    if actor == str(account.id):
        return "Anda"
    if actor == WORKER:
        return "Sistem"
    return names.get(actor, f"Akun {actor[:8]}")


# What an event's details say, by its action
_MORE: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "received": lambda detail: size(detail["size"]) if "size" in detail else "",
    "arrived_again": lambda detail: size(detail["size"]) if "size" in detail else "",
    "paged": lambda detail: f"{detail['pages']} halaman",
    "split": lambda detail: f"{len(detail['letters'])} surat",
    "joined": lambda detail: f"{len(detail['letters'])} surat",
    "letter_cut": lambda detail: f"halaman {_ranges(list(range(detail['first'], detail['last'] + 1)))} dari berkasnya",
    "held": lambda detail: fault_from(detail["fault"], {}).title,
    "filed": lambda detail: kind(detail["kind"]).lower(),
    "checked": lambda detail: kind(detail["kind"]).lower(),
    "twin_decided": lambda detail: DECISIONS[detail["decision"]],
    **dict.fromkeys(
        ("case_step", "case_waived", "letter_linked", "letter_unlinked"),
        lambda detail: f"langkah {detail['step']}" if detail["step"] else "",
    ),
    "case_classified": lambda detail: str(detail["code"]),
    "paper_placed": lambda detail: "" if detail["box"] else "tidak ada di tempatnya",
    "searched": lambda detail: f"{len(detail['searches'])} kali",
    "search_exported": lambda detail: f"{detail['lines']} halaman, {detail['format']}",
    "identity_shown": lambda detail: PURPOSES[detail["purpose"]],
    "user_added": lambda detail: f"peran {detail['role']}",
}


def _what(event: Event, pages: list[int]) -> str:
    said = ACTIONS.get(event.action, event.action)
    more = _more(event.action, event.detail)
    if pages:
        more = f"halaman {_ranges(pages)}"
    return f"{said}: {more}" if more else said


def _more(action: str, detail: Mapping[str, Any]) -> str:
    tell = _MORE.get(action)
    return tell(detail) if tell is not None else ""


def _ranges(pages: list[int]) -> str:
    """`[1, 2, 3, 7]` → `1–3, 7`."""
    parts = []
    for _, run in groupby(enumerate(pages), key=lambda pair: pair[1] - pair[0]):
        numbers = [page for _, page in run]
        parts.append(str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}")
    return ", ".join(parts)
