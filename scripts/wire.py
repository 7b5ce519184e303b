"""Reading and writing protobuf messages field by field: all that changing an ONNX model at set-up takes."""

import sys
from collections.abc import Iterable, Iterator

Field = tuple[int, int | bytes]


def without(message: int | bytes, *path: int) -> bytes:
    """The message without the field that `path` leads to."""
    first, *rest = path
    if not rest:
        return joined((n, v) for n, v in fields(message) if n != first)
    return joined((n, without(v, *rest) if n == first else v) for n, v in fields(message))


def fields(message: int | bytes) -> Iterator[Field]:
    """A protobuf message's fields in order: varints as numbers, everything of known length as bytes."""
    if isinstance(message, int):
        sys.exit("Model tidak tersusun seperti yang diharapkan.")
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
        elif kind == 2:
            length, at = _varint(message, at)
            yield tag >> 3, message[at : at + length]
            at += length
        else:
            sys.exit(f"Model memakai jenis isian protobuf {kind} yang tidak dikenal.")


def joined(fields: Iterable[Field]) -> bytes:
    """The message of these fields."""
    out = bytearray()
    for number, value in fields:
        if isinstance(value, int):
            out += _as_varint(number << 3) + _as_varint(value)
        else:
            out += _as_varint(number << 3 | 2) + _as_varint(len(value)) + value
    return bytes(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _as_varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
