"""Fields of letters typed in many layouts: labels, blocks, columns, tables, and what stands without a label."""

from classify.fields import Field, extract
from tests.unit.typed import page


def read(kind: str, *texts: str, ticked: tuple[tuple[int, str], ...] = ()) -> dict[str, Field]:
    found = extract(kind, [page(text, number) for number, text in enumerate(texts, 1)], ticked)
    assert len({field.name for field in found}) == len(found)
    return {field.name: field for field in found}


def texts(found: dict[str, Field], *names: str) -> list[str | None]:
    return [found[name].text if name in found else None for name in names]


LETTER = """
                    PEMERINTAH KOTA TARAKAN
              DINAS SOSIAL DAN PEMBERDAYAAN MASYARAKAT
     Jalan Kenanga Raya No. 100 Telepon (0551) 000100 Laman dinsos.example

Nomor    : 460/298/DINSOSPM/IX/2025          Tarakan, 24 September 2025
Sifat    : Segera
Lampiran : 1 (satu) berkas                   Kepada
Hal      : Permohonan Bantuan Pemulangan     Yth. Kepala Dinas Sosial
           Orang Terlantar                        Provinsi Kalimantan Utara
                                             di -
                                                  Tanjung Selor

Dengan hormat, bersama ini kami mohon bantuan pemulangan atas nama :
Nama                 : Wirasena Lamadika
NIK                  : 6571022007930013
Tempat/Tgl. Lahir    : Tanjung Selor, 20 Juli 1993
Jenis Kelamin        : Laki-laki
Alamat               : Jl. Cempaka No. 7 RT. 3, Kelurahan Selumit Pantai,
                       Kota Tarakan, Provinsi Kalimantan Utara
Yang bersangkutan dalam keadaan sehat.

                                             Kepala Dinas Sosial,

                                             Puangrea Sarungallu, S.Sos.
                                             Pembina / IV-a
                                             NIP. 19720207 199701 1 011
Tembusan :
1. Wali Kota Tarakan;
2. Arsip.
"""


def test_a_letter_with_its_addressee_at_the_right() -> None:
    found = read("surat_permohonan_pemulangan", LETTER)
    assert texts(found, "nomor_surat", "tanggal", "perihal", "sifat", "lampiran") == [
        "460/298/DINSOSPM/IX/2025",
        "24 September 2025",
        "Permohonan Bantuan Pemulangan Orang Terlantar",
        "Segera",
        "1 (satu) berkas",
    ]
    assert texts(found, "nama", "nik", "jenis_kelamin", "penandatangan", "nip", "telepon") == [
        "Wirasena Lamadika",
        "6571022007930013",
        "Laki-laki",
        "Puangrea Sarungallu, S.Sos.",
        "19720207 199701 1 011",
        None,
    ]
    assert found["tujuan"].text.startswith("Kepala Dinas Sosial Provinsi")
    assert found["pengirim"].text == "PEMERINTAH KOTA TARAKAN DINAS SOSIAL DAN PEMBERDAYAAN MASYARAKAT"
    assert found["tembusan"].text == "Wali Kota Tarakan; Arsip"
    address = "Jl. Cempaka No. 7 RT. 3, Kelurahan Selumit Pantai, Kota Tarakan, Provinsi Kalimantan Utara"
    assert found["alamat"].text == address
    assert found["alamat"].passed == ("wilayah ada di daftar: Kota Tarakan, Provinsi Kalimantan Utara",)


def test_values_are_normalised_and_have_a_place() -> None:
    found = read("surat_permohonan_pemulangan", LETTER)
    assert found["tanggal"].value == "2025-09-24"
    assert found["tempat_tgl_lahir"].value == "Tanjung Selor, 1993-07-20"
    assert found["nip"].value == "197202071997011011"
    x0, y0, x1, y1 = found["nik"].box
    assert 0.2 < x0 < x1 < 0.5
    assert 0.25 < y0 < y1 < 0.35
    assert found["nik"].page == 1


