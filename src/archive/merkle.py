"""The Merkle tree of RFC 6962 over the ledger's entries: roots, and proofs that one entry is in a tree. Pure.

A leaf's data is an entry's hash (32 bytes), so a leaf says everything that the entry says and the whole chain before
it. archive/offline.py derives the same with arithmetic of its own.
"""

import hashlib
from collections.abc import Callable, Sequence

# Root of the leaves from the first number to before the second, both counted from 0
RootOf = Callable[[int, int], bytes]


def leaf(data: bytes) -> bytes:
    """A leaf's hash: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """An inner node's hash: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """How many of `size` leaves (two or more) stand left of the root: the largest power of two below it."""
    return 1 << ((size - 1).bit_length() - 1)


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; of none the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:  # a leaf without a right neighbour rises as it is, which is RFC 6962's split from below
        paired = [node(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def path(index: int, size: int, root_of: RootOf) -> list[bytes]:
    """The audit path of leaf `index` (from 0) in a tree of `size` leaves, from the leaf upwards (RFC 6962, 2.1.1)."""
    found: list[bytes] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + split(end - first)
        if index < middle:
            found.append(root_of(middle, end))
            end = middle
        else:
            found.append(root_of(first, middle))
            first = middle
    return found[::-1]
