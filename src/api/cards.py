"""Identity cards among a file's pages: the photo of one is masked wherever its page is shown unasked."""

from typing import Final

from archive.reading import Box, PageReading

_CARD: Final = "ktp"


def photo_of(kind: str | None, page: PageReading) -> Box | None:
    """Where a card's photo stands on the page, as fractions of its picture; None on a page that is no card.

    Each page is judged by itself: copies of cards lie behind letters too. `kind` is the letter's; a page of what was
    filed as a card is one.
    """
    from classify.fields import photo_area  # with all that reads fields: only who looks at pages needs it
    from classify.kinds import classify_page

    area = photo_area([page])  # cheaper than the kind, and most pages have none
    return area if area is not None and _CARD in (kind, classify_page(page).kind) else None
