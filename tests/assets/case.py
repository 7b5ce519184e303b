"""An invented case of a Dinas Sosial: one person, the officials around them, and the dates of the letters between them.

Nobody here exists. Every NIK and KK number is built as the registry builds them, for Kota Tarakan, but with a serial of
9900 or more, which no registry office reaches in one day: so a sample can be told from a real person's number
(``INVENTED_NIK``).
"""

from __future__ import annotations

import random
import re
from datetime import date, timedelta

INVENTED_NIK = re.compile(r"6571(0[1-4])\d{6}99\d{2}")

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
    "November", "Desember",
)  # fmt: skip
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
UNITS = ("", "Satu", "Dua", "Tiga", "Empat", "Lima", "Enam", "Tujuh", "Delapan", "Sembilan", "Sepuluh", "Sebelas")

MEN = (
    "Baharuddin", "Yohanis", "Suparno", "Rusdiansyah", "Marthen", "Syaiful", "Lukas", "Hendrik", "Jumardi",
    "Agustinus", "Darwis", "Petrus", "Wahyudi", "Samsudin", "Ferdinan", "Iskandar",
)  # fmt: skip
WOMEN = (
    "Nurhaliza", "Marlina", "Yuliana", "Kartini", "Rosnawati", "Debora", "Sulastri", "Hasmiati",
    "Fransiska", "Megawani", "Nuraeni", "Elisabet", "Wahidah", "Trisnawati",
)  # fmt: skip
LAST = (
    "Pallangga", "Tandirerung", "Wirasena", "Lamadika", "Batubulan", "Sangalinu", "Rantebua", "Karimanto",
    "Mabonga", "Sembiralang", "Lambudi", "Puangrea", "Sarungallu", "Wonokerta",
)  # fmt: skip
# district of Tarakan by its code, with one of its kelurahan
TARAKAN = (
    ("01", "Tarakan Barat", "Karang Anyar"),
    ("02", "Tarakan Tengah", "Selumit Pantai"),
    ("03", "Tarakan Timur", "Lingkas Ujung"),
    ("04", "Tarakan Utara", "Juata Laut"),
)
# where the family lives now: town, province, district, kelurahan, port of arrival
HOMES = (
    ("Kota Parepare", "Sulawesi Selatan", "Ujung", "Labukkang", "Parepare"),
    ("Kota Baubau", "Sulawesi Tenggara", "Murhum", "Melai", "Murhum Baubau"),
    ("Kabupaten Donggala", "Sulawesi Tengah", "Banawa", "Boya", "Pantoloan"),
    ("Kota Surabaya", "Jawa Timur", "Semampir", "Ujung", "Tanjung Perak"),
)
FAITHS = ("Islam", "Kristen", "Katolik")
WORK = ("Buruh Harian Lepas", "Nelayan/Perikanan", "Tukang Kayu", "Karyawan Swasta", "Wiraswasta")
SCHOOL = ("SD/sederajat", "SMP/sederajat", "SMA/sederajat")
OFFICES = {  # role: (degree, rank)
    "kadis": ("S.Sos., M.AP", "Pembina Utama Muda / IV-c"),
    "kadisprov": ("S.STP., M.Si", "Pembina Utama Muda / IV-c"),
    "kabid": ("S.Sos", "Pembina / IV-a"),
    "kabidprov": ("S.H., M.Si", "Pembina Tk. I / IV-b"),
    "peksos": ("S.Tr.Sos", "Penata Muda Tk. I / III-b"),
    "staf": ("A.Md", "Pengatur / II-c"),
    "stafprov": ("S.A.P", "Penata Muda / III-a"),
    "lurah": ("S.IP", "Penata / III-c"),
    "konselor": ("S.Psi., M.Psi", "Penata Tk. I / III-d"),
    "dinasasal": ("S.E", "Penata Tk. I / III-d"),
}


