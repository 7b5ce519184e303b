"""The tree of RFC 6962: roots as Certificate Transparency's own tests have them, paths that lead to them."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import merkle
from archive.notes import Signer
from archive.offline import Key, NotOursError, Tree, _reaches, opened

# Leaves and roots of Certificate Transparency's reference implementation (merkle_tree_test)
LEAVES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert merkle.root([merkle.leaf(one) for one in LEAVES[:size]]).hex() == ROOTS[size - 1]
    tree = Tree()
    for one in LEAVES[:size]:
        tree.add(one)
    assert tree.root().hex() == ROOTS[size - 1]


def test_the_empty_tree() -> None:
    assert merkle.root([]) == Tree().root() == hashlib.sha256(b"").digest()


@given(st.integers(1, 300))
def test_whoever_checks_derives_the_roots_by_themselves(size: int) -> None:
    data = [n.to_bytes(32, "big") for n in range(size)]
    tree = Tree()
    for one in data:
        tree.add(one)
    assert tree.root() == merkle.root([merkle.leaf(one) for one in data])


@given(st.data())
def test_a_path_leads_to_the_root_from_its_own_leaf_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    index = data.draw(st.integers(0, size - 1))
    entries = [_entry(n + 1) for n in range(size)]
    leaves = [merkle.leaf(_hash(entry)) for entry in entries]
    path = merkle.path(index, size, lambda first, end: merkle.root(leaves[first:end]))
    signed = opened(_note(size, merkle.root(leaves)), [KEY])
    assert signed is not None
    entry = {**entries[index], "path": [one.hex() for one in path]}
    assert _reaches(entry, signed)
    assert not _reaches({**entry, "body": "{}"}, signed)
    assert not _reaches({**entry, "path": [*entry["path"], "00" * 32]}, signed)
    if size > 1:
        assert not _reaches({**entry, "path": entry["path"][1:]}, signed)
        other = data.draw(st.integers(1, size).filter(lambda n: n != index + 1))
        assert not _reaches({**entry, "seq": other}, signed)


SIGNER = Signer(bytes(range(32)))
KEY = Key.read(SIGNER.public)
AT = datetime(2026, 11, 26, 14, tzinfo=UTC)


def _entry(seq: int) -> dict[str, object]:
    return {"seq": seq, "at": "2026-11-26T14:00:00.000000Z", "body": f'{{"n":{seq}}}', "prev": "00" * 32}


def _hash(entry: dict[str, object]) -> bytes:
    return hashlib.sha256(bytes(32) + f"{entry['seq']}|{entry['at']}|{entry['body']}".encode()).digest()


def _note(size: int, root: bytes) -> str:
    return SIGNER.checkpoint(size, root, "ab" * 32, AT)


def test_a_note_is_what_c2sp_says_it_is() -> None:
    note = _note(5, bytes(32))
    body, signature = note.split("\n\n")
    assert body.splitlines()[1:3] == ["5", base64.b64encode(bytes(32)).decode()]
    assert signature.startswith(f"— {SIGNER.name} ")
    assert note.endswith("\n")
    name, number, encoded = SIGNER.public.split("+", 2)
    raw = base64.b64decode(encoded)
    assert (name, raw[0], len(raw)) == (SIGNER.name, 1, 33)
    assert number == hashlib.sha256(f"{name}\n".encode() + raw).hexdigest()[:8]
    assert base64.b64decode(signature.split()[2])[:4].hex() == number


def test_only_the_key_opens_its_notes() -> None:
    note = _note(5, bytes(32))
    found = opened(note, [KEY])
    assert found is not None
    assert (found.size, found.head, found.at) == (5, "ab" * 32, "2026-11-26T14:00:00Z")
    assert opened(note, [Key.read(Signer(bytes(32)).public)]) is None
    for old, new in (("\n5\n", "\n6\n"), ("kepala ab", "kepala ac"), ("waktu 2026", "waktu 2025"), ("— ", "- ")):
        assert opened(note.replace(old, new), [KEY]) is None
    assert opened(note.partition("\n\n")[0], [KEY]) is None
    assert opened(note[:-10] + "\n", [KEY]) is None


@pytest.mark.parametrize("line", ["", "a+b", "a+00000000+AQ==", "x" * 200, SIGNER.public[:-8], "b" + SIGNER.public])
def test_what_is_no_key_is_told(line: str) -> None:
    with pytest.raises(NotOursError):
        Key.read(line)
