#!/usr/bin/env bash
# Re-locks every Python package by hash, without the address of any registry in the files.
set -euo pipefail
cd "$(dirname "$0")/.."
lock() { .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet "$@"; }
lock requirements/setup.in -o requirements/setup.txt
# hatchling and editables build and install the checkout itself
printf 'hatchling\neditables\n' | lock pyproject.toml - -o requirements/run.txt
printf 'hatchling\neditables\n' | lock pyproject.toml - --extra dev -c requirements/run.txt -o requirements/dev.txt
# readers that ours are measured against, in an environment of their own (tests/yardstick/cards.py)
lock requirements/peers.in -o requirements/peers.txt
