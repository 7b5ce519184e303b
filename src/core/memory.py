"""Python's search for cyclic garbage, kept out of the way of a server process's start and of what stands after it.

A full search holds every thread for as long as it takes: 140 ms in the HTTP server for what its modules leave standing
alone. What imports leave behind as garbage is a thousand objects among 230,000, so they are not searched at all.
"""

import gc
from typing import Final

# More than a process stands on when it has started; a limit all the same, for one that never says it has
_WHILE_STARTING: Final = 1_000_000
_BETWEEN_SEARCHES: Final = 10_000


def starting() -> None:
    """Let imports go on without a search. To be said before them."""
    gc.set_threshold(_WHILE_STARTING)


def started() -> None:
    """Leave what stands now out of every search to come: it stays until the end.

    A process that forks then shares it with its forks, since a search would write into each of its pages.
    """
    gc.freeze()
    gc.set_threshold(_BETWEEN_SEARCHES)
