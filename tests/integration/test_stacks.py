"""A stack scanned as one file becomes letters: by itself where paper says how, else when a person says how."""

import json
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from access.accounts import Account
from api import checking, cutting
from archive import checks, documents, learned, rereading, stacks, work
from archive.stacks import Decision, Span
from archive.tables import DocumentRow
from core.db import engine, transaction
from core.faults import CutMeanwhile, InvalidRequest, NotFound, NotReady, PagesElsewhere
from search.query import search
from tests.assets.letter import make_letter
from tests.assets.stacked import BLANK, sheet, stacked
from tests.conftest import SAMPLES
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, ask_for_all, connected_as, send, write_pages

# Of 1, 2 and 1 page. Real text needs no recognition, so most of these tests take what an office program made
SCANNED = SAMPLES / "surat_pemulangan.jpg"
SCANNED_LONG = SAMPLES / "hasil_asesmen.pdf"
LONG = make_letter("hasil_asesmen", 3).digital_pdf()
TICKET = make_letter("tiket", 4).digital_pdf()


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas")


def _sent(who: Account, papers: Iterable[object], name: str = "tumpukan.pdf") -> UUID:
    return send(who, stacked(papers, uuid4().hex), name=name).document.id  # type: ignore[arg-type]


def _sealed(hands: Hands, document: UUID) -> DocumentRow:
    hands.seal(document)
    row = hands.look(document)
    assert row.stage == "sealed"
    return row


def _finish(hands: Hands, stack: UUID) -> list[DocumentRow]:
    """The stack and its letters through every stage; the letters."""
    assert hands.finish(stack).stage == "sealed"
    return [_sealed(hands, letter) for letter, *_ in _letters(hands, stack)]


def _letters(hands: Hands, stack: UUID) -> list[stacks.Part]:
    with connected_as(hands.engine), transaction() as session:
        return stacks.letters_of(session, stack)


def _decide(who: Account, document: UUID, begins: set[int], pages: int, letters: int | None = None) -> DocumentRow:
    with transaction(who.context) as session:
        return cutting.decide(session, who, document, Decision(frozenset(begins), pages, letters))


def _pdf(hands: Hands, row: DocumentRow) -> list[str]:
    """The text of each page of a record's PDF."""
    with pdfium.PdfDocument(hands.pdf(row)) as pdf:
        return [page.get_textpage().get_text_range().casefold() for page in pdf]


def _found(who: Account, word: str) -> set[tuple[UUID, int]]:
    with transaction(who.context) as session:
        return {(hit.document, hit.page) for hit in search(session, word).hits}


@pytest.fixture(scope="module")
def unsure(archive: object, hands: Hands) -> Callable[[Account], UUID]:
    """Make a sealed stack of a letter of one page and one of two, without sheets."""

    def made(who: Account) -> UUID:
        stack = _sent(who, [TICKET, LONG])
        assert hands.finish(stack).stage == "sealed"
        return stack

    return made


def test_sheets_split_a_stack_by_themselves(hands: Hands, who: Account) -> None:
    data = stacked([sheet(), SCANNED, BLANK, sheet(), BLANK, LONG, sheet(), TICKET], uuid4().hex)
    stack = send(who, data, name="tumpukan.pdf").document.id
    hands.open(stack)
    hands.read(stack)
    assert {page for document, page in _found(who, "tiket") if document == stack} >= {9}
    hands.seal(stack)
    letters = [_sealed(hands, letter) for letter, *_ in _letters(hands, stack)]
    assert [(row.kind, row.first_page, row.last_page, row.pages) for row in letters] == [
        ("surat_pemulangan", 2, 3, 2),
        ("hasil_asesmen", 6, 7, 2),
        ("tiket", 9, 9, 1),
    ]
    assert [row.filename for row in letters] == [f"tumpukan hal. {p}.pdf" for p in ("2-3", "6-7", "9")]
    whole = hands.look(stack)
    assert (whole.stage, whole.kind, whole.doubt, whole.letters, whole.pages) == ("sealed", None, 0, 3, 9)
    # each page is in one place, and each word is found once, at the letter
    assert [page.number for page in hands.pages(stack)] == [1, 4, 5, 8]
    assert [[page.number for page in hands.pages(row.id)] for row in letters] == [[1, 2], [1, 2], [1]]
    assert {document for document, _ in _found(who, "tiket")} <= {row.id for row in letters}
    assert (letters[2].id, 1) in _found(who, "tiket")
    assert _found(who, "pemisah") == {(stack, 1), (stack, 4), (stack, 8)}
    _check_record(hands, whole, letters, data)
    actions = [action for action, _ in hands.events(stack)]
    assert [a for a in actions if a not in ("page_read", "text_viewed")] == ["received", "paged", "split", "sealed"]
    assert [action for action, _ in hands.events(letters[0].id)] == ["letter_cut", "filed", "sealed"]
    again = send(who, data, name="lain.pdf")
    assert (again.duplicate_of, again.document.id) == (stack, stack)


