"""What the API says of its own health, with examples for its documentation."""

from pydantic import BaseModel, ConfigDict


class Alive(BaseModel):
    """The process is alive."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"alive": True}]})

    alive: bool


class Health(BaseModel):
    """Which engines answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"ready": True, "engines": {"postgresql": True, "valkey": True, "s3": True, "worker": True}}]
        }
    )

    ready: bool
    engines: dict[str, bool]
