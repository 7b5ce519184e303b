"""What the API says of reading anew, with examples for its documentation."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from api.schemas.shared import SHA256


class Rereading(BaseModel):
    """How many letters and pages wait to be read anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"documents": 120, "pages": 480}]})

    documents: int
    pages: int


class EarlierReading(BaseModel):
    """What a page was read to say, by which reader (digest of its software), and until when that stood."""

    text: str
    reader: str | None
    read_at: datetime
    replaced_at: datetime


class PageHistory(BaseModel):
    """Earlier readings of a page, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "earlier": [
                        {
                            "text": "SURAT KETERANGAN TERLANTAR",
                            "reader": SHA256,
                            "read_at": "2026-11-21T01:02:03Z",
                            "replaced_at": "2026-12-01T01:02:03Z",
                        }
                    ]
                }
            ]
        }
    )

    earlier: list[EarlierReading]
