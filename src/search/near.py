"""What is asked for, term by term, with the near words that may stand for each: a misread word in a letter, or in the
question, is found as well (docs/adr/0036, 0038)."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from sqlalchemy.orm import Session

from core.db import cursor
from search.common import Common, common
from search.nearwords import Near, near_words
from search.parsing import Query, Term, spellings, written
from search.tsquery import TOKEN, any_of, bare, misreadable, quoted

_EXACT: Final = """
    SELECT q::text, t.total, t.seqs, t.numbers,
      ARRAY(SELECT to_tsquery('indonesian', u.term)::text FROM unnest(%(terms)s::text[]) WITH ORDINALITY
            AS u (term, n) ORDER BY n),
      ARRAY(SELECT s.lexeme || ' ' || u.word FROM unnest(%(typed)s::text[]) AS u (word),
            unnest(to_tsvector('indonesian', u.word)) s)
    FROM to_tsquery('indonesian', %(words)s) q, search_total(q, %(asked)s::jsonb, %(most)s, %(keep)s) t
"""
ENOUGH: Final = 20
"""Pages that have what was asked, from which on near words are not looked for."""
_COUNTED: Final = 10_001  # pages; more are not counted (search/query.py)
_SURELY: Final = 3  # times as many, by a sample, are more for certain
_indexed: Final[dict[str, str]] = {}  # of terms that stand often, how the index has them, which never changes
_MOST_INDEXED: Final = 10_000
_TOLD: Final = 300  # pages that have what was asked and suit conditions which are told with their number
_KNOTTY: Final = re.compile(r"[!&]|<|':\*|'nik\d")
Page = tuple[int, int]
"""A letter's number, and the page of it."""
_ONE_WORD: Final = re.compile(r"'\w+'")


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
        maybe = (TOKEN.findall(said) for term, said in texts.items() if _may_be_near(term))
        words = (word for tokens in maybe for _, word in misreadable(tokens))
        near = near_words(session, words, stems, switched_off, known, together=total > 0 and len(terms) == 1)
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
    words = [bare(form) for form in forms if _ONE_WORD.fullmatch(form)]
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
    tokens = TOKEN.findall(exact)
    places = dict(misreadable(tokens)) if _may_be_near(term) else {}
    wide = " ".join(
        f"({any_of([token, *map(quoted, near[places[n]])])})" if places.get(n) in near else token
        for n, token in enumerate(tokens)
    )
    weights: dict[str, float] = {}
    for asked in places.values():
        for other, far in near.get(asked, {}).items():
            weights[other] = max(weights.get(other, 0), 0.9 / (1 + far))
    weights |= {bare(token): 1.0 for token in tokens if token.endswith("'")}
    return Group(exact, wide, weights, needed=bool(term.field) or term.quoted or term.sort == "number")


def _may_be_near(term: Term) -> bool:
    """Whether near words may stand for it: not for what is to be left out or as it is, nor for how a word begins."""
    return not (term.without or term.quoted or term.sort == "prefix")
