"""A word finds its page and its place; what may not be seen leaves no sign in any answer."""

import itertools
import json
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as pace
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from access.accounts import Account
from archive.tables import PUNCTUATION
from core import settings
from core.db import transaction
from search.identities import enter_missing, numbers_in
from search.marks import in_letter
from search.query import search
from tests.assets.bulk import unique_jpeg
from tests.conftest import SAMPLES
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, send, write_pages
from workers.pipeline import _LONGEST_TEXT_BYTES

LETTER = (
    "PEMERINTAH KOTA TARAKAN\nNomor : 444/PKM-KR/XII/2025\nPerihal: Pengarsipan surat, orang terlantar\n"
    "Dengan hormat, bersama ini kami sampaikan a.n. Budi (NIK 6473011203990001)."
)


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("pejabat")


def _found(who: Account, words: str) -> set[UUID]:
    with transaction(who.context) as session:
        found = search(session, words, limit=50, identity_key=settings.settings().identity_key.get_secret_value())
        assert found.total == len(found.hits)
        return {hit.document for hit in found.hits}


@pytest.mark.parametrize(
    "words",
    [
        "tarakan",
        "TARAKAN",
        "arsip",  # the stem of pengarsipan
        "mengarsipkan",
        "444/PKM-KR/XII/2025",
        "444/pkm-kr/xii/2025",
        "PKM-KR",
        "2025",
        "6473011203990001",
        "6473 0112 0399 0001",
        "647301.120399.0001",
        "nik:6473011203990001",
        "nik: 6473 0112 0399 0001",
        "444 / PKM-KR / XII / 2025",
        "444 PKM KR XII 2025",
        "telantar",
        "pengarsipan DAN surat",
        "samarinda ATAU tarakan",
        "terlantar BUKAN samarinda",
        "tarak*",
        "pengarsip* budi",
        "-hal:samarinda tarakan",
        "sampai:2199 tarakan",
        "dari:2001-01 sampai:Mei-2199",
        '"orang terlantar"',
        '"dengan hormat"',
        "surat dan orang",  # dan isn't on the page, and is no reason not to find it
        "terlantar -samarinda",
        "samarinda or tarakan",
        "a.n. Budi",
        "yang dan",
    ][:-1],
)
def test_finds(superuser: Engine, who: Account, words: str) -> None:
    document = write_pages(superuser, who.unit, [LETTER])
    assert _found(who, words) == {document}


@pytest.mark.parametrize(
    "words",
    [
        "samarinda",
        '"terlantar orang"',
        "terlantar -tarakan",
        "447/PKX-LU/XI/2024",
        "6473011203990002",
        "647301120399",  # a part of the number
        "6473*",
        "terlantar BUKAN tarakan",
        "samar*",
        "hal:arsip",  # nothing is filed yet
        "jenis:ktp terlantar",
        "dari:2199 terlantar",
        "sampai:2001-01 terlantar",
        "sampai:kapan terlantar",
        "dari:kapan terlantar",
        "kasus:1/1999",
        "agenda:7/1999",
        "kode:999",
        "disposisi:taktertulis",
        "tarakan samarinda",
        "-samarinda -tarakan",
        "",
        "   ",
        "!!!",
        '"',
        "& | ! ( ) : * <->",
        "\x00",
        "¼",
    ],
)
def test_finds_not(superuser: Engine, who: Account, words: str) -> None:
    write_pages(superuser, who.unit, [LETTER])
    assert _found(who, words) == set()


@pace(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text("ab\"-|&!():*<> \\'/.", max_size=30)
)
def test_nothing_anybody_types_is_an_error(superuser: Engine, who: Account, words: str) -> None:
    with transaction(who.context) as session:
        assert search(session, words).total == 0  # in a unit without a letter


@pace(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.from_regex(r"[a-z]{3,8}[0-9]{0,3}|[0-9]{1,6}|[A-Z]{2,5}", fullmatch=True), min_size=1, max_size=5
    ),
    mark=st.sampled_from(PUNCTUATION),
)
def test_a_number_is_found_as_it_is_written(
    superuser: Engine, account: MakeAccount, parts: list[str], mark: str
) -> None:
    number = mark.join([*parts, "7"])
    assume(not numbers_in(number))  # sixteen digits that might be somebody's are found by their hash alone
    who = account("pejabat", unit=f"unit-{uuid4().hex[:8]}")
    document = write_pages(superuser, who.unit, [f"awal {number} akhir"])
    with transaction(who.context) as session:
        (hit,) = search(session, number).hits
    assert hit.document == document
    assert (number, True) in hit.snippet
    assert ("awal", False) in hit.snippet


