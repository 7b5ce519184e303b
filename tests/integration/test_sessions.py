"""Who is at the door: passwords, sessions, tokens; outside random secrets, inside only their digests."""

import hashlib
import time
from statistics import median
from uuid import uuid4

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from access import sessions
from access.accounts import GATE, Account, add_account, find_account, names_of, set_password
from access.passwords import hash_password, password_is
from core.db import transaction
from core.faults import InvalidRequest, NotFound, TooManyAttempts, Unauthenticated
from core.settings import settings
from tests.integration.conftest import MakeAccount
from tests.integration.driving import connected_as
from workers import housekeeping

ADMIN = {"app.role": "admin"}


def _login(who: Account) -> str:
    with transaction(GATE) as session:
        return sessions.open_session(session, who)


def _account(secret: str) -> Account:
    with transaction(GATE) as session:
        return sessions.session_account(session, secret)


def _age(superuser: Engine, secret: str, change: str) -> None:
    with superuser.begin() as connection:
        changed = connection.execute(
            text(f"UPDATE session SET {change} WHERE digest = :d RETURNING 1"),
            {"d": hashlib.sha256(secret.encode()).digest()},
        ).all()
        assert len(changed) == 1


def test_a_session_stands_for_its_account_until_it_is_closed(account: MakeAccount) -> None:
    who = account("petugas")
    secret, other = _login(who), _login(who)
    assert secret != other
    assert len(secret) >= 43  # 256 bits
    assert _account(secret) == who
    with transaction(GATE) as session:
        sessions.close_session(session, secret)
    with pytest.raises(Unauthenticated):
        _account(secret)
    assert _account(other) == who


@pytest.mark.parametrize("secret", ["", "x", "\ud800", "' OR 1=1 --", "\x00"])
def test_an_unknown_secret_opens_nothing(archive, secret: str) -> None:
    with pytest.raises(Unauthenticated):
        _account(secret)
    with pytest.raises(Unauthenticated):
        sessions.token_account(secret)


def test_a_session_ends_when_idle_and_at_its_end(account: MakeAccount, superuser: Engine) -> None:
    who = account("petugas")
    idle, lived, busy = _login(who), _login(who), _login(who)
    _age(superuser, idle, f"seen_at = now() - interval '{settings().session_idle_minutes} minutes 1 second'")
    _age(superuser, lived, "expires_at = now() - interval '1 second'")
    _age(superuser, busy, f"seen_at = now() - interval '{settings().session_idle_minutes - 1} minutes'")
    for secret in (idle, lived):
        with pytest.raises(Unauthenticated):
            _account(secret)
    assert _account(busy) == who
    with superuser.connect() as connection:  # being used is being seen
        assert connection.scalar(
            text("SELECT now() - seen_at < interval '10 seconds' FROM session WHERE digest = :d"),
            {"d": hashlib.sha256(busy.encode()).digest()},
        )
        hours = connection.scalar(
            text("SELECT extract(epoch FROM expires_at - now()) / 3600 FROM session WHERE digest = :d"),
            {"d": hashlib.sha256(busy.encode()).digest()},
        )
    assert settings().session_hours - 0.1 < hours <= settings().session_hours


def test_what_is_over_is_forgotten(account: MakeAccount, superuser: Engine, worker_engine: Engine) -> None:
    who = account("petugas")
    idle, lived, open_ = _login(who), _login(who), _login(who)
    _age(superuser, idle, "seen_at = now() - interval '1 day'")
    _age(superuser, lived, "expires_at = now() - interval '1 second'")
    with superuser.begin() as connection:
        connection.execute(text("INSERT INTO login_failure (key, at) VALUES ('alt', now() - interval '1 hour')"))
    with connected_as(worker_engine):
        housekeeping.tidy()
    with superuser.connect() as connection:
        kept = connection.execute(text("SELECT digest FROM session WHERE account_id = :id"), {"id": who.id}).all()
        assert [bytes(row.digest) for row in kept] == [hashlib.sha256(open_.encode()).digest()]
        assert connection.scalar(text("SELECT count(*) FROM login_failure WHERE key = 'alt'")) == 0


def test_tokens_are_digests_inside_and_can_be_taken_back(account: MakeAccount, superuser: Engine) -> None:
    who, other = account("arsiparis"), account("arsiparis")
    with transaction(ADMIN) as session:
        token, second, others = (sessions.issue_token(session, each) for each in (who, who, other))
    assert token.startswith("arsip_")
    assert len({token, second, others}) == 3
    assert sessions.token_account(token) == who
    assert sessions.token_account(others) == other
    with superuser.connect() as connection:
        rows = connection.execute(text("SELECT digest FROM token WHERE account_id = :id"), {"id": who.id}).all()
        assert {bytes(row.digest) for row in rows} == {hashlib.sha256(t.encode()).digest() for t in (token, second)}
        for table in ("token", "session"):
            stored = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert token not in stored
    with transaction(ADMIN) as session:
        assert sessions.revoke_tokens(session, who) == 2
        assert sessions.revoke_tokens(session, who) == 0
    for gone in (token, second):
        with pytest.raises(Unauthenticated):
            sessions.token_account(gone)
    assert sessions.token_account(others) == other


def test_the_cookies_secret_is_stored_nowhere(account: MakeAccount, superuser: Engine) -> None:
    secret = _login(account("petugas"))
    with superuser.connect() as connection:
        stored = connection.execute(text("SELECT digest, account_id::text FROM session")).all()
    assert not any(secret.encode() in bytes(row.digest) for row in stored)
    assert hashlib.sha256(secret.encode()).digest() in {bytes(row.digest) for row in stored}


