"""An archive of a given size, without reading a single page: rows as the workers write them, for measuring search."""

import json
import random
from pathlib import Path

import psycopg

from cli.datadir import load_secrets

_LETTER = """
surat keterangan orang terlantar dinas sosial kota tarakan provinsi kalimantan utara kepala bidang rehabilitasi
permohonan pemulangan asesmen klien shelter kepolisian resor polsek tanggal nomor lampiran perihal tembusan yth
dengan ini menerangkan bahwa nama tempat lahir alamat pekerjaan agama islam kristen laki perempuan umur tahun
telah datang melapor keluarga asal daerah kapal pelabuhan tiket biaya transportasi diserahkan diterima saksi
"""
_WORDS = _LETTER.split()

_FILED = ("surat_masuk_lain", 0.0)
_SEALED = ("manifest", "2026-01-01T00:00:00Z")


def _page(rng: random.Random, number: int) -> tuple[str, str]:
    words = [*rng.choices(_WORDS, k=180), f"nomor{number}", f"460/{number}/Dinsos/2026"]
    lines = [words[i : i + 9] for i in range(0, len(words), 9)]
    stored = [
        [word, 0.1 + 0.08 * x, 0.05 + 0.04 * y, 0.17 + 0.08 * x, 0.07 + 0.04 * y, 0.9, y]
        for y, line in enumerate(lines)
        for x, word in enumerate(line)
    ]
    reading = {
        "number": 1,
        "size": [595.0, 842.0],
        "preview": [1240, 1754],
        "rotation": 0,
        "skew": 0.0,
        "source": "ocr",
        "words": stored,
        "seconds": 0.5,
    }
    return "\n".join(" ".join(line) for line in lines), json.dumps(reading)


def fill(data: Path, pages: int) -> None:
    """Bring a running product's archive to so many letters of one page each."""
    port = (data / "postgres" / "postmaster.pid").read_text().splitlines()[3]
    secrets = load_secrets(data)
    url = f"postgresql://postgres:{secrets.postgres_password}@127.0.0.1:{port}/arsip"
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        row = cursor.execute("SELECT count(*) FROM document").fetchone()
        present = int(row[0]) if row else 0
        cursor.execute("SET session_replication_role = replica")  # no notice for each of a hundred thousand rows
        with cursor.copy(
            "COPY document (unit, clearance, sha256, size, media_type, filename, original_version, stage, pages,"
            " pages_read, kind, kind_confidence, pdf_sha256, manifest_key, sealed_at) FROM STDIN"
        ) as copy:
            for number in range(present, pages):
                sha256 = f"{number:064x}"
                copy.write_row(
                    (
                        "umum",
                        1,
                        sha256,
                        1,
                        "image/jpeg",
                        f"{number}.jpg",
                        "v",
                        "sealed",
                        1,
                        1,
                        *_FILED,
                        sha256,
                        *_SEALED,
                    )
                )
        ids = cursor.execute("SELECT id, seq, sha256 FROM document").fetchall()
        rng = random.Random(present)
        with cursor.copy(
            "COPY page (document_id, document_seq, unit, clearance, number, text, reading, read_at) FROM STDIN"
        ) as copy:
            for document, seq, sha256 in ids:
                number = int(sha256, 16)
                if present <= number < pages:
                    text, reading = _page(rng, number)
                    copy.write_row((document, seq, "umum", 1, 1, text, reading, "2026-01-01T00:00:00Z"))
        connection.commit()
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE page")
        cursor.execute("VACUUM ANALYZE document")
