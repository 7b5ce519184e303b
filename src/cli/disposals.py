"""`arsip disposal`: transfer and destruction of records from the command line, step by step as on the page."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from cli.client import Api, Misused, data_option, find_target, json_option, output_option, plain, write

_KINDS = click.Choice(["pemusnahan", "penyerahan", "pemindahan", "alih_media"])
_LETTERS = ["pertimbangan", "permohonan", "pernyataan", "sk_panitia", "notulen", "sk_penetapan"]
_FORMS = click.Choice(["daftar", "daftar_akhir", "berita_acara", *_LETTERS])
list_argument = click.argument("code", metavar="DAFTAR")
kind_option = click.option("--kind", type=_KINDS, default="pemusnahan", show_default=True, help="Jenis daftar.")
reason_option = click.option("--reason", required=True, help="Alasan.")


@click.group()
def disposal() -> None:
    """Penyusutan: daftar pindah, serah, musnah, alih media."""


@disposal.command("list")
@click.option("--kind", type=_KINDS, help="Hanya jenis ini.")
@json_option
@data_option
def list_all(kind: str | None, as_json: bool, data: Path | None) -> None:
    """Tampilkan semua daftar, yang terbaru dulu."""
    rows = _all(_api(data), kind)
    if as_json:
        click.echo(json.dumps({"disposals": rows}, ensure_ascii=False))
        return
    for row in rows:
        click.echo(_line(row))
    click.echo(f"{len(rows)} daftar.")


@disposal.command()
@kind_option
@click.option("--unit", help="Unit pengolah; tanpa ini semua yang boleh Anda lihat.")
@json_option
@data_option
def due(kind: str, unit: str | None, as_json: bool, data: Path | None) -> None:
    """Tampilkan berkas yang jatuh tempo untuk satu jenis daftar."""
    found = _api(data).get("/disposals/candidates", kind=kind, **({"unit": unit} if unit else {}))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["berkas"]:
        click.echo(f"{one['berkas']}  {one['number']}  {one['code'] or '–'}  {one['letters']} surat")
    click.echo(f"{len(found['berkas'])} berkas.")


@disposal.command()
@click.argument("berkas", metavar="BERKAS...", nargs=-1, required=True, type=click.UUID)
@kind_option
@click.option("--unit", help="Unit pengolah pemilik berkas; tanpa ini unit Anda sendiri.")
@click.option("--note", default="", help="Keterangan.")
@json_option
@data_option
def propose(berkas: tuple[UUID, ...], kind: str, unit: str | None, note: str, as_json: bool, data: Path | None) -> None:
    """Buat daftar dari berkas-berkas ini; mencetak kodenya."""
    wanted = {"kind": kind, "unit": unit, "berkas": [str(one) for one in berkas], "note": note}
    made = _api(data).post("/disposals", wanted)
    click.echo(json.dumps(made, ensure_ascii=False) if as_json else _line(made))


@disposal.command()
@list_argument
@json_option
@data_option
def show(code: str, as_json: bool, data: Path | None) -> None:
    """Tampilkan satu daftar: berkasnya, lampirannya, langkah berikutnya, dan halangannya."""
    api = _api(data)
    row = api.get(_path(api, code))
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    _tell(row)


@disposal.command()
@list_argument
@click.argument("paper", metavar="LAMPIRAN")
@click.argument("document", metavar="SURAT", type=click.UUID)
@click.option("--why", default="", help="Alasan, bila suratnya tidak menyebut daftar ini.")
@data_option
def attach(code: str, paper: str, document: UUID, why: str, data: Path | None) -> None:
    """Lampirkan satu surat arsip, misalnya: attach MSN-2036-0001 sk_panitia ID."""
    api = _api(data)
    _tell(api.post(f"{_path(api, code)}/papers", {"paper": paper, "document": str(document), "why": why}))


@disposal.command()
@list_argument
@click.option("--decree", required=True, help="Nomor dan tanggal SK panitia penilai.")
@click.option("--person", multiple=True, metavar="NAMA/JABATAN[/NIP]", help="Anggota; yang pertama ketuanya.")
@data_option
def panel(code: str, decree: str, person: tuple[str, ...], data: Path | None) -> None:
    """Sebut panitia penilai satu daftar, ketuanya lebih dulu."""
    api = _api(data)
    members = [_person(one) for one in person]
    _tell(api.put(f"{_path(api, code)}/panel", {"decree": decree, "members": members}))


@disposal.command()
@list_argument
@click.argument("step", metavar="LANGKAH")
@click.option("--declare", is_flag=True, help="Nyatakan: tidak bernilai guna lagi, tidak dilarang dimusnahkan.")
@click.option("--approved", multiple=True, type=click.UUID, help="Berkas yang disetujui (langkah setujui_sebagian).")
@click.option("--refused", multiple=True, metavar="NOMOR", help="Nomor berkas yang tidak disetujui, bila yang lain ya.")
@click.option("--number", help="Nomor berita acara (pelaksanaan).")
@click.option("--place", default="", help="Tempat pelaksanaan.")
@click.option("--method", default="", help="Cara: dicacah, dibakar, dilebur, atau alat alih media.")
@click.option("--person", multiple=True, metavar="NAMA/JABATAN[/NIP]", help="Saksi atau penerima; boleh berulang.")
@click.option("--executor", metavar="NAMA/JABATAN[/NIP]", help="Yang melaksanakan, untuk berita acaranya.")
@data_option
def step(
    code: str,
    step: str,
    declare: bool,
    approved: tuple[UUID, ...],
    refused: tuple[str, ...],
    data: Path | None,
    **deed: Any,
) -> None:
    """Ambil satu langkah, misalnya: step MSN-2036-0001 nilai --declare."""
    api = _api(data)
    path = _path(api, code)
    chosen = _all_but(api, path, refused) if refused else [str(one) for one in approved]
    wanted: dict[str, Any] = {"step": step, "declared": declare, "chosen": chosen}
    if deed["number"]:
        people, by = [_person(one) for one in deed.pop("person")], deed.pop("executor")
        wanted["deed"] = {**deed, "witnesses": people, "executor": _person(by) if by else None}
    _tell(api.post(f"{path}/steps", wanted))


@disposal.command()
@list_argument
@reason_option
@data_option
def reopen(code: str, reason: str, data: Path | None) -> None:
    """Buka kembali daftar yang sudah ditutup; lampiran dan persetujuannya gugur."""
    api = _api(data)
    _tell(api.post(f"{_path(api, code)}/reopen", {"reason": reason}))


@disposal.command()
@list_argument
@reason_option
@data_option
def withdraw(code: str, reason: str, data: Path | None) -> None:
    """Batalkan daftar; berkasnya boleh diusulkan lagi."""
    api = _api(data)
    _tell(api.post(f"{_path(api, code)}/withdraw", {"reason": reason}))


@disposal.command("print")
@list_argument
@click.option("--form", type=_FORMS, default="daftar", show_default=True, help="Formulir.")
@click.option("--xlsx", is_flag=True, help="Daftar sebagai XLSX, bukan PDF.")
@output_option
@data_option
def print_form(code: str, form: str, xlsx: bool, output: Path, data: Path | None) -> None:
    """Simpan satu formulir daftar sebagai PDF/A atau XLSX."""
    api = _api(data)
    write(output, api.download(f"{_path(api, code)}/forms/{form}", format="xlsx" if xlsx else "pdf"))


def _api(data: Path | None) -> Api:
    return Api(lambda: find_target(data))


def _all(api: Api, kind: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        asked = {"limit": 200, **({"kind": kind} if kind else {}), **({"cursor": cursor} if cursor else {})}
        part = api.get("/disposals", **asked)
        found += part["disposals"]
        cursor = part["next"]
        if cursor is None:
            return found


def _path(api: Api, code: str) -> str:
    """The address of a list by its code, or by its id."""
    wanted = code.strip().upper()
    named = next((row["id"] for row in _all(api) if wanted in (row["code"], row["id"].upper())), None)
    if named is None:
        raise Misused("Tidak ada daftar dengan kode itu. Lihat `arsip disposal list`.")
    return f"/disposals/{named}"


def _all_but(api: Api, path: str, refused: Sequence[str]) -> list[str]:
    """The berkas of a list but for those whose numbers are said."""
    known: dict[str, str] = {}
    while True:
        part = api.get(path, after=len(known))
        known |= {line["number"]: line["berkas"] for line in part["lines"]}
        if not part["more"]:
            break
    left_out = {one.strip().upper() for one in refused}
    if unknown := sorted(left_out - set(known)):
        raise Misused(f"Tidak ada di daftar ini: {', '.join(unknown)}. Lihat nomornya dengan `arsip disposal show`.")
    return [berkas for number, berkas in known.items() if number not in left_out]


def _person(told: str) -> dict[str, str]:
    name, slash, held = told.partition("/")
    if not slash:
        raise Misused("Tulis orangnya sebagai NAMA/JABATAN atau NAMA/JABATAN/NIP.")
    title, _, nip = held.partition("/")
    return {"name": name, "title": title, "nip": nip}


def _line(row: dict[str, Any]) -> str:
    return f"{click.style(row['code'], bold=True)}  {row['kind']}  {row['unit']}  {row['status']}"


def _tell(row: dict[str, Any]) -> None:
    click.echo(_line(row))
    for line in row["lines"]:
        blocked = f"  terhalang: {', '.join(line['blocked'])}" if line["blocked"] else ""
        click.echo(f"  {line['berkas']}  {line['number']}  {plain(line['series'])}  {line['letters']} surat{blocked}")
    if row["more"]:
        click.echo("  …")
    for paper in row["papers"]:
        click.echo(f"  lampiran {paper['paper']}: {paper['document']}")
    if row["progress"]:
        told = row["progress"]
        click.echo(f"  {told['erased']} dari {told['letters']} surat dihapus, {told['gone']} tanpa sisa di penyimpanan")
    for one in row["steps"]:
        click.echo(f"  berikutnya {one['step']} ({one['title']}): {'; '.join(one['problems']) or 'bisa dilakukan'}")
