"""What the API says of itself holds: any input of anybody gets an answer of a documented form, and never a 500.

Inputs are made from OpenAPI (and for the pages from their signatures): values that fit, values that nearly fit, and
what attackers send. A new route is tried without a change here.
"""

import json
import urllib.parse
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from api import web
from api.routes import ROUTERS
from tests.e2e.inside import nonce, superuser, text_pdf
from tests.e2e.test_authorization import ENTRY, MAY, ROLES, RULES, SOP, csrf_of, page_routes
from tests.product import Product, User, settled

API = "/api/v1"
ASKERS = (*ROLES, "browser", "nobody")
HOSTILE = (
    "", "\x00", "a\x00b", "\ud800", "'; DROP TABLE document; --", "../../etc/passwd", "%00", "%", "\u202egpj.exe", "é",
    "９９", "²", "NaN", "-0", "1e309", "null", "[]", "{}", "true", "\r\nX: y", "🗄️", "x" * 5000, '"' * 40, "((((", "\\",
    "0" * 30, "-1", "9" * 23, "9223372036854775808", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
)  # fmt: skip
# what proxies and browsers add, and what stands in our own checks
HEADERS = {
    "Origin": ("null", "http://[", "http://[::1]:x", "é", "http://" + "a" * 3000),
    "X-CSRF-Token": ("é", "", "0" * 64),
    "Cookie": ("arsip_session=é", "arsip_session=", "arsip_session=" + "a" * 3000, "a=b; ; =;"),
    "Authorization": ("Bearer", "Bearer é", "Basic x", "Bearer arsip_" + "a" * 3000),
    "Content-Type": ("", "application/json", "multipart/form-data", "multipart/form-data; boundary=", "x; charset=x"),
    "Accept": ("text/html", "é", "*/*;q=x"),
    "Idempotency-Key": ("é", "x" * 201, "", "kunci"),
    "Range": ("bytes=9-1", "bytes=-", "lines=1-2"),
    "If-None-Match": ("*", '"x"'),
    "Expect": ("x",),
    "X-Forwarded-For": ("é", "::1"),
}  # fmt: skip
wild = st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=30)
bounded = settings(max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))


class Office(NamedTuple):
    """A running product with one sealed letter that is registered and of a case, and somebody of every role."""

    product: Product
    described: dict[str, Any]
    users: dict[str, User]
    letter: str
    entry: str
    disposition: str
    disposal: str
    berkas: str
    case: str
    box: str
    word: str
    somebody: str


@pytest.fixture(scope="module")
def office(product: Product) -> Office:
    unit, word = f"unit-{nonce()}", nonce()
    users = {role: product.user(role, unit) for role in ROLES}
    with product.client(users["petugas"].token) as client:
        sent = client.post("/documents", files={"file": ("a.pdf", text_pdf(word))}).raise_for_status().json()["id"]
        assert settled(client, sent)["stage"] == "sealed"
        entry = client.post(f"/documents/{sent}/agenda", json=ENTRY).raise_for_status().json()["id"]
        new = {"sop": SOP, "person": {"name": "Budi Contoh"}, "document": sent}
        case = client.post("/cases", json=new).raise_for_status().json()["id"]
        box = client.post("/boxes", json={"name": "Boks 1"}).raise_for_status().json()["id"]
        to = {"recipients": [{"name": users["arsiparis"].name}]}
        with product.client(users["pejabat"].token) as chief:
            given = chief.post(f"/documents/{sent}/dispositions", json=to).raise_for_status().json()["dispositions"]
        described = client.get("/openapi.json").raise_for_status().json()
    with superuser(product) as connection:
        found = connection.execute("SELECT id FROM berkas WHERE case_id = %s", (case,)).fetchone()
    assert found is not None
    berkas = str(found[0])
    with product.client(users["arsiparis"].token) as keeper:
        new = {"kind": "pemusnahan", "unit": unit, "berkas": [berkas]}
        disposal = keeper.post("/disposals", json=new).raise_for_status().json()["id"]
    somebody = product.user("pejabat", f"unit-{nonce()}").name
    return Office(product, described, users, sent, entry, given[0]["id"], disposal, berkas, case, box, word, somebody)


@pytest.fixture(scope="module")
def clients(office: Office) -> Iterator[dict[str, httpx.Client]]:
    """Somebody of every role by token, one at the pages, and a stranger."""
    with ExitStack() as stack:
        found = {name: stack.enter_context(httpx.Client(base_url=office.product.url, timeout=60)) for name in ASKERS}
        for role, user in office.users.items():
            found[role].headers["Authorization"] = f"Bearer {user.token}"
        own = {"nama": office.users["arsiparis"].name, "sandi": office.users["arsiparis"].password}
        assert found["browser"].post("/masuk", data=own).status_code == 303
        found["browser"].headers["X-CSRF-Token"] = csrf_of(found["browser"])
        yield found


