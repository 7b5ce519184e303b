"""The fields of a letter: typed values with what speaks for and against them.

`extract` reads the fields that fields.toml gives a kind of letter. Every value stands as printed (`text`) and
normalised (`value`: ISO dates, digits only); `sure` says that it could be filed without asking a person.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from archive.reading import Box, PageReading
from classify import checks, ktp
from classify import extract as _extract
from classify.drafts import Draft
from classify.fieldspec import kind_spec
from classify.rows import Row, hull, rows

CARD = "ktp"
# a stack scanned as one file is cut before its fields are read; more pages than this are no letter
MOST_PAGES = 40
MOST_TICKS = 500
CLEAR = 0.9
AGREED = "dua pembacaan sama"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a letter.

    `value` is normalised, `text` as printed (spaces folded, repairs included), `box` in fractions of upright page
    `page` (its `PageReading.number`), `confidence` 0…1 of the worst word. `passed`, `failed` and `repaired` are short
    phrases for clerks (Bahasa Indonesia); `repaired` says what was read and what it was taken for. `other` is what a
    second reader read at the same place (classify/second.py). `provable`, which is not stored: nothing but its letters
    is in doubt, so a second witness to them makes the field sure.
    """

    name: str
    value: str
    text: str
    page: int
    box: Box
    confidence: float
    sure: bool
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    repaired: str | None
    other: str | None = None
    provable: bool = field(default=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {name: value for name, value in asdict(self).items() if name != "provable"}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The field that `to_json` wrote; KeyError or ValueError when the data are none."""
        x0, y0, x1, y1 = (float(v) for v in data["box"])
        return cls(
            name=str(data["name"]),
            value=str(data["value"]),
            text=str(data["text"]),
            page=int(data["page"]),
            box=(x0, y0, x1, y1),
            confidence=float(data["confidence"]),
            sure=bool(data["sure"]),
            passed=tuple(data["passed"]),
            failed=tuple(data["failed"]),
            repaired=data["repaired"],
            other=data.get("other"),  # an earlier version asked nobody else
        )


def extract(kind: str, pages: Sequence[PageReading], ticked: Sequence[tuple[int, str]] = ()) -> tuple[Field, ...]:
    """The fields of a letter of `kind` (an unknown kind: those of any letter), at most one of a name, in its order.

    `ticked` are the boxes found ticked: (`PageReading.number`, the words beside the box). Without them a row of boxes
    (☐ Laki-laki ☐ Perempuan) gives no value.
    """
    pages = pages[:MOST_PAGES]
    spec = kind_spec(kind)
    found = _rows(pages)
    marks: dict[int, list[str]] = {}
    for page, words in ticked[:MOST_TICKS]:
        for index in [i for i, reading in enumerate(pages) if reading.number == page]:
            marks.setdefault(index, []).append(words)
    drafts = ktp.read_card(found, spec.fields) if kind == CARD else _extract.drafts(found, spec, marks)
    checks.check(drafts, found)
    order = {one.name: i for i, one in enumerate(spec.fields)}
    return tuple(_field(draft, pages) for draft in sorted(drafts, key=lambda d: order[d.spec.name]))


def photo_area(pages: Sequence[PageReading]) -> Box | None:
    """Where the photo of an identity card stands on the first page, to be masked; None when no card can be told."""
    return ktp.photo_box(_rows(pages[:1])) if pages else None


def doubts(field: Field) -> tuple[str, ...]:
    """Why a person has to look at a field, as short phrases for clerks; empty when it is sure."""
    if field.sure:
        return ()
    said = list(field.failed)
    if field.other is not None and AGREED not in field.passed:
        said.append("dua pembacaan berbeda")
    if field.repaired:
        said.append(field.repaired)
    if field.confidence < CLEAR:
        said.append(f"terbaca kurang jelas ({field.confidence:.0%})")
    return tuple(said or ["tidak ada yang membuktikan nilai ini"])


def _rows(pages: Sequence[PageReading]) -> tuple[Row, ...]:
    return tuple(row for number, page in enumerate(pages) for row in rows(page, number))


def _field(draft: Draft, pages: Sequence[PageReading]) -> Field:
    page = draft.pieces[0].page
    on_page = [piece for piece in draft.pieces if piece.page == page]
    return Field(
        name=draft.spec.name,
        value=draft.value,
        text=draft.text,
        page=pages[page].number,
        box=hull(on_page),
        confidence=round(draft.confidence, 3),
        sure=checks.is_sure(draft),
        passed=tuple(dict.fromkeys(draft.passed)),
        failed=tuple(dict.fromkeys(draft.failed)),
        repaired="; ".join(draft.repaired) or None,
        provable=checks.is_provable(draft),
    )
