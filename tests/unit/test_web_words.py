"""What the pages say, and where a sign-in may lead."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from access.accounts import Account
from access.roles import CLEARANCES, Role
from api.schemas.documents import Stage
from api.web import words
from api.web.signin import local_path
from archive.actions import ACTIONS
from archive.ledger import Event

ROOT = Path(__file__).parents[2]
ME = Account(uuid4(), "sari", Role.PETUGAS, "umum", 1)


def logged_actions() -> set[str]:
    """Every action that some code writes into the ledger, from the sources themselves."""
    found = set()
    for file in [*ROOT.glob("src/**/*.py"), *ROOT.glob("workers/*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "ledger.append":
                found |= {c.value for c in ast.walk(node.args[1]) if isinstance(c, ast.Constant)}
    return {action for action in found if isinstance(action, str)}


def test_every_action_has_words() -> None:
    assert "sealed" in logged_actions()
    assert logged_actions() <= set(ACTIONS)


def test_every_stage_level_and_role_has_words() -> None:
    assert list(words.STAGES) == list(Stage.__args__)
    assert tuple(words.CLEARANCES) == CLEARANCES
    assert set(words.ROLES) == set(Role)


def test_moment_is_the_offices_own() -> None:
    assert words.moment_in("Asia/Makassar", datetime(2026, 11, 21, 6, 5, tzinfo=UTC)) == "21 November 2026 14.05 WITA"


@pytest.mark.parametrize(("count", "said"), [(1, "1 KB"), (181_234, "181 KB"), (2_440_000, "2,4 MB")])
def test_size(count: int, said: str) -> None:
    assert words.size(count) == said


def event(seq: int, action: str, actor: str = "worker", **detail: object) -> Event:
    return Event(seq, datetime(2026, 11, 21, tzinfo=UTC), action, actor, None, None, detail, "")


def test_pages_read_in_a_row_are_one_line() -> None:
    events = [
        event(1, "received", str(ME.id), size=1000),
        *[event(n + 1, "page_read", page=n) for n in (1, 3, 2, 7)],
        event(9, "sealed"),
    ]
    said = [(e.what, e.who) for e in words.entries(events, ME, {}, folded=True)]
    assert said == [
        ("Surat diterima: 1 KB", "Anda"),
        ("Dibaca mesin: halaman 1–3, 7", "Sistem"),
        ("Dikunci di arsip", "Sistem"),
    ]
    assert len(words.entries(events, ME, {}, folded=False)) == len(events)


def test_searches_are_told_without_their_words() -> None:
    made = {"at": "2026-11-21T01:02:03Z", "digest": "0" * 16, "words": 2, "found": 7}
    events = [
        event(1, "searched", searches=[made, made]),
        event(2, "search_exported", words="0" * 16, format="csv", lines=12),
        event(3, "identity_shown", purpose="hukum"),
    ]
    assert [e.what for e in words.entries(events, ME, {}, folded=False)] == [
        "Surat dicari: 2 kali",
        "Hasil pencarian diekspor: 12 halaman, csv",
        "Nomor identitas dibuka: permintaan penegak hukum atau pengadilan",
    ]


def test_who_it_was() -> None:
    other, unseen = str(uuid4()), str(uuid4())
    events = [event(1, "text_viewed", other), event(2, "text_viewed", unseen)]
    assert [e.who for e in words.entries(events, ME, {other: "budi"}, folded=False)] == ["budi", f"Akun {unseen[:8]}"]


@pytest.mark.parametrize("path", ["/", "/cari?q=surat%20keterangan", "/arsip/0b6f1a52?q=a#halaman-2"])
def test_sign_in_leads_on_to_our_pages(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        *(None, "", "//jahat.example", "/\\jahat.example", "/\t/jahat.example", "/\n/jahat.example"),
        *("https://jahat.example", "jahat.example", "javascript:alert(1)", "/a\\b", "\\\\jahat.example"),
    ],
)
def test_sign_in_never_leads_elsewhere(elsewhere: str | None) -> None:
    assert local_path(elsewhere) == "/"
