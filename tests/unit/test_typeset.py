"""Setting a form: by what lies beside the code, and in words where that is missing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from core.faults import FormUnavailable
from records import typeset
from records.typeset import Form

AT = datetime(2026, 11, 26, tzinfo=UTC)


def test_a_form_that_is_missing_is_told_in_words(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(FormUnavailable):
        typeset.pdf(cast(Form, "tidak_ada"), {}, made_at=AT)
    assert "form_failed" in caplog.text


def test_nothing_that_lies_about_is_run_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a folder with a package of our name, or where another copy of the product is installed."""
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "__init__.py").touch()
    (tmp_path / "records" / "typeset.py").write_text("print('%PDF of another')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(FormUnavailable):
        typeset.pdf(cast(Form, "tidak_ada"), {}, made_at=AT)
