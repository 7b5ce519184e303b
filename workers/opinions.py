"""A second reader for what identifies a letter and is in doubt: asked once, before the letter is filed."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from archive.checks import IDENTIFYING
from archive.reading import PageReading
from classify.fields import Field
from classify.second import answered, questions, weighed
from core.faults import RecogniserUnavailable, UnreadableFile
from ocr import reader
from ocr.sandbox import Sandbox

log = logging.getLogger(__name__)


def with_second_opinion(
    sandbox: Sandbox,
    document: UUID,
    fields: Sequence[Field],
    pages: Sequence[PageReading],
    earlier: Mapping[str, Any],
    pdf: Callable[[], Path],
    first_page: int = 1,
    *,
    seconds: int,
) -> tuple[Field, ...]:
    """The letter's fields, those that identify it and were in doubt with what tesseract reads there.

    `earlier` are the fields as filed before: a place is not read twice. `pdf` gives the file when one is needed, where
    the letter begins on `first_page`; reading there may take `seconds`. Where tesseract is missing, or read the letter
    itself, or fails on it, the fields stay as they are.
    """
    told = {field.name: said for field in fields if (said := answered(field, earlier)) is not None}
    asked = questions(fields, pages, IDENTIFYING, earlier) if reader.has_second() else []
    if asked:
        places = [(replace(one.page, number=first_page - 1 + one.page.number), one.lines) for one in asked]
        try:
            texts = reader.second_opinion(sandbox, pdf(), places, seconds=seconds)
        except (RecogniserUnavailable, UnreadableFile) as fault:
            log.warning("second_opinion_failed", extra={"document": str(document), "slug": fault.slug})
        else:
            told |= {question.field: text for question, text in zip(asked, texts, strict=True)}
    return tuple(weighed(field, told[field.name]) if field.name in told else field for field in fields)
