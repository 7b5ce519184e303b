"""The office's procedures, as this process was started with them."""

from collections.abc import Mapping

from cases.sop import Sop
from cases.sopfiles import sops
from core.faults import NotFound
from core.settings import settings


def procedures() -> Mapping[str, Sop]:
    """All SOPs by id. Raises SopFileError when one can't be worked by; after the start, never."""
    return sops(settings().sop_folder)


def procedure(wanted: str) -> Sop:
    """The SOP of that id. Raises NotFound."""
    found = procedures().get(wanted)
    if found is None:
        raise NotFound
    return found
