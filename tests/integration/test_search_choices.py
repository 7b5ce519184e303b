"""What is found is counted, chosen from, put in order and gone on from; and what is hidden leaves no sign."""

import json
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from access.accounts import Account
from core import clock
from core.db import transaction
from core.settings import settings
from records import agenda, dispositions
from records.agenda import Registration
from records.dispositions import Handed, To
from records.particulars import Particulars
from search.facets import Filters
from search.query import Results, search
from search.similar import similar
from search.suggesting import suggest
from tests.integration.conftest import MakeAccount
from tests.integration.driving import write_pages


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("pejabat")


def _filed(superuser: Engine, unit: str, body: str, kind: str | None, clearance: int = 1, **fields: str) -> UUID:
    letter = write_pages(superuser, unit, body.split("\f"), clearance=clearance)
    stored = json.dumps({name: {"value": value} for name, value in fields.items()})
    with superuser.begin() as connection:
        connection.execute(
            text("UPDATE document SET kind = :kind, fields = CAST(:fields AS jsonb) WHERE id = :id"),
            {"kind": kind, "fields": stored, "id": letter},
        )
    return letter


def _linked(superuser: Engine, who: Account, letter: UUID, clearance: int = 1) -> UUID:
    """A case of the unit with that letter at its second step."""
    with superuser.begin() as connection:
        told = {"unit": who.unit, "who": who.id, "letter": letter, "digest": uuid4().hex * 2, "level": clearance}
        connection.execute(text("INSERT INTO sop_version (digest, sop, data) VALUES (:digest, 'uji', '{}')"), told)
        told["client"] = connection.scalar(
            text("INSERT INTO client (unit, clearance, name, added_by) VALUES (:unit, :level, 'X', :who) RETURNING id"),
            told,
        )
        case = connection.scalar(
            text(
                "INSERT INTO case_file (unit, clearance, year, number, sop, sop_digest, client_id, opened_by)"
                " SELECT :unit, :level, 2025, 1 + count(*), 'uji', :digest, :client, :who FROM case_file"
                " WHERE unit = :unit RETURNING id"
            ),
            told,
        )
        connection.execute(text("INSERT INTO case_step (case_id, number) VALUES (:case, 2)"), {"case": case})
        connection.execute(
            text("INSERT INTO case_letter (case_id, step, document_id, linked_by) VALUES (:case, 2, :letter, :who)"),
            told | {"case": case},
        )
    found: UUID = case
    return found


def _search(who: Account, words: str, **how: object) -> Results:
    with transaction(who.context) as session:
        return search(session, words, **how)  # type: ignore[arg-type]


def _letters(found: Results) -> list[UUID]:
    return [hit.document for hit in found.hits]


def test_facets_count_and_choose(superuser: Engine, who: Account) -> None:
    card = _filed(superuser, who.unit, "klien Labukkang", "ktp", tanggal="2024-05-06")
    older = _filed(superuser, who.unit, "surat Labukkang", "tiket", tanggal="2023-01-02")
    newer = _filed(superuser, who.unit, "surat Labukkang", "tiket", tanggal="2024-01-02")
    case = _linked(superuser, who, older)
    found = _search(who, "labukkang", facets=True)
    told = {facet.name: {value.value: value.count for value in facet.values} for facet in found.facets}
    assert told == {
        "jenis": {"tiket": 2, "ktp": 1},
        "tahun": {"2024": 2, "2023": 1},
        "unit": {who.unit: 3},
        "kasus": {str(case): 1},
        "langkah": {"uji/2": 1},
        "retensi": {"aktif": 1},  # a linked letter lies in the berkas of its case
    }
    assert all(facet.exact for facet in found.facets)
    assert found.facets[0].values[0].label == "Tiket"
    for chosen, letters in {
        Filters(kinds=("tiket",)): [newer, older],
        Filters(kinds=("tiket", "ktp"), years=(2024,)): [newer, card],
        Filters(units=("lain",)): [],
        Filters(cases=(case,)): [older],
        Filters(steps=("uji/2",)): [older],
        Filters(steps=("uji/3",)): [],
        Filters(retention=("aktif", "inaktif")): [older],
        Filters(retention=("habis",)): [],
        Filters(cases=(case,), kinds=("ktp",)): [],
    }.items():
        for words in ("labukkang", "dari:2000"):
            chosen_from = _search(who, words, filters=chosen)
            assert _letters(chosen_from) == letters, chosen
            assert chosen_from.total == len(letters)


