"""The berita acara of a list (domain.md §1.6): what was done, on which ground, how, by whom and before whom. That of
alih media is signed before its scans are marked, so it is set with gaps to write in while that was not done."""

from typing import Final

from core.months import MONTHS
from records.dates import written
from records.disposal.deed import Deed, Person
from records.disposal.papers import qr_of
from records.disposal.printed import GAP, Part, Printed, at, paired, place, said, signers
from records.disposal.workflow import Kind, workflows
from records.office import Signatory, office
from records.qrcode import modules
from records.typeset import pdf

COPIES: Final = ("Rangkap 1: unit kearsipan", "Rangkap 2: unit pengolah")
_TITLES: Final[dict[Kind, str]] = {
    "pemusnahan": "Berita Acara Pemusnahan Arsip",
    "penyerahan": "Berita Acara Serah Terima Arsip Statis",
    "pemindahan": "Berita Acara Pemindahan Arsip Inaktif",
    "alih_media": "Berita Acara Alih Media",
}
_DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_ERASED: Final = (
    "Arsip elektroniknya dihapus bersamaan: tiap versi berkas, gambar halaman, teks, dan kata yang dicari dihapus, dan "
    "kunci sandi tiap surat dimusnahkan sehingga salinan dan cadangannya tidak terbaca lagi. Yang tersisa nomor, kode, "
    "tanggal, dan sidik jarinya."
)
_SAME: Final = "Hasilnya sama isi, konteks, dan susunannya dengan aslinya; kertas aslinya tetap disimpan."
_CLOSING: Final = "Demikian berita acara ini dibuat dalam rangkap 2 (dua) untuk dipergunakan sebagaimana mestinya."
_MEDIA: Final = "dari kertas ke berkas elektronik (pindaian yang tersimpan utuh, salinan baca PDF/A)"


def is_ready(printed: Printed) -> bool:
    """Whether there is one: what was done was told; of alih media also once its list is closed."""
    return bool(printed.row.deed) or (printed.kind == "alih_media" and printed.row.digest is not None)


def as_pdf(printed: Printed) -> bytes:
    """The berita acara, in two copies."""
    deed = Deed.from_json(printed.row.deed)
    data = {
        "letterhead": office().letterhead,
        "title": _TITLES[printed.kind],
        "code": printed.row.code,
        "number": deed.number or GAP,
        "qr": modules(qr_of(printed.row.id)),
        "parts": [*_done(printed, deed), paired(_told(printed, deed)), said(_CLOSING)],
        "place": place(printed) if printed.row.deed else ", ".join((office().place or GAP, GAP)),
        "signers": signers(printed, "akhir"),
        "copies": COPIES,
        "below": ["Tembusan: Kepala ANRI"] if printed.kind == "pemusnahan" else [],
    }
    return pdf("berita", data, made_at=at(printed.day))


def day_in_words(printed: Printed) -> str:
    """`Senin, tanggal tiga bulan Maret tahun dua ribu tiga puluh enam (3 Maret 2036)`."""
    from lokal import terbilang  # only who prints needs it

    day = printed.day
    said_of = f"tanggal {terbilang(day.day)} bulan {MONTHS[day.month - 1]} tahun {terbilang(day.year)}"
    return f"{_DAYS[day.weekday()]}, {said_of} ({written(day)})"


def _named(who: Signatory | Person | None) -> str:
    """Name, NIP and jabatan; what nobody told is written in by hand."""
    if who is None:
        return GAP * 2
    return ", ".join((who.name or GAP, f"NIP {who.nip or GAP}", who.title or GAP))


def _done(printed: Printed, deed: Deed) -> list[Part]:
    """What was done, in the sentences of such a berita acara."""
    kind, here = printed.kind, office()
    owner, keeper = here.unit(printed.row.unit), here.usual_unit
    when = day_in_words(printed) if printed.row.deed else f"{GAP}, tanggal {GAP}"
    begun = f"Pada hari ini, {when}, bertempat di {deed.place or GAP}, "
    enclosed = f"arsip{{}} sebanyak {printed.count} sebagaimana daftar terlampir nomor {printed.row.code}"
    taker = deed.witnesses[0].title if deed.witnesses else "lembaga kearsipan"
    told: dict[Kind, list[str]] = {
        "pemusnahan": [
            f"{begun}telah dimusnahkan secara total {enclosed.format('')}.",
            _ERASED,
            f"Sidik jari daftar: {printed.row.digest}.",
        ],
        "penyerahan": [f"{begun}{keeper.signatory.title} menyerahkan {enclosed.format(' statis')} kepada {taker}."],
        "pemindahan": [
            f"{begun}yang bertanda tangan di bawah ini: {_named(owner.signatory)} (pihak pertama, unit pengolah "
            f"{owner.name}) menyerahkan kepada {_named(keeper.signatory)} (pihak kedua, unit kearsipan) "
            f"{enclosed.format(' inaktif')}."
        ],
        "alih_media": [f"{begun}telah dialihmediakan {enclosed.format('')}.", _SAME],
    }
    return [said(one) for one in told[kind]]


def _told(printed: Printed, deed: Deed) -> list[tuple[str, str]]:
    """On which ground, how, by whom, before whom."""
    flow = workflows()[printed.kind]
    deciding = [name for name in ("surat_persetujuan", "sk_penetapan") if name in printed.papers]
    ground = [f"{flow.papers[name]} {printed.papers[name]}" for name in deciding]
    rows: list[tuple[str, str]] = [("Dasar", "; ".join((*ground, flow.law)))]
    if printed.kind == "pemusnahan":
        rows.append(("Cara pemusnahan", deed.method))
    elif printed.kind == "alih_media":
        rows += [("Jenis media", _MEDIA), ("Keterangan proses", deed.method or GAP * 2)]
    if printed.kind in ("pemusnahan", "alih_media"):
        rows.append(("Pelaksana", _named(deed.executor)))
    if printed.kind == "pemusnahan":
        rows += [(f"Saksi {number}", _named(one)) for number, one in enumerate(deed.witnesses, 1)]
    return rows
