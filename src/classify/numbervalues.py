"""Values that are numbers: letter numbers, identities, telephones, amounts."""

import re
from collections.abc import Callable

from classify import dates, identity, letternumber, numbers
from classify.drafts import EDGE, LONGEST, Draft, folded, spanned
from classify.fieldspec import FieldSpec
from classify.rows import Piece, text_of


def letter_number(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """The number of a letter, without what stands behind it in its row."""
    text = text_of(pieces)
    # a date or a table's next word behind the number is no part of it
    cut = re.split(r"(?i)\s(?=(?:tanggal|tgl|perihal|hal|tentang|lampiran|no\.?\s?agenda)\b)", text[:LONGEST])[0]
    cut = re.sub(r"(?<=[\d)])\s+(?=[A-Z][a-z]{3,}\b(?!\S*/)).*$", "", cut)
    said = letternumber.tidy(cut)
    parsed = letternumber.parse(said)
    if not said or not parsed.valid:
        return None
    used = spanned(pieces, 0, len(cut))
    return Draft(spec, said, parsed.value, used)


def nik(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """A NIK, or the number of a family card, with the digits as read and why they cannot be."""
    read = identity.nik if spec.type == "nik" else identity.kk
    return _number(spec, pieces, read, 16)


def nip(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """An official's or a policeman's number."""
    return _number(spec, pieces, identity.nip if spec.type == "nip" else identity.nrp, 18 if spec.type == "nip" else 8)


def _number(
    spec: FieldSpec, pieces: list[Piece], read: Callable[[str], identity.Nik | identity.Nip | None], length: int
) -> Draft | None:
    """The first run of pieces that makes a number of the right length, else the longest that makes any."""
    best: tuple[identity.Nik | identity.Nip, int, int] | None = None
    for start in range(min(3, len(pieces))):
        for end in range(start + 1, min(len(pieces), start + 24) + 1):
            found = read(text_of(pieces[start:end]))
            if found is None:
                continue
            if best is None or _nearer(found, best[0], length):
                best = (found, start, end)
    if best is None or len(best[0].digits) < length // 2:
        return None
    number, start, end = best
    said = " ".join(text_of(pieces[start:end]).strip(EDGE).split())
    draft = Draft(spec, said, number.digits, list(pieces[start:end]), valid=number.valid, number=number)
    if number.swapped:
        draft.repaired.append("angka mirip huruf dibaca angka: " + ", ".join(dict.fromkeys(number.swapped)))
        draft.text = number.digits
        draft.certain = False
    if number.why:
        draft.failed.append(number.why)
    return draft


def _nearer(one: identity.Nik | identity.Nip, other: identity.Nik | identity.Nip, length: int) -> bool:
    mine, yours = abs(len(one.digits) - length), abs(len(other.digits) - length)
    return mine < yours or (mine == yours and one.valid and not other.valid)


def checked(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """Telephone, BPJS, passport: a number with a form of its own."""
    read = {"telepon": numbers.phone, "bpjs": numbers.bpjs, "paspor": numbers.passport}[spec.type]
    if len(pieces) > 1 and len(pieces[-1].text) == 1:
        whole = read(text_of(pieces[:-1]))
        pieces = pieces[:-1] if whole is not None and whole.valid else pieces  # a speck behind the number
    for end in range(min(len(pieces), 6), 0, -1):
        text = text_of(pieces[:end])
        found = read(text)
        if found is None or (not found.valid and end > 1 and spec.type != "telepon"):
            continue
        said = " ".join(text.strip(EDGE.replace("(", "")).split())
        draft = Draft(spec, said, found.value, list(pieces[:end]), valid=found.valid)
        (draft.passed if found.valid else draft.failed).append(
            "bentuk nomor benar" if found.valid else "bentuk nomor tidak lazim"
        )
        if found.swapped:
            draft.repaired.append("angka mirip huruf dibaca angka: " + ", ".join(dict.fromkeys(found.swapped)))
            draft.text, draft.certain = found.value, False
        return draft
    return None


def money(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """An amount, in figures or in words; the value is whole rupiah."""
    text = text_of(pieces)
    amount = numbers.rupiah(text, bare=True)
    if amount is None:
        amount = dates.number_in_words(re.sub(r"(?i)\brupiah\b.*$", "", text).strip(EDGE))
    if amount is None:
        return None
    return Draft(spec, folded(pieces), str(amount), list(pieces))