def test_a_case_above_the_ceiling_is_neither_counted_nor_chosen_by(superuser: Engine, who: Account) -> None:
    letter = _filed(superuser, who.unit, "klien Labukkang", "ktp")
    case = _linked(superuser, who, letter, clearance=3)
    found = _search(who, "labukkang", facets=True)
    assert {facet.name for facet in found.facets} == {"jenis", "tahun", "unit"}
    assert _letters(_search(who, "labukkang", filters=Filters(cases=(case,)))) == []
    assert _letters(_search(who, "labukkang", filters=Filters(steps=("uji/2",)))) == []
    assert _search(who, "kasus:1/2025").hits == ()


@pytest.fixture
def filed_letter(superuser: Engine, who: Account, account: MakeAccount) -> UUID:
    """A letter with number 1 of its unit's agenda and first case, coded, and handed on; beside another without."""
    letter = _filed(superuser, who.unit, "klien Labukkang", "skt_polisi", tanggal="2025-03-04")
    _linked(superuser, who, letter)
    with superuser.begin() as connection:
        connection.execute(text("UPDATE document SET stage = 'filed', doubt = 0 WHERE id = :id"), {"id": letter})
    clerk = account("petugas")
    said = Particulars(party="Kelurahan Karang Anyar", subject="Permohonan", code="400.9.4.1")
    with transaction(clerk.context) as session:
        agenda.register(session, clerk, Registration("masuk", said, letter))
    with transaction(who.context) as session:
        handed = Handed((To(clerk.name),), ("Proses lebih lanjut",), "sebelum rapat koordinasi")
        dispositions.give(session, who, letter, handed)
    return letter


@pytest.fixture
def other_letter(superuser: Engine, who: Account) -> UUID:
    return _filed(superuser, who.unit, "klien Labukkang", "ktp", tanggal="2024-03-04")


# What is asked for, and whether it finds filed_letter
_ASKED = {
    "kode:400.9": True,
    "kode:400.9.4.1 labukkang": True,
    "kode:9.4": False,
    "kode:460": False,
    "agenda:1": True,
    "agenda:1/{year} labukkang": True,
    "agenda:1/2001": False,
    "agenda:2": False,
    "disposisi:rapat": True,
    'disposisi:"Proses lebih lanjut" labukkang': True,
    "disposisi:undangan": False,
    "kasus:1/2025": True,
    "kasus:1 labukkang": True,
    "kasus:2/2025": False,
    "kasus:labukkang": False,
    "kasus:2 ATAU kasus:1": True,
    "kasus:2 kasus:1": False,
    "jenis:skt_polisi": True,
    "jenis:skt_polisi labukkang": True,
    "jenis:tiket": False,
    'jenis:"Surat keterangan terlantar (Kepolisian)"': True,
    "jenis:kepolisian labukkang": True,
    "jenis:kelurahan": False,
    "-jenis:kepolisian labukkang dari:2025": False,
    "dari:2025-03 sampai:2025-03": True,
    "dari:2025-03-05 labukkang": False,
    "dari:2025 kasus:1/2025 kode:400 agenda:1 disposisi:koordinasi jenis:skt_polisi labukkang": True,
    "dari:2025 kasus:1/2025 kode:400 agenda:2 disposisi:koordinasi jenis:skt_polisi labukkang": False,
}


def test_what_books_cases_and_dispositions_say_is_asked_for(
    who: Account, account: MakeAccount, filed_letter: UUID, other_letter: UUID
) -> None:
    assert filed_letter != other_letter
    below, elsewhere = account("pejabat", clearance="biasa"), account("pejabat", unit=f"lain-{who.unit}")
    year = clock.now().astimezone(ZoneInfo(settings().timezone)).year
    for words, is_found in _ASKED.items():
        asked = words.format(year=year)
        assert _letters(_search(who, asked)) == [filed_letter] * is_found, asked
        assert _letters(_search(below, asked)) == _letters(_search(elsewhere, asked)) == [], asked


