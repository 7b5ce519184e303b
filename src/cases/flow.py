"""An SOP drawn as a flow: actors as lanes, steps from top to bottom, branches at the left. Geometry only."""

import textwrap
from dataclasses import dataclass
from typing import Final

from cases.sop import Branch, Sop, Step

_LETTER: Final = 0.56  # mean width of a letter in its font's size
_HEAD: Final = 46
_LEFT: Final = 16  # where branches leave
_GUTTER: Final = 7  # between lines that pass steps by at the right
_GAP: Final = 22
_PAD: Final = 6


@dataclass(frozen=True, slots=True)
class Lane:
    """One actor's column; `lines` are its heading."""

    x: float
    width: float
    lines: tuple[str, ...]
    inferred: bool


@dataclass(frozen=True, slots=True)
class Node:
    """One step: its box, in the lane of whoever acts first; dots in the lanes of the others.

    `title` stands above the box in a narrow drawing (there `lines` is only the number) and inside in a wide one.
    """

    number: int
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    times: tuple[str, ...]
    title: tuple[str, ...]
    title_y: float
    dots: tuple[float, ...]

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Way:
    """One branch of a step: its diamond's height and its words."""

    step: int
    y: float
    lines: tuple[str, ...]
    ends: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """A drawing in its own units; in a narrow one a unit is a pixel of a phone. `edges` are SVG paths."""

    width: float
    height: float
    font: int
    lanes: tuple[Lane, ...]
    nodes: tuple[Node, ...]
    edges: tuple[str, ...]
    leaves: tuple[str, ...]
    ways: tuple[Way, ...]


def draw(sop: Sop, *, wide: bool) -> Flow:
    """The flow of an SOP: for a phone, or for a screen three times as wide."""
    width, font = (920, 14) if wide else (296, 13)
    far = [(before, step.number) for step in sop.steps for before in step.after if step.number - before > 1]
    right = 4 + _GUTTER * len(far)
    lane = (width - _LEFT - right) / len(sop.actors)
    lanes = tuple(
        Lane(_LEFT + lane * at, lane, _wrapped(actor.short, lane, font - 1), not actor.name.printed)
        for at, actor in enumerate(sop.actors)
    )
    at_x = {actor.id: lanes[at] for at, actor in enumerate(sop.actors)}
    nodes, ways, y = [], [], float(_HEAD + _GAP / 2)
    for step in sop.steps:
        node = _node(step, _time(sop, step), at_x, y, width, font, wide)
        nodes.append(node)
        y = node.y + node.height + _PAD
        for branch in step.branches:
            way = _way(step.number, branch, y + font, width - _LEFT - right, font)
            ways.append(way)
            y = way.y + (len(way.lines) - 1) * (font + 3) + _PAD
        y += _GAP
    return Flow(
        width=width,
        height=y,
        font=font,
        lanes=lanes,
        nodes=tuple(nodes),
        edges=_edges(sop, nodes, far, width),
        leaves=_leaves(nodes, ways),
        ways=tuple(ways),
    )


def _time(sop: Sop, step: Step) -> str:
    if step.time is not None:
        return step.time.text
    for shared in sop.shared_times:
        if step.number in shared.steps:
            return f"{shared.time.text} (langkah {' + '.join(str(number) for number in shared.steps)})"
    return ""


def _node(step: Step, time: str, at_x: dict[str, Lane], y: float, width: float, font: int, wide: bool) -> Node:
    lane, line = at_x[step.actors[0]], font + 4
    lines = _wrapped(f"{step.number}. {step.short}", lane.width - 22, font) if wide else (str(step.number),)
    times = _wrapped(time, lane.width - 8, font - 1) if time else ()
    title = () if wide else _wrapped(step.short, width - 40, font)
    top = y + line * len(title) + (_PAD if title else 0)
    height = line * (len(lines) + len(times)) + 2 * _PAD
    dots = tuple(at_x[actor].x + at_x[actor].width / 2 for actor in step.actors[1:])
    return Node(
        number=step.number,
        x=lane.x + 3,
        y=top,
        width=lane.width - 6,
        height=height,
        lines=lines,
        times=times,
        title=title,
        title_y=y + font,
        dots=dots,
    )


def _way(step: int, branch: Branch, y: float, width: float, font: int) -> Way:
    return Way(step, y, _wrapped(f"{branch.when} → {branch.to}", width - 6, font), branch.ends)


def _edges(sop: Sop, nodes: list[Node], far: list[tuple[int, int]], width: float) -> tuple[str, ...]:
    edges = []
    for step in sop.steps:
        target = nodes[step.number - 1]
        # what leads to a step runs level just above it, where no box and no branch stands
        level = (target.title_y - 13 if target.title else target.y) - _GAP / 2 + 2
        for before in step.after:
            source = nodes[before - 1]
            if (before, step.number) in far:
                side = width - 4 - _GUTTER * far.index((before, step.number))
                start = f"M{source.x + source.width:.1f} {source.y + source.height / 2:.1f}H{side:.1f}"
            else:
                start = f"M{source.middle:.1f} {source.y + source.height:.1f}"
            edges.append(f"{start}V{level:.1f}H{target.middle:.1f}V{target.y - 1:.1f}")
    return tuple(edges)


def _leaves(nodes: list[Node], ways: list[Way]) -> tuple[str, ...]:
    """The lines along which branches leave: from a step's left side down to its last branch."""
    last = {way.step: way.y - 4 for way in ways}
    return tuple(
        f"M{node.x:.1f} {node.y + node.height / 2:.1f}H7V{last[node.number]:.1f}"
        for node in nodes
        if node.number in last
    )


def _wrapped(text: str, width: float, font: int) -> tuple[str, ...]:
    most = max(4, int(width / (font * _LETTER)))
    # a line may also end after a slash: Polisi/Kelurahan
    lines = textwrap.wrap(text.replace("/", "/ "), most, break_on_hyphens=False)
    return tuple(line.replace("/ ", "/") for line in lines)
