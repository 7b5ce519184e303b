"""A bag is what the public tool takes for one, and is broken when a byte of it is."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

import bagit
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.faults import BytesDiffer
from records.export.bag import Bag, Payload

AT = datetime(2026, 11, 26, 8, 9, 10, tzinfo=UTC)
INFO = {"Source-Organization": "Dinas Sosial", "External-Description": "Berkas\nsatu: dua"}
NAMES = st.from_regex(r"[a-z0-9]{1,4}(/[a-z0-9]{5,9})?\.[a-z]{3,4}", fullmatch=True)


def made(files: dict[str, bytes], **expected: str) -> bytes:
    def pieces(data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), 7):
            yield data[start : start + 7]

    payload = [Payload(name, pieces(data), expected.get(name)) for name, data in files.items()]
    return b"".join(Bag("berkas-umum-2026-001", AT).written(payload, INFO))


def unpacked(data: bytes, folder: Path) -> bagit.Bag:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    (only,) = folder.iterdir()
    return bagit.Bag(str(only))


def test_a_large_file_passes_through_in_little_memory() -> None:
    tracemalloc.start()
    try:
        payload = [Payload("data.pdf", repeat(bytes(1 << 20), 64))]
        sent = sum(map(len, Bag("berkas-umum-2026-001", AT).written(payload, INFO)))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent > 64 << 20
    assert most < 8 << 20


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(NAMES, st.binary(max_size=60), min_size=1, max_size=5))
def test_the_public_tool_takes_it(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> None:
    folder = tmp_path_factory.mktemp("kantong")
    bag = unpacked(made(files), folder)
    assert bag.validate()
    assert bag.info["Payload-Oxum"] == f"{sum(map(len, files.values()))}.{len(files)}"
    assert bag.info["External-Description"] == "Berkas satu: dua"
    assert {name.removeprefix("data/") for name in bag.payload_entries()} == set(files)


def test_the_public_tool_finds_a_changed_byte(tmp_path: Path) -> None:
    bag = unpacked(made({"surat/001/asli.pdf": b"%PDF-1.7 isi", "premis.xml": b"<premis/>"}), tmp_path)
    file = Path(bag.path) / "data/surat/001/asli.pdf"
    file.write_bytes(b"%PDF-1.7 isj")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(bag.path).validate()


def test_bytes_that_are_not_the_ones_end_it(tmp_path: Path) -> None:
    pieces = Bag("b", AT).written([Payload("asli.pdf", [b"lain"], "0" * 64)], INFO)
    got = bytearray()
    with pytest.raises(BytesDiffer):
        got.extend(byte for piece in pieces for byte in piece)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(bytes(got)))


def test_it_is_made_while_it_is_sent() -> None:
    """Before the second file is asked for, all of the first has gone."""
    asked: list[int] = []

    def endless() -> Iterator[bytes]:
        for number in range(50):
            asked.append(number)
            yield b"x" * 100_000

    pieces = Bag("b", AT).written([Payload("a.pdf", endless())], INFO)
    got = 0
    for piece in pieces:
        got += len(piece)
        assert got >= (len(asked) - 1) * 100_000
