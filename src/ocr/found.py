"""What either engine finds on a page."""

from dataclasses import dataclass

from archive.reading import Word


@dataclass(frozen=True, slots=True)
class Recognised:
    """A page's words, how it was turned (clockwise quarters in degrees) and leant (degrees) for them."""

    rotation: int
    skew: float
    words: tuple[Word, ...]

    @property
    def quality(self) -> float:
        """Mean confidence by length, 0 without words."""
        length = sum(len(w.text) for w in self.words)
        return sum((w.confidence or 0) * len(w.text) for w in self.words) / length if length else 0.0

    @property
    def letters(self) -> int:
        """Characters read that are more likely right than not."""
        return sum(len(w.text) for w in self.words if (w.confidence or 0) > 0.5)

    @property
    def weight(self) -> float:
        """How much was read that can be believed: what decides between two ways to hold the page."""
        return sum(max(0.0, (w.confidence or 0) - 0.4) * len(w.text) for w in self.words)
