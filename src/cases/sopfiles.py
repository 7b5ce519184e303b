"""SOPs read from files: those of the product, and an office's own, which add to them or take their place."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cases.sop import Sop
from cases.soprules import Finding, Place, findings

_HEADER = re.compile(r"^\s*(\[{1,2})\s*([A-Za-z0-9_.-]+)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")
_TOML_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")
_LARGEST: Final = 1_000_000  # bytes; the packaged ones have 20,000


class SopFileError(Exception):
    """An SOP that nobody can work by. `lines` say each file, line and field, what is wrong and what to do."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def read_sop(text: str, name: str) -> Sop:
    """The SOP in a TOML text; `name` is the file's, for messages. Raises SopFileError with everything that is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SopFileError([_not_toml(name, error)]) from error
    try:
        sop = Sop.model_validate(data)
        wrong = findings(sop)
    except ValidationError as error:
        wrong = _shapes(error.errors(include_url=False))
    if wrong:
        lines = _lines_of(text)
        raise SopFileError(_message(name, lines, finding) for finding in wrong)
    return sop


def read_file(path: Path) -> Sop:
    """The SOP in a file that is named after its id. Raises SopFileError, also when the file can't be read."""
    try:
        if path.stat().st_size > _LARGEST:
            raise SopFileError([f"{path.name}: terlalu besar untuk sebuah SOP; batasnya {_LARGEST // 1_000_000} MB"])
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SopFileError([f"{path.name}: tidak dapat dibaca sebagai teks UTF-8; simpan ulang berkasnya"]) from error
    sop = read_sop(text, path.name)
    if path.stem != sop.id:
        raise SopFileError([f"{path.name}: id di dalamnya “{sop.id}”; namai berkasnya {sop.id}.toml"])
    return sop


@cache
def packaged() -> Mapping[str, Sop]:
    """The product's own SOPs by id."""
    folder = files("cases") / "sops"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    sops = [read_sop((folder / name).read_text("utf-8"), name) for name in names]
    return {sop.id: sop for sop in sops}


@cache
def sops(own: Path | None) -> Mapping[str, Sop]:
    """All SOPs by id: the product's, and over them those of the office's folder. Raises SopFileError."""
    if own is None:
        return packaged()
    if not own.is_dir():
        raise SopFileError([f"{own}: folder SOP ini tidak ada; buat foldernya atau perbaiki ARSIP_SOP_FOLDER"])
    found: dict[str, Sop] = dict(packaged())
    wrong: list[str] = []
    for path in sorted(own.glob("*.toml")):
        try:
            sop = read_file(path)
            found[sop.id] = sop
        except SopFileError as error:
            wrong += error.lines
    wrong += _unknown_ways(found)
    if wrong:
        raise SopFileError(wrong)
    return found


def _unknown_ways(found: Mapping[str, Sop]) -> list[str]:
    """A branch must not lead to an SOP that is not there."""
    return [
        f"{sop.id}.toml, steps[{step.number}]: cabang “{branch.id}” menuju SOP “{branch.sop}” yang tidak ada"
        for sop in found.values()
        for step in sop.steps
        for branch in step.branches
        if branch.sop is not None and branch.sop not in found
    ]


def _not_toml(name: str, error: tomllib.TOMLDecodeError) -> str:
    at = _TOML_LINE.search(str(error))
    where = f"baris {at[1]}, kolom {at[2]}" if at else "di akhir berkas"
    return f"{name}, {where}: bukan TOML yang benar; periksa tanda kutip, kurung, dan koma di sana"


_SHAPES: Final = {
    "missing": "wajib diisi",
    "extra_forbidden": "nama ini tidak dikenal; periksa ejaannya atau hapus",
    "string_type": "harus teks dalam tanda kutip",
    "string_too_short": "tidak boleh kosong",
    "int_type": "harus bilangan bulat",
    "bool_type": "harus true atau false",
    "bool_parsing": "harus true atau false",
    "tuple_type": "harus daftar dalam kurung siku [ ]",
    "model_type": "harus tabel { … }",
    "too_short": "daftarnya belum lengkap",
    "date_type": "harus tanggal, misalnya 2026-11-26",
    "date_from_datetime_parsing": "harus tanggal, misalnya 2026-11-26",
}
_SHAPES_WITH_LIMIT: Final = {
    "string_too_long": "terlalu panjang; paling banyak {max_length} huruf",
    "string_pattern_mismatch": "hanya huruf kecil, angka, dan garis (a–z, 0–9, -)",
    "literal_error": "pakai salah satu: {expected}",
    "enum": "pakai salah satu: {expected}",
    "greater_than_equal": "paling kecil {ge}",
    "less_than_equal": "paling besar {le}",
    "too_long": "terlalu banyak; paling banyak {max_length}",
    "value_error": "{error}",
}


def _shapes(details: list[ErrorDetails]) -> list[Finding]:
    places = {detail["loc"] for detail in details}
    # a list whose items are wrong counts as too short too: that says nothing new
    hollow = {place[:end] for place in places for end in range(1, len(place))}
    return [_shape(detail) for detail in details if detail["type"] != "too_short" or detail["loc"] not in hollow]


def _shape(detail: ErrorDetails) -> Finding:
    kind, facts = detail["type"], detail.get("ctx", {})
    said = _SHAPES.get(kind) or _SHAPES_WITH_LIMIT.get(kind, "bentuknya keliru").format(**facts)
    return Finding(detail["loc"], said.replace(" or ", " atau "))


def _message(name: str, lines: Mapping[Place, int], finding: Finding) -> str:
    place = finding.place
    # the field itself may be missing: then the line of what it should stand in
    line = next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), None)
    field = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    where = f"{name}, baris {line}" if line else name
    return f"{where}, {field}: {finding.what}" if field else f"{where}: {finding.what}"


def _lines_of(text: str) -> dict[Place, int]:
    """In which line each table and key begins; good enough for messages, tomllib itself keeps no places."""
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _place_of(header[2].split("."), header[1] == "[[", counts)
            lines[table] = number
        elif key := _KEY.match(line):
            lines.setdefault((*table, key[1]), number)
    return lines


def _place_of(names: list[str], repeated: bool, counts: dict[Place, int]) -> Place:
    place: Place = ()
    for name in names[:-1]:
        place = (*place, name)
        if place in counts:
            place = (*place, counts[place])
    place = (*place, names[-1])
    if repeated:
        counts[place] = counts.get(place, -1) + 1
        place = (*place, counts[place])
    return place
