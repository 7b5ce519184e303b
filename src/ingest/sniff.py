"""What a file is, by its first bytes; its name and the sender's word for it count for nothing."""

from typing import Final

from core.faults import EmptyFile, UnsupportedType

HEAD_BYTES: Final = 1024
PDF, JPEG, PNG, TIFF, HEIC = "application/pdf", "image/jpeg", "image/png", "image/tiff", "image/heic"
EXTENSIONS: Final = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png", TIFF: ".tif", HEIC: ".heic"}

_MAGIC: Final = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
)
# What readers of markup skip before its first character: white space and a byte order mark
_BLANK: Final = b" \t\r\n\f\v\x00\xef\xbb\xbf\xfe\xff"
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def sniff(head: bytes) -> str:
    """The media type of a file that begins with `head` (its first 1,024 bytes). Raises EmptyFile, UnsupportedType.

    A PDF may have bytes before its mark (some scanners and mailers put them there), as ISO 32000 readers allow; but
    not markup or a program's, which make the file something else to other readers.
    """
    if not head:
        raise EmptyFile
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    before, mark, _ = head[:HEAD_BYTES].partition(b"%PDF-")
    if mark and not before.lstrip(_BLANK).startswith((b"<", b"MZ", b"PK", b"\x7fELF", b"#!")):
        return PDF
    raise UnsupportedType
