"""What the API answers with when it refuses or fails, with an example for its documentation."""

from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """RFC 9457 problem. `slug` is stable; docs/faults.md lists them all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:arsip:fault:not_found",
                    "title": "Tidak ditemukan",
                    "status": 404,
                    "detail": "Tidak ada yang bisa ditampilkan di alamat ini.",
                    "slug": "not_found",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    slug: str
