"""What is searched for and found, with examples for the API's documentation."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.accounts import Account
from api.finding import MOST_LETTERS, Asked, Found, page_address
from api.schemas.shared import ID
from search.query import Sort
from search.saved import Saved

Value = Annotated[str, Field(min_length=1, max_length=200)]


class Narrowed(BaseModel):
    """To what is found is narrowed: values of facets; of each list one has to fit. `langkah` is sop/number, `kasus` a
    case's ID, `retensi` aktif, inaktif or habis."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"jenis": ["ktp"], "tahun": [2025]}]})

    jenis: list[Value] = Field([], max_length=20)
    tahun: list[Annotated[int, Field(ge=1, le=9999)]] = Field([], max_length=20)
    unit: list[Value] = Field([], max_length=20)
    kasus: list[UUID] = Field([], max_length=20)
    langkah: list[Value] = Field([], max_length=20)
    retensi: list[Value] = Field([], max_length=20)

    @property
    def chosen(self) -> tuple[tuple[str, str], ...]:
        """(facet's name, value) of each."""
        return tuple((name, str(value)) for name in Narrowed.model_fields for value in getattr(self, name))


def narrowed(chosen: Iterable[tuple[str, str]]) -> Narrowed:
    """Of (facet's name, value) of each, as `chosen` has them."""
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in chosen:
        values[name].append(value)
    return Narrowed.model_validate(values)


class Sought(BaseModel):
    """What is searched for; `without` are near words (`added` of an answer) that are not to be searched."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"q": "surat keterangan terlantar"}]})

    q: str = Field(min_length=1, max_length=MOST_LETTERS)
    filters: Narrowed = Narrowed()
    without: list[Annotated[str, Field(max_length=100)]] = Field([], max_length=100)

    @property
    def asked(self) -> Asked:
        """The same, as the pages ask it."""
        return Asked(self.q, off=tuple(self.without), chosen=self.filters.chosen)


class Part(BaseModel):
    """Which part of what is found, in which order; a cursor belongs to its own `sort`. `facets`: counted too."""

    limit: int = Field(20, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200)
    sort: Sort = "relevansi"
    facets: bool = False


class SearchAsked(Sought, Part):
    """Words, and which part of what they find."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"q": "surat keterangan terlantar", "limit": 20, "cursor": None}]},
    )


class SearchAddress(Narrowed, Part):
    """The same as an address has it: values of facets and near words stand each in a parameter of its own."""

    q: str = Field(min_length=1, max_length=MOST_LETTERS, examples=["surat keterangan terlantar"])
    without: list[Annotated[str, Field(max_length=100)]] = Field([], max_length=100)

    @property
    def asked(self) -> Asked:
        """The same, as the pages ask it."""
        return Asked(self.q, off=tuple(self.without), chosen=self.chosen)


class ExportAsked(Sought):
    """Words, and the form in which all that is found is wanted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"q": "terlantar", "format": "csv"}]})

    format: Literal["csv", "xlsx", "zip"] = "csv"


class SavedSearch(BaseModel):
    """A search that its owner keeps; `fresh`: hits that came since they opened it, 50 at most."""

    id: UUID
    q: str
    filters: Narrowed
    without: list[str]
    made_at: datetime
    fresh: int


class SavedSearches(BaseModel):
    """The asker's own, the newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "saved": [
                        {
                            "id": ID,
                            "q": "terlantar",
                            "filters": {"tahun": [2025]},
                            "without": [],
                            "made_at": "2026-11-21T01:02:03Z",
                            "fresh": 2,
                        }
                    ]
                }
            ]
        }
    )

    saved: list[SavedSearch]


class SearchHit(BaseModel):
    """One page that has all the words. Identity numbers in `snippet` are hidden; `page_address` is where the asker
    finds the page with the words marked, below this server's address."""

    document: UUID
    page: int
    snippet: str
    boxes: list[tuple[float, float, float, float]]
    received_at: datetime
    page_address: str


