"""Learning the kinds of letters from those that people confirmed, each unit its own (classify/model.py).

Run as a process of its own (`python -m workers.learning`): scikit-learn would stay in a worker's memory for good.
"""

import logging
import subprocess
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from archive import learned
from core.db import transaction
from core.log import configure
from core.settings import settings

if TYPE_CHECKING:
    from classify.model import Model

log = logging.getLogger(__name__)

# Enough news to learn anew, and as many letters as teach anything more
_NEWS = 20
_MOST_LETTERS = 2000
_LONGEST_SECONDS = 300


def learn() -> None:
    """Learn anew, in a process of its own, wherever enough was confirmed since the last time."""
    with transaction() as session:
        news = learned.units_with_news(session, _NEWS)
    for unit in news:
        try:
            own = [sys.executable, "-P", "-m", "workers.learning", unit]
            subprocess.run(own, timeout=_LONGEST_SECONDS, check=True)
        except subprocess.SubprocessError as error:  # the other units learn all the same
            log.error("kinds_not_learned", extra={"error": type(error).__name__})


def learn_unit(unit: str) -> bool:
    """Learn from one unit's letters. Whether its letters are judged with the model from now on."""
    from classify.model import better_than_rules, train  # numpy stays out of workers where nothing was learned

    with transaction() as session:
        letters = learned.confirmed(session, unit, _MOST_LETTERS)
    examples = [(one.text, one.kind) for one in letters]
    used = better_than_rules(examples, [one.by_rules for one in letters])
    model = train(examples) if used else None
    with transaction() as session:
        learned.keep(
            session,
            unit,
            letters=len(letters),
            used=model is not None,
            digest=model.digest if model else None,
            data=model.to_bytes() if model else None,
        )
    log.info("kinds_learned", extra={"letters": len(letters), "used": model is not None})
    return model is not None


def model_of(unit: str) -> "Model | None":
    """The model that the unit's letters are judged with, if any."""
    with transaction() as session:
        digest = learned.newest_digest(session, unit)
    return _model(digest) if digest else None


@lru_cache(maxsize=8)
def _model(digest: str) -> "Model | None":
    from classify.model import Model

    with transaction() as session:
        data = learned.data_of(session, digest)
    try:
        return Model.from_bytes(data) if data else None
    except ValueError:  # of another version: the rules go on alone until the unit's letters are learned anew
        log.warning("kind_model_unusable", extra={"digest": digest})
        return None


if __name__ == "__main__":
    configure(settings().log_level)
    learn_unit(sys.argv[1])
