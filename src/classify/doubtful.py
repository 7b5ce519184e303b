"""Check boxes that nobody can be sure of, in the fields that lists of boxes are read into: a person is asked. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from archive.reading import Box, PageReading, Tick
from classify.fields import Field
from classify.fieldspec import FieldSpec, key, kind_spec

_LIST = "centang"  # the type of a field that is a list of boxes (fields.toml)
_ALIKE = 85  # of 100
_BESIDE = 0.3  # of the page's width: how far the words beside a box reach
_MOST = 20  # of one list: more is a page of scribbles


def with_doubtful_boxes(kind: str, pages: Sequence[PageReading], fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields of a letter of that kind; a list of boxes is not sure while one of its boxes is in doubt, and says
    which. Where no other box of the list is ticked the doubtful ones are what a person is asked about."""
    found = {field.name: field for field in fields}
    order = [spec.name for spec in kind_spec(kind).fields]
    for spec in kind_spec(kind).fields:
        if spec.type != _LIST:
            continue
        for page in pages:
            doubtful = [tick for tick in page.ticks if tick.doubt and tick.label and _under(spec, tick.heading)]
            if doubtful:
                found[spec.name] = _asked(spec.name, page.number, doubtful[:_MOST], found.get(spec.name))
    return tuple(sorted(found.values(), key=lambda field: order.index(field.name)))


def _under(spec: FieldSpec, heading: str) -> bool:
    said = key(heading)
    return bool(said) and any(fuzz.ratio(said, key(label)) >= _ALIKE for label in spec.labels)


def _asked(name: str, page: int, doubtful: Sequence[Tick], before: Field | None) -> Field:
    why = "; ".join(f"kotak {tick.label}: {tick.doubt}" for tick in doubtful)
    if before is None:
        text = "; ".join(tick.label for tick in doubtful)
        box = _hull([tick.box for tick in doubtful])
        return Field(name, text, text, page, box, 1.0, sure=False, passed=(), failed=(), repaired=why)
    if before.page != page:
        return replace(before, sure=False, repaired=why)
    # a box with a faint mark is shown beside those that are ticked, and is likely meant
    more = [tick.label for tick in doubtful if tick.ticked]
    text = "; ".join([before.text, *more])
    return replace(
        before,
        value=text,
        text=text,
        box=_hull([before.box, *(tick.box for tick in doubtful)]),
        sure=False,
        repaired="; ".join(part for part in (before.repaired, why) if part),
    )


def _hull(boxes: Sequence[Box]) -> Box:
    """Around the boxes and what is printed beside them."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        min(1.0, max(box[2] for box in boxes) + _BESIDE),
        max(box[3] for box in boxes),
    )
