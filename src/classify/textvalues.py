"""Values that are words or dates: names, places, choices, addresses, days."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from rapidfuzz import fuzz, process

from classify import dates
from classify.drafts import EDGE, JUNK, LONGEST, LOW, Draft, folded, spanned
from classify.fieldspec import FieldSpec, key, known_words
from classify.rows import Piece, text_of

_ALIKE = 85.0  # of 100: so near a word of a closed list that it is that word
_NAME_WORD = re.compile(r"^[^\W\d_][\w.,'’`\-]*$")
# how names are written; degrees and initials have dots
_NAME_SHAPE = re.compile(
    r"^(?:[A-Z][a-z]*(?:['’`\-][A-Za-z][a-z]*)*|[A-Z'’`\-]+|bin|binti|van|de|[A-Za-z]{1,5}\.(?:[A-Za-z]{1,5}\.?)*),?$"
)
# "Jl." as readers see it
_STREET = re.compile(r"^(?:[^\s.]?[JjIiLlMmH1][IiLl1|!][.,]\s?|[Jj][.,]?\s)(?=[A-Z0-9])")
# small letters that look alike on a worn page; b and p, say, do not
_CONFUSED = frozenset(("lt", "li", "it", "ft", "ce", "co", "eo", "nu", "hb", "gq", "vy", "ij", "rt", "ao"))
# no matter and no address ends with one of these: what follows was not read
_OPEN = frozenset(
    ("ke", "di", "dari", "dan", "atau", "untuk", "yang", "dengan", "pada", "oleh", "bagi", "an", "no", "rt")
)
_RT_RW = re.compile(r"(\d{1,3})\s*/\s*(\d{1,3})")
_LIFELONG = "SEUMUR HIDUP"


def plain(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """Words as they stand; a lone dash says that there is nothing."""
    kept: list[Piece] = []
    for piece in pieces:
        kept.append(piece)
        if any(c in "“”«»—_~|" for c in piece.text[1:]) and piece.confidence < 0.75:
            break  # a dotted line read as words begins here
    said = folded(kept)
    if not said:
        # "Lampiran : -" says that there is none
        dash = any(p.text.strip(":") in ("-", "–", "—") for p in pieces)
        return Draft(spec, "-", "", list(pieces)) if dash else None
    words = said.split()
    known = known_words(spec.type) if spec.mended else frozenset()
    mended = [_from_list(_among_capitals(word), known) for word in words]
    text = " ".join(mended)
    draft = Draft(spec, text, text, kept, exact=words[-1].casefold() not in _OPEN)
    draft.repaired += [f"“{was}” dibaca “{now}”" for was, now in zip(words, mended, strict=True) if was != now]
    return draft


def _from_list(word: str, known: frozenset[str]) -> str:
    """A word that differs from a common word of letters by one letter readers confuse: ``Keturahan`` is Kelurahan."""
    bare = word.strip(EDGE)
    said = bare.casefold()
    if len(said) < 6 or not said.isalpha() or said in known:
        return word
    near = [w for w in known if len(w) == len(said) and _confused(w, said)]
    if len(near) != 1:
        return word
    right = near[0].upper() if bare.isupper() else near[0].capitalize() if bare[0].isupper() else near[0]
    return word.replace(bare, right)


def _confused(one: str, other: str) -> bool:
    pairs = [a + b for a, b in zip(one, other, strict=True) if a != b]
    return len(pairs) == 1 and (pairs[0] in _CONFUSED or pairs[0][::-1] in _CONFUSED)


def name(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """A name: capitalised words and degrees, up to the first sign that belongs to none."""
    kept: list[Piece] = []
    words: list[str] = []
    for piece in pieces:
        bare = piece.text.strip(JUNK + ":;!")
        if not _NAME_WORD.match(bare) or (kept and piece.confidence < LOW):
            break
        kept.append(piece)
        words.append(_capital_i(bare))
        if bare != piece.text.strip(":;!") and len(kept) > 1 and piece.text[-1] in JUNK:
            break
    text = " ".join(words).strip(" ,.-") if not words or "." not in words[-1] else " ".join(words).strip(" ,-")
    if len(key(text)) < 2:
        return None
    left = pieces[len(kept) : len(kept) + 1]
    usual = all(_NAME_SHAPE.match(word) for word in text.split())
    draft = Draft(spec, text, text, kept, exact=not left and usual)
    was = " ".join(p.text.strip(JUNK + ":;!") for p in kept)
    if was.strip(" ,.-") != text.strip(" ,.-"):
        draft.repaired.append(f"“{was}” dibaca “{text}”: huruf l di awal nama atau di antara huruf besar adalah I")
    return draft


def _capital_i(word: str) -> str:
    """A name never begins with a small l: readers see a capital I so."""
    if word[:1] == "l" and len(word) > 1:
        word = "I" + word[1:]
    return _among_capitals(word)


def _among_capitals(word: str) -> str:
    """No small l stands among capitals: ``DOMlSILI`` was DOMISILI."""
    others = [c for c in word if c.isalpha() and c != "l"]
    return word.replace("l", "I") if "l" in word and len(others) > 1 and all(c.isupper() for c in others) else word


def dated(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """The first date."""
    text = text_of(pieces)[:LONGEST]
    found = dates.first(text)
    if found is None:
        return None
    used = spanned(pieces, found.start, found.end)
    draft = Draft(spec, found.mended or found.text, found.day.isoformat(), used, exact=found.exact, day=found.day)
    return _told(draft, found)


def _told(draft: Draft, found: dates.Dated) -> Draft:
    if found.mended is not None:
        draft.repaired.append(f"“{found.text}” dibaca “{found.mended}”")
    return draft


def born(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """Place and date of birth; a place alone is a value that failed."""
    text = text_of(pieces)[:LONGEST]
    found = dates.first(text, datetime.now(UTC).year)
    if found is None:
        unread = plain(spec, pieces)
        if unread is not None:
            unread.valid = unread.exact = False
            unread.failed.append("tanggal lahir tidak terbaca")
        return unread
    place = " ".join(text[: found.start].split()).strip(EDGE)
    used = spanned(pieces, 0, found.end)
    printed = found.mended or found.text
    said = f"{place}, {printed}" if place else printed
    value = f"{place}, {found.day.isoformat()}" if place else found.day.isoformat()
    return _told(Draft(spec, said, value, used, exact=found.exact and bool(place), day=found.day), found)


def choice(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """One of the field's words; the longest run of pieces from the left, behind an age, that is one."""
    pieces = _behind_age(pieces)
    best: tuple[float, str, int] | None = None
    for end in range(1, min(len(pieces), 6) + 1):
        said = key(text_of(pieces[:end]))
        found = process.extractOne(said, {w: key(w) for w in spec.words}, scorer=fuzz.ratio, score_cutoff=72)
        if found is not None and (best is None or found[1] >= best[0]):
            best = (found[1], found[2], end)
    if best is None:
        unread = plain(spec, pieces)
        if unread is not None:
            unread.valid = unread.exact = False
            unread.failed.append("bukan salah satu pilihan yang ada")
        return unread
    score, word, end = best
    if _offered(spec, pieces[end:], word):
        return None
    said = folded(pieces[:end])
    upper = sum(c.isupper() for c in said) > sum(c.islower() for c in said)
    printed = said if score == 100 else (word.upper() if upper else word)
    draft = Draft(spec, printed, spec.same.get(word, word), list(pieces[:end]))
    draft.passed.append("salah satu pilihan yang ada")
    draft.proof = score >= _ALIKE
    if score < 100:
        draft.certain = score >= _ALIKE
        draft.repaired.append(f"“{said}” dibaca “{draft.text}”")
    return draft