def _check_record(hands: Hands, whole: DocumentRow, letters: list[DocumentRow], data: bytes) -> None:
    told = hands.manifest(whole)
    spans = [{"document": str(row.id), "first_page": row.first_page, "last_page": row.last_page} for row in letters]
    assert (told["part_of"], told["letters"]) == (None, spans)
    assert [page["number"] for page in told["pages"]] == list(range(1, 10))
    pages = _pdf(hands, whole)
    assert len(pages) == 9
    assert "tiket" in pages[8]
    for row, span in zip(letters, spans, strict=True):
        told = hands.manifest(row)
        assert told["part_of"] == {**span, "document": str(whole.id)}
        assert told["letters"] == []
        assert told["original"] == hands.manifest(whole)["original"]
        assert (told["original"]["key"], hands.original(row)) == (f"documents/{whole.id}/original", data)
        assert [page["number"] for page in told["pages"]] == list(range(1, (row.pages or 0) + 1))
        assert len(_pdf(hands, row)) == row.pages
        for number in range(1, (row.pages or 0) + 1):
            assert hands.picture(row, number).startswith(b"\xff\xd8\xff")
    assert "asesmen" in " ".join(_pdf(hands, letters[1]))
    assert "asesmen" not in " ".join(_pdf(hands, letters[2]))


def test_an_unsure_stack_waits_and_a_person_splits_it(
    hands: Hands, who: Account, unsure: Callable[[Account], UUID], account: MakeAccount
) -> None:
    stack = unsure(who)
    row = hands.look(stack)
    assert (row.doubt, row.letters, stacks.waits(row)) == (3, None, True)
    with transaction(who.context) as session:
        assert [waiting.id for waiting in checks.waiting(session, 9)] == [stack]
        proposed = cutting.gather(session, stack)
    assert [(cut.first_page, cut.last_page, cut.sure) for cut in proposed.letters] == [(1, 1, True), (2, 3, False)]
    assert (stack, 1) in _found(who, "tiket")
    first_manifest = row.manifest_key
    _decide(who, stack, {1, 2}, 3)
    _decide(who, stack, {2}, 3)  # the same again: nothing is made twice
    letters = [_sealed(hands, letter) for letter, *_ in _letters(hands, stack)]
    assert [(letter.kind, letter.letters, letter.checked_at) for letter in letters] == [
        ("tiket", 1, None),
        ("hasil_asesmen", 1, None),
    ]
    whole = _sealed(hands, stack)
    assert whole.manifest_key != first_manifest
    assert hands.manifest(whole)["letters"][1]["document"] == str(letters[1].id)
    with transaction(who.context) as session:
        assert stack not in [waiting.id for waiting in checks.waiting(session, 99)]
    with pytest.raises(PagesElsewhere):
        _decide(who, stack, {1, 3}, 3)
    with pytest.raises(PagesElsewhere), transaction(who.context) as session:
        checking.confirm(session, who, stack, "tiket", {})


def test_one_letter_stays_one_letter(hands: Hands, who: Account, unsure: Callable[[Account], UUID]) -> None:
    stack = unsure(who)
    _decide(who, stack, {1}, 3)
    row = _sealed(hands, stack)
    assert (row.letters, stacks.waits(row), row.verdict["letters"]) == (1, False, [])
    assert row.kind is not None
    assert "kept_whole" in [action for action, _ in hands.events(stack)]
    _decide(who, stack, {1}, 3)
    assert hands.look(stack).stage == "sealed"  # said before: nothing changes
    with pytest.raises(CutMeanwhile):  # somebody who had looked before that was said
        _decide(who, stack, {1, 2}, 3)
    _decide(who, stack, {1, 2}, 3, letters=1)
    assert len(_letters(hands, stack)) == 2


