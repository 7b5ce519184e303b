"""Until when a file is locked: rolling while its end is unknown, then until that end and no longer."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from records.retention.lockdates import PERMANENT_DAYS, Kept, Lasting, Wish, lasting

ZONE = ZoneInfo("Asia/Makassar")
NOW = datetime(2026, 11, 26, 22, 0, tzinfo=ZONE)
MONTH = timedelta(days=30)
FATES = ["musnah", "permanen", "dinilai_kembali", "belum_ditetapkan"]
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2050, 1, 1))
LETTERS = st.lists(
    st.none() | st.builds(Kept, st.sampled_from(FATES), DAYS, st.booleans(), st.booleans()), min_size=1, max_size=5
)


def one(fate: str, ends: date | None, *, permanent: bool = False, disposed: bool = False) -> Lasting | None:
    return lasting([Kept(fate, ends, permanent, disposed)], NOW, MONTH)


def test_what_each_fate_wants() -> None:
    assert lasting([None], NOW, MONTH) == Lasting(NOW + MONTH, rolls=True)  # in no berkas yet
    assert one("belum_ditetapkan", None) == Lasting(NOW + MONTH, rolls=True)
    assert one("musnah", None) == Lasting(NOW + MONTH, rolls=True)  # open: nobody knows when its years begin
    until = Lasting(datetime(2031, 1, 1, tzinfo=ZONE), rolls=False)
    assert one("musnah", date(2031, 1, 1)) == until
    assert one("dinilai_kembali", date(2031, 1, 1)) == Lasting(NOW + MONTH, rolls=True)  # a panel may say permanen
    assert one("permanen", date(2031, 1, 1)) == Lasting(NOW + timedelta(days=PERMANENT_DAYS), rolls=True)
    assert one("musnah", date(2031, 1, 1), permanent=True) == one("permanen", None)
    assert one("musnah", date(2031, 1, 1), disposed=True) is None


def test_a_file_is_locked_as_long_as_any_of_its_letters() -> None:
    kept = [Kept("musnah", date(year, 1, 1), False, False) for year in (2028, 2033, 2030)]
    assert lasting(kept, NOW, MONTH) == Lasting(datetime(2033, 1, 1, tzinfo=ZONE), rolls=False)
    assert lasting([*kept, Kept("musnah", date(2040, 1, 1), False, True)], NOW, MONTH) == lasting(kept, NOW, MONTH)


@given(LETTERS)
def test_never_beyond_what_disposal_needs(letters: list[Kept | None]) -> None:
    found = lasting(letters, NOW, MONTH)
    living = [kept for kept in letters if kept is None or not kept.disposed]
    assert (found is None) == (not living)
    if found is not None and not found.rolls:
        ends = {kept.expires_on for kept in living if kept is not None and kept.fate == "musnah"}
        assert found.until.date() in ends
    if found is not None and found.rolls:
        assert found.until <= NOW + timedelta(days=PERMANENT_DAYS)


def wish(of: Lasting | None) -> Wish:
    return Wish(uuid4(), of, False, None, False)


def test_a_rolling_lock_will_do_until_half_of_it_is_over() -> None:
    rolls, ends = wish(Lasting(NOW + MONTH, rolls=True)), wish(Lasting(NOW + MONTH, rolls=False))
    assert rolls.is_met(NOW + timedelta(days=15), NOW)
    assert not rolls.is_met(NOW + timedelta(days=14), NOW)
    assert not rolls.is_met(None, NOW)
    assert ends.is_met(NOW + MONTH - timedelta(milliseconds=900), NOW)  # the store keeps whole seconds
    assert not ends.is_met(NOW + timedelta(days=29), NOW)


def test_nothing_is_asked_for_what_is_over() -> None:
    assert wish(None).until(NOW) is None
    assert wish(None).is_met(None, NOW)
    past = wish(Lasting(datetime(2021, 1, 1, tzinfo=UTC), rolls=False))
    assert past.until(NOW) is None
    assert past.is_met(None, NOW)
