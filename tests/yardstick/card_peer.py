"""Run by the Python of the peers' own environment, which has nothing of ours: cards in, what the peer read out.

Standard input: {"engine": …, "fields": […], "files": […]}. Standard output: {"seconds": …, "read": [{field: text}, …]}.
"""

import json
import sys
import time


def main() -> None:
    """Read every card by akshara-ocr; what it raises counts as nothing read."""
    asked = json.load(sys.stdin)
    from akshara_ocr import IDDocOCR  # type: ignore[import-not-found]

    reader = IDDocOCR(doc_type="ktp", engine=asked["engine"], lang="ind", auto_crop=True)
    found, began = [], time.monotonic()
    for file in asked["files"]:
        try:
            card = reader.extract(file).model_dump()
        except Exception as error:  # noqa: BLE001 - it is not ours to mend
            print(f"{file}: {type(error).__name__}", file=sys.stderr)
            card = {}
        found.append({name: str(card.get(name) or "") for name in asked["fields"]})
    answer = {"seconds": time.monotonic() - began, "read": found}
    print(f"\n{json.dumps(answer)}")  # it prints to standard output too: the last line is the answer


if __name__ == "__main__":
    main()
