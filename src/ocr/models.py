"""The files of PP-OCRv6's models: where they are and what they are. scripts/models.sh puts them there at set-up."""

import hashlib
import json
import sysconfig
from pathlib import Path

FOLDER = Path(sysconfig.get_path("data")) / "share" / "arsiparis" / "models"


def installed() -> bool:
    """Whether the models were set up."""
    return (FOLDER / "models.json").is_file()


def table() -> str:
    """The characters the recognisers know, in the order of their classes."""
    known: str = json.loads((FOLDER / "models.json").read_text(encoding="utf-8"))["table"]
    return known


def about() -> dict[str, str]:
    """Name → sha256 of each model that reads, computed from the files themselves; empty without models."""
    if not installed():
        return {}
    told = json.loads((FOLDER / "models.json").read_text(encoding="utf-8"))
    files = [FOLDER / name for name in sorted(told["sha256"]) if name.endswith(".onnx")]
    return {f"{told['models']} {f.stem}": f"sha256:{hashlib.sha256(f.read_bytes()).hexdigest()}" for f in files}
