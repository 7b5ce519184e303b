"""The proof of a letter as a sheet to print and lay before it: what it is, its digests, and where it is proven."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from access.roles import CLEARANCES
from archive.actions import ACTIONS
from archive.proofs import Proof
from core.settings import settings
from records.dates import written
from records.disposal import marks
from records.disposal.tables import AuthenticCopyRow, DisposalRow
from records.office import office
from records.qrcode import modules
from records.tables import AgendaEntryRow
from records.typeset import pdf

_QR: Final = "ARSIP-BUKTI-1"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: a letter's proof, its kind in words, the agenda's line it stands in, and the list by whose
    berita acara its scan is an authentic copy."""

    proof: Proof
    kind: str
    entry: AgendaEntryRow | None
    copied: tuple[AuthenticCopyRow, DisposalRow] | None = None


def qr_text(proof: Proof) -> str:
    """What the sheet's code says: which letter, its original's digest, and the checkpoint's size and root."""
    document, checkpoint = proof.document, proof.checkpoint
    return f"{_QR}/{document.id}/{document.sha256}/{checkpoint.size}/{bytes(checkpoint.root).hex()}"


def as_pdf(sheet: Sheet, now: datetime) -> bytes:
    """The sheet as PDF/A, A4."""
    proof, checkpoint = sheet.proof, sheet.proof.checkpoint
    document = proof.document
    digests = [("Berkas asli", document.sha256), *([("PDF", document.pdf_sha256)] if document.pdf_sha256 else [])]
    data: dict[str, Any] = {
        "letterhead": office().letterhead,
        "document": str(document.id),
        "printed": _moment(now),
        "qr": modules(qr_text(proof)),
        "letter": _letter(sheet),
        "mark": marks.words(sheet.copied),
        "digests": digests,
        "events": [
            (str(row.seq), _moment(row.at), ACTIONS[row.action], bytes(row.hash).hex()) for row, _ in proof.events
        ],
        "checkpoint": [
            ("Catatan yang tercakup", str(checkpoint.size)),
            ("Ditandatangani", _moment(checkpoint.at)),
            ("Kunci", checkpoint.public_key.partition("+")[0]),
        ],
        "roots": [("Akar pohon", bytes(checkpoint.root).hex()), ("Kepala rantai", bytes(checkpoint.head).hex())],
        "command": "arsip proof check BUKTI.json SURAT.pdf --key KUNCI",
    }
    return pdf("bukti", data, made_at=now)


def _letter(sheet: Sheet) -> list[tuple[str, str]]:
    document, entry = sheet.proof.document, sheet.entry
    number = document.fields.get("nomor_surat", {}).get("text") or "–"
    in_book = f"surat {entry.book} nomor {entry.number} tahun {entry.year}" if entry and entry.numbered else "–"
    return [
        ("Jenis", sheet.kind),
        ("Nomor surat", number),
        ("Agenda", in_book),
        ("Unit", office().unit(document.unit).name),
        ("Tingkat keamanan", CLEARANCES[document.clearance].replace("_", " ").capitalize()),
        ("Diterima", _moment(document.received_at)),
        ("Nomor di arsip", str(document.id)),
    ]


def _moment(at: datetime) -> str:
    local = at.astimezone(ZoneInfo(settings().timezone))
    return f"{written(local.date())} {local:%H.%M}"
