"""The letters that a list asks its people for: the panel's consideration, the request for approval, the statement that
goes with a handing-over, and the office's own drafts (drafts.py; domain.md §1.4-1.5). Each names the list by its code,
is signed, and comes back as a scan."""

from typing import Any, Final, Literal

from core.faults import InvalidRequest
from records.disposal import drafts
from records.disposal.drafts import DRAFTS, Draft
from records.disposal.papers import qr_of
from records.disposal.printed import GAP, Printed, at, enumerated, paired, place, said, signer
from records.disposal.words import APPROVERS
from records.disposal.workflow import workflows
from records.office import office
from records.qrcode import modules
from records.typeset import pdf

Letter = Literal["pertimbangan", "permohonan", "pernyataan"]
LETTERS: Final[dict[Letter | Draft, str]] = {
    "sk_panitia": DRAFTS["sk_panitia"],
    "notulen": DRAFTS["notulen"],
    "sk_penetapan": DRAFTS["sk_penetapan"],
    "pertimbangan": "Surat pertimbangan panitia penilai",
    "permohonan": "Surat permohonan persetujuan",
    "pernyataan": "Surat pernyataan",
}
_LISTED: Final = {"pemusnahan": "Daftar Arsip Usul Musnah", "penyerahan": "Daftar Arsip Usul Serah"}
_DONE: Final = {"pemusnahan": "dimusnahkan", "penyerahan": "diserahkan ke lembaga kearsipan daerah"}
# UU 43/2009 ps 51 and ps 53 in the law's words
_GROUNDS: Final = {
    "pemusnahan": (
        "tidak memiliki nilai guna",
        "telah habis retensinya dan berketerangan dimusnahkan berdasarkan JRA",
        "tidak ada peraturan perundang-undangan yang melarang",
        "tidak berkaitan dengan penyelesaian proses suatu perkara",
    ),
    "penyerahan": (
        "memiliki nilai guna kesejarahan",
        "telah habis retensinya",
        "berketerangan dipermanenkan berdasarkan JRA",
    ),
}


def require(printed: Printed, letter: Letter | Draft) -> None:
    """Raise InvalidRequest where the list has no such letter, or not yet."""
    if letter in DRAFTS:
        return drafts.require(printed, letter)
    if f"surat_{letter}" not in workflows()[printed.kind].papers:
        raise InvalidRequest(what=f"formulir ({LETTERS[letter].lower()} tidak ada pada daftar ini)")
    if letter != "pernyataan" and printed.row.digest is None:
        raise InvalidRequest(what=f"formulir ({LETTERS[letter].lower()} ada setelah daftarnya dinilai dan ditutup)")
    return None


def as_pdf(printed: Printed, letter: Letter | Draft) -> bytes:
    """The letter as PDF/A, with a place to sign for each who signs it. Its number is given by the office's book, when
    it goes out."""
    data = {
        "letterhead": office().letterhead,
        "code": printed.row.code,
        "number": GAP,
        "qr": modules(qr_of(printed.row.id)),
        "place": place(printed),
        "copies": ("",),
        **_body(printed, letter),
    }
    return pdf("berita", data, made_at=at(printed.day))


def _body(printed: Printed, letter: Letter | Draft) -> dict[str, Any]:
    match letter:
        case "pertimbangan":
            return _consideration(printed)
        case "permohonan":
            return _request(printed)
        case "pernyataan":
            return _statement(printed)
        case _:
            return drafts.parts(printed, letter)


def _decree(printed: Printed) -> str:
    return f"SK panitia penilai arsip {printed.panel.decree}"


def _consideration(printed: Printed) -> dict[str, Any]:
    kind, row = printed.kind, printed.row
    body = [
        said(
            f"Panitia penilai arsip {office().name} yang dibentuk dengan {_decree(printed)} telah menilai dan "
            f"memeriksa fisik arsip sebagaimana {_LISTED[kind]} nomor {row.code}, dan memberikan pertimbangan sebagai "
            "berikut."
        ),
        said(f"Arsip sebanyak {printed.count} dapat {_DONE[kind]}, karena:"),
        enumerated([f"{one};" for one in _GROUNDS[kind][:-1]] + [f"{_GROUNDS[kind][-1]}."]),
    ]
    if printed.spared:
        body += [
            said(f"Arsip berikut tidak ikut {_DONE[kind].partition(' ')[0]}:"),
            enumerated([f"Berkas {one.berkas} ({one.series}): {one.note}." for one in printed.spared]),
        ]
    body.append(said(f"Sidik jari daftar yang dinilai: {row.digest}."))
    return {
        "title": "Surat Pertimbangan Panitia Penilai Arsip",
        "parts": body,
        "signers": [signer(f"{seat} panitia penilai,", one) for seat, one in printed.panel.seats()],
    }


def _request(printed: Printed) -> dict[str, Any]:
    kind, row, here = printed.kind, printed.row, office()
    head = here.disposition.signatory
    wanted = "pemusnahan arsip" if kind == "pemusnahan" else "penyerahan arsip statis"
    papers, read = workflows()[kind].papers, printed.papers
    enclosed = [f"{_LISTED[kind]} nomor {row.code}", _decree(printed)]
    enclosed += [
        f"{papers[name]} {read.get(name, '')}".strip()
        for name in ("notulen", "surat_pertimbangan", "surat_pernyataan")
        if name in papers
    ]
    body = [
        paired(
            [
                ("Yth.", APPROVERS[row.approver] if row.approver else ""),
                ("Hal", f"Permohonan persetujuan {wanted}"),
                ("Lampiran", f"{len(enclosed)} berkas"),
            ]
        ),
        said(
            f"Berdasarkan {workflows()[kind].law}, kami mohon persetujuan {wanted} {here.name}, unit pengolah "
            f"{here.unit(row.unit).name}, sebanyak {printed.count} sebagaimana {_LISTED[kind]} nomor {row.code} "
            f"terlampir. Menurut pertimbangan panitia penilai, arsip tersebut:"
        ),
        enumerated([f"{one};" for one in _GROUNDS[kind][:-1]] + [f"{_GROUNDS[kind][-1]}."]),
        said("Bersama ini kami lampirkan:"),
        enumerated(enclosed),
        said("Demikian permohonan ini kami sampaikan. Atas perhatian dan persetujuannya kami ucapkan terima kasih."),
    ]
    title = "pemusnahan" if kind == "pemusnahan" else "penyerahan"
    return {
        "title": f"Surat Permohonan Persetujuan {title.capitalize()} Arsip{'' if kind == 'pemusnahan' else ' Statis'}",
        "parts": body,
        "signers": [signer("", head)],
    }


def _statement(printed: Printed) -> dict[str, Any]:
    """That what is handed over is authentic, trustworthy, whole and usable."""
    here = office()
    head = here.disposition.signatory
    body = [
        f"Yang bertanda tangan di bawah ini, {head.title} pada {here.name}, menyatakan bahwa arsip sebanyak "
        f"{printed.count} sebagaimana daftar nomor {printed.row.code} adalah autentik, terpercaya, utuh, dan dapat "
        "digunakan.",
        "Demikian pernyataan ini dibuat dengan sebenarnya untuk penyerahan arsip statis ke lembaga kearsipan daerah.",
    ]
    return {
        "title": "Surat Pernyataan",
        "parts": [said(one) for one in body],
        "signers": [signer("Yang menyatakan,", head)],
    }
