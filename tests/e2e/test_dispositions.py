"""Dispositions as people give them: from hand to hand in Chromium, from a sheet ticked by pen, by the command."""

import io
import json
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from records.dates import written
from tests.assets.ticked_sheet import TICKED, page_of, scanned, tick, write
from tests.e2e.inside import nonce, text_pdf
from tests.e2e.test_pages import NewPage, axe_findings, browser, new_page, overflow
from tests.product import ARSIP, Product, User, settled

__all__ = ["browser", "new_page"]

DUE = datetime.now(ZoneInfo("Asia/Makassar")).date() + timedelta(days=30)
SUBJECT = "Permohonan bantuan pemulangan"


@dataclass
class Office:
    """A unit with everybody of a chain, and a registered letter."""

    kadis: User
    kabid: User
    staf: User
    clerk: User
    letter: str
    entry: str


@pytest.fixture
def office(product: Product) -> Office:
    unit = f"unit-{nonce()}"
    kadis, kabid, staf = (product.user(role, unit) for role in ("pejabat", "pejabat", "petugas"))
    clerk = product.user("petugas", unit)
    with product.client(clerk.token) as client:
        paper = text_pdf("Pengirim : Kelurahan Karang Anyar", f"Hal : {SUBJECT}", nonce())
        letter = client.post("/documents", files={"file": ("surat.pdf", paper)}).raise_for_status().json()["id"]
        assert settled(client, letter)["stage"] == "sealed"
        line = {"book": "masuk", "party": "Kelurahan", "subject": SUBJECT}
        entry = client.post(f"/documents/{letter}/agenda", json=line).raise_for_status().json()["id"]
    return Office(kadis, kabid, staf, clerk, letter, entry)


def chain(product: Product, user: User, letter: str) -> list[dict[str, Any]]:
    with product.client(user.token) as client:
        return client.get(f"/documents/{letter}/dispositions").raise_for_status().json()["dispositions"]


