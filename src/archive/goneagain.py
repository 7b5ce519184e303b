"""What was destroyed once more after an older backup: does a sealed list under lock decide that (docs/adr/0034)?

A part of archive/verify.py, and as that apart from what writes: own store client, own opening of the lists.
"""

import json

from minio import Minio
from minio.error import MinioException
from urllib3.exceptions import HTTPError

from archive.lockedheads import Finding
from archive.unsealing import DoesNotOpenError, destroyed_list

_PREFIX = "destroyed/"


class SealedLists:
    """The lists under `destroyed/`, read when the first letter asks for them: `(letter, list)` of each they name."""

    def __init__(self, store: Minio, bucket: str, office_key: str) -> None:
        self._store = store
        self._bucket = bucket
        self._office_key = office_key
        self._named: set[tuple[str, str]] | None = None

    def finding(self, seq: int, body: dict[str, str]) -> Finding | None:
        """What is wrong with an entry `destroyed_again`; None where a sealed list names its letter and the list that
        decided."""
        where = f"objects under {_PREFIX}"
        try:
            if self._named is None:
                named: set[tuple[str, str]] = set()
                for item in self._store.list_objects(self._bucket, prefix=_PREFIX, recursive=True):
                    where = f"object {item.object_name}"
                    named |= self._read(str(item.object_name))
                self._named = named
        except (MinioException, HTTPError, OSError) as error:
            return Finding("object_unreadable", f"{where}: {type(error).__name__}")
        except (DoesNotOpenError, ValueError, KeyError):
            return Finding("object_changed", f"{where}: it is no list that this office sealed")
        if (body["document"], body["disposal"]) in self._named:
            return None
        where = f"document {body['document']} (ledger entry {seq})"
        return Finding("destroyed_undecided", f"{where}: it was destroyed once more, and no sealed list names it")

    def _read(self, name: str) -> set[tuple[str, str]]:
        response = self._store.get_object(self._bucket, name)
        try:
            sealed = response.read()
        finally:
            response.close()
            response.release_conn()
        said = json.loads(destroyed_list(self._office_key, sealed, name))
        return set(said["letters"].items())
