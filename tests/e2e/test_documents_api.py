"""The API's contract, endpoint by endpoint, on a letter that was really scanned, read and sealed."""

import hashlib
import io
import json
import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pypdfium2 as pdfium
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from minio import Minio
from PIL import Image, ImageChops
from redis import Redis

from tests.assets.letter import FOOTER
from tests.assets.letters import Letter, make_scan_pdf, sample
from tests.conftest import SAMPLES
from tests.e2e.inside import nonce, settings_of, superuser, text_pdf
from tests.product import Product, User, settled, until

FACT = {"value", "text", "page", "box", "confidence", "sure", "passed", "failed", "repaired", "other"}
DOCUMENT = {
    "id",
    "sha256",
    "filename",
    "media_type",
    "stage",
    "pages",
    "pages_read",
    "kind",
    "fields",
    "checked_at",
    "part_of",
    "letters",
    "signatures",
    "sampled",
    "clearance",
    "received_at",
    "sealed_at",
    "secrecy",
    "urgency",
    "locked_until",
    "store_holds",
    "fault",
}
KIND = "skt_polisi"
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Desk:
    """A clerk of a unit of their own, and a letter they sent: its truth, its bytes, and what it became."""

    product: Product
    user: User
    client: httpx.Client
    truth: Letter
    sent: bytes
    receipt: httpx.Response
    document: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/documents/{self.document['id']}"


@pytest.fixture(scope="module")
def desk(product: Product) -> Iterator[Desk]:
    user, truth = product.user("petugas", f"unit-{nonce()}"), sample(KIND)
    sent = truth.jpeg(55)
    with product.client(user.token) as client:
        receipt = client.post("/documents", files={"file": ("Surat Pengantar No. 1.JPG", sent, "text/html")})
        document = settled(client, receipt.raise_for_status().json()["id"])
        assert document["stage"] == "sealed", document
        yield Desk(product, user, client, truth, sent, receipt, document)


def _problem(answer: httpx.Response, status: int, slug: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "slug"}
    assert (body["status"], body["slug"], body["type"]) == (status, slug, f"urn:arsip:fault:{slug}")
    assert body["title"]
    assert body["detail"].endswith(".")


def _post(client: httpx.Client, data: bytes, key: str | None = None, name: str = "a.pdf") -> httpx.Response:
    return client.post(
        "/documents", files={"file": (name, data)}, headers={"Idempotency-Key": key} if key is not None else {}
    )


def test_sending_is_answered_with_where_the_letter_is(desk: Desk) -> None:
    body = desk.receipt.json()
    assert desk.receipt.status_code == 202
    assert desk.receipt.headers["location"] == f"/api/v1/documents/{body['id']}"
    assert body == {
        "id": desk.document["id"],
        "sha256": hashlib.sha256(desk.sent).hexdigest(),
        "stage": "received",
        "duplicate_of": None,
    }


def test_document_says_what_it_is(desk: Desk) -> None:
    document = desk.document
    assert set(document) == DOCUMENT
    assert document["filename"] == "Surat Pengantar No. 1.JPG"
    assert document["media_type"] == "image/jpeg"  # by its bytes, whatever the sender called it
    assert (document["pages"], document["pages_read"]) == (1, 1)
    assert (document["kind"]["value"], document["kind"]["sure"]) == ("skt_polisi", True)
    assert document["kind"]["reasons"]
    assert {"nama", "tanggal"} <= document["fields"].keys()
    assert set(document["fields"]["nama"]) == FACT
    assert (document["clearance"], document["fault"], document["checked_at"]) == ("terbatas", None, None)
    assert document["received_at"] < document["sealed_at"]


def test_the_same_bytes_are_the_same_document(desk: Desk) -> None:
    again = _post(desk.client, desk.sent, name="lain.jpg")
    assert again.status_code == 202
    assert again.json() == {**desk.receipt.json(), "stage": "sealed", "duplicate_of": desk.document["id"]}
    assert desk.client.get(desk.path).json() == desk.document
    actions = [e["action"] for e in desk.client.get(f"{desk.path}/events").json()["events"]]
    assert actions.count("received") == 1
    assert "arrived_again" in actions


