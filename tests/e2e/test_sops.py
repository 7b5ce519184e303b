"""SOPs as a server gives them out: by API, by command, and an office's own beside ours."""

import json
from pathlib import Path

import httpx

from cases.sopfiles import packaged
from tests.conftest import ROOT
from tests.product import Product, until

IDS = ["pemulangan-kaltara", "pemulangan-tarakan", "rujukan-lk3-tarakan"]


def test_the_api_tells_them_whole(product: Product) -> None:
    with product.client(product.user("pejabat").token) as client:
        listed = client.get("/sops").raise_for_status().json()["sops"]
        assert [one["id"] for one in listed] == IDS
        for one in listed:
            told = client.get(f"/sops/{one['id']}").raise_for_status().json()
            sop = packaged()[one["id"]]
            assert told.pop("version") == one["version"] == sop.digest
            assert told.pop("rows_total") == sop.computed_total
            assert told == sop.model_dump(mode="json")
            assert len(told["steps"]) == one["steps"]
        missing = client.get("/sops/tidak-ada")
    assert (missing.status_code, missing.json()["slug"]) == (404, "not_found")


def test_the_command_tells_them(product: Product) -> None:
    listed = product.arsip("sop", "list").stdout
    assert [line.split()[0] for line in listed.splitlines() if not line.startswith(" ")] == IDS
    shown = product.arsip("sop", "show", "pemulangan-tarakan").stdout
    assert "4. Asesmen masalah dan kebutuhan  (Peksos; 3 hari untuk langkah 4 + 5)" in shown
    assert "cabang: Klien stres → LK3" in shown
    assert len(json.loads(product.arsip("sop", "show", "pemulangan-kaltara", "--json").stdout)["steps"]) == 12


def test_a_file_is_checked_without_a_server(product: Product, tmp_path: Path) -> None:
    ours = ROOT / "src" / "cases" / "sops" / "rujukan-lk3-tarakan.toml"
    assert "dapat dipakai" in product.arsip("sop", "check", str(ours)).stdout
    file = tmp_path / ours.name
    file.write_text(ours.read_text().replace('["kontrak_konseling"], inferred', '["kontrak"], inferred', 1))
    told = product.arsip("sop", "check", str(file), check=False)
    assert told.returncode == 1
    assert "steps[3].outputs[1].kinds: jenis surat “kontrak” tidak dikenal; pakai salah satu: " in told.stderr


def test_an_office_works_by_its_own(fresh_product: Product, tmp_path: Path) -> None:
    ours = (ROOT / "src" / "cases" / "sops" / "rujukan-lk3-tarakan.toml").read_text()
    own = ours.replace('id = "rujukan-lk3-tarakan"', 'id = "rujukan-kantor"')
    (tmp_path / "rujukan-kantor.toml").write_text(own)
    fresh_product.settings["ARSIP_SOP_FOLDER"] = str(tmp_path)
    fresh_product.start()
    with fresh_product.client() as client:
        listed = client.get("/sops").json()["sops"]
    assert sorted(one["id"] for one in listed) == sorted([*IDS, "rujukan-kantor"])
    # while it runs nothing changes; the next start would end with the reason
    (tmp_path / "rujukan-kantor.toml").write_text(own.replace('["kontrak_konseling"], inferred', '["x"], inferred', 1))
    fresh_product.kill("api")
    log = fresh_product.data / "logs" / "api.log"
    until(lambda: "SOP tidak dapat dipakai:\nrujukan-kantor.toml, baris " in log.read_text(), timeout=60)
    (tmp_path / "rujukan-kantor.toml").write_text(own)
    until(lambda: _answers(fresh_product))


def _answers(product: Product) -> bool:
    try:
        return httpx.get(f"{product.url}/api/v1/healthz").is_success
    except httpx.TransportError:
        return False
