"""A backup says what is wrong with it, goes on where it was broken off, and forgets what was destroyed."""

import gzip
import hashlib
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from archive import backups, blobs, destructions, keys, keyset, locks, snapshots, wholesale
from archive.backups import Folder, NotABackupError, Run
from cli import backup
from cli.client import Stop
from cli.datadir import load_secrets
from core.faults import KeyUnusable
from core.settings import settings
from tests.assets.bulk import unique_jpeg
from tests.integration.driving import engine_of, send
from tests.integration.offices import Office, office

__all__ = ["office"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cadangan"


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_object_is_in_it_as_it_lies_in_the_store(office: Office, folder: Path) -> None:
    done = backup.make(folder)
    listed = Folder(folder).listed()
    assert done.objects == len(listed) == done.fetched
    lying = {(each.name, each.version): each.size for each in wholesale.lying()}
    assert {(c.name, c.version): c.size for c in listed.values() if c.bucket == "record"} == lying
    for copied in listed.values():
        data = Folder(folder).bytes_of(copied)
        assert (len(data), hashlib.sha256(data).hexdigest()) == (copied.size, copied.sha256)
        assert (copied.until is not None) is (copied.bucket == "record" and not copied.name.startswith("."))
    everything = b"".join(_files(folder).values()) + gzip.decompress((folder / backups.LIST).read_bytes())
    for word in (b"Budi", b"siti", settings().office_key.get_secret_value().encode()):
        assert word not in everything


def test_only_what_is_new_is_fetched(office: Office, folder: Path) -> None:
    first = backup.make(folder)
    letter = send(office.clerk, unique_jpeg(uuid4().int % 10**6, 30)).document.id
    again = backup.make(folder)
    assert 0 < again.fetched < first.fetched
    assert f"documents/{letter}/original" in {each.name for each in Folder(folder).listed().values()}


def test_a_run_that_was_broken_off_goes_on(office: Office, folder: Path) -> None:
    Folder(folder).prepare()
    broken = Run(Folder(folder))
    copying = broken.objects()
    next(copying)
    copying.close()  # as a kill: no list yet
    assert Folder(folder).listed() == {}
    some = len([path for path in (folder / "record").rglob("*") if path.is_file() and path.suffix != ".part"])
    assert some > 0
    with (folder / "list.part").open("a") as part:
        part.write('{"bucket": "rec')  # the line that was being written
    done = backup.make(folder)
    assert done.fetched < done.objects
    assert len(Folder(folder).listed()) == done.objects


def test_what_was_destroyed_leaves_the_backup_readable_by_nobody(office: Office, folder: Path) -> None:
    letter = send(office.clerk, unique_jpeg(uuid4().int % 10**6, 30)).document.id
    backup.make(folder)
    old = _files(folder)
    with engine_of(office.stack, "arsip_owner") as owner, Session(owner) as session, session.begin():
        keys.destroy(session, letter, uuid4())
    backup.make(folder)
    new = _files(folder)
    assert old["keyset"] != new["keyset"]
    known = keyset.read(new["keyset"])
    indexes = sorted(name for name in old if name.startswith(f"record/{snapshots.INDEXES}"))
    name = indexes[-1].removeprefix("record/").rpartition("@")[0]
    with pytest.raises(KeyUnusable):
        snapshots.read_index(name, known.generations)
    _, lines = known.tables["document_key"]
    [row] = [line for line in lines.splitlines() if str(letter).encode() in line]
    assert row.split(b"\t")[1] == rb"\N"
    (folder / backups.LIST).unlink()  # however damaged the newer one is, an older one learns from it what is gone
    assert letter in destructions.told(Folder(folder).named(destructions.PREFIX)).letters


def test_a_damaged_file_is_named(office: Office, folder: Path) -> None:
    backup.make(folder)
    copied = next(each for each in Folder(folder).listed().values() if each.name.endswith("/original"))
    path = Folder(folder).file(copied)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(NotABackupError, match="original"):
        Folder(folder).bytes_of(copied)


def test_versions_of_one_object_are_put_back_in_their_order(office: Office, folder: Path) -> None:
    """One that went bad and was repaired has two: the newer one must be the newer one again."""
    name, contents = f"snapshot/{uuid4()}", [b"went bad", b"its repair"]
    for number, data in enumerate(contents):
        wholesale.put_back(name, memoryview(data), hashlib.sha256(data).hexdigest(), None, further=number > 0)
    backup.make(folder)
    [versions] = [found for found in backups.by_name(Folder(folder).listed().values()) if found[0].name == name]
    _remove(office, name)
    try:
        put = backups.put_back(Folder(folder), versions)
        assert [b"".join(wholesale.fetch(name, one, derived=False).pieces) for one in put] == contents
        assert b"".join(wholesale.fetch(name, None, derived=False).pieces) == contents[-1]
        assert [one.version for one in locks.versions(name)] == put[::-1]
    finally:
        _remove(office, name)


def _remove(office: Office, name: str) -> None:
    secrets = load_secrets(office.stack.data)
    admin = blobs.minio(settings(), secrets.s3_admin_access_key, secrets.s3_admin_secret_key)
    for version in list(locks.versions(name)):
        admin.remove_object(settings().s3_bucket, name, version.version)


@pytest.mark.parametrize("harm", ["cut", "no_end", "empty"])
def test_a_list_that_is_not_whole_is_refused(office: Office, folder: Path, harm: str) -> None:
    backup.make(folder)
    path = folder / backups.LIST
    whole = gzip.decompress(path.read_bytes())
    harmed = {
        "cut": path.read_bytes()[:-20],
        "no_end": gzip.compress(b"\n".join(whole.splitlines()[:-1])),
        "empty": b"",
    }[harm]
    path.write_bytes(harmed)
    with pytest.raises(NotABackupError, match="list"):
        Folder(folder).listed()


def test_a_folder_with_something_else_in_it_is_left_alone(office: Office, folder: Path) -> None:
    folder.mkdir()
    (folder / "foto.jpg").write_bytes(b"x")
    with pytest.raises(Stop, match="bukan cadangan"):
        backup.make(folder)
    assert _files(folder) == {"foto.jpg": b"x"}