def test_a_letter_of_a_stack_is_split_further(
    hands: Hands, who: Account, unsure: Callable[[Account], UUID], account: MakeAccount
) -> None:
    stack = unsure(who)
    _decide(who, stack, {1, 2}, 3)
    [ticket, long] = [_sealed(hands, letter).id for letter, *_ in _letters(hands, stack)]
    _sealed(hands, stack)
    for _ in range(2):  # the second time nothing changes
        _decide(who, long, {1, 2}, 2, letters=1)
    letters = _letters(hands, stack)
    assert [(part.first_page, part.last_page) for part in letters] == [(1, 1), (2, 2), (3, 3)]
    assert [part.id for part in letters[:2]] == [ticket, long]
    assert hands.look(long).filename == "tumpukan hal. 2.pdf"
    assert (hands.look(stack).stage, hands.look(stack).letters) == ("filed", 3)
    for letter, *_ in letters:
        row = _sealed(hands, letter)
        assert len(_pdf(hands, row)) == 1
    assert hands.manifest(_sealed(hands, stack))["letters"][2]["document"] == str(letters[2].id)
    with pytest.raises(CutMeanwhile):
        _decide(who, long, {1, 3}, 3, letters=1)


def test_only_the_letter_in_doubt_waits(hands: Hands, who: Account) -> None:
    """One letter of a stack with sheets may be two: the others do not wait for a person."""
    stack = _sent(who, [TICKET, sheet(), TICKET, LONG])
    [ticket, doubtful] = _finish(hands, stack)
    assert (ticket.letters, ticket.first_page, ticket.last_page) == (1, 1, 1)
    assert (doubtful.letters, doubtful.first_page, doubtful.last_page) == (None, 3, 5)
    assert (doubtful.doubt, stacks.waits(doubtful), stacks.waits(ticket)) == (3, True, False)
    with transaction(who.context) as session:
        proposed = cutting.gather(session, doubtful.id)
    assert [(cut.first_page, cut.last_page, cut.sure) for cut in proposed.letters] == [(1, 1, True), (2, 3, False)]
    _decide(who, doubtful.id, {1, 2}, 3)
    letters = _finish_letters(hands, stack)
    assert [(row.kind, row.first_page, row.letters) for row in letters[1:]] == [
        ("tiket", 3, 1),
        ("hasil_asesmen", 4, 1),
    ]
    assert hands.look(stack).letters == 3


def test_a_stack_is_joined_again_and_split_otherwise(
    hands: Hands, who: Account, unsure: Callable[[Account], UUID], account: MakeAccount
) -> None:
    stack = unsure(who)
    _decide(who, stack, {1, 2}, 3)
    with pytest.raises(NotReady), transaction(who.context) as session:
        cutting.join(session, who, stack)
    before = [_sealed(hands, letter) for letter, *_ in _letters(hands, stack)]
    _sealed(hands, stack)
    with transaction(who.context) as session:
        cutting.join(session, who, stack)
    assert _letters(hands, stack) == []
    assert [page.number for page in hands.pages(stack)] == [1, 2, 3]
    row = _sealed(hands, stack)
    assert (row.letters, row.kind is not None, hands.manifest(row)["letters"]) == (1, True, [])
    for letter in before:
        left = hands.look(letter.id)
        assert (left.stage, left.is_joined_back, left.manifest_key) == ("sealed", True, letter.manifest_key)
        with transaction(who.context) as session:
            assert letter.id not in {one.id for one in documents.newest(session)}
        with pytest.raises(PagesElsewhere), transaction(who.context) as session:
            checking.confirm(session, who, letter.id, letter.kind or "", {})
        with pytest.raises(PagesElsewhere):
            _decide(who, letter.id, {1}, letter.pages or 0, letters=1)
    with pytest.raises(PagesElsewhere), transaction(who.context) as session:
        cutting.join(session, who, stack)
    _decide(who, stack, {1, 3}, 3, letters=1)
    assert [(part.first_page, part.last_page) for part in _letters(hands, stack)] == [(1, 2), (3, 3)]
    _finish_letters(hands, stack)


def _finish_letters(hands: Hands, stack: UUID) -> list[DocumentRow]:
    rows = [_sealed(hands, letter) for letter, *_ in _letters(hands, stack)]
    _sealed(hands, stack)
    return rows


def test_who_may_not_see_a_stack_cannot_split_it(
    account: MakeAccount, who: Account, hands: Hands, unsure: Callable[[Account], UUID]
) -> None:
    stack = unsure(who)
    stranger = account("petugas", unit="lain")
    with pytest.raises(NotFound):
        _decide(stranger, stack, {1, 2}, 3)
    letters = "ARRAY[:a, :b]::uuid[], ARRAY[1, 2], ARRAY[1, 3], ARRAY['a', 'b'], ARRAY[true, true]"
    call = text(f"SELECT document_split(:id, {letters})")
    for asker in (stranger, None):  # nor past the door, in the database itself
        with pytest.raises(DBAPIError, match="cannot be split so"), transaction(asker and asker.context) as session:
            session.execute(call, {"id": stack, "a": str(uuid4()), "b": str(uuid4())})
    assert hands.look(stack).letters is None


