"""Who may what, over every route the product says it has: a new route without a rule here fails the test."""

import itertools
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from access.roles import Role
from api import web
from tests.e2e.inside import nonce, superuser, text_pdf
from tests.product import Product, User, settled, until

API = "/api/v1"
ROLES = ("petugas", "pejabat", "arsiparis", "auditor", "admin")
ASKERS = (*ROLES, "nobody", "wrong token")
SOP = "pemulangan-tarakan"
REOPENED = {"action": "reopen", "reason": "x"}  # of a step that was never done
LETTERS = ("own", "other unit", "above the ceiling", "absent")

# Said once more, on purpose: a change in access/roles.py must meet somebody who wants it
MAY = {
    "upload": {"petugas", "arsiparis", "admin"},
    "read": {"petugas", "pejabat", "arsiparis", "admin"},
    "read the ledger": {"arsiparis", "auditor", "admin"},
    "check": {"petugas", "arsiparis", "admin"},
    "register": {"petugas", "arsiparis", "admin"},
    "read the agenda": set(ROLES),
    "verify": {"arsiparis", "auditor", "admin"},
    "dispose": {"pejabat", "arsiparis", "admin"},
    "work on cases": {"petugas", "pejabat", "arsiparis", "admin"},
    "waive": {"arsiparis", "admin"},
    "appraise": {"pejabat", "arsiparis", "admin"},
    "retire": {"arsiparis", "admin"},
    "place paper": {"petugas", "arsiparis", "admin"},
    "export": {"arsiparis", "admin"},
    "file": {"petugas", "arsiparis", "admin"},
    "retain": {"arsiparis", "admin"},
    "read retention": set(ROLES),
    "hold": {"pejabat", "arsiparis", "admin"},
    "read reports": {"pejabat", "arsiparis", "auditor", "admin"},
    "reread": {"arsiparis", "admin"},
    "manage users": {"admin"},
    "be here": set(ROLES),
}


def sees(role: str, letter: str) -> bool:
    """The rule of the house: one's own unit up to one's ceiling; the records unit every unit up to its ceiling."""
    return (letter == "own" and role != "auditor") or (letter == "other unit" and role == "arsiparis")


@dataclass(frozen=True)
class Rule:
    """What a route asks for and answers. `letter`: its address names a letter or a case. `public`: anybody may."""

    right: str = "be here"
    ok: int = 200
    letter: bool = False
    public: bool = False
    send: Callable[["Office"], dict[str, Any]] = lambda office: {}
    also: frozenset[tuple[str, str]] = frozenset()
    or_else: int | None = None  # what may come instead of `ok`, as other tests' letters may wait too

    def expected(self, asker: str, letter: str | None) -> int:
        if self.public:
            return self.ok
        if asker not in ROLES:
            return 401
        if (asker, letter) in self.also:
            return self.ok
        if asker not in MAY[self.right]:
            return 403
        if letter is not None and not sees(asker, letter):
            return 404
        return self.ok


def _new_user(office: "Office") -> dict[str, Any]:
    return {"json": {"name": f"baru-{uuid.uuid4().hex[:12]}", "role": "petugas", "unit": office.unit}}


