"""No option of the search tells of a hidden letter: every one that the API's description and the command know is tried,
so that a new one cannot be forgotten here."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from cli.searching import search as command
from tests.e2e.test_searching import Shelf, shelf
from tests.product import ARSIP, Product, User

__all__ = ["shelf"]

# What is asked for, by route, and where the answer to it is
ROUTES = {
    ("get", "/search"), ("post", "/search"), ("post", "/search/suggestions"), ("post", "/search/export"),
    ("get", "/search/saved"), ("post", "/search/saved"), ("delete", "/search/saved/{search}"),
    ("get", "/documents/{document}/similar"),
}  # fmt: skip
TELLING = [("get", "/search"), ("post", "/search"), ("post", "/search/suggestions"), ("post", "/search/export")]
"""Those whose answer names letters or words of them to whoever may see the letter."""


def _values(shelf: Shelf) -> dict[str, tuple[Any, ...]]:
    """Of each option the values that are tried; what is asked for comes first."""
    year = datetime.now(UTC).year
    narrowed = {"jenis": ["surat_masuk_lain"], "tahun": [year], "unit": [shelf.unit], "kasus": [str(uuid4())]}
    narrowed |= {"langkah": ["pemulangan/1"], "retensi": ["aktif"]}
    return {
        "q": (shelf.word, *_hidden_asks(shelf)),
        "begun": (shelf.rare[:9], shelf.rare[:-1], f"surat {shelf.rare[:9]}"),
        "limit": (1, 100),
        "cursor": ("999999999999.0", "999999999999.0n", "999999999999.0.999.999999999999.10n"),
        "sort": ("relevansi", "terbaru", "terlama"),
        "facets": (True,),
        "without": ([shelf.rare], [_misspelt(shelf)]),
        "format": ("csv", "xlsx", "zip"),
        "filters": tuple({name: value} for name, value in narrowed.items()),
        **{name: (value,) for name, value in narrowed.items()},
    }


def _misspelt(shelf: Shelf) -> str:
    return shelf.rare[:-1] + ("x" if shelf.rare[-1] != "x" else "y")


def _hidden_asks(shelf: Shelf) -> tuple[str, ...]:
    """Questions that only the hidden letter answers."""
    return f"{shelf.rare} ATAU {shelf.rare}", _misspelt(shelf), f"{shelf.rare[:-2]}*"


@pytest.fixture(scope="module")
def described(product: Product) -> dict[str, Any]:
    with product.client() as client:
        told: dict[str, Any] = client.get("/openapi.json").raise_for_status().json()
    return told


def _operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """What the API says of each route that searches, by method and path below /api/v1."""
    return {
        (method, path.removeprefix("/api/v1")): operation
        for path, by in described["paths"].items()
        for method, operation in by.items()
        if path.startswith("/api/v1/search") or path.endswith("/similar")
    }


def _options(described: dict[str, Any], operation: dict[str, Any]) -> set[str]:
    """The names of all that can be said to a route, those of what it holds too."""
    of_address = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return of_address | set(_named(described, body))


def _named(described: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    for ref in [schema.get("$ref"), *(one.get("$ref") for one in schema.get("allOf", ()))]:
        if ref:
            yield from _named(described, described["components"]["schemas"][ref.rpartition("/")[2]])
    for name, part in schema.get("properties", {}).items():
        yield name
        yield from _named(described, part)


def test_each_route_and_option_is_tried(described: dict[str, Any], shelf: Shelf) -> None:
    known = _operations(described)
    assert known.keys() == ROUTES
    assert set().union(*(_options(described, one) for one in known.values())) == _values(shelf).keys()
    assert {option.name for option in command.params} == _command_lines(shelf, Path()).keys()


def _requests(described: dict[str, Any], shelf: Shelf, route: tuple[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is asked for, with each value of each option of a route."""
    values, schema = _values(shelf), _operations(described)[route]
    own = _options(described, schema)
    if "filters" in own:  # which holds these
        own -= values["filters"][0].keys() | {name for one in values["filters"] for name in one}
    (first,) = own & {"q", "begun"}
    for asked in values[first]:
        yield asked, {first: asked}
        for name in sorted(own - {first}):
            yield from ((asked, {first: asked, name: value}) for value in values[name])


