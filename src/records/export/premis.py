"""What happened to the letters of a bag, in PREMIS 3 (Library of Congress): objects, events, agents. Pure."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_SPACE: Final = "http://www.loc.gov/premis/v3"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
# The vocabulary of PREMIS event types (id.loc.gov/vocabulary/preservation/eventType) for what the ledger calls:
_TYPES: Final = {
    "received": "ingestion start",
    "arrived_again": "ingestion start",
    "sealed": "ingestion end",
    "signatures_checked": "digital signature validation",
    "page_read": "metadata extraction",
    "page_reread": "metadata extraction",
    "filed": "metadata modification",
    "checked": "metadata modification",
    "fixity_failed": "fixity check",
    "fixity_repaired": "replication",
    "original_downloaded": "dissemination",
    "pdf_downloaded": "dissemination",
    "berkas_exported": "dissemination",
    "letter_exported": "dissemination",
}
_OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class File:
    """One file of the bag; `made_of`: the file it is a copy of."""

    name: str
    sha256: str
    size: int | None
    media_type: str
    original_name: str | None = None
    made_of: str | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the ledger. `about` are files of the bag, `hash` its link in the ledger's chain."""

    seq: int
    at: datetime
    action: str
    said: str
    actor: str
    hash: str
    about: tuple[str, ...]


def document(files: Sequence[File], events: Sequence[Happened], software: str) -> bytes:
    """The whole document."""
    ET.register_namespace("", _SPACE)
    ET.register_namespace("xsi", _XSI)
    root = ET.Element(_name("premis"), {"version": "3.0"})
    for file in files:
        _object(root, file)
    for event in events:
        _event(root, event)
    for actor in sorted({event.actor for event in events}):
        program = actor == "worker"
        _agent(root, actor, software if program else f"Akun {actor}", "software" if program else "person")
    ET.indent(root, " ")
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _name(tag: str) -> str:
    return f"{{{_SPACE}}}{tag}"


def _add(parent: ET.Element, tag: str, text: str | None = None) -> ET.Element:
    child = ET.SubElement(parent, _name(tag))
    child.text = text
    return child


def _identified(parent: ET.Element, what: str, kind: str, value: str) -> None:
    found = _add(parent, what)
    _add(found, f"{what}Type", kind)
    _add(found, f"{what}Value", value)


def _object(root: ET.Element, file: File) -> None:
    found = _add(root, "object")
    found.set(f"{{{_XSI}}}type", "file")
    _identified(found, "objectIdentifier", "jalur di kantong", file.name)
    told = _add(found, "objectCharacteristics")
    fixity = _add(told, "fixity")
    _add(fixity, "messageDigestAlgorithm", "SHA-256")
    _add(fixity, "messageDigest", file.sha256)
    if file.size is not None:
        _add(told, "size", str(file.size))
    _add(_add(_add(told, "format"), "formatDesignation"), "formatName", file.media_type)
    if file.original_name is not None:
        _add(found, "originalName", _plain(file.original_name))
    if file.made_of is not None:
        related = _add(found, "relationship")
        _add(related, "relationshipType", "derivation")
        _add(related, "relationshipSubType", "has source")
        _identified(related, "relatedObjectIdentifier", "jalur di kantong", file.made_of)


def _event(root: ET.Element, event: Happened) -> None:
    found = _add(root, "event")
    _identified(found, "eventIdentifier", "nomor di buku besar", str(event.seq))
    _add(found, "eventType", _TYPES.get(event.action, _OTHER))
    _add(found, "eventDateTime", event.at.isoformat())
    _add(_add(found, "eventDetailInformation"), "eventDetail", f"{event.said} ({event.action})")
    _add(_add(found, "eventOutcomeInformation"), "eventOutcome", f"rantai buku besar {event.hash}")
    _identified(found, "linkingAgentIdentifier", "akun", event.actor)
    for name in event.about:
        _identified(found, "linkingObjectIdentifier", "jalur di kantong", name)


def _agent(root: ET.Element, actor: str, name: str, kind: str) -> None:
    found = _add(root, "agent")
    _identified(found, "agentIdentifier", "akun", actor)
    _add(found, "agentName", name)
    _add(found, "agentType", kind)


def _plain(text: str) -> str:
    """Text that XML can hold."""
    return "".join(c for c in text if c.isprintable())
