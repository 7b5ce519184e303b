"""The daily sweep over many berkas, each with a letter: a whole new schedule, an ordinary day, a day without news.

`python -m tests.bench_retention 100000` prints the seconds of each.
"""

import sys
import time
from datetime import date
from uuid import UUID

from sqlalchemy import Engine, text

from core.db import transaction
from records.retention import schedule, worklists
from tests.integration.driving import connected_as, engine_of, own_archive, somebody
from workers import retention

_HEADS = "kode;jenis arsip;aktif;inaktif;nasib akhir;pemicu\n"
_CODES = 99


def sweep(berkas: int) -> tuple[float, float, float, float]:
    """Seconds that the sweep takes over so many berkas: where another schedule changes all of them, where a day moves
    one in three hundred on, and where nothing is due; and of showing the first of the list of what is over."""
    with own_archive() as stack, engine_of(stack, "postgres") as root, engine_of(stack, "arsip_worker") as worker:
        keeper = somebody("arsiparis", "umum")
        _fill(root, keeper.id, berkas)
        rows = "".join(f"400.9.{n + 1}.{m + 1};Uji;2;3;Musnah;\n" for n in range(_CODES) for m in range(2))
        with transaction(keeper.context) as session:
            version = schedule.bring(
                session, keeper, (_HEADS + rows).encode(), name="JRA uji", valid_from=date(2020, 1, 1)
            )
            schedule.apply(session, keeper, version.id)
        with connected_as(worker):
            whole = _timed(berkas)
            with root.begin() as connection:  # as if the last sweep was yesterday
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                connection.execute(
                    text("UPDATE berkas SET phase = 'aktif' WHERE mod(number, 300) = 0 AND phase <> 'aktif'")
                )
            ordinary = _timed(None)
            nothing = _timed(0)
        with transaction(keeper.context) as session:
            began = time.perf_counter()
            worklists.listed(session, "habis", limit=50)
            worklists.counts(session)
            return whole, ordinary, nothing, time.perf_counter() - began


def _fill(root: Engine, keeper: UUID, berkas: int) -> None:
    """So many closed berkas of one year, each with one letter, under all codes alike."""
    with root.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(
            text(
                "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage,"
                " sealed_at, pages, pages_read, kind, doubt) SELECT 'umum', 1, encode(sha256(n::text::bytea), 'hex'),"
                " 1, 'application/pdf', 'uji.pdf', 'v', 'sealed', now(), 1, 1, 'surat_masuk_lain', 0"
                " FROM generate_series(1, :n) AS n"
            ),
            {"n": berkas},
        )
        connection.execute(
            text(
                "INSERT INTO berkas (unit, clearance, title, opened_on, opened_by, closed_on, code) SELECT 'umum', 1,"
                " 'Berkas ' || n, date '2005-01-01', :by, date '2005-01-01' + mod(n, 7000),"
                " concat('400.9.', mod(n, :codes) + 1, '.', mod(n, 2) + 1) FROM generate_series(1, :n) AS n"
            ),
            {"n": berkas, "by": keeper, "codes": _CODES},
        )
        connection.execute(
            text(
                "INSERT INTO berkas_letter (document_id, berkas_id) SELECT d.id, b.id FROM document d JOIN berkas b"
                " ON b.number = d.seq WHERE d.seq <= :n"
            ),
            {"n": berkas},
        )
        connection.execute(text("ANALYZE"))


def _timed(expected: int | None) -> float:
    began = time.perf_counter()
    changed = retention.sweep()
    assert expected is None or changed == expected
    return time.perf_counter() - began


if __name__ == "__main__":
    print(sweep(int(sys.argv[1])))