def quoted(value: str) -> str:
    return urllib.parse.quote(value.encode("utf-8", "surrogatepass"), safe="")


def values(schema: dict[str, Any], name: str, office: Office) -> st.SearchStrategy[str]:
    """What may stand in one place of an address: what fits, what nearly fits, and what does not."""
    known = {
        "document": office.letter,
        "entry": office.entry,
        "disposition": office.disposition,
        "disposal": office.disposal,
        "berkas": office.berkas,
        "case": office.case,
        "box": office.box,
        "sop": SOP,
        "name": office.somebody,
        "q": office.word,
        "n": "1",
    }
    fits = [known[name]] * 4 if name in known else []
    for part in schema.get("anyOf", [schema]):
        fits += part.get("enum", ())
        if part.get("type") == "integer":
            low, high = part["minimum"], part["maximum"]
            fits += map(str, (low - 1, low, low + 1, high, high + 1, 2**63, -(2**63) - 1))
        elif part.get("format") == "uuid":
            fits += [str(uuid.UUID(int=0)), office.letter.upper(), office.letter.replace("-", "")]
    return st.sampled_from(fits) | wild if fits else wild


def body(schema: dict[str, Any], office: Office) -> st.SearchStrategy[Any]:
    """A JSON body: of the documented form with all sorts of members, or of none."""
    if "$ref" in schema:
        schema = office.described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    odd = st.recursive(st.none() | st.booleans() | st.integers() | wild, lambda inner: st.lists(inner, max_size=3))
    if "properties" in schema:
        members = {name: body(part, office) | odd for name, part in schema["properties"].items()}
        whole = st.fixed_dictionaries({}, optional=members)
        return whole | st.builds(lambda told, name: {**told, name: 1}, whole, wild) | odd
    if schema.get("type") == "object":
        return st.dictionaries(st.sampled_from(["nama", "nik", "tanggal", "nomor_surat"]) | wild, wild, max_size=3)
    return st.sampled_from(["skt_polisi", "kata sandi baru", "petugas"]) | wild


@st.composite
def multipart(draw: st.DrawFn, office: Office) -> bytes:
    """A form with files, whole or cut short."""
    names = (b'"file"', b'"clearance"', b"file", b'""', b'"\x00"', b'"\xff"', b'"file', b"'file'")
    files = (b'"a.pdf"', b'""', b'"\x00.pdf"', b'"\xff\xfe"', b'"../a\r\nX: y"', b'"a\'\\"', b'"' + b"a" * 9000 + b'"')
    held = (text_pdf(office.word), b"", b"%PDF-", b"\xff\xd8\xff", b"rahasia", b"\x00" * 3000)
    parts = draw(st.lists(st.tuples(*(st.sampled_from(told) for told in (names, files, held))), max_size=4))
    form = b"--b\r\nContent-Disposition: form-data; name=%s; filename=%s\r\n\r\n%s\r\n"
    whole = b"".join(form % part for part in parts) + b"--b--\r\n"
    return whole[: draw(st.sampled_from([len(whole)] * 4 + [len(whole) - 3, 20, 0]))]


class Asked(NamedTuple):
    """One request, ready to be sent."""

    asker: str
    address: str
    headers: dict[str, bytes]
    content: bytes | None


@st.composite
def requests(draw: st.DrawFn, office: Office, path: str, described: dict[str, Any], may: set[str]) -> Asked:
    """A request to a route of OpenAPI, more often than not by one of those who may."""
    query = []
    for place in described.get("parameters", ()):
        told = values(place["schema"], place["name"], office)
        if place["in"] == "path":
            path = path.replace("{" + place["name"] + "}", quoted(draw(told)) or "x")
        elif place["in"] == "query" and draw(st.booleans()):
            query += [f"{place['name']}={quoted(draw(told))}"] * draw(st.sampled_from([1, 1, 1, 2]))
    headers = draw(odd_headers())
    content = None
    takes = described.get("requestBody", {}).get("content", {})
    if "application/json" in takes:
        headers.setdefault("Content-Type", b"application/json")
        told = json.dumps(draw(body(takes["application/json"]["schema"], office)))
        content = draw(st.sampled_from([told, told, told, told[:-1], "[" * 3000, ""])).encode()
    elif takes:
        headers.setdefault("Content-Type", b"multipart/form-data; boundary=b")
        content = draw(multipart(office))
    asker = st.sampled_from(ASKERS) | st.sampled_from(sorted(may)) | st.just("browser")
    return Asked(draw(asker), f"{API}{path}?{'&'.join(query)}", headers, content)


