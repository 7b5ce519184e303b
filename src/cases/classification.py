"""Kode klasifikasi arsip (Permendagri 83/2022): how one is written. Which codes there are is not known here. Pure."""

import re
from typing import Final

_CODE: Final = re.compile(r"[0-9]{3}(\.[1-9][0-9]?){0,4}")
HOW_TO: Final = "tulis tiga angka, lalu bagian-bagiannya dengan titik, misalnya “400.9.4.1”"


def is_code(text: str) -> bool:
    """Whether it has the form of one: `000.5.3.1`, `400.7`."""
    return _CODE.fullmatch(text) is not None
