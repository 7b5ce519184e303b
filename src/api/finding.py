"""Searching as the API and the pages do it: identity numbers hidden, and the search noted for the ledger.

Identity numbers in what is found are hidden from everybody: whether somebody needs one is known only of one letter
(api/need.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from api.casework import identity_key
from archive import documents, ledger
from archive.tables import DocumentRow
from classify.maskedtext import masked_words
from classify.rules import labels
from core import clock
from core.db import transaction
from core.faults import InvalidRequest
from core.settings import settings
from records.dates import written
from records.export import found
from search import noted, sealed
from search.facets import Filters
from search.query import Hit, Results, Sort, is_cursor, search

MOST_LETTERS: Final = 500
"""Signs of what can be asked."""
WINDOW: Final = 20
"""Pages of a thick file that a letter's page shows at a time; a phone holds them and their pictures."""


_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody searches for."""

    words: str
    cursor: str | None = None
    off: tuple[str, ...] = ()
    """Near words that are not to be searched."""
    chosen: tuple[tuple[str, str], ...] = ()
    """To what it is narrowed: a facet's name and a value of it."""
    sort: Sort = "relevansi"

    @property
    def is_first(self) -> bool:
        return self.cursor is None

    @classmethod
    def opened(cls, account: Account, address: str) -> Self:
        """What address() closed up for this account. Raises InvalidRequest."""
        told = sealed.from_address(identity_key(), account.id, address)
        return cls.of(told)

    @classmethod
    def of(cls, told: sealed.Asked) -> Self:
        """As `told` says."""
        chosen = tuple((name, value) for name, value in told.get("f", ()))
        off, sort = tuple(told.get("o", ())), told.get("s", "relevansi")
        return cls(words=told["q"], cursor=told.get("c"), off=off, chosen=chosen, sort=sort)

    @property
    def told(self) -> sealed.Asked:
        """The same, as it is closed up."""
        order = None if self.sort == "relevansi" else self.sort
        rest = {"c": self.cursor, "o": list(self.off), "f": [list(one) for one in self.chosen], "s": order}
        return {"q": self.words} | {name: value for name, value in rest.items() if value}

    @property
    def filters(self) -> Filters:
        """To what it is narrowed, as search() reads it. Raises InvalidRequest."""
        try:
            return Filters.of(self.chosen)
        except ValueError as error:
            raise InvalidRequest(what="saringan hasil") from error

    @property
    def from_start(self) -> Self:
        """The same, from the first hit on."""
        return replace(self, cursor=None)

    def address(self, account: Account) -> str:
        """This search as it can stand in an address, which only this account can open."""
        return sealed.to_address(identity_key(), account.id, self.told)


def page_address(document: UUID, page: int, mark: str) -> str:
    """Where that page of a letter is shown; `mark` is the address of a search whose words are marked there, or ""."""
    query = [f"c={mark}"] if mark else []
    if page > WINDOW:
        query.append(f"halaman={page}")
    return f"/arsip/{document}{'?' + '&'.join(query) if query else ''}#halaman-{page}"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, with the letters it is in where they were asked for."""

    results: Results
    letters: dict[UUID, DocumentRow]


def find(account: Account, asked: Asked, limit: int, *, facets: bool = False, letters: bool = False) -> Found:
    """What the account may see of what is asked for; `facets`: counted too; `letters`: with them. Raises
    InvalidRequest."""
    if asked.cursor is not None and not is_cursor(asked.cursor):
        raise InvalidRequest(what="cursor")
    with transaction(account.context) as session:
        results = _searched(session, asked, limit, facets=facets)
        found_in = documents.several(session, list({hit.document for hit in results.hits})) if letters else {}
        if asked.is_first:  # who leafs on asks nothing new
            noted.note(session, account, identity_key(), asked.words, noted.used(asked.words), results.total)
    return Found(replace(results, hits=tuple(_masked(hit) for hit in results.hits)), found_in)


def _searched(session: Session, asked: Asked, limit: int, *, facets: bool = False) -> Results:
    return search(
        session,
        asked.words,
        limit=limit,
        cursor=asked.cursor,
        identity_key=identity_key(),
        switched_off=asked.off,
        filters=asked.filters,
        sort=asked.sort,
        facets=facets,
    )


def _masked(hit: Hit) -> Hit:
    words = [word for word, _ in hit.snippet]
    hidden = masked_words(words)
    if hidden == words:
        return hit
    return replace(hit, snippet=tuple((word, marked) for word, (_, marked) in zip(hidden, hit.snippet, strict=True)))


def taken_out(account: Account, asked: Asked, ending: found.Ending) -> bytes:
    """The table of all that is found, entered in the ledger. Raises InvalidRequest for more than one may hold."""
    with transaction(account.context) as session:
        _, rows = _everything(session, asked)
        _tell(session, account, asked, ending, len(rows))
    return found.table(rows, ending, clock.now())


def bagged(account: Account, asked: Asked) -> Iterator[bytes]:
    """All that is found as a bag: it stands in the ledger before the first byte goes. Raises Forbidden,
    InvalidRequest."""
    account.require(Right.EXPORT)
    with transaction(account.context) as session:
        letters, rows = _everything(session, asked)
        gathered = found.gather(session, account, letters, rows)
        _tell(session, account, asked, "bag", len(rows))
    return found.stream(gathered, clock.now())


def _tell(session: Session, account: Account, asked: Asked, ending: str, lines: int) -> None:
    digest = sealed.digest(identity_key(), asked.words)
    ledger.append(session, "search_exported", actor=account.id, words=digest, format=ending, lines=lines)


def _everything(session: Session, asked: Asked) -> tuple[list[DocumentRow], list[found.Row]]:
    letters: dict[UUID, DocumentRow] = {}
    rows: list[found.Row] = []
    cursor = None
    while True:
        part = _searched(session, replace(asked, cursor=cursor), _AT_ONCE)
        letters |= documents.several(session, list({hit.document for hit in part.hits} - letters.keys()))
        rows += [_line(_masked(hit), letters[hit.document]) for hit in part.hits]
        cursor = part.next
        if len(rows) > found.MOST_LINES:
            raise InvalidRequest(what=f"hasil yang diekspor (lebih dari {found.MOST_LINES} halaman); persempit katanya")
        if cursor is None:
            return list(letters.values()), rows


def _line(hit: Hit, row: DocumentRow) -> found.Row:
    number, dated = (row.fields.get(name, {}).get("text", "") for name in ("nomor_surat", "tanggal"))
    kind, snippet = labels().get(row.kind or "", ""), " ".join(word for word, _ in hit.snippet)
    day = written(hit.received_at.astimezone(ZoneInfo(settings().timezone)).date())
    return (row.filename, hit.page, kind, number, dated, row.unit, day, snippet, str(row.id))
