"""A berkas as a bag: its letters' originals, copies and manifests, the list of them, and what happened to them."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from access.roles import CLEARANCES
from archive import blobs
from archive.actions import ACTIONS
from core import csvlines
from core.csvlines import Cell
from records.export import premis
from records.export.bag import Bag, Payload
from records.export.gather import MANIFEST, Item, Parcel, Source
from records.office import office
from records.spreadsheet import Sheet, xlsx

_LIST: Final = "daftar-isi-berkas"
HEADS: Final = (
    "Nomor berkas",
    "Nomor item arsip",
    "Kode klasifikasi",
    "Uraian informasi arsip",
    "Tanggal",
    "Jumlah",
    "Keterangan",
    "Folder di kantong",
    "SHA-256 berkas asli",
)
_WIDTHS: Final = (0.9, 0.7, 1.2, 3.0, 1.0, 0.9, 1.6, 1.0, 2.6)


def stream(parcel: Parcel, kinds: dict[str, str], made_at: datetime) -> Iterator[bytes]:
    """The bag as a ZIP, while it is read from the store. `kinds`: what each kind of letter is called.

    Raises BytesDiffer, NotFound or StoreUnavailable where a file can't be given whole; the ZIP then has no end.
    """
    return Bag(parcel.folder, made_at).written(_payload(parcel, kinds, made_at), _info(parcel, made_at))


def _payload(parcel: Parcel, kinds: dict[str, str], made_at: datetime) -> Iterator[Payload]:
    files: list[premis.File] = []
    for source in parcel.sources:
        seen = _Seen(source)
        yield Payload(source.name, seen, source.sha256)
        files.append(seen.told())
    rows = [_row(parcel, number, item, kinds) for number, item in enumerate(parcel.items, 1)]
    yield Payload("berkas.json", [_json(parcel, made_at)])
    yield Payload(f"{_LIST}.csv", [csvlines.BEGINS, csvlines.lines([HEADS, *rows])])
    yield Payload(f"{_LIST}.xlsx", [_sheet(parcel, rows, made_at)])
    yield Payload("premis.xml", [premis.document(files, _events(parcel), f"Arsiparis {version('arsiparis')}")])


class _Seen:
    """An object's pieces, hashed and counted as they go by: a manifest's digest stands in no row."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in blobs.chunks(self._source.place, self._source.version):
            self._digest.update(piece)
            self._size += len(piece)
            yield piece

    def told(self) -> premis.File:
        """What went by."""
        source = self._source
        return premis.File(
            f"data/{source.name}",
            self._digest.hexdigest(),
            self._size,
            source.media_type,
            source.original_name,
            f"data/{source.made_of}" if source.made_of else None,
        )


def _events(parcel: Parcel) -> list[premis.Happened]:
    return [
        premis.Happened(
            event.seq,
            event.at,
            event.action,
            ACTIONS.get(event.action, event.action),
            event.actor,
            event.hash,
            tuple(f"data/{source.name}" for source in item.sources if not source.name.endswith(MANIFEST)),
        )
        for item in parcel.items
        for event in item.events
    ]


def _row(parcel: Parcel, number: int, item: Item, kinds: dict[str, str]) -> list[Cell]:
    fields, row = item.row.fields, item.row
    said = [kinds.get(row.kind or "", "Surat"), _value(fields, "nomor_surat"), _value(fields, "perihal")]
    level = CLEARANCES[row.clearance].replace("_", " ").capitalize()
    return [
        parcel.number,
        number,
        parcel.berkas.code or "",
        " ".join(part for part in said if part),
        item.day.isoformat(),
        f"{row.pages or 0} lembar",
        level if item.sources else f"{level}; sudah dimusnahkan",
        item.folder if item.sources else "",
        row.sha256,
    ]


def _value(fields: dict[str, Any], name: str) -> str:
    return str(fields.get(name, {}).get("value") or "")


def _json(parcel: Parcel, made_at: datetime) -> bytes:
    berkas = parcel.berkas
    days = [item.day for item in parcel.items]
    told = {
        "berkas": str(berkas.id),
        "unit": berkas.unit,
        "nomor": parcel.number,
        "kode_klasifikasi": berkas.code,
        "uraian": berkas.title,
        "tingkat_akses": CLEARANCES[berkas.clearance],
        "tingkat_perkembangan": berkas.development,
        "kurun_waktu": [min(days).isoformat(), max(days).isoformat()] if days else None,
        "dibuka": berkas.opened_on.isoformat(),
        "ditutup": berkas.closed_on.isoformat() if berkas.closed_on else None,
        "nasib_akhir": berkas.appraised_fate or berkas.fate,
        "surat": [{"id": str(item.row.id), "folder": item.folder, "sha256": item.row.sha256} for item in parcel.items],
        "surat_tertutup": parcel.hidden,
        "dibuat": made_at.isoformat(timespec="seconds"),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode()


def _sheet(parcel: Parcel, rows: list[list[Cell]], made_at: datetime) -> bytes:
    here = office()
    above = ("Daftar Isi Berkas", *here.letterhead, f"{here.unit(parcel.berkas.unit).name}, berkas {parcel.number}")
    return xlsx(
        [Sheet("Isi berkas", above, HEADS, _WIDTHS, rows, [False] * len(rows), f"Jumlah: {len(rows)} surat.")],
        made_at=made_at,
    )


def _info(parcel: Parcel, made_at: datetime) -> dict[str, str]:
    told = {
        "Source-Organization": office().name,
        "External-Description": parcel.berkas.title,
        "External-Identifier": f"{parcel.berkas.unit} {parcel.number}",
        "Internal-Sender-Identifier": f"urn:uuid:{parcel.berkas.id}",
        "Bagging-Date": made_at.date().isoformat(),
        "Bag-Software-Agent": f"Arsiparis {version('arsiparis')}",
    }
    if parcel.hidden:
        told["Internal-Sender-Description"] = f"{parcel.hidden} surat di atas tingkat akses pengekspor tidak disertakan"
    return told
