"""The golden walks: each SOP from its first letter to the closed case, with every branch, through the API.

Letters are real ones of invented people, sent and read by the running product. Which branches there are is asked of
the product itself, so that a new one fails here until somebody walks it.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest

from tests.assets.letters import make_letter
from tests.assets.ticked_sheet import page_of, scanned, tick, write
from tests.e2e.walking import WHY, Office, Papers, Walk
from tests.product import Product

pytestmark = pytest.mark.timeout(600)
A, B, C = "pemulangan-tarakan", "pemulangan-kaltara", "rujukan-lk3-tarakan"
ENDINGS = {(B, 5, "tidak-layak")}  # branches that end their case: a walk of its own for each
A_KINDS = (
    "skt_polisi", "formulir_layanan_sosial", "surat_rujukan_puskesmas", "surat_rujukan_rsud", "formulir_masuk_shelter",
    "surat_rujukan_lk3", "instrumen_asesmen", "hasil_asesmen", "surat_permohonan_pemulangan",
    "formulir_keluar_shelter", "surat_pemulangan", "daftar_tanda_terima", "tanda_terima_biaya_transportasi",
    "bukti_uang_tiket_saku", "tiket", "syarat_keberangkatan",
)  # fmt: skip
B_REFUSED = ("surat_permohonan_pemulangan", "skt_polisi", "hasil_asesmen", "lembar_disposisi", "draf_hasil_pemeriksaan")
B_KINDS = (
    *B_REFUSED, "penetapan_pemulangan", "data_informasi_ot", "surat_rujukan_rsud", "surat_pemulangan",
    "berita_acara_serah_terima",
)  # fmt: skip
C_KINDS = (
    "formulir_layanan_sosial", "surat_rujukan_lk3", "kontrak_konseling", "catatan_identifikasi_masalah",
    "hasil_reasesmen", "rencana_intervensi", "lembar_evaluasi_konseling",
)  # fmt: skip


@pytest.fixture(scope="module")
def sops(product: Product) -> dict[str, Any]:
    with product.client() as http:
        ids = [one["id"] for one in http.get("/sops").raise_for_status().json()["sops"]]
        return {sop: http.get(f"/sops/{sop}").raise_for_status().json() for sop in ids}


@pytest.fixture(scope="module")
def papers(product: Product) -> Iterator[dict[str, Papers]]:
    """The letters of four people, on their way through two offices."""
    tarakan, kaltara = Office(product), Office(product)
    yield {
        "a": Papers(tarakan, 7001, A_KINDS, scanned=("skt_polisi",), later=("surat_rujukan_rsud",)),
        "c": Papers(tarakan, 7102, C_KINDS),
        "b": Papers(kaltara, 7203, B_KINDS, later=("lembar_disposisi",)),
        "refused": Papers(kaltara, 7304, B_REFUSED),
    }
    for office in (tarakan, kaltara):
        office.http.close()


def walked(walk: Walk) -> None:
    """What there is to know of a case that was closed: its page on paper, its history, the ledger, the report."""
    case = walk.look()
    assert (case["closed_at"] is not None, case["waits_for"], case["lacks"], case["gaps"]) == (True, [], [], [])
    after = walk.do("reopen", 1, reason=WHY)
    assert (after.status_code, after.json()["slug"]) == (409, "case_closed")
    assert walk.certain == walk.alone
    printed = pypdfium2.PdfDocument(io.BytesIO(walk.office.http.get(f"{walk.path}/pdf").raise_for_status().content))
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in printed).split())
    for told in (case["number"], walk.name, case["client"]["nik"], case["classification"], "Ditutup"):
        assert told in text
    assert walk.nik not in text
    told_of = [one for one in events(walk.office) if one["detail"].get("case") == case["id"]]
    history = [one["what"] for one in case["history"]]
    assert history[-1] == "close"
    names = [one["action"] for one in told_of]
    assert (names[-1], names[0]) == ("case_opened", "case_printed")
    assert names[1] == "case_closed"
    steps = ("start", "finish", "skip", "branch", "reopen")
    assert names.count("case_step") == sum(history.count(step) for step in steps)
    linked = [one for one in told_of if one["action"] == "letter_linked"]
    assert len(linked) == history.count("link") == len(case["letters"])
    assert sum(one["actor"] == "worker" for one in linked) == len(walk.alone)
    assert not [one for one in told_of if walk.nik in str(one) or walk.name in str(one)]


def events(office: Office) -> list[dict[str, Any]]:
    """The newest thousand entries of the ledger, the newest first."""
    found: list[dict[str, Any]] = []
    with office.as_(office.auditor) as http:
        cursor = None
        while len(found) < 1000:
            page = http.get("/ledger", params={"limit": 500} | ({"cursor": cursor} if cursor else {})).json()
            found += page["events"]
            cursor = page["next"]
            if cursor is None:
                break
    return found


def test_sop_a_from_the_police_letter_to_the_ship(sops: dict[str, Any], papers: dict[str, Papers]) -> None:
    mine = papers["a"]
    office = mine.office
    mine.arrived()
    alone = {
        ("formulir_layanan_sosial", 2), ("surat_rujukan_puskesmas", 2), ("formulir_masuk_shelter", 2),
        ("surat_rujukan_rsud", 2), ("instrumen_asesmen", 3), ("formulir_keluar_shelter", 6), ("hasil_asesmen", 4),
        ("surat_permohonan_pemulangan", 5), ("surat_pemulangan", 7), ("bukti_uang_tiket_saku", 7), ("tiket", 7),
        ("syarat_keberangkatan", 8),
    }  # fmt: skip
    # the last while the client has a second case, so the system asks
    asked = {("formulir_masuk_shelter", 6), ("tanda_terima_biaya_transportasi", 7), ("surat_rujukan_lk3", 2)}
    walk = Walk(office, sops[A], mine, alone, asked)
    walk.open("skt_polisi")
    handed_to_the_clerk(office, mine.ids["skt_polisi"])
    walk.through(1)
    walk.through(2)
    assert [step["number"] for step in walk.case["steps"] if step["ready"] and step["state"] == "waiting"] == [3, 6]
    for step in (3, 6, 4, 5, 7):
        walk.through(step)
    under_stress(walk, sops)
    walk.through(8)
    assert {tuple(timer["steps"]) for timer in walk.case["timers"]} == {
        (1,), (2,), (3,), (4, 5), (6,), (7,), (8,), (6, 8)
    }  # fmt: skip
    assert walk.next() is None
    assert walk.close().json()["slug"] == "case_incomplete"
    office.clear_queue(outgoing={kind for kind in A_KINDS if kind.startswith("surat_rujukan")} | {A_KINDS[8]})
    walk.file()
    assert walk.close().is_success
    assert walk.case["ended_by"] is None
    assert walk.taken == {(step["number"], way["id"]) for step in sops[A]["steps"] for way in step["branches"]}
    walked(walk)


def handed_to_the_clerk(office: Office, letter: str) -> None:
    """The official hands the letter to the clerk, who reads it and says what came of it."""
    with office.as_(office.kabid) as http:
        new = {"recipients": [{"name": office.clerk.name}], "note": "Segera diproses"}
        [given] = http.post(f"/documents/{letter}/dispositions", json=new).raise_for_status().json()["dispositions"]
    assert [one["id"] for one in office.http.get("/dispositions").json()["dispositions"]] == [given["id"]]
    office.http.post(f"/dispositions/{given['id']}/read").raise_for_status()
    done = office.http.post(f"/dispositions/{given['id']}/done", json={"note": "Kasus dibuka"})
    assert done.raise_for_status().json()["state"] == "done"


def under_stress(walk: Walk, sops: dict[str, Any]) -> None:
    """Waiting for the ship the client turns out to be under stress: SOP C takes them on, in a case that it opens."""
    [branch] = [way for way in sops[A]["steps"][1]["branches"] if way["sop"]]
    walk.done("reopen", 2, reason="Klien stres selagi menunggu kapal")
    walk.branch(2, branch)
    walk.done("finish", 2)
    [other] = walk.case["led_to"]
    there = Walk(walk.office, sops[C], walk.papers, set(), set())
    there.case, there.name, there.nik = {"id": other}, walk.name, walk.nik
    there.look()
    told = there.case
    assert (told["sop"], told["from_case"], told["client"]) == (C, walk.case["id"], walk.case["client"])
    for step in (1, 2):  # the letters of the one case serve the other too
        there.through(step)
    for step in range(3, 8):
        there.done("skip", step, reason="Kapalnya berangkat; dilanjutkan di daerah asal")
    walk.office.send_out(walk.papers.ids["surat_rujukan_lk3"])
    there.file()
    assert there.close().is_success
    walked(there)
    walk.look()


def test_sop_b_with_an_illness_on_the_way(sops: dict[str, Any], papers: dict[str, Papers]) -> None:
    mine = papers["b"]
    office = mine.office
    mine.arrived()
    alone = {
        ("skt_polisi", 1), ("hasil_asesmen", 1), ("lembar_disposisi", 1), ("draf_hasil_pemeriksaan", 4),
        ("penetapan_pemulangan", 5), ("surat_rujukan_rsud", 6), ("data_informasi_ot", 6),
        ("berita_acara_serah_terima", 12),
    }  # fmt: skip
    asked = {("lembar_disposisi", 2), ("surat_pemulangan", 7)}
    walk = Walk(office, sops[B], mine, alone, asked)
    walk.open("surat_permohonan_pemulangan")
    entry = office.register(mine.ids["surat_permohonan_pemulangan"], "masuk")
    mine.ids["lembar_disposisi"] = disposed_on_paper(office, entry["id"])
    outgoing = Outgoing(walk)
    while (step := walk.next()) is not None:
        walk.through(step)
        outgoing.after(step)
    last = next(timer for timer in walk.case["timers"] if timer["steps"] == [12])
    assert (last["allowed"], last["standing"]) == ("3 x 24 jam", "on_time")
    assert walk.close().json()["slug"] == "case_incomplete"
    office.clear_queue(outgoing=("penetapan_pemulangan", "surat_rujukan_rsud"))
    walk.file()
    assert walk.close().is_success
    assert walk.case["ended_by"] is None
    ways = {(step["number"], way["id"]) for step in sops[B]["steps"] for way in step["branches"] if not way["ends"]}
    assert walk.taken == ways
    walked(walk)


def disposed_on_paper(office: Office, entry: str) -> str:
    """The entry's sheet, printed, ticked by pen and scanned: it becomes the letter's dispositions, which are handed on
    and done."""
    pdf = office.http.get(f"/agenda/entries/{entry}/disposition").raise_for_status().content
    picture = page_of(pdf)
    tick(picture, pdf)
    write(picture)
    sheet = office.send("lembar_disposisi", scanned(picture))
    office.archived(sheet, "lembar_disposisi")
    told = office.http.get(f"/documents/{sheet}/disposition-sheet").raise_for_status().json()
    assert (len(told["recipients"]), told["in_doubt"]) == (2, False)
    posts = zip(told["recipients"], (office.kabid, office.clerk), strict=True)
    to = [{"name": who.name, "post": post} for post, who in posts]
    new = {"recipients": to, "instructions": told["instructions"]}
    made = office.http.post(f"/documents/{sheet}/disposition-sheet", json=new).raise_for_status().json()["dispositions"]
    with office.as_(office.kabid) as http:
        [mine] = http.get("/dispositions").raise_for_status().json()["dispositions"]
        on = {"recipients": [{"name": office.kasi.name}]}
        [passed] = http.post(f"/dispositions/{mine['id']}/forward", json=on).raise_for_status().json()["dispositions"]
    with office.as_(office.kasi) as http:
        http.post(f"/dispositions/{passed['id']}/done", json={"note": "Diproses"}).raise_for_status()
    [own] = [one for one in made if one["recipient"] == office.clerk.name]
    office.http.post(f"/dispositions/{own['id']}/done", json={"note": "Selesai"}).raise_for_status()
    chain = office.http.get(f"/documents/{told['letter']}/dispositions").json()["dispositions"]
    assert [one["state"] for one in chain] == ["done"] * 3
    return sheet


class Outgoing:
    """SOP B's letter of return on its way out, beside the steps 7 to 11 that make it."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def after(self, step: int) -> None:
        office, letter = self.walk.office, self.walk.papers.ids["surat_pemulangan"]
        if step == 7:
            self.entry = office.register(letter, "keluar", numbered=False)["id"]
            assert office.refused(self.entry, "terkirim") == "step_not_yet"
        elif step == 8:
            office.took(self.entry, "paraf", letter)
        elif step == 9:  # the signed one is another sheet of paper
            signed = make_letter("surat_pemulangan", self.walk.papers.seed, wear="scan").scan_pdf()
            letter = office.send("surat_pemulangan", signed)
            office.archived(letter, "surat_pemulangan")
            self.walk.papers.ids["surat_pemulangan"] = letter
        elif step == 10:
            office.took(self.entry, "ttd", letter)
            assert office.refused(self.entry, "terkirim") == "step_not_yet"  # row 11: not without a number
        elif step == 11:
            numbered = office.took(self.entry, "nomor")
            assert re.fullmatch(rf"400\.9\.4\.1/{numbered['number']}/.+/\d{{4}}", numbered["letter_number"])
            sent = office.took(self.entry, "terkirim", letter)
            assert [one["step"] for one in sent["steps"]] == ["draf", "paraf", "nomor", "ttd", "terkirim"]


