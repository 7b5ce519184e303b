"""Looking into a running product from beside it, and letters with real text, which need no recognition."""

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from tests.product import Product

_FILLING = (
    "Dengan hormat kami sampaikan bahwa surat ini dibuat untuk dipergunakan sebagaimana mestinya",
    "oleh petugas yang berwenang pada kantor ini dan disimpan sesuai dengan ketentuan yang berlaku",
)


def nonce() -> str:
    """A word that stands in no other letter: letters only, so that no parser takes it for a number."""
    return "kata" + "".join(secrets.choice("bdfghjklmnprstvz") for _ in range(12))


def text_pdf(*lines: str) -> bytes:
    """An office program's PDF of one page with these lines and two of filling."""
    writer = PdfWriter()
    sheet = writer.add_blank_page(595, 842)
    stream = DecodedStreamObject()
    drawn = [f"BT /F 11 Tf 60 {780 - 20 * row} Td ({line}) Tj ET" for row, line in enumerate((*lines, *_FILLING))]
    stream.set_data("\n".join(drawn).encode("ascii"))
    said = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    font = DictionaryObject({NameObject(k): NameObject(v) for k, v in said.items()})
    sheet[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F"): font})}
    )
    sheet[NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def settings_of(product: Product, program: str = "worker") -> dict[str, str]:
    """The `ARSIP_` settings that one of the product's processes was started with."""
    environment = Path(f"/proc/{product.pid(program)}/environ").read_bytes().decode().split("\0")
    return dict(line.split("=", 1) for line in environment if line.startswith("ARSIP_"))


@contextmanager
def superuser(product: Product) -> Iterator[psycopg.Connection[Any]]:
    """PostgreSQL as its superuser, each statement by itself: past every policy."""
    place = settings_of(product)["ARSIP_DATABASE_URL"].rpartition("@")[2]
    url = f"postgresql://postgres:{product.secrets['postgres_password']}@{place}"
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection
