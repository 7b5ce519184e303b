"""The real product for tests and bench: `arsip up` as its user runs it, and what he does with it."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ARSIP = [sys.executable, "-m", "cli.main"]


@dataclass
class User:
    """An account made for one test."""

    name: str
    role: str
    unit: str
    clearance: str
    password: str
    token: str

    def __iter__(self) -> Iterator[str]:
        return iter((self.name, self.password, self.token))


# commands whose subcommands take --data
_WITH_DATA = (
    "user", "token", "disposal", "agenda", "case", "paper", "sop", "ledger", "proof", "key", "export", "person",
)  # fmt: skip


@dataclass
class Product:
    """A running `arsip up` on a data directory."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    url: str = ""
    process: subprocess.Popen[str] | None = None

    @property
    def env(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("ARSIP_") and k != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, **self.settings}

    def start(self, *, port: int | None = None, timeout: float = 90) -> None:
        """Start and wait for the line `Ready: …`."""
        extra = ["--port", str(port)] if port else []
        log = (self.data.parent / f"{self.data.name}.up.log").open("a")
        self.process = subprocess.Popen(
            # setpriv: a test run that is killed takes its product with it
            ["setpriv", "--pdeathsig", "TERM", *ARSIP, "up", "--data", str(self.data), *extra],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        log.close()
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("Ready: http://127.0.0.1:"), (line, Path(log.name).read_text()[-2000:])
        self.url = line.removeprefix("Ready: ").strip()

    def stop(self) -> None:
        """Ctrl-C, and wait for a clean end."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=60) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    def arsip(
        self,
        *args: str,
        input: str | None = None,  # noqa: A002 - as subprocess.run names it
        check: bool = True,
        timeout: float = 240,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the product beside it."""
        command, *rest = args
        words = [command, *rest]
        if command in ("ingest", "reread", "search", "show", "verify", "doctor", "store", "fixity"):
            words = [command, "--data", str(self.data), *rest]
        elif command in _WITH_DATA and rest[0] != "check":
            words = [command, rest[0], "--data", str(self.data), *rest[1:]]
        done = subprocess.run(
            [*ARSIP, *words], env=self.env, input=input, capture_output=True, text=True, timeout=timeout
        )
        if check:
            assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
        return done

    @property
    def secrets(self) -> dict[str, Any]:
        return json.loads((self.data / "secrets.json").read_text())

    def client(self, token: str | None = None, **options: Any) -> httpx.Client:
        """A client of the API with that token, or the operator's."""
        headers = {"Authorization": f"Bearer {token or self.secrets['operator_token']}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60, **options)

    def user(self, role: str, unit: str = "umum", clearance: str = "terbatas") -> User:
        """A new account with a token, through the API as an admin makes it."""
        name, password = f"{role}-{secrets.token_hex(4)}", secrets.token_urlsafe(12)
        with self.client(self.secrets["operator_admin_token"]) as admin:
            wanted = {"name": name, "role": role, "unit": unit, "clearance": clearance, "password": password}
            admin.post("/users", json=wanted).raise_for_status()
            token = admin.post(f"/users/{name}/tokens").raise_for_status().json()["token"]
        return User(name, role, unit, clearance, password, token)

    def pid(self, name: str) -> int:
        """Present process id of one of the product's programs (postgres, valkey, seaweedfs, api, worker, beat)."""
        return int(json.loads((self.data / "run" / "pids.json").read_text())[name])

    def kill(self, name: str, with_signal: int = signal.SIGKILL) -> None:
        os.kill(self.pid(name), with_signal)


def until(get: Callable[[], Any], done: Callable[[Any], bool] = bool, timeout: float = 60, step: float = 0.05) -> Any:
    """Ask until the answer is what is waited for; the last answer is in the failure."""
    end = time.monotonic() + timeout
    while True:
        answer = get()
        if done(answer):
            return answer
        assert time.monotonic() < end, answer
        time.sleep(step)


def settled(client: httpx.Client, document: str, timeout: float = 120) -> dict[str, Any]:
    """The document once it is sealed or held."""
    return until(
        lambda: client.get(f"/documents/{document}").raise_for_status().json(),
        lambda d: d["stage"] in ("sealed", "held"),
        timeout,
    )
