"""What a searchable PDF says of itself, as it goes to the child and what comes back of it. Knows no PDF."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

MOST_REASONS: Final = 5
LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself. `title` names kind and number of the letter, never a person (docs/adr/0029);
    `sha256` is the original's; `mark` the lines of an authentic copy's mark, none for other files."""

    title: str
    document: str
    sha256: str
    mark: Sequence[str] = ()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What `to_json` made."""
        return cls(**data)

    def to_json(self) -> dict[str, Any]:
        """As facts of a job."""
        return asdict(self)
