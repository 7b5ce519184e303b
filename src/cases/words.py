"""What people read of a case in the middle of a sentence, on pages as at a terminal.

It imports none of the rules: `arsip` starts in a moment.
"""

from collections.abc import Mapping
from typing import Final

LACKS: Final[Mapping[str, str]] = {
    "absent": "belum ada",
    "unnumbered": "belum bernomor",
    "unsealed": "belum terkunci di arsip",
}
GAPS: Final[Mapping[str, str]] = {
    "unclassified": "kode klasifikasi kasus belum dikonfirmasi",
    "unsure": "jenisnya belum dipastikan",
    "unbooked": "belum diagendakan",
    "unplaced": "tempat kertasnya belum dicatat",
}
STATES: Final[Mapping[str, str]] = {
    "waiting": "belum",
    "running": "sedang dikerjakan",
    "done": "selesai",
    "skipped": "dilewati",
    "branched": "di cabang",
}
STANDINGS: Final[Mapping[str, str]] = {
    "on_time": "sesuai waktu",
    "soon": "waktunya hampir habis",
    "late": "melewati waktu",
}
ACTIONS: Final[Mapping[str, str]] = {
    "start": "Dimulai",
    "finish": "Selesai",
    "skip": "Dilewati",
    "branch": "Masuk cabang",
    "reopen": "Dibuka lagi",
    "waive": "Kekurangan dikecualikan",
    "classify": "Klasifikasi dikonfirmasi",
    "close": "Kasus ditutup",
    "link": "Surat dihubungkan",
    "unlink": "Surat dilepas",
    "dispose": "Disposisi",
    "disposed": "Disposisi selesai",
}
