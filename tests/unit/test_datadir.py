"""Secrets of a data directory: made once, kept for ever, and added to by later versions."""

import json
from pathlib import Path

import pytest

from cli.datadir import DataDirError, load_secrets

LATER = ("identity_key", "office_key", "s3_disposer_access_key", "s3_disposer_secret_key")


def test_secrets_are_made_once(tmp_path: Path) -> None:
    made = load_secrets(tmp_path)
    assert load_secrets(tmp_path) == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_directory_of_an_earlier_version_gets_what_came_later(tmp_path: Path) -> None:
    before = load_secrets(tmp_path)
    kept = json.loads((tmp_path / "secrets.json").read_text())
    for name in LATER:
        del kept[name]
    (tmp_path / "secrets.json").write_text(json.dumps(kept))
    after = load_secrets(tmp_path)
    later = dict.fromkeys(LATER, "")
    assert {**vars(before), **later} == {**vars(after), **later}
    assert {len(getattr(after, name)) for name in LATER} == {64}
    assert load_secrets(tmp_path) == after


@pytest.mark.parametrize("damaged", ["", "{}", "{", '{"postgres_password": "x"}', "[]"])
def test_a_damaged_file_is_never_written_over(tmp_path: Path, damaged: str) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(damaged)
    with pytest.raises(DataDirError, match="rusak"):
        load_secrets(tmp_path)
    assert file.read_text() == damaged
