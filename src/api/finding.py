"""Searching as the API and the pages do it: identity numbers hidden, and the search noted for the ledger.

Identity numbers in what is found are hidden from everybody: whether somebody needs one is known only of one letter
(api/need.py).
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Self
from urllib.parse import urlencode
from uuid import UUID

from access.accounts import Account
from api.casework import identity_key
from archive import documents
from archive.tables import DocumentRow
from classify.maskedtext import masked_words
from core.db import transaction
from core.faults import InvalidRequest
from search import noted, sealed
from search.query import Hit, Results, is_cursor, search

MOST_LETTERS: Final = 500
"""Signs of what can be asked."""
WINDOW: Final = 20
"""Pages of a thick file that a letter's page shows at a time; a phone holds them and their pictures."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody searches for."""

    words: str
    cursor: str | None = None

    @property
    def is_first(self) -> bool:
        return self.cursor is None

    @classmethod
    def opened(cls, account: Account, address: str) -> Self:
        """What address() closed up for this account. Raises InvalidRequest."""
        told = sealed.from_address(identity_key(), account.id, address)
        return cls(words=told["q"], cursor=told.get("c"))

    def address(self, account: Account) -> str:
        """This search as it can stand in an address, which only this account can open."""
        told: dict[str, Any] = {"q": self.words}
        if self.cursor is not None:
            told["c"] = self.cursor
        return sealed.to_address(identity_key(), account.id, told)


def page_address(document: UUID, page: int, mark: str) -> str:
    """Where that page of a letter is shown; `mark` is the address of a search whose words are marked there, or ""."""
    query = {"c": mark} if mark else {}
    if page > WINDOW:
        query["halaman"] = str(page)
    return f"/arsip/{document}{'?' + urlencode(query) if query else ''}#halaman-{page}"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, with the letters it is in."""

    results: Results
    letters: dict[UUID, DocumentRow]


def find(account: Account, asked: Asked, limit: int) -> Found:
    """What the account may see of what is asked for. Raises InvalidRequest."""
    if asked.cursor is not None and not is_cursor(asked.cursor):
        raise InvalidRequest(what="cursor")
    with transaction(account.context) as session:
        results = search(session, asked.words, limit=limit, cursor=asked.cursor)
        letters = documents.several(session, list({hit.document for hit in results.hits}))
        if asked.is_first:  # who leafs on asks nothing new
            used = {"words": len(asked.words.split())}
            noted.note(session, account, identity_key(), asked.words, used, results.total)
    return Found(replace(results, hits=tuple(_masked(hit) for hit in results.hits)), letters)


def _masked(hit: Hit) -> Hit:
    hidden = masked_words([word for word, _ in hit.snippet])
    return replace(hit, snippet=tuple((word, marked) for word, (_, marked) in zip(hidden, hit.snippet, strict=True)))