LETTER = Rule("read", letter=True)
# The auditor reads what happened to any letter, and nothing of what stands in it
HISTORY = Rule("read", letter=True, also=frozenset(("auditor", letter) for letter in LETTERS))
ENTRY = {"book": "masuk", "party": "Kelurahan", "subject": "Permohonan"}
TABLE = {"file": ("tabel.csv", b"kode;judul\nsatu;dua\n")}
NOBODY = {"recipients": [{"name": "tidak-ada"}]}
ENTRY_READ = Rule("read the agenda", letter=True)
ASKED = {"nik": "6571000000000001"}  # nobody's
RULES: dict[tuple[str, str], Rule] = {
    ("POST", "/documents"): Rule("upload", 202, send=lambda office: {"files": {"file": ("a.pdf", office.bytes_again)}}),
    ("GET", "/documents"): Rule("read"),
    ("GET", "/documents/{document}"): LETTER,
    ("POST", "/documents/{document}/retry"): Rule("upload", 409, letter=True),  # it is not held
    ("GET", "/documents/{document}/text"): LETTER,
    ("GET", "/documents/{document}/events"): HISTORY,
    ("GET", "/documents/{document}/original"): LETTER,
    ("GET", "/documents/{document}/pdf"): LETTER,
    ("GET", "/documents/{document}/manifest"): LETTER,
    ("GET", "/documents/{document}/pages/{n}/image"): LETTER,
    ("GET", "/documents/{document}/pages/{n}/words"): LETTER,
    ("GET", "/documents/{document}/proof"): Rule("read", letter=True, or_else=409),  # no checkpoint may cover it yet
    ("GET", "/documents/{document}/cuts"): LETTER,
    # one page is one letter: there is nothing to split, and nothing to join
    ("PUT", "/documents/{document}/cuts"): Rule(
        "check", 422, letter=True, send=lambda office: {"json": {"begins": [2], "pages": 1}}
    ),
    ("DELETE", "/documents/{document}/cuts"): Rule("check", 409, letter=True),
    ("GET", "/checks"): Rule("check"),
    ("GET", "/accuracy"): Rule("read"),
    # no such kind, so that the letter stays as it is
    ("POST", "/documents/{document}/check"): Rule(
        "check", 422, letter=True, send=lambda office: {"json": {"kind": "tidak_ada", "fields": {}}}
    ),
    ("GET", "/documents/{document}/twins"): LETTER,
    ("GET", "/documents/{document}/similar"): LETTER,
    ("GET", "/twins"): Rule("check"),
    # nothing was decided, so that the pair stays as it is
    ("POST", "/twins/{twin}/decision"): Rule(
        "check", letter=True, send=lambda office: {"json": {"decision": "undecided"}}
    ),
    ("GET", "/agenda"): Rule("read the agenda", send=lambda office: {"params": {"year": 2026}}),
    ("GET", "/agenda/books"): Rule("read the agenda"),
    ("GET", "/agenda/print"): Rule("read the agenda", send=lambda office: {"params": {"year": 2026, "format": "xlsx"}}),
    ("GET", "/agenda/waiting"): Rule("register"),
    ("GET", "/documents/{document}/agenda"): LETTER,
    # each was registered before: the same entry again
    ("POST", "/documents/{document}/agenda"): Rule("register", letter=True, send=lambda office: {"json": ENTRY}),
    ("POST", "/agenda/outgoing"): Rule("register", 422, send=lambda office: {"json": {**ENTRY, "subject": ""}}),
    ("POST", "/documents/{document}/agenda/leave-out"): Rule(  # it stands in a book
        "register", 409, letter=True, send=lambda office: {"json": {"reason": "lampiran"}}
    ),
    # the auditor leafs through every book, and opens no line of it
    ("GET", "/agenda/entries/{entry}"): ENTRY_READ,
    ("GET", "/agenda/entries/{entry}/disposition"): ENTRY_READ,
    ("POST", "/agenda/entries/{entry}/cancel"): Rule(
        "register", 422, letter=True, send=lambda office: {"json": {"reason": " "}}
    ),
    ("POST", "/agenda/entries/{entry}/steps"): Rule(  # an incoming letter has none
        "register", 422, letter=True, send=lambda office: {"json": {"step": "ttd"}}
    ),
    ("PATCH", "/agenda/entries/{entry}"): Rule(
        "register", 422, letter=True, send=lambda office: {"json": {"reason": " ", "subject": "Lain"}}
    ),
    ("GET", "/dispositions"): Rule("read"),
    ("GET", "/dispositions/sheets"): Rule("register"),
    ("GET", "/documents/{document}/dispositions"): LETTER,
    ("POST", "/documents/{document}/dispositions"): Rule(  # there is no such person
        "dispose", 409, letter=True, send=lambda office: {"json": NOBODY}
    ),
    # each was handed to somebody else
    ("POST", "/dispositions/{disposition}/forward"): Rule(
        "read", 409, letter=True, send=lambda office: {"json": NOBODY}
    ),
    ("POST", "/dispositions/{disposition}/read"): Rule("read", 409, letter=True),
    ("POST", "/dispositions/{disposition}/done"): Rule(
        "read", 409, letter=True, send=lambda office: {"json": {"note": ""}}
    ),
    # none of the letters is a sheet
    ("GET", "/documents/{document}/disposition-sheet"): Rule("read", 404, letter=True),
    ("POST", "/documents/{document}/disposition-sheet"): Rule(
        "register", 404, letter=True, send=lambda office: {"json": NOBODY}
    ),
    ("DELETE", "/documents/{document}/disposition-sheet"): Rule("register", 404, letter=True),
    ("GET", "/documents/{document}/note/image"): Rule("read", 404, letter=True),
    ("POST", "/rereading"): Rule("reread", 202),
    ("GET", "/rereading"): Rule("reread"),
    ("GET", "/documents/{document}/pages/{n}/history"): LETTER,
    ("GET", "/events/stream"): Rule("read"),
    ("GET", "/search"): Rule("read", send=lambda office: {"params": {"q": office.common}}),
    ("POST", "/search"): Rule("read", send=lambda office: {"json": {"q": office.common}}),
    ("POST", "/search/export"): Rule("read", send=lambda office: {"json": {"q": office.common}}),
    ("POST", "/search/suggestions"): Rule("read", send=lambda office: {"json": {"begun": office.common}}),
    ("GET", "/search/saved"): Rule("read"),
    ("POST", "/search/saved"): Rule("read", 201, send=lambda office: {"json": {"q": office.common}}),
    ("DELETE", "/search/saved/{search}"): Rule("read", 404, letter=True),  # nobody's, whichever it is
    ("GET", "/sops"): Rule("read"),
    ("GET", "/sops/{sop}"): Rule("read"),
    ("GET", "/cases"): Rule("read"),
    ("POST", "/cases"): Rule("work on cases", 422, send=lambda office: {"json": {"sop": SOP}}),  # for nobody
    ("GET", "/cases/{case}"): LETTER,
    ("POST", "/cases/{case}/steps/{step}"): Rule(
        "work on cases", 409, letter=True, send=lambda office: {"json": REOPENED}
    ),
    ("POST", "/cases/{case}/letters"): Rule(
        "work on cases", 404, letter=True, send=lambda office: {"json": {"document": str(uuid.uuid4()), "step": 1}}
    ),
    ("DELETE", "/cases/{case}/letters/{link}"): Rule("work on cases", 404, letter=True),
    ("POST", "/cases/{case}/waivers"): Rule(
        "waive", 404, letter=True, send=lambda office: {"json": {"place": "1/needs/9", "reason": "x"}}
    ),
    ("POST", "/cases/{case}/client/nik"): Rule(
        "check", 404, letter=True, send=lambda office: {"json": {"document": str(uuid.uuid4())}}
    ),
    ("POST", "/cases/{case}/close"): Rule("work on cases", 409, letter=True),
    ("GET", "/documents/{document}/proposals"): LETTER,
    ("GET", "/proposals"): Rule("work on cases"),
    ("DELETE", "/documents/{document}/proposals"): Rule("work on cases", letter=True),
    ("PUT", "/cases/{case}/classification"): Rule(
        "work on cases", letter=True, send=lambda office: {"json": {"code": "400.9.4.1"}}
    ),
    ("GET", "/cases/{case}/pdf"): LETTER,
    ("GET", "/cases/{case}/export"): Rule("export", letter=True),
    ("GET", "/berkas/{berkas}/export"): Rule("export", letter=True),
    ("GET", "/srikandi/{table}"): Rule("export"),
    ("POST", "/persons"): Rule("export", send=lambda office: {"json": ASKED}),
    ("PUT", "/clients/{client}"): Rule(  # without a reason
        "export", 422, letter=True, send=lambda office: {"json": {"name": "Budi Contoh", "reason": " "}}
    ),
    ("POST", "/persons/export"): Rule("export", send=lambda office: {"json": ASKED}),
    ("GET", "/processing"): Rule("export"),
    ("GET", "/srikandi/naskah/files"): Rule("export"),
    ("POST", "/cases/{case}/places"): Rule("place paper", letter=True, send=lambda office: {"json": {"box": None}}),
    ("GET", "/documents/{document}/place"): LETTER,
    ("PUT", "/documents/{document}/place"): Rule(
        "place paper", letter=True, send=lambda office: {"json": {"box": None}}
    ),
    ("POST", "/places"): Rule("place paper", 422, send=lambda office: {"json": {"documents": [], "box": None}}),
    ("GET", "/places/missing"): Rule("read"),
    ("GET", "/boxes"): Rule("read"),
    ("POST", "/boxes"): Rule("place paper", 201, send=lambda office: {"json": {"name": f"Boks {nonce()}"}}),
    ("GET", "/boxes/labels"): Rule("read", send=lambda office: {"params": {"box": office.box, "layout": "satuan"}}),
    ("GET", "/boxes/{box}"): Rule("read"),
    ("PUT", "/boxes/{box}/place"): Rule("place paper", send=lambda office: {"json": {"shelf": "3"}}),
    ("GET", "/disposals"): Rule("appraise"),
    ("POST", "/disposals"): Rule("retire", 422, send=lambda office: {"json": {"kind": "pemusnahan", "berkas": []}}),
    ("GET", "/disposals/candidates"): Rule("appraise"),
    ("GET", "/disposals/{disposal}"): Rule("appraise", letter=True),
    ("PATCH", "/disposals/{disposal}/berkas"): Rule("retire", letter=True, send=lambda office: {"json": {}}),
    ("PUT", "/disposals/{disposal}/berkas/{berkas}/verdict"): Rule(  # its fate is not the panel's to decide
        "appraise", 409, letter=True, send=lambda office: {"json": {"verdict": "musnah", "reason": "x"}}
    ),
    ("PUT", "/disposals/{disposal}/panel"): Rule(
        "retire",
        letter=True,
        send=lambda office: {"json": {"decree": "7", "members": [{"name": n, "title": "Arsiparis"} for n in "GH"]}},
    ),
    ("POST", "/disposals/{disposal}/steps"): Rule(  # without papers
        "appraise", 409, letter=True, send=lambda office: {"json": {"step": "nilai", "declared": True}}
    ),
    ("POST", "/disposals/{disposal}/reopen"): Rule(  # it is not closed
        "retire", 409, letter=True, send=lambda office: {"json": {"reason": "x"}}
    ),
    ("POST", "/disposals/{disposal}/withdraw"): Rule(
        "retire", 409, letter=True, send=lambda office: {"json": {"reason": " "}}
    ),
    ("POST", "/disposals/{disposal}/papers"): Rule(
        "appraise", 404, letter=True, send=lambda office: {"json": {"paper": "notulen", "document": str(uuid.uuid4())}}
    ),
    ("DELETE", "/disposals/{disposal}/papers/{paper}"): Rule("retire", 404, letter=True),
    ("GET", "/disposals/{disposal}/forms/{form}"): Rule("appraise", letter=True),
    ("GET", "/documents/{document}/disposal"): LETTER,
    ("GET", "/berkas"): Rule("read"),
    ("POST", "/berkas"): Rule("file", 201, send=lambda office: {"json": {"title": "Undangan", "clearance": "biasa"}}),
    ("GET", "/berkas/loose"): Rule("read"),
    ("GET", "/berkas/print"): Rule("read", send=lambda office: {"params": {"format": "xlsx"}}),
    ("GET", "/berkas/{berkas}/print"): Rule("read", letter=True, send=lambda office: {"params": {"format": "xlsx"}}),
    ("GET", "/berkas/{berkas}"): LETTER,
    ("PUT", "/berkas/{berkas}/description"): Rule(
        "file", letter=True, send=lambda office: {"json": {"title": "Pemulangan"}}
    ),
    # each is a case's berkas, and follows its case
    ("PUT", "/berkas/{berkas}/classification"): Rule(
        "file", 422, letter=True, send=lambda office: {"json": {"code": "400.9.4.1"}}
    ),
    ("PUT", "/berkas/{berkas}/closing"): Rule(
        "file", 422, letter=True, send=lambda office: {"json": {"closed_on": "2026-01-01"}}
    ),
    ("PUT", "/berkas/{berkas}/trigger"): Rule(
        "retain", 422, letter=True, send=lambda office: {"json": {"day": None, "reason": " "}}
    ),
    ("POST", "/berkas/{berkas}/letters"): Rule(
        "file", 404, letter=True, send=lambda office: {"json": {"documents": [str(uuid.uuid4())]}}
    ),
    ("DELETE", "/berkas/{berkas}/letters/{document}"): Rule("file", 409, letter=True),
    ("GET", "/documents/{document}/berkas"): LETTER,
    ("GET", "/classification"): Rule("read", send=lambda office: {"params": {"q": "400.9"}}),
    ("POST", "/classification"): Rule("retain", 422, send=lambda office: {"files": TABLE, "data": {"name": "x"}}),
    ("GET", "/schedules"): Rule("read"),
    ("POST", "/schedules"): Rule("retain", 422, send=lambda office: {"files": TABLE, "data": {"name": "x"}}),
    ("POST", "/schedules/sample"): Rule("retain", 201),
    ("GET", "/schedules/{schedule_id}"): Rule("read"),
    ("GET", "/schedules/{schedule_id}/effect"): Rule("retain"),
    ("POST", "/schedules/{schedule_id}/apply"): Rule("retain", 422),  # it was applied before
    ("PUT", "/schedules/{schedule_id}/end"): Rule(  # before it began
        "retain", 422, send=lambda office: {"json": {"valid_to": "1999-01-01"}}
    ),
    ("GET", "/retention"): Rule("read retention"),
    ("GET", "/retention/{of}"): Rule("read"),
    ("GET", "/holds"): Rule("read"),
    ("POST", "/holds"): Rule("hold", 422, send=lambda office: {"json": {"kind": "audit", "reason": "x"}}),
    ("GET", "/holds/{hold}"): LETTER,
    ("POST", "/holds/{hold}/release"): Rule("retain", 422, letter=True, send=lambda office: {"json": {"reason": " "}}),
    ("GET", "/reports/steps"): Rule("read reports"),
    ("POST", "/clients/search"): Rule("work on cases", send=lambda office: {"json": {"name": "Orang Lain"}}),
    ("GET", "/me"): Rule(),
    ("POST", "/users"): Rule("manage users", 201, send=_new_user),
    ("POST", "/users/{name}/tokens"): Rule("manage users", 201),
    ("DELETE", "/users/{name}/tokens"): Rule("manage users"),
    ("PUT", "/users/{name}/password"): Rule(
        "manage users", send=lambda office: {"json": {"password": f"sandi-{nonce()}"}}
    ),
    ("GET", "/ledger"): Rule("read the ledger"),
    ("GET", "/fixity"): Rule("read the ledger"),
    ("GET", "/ledger/export"): Rule("read the ledger"),
    ("GET", "/ledger/checkpoints"): Rule("read the ledger"),
    ("GET", "/ledger/key"): Rule(or_else=409),  # nor any have been signed
    ("POST", "/verification"): Rule("verify"),
    ("GET", "/store"): Rule("read the ledger"),
    ("POST", "/store/key-copies"): Rule("manage users", 422, send=lambda office: {"json": {"fingerprint": "0" * 16}}),
    ("GET", "/healthz"): Rule(public=True),
    ("GET", "/readyz"): Rule(public=True),
    ("GET", "/metrics"): Rule(public=True),
}

