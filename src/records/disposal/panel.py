"""The panel that appraises a list (panitia penilai arsip): who sits on it, and by which SK (domain.md §1.4). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from records.disposal.deed import Person, people_of
from records.disposal.workflow import Workflow

MOST_MEMBERS: Final = 7
LEAST_MEMBERS: Final = 2  # its ketua, and one anggota at least
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Panel:
    """`decree`: number and date of the SK that named it; the first of its members is the ketua."""

    decree: str = ""
    members: tuple[Person, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As it is kept with the list."""
        return {"decree": self.decree, "members": [asdict(one) for one in self.members]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Panel":
        """As it was kept; one without members where none was named."""
        return cls(kept.get("decree", ""), tuple(Person(**one) for one in kept.get("members", ())))

    def seats(self) -> list[tuple[str, Person]]:
        """Everybody with what they are called on a form."""
        return [("Ketua" if place == 0 else "Anggota", one) for place, one in enumerate(self.members)]


def is_needed(workflow: Workflow) -> bool:
    """Whether such a list is appraised by a panel."""
    return "sk_panitia" in workflow.papers


def told(decree: str, members: Sequence[Person]) -> Panel:
    """The panel as somebody typed it. ValueError says in words for people what is missing or too long."""
    named = " ".join(decree.split())
    people = people_of(members, MOST_MEMBERS)
    if not named or len(named) > _LONGEST or not named.isprintable():
        raise ValueError("nomor dan tanggal SK panitia penilai")
    if len(people) < LEAST_MEMBERS:
        raise ValueError("panitia penilai (ketua dan paling sedikit satu anggota, dengan jabatannya)")
    if len({(one.name.casefold(), one.nip) for one in people}) < len(people):
        raise ValueError("panitia penilai (satu orang disebut dua kali)")
    return Panel(named, people)
