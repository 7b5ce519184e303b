"""What the page Cari tells of the query language, by examples that the tests ask the parser (search/parsing.py)."""

from typing import Final

EXAMPLES: Final = (
    ("surat keterangan", "memuat kedua kata, juga bentuk lainnya (pemulangan, dipulangkan) dan ejaan lamanya"),
    ('"orang terlantar"', "memuat kata-kata itu berurutan"),
    ("rujukan -puskesmas", "memuat rujukan, tanpa puskesmas; boleh juga BUKAN, dan di depan isian: -kasus:12/2025"),
    ("samarinda ATAU tarakan", "memuat salah satunya"),
    ("tarak*", "memuat kata yang awalnya begitu"),
    ("444/PKM-KR/XII/2025", "memuat nomor itu, apa pun tanda di antaranya"),
    ("15-02-2024", "memuat tanggal itu, bagaimanapun ditulisnya"),
    ("6571 0142 0390 0001", "memuat NIK atau nomor KK itu"),
    ("nama:wulandari", "surat yang namanya begitu; sama halnya nomor: dan hal:"),
    ("nik:6571014203900001", "memuat NIK itu"),
    ("jenis:surat_pemulangan", "surat dari jenis itu"),
    ("dari:2025-01 sampai:2025-06", "surat bertanggal di antara keduanya"),
    ("kasus:12/2025", "surat di kasus itu; sama halnya agenda: dengan nomor agenda"),
    ("kode:460", "surat dengan kode klasifikasi itu"),
    ("disposisi:segera", "surat yang disposisinya menyebut kata itu"),
)
"""What is typed, and what the pages found so are like."""
