"""`arsip case`: cases from the command line, as a program or a clerk at a terminal works on them."""

import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from cases.words import ACTIONS, GAPS, LACKS, STANDINGS, STATES
from cli.client import Api, Misused, data_option, find_target, json_option, output_option, plain, write
from cli.look import moment

_ACTIONS = {"mulai": "start", "selesai": "finish", "lewati": "skip", "cabang": "branch", "buka-lagi": "reopen"}

case_argument = click.argument("case", metavar="KASUS", type=click.UUID)
letter_argument = click.argument("letter", metavar="SURAT", type=click.UUID)


@click.group()
def case() -> None:
    """Kelola kasus: buka, jalankan langkahnya, hubungkan surat, tutup."""


@case.command("list")
@click.option("--closed", is_flag=True, help="Yang sudah ditutup, bukan yang terbuka.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200), help="Paling banyak kasus.")
@json_option
@data_option
def list_(closed: bool, limit: int, as_json: bool, data: Path | None) -> None:
    """Daftar kasus, yang terbaru di atas."""
    found = _api(data).get("/cases", open=str(not closed).lower(), limit=limit)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    if not found["cases"]:
        click.echo("Tidak ada kasus.")
    for one in found["cases"]:
        click.echo(f"{click.style(one['number'], bold=True)}  {plain(one['client']['name'])}  {one['id']}")
        waits = ", ".join(str(number) for number in one["waits_for"]) or "–"
        standing = STANDINGS.get(one["standing"] or "", "tanpa tenggat")
        shown = f"{one['settled']} dari {one['steps']} langkah; menunggu langkah {waits}; {standing}"
        click.echo(f"  {one['sop']}: {shown}; {one['lacks']} berkas kurang")


@case.command()
@case_argument
@json_option
@data_option
def show(case: UUID, as_json: bool, data: Path | None) -> None:
    """Tampilkan satu kasus: langkah, surat, yang kurang, waktunya, dan yang sudah dilakukan."""
    found = _api(data).get(f"/cases/{case}")
    _print(found, as_json)
    if not as_json:
        _print_history(found)


@case.command("open")
@click.argument("sop", metavar="SOP")
@click.option("--name", help="Nama klien baru.")
@click.option("--nik-stdin", is_flag=True, help="Baca NIK klien baru dari masukan standar, supaya tidak tercatat.")
@click.option("--born", metavar="TTTT-BB-HH", help="Tanggal lahir klien baru.")
@click.option("--client", type=click.UUID, help="Klien yang sudah ada, menurut ID-nya.")
@click.option("--letter", type=click.UUID, help="Surat yang membuka kasus; dihubungkan ke langkahnya.")
@json_option
@data_option
def open_(
    sop: str,
    name: str | None,
    nik_stdin: bool,
    born: str | None,
    client: UUID | None,
    letter: UUID | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Buka kasus menurut SOP, untuk klien baru (--name) atau yang sudah ada (--client)."""
    if (name is None) == (client is None):
        raise Misused("Sebut salah satu: --name untuk klien baru, atau --client untuk yang sudah ada.")
    nik = sys.stdin.readline().strip() if nik_stdin else None
    new = {
        "sop": sop,
        "client": str(client) if client else None,
        "person": {"name": name, "nik": nik or None, "birth_date": born} if name else None,
        "document": str(letter) if letter else None,
    }
    _print(_api(data).post("/cases", new), as_json)


@case.command()
@case_argument
@click.argument("number", metavar="LANGKAH", type=click.IntRange(1, 99))
@click.argument("action", metavar="TINDAKAN", type=click.Choice(list(_ACTIONS)))
@click.option("--reason", default="", help="Alasan; wajib kecuali mulai, dan selesai bila keluarannya ada.")
@click.option("--branch", help="Cabang yang diambil, menurut id-nya (`arsip sop show`).")
@json_option
@data_option
def step(
    case: UUID, number: int, action: str, reason: str, branch: str | None, as_json: bool, data: Path | None
) -> None:
    """Jalankan satu langkah: mulai, selesai, lewati, cabang, buka-lagi."""
    wanted = {"action": _ACTIONS[action], "reason": reason, "branch": branch}
    _print(_api(data).post(f"/cases/{case}/steps/{number}", wanted), as_json)


@case.command()
@case_argument
@letter_argument
@click.argument("number", metavar="LANGKAH", type=click.IntRange(1, 99))
@click.option("--why", default="", help="Mengapa, bila perlu dicatat.")
@data_option
def link(case: UUID, letter: UUID, number: int, why: str, data: Path | None) -> None:
    """Hubungkan surat ke satu langkah; mencetak ID hubungannya."""
    made = _api(data).post(f"/cases/{case}/letters", {"document": str(letter), "step": number, "why": why})
    click.echo(made["id"])


@case.command()
@case_argument
@click.argument("link", metavar="HUBUNGAN", type=click.UUID)
@data_option
def unlink(case: UUID, link: UUID, data: Path | None) -> None:
    """Lepas surat dari langkahnya; bahwa pernah dihubungkan tetap tercatat."""
    _api(data).remove(f"/cases/{case}/letters/{link}")
    click.echo("Surat dilepas.")


@case.command()
@case_argument
@click.argument("place", metavar="TEMPAT")
@click.option("--reason", required=True, help="Mengapa boleh kurang.")
@json_option
@data_option
def waive(case: UUID, place: str, reason: str, as_json: bool, data: Path | None) -> None:
    """Kecualikan satu kekurangan (TEMPAT di dalam kurung dari `arsip case show`); hanya arsiparis."""
    _print(_api(data).post(f"/cases/{case}/waivers", {"place": place, "reason": reason}), as_json)


@case.command()
@case_argument
@click.argument("code", metavar="KODE")
@json_option
@data_option
def classify(case: UUID, code: str, as_json: bool, data: Path | None) -> None:
    """Konfirmasi kode klasifikasi kasus, misalnya 400.9.4.1."""
    _print(_api(data).put(f"/cases/{case}/classification", {"code": code}), as_json)


@case.command("print")
@case_argument
@output_option
@data_option
def print_(case: UUID, output: Path, data: Path | None) -> None:
    """Cetak satu kasus ke PDF."""
    write(output, _api(data).download(f"/cases/{case}/pdf"))


@case.command()
@click.option("--sop", help="Hanya SOP ini.")
@click.option("--months", default=12, show_default=True, type=click.IntRange(1, 36), help="Bulan terakhir.")
@output_option
@data_option
def report(sop: str | None, months: int, output: Path, data: Path | None) -> None:
    """Simpan laporan waktu tiap langkah terhadap SOP, per bulan, sebagai CSV."""
    asked = {"months": months, "format": "csv", **({"sop": sop} if sop else {})}
    write(output, _api(data).download("/reports/steps", **asked))


@case.command()
@case_argument
@json_option
@data_option
def close(case: UUID, as_json: bool, data: Path | None) -> None:
    """Tutup kasus yang selesai dan lengkap; bila belum, sebutkan yang kurang."""
    _print(_api(data).post(f"/cases/{case}/close"), as_json)


@case.command()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200), help="Paling banyak surat.")
@json_option
@data_option
def waiting(limit: int, as_json: bool, data: Path | None) -> None:
    """Surat yang menunggu dihubungkan, yang tertua di atas, dengan usulannya."""
    found = _api(data).get("/proposals", limit=limit)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{found['waiting']} surat menunggu dihubungkan.")
    for letter in found["letters"]:
        click.echo(f"{letter['document']}  {letter['kind']}")
        _print_proposals(letter["proposals"])


@case.command()
@letter_argument
@click.option("--decline", is_flag=True, help="Tidak ada yang cocok; tidak diusulkan lagi.")
@json_option
@data_option
def proposals(letter: UUID, decline: bool, as_json: bool, data: Path | None) -> None:
    """Usulan kasus dan langkah untuk satu surat, yang paling mungkin di atas."""
    if decline:
        _api(data).remove(f"/documents/{letter}/proposals")
        click.echo("Usulan ditolak.")
        return
    found = _api(data).get(f"/documents/{letter}/proposals")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    elif found["proposals"]:
        _print_proposals(found["proposals"])
    else:
        click.echo("Tidak ada usulan.")


def _print_proposals(found: list[dict[str, Any]]) -> None:
    for one in found:
        where = f"kasus {one['number']} {one['case']}, langkah {one['step']}" if one["case"] else "buka kasus"
        click.echo(f"  {where} ({one['sop']}): {plain('; '.join(one['reasons']))}")


def _api(data: Path | None) -> Api:
    return Api(lambda: find_target(data))


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{click.style(found['number'], bold=True)}  {plain(found['client']['name'])}  {found['id']}")
    click.echo(f"{found['sop']}; dibuka {moment(found['opened_at'])}; klien {found['client']['id']}")
    proposed = found["proposed_classification"]
    usual = f"belum dikonfirmasi; usul SOP {proposed}" if proposed else "belum dikonfirmasi"
    click.echo(f"Kode klasifikasi: {found['classification'] or usual}")
    if found["closed_at"]:
        click.echo(f"Ditutup {moment(found['closed_at'])}")
    _print_steps(found)
    if found["from_case"]:
        click.echo(f"Cabang dari kasus {found['from_case']}")
    for other in found["led_to"]:
        click.echo(f"Cabangnya: kasus {other}")
    _print_missing(found)
    for timer in found["timers"]:
        name = plain(timer["name"]) or "Langkah " + " dan ".join(str(number) for number in timer["steps"])
        until = "" if timer["ended_at"] else f", paling lambat {moment(timer['due_at'])}"
        click.echo(f"{name}: {timer['spent']} dari {timer['allowed']}{until}; {STANDINGS[timer['standing']]}")


def _print_steps(found: dict[str, Any]) -> None:
    for one in found["steps"]:
        now = "  ←" if one["number"] in found["waits_for"] else ""
        click.echo(f"  {one['number']:>2}. {plain(one['short'])}: {STATES[one['state']]}{now}")
        for letter in found["letters"]:
            if letter["step"] == one["number"]:
                by = "; otomatis" if letter["certain"] else ""
                click.echo(f"      surat {letter['document']} ({letter['kind']}), hubungan {letter['id']}{by}")


def _print_history(found: dict[str, Any]) -> None:
    for one in found["history"]:
        step = f": langkah {one['step']}" if one["step"] else ""
        reason = f" {plain(one['reason'])}" if one["reason"] else ""
        by = f"; {plain(one['by'])}" if one["by"] else ""
        click.echo(f"{moment(one['at'])}  {ACTIONS[one['what']]}{step}{reason}{by}")


def _print_missing(found: dict[str, Any]) -> None:
    for lack in found["lacks"]:
        click.echo(f"Kurang: langkah {lack['step']}, {plain(lack['text'])} {LACKS[lack['why']]} ({lack['place']})")
    for gap in found["gaps"]:
        steps = ", ".join(dict.fromkeys(str(row["step"]) for row in gap["rows"]))
        of = f"surat {gap['document']} (langkah {steps}) " if gap["document"] else ""
        click.echo(f"Belum di arsip: {of}{GAPS[gap['why']]} ({gap['place']})")
