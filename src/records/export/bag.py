"""A BagIt bag (RFC 8493) as a ZIP that is made while it is sent: nothing is kept, however large the berkas is. Pure.

The payload goes first and is hashed on its way; what says so goes last. The public tool checks it after unpacking:
`bagit.py --validate FOLDER`.
"""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final, cast

from core.faults import BytesDiffer

_STORED: Final = (".pdf", ".jpg", ".png", ".tif", ".heic", ".xlsx")  # they are packed already
_FIRST_YEAR: Final = 1980  # of a ZIP's dates
_TAGS: Final = "manifest-sha256.txt"


@dataclass(frozen=True, slots=True)
class Payload:
    """One file under `data/`: its name there (ours: no blank, no mark that manifests write otherwise), its bytes in
    pieces, and the SHA-256 they must have, where it is known."""

    name: str
    pieces: Iterable[bytes]
    sha256: str | None = None


class _Pipe:
    """What a ZIP is written to: holds what nobody has taken yet. It can't be sought in, so the ZIP never goes back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What came since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


class Bag:
    """One bag while it is written. `folder` is the one folder in the ZIP, `made_at` the time of all its files."""

    def __init__(self, folder: str, made_at: datetime) -> None:
        self._folder = folder
        self._time = (max(made_at.year, _FIRST_YEAR), *made_at.timetuple()[1:6])
        self._pipe = _Pipe()
        self._zip = zipfile.ZipFile(cast(IO[bytes], self._pipe), "w")  # writing is all it asks of a stream
        self._digests: dict[str, str] = {}
        self._bytes = 0

    def written(self, payload: Iterable[Payload], info: Mapping[str, str]) -> Iterator[bytes]:
        """The ZIP in pieces. Raises BytesDiffer where a file is not what it must be; the ZIP then has no end."""
        for file in payload:
            yield from self._file(f"data/{file.name}", file.pieces, file.sha256)
        told = {
            **info,
            "Payload-Oxum": f"{self._bytes}.{len(self._digests)}",
            "Bag-Size": f"{max(1, round(self._bytes / 1000))} KB",
        }
        tags = {
            "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "bag-info.txt": "".join(f"{name}: {' '.join(value.split())}\n" for name, value in told.items()),
            _TAGS: self._manifest("data/"),
        }
        for name, text in tags.items():
            yield from self._file(name, [text.encode()], None)
        listed = "".join(f"{self._digests[name]}  {name}\n" for name in tags)
        yield from self._file("tagmanifest-sha256.txt", [listed.encode()], None)
        self._zip.close()
        yield self._pipe.taken()

    def _manifest(self, under: str) -> str:
        return "".join(f"{digest}  {name}\n" for name, digest in self._digests.items() if name.startswith(under))

    def _file(self, name: str, pieces: Iterable[bytes], expected: str | None) -> Iterator[bytes]:
        entry = zipfile.ZipInfo(f"{self._folder}/{name}", self._time)
        entry.compress_type = zipfile.ZIP_STORED if name.endswith(_STORED) else zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        digest = hashlib.sha256()
        with self._zip.open(entry, "w", force_zip64=True) as file:
            for piece in pieces:
                digest.update(piece)
                self._bytes += len(piece)
                file.write(piece)
                yield self._pipe.taken()
        yield self._pipe.taken()
        if expected is not None and digest.hexdigest() != expected:
            raise BytesDiffer(key=name)
        self._digests[name] = digest.hexdigest()
