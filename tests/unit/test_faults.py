"""Every fault tells people what to do, wherever it is raised and however old its stored facts are."""

import ast
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.problems import STATUS, fault_headers, problem, status_of
from core.faults import STAGES, Fault, NotHeld, NotReady, Unforeseen, all_faults, fault_from, slug_of
from tests.conftest import ROOT

KINDS = {kind.__name__: kind for kind in all_faults().values()}
# Kinds that only group others: nobody raises them
GROUPS = {"Fault", "Refused", "UnreadableFile", "NotAllowed", "Unavailable"}


def _fields(kind: type[Fault]) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(kind.advice) if name is not None}


def _raised() -> Iterator[tuple[str, str, set[str]]]:
    """Place, fault and given facts of everything in the program that makes a fault."""
    for folder in ("src", "workers"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                made = node.func if isinstance(node, ast.Call) else node.exc if isinstance(node, ast.Raise) else None
                name = made.attr if isinstance(made, ast.Attribute) else made.id if isinstance(made, ast.Name) else ""
                if name in KINDS:
                    keywords = node.keywords if isinstance(node, ast.Call) else []
                    yield f"{file.name}:{node.lineno}", name, {k.arg for k in keywords if k.arg}


RAISED = list(_raised())


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_title_and_advice(kind: type[Fault]) -> None:
    facts = dict.fromkeys(_fields(kind), 7)
    fault = kind(**facts)
    assert fault.title
    assert "\n" not in fault.title
    assert not fault.title.endswith(".")
    assert fault.detail.endswith((".", "`."))
    assert not set("{}") & set(fault.detail)
    assert len(fault.detail) < 300


def test_slugs_are_unique() -> None:
    names = [slug_of(kind) for kind in KINDS.values()]
    assert len(names) == len(set(names)) == len(all_faults())
    assert all_faults()["encrypted_pdf"].__name__ == "EncryptedPdf"


@pytest.mark.parametrize(("place", "name", "given_facts"), RAISED, ids=[f"{place}-{name}" for place, name, _ in RAISED])
def test_all_that_the_advice_names_is_given_where_it_is_raised(place: str, name: str, given_facts: set[str]) -> None:
    # an incident number is only there when a request met the unforeseen
    assert _fields(KINDS[name]) - given_facts <= ({"incident"} if name == "Unforeseen" else set()), place


def test_every_fault_is_raised_somewhere_and_has_a_status() -> None:
    names = {name for _, name, _ in RAISED}
    assert set(KINDS) - GROUPS - names == set()
    for name, kind in KINDS.items():
        if name not in GROUPS:
            assert any(above in STATUS for above in kind.__mro__), name
            assert 400 <= status_of(kind()) <= 599


@pytest.mark.parametrize("slug", all_faults())
def test_round_trip(slug: str) -> None:
    facts = dict.fromkeys(_fields(all_faults()[slug]), "x")
    again = fault_from(slug, facts)
    assert (again.slug, again.facts) == (slug, facts)
    assert problem(again)["slug"] == slug
    assert problem(again)["type"] == f"urn:arsip:fault:{slug}"


@pytest.mark.parametrize("slug", [*all_faults(), "a_fault_of_a_later_version", ""])
def test_missing_facts_never_break_a_page(slug: str) -> None:
    fault = fault_from(slug, {})
    assert fault.title
    assert fault.detail
    assert not set("{}") & set(fault.detail)


@given(st.text(), st.dictionaries(st.text(), st.none() | st.integers() | st.text()))
def test_whatever_was_stored_can_be_shown(slug: str, facts: dict[str, Any]) -> None:
    assert isinstance(fault_from(slug, facts), Unforeseen)
    assert all(fault_from(known, {"self": 1, **facts}).detail for known in all_faults())


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_people_read_a_stage_in_words_and_are_told_to_wait_only_where_that_helps(stage: str) -> None:
    for fault in (NotReady(stage=stage), NotHeld(stage=stage)):
        assert not STAGES.keys() & set(re.findall(r"\w+", fault.detail))
        assert fault.facts == {"stage": stage}  # programs read the name
    assert ("Coba lagi sebentar lagi" in NotReady(stage=stage).detail) == (stage != "held")


def test_headers_tell_when_to_come_back() -> None:
    assert fault_headers(fault_from("store_unavailable", {}))["Retry-After"] == "5"
    assert fault_headers(fault_from("too_many_attempts", {"seconds": 300}))["Retry-After"] == "300"
    assert "WWW-Authenticate" in fault_headers(fault_from("unauthenticated", {}))
    assert "Retry-After" not in fault_headers(fault_from("not_found", {}))
