"""The packaged SOPs say what their papers say, and what is wrong with a file is said by line and field."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.flow import draw
from cases.sop import Reading, Sop
from cases.sopfiles import SopFileError, packaged, read_file, read_sop, sops
from tests.conftest import ROOT

FOLDER = ROOT / "src" / "cases" / "sops"
A, B, C = "pemulangan-tarakan", "pemulangan-kaltara", "rujukan-lk3-tarakan"
TEXT = {name: (FOLDER / f"{name}.toml").read_text() for name in (A, B, C)}


def test_the_three_procedures_with_their_steps() -> None:
    assert {name: len(sop.steps) for name, sop in packaged().items()} == {A: 8, B: 12, C: 7}


def test_times_are_the_printed_ones() -> None:
    times = {name: [step.time.text if step.time else None for step in packaged()[name].steps] for name in (A, B, C)}
    assert times[A] == ["15 menit", "30 menit", "90 menit", None, None, "15 menit", "100 menit", "60 menit"]
    assert times[B] == [*["5 menit"] * 3, "30 menit", "1 jam", "1 jam", "15 menit", *["5 menit"] * 4, "3 x 24 jam"]
    assert times[C] == [None] * 7


def test_totals_stand_beside_each_other() -> None:
    assert (packaged()[B].total, packaged()[B].computed_total) == ("75 Jam 40 Menit", "75 jam 20 menit")
    assert (packaged()[A].total, packaged()[A].computed_total) == (None, "5 jam 10 menit dan 3 hari")
    assert (packaged()[C].total, packaged()[C].computed_total) == (None, None)


def test_one_time_runs_over_two_steps_of_a() -> None:
    [shared] = packaged()[A].shared_times
    assert (shared.steps, shared.time.text) == ((4, 5), "3 hari")
    [limit] = packaged()[A].limits
    assert (limit.starts, limit.ends, limit.time.text) == (6, 8, "14 hari kalender")


def test_branches_lead_where_the_papers_say() -> None:
    ways = {name: {(s.number, b.id) for s in packaged()[name].steps for b in s.branches} for name in (A, B, C)}
    assert ways[A] == {(2, "sakit"), (2, "shelter"), (2, "odgj"), (2, "stres")}
    assert ways[B] == {(5, "tidak-layak"), (6, "sakit")}
    assert ways[C] == set()
    [stress] = [b for b in packaged()[A].step(2).branches if b.id == "stres"]
    assert (stress.sop, stress.inferred) == (C, True)
    assert packaged()[B].step(5).branches[0].ends


def test_the_letter_of_return_comes_on_step_by_step() -> None:
    states = [
        paper.state for step in packaged()[B].steps for paper in step.outputs if "surat_pemulangan" in paper.kinds
    ]
    assert states == ["draf", "paraf_kabid", "paraf_kabid", "ttd_kadis", "terkirim"]
    assert [step.number for step in packaged()[B].steps for paper in step.outputs if paper.numbered] == [11]


def test_identity_never_holds_anything_up() -> None:
    asked = [p for sop in packaged().values() for s in sop.steps for p in s.needs if {"ktp", "kk"} & set(p.kinds)]
    assert len(asked) == 3
    assert not any(paper.required for paper in asked)


def test_known_contradictions_are_there() -> None:
    said = {name: {one.id for one in packaged()[name].contradictions} for name in (A, B, C)}
    assert {"sel-bergeser", "waktu-hilang", "nip", "skt-dua-penerbit"} <= said[A]
    assert {"total", "nomor-sebelum-ttd", "tidak-layak", "cabang-sakit"} <= said[B]
    assert {"tabel-kosong", "nip"} <= said[C]
    nips = {"196803181994031007", "198003181994031007", "196303181994031007"}
    for name in (A, C):
        [text] = [one.text for one in packaged()[name].contradictions if one.id == "nip"]
        assert all(nip in text for nip in nips)


def test_inferred_is_never_shown_as_printed() -> None:
    assert all(paper.inferred for step in packaged()[C].steps for paper in (*step.needs, *step.outputs))
    assert packaged()[C].step(1).cells.output == ""
    assert packaged()[B].actor("kasi").name.printed == ""
    assert Reading.model_validate("ATK") == Reading(text="ATK", printed="ATK")


def test_the_version_is_of_the_data_and_not_of_the_file() -> None:
    again = read_sop("# catatan\n\n" + TEXT[A], "a.toml")
    assert again.digest == packaged()[A].digest
    changed = read_sop(TEXT[A].replace('"90 menit"', '"80 menit"'), "a.toml")
    assert changed.digest != packaged()[A].digest
    kept = Sop.model_validate(json.loads(json.dumps(packaged()[A].model_dump(mode="json"))))
    assert kept.digest == packaged()[A].digest


WRONG = {
    "not TOML": (B, "[[steps]]", "[[steps", ", kolom 8", "bukan TOML yang benar"),
    "a field's name": (B, "\nshort = ", "\nshrt = ", "actors[1].shrt", "nama ini tidak dikenal"),
    "a field left out": (B, 'number = 2\nshort = "Kepala Dinas mendisposisi"', "number = 2", "steps[2].short", "wajib"),
    "a time": (B, '"3 x 24 jam"', '"lama"', "steps[12].time", "waktu “lama” tidak dapat dihitung"),
    "a kind of letter": (B, '["penetapan_pemulangan"]', '["penetapan"]', "steps[5].outputs[1].kinds", "“penetapan”"),
    "an actor": (B, 'actors = ["kadis"]', 'actors = ["bos"]', "steps[2].actors[1]", "“bos” tidak ada"),
    "a role": (B, 'role = "pejabat"', 'role = "bos"', "actors[2].role", "pakai salah satu: 'petugas'"),
    "a number": (B, "\nnumber = 7\n", "\nnumber = 8\n", "steps[7].number", "seharusnya 7"),
    "a circle": (A, "after = [5]", "after = [8]", "steps[7].after", "langkah 7 tidak pernah tercapai"),
    "a step that is not there": (A, "after = [5]", "after = [11]", "steps[7].after[1]", "tidak ada langkah 11"),
    "two times": (A, "steps = [4, 5]\ntime", "steps = [3, 4]\ntime", "shared_times[1].steps", "langkah 3 sudah punya"),
    "an id twice": (A, 'id = "odgj"', 'id = "sakit"', "steps[2].branches", "dipakai 2 kali"),
    "a limit's step": (A, "ends = 8", "ends = 9", "limits[1].ends", "langkah 9 tidak ada"),
    "a date": (A, "date = 2022-08-09", 'date = "kemarin"', "dates[1].date", "harus tanggal"),
    "nobody who may close": (A, 'role = "petugas"', 'role = "auditor"', "actors", "tidak ada yang dapat menutup kasus"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_with_its_place(what: str) -> None:
    name, good, bad, place, said = WRONG[what]
    assert good in TEXT[name]
    with pytest.raises(SopFileError) as caught:
        read_sop(TEXT[name].replace(good, bad), "milik-kantor.toml")
    lines = [line for line in caught.value.lines if place in line]
    assert lines, caught.value
    assert lines[0].startswith("milik-kantor.toml, ")
    assert said in lines[0]


def test_the_line_is_where_the_field_stands() -> None:
    bad = TEXT[A].replace('text = "100 menit"', 'text = "lama sekali"')
    with pytest.raises(SopFileError) as caught:
        read_sop(bad, "a.toml")
    number = next(n for n, line in enumerate(bad.splitlines(), 1) if "lama sekali" in line)
    assert str(caught.value).startswith(f"a.toml, baris {number}, steps[7].time: ")


def test_an_office_adds_and_replaces(tmp_path: Path) -> None:
    (tmp_path / f"{C}.toml").write_text(TEXT[C].replace('short = "Asesmen kembali"', 'short = "Nilai kembali"'))
    (tmp_path / "pemulangan-lain.toml").write_text(TEXT[A].replace(f'id = "{A}"', 'id = "pemulangan-lain"'))
    found = sops(tmp_path)
    assert set(found) == {A, B, C, "pemulangan-lain"}
    assert found[C].step(5).short == "Nilai kembali"
    assert found[A] is packaged()[A]


def test_an_office_is_told_of_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "lain.toml").write_text(TEXT[A])
    (tmp_path / "rusak.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SopFileError) as caught:
        sops(tmp_path)
    first, second = caught.value.lines
    assert first == f"lain.toml: id di dalamnya “{A}”; namai berkasnya {A}.toml"
    assert second.startswith("rusak.toml: tidak dapat dibaca")
    with pytest.raises(SopFileError, match="folder SOP ini tidak ada"):
        sops(tmp_path / "tidak-ada")


def test_a_branch_leads_to_an_sop_that_is_there(tmp_path: Path) -> None:
    file = tmp_path / f"{A}.toml"
    file.write_text(TEXT[A].replace(f'sop = "{C}"\ninferred', 'sop = "hilang"\ninferred'))
    assert read_file(file).id == A
    with pytest.raises(SopFileError, match="cabang “stres” menuju SOP “hilang” yang tidak ada"):
        sops(tmp_path)


@given(st.text(max_size=300))
def test_any_text_is_an_sop_or_refused_in_words(text: str) -> None:
    with pytest.raises(SopFileError):
        read_sop(text, "x.toml")


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("name", [A, B, C])
def test_the_flow_has_every_step_in_its_lane_and_none_upon_another(name: str, wide: bool) -> None:
    sop = packaged()[name]
    flow = draw(sop, wide=wide)
    assert [node.number for node in flow.nodes] == [step.number for step in sop.steps]
    for before, node in zip(flow.nodes, flow.nodes[1:], strict=False):
        assert before.y + before.height < node.y
    for node, step in zip(flow.nodes, sop.steps, strict=True):
        lane = flow.lanes[[actor.id for actor in sop.actors].index(step.actors[0])]
        assert lane.x <= node.x
        assert node.x + node.width <= lane.x + lane.width
    assert len(flow.edges) == sum(len(step.after) for step in sop.steps)
    assert len(flow.ways) == sum(len(step.branches) for step in sop.steps)
    assert all(0 <= way.y <= flow.height for way in flow.ways)
