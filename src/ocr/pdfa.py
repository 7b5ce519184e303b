"""What makes a searchable PDF a PDF/A-2b, and whether it has become one (ISO 19005-2).

The pages stay what they are. What is missing around them is added: XMP, sRGB as the colours' meaning, an id; what may
not be there and shows nothing is taken away: scripts and actions. A validator has the last word: a file that still is
none, because of what somebody else's program wrote into it, is not called one.
"""

import hashlib
import io
import mmap
import re
from collections.abc import Iterable
from functools import cache
from html import escape  # xml.sax's would import all of HTTP and TLS: 30 ms
from importlib.resources import files
from typing import Final

import page as validator
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from ocr.about import LONGEST_REASON, MOST_REASONS, About

_MOST_BYTES: Final = 1 << 30
_PRINTED: Final = 4  # of an annotation's flags: it is printed, and nothing hides it
_STREAM_LENGTH: Final = "PDFA2B-STREAM-LENGTH-001"
_PLAIN: Final = ("/DeviceGray", "/DeviceRGB")
_PICTURES_EACH: Final = 64  # of one page; a scan has one


def describe(writer: PdfWriter, about: About, *, claim: bool, signed: bool) -> None:
    """Let the file say what it is: a PDF/A where `claim` is set, a copy without signatures where the original has some.

    A signature is of the original's bytes alone: left in a copy it would only be called broken.
    """
    root, told = writer._root_object, _metadata(about, claim, signed)
    if signed:
        _unsign(writer)
    before = root.raw_get("/Metadata") if "/Metadata" in root else None
    if isinstance(before, IndirectObject):  # in its place, or the old one would lie about in the file, still claiming
        writer._replace_object(before, told)
    else:
        root[NameObject("/Metadata")] = writer._add_object(told)


def is_signed(fd: int) -> bool:
    """Whether the file says which of its bytes a signature covers."""
    with mmap.mmap(fd, 0, access=mmap.ACCESS_READ) as data:
        return data.find(b"/ByteRange") >= 0


def _unsign(writer: PdfWriter) -> None:
    """Take the signatures out of their fields, which go on showing what they showed."""
    root = writer._root_object
    for name in ("/Perms", "/DSS"):
        root.pop(name, None)
    form = root.get("/AcroForm")
    if form is not None:
        form.get_object().pop("/SigFlags", None)
    for number, held in enumerate(writer._objects):
        if isinstance(held, DictionaryObject) and "/ByteRange" in held and "/Contents" in held:
            writer._objects[number] = NullObject()
        elif isinstance(held, DictionaryObject) and held.get("/FT") == "/Sig":
            held.pop("/V", None)


def prepare(writer: PdfWriter, about: About) -> bool:
    """Add what a PDF/A-2b needs and take away what it may not have, where that changes no page.

    Answers whether every picture is in plain grey or sRGB, with no colour profile of its own.
    """
    root = writer._root_object
    for name in ("/OpenAction", "/AA", "/Perms", "/Requirements"):
        root.pop(name, None)
    names = root.get("/Names")
    if names is not None:
        names.get_object().pop("/JavaScript", None)
    root[NameObject("/OutputIntents")] = ArrayObject([_intent(writer)])
    own = ByteStringObject(hashlib.sha256(f"{about.document}{about.sha256}".encode()).digest()[:16])
    writer._ID = ArrayObject([own, own])
    writer.pdf_header = "%PDF-1.7"
    plain = [_mend(page) for page in writer.pages]
    return all(plain)


def _mend(page: DictionaryObject) -> bool:
    page.pop("/AA", None)
    for held in page.get("/Annots") or ():
        annotation = held.get_object()
        if annotation.get("/Subtype") == "/Link":
            annotation.setdefault(NameObject("/F"), NumberObject(_PRINTED))
    for picture in _pictures(page):
        if picture.get("/Interpolate"):
            picture[NameObject("/Interpolate")] = BooleanObject(False)
    return all(picture.get("/ColorSpace") in _PLAIN for picture in _pictures(page))


def _pictures(page: DictionaryObject) -> Iterable[StreamObject]:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    for held in list((objects.get_object() if objects is not None else {}).values())[:_PICTURES_EACH]:
        picture = held.get_object()
        if isinstance(picture, StreamObject) and picture.get("/Subtype") == "/Image":
            yield picture


