"""The near words of what is asked for that stand in pages the account may see (docs/adr/0036, 0038, 0045, 0046)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import cursor
from search.common import Common
from search.nearness import SLIP, reach, shapes_near, sound, sounds, within

_NEAR: Final = "SELECT string_agg(n, E'\\n') FROM search_near(string_to_array(%(shapes)s, ' '), %(sounds)s, %(most)s) n"
_STEMS = text("""
    SELECT w.word, s.lexeme FROM unnest(CAST(:words AS text[])) AS w (word),
         unnest(to_tsvector('indonesian', w.word)) s
""")
_CANDIDATES: Final = 4_000
_MOST: Final = 60  # near words of one: a common word is misread in many ways
_MISTYPED: Final = 0.15  # of a word's letters: two slips of ten
Near = dict[str, dict[str, float]]
"""Of each asked word, as the index has it, the near words and how far they are, the nearest first."""


def near_words(
    session: Session,
    asked: Iterable[str],
    stems: Sequence[tuple[str, str]],
    switched_off: Collection[str],
    known: Common,
    *,
    together: bool,
) -> Near:
    """The near words of each asked word, as the index has it; looked for by how it was typed too, which `stems` say: of
    what was typed what the index has of it. `together`: the words stand on a page as they are asked for."""
    forms = {word: {word} for word in asked}
    for stem, word in stems:
        if stem in forms and reach(word):
            forms[stem] |= _cut(word, stem)
    as_typed = forms.keys() if together and len(forms) > 1 else forms.keys() & known.often
    return _nearest(session, forms, switched_off, _OwnWords(forms, as_typed, known)) if forms else {}


@dataclass(frozen=True, slots=True)
class _OwnWords:
    """Words that stand often, and so are no misreading of an asked one but words of their own: surat near Sumiat. Of
    two that stand often and sound alike one may be another spelling: Samsudin near Syamsuddin.

    A word that stands often itself, or together with the others asked for, is typed as it is meant, and its misreadings
    are rarer and no more than a slip away. Any other of several words may be mistyped, a long one more than once."""

    asked: Mapping[str, Collection[str]]
    as_typed: Collection[str]
    known: Common

    def has(self, asked: str, other: str, far: float) -> bool:
        """Whether the other is such a word, so far away from an asked one."""
        if other not in self.known.often:
            return False
        forms = self.asked[asked]
        if asked in self.known.often and any(sound(other) in sounds(form) for form in forms):
            return False
        if asked in self.as_typed:
            return far > SLIP or self.known.pages[other] > self.known.pages.get(asked, 0)
        return len(self.asked) > 1 and far > max(SLIP, _MISTYPED * max(map(len, forms)))


def _cut(word: str, stem: str) -> set[str]:
    """A word as it was typed, and with one of its ends cut off: where the other end was misread, the stemmer of the
    index did not know it and left it on."""
    core = stem if stem in word else stem[1:]  # the first letter may have melted into what stands before it
    before, _, behind = word.rpartition(core)
    return {word, *((before + core, core + behind) if before and behind and len(core) > 2 else ())}


def _nearest(session: Session, asked: dict[str, set[str]], switched_off: Collection[str], own: _OwnWords) -> Near:
    forms = list(chain.from_iterable(asked.values()))
    sought = [(stem, form, reach(form), shapes_near(form)) for stem, forms in asked.items() for form in forms]
    off = {*asked, *switched_off}  # one word of the question is no near word of another, as telantar of terlantar
    off |= {stem for _, stem in _stems(session, switched_off)} if switched_off else set()
    near: dict[str, dict[str, float]] = {}
    shaped = _shaped(session, frozenset().union(*(shapes for *_, shapes in sought)), set().union(*map(sounds, forms)))
    for stem, form, most, shapes in sought:
        others = list(chain.from_iterable(map(shaped.__getitem__, shapes & shaped.keys())))
        alike = chain.from_iterable(shaped.get(f"~{said}", ()) for said in sounds(form))
        found = dict.fromkeys(alike, SLIP)
        for other, far in within(form, others, most).items():
            found[other] = min(far, found.get(other, far))
        for other, far in found.items():
            if other not in off and not own.has(stem, other, far):
                known = near.setdefault(stem, {})
                known[other] = min(far, known.get(other, far))
    return {
        stem: dict(sorted(words.items(), key=lambda one: (one[1], one[0]))[:_MOST])
        for stem, words in sorted(near.items())
    }


def _shaped(session: Session, shapes: frozenset[str], said: set[str]) -> dict[str, list[str]]:
    """Of each of the shapes its words, of what may be seen, if there are any, and behind a ~ of each of the sounds; as
    one text, since one list of thousands of words took psycopg longer than all else here."""
    values = {"shapes": " ".join(shapes), "sounds": sorted(said), "most": _CANDIDATES}
    told = cursor(session).execute(_NEAR, values).fetchone()
    lines: str = (told and told[0]) or ""
    return {own: words for own, *words in (line.split(" ") for line in lines.split("\n"))}


def _stems(session: Session, words: Collection[str]) -> list[tuple[str, str]]:
    """Each word with what the index has of it; a word that says nothing is left out."""
    return [(row.word, row.lexeme) for row in session.execute(_STEMS, {"words": list(words)})]