def test_the_same_bytes_from_many_at_once_are_one_document(desk: Desk) -> None:
    data, answers = text_pdf(nonce()), []
    start = threading.Barrier(8)

    def send() -> None:
        with desk.product.client(desk.user.token) as client:
            start.wait()
            answers.append(_post(client, data))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [202] * 8
    [document] = {answer.json()["id"] for answer in answers}
    assert sorted(str(answer.json()["duplicate_of"]) for answer in answers) == sorted(["None"] + [document] * 7)


def test_a_repeated_request_gets_the_same_answer(desk: Desk) -> None:
    key, data = uuid.uuid4().hex, text_pdf(nonce())
    first, again = _post(desk.client, data, key), _post(desk.client, data, key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["duplicate_of"] is None  # a repetition, not a second arrival
    events = desk.client.get(f"/documents/{first.json()['id']}/events").json()["events"]
    assert "arrived_again" not in [event["action"] for event in events]


def test_one_key_for_two_files_is_refused(desk: Desk) -> None:
    key, other = uuid.uuid4().hex, text_pdf(nonce())
    first = _post(desk.client, text_pdf(nonce()), key).json()["id"]
    _problem(_post(desk.client, other, key), 409, "idempotency_conflict")
    newest = desk.client.get("/documents", params={"limit": 1}).json()["documents"]
    assert [document["id"] for document in newest] == [first]
    # somebody else's keys are their own
    with desk.product.client(desk.product.user("petugas", desk.user.unit).token) as colleague:
        assert _post(colleague, other, key).status_code == 202


def test_list_goes_on_by_cursor_and_filters_by_stage(product: Product) -> None:
    with product.client(product.user("petugas", f"unit-{nonce()}").token) as client:
        sent = [_post(client, text_pdf(nonce())).json()["id"] for _ in range(5)]
        for document in sent:
            settled(client, document)
        found, cursor = [], None
        while True:
            body = client.get("/documents", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
            assert set(body) == {"documents", "next"}
            assert len(body["documents"]) <= 2
            found += body["documents"]
            if (cursor := body["next"]) is None:
                break
        assert [document["id"] for document in found] == sent[::-1]
        assert set(found[0]) == DOCUMENT
        by_stage = {stage: client.get("/documents", params={"stage": stage}).json() for stage in ("sealed", "held")}
        assert len(by_stage["sealed"]["documents"]) == 5
        assert by_stage["held"]["documents"] == []
        for wrong in ({"stage": "selesai"}, {"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"cursor": 0}):
            _problem(client.get("/documents", params=wrong), 422, "invalid_request")


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


def test_text_has_the_letters_words_line_by_line(desk: Desk) -> None:
    body = desk.client.get(f"{desk.path}/text").json()
    assert [set(page) for page in body["pages"]] == [{"number", "text"}]
    text = body["pages"][0]["text"]
    assert desk.truth.phrase.casefold() in _flat(text)
    assert len(text.splitlines()) > 10
    lines = [_flat(line) for line in text.splitlines()]
    printed = [_flat(line) for line in desk.truth.text.splitlines() if line != FOOTER]  # the truth names that one first
    found = [line for line in printed if line in lines]
    assert len(found) > 5
    assert [lines.index(line) for line in found] == sorted(lines.index(line) for line in found)  # reading order


def _words(desk: Desk) -> list[dict[str, Any]]:
    body = desk.client.get(f"{desk.path}/pages/1/words").json()
    assert set(body) == {"number", "source", "rotation", "skew", "words"}
    assert (body["number"], body["source"], body["rotation"]) == (1, "ocr", 0)
    words: list[dict[str, Any]] = body["words"]
    return words


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_words_stand_where_they_are_printed(desk: Desk) -> None:
    words = _words(desk)
    assert [word["text"] for word in words] == desk.client.get(f"{desk.path}/text").json()["pages"][0]["text"].split()
    assert [word["line"] for word in words] == sorted(word["line"] for word in words)
    for word in words:
        x0, y0, x1, y1 = word["box"]
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1
        assert 0 <= word["confidence"] <= 1
    once = {w.text: w.box for w in desk.truth.words if sum(o.text == w.text for o in desk.truth.words) == 1}
    read = [word for word in words if word["text"] in once and len(word["text"]) > 3]
    far = [
        word["text"]
        for word in read
        for there, printed in [(_middle(tuple(word["box"])), _middle(once[word["text"]]))]
        if abs(there[0] - printed[0]) > 0.01 or abs(there[1] - printed[1]) > 0.01
    ]
    assert len(read) > 30
    assert len(far) <= len(read) * 0.02, far


def test_search_marks_the_words_on_the_page(desk: Desk) -> None:
    printed = [word for word in desk.truth.words if word.text.isalpha() and len(word.text) > 6]
    words = {tuple(word["box"]): word["text"] for word in _words(desk)}
    rare = [w for w in printed if list(words.values()).count(w.text) == 1 == sum(o.text == w.text for o in printed)]
    asked = rare[:: max(1, len(rare) // 3)][:3]
    body = desk.client.get("/search", params={"q": " ".join(word.text for word in asked)}).json()
    assert set(body) == {"total", "exact", "hits", "next", "added", "did_you_mean", "facets"}
    [hit] = body["hits"]
    assert set(hit) == {"document", "page", "snippet", "boxes", "received_at", "page_address"}
    assert (body["total"], body["next"], hit["document"], hit["page"]) == (1, None, desk.document["id"], 1)
    assert hit["received_at"] == desk.document["received_at"]
    assert any(word.text in hit["snippet"] for word in asked)
    marked = {words[tuple(box)]: tuple(box) for box in hit["boxes"]}  # each box is some word's own
    for word in asked:
        assert _middle(marked[word.text]) == pytest.approx(_middle(word.box), abs=0.01)
    assert len(hit["boxes"]) < len(words) / 10
    quoted = desk.client.get("/search", params={"q": f'"{desk.truth.phrase}"'}).json()
    assert [found["document"] for found in quoted["hits"]] == [desk.document["id"]]
    turned = " ".join(desk.truth.phrase.split()[::-1])
    assert desk.client.get("/search", params={"q": f'"{turned}"'}).json()["total"] == 0


def test_search_is_newest_first_and_goes_on_by_cursor(desk: Desk) -> None:
    word = nonce()
    sent = [_post(desk.client, text_pdf(f"{word} {number}")).json()["id"] for number in range(3)]
    until(lambda: desk.client.get("/search", params={"q": word}).json()["total"] == 3)
    found, cursor = [], None
    while True:
        body = desk.client.get(
            "/search", params={"q": word, "limit": 1} | ({"cursor": cursor} if cursor else {})
        ).json()
        assert body["total"] == 3
        found += [hit["document"] for hit in body["hits"]]
        if (cursor := body["next"]) is None:
            break
    assert found == sent[::-1]
    for wrong in ({"q": ""}, {"q": word, "cursor": "x"}, {"q": word, "limit": 101}, {"q": "x" * 501}, {}):
        _problem(desk.client.get("/search", params=wrong), 422, "invalid_request")


def test_page_picture_in_the_asked_width(desk: Desk) -> None:
    for width, expected in ((300, 300), (None, None), (4000, None)):
        answer = desk.client.get(f"{desk.path}/pages/1/image", params={"width": width} if width else {})
        assert answer.headers["content-type"] == "image/jpeg"
        assert "sandbox" in answer.headers["content-security-policy"]
        with Image.open(io.BytesIO(answer.content), formats=["JPEG"]) as picture:
            picture.load()
            assert picture.width == expected or (expected is None and 800 < picture.width < 4000)
            assert picture.height / picture.width == pytest.approx(
                desk.truth.image.height / desk.truth.image.width, rel=0.01
            )
    _problem(desk.client.get(f"{desk.path}/pages/2/image"), 404, "not_found")
    _problem(desk.client.get(f"{desk.path}/pages/2/words"), 404, "not_found")
    for wrong in ("pages/0/image", "pages/1/image?width=31", "pages/1/image?width=4001", "pages/x/words"):
        _problem(desk.client.get(f"{desk.path}/{wrong}"), 422, "invalid_request")


def test_original_is_the_same_bytes_and_only_a_download(desk: Desk) -> None:
    answer = desk.client.get(f"{desk.path}/original")
    assert answer.content == desk.sent
    headers = answer.headers
    assert headers["content-disposition"].startswith('attachment; filename="Surat Pengantar No. 1.jpg"')
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-type"] == "image/jpeg"
    assert int(headers["content-length"]) == len(desk.sent)
    assert headers["cache-control"] == "no-store"


def test_searchable_pdf_holds_the_picture_and_its_words(desk: Desk) -> None:
    answer = desk.client.get(f"{desk.path}/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    pdf = pdfium.PdfDocument(answer.content)
    try:
        assert len(pdf) == 1
        page, width, height = pdf[0], *pdf[0].get_size()
        text = page.get_textpage()
        first = desk.truth.phrase.split()[0]
        at = text.search(first, match_case=False).get_next()
        assert at is not None
        left, bottom, right, top = text.get_charbox(at[0])
        boxes = [w["box"] for w in _words(desk) if first.casefold() in w["text"].casefold()]
        near = [
            b for b in boxes if abs(b[0] - left / width) < 0.03 and abs((b[1] + b[3]) / 2 - 1 + top / height) < 0.03
        ]
        assert near, (left / width, 1 - top / height, boxes)
        assert right > left
        assert top > bottom
    finally:
        pdf.close()


def test_manifest_fits_what_is_downloaded(desk: Desk) -> None:
    answer = desk.client.get(f"{desk.path}/manifest")
    assert answer.headers["content-type"] == "application/json"
    manifest = answer.json()
    for part, path in (("original", "original"), ("pdf", "pdf")):
        assert manifest[part]["sha256"] == hashlib.sha256(desk.client.get(f"{desk.path}/{path}").content).hexdigest()
    assert manifest["original"]["size"] == len(desk.sent)
    [page] = manifest["pages"]
    text = desk.client.get(f"{desk.path}/text").json()["pages"][0]["text"]
    assert page["text_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert manifest["document"] == desk.document["id"]
    assert manifest["kind"].items() <= desk.document["kind"].items()
    assert manifest["fields"] == desk.document["fields"]
    events = {event["seq"]: event for event in desk.client.get(f"{desk.path}/events").json()["events"]}
    assert [event["action"] for event in manifest["events"]][:4] == ["received", "paged", "page_read", "filed"]
    assert all(events[event["seq"]]["hash"] == event["hash"] for event in manifest["events"])
    [sealed] = [event for event in events.values() if event["action"] == "sealed"]
    assert sealed["digest"] == hashlib.sha256(answer.content).hexdigest()
    assert {"arsip", "mode", "pypdf"} <= set(manifest["software"])


def test_every_view_is_an_event(desk: Desk) -> None:
    me = desk.client.get("/me").json()["id"]
    events = f"{desk.path}/events"
    looks = {
        "text": "text_viewed",
        "original": "original_downloaded",
        "pdf": "pdf_downloaded",
        "manifest": "manifest_viewed",
        "pages/1/image": "page_viewed",
        "pages/1/words": "text_viewed",
    }
    for path, action in looks.items():
        before = desk.client.get(events).json()["events"]
        desk.client.get(f"{desk.path}/{path}").raise_for_status()
        after = desk.client.get(events).json()["events"]
        [new] = after[len(before) :]
        assert set(new) == {"seq", "at", "action", "actor", "document", "digest", "detail", "hash"}
        assert (new["action"], new["actor"], new["document"]) == (action, me, desk.document["id"])
        assert re.fullmatch(r"[0-9a-f]{64}", new["digest"])
    assert [event["seq"] for event in after] == sorted(event["seq"] for event in after)


def test_files_before_sealing_are_not_ready(desk: Desk) -> None:
    document = _post(desk.client, make_scan_pdf(6, 31)).json()["id"]
    for file in ("pdf", "manifest"):
        _problem(desk.client.get(f"/documents/{document}/{file}"), 409, "not_ready")
    _problem(desk.client.post(f"/documents/{document}/retry"), 409, "not_held")
    seen: list[dict[str, Any]] = []
    until(
        lambda: seen.append(desk.client.get(f"/documents/{document}").json()) or seen[-1]["stage"] == "sealed",
        timeout=120,
    )
    counts = [d["pages_read"] for d in seen]
    assert counts == sorted(counts)
    assert any(0 < count < 6 for count in counts)  # progress shows page by page
    pages = desk.client.get(f"/documents/{document}/text").json()["pages"]
    assert [page["number"] for page in pages] == [1, 2, 3, 4, 5, 6]


def test_stream_tells_each_stage_as_it_comes(desk: Desk) -> None:
    stages: list[str] = []
    with desk.product.client(desk.user.token) as listener, listener.stream("GET", "/events/stream") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines).startswith("retry: ")
        document = _post(desk.client, make_scan_pdf(3, 32)).json()["id"]
        event = ""
        for line in lines:
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: "):
                told = json.loads(line.removeprefix("data: "))
                assert event == "document"
                assert set(told) == DOCUMENT
                if told["id"] == document:
                    stages.append(told["stage"])
                    if told["stage"] == "sealed":
                        break
    order = ["received", "paged", "read", "filed", "sealed"]
    assert [order.index(stage) for stage in stages] == sorted(order.index(stage) for stage in stages)
    assert {"paged", "sealed"} <= set(stages)  # told while it was under way, not only at the end


def test_every_error_is_a_problem(desk: Desk) -> None:
    client, absent = desk.client, uuid.uuid4()
    _problem(client.get(f"/documents/{absent}"), 404, "not_found")
    _problem(client.get("/tidak-ada"), 404, "not_found")
    _problem(client.put("/documents"), 405, "wrong_method")
    _problem(client.get("/documents/bukan-id"), 422, "invalid_request")
    _problem(client.post("/documents", content=b"x", headers={"Content-Type": "text/plain"}), 422, "invalid_request")
    _problem(client.post("/documents", files={"surat": ("a.pdf", desk.sent)}), 422, "invalid_request")
    _problem(client.post("/documents", data={"file": "teks"}, files={"x": ("a", b"a")}), 422, "invalid_request")
    _problem(_post(client, desk.sent, key="k" * 201), 422, "invalid_request")
    _problem(client.post("/documents", files={"file": ("a", b"halo")}), 415, "unsupported_type")
    _problem(client.post("/documents", files={"file": ("a", b"")}), 400, "empty_file")
    for level in ("rahasia", "RAHASIA", "umum", ""):
        sent = client.post("/documents", files={"file": ("a.jpg", desk.sent)}, data={"clearance": level})
        _problem(sent, 422, "invalid_request")
    _problem(client.get("/ledger"), 403, "forbidden")
    _problem(httpx.get(f"{desk.product.url}/api/v1/documents"), 401, "unauthenticated")
    assert httpx.get(f"{desk.product.url}/api/v1/documents").headers["www-authenticate"].startswith("Bearer")


def test_health_and_metrics_at_both_addresses(desk: Desk) -> None:
    for base in ("", "/api/v1"):
        with httpx.Client(base_url=desk.product.url + base) as anybody:
            assert anybody.get("/healthz").json() == {"alive": True}
            ready = anybody.get("/readyz")
            assert (ready.status_code, ready.json()["ready"]) == (200, True)
            assert set(ready.json()["engines"]) == {"postgresql", "valkey", "s3", "worker"}
            assert all(ready.json()["engines"].values())
            assert isinstance(ready.json()["findings"], int)
            metrics = anybody.get("/metrics")
            assert metrics.headers["content-type"].startswith("text/plain")
            assert re.search(r'arsip_requests_total\{.*route="/api/v1/documents/\{document\}".*\} [1-9]', metrics.text)
            assert desk.document["id"] not in metrics.text


def test_style_sheet_is_not_sent_twice(product: Product) -> None:
    with httpx.Client(base_url=product.url) as browser:
        sheet = re.search(r'href="(/static/[^"]+\.css)"', browser.get("/masuk").text)
        assert sheet is not None
        first = browser.get(sheet[1])
        assert "immutable" in first.headers["cache-control"]
        again = browser.get(sheet[1], headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def _examples(content: dict[str, Any], spec: dict[str, Any]) -> list[Any]:
    schema = content.get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    known = spec["components"]["schemas"].get(name, schema)
    return [content["example"]] if "example" in content else list(known.get("examples", []))


def _contents(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert operation["description"], path
            assert {"4XX", "5XX"} <= set(operation["responses"]), path
            bodies = {"request": operation["requestBody"]} if "requestBody" in operation else {}
            for where, part in {**operation["responses"], **bodies}.items():
                assert where == "204" or part.get("content"), (method, path, where)
                for media_type, content in part.get("content", {}).items():
                    yield f"{method} {path} {where} {media_type}", content


def test_openapi_has_an_example_for_everything_that_fits_its_schema(product: Product) -> None:
    spec = httpx.get(f"{product.url}/api/v1/openapi.json").json()
    for where, content in _contents(spec):
        schema = content.get("schema")
        assert schema, where
        if schema.get("format") == "binary":
            continue
        examples = _examples(content, spec)
        assert examples, where
        checker = Draft202012Validator({**schema, "components": spec["components"]}, format_checker=FormatChecker())
        for example in examples:
            assert not list(checker.iter_errors(example)), (where, example)
        if " 4XX " in where or " 5XX " in where:
            assert where.endswith(" application/problem+json")


def _request_head(product: Product, token: str, body: bytes, boundary: str) -> bytes:
    host = product.url.removeprefix("http://")
    lines = (
        "POST /api/v1/documents HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {token}",
        f"Content-Type: multipart/form-data; boundary={boundary}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _multipart(data: bytes, boundary: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    return head.encode() + data + f"\r\n--{boundary}--\r\n".encode()


SLOW_COMMIT = """
CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON arrival DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION slow_commit();
"""


def test_the_answer_comes_after_the_commit(desk: Desk) -> None:
    """A commit that takes a second: the answer's first byte must find the row visible to another connection."""
    data = text_pdf(nonce())
    body = _multipart(data, "batas")
    where = ("127.0.0.1", httpx.URL(desk.product.url).port or 0)
    with superuser(desk.product) as database:
        database.execute(SLOW_COMMIT)
        try:
            with socket.create_connection(where, timeout=30) as connection:
                connection.sendall(_request_head(desk.product, desk.user.token, body, "batas") + body)
                began = time.monotonic()
                first = connection.recv(1)
                taken = time.monotonic() - began
                found = _documents_with(database, hashlib.sha256(data).hexdigest())
        finally:
            database.execute("DROP TRIGGER slow_commit ON arrival; DROP FUNCTION slow_commit()")
    assert first == b"H"
    assert taken > 0.9
    assert found == 1


def _documents_with(database: psycopg.Connection[Any], sha256: str) -> int:
    row = database.execute("SELECT count(*) FROM document WHERE sha256 = %s", (sha256,)).fetchone()
    assert row is not None
    return int(row[0])


NIK = re.compile(r"(?<![0-9a-f])\d{16}(?![0-9a-f])")


def test_personal_data_is_in_no_log_ledger_queue_or_key(desk: Desk, product: Product) -> None:
    nik, name = "6473019912349901", f"Siti{nonce().capitalize()}"
    planted = (nik, name)
    paper = text_pdf(f"Nama {name} NIK {nik}")
    client = desk.client
    document = _post(client, paper, key=f"kunci-{nik}", name=f"KTP {name} {nik}.pdf").json()["id"]
    settled(client, document)
    held = _post(client, b"%PDF-1.7\n" + f"{name} {nik}".encode(), name=f"{name}.pdf").json()["id"]
    assert settled(client, held)["stage"] == "held"
    client.get("/search", params={"q": f"{name} {nik}"}).raise_for_status()
    client.get("/search", params={"q": name, "cursor": nik})
    found = client.post("/search", json={"q": f"{name} {nik}"}).raise_for_status().json()["hits"]
    assert not _leaks([str(hit["page_address"]) for hit in found], planted)
    assert found
    client.get(f"/documents/{nik}")
    client.get(f"/documents/{document}/original")
    client.post("/documents", files={"file": (f"{name}.exe", nik.encode())})
    client.post("/documents", files={name: (nik, paper)}, data={"clearance": nik})
    client.post("/users", json={"name": name, "role": nik})
    with product.client(product.secrets["operator_admin_token"]) as admin:
        admin.post("/users", json={"name": name, "role": "petugas", "unit": nik, "password": name})
        admin.post(f"/users/{name}/tokens")
    with httpx.Client(base_url=product.url) as stranger:
        stranger.get("/cari", params={"q": nik})
        stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {name}{nik}"})

    with superuser(product) as database:
        bodies = [row[0] for row in database.execute("SELECT body FROM ledger")]
    assert not _leaks(bodies, planted)
    logs = [file.read_text(errors="replace") for file in (product.data / "logs").iterdir()]
    assert sum(map(len, logs)) > 1000
    assert not _leaks([line for log in logs for line in log.splitlines()], planted)
    assert not _leaks(_keys(product), planted)
    assert not _leaks(_payloads(product, client, name), planted)


def _leaks(lines: list[str], planted: tuple[str, ...]) -> list[str]:
    return [line for line in lines if NIK.search(line) or any(word in line for word in planted)]


def _keys(product: Product) -> list[str]:
    env = settings_of(product)
    secrets = product.secrets
    store = Minio(
        env["ARSIP_S3_ENDPOINT"],
        access_key=secrets["s3_admin_access_key"],
        secret_key=secrets["s3_admin_secret_key"],
        secure=False,
    )
    keys = [
        str(item.object_name)
        for bucket in (env["ARSIP_S3_BUCKET"], env["ARSIP_S3_DERIVED_BUCKET"])
        for item in store.list_objects(bucket, recursive=True)
    ]
    assert len(keys) > 5
    return keys


def _payloads(product: Product, client: httpx.Client, name: str) -> list[str]:
    """Everything in Valkey while work is queued."""
    with Redis.from_url(settings_of(product)["ARSIP_BROKER_URL"], decode_responses=True) as broker:
        _post(client, make_scan_pdf(6, 33), name=f"{name}.pdf")
        until(lambda: broker.llen("pages") > 2, step=0.005)
        queued = broker.lrange("pages", 0, -1)
        everything = [*queued, *broker.keys("*")]
        everything += [value for key in broker.keys("unacked") for value in broker.hgetall(key).values()]
    assert queued
    return [str(value) for value in everything]


def test_the_photo_of_a_card_is_masked_unless_asked_for(product: Product) -> None:
    with product.client(product.user("petugas").token) as client:
        data = (SAMPLES / "ktp.jpg").read_bytes() + uuid.uuid4().bytes
        sent = _post(client, data, name="ktp.jpg").json()
        letter = settled(client, sent["id"])
        assert letter["kind"]["value"] == "ktp"
        path = f"/documents/{sent['id']}/pages/1/image"
        usual, open_ = (
            Image.open(io.BytesIO(client.get(path, params=asked).content)).convert("L")
            for asked in ({}, {"unmasked": "true"})
        )
        assert usual.size == open_.size
        changed = ImageChops.difference(usual, open_).point(lambda value: 255 if value > 40 else 0).getbbox()
        assert changed is not None
        right = letter["fields"]["nik"]["box"][2]
        assert changed[0] > right * usual.width * 0.9  # the photo, right of the number: what is written stays readable
        views = [e["detail"] for e in client.get(f"/documents/{sent['id']}/events").json()["events"]]
        assert [detail.get("unmasked") for detail in views if "page" in detail][-2:] == [None, True]