FORM = {"party": "Kelurahan", "subject": "Permohonan", "code": "400", "urgency": "biasa", "secrecy": "biasa"}
PAGES: dict[tuple[str, str], Rule] = {
    ("GET", "/"): Rule(ok=303),
    ("GET", "/unggah"): Rule("upload"),
    ("GET", "/pemisah.pdf"): Rule("upload"),
    ("GET", "/arsip"): Rule("read"),
    ("GET", "/arsip/{document:uuid}"): LETTER,
    ("POST", "/arsip/{document:uuid}/coba-lagi"): Rule("upload", 409, letter=True),
    ("GET", "/periksa"): Rule("check", 303),
    ("GET", "/ketepatan"): Rule("read"),
    ("GET", "/periksa/{document:uuid}"): Rule("check", letter=True),
    ("POST", "/periksa/{document:uuid}"): Rule(
        "check", 422, letter=True, send=lambda office: {"data": {"jenis": "tidak_ada"}}
    ),
    ("GET", "/arsip/{document:uuid}/belah"): Rule("check", letter=True),
    ("POST", "/arsip/{document:uuid}/belah"): Rule(
        "check", 422, letter=True, send=lambda office: {"data": {"mulai": "2", "halaman": "1"}}
    ),
    ("POST", "/arsip/{document:uuid}/gabung"): Rule("check", 409, letter=True),
    ("GET", "/kembar"): Rule("check"),
    ("GET", "/kembar/{twin:uuid}"): Rule("check", letter=True),
    ("POST", "/kembar/{twin:uuid}"): Rule(
        "check", 303, letter=True, send=lambda office: {"data": {"putusan": "batal"}}
    ),
    ("GET", "/agenda"): Rule("read the agenda"),
    ("GET", "/agenda/nomor/{entry:uuid}"): ENTRY_READ,
    ("POST", "/agenda/nomor/{entry:uuid}/batal"): Rule("register", 422, letter=True),
    ("POST", "/agenda/nomor/{entry:uuid}/langkah"): Rule(
        "register", 422, letter=True, send=lambda office: {"data": {"langkah": "ttd"}}
    ),
    ("GET", "/agenda/nomor/{entry:uuid}/betulkan"): Rule("register", letter=True),
    ("POST", "/agenda/nomor/{entry:uuid}/betulkan"): Rule(
        "register", 422, letter=True, send=lambda office: {"data": {**FORM, "subject": ""}}
    ),
    ("GET", "/disposisi"): Rule("read"),
    ("GET", "/disposisi/{disposition:uuid}"): LETTER,
    ("POST", "/disposisi/{disposition:uuid}/teruskan"): Rule("read", 422, letter=True),  # to nobody
    ("POST", "/disposisi/{disposition:uuid}/selesai"): Rule("read", 409, letter=True),
    ("GET", "/arsip/{document:uuid}/disposisi"): Rule("dispose", letter=True),
    ("POST", "/arsip/{document:uuid}/disposisi"): Rule("dispose", 422, letter=True),
    ("GET", "/disposisi/lembar/{document:uuid}"): Rule("register", 404, letter=True),
    ("POST", "/disposisi/lembar/{document:uuid}"): Rule("register", 404, letter=True),
    ("POST", "/disposisi/lembar/{document:uuid}/tanpa"): Rule("register", 404, letter=True),
    ("GET", "/agenda/antrean"): Rule("register", 303),  # to a letter that waits: the one like it
    ("GET", "/agenda/antrean/{document:uuid}"): Rule("register", 303, letter=True),  # to its entry
    ("POST", "/agenda/antrean/{document:uuid}"): Rule(
        "register", 409, letter=True, send=lambda office: {"data": {**FORM, "buku": "keluar"}}
    ),
    ("POST", "/agenda/antrean/{document:uuid}/bukan-surat"): Rule(
        "register", 409, letter=True, send=lambda office: {"data": {"alasan": "lampiran"}}
    ),
    ("GET", "/agenda/surat-keluar"): Rule("register"),
    ("POST", "/agenda/surat-keluar"): Rule("register", 422, send=lambda office: {"data": {**FORM, "subject": ""}}),
    ("GET", "/cari"): Rule("read"),
    # without a search, or nobody's
    ("POST", "/cari/simpan"): Rule("read", 422),
    ("POST", "/cari/ubah"): Rule("read", 422),
    ("POST", "/cari/ekspor"): Rule("read", 422),
    ("GET", "/cari/simpan/{search:uuid}"): Rule("read", 404),
    ("POST", "/cari/simpan/{search:uuid}/hapus"): Rule("read", 404),
    ("POST", "/cari"): Rule("read", 303, send=lambda office: {"data": {"q": office.common}}),
    ("POST", "/arsip/{document:uuid}"): Rule("read", letter=True, send=lambda office: {"data": {"untuk": "hukum"}}),
    ("POST", "/arsip/{document:uuid}/tandai"): Rule("read", 303, letter=True, send=lambda office: {"data": {"q": "x"}}),
    ("GET", "/kasus"): Rule("read"),
    ("GET", "/kasus/{case:uuid}"): LETTER,
    ("POST", "/kasus/{case:uuid}/langkah/{step:int}"): Rule(
        "work on cases", 409, letter=True, send=lambda office: {"data": {"aksi": "reopen", "alasan": "x"}}
    ),
    ("POST", "/kasus/{case:uuid}/surat"): Rule(
        "work on cases", 404, letter=True, send=lambda office: {"data": {"surat": str(uuid.uuid4()), "langkah": "1"}}
    ),
    ("POST", "/kasus/{case:uuid}/tumpukan"): Rule(
        "work on cases", 404, letter=True, send=lambda office: {"data": {"surat": str(uuid.uuid4())}}
    ),
    ("POST", "/kasus/{case:uuid}/surat/{link:uuid}/lepas"): Rule("work on cases", 404, letter=True),
    ("POST", "/kasus/{case:uuid}/pengecualian"): Rule(
        "waive", 404, letter=True, send=lambda office: {"data": {"tempat": "1/needs/9", "alasan": "x"}}
    ),
    ("POST", "/kasus/{case:uuid}/nik"): Rule(
        "check", 404, letter=True, send=lambda office: {"data": {"surat": str(uuid.uuid4())}}
    ),
    ("POST", "/kasus/{case:uuid}/tutup"): Rule("work on cases", 409, letter=True),
    ("GET", "/kasus/baru"): Rule("work on cases"),
    ("POST", "/kasus/baru"): Rule("work on cases", 422, send=lambda office: {"data": {"sop": SOP}}),
    ("GET", "/kasus/hubungkan"): Rule(
        "work on cases", send=lambda office: {"params": {"surat": office.letters["own"]}}
    ),
    ("GET", "/kasus/antrean"): Rule("work on cases", or_else=303),  # that no letter waits, or to one that does
    ("POST", "/kasus/hubungkan/{document:uuid}/tidak"): Rule("work on cases", 303, letter=True),
    ("POST", "/kasus/{case:uuid}/klasifikasi"): Rule(
        "work on cases", 303, letter=True, send=lambda office: {"data": {"kode": "400.9.4.1"}}
    ),
    ("POST", "/kasus/{case:uuid}/tempat"): Rule(
        "place paper", 303, letter=True, send=lambda office: {"data": {"boks": office.box}}
    ),
    ("GET", "/kasus/laporan"): Rule("read reports"),
    ("GET", "/berkas"): Rule("read"),
    ("POST", "/berkas"): Rule("file", 422, send=lambda office: {"data": {"uraian": " "}}),
    ("GET", "/berkas/belum"): Rule("read"),
    ("POST", "/berkas/belum"): Rule("file", 422),  # no berkas was named
    ("GET", "/berkas/klasifikasi"): Rule("read", send=lambda office: {"params": {"q": "sosial"}}),
    ("POST", "/berkas/klasifikasi"): Rule("retain", 422, send=lambda office: {"files": TABLE, "data": {"nama": "x"}}),
    ("GET", "/berkas/{berkas:uuid}"): LETTER,
    ("GET", "/kasus/{case:uuid}/berkas"): Rule("read", 303, letter=True),
    ("POST", "/berkas/{berkas:uuid}/uraian"): Rule(
        "file", 303, letter=True, send=lambda office: {"data": {"uraian": "Pemulangan"}}
    ),
    # each is a case's berkas, and follows its case
    ("POST", "/berkas/{berkas:uuid}/kode"): Rule(
        "file", 422, letter=True, send=lambda office: {"data": {"kode": "400.9.4.1"}}
    ),
    ("POST", "/berkas/{berkas:uuid}/tutup"): Rule("file", 422, letter=True),
    ("POST", "/berkas/{berkas:uuid}/buka-lagi"): Rule("retain", 422, letter=True),
    ("POST", "/berkas/{berkas:uuid}/pemicu"): Rule("retain", 422, letter=True),  # without a reason
    ("POST", "/berkas/{berkas:uuid}/surat/{document:uuid}/keluar"): Rule("file", 409, letter=True),
    ("POST", "/berkas/{berkas:uuid}/tahan"): Rule(
        "hold", 422, letter=True, send=lambda office: {"data": {"sebab": "audit", "alasan": " "}}
    ),
    ("GET", "/arsip/{document:uuid}/berkas"): LETTER,
    ("POST", "/arsip/{document:uuid}/berkas"): Rule("file", 422, letter=True),  # no berkas was named
    ("POST", "/arsip/{document:uuid}/tahan"): Rule(
        "hold", 422, letter=True, send=lambda office: {"data": {"sebab": "audit", "alasan": " "}}
    ),
    ("GET", "/retensi"): Rule("read retention"),
    ("GET", "/retensi/jra"): Rule("read"),
    ("POST", "/retensi/jra"): Rule("retain", 422, send=lambda office: {"files": TABLE, "data": {"nama": "x"}}),
    ("POST", "/retensi/jra/contoh"): Rule("retain", 303),
    ("GET", "/retensi/jra/{schedule_id:uuid}"): Rule("read"),
    ("POST", "/retensi/jra/{schedule_id:uuid}/terapkan"): Rule("retain", 422),  # it was applied before
    ("POST", "/retensi/jra/{schedule_id:uuid}/akhiri"): Rule("retain", 422),  # without a day
    ("GET", "/retensi/penahanan"): Rule("read"),
    ("POST", "/retensi/penahanan"): Rule("hold", 422),  # nothing is to be held
    ("POST", "/retensi/penahanan/{hold:uuid}/lepas"): Rule("retain", 422, letter=True),  # without a reason
    ("POST", "/arsip/{document:uuid}/tempat"): Rule(
        "place paper", 303, letter=True, send=lambda office: {"data": {"hilang": "1"}}
    ),
    ("GET", "/arsip/belum-ada"): Rule("read"),
    ("POST", "/arsip/belum-ada"): Rule("place paper", 422),  # no letter was chosen
    ("GET", "/arsip/boks"): Rule("read"),
    ("POST", "/arsip/boks"): Rule("place paper", 422, send=lambda office: {"data": {"nama": " "}}),
    ("GET", "/arsip/boks/{box:uuid}"): Rule("read"),
    ("POST", "/arsip/boks/{box:uuid}/pindah"): Rule("place paper", 303, send=lambda office: {"data": {"rak": "3"}}),
    ("GET", "/penyusutan"): Rule("appraise"),
    ("GET", "/penyusutan/baru"): Rule("retire"),
    ("POST", "/penyusutan/baru"): Rule("retire", 422, send=lambda office: {"data": {"jenis": "lain"}}),
    ("GET", "/penyusutan/{disposal:uuid}"): Rule("appraise", letter=True),
    ("POST", "/penyusutan/{disposal:uuid}/berkas"): Rule("retire", 303, letter=True),
    ("POST", "/penyusutan/{disposal:uuid}/putusan"): Rule(
        "appraise", 422, letter=True, send=lambda office: {"data": {"berkas": office.berkas["own"], "putusan": "x"}}
    ),
    ("POST", "/penyusutan/{disposal:uuid}/lampiran"): Rule(
        "appraise", 404, letter=True, send=lambda office: {"data": {"lampiran": "notulen", "surat": str(uuid.uuid4())}}
    ),
    ("POST", "/penyusutan/{disposal:uuid}/lampiran/{paper:uuid}/lepas"): Rule("retire", 404, letter=True),
    ("POST", "/penyusutan/{disposal:uuid}/panitia"): Rule(
        "retire",
        303,
        letter=True,
        send=lambda office: {"data": {"sk": "7", "nama": ["G", "H"], "jabatan": ["A", "B"], "nip": ["", ""]}},
    ),
    ("POST", "/penyusutan/{disposal:uuid}/langkah"): Rule(  # without papers
        "appraise", 409, letter=True, send=lambda office: {"data": {"langkah": "nilai", "nyatakan": "ya"}}
    ),
    ("POST", "/penyusutan/{disposal:uuid}/buka"): Rule(
        "retire", 409, letter=True, send=lambda office: {"data": {"alasan": "x"}}
    ),
    ("POST", "/penyusutan/{disposal:uuid}/batal"): Rule(
        "retire", 409, letter=True, send=lambda office: {"data": {"alasan": " "}}
    ),
    ("GET", "/prosedur"): Rule("read"),
    ("GET", "/prosedur/{sop}"): Rule("read"),
    ("GET", "/catatan"): Rule("read the ledger"),
    ("GET", "/bukti"): Rule("read the ledger"),
    ("GET", "/penyimpanan"): Rule("read the ledger"),
    ("GET", "/ekspor"): Rule("export"),
    ("GET", "/orang"): Rule("export"),
    ("POST", "/orang"): Rule("export", send=lambda office: {"data": {"nik": ASKED["nik"]}}),
    ("POST", "/orang/betulkan"): Rule(  # nobody of that id
        "export", 404, send=lambda office: {"data": {"klien": str(uuid.uuid4()), "nama": "Budi", "alasan": "x"}}
    ),
    ("POST", "/orang/ekspor"): Rule("export", send=lambda office: {"data": {"nik": ASKED["nik"]}}),
    ("GET", "/orang/pemrosesan"): Rule("export"),
    ("GET", "/masuk"): Rule(public=True),
    ("POST", "/masuk"): Rule(ok=303, public=True, send=lambda office: {"data": office.credentials("petugas")}),
    ("POST", "/keluar"): Rule(ok=303),
}


