"""Files and requests that are wrong: a clear reason each time, nothing lost, and nobody else waits for them."""

import hashlib
import http.client
import json
import re
import select
import socket
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from core.settings import Settings
from tests.assets.letters import unique_jpeg
from tests.conftest import BAD
from tests.e2e.inside import nonce, text_pdf
from tests.product import Product, settled, until

REFUSED = {
    "empty.pdf": (400, "empty_file"),
    "html_as.pdf": (415, "unsupported_type"),
    "svg_as.pdf": (415, "unsupported_type"),
    "exe_as.pdf": (415, "unsupported_type"),
}
HELD = {
    "encrypted.pdf": "encrypted_pdf",
    "truncated.pdf": "damaged_file",
    "truncated.jpg": "damaged_file",
    "no_pages.pdf": "no_pages",
    "ten_thousand_pages.pdf": "too_many_pages",
    "no_page_tree.pdf": "damaged_file",
    "bomb_35000.png": "picture_too_large",
    "bomb_35000.tiff": "picture_too_large",
}
# Odd inside, and whole letters all the same
READ = ("md5_twin_a.pdf", "md5_twin_b.pdf", "stray_text.pdf", "tagged_no_text.pdf", "damaged_exif.jpg")
MEGABYTE = 1 << 20
LIMIT = 100 * MEGABYTE


@pytest.fixture(scope="module")
def clerk(product: Product) -> Iterator[httpx.Client]:
    with product.client(product.user("petugas", f"unit-{nonce()}").token) as client:
        yield client


def _send(client: httpx.Client, data: bytes, name: str = "surat.pdf") -> httpx.Response:
    return client.post("/documents", files={"file": (name, data, "application/pdf")})


def _count(client: httpx.Client) -> int:
    return len(client.get("/documents", params={"limit": 200}).json()["documents"])


def test_every_bad_file_is_tried() -> None:
    assert {file.name for file in BAD.iterdir()} == {*REFUSED, *HELD, *READ}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_file_says_why_and_leaves_nothing(clerk: httpx.Client, name: str) -> None:
    before = _count(clerk)
    answer = _send(clerk, (BAD / name).read_bytes(), name)
    status, slug = REFUSED[name]
    assert (answer.status_code, answer.json()["slug"]) == (status, slug)
    assert "tidak ada yang disimpan" in answer.json()["detail"]
    assert _count(clerk) == before


@pytest.mark.parametrize("name", HELD)
def test_poison_is_kept_and_stops_nobody(clerk: httpx.Client, name: str) -> None:
    data = (BAD / name).read_bytes()
    answer = _send(clerk, data, name)
    assert answer.status_code == 202
    good = _send(clerk, unique_jpeg(time.monotonic_ns() % (1 << 31), 60), "baik.jpg").json()["id"]
    # sooner than the longest that one page may keep a reader busy: the letter behind it did not wait for the poison
    assert settled(clerk, good, timeout=Settings.model_fields["page_seconds"].default)["stage"] == "sealed"
    document = settled(clerk, answer.json()["id"])
    assert (document["stage"], document["fault"]["slug"]) == ("held", HELD[name])
    assert "Berkas asli sudah aman tersimpan" in document["fault"]["detail"]
    events = clerk.get(f"/documents/{document['id']}/events").json()["events"]
    assert [e["detail"]["fault"] for e in events if e["action"] == "held"] == [HELD[name]]
    assert clerk.get(f"/documents/{document['id']}/original").content == data


def test_odd_files_are_read(clerk: httpx.Client) -> None:
    sent = {name: _send(clerk, (BAD / name).read_bytes(), name).json()["id"] for name in READ}
    for name, document in sent.items():
        assert settled(clerk, document)["stage"] == "sealed", name
    for name in ("stray_text.pdf", "tagged_no_text.pdf"):  # what only pretends to have text was recognised
        assert clerk.get(f"/documents/{sent[name]}/pages/1/words").json()["source"] == "ocr"


