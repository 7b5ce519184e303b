"""Passwords as argon2id hashes (OWASP ASVS 5.0 V6; figures in docs/adr/0005)."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

_HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)
# Each hash takes 64 MiB: twenty people signing in at once must not take more than a gigabyte
_AT_ONCE = BoundedSemaphore(2)


def hash_password(password: str) -> str:
    with _AT_ONCE:
        return _HASHER.hash(password)


@cache
def _nobodys_hash() -> str:
    return hash_password("nobody has this password")


def password_is(stored: str | None, password: str) -> bool:
    """Whether the password fits. Takes as long for nobody (None) as for somebody, so names can't be probed."""
    known = stored or _nobodys_hash()
    with _AT_ONCE:
        try:
            _HASHER.verify(known, password)
        except VerificationError:
            return False
    return stored is not None
