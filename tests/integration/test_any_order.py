"""Whatever several people do with letters, cases, books and boxes, in whatever order: nothing gets stuck, no letter is
lost, no number is missing. On the real database, against a small picture of what must be so (anyorder.py)."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from tests.integration.anyorder import KINDS, STEPS_OF_LETTERS, A, B, C, Desk
from tests.integration.conftest import MakeAccount

WHO = st.sampled_from(["clerk", "clerk", "second", "official", "records", "outsider"])
CHIEF = st.sampled_from(["official", "records", "clerk", "outsider"])
SOPS = st.sampled_from([A, B, C])
ACTIONS = st.sampled_from(["start", "finish", "finish", "finish", "skip", "branch", "branch", "reopen"])
REASONS = st.sampled_from(["", "ada sebabnya", "ada sebabnya"])
NTH = st.integers(0, 11)
BOOKS = st.sampled_from(["masuk", "keluar"])


class AnyOrder(RuleBasedStateMachine):
    """What anybody may try; what is refused must have changed nothing, which every look afterwards sees."""

    make_desk: Callable[[], Desk]

    @initialize(sop=SOPS)
    def begin(self, sop: str) -> None:
        self.desk = self.make_desk()
        self.desk.open("clerk", sop, None)
        for kind in KINDS[:3]:
            self.desk.letter(kind, doubt=0, named=True)

    @precondition(lambda self: len(self.desk.cases) < 4)
    @rule(who=WHO, sop=SOPS, letter=st.none() | NTH)
    def open(self, who: str, sop: str, letter: int | None) -> None:
        self.desk.open(who, sop, letter)

    @precondition(lambda self: len(self.desk.letters) < 12)
    @rule(kind=st.sampled_from(KINDS), doubt=st.sampled_from([0, 0, 3]), named=st.booleans())
    def letter(self, kind: str, doubt: int, named: bool) -> None:
        self.desk.letter(kind, doubt=doubt, named=named)

    @rule(letter=st.none() | NTH)
    def seek(self, letter: int | None) -> None:
        self.desk.seek(letter)

    @rule(who=WHO, case=NTH, letter=NTH, step=st.integers(1, 13))
    def link(self, who: str, case: int, letter: int, step: int) -> None:
        self.desk.link(who, case, letter, step)

    @rule(who=WHO, case=NTH, nth=NTH)
    def unlink(self, who: str, case: int, nth: int) -> None:
        self.desk.unlink(who, case, nth)

    @rule(who=WHO, case=NTH, action=ACTIONS, step=NTH, reason=REASONS, branch=NTH)
    def act(self, who: str, case: int, action: str, step: int, reason: str, branch: int) -> None:
        self.desk.act(who, case, action, step, reason, branch)

    @rule(who=WHO, case=NTH, step=NTH)
    def go_on(self, who: str, case: int, step: int) -> None:
        self.desk.act(who, case, "finish", step, "ada sebabnya", 0)

    @precondition(lambda self: len(self.desk.cases) > 1)
    @rule(case=NTH)
    def bring_to_its_end(self, case: int) -> None:
        self.desk.bring_to_its_end(case)

    @rule(who=CHIEF, case=NTH, nth=NTH, reason=REASONS)
    def waive(self, who: str, case: int, nth: int, reason: str) -> None:
        self.desk.waive(who, case, nth, reason)

    @rule(who=WHO, case=NTH, code=st.sampled_from(["400.9.4.1", "400.9.12.1", "empat ratus"]))
    def classify(self, who: str, case: int, code: str) -> None:
        self.desk.classify(who, case, code)

    @rule(who=WHO, case=NTH, is_there=st.booleans())
    def place(self, who: str, case: int, is_there: bool) -> None:
        self.desk.place(who, case, is_there=is_there)

    @rule(who=WHO, letter=st.none() | NTH, book=BOOKS, numbered=st.booleans())
    def register(self, who: str, letter: int | None, book: str, numbered: bool) -> None:
        self.desk.register(who, letter, book, numbered=numbered)

    @rule(who=WHO, entry=NTH)
    def cancel(self, who: str, entry: int) -> None:
        self.desk.cancel(who, entry)

    @rule(who=WHO, entry=NTH, subject=st.sampled_from(["Permohonan", "Pemulangan", ""]))
    def correct(self, who: str, entry: int, subject: str) -> None:
        self.desk.correct(who, entry, subject)

    @rule(who=WHO, entry=NTH, step=st.sampled_from(STEPS_OF_LETTERS), letter=st.none() | NTH)
    def take_step(self, who: str, entry: int, step: str, letter: int | None) -> None:
        self.desk.take_step(who, entry, step, letter)

    @rule(who=WHO, letter=NTH)
    def leave_out(self, who: str, letter: int) -> None:
        self.desk.leave_out(who, letter)

    @rule(who=CHIEF, letter=NTH, to=WHO)
    def dispose(self, who: str, letter: int, to: str) -> None:
        self.desk.dispose(who, letter, to)

    @rule(who=WHO, nth=NTH)
    def dispose_of(self, who: str, nth: int) -> None:
        self.desk.dispose_of(who, nth)

    @rule(who=WHO, case=NTH)
    def close(self, who: str, case: int) -> None:
        self.desk.close(who, case)

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        self.desk.check()

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.end()


@pytest.fixture
def make_desk(account: MakeAccount, superuser: Engine, worker_engine: Engine) -> Iterator[Callable[[], Desk]]:
    made: list[Desk] = []

    def make() -> Desk:
        made.append(Desk(account, superuser, worker_engine))
        return made[-1]

    yield make
    for desk in made:
        desk.office.work_through()


def test_no_sequence_of_commands_gets_stuck_loses_a_letter_or_breaks_numbering(
    make_desk: Callable[[], Desk],
) -> None:
    class Here(AnyOrder):
        pass

    Here.make_desk = staticmethod(make_desk)
    bounds = settings(
        max_examples=10,
        stateful_step_count=45,
        phases=(Phase.reuse, Phase.generate),  # to make a finding shorter would take minutes
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here, settings=bounds)
