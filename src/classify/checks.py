"""What the fields of one letter say about each other: repairs, doubts, and which could be filed without asking.

A repair always says what was read and what it was taken for; a number that cannot be true stays as it was read and says
why. Sources of the rules: domain.md §3.3, §4, §5.5.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from classify import dates, identity, letternumber, regions
from classify.drafts import Draft
from classify.fieldspec import key, known_words, sureness
from classify.identity import Nik
from classify.rows import Row
from core.months import ROMAN

# which date a number's roman month is compared with
_NUMBERED = {"nomor_surat": ("tanggal",), "nomor_agenda": ("tanggal_terima", "tanggal")}
_SEXES = {"Laki-laki": "L", "Perempuan": "P"}
_SEX_NAMES = {"L": "laki-laki", "P": "perempuan"}


def check(drafts: Sequence[Draft], rows: Sequence[Row]) -> None:
    """Repair, prove and doubt the fields of one letter; the drafts are changed in place."""
    named = {draft.spec.name: draft for draft in drafts}
    for name, days in _NUMBERED.items():
        number = named.get(name)
        day = next((d for field in days if (d := named.get(field)) and d.day), None)
        if number is not None:
            _letter_number(number, day)
    _identity(named)
    _officials(named)
    _order(named)
    _repeated(named, rows)
    _words(drafts)


def is_sure(draft: Draft) -> bool:
    """Whether a field could be filed without asking a person: nothing failed or guessed, and read well enough."""
    if not is_provable(draft):
        return False
    needed = sureness(draft.spec.type)
    return draft.confidence >= (needed.proven if draft.proof else needed.alone)


def is_provable(draft: Draft) -> bool:
    """Whether nothing is doubtful but how well the letters were read: no check failed, and its place is certain."""
    whole = draft.valid and draft.certain and draft.exact and not draft.failed
    return whole and (draft.proof or draft.labelled)


def _words(drafts: Sequence[Draft]) -> None:
    """Words a list confirms need no confidence; an address is proven by a regency and province that belong together."""
    for draft in drafts:
        draft.known = known_words(draft.spec.type)
        if draft.spec.type == "teks" and draft.text:
            draft.proof = all(key(w) in draft.known for w in draft.text.split() if key(w))
        if draft.spec.type == "alamat":
            found = regions.in_address(draft.text)
            if found is not None:
                draft.known |= frozenset(key(w) for w in found.split())
                draft.passed.append(f"wilayah ada di daftar: {found}")
                draft.proof = True


def _letter_number(number: Draft, dated: Draft | None) -> None:
    day = dated.day if dated is not None else None
    _mend(number, letternumber.by_shape(number.text), "")
    if day is not None:
        reason = f" menurut tanggal {dates.long(day)}"
        _mend(number, letternumber.by_date(number.text, day), reason)
        _mend(number, letternumber.year_repair(number.text, day), reason)
    parsed = letternumber.parse(number.text)
    number.value = parsed.value
    if "//" in parsed.value:
        number.failed.append("nomor urut belum diisi")
    if day is None or dated is None:
        return
    month = parsed.month
    agrees = [
        _agrees(number, month == day.month, "bulan romawi", ROMAN[month - 1], day) if month else True,
        _agrees(number, parsed.year == day.year, "tahun", str(parsed.year), day) if parsed.year else True,
    ]
    # without a month nothing would tell that a stroke of the number was lost
    if month is not None and all(agrees):
        number.proof = True
        # a repair by the date proves nothing about the date
        dated.proof = dated.proof or not number.repaired


def _mend(number: Draft, repair: letternumber.Repair | None, reason: str) -> None:
    if repair is not None:
        number.text = repair.value
        number.certain = number.certain and repair.certain
        number.repaired.append(f"“{repair.was}” dibaca “{repair.now}”{reason}")


def _agrees(number: Draft, right: bool, what: str, said: str, day: date) -> bool:
    if right:
        number.passed.append(f"{what} cocok dengan tanggal {dates.long(day)}")
    else:
        number.failed.append(f"{what} {said} tidak cocok dengan tanggal {dates.long(day)}")
    return right


def _identity(named: dict[str, Draft]) -> None:
    nik, born, sex = named.get("nik"), named.get("tempat_tgl_lahir"), named.get("jenis_kelamin")
    if nik is None or not isinstance(nik.number, Nik):
        return
    said_sex = _SEXES.get(sex.value) if sex is not None else None
    if born is not None and born.day is not None:
        _mend_nik(nik, born, said_sex)
    number = nik.number
    if not number.valid:
        return
    nik.passed.append("16 angka dengan tanggal lahir yang ada")
    if number.region is None:
        nik.failed.append("kode wilayah tidak ada di daftar, mungkin kode lama")
    else:
        nik.passed.append(f"kode wilayah: {number.region}")
    if born is not None and born.day is not None:
        _compare_birth(nik, number, born)
    if said_sex is not None and sex is not None:
        _compare_sex(nik, number, sex, said_sex)
    _family_card(nik, named.get("kk"))


def _mend_nik(nik: Draft, born: Draft, sex: str | None) -> None:
    """One digit of the date part misread so that no such day exists: taken from the printed birth date, and said."""
    number, day = nik.number, born.day
    if not isinstance(number, Nik) or number.valid or len(number.digits) != 16 or day is None or not born.exact:
        return
    part = number.digits[6:12]
    near = [p for p in identity.date_part(day, sex) if sum(a != b for a, b in zip(p, part, strict=True)) == 1]
    if len(near) != 1:
        return
    mended = identity.nik(number.digits[:6] + near[0] + number.digits[12:])
    if mended is None or not mended.valid:
        return
    nik.repaired.append(f"“{part}” dibaca “{near[0]}” menurut tanggal lahir {dates.long(day)}")
    nik.number, nik.value, nik.text = mended, mended.digits, mended.digits
    nik.valid, nik.certain = True, False
    nik.failed.clear()


def _compare_birth(nik: Draft, number: Nik, born: Draft) -> None:
    if born.day is None:
        return
    if identity.same_birth(number, born.day):
        nik.passed.append("tanggal lahir cocok dengan NIK")
        born.passed.append("tanggal lahir cocok dengan NIK")
        nik.proof = True
        # what was mended by the birth date cannot prove it
        born.proof = not nik.repaired or all("huruf" in r for r in nik.repaired)
        nik.certain = nik.certain or born.proof
        return
    told = dates.long(number.birth) if number.birth else "?"
    nik.failed.append(f"tanggal lahir menurut NIK {told}, tercetak {dates.long(born.day)}")
    born.failed.append(f"tanggal lahir menurut NIK {told}")


def _compare_sex(nik: Draft, number: Nik, sex: Draft, said: str) -> None:
    if number.sex == said:
        nik.passed.append("jenis kelamin cocok dengan NIK")
        sex.passed.append("jenis kelamin cocok dengan NIK")
        sex.proof = True
    elif number.sex is not None:
        nik.failed.append(f"menurut NIK {_SEX_NAMES[number.sex]}, tercetak {sex.text}")
        sex.failed.append(f"menurut NIK {_SEX_NAMES[number.sex]}")


def _family_card(nik: Draft, kk: Draft | None) -> None:
    if kk is not None and kk.value == nik.value:
        kk.failed.append("sama dengan NIK, seharusnya nomor kartu keluarga")
        nik.failed.append("sama dengan nomor KK, salah satu keliru")


def _officials(named: dict[str, Draft]) -> None:
    nip, written = named.get("nip"), named.get("tanggal")
    if nip is None or not nip.valid:
        return
    told = identity.nip(nip.value, written.day if written is not None else None)
    if told is not None and told.why:
        nip.failed.append(told.why)
    else:
        nip.passed.append("tanggal lahir dan TMT di NIP masuk akal")
        nip.proof = True


def _order(named: dict[str, Draft]) -> None:
    """A letter is written before it arrives, and after its people were born."""
    written, arrived, born = (named.get(n) for n in ("tanggal", "tanggal_terima", "tempat_tgl_lahir"))
    if written is None or written.day is None:
        return
    if arrived is not None and arrived.day is not None:
        if arrived.day < written.day:
            arrived.failed.append("diterima sebelum tanggal surat")
            written.failed.append("sesudah tanggal diterima")
        elif (arrived.day - written.day).days <= 60:
            arrived.passed.append("tidak sebelum tanggal surat")
    if born is not None and born.day is not None and born.day >= written.day:
        born.failed.append("lahir pada atau sesudah tanggal surat")
        written.failed.append("tidak sesudah tanggal lahir")


def _repeated(named: dict[str, Draft], rows: Sequence[Row]) -> None:
    """What a letter says twice in the same letters was hardly misread twice."""
    days: Counter[date] = Counter(d.day for row in rows for d in dates.dates(row.text))
    for name in ("tanggal", "tanggal_terima"):
        draft = named.get(name)
        if draft is not None and draft.day is not None and days[draft.day] > 1:
            draft.passed.append("tertulis lebih dari sekali")
            draft.proof = True
    whole = [key(row.text) for row in rows]
    for name in ("nama", "penandatangan"):
        draft = named.get(name)
        said = key(draft.text) if draft is not None else ""
        if draft is not None and len(said) >= 6 and sum(text.count(said) for text in whole) > 1:
            draft.passed.append("tertulis lebih dari sekali")
            draft.proof = True