def test_a_pages_token_is_bound_to_its_session() -> None:
    one, other = sessions.csrf_token("rahasia-1"), sessions.csrf_token("rahasia-2")
    assert one != other
    assert one == sessions.csrf_token("rahasia-1")
    assert "rahasia-1" not in one
    assert hashlib.sha256(b"rahasia-1").hexdigest() != one  # the table's digest must not give it away


def _fail(name: str, address: str, times: int) -> None:
    with transaction(GATE) as session:
        for _ in range(times):
            sessions.note_failure(session, name, address)


def _check(name: str, address: str) -> None:
    with transaction(GATE) as session:
        sessions.check_attempts(session, name, address)


def test_five_wrong_passwords_shut_the_door_for_a_name(archive, superuser: Engine) -> None:
    name = f"budi-{uuid4().hex}"
    _fail(name, uuid4().hex, 4)
    _check(name, "here")
    _fail(name, uuid4().hex, 1)
    with pytest.raises(TooManyAttempts) as shut:
        _check(name, "elsewhere")
    assert shut.value.facts == {"seconds": 300}
    _check("somebody-else", "elsewhere")
    with superuser.begin() as connection:
        connection.execute(text("UPDATE login_failure SET at = at - interval '301 seconds'"))
    _check(name, "here")


def test_thirty_of_any_names_shut_it_for_an_address(archive) -> None:
    address = f"10.0.0.{uuid4().hex}"
    for _ in range(29):
        _fail(uuid4().hex, address, 1)
    _check("siti", address)
    _fail(uuid4().hex, address, 1)
    with pytest.raises(TooManyAttempts):
        _check("siti", address)
    _check("siti", "elsewhere")


def test_neither_name_nor_address_is_stored(archive, superuser: Engine) -> None:
    _fail("budi.santoso", "10.11.12.13", 1)
    with superuser.connect() as connection:
        keys = {bytes(key) for key in connection.scalars(text("SELECT key FROM login_failure"))}
    assert not any(b"budi" in key or b"10.11" in key for key in keys)
    assert hashlib.sha256(b"name:budi.santoso").digest() in keys


def test_passwords_are_argon2id(account: MakeAccount, superuser: Engine) -> None:
    who = account("petugas", password="kata sandi rahasia")
    with superuser.connect() as connection:
        stored = connection.scalar(text("SELECT password_hash FROM account WHERE id = :id"), {"id": who.id})
    found = extract_parameters(stored)
    assert stored.startswith("$argon2id$")
    assert found.memory_cost >= 64 * 1024
    assert found.time_cost >= 3
    assert found.salt_len >= 16
    assert PasswordHasher().verify(stored, "kata sandi rahasia")
    with transaction(GATE) as session:
        login = sessions.stored_login(session, who.name)
    assert login is not None
    assert login[0] == who
    assert sessions.login_fits(login, "kata sandi rahasia")
    assert not sessions.login_fits(login, "Kata sandi rahasia")
    assert not sessions.login_fits(login, "")


def test_a_new_password_ends_the_old_one(account: MakeAccount) -> None:
    who = account("petugas", password="kata sandi lama")
    with transaction(ADMIN) as session:
        set_password(session, who, "kata sandi baru")
    with transaction(GATE) as session:
        login = sessions.stored_login(session, who.name)
    assert sessions.login_fits(login, "kata sandi baru")
    assert not sessions.login_fits(login, "kata sandi lama")


def test_an_unknown_name_takes_as_long_and_never_fits(account: MakeAccount) -> None:
    stored = hash_password("kata sandi rahasia")

    def seconds(known: str | None) -> float:
        taken = []
        for _ in range(3):
            began = time.process_time()
            assert not password_is(known, "salah")
            taken.append(time.process_time() - began)
        return median(taken)

    assert not password_is(None, "nobody has this password")
    assert 0.1 < seconds(None) / seconds(stored) < 10  # without a hash to check it would be a thousandth
    with transaction(GATE) as session:
        assert sessions.stored_login(session, "tidak-ada") is None
    assert not sessions.login_fits(None, "x")
    program = account("petugas")  # an account without a password signs in nowhere
    with transaction(GATE) as session:
        assert not sessions.login_fits(sessions.stored_login(session, program.name), "")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"name": "Budi"}, "nama"),
        ({"name": "b"}, "nama"),
        ({"name": "budi santoso"}, "nama"),
        ({"name": "-budi"}, "nama"),
        ({"name": "budi\n"}, "nama"),
        ({"name": "a" * 41}, "nama"),
        ({"role": "kepala"}, "peran"),
        ({"clearance": "umum"}, "akses"),
        ({"unit": "Bidang Rehsos"}, "unit"),
        ({"unit": ""}, "unit"),
        ({"password": "pendek"}, "sandi"),
        ({"password": ""}, "sandi"),
    ],
)
def test_an_account_of_nonsense_is_refused(archive, change: dict[str, str], what: str) -> None:
    wanted = {"name": "budi", "role": "petugas", "unit": "umum", "clearance": "biasa"} | change
    with pytest.raises(InvalidRequest) as refused, transaction(ADMIN) as session:
        add_account(session, **wanted)
    assert what in refused.value.detail


def test_a_name_is_somebodys_once(account: MakeAccount, worker_engine: Engine) -> None:
    who = account("petugas")
    with pytest.raises(InvalidRequest, match="invalid_request"), transaction(ADMIN) as session:
        add_account(session, name=who.name, role="admin", unit="umum", clearance="biasa")
    with transaction(ADMIN) as session:
        assert find_account(session, who.name) == who
        assert names_of(session, [str(who.id), "worker", "' OR 1=1"]) == {str(who.id): who.name}
        with pytest.raises(NotFound):
            find_account(session, "tidak-ada")
    with Session(worker_engine) as session, pytest.raises(ProgrammingError, match="permission denied"):
        names_of(session, [str(who.id)])