def test_what_agrees_with_another_field_is_sure() -> None:
    found = read("surat_permohonan_pemulangan", LETTER)
    assert {name for name in ("nomor_surat", "nik", "tempat_tgl_lahir", "nama", "alamat") if found[name].sure} == {
        "nomor_surat", "nik", "tempat_tgl_lahir", "nama", "alamat",
    }  # fmt: skip
    assert "tanggal lahir cocok dengan NIK" in found["nik"].passed
    assert "bulan romawi cocok dengan tanggal 24 September 2025" in found["nomor_surat"].passed


def test_an_unknown_kind_has_the_fields_of_any_letter() -> None:
    found = read("surat_yang_belum_dikenal", LETTER)
    assert texts(found, "nomor_surat", "nama") == ["460/298/DINSOSPM/IX/2025", "Wirasena Lamadika"]


CERTIFICATE = """
                 SURAT KETERANGAN TIDAK MAMPU
              Nomor : 470/017/KEL-KB/II/2025

Yang bertanda tangan di bawah ini:
Nama                 : Mabonga Rantebua, S.IP
NIP                  : 19791004 200312 1 005
Jabatan              : Lurah Karang Balik
Menerangkan bahwa:
1.  N a m a              : Lambudi Karimanto
2.  Tempat, tanggal lahir: Nunukan, 05-02-1988
3.  N I K                : 6473020502880004
4.  Agama                : Kristen Protestan
5.  No. KK               : 6571031906209927
6.  Pekerjaan            : Nelayan / Perikanan

Demikian surat keterangan ini dibuat.
                               Tarakan, 14 Pebruari 2025
                               LURAH KARANG BALIK,

                               MABONGA RANTEBUA, S.IP
                               NIP 19791004 200312 1 005
"""


def test_the_client_is_not_the_official() -> None:
    found = read("surat_keterangan_kelurahan", CERTIFICATE)
    assert texts(found, "nama", "nik", "kk", "agama", "nip") == [
        "Lambudi Karimanto",
        "6473020502880004",
        "6571031906209927",
        "Kristen Protestan",
        "19791004 200312 1 005",
    ]
    assert found["perihal"].text == "SURAT KETERANGAN TIDAK MAMPU"
    assert found["tanggal"].value == "2025-02-14"
    assert "kode wilayah: Kota Tarakan (lama)" in found["nik"].passed
    assert found["nik"].sure


def test_a_number_in_capitals_is_no_letterhead() -> None:
    found = read("surat_keterangan_kelurahan", "SURAT KETERANGAN DOMISILI\nNOMOR : 470 / 112 / KEL-KA / X / 2025")
    assert "pengirim" not in found
    assert found["nomor_surat"].text == "470/112/KEL-KA/X/2025"


def test_the_birth_date_is_not_the_letters() -> None:
    found = read("surat_keterangan_kelurahan", "\n".join(CERTIFICATE.splitlines()[:16]))
    assert "tanggal" not in found


def test_a_handover_opens_with_its_date_in_words() -> None:
    found = read(
        "berita_acara_serah_terima",
        """
              BERITA ACARA SERAH TERIMA
                   ORANG TERLANTAR
         Nomor : 400.9/215/BAST/DINSOS/VII/2025
Pada hari ini Senin tanggal Dua Puluh Delapan bulan Juli tahun Dua
Ribu Dua Puluh Lima (28 Juli 2025), kami yang bertanda tangan :
1. Nama     : Sangalinu Batubulan, S.E.
   NIP      : 19700505 199903 1 012
   Jabatan  : Kepala Bidang Rehabilitasi Sosial
2. Nama     : Tandirerung Pallangga, S.Sos.
   NIP      : 19840214 200904 2 003
   Instansi : Dinas Sosial Kabupaten Buol
PIHAK PERTAMA menyerahkan kepada PIHAK KEDUA identitas :
   Nama     : Wonokerta Sembiralang
   NIK      : 7205052812670020
   Tempat/Tgl. Lahir : Buol, 28 Desember 1967
""",
    )
    assert texts(found, "perihal", "tanggal", "nama", "nik") == [
        "BERITA ACARA SERAH TERIMA",
        "28 Juli 2025",
        "Wonokerta Sembiralang",
        "7205052812670020",
    ]


