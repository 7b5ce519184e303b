"""The model learned from confirmed letters: honest, repeatable, and safe to load."""

from __future__ import annotations

import io
import zipfile
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classify.kinds import Verdict
from classify.model import Model, better_than_rules, cross_validated, decide, features, train
from tests.assets.letter import kinds
from tests.unit.kinds_pages import letter, noisy_all

LEARNED = kinds()[:4]


@cache
def confirmed() -> tuple[tuple[str, str], ...]:
    found = []
    for kind in LEARNED:
        for seed in range(8):
            pages = noisy_all(letter(kind, seed), 0.03 * (seed % 3), seed)
            found.append(("\n".join(page.text for page in pages), kind))
    return tuple(found)


@cache
def model() -> Model:
    made = train(confirmed())
    assert made is not None
    return made


def test_it_knows_letters_it_has_not_seen() -> None:
    for kind in LEARNED:
        text = "\n".join(page.text for page in noisy_all(letter(kind, 77), 0.05, 77))
        predicted = model().predict(text)
        assert predicted[0][0] == kind
        assert sum(share for _, share in predicted) == pytest.approx(1)
        assert predicted[0][1] < 0.98  # 32 letters without a mistake prove no more


def test_learning_again_gives_the_same_model() -> None:
    one, again = train(confirmed()[:16]), train(confirmed()[:16])
    assert one is not None
    assert again is not None
    assert one.digest == again.digest
    assert one.to_bytes() == again.to_bytes()
    assert one.kinds == tuple(sorted(LEARNED[:2]))
    assert one.predict(confirmed()[0][0])[0][0] == LEARNED[0]


def test_stored_and_loaded_it_is_the_same() -> None:
    loaded = Model.from_bytes(model().to_bytes())
    assert loaded.digest == model().digest
    assert loaded.predict(confirmed()[0][0]) == model().predict(confirmed()[0][0])


def test_too_little_teaches_nothing() -> None:
    assert train([]) is None
    assert train(confirmed()[:8]) is None  # one kind
    assert train([("surat", "ktp")] * 3 + [("kartu", "kk")] * 3) is None  # too few of each
    assert train([("surat", "bukan_jenis")] * 9 + [("kartu", "juga_bukan")] * 9) is None


def test_it_is_used_only_where_it_is_not_worse() -> None:
    letters = confirmed()
    truth = [kind for _, kind in letters]
    assert better_than_rules(letters, truth)  # four kinds, printed by one office: nothing here is hard
    rare = [*letters[:-1], (letters[-1][0], "tiket")]  # a kind seen once cannot be learned, the rules know it
    assert not better_than_rules(rare, [kind for _, kind in rare])
    assert not better_than_rules(letters[:16], ["ktp"] * 16)  # too few for a trial
    with pytest.raises(ValueError, match="each letter"):
        better_than_rules(letters, truth[:-1])


def test_each_letter_is_judged_by_a_model_that_has_not_seen_it() -> None:
    letters = [*confirmed()[:16], ("surat", "tiket")]
    assert cross_validated(letters) == [*(kind for _, kind in letters[:-1]), None]


def box(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(model().to_bytes())) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, parts.get(entry.filename.partition(".")[0], old.read(entry)))
    return out.getvalue()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a model at all"])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a model"):
        Model.from_bytes(data)


@pytest.mark.parametrize(
    "parts",
    [
        {"head": b"{}"},
        {"head": b"[1"},
        {"head": b'{"head": "{\\"version\\": 99}", "digest": ""}'},
        {"idf": b"\x93NUMPY\x01\x00"},
        {"offsets": b"\x80\x04cos\nsystem\n"},
    ],
)
def test_a_model_with_a_wrong_part_is_refused(parts: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Model.from_bytes(box(**parts))


def test_a_changed_model_is_refused() -> None:
    with zipfile.ZipFile(io.BytesIO(model().to_bytes())) as whole:
        weights = bytearray(whole.read("weights.npy"))
    weights[-2] ^= 1
    with pytest.raises(ValueError, match="digest"):
        Model.from_bytes(box(weights=bytes(weights)))


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_has_features_and_a_verdict(text: str) -> None:
    assert (features(text) >= 0).all()
    assert model().predict(text)[0][1] > 0


def test_rules_and_model_together() -> None:
    sure = Verdict("ktp", 0.998, True, ("judul: KTP",), ())
    unsure = Verdict("kk", 0.7, False, ("isi: x",), (("ktp", 0.2),))
    assert decide(sure, []) == sure
    agreed = decide(sure, [("ktp", 0.9)])
    assert (agreed.kind, agreed.sure, agreed.confidence) == ("ktp", True, 0.998)
    assert decide(sure, [("kk", 0.95)]) == sure  # a model that has never seen a KTP cannot say that this is none
    contradicted = decide(sure, [("kk", 0.95), ("ktp", 0.05)])
    assert (contradicted.kind, contradicted.sure) == ("ktp", False)
    assert contradicted.others[0] == ("kk", 0.95)
    led = decide(unsure, [("tiket", 0.9)])
    assert (led.kind, led.sure, led.confidence) == ("tiket", False, 0.9)
    assert decide(unsure, [("tiket", 0.5)]) == unsure
    empty = Verdict("kosong", 0.995, True, ("halaman tanpa tulisan",), ())
    assert decide(empty, [("ktp", 0.99)]) == empty
