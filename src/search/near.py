"""What is asked for, term by term, and the near words that stand in pages the account may see: a misread word in a
letter, or in the question, is found as well (docs/adr/0036, 0038)."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import cursor
from search.common import Common, common
from search.nearness import SLIP, reach, shapes_near, sound, sounds, within
from search.parsing import Query, Term, spellings, written

_EXACT: Final = """
    SELECT q::text, t.total, t.seqs, t.numbers,
      ARRAY(SELECT to_tsquery('indonesian', u.term)::text FROM unnest(%(terms)s::text[]) WITH ORDINALITY
            AS u (term, n) ORDER BY n),
      ARRAY(SELECT s.lexeme || ' ' || u.word FROM unnest(%(typed)s::text[]) AS u (word),
            unnest(to_tsvector('indonesian', u.word)) s)
    FROM to_tsquery('indonesian', %(words)s) q, search_total(q, %(asked)s::jsonb, %(most)s, %(keep)s) t
"""
_NEAR: Final = "SELECT string_agg(n, E'\\n') FROM search_near(string_to_array(%(shapes)s, ' '), %(sounds)s, %(most)s) n"
_STEMS = text("""
    SELECT w.word, s.lexeme FROM unnest(CAST(:words AS text[])) AS w (word),
         unnest(to_tsvector('indonesian', w.word)) s
""")
_TOKEN = re.compile(r"'(?:[^'\\]|''|\\.)*'(?::\*)?|<->|<\d+>|[!&|()]")
ENOUGH: Final = 20
"""Pages that have what was asked, from which on near words are not looked for."""
_COUNTED: Final = 10_001  # pages; more are not counted (search/query.py)
_SURELY: Final = 3  # times as many, by a sample, are more for certain
_indexed: Final[dict[str, str]] = {}  # of terms that stand often, how the index has them, which never changes
_MOST_INDEXED: Final = 10_000
_TOLD: Final = 300  # pages that have what was asked and suit conditions which are told with their number
_CANDIDATES: Final = 4_000
_MOST: Final = 60  # near words of one: a common word is misread in many ways
_MISTYPED: Final = 0.15  # of a word's letters: two slips of ten
_KNOTTY: Final = re.compile(r"[!&]|<|':\*|'nik\d")
Page = tuple[int, int]
"""A letter's number, and the page of it."""
Near = dict[str, dict[str, float]]
"""Of each asked word, as the index has it, the near words and how far they are, the nearest first."""
_ONE_WORD: Final = re.compile(r"'\w+'")
_HASH = re.compile(r"'nik\d")  # stands for an identity number, and is near nothing


