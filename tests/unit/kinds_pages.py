"""Pages as a reader would give them, made without one: letters of tests/assets, other offices' wordings, noise."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from archive.reading import PageReading, Word, word_at
from tests.assets.case import invent
from tests.assets.letter import FOOTER, book
from tests.assets.markup import Compositor
from tests.assets.typeset import Page, Setter, Style

# what readers mistake for each other
ALIKE = {
    "a": "oe", "e": "ec", "i": "l1", "l": "1i", "o": "0a", "s": "5", "n": "ri", "m": "rn", "t": "f", "u": "v", "g": "q",
    "A": "4R", "B": "8R", "E": "FB", "I": "l1", "O": "0Q", "S": "5", "R": "K", "T": "I7", "N": "M", "K": "X", "U": "V",
}  # fmt: skip

# Titles and subjects that other offices give the same letters. None of them is the generator's own.
TITLES = {
    "lembar_disposisi": ["LEMBARAN DISPOSISI", "DISPOSISI", "KARTU DISPOSISI"],
    "skt_polisi": ["SURAT KETERANGAN ORANG TERLANTAR", "SURAT KETERANGAN TELANTAR", "SURAT KETERANGAN KEHABISAN BEKAL"],
    "skt_kelurahan": ["SURAT KETERANGAN ORANG TELANTAR", "SURAT KETERANGAN WARGA TERLANTAR"],
    "info_keluarga": ["DATA KELUARGA KLIEN", "CATATAN PENELUSURAN KELUARGA", "Hasil Penelusuran Keluarga Klien"],
    "kk": ["SALINAN KARTU KELUARGA", "KARTU KELUARGA (KK)"],
    "formulir_layanan_sosial": ["FORMULIR PELAYANAN SOSIAL", "FORMULIR PERMOHONAN LAYANAN", "Form Layanan Sosial PPKS"],
    "formulir_masuk_shelter": ["FORMULIR MASUK SHELTER / RUMAH SINGGAH", "FORMULIR PENERIMAAN KLIEN RUMAH SINGGAH"],
    "formulir_keluar_shelter": ["FORMULIR KELUAR RUMAH SINGGAH", "FORMULIR LAYANAN SOSIAL KELUAR"],
    "instrumen_asesmen": [
        "INSTRUMEN ASSESSMENT PEKSOS",
        "FORMULIR ASESMEN",
        "Lembar Assesmen Sosial",
        "PEDOMAN WAWANCARA",
    ],
    "hasil_asesmen": [
        "LAPORAN ASSESSMENT",
        "HASIL ASSESMEN",
        "LAPORAN SOSIAL",
        "Laporan Hasil Assesment Klien Telantar",
    ],
    "surat_rekomendasi_pemulangan": ["REKOMENDASI PEMULANGAN", "SURAT REKOMENDASI PEMULANGAN ORANG TELANTAR"],
    "surat_keterangan_dinsos_kabkota": ["SURAT KETERANGAN ASAL DAERAH", "SURAT KETERANGAN ORANG TERLANTAR"],
    "draf_hasil_pemeriksaan": ["DRAFT HASIL PEMERIKSAAN", "HASIL PENINJAUAN ULANG", "LEMBAR VERIFIKASI BERKAS"],
    "penetapan_pemulangan": ["PENETAPAN PEMULANGAN KLIEN", "SURAT PENETAPAN", "LEMBAR PENETAPAN LAYAK DIPULANGKAN"],
    "data_informasi_ot": ["DATA ORANG TELANTAR", "LEMBAR INFORMASI ORANG TERLANTAR", "BIODATA KLIEN"],
    "daftar_tanda_terima": ["DAFTAR TANDA TERIMA UANG", "DAFTAR PENERIMA BANTUAN PEMULANGAN"],
    "tanda_terima_biaya_transportasi": ["KWITANSI", "TANDA TERIMA BIAYA PERJALANAN", "TANDA TERIMA TRANSPORT"],
    "bukti_uang_tiket_saku": ["TANDA TERIMA UANG SAKU", "BUKTI PENERIMAAN UANG", "KUITANSI UANG TIKET"],
    "tiket": ["E-TICKET", "BOARDING PASS", "TIKET SPEEDBOAT REGULER"],
    "syarat_keberangkatan": [
        "SURAT KETERANGAN SEHAT",
        "SERTIFIKAT VAKSINASI COVID-19",
        "SURAT KETERANGAN LAYAK TERBANG",
    ],
    "kontrak_konseling": ["INFORMED CONSENT", "SURAT PERSETUJUAN KONSELING", "KESEPAKATAN KONSELING"],
    "catatan_identifikasi_masalah": ["IDENTIFIKASI MASALAH KLIEN", "LEMBAR IDENTIFIKASI MASALAH", "CATATAN KONSELING"],
    "hasil_reasesmen": [
        "LAPORAN RE-ASESMEN",
        "HASIL ASESMEN ULANG",
        "HASIL PENILAIAN KEMBALI KLIEN",
        "REASSESSMENT KLIEN",
    ],
    "rencana_intervensi": ["RENCANA TINDAKAN", "RENCANA PELAYANAN KLIEN", "RENCANA INTERVENSI PEKERJAAN SOSIAL"],
    "lembar_evaluasi_konseling": ["EVALUASI PROSES DAN HASIL KONSELING", "PENILAIAN SEGERA (LAISEG)"],
    "berita_acara_serah_terima": [
        "BERITA ACARA PENYERAHAN",
        "BERITA ACARA SERAH TERIMA KLIEN",
        "BERITA ACARA PEMULANGAN",
    ],
}
SUBJECTS = {
    "surat_permohonan_pemulangan": [
        "Permohonan Fasilitasi Pemulangan Klien Telantar",
        "Mohon Bantuan Biaya Pemulangan a.n. Sdr. Rahmat",
        "Usulan Pemulangan Orang Terlantar",
        "Permintaan Bantuan Ongkos Pulang Orang Telantar",
    ],
    "surat_pemulangan": [
        "Pemulangan Orang Telantar",
        "Pengantar Pemulangan Klien ke Daerah Asal",
        "Penyerahan Orang Terlantar",
        "Pemulangan an. Yohanes Bala",
    ],
    "surat_rujukan_puskesmas": ["Rujukan Klien Terlantar Sakit", "Permohonan Pemeriksaan Kesehatan", "Surat Rujukan"],
    "surat_rujukan_rsud": ["Rujukan ODGJ Telantar", "Permohonan Perawatan Klien", "Rujukan Klien Stres ke LK3"],
    "surat_rujukan_lk3": ["Rujukan Klien", "Permohonan Layanan Konseling", "Rujukan Klien Orang Terlantar Sakit"],
}


def offices(name: str = "kinds_other_offices.txt") -> list[tuple[str, str]]:
    """Kind and text of the letters written down in `name`, beside this file."""
    blocks = (Path(__file__).parent / name).read_text("utf-8").split("=== ")[1:]
    return [(kind.strip(), text.strip()) for kind, _, text in (block.partition("\n") for block in blocks)]


def _rows(page: Page) -> list[list[tuple[str, tuple[float, float, float, float]]]]:
    """Words of one height as one line, left to right, as readers see them, no handwriting, no sample foot."""
    words = sorted((w for w in page.words if w.style.family != "hand"), key=lambda w: w.origin[1])
    rows: list[list[tuple[str, tuple[float, float, float, float]]]] = []
    base = -9.0
    for word in words:
        if word.origin[1] - base > 3:
            rows.append([])
            base = word.origin[1]
        x0, y0, x1, y1 = word.box
        rows[-1].append((word.text, (x0 / page.width, y0 / page.height, x1 / page.width, y1 / page.height)))
    sorted_rows = [sorted(row, key=lambda w: w[1][0]) for row in rows]
    return [row for row in sorted_rows if " ".join(t for t, _ in row) != FOOTER]


def reading(words: Iterable[Word], size: tuple[float, float] = (595.0, 842.0), number: int = 1) -> PageReading:
    """A page of `words` as read by OCR."""
    return PageReading(number, *size, 1000, 1400, 0, 0.0, "ocr", tuple(words), 0.1)


def blank(number: int = 1) -> PageReading:
    """A page with nothing on it."""
    return PageReading(number, 595.0, 842.0, 1000, 1400, 0, 0.0, "blank", (), 0.1)


def typed(text: str, number: int = 1) -> PageReading:
    """A page of lines of type, 16 points apart; "^" centres a line."""
    words: list[Word] = []
    for line, row in enumerate(text.split("\n")):
        parts = row.removeprefix("^").split()
        width = sum(len(p) + 1 for p in parts) * 0.0092
        x = max(0.02, 0.5 - width / 2) if row.startswith("^") else 0.1
        for part in parts:
            y = min(0.97, 0.05 + line * 0.019)
            words += word_at(part, (x, y, x + len(part) * 0.009, y + 0.012), 0.95, line)
            x += (len(part) + 1) * 0.0092
    return reading(words, number=number)


def letter(kind: str, seed: int, title: str | None = None, subject: str | None = None) -> list[PageReading]:
    """The pages of a letter of `kind` in the invented case `seed`, with another office's title or subject if given."""
    entry = book()["kinds"][kind]
    facts = invent(seed)
    facts["nomor"] = entry.get("nomor", "").format_map(facts)
    facts["perihal"] = subject or entry.get("perihal", entry["title"]).format_map(facts)
    facts["tanggal"] = facts[entry.get("tanggal", "d0")]
    body = entry["body"] if title is None else re.sub(r"(?m)^judul .*$", f"judul {title}", entry["body"], count=1)
    heads = {name: [line.format_map(facts) for line in lines] for name, lines in book()["heads"].items()}
    family, size = entry.get("font", "serif 11").split()
    setter = Setter(entry.get("paper", "a4"), Style(family, float(size)), FOOTER)
    made = []
    for number, page in enumerate(Compositor(setter, heads).compose(body.format_map(facts)), 1):
        words = [w for n, row in enumerate(_rows(page)) for text, box in row for w in word_at(text, box, 0.95, n)]
        made.append(reading(words, (page.width, page.height), number))
    return made