@dataclass
class Office:
    """Two units, somebody of every role in the first with the ceiling `terbatas`, and a letter of each sort."""

    product: Product
    unit: str
    users: dict[str, User]
    somebody: str  # whose password and tokens may change without harm to the others
    common: str = field(default_factory=nonce)
    words: dict[str, str] = field(default_factory=lambda: {letter: nonce() for letter in LETTERS})
    entries: dict[str, str] = field(default_factory=lambda: {"absent": str(uuid.uuid4())})
    letters: dict[str, str] = field(default_factory=lambda: {"absent": str(uuid.uuid4())})
    twins: dict[str, str] = field(default_factory=lambda: {"absent": str(uuid.uuid4())})  # a letter and one like it
    cases: dict[str, str] = field(default_factory=lambda: {"absent": str(uuid.uuid4())})
    clients: dict[str, str] = field(default_factory=lambda: {"absent": str(uuid.uuid4())})
    berkas: dict[str, str] = field(default_factory=lambda: {"absent": str(uuid.uuid4())})  # of each case
    # each letter handed from one colleague of its sender to another
    disposals: dict[str, str] = field(default_factory=lambda: {"absent": str(uuid.uuid4())})
    dispositions: dict[str, str] = field(default_factory=lambda: {"absent": str(uuid.uuid4())})
    givers: dict[str, User] = field(default_factory=dict)
    senders: dict[str, User] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=lambda: {"absent": str(uuid.uuid4())})  # on each berkas
    schedule: str = ""  # the sample, applied
    bytes_again: bytes = b""
    box: str = ""

    def paper(self, letter: str) -> bytes:
        return text_pdf(f"{self.common} {self.words[letter]}")

    def client(self, asker: str) -> httpx.Client:
        if asker in ROLES:
            return self.product.client(self.users[asker].token)
        headers = {"Authorization": "Bearer arsip_salah"} if asker == "wrong token" else {}
        return httpx.Client(base_url=self.product.url + API, headers=headers, timeout=60)

    def credentials(self, role: str) -> dict[str, str]:
        return {"nama": self.users[role].name, "sandi": self.users[role].password}

    @contextmanager
    def browser(self, asker: str) -> Iterator[httpx.Client]:
        """A browser at the pages, signed in as that role if it is one."""
        with httpx.Client(base_url=self.product.url, headers={"Accept": "text/html"}, timeout=60) as client:
            if asker in ROLES:
                assert client.post("/masuk", data=self.credentials(asker)).status_code == 303
            yield client