# What is asked for, and whether it finds filed_letter and other_letter
_LEFT_OUT = {
    "-kasus:1": (False, True),
    "-kasus:1/2025 labukkang": (False, True),
    "BUKAN kasus:2 labukkang": (True, True),
    "-kasus:labukkang": (True, True),
    "kasus:1 -kasus:2": (True, False),
    "kasus:1 -kasus:1": (False, False),
    "kasus:1 -agenda:1": (False, False),
    "-agenda:1 -disposisi:rapat": (False, True),
    "-agenda:1/2001 labukkang": (True, True),
    "-kode:400.9 labukkang": (False, True),
    "-kode:9.4": (True, True),
    "-disposisi:rapat": (False, True),
    "-disposisi:undangan labukkang": (True, True),
    "-kasus:1 ATAU kasus:1": (True, True),
    "-kasus:1 ATAU -kasus:2": (True, True),
    "-kasus:1 ATAU -kasus:1 -kasus:2": (False, True),
    "kasus:2 ATAU kasus:1 -kasus:2": (True, False),
    "-dari:2025": (False, True),
    "-dari:2025-03 labukkang": (False, True),
    "-dari:2025-04": (True, True),
    "-dari:4 Maret 2025 labukkang": (False, True),
    "-dari:2025-03-05": (True, True),
    "-dari:2024": (False, False),
    "-sampai:2024 labukkang": (True, False),
    "-sampai:2024-03": (True, False),
    "-sampai:2024-03-03": (True, True),
    "-sampai:2024-03-04 sampai:2035": (True, False),
    "-sampai:2024 -dari:2026": (True, False),
    "-dari:2025 -sampai:2023": (False, True),
    "-dari:2025 -sampai:2024": (False, False),
    "-dari:2025 ATAU -sampai:2024": (True, True),
    "-dari:2024 ATAU -sampai:2024 labukkang": (True, False),
    "dari:2025 ATAU -dari:2024": (True, False),
    "dari:2023 sampai:2023 ATAU dari:2025-03 sampai:2025-03": (True, False),
    "-dari:kapan labukkang": (True, True),
    "dari:kapan ATAU dari:2025": (True, False),
    "dari:2030 sampai:2023 sampai:kapan": (False, False),
    "-kasus:1 -jenis:tiket -nama:budi -dari:2026 labukkang": (False, True),
}


def test_what_books_cases_dispositions_and_times_say_is_left_out(
    who: Account, account: MakeAccount, filed_letter: UUID, other_letter: UUID
) -> None:
    below, elsewhere = account("pejabat", clearance="biasa"), account("pejabat", unit=f"lain-{who.unit}")
    for words, (is_found, other_is) in _LEFT_OUT.items():
        letters = set([filed_letter] * is_found + [other_letter] * other_is)
        for sort in ("relevansi", "terbaru", "terlama"):
            found = _search(who, words, sort=sort, facets=True)
            assert (set(_letters(found)), found.total) == (letters, len(letters)), words
            assert sum(value.count for facet in found.facets[:1] for value in facet.values) == len(letters), words
        chosen = _search(who, words, filters=Filters(kinds=("skt_polisi",)))
        assert _letters(chosen) == [filed_letter] * is_found, words
        assert _letters(_search(below, words)) == _letters(_search(elsewhere, words)) == [], words


def test_what_may_not_be_seen_leaves_nothing_out(
    superuser: Engine, who: Account, account: MakeAccount, filed_letter: UUID
) -> None:
    """A case and an agenda entry above the ceiling are as if there were none."""
    with superuser.begin() as connection:
        for table in ("case_file", "agenda_entry"):
            connection.execute(text(f"UPDATE {table} SET clearance = 3 WHERE unit = :unit"), {"unit": who.unit})
    above = account("pejabat", clearance="sangat_rahasia")
    for words in ("-kasus:1", "-agenda:1", "-kode:400", "-kasus:1 -agenda:1 labukkang"):
        assert _letters(_search(above, words)) == [], words
        assert _letters(_search(who, words)) == [filed_letter], words
        assert _letters(_search(who, words.replace("-", ""))) == [], words


