"""What the API says of SOPs: their own data, and what is computed from it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cases.sop import Sop


def _reading(text: str, printed: str | None = None) -> dict[str, Any]:
    return {"text": text, "printed": text if printed is None else printed, "confidence": "high", "remark": ""}


_PAPER: dict[str, Any] = {
    "text": "Formulir Layanan Sosial",
    "kinds": ["formulir_layanan_sosial"],
    "state": None,
    "optional": False,
    "inferred": True,
    "numbered": False,
    "confidence": "high",
    "remark": "",
}
_STEP: dict[str, Any] = {
    "number": 1,
    "short": "Isi formulir layanan sosial",
    "activity": _reading("Mengisi formulir layanan sosial"),
    "actors": ["staf"],
    "after": [],
    "order_remark": "",
    "needs": [],
    "time": None,
    "outputs": [_PAPER],
    "remarks": [],
    "branches": [],
    "cells": {"needs": "", "time": "", "output": "", "remark": ""},
}
_VERSION = "0aa0d57518fae0a9d6e3c0f9d2f4c8a5b1e7d6c3f2a190b8c7d6e5f4a3b2c1d0"
_SUMMARY: dict[str, Any] = {
    "id": "rujukan-lk3-tarakan",
    "name": "Rujukan Klien Stres ke Lembaga Konsultasi Kesejahteraan Keluarga (LK3)",
    "number": "000.8.3.3/261/DINSOSPM",
    "agency": "Dinas Sosial dan Pemberdayaan Masyarakat Kota Tarakan",
    "version": _VERSION,
    "steps": 7,
    "contradictions": 6,
}
_DETAIL: dict[str, Any] = {
    "id": "rujukan-lk3-tarakan",
    "agency": _reading("Dinas Sosial dan Pemberdayaan Masyarakat Kota Tarakan"),
    "division": _reading("Bidang Sosial", "BIDANG SOSIAL"),
    "section": None,
    "name": _reading("Rujukan Klien Stres ke LK3", "Rujukan Klien Sires ke LK3"),
    "number": _reading("000.8.3.3/261/DINSOSPM", "000.8.3.3/261.DINSOSPM"),
    "dates": [{"what": "revisi", "date": "2025-10-22", "printed": "22 Oktober 2025"}],
    "approved_by": {
        "office": _reading("Kepala Dinas Sosial"),
        "name": _reading("Budi Contoh, SE."),
        "rank": None,
        "nip": _reading("197001011995031001"),
    },
    "legal_bases": [_reading("Undang-Undang Nomor 14 Tahun 2019 tentang Pekerja Sosial")],
    "qualifications": [_reading("Mampu mengoperasikan komputer")],
    "related": [{**_reading("SOP Pelaksanaan Masuk dan Keluar Shelter/Rumah Singgah"), "sop": None}],
    "equipment": [_reading("ATK")],
    "warnings": [_reading("Klien tidak mau jujur dengan konselor atau pekerja sosial")],
    "remedies": [],
    "records": [_reading("Disimpan sebagai data arsiparis dan diagendakan dengan baik")],
    "on_paper": False,
    "classification": {"text": "400.9.12.1", "printed": "", "confidence": "medium", "remark": ""},
    "total": None,
    "actors": [{"id": "staf", "short": "Staf Rehsos", "name": _reading("Staf Seksi Rehsos"), "role": "petugas"}],
    "steps": [_STEP],
    "shared_times": [],
    "limits": [],
    "contradictions": [
        {"id": "tabel-kosong", "text": "Kolom Waktu tercetak kosong.", "decide": "Tidak ada tenggat.", "steps": [1]}
    ],
    "version": _VERSION,
    "rows_total": None,
}


class SopSummary(BaseModel):
    """One SOP in a list; `steps` and `contradictions` are how many it has."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SUMMARY]})

    id: str
    name: str
    number: str
    agency: str
    version: str = Field(description="SHA-256 of its data")
    steps: int
    contradictions: int


class SopList(BaseModel):
    """All SOPs that the office works by."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sops": [_SUMMARY]}]})

    sops: list[SopSummary]


class SopDetail(Sop):
    """One SOP: what its paper prints beside what it means, its steps, and where it contradicts itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DETAIL]})

    version: str = Field(description="SHA-256 of its data")
    rows_total: str | None = Field(description="What the times of its rows add up to; null when no row has one")


def summary(sop: Sop) -> SopSummary:
    """An SOP as lists show it."""
    return SopSummary(
        id=sop.id,
        name=sop.name.text,
        number=sop.number.text,
        agency=sop.agency.text,
        version=sop.digest,
        steps=len(sop.steps),
        contradictions=len(sop.contradictions),
    )


def detail(sop: Sop) -> SopDetail:
    """An SOP in full."""
    return SopDetail(**sop.model_dump(), version=sop.digest, rows_total=sop.computed_total)
