"""A year of an invented office: people, their cases under the three SOPs, and the letters that come for them by day.

One person in ten has no NIK, one in ten nearly another's name; some have several cases, one after the other or at
once. Letters say what letters of their kind say: some no NIK, some no birth, one name in twenty misread; some quote the
number of an earlier letter. Some come before their case is opened, some after it was closed, some are of no case.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.assets.case import LAST, MEN, ROMAN, TARAKAN, WOMEN

A, B, C = "pemulangan-tarakan", "pemulangan-kaltara", "rujukan-lk3-tarakan"
YEAR, DAYS = date(2026, 1, 1), 365
NO_NIK, MISREAD, UNSURE_KIND, UNSURE_NIK = 0.10, 0.05, 0.03, 0.07
FIRST = (
    *MEN, *WOMEN, "Muhammad", "Ahmad", "Abdul", "Siti", "Sri", "Nur", "Andi", "Budi", "Agus", "Dewi", "Eko", "Rina",
    "Joko", "Yusuf", "Ismail", "Hasan", "Fatimah", "Aminah", "Rahmat", "Hamzah", "Sitti", "Maria", "Yohana", "Daniel",
)  # fmt: skip
SECOND = (
    *LAST, "Rahman", "Santoso", "Aminah", "Hidayat", "Rahayu", "Wulandari", "Saputra", "Lestari", "Hasanah", "Salim",
    "Kurniawan", "Setiawan", "Syarif", "Basri", "Tahir", "Umar", "Ridwan", "Halim", "Yunus", "Anwar", "Arifin", "Jafar",
)  # fmt: skip
# what readers take for one another
CONFUSED = dict(zip("aeiouhnmlrtsdbgk", "ocjvabrnitlezhqx", strict=True))
NO_CLIENT = ("undangan", "surat_edaran", "nota_dinas", "surat_tugas", "surat_pengantar", "lainnya")
OF_CLIENTS = ("bpjs", "surat_keterangan_kelurahan", "paspor")
UNNAMED = frozenset({"daftar_tanda_terima", "kk", "lembar_disposisi"})
UNNUMBERED = frozenset({"ktp", "kk", "formulir_layanan_sosial", "formulir_masuk_shelter", "formulir_keluar_shelter"})

# Kind, the steps it serves, days after the first letter, how often there is one, which earlier kind it quotes
Row = tuple[str, tuple[int, ...], int, float, str]
PLANS: dict[str, tuple[Row, ...]] = {
    A: (
        ("skt", (1,), 0, 1, ""),
        ("skt_polisi", (1, 2, 5, 8), 1, 0.08, ""),
        ("formulir_layanan_sosial", (2,), 0, 1, ""),
        ("info_keluarga", (2,), 1, 0.2, ""),
        ("ktp", (2, 5), 1, 0.3, ""),
        ("surat_rujukan_puskesmas", (2,), 1, 0.08, "skt"),
        ("instrumen_asesmen", (3,), 2, 0.4, ""),
        ("formulir_masuk_shelter", (6, 2), 1, 0.4, ""),
        ("hasil_asesmen", (4,), 4, 1, ""),
        ("surat_permohonan_pemulangan", (5,), 5, 0.8, "skt"),
        ("surat_pemulangan", (7,), 11, 0.6, "surat_permohonan_pemulangan"),
        ("daftar_tanda_terima", (7,), 12, 0.3, "surat_pemulangan"),
        ("bukti_uang_tiket_saku", (7,), 12, 0.4, ""),
        ("formulir_keluar_shelter", (6,), 13, 0.3, ""),
        ("tiket", (7, 8), 13, 0.6, ""),
        ("syarat_keberangkatan", (8,), 13, 0.2, ""),
        ("berita_acara_serah_terima", (8,), 15, 0.4, "surat_pemulangan"),
    ),
    B: (
        ("surat_permohonan_pemulangan", (1, 2, 4, 5), 0, 1, "skt_polisi"),
        ("skt_polisi", (1, 2, 4, 5), 0, 0.9, ""),
        ("hasil_asesmen", (1, 2, 4, 5), 0, 0.8, ""),
        ("surat_rekomendasi_pemulangan", (2, 4, 5), 1, 0.15, "skt_polisi"),
        ("ktp", (2,), 1, 0.2, ""),
        ("lembar_disposisi", (1, 2, 3), 2, 0.8, "surat_permohonan_pemulangan"),
        ("draf_hasil_pemeriksaan", (4,), 3, 0.5, "surat_permohonan_pemulangan"),
        ("penetapan_pemulangan", (5,), 4, 0.8, "surat_permohonan_pemulangan"),
        ("surat_rujukan_rsud", (6,), 5, 0.06, ""),
        ("data_informasi_ot", (6,), 5, 0.4, ""),
        ("surat_pemulangan", (7, 8, 9, 10, 11, 12), 7, 0.9, "surat_permohonan_pemulangan"),
        ("berita_acara_serah_terima", (12,), 11, 0.8, "surat_pemulangan"),
    ),
    C: (
        ("formulir_layanan_sosial", (1,), 0, 1, ""),
        ("surat_rujukan_lk3", (2,), 1, 0.9, ""),
        ("kontrak_konseling", (3,), 2, 0.9, ""),
        ("catatan_identifikasi_masalah", (4,), 4, 0.8, ""),
        ("hasil_reasesmen", (5,), 7, 0.8, ""),
        ("rencana_intervensi", (6,), 9, 0.8, ""),
        ("lembar_evaluasi_konseling", (7,), 14, 0.8, ""),
    ),
}  # fmt: skip


@dataclass(eq=False)
class Person:
    """Somebody; `cases` are their cases by number."""

    name: str
    nik: str
    birth: date
    cases: list[int] = field(default_factory=list)


@dataclass(eq=False)
class CaseOf:
    """One case: opened by its first letter, or empty on that letter's day; closed on `closes`, if in the year."""

    number: int
    sop: str
    person: Person
    starts: int
    empty: bool
    knows_birth: bool
    closes: int = 0
    done: dict[int, int] = field(default_factory=dict)  # step: the day it is said to be done


