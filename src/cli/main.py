"""The `arsip` command. A subcommand's module is imported only when it runs, so that help is quick."""

import importlib
from typing import NamedTuple

import click


class _Lazy(NamedTuple):
    target: str  # "module:attribute" of a click command
    help: str


COMMANDS = {
    "up": _Lazy("cli.up:up", "Jalankan seluruh Arsiparis di komputer ini."),
    "ingest": _Lazy("cli.ingest:ingest", "Masukkan berkas dan isi folder ke arsip; aman diulang."),
    "search": _Lazy("cli.searching:search", "Cari halaman surat menurut kata-katanya."),
    "show": _Lazy("cli.look:show", "Tampilkan keterangan, teks, atau riwayat satu surat."),
    "reread": _Lazy("cli.reread:reread", "Baca ulang arsip lama dengan pembaca yang lebih baru."),
    "case": _Lazy("cli.cases:case", "Kelola kasus: buka, jalankan langkahnya, hubungkan surat, tutup."),
    "paper": _Lazy("cli.paper:paper", "Berkas kertas: boks, label, tempat surat, yang belum ada."),
    "berkas": _Lazy("cli.berkas:berkas", "Berkas: daftar, isi, kode klasifikasi, penutupan."),
    "retention": _Lazy("cli.retention:retention", "Retensi: JRA, daftar kerja, jatuh tempo, penahanan."),
    "sop": _Lazy("cli.sops:sop", "Lihat prosedur (SOP), atau periksa berkas SOP kantor."),
    "agenda": _Lazy("cli.agenda:agenda", "Buku agenda: lihat, daftarkan surat, cetak."),
    "disposition": _Lazy("cli.dispositions:disposition", "Disposisi: lihat yang menunggu, beri, teruskan, selesaikan."),
    "disposal": _Lazy("cli.disposals:disposal", "Penyusutan: daftar pindah, serah, musnah, alih media."),
    "export": _Lazy("cli.exporting:export", "Ekspor: berkas sebagai kantong BagIt, daftar untuk SRIKANDI."),
    "person": _Lazy("cli.persons:person", "Data pribadi satu orang: apa yang disimpan, salinannya, daftar pemrosesan."),
    "verify": _Lazy("cli.verify:verify", "Periksa apakah seluruh arsip masih utuh."),
    "backup": _Lazy("cli.backup:backup", "Buat atau lanjutkan cadangan ke satu folder; aman selagi berjalan."),
    "restore": _Lazy("cli.restore:restore", "Pulihkan arsip dari cadangan ke folder data yang baru."),
    "fixity": _Lazy("cli.fixity:fixity", "Pemeriksaan isi berkas dan salinan kedua."),
    "store": _Lazy("cli.store:store", "Lihat apakah isi penyimpanan cocok dengan basis data."),
    "key": _Lazy("cli.keys:key", "Salinan kunci kantor: ekspor dan impor."),
    "rebuild": _Lazy("cli.rebuild:rebuild_command", "Buat lagi basis data yang hilang, dari isi penyimpanan."),
    "ledger": _Lazy("cli.proof:ledger", "Buku besar untuk diperiksa orang lain: ekspor, kunci umum, titik periksa."),
    "proof": _Lazy("cli.proof:proof", "Bukti satu surat: ambil, cetak, periksa tanpa server."),
    "user": _Lazy("cli.users:user", "Kelola pengguna."),
    "token": _Lazy("cli.users:token", "Kelola token untuk program."),
    "demo": _Lazy("cli.demo:demo", "Coba Arsiparis dengan surat contoh."),
    "doctor": _Lazy("cli.doctor:doctor", "Periksa apakah komputer ini siap, dan apa yang harus dibuat."),
    "migrate": _Lazy(
        "cli.migrate:migrate", "Siapkan basis data dan penyimpanan (dipakai `arsip up` dan docker compose)."
    ),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].target.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Perintah"):
            formatter.write_dl([(name, lazy.help) for name, lazy in COMMANDS.items()])


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Arsiparis: arsip surat dinas sosial, dari pemindai sampai arsip terkunci yang bisa dicari."""


if __name__ == "__main__":
    main()
