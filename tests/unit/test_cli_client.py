"""Which server a command means, and what it says when something expected is wrong."""

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from cli.client import NoServer, Target, find_target, plain, problem_of
from cli.datadir import load_secrets, prepare
from cli.main import COMMANDS, main


@pytest.fixture
def beside_up(tmp_path: Path) -> Iterator[Path]:
    """A data directory that looks as it does while `arsip up` runs."""
    data = prepare(tmp_path / "data")
    (data / "run" / "state.json").write_text(json.dumps({"url": "http://127.0.0.1:8080", "pid": 1}))
    load_secrets(data)
    with (data / "lock").open("a") as lock:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX)
        yield data


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARSIP_URL", "https://arsip.contoh.go.id/")
    monkeypatch.setenv("ARSIP_TOKEN", "arsip_abc")


def test_the_running_up_is_used_with_the_operators_token(beside_up: Path) -> None:
    secrets = load_secrets(beside_up)
    assert find_target(beside_up) == Target("http://127.0.0.1:8080", secrets.operator_token, True)
    assert find_target(beside_up, as_admin=True).token == secrets.operator_admin_token


@pytest.mark.usefixtures("remote")
def test_a_remote_server_is_taken_from_the_environment() -> None:
    assert find_target(None) == Target("https://arsip.contoh.go.id", "arsip_abc", False)


@pytest.mark.usefixtures("remote")
def test_an_explicit_data_directory_means_this_machine(beside_up: Path) -> None:
    assert find_target(beside_up).local


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"ARSIP_URL": "https://arsip.contoh.go.id"}, "ARSIP_TOKEN belum"),
        ({"ARSIP_URL": "arsip.contoh.go.id", "ARSIP_TOKEN": "x"}, "https://"),
        ({"ARSIP_URL": "https://arsip.contoh.go.id", "ARSIP_TOKEN": "a\nb"}, "bukan token"),
        ({"ARSIP_TOKNE": "x"}, "ARSIP_TOKNE"),
    ],
)
def test_a_mistaken_setting_is_named(env: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NoServer, match=says):
        find_target(None)


def test_nothing_running_says_how_to_start(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["search", "surat", "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert f"arsip up --data {tmp_path}" in done.stderr
    assert done.stdout == ""


def test_a_fault_is_its_title_and_detail() -> None:
    body = {"type": "t", "title": "Berkas kosong", "status": 400, "detail": "Pindai ulang.", "slug": "empty_file"}
    problem = problem_of(httpx.Response(400, json=body))
    assert (problem.status, problem.slug, problem.message) == (400, "empty_file", "Berkas kosong. Pindai ulang.")


@pytest.mark.parametrize("answer", [b"<html>Bad Gateway</html>", b"[]", b'{"title": 1}', b"\xff"])
def test_an_answer_of_something_in_between_is_no_traceback(answer: bytes) -> None:
    assert "502" in problem_of(httpx.Response(502, content=answer)).message


def test_escape_sequences_never_reach_the_terminal() -> None:
    assert plain("surat\x1b[2J\u202e é.pdf") == "surat?[2J? é.pdf"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(main, [command, "--help"])
    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 4