@dataclass(frozen=True, slots=True)
class Added:
    """Words that were searched besides one that was asked for, nearest first. In a plan they are as the index has them,
    in results as letters do."""

    asked: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """One thing that is asked for, as tsquery, of which a plan has one for each term. `weights`: what each word of the
    index is worth that may stand for it, 1 for those asked for. `needed`: never left out where most of what is asked
    for is enough."""

    exact: str
    wide: str
    weights: dict[str, float]
    needed: bool

    @property
    def is_plain(self) -> bool:
        """Whether a page has it if it has one of the weighed words, and exactly if one that weighs 1."""
        return _KNOTTY.search(self.exact) is None


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """Groups that belong together, and what must not be there (a tsquery, or ""). `units`: the groups, and the parts
    of numbers each for itself, of which most are enough; none where all was asked for by name (DAN). `parts`: of each
    group that is a number those parts, of which a page that has it has each."""

    groups: tuple[Group, ...]
    units: tuple[Group, ...]
    without: str
    parts: dict[Group, tuple[Group, ...]]

    @property
    def wide(self) -> str:
        """The tsquery of all its groups, near words too."""
        return self.of(self.groups)

    def of(self, groups: Sequence[Group]) -> str:
        """The tsquery of some of its groups."""
        return " & ".join([*(f"({group.wide})" for group in groups), *([self.without] if self.without else [])])


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked, as PostgreSQL writes it, and with near words besides."""

    exact: str
    exactly: int  # pages that have what was asked
    alternatives: tuple[Alternative, ...]
    added: tuple[Added, ...]
    near: dict[str, tuple[str, ...]]
    """Near words of each word as it was typed."""
    widened: bool
    """Whether more than what was asked is looked for."""
    common: Common
    """Which words many pages have, where more is looked for."""
    pages: frozenset[Page] | None
    """All that have what was asked, where they are known."""

    @property
    def wide(self) -> str:
        """All that is asked for, or near it."""
        return " | ".join(f"({one.wide})" for one in self.alternatives) if self.added else self.exact

    def forms(self, word: str) -> tuple[str, ...]:
        """Words that may stand for one that was typed, near words too."""
        return (*spellings(word), *self.near.get(word, ()))

    @property
    def any_of_it(self) -> str:
        """Any of what is asked for, or near it: what is marked."""
        groups = chain.from_iterable(one.groups for one in self.alternatives)
        return " | ".join(f"({group.wide})" for group in groups) or self.exact


def planned(
    session: Session,
    query: Query,
    key: str | None,
    asked: str | None,
    switched_off: Collection[str] = (),
    *,
    enough: int = ENOUGH,
) -> Plan:
    """The plan for a question, of letters that suit `asked` (search/suiting.py); `key` is that of identity numbers.

    Near words are searched where what was asked for is on fewer than `enough` pages, but for those switched off, as the
    index or a letter has them.
    """
    terms = [[term for term in terms if not (term.without and term.field)] for terms in query.alternatives]
    terms = [one for one in terms if any(not term.without for term in one)]
    flat = list(dict.fromkeys(one for term in chain.from_iterable(terms) for one in (term, *_parts(term))))
    told: dict[str, Any] = {
        "words": query.tsquery(key, spellings),
        "terms": [written(replace(term, without=False), key, spellings) for term in flat],
        "typed": sorted({part for term in flat if not term.without and term.sort != "number" for part in term.parts}),
        "asked": asked,
        "most": _COUNTED,
        "keep": _TOLD,
    }
    known = common(session)
    row = _of_common_words(told, known) if len(terms) == 1 and all(map(_may_be_near, terms[0])) else None
    row = row or cursor(session).execute(_EXACT, told).fetchone()
    exact, total, seqs, numbers, as_indexed, stemmed = row or ("", 0, None, None, [], [])
    _indexed.update(
        (asks, form) for asks, form in zip(told["terms"], as_indexed, strict=True) if form[1:-1] in known.often
    )
    if len(_indexed) > _MOST_INDEXED:
        _indexed.clear()
    texts = {term: one for term, one in zip(flat, as_indexed, strict=True) if one}
    stems = [(stem, word) for stem, _, word in (one.partition(" ") for one in stemmed)]
    near: Near = {}
    if total < enough:
        near = _near(session, texts, stems, switched_off, known, together=total > 0 and len(terms) == 1)
    groups = {term: _group(term, said, near) for term, said in texts.items()}
    alternatives = [_alternative(one, groups, strict=query.strict) for one in terms]
    typed = dict(stems)
    return Plan(
        exact,
        total,
        tuple(one for one in alternatives if one.groups),
        tuple(Added(typed.get(stem, stem), tuple(words)) for stem, words in near.items()),
        {word: tuple(near[stem]) for stem, word in stems if stem in near},
        widened=total < enough,
        common=known,
        pages=None if seqs is None or numbers is None else frozenset(zip(seqs, numbers, strict=True)),
    )


def _of_common_words(told: dict[str, Any], known: Common) -> tuple[Any, ...] | None:
    """What _EXACT would tell of words that far more pages have than are counted, by the sample; else None. To count ten
    thousand pages was a third of such a question."""
    forms = [_indexed.get(term, "") for term in told["terms"]]
    words = [_bare(form) for form in forms if _ONE_WORD.fullmatch(form)]
    if told["asked"] or len(words) < len(forms) or known.at_least(words) < _SURELY * _COUNTED:
        return None
    return " & ".join(forms), _COUNTED, None, None, forms, []


def _parts(term: Term) -> Iterator[Term]:
    """The parts of a number that is no phrase in quotes, each for itself."""
    if term.sort == "phrase" and not (term.quoted or term.without or term.field) and len(term.parts) > 2:
        yield from (Term("word", (part,)) for part in term.parts)


def _alternative(terms: list[Term], groups: dict[Term, Group], *, strict: bool) -> Alternative:
    asked = [term for term in terms if not term.without and term in groups]
    parts = {groups[term]: tuple(groups[part] for part in _parts(term) if part in groups) for term in asked}
    wholes = tuple(parts)
    units = () if strict else (*wholes, *dict.fromkeys(chain.from_iterable(parts.values())))
    without = " & ".join(f"!({groups[term].exact})" for term in terms if term.without and term in groups)
    return Alternative(
        wholes, units, without, {} if strict else {whole: of_it for whole, of_it in parts.items() if of_it}
    )


def _group(term: Term, exact: str, near: Near) -> Group:
    tokens = _TOKEN.findall(exact)
    places = dict(_misreadable(tokens)) if _may_be_near(term) else {}
    wide = " ".join(
        f"({any_of([token, *map(quoted, near[places[n]])])})" if places.get(n) in near else token
        for n, token in enumerate(tokens)
    )
    weights: dict[str, float] = {}
    for asked in places.values():
        for other, far in near.get(asked, {}).items():
            weights[other] = max(weights.get(other, 0), 0.9 / (1 + far))
    weights |= {_bare(token): 1.0 for token in tokens if token.endswith("'")}
    return Group(exact, wide, weights, needed=bool(term.field) or term.quoted or term.sort == "number")


def _stems(session: Session, words: Collection[str]) -> list[tuple[str, str]]:
    """Each word with what the index has of it; a word that says nothing is left out."""
    return [(row.word, row.lexeme) for row in session.execute(_STEMS, {"words": list(words)})]


def _near(
    session: Session,
    texts: dict[Term, str],
    stems: list[tuple[str, str]],
    switched_off: Collection[str],
    known: Common,
    *,
    together: bool,
) -> Near:
    """The near words of each asked word, as the index has it; looked for by how it was typed too. `together`: the words
    stand on a page as they are asked for."""
    forms: dict[str, set[str]] = {}
    for term, said in texts.items():
        if _may_be_near(term):
            forms |= {word: {word} for _, word in _misreadable(_TOKEN.findall(said))}
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


def _may_be_near(term: Term) -> bool:
    """Whether near words may stand for it: not for what is to be left out or as it is, nor for how a word begins."""
    return not (term.without or term.quoted or term.sort == "prefix")


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


def _misreadable(tokens: list[str]) -> Iterator[tuple[int, str]]:
    """Place and word of what may be misread: of words in a row only numbers and days."""
    for n, token in enumerate(tokens):
        if token.endswith("'") and not _HASH.match(token) and reach(_bare(token)):
            row = _row(tokens, n)
            if len(row) == 1 or any(char.isdigit() for word in row for char in word):
                yield n, _bare(token)


def _row(tokens: list[str], place: int) -> list[str]:
    """The words that have to stand in a row around that place, itself among them."""
    first = last = place
    while first > 1 and tokens[first - 1].startswith("<"):
        first -= 2
    while last + 2 < len(tokens) and tokens[last + 1].startswith("<"):
        last += 2
    return tokens[first : last + 1 : 2]


def _bare(token: str) -> str:
    if "\\" not in token and "''" not in token:
        return token[1:-1]
    return re.sub(r"\\(.)", r"\1", token[1:-1].replace("''", "'"))


def tokens(query: str) -> Iterator[tuple[str, bool]]:
    """The words of a tsquery, and of each whether it is whole or how one begins."""
    for token in _TOKEN.findall(query):
        if token.startswith("'"):
            yield _bare(token.removesuffix(":*")), not token.endswith(":*")


def any_of(queries: Sequence[str]) -> str:
    """The tsquery of what any of them finds, its branches as short as can be: PostgreSQL goes down every one, for every
    page it looks at, before it comes to the first word."""
    if len(queries) < 2:
        return "".join(queries)
    half = len(queries) // 2
    return f"({any_of(queries[:half])}) | ({any_of(queries[half:])})"


def quoted(word: str) -> str:
    """The word as a tsquery has it."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
