"""The daily sweep of retention: phases that time moved on, and clocks that another schedule or rule sets."""

from archive import ledger
from core.db import transaction
from records.retention import schedule


def sweep() -> int:
    """Set the clocks of all berkas that stand otherwise than they should; how many it were.

    Part by part, so that no statement runs into its time limit; what was done when a worker dies is done.
    """
    total, changed = 0, 1
    while changed:
        with transaction() as session:
            changed = schedule.sweep(session)
            if changed:
                ledger.append(session, "retention_swept", actor=ledger.WORKER, berkas=changed)
        total += changed
    return total
