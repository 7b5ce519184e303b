"""Which files an ingest takes, and how it keeps count."""

import os
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from cli.ingest import line_of
from cli.main import main
from cli.sending import Backlog, Mishap, Mishaps, Sent, Tally, key_of, letters_in


def test_folders_are_walked_without_hidden_files_and_links(tmp_path: Path) -> None:
    scans, outside = tmp_path / "scans", tmp_path / "outside"
    for name in ("b.pdf", "a.jpg", ".hidden.pdf", "2026/c.png", ".git/d.png"):
        (scans / name).parent.mkdir(parents=True, exist_ok=True)
        (scans / name).touch()
    outside.mkdir()
    (outside / "secret.pdf").touch()
    (scans / "link.pdf").symlink_to(outside / "secret.pdf")
    (scans / "folder").symlink_to(outside)
    (scans / "loop").symlink_to(scans)
    os.mkfifo(scans / "pipe")
    assert [str(p.relative_to(scans)) for p in letters_in([scans])] == ["a.jpg", "b.pdf", "2026/c.png"]


def test_a_file_named_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    hidden = tmp_path / ".scan.pdf"
    hidden.touch()
    assert list(letters_in([hidden])) == [hidden]


def test_the_key_is_stable_and_differs_by_bytes_and_by_place(tmp_path: Path) -> None:
    one = key_of(tmp_path / "a.pdf", "00")
    assert one == key_of(tmp_path / "x" / ".." / "a.pdf", "00")
    assert len({one, key_of(tmp_path / "b.pdf", "00"), key_of(tmp_path / "a.pdf", "01")}) == 3
    assert len(one) == 64


def test_the_backlog_hands_out_in_order() -> None:
    letters = [Sent(uuid4(), bool(i % 2), f"pindaian/baris\n{i}.jpg") for i in range(100)]
    with closing(Backlog()) as backlog:
        for letter in letters[:60]:
            backlog.put(letter)
        taken = backlog.take(40)
        for letter in letters[60:]:
            backlog.put(letter)
        while more := backlog.take(7):
            taken += more
    assert taken == letters


def test_mishaps_come_back_as_they_went_in() -> None:
    with closing(Mishaps()) as mishaps:
        for name in ("a.txt", "b\nc.txt"):
            mishaps.add(Mishap(name, "Jenis berkas tidak didukung"))
        assert [mishap.name for mishap in mishaps] == ["a.txt", "b\nc.txt"]


@pytest.mark.parametrize(
    ("tally", "line"),
    [
        (Tally(found=9, sent=4, archived=1, present=1, waiting=2), "terkirim 4/9, selesai 2/9"),
        (Tally(found=2, sent=2, held=1, refused=1), "terkirim 2/2, selesai 2/2, tertahan 1, ditolak 1"),
    ],
)
def test_progress_in_a_line(tally: Tally, line: str) -> None:
    assert line_of(tally) == line


def test_a_missing_path_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["ingest", str(tmp_path / "tidak-ada")])
    assert done.exit_code == 2
    assert "tidak-ada" in done.stderr
