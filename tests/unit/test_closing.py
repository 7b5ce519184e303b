"""When a case may close: what the archive lacks is named letter by letter, and whatever lacks can be waived."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.closing import OF_THE_CASE, Gap, gaps
from cases.machine import CaseState, Command, Linked, apply, lacks
from cases.sop import Sop
from records.filing.codes import is_code
from tests.unit.test_machine import SOPS, WHY, A, B, C, commands, finished, run


def letters(sop: Sop) -> st.SearchStrategy[list[Linked]]:
    """Letters of every sort, in every state of being archived; the same letter may serve several steps."""
    kinds = sorted({kind for step in sop.steps for paper in (*step.needs, *step.outputs) for kind in paper.kinds})
    one = st.builds(
        Linked,
        step=st.integers(1, len(sop.steps)),
        kind=st.sampled_from(kinds),
        numbered=st.booleans(),
        sealed=st.booleans(),
        booked=st.booleans(),
        sure=st.booleans(),
        placed=st.booleans(),
        letter=st.sampled_from([UUID(int=n) for n in range(1, 9)]),
    )
    return st.lists(one, max_size=20)


@settings(max_examples=150)
@given(st.data())
def test_no_case_is_stuck_for_whoever_may_waive(data: st.DataObject) -> None:
    sop = data.draw(SOPS)
    linked = data.draw(letters(sop))
    state = run(CaseState.new(sop), data.draw(st.lists(commands(sop), max_size=30)), linked)
    while not state.is_through:
        state = apply(state, Command("skip", state.current[0].number, WHY), linked)
    waived: set[str] = set()
    for _ in range(200):
        lacking = [one.place for one in lacks(state, linked, waived)]
        left = [*lacking, *(gap.place for gap in _gaps(state, linked, waived=waived))]
        if not left:
            break
        assert left[0] not in waived, "what was waived is asked for again"
        waived.add(left[0])  # one after the other, as a person does it
    assert (lacks(state, linked, waived), _gaps(state, linked, waived=waived)) == ([], [])


@settings(max_examples=100)
@given(st.data())
def test_a_case_closes_only_on_letters_that_are_whole(data: st.DataObject) -> None:
    """Without a waiver: each row of a done step is then served by a letter that is in the archive in every respect."""
    sop = data.draw(SOPS)
    linked = data.draw(letters(sop))
    state = run(CaseState.new(sop), data.draw(st.lists(commands(sop), max_size=30)), linked)
    if lacks(state, linked) or _gaps(state, linked):
        return
    for step in sop.steps:
        if state.of(step.number).state == "done":
            for paper in (*step.needs, *step.outputs):
                whole = [one for one in linked if one.kind in paper.kinds and one.booked and one.sure]
                assert not paper.required or [one for one in whole if one.placed or not sop.on_paper]


def _gaps(
    state: CaseState, linked: list[Linked], *, classified: bool = False, waived: set[str] | None = None
) -> list[Gap]:
    on_paper = state.sop.on_paper
    return gaps(state, linked, on_paper=on_paper, classified=classified, waived=waived or set())


def told(found: list[Gap]) -> list[tuple[str, list[str]]]:
    return [(gap.why, [row.place for row in gap.rows]) for gap in found]


def test_a_letter_is_named_once_with_every_row_it_serves() -> None:
    letter = uuid4()
    linked = [Linked(1, "skt_polisi", booked=False, placed=False, letter=letter)]
    found = _gaps(finished(B, 1, 2), linked, classified=True)
    assert told(found) == [("unbooked", ["1/needs/1", "2/needs/2"]), ("unplaced", ["1/needs/1", "2/needs/2"])]
    assert {gap.letter for gap in found} == {letter}
    assert [gap.step for gap in found] == [1, 1]


def test_paper_is_asked_for_only_where_the_sop_keeps_it() -> None:
    linked = [Linked(1, "skt_polisi", placed=False, letter=uuid4())]
    assert told(_gaps(finished(A, 1), linked, classified=True)) == []
    assert told(_gaps(finished(B, 1), linked, classified=True)) == [("unplaced", ["1/needs/1"])]


def test_nothing_is_asked_of_a_step_that_is_not_done() -> None:
    linked = [Linked(1, "skt_polisi", booked=False, sure=False, letter=uuid4())]
    assert _gaps(CaseState.new(A), linked, classified=True) == []
    skipped = apply(CaseState.new(A), Command("skip", 1, WHY), linked)
    assert _gaps(skipped, linked, classified=True) == []


def test_of_two_scans_the_better_one_counts() -> None:
    worse = Linked(1, "skt_polisi", booked=False, sure=False, letter=uuid4())
    better = Linked(1, "skt_polisi", letter=uuid4())
    assert _gaps(finished(A, 1), [worse, better], classified=True) == []
    unsealed = Linked(1, "skt_polisi", sealed=False, letter=uuid4())
    assert told(_gaps(finished(A, 1), [worse, unsealed], classified=True)) == [
        ("unsure", ["1/needs/0", "1/outputs/0"]),
        ("unbooked", ["1/needs/0", "1/outputs/0"]),
    ]


def test_each_thing_is_waived_by_itself_and_a_waived_row_asks_nothing() -> None:
    linked = [Linked(3, "kontrak_konseling", booked=False, sure=False, letter=UUID(int=7))]
    state = finished(C, 1, 2, 3)
    unsure, unbooked = (gap.place for gap in _gaps(state, linked, classified=True))
    assert (unsure, unbooked) == (f"surat/{UUID(int=7)}/jenis", f"surat/{UUID(int=7)}/agenda")
    assert [gap.place for gap in _gaps(state, linked, classified=True, waived={unsure})] == [unbooked]
    rows = {f"{step}/{name}/0" for step in (3, 4) for name in ("needs", "outputs")}
    assert _gaps(state, linked, classified=True, waived=rows) == []


def test_the_case_itself_has_to_be_classified() -> None:
    assert [gap.place for gap in _gaps(CaseState.new(A), [])] == [OF_THE_CASE]
    assert _gaps(CaseState.new(A), [], waived={OF_THE_CASE}) == []


@pytest.mark.parametrize("code", ["000.5.3.1", "400.9.12.1", "400.7", "400", "400.9.4.1.2"])
def test_a_code_has_this_form(code: str) -> None:
    assert is_code(code)


@pytest.mark.parametrize("code", ["", "40", "400.", "400.0", "400.9.4.1.2.3", "400,9", "400.9 ", "4०0", "400.123"])
def test_a_code_has_no_other_form(code: str) -> None:
    assert not is_code(code)


def test_every_packaged_sop_proposes_a_code() -> None:
    assert {sop.classification.text for sop in (A, B, C) if sop.classification} == {"400.9.4.1", "400.9.12.1"}
