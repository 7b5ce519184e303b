"""Letting others go first: reading may take a minute longer, somebody who sends a letter may not."""

import os
import time
from contextlib import suppress
from pathlib import Path

# A process with this niceness gets about a thirtieth of a core that others want too, and all of one that nobody wants
_NICENESS = 15
_TRIES = 5


def step_back() -> None:
    """Give this process, and what it starts, the least share while others are busy.

    For the reading children only. A worker itself holds the ledger's lock for a moment with each step: made to wait
    there, it would make every sender wait.

    Niceness counts only within a session where the kernel groups processes by session (sched_autogroup), so the
    session's own niceness is set too. Where neither may be changed, everything works, only less politely.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(_NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    group = Path("/proc/self/autogroup")
    for _ in range(_TRIES):
        try:
            group.write_text(str(_NICENESS))
        except BlockingIOError:  # the kernel lets the unprivileged ask ten times a second
            time.sleep(0.15)
        except OSError:
            return
        else:
            return