# What is asked for, and which of five letters it finds: two KTP, a KK, one of no known kind, one of a kind of before
_LACKING = {
    "jenis:ktp -samarinda": {1},
    "jenis:ktp BUKAN samar*": {1},
    "jenis:ktp -tanjong": {0, 1},  # no near word is left out
    'jenis:ktp -"asal samarinda"': {1},
    'jenis:ktp -"samarinda asal"': {0, 1},
    "jenis:ktp ATAU jenis:kk -samarinda": {1},
    "-samarinda": {1, 3, 4},
    "-samarinda -tarakan": {1, 4},
    "-samarinda ATAU -tarakan": {0, 1, 3, 4},  # on two pages of one letter
    "-samarinda tarakan": {2, 3},  # where a word is asked for, of its page alone
    "-nik:6473011203990001 dari:2000": {0, 1, 3, 4},
    "dari:2000 -6473011203990001": {0, 1, 3, 4},
    "-nama:budi -labukkang": set(),
    "-nama:siti -labukkang": {2},
    "jenis:kk -nama:siti ATAU -labukkang": {2},  # one side leaves out no word
    "-jenis:kk -tarakan": {0, 1, 4},
    "-jenis:ktp": {2, 3},
    "-jenis:ktp labukkang": {3},
    "-jenis:kartu labukkang": {3, 4},
    "-jenis:kartu -jenis:lama": {3},
    "-jenis:ktp ATAU -jenis:kk": {3},
    "-jenis:tiket": {0, 1, 2, 3, 4},
    "jenis:ktp -jenis:kk": {0, 1},
    "-nama:budi ATAU -nama:santoso": {0, 1, 3, 4},
    "-nama:budi ATAU -nama:siti": {0, 1, 2, 3, 4},
    "-dari:2001": {2},
    "-sampai:2001 labukkang": {0, 1, 3, 4},  # by the day they came, as no other is known
}


@pytest.fixture
def lacking(superuser: Engine, who: Account) -> list[UUID]:
    """Five letters, some of two pages; one beside them has all words, and may not be seen."""
    _filed(superuser, who.unit, "klien Labukkang\fSamarinda Tarakan", "ktp", clearance=3)
    return [
        _filed(superuser, who.unit, "klien Labukkang Tanjung\fasal Samarinda", "ktp"),
        _filed(superuser, who.unit, "klien Labukkang", "ktp"),
        _filed(
            superuser, who.unit, "NIK 6473011203990001 di Samarinda\ftujuan Tarakan", "kk", nama="Budi Santoso",
            tanggal="2000-05-06",
        ),
        _filed(superuser, who.unit, "klien Labukkang\ftujuan Tarakan", None),
        _filed(superuser, who.unit, "klien Labukkang", "ktp_lama"),
    ]  # fmt: skip


def test_words_kinds_and_names_are_left_out_and_what_is_not_known_is_not(who: Account, lacking: list[UUID]) -> None:
    key = settings().identity_key.get_secret_value()
    for words, which in _LACKING.items():
        letters = {lacking[n] for n in which}
        for sort in ("relevansi", "terbaru", "terlama"):
            found = _search(who, words, sort=sort, facets=True, exactly=True, identity_key=key)
            assert (set(_letters(found)), found.total) == (letters, len(letters)), words
            counted = {facet.name: sum(value.count for value in facet.values) for facet in found.facets}
            assert counted.get("unit", 0) == len(letters), words
            seen, cursor = [], None
            while len(seen) < len(letters):
                part = _search(who, words, sort=sort, limit=1, cursor=cursor, exactly=True, identity_key=key)
                seen, cursor = seen + _letters(part), part.next
            assert (seen, cursor) == (_letters(found), None), words
        chosen = _search(who, words, filters=Filters(kinds=("ktp",)), exactly=True, identity_key=key)
        assert set(_letters(chosen)) == letters & set(lacking[:2]), words


def test_a_hidden_page_leaves_out_no_letter(superuser: Engine, who: Account, account: MakeAccount) -> None:
    letter = _filed(superuser, who.unit, "klien Labukkang\fasal Samarinda", "ktp")
    above = account("pejabat", clearance="sangat_rahasia")
    for words in ("jenis:ktp -samarinda", "-samarinda", "-samarinda ATAU -asal"):
        assert _letters(_search(who, words)) == [], words
    with superuser.begin() as connection:
        hide = text("UPDATE page SET clearance = 3 WHERE document_id = :letter AND number = 2")
        connection.execute(hide, {"letter": letter})
    for words in ("jenis:ktp -samarinda", "-samarinda", "-samarinda ATAU -asal"):
        found = _search(who, words, facets=True)
        assert (_letters(found), found.total, len(found.facets)) == ([letter], 1, 3), words
        assert _letters(_search(above, words)) == [], words


