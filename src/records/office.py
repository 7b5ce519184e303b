"""The office as its books name it: office.toml, or the office's own file (ARSIP_OFFICE), checked when it is read.

What is wrong with the file is said at start (ValueError), never met on a letter.
"""

import string
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from access.accounts import is_name
from core.settings import settings

PARTS: Final = frozenset({"kode", "nomor", "opd", "bulan", "tahun"})
_LONGEST = 200
MOST_TICKS: Final = 18  # recipients or instructions: more do not fit on a sheet
_MOST = 40


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs: jabatan, name and NIP; name and NIP may be empty and are then written by hand."""

    title: str
    name: str
    nip: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit as its books name it; `number` is the pattern of its outgoing letters' numbers."""

    name: str
    abbreviation: str
    number: str
    signatory: Signatory


@dataclass(frozen=True, slots=True)
class Disposition:
    """What the sheet of disposition offers to tick, and who signs it. `holders` leads from a recipient on the sheet, or
    from who signs it, to the account of whoever holds that jabatan."""

    recipients: tuple[str, ...]
    instructions: tuple[str, ...]
    signatory: Signatory
    holders: Mapping[str, str]

    def post_of(self, name: str) -> str:
        """The jabatan that an account holds; "" for somebody without one."""
        return next((post for post, holder in self.holders.items() if holder == name), "")


@dataclass(frozen=True, slots=True)
class Office:
    """The whole file. `codes` leads from a kind of letter to its kode klasifikasi, `usual` for the rest; one of
    `witnesses` is in the jabatan of whoever may watch a destruction."""

    name: str
    letterhead: tuple[str, ...]
    place: str
    usual_unit: Unit
    units: Mapping[str, Unit]
    not_letters: frozenset[str]
    internal: frozenset[str]
    reasons: tuple[str, ...]
    codes: Mapping[str, str]
    witnesses: tuple[str, ...]
    disposition: Disposition

    def unit(self, unit: str) -> Unit:
        """The unit of that id, also one that the file does not name."""
        named = self.units.get(unit)
        if named is not None:
            return named
        usual = self.usual_unit
        return Unit(unit, f"{usual.abbreviation}-{unit.upper()}", usual.number, usual.signatory)

    def code(self, kind: str | None) -> str:
        """The kode klasifikasi proposed for a kind of letter."""
        return self.codes.get(kind or "", self.codes["usual"])


def _text(table: Mapping[str, Any], name: str, where: str, *, needed: bool = True) -> str:
    value = table.get(name, "")
    if not isinstance(value, str) or len(value) > _LONGEST or (needed and not value.strip()):
        raise ValueError(f"{where}.{name} must be a text of at most {_LONGEST} letters")
    return value.strip()


def _texts(table: Mapping[str, Any], name: str, where: str, most: int = _MOST) -> tuple[str, ...]:
    value = table.get(name)
    if not isinstance(value, list) or not 0 < len(value) <= most or len(set(map(str, value))) < len(value):
        raise ValueError(f"{where}.{name} must be a list of 1 to {most} different texts")
    return tuple(_text({name: one}, name, where) for one in value)


def _known(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := table.keys() - known:
        raise ValueError(f"{where}: unknown {sorted(unknown)}")


def _signatory(table: Mapping[str, Any], where: str) -> Signatory:
    _known(table, {"title", "name", "nip"}, where)
    return Signatory(
        _text(table, "title", where),
        _text(table, "name", where, needed=False),
        _text(table, "nip", where, needed=False),
    )


def _pattern(value: str, where: str) -> str:
    """A pattern of letter numbers. Raises ValueError unless it names parts that exist, the serial among them once."""
    try:
        parts = [name for _, name, spec, conversion in string.Formatter().parse(value) if name is not None]
        plain = all(not spec and conversion is None for _, _, spec, conversion in string.Formatter().parse(value))
    except ValueError as error:
        raise ValueError(f"{where}.number: {error}") from error
    if not plain or not set(parts) <= PARTS or parts.count("nomor") != 1:
        raise ValueError(f"{where}.number may name {sorted(PARTS)} in braces, and must name {{nomor}} once")
    return value


def _unit(table: Mapping[str, Any], usual: Unit, where: str) -> Unit:
    _known(table, {"name", "abbreviation", "number", "signatory"}, where)
    return Unit(
        name=_text(table, "name", where),
        abbreviation=_text(table, "abbreviation", where),
        number=_pattern(_text(table, "number", where), where) if "number" in table else usual.number,
        signatory=_signatory(table["signatory"], f"{where}.signatory") if "signatory" in table else usual.signatory,
    )


def parse(text: str) -> Office:
    """The office in `text` (TOML), what it leaves out as in the packaged file. ValueError says what is wrong."""
    usual, own = tomllib.loads(_packaged()), tomllib.loads(text)
    _known(own, set(usual), "office file")
    data = {name: {**table, **own.get(name, {})} for name, table in usual.items()}
    if "units" in own:
        data["units"] = own["units"]
    office, agenda, disposition = data["office"], data["agenda"], data["disposition"]
    _known(office, set(usual["office"]), "office")
    _known(agenda, set(usual["agenda"]), "agenda")
    _known(disposition, set(usual["disposition"]), "disposition")
    _known(data["disposal"], set(usual["disposal"]), "disposal")
    usual_unit = Unit(
        _text(office, "name", "office"),
        _text(office, "abbreviation", "office"),
        _pattern(_text(office, "number", "office"), "office"),
        _signatory(office["signatory"], "office.signatory"),
    )
    units = {name: _unit(table, usual_unit, f"units.{name}") for name, table in data["units"].items()}
    if len({(unit.number, unit.abbreviation) for unit in units.values()}) < len(units):
        raise ValueError("units: two units would give the same letter numbers; give each its own abbreviation")
    return Office(
        name=usual_unit.name,
        letterhead=_texts(office, "letterhead", "office"),
        place=_text(office, "place", "office", needed=False),
        usual_unit=usual_unit,
        units=units,
        not_letters=frozenset(_texts(agenda, "not_letters", "agenda")),
        internal=frozenset(_texts(agenda, "internal", "agenda")),
        reasons=_texts(agenda, "reasons", "agenda"),
        codes={kind: _text(data["codes"], kind, "codes") for kind in data["codes"]},
        witnesses=_texts(data["disposal"], "witnesses", "disposal"),
        disposition=Disposition(
            _texts(disposition, "recipients", "disposition", MOST_TICKS),
            _texts(disposition, "instructions", "disposition", MOST_TICKS),
            _signatory(disposition["signatory"], "disposition.signatory"),
            _holders(disposition["holders"], (*disposition["recipients"], disposition["signatory"]["title"])),
        ),
    )


def _holders(table: Mapping[str, Any], posts: Collection[str]) -> Mapping[str, str]:
    _known(table, set(posts), "disposition.holders")
    found = {post: _text(table, post, "disposition.holders") for post in table}
    if wrong := sorted(name for name in found.values() if not is_name(name)):
        raise ValueError(f"disposition.holders: {wrong} are no names of accounts")
    return found


def _packaged() -> str:
    return files("records").joinpath("office.toml").read_text("utf-8")


@cache
def _from(path: Path | None) -> Office:
    return parse(_packaged() if path is None else path.read_text("utf-8"))


def office() -> Office:
    """This office. Raises ValueError or OSError when its file can't be used."""
    return _from(settings().office)
