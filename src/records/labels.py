"""Labels for boxes: the code to read and to scan, and where the box stands; nothing of whose letters lie in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from core.faults import InvalidRequest
from core.settings import settings
from records import boxes
from records.boxcode import qr_text
from records.office import office
from records.papertables import PaperBoxRow
from records.qrcode import modules
from records.typeset import pdf

Layout = Literal["lembar", "satuan"]
MOST: Final = 200


def refuse_unprintable(found: Sequence[PaperBoxRow]) -> None:
    """Raise InvalidRequest for no box, or for more than are printed at once."""
    if not 0 < len(found) <= MOST:
        raise InvalidRequest(what=f"boks yang dicetak (1 sampai {MOST} sekaligus)")


def as_pdf(found: Sequence[PaperBoxRow], layout: Layout) -> bytes:
    """`lembar`: sheets of A4 with eight labels each, to be cut or on sticky labels of 99.1 × 67.7 mm; `satuan`: each
    label a page of its own, for a label printer."""
    here = office()
    data: dict[str, Any] = {
        "single": layout == "satuan",
        "office": here.name,
        "labels": [
            {
                "code": boxes.code_of(box),
                "name": box.name,
                "unit": here.unit(box.unit).name,
                "stand": boxes.words(boxes.stand_of(box)),
                "qr": modules(qr_text(box.id)),
            }
            for box in found
        ],
    }
    return pdf("label", data, made_at=datetime.now(ZoneInfo(settings().timezone)))