def dated(day: date) -> str:
    """The date as letters print it: ``7 Mei 2025``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def spelled(number: int) -> str:
    """A number from 1 to 99 in words, as in a berita acara."""
    if number < 12:
        return UNITS[number]
    if number < 20:
        return f"{UNITS[number - 10]} Belas"
    return f"{UNITS[number // 10]} Puluh {UNITS[number % 10]}".strip()


def _nip(rng: random.Random, woman: bool) -> str:
    born = date(rng.randint(1970, 1988), rng.randint(1, 12), rng.randint(1, 28))
    entered = f"{born.year + rng.randint(23, 29)}{rng.randint(1, 12):02d}"
    return f"{born:%Y%m%d} {entered} {1 + woman} {rng.randint(1, 19):03d}"


class Names:
    """Draws names so that no two people of a case share a first name; there are enough for every case."""

    def __init__(self) -> None:
        self.left = {True: list(WOMEN), False: list(MEN)}

    def draw(self, rng: random.Random, woman: bool) -> str:
        """First and family name."""
        first = self.left[woman].pop(rng.randrange(len(self.left[woman])))
        return f"{first} {rng.choice(LAST)}"


def _person(rng: random.Random, names: Names) -> dict[str, str]:
    woman = rng.random() < 0.5
    born = date(rng.randint(1962, 1996), rng.randint(1, 12), rng.randint(1, 28))
    code, district, village = rng.choice(TARAKAN)
    issued = date(rng.randint(2013, 2021), rng.randint(1, 12), rng.randint(1, 28))
    name = names.draw(rng, woman)
    return {
        "nama": name,
        "NAMA": name.upper(),
        "nik": f"6571{code}{born.day + 40 * woman:02d}{born:%m%y}99{rng.randint(10, 99)}",
        "nik_wali": f"6571{code}{born.day:02d}{born:%m}5699{rng.randint(10, 99)}",
        "kk": f"6571{code}{issued:%d%m%y}99{rng.randint(10, 99)}",
        "ttl": f"Tarakan, {dated(born)}",
        "ttl_ktp": f"TARAKAN, {born:%d-%m-%Y}",
        "lahir": f"{born:%d-%m-%Y}",
        "terbit": f"{issued:%d-%m-%Y}",
        "usia": str(2025 - born.year),
        "jk": "Perempuan" if woman else "Laki-laki",
        "agama": rng.choice(FAITHS),
        "pekerjaan": rng.choice(WORK),
        "pendidikan": rng.choice(SCHOOL),
        "kec": district,
        "kel": village,
        "wali": names.draw(rng, False),
        "ibu": names.draw(rng, True),
        "hubungan": rng.choice(("kakak kandung", "paman")),
        "hp": f"0812-0000-{rng.randint(1000, 9999)}",
    }


def _officials(rng: random.Random, names: Names) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, (degree, rank) in OFFICES.items():
        woman = rng.random() < 0.4
        found[role] = f"{names.draw(rng, woman)}, {degree}"
        found[f"{role}_pangkat"] = rank
        found[f"{role}_nip"] = _nip(rng, woman)
    found["polisi"] = names.draw(rng, False).upper()
    found["nrp"] = f"{rng.randint(80, 95)}{rng.randint(1, 12):02d}99{rng.randint(10, 99)}"
    found["dokter"] = f"dr. {names.draw(rng, True)}"
    return found


def invent(seed: int) -> dict[str, str]:
    """All that the letters of case ``seed`` say, by the name a template uses; the same seed always gives the same case.

    ``d0`` to ``d15`` are the dates of the days since the person was found, ``n1`` to ``n20`` serial numbers of letters.
    The whole case stays within one month, so that the roman month of every letter number agrees with its date.
    """
    rng = random.Random(seed)
    names = Names()
    officials = _officials(random.Random(f"office {seed // 100}"), names)  # a hundred cases have one office
    first = date(2025, rng.randint(2, 10), rng.randint(3, 12))
    town, province, district, village, port = rng.choice(HOMES)
    handed = first + timedelta(days=12)
    facts = {
        **_person(rng, names),
        **officials,
        "kota_asal": town,
        "TERBIT_DI": town.split()[-1].upper(),
        "prov_asal": province,
        "kec_asal": district,
        "kel_asal": village,
        "pelabuhan": port,
        "alamat_asal": f"Jalan Melati No. {rng.randint(2, 80)} RT 00{rng.randint(1, 9)}/RW 00{rng.randint(1, 5)}",
        "kapal": rng.choice(("KM Bukit Sagara", "KM Lintas Makmur", "KM Tirta Samudera")),
        "rom": ROMAN[first.month - 1],
        "thn": str(first.year),
        "hari0": DAYS[first.weekday()],
        "serah": f"{DAYS[handed.weekday()]} tanggal {spelled(handed.day)} bulan {MONTHS[handed.month - 1]} "
        f"tahun Dua Ribu {spelled(handed.year - 2000)}",
    }
    facts |= {f"d{day}": dated(first + timedelta(days=day)) for day in range(16)}
    facts |= {f"n{number}": str(rng.randint(101, 899)) for number in range(1, 21)}
    for capital in (
        "kota_asal",
        "prov_asal",
        "kec_asal",
        "kel_asal",
        "agama",
        "pekerjaan",
        "jk",
        "alamat_asal",
        "kec",
        "kel",
    ):
        facts[capital.upper()] = facts[capital].upper()
    return facts