def test_nothing_is_found_where_too_much_is_to_be_left_out(superuser: Engine, who: Account, filed_letter: UUID) -> None:
    with superuser.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO disposition (document_id, recipient_id, recipient, given_by, giver, handed_by, note)"
                " SELECT :letter, :who, 'x', :who, 'x', :who, 'massal' FROM generate_series(1, 10000)"
            ),
            {"letter": filed_letter, "who": who.id},
        )
    assert _letters(_search(who, "labukkang disposisi:massal")) == [filed_letter]
    assert _letters(_search(who, "labukkang -disposisi:massal")) == []
    assert _letters(_search(who, "-disposisi:massal ATAU -disposisi:undangan labukkang")) == [filed_letter]


@pytest.mark.parametrize("sort", ["terbaru", "terlama"])
def test_by_date_alone(superuser: Engine, who: Account, sort: str) -> None:
    letters = [write_pages(superuser, who.unit, [body]) for body in ("asal Labukkang", "Iabukkang", "Labukkang")]
    seen, cursor = [], None
    while True:
        found = _search(who, "labukkang", sort=sort, limit=1, cursor=cursor)
        assert found.total == 3
        seen += _letters(found)
        cursor = found.next
        if cursor is None:
            break
    assert seen == (letters if sort == "terlama" else letters[::-1])


def test_did_you_mean_what_stands_in_letters(superuser: Engine, who: Account) -> None:
    write_pages(superuser, who.unit, ["asal Labukkang, kota"])
    assert _search(who, "asal labvkkang").did_you_mean == "asal Labukkang"
    assert _search(who, "asal labukkang").did_you_mean is None
    write_pages(superuser, who.unit, ["seb4tik"])
    assert _search(who, "sebatik").did_you_mean is None  # nobody means what was misread
    assert _search(who, "zzzqqq").did_you_mean is None


def test_suggestions_are_names_numbers_and_words_that_begin_so(superuser: Engine, who: Account) -> None:
    _filed(
        superuser, who.unit, "Labukkang NIK 6473011203990001 nama Labora Sinaga 460/12/LABKES", "ktp",
        nama="LABORA SINAGA", nomor_surat="460/12/LABKES", nik="6473011203990001",
        tempat_tgl_lahir="LABUHA, 12-03-1999", alamat="Jl. Labu No. 3 RT 04 Kel. Labuang Baru Kec. Tarakan Barat",
    )  # fmt: skip
    with transaction(who.context) as session:
        told = [(one.text, one.kind) for one in suggest(session, "lab")]
        assert told[:2] == [("LABORA SINAGA", "nama"), ("460/12/LABKES", "nomor")]
        assert sorted(text for text, kind in told if kind == "tempat") == ["LABUHA", "Labuang Baru"]  # no house, no day
        assert ("labukkang", "kata") in told
        assert [one.text for one in suggest(session, "sinaga labuk")] == ["labukkang"]
        assert [one.text for one in suggest(session, "tike")] == ["Tiket", "Bukti uang tiket dan uang saku"]
        assert [(one.text, one.kind) for one in suggest(session, "460")] == [("460/12/LABKES", "nomor")]
        for typed in ("la", "", "647301", "nik6", "'&|!", "nik*"):
            assert not [one for one in suggest(session, typed) if one.text[0].isdigit()]


def test_similar_letters(superuser: Engine, who: Account) -> None:
    body = "permohonan pemulangan orang telantar asal Labukkang dari rumah singgah menuju pelabuhan"
    fields = {"perihal": "permohonan pemulangan orang telantar", "pengirim": "Polres Nunukan"}
    letter = _filed(superuser, who.unit, f"Polres Nunukan {body}", "skt_polisi", **fields)
    alike = _filed(superuser, who.unit, f"{body} segera", "skt_polisi", **fields)
    sender = _filed(superuser, who.unit, "undangan rapat Polres Nunukan", "skt_polisi")
    write_pages(superuser, who.unit, ["lain sama sekali"])
    for hidden in (3, 1):
        where = who.unit if hidden == 3 else f"lain-{who.unit}"
        _filed(superuser, where, f"Polres Nunukan {body}", "skt_polisi", clearance=hidden, **fields)
    with transaction(who.context) as session:
        found = similar(session, letter)
    assert [(one.document, one.reasons) for one in found] == [(alike, ("isi",)), (sender, ("pengirim",))]