@st.composite
def odd_headers(draw: st.DrawFn) -> dict[str, bytes]:
    """None, one or two of HEADERS."""
    names = draw(st.just([]) | st.lists(st.sampled_from(sorted(HEADERS)), max_size=2, unique=True))
    return {name: draw(st.sampled_from(HEADERS[name])).encode() for name in names}


@st.composite
def visits(draw: st.DrawFn, office: Office, csrf: str, method: str, route: APIRoute) -> Asked:
    """A request to a page, by whoever is signed in there or a stranger."""
    known = {"csrf": csrf, "document": office.letter, "jenis": "skt_polisi", "nama": office.users["petugas"].name}

    def form(names: list[str]) -> str:
        chosen = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
        pairs = [(n, known[n] if n in known and draw(st.booleans()) else draw(wild)) for n in chosen]
        return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in pairs)

    document = office.letter if draw(st.booleans()) else str(uuid.UUID(int=0))
    address = (
        route.path.replace("{document:uuid}", document) + "?" + form([p.alias for p in route.dependant.query_params])
    )
    headers = draw(odd_headers())
    content = None
    if method == "POST":
        headers.setdefault("Content-Type", b"application/x-www-form-urlencoded")
        desk = ["isian.nik", "isian.tanggal", "isian.\x00", "dilihat", "semua", "terperiksa", "jenis"]
        content = form([*{p.alias for p in route.dependant.body_params}, *desk]).encode() + f"&csrf={csrf}".encode()
    return Asked(draw(st.sampled_from(("browser", "browser", "nobody"))), address, headers, content)


def told(client: httpx.Client, method: str, asked: Asked) -> tuple[httpx.Response, bytes]:
    """The answer and its body; of a stream without end its beginning."""
    with client.stream(method, asked.address, headers=list(asked.headers.items()), content=asked.content) as answer:  # type: ignore[arg-type]
        endless = answer.headers.get("content-type", "").startswith("text/event-stream")
        return answer, next(answer.iter_bytes()) if endless else answer.read()


def documented(office: Office, answer: httpx.Response, content: bytes, described: dict[str, Any]) -> None:
    """Fail unless status, media type and body are as OpenAPI says."""
    status, media_type = str(answer.status_code), answer.headers.get("content-type", "").split(";")[0]
    said = described["responses"].get(status) or described["responses"].get(f"{status[0]}XX")
    assert said is not None, f"{status} is not documented"
    if "application/octet-stream" in said["content"]:  # an original has the type it came with
        return
    assert media_type in said["content"], f"{status} {media_type} is not documented"
    if media_type in ("application/json", "application/problem+json"):
        schema = {**said["content"][media_type]["schema"], "components": office.described["components"]}
        Draft202012Validator(schema).validate(json.loads(content))


def api_routes() -> list[tuple[str, str]]:
    """Method and path of every route of the API."""
    return sorted(
        (m, r.path) for router in ROUTERS for r in router.routes if isinstance(r, APIRoute) for m in r.methods
    )


@pytest.mark.parametrize(("method", "path"), api_routes(), ids=lambda part: part)
def test_any_request_is_answered_as_documented(
    office: Office, clients: dict[str, httpx.Client], method: str, path: str
) -> None:
    described = office.described["paths"][API + path][method.lower()]

    @given(requests(office, path, described, MAY[RULES[method, path].right]))
    @bounded
    def ask(asked: Asked) -> None:
        answer, content = told(clients[asked.asker], method, asked)
        assert answer.status_code < 500, (answer.status_code, content[:300])
        documented(office, answer, content, described)

    ask()


def test_every_route_is_asked(office: Office) -> None:
    assert {(m.upper(), p.removeprefix(API)) for p, ms in office.described["paths"].items() for m in ms} == set(
        api_routes()
    )


@pytest.mark.parametrize(("method", "route"), page_routes(web.router), ids=lambda part: getattr(part, "path", part))
def test_no_page_breaks(office: Office, clients: dict[str, httpx.Client], method: str, route: APIRoute) -> None:
    @given(visits(office, clients["browser"].headers["X-CSRF-Token"], method, route))
    @bounded
    def visit(asked: Asked) -> None:
        answer, content = told(clients[asked.asker], method, asked)
        assert answer.status_code < 500, (answer.status_code, content[:300])

    if route.path != "/keluar":  # the browser is needed by the others
        visit()
