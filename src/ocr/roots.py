"""The office's roots of trust: certificates as PEM files in a folder, read anew each time, so that one can be added."""

import base64
import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

log = logging.getLogger(__name__)

_ENDINGS = (".pem", ".crt", ".cer")


def roots(folder: Path | None) -> list[str]:
    """The certificates in the folder, DER as base64; none where no folder is set. A file that holds none is logged."""
    found: list[str] = []
    for file in sorted(folder.iterdir()) if folder is not None and folder.is_dir() else ():
        if file.suffix in _ENDINGS:
            try:
                several = x509.load_pem_x509_certificates(file.read_bytes())
            except (OSError, ValueError):
                log.warning("signature_root_unusable", extra={"file": file.name})
                continue
            found += [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in several]
    return found


def identity(trusted: Sequence[str]) -> str:
    """Which set of roots this is, so that a signature says by whom it was judged; "" of none."""
    return hashlib.sha256("".join(sorted(trusted)).encode()).hexdigest()[:16] if trusted else ""
