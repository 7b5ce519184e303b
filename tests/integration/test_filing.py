"""Berkas, codes, schedules and holds as people work with them, on the real database."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from access.accounts import Account
from api import cutting, holding
from archive.stacks import Decision
from cases import work
from core.clock import today
from core.db import transaction
from core.faults import (
    BerkasClosed,
    BerkasRefused,
    Forbidden,
    HoldRefused,
    InvalidRequest,
    LetterInUse,
    NotFound,
    TableRefused,
)
from records import boxes, paper
from records.filing import berkas as shelf
from records.filing import forms, letters, tree
from records.filing.berkas import Described
from records.filing.tables import BerkasRow
from records.retention import effects, holds, schedule, worklists
from records.retention.clocks import Series, Told, clock
from tests.integration.conftest import MakeAccount
from tests.integration.driving import connected_as, write_pages
from tests.integration.test_cases import filed, opened
from workers import retention

HEADS = "kode;jenis arsip;aktif;inaktif;nasib akhir;pemicu\n"


def some_code() -> str:
    return f"8{uuid4().int % 90 + 10}.{uuid4().int % 90 + 1}.{uuid4().int % 90 + 1}.{uuid4().int % 90 + 1}"


def new(by: Account, title: str = "Undangan rapat", *, code: str | None = None, clearance: int = 1) -> UUID:
    with transaction(by.context) as session:
        return shelf.open_(session, by, Described(title), unit=by.unit, clearance=clearance, code=code).id


def look(by: Account, berkas: UUID) -> BerkasRow:
    with transaction(by.context) as session:
        return shelf.find(session, berkas)


def put(by: Account, berkas: UUID, *documents: UUID) -> int:
    with transaction(by.context) as session:
        return letters.file(session, by, berkas, documents)


def sealed(superuser: Engine, unit: str, clearance: int = 1, day: str = "2024-05-06") -> UUID:
    """A letter as it lies in the archive, with a date and a Sifat."""
    letter = filed(superuser, unit, clearance)
    with superuser.begin() as connection:
        connection.execute(
            text(
                "UPDATE document SET stage = 'sealed', sealed_at = now(), pages = 2, fields ="
                " jsonb_build_object('tanggal', jsonb_build_object('value', CAST(:day AS text)),"
                " 'sifat', jsonb_build_object('value', 'Rahasia')) WHERE id = :id"
            ),
            {"id": letter, "day": day},
        )
    return letter


@pytest.fixture
def apply(account: MakeAccount) -> Any:
    """Bring a schedule of these lines and apply it; its last day is before today once the test is over."""
    keeper = account("arsiparis")
    made: list[UUID] = []

    def bring(lines: str, *, applied: bool = True) -> UUID:
        with transaction(keeper.context) as session:
            version = schedule.bring(
                session, keeper, (HEADS + lines).encode(), name="JRA uji", valid_from=date(2020, 1, 1)
            )
        if applied:
            with transaction(keeper.context) as session:
                schedule.apply(session, keeper, version.id)
            retention.sweep()
        made.append(version.id)
        return version.id

    yield bring
    with transaction(keeper.context) as session:
        for version in made:
            schedule.end(session, keeper, version, date(2020, 1, 1))
    retention.sweep()


def test_letters_outside_cases_are_filed_moved_and_taken_out(
    account: MakeAccount, superuser: Engine, unit: str
) -> None:
    clerk = account("petugas")
    first, second = new(clerk), new(clerk, "Laporan bulanan")
    letter = sealed(superuser, unit)
    with transaction(clerk.context) as session:
        assert letter in {row.id for row in letters.loose(session, limit=50)}
    assert (put(clerk, first, letter), put(clerk, first, letter), put(clerk, second, letter)) == (1, 0, 1)
    assert (look(clerk, first).letters, look(clerk, second).letters) == (0, 1)
    with transaction(clerk.context) as session:
        (item,) = letters.items(session, second)
        assert (item.day, item.secrecy, item.urgency) == (date(2024, 5, 6), 2, "biasa")
        assert str(shelf.spans(session, [second])[second]) == "2024"
        assert letters.loose_count(session) == 0
    with pytest.raises(LetterInUse, match="letter_in_use"), transaction(clerk.context) as session:
        cutting.decide(session, clerk, letter, Decision(frozenset({1, 2}), 2, None))
    with transaction(clerk.context) as session:
        letters.take_out(session, clerk, second, letter)
        assert shelf.of_letter(session, letter) is None
    with pytest.raises(BerkasRefused), transaction(clerk.context) as session:
        letters.take_out(session, clerk, second, letter)


def test_what_may_not_lie_in_a_berkas(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk, chief = account("petugas"), account("petugas", clearance="rahasia")
    where = new(clerk)
    with pytest.raises(BerkasRefused):
        put(chief, where, sealed(superuser, unit, 2))
    with pytest.raises(NotFound):
        put(clerk, where, sealed(superuser, unit, 2))
    keeper = account("arsiparis", clearance="rahasia")
    with pytest.raises(BerkasRefused):
        put(keeper, where, sealed(superuser, "unit-lain"))
    case, letter = opened(clerk), sealed(superuser, unit)
    with transaction(clerk.context) as session:
        work.link(session, clerk, case, letter, 1)
        of_case = shelf.of_case(session, case).id
    for target, of in ((of_case, sealed(superuser, unit)), (where, letter)):
        with pytest.raises(BerkasRefused):
            put(clerk, target, of)
    with pytest.raises(Forbidden):
        put(account("pejabat"), where, sealed(superuser, unit))
    # in a berkas above the clerk's ceiling nothing is told of it, and the letter stays there
    hidden, secret = new(chief, clearance=2), sealed(superuser, unit)
    put(chief, hidden, secret)
    with pytest.raises(BerkasRefused, match="berkas_refused"):
        put(clerk, where, secret)
    assert look(chief, hidden).letters == 1


def test_closing_starts_the_clock_and_reopening_stops_it(account: MakeAccount, superuser: Engine, apply: Any) -> None:
    clerk, keeper, code = account("petugas"), account("arsiparis"), some_code()
    apply(f"{code};Uji;2;3;Musnah;kegiatan selesai\n")
    where = new(clerk)
    with pytest.raises(InvalidRequest), transaction(clerk.context) as session:
        shelf.close(session, clerk, where, today())
    with transaction(clerk.context) as session:
        shelf.classify(session, clerk, where, code)
        closed = shelf.close(session, clerk, where, date(2012, 3, 4))
    expected = clock(
        Series(2, 3, "musnah", "kasus_selesai"), Told(date(2012, 3, 4)), start="1_januari_berikutnya", today=today()
    )
    assert (closed.inactive_on, closed.expires_on, closed.phase) == (
        *(expected.inactive_on, expected.expires_on),
        "habis",
    )
    with pytest.raises(BerkasClosed):
        put(clerk, where, sealed(superuser, clerk.unit))
    with pytest.raises(BerkasClosed), transaction(clerk.context) as session:
        shelf.close(session, clerk, where, today())
    with pytest.raises(Forbidden), transaction(clerk.context) as session:
        shelf.reopen(session, clerk, where)
    with transaction(keeper.context) as session:
        assert shelf.reopen(session, keeper, where).trigger_on is None


def test_a_berkas_is_not_closed_before_its_newest_letter(account: MakeAccount, superuser: Engine) -> None:
    """One that was would be destroyed too early; the day a letter came says nothing of that."""
    clerk = account("petugas")
    where = new(clerk)
    undated = sealed(superuser, clerk.unit, day="tidak terbaca")
    put(clerk, where, sealed(superuser, clerk.unit, day="2019-03-04"), sealed(superuser, clerk.unit), undated)
    with transaction(clerk.context) as session:
        shelf.classify(session, clerk, where, "400.9.4.1")
    with pytest.raises(InvalidRequest) as refusal, transaction(clerk.context) as session:
        shelf.close(session, clerk, where, date(2024, 5, 5))
    assert "6 Mei 2024" in refusal.value.detail
    with transaction(clerk.context) as session:
        assert shelf.close(session, clerk, where, date(2024, 5, 6)).closed_on == date(2024, 5, 6)


def test_a_trigger_that_a_person_tells(account: MakeAccount, apply: Any) -> None:
    keeper, code = account("arsiparis"), some_code()
    apply(f"{code};Uji;1;1;Permanen;hak dan kewajiban selesai\n")
    where = new(keeper, code=code)
    with transaction(keeper.context) as session:
        assert shelf.close(session, keeper, where, date(2015, 1, 1)).trigger_on is None
        assert where in {one.row.id for one in worklists.listed(session, "tanpa_pemicu", limit=200)}
    with pytest.raises(InvalidRequest), transaction(keeper.context) as session:
        shelf.say_trigger(session, keeper, where, date(2015, 1, 1), " ")
    with transaction(keeper.context) as session:
        told = shelf.say_trigger(session, keeper, where, date(2016, 5, 5), "BAST 12/2016")
    assert (told.expires_on, told.phase, told.fate) == (date(2019, 1, 1), "habis", "permanen")


def test_a_case_is_kept_from_its_closing_by_the_code_of_the_case(
    account: MakeAccount, superuser: Engine, apply: Any
) -> None:
    clerk, code = account("petugas"), some_code()
    apply(f"{code};Uji;2;3;Musnah;\n")
    case = opened(clerk)
    with transaction(clerk.context) as session:
        work.classify(session, clerk, case, code)
    with superuser.begin() as connection:
        connection.execute(
            text("UPDATE case_file SET closed_at = now(), closed_by = opened_by WHERE id = :c"), {"c": case}
        )
    with transaction(clerk.context) as session:
        row = shelf.of_case(session, case)
    assert (row.closed_on, row.trigger_on, row.expires_on) == (today(), today(), date(today().year + 6, 1, 1))
    with pytest.raises(InvalidRequest), transaction(clerk.context) as session:
        shelf.classify(session, clerk, row.id, some_code())


def test_what_a_schedule_would_do_is_what_it_does(account: MakeAccount, superuser: Engine, apply: Any) -> None:
    clerk, keeper = account("petugas"), account("arsiparis")
    top = some_code()
    apply(f"{top};Lama;1;1;Musnah;\n")
    made = [new(clerk, code=code) for code in (top, f"{top}.1", f"{top}.2")]
    with transaction(clerk.context) as session:
        for where in made:
            shelf.close(session, clerk, where, date(2020, 1, 2))
    lines = f"{top};Baru;5;10;Musnah;\n{top}.1;Baru;0;0;Permanen;\n{top}.2;Baru;1;1;Musnah;pemeriksaan\n"
    version = apply(lines, applied=False)
    with transaction(keeper.context) as session:
        told = {one.code: one for one in schedule.effect(session, version) if one.code.startswith(top)}
    assert [(one.berkas, one.later, one.sooner) for _, one in sorted(told.items())] == [(1, 1, 0), (1, 0, 1), (1, 1, 0)]
    with transaction(clerk.context) as session:  # and of each berkas the same
        each = {one.row.id: one for one in effects.on_each(session, version, limit=50)}
    assert [each[where].change for where in made] == ["lebih lama", "lebih singkat", "lebih lama"]
    with transaction(keeper.context) as session:
        schedule.apply(session, keeper, version)
    retention.sweep()
    for where in made:
        row = look(clerk, where)
        would = each[where].clock
        assert (row.fate, row.trigger_on, row.inactive_on, row.expires_on) == (
            *(each[where].fate, would.trigger_on, would.inactive_on, would.expires_on),
        )
        assert (row.fate, row.active_years, row.inactive_years) == told[row.code or ""].becomes
    assert [look(clerk, where).expires_on for where in made] == [date(2036, 1, 1), date(2021, 1, 1), None]
    with transaction(clerk.context) as session:  # who may not apply one learns nothing of others' berkas
        assert schedule.effect(session, version) == []
    with pytest.raises(InvalidRequest), transaction(keeper.context) as session:
        schedule.apply(session, keeper, version)


def test_a_sweep_ends_and_repeats_nothing(account: MakeAccount, worker_engine: Engine, apply: Any) -> None:
    apply(f"{some_code()};Uji;1;1;Musnah;\n")
    with connected_as(worker_engine):
        retention.sweep()
        assert retention.sweep() == 0


def test_a_wrong_schedule_is_refused_whole(account: MakeAccount, superuser: Engine) -> None:
    keeper = account("arsiparis")
    with superuser.connect() as connection:
        before = connection.scalar(text("SELECT count(*) FROM schedule_version"))
    with pytest.raises(TableRefused) as caught, transaction(keeper.context) as session:
        schedule.bring(session, keeper, f"{HEADS}400.9;Uji;dua;3;Musnah;\n".encode(), name="x", valid_from=today())
    assert "baris 2, kolom aktif" in caught.value.detail
    with superuser.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM schedule_version")) == before
    clerk = account("petugas")
    with pytest.raises(Forbidden), transaction(clerk.context) as session:
        schedule.bring_sample(session, clerk)


def test_codes_are_checked_once_the_office_has_its_own_table(account: MakeAccount, superuser: Engine) -> None:
    keeper, old, kept = account("arsiparis"), some_code(), some_code()
    with transaction(keeper.context) as session:
        assert not tree.is_in_force(session)
        assert tree.checked(session, old) == old
        assert tree.search(session, "orang terlantar", 9)[0].code == "400.9.4.1"
    table = f"kode;judul;berlaku mulai;berlaku sampai;diganti oleh\n{old};Lama;2000-01-01;2022-12-31;{kept}\n"
    try:
        with transaction(keeper.context) as session:
            tree.bring(session, keeper, "Tabel uji", (table + f"{kept};Urusan zeta;2023-01-01;;\n").encode())
        with transaction(keeper.context) as session:
            assert tree.checked(session, f" {kept}. ") == kept
            assert [one.code for one in tree.search(session, "zeta urus", 9)] == [kept]
            assert tree.search(session, old, 9)[0].replaced_by == kept
            for wrong, said in ((old, kept), (some_code(), "tidak ada di tabel"), ("4.6", "tiga angka")):
                with pytest.raises(InvalidRequest) as caught:
                    tree.checked(session, wrong)
                assert said in caught.value.detail
        with transaction(keeper.context) as session:  # the same again changes titles, and adds nothing
            tree.bring(session, keeper, "Tabel uji", (table + f"{kept};Urusan eta;2023-01-01;;\n").encode())
            assert tree.title_of(session, kept) == "Urusan eta"
    finally:
        with superuser.begin() as connection:
            connection.execute(text("TRUNCATE classification_code, classification_import"))


def test_holds_of_each_scope_and_two_people(account: MakeAccount, superuser: Engine, unit: str) -> None:
    chief, keeper, second = account("pejabat"), account("arsiparis"), account("admin")
    word = f"kata{uuid4().hex[:10]}"
    hits = [write_pages(superuser, unit, [word]) for _ in range(3)]
    where = new(keeper)
    with transaction(chief.context) as session:
        search = holding.place(
            session, chief, document=None, berkas=None, query=word, kind="sengketa", reason="Perkara 1"
        )
        assert holds.find(session, search.id).letters == 3
        assert holds.held(session, [*hits, uuid4()]) == set(hits)
    with transaction(keeper.context) as session:
        on = holds.on_berkas(session, keeper, where, kind="audit", reason="Pemeriksaan")
        assert holds.held_berkas(session, [where]) == {where}
    for asked in ({"query": "tidakadasuratnya"}, {"query": word, "berkas": where}, {}):
        wanted: Any = {"document": None, "berkas": None, "query": None, **asked}
        with pytest.raises((HoldRefused, InvalidRequest)), transaction(chief.context) as session:
            holding.place(session, chief, **wanted, kind="audit", reason="x")
    with pytest.raises(HoldRefused, match="hold_refused"), transaction(keeper.context) as session:
        holds.release(session, keeper, on.id, "selesai")
    with pytest.raises(Forbidden), transaction(chief.context) as session:
        holds.release(session, chief, on.id, "selesai")
    with transaction(second.context) as session:
        assert holds.release(session, second, on.id, "selesai").released_by == second.id
    with pytest.raises(HoldRefused), transaction(second.context) as session:
        holds.release(session, second, on.id, "selesai")
    with transaction(keeper.context) as session:
        assert holds.held_berkas(session, [where]) == set()
        assert {one.row.id for one in holds.of_letter(session, hits[0])} == {search.id}


def test_lists_say_where_paper_lies(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")
    where, letter = new(clerk, "Akta gedung"), sealed(superuser, unit)
    put(clerk, where, letter)
    with transaction(clerk.context) as session:
        box = boxes.add(session, clerk, unit, "Boks 1", boxes.stand("", "", "3")).box
        paper.place(session, clerk, [letter], box, "F1")
    with transaction(clerk.context) as session:
        printed = forms.gather(session, unit, "vital")
        assert (printed.rows, printed.total) == ((), "Jumlah: 0 berkas, 0 surat.")
        shelf.describe(session, clerk, where, Described("Akta gedung", vital=True, media="kertas"))
    with transaction(clerk.context) as session:
        vital, active = (forms.gather(session, unit, which) for which in ("vital", "berkas"))
        isi = forms.contents(shelf.find(session, where), letters.items(session, where), str)
    assert vital.rows[0][1] == "Akta gedung"
    assert f"{unit.upper()}-0001 folder F1; Rak 3" in vital.rows[0]
    assert active.total == "Jumlah: 1 berkas, 1 surat."
    assert isi.rows[0][1:5] == (1, "", "skt_polisi", date(2024, 5, 6))
    for made in (vital, active, isi):
        assert forms.as_pdf(made, unit).startswith(b"%PDF-1.7")
        assert forms.as_xlsx(made, unit).startswith(b"PK")


def test_no_list_says_where_a_destroyed_letter_lies(account: MakeAccount, superuser: Engine, unit: str) -> None:
    clerk = account("petugas")
    where, kept, gone = new(clerk), sealed(superuser, unit), sealed(superuser, unit)
    put(clerk, where, kept, gone)
    with transaction(clerk.context) as session:
        shelf.describe(session, clerk, where, Described("Akta gedung", vital=True))
        for letter, name, shelf_number in ((kept, "Boks 1", "3"), (gone, "Boks 2", "4")):
            box = boxes.add(session, clerk, unit, name, boxes.stand("", "", shelf_number)).box
            paper.place(session, clerk, [letter], box)

    def place() -> Any:
        with transaction(clerk.context) as session:
            return forms.gather(session, unit, "vital").rows[0][8]

    assert place() == f"{unit.upper()}-0001; {unit.upper()}-0002; Rak 3; Rak 4"
    destroyed = text("UPDATE document SET destroyed_at = CASE WHEN :gone THEN now() END WHERE id = :id")
    with superuser.begin() as connection:
        connection.execute(destroyed, {"gone": True, "id": gone})
    assert place() == f"{unit.upper()}-0001; Rak 3"
    with superuser.begin() as connection:  # no list decided it
        connection.execute(destroyed, {"gone": False, "id": gone})


def test_work_lists_and_what_falls_due(account: MakeAccount, apply: Any) -> None:
    keeper, code = account("arsiparis"), some_code()
    apply(f"{code};Uji;2;3;Musnah;\n")
    places = [new(keeper, code=code) for _ in range(3)]
    with transaction(keeper.context) as session:
        for where, year in zip(places, (2005, 2006, today().year - 3), strict=True):
            shelf.close(session, keeper, where, date(year, 7, 7))
        holds.on_berkas(session, keeper, places[0], kind="audit", reason="x")
    with transaction(keeper.context) as session:
        over = [one for one in worklists.listed(session, "habis", limit=200) if one.row.id in places]
        assert [(one.row.id, one.held) for one in over] == [(places[0], True), (places[1], False)]
        after = worklists.position("habis", over[0].row)
        assert places[0] not in {one.row.id for one in worklists.listed(session, "habis", limit=200, after=after)}
        assert places[2] in {one.row.id for one in worklists.listed(session, "inaktif", limit=200)}
        assert worklists.counts(session)["habis"] >= 2
        assert worklists.news(session) >= 3
    for who in (keeper, account("auditor")):  # the auditor sees no berkas, and how many there are
        with transaction(who.context) as session:
            years = {(one.year, one.fate): one for one in worklists.by_year(session, 2011, 2012)}
            assert years[2011, "musnah"].held >= 1
            assert years[2012, "musnah"].berkas >= 1
