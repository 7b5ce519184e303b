"""A letter's chain of dispositions as rules: who may hand it on to whom, what waits for whom, what is done. Pure.

A link is one person's: they do it, or hand it on to others, and then it is done when all of theirs is. Nobody gets a
letter again from below, so a chain ends; whoever handed a link out, or one above it, may end it, so none is stuck.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from uuid import UUID

State = Literal["new", "read", "passed", "done"]
Why = Literal["done", "not_yours", "yourself", "above", "holds"]


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `giver`: who follows it up. `on_paper`: they only entered what somebody else wrote on a sheet."""

    id: UUID
    parent: UUID | None
    giver: UUID
    recipient: UUID
    read: bool = False
    done: bool = False
    on_paper: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a link can't be given, and to which of the recipients."""

    why: Why
    whom: UUID | None = None


@dataclass(frozen=True)
class Chain:
    """All links of one letter, in the order they were given."""

    links: tuple[Link, ...]

    @cached_property
    def _by_id(self) -> dict[UUID, Link]:
        return {link.id: link for link in self.links}

    @cached_property
    def _below(self) -> dict[UUID | None, list[Link]]:
        found: dict[UUID | None, list[Link]] = {}
        for link in self.links:
            found.setdefault(link.parent, []).append(link)
        return found

    def below(self, link: Link) -> Sequence[Link]:
        """What its holder handed on."""
        return self._below.get(link.id, ())

    def above(self, link: Link) -> Iterator[Link]:
        """The links over it, the nearest first."""
        while link.parent is not None:
            link = self._by_id[link.parent]
            yield link

    def state(self, link: Link) -> State:
        """How far a link is; one that was handed on is done when all below it is."""
        below = self.below(link)
        if link.done or (below and all(self.state(one) == "done" for one in below)):
            return "done"
        return "passed" if below else "read" if link.read else "new"

    @property
    def waiting(self) -> tuple[Link, ...]:
        """The links that wait for their recipients."""
        return tuple(link for link in self.links if not link.done and not self.below(link))

    def refusal(
        self, parent: Link | None, giver: UUID, recipients: Collection[UUID], *, on_paper: bool
    ) -> Refusal | None:
        """What speaks against handing the letter to these people; None: nothing."""
        if parent is not None and self.state(parent) == "done":
            return Refusal("done")
        if parent is not None and parent.recipient != giver:
            return Refusal("not_yours")
        over = [] if parent is None else [parent, *self.above(parent)]
        people = {one.recipient for one in over} | {one.giver for one in over if not one.on_paper}
        holding = {link.recipient for link in self.links if self.state(link) != "done"}
        for person in recipients:
            if person == giver and not on_paper:
                return Refusal("yourself")
            if person in people:
                return Refusal("above", person)
            if person in holding:
                return Refusal("holds", person)
        return None

    def may_end(self, link: Link, who: UUID) -> bool:
        """Whether somebody may say that a waiting link is done: its recipient, or who handed it or one above it out."""
        return who == link.recipient or any(one.giver == who for one in (link, *self.above(link)))

    def ends_with(self, link: Link) -> list[Link]:
        """The links over a waiting one that are done as soon as it is, the nearest first."""
        ended, found = {link.id}, []
        for over in self.above(link):
            if any(one.id not in ended and self.state(one) != "done" for one in self.below(over)):
                break
            ended.add(over.id)
            found.append(over)
        return found

    def in_order(self) -> list[tuple[Link, int]]:
        """Each link beneath the one it came from, with how deep it stands."""
        found: list[tuple[Link, int]] = []

        def walk(parent: UUID | None, depth: int) -> None:
            for link in self._below.get(parent, ()):
                found.append((link, depth))
                walk(link.id, depth + 1)

        walk(None, 0)
        return found