@dataclass(eq=False)
class Sent:
    """One letter as it was read, and what it really is: `case` and the `steps` that it serves; None: of no case.

    `opens`: the clerk opens its case with it. `late`: it came after its case was closed.
    """

    day: int
    kind: str
    case: CaseOf | None
    steps: tuple[int, ...]
    opens: bool
    name: str = ""
    nik: str = ""
    nik_sure: bool = True
    birth: date | None = None
    number: str = ""
    quotes: str = ""
    kind_sure: bool = True
    sheet_of: Sent | None = None

    @property
    def late(self) -> bool:
        return self.case is not None and self.day > self.case.closes


@dataclass
class Year:
    """All of it; letters in the order in which they come."""

    cases: list[CaseOf]
    letters: list[Sent]


def year(cases: int, letters: int, seed: int) -> Year:
    """So many cases and letters, the same ones for the same seed."""
    rng = random.Random(seed)
    people = _people(rng, round(cases * 0.85))
    opened = _cases(rng, people, cases)
    sent = [letter for case in opened for letter in _letters(rng, case)]
    sent += [_stray(rng, opened) for _ in range(letters - len(sent))]
    assert len(sent) == letters, f"the plans make {len(sent)} letters"
    sent.sort(key=lambda one: (one.day, not one.opens))
    return Year(opened, sent)


def _people(rng: random.Random, count: int) -> list[Person]:
    people: list[Person] = []
    taken: set[str] = set()
    while len(people) < count:
        birth = date(1945, 1, 1) + timedelta(days=rng.randrange(23000))
        woman = rng.random() < 0.4
        day = birth.day + 40 * woman
        nik = f"6571{rng.choice(TARAKAN)[0]}{day:02d}{birth:%m%y}99{rng.randrange(100):02d}"
        if nik in taken:
            continue
        taken.add(nik)
        words = [rng.choice(FIRST), *([rng.choice(SECOND)] if rng.random() < 0.9 else [])]
        words += [rng.choice(SECOND)] if rng.random() < 0.25 else []
        name = " ".join(words)
        if people and rng.random() < 0.1:  # a namesake, or nearly
            other = rng.choice(people).name
            name = other if rng.random() < 0.4 else misread(other, rng)
        people.append(Person(name, "" if rng.random() < NO_NIK else nik, birth))
    return people


def _cases(rng: random.Random, people: list[Person], count: int) -> list[CaseOf]:
    made: list[CaseOf] = []
    owners = [*people, *rng.choices(people, k=count - len(people))]
    rng.shuffle(owners)
    for number, person in enumerate(owners):
        sop = rng.choices((A, B, C), (55, 35, 10))[0]
        starts = rng.randrange(DAYS - 25)
        before = [made[other] for other in person.cases if made[other].sop == A]
        led = bool(before) and rng.random() < 0.4  # from the first case to counselling, while that is still open
        if led:
            sop, starts = C, min(before[0].starts + 2, DAYS - 25)
        case = CaseOf(number, sop, person, starts, led or rng.random() < 0.1, rng.random() < 0.8)
        person.cases.append(number)
        made.append(case)
    return made