def font_file(writer: PdfWriter) -> DictionaryObject:
    """The descriptor of the font without ink, with its file."""
    file = DecodedStreamObject()
    file.set_data(_part("empty.ttf"))
    packed = file.flate_encode()
    packed[NameObject("/Length1")] = NumberObject(len(_part("empty.ttf")))
    numbers = {"/Flags": 4, "/ItalicAngle": 0, "/Ascent": 780, "/Descent": -220, "/CapHeight": 780, "/StemV": 80}
    described = DictionaryObject({NameObject(name): NumberObject(value) for name, value in numbers.items()})
    described[NameObject("/Type")] = NameObject("/FontDescriptor")
    described[NameObject("/FontName")] = NameObject("/ArsipTeks")
    described[NameObject("/FontBBox")] = ArrayObject([NumberObject(n) for n in (0, -220, 600, 780)])
    described[NameObject("/FontFile2")] = writer._add_object(packed)
    return described


def _intent(writer: PdfWriter) -> DictionaryObject:
    profile = DecodedStreamObject()
    profile.set_data(_part("srgb.icc"))
    packed = profile.flate_encode()
    packed[NameObject("/N")] = NumberObject(3)
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/OutputIntent"),
            NameObject("/S"): NameObject("/GTS_PDFA1"),
            NameObject("/OutputConditionIdentifier"): TextStringObject("sRGB"),
            NameObject("/DestOutputProfile"): writer._add_object(packed),
        }
    )


@cache
def _part(name: str) -> bytes:
    return (files("ocr") / name).read_bytes()


def _metadata(about: About, claim: bool, signed: bool) -> DecodedStreamObject:
    """XMP of properties every reader knows, so that no schema of our own has to be described."""
    told = "Salinan untuk dibaca dan dicari; berkas aslinya disimpan utuh."
    if signed:
        told = "Salinan tanpa tanda tangan elektronik; berkas asli yang bertanda tangan disimpan utuh."
    mark = f"<dc:rights>{_said(' – '.join(about.mark))}</dc:rights>" if about.mark else ""
    part = "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" if claim else ""
    schema = ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"' if claim else ""
    metadata = DecodedStreamObject()
    metadata.set_data(
        f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
{schema}>{part}<pdf:Producer>Arsiparis</pdf:Producer>
<dc:format>application/pdf</dc:format>
<dc:title>{_said(about.title)}</dc:title>
<dc:description>{_said(told)}</dc:description>{mark}
<dc:identifier>urn:uuid:{about.document}</dc:identifier><dc:source>urn:sha256:{about.sha256}</dc:source>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()
    )
    metadata[NameObject("/Type")] = NameObject("/Metadata")
    metadata[NameObject("/Subtype")] = NameObject("/XML")
    return metadata


def _said(text: str) -> str:
    """The text as XMP has it in one language."""
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{_plain(text)}</rdf:li></rdf:Alt>'


def _plain(text: str) -> str:
    """Text that XML can hold."""
    return escape("".join(c for c in text if c.isprintable()), quote=False)


def why_not(fd: int) -> list[str]:
    """The rules of PDF/A-2b that the file behind the descriptor breaks, a few at most; none: it is one."""
    with mmap.mmap(fd, 0, access=mmap.ACCESS_READ) as data:
        return broken_rules(bytes(data))


def broken_rules(data: bytes) -> list[str]:
    """The rules of PDF/A-2b that a PDF breaks, a few at most; none: it is one."""
    limits = validator.SafetyLimits(max_input_size=_MOST_BYTES, max_total_decoded_content_size=_MOST_BYTES)
    try:
        report = validator.validate_pdf_bytes(data, profile=validator.ValidationProfile.PDF_A_2B, limits=limits)
    except validator.PageError as error:
        return [type(error).__name__]
    failures = [one for one in report.failures if not _is_misread(data, one)]
    broken = dict.fromkeys(f"{failure.rule_id} {failure.message}"[:LONGEST_REASON] for failure in failures)
    sound = report.is_compliant or (report.failures and not failures)
    return list(broken)[:MOST_REASONS] or ([] if sound else ["tidak dapat diperiksa"])


def _is_misread(data: bytes, failure: validator.ValidationFailure) -> bool:
    """Whether a stream that is said to be of another length is as long as it says and only ends in a CR: the validator
    takes that and the LF after it for one end of line. Of compressed streams one in 256 ends so."""
    if failure.rule_id != _STREAM_LENGTH or failure.object_id is None:
        return False
    reader = PdfReader(io.BytesIO(data))
    place = IndirectObject(failure.object_id.object_number, failure.object_id.generation, reader)
    stream = reader.get_object(place)
    if not isinstance(stream, StreamObject):
        return False
    raw = stream._data  # as it lies there; pypdf has no other word for it
    told = data[: data.find(raw + b"\nendstream") + 1].rpartition(b" obj")[2]
    return raw.endswith(b"\r") and re.search(rb"/Length %d\b" % len(raw), told) is not None
