"""From a letter's rows to drafts of its fields: every candidate is read, the best of each field is kept."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from classify import placed
from classify.drafts import Draft, folded
from classify.fieldspec import FieldSpec, KindSpec, key
from classify.identity import Nik, Nip, vote
from classify.labels import Hit, beneath, glued_colon, hits, value_rows
from classify.numbers import digits
from classify.rows import Piece, Row, cells, text_of
from classify.values import read

MOST_CANDIDATES = 40
_CLIENT = ("nik", "tempat_tgl_lahir", "jenis_kelamin", "agama", "pekerjaan", "alamat", "status_perkawinan", "klien")
_OFFICIAL = ("nip", "nrp", "pejabat")
_ADDRESS_LINE = re.compile(r"(?i)\b(?:laman|pos-?el|e-?mail|surel|website|kode\s?pos|fax|faks|faksimile)\b")
# the box itself, as readers see it in front of the words
_LIST_MARK = re.compile(r"^(?:[^0-9A-Za-z(]+|[A-Za-z0-9]{1,2}[)!|]?\s+(?=[A-Z]))+")
_BENEATH = ("nik", "kk", "paspor", "bpjs")


@dataclass(slots=True)
class Letter:
    """A letter while it is read: its rows, the labels found, and what is known of each block of labels."""

    rows: tuple[Row, ...]
    spec: KindSpec
    hits: tuple[Hit, ...] = ()
    ends: dict[int, list[int]] = field(default_factory=dict)
    owner: dict[int, str | None] = field(default_factory=dict)
    first_words: frozenset[Piece] = frozenset()
    ticked: Mapping[int, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hits = hits(self.rows, self.spec)
        for hit in self.hits:
            self.ends.setdefault(hit.row, []).append(hit.start)
        values = ((self.rows[hit.row].pieces, hit.value) for hit in self.hits)
        self.first_words = frozenset(pieces[at] for pieces, at in values if at < len(pieces))
        opened: dict[int, list[str]] = {}
        for hit in self.hits:
            opened.setdefault(hit.block, []).append(hit.opens)
        for block, names in opened.items():
            client = sum(n in _CLIENT for n in names)
            official = sum(n in _OFFICIAL for n in names)
            self.owner[block] = None if client == official else ("klien" if client > official else "pejabat")


def _labelled(letter: Letter, spec: FieldSpec, hit: Hit) -> Draft | None:
    found = value_rows(letter.rows, hit, letter.ends, spec.lines)
    row = letter.rows[hit.row]
    if found and found[0] and not hit.colon and glued_colon(found[0][0], row, hit.x):
        found[0][0] = _without_first_sign(found[0][0])
    draft = read(spec, found, row.height) if found else None
    if draft is None and spec.type in _BENEATH and not hit.colon:
        below = beneath(letter.rows, hit)
        draft = read(spec, [below], row.height) if below else None
    return draft


def _without_first_sign(piece: Piece) -> Piece:
    return replace(piece, text=piece.text[1:])


def _rank(letter: Letter, spec: FieldSpec, hit: Hit, draft: Draft) -> tuple[float, ...]:
    """How well a candidate fits, better first when sorted downwards: right block, right form, at a cell's start."""
    owner = letter.owner.get(hit.block)
    fits = 0.0 if spec.who is None or owner is None else (1.0 if owner == spec.who else -1.0)
    # a label of several words says more than "Nama" alone, but only within the same kind of block
    return (fits, float(hit.first), float(draft.valid), -letter.rows[hit.row].page, -hit.row, hit.score)


def _of_an_office(letter: Letter, hit: Hit) -> bool:
    """Whether a label stands in the address line of a letterhead, or alone in a sentence."""
    if _ADDRESS_LINE.search(letter.rows[hit.row].text):
        return True
    return letter.owner.get(hit.block) is None and not hit.colon and hit.opens not in _BENEATH


def _by_label(letter: Letter, spec: FieldSpec) -> Draft | None:
    best: tuple[tuple[float, ...], Draft] | None = None
    for hit in [hit for hit in letter.hits if hit.opens == spec.name][:MOST_CANDIDATES]:
        if spec.who == "klien" and _of_an_office(letter, hit):
            continue
        draft = _labelled(letter, spec, hit)
        if draft is None:
            continue
        rank = _rank(letter, spec, hit, draft)
        if rank[0] < 0 and spec.name in ("nama", "nik", "tempat_tgl_lahir", "alamat"):
            continue  # an official's name is not the client's
        if best is None or rank > best[0]:
            best = (rank, draft)
    return best[1] if best else None


def _loose_nik(letter: Letter, spec: FieldSpec) -> Draft | None:
    """Sixteen digits that no label opens: the first valid NIK of the letter."""
    for row in letter.rows:
        for cell in cells(row.pieces, 3 * row.height):
            for i, piece in enumerate(cell):
                plain = piece.text.strip(":;.,|()")
                found = digits(plain)
                if found is None or len(found.text) != 16 or "kk" in key(text_of(cell[max(0, i - 3) : i])):
                    continue
                draft = read(spec, [[piece]], row.height)
                if draft is not None and isinstance(draft.number, Nik) and draft.number.valid:
                    draft.labelled = False
                    return draft
    return None


def _date(letter: Letter, spec: FieldSpec) -> Draft | None:
    for place in letter.spec.date_places:
        draft: Draft | None = None
        if place == "label":
            draft = _by_label(letter, spec)
        elif place in ("kop", "ttd"):
            found = placed.place_dates(letter.rows, spec, letter.first_words)
            if found:
                draft = found[0] if place == "kop" else found[-1]
        else:
            draft = placed.sentence_date(letter.rows, spec, letter.first_words)
        if draft is not None:
            return draft
    return None