def csrf_of(browser: httpx.Client) -> str:
    """The token of this session's pages."""
    page = browser.get("/", follow_redirects=True).text
    found = re.search(r'<meta name="csrf-token" content="([0-9a-f]{64})">', page)
    assert found is not None
    return found[1]


def asked_for(browser: httpx.Client, words: str) -> str:
    """The address to which the page Cari leads when those words are asked for."""
    answer = browser.post("/cari", data={"csrf": csrf_of(browser), "q": words})
    assert answer.status_code == 303
    return answer.headers["location"]


@pytest.fixture(scope="module")
def office(product: Product) -> Office:
    unit, other = f"unit-{nonce()}", f"unit-{nonce()}"
    made = Office(
        product, unit, {role: product.user(role, unit) for role in ROLES}, product.user("pejabat", other).name
    )
    made.senders = {
        "own": product.user("petugas", unit),
        "other unit": product.user("petugas", other),
        "above the ceiling": product.user("petugas", unit, "rahasia"),
    }
    made.bytes_again = made.paper("own")
    for letter, sender in made.senders.items():
        with product.client(sender.token) as client:
            level = {"clearance": "rahasia"} if letter == "above the ceiling" else {}
            answer = client.post("/documents", files={"file": (f"{nonce()}.pdf", made.paper(letter))}, data=level)
            made.letters[letter] = answer.raise_for_status().json()["id"]
            again = client.post("/documents", files={"file": ("b.pdf", text_pdf(nonce()))}, data=level).json()["id"]
            for document in (made.letters[letter], again):
                assert settled(client, document)["stage"] == "sealed"
            made.twins[letter] = _paired(product, made.letters[letter], again)
    for letter, sender in made.senders.items():
        with product.client(sender.token) as client:
            assert settled(client, made.letters[letter])["stage"] == "sealed"
            entry = client.post(f"/documents/{made.letters[letter]}/agenda", json=ENTRY).raise_for_status().json()
            made.entries[letter] = entry["id"]
            new = {"sop": SOP, "person": {"name": made.words[letter]}, "document": made.letters[letter]}
            case = client.post("/cases", json=new).raise_for_status().json()
            made.cases[letter], made.clients[letter] = case["id"], case["client"]["id"]
            lies = client.get(f"/documents/{made.letters[letter]}/berkas").raise_for_status().json()
            made.berkas[letter] = lies["berkas"][0]["id"]
    with product.client(made.senders["own"].token) as client:
        made.box = client.post("/boxes", json={"name": "Boks 1"}).raise_for_status().json()["id"]
    for letter, sender in made.senders.items():
        with product.client(sender.token) as client:  # each letter lies in it, so that it may tell of them
            where = {"box": made.box, "folder": made.words[letter]}
            client.put(f"/documents/{made.letters[letter]}/place", json=where).raise_for_status()
        made.disposals[letter] = _listed(product, sender, made.berkas[letter])
        made.givers[letter] = product.user("pejabat", sender.unit, sender.clearance)
        made.dispositions[letter] = _handed_on(product, made.givers[letter], made.letters[letter])
        with product.client(made.givers[letter].token) as client:
            new = {"berkas": made.berkas[letter], "kind": "audit", "reason": made.words[letter]}
            made.holds[letter] = client.post("/holds", json=new).raise_for_status().json()["id"]
    with product.client(made.users["arsiparis"].token) as client:
        made.schedule = client.post("/schedules/sample").raise_for_status().json()["id"]
        client.post(f"/schedules/{made.schedule}/apply").raise_for_status()
    return made


