"""A page's picture in 64 bits, so that two scans of one paper are alike in most of them. Runs in the child only.

The signs of the picture's 64 slowest waves (discrete cosine transform), as in the perceptual hashes of image search:
light, resolution and a little skew hardly change them, another photo changes half.
"""

import cv2
import numpy as np
from PIL import Image

from ocr.shrink import Gray, by_steps

_SMALL = 32  # px, both sides: finer is print, and print is compared as text
_STEP = 8  # px mixed to one first, which is fast; what is left out at the edges is thinner
_WAVES = 8
_FLAT = 6.0  # a spread of grey levels that even a shaded blank page stays under


def picture_hash(gray: Image.Image | Gray) -> str | None:
    """The hash of an upright grey page as 16 hexadecimal digits; None for a page with nothing on it."""
    coarse = by_steps(np.asarray(gray), _STEP)
    small = cv2.resize(coarse, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA).astype(np.float32)
    if float(small.std()) < _FLAT:
        return None
    waves = cv2.dct(small)[:_WAVES, :_WAVES].flatten()
    bits = waves > np.median(waves[1:])  # the first wave is the mean light, the same on every page
    return np.packbits(bits).tobytes().hex()