def _letters(rng: random.Random, case: CaseOf) -> list[Sent]:
    """The letters of a case; with them come the days on which its steps are done, and it is closed."""
    rows = [row for row in PLANS[case.sop] if rng.random() < row[3]]
    made: dict[str, Sent] = {}
    letters: list[Sent] = []
    for at, (plan, steps, after, _, _) in enumerate(rows):
        kind = rng.choice(("skt_polisi", "skt_kelurahan")) if plan == "skt" else plan
        opens = at == 0 and not case.empty
        early = not opens and case.sop == B and after == 0 and rng.random() < 0.2
        day = case.starts + after + (0 if opens else -1 if early else rng.choice((0, 0, 0, 1)))
        letter = _written(rng, Sent(max(0, day), kind, case, steps, opens), case.person)
        made[plan] = letter
        letters.append(letter)
    for letter, (plan, _, _, _, quotes) in zip(letters, rows, strict=True):
        quoted = made.get(quotes)
        if quoted is not None and rng.random() < 0.85:
            letter.quotes = quoted.number if rng.random() > 0.02 else misread(quoted.number, rng)
        if plan == "lembar_disposisi" and rng.random() < 0.9:
            letter.sheet_of = quoted
    _go_through(rng, case, letters)
    if rng.random() < 0.05 and len(letters) > 1:
        letters[-1].day = case.closes + rng.randrange(1, 10)
    return letters


def _go_through(rng: random.Random, case: CaseOf, letters: list[Sent]) -> None:
    """Each step is done when its letters are there and those of the steps before, or some days later."""
    last = case.starts
    most = {A: 8, B: 12, C: 7}[case.sop]
    for step in range(1, most + 1):
        there = [letter.day for letter in letters if min(letter.steps) == step]
        last = max([last, *there]) + rng.choice((0, 0, 1, 2)) * bool(there)
        case.done[step] = last
    case.closes = last + rng.choice((1, 3, 5, 20))


def _written(rng: random.Random, letter: Sent, person: Person) -> Sent:
    """The letter says what letters of its kind say of the person, as it was read."""
    if letter.kind not in UNNAMED:
        letter.name = misread(person.name, rng) if rng.random() < MISREAD else person.name
        letter.name = letter.name.upper() if rng.random() < 0.3 else letter.name
        letter.birth = person.birth if rng.random() < 0.6 else None
        if person.nik and (rng.random() > NO_NIK or letter.kind == "ktp"):
            letter.nik = person.nik
            letter.nik_sure = rng.random() > UNSURE_NIK
            if not letter.nik_sure and rng.random() < 0.15:
                letter.nik = _other_digit(person.nik, rng)
    if letter.kind not in UNNUMBERED and letter.kind != "lembar_disposisi":
        letter.number = _number(rng, letter)
    letter.kind_sure = rng.random() > UNSURE_KIND
    if not letter.kind_sure and rng.random() < 0.2:
        letter.kind = rng.choice(("lainnya", "hasil_asesmen", "surat_pengantar"))
    return letter


def _number(rng: random.Random, letter: Sent) -> str:
    month = ROMAN[(YEAR + timedelta(days=letter.day)).month - 1]
    serial = rng.randrange(1, 900)
    if letter.kind.startswith("skt"):
        place = rng.choice(("KA", "SP", "LU", "JL", "PNT"))
        return f"470/{serial}/{place}/{YEAR.year}" if rng.random() < 0.5 else f"SKT/{serial}/{month}/{YEAR.year}/Polsek"
    return f"400.9/{serial}/{rng.choice(('DINSOS', 'DINSOSPM', 'REHSOS'))}/{month}/{YEAR.year}"


def _stray(rng: random.Random, cases: list[CaseOf]) -> Sent:
    """A letter of no case: of nobody, of a client for other ends, or of somebody with nearly a client's name."""
    day = rng.randrange(DAYS)
    sort = rng.random()
    if sort < 0.5:
        letter = Sent(day, rng.choice(NO_CLIENT), None, (), opens=False)
        letter.number = _number(rng, letter)
        return letter
    client = rng.choice(cases).person
    if sort < 0.75:
        return _written(rng, Sent(day, rng.choice(OF_CLIENTS), None, (), opens=False), client)
    name = client.name if rng.random() < 0.3 else misread(client.name, rng)
    birth = date(1945, 1, 1) + timedelta(days=rng.randrange(23000))
    nik = "" if rng.random() < 0.4 else f"6571{rng.choice(TARAKAN)[0]}{birth:%d%m%y}98{rng.randrange(100):02d}"
    kinds = ("skt_polisi", "skt_kelurahan", "hasil_asesmen", "formulir_layanan_sosial", "surat_rujukan_rsud", "tiket")
    return _written(rng, Sent(day, rng.choice(kinds), None, (), opens=False), Person(name, nik, birth))


def misread(text: str, rng: random.Random) -> str:
    """The text with one or two of its letters misread, lost or doubled."""
    signs = list(text)
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.randrange(len(signs))
        sign = signs[at]
        signs[at] = rng.choice((CONFUSED.get(sign.lower(), sign), CONFUSED.get(sign.lower(), sign), "", sign + sign))
    return "".join(signs).strip() or text


def _other_digit(nik: str, rng: random.Random) -> str:
    at = rng.randrange(16)
    return nik[:at] + rng.choice([digit for digit in "0123456789" if digit != nik[at]]) + nik[at + 1 :]
