"""Accounts: who is asking, and in which row-security context their transactions run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from access.passwords import hash_password
from access.roles import CLEARANCES, RIGHTS, Right, Role, level
from access.tables import AccountRow
from core.faults import Forbidden, InvalidRequest, NotFound

# Before anybody is known, only the door itself may look into accounts, sessions and tokens
GATE = {"app.role": "gate"}
_SHORTEST_PASSWORD = 8
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks: a person or program with one role, one unit and a ceiling."""

    id: UUID
    name: str
    role: Role
    unit: str
    clearance: int

    @property
    def context(self) -> dict[str, str]:
        """The row-security context of this account's transactions."""
        return {
            "app.role": self.role.value,
            "app.account": str(self.id),
            "app.unit": self.unit,
            "app.clearance": str(self.clearance),
        }

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def require(self, right: Right) -> None:
        """Raise Forbidden unless the role has the right."""
        if not self.may(right):
            raise Forbidden


def is_name(name: str) -> bool:
    """Whether an account can have that name: what anybody typed is asked of the database only when it can."""
    return _NAME.fullmatch(name) is not None


def account_of(row: AccountRow) -> Account:
    return Account(row.id, row.name, Role(row.role), row.unit, row.clearance)


def add_account(
    session: Session, *, name: str, role: str, unit: str, clearance: str, password: str | None = None
) -> Account:
    """A new account. `name`: 2–40 of a–z, 0–9, `.`, `_`, `-`. Raises InvalidRequest when a value is not usable."""
    if not is_name(name):
        raise InvalidRequest(what="nama pengguna (2–40 huruf kecil, angka, titik, garis; tanpa spasi)")
    if role not in set(Role):
        raise InvalidRequest(what=f"peran ({', '.join(Role)})")
    if clearance not in CLEARANCES:
        raise InvalidRequest(what=f"tingkat akses ({', '.join(CLEARANCES)})")
    if not is_name(unit):
        raise InvalidRequest(what="unit (huruf kecil, angka, titik, garis; tanpa spasi)")
    made = session.scalar(
        insert(AccountRow)
        .values(
            name=name,
            role=role,
            unit=unit,
            clearance=level(clearance),
            password_hash=_checked_hash(password) if password is not None else None,
        )
        .on_conflict_do_nothing()
        .returning(AccountRow)
    )
    if made is None:
        raise InvalidRequest(what=f"nama pengguna ({name} sudah ada)")
    return account_of(made)


def _checked_hash(password: str) -> str:
    if len(password) < _SHORTEST_PASSWORD:
        raise InvalidRequest(what=f"kata sandi (paling sedikit {_SHORTEST_PASSWORD} karakter)")
    return hash_password(password)


def set_password(session: Session, account: Account, password: str) -> None:
    """Give the account a new password. Raises InvalidRequest when it is too short."""
    session.execute(update(AccountRow).where(AccountRow.id == account.id).values(password_hash=_checked_hash(password)))


def find_account(session: Session, name: str) -> Account:
    """The account of that name. Raises NotFound."""
    row = session.scalar(select(AccountRow).where(AccountRow.name == name)) if is_name(name) else None
    if row is None:
        raise NotFound
    return account_of(row)


def anybody(session: Session) -> Account | None:
    """The account that was made first; None when there is none."""
    row = session.scalar(select(AccountRow).order_by(AccountRow.created_at).limit(1))
    return account_of(row) if row else None


def names_of(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Names, by id, for whoever reads the ledger; else one's own, and for a pejabat also those of the records unit and
    of their unit's pejabat. What is no account's id is left out."""
    wanted = [value for value in ids if _ID.fullmatch(value)]
    rows = session.execute(text("SELECT id, name FROM account_names(CAST(:ids AS uuid[]))"), {"ids": wanted})
    return {str(account): name for account, name in rows}
