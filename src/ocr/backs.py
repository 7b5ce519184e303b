"""Whether what looks like print is only the other side of the paper. Runs in the child only.

The back of a thin sheet shows its front faintly and mirrored. Read as it stands it yields nonsense with little
confidence; read in a mirror it yields words. Either tells a back from a page that is merely worn.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from ocr.detect import Gray, Strip
from ocr.lines import Line, cut, read_fast
from ocr.sessions import Models

_SURE = 0.9  # the longest lines of a page that is print read better than this, the worst of 66 worn ones at 0.93
_CLEARER = 0.05
_FAINT = 0.1  # of the paper's light; the faintest photocopy of those pages has 0.47


def confidence(lines: Sequence[Line]) -> float:
    """Mean of the lines' confidences; 0 without lines."""
    return sum(line.confidence for line in lines) / len(lines) if lines else 0.0


def is_back(models: Models, gray: Gray, strips: Sequence[Strip], lines: Sequence[Line]) -> bool:
    """Whether `strips`, which read as `lines`, show the other side's print."""
    if median(_contrast(gray, strip) for strip in strips) < _FAINT:
        return True
    if confidence(lines) >= _SURE:
        return False
    mirror = np.ascontiguousarray(gray[:, ::-1])
    mirrored = [replace(s, x=gray.shape[1] - s.x, lean=-s.lean) for s in strips]
    ways = (mirrored, [s.turned(2) for s in mirrored])
    clearest = max(confidence([read_fast(models, mirror, s) for s in way]) for way in ways)
    return clearest > confidence(lines) + _CLEARER


def _contrast(gray: Gray, strip: Strip) -> float:
    """How much darker than its paper the strip's print is, as a share of the paper's light."""
    ink, paper = (float(v) for v in np.percentile(cut(gray, strip, 1.0), (2, 80)))
    return (paper - ink) / max(1.0, paper)
