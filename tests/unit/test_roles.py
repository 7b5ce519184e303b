"""Each role may what its work needs, and no more."""

from uuid import uuid4

import pytest

from access.accounts import Account
from access.roles import CLEARANCES, RIGHTS, Right, Role, level
from core.faults import Forbidden, InvalidRequest
from ingest.accept import clearance_for

# Written out again on purpose: a right given by mistake must be given in two places
MAY = {
    "petugas": {"upload", "check", "register", "read", "read_agenda", "work_cases", "place", "file", "read_retention"},
    "pejabat": {
        *("read", "read_agenda", "work_cases", "dispose", "read_reports", "hold", "read_retention", "appraise"),
    },
    "arsiparis": {
        "upload",
        "check",
        "register",
        "read",
        "read_agenda",
        "read_ledger",
        "verify",
        "reread",
        "work_cases",
        "place",
        "read_reports",
        "dispose",
        "waive",
        "export",
        "retire",
        "appraise",
        "file",
        "retain",
        "read_retention",
        "hold",
    },
    "auditor": {"read_retention", "read_agenda", "read_ledger", "read_reports", "verify"},
    "admin": {
        "upload",
        "check",
        "register",
        "read",
        "read_agenda",
        "read_ledger",
        "verify",
        "reread",
        "work_cases",
        "place",
        "read_reports",
        "dispose",
        "waive",
        "export",
        "retire",
        "appraise",
        "file",
        "retain",
        "read_retention",
        "hold",
        "manage_users",
    },
}


def _account(role: Role, ceiling: str = "terbatas") -> Account:
    return Account(uuid4(), "budi", role, "umum", level(ceiling))


def test_every_role_is_here() -> None:
    assert set(RIGHTS) == set(Role)
    assert {role.value for role in Role} == set(MAY)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_rights(role: Role, right: Right) -> None:
    account = _account(role)
    assert account.may(right) is (right.value in MAY[role.value])
    if account.may(right):
        account.require(right)
    else:
        with pytest.raises(Forbidden):
            account.require(right)


def test_the_context_names_all_that_policies_ask() -> None:
    account = _account(Role.PEJABAT, "rahasia")
    assert account.context == {
        "app.role": "pejabat",
        "app.account": str(account.id),
        "app.unit": "umum",
        "app.clearance": "2",
    }


def test_levels_rise() -> None:
    assert [level(name) for name in CLEARANCES] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="not in"):
        level("umum")


@pytest.mark.parametrize("ceiling", CLEARANCES)
@pytest.mark.parametrize("wanted", CLEARANCES)
def test_nobody_files_above_their_ceiling(ceiling: str, wanted: str) -> None:
    account = _account(Role.PETUGAS, ceiling)
    if level(wanted) <= level(ceiling):
        assert clearance_for(account, wanted) == level(wanted)
        return
    with pytest.raises(InvalidRequest) as refused:
        clearance_for(account, wanted)
    assert wanted not in refused.value.detail.replace("(", " ").replace(")", " ").replace(",", " ").split()


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        clearance_for(_account(Role.PETUGAS), "umum")
