"""`arsip store`: whether the store holds what the database knows."""

import json
from pathlib import Path

import click

from archive.comparing import WHAT
from cli.client import Api, data_option, find_target, json_option


@click.command()
@json_option
@data_option
def store(as_json: bool, data: Path | None) -> None:
    """Lihat hasil pembandingan penyimpanan dengan basis data.

    Kode akhir 0 bila semuanya cocok; 1 bila ada yang perlu seseorang.
    """
    told = Api(lambda: find_target(data)).get("/store")
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        last = told["last"]
        if last is None:
            click.echo("Belum pernah dibandingkan; itu dikerjakan setiap malam.")
        else:
            click.echo(f"{last['finished_at'][:16]}: {last['objects']} objek, {last['repaired']} dibetulkan sendiri.")
        for finding in told["findings"]:
            click.echo(f"{WHAT[finding['what']]}: {finding['object']} (sejak {finding['found_at'][:10]})")
    if told["findings"]:
        raise SystemExit(1)
