"""The ledger, and checking the archive against it."""

import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from access.accounts import Account
from api.auth import LedgerReader, Verifier
from api.schemas import ledger as schemas
from archive import ledger
from archive.verify import Verification
from core.db import transaction
from core.faults import Fault
from core.settings import settings

router = APIRouter(tags=["ledger"])


@router.get("/ledger")
def get_ledger(
    account: LedgerReader,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> schemas.LedgerPage:
    """Events of the whole archive, newest first."""
    with transaction(account.context) as session:
        events = ledger.events_before(session, cursor, limit + 1)
    following = str(events[limit - 1].seq) if len(events) > limit else None
    return schemas.LedgerPage(events=[schemas.event(e) for e in events[:limit]], next=following)


def _verification(account: Account) -> Iterator[str]:
    """One JSON object a line: progress, and at last the verdict."""
    try:
        run = Verification(lambda: transaction(account.context), settings())
        for progress in run.run():
            yield json.dumps({"entries": progress.entries, "objects": progress.objects}) + "\n"
        finding = {"what": run.finding.what, "where": run.finding.where} if run.finding else None
        yield json.dumps({"entries": run.entries, "objects": run.objects, "ok": not finding, "finding": finding}) + "\n"
    except Fault as fault:
        yield json.dumps({"ok": False, "finding": {"what": fault.slug, "where": fault.detail}}) + "\n"


_LINES = {"schema": {"type": "string"}, "example": schemas.VERIFICATION_EXAMPLE}


@router.post(
    "/verification", response_class=StreamingResponse, responses={200: {"content": {"application/x-ndjson": _LINES}}}
)
def verify(account: Verifier) -> StreamingResponse:
    """Check chain and objects now: progress as JSON lines, the last of them with `ok` and the first bad thing."""
    with transaction(account.context) as session:
        ledger.append(session, "verification_started", actor=account.id)
    return StreamingResponse(_verification(account), media_type="application/x-ndjson")
