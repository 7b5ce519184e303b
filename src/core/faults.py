"""What can go wrong, in words for people.

    Fault
    ├── Refused                 the request or the file can't be taken as it is
    │   ├── EmptyFile  UnsupportedType  TooLarge  InvalidRequest  IdempotencyConflict  NotReady  NotHeld
    │   ├── NotCheckpointed  CheckedMeanwhile  CutMeanwhile  PagesElsewhere  CutFirst  LetterInUse
    │   ├── InOtherBook  EntryCancelled  StepTaken  StepNotYet  DispositionRefused
    │   ├── CaseRefused  CaseIncomplete  CaseClosed
    │   ├── DisposalRefused  ListNotNamed
    │   ├── TableRefused  BerkasRefused  BerkasClosed  HoldRefused
    ├── UnreadableFile          taken and kept, but a person must act before it can be read
    │   ├── EncryptedPdf  DamagedFile  NoPages  TooManyPages  PictureTooLarge
    │   └── ReaderTooSlow  ReaderCrashed  LevelTaken
    ├── NotAllowed
    │   ├── Unauthenticated  WrongPassword  TooManyAttempts  Forbidden  CrossSiteRequest
    ├── NotFound  WrongMethod
    └── Unavailable             nothing is wrong with the letter: an engine is away for now
        ├── StoreUnavailable  StoreRefused  ReplicaUnavailable  DatabaseUnavailable  RecogniserUnavailable
        ├── FormUnavailable
    BytesDiffer  KeyUnusable  KeyDestroyed  Unforeseen

The class's name is the slug programs see (`EncryptedPdf` → `encrypted_pdf`), its docstring the title people read,
`advice` what they can do now. A fault knows nothing of HTTP: api/problems.py gives it a status.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

# Stages of a letter in the middle of a sentence: programs read their names, people these words
STAGES: Final[Mapping[str, str]] = {
    "received": "menunggu dibaca",
    "paged": "sedang dibaca",
    "read": "selesai dibaca",
    "filed": "sedang dikunci",
    "sealed": "tersimpan dan terkunci",
    "held": "tertahan",
}


class _Facts(dict[str, Any]):
    """Facts as people read them; of a stored fault some may be missing: an earlier version of the program did not know
    all that today's advice names."""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return STAGES.get(str(value), value) if name == "stage" else value

    def __missing__(self, name: str) -> str:
        return "–"


class Fault(Exception):  # noqa: N818 - a fault is the domain's word; subclasses read better without "Error"
    """Terjadi gangguan"""

    advice: ClassVar[str] = "Coba lagi beberapa saat lagi."

    def __init__(self, /, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.slug)

    @property
    def slug(self) -> str:
        return slug_of(type(self))

    @property
    def title(self) -> str:
        return (type(self).__doc__ or "").strip()

    @property
    def detail(self) -> str:
        """The advice with this fault's facts filled in; a dash for one that was not kept with it."""
        return self.advice.format_map(_Facts(self.facts))