def _listed(product: Product, sender: User, berkas: str) -> str:
    """Let the records unit put the berkas on a list; the list's id."""
    keeper = product.user("arsiparis", sender.unit, sender.clearance)
    with product.client(keeper.token) as client:
        answer = client.post("/disposals", json={"kind": "pemusnahan", "unit": sender.unit, "berkas": [berkas]})
        return str(answer.raise_for_status().json()["id"])


def _handed_on(product: Product, giver: User, letter: str) -> str:
    """Let somebody hand the letter to a colleague; the link's id."""
    taker = product.user("pejabat", giver.unit, giver.clearance)
    with product.client(giver.token) as client:
        new = {"recipients": [{"name": taker.name}]}
        made = client.post(f"/documents/{letter}/dispositions", json=new).raise_for_status().json()
    return str(made["dispositions"][0]["id"])


def _paired(product: Product, first: str, second: str) -> str:
    """Propose the two letters to a person as perhaps the same; the pair's id."""
    with superuser(product) as database:
        pair = "INSERT INTO twin (first_id, second_id, score, reasons) VALUES (%s, %s, 0.9, '[]') RETURNING id::text"
        [made] = database.execute(pair, (first, second)).fetchone() or []
    return str(made)


def test_every_role_and_route_has_its_rule(office: Office) -> None:
    assert set(ROLES) == set(Role)
    said = httpx.get(f"{office.product.url}{API}/openapi.json").json()["paths"]
    routes = {(method.upper(), path.removeprefix(API)) for path, methods in said.items() for method in methods}
    assert routes == set(RULES)
    assert {(method, route.path) for method, route in page_routes(web.router)} == set(PAGES)


def page_routes(router: APIRouter) -> list[tuple[str, APIRoute]]:
    """Method and route of every page."""
    found: list[tuple[str, APIRoute]] = []
    for route in router.routes:
        if isinstance(route, APIRoute):
            found += [(method, route) for method in sorted(route.methods)]
        else:
            found += page_routes(route.original_router)  # type: ignore[attr-defined] # a router included in it
    return found


def _asked(client: httpx.Client, office: Office, method: str, path: str, rule: Rule, letter: str | None) -> Any:
    address = _address(office, path, letter or "", office.somebody)
    with client.stream(method, address, **rule.send(office)) as answer:
        if answer.status_code >= 400:  # a stream of events has no end
            answer.read()
    return answer


def _address(office: Office, path: str, letter: str, name: str) -> str:
    """The path with that letter and case, and with something for all else that it asks for."""
    filled = {
        "document": office.letters.get(letter, ""),
        "case": office.cases.get(letter, ""),
        "client": office.clients.get(letter, ""),
        "entry": office.entries.get(letter, ""),
        "twin": office.twins.get(letter, ""),
        "box": office.box,
        "berkas": office.berkas.get(letter, ""),
        "table": "berkas",
        "schedule_id": office.schedule,
        "hold": office.holds.get(letter, ""),
        "of": "habis",
        "disposition": office.dispositions.get(letter, ""),
        "disposal": office.disposals.get(letter, ""),
        "paper": str(uuid.uuid4()),
        "form": "daftar",
        "link": str(uuid.uuid4()),
        "search": str(uuid.uuid4()),
        "step": "1",
        "sop": SOP,
        "n": "1",
        "name": name,
    }
    return re.sub(r"{(\w+)(?::\w+)?}", lambda found: filled[found[1]], path)


def _of(rule: Rule) -> tuple[str | None, ...]:
    return LETTERS if rule.letter else (None,)


def _sayings(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k != "date"}


@pytest.mark.parametrize(("method", "path"), RULES, ids=lambda part: part)
def test_route_for_everybody(office: Office, method: str, path: str) -> None:
    rule, wrong = RULES[method, path], {}
    for asker in ASKERS:
        with office.client(asker) as client:
            answers = {letter: _asked(client, office, method, path, rule, letter) for letter in _of(rule)}
        for letter, answer in answers.items():
            expected = rule.expected(asker, letter)
            if answer.status_code not in (expected, rule.or_else if expected == rule.ok else expected):
                wrong[asker, letter] = (answer.status_code, "expected", expected)
            if answer.status_code == 404:
                assert _sayings(answer) == _sayings(answers["absent"]), (asker, letter)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"
    assert not wrong


