"""Letters as a Dinas Sosial receives and writes them, all invented, with the truth of what is printed on them.

``python -m tests.assets.letters OUT_DIR`` makes the samples that the product ships (src/cli/samples).
It needs the Debian package fonts-liberation.
The texts are in kinds.toml (language: markup.py), the people in case.py, the wear in wear.py; provenance in SAMPLES.md.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

from tests.assets.bulk import make_scan_pdf, unique_jpeg
from tests.assets.letter import Letter, TrueWord, book, bound, kinds, make_letter, sample

__all__ = [
    "Letter",
    "TrueWord",
    "bound",
    "kinds",
    "make_letter",
    "make_scan_pdf",
    "sample",
    "unique_jpeg",
    "write_samples",
]

LIMIT = {1: 150_000, 2: 195_000}  # bytes of a shipped file, by its pages


def encode(letter: Letter, form: str) -> bytes:
    """The letter as a file of ``form``: jpg, png, tif, pdf (scanned) or text.pdf (born digital).

    The quality of JPEG gives way until the file keeps within ``LIMIT``.
    """
    if form == "text.pdf":
        return letter.digital_pdf()
    out = io.BytesIO()
    if form == "png":
        letter.image.save(out, "PNG", optimize=True, dpi=(letter.dpi, letter.dpi))
        return out.getvalue()
    if form == "tif":
        first, *rest = letter.images
        first.save(out, "TIFF", compression="group4", dpi=(letter.dpi, letter.dpi), save_all=True, append_images=rest)
        return out.getvalue()
    for quality in (62, 55, 48, 42, 36, 30):
        data = letter.jpeg(quality) if form == "jpg" else letter.scan_pdf(quality)
        if len(data) <= LIMIT[len(letter.pages)]:
            break
    return data


def write_samples(out: Path) -> None:
    """Write every shipped sample and ``samples.json`` into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    listing = []
    for kind in kinds():
        letter = sample(kind)
        form = book()["kinds"][kind].get("form", "jpg")
        name = f"{kind}.{form.rpartition('.')[2]}"
        (out / name).write_bytes(encode(letter, form))
        listing.append(
            {"file": name, "kind": kind, "title": letter.title, "find": letter.phrase, "pages": len(letter.pages)}
        )
    (out / "samples.json").write_text(json.dumps(listing, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]))