@pytest.mark.parametrize(
    ("firsts", "lasts"),
    [
        ([1, 2], [2, 3]),
        ([2, 1], [3, 1]),
        ([1, 2], [1, 4]),
        ([0, 2], [1, 3]),
        ([1, 3], [1, 2]),
        ([1], [3]),
        ([1, 2], [1]),
    ],
)
def test_the_database_takes_no_other_list(
    who: Account, hands: Hands, archive: object, firsts: list[int], lasts: list[int], superuser: Engine
) -> None:
    document = _read(superuser, who, 3)
    ids = [str(uuid4()) for _ in firsts]
    with pytest.raises(DBAPIError, match="cannot be split so"), transaction(who.context) as session:
        session.execute(
            text("SELECT document_split(:id, CAST(:ids AS uuid[]), CAST(:f AS int[]), CAST(:l AS int[]), :n, :w)"),
            {"id": document, "ids": ids, "f": firsts, "l": lasts, "n": ["x"] * len(ids), "w": [True] * len(ids)},
        )
    assert len(hands.pages(document)) == 3


def _read(superuser: Engine, who: Account, pages: int, apart: Iterable[int] = ()) -> UUID:
    """A file of read pages straight in the tables, filed; `apart` are its sheets."""
    document = write_pages(superuser, who.unit, [f"halaman {n}" for n in range(1, pages + 1)])
    with superuser.begin() as connection:
        connection.execute(
            text("UPDATE document SET stage = 'filed', kind = 'tiket', doubt = 0, verdict = :verdict WHERE id = :id"),
            {"id": document, "verdict": json.dumps({"apart": sorted(apart)})},
        )
    return document


@st.composite
def _cut(draw: st.DrawFn) -> tuple[int, frozenset[int], frozenset[int]]:
    """Pages of a file, its sheets, and where letters begin."""
    pages = draw(st.integers(2, 9))
    apart = draw(st.frozensets(st.integers(1, pages), max_size=pages - 1))
    left = sorted(set(range(1, pages + 1)) - apart)
    return pages, apart, draw(st.frozensets(st.sampled_from(left), min_size=1, max_size=4))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_cut(), st.data())
def test_any_cuts_leave_every_page_in_one_place_in_order(
    who: Account, superuser: Engine, hands: Hands, cut: tuple[int, frozenset[int], frozenset[int]], data: st.DataObject
) -> None:
    pages, apart, begins = cut
    document = _read(superuser, who, pages, apart)
    _decide(who, document, set(begins), pages)
    letters = _letters(hands, document)
    assert not letters or len(letters) == hands.look(document).letters
    if letters:  # one of them is split further, after it was filed
        with superuser.begin() as connection:
            filed = "UPDATE document SET stage = 'filed', kind = 'tiket', doubt = 0 WHERE part_of = :id"
            connection.execute(text(filed), {"id": document})
        part = data.draw(st.sampled_from(letters))
        size = part.last_page - part.first_page + 1
        _decide(who, part.id, set(data.draw(st.frozensets(st.integers(1, size), max_size=3))), size, letters=1)
    places = {}
    for holder, first, _ in [*_letters(hands, document), stacks.Part(document, 1, pages)]:
        held = hands.pages(holder)
        if holder != document:
            assert [page.number for page in held] == list(range(1, len(held) + 1))
        assert {(page.document_seq, page.unit) for page in held} <= {(hands.look(holder).seq, who.unit)}
        places |= {page.number + first - 1: page.text for page in held}
    assert places == {number: f"halaman {number}" for number in range(1, pages + 1)}
    if letters:
        assert {page.number for page in hands.pages(document)} <= apart


def test_two_who_split_at_once_make_one_split(who: Account, hands: Hands, superuser: Engine) -> None:
    document = _read(superuser, who, 4)
    choices = [{1, 2}, {1, 3}, {1, 2}, {1, 4}]

    def one(begins: set[int]) -> str:
        try:
            _decide(who, document, begins, 4)
        except (PagesElsewhere, CutMeanwhile) as fault:
            return fault.slug
        return "ok"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(one, choices))
    assert "ok" in said
    letters = _letters(hands, document)
    assert len(letters) == 2
    assert [said[n] for n, begins in enumerate(choices) if {1, letters[1].first_page} == begins] == ["ok"] * sum(
        {1, letters[1].first_page} == begins for begins in choices
    )


