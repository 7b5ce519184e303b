"""Forms as PDF/A: a template beside its data, set by typst with the fonts in its wheel; nothing is fetched.

What people wrote goes in as data (JSON) and is shown as text: no letter can change a form. Setting a year's book takes
ten seconds and a gigabyte, which a process of its own takes and gives back.
"""

import json
import logging
import resource
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Literal

from core.faults import FormUnavailable, InvalidRequest

log = logging.getLogger(__name__)

Form = Literal["agenda", "berita", "berkas", "bukti", "daftar", "disposisi", "kasus", "label"]

_AT_ONCE = BoundedSemaphore(2)  # a year's book must not be set twenty times at once
_OURS = Path(__file__).resolve().parents[1]
_SECONDS = 120
_MEMORY = 4 * 1024**3  # of address space; a book of 6,000 lines takes a quarter of it


def pdf(form: Form, data: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """The form filled with `data` (what JSON can hold), as a PDF/A-2b that says when it was made.

    Raises InvalidRequest when it is too much to be set at once, FormUnavailable when typst or a form is not there.
    """
    made = made_at.astimezone(UTC).replace(microsecond=0).isoformat()
    sent = json.dumps({"form": form, "data": data, "made_at": made}, ensure_ascii=False).encode()
    # -P and -s, and our own folder first: the forms beside this very file, whatever else is installed or lies about
    argv = [sys.executable, "-P", "-s", "-m", "records.typeset"]
    try:
        with _AT_ONCE:
            return _set(argv, sent)
    except subprocess.TimeoutExpired as error:
        raise _too_much() from error
    except subprocess.CalledProcessError as error:
        if error.returncode > 0:  # not a question of size
            log.error("form_failed", extra={"form": form})
            raise FormUnavailable from error
        raise _too_much() from error


def _set(argv: list[str], sent: bytes) -> bytes:
    # without this process's environment, which holds its secrets; and what it complains of may quote a letter
    env = {"PYTHONPATH": str(_OURS)}
    done = subprocess.run(argv, input=sent, capture_output=True, check=True, timeout=_SECONDS, env=env)
    return done.stdout


def _too_much() -> InvalidRequest:
    return InvalidRequest(what="bagian yang dicetak (terlalu banyak sekaligus; pilih bulan atau tanggal)")


def _compiled(form: str, data: Mapping[str, Any], made_at: str) -> bytes:
    import typst  # only the process that sets a form needs it

    forms = Path(__file__).parent / "forms"
    made = typst.compile(
        forms / f"{form}.typ",
        root=forms,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards="a-2b",
        pdf_tags=False,
        timestamp=datetime.fromisoformat(made_at),
    )
    assert isinstance(made, bytes)  # noqa: S101 - what one PDF is
    return made


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    sys.stdout.buffer.write(_compiled(**json.load(sys.stdin.buffer)))
