"""Whatever is done with a case, in whatever order: it never gets stuck, and what lacks is named."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.machine import (
    NO_BRANCH,
    NO_REASON,
    TOO_EARLY,
    WRONG_STATE,
    CaseState,
    Command,
    Linked,
    Progress,
    RefusedError,
    apply,
    finishable,
    lacks,
    missing,
    suggested_step,
)
from cases.sop import Sop
from cases.sopfiles import packaged, read_sop
from tests.conftest import ROOT

A, B, C = (packaged()[name] for name in ("pemulangan-tarakan", "pemulangan-kaltara", "rujukan-lk3-tarakan"))
SOPS = st.sampled_from([A, B, C])
WHY = "ada sebabnya"


def commands(sop: Sop) -> st.SearchStrategy[Command]:
    branches = sorted({branch.id for step in sop.steps for branch in step.branches}) or ["tidak-ada"]
    return st.builds(
        Command,
        action=st.sampled_from(["start", "finish", "skip", "branch", "reopen"]),
        step=st.integers(1, len(sop.steps)),
        reason=st.sampled_from(["", WHY]),
        branch=st.sampled_from([None, *branches]),
    )


def letters(sop: Sop) -> st.SearchStrategy[list[Linked]]:
    kinds = sorted({kind for step in sop.steps for paper in (*step.needs, *step.outputs) for kind in paper.kinds})
    one = st.builds(Linked, step=st.integers(1, len(sop.steps)), kind=st.sampled_from([*kinds, None]))
    return st.lists(one, max_size=20)


def run(state: CaseState, wanted: Iterable[Command], linked: list[Linked]) -> CaseState:
    for command in wanted:
        try:
            state = apply(state, command, linked)
        except RefusedError:
            continue
    return state


@settings(max_examples=150)
@given(st.data())
def test_no_order_of_commands_gets_stuck(data: st.DataObject) -> None:
    sop = data.draw(SOPS)
    linked = data.draw(letters(sop))
    state = run(CaseState.new(sop), data.draw(st.lists(commands(sop), max_size=30)), linked)
    while not state.is_through:
        waiting = state.current
        assert waiting, "steps are left, and none of them waits for anybody"
        state = apply(state, Command("skip", waiting[0].number, WHY), linked)
    lacking = lacks(state, linked)
    assert lacks(state, linked, [lack.place for lack in lacking]) == []  # and what lacks can be waived


@settings(max_examples=150)
@given(st.data())
def test_a_step_moves_only_when_those_before_it_are_settled(data: st.DataObject) -> None:
    sop = data.draw(SOPS)
    linked = data.draw(letters(sop))
    state = CaseState.new(sop)
    for command in data.draw(st.lists(commands(sop), max_size=30)):
        before = state
        try:
            state = apply(state, command, linked)
        except RefusedError:
            assert state == before
            continue
        changed = [n for n, (old, new) in enumerate(zip(before.steps, state.steps, strict=True), 1) if old != new]
        assert set(changed) <= {command.step}
        assert set(before.of(command.step).taken) <= set(state.of(command.step).taken)
        if command.action in ("start", "finish", "branch"):
            assert before.is_ready(sop.step(command.step))
        if command.action in ("skip", "branch", "reopen"):
            assert command.reason


@given(st.data())
def test_one_more_letter_never_makes_more_lack(data: st.DataObject) -> None:
    sop = data.draw(SOPS)
    linked = data.draw(letters(sop))
    state = run(CaseState.new(sop), data.draw(st.lists(commands(sop), max_size=20)), linked)
    more = [*linked, *data.draw(letters(sop))]
    assert {lack.place for lack in lacks(state, more)} <= {lack.place for lack in lacks(state, linked)}
    assert not [lack for lack in lacks(state, linked) if lack.paper.optional]


def finished(sop: Sop, *numbers: int) -> CaseState:
    state = CaseState.new(sop)
    for number in numbers:
        state = apply(state, Command("finish", number, WHY), [])
    return state


def refusal(state: CaseState, command: Command, linked: Iterable[Linked] = ()) -> str:
    with pytest.raises(RefusedError) as caught:
        apply(state, command, linked)
    return str(caught.value)


def test_why_nothing_happens() -> None:
    new = CaseState.new(A)
    assert refusal(new, Command("start", 2)) == TOO_EARLY
    assert refusal(new, Command("reopen", 1, WHY)) == WRONG_STATE
    assert refusal(new, Command("skip", 1)) == NO_REASON
    assert refusal(new, Command("finish", 1)) == NO_REASON
    assert refusal(finished(A, 1), Command("branch", 2, WHY, "tidak-layak")) == NO_BRANCH


def test_a_step_is_done_when_its_outputs_are_there() -> None:
    state = apply(CaseState.new(A), Command("finish", 1), [Linked(1, "skt_polisi")])
    assert state.of(1).state == "done"
    assert refusal(state, Command("finish", 2), [Linked(1, "formulir_layanan_sosial")]) == NO_REASON
    assert apply(state, Command("finish", 2), [Linked(2, "formulir_layanan_sosial")]).of(2).state == "done"


def test_what_lacks_is_named_by_its_row() -> None:
    lacking = lacks(finished(A, 1), [])
    assert [(lack.step, lack.place, lack.why) for lack in lacking] == [
        (1, "1/needs/0", "absent"),
        (1, "1/outputs/0", "absent"),
        (2, "2/needs/0", "absent"),
    ]
    # neither the family's word nor an identity card is among them: "bila ada"
    assert [lack.paper.text for lack in lacks(finished(A, 1), [Linked(1, "skt_kelurahan")])] == []


def test_shelter_need_not_wait_for_the_assessment() -> None:
    state = finished(A, 1, 2)
    assert [step.number for step in state.current] == [3, 6]
    assert finished(A, 1, 2, 6, 3, 4, 5, 7, 8).is_through


def test_a_branch_is_left_again_and_its_letter_stays_wanted() -> None:
    away = apply(finished(B, 1, 2, 3, 4, 5), Command("branch", 6, WHY, "sakit"), [])
    assert away.of(6) == Progress("branched", ("sakit",))
    assert not away.is_through
    back = apply(apply(away, Command("start", 6), []), Command("finish", 6, WHY), [])
    assert back.of(6) == Progress("done", ("sakit",))
    assert "6/sakit/0" in {lack.place for lack in lacks(back, [])}
    assert "6/sakit/0" not in {lack.place for lack in lacks(back, [Linked(6, "surat_rujukan_rsud")])}


def test_not_eligible_ends_the_case() -> None:
    ended = apply(finished(B, 1, 2, 3, 4), Command("branch", 5, WHY, "tidak-layak"), [])
    assert ended.is_through
    assert ended.ended_by is not None
    assert ended.ended_by.id == "tidak-layak"
    assert not [lack for lack in lacks(ended, []) if lack.step >= 5]


def test_an_ending_leaves_nothing_to_be_done_beside_it() -> None:
    text = (ROOT / "src" / "cases" / "sops" / f"{B.id}.toml").read_text()
    beside = read_sop(text.replace("number = 6\n", "number = 6\nafter = [4]\n"), "b.toml")
    state = finished(beside, 1, 2, 3, 4)
    assert {lack.step for lack in lacks(state, []) if lack.step > 4} == {5, 6}
    ended = apply(state, Command("branch", 5, WHY, "tidak-layak"), [])
    assert ended.is_through
    assert not [lack for lack in lacks(ended, []) if lack.step > 4]


def test_the_letter_of_return_needs_its_number_before_it_is_sent() -> None:
    state = finished(B, *range(1, 12))
    [lack] = [lack for lack in lacks(state, [Linked(11, "surat_pemulangan")]) if lack.place == "11/outputs/0"]
    assert lack.why == "unnumbered"
    assert not [x for x in lacks(state, [Linked(11, "surat_pemulangan", numbered=True)]) if x.place == "11/outputs/0"]
    [lack] = [x for x in lacks(state, [Linked(11, "surat_pemulangan", True, False)]) if x.place == "11/outputs/0"]
    assert lack.why == "unsealed"


def test_skipped_steps_want_nothing() -> None:
    state = CaseState.new(C)
    for number in range(1, 8):
        state = apply(state, Command("skip", number, WHY), [])
    assert (state.is_through, lacks(state, [])) == (True, [])


def test_a_letter_is_offered_to_the_step_that_waits_for_it() -> None:
    assert suggested_step(CaseState.new(A), "skt_polisi") == 1
    assert suggested_step(finished(A, 1), "formulir_layanan_sosial") == 2
    assert suggested_step(CaseState.new(A), "tiket") == 7
    assert suggested_step(CaseState.new(A), "surat_masuk_lain") == 1


def test_why_a_step_does_not_end_without_a_reason() -> None:
    step, form = A.step(2), Linked(2, "formulir_layanan_sosial", sealed=False)
    assert [lack.why for lack in missing(step, [])] == ["absent"]
    assert [lack.why for lack in missing(step, [replace(form, step=1)])] == ["absent"]
    assert [lack.why for lack in missing(step, [form])] == ["unsealed"]
    assert missing(step, [replace(form, sealed=True)]) == []


def test_a_step_waits_for_a_word_only_when_its_letters_are_all_there() -> None:
    state = CaseState.new(A)
    assert finishable(state, []) == ()
    skt, form = Linked(1, "skt_polisi"), Linked(2, "formulir_layanan_sosial")
    assert finishable(state, [skt, form]) == (1,)  # the second step's turn has not come
    state = apply(state, Command("finish", 1), [skt])
    assert finishable(state, [skt]) == ()
    assert finishable(state, [form]) == ()  # it needs the first step's letter too
    assert finishable(state, [skt, form]) == (2,)
    state = apply(state, Command("branch", 2, WHY, "sakit"), [skt, form])
    assert finishable(state, [skt, form]) == ()
