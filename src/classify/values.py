"""The value of a field, read as its type asks."""

from collections.abc import Callable, Sequence

from classify import numbervalues, textvalues
from classify.drafts import Draft, trimmed
from classify.fieldspec import FieldSpec
from classify.rows import Piece

_READERS: dict[str, Callable[[FieldSpec, list[Piece]], Draft | None]] = {
    "teks": textvalues.plain, "tembusan": textvalues.plain, "centang": textvalues.plain, "nama": textvalues.name,
    "tanggal": textvalues.dated, "lahir": textvalues.born, "pilihan": textvalues.choice, "darah": textvalues.blood,
    "alamat": textvalues.address, "rt_rw": textvalues.rt_rw, "berlaku": textvalues.until,
    "nomor": numbervalues.letter_number, "nik": numbervalues.nik, "kk": numbervalues.nik, "nip": numbervalues.nip,
    "nrp": numbervalues.nip, "telepon": numbervalues.checked, "bpjs": numbervalues.checked,
    "paspor": numbervalues.checked, "uang": numbervalues.money,
}  # fmt: skip
# values that may be spread over a row: digits in a comb, choices with boxes between
_WIDE = frozenset(("nik", "kk", "nip", "telepon", "bpjs", "pilihan"))


def read(spec: FieldSpec, found: Sequence[Sequence[Piece]], height: float) -> Draft | None:
    """What the rows of a value say for a field; None when they say nothing of its type."""
    kept = [trimmed(row, spec.type in _WIDE) for row in found]
    pieces = [p for row in kept for p in row]
    draft = _READERS[spec.type](spec, pieces) if pieces else None
    if draft is not None and spec.type in ("nama", "teks", "alamat"):
        # a faint word right behind the value may well belong to it
        lost = [(mine, row) for mine, row in zip(kept, found, strict=True) if mine and mine[-1] is not row[-1]]
        draft.exact = draft.exact and not any(_cut_off(mine[-1], row, height) for mine, row in lost)
    return draft


def _cut_off(last: Piece, row: Sequence[Piece], height: float) -> bool:
    after = [p for p in row if p.x0 >= last.x1 - 1 and p is not last]
    return bool(after) and after[0].x0 - last.x1 < height and sum(c.isalpha() for c in after[0].text) > 2
