"""Cases as the API's documentation shows them."""

from typing import Any

from api.schemas.clients import CLIENT_EXAMPLE
from api.schemas.shared import ID

_CASE_ID = "7d3c1f9e-52a4-4b8e-9f43-1d0c2b7a6e55"
_LINK_ID = "2c9d8e7f-6a5b-4c3d-8e1f-0a9b8c7d6e5f"
_AT = "2026-11-26T01:02:03Z"
_TIMER: dict[str, Any] = {
    "name": "",
    "steps": [2],
    "started_at": _AT,
    "due_at": "2026-11-26T01:32:03Z",
    "ended_at": None,
    "standing": "on_time",
    "allowed": "30 menit",
    "spent": "12 menit",
}
_LACK: dict[str, Any] = {
    "step": 2,
    "place": "2/needs/0",
    "text": "Surat Keterangan Terlantar dari Kepolisian",
    "kinds": ["skt_polisi", "skt_kelurahan"],
    "why": "absent",
}
SUMMARY: dict[str, Any] = {
    "id": _CASE_ID,
    "number": "001/2026",
    "sop": "pemulangan-tarakan",
    "client": CLIENT_EXAMPLE,
    "unit": "umum",
    "clearance": "terbatas",
    "opened_at": _AT,
    "closed_at": None,
    "ended_by": None,
    "settled": 1,
    "steps": 8,
    "waits_for": [2],
    "lacks": 1,
    "gaps": 1,
    "standing": "on_time",
}
_STEP: dict[str, Any] = {
    "number": 2,
    "short": "Isi Formulir Layanan Sosial",
    "state": "running",
    "ready": True,
    "taken": [],
    "started_at": _AT,
    "ended_at": None,
}
LINKED: dict[str, Any] = {
    "id": _LINK_ID,
    "step": 1,
    "document": ID,
    "kind": "skt_polisi",
    "linked_at": _AT,
    "why": "NIK sama; ditunggu langkah 1",
    "certain": True,
    "lies": None,
}
DETAIL: dict[str, Any] = {
    **{name: value for name, value in SUMMARY.items() if name not in ("steps", "lacks", "gaps", "waits_for")},
    "sop_version": "0aa0d57518fae0a9d6e3c0f9d2f4c8a5b1e7d6c3f2a190b8c7d6e5f4a3b2c1d0",
    "from_case": None,
    "led_to": [],
    "waits_for": [2],
    "steps": [_STEP],
    "letters": [LINKED],
    "lacks": [_LACK],
    "gaps": [
        {
            "why": "unbooked",
            "place": f"surat/{ID}/agenda",
            "document": ID,
            "rows": [{"step": 1, "place": "1/needs/0", "text": "Surat Keterangan Terlantar"}],
        }
    ],
    "classification": None,
    "proposed_classification": "400.9.4.1",
    "waived": [],
    "timers": [_TIMER],
    "history": [
        {
            "at": _AT,
            "account": "5c0e7b0a-6a53-4f6e-8f2b-2f1f1d3b7a10",
            "what": "link",
            "step": 1,
            "reason": "",
            "branch": None,
            "place": None,
            "document": ID,
            "by": "",
        }
    ],
}
