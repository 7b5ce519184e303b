"""What several subjects share: the levels of secrecy, and the values of their examples."""

from typing import Literal

Clearance = Literal["biasa", "terbatas", "rahasia", "sangat_rahasia"]

ID = "0b6f1a52-3c1e-4c57-9f0e-6f0d7f2f9a11"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