def counted(pages: list[PageReading]) -> list[PageReading]:
    """The pages with "Halaman n dari m" at their foot."""
    feet = [typed("\n" * 45 + f"Halaman {n} dari {len(pages)}") for n in range(1, len(pages) + 1)]
    return [
        replace(page, words=(*page.words, *(replace(w, line=page.words[-1].line + 1) for w in foot.words)))
        for page, foot in zip(pages, feet, strict=True)
    ]


def variants(kind: str) -> list[tuple[str | None, str | None]]:
    """Title and subject of every wording of `kind`; the first is the generator's own."""
    own: list[tuple[str | None, str | None]] = [(None, None)]
    return own + [(t, None) for t in TITLES.get(kind, [])] + [(None, s) for s in SUBJECTS.get(kind, [])]


def _misread(text: str, rate: float, rng: random.Random) -> str:
    out = []
    for char in text:
        chance = rng.random()
        if chance >= rate:
            out.append(char)
        elif chance < 0.6 * rate:
            out.append(rng.choice(ALIKE.get(char, string.ascii_letters)))
        elif chance < 0.8 * rate:
            out.append(char + rng.choice("il.,'"))
    return "".join(out)


def noisy(page: PageReading, rate: float, seed: int) -> PageReading:
    """`page` with the share `rate` of its letters misread, lost or added, and some spaces between words lost."""
    rng = random.Random(seed)
    words: list[Word] = []
    pending = ""
    for word in page.words:
        text = pending + _misread(word.text, rate, rng)
        pending = ""
        if rng.random() < rate and word is not page.words[-1]:
            pending = text
            continue
        words += word_at(text, word.box, max(0.0, 0.97 - 2 * rate), word.line)
    return reading(words, (page.width_pt, page.height_pt), page.number)


def noisy_all(pages: Sequence[PageReading], rate: float, seed: int) -> list[PageReading]:
    """Every page of a letter, worn."""
    return [noisy(page, rate, seed * 31 + page.number) for page in pages]
