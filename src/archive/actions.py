"""What each ledger action is called in front of people (docs/ARCHITECTURE.md lists what else an event says)."""

from typing import Final

ACTIONS: Final = {
    "received": "Surat diterima",
    "arrived_again": "Berkas yang sama dikirim lagi",
    "paged": "Berkas dibuka",
    "page_read": "Dibaca mesin",
    "rereading_asked": "Pembacaan ulang diminta",
    "page_reread": "Dibaca ulang mesin",
    "filed": "Jenis surat dicatat",
    "checked": "Diperiksa",
    "sealed": "Dikunci di arsip",
    "held": "Ditahan",
    "tried_again": "Dicoba lagi",
    "text_viewed": "Teks dilihat",
    "page_viewed": "Gambar halaman dilihat",
    "original_downloaded": "Berkas asli diunduh",
    "pdf_downloaded": "PDF diunduh",
    "manifest_viewed": "Manifes dilihat",
    "agenda_registered": "Didaftarkan di agenda",
    "agenda_step_taken": "Langkah surat keluar dicatat",
    "agenda_cancelled": "Nomor agenda dibatalkan",
    "agenda_left_out": "Tidak diagendakan",
    "agenda_printed": "Buku agenda dicetak",
    "disposition_printed": "Lembar disposisi dicetak",
    "disposition_returned": "Lembar disposisi kembali",
    "user_added": "Akun ditambahkan",
    "password_changed": "Kata sandi diganti",
    "token_issued": "Token dibuat",
    "tokens_revoked": "Token dicabut",
    "verification_started": "Pemeriksaan arsip dimulai",
}
