"""Files made wrong by the dozen through the real sandbox; `python -m tests.fuzz` goes on for as long as it is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.faults import all_faults
from core.settings import Settings
from ocr.reader import inspect
from ocr.sandbox import Sandbox
from tests.conftest import SAMPLES
from tests.fuzz import files
from tests.fuzz.mutate import mutated

MUTATIONS = 3
ANSWERS = {"ocr", "pdf_text", "blank"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(files.MEMORY_MB) as made:
        yield made


@pytest.fixture(scope="module")
def seeds() -> dict[str, list[bytes]]:
    return files.seeds()


def test_limits_are_those_of_a_worker() -> None:
    assert Settings.model_fields["parser_memory_mb"].default == files.MEMORY_MB


@pytest.mark.parametrize("sort", ["pdf", "jpeg", "png", "tiff", "heif"])
def test_wrong_file_is_read_or_named(
    sandbox: Sandbox, seeds: dict[str, list[bytes]], sort: str, tmp_path: Path
) -> None:
    for number in range(MUTATIONS):
        told = files.outcome(sandbox, mutated(seeds[sort], number), tmp_path)
        assert told.answer in ANSWERS | all_faults().keys(), number
        assert told.why is None, number
    whole = inspect(
        sandbox, SAMPLES / "tiket.pdf", "application/pdf", tmp_path / "none.pdf", max_pages=9, seconds=files.SECONDS
    )
    assert len(whole.pages) == 1