def test_sop_b_for_somebody_who_is_not_eligible(sops: dict[str, Any], papers: dict[str, Papers]) -> None:
    mine = papers["refused"]
    mine.arrived()
    alone = {("skt_polisi", 1), ("hasil_asesmen", 1), ("lembar_disposisi", 1), ("draf_hasil_pemeriksaan", 4)}
    walk = Walk(mine.office, sops[B], mine, alone, {("lembar_disposisi", 2)})
    walk.open("surat_permohonan_pemulangan")
    for step in range(1, 5):
        walk.through(step)
    early = walk.close()
    assert (early.status_code, early.json()["slug"]) == (409, "case_incomplete")
    assert "langkah 5 (Tetapkan layak atau tidak layak)" in early.json()["detail"]
    [(_, step, ending)] = ENDINGS
    [branch] = [way for way in sops[B]["steps"][step - 1]["branches"] if way["id"] == ending]
    walk.branch(step, branch)
    mine.office.clear_queue(outgoing=())
    walk.file()
    assert walk.close().is_success
    assert (walk.case["ended_by"], walk.case["settled"]) == (ending, 4)
    walked(walk)


def test_sop_c_from_the_form_to_the_evaluation(sops: dict[str, Any], papers: dict[str, Papers]) -> None:
    mine = papers["c"]
    mine.arrived()
    alone = {("surat_rujukan_lk3", 2), ("kontrak_konseling", 3), ("hasil_reasesmen", 5)}
    asked = {("catatan_identifikasi_masalah", 4), ("rencana_intervensi", 6), ("lembar_evaluasi_konseling", 7)}
    walk = Walk(mine.office, sops[C], mine, alone, asked)
    walk.open("formulir_layanan_sosial")
    while (step := walk.next()) is not None:
        walk.through(step)
    assert (walk.case["timers"], walk.case["standing"]) == ([], None)  # the paper prints no times
    mine.office.clear_queue(outgoing=("surat_rujukan_lk3",))
    walk.file()
    assert walk.close().is_success
    assert walk.taken == {(step["number"], way["id"]) for step in sops[C]["steps"] for way in step["branches"]} == set()
    walked(walk)


def test_no_sop_and_no_ending_was_forgotten(sops: dict[str, Any]) -> None:
    assert set(sops) == {A, B, C}
    ends = {
        (sop, step["number"], way["id"])
        for sop, told in sops.items()
        for step in told["steps"]
        for way in step["branches"]
        if way["ends"]
    }
    assert ends == ENDINGS


def test_afterwards_nothing_waits_and_all_of_it_is_true(product: Product, papers: dict[str, Papers]) -> None:
    counted: dict[tuple[Any, ...], int] = {}
    for office in {id(one.office): one.office for one in papers.values()}.values():
        office.nothing_waits()
        with office.as_(office.kabid) as http:
            rows = http.get("/reports/steps", params={"months": 1}).raise_for_status().json()["rows"]
        counted |= {(row["sop"], *row["steps"]): row["cases"] for row in rows}
    assert counted == {
        **{(A, *steps): 1 for steps in ((1,), (2,), (3,), (4, 5), (6,), (7,), (8,), (6, 8))},
        **{(B, step): 2 if step < 5 else 1 for step in range(1, 13)},
        **{(C, step): 2 if step < 3 else 1 for step in range(1, 8)},
    }
    assert product.arsip("verify").returncode == 0