def test_boxes_and_snippet_are_the_words_own(superuser: Engine, who: Account) -> None:
    words = [*(f"isi{n}" for n in range(40)), "Pengarsipan,", "surat", *(f"isi{n}" for n in range(40, 60)), "arsip"]
    boxes = [[word, n / 100, 0.5, (n + 1) / 100, 0.6, 0.9, 0] for n, word in enumerate(words)]
    document = write_pages(superuser, who.unit, [" ".join(words)], words=boxes)
    with transaction(who.context) as session:
        (hit,) = search(session, "arsip").hits
        assert hit.boxes == ((0.40, 0.5, 0.41, 0.6), (0.62, 0.5, 0.63, 0.6))
        assert [word for word, is_hit in hit.snippet if is_hit] == ["Pengarsipan,"]
        assert hit.snippet[0] == ("isi28", False)
        assert len(hit.snippet) == 25
        marks = in_letter(session, document, "arsip")
        assert [n for n, flag in enumerate(marks[1].flags) if flag] == [40, 62]
        assert marks[1].boxes == hit.boxes
        assert in_letter(session, document, "samarinda") == {}


def test_the_box_stands_where_the_word_was_scanned(hands: Hands, account: MakeAccount) -> None:
    """A real scan: the printed `Agenda n` stands at the top right."""
    who = account("petugas")
    document = send(who, unique_jpeg(867_530, 300)).document.id
    hands.finish(document)
    with transaction(who.context) as session:
        (hit,) = search(session, "Agenda").hits
    (x0, y0, x1, y1) = hit.boxes[0]
    assert 0.55 < x0 < x1 < 1
    assert 0 <= y0 < y1 < 0.08


def test_every_box_is_one_of_the_words_that_were_read(hands: Hands, account: MakeAccount) -> None:
    who = account("petugas")
    hands.finish(send(who, (SAMPLES / "tiket.pdf").read_bytes()).document.id)
    with transaction(who.context) as session:
        (hit,) = search(session, "tiket").hits
        reading = session.scalar(text("SELECT reading FROM page WHERE document_id = :id"), {"id": hit.document})
    places = {tuple(word[1:5]): word[0].lower() for word in reading["words"]}
    assert hit.boxes
    assert all("tiket" in places[box] for box in hit.boxes)


def test_newest_first_and_pages_in_order(superuser: Engine, who: Account) -> None:
    letters = [write_pages(superuser, who.unit, ["kata kesatu", "kata kedua", "lain"]) for _ in range(7)]
    expected = [(letter, number) for letter in reversed(letters) for number in (1, 2)]
    for limit in (1, 2, 3, 5, 13, 14, 50):
        seen: list[tuple[UUID, int]] = []
        cursor: str | None = None
        while True:
            with transaction(who.context) as session:
                found = search(session, "kata", limit=limit, cursor=cursor)
            assert found.total == 14
            seen += [(hit.document, hit.page) for hit in found.hits]
            cursor = found.next
            if cursor is None:
                break
            assert len(found.hits) == limit
        assert seen == expected, limit


def test_a_letter_that_comes_meanwhile_moves_nothing(superuser: Engine, who: Account) -> None:
    older, newer = (write_pages(superuser, who.unit, ["kata"]) for _ in range(2))
    with transaction(who.context) as session:
        first = search(session, "kata", limit=1)
    write_pages(superuser, who.unit, ["kata"])
    with transaction(who.context) as session:
        second = search(session, "kata", limit=1, cursor=first.next)
    assert [hit.document for hit in (*first.hits, *second.hits)] == [newer, older]
    assert second.next is None


@pytest.mark.parametrize("hidden", ["other unit", "above ceiling"])
@pytest.mark.parametrize(
    "words",
    [
        "rahasiabanget",
        "kata",
        '"kata rahasiabanget"',
        "kata -samarinda",
        "bangetan or kata",
        "rahasiab*",
        "dari:2001 sampai:2199",
        "-nama:budi",
        "-samarinda",
        "-jenis:ktp -samarinda",
        "-kasus:1/1999",
        "-agenda:7 kata",
        "-sampai:2001",
        "jenis:surat kata",
    ],
)
def test_a_hidden_letter_leaves_no_sign(superuser: Engine, who: Account, unit: str, hidden: str, words: str) -> None:
    where, level = (f"lain-{unit}", 0) if hidden == "other unit" else (unit, 2)
    document = write_pages(superuser, where, ["kata rahasiabanget bangetan"] * 3, clearance=level)
    with transaction(who.context) as session:
        found = search(session, words)
        assert (found.total, found.hits, found.next) == (0, (), None)
    shown = write_pages(superuser, unit, ["kata"])
    with transaction(who.context) as session:
        hits = search(session, words).hits
        assert {hit.document for hit in hits} <= {shown}
        assert not any("rahasiabanget" in word for hit in hits for word, _ in hit.snippet)
        assert in_letter(session, document, words) == {}