def test_a_worker_killed_before_its_commit_left_nothing(
    who: Account, hands: Hands, archive: object, superuser: Engine
) -> None:
    stack = _sent(who, [TICKET, sheet(), TICKET])
    hands.open(stack)
    hands.read(stack)
    with connected_as(hands.engine):
        with transaction() as session:
            row = work.claim_document(session, stack, "read", "worker@mati")
        assert row is not None
        with pytest.raises(SystemExit), transaction() as session:
            sys.exit(not stacks.split_surely(session, row, [Span(1, 1), Span(3, 3)]))
    assert _letters(hands, stack) == []
    hands.seal(stack)
    assert hands.look(stack).stage == "read"  # still held by the dead worker's lease
    hands.make_due(stack)
    assert len(_finish(hands, stack)) == 2
    with connected_as(hands.engine), transaction() as session:  # a slow worker who held it before comes too late
        assert not stacks.split_surely(session, row, [Span(1, 1), Span(3, 3)])


def test_letters_are_read_anew_as_pages_of_their_stack(
    hands: Hands, superuser: Engine, account: MakeAccount, who: Account, unit: str
) -> None:
    stack = _sent(who, [TICKET, sheet(), SCANNED_LONG])
    letters = _finish(hands, stack)
    assert len(letters) == 2
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE page SET text = 'lama', reader = 'lama' WHERE document_id = ANY (:ids)"),
            {"ids": [stack, *(row.id for row in letters)]},
        )
    records = account("arsiparis")
    ask_for_all(records)
    # a person splits the last letter while it waits to be read anew
    long = letters[-1]
    _decide(who, long.id, {1, 2}, long.pages or 0, letters=1)
    for letter, *_ in _letters(hands, stack):
        if hands.look(letter).stage == "read":
            _sealed(hands, letter)
    _sealed(hands, stack)
    for letter, *_ in [*_letters(hands, stack), (stack, 0, 0)]:
        hands.read(letter)
        hands.seal(letter)
        row = hands.look(letter)
        assert (row.stage, row.rereading) == ("sealed", None)
    assert "lama" not in [page.text for part in _letters(hands, stack)[1:] for page in hands.pages(part.id)]
    with transaction(who.context) as session:
        assert rereading.earlier(session, long.id, 1)[0].text == "lama"


def test_what_people_say_of_letters_out_of_a_stack_is_learned(
    hands: Hands, who: Account, unsure: Callable[[Account], UUID], unit: str
) -> None:
    stack = unsure(who)
    _decide(who, stack, {1, 2}, 3)
    letters = _finish_letters(hands, stack)
    with transaction(who.context) as session:
        for row in letters:
            checking.confirm(session, who, row.id, row.kind or "", {n: f["text"] for n, f in row.fields.items()})
    with connected_as(hands.engine), transaction() as session:
        told = learned.confirmed(session, unit, 9)
    assert [one.kind for one in told] == ["tiket", "hasil_asesmen"]
    assert "tiket" in told[0].text.casefold()
    assert _sealed(hands, letters[0].id).checked_at is not None


def test_sheets_alone_are_no_letter(who: Account, superuser: Engine, archive: object) -> None:
    document = _read(superuser, who, 2, {1, 2})
    with transaction(who.context) as session:
        found = cutting.gather(session, document)
    assert (found.letters, found.apart) == ((), {1, 2})
    with pytest.raises(InvalidRequest):
        _decide(who, document, set(), 2)


def test_a_page_that_cannot_begin_a_letter_is_refused(who: Account, superuser: Engine, archive: object) -> None:
    document = _read(superuser, who, 3)
    for begins in ({4}, {0}):
        with pytest.raises(InvalidRequest):
            _decide(who, document, begins, 3)
    with transaction(who.context) as session, pytest.raises(NotFound):
        cutting.gather(session, uuid4())


def test_server_roles_cannot_make_letters_by_hand(archive: object, worker_engine: Engine) -> None:
    moved = text("UPDATE page SET document_id = gen_random_uuid() WHERE false")
    counted = text("SELECT pages_move(gen_random_uuid(), gen_random_uuid(), 1, 1, 1, 0)")
    for role, statements in ((engine(), (moved, counted)), (worker_engine, (counted,))):
        for statement in statements:
            with role.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(statement)