SHEET = """
                     LEMBAR DISPOSISI
Surat dari : Polres Tarakan              Diterima tgl. : 12 Maret 2025
No. Surat  : 444/PKM-KR/III/2025         No. Agenda    : 1501/III/2025
Tgl. Surat : 9 Maret 2025                Lampiran      : -
Perihal    : Surat Keterangan Terlantar
Sifat      : [] Sangat Segera    [] Segera    [] Rahasia    [] Biasa
Diteruskan kepada Sdr. :                 Dengan hormat harap :
[] Sekretaris                            [] Tanggapan dan Saran
[] Kabid Rehabilitasi Sosial             [] Proses lebih lanjut
[] Pekerja Sosial                        [] Arsip
Catatan :
"""


def test_a_disposition_sheet_in_two_columns() -> None:
    found = read("lembar_disposisi", SHEET)
    assert texts(found, "pengirim", "nomor_surat", "tanggal", "tanggal_terima", "nomor_agenda", "perihal") == [
        "Polres Tarakan",
        "444/PKM-KR/III/2025",
        "9 Maret 2025",
        "12 Maret 2025",
        "1501/III/2025",
        "Surat Keterangan Terlantar",
    ]
    assert found["lampiran"].value == ""


def test_boxes_say_nothing_until_they_are_ticked() -> None:
    assert texts(read("lembar_disposisi", SHEET), "sifat", "diteruskan_kepada", "instruksi") == [None, None, None]
    ticked = ((1, "Segera"), (1, "Pekerja Sosial"), (1, "Sekretaris"), (1, "Arsip"), (7, "Rahasia"))
    found = read("lembar_disposisi", SHEET, ticked=ticked)
    assert texts(found, "sifat", "diteruskan_kepada", "instruksi") == ["Segera", "Sekretaris; Pekerja Sosial", "Arsip"]


def test_a_colon_misread_as_a_one_is_no_part_of_the_value() -> None:
    found = read(
        "lembar_disposisi",
        """
Surat dari : Puskesmas Karang Rejo
No. Surat  : 236/PKM-KR/I/2025
Tgl. Surat 126 Januari 2025
Perihal    1 Rujukan klien terlantar sakit
Lampiran   : 2 lembar
""",
    )
    assert texts(found, "tanggal", "perihal") == ["26 Januari 2025", "Rujukan klien terlantar sakit"]


def test_a_form_with_a_comb_and_dotted_lines() -> None:
    found = read(
        "formulir_layanan_sosial",
        """
                FORMULIR LAYANAN SOSIAL
          Nomor Registrasi : FLS-04582/VI/2024
1. Nama lengkap              : Mabonga Lestari
2. NIK                         6  5  0  3  0  4  5  2  1  0  0  0  0  0  0  5
3. Tempat, tanggal lahir     : Nunukan, 12 Oktober 2000
4. Jenis kelamin               [] Laki-laki      [] Perempuan
6. Nomor telepon             : 081356735158
""",
        "Demikian formulir ini diisi.\n                      Tarakan, 17 Juni 2024\n                      Pemohon,",
    )
    assert texts(found, "nomor_surat", "nama", "telepon", "perihal") == [
        "FLS-04582/VI/2024",
        "Mabonga Lestari",
        "081356735158",
        "FORMULIR LAYANAN SOSIAL",
    ]
    assert found["nik"].value == "6503045210000005"
    assert found["nik"].sure
    assert (found["tanggal"].value, found["tanggal"].page) == ("2024-06-17", 2)
    assert "jenis_kelamin" not in found


def test_labels_misread_here_and_there() -> None:
    found = read(
        "skt_polisi",
        """
           SURAT KETERANGAN TERLANTAR
     Nomcr : SKT/063/IV/YAN.2.4./2024/SPKT
Narna              : Yohanis Safitri
NlK                : 6571010808890020
Ternpat/Tgi. Lahir : Tarakan, 8 Agustus 1989
Alarnat            : Jl. Melati No. 90, Kelurahan Juata Laut,
                     Kota Tarakan, Provinsi Kalimantan Utara
                          Tarakan, 25 April 2024
                          AIPTU NRP 86051115
""",
    )
    assert texts(found, "nomor_surat", "nama", "tempat_tgl_lahir", "tanggal", "nrp") == [
        "SKT/063/IV/YAN.2.4./2024/SPKT",
        "Yohanis Safitri",
        "Tarakan, 8 Agustus 1989",
        "25 April 2024",
        "86051115",
    ]
    assert found["nik"].value == "6571010808890020"
    assert found["alamat"].text.endswith("Provinsi Kalimantan Utara")


