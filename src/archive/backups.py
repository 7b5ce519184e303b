"""A backup: the objects of both buckets as they lie there, in a folder, with a list of their digests (docs/adr/0028).

FOLDER/
  arsip-backup.json   says what the folder is
  list.jsonl.gz       each object: bucket, name, version, size, SHA-256, lock; the last line says that the list is whole
  list.part           what the present run has copied so far: a run that was broken off goes on from here
  keyset              the keys, replaced each time
  record/NAME@VERSION, derived/NAME
All that is secret in it is encrypted; the office key is not in it.
"""

import gzip
import hashlib
import json
import mmap
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from archive import keyset, snapshots, wholesale
from archive.wholesale import Lying
from core.faults import BytesDiffer

Bucket = Literal["record", "derived"]
MARK: Final = "arsip-backup.json"
LIST: Final = "list.jsonl.gz"
_PART, _KEYSET = "list.part", "keyset"
_AT_ONCE = 8
_CHUNK = 1 << 20


class NotABackupError(Exception):
    """The folder is none, or not whole; the message names the file."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One object in the list. `tag` tells a replaced derived object; `until`: when the lock ends, in UTC; `younger`:
    how many versions of that name came after it: one that went bad and was repaired has two."""

    bucket: Bucket
    name: str
    version: str
    size: int
    tag: str
    younger: int = 0
    sha256: str = ""
    until: str | None = None

    @property
    def place(self) -> str:
        """Which object this is: its bucket, name and version."""
        return f"{self.bucket}/{self.name}@{self.version}" if self.bucket == "record" else f"derived/{self.name}"


@dataclass(frozen=True, slots=True)
class Done:
    """What a run left: objects and bytes in the folder, and how many of each it fetched."""

    objects: int
    size: int
    fetched: int
    fetched_size: int


class Folder:
    """A folder with a backup, or for one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def prepare(self) -> None:
        """Make it, or see that it is a backup's. Raises NotABackupError when something else lies there."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark = self.path / MARK
        if not mark.exists() and any(self.path.iterdir()):
            raise NotABackupError(str(self.path))
        mark.write_text(json.dumps({"format": 1}))

    def listed(self) -> dict[str, Copied]:
        """What the whole list says, by place; empty when there is none. Raises NotABackupError when it is cut off."""
        path = self.path / LIST
        if not path.exists():
            return {}
        try:
            with gzip.open(path, "rt") as lines:
                *told, end = [json.loads(line) for line in lines]
        except (OSError, EOFError, ValueError) as error:
            raise NotABackupError(str(path)) from error
        if end != {"end": len(told)}:
            raise NotABackupError(str(path))
        found = [Copied(**line) for line in told]
        return {each.place: each for each in found}

    def file(self, copied: Copied) -> Path:
        """Where its bytes are."""
        return self.path / copied.place

    def keyset(self) -> bytes:
        """The key set. Raises NotABackupError when it is missing."""
        try:
            return (self.path / _KEYSET).read_bytes()
        except OSError as error:
            raise NotABackupError(str(self.path / _KEYSET)) from error

    def named(self, prefix: str) -> list[tuple[str, bytes]]:
        """The record's objects under a prefix by their names, as they lie in the folder, whether its list is whole or
        not: whoever opens them knows their own."""
        found = sorted((self.path / "record").glob(f"{prefix}*@*"))
        return [(str(one.relative_to(self.path / "record")).rpartition("@")[0], one.read_bytes()) for one in found]

    def bytes_of(self, copied: Copied) -> memoryview:
        """An object's bytes, compared with the list; in the file, not in memory. Raises NotABackupError, which names
        the file."""
        path = self.file(copied)
        try:
            with path.open("rb") as file:
                data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if copied.size else b"")
        except (OSError, ValueError) as error:
            raise NotABackupError(str(path)) from error
        if hashlib.sha256(data).hexdigest() != copied.sha256:
            raise NotABackupError(str(path))
        return data