def slug_of(kind: type[Fault]) -> str:
    """`EncryptedPdf` → `encrypted_pdf`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def all_faults() -> dict[str, type[Fault]]:
    """Every fault by its slug."""
    found: dict[str, type[Fault]] = {}
    queue: list[type[Fault]] = [Fault]
    while queue:
        kind = queue.pop()
        found[slug_of(kind)] = kind
        queue.extend(kind.__subclasses__())
    return found


def fault_from(slug: str, facts: dict[str, Any]) -> Fault:
    """The fault of that slug with these facts; an unknown slug is an Unforeseen."""
    return all_faults().get(slug, Unforeseen)(**facts)


class Refused(Fault):
    """Permintaan tidak dapat diterima"""


class EmptyFile(Refused):
    """Berkas kosong"""

    advice = "Berkas ini berisi 0 byte, tidak ada yang disimpan. Pindai ulang suratnya, lalu unggah lagi."


class UnsupportedType(Refused):
    """Jenis berkas tidak didukung"""

    advice = (
        "Isi berkas ini bukan PDF, JPEG, PNG, TIFF, atau HEIC, apa pun akhiran namanya; tidak ada yang disimpan. "
        "Simpan surat sebagai PDF atau foto, lalu unggah lagi."
    )


class TooLarge(Refused):
    """Berkas terlalu besar"""

    advice = (
        "Batasnya {limit_mb} MB; tidak ada yang disimpan. Pindai dengan 200–300 dpi atau bagi menjadi beberapa "
        "berkas, lalu unggah lagi."
    )


class InvalidRequest(Refused):
    """Permintaan tidak lengkap atau keliru"""

    advice = "Periksa isian: {what}. Tidak ada yang disimpan."


class IdempotencyConflict(Refused):
    """Kiriman ini sudah tersimpan dengan isi yang lain"""

    advice = (
        "Kunci kirimannya (Idempotency-Key) sudah dipakai untuk isi yang berbeda; yang pertama tetap tersimpan. "
        "Cari dulu yang pertama itu; bila ini memang lain, buka formulir baru, atau pakai kunci baru."
    )


class NotReady(Refused):
    """Belum siap"""

    advice = "Surat ini masih diproses ({stage}); aslinya sudah aman tersimpan. Coba lagi sebentar lagi."
    held_advice: ClassVar[str] = (
        "Surat ini tertahan, jadi menunggu saja tidak cukup; aslinya sudah aman tersimpan. Buka halaman suratnya, "
        "ikuti sarannya di sana, lalu tekan Coba lagi."
    )

    @property
    def detail(self) -> str:
        """What to do now; a held letter does not become ready by itself."""
        return self.held_advice if self.facts.get("stage") == "held" else super().detail


class NotHeld(Refused):
    """Surat ini tidak sedang tertahan"""

    advice = "Hanya surat yang tertahan yang bisa dicoba lagi; surat ini {stage} dan tidak berubah."


class NotCheckpointed(Refused):
    """Belum tercakup titik periksa"""

    advice = "Bukti dibuat dari titik periksa yang ditandatangani, sekitar tiap sepuluh menit. Coba lagi sebentar lagi."


class CheckedMeanwhile(Refused):
    """Surat ini baru saja diperiksa orang lain"""

    advice = "Isian Anda belum disimpan, supaya hasil orang lain tidak tertimpa. Buka lagi suratnya dan cocokkan."


class CutMeanwhile(Refused):
    """Berkas ini baru saja dibelah orang lain"""

    advice = "Pilihan Anda belum disimpan dan tidak ada yang hilang. Buka lagi berkasnya dan cocokkan."


class PagesElsewhere(Refused):
    """Halaman berkas ini ada di surat lain"""

    advice = (
        "Berkas ini sudah dibelah, atau sudah digabung kembali; tidak ada yang berubah dan tidak ada yang hilang. "
        "Buka berkasnya di Arsip, lalu pilih surat yang memuat halamannya."
    )


class CutFirst(Refused):
    """Berkas ini mungkin berisi beberapa surat"""

    advice = (
        "Tentukan dulu di mana tiap surat mulai: buka berkasnya di Arsip, tekan Belah berkas ini, lalu pilih Belah "
        "menurut tanda atau Ini satu surat. Tidak ada yang berubah dan tidak ada yang hilang."
    )


class LetterInUse(Refused):
    """Surat ini sudah dipakai di agenda atau kasus"""

    advice = (
        "Surat ini tercatat di {where}; halamannya tidak berubah dan tidak ada yang hilang. Batalkan dulu nomor "
        "agendanya atau lepas suratnya dari kasus itu, lalu ulangi. Surat di kasus yang sudah ditutup tetap begitu."
    )


class InOtherBook(Refused):
    """Surat ini sudah ada di buku agenda"""

    advice = (
        "Surat ini sudah terdaftar sebagai surat {book} nomor {number}; tidak ada yang berubah. Bila itu keliru, "
        "batalkan dulu nomor itu, lalu ulangi."
    )


class EntryCancelled(Refused):
    """Nomor agenda ini sudah dibatalkan"""

    advice = (
        "Nomor yang dibatalkan tetap ada di buku dan tidak bisa diubah lagi; tidak ada yang hilang. Daftarkan suratnya "
        "lagi bila perlu, ia mendapat nomor baru."
    )


class StepTaken(Refused):
    """Langkah ini sudah dicatat"""

    advice = "Langkah {step} sudah dicatat atau suratnya sudah terkirim; tidak ada yang berubah."


class StepNotYet(Refused):
    """Langkah ini belum bisa dicatat"""

    advice = "Sebelum {step} harus ada: {missing}. Tidak ada yang berubah. Catat itu dulu."


class DispositionRefused(Refused):
    """Disposisi ini tidak bisa dicatat"""

    advice = "Sebabnya: {why}. Tidak ada yang berubah dan tidak ada yang hilang; periksa penerimanya, lalu ulangi."


class CaseRefused(Refused):
    """Ini belum bisa dilakukan pada kasus"""

    advice = "Sebabnya: {why}. Tidak ada yang berubah; muat ulang halamannya, lalu pilih yang ditawarkan di sana."


class CaseIncomplete(Refused):
    """Kasus belum bisa ditutup"""

    advice = "Yang masih kurang: {what}. Kasus tidak berubah. Lengkapi, atau minta arsiparis mengecualikannya."


class CaseClosed(Refused):
    """Kasus ini sudah ditutup"""

    advice = "Kasus {number} sudah ditutup dan tidak berubah. Buka kasus baru bila ada urusan baru."


class DisposalRefused(Refused):
    """Langkah penyusutan ini belum bisa dilakukan"""

    advice = "Tidak ada yang diubah: {what}."


class ListNotNamed(Refused):
    """Surat itu tidak menyebut daftarnya"""

    advice = (
        "Kode daftar {code} tidak terbaca di surat itu, jadi belum dilampirkan. Periksa apakah suratnya benar; bila "
        "benar, arsiparis yang bukan pengusulnya menulis alasannya lalu melampirkannya."
    )


class TableRefused(Refused):
    """Tabel ini belum bisa dipakai"""

    advice = "Tidak ada yang disimpan. Perbaiki baris-baris ini di lembar kerjanya, lalu kirim lagi: {wrongs}."


class BerkasRefused(Refused):
    """Ini tidak bisa dilakukan pada berkas"""

    advice = "Sebabnya: {why}. Tidak ada yang berubah; pilih berkas lain, atau buka berkas baru."


class BerkasClosed(Refused):
    """Berkas ini sudah ditutup"""

    advice = (
        "Berkas {number} sudah ditutup atau disusutkan dan tidak berubah. Pilih berkas lain, atau buka berkas baru."
    )


class HoldRefused(Refused):
    """Penahanan ini tidak bisa dicatat"""

    advice = "Sebabnya: {why}. Tidak ada yang berubah."


class UnreadableFile(Fault):
    """Berkas tidak dapat dibaca"""


class EncryptedPdf(UnreadableFile):
    """PDF terkunci kata sandi"""

    advice = "Berkas asli sudah aman tersimpan. Simpan ulang PDF tanpa kata sandi di komputer Anda, lalu unggah lagi."


class DamagedFile(UnreadableFile):
    """Berkas rusak atau terpotong"""

    advice = "Berkas asli sudah aman tersimpan, tetapi isinya tidak utuh. Pindai ulang suratnya, lalu unggah lagi."


class NoPages(UnreadableFile):
    """PDF tanpa halaman"""

    advice = "Berkas asli sudah aman tersimpan, tetapi tidak ada halaman di dalamnya. Pindai ulang, lalu unggah lagi."


class TooManyPages(UnreadableFile):
    """Terlalu banyak halaman"""

    advice = (
        "Berkas asli sudah aman tersimpan. Isinya {pages} halaman, batasnya {limit}. Bagi menjadi beberapa berkas, "
        "lalu unggah lagi."
    )


class PictureTooLarge(UnreadableFile):
    """Gambar terlalu besar untuk dibuka dengan aman"""

    advice = (
        "Berkas asli sudah aman tersimpan. Gambarnya {width} × {height} piksel, terlalu besar untuk satu halaman. "
        "Pindai ulang dengan 300 dpi, lalu unggah lagi."
    )


class ReaderTooSlow(UnreadableFile):
    """Pembacaan melewati batas waktu"""

    advice = (
        "Berkas asli sudah aman tersimpan. Halaman ini terlalu rumit dibaca dalam {seconds} detik. Tekan Coba lagi; "
        "bila tetap tertahan, pindai ulang dengan 300 dpi."
    )


class ReaderCrashed(UnreadableFile):
    """Pembaca berhenti mendadak pada berkas ini"""

    advice = (
        "Berkas asli sudah aman tersimpan; surat lain tidak terganggu. Tekan Coba lagi; bila tetap tertahan, "
        "pindai ulang suratnya."
    )


class LevelTaken(UnreadableFile):
    """Tingkat akses lembar disposisi ini tidak bisa dinaikkan"""

    advice = (
        "Berkas asli sudah aman tersimpan. Surat dari lembar ini tingkat aksesnya lebih tinggi, dan berkas yang sama "
        "sudah ada di sana. Pakai berkas itu, atau pindai ulang lembarnya dengan tingkat akses suratnya."
    )


class NotAllowed(Fault):
    """Tidak diizinkan"""


class Unauthenticated(NotAllowed):
    """Anda belum masuk"""

    advice = "Masuk dengan nama dan kata sandi Anda, atau kirim token yang berlaku."


class WrongPassword(NotAllowed):
    """Nama atau kata sandi salah"""

    advice = "Periksa nama dan kata sandi, lalu coba lagi. Bila lupa, minta admin membuat kata sandi baru."


class TooManyAttempts(NotAllowed):
    """Terlalu banyak percobaan masuk"""

    advice = "Tunggu {seconds} detik, lalu coba lagi."


class Forbidden(NotAllowed):
    """Peran Anda tidak boleh melakukan ini"""

    advice = "Tidak ada yang berubah. Minta bantuan petugas yang berwenang, atau admin bila peran Anda keliru."


class CrossSiteRequest(NotAllowed):
    """Permintaan datang dari halaman lain"""

    advice = "Demi keamanan permintaan ini ditolak dan tidak ada yang berubah. Muat ulang halaman, lalu ulangi."


class NotFound(Fault):
    """Tidak ditemukan"""

    advice = "Tidak ada yang bisa ditampilkan di alamat ini. Periksa alamatnya atau cari suratnya lewat Cari."


class WrongMethod(Fault):
    """Cara permintaan tidak dikenal di alamat ini"""

    advice = "Alamat ini tidak menerima cara permintaan itu; tidak ada yang berubah. Lihat dokumentasi API."


class Unavailable(Fault):
    """Layanan sedang tidak siap"""

    advice = "Tidak ada yang hilang. Coba lagi beberapa detik lagi."


class StoreUnavailable(Unavailable):
    """Penyimpanan arsip sedang tidak menjawab"""

    advice = "Berkas ini belum diterima; yang sudah diterima tetap aman. Coba lagi beberapa detik lagi."


class ReplicaUnavailable(Unavailable):
    """Salinan kedua tidak menjawab"""

    advice = "Arsip sendiri tetap utuh. Minta admin memeriksa penyimpanan salinan kedua."


class FormUnavailable(Unavailable):
    """Formulir tidak bisa dicetak"""

    advice = "Datanya tetap tersimpan. Minta admin memeriksa pemasangan Arsiparis dengan `arsip doctor`."


class StoreRefused(Unavailable):
    """Penyimpanan arsip menolak"""

    advice = "Objeknya masih terkunci, atau kunci penyimpanan tidak berhak. Tidak ada yang hilang; beri tahu admin."


class DatabaseUnavailable(Unavailable):
    """Basis data sedang tidak menjawab"""

    advice = "Permintaan ini belum dicatat; yang sudah diterima tetap aman. Coba lagi beberapa detik lagi."


class RecogniserUnavailable(Unavailable):
    """Mesin baca (tesseract) tidak siap"""

    advice = "Surat tetap aman dan akan dibaca setelah mesin baca siap. Minta admin menjalankan `arsip doctor`."


class BytesDiffer(Fault):
    """Byte yang tersimpan tidak sama dengan yang dikirim"""

    advice = "Berkas ini tidak diterima. Simpan berkas Anda, beri tahu admin untuk menjalankan `arsip verify`."


class KeyUnusable(Fault):
    """Kunci surat tidak bisa dibuka"""

    advice = (
        "Kunci kantor yang dipakai bukan kunci yang dulu mengunci surat ini, atau datanya rusak. Hubungi admin, yang "
        "memulihkan kunci kantor dari salinannya."
    )


class KeyDestroyed(Fault):
    """Isi surat ini sudah dimusnahkan"""

    advice = (
        "Kuncinya sudah dimusnahkan menurut berita acara, jadi isinya tidak bisa dibaca lagi. Catatannya tetap ada."
    )


class Unforeseen(Fault):
    """Gangguan yang belum dikenal"""

    advice = "Yang sudah diterima tetap aman. Coba lagi; bila terulang, beri tahu admin waktunya dan nomor {incident}."
