"""Write tests/assets/bad/*: small files named by their defect. Run it from the project's root; it takes no input.

All come out the same each time but encrypted.pdf, whose keys pypdf draws at random.

.venv/bin/python tests/assets/make_bad.py
"""

import io
import struct
import zlib
from pathlib import Path

import img2pdf
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, NameObject

BAD = Path(__file__).parent / "bad"

LINES = (
    "DINAS SOSIAL KABUPATEN CONTOH",
    "Nomor : 460/017/DINSOS/2025",
    "Perihal : Permohonan bantuan sosial",
    "Dengan hormat, kami sampaikan berkas warga",
    "untuk diperiksa dan ditindaklanjuti segera.",
)

# The public MD5 collision of X. Wang, D. Feng, X. Lai and H. Yu (2004): two blocks, one digest
WANG = bytes.fromhex(
    "d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89"
    "55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b"
    "d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0"
    "e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70"
)
WANG_DIFFERS_AT = (19, 45, 59, 83, 109, 123)


def letter() -> Image.Image:
    """A page of print in black and white, A5 at 150 dpi."""
    page = Image.new("L", (874, 1240), 255)
    font = ImageFont.truetype("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf", 30)
    draw = ImageDraw.Draw(page)
    for row, line in enumerate(LINES):
        draw.text((90, 120 + 60 * row), line, fill=0, font=font)
    return page.point(lambda v: 255 * (v > 128)).convert("1")


def packed(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, dpi=(150, 150), **options)
    return out.getvalue()


def scanned() -> bytes:
    made: bytes = img2pdf.convert(packed(letter(), "PNG"), nodate=True, engine=img2pdf.Engine.internal)
    return made


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf(objects: list[bytes], header: bytes = b"%PDF-1.4\n") -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    out, offsets = bytearray(header), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    return bytes(out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, start))


def ten_thousand_pages() -> bytes:
    hundred = b" ".join([b"3 0 R"] * 100)
    ten_thousand = b"<</Type/Pages/Count 10000/Kids[%s]>>" % hundred
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            ten_thousand,
            b"<</Type/Pages/Parent 2 0 R/Count 100/Kids[%s]>>" % b" ".join([b"4 0 R"] * 100),
            b"<</Type/Page/Parent 3 0 R/MediaBox[0 0 595 842]>>",
        ]
    )


def bomb_png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))

    head = struct.pack("!IIBBBBB", 35_000, 35_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(35_000 // 8 + 2) * 500, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(scanned())))
    writer.encrypt("rahasia", "pemilik", algorithm="RC4-128")
    return written(writer)


def tagged_no_text() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(scanned())))
    root = writer.root_object
    root[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(True)})
    root[NameObject("/StructTreeRoot")] = DictionaryObject(
        {NameObject("/Type"): NameObject("/StructTreeRoot"), NameObject("/K"): ArrayObject()}
    )
    return written(writer)


def stray_text() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(scanned())))
    page = writer.pages[0]
    footer = PdfReader(
        io.BytesIO(
            pdf(
                [
                    b"<</Type/Catalog/Pages 2 0 R>>",
                    b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
                    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 419 595]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
                    b"<</Length 58>>stream\nBT /F 7 Tf 150 10 Td (Scanned with FastScanner app) Tj ET   \nendstream",
                    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
                ]
            )
        )
    )
    page.merge_page(footer.pages[0])
    return written(writer)


def twins() -> tuple[bytes, bytes]:
    other = bytearray(WANG)
    for place in WANG_DIFFERS_AT:
        other[place] ^= 0x80
    # a PDF's header may stand anywhere in its first 1,024 bytes; what follows equal blocks keeps the digests equal
    first = pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>",
        ],
        header=WANG + b"\n%PDF-1.4\n",
    )
    return first, bytes(other) + first[len(WANG) :]


def main() -> None:
    BAD.mkdir(exist_ok=True)
    photo = packed(letter().convert("L"), "JPEG", quality=60)
    scan = scanned()
    twin_a, twin_b = twins()
    files = {
        "truncated.jpg": photo[: len(photo) * 2 // 3],
        "truncated.pdf": scan[: len(scan) // 2],
        "encrypted.pdf": encrypted(),
        "no_pages.pdf": pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 0/Kids[]>>"]),
        "ten_thousand_pages.pdf": ten_thousand_pages(),
        "bomb_35000.png": bomb_png(),
        "bomb_35000.tiff": packed(
            Image.new("1", (35_000, 35_000), 1), "TIFF", compression="group4", tiffinfo={278: 35_000}
        ),
        # found by tests/fuzz and cut down: pdfium shows a page of it, and neither it nor pypdf can write that page down
        "no_page_tree.pdf": (
            b"%PDF-1.7\n2 0 obj<</Pages 3 0 R\nendobj\n3 0 obj<</ n\nendobj\ntrailer<</Root 2 0 R>>\n%%EOF\n"
        ),
        "damaged_exif.jpg": packed(letter().convert("L"), "JPEG", quality=30, exif=b"Exif\0\0MM\0\0MM\0\0"),
        "tagged_no_text.pdf": tagged_no_text(),
        "stray_text.pdf": stray_text(),
        "html_as.pdf": b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>\n",
        "svg_as.pdf": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>\n',
        "exe_as.pdf": b"MZ\x90\x00" + bytes(60) + b"PE\x00\x00" + bytes(64),
        "empty.pdf": b"",
        "md5_twin_a.pdf": twin_a,
        "md5_twin_b.pdf": twin_b,
    }
    for name, data in files.items():
        (BAD / name).write_bytes(data)


if __name__ == "__main__":
    main()
