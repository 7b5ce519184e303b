"""What the desk Periksa shows of one letter: what is doubtful first, each beside the piece of paper it stands on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.orm import Session

from api.checking import fields_by
from archive import checks, documents, vocabulary
from archive.reading import PageReading
from archive.tables import DocumentRow
from classify.fieldspec import kind_spec, label
from classify.rules import labels

# A value alone is hard to judge: a little of the paper around it is shown too, as shares of the page
_AROUND_X: Final = 0.03
_AROUND_Y: Final = 0.012
_MOST_WORDS: Final = 50  # more nobody looks through


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a page's picture, in its pixels."""

    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Item:
    """One field to look at: its text as printed, what a second reader read there if that differs, why it is doubted,
    where it stands, and words of the office that it may say."""

    name: str
    label: str
    text: str
    sure: bool
    why: tuple[str, ...]
    snippet: Snippet | None
    other: str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """One letter at the desk. `sizes` are its pages' pictures in pixels, of the pages that fields stand on."""

    row: DocumentRow
    kind: str
    kinds: tuple[tuple[str, str], ...]
    doubtful: tuple[Item, ...]
    certain: tuple[Item, ...]
    sizes: dict[int, tuple[int, int]]
    waiting: int

    @property
    def kind_sure(self) -> bool:
        """Whether nobody needs to look at the kind: read surely, or told by a person."""
        return self.kind == self.row.kind and (bool(self.row.verdict.get("sure")) or self.row.checked_at is not None)

    @property
    def sample(self) -> bool:
        """Whether the letter was filed unasked, drawn by lot, and is to be checked whole."""
        return self.row.sampled and self.row.checked_at is None and not self.doubtful

    @property
    def kind_known(self) -> bool:
        """Whether the kind is one that letters have now; what an earlier version called them is chosen anew."""
        return self.kind in dict(self.kinds)


def gather(session: Session, row: DocumentRow, kind: str) -> Desk:
    """The letter `row` as of that kind."""
    fields = fields_by(session, row, kind)
    words = _office_words(session, row)
    numbers = sorted({1} | {field["page"] for field in fields.values() if field["page"]})
    readings = documents.readings(session, [(row.id, number) for number in numbers])
    sizes = {number: PageReading.from_json(reading).preview for (_, number), reading in readings.items()}
    names = [spec.name for spec in kind_spec(kind).fields]
    names += [name for name in fields if name not in names]
    must = kind_spec(kind).must
    items = [
        replace(_item(name, fields.get(name), sizes, must=name in must), words=words.get(name, ())) for name in names
    ]
    return Desk(
        row=row,
        kind=kind,
        kinds=tuple(sorted(labels().items(), key=lambda pair: pair[1])),
        doubtful=tuple(item for item in items if not item.sure),
        certain=tuple(item for item in items if item.sure),
        sizes=sizes,
        waiting=checks.waiting_count(session),
    )


def _item(name: str, field: Mapping[str, Any] | None, sizes: Mapping[int, tuple[int, int]], *, must: bool) -> Item:
    from classify.fields import Field, doubts  # with all that reads fields: only who is at the desk needs it

    if field is None:
        return Item(name, label(name), "", not must, ("tidak ditemukan di surat",) if must else (), None)
    if field["failed"]:  # also what a person typed: it is shown until it fits or is left so
        why = tuple(field["failed"])
    else:
        why = () if field["box"] is None else doubts(Field.from_json({**field, "name": name}))
    sure = field["sure"] and not field["failed"]
    other = field.get("other") if not sure and field.get("other") != field["text"] else None
    return Item(name, label(name), field["text"], sure, why, snippet(field, sizes), other)


def _office_words(session: Session, row: DocumentRow) -> dict[str, tuple[str, ...]]:
    """By field the words of the letter's unit, of letters that the asker sees and none above this one's level."""
    from classify.vocabulary import learned_from, words

    told = vocabulary.said(session, row.unit, row.clearance, learned_from())
    known = words((one.name, one.value, one.letters) for one in told)
    return {name: said[:_MOST_WORDS] for name, said in known.items()}


def snippet(field: Mapping[str, Any], sizes: Mapping[int, tuple[int, int]]) -> Snippet | None:
    """The piece of paper a stored field stands on, with a little around it; None where that is not known."""
    if field["box"] is None or field["page"] not in sizes:
        return None
    width, height = sizes[field["page"]]
    x0, y0, x1, y1 = field["box"]
    left, right = max(0.0, x0 - _AROUND_X) * width, min(1.0, x1 + _AROUND_X) * width
    top, bottom = max(0.0, y0 - _AROUND_Y) * height, min(1.0, y1 + _AROUND_Y) * height
    return Snippet(field["page"], round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1))
