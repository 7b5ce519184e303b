"""The workflows of transfer and destruction as workflows.toml has them, checked when they are read. Pure.

The database knows the same steps (workers/migrations): a test compares both, so that neither is changed alone.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

Kind = Literal["pemusnahan", "penyerahan", "pemindahan", "alih_media"]
By = Literal["arsiparis", "penilai", "penerima", "pelaksana"]
Status = Literal[
    "usul",
    "dinilai",
    "pertimbangan",
    "menunggu_persetujuan",
    "disetujui",
    "sebagian",
    "ditolak",
    "ditetapkan",
    "dimusnahkan",
    "diserahkan",
    "dipindahkan",
    "diautentikasi",
    "dilaporkan",
    "batal",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
START: Final[Status] = "usul"
WITHDRAWN: Final[Status] = "batal"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: from which statuses to which, by whom, with which papers attached before (workflows.toml)."""

    id: str
    title: str
    sources: frozenset[Status]
    to: Status
    by: By
    papers: tuple[str, ...]
    freezes: bool = False
    declares: bool = False
    chooses: bool = False
    executes: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """One way a list goes; `code`: the kode klasifikasi of the papers it leaves."""

    kind: Kind
    title: str
    prefix: str
    code: str
    law: str
    papers: Mapping[str, str]
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step | None:
        """The step of that name; None when there is none."""
        return next((step for step in self.steps if step.id == name), None)

    @property
    def executing(self) -> Step:
        """The step that happens to the records."""
        return next(step for step in self.steps if step.executes)

    def ends(self, status: Status) -> bool:
        """Whether nothing leads on from a status."""
        return not any(status in step.sources for step in self.steps)


def _step(table: Mapping[str, Any], papers: Mapping[str, str], where: str) -> Step:
    unknown = set(table) - {"id", "title", "from", "to", "by", "papers", "freezes", "declares", "chooses", "executes"}
    if unknown or not set(table["papers"]) <= set(papers):
        raise ValueError(f"{where}: unknown {sorted(unknown or set(table['papers']) - set(papers))}")
    if table["by"] not in get_args(By) or not {*table["from"], table["to"]} <= set(get_args(Status)):
        raise ValueError(f"{where}: unknown status or person")
    flags = {name: bool(table.get(name, False)) for name in ("freezes", "declares", "chooses", "executes")}
    needed = tuple(table["papers"])
    return Step(table["id"], table["title"], frozenset(table["from"]), table["to"], table["by"], needed, **flags)


def parse(text: str) -> Mapping[Kind, Workflow]:
    """The workflows in `text` (TOML). ValueError says what is wrong."""
    found: dict[Kind, Workflow] = {}
    for kind, table in tomllib.loads(text).items():
        if kind not in KINDS:
            raise ValueError(f"unknown workflow {kind}")
        steps = tuple(_step(one, table["papers"], f"{kind}.{one.get('id')}") for one in table["steps"])
        if sum(step.freezes for step in steps) != 1 or sum(step.executes for step in steps) != 1:
            raise ValueError(f"{kind}: one step freezes the list, and one executes it")
        told = {name: table[name] for name in ("title", "prefix", "code", "law", "papers")}
        found[kind] = Workflow(kind=kind, steps=steps, **told)
    return found


@cache
def workflows() -> Mapping[Kind, Workflow]:
    """Every workflow by its kind."""
    return parse(files("records.disposal").joinpath("workflows.toml").read_text("utf-8"))
