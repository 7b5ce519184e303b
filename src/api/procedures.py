"""The office's procedures and its calendar, as this process was started with them."""

from collections.abc import Mapping
from functools import cache

from cases.officehours import Office, office
from cases.sop import Sop
from cases.sopfiles import sops
from core.faults import NotFound
from core.settings import settings


def procedures() -> Mapping[str, Sop]:
    """All SOPs by id. Raises SopFileError when one can't be worked by; after the start, never."""
    return sops(settings().sop_folder)


@cache
def calendar() -> Office:
    """The office's calendar. Raises ValueError when a setting of it can't be understood; after the start, never."""
    wanted = settings()
    return office(wanted.timezone, wanted.office_hours, wanted.office_days, wanted.office_closed)


def procedure(wanted: str) -> Sop:
    """The SOP of that id. Raises NotFound."""
    found = procedures().get(wanted)
    if found is None:
        raise NotFound
    return found
