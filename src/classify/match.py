"""Finding phrases in what was read, forgiving misread letters."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from classify.rules import Phrase
from classify.zones import ZoneText


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found from `start` to `end` of a zone's text; `quality` is 1 when letter for letter, else less."""

    phrase: Phrase
    start: int
    end: int
    quality: float


def _cutoff(length: int) -> float:
    """The likeness (0…100) from which a phrase of `length` letters counts as found: short ones must be exact.

    One wrong letter in twelve is the worst that readers make of a page worth reading; at 84 a phrase of 24 letters
    may have three or four wrong ones.
    """
    if length <= 5:
        return 100.0
    return 91.0 if length <= 8 else 88.0 if length <= 12 else 84.0


def _in_its_place(phrase: Phrase, zone: ZoneText, start: int, end: int) -> bool:
    """Whether a phrase that must begin or end a line does."""
    return (not phrase.at_start or zone.starts_line(start)) and (not phrase.at_end or zone.ends_line(end))


def _find_exact(phrase: Phrase, zone: ZoneText) -> Hit | None:
    """The first place where the phrase stands letter for letter; a short one must be words of its own.

    ("rsud" must not be found inside another word; of a longer one the spaces around it may have been lost.)
    """
    length = len(phrase.plain)
    at = zone.text.find(phrase.plain)
    while at >= 0:
        end = at + length
        alone = length > 8 or (zone.starts_word(at, 0) and (length > 5 or zone.ends_word(end, 0)))
        if alone and _in_its_place(phrase, zone, at, end):
            return Hit(phrase, at, end, 1.0)
        at = zone.text.find(phrase.plain, at + 1)
    return None


def _every_word(phrase: Phrase, text: str) -> bool:
    """Whether each word of the phrase is there: in a long phrase one other word alone would pass as misread letters.

    ("surat keterangan lahir" is 85 % of "surat keterangan terlantar", and another letter.)
    """
    return all(fuzz.partial_ratio(word, text) >= 75 for word in phrase.words if len(word) >= 4)


def find(phrase: Phrase, zone: ZoneText) -> Hit | None:
    """Where `phrase` stands in `zone`: the first place where it is right, else the likest one; None if it does not."""
    length = len(phrase.plain)
    if length > len(zone.text) + 2:
        return None
    if (exact := _find_exact(phrase, zone)) is not None:
        return exact
    cutoff = _cutoff(length)
    if cutoff == 100.0:
        return None
    like = fuzz.partial_ratio_alignment(phrase.plain, zone.text, score_cutoff=cutoff)
    if like is None:
        return None
    start, end = like.dest_start, like.dest_end
    if not _in_its_place(phrase, zone, start, end):
        return None
    if length < 16 and not (zone.starts_word(start, 1) and zone.ends_word(end, 1)):
        return None
    if not _every_word(phrase, zone.text[max(0, start - 1) : end + 1]):
        return None
    return Hit(phrase, start, end, 0.6 + 0.4 * (like.score - cutoff) / (100 - cutoff))


def find_all(phrases: Sequence[Phrase], zone: ZoneText) -> list[Hit]:
    """Every phrase that stands in `zone`."""
    if not zone.text:
        return []
    return [hit for phrase in phrases if (hit := find(phrase, zone)) is not None]


def _rank(hit: Hit) -> tuple[float, bool, bool, int, str]:
    """The longest and best first; of the same words those that say more about their place."""
    phrase = hit.phrase
    return -len(phrase.plain) * hit.quality, not phrase.at_end, not phrase.at_start, hit.start, phrase.plain


def most_specific(hits: Sequence[Hit]) -> list[Hit]:
    """The hits without those mostly inside a longer one: "hasil asesmen" in "hasil asesmen ulang" says nothing.

    Of equally long ones the better stays; the same place may hold phrases of several kinds (they stay together).
    """
    kept: list[Hit] = []
    for hit in sorted(hits, key=_rank):
        length = hit.end - hit.start
        if all(min(hit.end, k.end) - max(hit.start, k.start) <= 0.6 * length for k in kept):
            kept.append(hit)
    return kept