def _ask(client: httpx.Client, route: tuple[str, str], said: dict[str, Any]) -> httpx.Response:
    method, path = route
    return client.get(path, params=said) if method == "get" else client.post(path, json=said)


@pytest.mark.parametrize("role", ["pejabat", "arsiparis"])
def test_no_option_tells_of_a_hidden_letter(
    described: dict[str, Any], shelf: Shelf, product: Product, role: str
) -> None:
    with product.client(product.user(role, shelf.unit).token) as client:
        for route in (*TELLING, ("post", "/search/saved")):
            for asked, said in _requests(described, shelf, route):
                answer = _ask(client, route, said)
                assert answer.status_code in (200, 201, 403), (route, said, answer.text)
                assert shelf.hidden not in answer.text, (route, said)
                told = answer.text.replace(asked, "").replace(json.dumps(said.get("without")).replace(", ", ","), "")
                assert shelf.rare not in told, (route, said)
                if route[1] == "/search" and asked in _hidden_asks(shelf):
                    assert (answer.json()["total"], answer.json()["facets"]) == (0, []), said
                if route[1] == "/search/saved":
                    for kept in answer.json()["saved"]:
                        assert kept["fresh"] == 0
                        client.delete(f"/search/saved/{kept['id']}").raise_for_status()


@pytest.mark.parametrize("route", TELLING)
def test_who_may_see_the_letter_is_told(
    described: dict[str, Any], shelf: Shelf, product: Product, route: tuple[str, str]
) -> None:
    """So that the test above cannot pass by asking what finds nothing in any case."""
    with product.client(shelf.secret.token) as client:
        told = [_ask(client, route, said).text for asked, said in _requests(described, shelf, route) if len(said) == 1]
    assert any(shelf.hidden in one or shelf.rare in one for one in told)


def _command_lines(shelf: Shelf, folder: Path) -> dict[str | None, list[str]]:
    """What is said to `arsip search` behind the words, by option: a command for each line that is not empty."""
    return {
        "words": [],
        "limit": ["--limit", "101", "--json"],
        "sort": ["--sort", "terlama", "--json"],
        "only": ["--only", f"unit:{shelf.unit}", "--without", shelf.rare, "--facets"],
        "output": ["-o", str(folder / "hasil.csv")],
        "without": [],  # with `only`, as is `facets`
        "facets": [],
        "as_json": [],
        "data": [],  # whose archive is asked, not what of it
    }


def _said_by_command(product: Product, user: User, *line: str) -> str:
    env = {**product.env, "ARSIP_URL": product.url, "ARSIP_TOKEN": user.token}
    done = subprocess.run([*ARSIP, "search", *line], env=env, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


def test_no_option_of_the_command_tells_of_it(shelf: Shelf, product: Product, tmp_path: Path) -> None:
    reader, asked = product.user("pejabat", shelf.unit), f"{shelf.rare} ATAU {_misspelt(shelf)}"
    for line in filter(None, _command_lines(shelf, tmp_path).values()):
        told = _said_by_command(product, reader, asked, *line).replace(asked, "")
        assert shelf.hidden not in told, line
        assert shelf.rare not in told, line
    assert len((tmp_path / "hasil.csv").read_text("utf-8-sig").splitlines()) == 1  # the line of names alone
    assert shelf.hidden in _said_by_command(product, shelf.secret, asked)


def test_the_command_saves_what_it_narrows_to(shelf: Shelf, product: Product, tmp_path: Path) -> None:
    file = tmp_path / "hasil.csv"
    for unit, lines in ((shelf.unit, 2), ("lain", 1)):
        _said_by_command(product, shelf.clerk, f"{shelf.word} Budi", "--only", f"unit:{unit}", "-o", str(file))
        assert len(file.read_text("utf-8-sig").splitlines()) == lines
        file.unlink()
