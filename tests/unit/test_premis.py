"""PREMIS of a bag: every file with its digest, every event with who and what, in the vocabulary's words."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from records.export import premis
from records.export.premis import File, Happened

SPACE = {"p": "http://www.loc.gov/premis/v3"}
AT = datetime(2026, 11, 26, 8, 9, 10, tzinfo=UTC)


def test_files_events_and_agents() -> None:
    files = [
        File("data/surat/001/asli.jpg", "a" * 64, 12, "image/jpeg", original_name="ktp \x00<siti>.jpg"),
        File("data/surat/001/salinan.pdf", "b" * 64, 34, "application/pdf", made_of="data/surat/001/asli.jpg"),
    ]
    events = [
        Happened(7, AT, "received", "Surat diterima", "0192", "c" * 64, ("data/surat/001/asli.jpg",)),
        Happened(9, AT, "twin_proposed", "Mungkin surat yang sama", "worker", "d" * 64, ()),
    ]
    root = ET.fromstring(premis.document(files, events, "Arsiparis 0.1.0"))
    assert root.tag == "{http://www.loc.gov/premis/v3}premis"
    assert root.get("version") == "3.0"
    assert [child.tag.rpartition("}")[2] for child in root] == ["object"] * 2 + ["event"] * 2 + ["agent"] * 2
    digests = [found.text for found in root.findall(".//p:messageDigest", SPACE)]
    assert digests == ["a" * 64, "b" * 64]
    assert root.find(".//p:originalName", SPACE).text == "ktp <siti>.jpg"  # type: ignore[union-attr]
    assert root.find(".//p:relatedObjectIdentifierValue", SPACE).text == files[0].name  # type: ignore[union-attr]
    assert [found.text for found in root.findall(".//p:eventType", SPACE)] == ["ingestion start", "other"]
    assert [found.text for found in root.findall(".//p:agentName", SPACE)] == ["Akun 0192", "Arsiparis 0.1.0"]


# The order that PREMIS 3.0's schema asks for (premis-v3-0.xsd, Library of Congress), and what must be there: the schema
# itself is in no package registry that we install from
ORDER = {
    "object": ("objectIdentifier!", "objectCharacteristics!", "originalName", "relationship"),
    "objectIdentifier": ("objectIdentifierType!", "objectIdentifierValue!"),
    "objectCharacteristics": ("compositionLevel", "fixity", "size", "format!"),
    "fixity": ("messageDigestAlgorithm!", "messageDigest!", "messageDigestOriginator"),
    "format": ("formatDesignation!",),
    "formatDesignation": ("formatName!", "formatVersion"),
    "relationship": ("relationshipType!", "relationshipSubType!", "relatedObjectIdentifier!"),
    "relatedObjectIdentifier": ("relatedObjectIdentifierType!", "relatedObjectIdentifierValue!"),
    "event": (
        *("eventIdentifier!", "eventType!", "eventDateTime!", "eventDetailInformation", "eventOutcomeInformation"),
        *("linkingAgentIdentifier", "linkingObjectIdentifier"),
    ),
    "eventIdentifier": ("eventIdentifierType!", "eventIdentifierValue!"),
    "eventDetailInformation": ("eventDetail",),
    "eventOutcomeInformation": ("eventOutcome",),
    "linkingAgentIdentifier": ("linkingAgentIdentifierType!", "linkingAgentIdentifierValue!"),
    "linkingObjectIdentifier": ("linkingObjectIdentifierType!", "linkingObjectIdentifierValue!"),
    "agent": ("agentIdentifier!", "agentName", "agentType", "agentVersion"),
    "agentIdentifier": ("agentIdentifierType!", "agentIdentifierValue!"),
}


def test_elements_stand_in_the_schemas_order_and_none_is_missing() -> None:
    files = [
        File("data/a.jpg", "a" * 64, 12, "image/jpeg", original_name="ktp.jpg"),
        File("data/b.pdf", "b" * 64, 34, "application/pdf", made_of="data/a.jpg"),
    ]
    events = [
        Happened(7, AT, "received", "Surat diterima", "0192", "c" * 64, ("data/a.jpg", "data/b.pdf")),
        Happened(8, AT, "sealed", "Surat dikunci", "worker", "d" * 64, ()),
    ]
    root = ET.fromstring(premis.document(files, events, "Arsiparis 0.1.0"))
    kind = "{http://www.w3.org/2001/XMLSchema-instance}type"
    assert {one.get(kind) for one in root.findall("p:object", SPACE)} == {"file"}
    for element in root.iter():
        name, _, local = element.tag.rpartition("}")
        assert name == "{http://www.loc.gov/premis/v3"
        if local == "premis" or not len(element):
            continue
        wanted = [one.rstrip("!") for one in ORDER[local]]
        places = [wanted.index(child.tag.rpartition("}")[2]) for child in element]
        assert places == sorted(places), local
        assert {wanted.index(one[:-1]) for one in ORDER[local] if one.endswith("!")} <= set(places), local