def test_a_held_letter_may_be_tried_again_and_is_held_again(clerk: httpx.Client) -> None:
    data = (BAD / "truncated.pdf").read_bytes() + b"\n% lain"
    document = settled(clerk, _send(clerk, data).json()["id"])
    assert document["stage"] == "held"
    again = clerk.post(f"/documents/{document['id']}/retry")
    assert (again.status_code, again.json()["stage"], again.json()["fault"]) == (202, "received", None)
    document = settled(clerk, document["id"])
    assert document["fault"]["slug"] == "damaged_file"
    events = [e["action"] for e in clerk.get(f"/documents/{document['id']}/events").json()["events"]]
    assert events == ["received", "held", "tried_again", "held"]


def test_two_files_of_one_md5_are_two_letters(clerk: httpx.Client) -> None:
    twins = [(BAD / f"md5_twin_{which}.pdf").read_bytes() for which in "ab"]
    assert (
        hashlib.md5(twins[0], usedforsecurity=False).digest() == hashlib.md5(twins[1], usedforsecurity=False).digest()
    )
    sent = [_send(clerk, twin).json() for twin in twins]
    assert sent[0]["id"] != sent[1]["id"]
    assert [s["sha256"] for s in sent] == [hashlib.sha256(twin).hexdigest() for twin in twins]
    for receipt, twin in zip(sent, twins, strict=True):
        assert clerk.get(f"/documents/{receipt['id']}/original").content == twin


HOSTILE = {
    "path up": ("../../../../etc/passwd", "passwd"),
    "windows path": (r"C:\Users\sari\..\surat.pdf", "surat.pdf"),
    "absolute": ("/etc/cron.d/x.pdf", "x.pdf"),
    "NUL": ("surat\x00.exe.pdf", "surat.exe.pdf"),
    "300 letters": ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
    "right to left": ("surat\u202efdp.exe", "suratfdp.exe"),
    "line feed": ("surat\r\nSet-Cookie: jahat=1.pdf", "suratSet-Cookie: jahat=1.pdf"),
    "quotes": ('surat "asli"; x=y.pdf', 'surat "asli"; x=y.pdf'),
    "markup": ("<script>alert(1)<_script>.pdf", "<script>alert(1)<_script>.pdf"),
    "other writing": ("信 Ñandú – été.pdf", "信 Ñandú – été.pdf"),
    "only dots": ("...", "tanpa-nama"),
    "nothing": ("", "tanpa-nama"),
    "percent": ("%2e%2e%2fsurat%00.pdf", "%2e%2e%2fsurat%00.pdf"),
}


def _raw(
    product: Product, client: httpx.Client, head: list[bytes], body: bytes, *, ends: bool = False
) -> tuple[int, dict[str, Any]]:
    """A request byte for byte as written here; `ends`: then the sender hangs up. Status and JSON body."""
    where = httpx.URL(product.url)
    with socket.create_connection((where.host, where.port or 80), timeout=60) as connection:
        lines = [
            b"POST /api/v1/documents HTTP/1.1",
            f"Host: {where.host}:{where.port}".encode(),
            b"Authorization: " + client.headers["authorization"].encode(),
            b"Content-Type: multipart/form-data; boundary=batas",
            *head,
        ]
        connection.sendall(b"\r\n".join((*lines, b"", b"")) + body)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        with closing(http.client.HTTPResponse(connection)) as answer:
            answer.begin()
            body = answer.read()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(body) if is_json else {}


def _part(name: bytes, data: bytes) -> bytes:
    head = b'--batas\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n\r\n'
    return head + data + b"\r\n--batas--\r\n"


