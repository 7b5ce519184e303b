"""Which case and which step a letter is for: proposals in order, with reasons, and those that are certain. Pure.

Certain is what needs no person (docs/adr/0021): a code of ours, a NIK or a quoted number that leads to one case only,
while one step of it waits for just such a letter and nothing speaks against it. A name never is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from cases import names
from cases.places import Fit, Place, only_awaited, opens_with
from cases.sop import Sop

ALIKE: Final = 84.0  # of 100: one misread letter in a short name, a left-out middle name
ALIKE_WITH_BIRTH: Final = 60.0
# a letter so much older than the first one of its case may be of an earlier case
_BEFORE: Final = timedelta(days=60)

_CODE, _NIK, _QUOTES, _QUOTED_BY, _BIRTH = 200.0, 100.0, 90.0, 70.0, 30.0
_OTHER_NIK, _REMOVED, _OTHER_TIME = -50.0, -60.0, -15.0
_FITS: Final[Mapping[Fit, float]] = {Fit.AWAITED: 30, Fit.LATER: 15, Fit.BRANCH: 12, Fit.THERE: 2, Fit.UNNAMED: -10}
_NEXT_BEST: Final = 10.0
_OPENING: Final = 45.0  # over a namesake whose case has such a letter, under a namesake whose case waits for one
LEAST: Final = 25.0
MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Said:
    """What a letter says. `nik` is its blind index; `sure`: its kind needs no person any more; `day` it was written, or
    came."""

    kind: str | None
    sure: bool
    nik: bytes | None
    nik_sure: bool
    name: str
    birth: date | None
    day: date


@dataclass(frozen=True, slots=True)
class Evidence:
    """What leads from a letter to a case, besides names. `code`: of the case itself, or of a sheet of disposition of
    one of its letters. `quotes`: the number of one of its letters that this one quotes, `alone` when all that it
    quotes lead to this case. `quoted_by`: a letter of the case quotes this one."""

    code: Literal["case", "sheet"] | None = None
    nik: bool = False
    quotes: str | None = None
    alone: bool = False
    quoted_by: bool = False

    @property
    def is_strong(self) -> bool:
        return self.code is not None or self.nik or self.quotes is not None or self.quoted_by


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open case that may be the letter's. `begun`: the day of its oldest letter, None while it has none. `only`: no
    other case of the client was open at the letter's time. `removed`: steps from which a person took the letter off."""

    case: UUID
    places: tuple[Place, ...]
    nik: bytes | None
    name: str
    birth: date | None
    begun: date | None
    evidence: Evidence
    only: bool
    removed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """One proposal: a step of a case, or the opening of a case under an SOP (then `step` is its first)."""

    case: UUID | None
    sop: str | None
    step: int
    score: float
    reasons: tuple[str, ...]
    certain: bool = False


def ranked(said: Said, candidates: Iterable[Candidate], sops: Iterable[Sop]) -> tuple[Match, ...]:
    """At most MOST proposals for a letter, the likeliest first; at most one of them is certain."""
    found = [match for one in candidates for match in _matches(said, one)] + _openings(said, sops)
    best = sorted(found, key=lambda one: (-one.score, one.step, str(one.case or one.sop)))
    told = [one for one in best if one.score >= LEAST][:MOST]
    if sum(one.certain for one in found) == 1 and told and told[0].certain:
        return tuple(told)
    return tuple(_asked(one) for one in told)


def _asked(one: Match) -> Match:
    return Match(one.case, one.sop, one.step, one.score, one.reasons)


def _openings(said: Said, sops: Iterable[Sop]) -> list[Match]:
    """The SOPs that begin with such a letter, those first that name it first."""
    begun = sorted((at, sop.id) for sop in sops if (at := opens_with(sop.steps, said.kind)) is not None)
    return [Match(None, sop, 1, _OPENING - n, ("surat seperti ini membuka kasus",)) for n, (_, sop) in enumerate(begun)]