def _files(superuser: Engine, document: UUID, **fields: str) -> None:
    stored = json.dumps({name: {"value": value} for name, value in fields.items()})
    with superuser.begin() as connection:
        connection.execute(
            text("UPDATE document SET kind = 'surat_masuk_lain', fields = CAST(:fields AS jsonb) WHERE id = :id"),
            {"fields": stored, "id": document},
        )


@pytest.mark.parametrize(
    ("words", "which"),
    [
        ("hal:telantar", {0}),
        ("nama:budi", {1}),
        ("nama:budi hal:arsip", set()),
        ("-nama:budi terlantar", {0}),
        ("nomor:444/PKM-KR/XII/2025", {0}),
        ("jenis:surat_masuk", {0, 1}),
        ("jenis:ktp", set()),
        ("dari:2025-01 sampai:2025-06", {0}),
        ("dari:2025-07-01 terlantar", {1}),
        ("tarakan sampai:2025", {0, 1}),
        ("dari:Juli 2025 sampai:1 Juli 2025", {1}),
        ("nomor:444PKM/KR XII 2025", {0}),
        ("nomor:444/P-KM-KR", {0}),
        ("nomor:444/PKX", set()),
        ("nama:budi ATAU hal:telantar", {0, 1}),
        ("nama:budi ATAU hal:arsip", {1}),
        ("-nama:budi tarakan ATAU hal:arsip", {0}),
        ("nama:budi ATAU tarakan", {0, 1}),  # the other side asks nothing of fields
        ("jenis:ktp ATAU jenis:masuk", {0, 1}),
        ("jenis:surat jenis:masuk", {0, 1}),
        ("jenis:surat -jenis:masuk", set()),
        ("-jenis:ktp tarakan", {0, 1}),
        ("-jenis:masuk", set()),
        ("tarakan -dari:2001", set()),
        ("tarakan -dari:2025-07", {0}),
        ("-sampai:30 Juni 2025", {1}),
        ("tarakan BUKAN sampai:2025", set()),
    ],
)
def test_fields_are_asked_for(superuser: Engine, who: Account, words: str, which: set[int]) -> None:
    letters = [write_pages(superuser, who.unit, [LETTER]) for _ in range(2)]
    _files(superuser, letters[0], perihal="orang terlantar", nomor_surat="444/PKM-KR/XII/2025", tanggal="2025-06-30")
    _files(superuser, letters[1], nama="BUDI SANTOSO", tanggal="2025-07-01")
    assert _found(who, words) == {letters[n] for n in which}


def test_a_number_is_marked_and_in_no_index(superuser: Engine, who: Account) -> None:
    document = write_pages(
        superuser, who.unit, ["NIK 6473 0112 0399 0001 dan BPJS 0001234567890 atau 6473O11203990002"]
    )
    key = settings.settings().identity_key.get_secret_value()
    with transaction(who.context) as session:
        marks = in_letter(session, document, "6473011203990001", identity_key=key)
        assert marks[1].flags == (False, True, True, True, True, False, False, False, False, False)
        assert search(session, "6473011203990001").total == 0  # without the key
    with superuser.connect() as connection:
        indexed = connection.scalar(
            text("SELECT tsvector_to_array(words) FROM page WHERE document_id = :id"), {"id": document}
        )
    assert {"nik", "bpjs"} <= set(indexed)
    assert len([word for word in indexed if word.startswith("nik") and word != "nik"]) == 3
    assert not any(word[0].isdigit() for word in indexed)


def test_an_earlier_page_gets_its_numbers_hashed(superuser: Engine, worker_engine: Engine, who: Account) -> None:
    document = write_pages(superuser, who.unit, [LETTER])
    with superuser.begin() as connection:
        connection.execute(text("UPDATE page SET identities = NULL WHERE document_id = :id"), {"id": document})
    assert _found(who, "6473011203990001") == set()
    with Session(worker_engine) as session, session.begin():
        while enter_missing(session, settings.settings().identity_key.get_secret_value()):
            pass
    assert _found(who, "6473011203990001") == {document}
    assert _found(who, "tarakan") == {document}


@pytest.mark.parametrize("role", ["auditor", "arsiparis", "admin"])
def test_search_keeps_each_roles_rule(superuser: Engine, account: MakeAccount, unit: str, role: str) -> None:
    word = f"kata{uuid4().hex[:10]}"
    write_pages(superuser, f"lain-{unit}", [word])
    own = write_pages(superuser, unit, [word])
    seen = _found(account(role, clearance="sangat_rahasia"), word)
    assert (len(seen), own in seen) == {"auditor": (0, False), "arsiparis": (2, True), "admin": (1, True)}[role]


