"""Many letters registered at once in one book: how fast, and whether the numbers are exactly 1..n."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from access.accounts import Account, add_account
from core.db import make_engine, transaction
from records import agenda
from records.agenda import Registration
from records.book import Period, all_lines
from records.particulars import Particulars
from tests.e2e.inside import settings_of, superuser
from tests.integration.driving import connected_as, process_with
from tests.product import Product

_AT_ONCE = 16
_SAID = Particulars(party="Kelurahan Karang Anyar", subject="Permohonan pemulangan orang terlantar")


def race(product: Product, letters: int) -> tuple[float, bool]:
    """Seconds that so many racing registrations take, every tenth sent twice; whether the book then runs 1..n."""
    unit = f"lomba-{letters}"
    with superuser(product) as root:
        rows = root.execute(
            "INSERT INTO document (unit, clearance, sha256, size, media_type, filename, original_version, stage, pages,"
            " pages_read, kind, doubt) SELECT %s, 1, encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 1,"
            " 'application/pdf', 'uji.pdf', 'v', 'filed', 1, 1, 'surat_masuk_lain', 0 FROM generate_series(1, %s)"
            " RETURNING id",
            (unit, letters),
        ).fetchall()
        root.execute("UPDATE document SET lease_until = '2999-01-01' WHERE unit = %s", (unit,))  # no worker's business
    papers: list[UUID] = [row[0] for row in rows]
    env = settings_of(product, "api")
    with process_with(env):
        with transaction({"app.role": "admin"}) as session:
            clerk = add_account(session, name=unit, role="petugas", unit=unit, clearance="terbatas")
        return _raced(clerk, papers, env["ARSIP_DATABASE_URL"])


def _raced(clerk: Account, papers: list[UUID], url: str) -> tuple[float, bool]:
    def register(paper: UUID) -> None:
        with transaction(clerk.context) as session:
            agenda.register(session, clerk, Registration("masuk", _SAID, paper))

    busy = make_engine(url, pool_size=_AT_ONCE)
    with connected_as(busy), ThreadPoolExecutor(_AT_ONCE) as pool:
        began = time.perf_counter()
        list(pool.map(register, [*papers, *papers[::10]]))
        taken = time.perf_counter() - began
        year = Period(datetime.now(ZoneInfo("Asia/Makassar")).year)
        with transaction(clerk.context) as session:
            numbers = [line.number for line in all_lines(session, clerk.unit, "masuk", year)]
    busy.dispose()
    return taken, numbers == list(range(1, len(papers) + 1))