def _matches(said: Said, one: Candidate) -> list[Match]:
    """The best step of the case for the letter, and the next best."""
    who = _identity(said, one)
    if who is None:
        return []
    points, reasons = who
    certain = _certain(said, one)
    free = [place for place in one.places if place.step not in one.removed]
    if not one.evidence.is_strong:
        free = [place for place in free if place.fit is not Fit.UNNAMED]
    useful = free[:1] + [place for place in free[1:2] if place.fit >= Fit.LATER and not place.is_met_elsewhere]
    return [
        Match(
            case=one.case,
            sop=None,
            step=place.step,
            score=points + _FITS[place.fit] - _NEXT_BEST * n,
            reasons=(*reasons, _fit_words(place)),
            certain=place == certain,
        )
        for n, place in enumerate(useful)
    ]


def _identity(said: Said, one: Candidate) -> tuple[float, list[str]] | None:
    """How much speaks for the letter being this client's, and why; None when nothing does."""
    told, named, other_nik = one.evidence, _named(said, one), _other_nik(said, one)
    if not told.is_strong and (named is None or (other_nik and said.nik_sure)):
        return None
    marks = [
        (told.code == "case", _CODE, "kode kasus tercetak di surat ini"),
        (told.code == "sheet", _CODE, "lembar disposisi surat kasus ini"),
        (told.nik, _NIK, "NIK sama"),
        (told.quotes is not None, _QUOTES, f"menyebut surat kasus ini, nomor {told.quotes}"),
        (told.quoted_by, _QUOTED_BY, "nomornya disebut surat kasus ini"),
        (named is not None, *(named or (0.0, ""))),
        (other_nik, _OTHER_NIK, "tetapi NIK-nya berbeda"),
        (bool(one.removed), _REMOVED, "pernah dilepas dari kasus ini"),
        (_is_early(said, one), _OTHER_TIME, "jauh lebih lama daripada surat-surat kasus ini"),
    ]
    holds = [(points, why) for true, points, why in marks if true]
    return sum(points for points, _ in holds), [why for _, why in holds]


def _named(said: Said, one: Candidate) -> tuple[float, str] | None:
    """What name and birth speak; None when the letter names nobody like the client."""
    like = names.alike(said.name, one.name)
    both = said.birth is not None and one.birth is not None
    if both and said.birth == one.birth and like >= ALIKE_WITH_BIRTH:
        return like - ALIKE_WITH_BIRTH + _BIRTH, "nama sama, lahir sama" if like == 100 else "nama mirip, lahir sama"
    if like < ALIKE or (both and not one.evidence.is_strong):
        return None
    return like - ALIKE_WITH_BIRTH, "nama sama" if like == 100 else "nama mirip"


def _other_nik(said: Said, one: Candidate) -> bool:
    return said.nik is not None and one.nik is not None and said.nik != one.nik


def _is_early(said: Said, one: Candidate) -> bool:
    """By letters and not by the day the case was opened here: an office also enters what lay about for months."""
    return one.begun is not None and said.day < one.begun - _BEFORE


def _certain(said: Said, one: Candidate) -> Place | None:
    """The step to which the letter can be linked without asking."""
    told = one.evidence
    unlike = bool(said.name) and names.alike(said.name, one.name) < ALIKE_WITH_BIRTH
    if not said.sure or one.removed or unlike or _is_early(said, one) or _other_nik(said, one):
        return None
    if told.code is not None:  # of whose case it is, is printed on it; its step is the one that waits
        first = one.places[0]
        return first if first.fit >= Fit.LATER else None
    by_nik = told.nik and said.nik_sure and one.only
    by_number = told.quotes is not None and told.alone
    return only_awaited(one.places) if by_nik or by_number else None


_WORDS: Final[Mapping[Fit, str]] = {
    Fit.AWAITED: "ditunggu langkah {step}",
    Fit.LATER: "untuk langkah {step} nanti",
    Fit.BRANCH: "bila klien masuk cabang di langkah {step}",
    Fit.THERE: "langkah {step} sudah punya surat seperti ini",
    Fit.UNNAMED: "jenis surat ini tidak disebut SOP",
}


def _fit_words(place: Place) -> str:
    return _WORDS[place.fit].format(step=place.step)
