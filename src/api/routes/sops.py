"""The procedures that the office works by."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.auth import Reader
from api.procedures import procedure, procedures
from api.schemas import sops as schemas

router = APIRouter(prefix="/sops", tags=["sops"])


@router.get("")
def list_sops(account: Reader) -> schemas.SopList:  # noqa: ARG001 - whoever reads letters reads procedures
    """Every SOP, by id."""
    return schemas.SopList(sops=[schemas.summary(sop) for _, sop in sorted(procedures().items())])


@router.get("/{sop}")
def get_sop(sop: Annotated[str, Path(max_length=40)], account: Reader) -> schemas.SopDetail:  # noqa: ARG001
    """One SOP with all its steps: as printed, as meant, and how sure that is."""
    return schemas.detail(procedure(sop))
