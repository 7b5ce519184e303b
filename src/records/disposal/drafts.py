"""What the office itself decides about a list, set as drafts to sign (domain.md §1.4-1.5): the SK that names its panel,
the minutes of the panel's meeting, the SK that settles what goes. Gaps are dotted: they are written in by hand."""

from typing import Any, Final, Literal

from core.faults import InvalidRequest
from records.disposal.deed import Person
from records.disposal.printed import GAP, Part, Printed, enumerated, headed, paired, said, signer
from records.disposal.words import APPROVERS, VERDICTS
from records.disposal.workflow import Workflow, workflows
from records.office import Signatory, office

Draft = Literal["sk_panitia", "notulen", "sk_penetapan"]
DRAFTS: Final[dict[Draft, str]] = {
    "sk_panitia": "SK panitia penilai arsip",
    "notulen": "Notulen rapat penilaian",
    "sk_penetapan": "SK penetapan arsip",
}
_WHOLE_LINE: Final = "…" * 54
_ROWS_OF_RESULT: Final = 3  # lines to write on
_DONE: Final = {"pemusnahan": "dimusnahkan", "penyerahan": "diserahkan"}
_WORK: Final = {"pemusnahan": "pemusnahan arsip", "penyerahan": "penyerahan arsip statis"}
# From the answer of whoever approves on; not of a list that was refused or given up
_DECIDED: Final = ("disetujui", "sebagian", "ditetapkan", "dimusnahkan", "diserahkan", "dilaporkan")


def is_decided(workflow: Workflow, status: str) -> bool:
    """Whether there is something to settle by a decree: the list was approved, whole or in part."""
    return "sk_penetapan" in workflow.papers and status in _DECIDED


def require(printed: Printed, draft: Draft) -> None:
    """Raise InvalidRequest where the list has no such paper, or not yet."""
    if draft not in workflows()[printed.kind].papers:
        raise InvalidRequest(what=f"formulir ({DRAFTS[draft]} tidak ada pada daftar ini)")
    if draft == "notulen" and not printed.panel.members:
        raise InvalidRequest(what=f"formulir ({DRAFTS[draft]} ada setelah panitianya disebut)")
    if draft == "sk_penetapan" and not is_decided(workflows()[printed.kind], printed.row.status):
        raise InvalidRequest(what=f"formulir ({DRAFTS[draft]} ada setelah persetujuannya dicatat)")


def parts(printed: Printed, draft: Draft) -> dict[str, Any]:
    """Title, number, paragraphs, place and signers of a draft; it is dated when it is signed."""
    made = {"sk_panitia": _panel_decree, "notulen": _minutes, "sk_penetapan": _decision}[draft](printed)
    return {**made, "place": ", ".join((office().place or GAP, GAP))}


def _known(who: Signatory | Person) -> str:
    """Name, NIP and jabatan; what the office's file does not tell stays to be written in."""
    return ", ".join((who.name or GAP, f"NIP {who.nip or GAP}", who.title or GAP))


def _seats(printed: Printed) -> list[tuple[str, str]]:
    """Who sits on the panel; before it is named, who the rule puts there: the head of the records unit as ketua, the
    head of the unit whose records they are, and an arsiparis."""
    if printed.panel.members:
        return [(seat, _known(one)) for seat, one in printed.panel.seats()]
    here = office()
    owner, keeper = here.unit(printed.row.unit).signatory, here.usual_unit.signatory
    return [
        ("Ketua", _known(keeper)),
        *([("Anggota", _known(owner))] if owner != keeper else []),
        ("Anggota", _known(Person("", "Arsiparis"))),
    ]


def _law(printed: Printed) -> list[str]:
    return [f"{one.strip()};" for one in workflows()[printed.kind].law.split(";")]


def _decreed(title: str, number: str, because: list[str], law: list[str], rulings: list[str]) -> dict[str, Any]:
    """A decree (keputusan) in its usual order: menimbang, mengingat, memutuskan."""
    ordinals = ("KESATU", "KEDUA", "KETIGA", "KEEMPAT")
    body = [
        said("Menimbang:"),
        enumerated(because),
        said("Mengingat:"),
        enumerated(law),
        headed("MEMUTUSKAN"),
        paired(list(zip(ordinals, rulings, strict=False))),
    ]
    return {
        "title": title,
        "number": number,
        "parts": body,
        "signers": [signer("Ditetapkan oleh,", office().disposition.signatory)],
    }


