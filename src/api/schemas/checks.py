"""What the API says of the desk Periksa and of how often reading was right, with examples for its documentation."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.documents import DOCUMENT_EXAMPLE, Document


class Checks(BaseModel):
    """Letters that wait for a person, those first that wait longest and matter most; `waiting` is how many in all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"waiting": 1, "documents": [DOCUMENT_EXAMPLE]}]})

    waiting: int
    documents: list[Document]


class AccuracyRow(BaseModel):
    """Of one month, kind and field (`kind` is the kind itself): how many facts people told, how many were read so."""

    month: date
    kind: str
    name: str
    told: int
    right: int
    sure: int = Field(description="How many would have been filed without asking")
    sure_right: int


class SampleRow(BaseModel):
    """Of one kind of letter, those filed unasked that were drawn by lot and checked: in `right` nothing was corrected.

    `facts` people told of them, `facts_right` were read so.
    """

    kind: str
    letters: int
    right: int
    facts: int
    facts_right: int


class AccuracyReport(BaseModel):
    """How often reading was right, computed from the letters that people confirmed, oldest month first.

    Those are mostly doubtful ones; `samples` tell of the letters that nobody was asked about.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rows": [
                        {
                            "month": "2026-11-01",
                            "kind": "ktp",
                            "name": "nik",
                            "told": 40,
                            "right": 39,
                            "sure": 36,
                            "sure_right": 36,
                        }
                    ],
                    "samples": [{"kind": "ktp", "letters": 12, "right": 12, "facts": 168, "facts_right": 168}],
                }
            ]
        }
    )

    rows: list[AccuracyRow]
    samples: list[SampleRow]


class Check(BaseModel):
    """What a person says of a letter: its kind, and each field's text as printed; a field left out is not there."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "skt_polisi", "fields": {"tanggal": "20 November 2026"}}]},
    )

    kind: str = Field(max_length=60)
    fields: dict[str, Annotated[str, Field(max_length=500)]] = Field(max_length=60)
