"""A list of ten thousand berkas as a form: how long its PDF/A takes, in the process of its own that sets it."""

import time
from datetime import UTC, date, datetime
from uuid import uuid4

from records.disposal.lines import Line
from records.disposal.printed import Printed
from records.disposal.printing import list_pdf
from records.disposal.tables import DisposalRow
from tests.integration.driving import process_with
from tests.unit.test_settings import NEEDED


def list_as_pdf(lines: int) -> tuple[float, int]:
    """Seconds that a list of so many lines takes as PDF/A, and how many bytes it has."""
    row = DisposalRow(
        id=uuid4(), kind="pemusnahan", unit="rehsos", code="MSN-2036-0001", approver="kepala_daerah", digest="a" * 64,
        deed={}, proposed_at=datetime.now(UTC),
    )  # fmt: skip
    series = "Rehabilitasi sosial tuna sosial: gelandangan, pengemis, pemulung"
    made = tuple(
        Line(n, "Bidang Rehabilitasi Sosial", f"REHSOS/2026/{n}", "400.9.4.1", series, "2026", 7, "Asli", "", "")
        for n in range(1, lines + 1)
    )
    with process_with(NEEDED):
        began = time.perf_counter()
        data = list_pdf(Printed(row, made, date(2036, 1, 2)), "usul")
        return time.perf_counter() - began, len(data)