def choose(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_label(name).check()


def test_from_hand_to_hand_in_the_page(new_page: NewPage, product: Product, office: Office) -> None:
    page = new_page(office.kadis)
    page.goto(f"/arsip/{office.letter}")
    page.get_by_role("link", name="Beri disposisi").click()
    page.get_by_role("button", name="Beri disposisi").click()
    expect(page.get_by_role("alert")).to_contain_text("penerima")
    choose(page, office.kabid.name, "Proses lebih lanjut")
    page.get_by_label("Catatan").fill("Segera hubungi keluarganya")
    page.get_by_label("Tenggat").fill(written(DUE))
    page.get_by_label("Tenggat").press("Enter")
    expect(page.locator("#disposisi .badge")).to_have_text("Belum dibaca")

    second = new_page(office.kabid)
    second.goto("/disposisi")
    expect(second.get_by_role("link", name="Disposisi 1 menunggu Anda")).to_be_visible()
    second.get_by_role("link", name=SUBJECT).click()
    expect(second.locator(".chain li")).to_contain_text("Segera hubungi keluarganya")
    second.get_by_text("Teruskan", exact=True).first.click()
    choose(second, office.staf.name, "Siapkan jawaban")
    second.get_by_role("button", name="Teruskan").click()
    expect(second.get_by_text("Tidak ada disposisi yang menunggu Anda.")).to_be_visible()
    expect(second.get_by_role("heading", name="Yang saya berikan, belum selesai")).to_be_visible()

    third = new_page(office.staf)
    third.goto("/disposisi")
    third.get_by_role("link", name=SUBJECT).click()
    third.get_by_label("Hasilnya").fill("Keluarga menjemput besok")
    third.get_by_label("Hasilnya").press("Enter")
    expect(third.get_by_text("Tidak ada disposisi yang menunggu Anda.")).to_be_visible()

    second.goto("/disposisi")
    expect(second.get_by_role("heading", name="Yang saya berikan, belum selesai")).to_have_count(0)
    second.get_by_text("Sudah selesai").click()
    expect(second.get_by_text("Anda teruskan, selesai")).to_be_visible()

    page.goto(f"/agenda/nomor/{office.entry}")
    expect(page.locator(".chain .badge")).to_have_text(["Selesai", "Selesai"])
    expect(page.locator(".chain")).to_contain_text("Hasil: Keluarga menjemput besok")
    first, last = chain(product, office.kadis, office.letter)
    assert (first["due_on"], first["instructions"], first["depth"], last["depth"]) == (
        DUE.isoformat(), ["Proses lebih lanjut"], 0, 1,
    )  # fmt: skip
    assert first["read_at"] is not None
    assert (last["parent"], last["recipient"], last["state"]) == (first["id"], office.staf.name, "done")


def test_a_sheet_ticked_by_pen_becomes_the_chains_first_links(
    new_page: NewPage, product: Product, office: Office
) -> None:
    with product.client(office.clerk.token) as client:
        pdf = client.get(f"/agenda/entries/{office.entry}/disposition").raise_for_status().content
        picture = page_of(pdf)
        tick(picture, pdf)
        write(picture)
        sent = client.post("/documents", files={"file": ("lembar.jpg", scanned(picture))}).raise_for_status().json()
        sheet = settled(client, sent["id"])
        assert (sheet["stage"], sheet["kind"]["value"]) == ("sealed", "lembar_disposisi")
        told = client.get(f"/documents/{sent['id']}/disposition-sheet").raise_for_status().json()
        assert (told["recipients"], told["instructions"]) == (list(TICKED[:2]), list(TICKED[2:]))
        assert (told["letter"], told["in_doubt"], told["settled"]) == (office.letter, False, False)
        note = client.get(f"/documents/{sent['id']}/note/image").raise_for_status()
        assert Image.open(io.BytesIO(note.content)).height > 200
    page = new_page(office.clerk)
    page.goto("/disposisi")
    page.get_by_role("region", name="Lembar yang kembali").get_by_role("link").click()
    for post, user in zip(TICKED[:2], (office.kabid, office.staf), strict=True):
        expect(page.get_by_role("checkbox", name=post)).to_be_checked()
        page.get_by_role("combobox", name=f"Orang untuk {post}").select_option(user.name)
    expect(page.get_by_role("img", name="Catatan tulisan tangan")).to_be_visible()
    page.get_by_role("checkbox", name=TICKED[0]).press("Enter")  # where the focus stands once everybody is known
    expect(page.locator("#disposisi .chain li")).to_have_count(2)
    expect(page.locator("#disposisi").get_by_role("img", name="Catatan tulisan tangan")).to_have_count(1)
    links = chain(product, office.kabid, office.letter)
    assert [(one["recipient"], one["post"], one["sheet"], one["giver"]) for one in links] == [
        (office.kabid.name, TICKED[0], sent["id"], office.clerk.name),
        (office.staf.name, TICKED[1], sent["id"], office.clerk.name),
    ]
    assert {one["on_behalf"] for one in links} == {"Kepala Dinas Sosial"}
    page.goto(f"/disposisi/lembar/{sent['id']}")
    expect(page.get_by_role("status")).to_have_text("Lembar ini sudah dicatat.")


def test_a_wrong_line_is_put_right_in_the_page(new_page: NewPage, product: Product, office: Office) -> None:
    page = new_page(office.clerk)
    page.goto(f"/agenda/nomor/{office.entry}")
    page.get_by_role("link", name="Betulkan").click()
    page.get_by_label("Tanggal surat").fill("entah")
    page.get_by_label("Alasan").fill("salah ketik")
    page.get_by_label("Perihal").fill("Permohonan pemulangan klien")
    page.get_by_label("Perihal").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("tulis seperti 20 November 2026")
    expect(page.get_by_label("Alasan")).to_have_value("salah ketik")
    page.get_by_label("Tanggal surat").fill("")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Surat masuk nomor 1")
    page.get_by_text("Isi sebelum dibetulkan (1)").click()
    expect(page.locator("details .history")).to_contain_text(f"salah ketik Perihal: {SUBJECT}")
    with product.client(office.clerk.token) as client:
        said = {"reason": "kurang lengkap", "note": "diantar sendiri"}
        line = client.patch(f"/agenda/entries/{office.entry}", json=said).raise_for_status().json()
    assert (line["number"], line["subject"], line["note"]) == (1, "Permohonan pemulangan klien", "diantar sendiri")
    assert [one["before"] for one in line["corrections"]] == [{"subject": SUBJECT}, {"note": ""}]


def test_a_nik_that_a_later_letter_carries_is_taken_over(new_page: NewPage, product: Product, office: Office) -> None:
    with product.client(office.clerk.token) as client:
        new = {"sop": "pemulangan-tarakan", "person": {"name": "Budi Contoh"}, "document": office.letter}
        case = client.post("/cases", json=new).raise_for_status().json()["id"]
        said = {"kind": "skt_polisi", "fields": {"nik": "6571010203800001"}}
        client.post(f"/documents/{office.letter}/check", json=said).raise_for_status()
    page = new_page(office.clerk)
    page.goto(f"/kasus/{case}")
    page.get_by_role("button", name="Pakai NIK ini").click()
    expect(page.get_by_role("button", name="Pakai NIK ini")).to_have_count(0)
    assert "6571010203800001" not in page.content()
    with product.client(office.clerk.token) as client:
        assert client.get(f"/cases/{case}").json()["client"]["nik"]


def test_the_command_speaks_of_dispositions(product: Product, office: Office) -> None:
    def as_(user: User, *args: str) -> str:
        env = {**product.env, "ARSIP_URL": product.url, "ARSIP_TOKEN": user.token}
        done = subprocess.run([*ARSIP, "disposition", *args], env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    as_(office.kadis, "give", office.letter, "--to", office.kabid.name, "--note", "segera")
    [waiting] = json.loads(as_(office.kabid, "list", "--json"))["dispositions"]
    as_(office.kabid, "forward", waiting["id"], "--to", office.staf.name)
    [passed] = json.loads(as_(office.staf, "list", "--json"))["dispositions"]
    assert "selesai" in as_(office.staf, "done", passed["id"], "--note", "sudah dijawab")
    shown = as_(office.kadis, "show", office.letter)
    assert shown.count("→") == 2
    assert "sudah dijawab" in shown
    assert "Tidak ada disposisi." in as_(office.kabid, "list")


def test_every_page_of_dispositions_fits_a_phone_and_pleases_axe(
    new_page: NewPage, product: Product, office: Office
) -> None:
    with product.client(office.kadis.token) as client:
        new = {
            "recipients": [{"name": office.kabid.name, "post": TICKED[0]}, {"name": office.staf.name}],
            "instructions": list(TICKED[2:]),
            "note": "Segera hubungi keluarganya " * 8,
        }
        made = client.post(f"/documents/{office.letter}/dispositions", json=new).raise_for_status().json()
    link = made["dispositions"][0]["id"]
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    wrong: list[str] = []
    for user, addresses in (
        (office.kabid, ("/disposisi", f"/disposisi/{link}", f"/arsip/{office.letter}/disposisi")),
        (office.clerk, (f"/agenda/nomor/{office.entry}", f"/agenda/nomor/{office.entry}/betulkan", "/disposisi")),
    ):
        small, wide = new_page(user, **phone), new_page(user, color_scheme="dark")
        for address in addresses:
            for page in (small, wide):
                page.goto(address)
                for folded in page.locator("main details").all():
                    folded.evaluate("part => part.open = true")
                wrong += axe_findings(page) + (overflow(page) if page is small else [])
    assert wrong == []
