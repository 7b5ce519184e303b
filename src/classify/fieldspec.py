"""fields.toml, checked: which fields a kind of letter has, and by which labels they are found."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

TYPES = frozenset((
    "nomor", "tanggal", "teks", "tembusan", "centang", "pilihan", "nama", "nik", "kk", "lahir", "darah", "alamat",
    "rt_rw", "berlaku", "telepon", "bpjs", "paspor", "nip", "nrp", "uang",
))  # fmt: skip
PLACES = frozenset(("label", "kop", "ttd", "kalimat", "judul"))
GENERAL = "umum"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: what clerks call it, how it is read, where it may stand (see the head of fields.toml)."""

    name: str
    label: str
    type: str
    labels: tuple[str, ...]
    lines: int
    who: str | None
    words: tuple[str, ...]
    same: dict[str, str]
    masked: bool
    mended: bool
    learned: bool


@dataclass(frozen=True, slots=True)
class KindSpec:
    """One kind of letter: its fields, where date and matter are looked for, and every label by its key.

    `must` are fields that every letter of the kind has. `labels` leads from a label's key (see `key`) to the field it
    opens, or to ``klien``, ``pejabat``, ``lain``;
    `shapes` from a label's shape to its key.
    """

    fields: tuple[FieldSpec, ...]
    date_places: tuple[str, ...]
    matter_places: tuple[str, ...]
    title_lines: int | None
    labels: dict[str, str]
    must: frozenset[str]
    shapes: dict[str, str]


_SHAPES = str.maketrans("l1|05", "iiios")


def shape(folded: str) -> str:
    """A key as readers confuse its letters: ``narna`` and ``nama``, ``nlk`` and ``nik`` have one shape."""
    return folded.replace("rn", "m").translate(_SHAPES)


def key(text: str) -> str:
    """A label without case, accents, dots and spaces: ``Tempat/Tgl. Lahir`` → ``tempattgllahir``."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^0-9a-z]+", "", folded)


def _field(name: str, data: dict[str, Any]) -> FieldSpec:
    if data.get("type") not in TYPES or data.get("who") not in (None, "klien", "pejabat"):
        raise ValueError(f"fields.toml: {name} has no such type or owner")
    if any(not key(label) for label in data["labels"]):
        raise ValueError(f"fields.toml: {name} has an empty label")
    return FieldSpec(
        name=name,
        label=data["name"],
        type=data["type"],
        labels=tuple(data["labels"]),
        lines=int(data.get("lines", 1)),
        who=data.get("who"),
        words=(*data.get("words", ()), *data.get("same", {})),
        same=dict(data.get("same", {})),
        masked=bool(data.get("mask", False)),
        mended=bool(data.get("mend", False)),
        learned=bool(data.get("learn", False)),
    )


def _kind(name: str, book: dict[str, Any], fields: dict[str, FieldSpec]) -> KindSpec:
    data = book["kinds"][name]
    merged = {**book["kinds"][data["same"]], **data} if "same" in data else data
    unknown = [f for f in merged["fields"] if f not in fields]
    unknown += [f for f in merged.get("must", ()) if f not in merged["fields"]]
    places = [*merged["tanggal"], *merged["perihal"]]
    if unknown or not PLACES.issuperset(places):
        raise ValueError(f"fields.toml: {name} names what does not exist: {unknown or places}")
    labels = {key(label): group for group, words in book["labels"].items() for label in words}
    for spec in fields.values():
        labels |= {key(label): spec.name for label in spec.labels}
    for field, own in merged.get("labels", {}).items():
        labels |= {key(label): fields[field].name for label in own}
    return KindSpec(
        fields=tuple(fields[f] for f in merged["fields"]),
        date_places=tuple(merged["tanggal"]),
        matter_places=tuple(merged["perihal"]),
        title_lines=merged.get("judul_baris"),
        labels=labels,
        shapes={shape(label): label for label in labels},
        must=frozenset(merged.get("must", ())),
    )


@dataclass(frozen=True, slots=True)
class Sureness:
    """From which confidence a field is filed unasked (0…1; above 1 = never): proven by another field, and alone."""

    proven: float
    alone: float


@cache
def _raw() -> dict[str, Any]:
    return tomllib.loads((files("classify") / "fields.toml").read_text("utf-8"))


@cache
def sureness(kind_of_value: str) -> Sureness:
    """The thresholds of a type; KeyError for an unknown one."""
    return Sureness(*_raw()["sure"][kind_of_value])


@cache
def known_words(kind_of_value: str) -> frozenset[str]:
    """Keys of the words that need no confidence in a value of this type."""
    return frozenset(key(word) for word in _raw()["known"].get(kind_of_value, "").split())


@cache
def _book() -> tuple[dict[str, FieldSpec], dict[str, KindSpec]]:
    book = _raw()
    if set(book["sure"]) != TYPES:
        raise ValueError("fields.toml: [sure] has to name every type")
    fields = {name: _field(name, data) for name, data in book["fields"].items()}
    return fields, {name: _kind(name, book, fields) for name in book["kinds"]}


def field_spec(name: str) -> FieldSpec | None:
    """The field of that name, or None."""
    return _book()[0].get(name)


def kind_spec(kind: str) -> KindSpec:
    """The fields of a kind; an unknown kind has those of any letter."""
    kinds = _book()[1]
    return kinds.get(kind, kinds[GENERAL])


def kinds_known() -> tuple[str, ...]:
    """Every kind that has fields of its own."""
    return tuple(_book()[1])


@cache
def learned_fields() -> frozenset[str]:
    """The fields whose values an office says again and again, so that its own words are learned (vocabulary.py)."""
    return frozenset(name for name, spec in _book()[0].items() if spec.learned)


def mask(name: str, value: str) -> str:
    """`value` for previews: of a masked field the first four and the last four signs, ``6571********0001``."""
    spec = field_spec(name)
    if spec is None or not spec.masked:
        return value
    signs = re.sub(r"\s", "", value)
    if len(signs) <= 8:
        return "*" * len(signs)
    return signs[:4] + "*" * (len(signs) - 8) + signs[-4:]


def label(name: str) -> str:
    """What clerks call a field (Bahasa Indonesia); its own name when it is unknown."""
    spec = field_spec(name)
    return spec.label if spec is not None else name
