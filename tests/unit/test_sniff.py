"""A file is what its first bytes say; its name never counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.faults import EmptyFile, UnsupportedType
from ingest.sniff import EXTENSIONS, HEAD_BYTES, HEIC, JPEG, PDF, PNG, TIFF, sniff
from tests.conftest import BAD, SAMPLES


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"%PDF-1.7\n", PDF),
        (b"\x1b%-12345X@PJL\r\n%PDF-1.4", PDF),  # a scanner's printer commands before the mark
        (b"\xff\xd8\xff\xe0JFIF", JPEG),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"II*\x00", TIFF),
        (b"MM\x00*", TIFF),
        (b"\x00\x00\x00\x18ftypheic", HEIC),
        (b"\x00\x00\x00\x18ftypmif1", HEIC),
    ],
)
def test_known_kinds(head: bytes, media_type: str) -> None:
    assert sniff(head) == media_type
    assert media_type in EXTENSIONS


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("data_informasi_ot.png", PNG),
        ("formulir_layanan_sosial.tif", TIFF),
        ("hasil_asesmen.pdf", PDF),
        ("ktp.jpg", JPEG),
        ("tiket.pdf", PDF),
    ],
)
def test_sample_letters(name: str, media_type: str) -> None:
    assert sniff((SAMPLES / name).read_bytes()[:HEAD_BYTES]) == media_type


@pytest.mark.parametrize("name", ["exe_as.pdf", "html_as.pdf", "svg_as.pdf"])
def test_a_good_name_makes_no_letter(name: str) -> None:
    with pytest.raises(UnsupportedType):
        sniff((BAD / name).read_bytes()[:HEAD_BYTES])


@pytest.mark.parametrize(
    "before",
    [
        b"<html>",
        b" \n<!DOCTYPE svg>",
        b"\xef\xbb\xbf<html>",
        b"\xff\xfe<\x00",
        b"MZ\x90",
        b"PK\x03\x04",
        b"\x7fELF",
        b"#!/bin/sh\n",
    ],
)
def test_what_others_would_run_or_render_is_no_pdf(before: bytes) -> None:
    with pytest.raises(UnsupportedType):
        sniff(before + b"\n%PDF-1.7\n")


def test_a_mark_too_far_in_is_none() -> None:
    assert sniff(b" " * (HEAD_BYTES - 5) + b"%PDF-") == PDF
    with pytest.raises(UnsupportedType):
        sniff(b" " * HEAD_BYTES + b"%PDF-")


def test_a_film_is_no_picture() -> None:
    with pytest.raises(UnsupportedType):
        sniff(b"\x00\x00\x00\x18ftypisom")


def test_nothing_is_empty() -> None:
    with pytest.raises(EmptyFile):
        sniff(b"")


@given(st.binary(min_size=1, max_size=HEAD_BYTES))
def test_any_bytes_are_a_known_kind_or_refused(head: bytes) -> None:
    try:
        assert sniff(head) in EXTENSIONS
    except UnsupportedType:
        assert b"%PDF-" not in head or head.lstrip()[:1] in (
            b"<",
            b"M",
            b"P",
            b"\x7f",
            b"#",
            b"\xef",
            b"\xff",
            b"\xfe",
            b"\x00",
        )
