"""The pages Penyusutan by keyboard and on a phone: a list is made, what is missing is named, and it stays light."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e.inside import nonce, superuser, text_pdf
from tests.e2e.test_pages import LIGHT, NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, User, settled

__all__ = ["browser", "new_page"]


@pytest.fixture
def listed(product: Product) -> tuple[str, str]:
    """A unit with a berkas of one letter."""
    unit = f"unit-{nonce()}"
    with product.client(product.user("petugas", unit).token) as http:
        sent = http.post("/documents", files={"file": ("a.pdf", text_pdf(nonce()))}).raise_for_status().json()["id"]
        assert settled(http, sent)["stage"] == "sealed"
        new = {"title": "Undangan rapat", "clearance": "terbatas", "code": "000.1.5"}
        berkas = http.post("/berkas", json=new).raise_for_status().json()["id"]
        http.post(f"/berkas/{berkas}/letters", json={"documents": [sent]}).raise_for_status()
    return unit, berkas


def test_a_list_is_made_by_keyboard_and_names_what_is_missing(
    new_page: NewPage, product: Product, listed: tuple[str, str]
) -> None:
    unit, _ = listed
    page = new_page(product.user("arsiparis", unit))
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"/penyusutan/baru?jenis=alih_media&unit={unit}")
    page.get_by_label("Keterangan").fill("pindaian tahun ini")
    page.get_by_label("Keterangan").press("Enter")
    page.wait_for_url("**/penyusutan/*-*")
    code = page.get_by_role("heading", level=1).inner_text()
    assert code.startswith("AMD-")
    closing = page.get_by_role("region", name="Periksa dan tutup daftar")
    expect(closing).to_contain_text("orangnya harus berbeda")
    for width, height in ((360, 740), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        for address in (page.url, "/penyusutan", f"/penyusutan/baru?unit={unit}"):
            answers.clear()
            page.goto(address)
            assert width > 360 or overflow(page) == [], address
            assert axe_findings(page) == [], (width, address)
            sizes = {a.url: len(a.body()) for a in answers if a.request.resource_type in LIGHT}
            assert sum(sizes.values()) < 30_000, sizes
        page.goto("/penyusutan")
        page.get_by_role("link", name="AMD-").first.click()
        page.wait_for_url("**/penyusutan/*-*")  # else what it loads is counted with the next page
    other = new_page(product.user("arsiparis", unit))
    other.goto(page.url)
    other.get_by_role("button", name="Periksa dan tutup daftar").press("Enter")
    expect(other.get_by_role("heading", level=1)).to_contain_text("Dinilai")
    expect(other.get_by_text("sidik jari")).to_be_visible()
    expect(other.get_by_role("region", name="Tandai sebagai salinan autentik")).to_contain_text("belum dilampirkan")


def test_a_letter_that_another_case_uses_is_refused_by_the_api(product: Product) -> None:
    """And so is every step past the next one, whoever asks."""
    unit = f"unit-{nonce()}"
    clerk, keeper, chief = (product.user(role, unit) for role in ("petugas", "arsiparis", "pejabat"))
    with product.client(clerk.token) as http:
        sent = http.post("/documents", files={"file": ("a.pdf", text_pdf(nonce()))}).raise_for_status().json()["id"]
        assert settled(http, sent)["stage"] == "sealed"
        for name in ("Budi Contoh", "Siti Contohwati"):
            new = {"sop": "pemulangan-tarakan", "person": {"name": name}, "document": sent, "step": 1}
            http.post("/cases", json=new).raise_for_status()
        berkas = http.get(f"/documents/{sent}/berkas").raise_for_status().json()["berkas"][0]["id"]
    with product.client(keeper.token) as http:
        new = {"kind": "pemusnahan", "unit": unit, "berkas": [berkas]}
        listed = http.post("/disposals", json=new).raise_for_status().json()["id"]
        seen = http.get(f"/disposals/{listed}").raise_for_status().json()
        assert "dipakai" in seen["lines"][0]["blocked"]
    with product.client(chief.token) as http:
        refusal = http.post(f"/disposals/{listed}/steps", json={"step": "nilai", "declared": True})
        assert (refusal.status_code, "terhalang" in refusal.json()["detail"]) == (409, True)
        for step in ("timbang", "setujui", "tetapkan", "musnahkan"):
            deed = {"number": "1", "place": "kantor", "method": "dicacah"}
            deed["witnesses"] = [{"name": n, "title": "Analis hukum"} for n in ("Dewi", "Eko")]  # type: ignore[assignment]
            answer = http.post(f"/disposals/{listed}/steps", json={"step": step, "declared": True, "deed": deed})
            assert answer.status_code in (403, 409), step
        assert http.get(f"/documents/{sent}/original").status_code == 200


@pytest.fixture
def many(product: Product) -> Iterator[tuple[User, list[str]]]:
    """An arsiparis of a unit that has more berkas than a page shows, each as if it had a letter."""
    unit = f"unit-{nonce()}"
    with product.client(product.user("petugas", unit).token) as http:
        new = {"title": "Undangan rapat", "clearance": "terbatas", "code": "000.1.5"}
        made = [str(http.post("/berkas", json=new).raise_for_status().json()["id"]) for _ in range(43)]
    with superuser(product) as connection:
        connection.execute("UPDATE berkas SET letters = 1 WHERE unit = %s", [unit])
        yield product.user("arsiparis", unit), made
        connection.execute("UPDATE berkas SET letters = 0 WHERE unit = %s", [unit])


def test_more_than_a_page_shows_gets_on_one_list(new_page: NewPage, many: tuple[User, list[str]]) -> None:
    keeper, _ = many
    page = new_page(keeper)
    page.goto(f"/penyusutan/baru?jenis=alih_media&unit={keeper.unit}")
    expect(page.get_by_role("checkbox")).to_have_count(40)
    page.get_by_role("button", name="Buat daftar dari semua yang jatuh tempo").press("Enter")
    page.wait_for_url("**/penyusutan/*-*")
    expect(page.get_by_text("43 berkas")).to_be_visible()


_MORE = (  # berkas like one that there is, on the same list
    "WITH made AS (INSERT INTO berkas SELECT (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(),"
    " 'number', b.number + 100 + n))).* FROM berkas b, generate_series(1, %(more)s) AS n WHERE b.id = %(like)s"
    " RETURNING id) INSERT INTO disposal_item (disposal_id, berkas_id) SELECT %(list)s, id FROM made"
)
_WAITS = (
    "UPDATE disposal SET status = 'menunggu_persetujuan', digest = disposal_digest(id), assessed_by = proposed_by"
    " WHERE id = %(list)s"
)
_PAPER = (
    "INSERT INTO disposal_paper (disposal_id, paper, document_id, account_id, why)"
    " SELECT id, 'surat_persetujuan', gen_random_uuid(), proposed_by, 'uji' FROM disposal WHERE id = %(list)s"
)
_GIVEN_UP = "UPDATE disposal SET status = 'batal', digest = NULL, assessed_by = NULL WHERE id = %(list)s"
_NO_PAPER = "DELETE FROM disposal_paper WHERE disposal_id = %(list)s"
_LINES = (
    "SELECT status, chosen, count(*) FROM disposal JOIN disposal_item ON disposal_id = id WHERE id = %(list)s"
    " GROUP BY status, chosen"
)


@pytest.mark.parametrize("lines", [43, 100, 101, 501, 503])
def test_of_a_long_list_some_lines_are_approved(
    new_page: NewPage, product: Product, many: tuple[User, list[str]], lines: int
) -> None:
    """Each line is offered, as one that is not would not be approved; of more than that, those refused are named: at
    the page by one keeper, the last time by the command."""
    keeper, berkas = many
    with product.client(keeper.token) as http:
        new = {"kind": "pemusnahan", "unit": keeper.unit, "berkas": berkas}
        made = http.post("/disposals", json=new).raise_for_status().json()
    said = {"list": made["id"], "more": lines - len(berkas), "like": berkas[0]}
    year, unit = made["code"].split("-")[1], keeper.unit.upper()
    refused = [f"{unit}/{year}/{number}" for number in (3, 7)]
    with superuser(product) as connection:
        connection.execute("SET session_replication_role = replica")
        for change in (_MORE, _WAITS, _PAPER):
            connection.execute(change, said)
        try:
            if lines == 503:
                _refuse_by_command(product, made["code"], refused)
            else:
                _refuse_at_page(new_page(keeper), made["id"], lines, refused)
            found = sorted(connection.execute(_LINES, said).fetchall())
            assert found == [("sebagian", False, 2), ("sebagian", True, lines - 2)]
        finally:
            for change in (_GIVEN_UP, _NO_PAPER):
                connection.execute(change, said)


def _refuse_at_page(page: Page, listed: str, lines: int, refused: list[str]) -> None:
    page.goto(f"/penyusutan/{listed}")
    part = page.get_by_role("region", name="Catat persetujuan sebagian")
    if lines <= 100:
        expect(part.get_by_role("checkbox")).to_have_count(lines)
        part.evaluate("one => one.querySelectorAll('[type=checkbox]').forEach((box) => { box.checked = true; })")
        for number in refused:
            part.get_by_label(f"{number} ·").uncheck()
    else:
        expect(part.get_by_role("checkbox")).to_have_count(0)
        part.get_by_label("yang tidak disetujui").fill(" ".join(refused).lower())
        assert axe_findings(page) == []
    part.get_by_role("button").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Disetujui sebagian")


def _refuse_by_command(product: Product, code: str, refused: list[str]) -> None:
    step = ("disposal", "step", code, "setujui_sebagian")
    wrong = product.arsip(*step, "--refused", "LAIN/2026/1", check=False)
    assert (wrong.returncode, "Tidak ada di daftar ini: LAIN/2026/1" in wrong.stderr) == (2, True)
    product.arsip(*step, *(word for number in refused for word in ("--refused", number)))
