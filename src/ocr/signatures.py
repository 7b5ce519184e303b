"""Signatures in a PDF, checked by pyHanko in the child: without network, against the office's roots alone."""

import base64
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from archive.signatures import MOST, UNREADABLE, Signature, Status, Why, name_of

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # what it says of a file quotes the file

# who may sign letters: either use of a key is a signature's (RFC 5280 4.2.1.3)
_USES = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)


def check(facts: dict[str, Any], files: list[int], _scratch: Path) -> dict[str, Any]:
    """Job: the signatures of the PDF files[0]; `roots` are certificates (DER, base64) of whom the office trusts."""
    roots = [x509.Certificate.load(base64.b64decode(root)) for root in facts["roots"]]
    with open(os.dup(files[0]), "rb") as source:
        source.seek(0)
        try:
            found = [_judged(one, roots) for one in _signatures(source)]
        except Exception:  # noqa: BLE001 - it raises anything on damaged files; a place for a signature there surely is
            found = [UNREADABLE]
    return {"signatures": [one.to_json() for one in found]}


def _signatures(source: Any) -> Iterator[EmbeddedPdfSignature]:
    reader = PdfFileReader(source, strict=False)
    if reader.encrypted:
        reader.decrypt(b"")  # one that only guards changes; others were refused before
    yield from reader.embedded_regular_signatures[:MOST]


def _judged(one: EmbeddedPdfSignature, roots: list[x509.Certificate]) -> Signature:
    try:
        status = validate_pdf_signature(one, _context(one, roots, None), key_usage_settings=_USES)
        stamp = status.timestamp_validity
        stamped = stamp.timestamp if stamp is not None and stamp.valid and stamp.trusted else None
        if stamped is not None and not status.trusted:  # what counts is whether the certificate was good at that time
            then = _context(one, roots, stamped)
            now = _context(one, roots, None)
            status = validate_pdf_signature(one, then, ts_validation_context=now, key_usage_settings=_USES)
    except Exception:  # noqa: BLE001 - as above
        return UNREADABLE
    judgement, why = _judgement(status)
    at = stamped or status.signer_reported_dt
    return Signature(
        status=judgement,
        why=why,
        signer=_common_name(status.signing_cert.subject),
        issuer=_common_name(status.signing_cert.issuer),
        signed_at=_iso(at) if at is not None else None,
        stamped=stamped is not None,
        whole=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        later=_changed_later(status),
    )


def _context(one: EmbeddedPdfSignature, roots: list[x509.Certificate], moment: datetime | None) -> ValidationContext:
    """What may be believed at a time (now, if none): the roots, and what the file itself brings to prove its chain."""
    known: dict[str, Any] = {
        "trust_roots": roots,
        "allow_fetching": False,
        "moment": moment,
        "revocation_mode": "soft-fail",
    }
    try:
        return DocumentSecurityStore.read_dss(one.reader).as_validation_context(known)
    except NoDSSFoundError:
        return ValidationContext(**known)


def _judgement(status: PdfSignatureStatus) -> tuple[Status, Why | None]:
    if not (status.intact and status.valid):
        return "invalid", "altered"
    if not status.docmdp_ok or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return "invalid", "changed_later"
    if status.revoked:
        return "invalid", "revoked"
    if status.trusted:
        return "valid", None
    if status.trust_problem_indic == AdESIndeterminate.OUT_OF_BOUNDS_NO_POE:
        return "expired", "expired"
    return "unknown", "untrusted"


def _changed_later(status: PdfSignatureStatus) -> bool:
    level = status.modification_level
    return status.coverage != SignatureCoverageLevel.ENTIRE_FILE and (
        level is None or level > ModificationLevel.LTA_UPDATES
    )


def _common_name(name: x509.Name) -> str | None:
    native = name.native
    found = native.get("common_name") or native.get("organization_name") or name.human_friendly
    return name_of(found if isinstance(found, str) else str(found[0]))


def _iso(at: datetime) -> str:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")
