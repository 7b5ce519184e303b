"""What the API says of its own health, with examples for its documentation."""

from pydantic import BaseModel, ConfigDict, Field


class Alive(BaseModel):
    """The process is alive."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"alive": True}]})

    alive: bool


class Health(BaseModel):
    """Which engines answer, and whether somebody has to look at what is kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ready": True,
                    "engines": {"postgresql": True, "valkey": True, "s3": True, "worker": True},
                    "findings": 0,
                }
            ]
        }
    )

    ready: bool
    engines: dict[str, bool]
    findings: int | None = Field(
        description="What stands at the page Penyimpanan, and objects that are bad; null while PostgreSQL is away"
    )
