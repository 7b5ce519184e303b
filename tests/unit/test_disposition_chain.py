"""The rules of a chain of dispositions: in any order of giving, reading and ending it neither loops nor gets stuck."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records import office
from records.chain import Chain, Link

KADIS, KABID, KASI, STAF, CLERK = (UUID(int=number) for number in range(1, 6))
PEOPLE = (KADIS, KABID, KASI, STAF, CLERK)


def link(number: int, giver: UUID, recipient: UUID, parent: int | None = None, **more: bool) -> Link:
    return Link(UUID(int=100 + number), UUID(int=100 + parent) if parent else None, giver, recipient, **more)


def passed() -> Chain:
    """Kadis → Kabid → Kasi."""
    return Chain((link(1, KADIS, KABID, read=True), link(2, KABID, KASI, 1)))


def why(chain: Chain, parent: Link | None, giver: UUID, *to: UUID, on_paper: bool = False) -> str | None:
    refused = chain.refusal(parent, giver, to, on_paper=on_paper)
    return refused.why if refused else None


def test_states_from_new_to_done() -> None:
    chain = passed()
    first, second = chain.links
    assert [chain.state(one) for one in chain.links] == ["passed", "new"]
    assert chain.waiting == (second,)
    ended = Chain((first, replace(second, done=True)))
    assert [ended.state(one) for one in ended.links] == ["done", "done"]
    assert ended.waiting == ()
    alone = Chain((first,))
    assert (alone.state(first), alone.waiting) == ("read", (first,))


def test_what_speaks_against_handing_on() -> None:
    chain = passed()
    first, second = chain.links
    assert why(chain, second, KASI, STAF) is None
    assert why(chain, second, KASI, KASI) == "yourself"
    assert why(chain, second, KASI, KABID) == "above"
    assert why(chain, second, KASI, KADIS) == "above"
    assert why(chain, second, STAF, CLERK) == "not_yours"
    assert why(chain, first, KABID, KASI) == "holds"
    assert why(chain, None, KADIS, KABID) == "holds"
    assert why(chain, first, KABID, STAF) is None  # to one more
    ended = Chain((first, replace(second, done=True)))
    assert why(ended, ended.links[1], KASI, STAF) == "done"
    assert why(ended, ended.links[0], KABID, STAF) == "done"


def test_who_entered_a_sheet_is_not_above_and_may_be_on_it() -> None:
    chain = Chain((link(1, CLERK, KABID, on_paper=True),))
    assert why(chain, chain.links[0], KABID, CLERK) is None
    assert why(Chain(()), None, CLERK, CLERK, on_paper=True) is None
    assert why(Chain(()), None, CLERK, CLERK) == "yourself"


def test_who_may_end_a_link() -> None:
    chain = Chain((*passed().links, link(3, KASI, STAF, 2)))
    last = chain.links[2]
    assert [who for who in PEOPLE if chain.may_end(last, who)] == [KADIS, KABID, KASI, STAF]
    assert [who for who in PEOPLE if chain.may_end(chain.links[0], who)] == [KADIS, KABID]


def test_the_holder_of_the_post_that_signed_a_sheet_may_end_it_and_not_who_entered_it() -> None:
    chain = Chain((link(1, KADIS, KABID), link(2, KABID, KASI, 1)))  # signed by the Kadis, entered by the clerk
    assert [who for who in PEOPLE if chain.may_end(chain.links[1], who)] == [KADIS, KABID, KASI]
    assert why(chain, chain.links[1], KASI, KADIS) == "above"


def test_what_ends_with_a_link() -> None:
    first, second, third, fourth = (
        link(1, KADIS, KABID), link(2, KABID, KASI, 1), link(3, KABID, CLERK, 1), link(4, KASI, STAF, 2),
    )  # fmt: skip
    assert Chain((first, second, third, fourth)).ends_with(fourth) == [second]
    assert Chain((first, second, replace(third, done=True), fourth)).ends_with(fourth) == [second, first]
    assert Chain((first, second, third, fourth)).ends_with(third) == []


def test_links_stand_beneath_the_one_they_came_from() -> None:
    links = (link(1, KADIS, KABID), link(2, KADIS, KASI), link(3, KABID, STAF, 1))
    assert [(one.recipient, depth) for one, depth in Chain(links).in_order()] == [(KABID, 0), (STAF, 1), (KASI, 0)]


deeds = st.lists(
    st.tuples(
        st.sampled_from(["give", "paper", "pass", "read", "end"]),
        st.integers(0, 8),
        st.sampled_from(PEOPLE),
        st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True),
    ),
    max_size=25,
)


def done_so(chain: Chain, deed: tuple[str, int, UUID, Sequence[UUID]]) -> Chain:
    """The chain after somebody tried that; as it was where the rules refuse it."""
    what, number, who, to = deed
    links = chain.links
    if what in ("give", "paper", "pass"):
        parent = links[number % len(links)] if what == "pass" and links else None
        if (what == "pass" and parent is None) or why(chain, parent, who, *to, on_paper=what == "paper"):
            return chain
        new = [
            link(len(links) + 1 + n, who, one, parent.id.int - 100 if parent else None, on_paper=what == "paper")
            for n, one in enumerate(to)
        ]
        return Chain((*links, *new))
    if not chain.waiting:
        return chain
    chosen = chain.waiting[number % len(chain.waiting)]
    if what == "end" and not chain.may_end(chosen, who):
        return chain
    after = replace(chosen, done=True) if what == "end" else replace(chosen, read=True)
    found = Chain(tuple(after if one == chosen else one for one in links))
    if what == "end":
        newly = [one.id for one in links if chain.state(one) != "done" == found.state(found.links[links.index(one)])]
        assert {chosen.id, *(one.id for one in chain.ends_with(chosen))} == set(newly)
    return found


@given(deeds)
@settings(max_examples=300)
def test_no_order_of_deeds_loops_or_gets_stuck(told: list[tuple[str, int, UUID, list[UUID]]]) -> None:
    chain = Chain(())
    for deed in told:
        chain = done_so(chain, deed)
        for one in chain.links:
            way = [one, *chain.above(one)]
            assert len({step.recipient for step in way}) == len(way)  # nobody twice from top to bottom
        undone = [one for one in chain.links if chain.state(one) != "done"]
        holders = [one.recipient for one in undone]
        assert len(holders) == len(set(holders))  # nobody holds it twice
        assert {one.id for one in undone if not chain.below(one)} == {one.id for one in chain.waiting}
        assert bool(undone) == bool(chain.waiting)  # what is not done waits for somebody
    while chain.waiting:  # and each of them can end it
        chosen = chain.waiting[0]
        assert chain.may_end(chosen, chosen.recipient)
        chain = Chain(tuple(replace(one, done=True) if one == chosen else one for one in chain.links))
    assert all(chain.state(one) == "done" for one in chain.links)
    assert len(chain.in_order()) == len(chain.links)


def test_an_offices_file_names_who_holds_a_jabatan() -> None:
    found = office.parse('[disposition.holders]\n"Sekretaris" = "dewi"\n').disposition
    assert (found.holders, found.post_of("dewi"), found.post_of("budi")) == ({"Sekretaris": "dewi"}, "Sekretaris", "")
    assert office.parse("").disposition.holders == {}
    signs = office.parse('[disposition.holders]\n"Kepala Dinas Sosial" = "kadis"\n').disposition
    assert signs.post_of("kadis") == signs.signatory.title
    with pytest.raises(ValueError, match="unknown"):
        office.parse('[disposition.holders]\n"Tukang Kebun" = "dewi"\n')
    with pytest.raises(ValueError, match="no names of accounts"):
        office.parse('[disposition.holders]\n"Sekretaris" = "Ibu Dewi"\n')
