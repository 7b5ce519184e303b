"""What is asked for opens for its owner alone, and says nothing to anybody else."""

from uuid import uuid4

import pytest

from core.faults import InvalidRequest
from search import sealed

KEY = "kunci-identitas-contoh"
ASKED = {"q": "Siti Rahma 6571014203900001", "n": [1, 2]}


def test_the_owner_opens_it() -> None:
    owner = uuid4()
    address = sealed.to_address(KEY, owner, ASKED)
    assert sealed.from_address(KEY, owner, address) == ASKED
    assert "Siti" not in address
    assert address != sealed.to_address(KEY, owner, ASKED)  # equal searches do not look equal


@pytest.mark.parametrize("change", ["owner", "key", "cut", "other", "empty", "not base64"])
def test_nobody_else_does(change: str) -> None:
    owner = uuid4()
    address = sealed.to_address(KEY, owner, ASKED)
    key = "kunci-lain" if change == "key" else KEY
    who = uuid4() if change == "owner" else owner
    told = {"cut": address[:-4], "other": "A" * len(address), "empty": "", "not base64": f"{address}é"}
    with pytest.raises(InvalidRequest):
        sealed.from_address(key, who, told.get(change, address))


def test_a_digest_is_of_the_words_and_the_key() -> None:
    assert sealed.digest(KEY, "Siti  RAHMA") == sealed.digest(KEY, "siti rahma")
    assert sealed.digest(KEY, "siti rahma") != sealed.digest(KEY, "siti rahmi")
    assert sealed.digest(KEY, "siti rahma") != sealed.digest("lain", "siti rahma")
