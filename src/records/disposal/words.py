"""Transfer and destruction in words for people. Pure."""

from typing import Final

STATUSES: Final = {
    "usul": "Usul",
    "dinilai": "Dinilai",
    "pertimbangan": "Pertimbangan",
    "menunggu_persetujuan": "Menunggu persetujuan",
    "disetujui": "Disetujui",
    "sebagian": "Disetujui sebagian",
    "ditolak": "Ditolak",
    "ditetapkan": "Ditetapkan",
    "dimusnahkan": "Dimusnahkan",
    "diserahkan": "Diserahkan",
    "dipindahkan": "Dipindahkan",
    "diautentikasi": "Salinan autentik",
    "dilaporkan": "Selesai",
    "batal": "Dibatalkan",
}
BLOCKERS: Final = {
    "sudah": "sudah disusutkan",
    "ditahan": "sedang ditahan (sengketa, audit, atau penyidikan)",
    "terbuka": "kasusnya atau berkasnya belum ditutup",
    "belum_dipicu": "pemicu retensinya belum dicatat",
    "tanpa_jadwal": "tidak ada di jadwal retensi (JRA) yang berlaku; jadwal contoh tidak dihitung",
    "belum_habis": "retensinya belum habis",
    "belum_inaktif": "masa aktifnya belum habis",
    "nasib": "nasib akhirnya bukan untuk daftar ini",
    "belum_dinilai": "dinilai kembali: panitia belum memutuskan",
    "belum_terkunci": "ada surat yang belum tersimpan dan terkunci",
    "tumpukan": "satu pindaian dipakai bersama surat lain yang tidak ada di daftar ini; masukkan berkasnya juga",
    "dipakai": "ada surat yang juga dipakai kasus lain",
    "lampiran": "ada surat yang menjadi lampiran daftar penyusutan, yang harus tetap disimpan; keluarkan suratnya",
    "daftar_lain": "ada di daftar lain yang masih berjalan",
}
APPROVERS: Final = {
    "kepala_daerah": "Kepala daerah (wali kota atau gubernur)",
    "kepala_anri": "Kepala ANRI",
    "kepala_lkd": "Kepala lembaga kearsipan daerah",
    "kepala_unit_kearsipan": "Kepala unit kearsipan",
}
PEOPLE: Final = {
    "arsiparis": "arsiparis",
    "penilai": "penilai, bukan yang mengusulkan",
    "penerima": "penerima, bukan yang mengusulkan",
    "pelaksana": "pelaksana, bukan yang mengusulkan atau menilai",
}
VERDICTS: Final = {"musnah": "Musnah", "permanen": "Permanen"}
ACTIONS: Final = {
    "usul": "Daftar dibuat",
    "isi": "Isi daftar diubah",
    "panitia": "Panitia penilai disebut",
    "putusan": "Panitia memutuskan satu berkas",
    "lampir": "Surat dilampirkan",
    "lepas": "Lampiran dilepas",
    "buka": "Daftar dibuka kembali; persetujuannya gugur",
    "batal": "Daftar dibatalkan",
}
METHODS: Final = ("dicacah", "dibakar", "dilebur", "dihapus dari media elektronik")
