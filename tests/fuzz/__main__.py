"""Fuzz for as long as told, and keep what broke: python -m tests.fuzz {pdf,jpeg,png,tiff,heif,words} --seconds 300

A finding is a file (or text) whose outcome is neither an answer nor a fault that names its reason. Each is written to
--out under what is wrong with it; a number makes the same mutation again (--first).
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ocr.sandbox import Sandbox
from tests.fuzz import files, words
from tests.fuzz.mutate import misread, mutated


def main() -> None:
    """Run one target and print how often what came out."""
    args = _arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, Sandbox(files.MEMORY_MB) as sandbox:
        tried = _words if args.target == "words" else _files(args.target, sandbox, Path(folder))
        began = said = time.monotonic()
        number = args.first
        while (now := time.monotonic()) < began + args.seconds:
            data, told, why = tried(number)
            seen[told] += 1
            if why is not None:
                name = re.sub(r"[^a-zA-Z0-9.]+", "_", why)[:120]
                if not (args.out / name).exists():
                    (args.out / name).write_bytes(data)
                    print(f"{args.target} {number}: {why}", flush=True)
            if now > said + 15:
                said = now
                print(f"  {number - args.first + 1} in {now - began:.0f} s: {dict(seen.most_common())}", flush=True)
            number += 1
    print(f"{args.target}: {number - args.first} in {args.seconds} s: {dict(seen.most_common())}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=[*files.seeds(), "words"])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--first", type=int, default=0, help="number of the first mutation")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "arsip-fuzz")
    return parser.parse_args()


def _files(target: str, sandbox: Sandbox, folder: Path) -> Callable[[int], tuple[bytes, str, str | None]]:
    found = files.seeds()[target]

    def tried(number: int) -> tuple[bytes, str, str | None]:
        data, began = mutated(found, number), time.monotonic()
        try:
            told = files.outcome(sandbox, data, folder)
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            return data, type(error).__name__, f"{type(error).__name__} {error}"
        slow = time.monotonic() - began > files.SECONDS / 2
        return data, told.answer, told.why or (f"slow {told.answer} {number}" if slow else None)

    return tried


def _words(number: int) -> tuple[bytes, str, str | None]:
    text = misread(words.vocabulary(), number)
    try:
        words.survive(text)
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        return (
            text.encode(),
            "broken",
            f"{type(error).__name__} {place and place.tb_frame.f_code.co_filename[-30:]} {error}",
        )
    return text.encode(), "read", None


if __name__ == "__main__":
    main()
