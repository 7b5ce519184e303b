"""What has to hold in an SOP before anybody works by it: said at start and by `arsip sop check`, in words."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from access.roles import RIGHTS, Right
from cases.durations import parse
from cases.sop import Paper, Sop, Step
from classify.rules import KINDS
from records.filing.codes import HOW_TO, is_code

Place = tuple[str | int, ...]


class Finding(NamedTuple):
    """What is wrong, at which place of the data (`("steps", 3, "time")`), and what to do."""

    place: Place
    what: str


def findings(sop: Sop) -> list[Finding]:
    """Everything that is wrong with the SOP in itself; empty when it can be worked by."""
    wrong = [*_numbering(sop), *_ids(sop)]
    if wrong:  # what follows names steps and actors by them
        return wrong
    found: list[Finding] = []
    for at, step in enumerate(sop.steps):
        found += _step(sop, step, ("steps", at))
    found += [*_shared(sop), *_limits(sop), *_named_steps(sop), *_order(sop), *_closing(sop)]
    return [*found, *_total(sop), *_classification(sop)]


def _numbering(sop: Sop) -> Iterator[Finding]:
    for at, step in enumerate(sop.steps):
        if step.number != at + 1:
            yield Finding(("steps", at, "number"), f"langkah harus berurutan dari 1; di sini seharusnya {at + 1}")


def _ids(sop: Sop) -> Iterator[Finding]:
    groups: list[tuple[Place, list[str]]] = [
        (("actors",), [actor.id for actor in sop.actors]),
        (("limits",), [limit.id for limit in sop.limits]),
        (("contradictions",), [one.id for one in sop.contradictions]),
        *((("steps", at, "branches"), [branch.id for branch in step.branches]) for at, step in enumerate(sop.steps)),
    ]
    for place, ids in groups:
        for name, times in Counter(ids).items():
            if times > 1:
                yield Finding(place, f"id “{name}” dipakai {times} kali; beri id yang berbeda")


def _step(sop: Sop, step: Step, place: Place) -> Iterator[Finding]:
    known = [actor.id for actor in sop.actors]
    for at, actor in enumerate(step.actors):
        if actor not in known:
            yield Finding((*place, "actors", at), f"pelaksana “{actor}” tidak ada; pakai salah satu: {_list(known)}")
    for at, before in enumerate(step.after):
        if before > len(sop.steps) or before == step.number:
            yield Finding((*place, "after", at), f"tidak ada langkah {before} yang dapat mendahului langkah ini")
    yield from _papers(step.needs, (*place, "needs"))
    yield from _papers(step.outputs, (*place, "outputs"))
    for at, branch in enumerate(step.branches):
        yield from _papers(branch.outputs, (*place, "branches", at, "outputs"))
    if step.time is not None:
        yield from _time(step.time.text, (*place, "time"))


def _papers(papers: Iterable[Paper], place: Place) -> Iterator[Finding]:
    for at, paper in enumerate(papers):
        for kind in paper.kinds:
            if kind not in KINDS:
                yield Finding(
                    (*place, at, "kinds"), f"jenis surat “{kind}” tidak dikenal; pakai salah satu: {_list(KINDS)}"
                )
        if paper.numbered and not paper.kinds:
            yield Finding((*place, at, "numbered"), "hanya surat yang dapat bernomor; isi kinds")


def _time(text: str, place: Place) -> Iterator[Finding]:
    try:
        parse(text)
    except ValueError as error:
        yield Finding(place, f"waktu “{text}” tidak dapat dihitung; {error}")


def _shared(sop: Sop) -> Iterator[Finding]:
    seen: set[int] = set()
    for at, shared in enumerate(sop.shared_times):
        place = ("shared_times", at)
        yield from _time(shared.time.text, (*place, "time"))
        for number in shared.steps:
            if number > len(sop.steps):
                yield Finding((*place, "steps"), f"langkah {number} tidak ada")
            elif sop.step(number).time is not None or number in seen:
                yield Finding((*place, "steps"), f"langkah {number} sudah punya waktu lain; hapus salah satunya")
        seen |= set(shared.steps)


def _limits(sop: Sop) -> Iterator[Finding]:
    for at, limit in enumerate(sop.limits):
        yield from _time(limit.time.text, ("limits", at, "time"))
        for end in ("starts", "ends"):
            if getattr(limit, end) > len(sop.steps):
                yield Finding(("limits", at, end), f"langkah {getattr(limit, end)} tidak ada")


def _named_steps(sop: Sop) -> Iterator[Finding]:
    for at, contradiction in enumerate(sop.contradictions):
        for number in contradiction.steps:
            if number > len(sop.steps):
                yield Finding(("contradictions", at, "steps"), f"langkah {number} tidak ada")


def _order(sop: Sop) -> Iterator[Finding]:
    """Each step has to be reachable: whatever comes before it can be settled without it."""
    settled: set[int] = set()
    left = {step.number: set(step.after) for step in sop.steps}
    while ready := {number for number, before in left.items() if before <= settled}:
        settled |= ready
        left = {number: before for number, before in left.items() if number not in ready}
    for number in left:
        yield Finding(
            ("steps", number - 1, "after"),
            f"langkah {number} tidak pernah tercapai: langkah yang ditunggunya saling menunggu; ubah after",
        )


def _closing(sop: Sop) -> Iterator[Finding]:
    followed = {number for step in sop.steps for number in step.after}
    known = {actor.id: actor for actor in sop.actors}
    roles = {
        known[actor].role
        for step in sop.steps
        if step.number not in followed
        for actor in step.actors
        if actor in known
    }
    if not any(role is not None and Right.WORK_CASES in RIGHTS[role] for role in roles):
        able = [role.value for role in RIGHTS if Right.WORK_CASES in RIGHTS[role]]
        yield Finding(
            ("actors",),
            "tidak ada yang dapat menutup kasus: pelaksana langkah terakhir harus punya role " + _list(able, "atau"),
        )


def _total(sop: Sop) -> Iterator[Finding]:
    if sop.total is not None:
        yield from _time(sop.total, ("total",))


def _classification(sop: Sop) -> Iterator[Finding]:
    if sop.classification is not None and not is_code(sop.classification.text):
        yield Finding(("classification",), f"kode klasifikasi “{sop.classification.text}” keliru; {HOW_TO}")


def _list(names: Iterable[str], word: str = "") -> str:
    listed = sorted(names)
    if word and len(listed) > 1:
        return f"{', '.join(listed[:-1])} {word} {listed[-1]}"
    return ", ".join(listed)
