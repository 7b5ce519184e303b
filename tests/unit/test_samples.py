"""The sample letters that ship, and the generator that made them."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from pathlib import Path
from typing import TypedDict

import pypdfium2
import pytest
from PIL import Image

from tests.assets.case import INVENTED_NIK, invent
from tests.assets.letters import Letter, kinds, make_letter, make_scan_pdf, sample, unique_jpeg

SAMPLES = Path(__file__).parents[2] / "src" / "cli" / "samples"
# The kinds of domain.md §5.1
KINDS = [
    "lembar_disposisi", "skt_polisi", "skt_kelurahan", "info_keluarga", "ktp", "kk", "formulir_layanan_sosial",
    "formulir_masuk_shelter", "formulir_keluar_shelter", "instrumen_asesmen", "hasil_asesmen",
    "surat_permohonan_pemulangan", "surat_rekomendasi_pemulangan", "surat_keterangan_dinsos_kabkota",
    "draf_hasil_pemeriksaan", "penetapan_pemulangan", "data_informasi_ot", "surat_pemulangan",
    "daftar_tanda_terima", "tanda_terima_biaya_transportasi", "bukti_uang_tiket_saku", "tiket",
    "syarat_keberangkatan", "surat_rujukan_puskesmas", "surat_rujukan_rsud", "surat_rujukan_lk3",
    "kontrak_konseling", "catatan_identifikasi_masalah", "hasil_reasesmen", "rencana_intervensi",
    "lembar_evaluasi_konseling", "berita_acara_serah_terima",
]  # fmt: skip
MAGIC = {".jpg": b"\xff\xd8\xff", ".png": b"\x89PNG", ".tif": b"II*\x00", ".pdf": b"%PDF-"}


class Entry(TypedDict):
    """A line of samples.json."""

    file: str
    kind: str
    title: str
    find: str
    pages: int


LISTING: list[Entry] = json.loads((SAMPLES / "samples.json").read_text("utf-8"))


@cache
def shipped(kind: str) -> Letter:
    """The truth of a shipped sample, composed once."""
    return sample(kind)


def flat(text: str) -> str:
    """Text without line ends, in small letters."""
    return " ".join(text.split()).lower()


def test_every_kind_of_the_domain_has_a_sample() -> None:
    assert [entry["kind"] for entry in LISTING] == KINDS == list(kinds())


def test_the_listing_names_exactly_the_files_that_ship() -> None:
    there = {path.name for path in SAMPLES.iterdir() if path.suffix in MAGIC}
    assert there == {entry["file"] for entry in LISTING}
    assert sum((SAMPLES / name).stat().st_size for name in there) < 5_000_000


@pytest.mark.parametrize("entry", LISTING, ids=lambda entry: entry["kind"])
def test_a_sample_is_what_its_name_and_its_line_say(entry: Entry) -> None:
    path = SAMPLES / entry["file"]
    data = path.read_bytes()
    assert data.startswith(MAGIC[path.suffix])
    assert len(data) <= 200_000
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(data) as pdf:
            assert len(pdf) == entry["pages"]
    else:
        with Image.open(io.BytesIO(data)) as picture:
            assert getattr(picture, "n_frames", 1) == entry["pages"]
    assert entry["pages"] == len(shipped(entry["kind"]).pages)


@pytest.mark.parametrize("entry", LISTING, ids=lambda entry: entry["kind"])
def test_the_words_to_search_for_stand_on_that_sample_alone(entry: Entry) -> None:
    found = [kind for kind in KINDS if flat(entry["find"]) in flat(shipped(kind).text)]
    assert found == [entry["kind"]]


@pytest.mark.parametrize("kind", KINDS)
def test_no_identity_number_could_be_a_real_persons(kind: str) -> None:
    numbers = re.findall(r"\d{16,}", shipped(kind).text)
    assert all(INVENTED_NIK.fullmatch(number) for number in numbers)
    assert all(field in flat(shipped(kind).text) for field in map(flat, shipped(kind).fields.values()))


def test_the_same_seed_gives_the_same_truth_and_another_seed_another_person() -> None:
    one, again, other = (make_letter("skt_polisi", seed) for seed in (5, 5, 6))
    assert (one.text, one.words, one.fields) == (again.text, again.words, again.fields)
    assert one.fields["nik"] != other.fields["nik"]
    assert invent(5) == invent(5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_word_stands_on_its_page_and_none_on_another(kind: str, seed: int) -> None:
    letter = make_letter(kind, seed)
    for page in letter.pages:
        boxes = [word.box for word in page.words]
        assert all(x0 > 15 and y0 > 10 and x1 < page.width - 15 and y1 < page.height - 10 for x0, y0, x1, y1 in boxes)
        for number, (x0, y0, x1, y1) in enumerate(boxes):
            overlapping = [
                other
                for other in boxes[number + 1 :]
                if min(x1, other[2]) - max(x0, other[0]) > 1.0 and min(y1, other[3]) - max(y0, other[1]) > 1.5
            ]
            assert not overlapping, (page.words[number].text, overlapping)
    assert all(0 <= side <= 1 for word in letter.words for side in word.box)


@pytest.mark.parametrize(
    ("kind", "turn"), [("surat_rujukan_lk3", 0), ("surat_rujukan_lk3", 90), ("skt_kelurahan", 180)]
)
def test_the_ink_of_a_word_is_where_the_truth_says(kind: str, turn: int) -> None:
    letter = make_letter(kind, 4, turn=turn)
    grey = letter.image.convert("L")
    for word in [word for word in letter.words if len(word.text) > 6][:30]:
        x0, y0, x1, y1 = word.box
        ink = grey.crop(
            (round(x0 * grey.width), round(y0 * grey.height), round(x1 * grey.width), round(y1 * grey.height))
        )
        darkest, _ = ink.getextrema()
        assert isinstance(darkest, int | float)
        assert darkest < 110, word


def test_the_born_digital_sample_has_real_text() -> None:
    with pypdfium2.PdfDocument(SAMPLES / "tiket.pdf") as pdf:
        text = pdf[0].get_textpage().get_text_bounded()
    assert flat(shipped("tiket").text).split() == flat(text).split()


def test_a_scanned_pdf_of_many_pages_has_as_many_different_pages() -> None:
    data = make_scan_pdf(3, 9)
    assert data == make_scan_pdf(3, 9)
    with pypdfium2.PdfDocument(data) as pdf:
        assert len(pdf) == 3
        assert pdf[0].get_textpage().get_text_bounded() == ""
        assert len({pdf[number].render(scale=0.3).to_pil().tobytes() for number in range(3)}) == 3


@pytest.mark.parametrize("kb", [30, 100, 300])
def test_a_load_letter_has_its_size_and_its_own_bytes(kb: int) -> None:
    made = {unique_jpeg(seed, kb) for seed in range(5)}
    assert len(made) == 5
    assert {len(data) for data in made} == {kb * 1000}
    with Image.open(io.BytesIO(made.pop())) as picture:
        picture.load()
