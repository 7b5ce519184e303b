"""What stands on a box's label: a code that people type, and a QR code that scanners type for them. Pure."""

import re
from typing import Final, NamedTuple
from uuid import UUID

_QR: Final = "ARSIP-BOKS-1/"
_SCANNED: Final = re.compile(re.escape(_QR) + r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_TYPED: Final = re.compile(r"([a-z0-9][a-z0-9._-]{1,39})\s*-\s*(\d{1,6})")


class Typed(NamedTuple):
    """A box by its unit and number."""

    unit: str
    number: int


def code(unit: str, number: int) -> str:
    """`umum`, 12 → `UMUM-0012`: what people read on the label and type."""
    return f"{unit.upper()}-{number:04d}"


def qr_text(box: UUID) -> str:
    """What the label's QR code says: which box it is, and nothing of what lies in it."""
    return f"{_QR}{box}"


def wanted(text: str) -> UUID | Typed | None:
    """The box that a scanned or typed code names, by id or by unit and number; None for anything else."""
    told = text.strip()
    scanned = _SCANNED.fullmatch(told)
    if scanned:
        return UUID(scanned[1])
    typed = _TYPED.fullmatch(told.lower())
    if typed:
        return Typed(typed[1], int(typed[2]))
    try:
        return UUID(told)
    except ValueError:
        return None
