"""Roles of the office and levels of secrecy (SKKAAD, domain.md §2.2)."""

from enum import StrEnum
from typing import Final

# Index = level. The names are those of Perka ANRI 17/2011.
CLEARANCES: Final = ("biasa", "terbatas", "rahasia", "sangat_rahasia")


class Role(StrEnum):
    """Who somebody is in the office."""

    PETUGAS = "petugas"  # scans and registers
    PEJABAT = "pejabat"  # searches and disposes
    ARSIPARIS = "arsiparis"  # the records unit: every unit's letters
    AUDITOR = "auditor"  # reads ledger and reports, never letters
    ADMIN = "admin"  # users and tokens


class Right(StrEnum):
    """What a role may do. Which letters it may do it with is decided by unit and clearance (row-level policies)."""

    UPLOAD = "upload"
    CHECK = "check"  # say what a letter is and says
    REGISTER = "register"  # enter letters in the agenda books, number and cancel
    DISPOSE = "dispose"  # begin a chain of dispositions; to hand on what one was handed needs none
    READ = "read"
    READ_AGENDA = "read_agenda"  # leaf through the books; lines above one's ceiling stay closed
    PLACE = "place"  # say where paper lies, add boxes and move them
    READ_REPORTS = "read_reports"  # how long steps take, counted over cases
    EXPORT = "export"  # take whole berkas out, for whom they are handed to
    FILE = "file"  # open berkas and file letters in them
    RETAIN = "retain"  # bring schedules and codes, tell when retention begins, release holds
    READ_RETENTION = "read_retention"  # what falls due; of berkas one may not see only how many
    HOLD = "hold"  # stop retention for a dispute, an audit or an investigation
    READ_LEDGER = "read_ledger"
    VERIFY = "verify"
    WORK_CASES = "work_cases"  # open cases, and say how far their steps are
    RETIRE = "retire"  # propose lists of records to be moved, handed over or destroyed, and carry them out
    APPRAISE = "appraise"  # assess such lists, as one of the panel or who takes the records over
    WAIVE = "waive"  # let a case close without a letter it should have
    REREAD = "reread"  # let a newer reader read the archive
    MANAGE_USERS = "manage_users"


RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.PETUGAS: frozenset(
        {
            *(Right.UPLOAD, Right.CHECK, Right.REGISTER, Right.READ, Right.READ_AGENDA, Right.WORK_CASES, Right.PLACE),
            *(Right.FILE, Right.READ_RETENTION),
        }
    ),
    Role.PEJABAT: frozenset(
        {
            *(Right.READ, Right.READ_AGENDA, Right.WORK_CASES, Right.DISPOSE, Right.READ_REPORTS, Right.HOLD),
            *(Right.READ_RETENTION, Right.APPRAISE),
        }
    ),
    Role.ARSIPARIS: frozenset(set(Right) - {Right.MANAGE_USERS}),
    Role.AUDITOR: frozenset(
        {Right.READ_AGENDA, Right.READ_LEDGER, Right.READ_REPORTS, Right.VERIFY, Right.READ_RETENTION}
    ),
    Role.ADMIN: frozenset(Right),
}


def level(clearance: str) -> int:
    """`"rahasia"` → 2. Raises ValueError for an unknown name."""
    return CLEARANCES.index(clearance)
