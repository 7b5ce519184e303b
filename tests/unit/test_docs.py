"""The documents say what the code does: each list in them is compared with what it lists."""

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from api.problems import status_of
from archive.actions import ACTIONS
from archive.tables import DocumentRow  # noqa: F401 - with the next line, declares every table
from cli.main import COMMANDS
from cli.verify import FINDINGS
from core.db import Base
from core.faults import Fault, all_faults
from core.queue import ROUTES
from core.settings import PREFIX, ClientSettings, MigrationSettings, Settings

ROOT = Path(__file__).parents[2]
README, CONTRIBUTING = (ROOT / "README.md").read_text(), (ROOT / "CONTRIBUTING.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
OPERATING = (ROOT / "docs" / "operating.md").read_text()
FAULTS = (ROOT / "docs" / "faults.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()
CLASSES: tuple[type[BaseSettings], ...] = (Settings, MigrationSettings, ClientSettings)
ADRS = sorted((ROOT / "docs" / "adr").iterdir())
LEAVES = {slug: kind for slug, kind in all_faults().items() if not kind.__subclasses__()}


def _ours() -> list[Path]:
    """Every file of the project: tracked ones, and new ones that git does not ignore."""
    argv = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def _sources() -> list[Path]:
    return [path for folder in ("src", "workers") for path in sorted((ROOT / folder).rglob("*.py"))]


def _table_rows(text: str, first: str) -> list[list[str]]:
    """Cells of each table row whose first cell matches `first`."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if "|" in line]
    return [row for row in rows if re.fullmatch(first, row[0])]


def _section(text: str, title: str) -> str:
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "none, required"
    value: Any = field.get_default(call_default_factory=True)
    if value is None:
        return "unset"
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{shown.replace(str(Path.home()), '~')}`"


def _values(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    return next((f"≥ {limit.ge}" for limit in field.metadata if hasattr(limit, "ge")), "")


def test_every_setting_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    told = [row[:4] for row in _table_rows(SETTINGS, rf"`{PREFIX}\w+`")]
    meant = [
        [f"`{PREFIX}{name.upper()}`", field.description, _default(field), _values(field)]
        for kind in CLASSES
        for name, field in kind.model_fields.items()
    ]
    assert told == meant


def test_settings_named_anywhere_exist() -> None:
    known = {PREFIX + name.upper() for kind in CLASSES for name in kind.model_fields}
    for path in _ours():
        if path.suffix == ".md":
            assert set(re.findall(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]", path.read_text())) <= known, path


@pytest.mark.parametrize("slug", sorted(LEAVES))
def test_every_fault_with_its_words_and_status(slug: str) -> None:
    kind: type[Fault] = LEAVES[slug]
    status = status_of(kind())
    section = re.search(rf"^## `{slug}` · (\d+)( · held)?\n\n> (.+)\n\nWhen: .+  \nAdmin: .+$", FAULTS, re.MULTILINE)
    assert section is not None
    assert int(section[1]) == status
    assert section[3] == f"**{(kind.__doc__ or '').strip()}.** {kind.advice}"


def test_no_fault_too_many_and_every_family() -> None:
    assert set(re.findall(r"^## `(\w+)`", FAULTS, re.MULTILINE)) == set(LEAVES)
    families = {row[0]: row[1:] for row in _table_rows(FAULTS, r"`\w+`")}
    for slug, kind in all_faults().items():
        if slug not in LEAVES:
            below = sorted(name for name, child in all_faults().items() if child.__base__ is kind)
            title = (kind.__doc__ or "").strip()
            assert families.pop(f"`{slug}`") == [title, ", ".join(f"`{name}`" for name in below)]
    assert not families


def test_every_make_target() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert sorted(phony[1].split()) == sorted(targets)
    told = set(re.findall(r"\bmake ([a-z-]+)", README + CONTRIBUTING))
    assert {name for name in told if name in targets} == set(targets)


def test_every_compose_service() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    rows = {row[0].strip("`"): row for row in _table_rows(_section(OPERATING, "Docker compose"), r"`[a-z-]+`")}
    assert set(rows) == set(services)
    for name, service in services.items():
        named = [mount.split(":")[0] for mount in service.get("volumes", []) if isinstance(mount, str)]
        assert rows[name][2].strip("`") == ", ".join(named)


def test_every_command_with_an_example() -> None:
    told = [row[0] for row in _table_rows(_section(README, "Commands"), r"`arsip \w+`")]
    assert sorted(told) == sorted(f"`arsip {name}`" for name in COMMANDS)
    for path in _ours():
        if path.suffix == ".md":
            used = re.findall(r"(?:`|^|bin/)arsip ([a-z]+)\b", path.read_text(), re.MULTILINE)
            assert set(used) <= set(COMMANDS), path


def test_decisions_are_numbered_short_and_linked() -> None:
    numbers = [int(path.name[:4]) for path in ADRS]
    assert len(set(numbers)) == len(numbers)
    for number, path in zip(numbers, ADRS, strict=True):
        text = path.read_text()
        assert text.startswith(f"# {number:04d} ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Alternatives", "Consequences"]
        assert len(text.splitlines()) <= 40, path.name
        title = text.splitlines()[0].removeprefix(f"# {number:04d} ")
        assert f"- [{number:04d}](adr/{path.name}) {title}\n" in ARCHITECTURE


def test_decisions_named_in_code_exist() -> None:
    numbers = {path.name[:4] for path in ADRS}
    for path in [*_sources(), ROOT / "pyproject.toml"]:
        assert set(re.findall(r"docs/adr/(\d{4})", path.read_text())) <= numbers, path


def test_every_table() -> None:
    import access.tables  # noqa: F401 - declares its tables
    import archive.keytables
    import archive.prooftables
    import archive.snapshottables  # noqa: F401 - declares its tables
    import cases.tables  # noqa: F401 - declares its tables
    import records.disposal.tables
    import records.filing.tables
    import records.papertables
    import records.retention.tables
    import records.tables  # noqa: F401 - declares its tables
    import search.tables  # noqa: F401 - declares its tables

    told = [row[0].strip("`") for row in _table_rows(_section(ARCHITECTURE, "Tables"), r"`\w+`")]
    assert sorted(told) == sorted(Base.metadata.tables)


def test_every_task_with_its_queue() -> None:
    rows = _table_rows(_section(ARCHITECTURE, "Queues and feeder"), r"`\w+\.\w+`")
    assert {row[0].strip("`"): row[1].strip("`") for row in rows} == ROUTES


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def _words(node: ast.expr) -> set[str]:
    """The text constants an expression may yield."""
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_every_ledger_action() -> None:
    written: set[str] = set()
    for path in _sources():
        for call in _calls(path):
            name = ast.unparse(call.func)
            if name == "ledger.append":
                written |= _words(call.args[1])
            elif name == "ledger.entry":
                written |= _words(call.args[0])
            elif name in ("tell", "lists.tell") and path.parent.name == "disposal":
                written |= _words(call.args[3])
            elif name == "_sealed":
                written |= _words(call.args[2])
    for path in sorted((ROOT / "workers" / "migrations" / "versions").glob("*.py")):  # what functions write
        written |= set(re.findall(r'"action":"(\w+)"', path.read_text()))
    rows = _table_rows(_section(ARCHITECTURE, "Ledger"), r"`\w+`(, `\w+`)*")
    told = {action for row in rows for action in re.findall(r"`(\w+)`", row[0])}
    assert told == written
    assert set(ACTIONS) == written


def test_the_ledgers_example_derives() -> None:
    example = re.search(r"^prev (\w{64})\ntext (.+)\nhash (\w{64})$", ARCHITECTURE, re.MULTILINE)
    assert example is not None
    assert hashlib.sha256(bytes.fromhex(example[1]) + example[2].encode()).hexdigest() == example[3]


def test_every_log_event() -> None:
    logged: set[str] = set()
    for path in _sources():
        for call in _calls(path):
            if ast.unparse(call.func) in ("log.info", "log.warning", "log.error", "log.exception"):
                logged |= _words(call.args[0])
            elif ast.unparse(call.func) == "log.log":
                logged |= _words(call.args[1])
    rows = _table_rows(_section(ARCHITECTURE, "Log"), r"`\w+`(, `\w+`)*")
    assert {event for row in rows for event in re.findall(r"`(\w+)`", row[0])} == logged


CHECKING = ("verify.py", "lockedheads.py", "goneagain.py")


def test_everything_that_verify_finds() -> None:
    rows = _table_rows(_section(OPERATING, "arsip verify"), r"`\w+`")
    assert [row[0].strip("`") for row in rows] == list(FINDINGS)
    source = "".join((ROOT / "src" / "archive" / name).read_text() for name in CHECKING)
    assert set(re.findall(r'Finding\("(\w+)"', source)) == set(FINDINGS)


def _anchors(text: str) -> set[str]:
    """What GitHub makes of headings."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", [p for p in _ours() if p.suffix == ".md"], ids=lambda p: str(p.relative_to(ROOT)))
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name) if name else path
        assert found.exists(), target
        if anchor:
            assert anchor in _anchors(found.read_text()), target


