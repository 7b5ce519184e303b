"""What a search finds, with examples for the API's documentation."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.schemas.shared import ID
from search.query import Results


class SearchHit(BaseModel):
    """One page that has all the words."""

    document: UUID
    page: int
    snippet: str
    boxes: list[tuple[float, float, float, float]]
    received_at: datetime


class SearchResults(BaseModel):
    """Pages, newest letter first; `boxes` are fractions of the page's picture (origin top left)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "total": 1,
                    "hits": [
                        {
                            "document": ID,
                            "page": 1,
                            "snippet": "menerangkan bahwa orang terlantar tersebut di atas",
                            "boxes": [[0.31, 0.42, 0.39, 0.44]],
                            "received_at": "2026-11-21T01:02:03Z",
                        }
                    ],
                    "next": None,
                }
            ]
        }
    )

    total: int
    hits: list[SearchHit]
    next: str | None


def search_results(results: Results) -> SearchResults:
    """Results as the API shows them."""
    return SearchResults(
        total=results.total,
        hits=[
            SearchHit(
                document=hit.document,
                page=hit.page,
                snippet=" ".join(word for word, _ in hit.snippet),
                boxes=list(hit.boxes),
                received_at=hit.received_at,
            )
            for hit in results.hits
        ],
        next=results.next,
    )
