"""Who needs to read identity numbers, and why somebody else opens them (UU 27/2022: no more than the purpose asks).

Whoever says what letters are and say (Right.CHECK: petugas, arsiparis, admin) compares these numbers with the paper, so
sees them at a letter that they may see. Who reads and disposes (pejabat) does not need them: at a letter they are
hidden until a purpose is named, which stands in the ledger. In what is found and listed they are hidden from everybody.
"""

from typing import Final, Literal

from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger
from archive.tables import DocumentRow
from core.faults import InvalidRequest

# A choice and no free text: the ledger, which nobody can change, must not come to hold a name
Purpose = Literal["pelayanan", "pencocokan", "pemeriksaan", "hukum"]
PURPOSES: Final[dict[Purpose, str]] = {
    "pelayanan": "melayani orang ini",
    "pencocokan": "mencocokkan dengan KTP atau KK",
    "pemeriksaan": "pemeriksaan atau audit",
    "hukum": "permintaan penegak hukum atau pengadilan",
}


def has_need(account: Account) -> bool:
    """Whether identity numbers of letters that they may see are shown to them unasked."""
    return account.may(Right.CHECK)


def purpose(told: str) -> Purpose:
    """The purpose of that name. Raises InvalidRequest."""
    for known in PURPOSES:
        if told == known:
            return known
    raise InvalidRequest(what="untuk apa nomor identitas dibuka")


def opens(session: Session, account: Account, row: DocumentRow, why: Purpose | None) -> bool:
    """Whether the numbers of this letter are shown. For a purpose they are, which is entered in the ledger; call it
    last in the transaction."""
    if has_need(account):
        return True
    if why is None:
        return False
    ledger.append(session, "identity_shown", actor=account.id, document=row.id, digest=row.sha256, purpose=why)
    return True