class Run:
    """One run of copying. Iterate `objects` to do it: each is copied, or was there, when it comes out."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._known = {**folder.listed(), **self._of_part()}
        self._wanted = {each.place: each for each in _lying()}
        self.total = sum(each.size for each in self._wanted.values())
        self.fetched = self.fetched_size = 0

    def objects(self) -> Iterator[Copied]:
        """Copy what is new. Raises BytesDiffer when fewer bytes came than the store says, StoreUnavailable."""
        with (self._folder.path / _PART).open("a") as part, ThreadPoolExecutor(_AT_ONCE) as pool:
            for batch in _batches(self._wanted.values(), 64):
                for copied in pool.map(self._copy, batch):
                    part.write(json.dumps(asdict(copied)) + "\n")
                    self._wanted[copied.place] = copied
                    yield copied
                part.flush()

    def finish(self) -> Done | None:
        """Write list and keys, remove what the store no longer has. None when a key was dropped meanwhile, so that the
        snapshots copied open no more: then run again."""
        keys = wholesale.find_derived(keyset.KEY) or b""
        _replace(self._folder.path / _KEYSET, keys)
        indexes = [each.name for each in self._wanted.values() if each.name.startswith(snapshots.INDEXES)]
        if not indexes or snapshots.generation_of(max(indexes)) not in keyset.read(keys).generations:
            return None
        lines = [json.dumps(asdict(self._wanted[place]), sort_keys=True) for place in sorted(self._wanted)]
        whole = "\n".join([*lines, json.dumps({"end": len(lines)})]) + "\n"
        _replace(self._folder.path / LIST, gzip.compress(whole.encode()))
        (self._folder.path / _PART).unlink(missing_ok=True)
        self._remove_gone()
        return Done(len(lines), self.total, self.fetched, self.fetched_size)

    def _of_part(self) -> dict[str, Copied]:
        """What a run copied that was broken off; its last line may be half a line."""
        found = {}
        try:
            for line in (self._folder.path / _PART).read_text().splitlines():
                copied = Copied(**json.loads(line))
                found[copied.place] = copied
        except (OSError, ValueError, TypeError):
            pass
        return found

    def _copy(self, wanted: Copied) -> Copied:
        known, path = self._known.get(wanted.place), self._folder.file(wanted)
        if known and (known.tag, known.size) == (wanted.tag, wanted.size) and _size(path) == wanted.size:
            return replace(known, younger=wanted.younger)
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, temporary = hashlib.sha256(), path.with_name(path.name + ".part")
        pieces, until = wholesale.fetch(wanted.name, wanted.version or None, derived=wanted.bucket == "derived")
        with temporary.open("wb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        if size != wanted.size:
            raise BytesDiffer(key=wanted.name)
        temporary.replace(path)
        self.fetched += 1
        self.fetched_size += size
        return replace(wanted, sha256=digest.hexdigest(), until=until.isoformat() if until else None)

    def _remove_gone(self) -> None:
        wanted = {self._folder.file(each) for each in self._wanted.values()}
        for bucket in ("record", "derived"):
            for path in (self._folder.path / bucket).rglob("*"):
                if path.is_file() and path not in wanted:
                    path.unlink()


def by_name(objects: Iterable[Copied]) -> list[list[Copied]]:
    """The objects by their names, the versions of each oldest first, as they have to be put back."""
    found: dict[tuple[str, str], list[Copied]] = {}
    for each in objects:
        found.setdefault((each.bucket, each.name), []).append(each)
    return [sorted(versions, key=lambda each: -each.younger) for versions in found.values()]


def put_back(folder: Folder, versions: list[Copied]) -> list[str]:
    """Put an object into the store, each version locked as it was; the versions it has there now.

    Bytes that lie there already are compared. Raises BytesDiffer, StoreUnavailable, NotABackupError.
    """
    put = []
    for number, copied in enumerate(versions):
        data = folder.bytes_of(copied)
        if copied.bucket == "derived":
            wholesale.put_derived(copied.name, data)
            put.append("")
            continue
        until = datetime.fromisoformat(copied.until) if copied.until else None
        put.append(wholesale.put_back(copied.name, data, copied.sha256, until, further=number > 0))
    return put


def _lying() -> Iterator[Copied]:
    name, younger = "", 0
    for each in wholesale.lying():  # of one name the newest version comes first
        name, younger = each.name, younger + 1 if each.name == name else 0
        yield replace(_as_copied("record", each), younger=younger)
    for each in wholesale.lying(derived=True):
        if each.name != keyset.KEY:
            yield _as_copied("derived", each)


def _as_copied(bucket: Bucket, each: Lying) -> Copied:
    return Copied(bucket, each.name, each.version if bucket == "record" else "", each.size, each.tag)


def _batches(items: Iterable[Copied], size: int) -> Iterator[list[Copied]]:
    batch: list[Copied] = []
    for item in list(items):
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
