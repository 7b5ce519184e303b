"""Every kind of letter of the project's own generator: what it says is what is read from its words."""

import pytest

from archive.reading import PageReading, Word, word_at
from classify.fields import Field, extract
from tests.assets.letter import Letter, kinds, make_letter

# what a letter's truth is called there and here
NAMES = {"nik": "nik", "kk": "kk", "ttl": "tempat_tgl_lahir", "nomor": "nomor_surat", "perihal": "perihal"}
# tables of several people: no field of one person
MANY = {"kk": ("nik", "ttl"), "daftar_tanda_terima": ("nik",)}


def reading(letter: Letter) -> list[PageReading]:
    """The letter's clean pages as a reader without faults would give them."""
    found = []
    for number, page in enumerate(letter.pages, 1):
        words: list[Word] = []
        printed = [word for word in page.words if word.style.family != "hand"]
        heights = {y: line for line, y in enumerate(dict.fromkeys(round(word.origin[1]) for word in printed))}
        for word in sorted(printed, key=lambda w: heights[round(w.origin[1])]):
            x0, y0, x1, y1 = word.box
            box = (x0 / page.width, y0 / page.height, x1 / page.width, y1 / page.height)
            words += word_at(word.text, box, 0.99, heights[round(word.origin[1])])
        found.append(PageReading(number, page.width, page.height, 1240, 1754, 0, 0.0, "ocr", tuple(words), 0.1))
    return found


def read(kind: str, seed: int) -> tuple[Letter, dict[str, Field]]:
    letter = make_letter(kind, seed)
    return letter, {field.name: field for field in extract(kind, reading(letter))}


@pytest.mark.parametrize("kind", kinds())
def test_numbers_and_matters(kind: str) -> None:
    letter, found = read(kind, 7)
    for truth, name in NAMES.items():
        if truth in letter.fields and truth not in MANY.get(kind, ()):
            assert found[name].text == letter.fields[truth]
            assert not found[name].failed


@pytest.mark.parametrize("kind", ["skt_kelurahan", "surat_rekomendasi_pemulangan", "berita_acara_serah_terima"])
def test_the_client_among_officials(kind: str) -> None:
    letter, found = read(kind, 11)
    assert found["nama"].text == letter.fields["nama"]
    assert found["tanggal"].text == letter.fields["tanggal"]
