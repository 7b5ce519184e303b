"""What beat asks for by the clock."""

from typing import Any

from core.queue import (
    CHECK_OBJECTS,
    CHECK_SIGNATURES,
    CHECKPOINT,
    COMPARE_STORE,
    ENTER_SEARCHES,
    KEEP_LOCKS,
    LEARN,
    PRESERVE,
    REMOVE_OLD_COPIES,
    RETAIN,
    TIDY,
)

# Expiry: after a time without a worker, one run is enough
SCHEDULE: dict[str, dict[str, Any]] = {
    "tidy": {"task": TIDY, "schedule": 600.0, "options": {"expires": 300}},
    "learn": {"task": LEARN, "schedule": 3600.0, "options": {"expires": 1800}},
    # every hour, so that a day is noticed soon after it began, wherever the office is; without news it costs nothing
    "retain": {"task": RETAIN, "schedule": 3600.0, "options": {"expires": 1800}},
    "signatures": {"task": CHECK_SIGNATURES, "schedule": 3600.0, "options": {"expires": 1800}},
    "locks": {"task": KEEP_LOCKS, "schedule": 60.0, "options": {"expires": 50}},
    "compare": {"task": COMPARE_STORE, "schedule": 60.0, "options": {"expires": 50}},
    "preserve": {"task": PRESERVE, "schedule": 60.0, "options": {"expires": 50}},
    "old_copies": {"task": REMOVE_OLD_COPIES, "schedule": 21600.0, "options": {"expires": 10800}},
    "searches": {"task": ENTER_SEARCHES, "schedule": 60.0, "options": {"expires": 50}},
    "checkpoint": {"task": CHECKPOINT, "schedule": 600.0, "options": {"expires": 300}},
    "check_objects": {"task": CHECK_OBJECTS, "schedule": 300.0, "options": {"expires": 150}},
}