def _matter(letter: Letter, spec: FieldSpec) -> Draft | None:
    for place in letter.spec.matter_places:
        found = (
            _by_label(letter, spec) if place == "label" else placed.title(letter.rows, spec, letter.spec.title_lines)
        )
        if found is not None:
            return found
    return None


def _signed(letter: Letter, spec: FieldSpec) -> Draft | None:
    """The official who signed last; of one number read more than once, the plausible and most common reading."""
    found = placed.signatures(letter.rows)
    if spec.name == "penandatangan":
        named = [name for _, name in found if name is not None]
        return named[-1] if named else None
    numbered = [number for number, _ in found if number.spec.name == spec.name]
    every = numbered[::-1] + _all_labelled(letter, spec)
    if not every:
        return None
    told = [draft.number for draft in every if isinstance(draft.number, Nip)]
    best, others = vote(told)
    chosen = next(draft for draft in every if draft.number == best)
    if others is not None:
        chosen.failed.append(others)
    return chosen


def _all_labelled(letter: Letter, spec: FieldSpec) -> list[Draft]:
    hits = [hit for hit in letter.hits if hit.opens == spec.name][:MOST_CANDIDATES]
    return [draft for hit in hits if (draft := _labelled(letter, spec, hit)) is not None]


def _is_ticked(letter: Letter, page: int, text: str) -> bool:
    said = key(text)
    return any(fuzz.ratio(said, label) >= 85 for label in letter.ticked.get(page, ()))


def _ticked_below(letter: Letter, spec: FieldSpec) -> Draft | None:
    """The words beside ticked boxes in the column beneath a label, joined by a semicolon."""
    for hit in letter.hits:
        row = letter.rows[hit.row]
        if hit.opens != spec.name or not letter.ticked.get(row.page):
            continue
        left = row.pieces[hit.start].x0 - 2 * row.height
        right = min((p.x0 for i in letter.ends[hit.row] if i > hit.start for p in [row.pieces[i]]), default=math.inf)
        used: list[tuple[Piece, ...]] = []
        for number in range(hit.row + 1, len(letter.rows)):
            below = letter.rows[number]
            if below.page != row.page or number in letter.ends:
                break
            for cell in cells(below.pieces, 2 * below.height):
                if left <= cell[0].x0 < right - row.height and _is_ticked(letter, row.page, text_of(cell)):
                    used.append(cell)
        if used:
            text = "; ".join(_LIST_MARK.sub("", text_of(cell)) for cell in used)
            draft = Draft(spec, text, text, [p for cell in used for p in cell if len(key(p.text)) > 1])
            draft.passed.append("kotaknya dicentang")
            return draft
    return None


def _ticked_choice(letter: Letter, spec: FieldSpec) -> Draft | None:
    """The one choice whose box is ticked in the row of a label."""
    for hit in letter.hits:
        row = letter.rows[hit.row]
        if hit.opens != spec.name or not letter.ticked.get(row.page):
            continue
        marked = [w for w in spec.words if _is_ticked(letter, row.page, w)]
        longest = [w for w in marked if not any(key(w) in key(other) and w != other for other in marked)]
        for cell in cells(row.pieces[hit.value :], row.height):
            for start in range(len(cell)):
                if longest and len(longest) == 1 and key(text_of(cell[start:])) == key(longest[0]):
                    draft = Draft(spec, folded(cell[start:]), longest[0], list(cell[start:]))
                    draft.passed.append("kotaknya dicentang")
                    draft.proof = True
                    return draft
    return None


def drafts(rows: Sequence[Row], spec: KindSpec, ticked: Mapping[int, Sequence[str]]) -> list[Draft]:
    """The fields of a letter that is no card, at most one of a name, in the kind's order.

    `ticked` holds the words beside ticked boxes by the index of their page.
    """
    marks = {page: [key(text) for text in texts] for page, texts in ticked.items()}
    letter = Letter(tuple(rows), spec, ticked=marks)
    found = []
    for one in spec.fields:
        draft = _find(letter, one)
        if draft is not None and draft.pieces:
            found.append(draft)
    return found


# fields that are found by place, and those that are looked for by place when no label gives them
_PLACED: dict[str, Callable[[Letter, FieldSpec], Draft | None]] = {
    "tanggal": _date,
    "perihal": _matter,
    "nip": _signed,
    "nrp": _signed,
    "penandatangan": _signed,
    "tembusan": lambda letter, spec: placed.copies(letter.rows, spec),
    "tujuan": lambda letter, spec: placed.addressee(letter.rows, spec) or _by_label(letter, spec),
    "diteruskan_kepada": _ticked_below,
    "instruksi": _ticked_below,
}
_ELSE: dict[str, Callable[[Letter, FieldSpec], Draft | None]] = {
    "nik": _loose_nik,
    "pengirim": lambda letter, spec: placed.letterhead(letter.rows, spec),
    "nama": lambda letter, spec: placed.on_behalf(letter.rows, spec),
    "nomor_lp": lambda letter, spec: placed.police_number(letter.rows, spec, "LP"),
    "nomor_sktlk": lambda letter, spec: placed.police_number(letter.rows, spec, "SKTLK"),
}


def _find(letter: Letter, spec: FieldSpec) -> Draft | None:
    by_place = _PLACED.get(spec.name)
    if by_place is not None:
        return by_place(letter, spec)
    other = _ticked_choice if spec.type == "pilihan" else _ELSE.get(spec.name)
    return _by_label(letter, spec) or (other(letter, spec) if other is not None else None)