class NearWords(BaseModel):
    """Words of the hits that were searched besides one that was asked for, the nearest first."""

    asked: str
    words: list[str]


class FacetValue(BaseModel):
    """A value of a facet with how many letters have it; `label` is what people read."""

    value: str
    label: str
    count: int


class Facet(BaseModel):
    """One way to narrow what is found; `exact` false: only the newest 2,000 pages were counted."""

    name: str
    values: list[FacetValue]
    exact: bool


class Begun(BaseModel):
    """What somebody has typed so far."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"begun": "tarak"}]})

    begun: str = Field(max_length=MOST_LETTERS)


class Suggested(BaseModel):
    """Something to search for; `kind`: kata, nama, nomor, tempat or jenis."""

    text: str
    kind: str


class Suggestions(BaseModel):
    """What begins so in letters that the asker may see."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"suggestions": [{"text": "tarakan", "kind": "kata"}]}]})

    suggestions: list[Suggested]


class Similar(BaseModel):
    """A letter like another; `reasons`: kasus (of the same case), pengirim (same sender), isi (similar words)."""

    document: UUID
    score: float
    reasons: list[str]


class SimilarLetters(BaseModel):
    """The likest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"similar": [{"document": ID, "score": 1.4, "reasons": ["kasus", "pengirim"]}]}]
        }
    )

    similar: list[Similar]


class SearchResults(BaseModel):
    """Pages that have what is asked for, newest letter first, and behind them those that only have near words (`added`)
    in its place. `total` is exact up to 10,000, and up to 300 where near words are searched; `exact` false: there are
    as many or more. `boxes` are fractions of the page's picture (origin top left)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "total": 1,
                    "exact": True,
                    "did_you_mean": None,
                    "facets": [
                        {"name": "tahun", "values": [{"value": "2026", "label": "2026", "count": 1}], "exact": True}
                    ],
                    "added": [{"asked": "terlantar", "words": ["terlarang"]}],
                    "hits": [
                        {
                            "document": ID,
                            "page": 1,
                            "snippet": "menerangkan bahwa orang terlantar tersebut di atas",
                            "boxes": [[0.31, 0.42, 0.39, 0.44]],
                            "received_at": "2026-11-21T01:02:03Z",
                            "page_address": f"/arsip/{ID}?c=Zm9vYmFy#halaman-1",
                        }
                    ],
                    "next": None,
                }
            ]
        }
    )

    total: int
    exact: bool
    added: list[NearWords]
    did_you_mean: str | None
    facets: list[Facet]
    hits: list[SearchHit]
    next: str | None


def search_results(account: Account, asked: Asked, found: Found) -> SearchResults:
    """What was found as the API shows it."""
    mark = asked.address(account)
    return SearchResults(
        total=found.results.total,
        exact=found.results.exact,
        added=[NearWords(asked=one.asked, words=list(one.words)) for one in found.results.added],
        did_you_mean=found.results.did_you_mean,
        facets=[Facet.model_validate(asdict(one)) for one in found.results.facets],
        hits=[
            SearchHit(
                document=hit.document,
                page=hit.page,
                snippet=" ".join(word for word, _ in hit.snippet),
                boxes=list(hit.boxes),
                received_at=hit.received_at,
                page_address=page_address(hit.document, hit.page, mark),
            )
            for hit in found.results.hits
        ],
        next=found.results.next,
    )


def saved_searches(kept: Iterable[Saved]) -> SavedSearches:
    """Saved searches as the API shows them."""
    return SavedSearches(saved=[_saved_search(one, Asked.of(one.asked)) for one in kept])


def _saved_search(one: Saved, asked: Asked) -> SavedSearch:
    return SavedSearch(
        id=one.id,
        q=asked.words,
        filters=narrowed(asked.chosen),
        without=list(asked.off),
        made_at=one.made_at,
        fresh=one.fresh,
    )
