"""QR codes as rows of modules, for forms that typst sets."""

from typing import Any, cast

import zxingcpp


def modules(text: str) -> list[str]:
    """A QR code's rows, `#` for dark; without its quiet zone, which the form has around it."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    image: Any = zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False)  # a buffer of rows
    rows = cast(list[list[int]], memoryview(image).tolist())
    return ["".join("#" if grey < 128 else "." for grey in row) for row in rows]