def _panel_decree(printed: Printed) -> dict[str, Any]:
    row, here = printed.row, office()
    work = _WORK[printed.kind]
    made = _decreed(
        "Keputusan tentang Panitia Penilai Arsip",
        printed.panel.decree.partition(" tanggal ")[0] or GAP,
        [
            f"bahwa {work} {here.name} dilaksanakan setelah arsipnya dinilai oleh panitia penilai arsip;",
            f"bahwa unit kearsipan mengusulkan {printed.count} dalam daftar nomor {row.code} untuk dinilai.",
        ],
        _law(printed),
        [
            f"Membentuk panitia penilai arsip untuk daftar nomor {row.code}, unit pengolah {here.unit(row.unit).name}.",
            "Panitia menilai arsip, memeriksa fisiknya, membuat notulen rapat, dan memberi pertimbangan tertulis.",
            "Keputusan ini berlaku sejak tanggal ditetapkan.",
        ],
    )
    made["parts"] += [said("Susunan panitia penilai arsip:"), paired(_seats(printed))]
    return made


def _minutes(printed: Printed) -> dict[str, Any]:
    row, here, panel = printed.row, office(), printed.panel
    body: list[Part] = [
        paired(
            [
                ("Hari, tanggal, pukul", _WHOLE_LINE[:36]),
                ("Tempat", _WHOLE_LINE[:36]),
                ("Acara", f"Penilaian arsip dalam daftar nomor {row.code}, unit pengolah {here.unit(row.unit).name}"),
                ("Dasar", f"SK panitia penilai arsip {panel.decree}"),
                ("Jumlah arsip", printed.count),
            ]
        ),
        said("Yang hadir:"),
        enumerated([f"{seat}: {_known(one)}" for seat, one in panel.seats()]),
        said("Hasil pemeriksaan fisik arsip:"),
        enumerated([_WHOLE_LINE] * _ROWS_OF_RESULT),
    ]
    if printed.judged:
        body += [said("Arsip yang menurut JRA dinilai kembali, dan putusan panitia:"), enumerated(_verdicts(printed))]
    body += [
        said(f"Kesimpulan: arsip yang lain dalam daftar nomor {row.code} dinilai dapat / tidak dapat*) "
             f"{_DONE[printed.kind]}, dengan catatan:"),
        enumerated([_WHOLE_LINE] * _ROWS_OF_RESULT),
        said("*) coret yang tidak perlu"),
    ]  # fmt: skip
    return {
        "title": "Notulen Rapat Panitia Penilai Arsip",
        "number": GAP,
        "parts": body,
        "signers": [signer(f"{seat} panitia penilai,", one) for seat, one in panel.seats()],
    }


def _verdicts(printed: Printed) -> list[str]:
    blank = "musnah / permanen*), karena " + _WHOLE_LINE[:24]
    return [
        f"Berkas {line.berkas} ({line.series}): "
        + (f"{VERDICTS[verdict].lower()}, karena {reason}." if verdict else blank)
        for line, verdict, reason in printed.judged
    ]


def _decision(printed: Printed) -> dict[str, Any]:
    row, here, kind = printed.row, office(), printed.kind
    read, names = printed.papers, workflows()[kind].papers
    considered = [
        f"bahwa arsip dalam daftar nomor {row.code} telah dinilai panitia penilai arsip"
        f"{f' dengan SK {printed.panel.decree}' if printed.panel.decree else ''};",
        f"bahwa {_WORK[kind]} telah disetujui {APPROVERS[row.approver] if row.approver else GAP} dengan "
        f"{names['surat_persetujuan']} {read.get('surat_persetujuan', GAP)}.",
    ]
    return _decreed(
        f"Keputusan tentang Penetapan Arsip yang {_DONE[kind].capitalize()}",
        GAP,
        considered,
        _law(printed),
        [
            f"Menetapkan arsip {here.name}, unit pengolah {here.unit(row.unit).name}, sebanyak {printed.count} "
            f"sebagaimana daftar nomor {row.code} terlampir, sebagai arsip yang {_DONE[kind]}.",
            "Pelaksanaannya dicatat dengan berita acara, dan semua surat prosesnya disimpan sebagai arsip vital.",
            f"Sidik jari daftar yang ditetapkan: {row.digest}.",
            "Keputusan ini berlaku sejak tanggal ditetapkan.",
        ],
    )