@pytest.mark.parametrize("words", ["pulang", "pemulangan", "dipulangkan", "memulangkan", "kepulangan"])
def test_forms_of_one_word_find_each_other(superuser: Engine, who: Account, words: str) -> None:
    forms = ("pemulangan", "dipulangkan", "memulangkan", "pulang")
    letters = {write_pages(superuser, who.unit, [f"klien {form} segera"]) for form in forms}
    assert _found(who, words) == letters


def test_a_count_is_exact_to_ten_thousand(superuser: Engine, account: MakeAccount) -> None:
    who = account("pejabat", unit=f"ribuan-{uuid4().hex[:6]}")
    letter = write_pages(superuser, who.unit, ["bantuan"])
    more = text(
        "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at)"
        " SELECT id, seq, unit, clearance, n, 'bantuan', '{\"words\": []}', now()"
        " FROM document, generate_series(CAST(:first AS int), :last) n WHERE id = :letter"
    )
    with superuser.begin() as connection:
        connection.execute(more, {"letter": letter, "first": 2, "last": 10_000})
    with transaction(who.context) as session:
        found = search(session, "bantuan")
        assert (found.total, found.exact) == (10_000, True)
    with superuser.begin() as connection:
        connection.execute(more, {"letter": letter, "first": 10_001, "last": 10_001})
    with transaction(who.context) as session:
        found = search(session, "bantuan")
        assert (found.total, found.exact) == (10_000, False)
    with superuser.begin() as connection:
        connection.execute(text("DELETE FROM page WHERE document_id = :letter"), {"letter": letter})


def test_the_longest_text_a_page_may_have_fits_the_index(superuser: Engine, who: Account) -> None:
    """Different words of two characters, three bytes each: nothing takes more room in a tsvector."""
    characters = [chr(code) for code in range(0x4E00, 0x5000)]
    words = (a + b for a, b in itertools.product(characters, repeat=2))
    longest = " ".join(itertools.islice(words, _LONGEST_TEXT_BYTES // 7))
    short = " ".join("".join(t) for t in itertools.product("abcdefghijklmnopqrstuvwxyz0123456789", repeat=3))
    for body in (longest, (short + " ") * 4):
        write_pages(superuser, who.unit, [body.encode()[:_LONGEST_TEXT_BYTES].decode(errors="ignore")], words=[])


def test_search_uses_its_index(superuser: Engine, worker_engine: Engine, account: MakeAccount) -> None:
    """The plan that search_pages() really runs, of 6,000 pages, as its owner and with nothing forbidden."""
    who = account("pejabat", unit=f"banyak-{uuid4().hex[:6]}")
    with superuser.begin() as connection:
        connection.execute(
            text(
                "WITH made AS (INSERT INTO document (unit, clearance, sha256, size, media_type, filename,"
                " original_version, stage, pages, pages_read) SELECT :unit, 1,"
                " encode(sha256((:unit || n)::bytea), 'hex'), 1, 'x', 'x', 'v', 'read', 1, 1"
                " FROM generate_series(1, 6000) n RETURNING id, seq)"
                "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at)"
                " SELECT id, seq, :unit, 1, 1, 'surat nomor ' || seq || ' perihal bantuan sosial warga ke ' || seq,"
                " '{\"words\": []}', now() FROM made"
            ),
            {"unit": who.unit},
        )
        rare = connection.scalar(text("SELECT max(seq) FROM document"))
    with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE page"))  # moves what is new into the index, as autovacuum does
    plans: list[str] = []
    with superuser.connect() as connection:
        raw = connection.connection.driver_connection
        raw.add_notice_handler(lambda notice: plans.append(notice.message_primary))
        connection.execute(text("LOAD 'auto_explain'"))
        for name, value in {
            "auto_explain.log_min_duration": "0",
            "auto_explain.log_nested_statements": "on",
            "auto_explain.log_level": "notice",
            **who.context,
        }.items():
            connection.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})
        query = "to_tsquery('indonesian', :words)"
        pages = text(f"SELECT count(*) FROM search_pages(ARRAY[{query}], 4611686018427387904, 0, 21)")
        count = text(f"SELECT search_count({query})")
        assert connection.scalar(pages, {"words": str(rare)}) == 1
        assert connection.scalar(count, {"words": str(rare)}) == 1
        connection.rollback()
    walled = [plan for plan in plans if "app_sees" in plan or "p.words" in plan or "words @@" in plan]
    assert len(walled) >= 2, plans
    print(*walled, sep="\n")
    assert all("page_words" in plan for plan in walled), walled
