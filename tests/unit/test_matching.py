"""Which case and step a letter is for: what speaks for one, what is certain, and what never is."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import names, quotes
from cases.casecode import case_in, code_of
from cases.letterfacts import facts
from cases.machine import CaseState, Command, Linked, apply
from cases.matching import Candidate, Evidence, Match, Said, ranked
from cases.places import Fit, only_awaited, opens_with, places
from cases.sopfiles import packaged
from tests.yardstick.office import FIRST, SECOND

A, B, C = (packaged()[sop] for sop in ("pemulangan-tarakan", "pemulangan-kaltara", "rujukan-lk3-tarakan"))
NIK, OTHER = b"n" * 32, b"o" * 32
DAY = date(2026, 3, 2)
NAMES = st.builds(lambda first, last: f"{first} {last}", st.sampled_from(FIRST), st.sampled_from(SECOND))
SAID = Said("hasil_asesmen", sure=True, nik=NIK, nik_sure=True, name="Siti Aminah", birth=None, day=DAY)


def at_step(number: int, letters: tuple[Linked, ...] = ()) -> CaseState:
    """A case under SOP A whose steps before `number` are done."""
    state = CaseState.new(A)
    for step in range(1, number):
        state = apply(state, Command("finish", step, "contoh"), letters)
    return state


def candidate(evidence: Evidence = Evidence(), **other: object) -> Candidate:
    """A case of Siti Aminah that waits for her assessment (step 4)."""
    usual = Candidate(
        case=uuid4(),
        places=places(at_step(4), [Linked(1, "skt_polisi")], "hasil_asesmen"),
        nik=NIK,
        name="SITI AMINAH",
        birth=date(1980, 1, 1),
        begun=DAY - timedelta(days=3),
        evidence=evidence,
        only=True,
    )
    return replace(usual, **other)  # type: ignore[arg-type]


def first(said: Said, *found: Candidate) -> Match:
    return ranked(said, found, ())[0]


@given(st.sampled_from([name for name in FIRST + SECOND if len(names.words(name)[0]) >= 6]), st.data())
def test_a_misread_sign_leaves_a_key(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    change = data.draw(st.sampled_from(["", "x", name[at] * 2]))
    assert names.keys(name) & names.keys(name[:at] + change + name[at + 1 :])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Moh. Joesoef", "MUHAMMAD YUSUF"),
        ("Hj. Siti Aminah", "St. Aminah"),
        ("aminah, siti", "Siti Aminah"),
        ("Abd. Rachman bin Tahir", "Abdul Rachman Tahir"),
    ],
)
def test_names_are_compared_in_one_spelling(one: str, other: str) -> None:
    assert names.alike(one, other) == 100
    assert names.keys(one) == names.keys(other)


def test_other_people_are_not_alike() -> None:
    assert names.alike("Siti Aminah", "Sri Rahayu") < 60
    assert names.alike("", "Siti") == 0
    assert names.keys("") == frozenset()
    assert names.keys("Jo") == {"<io", ">io"}


def test_quoted_numbers_are_found_and_the_own_is_not() -> None:
    body = "Nomor : 400.9/12/DINSOS/III/2026\nMenindaklanjuti surat nomor SKT / 7/III/2026/Polsek, 02/03/2026 RT 1/2"
    found = quotes.quoted(body, "400.9/12/DINSOS/III/2026")
    assert list(found.values()) == ["SKT / 7/III/2026/Polsek"]
    assert list(found) == [quotes.key("SKT/7/III/2O26/Polsek")]  # read with an O
    assert quotes.key("12") is None
    assert quotes.key("KTP/KK") is None
    assert len(quotes.quoted(" ".join(f"B/{n}/2026" for n in range(100, 200)))) == quotes.MOST_QUOTED


@given(st.text(max_size=3000))
def test_any_text_is_looked_through(body: str) -> None:
    for key, printed in quotes.quoted(body).items():
        assert quotes.key(printed) == key


def test_a_long_run_of_signs_takes_no_time() -> None:
    assert quotes.quoted("a1" * 100_000) == {}


def test_a_cases_code_names_it_and_nothing_else_does() -> None:
    case = uuid4()
    assert case_in(code_of(case)) == case
    assert case_in(f"ARSIP-AGENDA-1/{case}") is None


def test_what_a_letter_says_out_of_its_fields() -> None:
    fields = {
        "nama": {"value": "Siti", "sure": True},
        "nik": {"value": "6571014101809901", "sure": False},
        "tempat_tgl_lahir": {"value": "Tarakan, 1980-01-41", "sure": True},
        "nomor_surat": {"value": "1/2/2026", "sure": True},
    }
    told = facts("skt_polisi", fields)
    assert (told.name, told.nik, told.nik_sure, told.birth, told.number) == (
        "Siti",
        "6571014101809901",
        False,
        None,
        "1/2/2026",
    )
    assert facts("lembar_disposisi", fields).number == ""  # that is the number of the letter it is about
    assert facts("lembar_disposisi", fields).about == "1/2/2026"
    assert facts("ktp", {"nik": {"value": "657101", "sure": True}}).nik == ""


def fit(state: CaseState, kind: str, *letters: Linked) -> dict[int, Fit]:
    return {place.step: place.fit for place in places(state, letters, kind)}


def test_where_a_letter_belongs() -> None:
    begun = Linked(1, "skt_polisi")
    assert fit(at_step(1), "skt_polisi")[1] is Fit.AWAITED
    assert fit(at_step(2), "skt_kelurahan", begun) == {1: Fit.THERE, 2: Fit.THERE, 5: Fit.THERE, 8: Fit.THERE}
    assert fit(at_step(2), "hasil_asesmen", begun) == {4: Fit.LATER, 5: Fit.LATER}
    assert fit(at_step(4), "hasil_asesmen", begun) == {4: Fit.AWAITED, 5: Fit.LATER}
    assert fit(at_step(6), "hasil_asesmen", begun)[4] is Fit.AWAITED  # step 4 was said to be done without it
    assert fit(at_step(2), "surat_rujukan_lk3", begun) == {2: Fit.BRANCH}
    assert fit(at_step(3), "surat_rujukan_lk3", begun) == {2: Fit.THERE}
    assert fit(at_step(2), "undangan", begun) == {2: Fit.UNNAMED}
    skipped = apply(at_step(4), Command("skip", 4, "x"), [])
    assert fit(skipped, "hasil_asesmen", begun)[4] is Fit.THERE


def test_a_taken_branch_waits_for_its_letter() -> None:
    state = apply(at_step(2), Command("branch", 2, "x", "stres"), [])
    assert fit(state, "surat_rujukan_lk3") == {2: Fit.AWAITED}
    assert fit(state, "surat_rujukan_lk3", Linked(2, "surat_rujukan_lk3")) == {2: Fit.THERE}


def test_stages_of_a_letter_are_not_told_by_its_kind() -> None:
    state = CaseState.new(B)
    for step in range(1, 7):
        state = apply(state, Command("finish", step, "x"), [])
    found = places(state, [], "surat_pemulangan")
    assert (found[0].step, found[0].fit) == (7, Fit.AWAITED)
    assert only_awaited(found) is None


def test_what_opens_a_case() -> None:
    assert [opens_with(sop.steps, "skt_polisi") for sop in (A, B, C)] == [0, 1, None]
    assert [opens_with(sop.steps, "formulir_layanan_sosial") for sop in (A, B, C)] == [None, None, 0]
    said = replace(SAID, kind="surat_permohonan_pemulangan", nik=None, name="")
    assert [(one.case, one.sop, one.certain) for one in ranked(said, [], (A, B, C))] == [(None, B.id, False)]


CERTAIN = [
    Evidence(code="case"),
    Evidence(code="sheet"),
    Evidence(nik=True),
    Evidence(quotes="1/2/2026", alone=True),
]


@pytest.mark.parametrize("evidence", CERTAIN)
def test_certain_is_one_case_one_step_and_nothing_against_it(evidence: Evidence) -> None:
    found = first(SAID, candidate(evidence))
    assert (found.certain, found.step) == (True, 4)


@pytest.mark.parametrize("evidence", CERTAIN)
@pytest.mark.parametrize(
    ("said", "case"),
    [
        ({"sure": False}, {}),  # the kind waits for a person
        ({"name": "Bambang Wirasena"}, {}),  # another name
        ({"nik": OTHER}, {}),  # another NIK
        ({"day": DAY - timedelta(days=90)}, {}),  # long before
        ({}, {"removed": frozenset({2})}),  # a person took it off this case
    ],
)
def test_what_speaks_against_it_is_asked(evidence: Evidence, said: dict[str, object], case: dict[str, object]) -> None:
    assert not first(replace(SAID, **said), candidate(evidence, **case)).certain  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "case"),
    [
        ({"nik_sure": False}, {"evidence": Evidence(nik=True)}),
        ({}, {"evidence": Evidence(nik=True), "only": False}),  # the client has another case
        ({}, {"evidence": Evidence(quotes="1/2/2026")}),  # the number leads to others too
        ({}, {"evidence": Evidence(quoted_by=True)}),
        ({}, {"evidence": Evidence(nik=True), "places": places(at_step(2), [], "hasil_asesmen")}),  # not its turn
        ({}, {"evidence": Evidence(nik=True), "places": places(at_step(5), [], "undangan")}),
    ],
)
def test_less_than_certain_is_asked(said: dict[str, object], case: dict[str, object]) -> None:
    assert not first(replace(SAID, **said), candidate(**case)).certain  # type: ignore[arg-type]


def test_an_old_letter_is_certain_for_a_case_that_has_none_yet() -> None:
    said = replace(SAID, day=DAY - timedelta(days=900))  # an office enters what lay about
    assert first(said, candidate(Evidence(nik=True), begun=None)).certain


def test_two_certain_cases_are_none() -> None:
    found = ranked(SAID, [candidate(Evidence(code="sheet")), candidate(Evidence(code="sheet"))], ())
    assert not any(one.certain for one in found)


@given(
    st.lists(
        st.builds(
            lambda name, birth, nik, number, only, strong: candidate(
                Evidence(nik=strong == "nik", quoted_by=strong == "by"),
                case=UUID(int=number),
                name=name,
                birth=birth,
                nik=nik,
                only=only,
            ),
            NAMES,
            st.none() | st.just(date(1980, 1, 1)),
            st.sampled_from([NIK, OTHER, None]),
            st.integers(0, 2**100),
            st.booleans(),
            st.sampled_from(["", "", "nik", "by"]),
        ),
        max_size=6,
        unique_by=lambda one: one.case,
    ),
    NAMES,
    st.none() | st.just(date(1980, 1, 1)),
    st.sampled_from([NIK, None]),
)
def test_names_are_never_certain_and_order_holds(
    found: list[Candidate], name: str, birth: date | None, nik: bytes | None
) -> None:
    said = replace(SAID, name=name, birth=birth, nik=nik)
    told = ranked(said, found, (A, B, C))
    assert [one.score for one in told] == sorted((one.score for one in told), reverse=True)
    assert sum(one.certain for one in told) <= 1
    by_nik = {one.case for one in found if one.evidence.nik}
    for at, one in enumerate(told):
        assert not one.certain or (at == 0 and one.case in by_nik)
        assert one.reasons
    assert ranked(said, list(reversed(found)), (C, B, A)) == told


def test_the_likeliest_comes_first() -> None:
    by_nik, namesake = candidate(Evidence(nik=True)), candidate(nik=None)
    twin = candidate(nik=None, birth=date(1980, 1, 1), name="Siti Aminan")
    found = ranked(replace(SAID, birth=date(1980, 1, 1)), [namesake, twin, by_nik], ())
    assert found[0].case == by_nik.case
    assert found[0].reasons == ("NIK sama", "nama sama, lahir sama", "ditunggu langkah 4")
    assert ranked(replace(SAID, birth=date(1990, 5, 5)), [namesake], ()) == ()  # born on another day: somebody else
    assert ranked(SAID, [candidate(nik=OTHER)], ()) == ()


def test_a_letter_like_one_that_is_there_opens_a_case_before_it_goes_to_a_namesakes() -> None:
    said = replace(SAID, kind="skt_polisi", nik=None)
    there = candidate(nik=None, places=places(at_step(2), [Linked(1, "skt_polisi")], "skt_polisi"))
    waits = candidate(nik=None, places=places(at_step(1), [], "skt_polisi"))
    assert ranked(said, [there], (A, B, C))[0].sop == A.id
    assert ranked(said, [waits], (A, B, C))[0].case == waits.case
