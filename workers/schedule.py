"""What beat asks for by the clock."""

from typing import Any

from core.queue import CHECK_OBJECTS, CHECKPOINT, LEARN, TIDY

# Expiry: after a time without a worker, one run is enough
SCHEDULE: dict[str, dict[str, Any]] = {
    "tidy": {"task": TIDY, "schedule": 600.0, "options": {"expires": 300}},
    "learn": {"task": LEARN, "schedule": 3600.0, "options": {"expires": 1800}},
    "checkpoint": {"task": CHECKPOINT, "schedule": 600.0, "options": {"expires": 300}},
    "check_objects": {"task": CHECK_OBJECTS, "schedule": 300.0, "options": {"expires": 150}},
}