def test_the_changelogs_top_is_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    top = re.search(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert top is not None
    assert top[1] == version
    assert f"arsiparis:{version}" in (ROOT / "docker-compose.yml").read_text()


def test_no_machine_and_no_registry_in_any_file() -> None:
    # put together here, so that this file doesn't hold what it looks for
    places = [str(ROOT), str(Path(sys.prefix)), "/" + "work/", "/" + r"home/\w+/", "/" + "Users/"]
    hosts = [r"pypi\." + "org", "python" + "hosted", r"registry\." + "npmjs", "index" + "-url", r"/simple/\w"]
    strange = re.compile("|".join([rf"(?<![\w.~-])(?:{'|'.join(places)})", *hosts]).encode())
    found = {}
    for path in _ours():
        if match := strange.search(path.read_bytes()):
            found[str(path.relative_to(ROOT))] = match[0]
    assert not found


@pytest.mark.parametrize("path", _sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_searching_is_told_as_it_is() -> None:
    from api.need import PURPOSES
    from records.export.found import MOST_IN_BAG, MOST_LINES
    from search.saved import MOST, MOST_FRESH

    told = (ROOT / "docs" / "searching.md").read_text()
    rows = dict(re.findall(r"^\| ([^|`]+) \| `(\w+)` \|$", told, re.MULTILINE))
    assert rows == {name: value for value, name in PURPOSES.items()}
    for words in (f"sampai {MOST_IN_BAG} surat", f"sampai {MOST_LINES:,} halaman".replace(",", ".")):
        assert words in told
    assert f"paling banyak {MOST} untuk satu akun" in told
    assert f"mulai {MOST_FRESH} tertulis" in told