@pytest.fixture(scope="module")
def browsers(office: Office) -> Iterator[dict[str, httpx.Client]]:
    """Everybody at the pages: signed in once, for a password takes its time."""
    with ExitStack() as open_ones:
        yield {asker: open_ones.enter_context(office.browser(asker)) for asker in (*ROLES, "nobody")}


# What opens and ends a session is tried below
SIGNING = {("POST", "/masuk"), ("POST", "/keluar")}


@pytest.mark.parametrize(("method", "path"), [page for page in PAGES if page not in SIGNING], ids=lambda part: part)
def test_page_for_everybody(office: Office, browsers: dict[str, httpx.Client], method: str, path: str) -> None:
    rule, wrong = PAGES[method, path], {}
    for (asker, client), letter in itertools.product(browsers.items(), _of(rule)):
        sent = rule.send(office)
        if method == "POST" and asker in ROLES:
            sent = {**sent, "data": {"csrf": csrf_of(client), **sent.get("data", {})}}
        with_token = Rule(send=lambda _, sent=sent: sent)
        answer = _asked(client, office, method, path, with_token, letter)
        expected = rule.expected(asker, letter)
        if expected == 401:  # people are led to where they can sign in
            assert answer.headers["location"].split("?")[0] == "/masuk", asker
            expected = 303
        if answer.status_code not in (expected, rule.or_else if expected == rule.ok else expected):
            wrong[asker, letter] = (answer.status_code, "expected", expected)
        if answer.status_code == 404:
            assert answer.content == _asked(client, office, method, path, with_token, "absent").content
    assert not wrong


def test_a_session_ends_when_its_owner_leaves(office: Office) -> None:
    with office.browser("nobody") as browser:
        assert browser.get("/masuk").status_code == 200
        assert browser.post("/masuk", data=office.credentials("petugas")).status_code == 303
        kept = dict(browser.cookies)
        assert browser.post("/keluar", data={"csrf": csrf_of(browser)}).status_code == 303
    with httpx.Client(base_url=office.product.url, cookies=kept) as thief:
        assert thief.get(f"{API}/me").status_code == 401
        assert thief.post("/keluar").status_code == 401


def test_start_page_is_one_that_the_role_may_use(browsers: dict[str, httpx.Client]) -> None:
    for role in ROLES:
        assert browsers[role].get("/", follow_redirects=True).status_code == 200