def _behind_age(pieces: list[Piece]) -> list[Piece]:
    """What follows in ``48 tahun / Laki-laki``; all of it where no age stands in front."""
    if not pieces or not pieces[0].text.isdigit():
        return pieces
    sign = next((i for i, p in enumerate(pieces[1:4], 1) if p.text == "/"), None)
    return pieces if sign is None else pieces[sign + 1 :]


def _offered(spec: FieldSpec, rest: Sequence[Piece], word: str) -> bool:
    """Whether other choices follow: then the row offers check boxes, and its words say nothing."""
    said = {key(p.text) for p in rest}
    own = {key(part) for part in word.split()}
    return any(key(w) in said and key(w) not in own for w in spec.words if " " not in w)


def blood(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """A blood group; a dash says that none is known."""
    said = text_of(pieces[:1]).strip().upper()
    told = {"0": "O", "8": "B", "–": "-", "—": "-"}.get(said, said)
    if told not in spec.words:
        return None
    draft = Draft(spec, told, "" if told == "-" else told, list(pieces[:1]))
    if told != said and told != "-":
        draft.repaired.append(f"“{said}” dibaca “{told}”")
    return draft


def address(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """An address; "Jl." is mended, and one that begins with none of the words addresses begin with may lack it."""
    draft = plain(spec, pieces)
    if draft is None or not draft.value:
        return draft
    match = _STREET.match(draft.text)
    street = match[0] if match else ""
    right = "JL. " if draft.text.isupper() else "Jl. "
    if street and key(street) != "jl":
        draft.repaired.append(f"“{street.strip()}” dibaca “{right.strip()}”")
        draft.text = draft.value = right + draft.text[len(street) :].lstrip()
    draft.exact = draft.exact and key(draft.text.split()[0]) in known_words("awal_alamat")
    return draft


def rt_rw(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """``003/001``: the neighbourhood numbers, filed with three digits each."""
    match = _RT_RW.search(text_of(pieces))
    if match is None:
        return None
    value = f"{int(match[1]):03d}/{int(match[2]):03d}"
    return Draft(spec, " ".join(match[0].split()), value, spanned(pieces, *match.span()))


def until(spec: FieldSpec, pieces: list[Piece]) -> Draft | None:
    """The date a card runs out, or ``SEUMUR HIDUP``."""
    found = dated(spec, pieces)
    if found is not None:
        return found
    text = folded(pieces[:2])
    if fuzz.ratio(key(text), key(_LIFELONG)) < 75:
        return None
    return Draft(spec, text, _LIFELONG, list(pieces[:2]))
