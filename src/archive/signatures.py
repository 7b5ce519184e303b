"""Electronic signatures (TTE) of a PDF, as they were found when it came: whose, when, and what they still prove."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal, Self, get_args

Status = Literal["valid", "invalid", "unknown", "expired"]
Why = Literal["altered", "changed_later", "revoked", "untrusted", "expired", "unreadable"]
MOST: Final = 50
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature, in the order they were made.

    `status`: `valid` (the bytes are those that were signed, by somebody the office's roots vouch for), `invalid`,
    `unknown` (the bytes are right, but no root knows the signer) or `expired` (the certificate has ended, and no
    trusted time stamp shows that it had not when it signed). `why` says what spoke against it. `signed_at` is ISO 8601,
    as the signer says unless `stamped` by a trusted time stamp. `whole`: it covers the file to its end; otherwise
    `later`: something was added after it, other than what keeps signatures checkable. `roots` names the set of roots
    that it was judged by (ocr/roots.py).
    """

    status: Status
    why: Why | None
    signer: str | None
    issuer: str | None
    signed_at: str | None
    stamped: bool
    whole: bool
    later: bool
    roots: str = ""

    def __post_init__(self) -> None:
        if self.status not in get_args(Status) or (self.why is not None and self.why not in get_args(Why)):
            raise ValueError("no such judgement of a signature")
        if (self.status == "valid") != (self.why is None):
            raise ValueError("what is not valid has a reason")
        if not isinstance(self.roots, str) or len(self.roots) > _LONGEST_NAME:
            raise ValueError("roots are named by a digest")
        if any(not isinstance(flag, bool) for flag in (self.stamped, self.whole, self.later)):
            raise ValueError("a flag is true or false")
        for name in (self.signer, self.issuer):
            if name is not None and (not isinstance(name, str) or not name.isprintable() or len(name) > _LONGEST_NAME):
                raise ValueError("a name is a line of text")
        if self.signed_at is not None and datetime.fromisoformat(self.signed_at).tzinfo is None:
            raise ValueError("a time has a zone")

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """What `to_json` made. Raises ValueError for anything else."""
        try:
            return cls(**{field.name: data[field.name] for field in fields(cls)})
        except (KeyError, TypeError) as error:
            raise ValueError("not a signature") from error

    @property
    def at(self) -> datetime | None:
        """When it was made."""
        return datetime.fromisoformat(self.signed_at) if self.signed_at is not None else None

    @property
    def said(self) -> str:
        """What it proves, in front of people."""
        return said(self.why, self.later)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


_SAID: Final = {
    "altered": "tidak sah: isi berkas bukan lagi yang ditandatangani",
    "changed_later": "tidak sah: isi berkas diubah sesudah ditandatangani",
    "revoked": "tidak sah: sertifikat penanda tangan sudah dicabut",
    "untrusted": "penanda tangan tidak dikenal; isi berkas utuh sejak ditandatangani",
    "expired": "masa sertifikat sudah habis dan waktu tanda tangan tidak terbukti; isi berkas utuh",
    "unreadable": "tidak dapat diperiksa",
}


def said(why: str | None, later: bool) -> str:
    """What a signature proves, in front of people."""
    if why is not None:
        return _SAID[why]
    return "sah; sesudahnya ada isian atau tanda tangan lain yang diperbolehkan" if later else "sah"


UNREADABLE: Final = Signature("unknown", "unreadable", None, None, None, stamped=False, whole=False, later=False)


def name_of(text: str | None) -> str | None:
    """A name out of a certificate as one line that can be shown."""
    if not text:
        return None
    return "".join(c if c.isprintable() else " " for c in text).strip()[:_LONGEST_NAME] or None


def counted(found: Sequence[Signature]) -> dict[str, int]:
    """What the ledger says of them: how many, and how many are valid; nobody's name."""
    return {"signatures": len(found), "valid": sum(one.status == "valid" for one in found)}


def several(data: Any) -> list[Signature]:
    """Signatures out of JSON. Raises ValueError for anything else."""
    if not isinstance(data, list) or len(data) > MOST:
        raise ValueError("not a list of signatures")
    return [Signature.from_json(one) for one in data]