def _all_listed(client: httpx.Client) -> set[str]:
    found, cursor = set(), None
    while True:
        page = client.get("/documents", params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
        body = page.raise_for_status().json()
        found |= {document["id"] for document in body["documents"]}
        cursor = body["next"]
        if cursor is None:
            return found


@pytest.mark.parametrize("role", sorted(MAY["read"]))
def test_hidden_letters_are_in_no_list_count_or_search(
    office: Office, browsers: dict[str, httpx.Client], role: str
) -> None:
    seen = {office.letters[letter] for letter in LETTERS if sees(role, letter)}
    hidden = set(office.letters.values()) - seen
    with office.client(role) as client:
        listed = _all_listed(client)
        assert seen <= listed
        assert not hidden & listed
        found = client.get("/search", params={"q": office.common}).json()
        assert {hit["document"] for hit in found["hits"]} == seen
        assert found["total"] == len(seen)
        for letter, word in office.words.items():
            found = client.get("/search", params={"q": word}).json()
            assert (found["total"], len(found["hits"]), found["next"]) == (
                (1, 1, None) if sees(role, letter) else (0, 0, None)
            )
    looked_for = asked_for(browsers[role], office.common)
    for page in ("/arsip", looked_for, "/kasus", f"/kasus/hubungkan?surat={office.letters['own']}"):
        text = browsers[role].get(page).text
        assert not [letter for letter in hidden if letter in text], page
        assert office.words["above the ceiling"] not in text  # a letter's, and the name of its case's client


@pytest.mark.parametrize("role", sorted(MAY["read"]))
def test_hidden_cases_and_clients_are_in_no_list(office: Office, role: str) -> None:
    seen = {letter for letter in LETTERS if sees(role, letter)}
    with office.client(role) as client:
        listed = {case["id"] for case in client.get("/cases", params={"limit": 200}).json()["cases"]}
        assert {office.cases[letter] for letter in seen} <= listed
        assert not {office.cases[letter] for letter in set(LETTERS) - seen} & listed
        for letter, word in office.words.items():
            found = client.post("/clients/search", json={"name": word}).json()["clients"]
            assert bool(found) is (letter == "own"), letter


@pytest.mark.parametrize("role", sorted(MAY["read"]))
def test_hidden_letters_are_in_no_box(office: Office, browsers: dict[str, httpx.Client], role: str) -> None:
    with office.product.client(office.senders["above the ceiling"].token) as client:
        where = {"box": office.box, "folder": office.words["above the ceiling"]}
        client.put(f"/documents/{office.letters['above the ceiling']}/place", json=where).raise_for_status()
    with office.client(role) as client:
        told = client.get(f"/boxes/{office.box}").raise_for_status().json()
        missing = client.get("/places/missing", params={"limit": 200}).raise_for_status().text
        missing += client.get("/places/missing", params={"format": "csv"}).raise_for_status().text
    inside = {letter["document"] for letter in told["letters"]}
    pages = [browsers[role].get(page).text for page in (f"/arsip/boks/{office.box}", "/arsip/belum-ada")]
    for letter in ("other unit", "above the ceiling"):
        if not sees(role, letter):
            assert office.letters[letter] not in inside
            assert not [page for page in (*pages, missing) if office.letters[letter] in page]
            assert office.words[letter] not in pages[0]


@pytest.mark.parametrize("role", sorted(MAY["check"]))
def test_hidden_pairs_are_in_no_list_or_count(office: Office, browsers: dict[str, httpx.Client], role: str) -> None:
    seen = {office.twins[letter] for letter in LETTERS if sees(role, letter)}
    hidden = set(office.twins.values()) - seen
    with office.client(role) as client:
        listed = client.get("/twins", params={"limit": 200}).raise_for_status().json()
    told = {twin["id"] for twin in listed["twins"]}
    assert seen <= told
    assert not hidden & told
    assert listed["waiting"] == len(told)
    assert not [twin for twin in hidden if twin in browsers[role].get("/kembar").text]


def test_the_same_bytes_as_a_hidden_letter_are_a_new_letter(office: Office) -> None:
    hidden = office.paper("above the ceiling")
    with office.client("petugas") as client:
        answer = client.post("/documents", files={"file": ("a.pdf", hidden)}).json()
    assert answer["duplicate_of"] is None
    assert answer["id"] not in office.letters.values()
    with office.product.client(office.senders["other unit"].token) as client:
        again = client.post("/documents", files={"file": ("a.pdf", hidden)}).json()
    assert again["duplicate_of"] is None


class Ear(threading.Thread):
    """Somebody who listens to the stream of events. Leaves at the first news after `enough`."""

    def __init__(self, office: Office, role: str) -> None:
        super().__init__(daemon=True)
        self.told: list[str] = []
        self.listening, self.enough = threading.Event(), threading.Event()
        self._office, self._role = office, role

    def run(self) -> None:
        with self._office.client(self._role) as client, client.stream("GET", "/events/stream") as stream:
            for line in stream.iter_lines():
                self.listening.set()
                if line.startswith("data: "):
                    self.told.append(json.loads(line.removeprefix("data: "))["id"])
                if self.enough.is_set():
                    return


def _send(office: Office, letter: str) -> str:
    with office.product.client(office.senders[letter].token) as client:
        level = {"clearance": "rahasia"} if letter == "above the ceiling" else {}
        answer = client.post("/documents", files={"file": ("a.pdf", text_pdf(nonce()))}, data=level)
        return str(answer.raise_for_status().json()["id"])


def test_stream_tells_only_of_what_may_be_seen(office: Office) -> None:
    ears = {role: Ear(office, role) for role in MAY["read"]}
    for ear in ears.values():
        ear.start()
        assert ear.listening.wait(20)
    # the one everybody may see comes last: whoever has heard of it would have heard of the others
    sent = {letter: _send(office, letter) for letter in ("above the ceiling", "other unit", "own")}
    until(lambda: all(sent["own"] in ear.told for ear in ears.values()))
    for ear in ears.values():
        ear.enough.set()
    _send(office, "own")
    for role, ear in ears.items():
        ear.join(30)
        told = {letter for letter, document in sent.items() if document in ear.told}
        assert told == {letter for letter in sent if sees(role, letter)}, role


def test_nobody_enters_the_history_of_what_they_may_not_see(office: Office) -> None:
    with office.client("auditor") as client:
        actors = {
            e["actor"] for e in client.get(f"/documents/{office.letters['above the ceiling']}/events").json()["events"]
        }
    with superuser(office.product) as database:
        known = [people["above the ceiling"].name for people in (office.senders, office.givers)]
        ids = database.execute("SELECT id::text FROM account WHERE name = ANY (%s)", (known,)).fetchall()
    assert actors == {"worker", *(one[0] for one in ids)}


# Each is what a browser would send when another site's page makes it ask; all come with the cookie
FOREIGN = {
    "no token": {},
    "wrong token": {"X-CSRF-Token": "0" * 64},
    "other session's token": {"X-CSRF-Token": "other"},
    "foreign origin": {"X-CSRF-Token": "mine", "Origin": "https://jahat.example"},
    "opaque origin": {"X-CSRF-Token": "mine", "Origin": "null"},
    "cross-site": {"X-CSRF-Token": "mine", "Sec-Fetch-Site": "cross-site"},
    "same site, other host": {"X-CSRF-Token": "mine", "Sec-Fetch-Site": "same-site"},
}


@pytest.fixture
def browser(browsers: dict[str, httpx.Client]) -> httpx.Client:
    return browsers["admin"]


def _headers(browsers: dict[str, httpx.Client], sort: str) -> dict[str, str]:
    tokens = {"mine": csrf_of(browsers["admin"]), "other": csrf_of(browsers["petugas"])}
    return {name: tokens.get(value, value) for name, value in FOREIGN[sort].items()}


@pytest.mark.parametrize("sort", FOREIGN)
def test_cookie_alone_changes_nothing(
    office: Office, browsers: dict[str, httpx.Client], browser: httpx.Client, sort: str
) -> None:
    headers = _headers(browsers, sort)
    unsafe = [key for key in RULES if key[0] != "GET"]
    for method, path in unsafe:
        answer = _asked_with(browser, office, method, API + path, RULES[method, path], headers)
        assert (answer.status_code, answer.json()["slug"]) == (403, "cross_site_request"), path
    token = headers.pop("X-CSRF-Token", None)
    for method, path in [key for key in PAGES if key[0] != "GET" and key[1] != "/masuk"]:
        rule = Rule(send=lambda o: {"data": {"csrf": token} if token else {}})
        assert _asked_with(browser, office, method, path, rule, headers).status_code == 403, path
    assert browser.get(f"{API}/me").json()["role"] == "admin"  # still signed in


def _asked_with(
    client: httpx.Client, office: Office, method: str, path: str, rule: Rule, headers: dict[str, str]
) -> Any:
    address = _address(office, path, "own", office.users["admin"].name)
    return client.request(method, address, headers=headers, **rule.send(office))


def test_token_beyond_ascii_is_a_wrong_one(browser: httpx.Client) -> None:
    answer = browser.post(f"{API}/rereading", headers=[(b"X-CSRF-Token", "é".encode())])
    assert (answer.status_code, answer.json()["slug"]) == (403, "cross_site_request")


def test_cookie_with_its_token_works(office: Office, browser: httpx.Client) -> None:
    headers = {"X-CSRF-Token": csrf_of(browser), "Origin": office.product.url, "Sec-Fetch-Site": "same-origin"}
    answer = browser.post(f"{API}/documents", headers=headers, files={"file": ("a.pdf", office.bytes_again)})
    assert answer.status_code == 202


def test_nobody_is_signed_in_by_another_site(office: Office) -> None:
    with office.browser("nobody") as stranger:
        for headers in ({"Origin": "https://jahat.example"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = stranger.post("/masuk", data=office.credentials("petugas"), headers=headers)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers


FORGED = {
    "X-Forwarded-For": "10.0.0.1",
    "X-Forwarded-Host": "jahat.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-User": "admin",
    "X-Real-IP": "10.0.0.1",
    "Forwarded": "for=10.0.0.1;host=jahat.example;proto=https",
    "Remote-User": "admin",
    "X-Remote-User": "admin",
    "X-HTTP-Method-Override": "DELETE",
    "X-Original-URL": "/api/v1/ledger",
    "Host": "jahat.example",
}


@pytest.mark.parametrize("header", FORGED)
def test_forged_header_changes_nothing(office: Office, header: str) -> None:
    forged = {header: FORGED[header]}
    with office.client("nobody") as client:
        assert client.get("/documents", headers=forged).status_code == 401
    with office.browser("nobody") as stranger:
        plain, told = stranger.get("/arsip"), stranger.get("/arsip", headers=forged)
        assert told.headers["location"] == plain.headers["location"] == "/masuk?lanjut=%2Farsip"
    with office.client("petugas") as client:
        asked = ("/me", f"/documents/{office.letters['own']}", f"/documents/{office.letters['other unit']}")
        for path in asked:
            assert _sayings(client.get(path, headers=forged)) == _sayings(client.get(path))
        sent = client.post("/documents", headers=forged, files={"file": ("a.pdf", office.bytes_again)})
        assert sent.headers["location"] == f"{API}/documents/{office.letters['own']}"


def test_wrong_passwords_are_counted_whatever_address_is_claimed(office: Office) -> None:
    def try_one(number: int) -> int:
        with office.browser("nobody") as stranger:
            return stranger.post(
                "/masuk",
                data={"nama": f"tidak-ada-{number}", "sandi": "salah-sekali"},
                headers={"X-Forwarded-For": f"10.0.0.{number}"},
            ).status_code

    with superuser(office.product) as database:
        database.execute("DELETE FROM login_failure")
        try:
            tried = [try_one(number) for number in range(1, 32)]
        finally:
            database.execute("DELETE FROM login_failure")  # the other tests come from this address too
    assert tried == [401] * 30 + [429]