@pytest.mark.parametrize("sort", HOSTILE)
def test_hostile_file_name_becomes_harmless(product: Product, clerk: httpx.Client, sort: str) -> None:
    name, shown = HOSTILE[sort]
    data = text_pdf(nonce())
    escaped = name.replace('"', "%22") if sort != "quotes" else name.replace('"', '\\"')
    if "\r" in name:  # a sender that escapes as the standard says; raw ones are tried below
        sent = _send(clerk, data, name)
        status, receipt = sent.status_code, sent.json()
    else:
        body = _part(escaped.encode(), data)
        status, receipt = _raw(product, clerk, [f"Content-Length: {len(body)}".encode()], body)
    assert status == 202, receipt
    document = clerk.get(f"/documents/{receipt['id']}").json()
    assert document["filename"].isprintable()
    if "\r" not in name:
        assert document["filename"] == shown
    answer = clerk.get(f"/documents/{receipt['id']}/original")
    assert answer.content == data
    assert "set-cookie" not in answer.headers
    disposition = re.fullmatch(
        r"attachment; filename=\"([A-Za-z0-9._ -]*)\"; filename\*=UTF-8''([A-Za-z0-9._~%-]*)",
        answer.headers["content-disposition"],
    )
    assert disposition is not None, answer.headers["content-disposition"]
    assert urllib.parse.unquote(disposition[2]).endswith(".pdf")
    with httpx.Client(base_url=product.url) as anybody:
        assert anybody.get("/healthz").status_code == 200


def test_header_smuggled_in_a_part_is_not_taken(product: Product, clerk: httpx.Client) -> None:
    body = _part(b'a.pdf"\r\nContent-Type: text/html\r\nX: "', text_pdf(nonce()))
    status, receipt = _raw(product, clerk, [f"Content-Length: {len(body)}".encode()], body)
    assert status == 202
    assert clerk.get(f"/documents/{receipt['id']}").json()["media_type"] == "application/pdf"


def test_length_that_promises_more_than_comes(product: Product, clerk: httpx.Client) -> None:
    before, body = _count(clerk), _part(b"a.pdf", text_pdf(nonce()))
    for promised in (len(body) + 1, len(body) + MEGABYTE):
        try:
            status, answer = _raw(product, clerk, [f"Content-Length: {promised}".encode()], body, ends=True)
        except (http.client.HTTPException, ConnectionError):
            continue  # nobody is there any more to be told
        assert (status, answer.get("slug")) == (422, "invalid_request")
    assert _count(clerk) == before


def test_length_that_promises_less_than_comes(product: Product, clerk: httpx.Client) -> None:
    before, body = _count(clerk), _part(b"a.pdf", text_pdf(nonce()))
    # what comes over is no request of its own; the letter was cut short: either is an error
    status, _ = _raw(product, clerk, [f"Content-Length: {len(body) - 40}".encode()], body)
    assert status in (400, 422)
    for nonsense in (b"-1", b"abc", b"99999999999999999999999"):
        status, _ = _raw(product, clerk, [b"Content-Length: " + nonsense], body)
        assert 400 <= status < 500
    assert _count(clerk) == before


@pytest.mark.parametrize("missing", [1, 3, 13, 14, 15, 200])
def test_multipart_cut_short_is_no_letter(product: Product, clerk: httpx.Client, missing: int) -> None:
    before, data = _count(clerk), text_pdf(nonce())
    body = _part(b"a.pdf", data)[:-missing]
    status, answer = _raw(product, clerk, [f"Content-Length: {len(body)}".encode()], body)
    if status == 202:  # only the closing mark's last bytes are missing: then the letter must be whole
        assert missing <= 4
        assert clerk.get(f"/documents/{answer['id']}/original").content == data
    else:
        assert (status, answer["slug"]) == (422, "invalid_request")
        assert _count(clerk) == before


def test_two_lengths_or_a_length_and_chunks_are_refused(product: Product, clerk: httpx.Client) -> None:
    before, body = _count(clerk), _part(b"a.pdf", text_pdf(nonce()))
    length = f"Content-Length: {len(body)}".encode()
    for head in ([length, b"Content-Length: 5"], [length, b"Transfer-Encoding: chunked"]):
        status, _ = _raw(product, clerk, head, body)
        assert 400 <= status < 500
    assert _count(clerk) == before


def _spool(product: Product) -> int:
    files = [file for file in (product.data / "spool").rglob("*") if file.is_file() and "cache" not in file.parts]
    return sum(file.stat().st_size for file in files)


