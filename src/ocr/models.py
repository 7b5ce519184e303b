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
    family = json.loads((FOLDER / "models.json").read_text(encoding="utf-8"))["models"]
    files = sorted(FOLDER.glob("*.onnx"))
    return {f"{family} {path.stem}": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files}
