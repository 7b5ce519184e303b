"""The pages Penyusutan by keyboard and on a phone: a list is made, what is missing is named, and it stays light."""

import pytest
from playwright.sync_api import Response, expect

from tests.e2e.inside import nonce, text_pdf
from tests.e2e.test_pages import LIGHT, NewPage, axe_findings, browser, new_page, overflow
from tests.product import Product, settled

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
            deed["witnesses"] = [{"name": n, "title": "Hukum"} for n in ("Dewi", "Eko")]  # type: ignore[assignment]
            answer = http.post(f"/disposals/{listed}/steps", json={"step": step, "declared": True, "deed": deed})
            assert answer.status_code in (403, 409), step
        assert http.get(f"/documents/{sent}/original").status_code == 200
