"""The letters of a unit's books for SRIKANDI: their table, and beside it each letter's searchable PDF, as a bag."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Final

from sqlalchemy.orm import Session

from access.accounts import Account
from archive import blobs, ledger, objects
from core.faults import KeyDestroyed
from records.export import srikandi
from records.export.bag import Bag, Payload
from records.export.gather import Source
from records.export.srikandi import Asked, Ending, Made
from records.office import office

_ENDINGS: Final[tuple[Ending, ...]] = ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class Gathered:
    """The table in both forms, and where each letter's PDF lies."""

    asked: Asked
    tables: tuple[Made, ...]
    pdfs: tuple[Source, ...]


def gather(session: Session, account: Account, asked: Asked, kinds: Mapping[str, str]) -> Gathered:
    """What the bag will hold; that each letter went out is entered in the ledger. Raises Forbidden, InvalidRequest."""
    made = tuple(srikandi.make(session, account, asked, ending, kinds) for ending in _ENDINGS)
    pdfs: list[Source] = []
    for entry, row in session.execute(srikandi.registered(asked)).all():
        name = srikandi.pdf_name(entry, row)
        if not name:
            continue
        try:
            place = objects.pdf(session, row)
        except KeyDestroyed:
            continue
        pdfs.append(Source(f"pdf/{name}", place, row.pdf_version, row.pdf_sha256, None, "application/pdf"))
        ledger.append(session, "letter_exported", actor=account.id, document=row.id, digest=row.pdf_sha256)
    return Gathered(asked, made, tuple(pdfs))


def stream(found: Gathered, made_at: datetime) -> Iterator[bytes]:
    """The bag as a ZIP, while it is read from the store. Raises as berkasbag.stream() does."""
    asked = found.asked
    info = {
        "Source-Organization": office().name,
        "External-Description": f"Registrasi naskah untuk SRIKANDI, {office().unit(asked.unit).name}",
        "Bagging-Date": made_at.date().isoformat(),
        "Bag-Software-Agent": f"Arsiparis {version('arsiparis')}",
    }
    return Bag(asked.name, made_at).written(_payload(found), info)


def _payload(found: Gathered) -> Iterator[Payload]:
    for table in found.tables:
        yield Payload(table.name, [table.data])
    for pdf in found.pdfs:
        yield Payload(pdf.name, blobs.chunks(pdf.place, pdf.version), pdf.sha256)
