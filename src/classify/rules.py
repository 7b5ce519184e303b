"""The rules that tell kinds of letters apart: kinds.toml, read, checked and made ready for matching.

Rules are data an office may replace; what is wrong with them is said at start (ValueError), never met on a letter.
"""

import hashlib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal, get_args

Zone = Literal["title", "head", "subject", "to", "sign", "body"]
ZONES: tuple[Zone, ...] = get_args(Zone)
CUES = frozenset({"card", "landscape", "few_words", "many_words", "label_rows"})
OTHER, PHOTO, BLANK, UNREADABLE = "surat_masuk_lain", "foto", "kosong", "tak_terbaca"

# domain.md §5.1, and the five that the product adds: a rule for any other id would file letters where nobody looks
KINDS = frozenset({
    "lembar_disposisi", "skt_polisi", "skt_kelurahan", "info_keluarga", "ktp", "kk", "formulir_layanan_sosial",
    "formulir_masuk_shelter", "formulir_keluar_shelter", "instrumen_asesmen", "hasil_asesmen",
    "surat_permohonan_pemulangan", "surat_rekomendasi_pemulangan", "surat_keterangan_dinsos_kabkota",
    "draf_hasil_pemeriksaan", "penetapan_pemulangan", "data_informasi_ot", "surat_pemulangan",
    "daftar_tanda_terima", "tanda_terima_biaya_transportasi", "bukti_uang_tiket_saku", "tiket",
    "syarat_keberangkatan", "surat_rujukan_puskesmas", "surat_rujukan_rsud", "surat_rujukan_lk3",
    "kontrak_konseling", "catatan_identifikasi_masalah", "hasil_reasesmen", "rencana_intervensi",
    "lembar_evaluasi_konseling", "berita_acara_serah_terima", "surat_keterangan_kelurahan", "surat_masuk_lain",
    "foto", "kosong", "tak_terbaca",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phrase:
    """What is looked for in one zone (letters and digits only), and how much it says for each kind, in nats."""

    zone: Zone
    plain: str
    words: tuple[str, ...]
    at_start: bool
    at_end: bool
    says: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of letter; `label` is what clerks read."""

    id: str
    label: str
    ask: bool
    cap: float
    anchor: frozenset[str]
    cues: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything kinds.toml says; `digest` is the SHA-256 of its bytes (it stands in the manifest of each letter)."""

    kinds: Mapping[str, Kind]
    phrases: Mapping[Zone, tuple[Phrase, ...]]
    spelling: Mapping[str, str]
    base: float
    later_pages: float
    sure: float
    borne_out: float
    calibration: tuple[tuple[float, float], ...]
    letterheads: tuple[str, ...]
    digest: str


def plain(text: str) -> str:
    """`text` as phrases are compared: small letters and digits only."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _number(value: object, what: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{what} must be a number from {low} to {high}, not {value!r}")
    return float(value)


def _pairs(value: object, what: str) -> list[tuple[str, float]]:
    if not isinstance(value, list):
        raise ValueError(f"{what} must be a list of [words, weight]")
    found = []
    for pair in value:
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)):
            raise ValueError(f"{what}: {pair!r} is not [words, weight]")
        found.append((pair[0], _number(pair[1], f"{what}: weight of {pair[0]!r}", -10, 10)))
    if len({words for words, _ in found}) < len(found):
        raise ValueError(f"{what} names the same words twice")
    return found


def _kind(name: str, entry: Mapping[str, Any]) -> Kind:
    if name not in KINDS:
        raise ValueError(f"no such kind of letter: {name}")
    unknown = entry.keys() - {*ZONES, "label", "ask", "cap", "anchor", "cues"}
    if unknown:
        raise ValueError(f"{name}: unknown {sorted(unknown)}")
    label = entry.get("label")
    if not isinstance(label, str) or not label.strip():
        raise ValueError(f"{name} needs a label that clerks can read")
    anchor = frozenset(entry.get("anchor", ("title", "subject")))
    cues = tuple(_pairs(entry.get("cues", []), f"{name}.cues"))
    for cue, _ in cues:
        if cue not in CUES:
            raise ValueError(f"{name}: unknown cue {cue!r}")
    if not anchor <= set(ZONES):
        raise ValueError(f"{name}: unknown anchor {sorted(anchor - set(ZONES))}")
    cap = _number(entry.get("cap", 6), f"{name}.cap", 0, 20)
    return Kind(name, label.strip(), entry.get("ask", False) is True, cap, anchor, cues)


def _phrases(zone: Zone, entries: Mapping[str, Mapping[str, Any]]) -> tuple[Phrase, ...]:
    says: dict[tuple[str, bool, bool], dict[str, float]] = {}
    parts: dict[str, tuple[str, ...]] = {}
    for name, entry in entries.items():
        for words, weight in _pairs(entry.get(zone, []), f"{name}.{zone}"):
            text = plain(words)
            if len(text) < 2:
                raise ValueError(f"{name}.{zone}: {words!r} is too short to be found")
            parts[text] = tuple(plain(word) for word in words.split())
            says.setdefault((text, words.startswith("^"), words.endswith("$")), {})[name] = weight
    return tuple(Phrase(zone, key[0], parts[key[0]], key[1], key[2], tuple(told.items())) for key, told in says.items())


def _calibration(rows: object) -> tuple[tuple[float, float], ...]:
    if not isinstance(rows, list) or len(rows) < 2:
        raise ValueError("settings.calibration needs two rows or more")
    found = tuple((_number(row["raw"], "raw", 0, 1), _number(row["right"], "right", 0, 1)) for row in rows)
    rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(found))
    if not rising or found[0][0] != 0 or found[-1][0] != 1:
        raise ValueError("settings.calibration must rise from raw = 0 to raw = 1")
    return found


def _letterheads(value: object) -> tuple[str, ...]:
    found = tuple(plain(words) for words in value if isinstance(words, str)) if isinstance(value, list) else ()
    if not found or min(map(len, found)) < 6:
        raise ValueError("settings.letterheads must be a list of words of six letters or more")
    return found


def parse(text: str) -> Rules:
    """The rules in `text` (TOML); ValueError says what is wrong with them, unknown ids and empty phrases included."""
    data = tomllib.loads(text)
    kinds, settings, spelling = data.get("kinds", {}), data.get("settings", {}), data.get("spelling", {})
    unknown = data.keys() - {"kinds", "settings", "spelling"}
    if unknown:
        raise ValueError(f"unknown tables: {sorted(unknown)}")
    if missing := {OTHER, PHOTO, BLANK, UNREADABLE} - kinds.keys():
        raise ValueError(f"kinds that must not be missing: {sorted(missing)}")
    for wrong, right in spelling.items():
        if not isinstance(right, str) or not plain(right) or wrong != plain(wrong):
            raise ValueError(f"spelling: {wrong!r} must be one small word, and stand for another")
    return Rules(
        kinds={name: _kind(name, entry) for name, entry in kinds.items()},
        phrases={zone: _phrases(zone, kinds) for zone in ZONES},
        spelling={wrong: plain(right) for wrong, right in spelling.items()},
        base=_number(settings.get("base"), "settings.base", -math.inf, 20),
        later_pages=_number(settings.get("later_pages"), "settings.later_pages", 0, 1),
        sure=_number(settings.get("sure"), "settings.sure", 0.5, 1),
        borne_out=_number(settings.get("borne_out"), "settings.borne_out", 0, 20),
        calibration=_calibration(settings.get("calibration")),
        letterheads=_letterheads(settings.get("letterheads")),
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


@cache
def packaged() -> Rules:
    """The rules that come with the product."""
    return parse(files("classify").joinpath("kinds.toml").read_text("utf-8"))


def rules_digest() -> str:
    """SHA-256 of the packaged rules, in hexadecimal: which rules judged a letter."""
    return packaged().digest


def labels() -> dict[str, str]:
    """What clerks read for each kind, in the order of the file."""
    return {name: kind.label for name, kind in packaged().kinds.items()}