def _pour(connection: socket.socket, piece: bytes, most: int) -> tuple[int, bytes]:
    """Send the piece again and again, at most so many bytes; how many went out, and the first of the answer."""
    sent, waiting, answer = 0, memoryview(b""), b""
    connection.setblocking(False)
    while sent < most and not answer:
        readable, writable, _ = select.select([connection], [connection], [], 30)
        assert readable or writable
        waiting = waiting or memoryview(piece)
        if writable:
            done = connection.send(waiting)
            waiting, sent = waiting[done:], sent + done
        if readable:
            answer = connection.recv(65536)
    connection.setblocking(True)
    while b"too_large" not in answer and (more := connection.recv(65536)):
        answer += more
    return sent, answer


@pytest.mark.parametrize("sort", ["chunked", "honest length"])
def test_body_without_end_is_refused_while_it_comes(product: Product, clerk: httpx.Client, sort: str) -> None:
    """Gigabytes would come; the answer is there after little more than the limit, and nothing stays on disk."""
    where, before, honest = httpx.URL(product.url), _count(clerk), sort == "honest length"
    piece = b"x" * MEGABYTE if honest else f"{MEGABYTE:x}\r\n".encode() + b"x" * MEGABYTE + b"\r\n"
    opening = b'--batas\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'
    head = [
        b"POST /api/v1/documents HTTP/1.1",
        f"Host: {where.host}:{where.port}".encode(),
        b"Authorization: " + clerk.headers["authorization"].encode(),
        b"Content-Type: multipart/form-data; boundary=batas",
        f"Content-Length: {40 * LIMIT}".encode() if honest else b"Transfer-Encoding: chunked",
    ]
    with socket.create_connection((where.host, where.port or 80), timeout=60) as connection:
        connection.sendall(b"\r\n".join((*head, b"", b"")))
        connection.sendall(opening if honest else f"{len(opening):x}\r\n".encode() + opening + b"\r\n")
        sent, answer = _pour(connection, piece, int(1.2 * LIMIT))
    assert b" 413 " in answer.splitlines()[0]
    assert b"too_large" in answer
    assert sent <= 1.2 * LIMIT + MEGABYTE
    until(lambda: _spool(product) == 0, timeout=20)
    assert _count(clerk) == before


def test_largest_file_allowed_is_taken(clerk: httpx.Client) -> None:
    """At the limit to the byte: kept and given back whole; one byte more is refused."""
    small = unique_jpeg(5, 30)
    data = small + b"\0" * (LIMIT - len(small))
    answer = _send(clerk, data, "besar.jpg")
    assert answer.status_code == 202
    digest = hashlib.sha256()
    with clerk.stream("GET", f"/documents/{answer.json()['id']}/original") as original:
        for chunk in original.iter_bytes():
            digest.update(chunk)
    assert digest.hexdigest() == hashlib.sha256(data).hexdigest()
    refused = _send(clerk, data + b"\0", "besar.jpg")
    assert (refused.status_code, refused.json()["slug"]) == (413, "too_large")
    assert "100 MB" in refused.json()["detail"]


# Each was once an incident: no program and no browser sends these by itself
ODD_REQUESTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "NUL in an address": ("PUT", "/api/v1/users/a%00b/password", {"json": {"password": "kata sandi baru"}}),
    "NUL in a name": ("POST", "/masuk", {"data": {"nama": "a\0b", "sandi": "kata sandi"}}),
    "origin that no parser takes": ("POST", "/masuk", {"headers": {"Origin": "http://["}}),
}


@pytest.mark.parametrize("sort", ODD_REQUESTS)
def test_odd_request_is_refused_and_no_incident(product: Product, sort: str) -> None:
    method, path, sent = ODD_REQUESTS[sort]
    token = f"Bearer {product.secrets['operator_admin_token']}"
    with httpx.Client(base_url=product.url, headers={"Authorization": token}) as client:
        answer = client.request(method, path, **sent)
    assert 400 <= answer.status_code < 500, answer.text
