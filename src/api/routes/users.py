"""Accounts and tokens."""

from fastapi import APIRouter

from access.accounts import GATE, Account, add_account, find_account, set_password
from access.roles import CLEARANCES
from access.sessions import close_sessions_of, issue_token, revoke_tokens
from api.auth import Anyone, Manager
from api.schemas import users as schemas
from archive import ledger
from core.db import transaction

router = APIRouter(tags=["users"])


def _user(account: Account) -> schemas.User:
    return schemas.User(
        id=account.id,
        name=account.name,
        role=account.role.value,
        unit=account.unit,
        clearance=CLEARANCES[account.clearance],
    )


@router.get("/me")
def who_am_i(account: Anyone) -> schemas.User:
    """The asker's own account."""
    return _user(account)


@router.post("/users", status_code=201)
def add_user(new: schemas.NewUser, manager: Manager) -> schemas.User:
    """Add an account."""
    with transaction(manager.context) as session:
        account = add_account(
            session, name=new.name, role=new.role, unit=new.unit, clearance=new.clearance, password=new.password
        )
        ledger.append(session, "user_added", actor=manager.id, account=str(account.id), role=account.role.value)
    return _user(account)


@router.put("/users/{name}/password")
def change_password(name: str, new: schemas.NewPassword, manager: Manager) -> schemas.User:
    """Give an account a new password and sign it out everywhere; its tokens stay."""
    with transaction(manager.context) as session:
        account = find_account(session, name)
        set_password(session, account, new.password)
        ledger.append(session, "password_changed", actor=manager.id, account=str(account.id))
    with transaction(GATE) as session:
        close_sessions_of(session, account)
    return _user(account)


@router.delete("/users/{name}/tokens")
def take_tokens_back(name: str, manager: Manager) -> schemas.Revoked:
    """Take back every token of an account."""
    with transaction(manager.context) as session:
        account = find_account(session, name)
        revoked = revoke_tokens(session, account)
        ledger.append(session, "tokens_revoked", actor=manager.id, account=str(account.id))
    return schemas.Revoked(revoked=revoked)


@router.post("/users/{name}/tokens", status_code=201)
def add_token(name: str, manager: Manager) -> schemas.Token:
    """Issue a bearer token for an account; it is shown this once."""
    with transaction(manager.context) as session:
        account = find_account(session, name)
        secret = issue_token(session, account)
        ledger.append(session, "token_issued", actor=manager.id, account=str(account.id))
    return schemas.Token(token=secret)
