"""What the API says of where letters begin in a file, with examples for its documentation."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class CutLetter(BaseModel):
    """One letter that a file seems to hold, or was split into: its pages, its likely kind, whether that it begins there
    is sure, and why. `id` is its document, once there is one."""

    id: UUID | None
    first_page: int
    last_page: int
    kind: str | None
    sure: bool
    reasons: list[str]


class Cuts(BaseModel):
    """Where the letters of a file begin. `decided`: nobody has to say so any more; `apart`: pages of no letter,
    which are separator sheets and their blank backs; `decided_letters`: as how many letters it is kept (null: not
    decided)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "pages": 4,
                    "decided": False,
                    "decided_letters": None,
                    "apart": [2],
                    "letters": [
                        {
                            "id": None,
                            "first_page": 1,
                            "last_page": 1,
                            "kind": "skt_polisi",
                            "sure": True,
                            "reasons": ["awal berkas"],
                        },
                        {
                            "id": None,
                            "first_page": 3,
                            "last_page": 4,
                            "kind": "hasil_asesmen",
                            "sure": True,
                            "reasons": ["sesudah lembar pemisah"],
                        },
                    ],
                }
            ]
        }
    )

    pages: int
    decided: bool
    decided_letters: int | None
    apart: list[int]
    letters: list[CutLetter]


class Decision(BaseModel):
    """Where a person says that letters begin; `[1]` is one letter. `pages` and `decided_letters` as the cuts told."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"begins": [1, 3], "pages": 4, "decided_letters": None}]}
    )

    begins: list[Annotated[int, Field(ge=1, le=100_000)]] = Field(min_length=1, max_length=100_000)
    pages: int = Field(ge=1, le=100_000)
    decided_letters: int | None = Field(default=None, ge=1, le=100_000)
