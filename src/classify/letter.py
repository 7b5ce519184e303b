"""One letter understood: what kind it is and what its fields say, with the reasons for both."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archive.reading import PageReading
from classify.cuts import MOST_PAGES, Cut, apart, cuts
from classify.doubtful import with_doubtful_boxes
from classify.fields import Field, extract
from classify.kinds import Verdict, classify
from classify.rules import rules_digest

if TYPE_CHECKING:
    from classify.model import Model

__all__ = ["MOST_PAGES", "Understood", "understand"]


@dataclass(frozen=True, slots=True)
class Understood:
    """The verdict on a letter's kind, its fields by that kind, and where it seems to be several letters.

    `apart` are the numbers of pages that belong to no letter: separator sheets and their blank backs.
    """

    verdict: Verdict
    by_rules: str
    model: str | None
    fields: tuple[Field, ...]
    cuts: tuple[Cut, ...]
    apart: tuple[int, ...]

    def verdict_json(self) -> dict[str, Any]:
        """As stored with the document; `rules` and `model` are digests of what it was judged by."""
        verdict = self.verdict
        return {
            "kind": verdict.kind,
            "confidence": verdict.confidence,
            "sure": verdict.sure,
            "reasons": list(verdict.reasons),
            "others": [[kind, share] for kind, share in verdict.others],
            "by_rules": self.by_rules,
            "rules": rules_digest(),
            "model": self.model,
            "letters": [asdict(cut) for cut in self.cuts] if len(self.cuts) > 1 else [],
            "apart": list(self.apart),
        }

    def fields_json(self) -> dict[str, Any]:
        """By name, as stored with the document."""
        return {field.name: {k: v for k, v in field.to_json().items() if k != "name"} for field in self.fields}


def understand(
    pages: Sequence[PageReading],
    kind: str | None = None,
    model: "Model | None" = None,
    separators: frozenset[int] = frozenset(),
    rest: Sequence[bool] = (),
) -> Understood:
    """What a letter is and says.

    `kind`, when a person has named it, decides which fields are looked for. `model` is what the office's confirmed
    letters taught, `separators` are the numbers of pages that are separator sheets, `rest` says of each page behind
    `pages` whether it is blank.
    """
    found = cuts(pages, separators, rest)
    left_out = apart(found, len(pages) + len(rest))
    pages = [page for page in pages if page.number not in left_out] or pages
    by_rules = classify(pages)
    verdict = by_rules
    if model is not None and pages:
        verdict = _with_model(by_rules, model, pages[0].text)
    return Understood(
        verdict=verdict,
        by_rules=by_rules.kind,
        model=model.digest if model else None,
        fields=with_doubtful_boxes(kind or verdict.kind, pages, extract(kind or verdict.kind, pages, _ticked(pages))),
        cuts=found,
        apart=left_out,
    )


def _ticked(pages: Sequence[PageReading]) -> list[tuple[int, str]]:
    """Page number and words beside each box that is ticked for certain."""
    return [(page.number, tick.label) for page in pages for tick in page.ticks if tick.ticked and tick.sure]


def _with_model(by_rules: Verdict, model: "Model", text: str) -> Verdict:
    from classify.model import decide  # numpy, and only where something was learned

    return decide(by_rules, model.predict(text))