# Each way to ask, and what must not be there when the letter that answers is hidden
WAYS: dict[str, Callable[[Session, str], object]] = {
    "hits": lambda session, word: search(session, word).hits,
    "count": lambda session, word: search(session, word).total,
    "next": lambda session, word: search(session, word, limit=1).next,
    "near": lambda session, word: search(session, f"{word[:-1]}z").added,
    "meant": lambda session, word: search(session, f"{word[:-1]}z").did_you_mean,
    "beginning": lambda session, word: search(session, f"{word[:9]}*").total,
    "oldest": lambda session, word: search(session, word, sort="terlama").hits,
    "conditions": lambda session, word: search(session, f"hal:{word}").total,
    "left out": lambda session, word: search(session, f"{word} -kasus:1 -sampai:2000").hits,
    "only left out": lambda session, word: search(session, f"-kasus:1 -nama:x jenis:{word}").total,
    "other times": lambda session, word: search(session, f"-dari:2000 ATAU -sampai:2000 {word}").total,
    "without a word": lambda session, word: search(session, f"jenis:{word} -lain").total,
    "without a kind": lambda session, word: search(session, f"{word} -jenis:lain").total,
    "no words": lambda session, word: search(session, f"jenis:{word}").total,
    "facets": lambda session, word: search(session, word, facets=True).facets,
    "chosen": lambda session, word: search(session, word, filters=Filters(kinds=(word,))).hits,
    "suggestions": lambda session, word: suggest(session, word[:9]),
    "number": lambda session, word: search(session, f"nomor:{word}").total,
}


def _plant(superuser: Engine, unit: str, clearance: int) -> str:
    """A word that stands in one hidden letter, as its kind and in its fields too."""
    word = "qx" + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:10])
    for _ in range(2):
        _filed(superuser, unit, f"surat {word} kota", word, clearance, perihal=word, nomor_surat=word, nama=word)
    return word


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("role", ["petugas", "pejabat", "arsiparis", "auditor", "admin"])
def test_a_planted_word_comes_back_by_no_way(
    superuser: Engine, account: MakeAccount, unit: str, role: str, way: str
) -> None:
    above = _plant(superuser, unit, 3)
    elsewhere = _plant(superuser, f"lain-{unit}", 1)
    who = account(role, clearance="rahasia")
    with transaction(who.context) as session:
        assert not WAYS[way](session, above)
        assert bool(WAYS[way](session, elsewhere)) == (role == "arsiparis")  # whose unit is every unit


@pytest.fixture
def walls_down(superuser: Engine) -> Iterator[Connection]:
    """A transaction, rolled back, in which neither policies nor the condition of the searching functions hide."""
    with superuser.connect() as connection:
        functions = connection.scalars(
            text("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'search\\_%' AND prosecdef")
        ).all()
        for function in functions:
            open_ = function.replace("(SELECT app_clearance())", "3").replace(
                "(SELECT app_role()) = 'arsiparis'", "true"
            )
            connection.exec_driver_sql(open_.replace("%", "%%"))
        for table in ("document", "page"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
        yield connection
        connection.rollback()


@pytest.mark.parametrize("way", WAYS)
def test_with_the_walls_down_each_way_would_tell(
    superuser: Engine, account: MakeAccount, unit: str, way: str, walls_down: Connection
) -> None:
    """So that the test above cannot pass by asking what finds nothing in any case."""
    walls_down.execute(text("SET LOCAL lock_timeout = '2s'"))
    word = "qx" + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:10])
    fields = json.dumps({name: {"value": word} for name in ("perihal", "nomor_surat", "nama")})
    who = account("pejabat", clearance="biasa")
    for _ in range(2):
        letter = walls_down.scalar(
            text(
                "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage,"
                " pages, pages_read, kind, fields) VALUES (:unit, 3, encode(sha256(gen_random_uuid()::text::bytea),"
                " 'hex'), 1, 'x', 'x', 'v', 'read', 1, 1, :word, CAST(:fields AS jsonb)) RETURNING id"
            ),
            {"unit": f"lain-{unit}", "word": word, "fields": fields},
        )
        walls_down.execute(
            text(
                "INSERT INTO page (document_id, document_seq, unit, clearance, number, text, reading, read_at)"
                " SELECT id, seq, unit, clearance, 1, 'surat ' || :word || ' kota', '{\"words\": []}', now()"
                " FROM document WHERE id = :id"
            ),
            {"id": letter, "word": word},
        )
    walls_down.execute(text("SET LOCAL ROLE arsip_api"))
    for name, value in who.context.items():
        walls_down.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})
    with Session(walls_down, join_transaction_mode="create_savepoint") as session:
        assert WAYS[way](session, word)