def test_a_number_behind_a_lost_colon_is_no_part_of_the_label() -> None:
    column = "Nama klien          : Lukas Lambudi\nNIK                 : 6571031612779981\n"
    found = read("instrumen_asesmen", column + "Tanggal wawancara   8 September 2025\nPewawancara         : Kartini")
    assert (found["tanggal"].text, found["tanggal"].value) == ("8 September 2025", "2025-09-08")


def test_the_sex_behind_an_age() -> None:
    found = read("surat_rujukan_puskesmas", "Nama : Lukas\nUmur / jenis kelamin : 48 tahun / Laki-laki")
    assert (found["jenis_kelamin"].value, found["jenis_kelamin"].failed) == ("Laki-laki", ())


def test_a_number_without_a_colon_and_labels_above_their_values() -> None:
    card = read("kk", "KARTU KELUARGA\nNo. 6571031906209927\nNama Kepala Keluarga : Wirasena\nRT/RW : 3 / 1")
    assert texts(card, "kk", "kepala_keluarga") == ["6571031906209927", "Wirasena"]
    assert card["rt_rw"].value == "003/001"
    table = read("umum", "No      Nama penerima            NIK\n1       Maria                    6571022007930013")
    assert table["nik"].text == "6571022007930013"


def test_receipts_say_how_much() -> None:
    found = read(
        "bukti_uang_tiket_saku",
        """
     BUKTI PENYERAHAN UANG TIKET
     Nomor : 014/BU/REHSOS/2025
Nama penerima  : Lambudi Karimanto
Uang sejumlah  : Rp 825.000,00
                     Tarakan, 3 Mei 2025
""",
    )
    assert (found["jumlah_uang"].text, found["jumlah_uang"].value) == ("Rp 825.000,00", "825000")
    said = read("bukti_uang_tiket_saku", "Uang sejumlah : delapan ratus dua puluh lima ribu rupiah")
    assert said["jumlah_uang"].value == "825000"


def test_a_loss_reported_to_the_police() -> None:
    found = read(
        "skt_polisi",
        """
     KEPOLISIAN NEGARA REPUBLIK INDONESIA
           DAERAH KALIMANTAN UTARA
               RESOR TARAKAN
   SURAT KETERANGAN TANDA LAPORAN KEHILANGAN
   Nomor : SKTLK/021/IX/2025/SPKT/POLRES TARAKAN
1. Nama           : Sangalinu Wonokerta
2. Tempat/tgl lahir : Tarakan, 12-05-1990
3. No. HP         : 0812-0000-1234
Dasar laporan LP/B/123/IX/2025/SPKT/POLRES TARAKAN/POLDA KALTARA tanggal 4 September 2025
                    Tarakan, 5 September 2025
""",
    )
    assert found["nomor_lp"].text == "LP/B/123/IX/2025/SPKT/POLRES TARAKAN/POLDA KALTARA"
    assert found["nomor_surat"].text.startswith("SKTLK/021/IX/2025/SPKT")
    assert found["perihal"].text == "SURAT KETERANGAN TANDA LAPORAN KEHILANGAN"
    assert (found["tanggal"].value, found["telepon"].value) == ("2025-09-05", "081200001234")


def test_a_name_in_a_sentence_is_found_and_asked() -> None:
    found = read(
        "tanda_terima_biaya_transportasi", "biaya pemulangan orang terlantar a.n. Wirasena Lamadika dari Tarakan"
    )
    assert found["nama"].text == "Wirasena Lamadika"
    assert not found["nama"].sure
    assert "nama" not in read("umum", "Tarakan, 1 Mei 2025 a.n. Kepala Dinas Sosial")
