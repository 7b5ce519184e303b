"""Whatever is tried with a list of records, in whatever order: nothing is carried out that was not decided."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.disposal import machine
from records.disposal.machine import (
    Command,
    Facts,
    RefusedError,
    Stand,
    apply,
    approver,
    finished,
    reopened,
    way,
    withdrawn,
)
from records.disposal.workflow import KINDS, Status, Workflow, parse, workflows

PEOPLE = [UUID(int=number) for number in range(1, 5)]
DESTRUCTION = workflows()["pemusnahan"]


def commands(workflow: Workflow) -> st.SearchStrategy[Command]:
    return st.builds(
        Command,
        step=st.sampled_from([step.id for step in workflow.steps]),
        by=st.sampled_from(PEOPLE),
        declared=st.booleans(),
        chosen=st.sampled_from([None, 0, 1, 2, 3]),
    )


def facts(workflow: Workflow) -> st.SearchStrategy[Facts]:
    papers = st.sampled_from([list(workflow.papers), list(workflow.papers)[:-1], []])
    return st.builds(
        Facts,
        lines=st.sampled_from([0, 2]),
        blocked=st.sampled_from([False, False, True]),
        papers=papers,
        digest=st.sampled_from(["a", "a", "b"]),
    )


@settings(max_examples=300)
@given(st.data())
def test_nothing_is_carried_out_without_its_papers_its_people_and_the_list_that_was_assessed(
    data: st.DataObject,
) -> None:
    workflow = workflows()[data.draw(st.sampled_from(KINDS))]
    stand, papers = Stand(proposer=data.draw(st.sampled_from(PEOPLE))), set[str]()
    for _ in range(data.draw(st.integers(0, 25))):
        known, command = data.draw(facts(workflow)), data.draw(commands(workflow))
        try:
            after = apply(workflow, stand, known, command)
        except RefusedError:
            continue
        step = workflow.step(command.step)
        assert step is not None
        assert stand.status in step.sources
        papers |= set(step.papers)
        assert set(step.papers) <= set(known.papers)
        if step.executes:
            assert known.digest == stand.digest
            assert not known.blocked
            assert after.executor != stand.proposer
            before = [one for one in workflow.steps if one.id != step.id and one.to not in ("ditolak", "sebagian")]
            required = {paper for one in before if not one.sources & {step.to} for paper in one.papers}
            assert required <= papers
            if workflow.kind in ("pemusnahan", "penyerahan"):
                assert len({after.proposer, after.assessor, after.executor}) == 3
            assert finished(workflow, after).status == step.to
        stand = after


@given(st.sampled_from(["dinilai", "pertimbangan", "disetujui", "ditetapkan"]))
def test_a_reopened_list_has_lost_all_that_was_decided(status: str) -> None:
    closed = Stand(status=status, proposer=PEOPLE[0], assessor=PEOPLE[1], digest="a")  # type: ignore[arg-type]
    assert reopened(closed, "salah satu berkas masih dipakai") == Stand(proposer=PEOPLE[0])
    with pytest.raises(RefusedError, match=machine.NO_REASON):
        reopened(closed, " ")


def test_what_has_begun_is_neither_reopened_nor_withdrawn_nor_begun_again() -> None:
    begun = Stand("ditetapkan", PEOPLE[0], PEOPLE[1], PEOPLE[2], "a", begun=True)
    for stop in (reopened, withdrawn):
        with pytest.raises(RefusedError, match=machine.RUNNING):
            stop(begun, "ada alasan")
    known = Facts(2, blocked=False, papers=DESTRUCTION.papers, digest="a")
    with pytest.raises(RefusedError, match=machine.RUNNING):
        apply(DESTRUCTION, begun, known, Command("musnahkan", PEOPLE[3]))
    with pytest.raises(RefusedError):
        finished(DESTRUCTION, replace(begun, begun=False))


@pytest.mark.parametrize(
    ("kind", "years", "who"),
    [
        ("pemusnahan", [5, 9], "kepala_daerah"),
        ("pemusnahan", [5, 10], "kepala_anri"),  # 3 + 7: exactly ten
        ("pemusnahan", [5, None], "kepala_anri"),  # not in the schedule
        ("penyerahan", [5], "kepala_lkd"),
        ("pemindahan", [30], "kepala_unit_kearsipan"),
    ],
)
def test_who_approves(kind: str, years: list[int | None], who: str) -> None:
    assert approver(workflows()[kind], years) == who  # type: ignore[index]


@pytest.mark.parametrize("kind", KINDS)
def test_every_status_of_a_workflow_is_reached_and_ends(kind: str) -> None:
    workflow = workflows()[kind]  # type: ignore[index]
    reached, frontier = {"usul"}, {"usul"}
    while frontier:
        frontier = {step.to for step in workflow.steps if step.sources & frontier} - reached
        reached |= frontier
    assert {step.to for step in workflow.steps} <= reached
    assert any(workflow.ends(status) for status in reached)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        (('by = "penilai"', 'by = "siapa"'), "unknown status or person"),
        (('papers = ["sk_panitia", "notulen"]', 'papers = ["notula"]'), "notula"),
        (("executes = true", ""), "one executes it"),
        (("[pemindahan]", "[peminjaman]"), "peminjaman"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(changed: tuple[str, str], wrong: str) -> None:
    from tests.conftest import ROOT

    text = (ROOT / "src/records/disposal/workflows.toml").read_text("utf-8")
    with pytest.raises(ValueError, match=wrong):
        parse(text.replace(*changed) if changed[0] != "[pemindahan]" else text + "\n[peminjaman]\n")


@pytest.mark.parametrize(
    ("status", "taken", "reached", "ahead"),
    [
        ("usul", "", "usul", "dinilai pertimbangan menunggu_persetujuan disetujui ditetapkan dimusnahkan dilaporkan"),
        ("ditolak", "nilai timbang mohon tolak", "usul dinilai pertimbangan menunggu_persetujuan ditolak", ""),
        (
            "sebagian",
            "nilai timbang mohon setujui_sebagian",
            "usul dinilai pertimbangan menunggu_persetujuan sebagian",
            "ditetapkan dimusnahkan dilaporkan",
        ),
        ("batal", "nilai", "usul dinilai batal", ""),
    ],
)
def test_the_way_of_a_list_is_what_was_done_and_what_is_left(
    status: Status, taken: str, reached: str, ahead: str
) -> None:
    shown = way(DESTRUCTION, status, set(taken.split()))
    assert " ".join(one for one, is_reached in shown if is_reached) == reached
    assert " ".join(one for one, is_reached in shown if not is_reached) == ahead
