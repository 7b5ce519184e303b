"""How the commands reach a server: which one, as whom, and what is said when it does not answer.

ARSIP_URL with ARSIP_TOKEN names a remote server; without them it is the `arsip up` that runs on the data directory.
An explicit --data always means the latter.
"""

import random
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click
import httpx

from cli.datadir import DataDirError, load_secrets, running
from core.settings import ClientSettings, UnknownSettingError, refuse_unknown

API = "/api/v1"
PATIENCE_SECONDS = 120.0  # a server that is started again needs far less
_FIRST_WAIT, _LONGEST_WAIT = 0.3, 5.0
_BROKEN_TRIES = 5
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder data dari `arsip up` di komputer ini; tanpa ini dipakai ARSIP_URL bila ada.",
)
output_option = click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Berkas hasil."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Cetak jawaban server apa adanya (JSON).")


class Stop(click.ClickException):
    """Something expected ends the command; the message says what to do. Shown on standard error, never a traceback.

    `more` is a further line, for what the command had reached by then.
    """

    exit_code = 1
    more = ""

    def format_message(self) -> str:
        return f"{self.message}\n{self.more}".rstrip()

    def show(self, file: Any = None) -> None:
        click.echo(self.format_message(), err=file is None, file=file)


class Misused(Stop):
    """What was typed, piped in or set can't be meant; nothing was done."""

    exit_code = 2


class NoServer(Misused):
    """It is not known which server is meant, or none runs there."""


class Interrupted(Stop):
    """Ctrl-C, with the code that shells expect of it."""

    exit_code = 130


class Away(Stop):
    """The server does not answer."""


class Broken(Stop):
    """The server is well, yet this one request breaks off each time."""


class Problem(Stop):
    """The server's fault (problem+json): `slug` and `status` for programs, title and detail for people."""

    def __init__(self, status: int, slug: str, title: str, detail: str) -> None:
        super().__init__(f"{title}. {detail}" if detail else title)
        self.status = status
        self.slug = slug


class Target(NamedTuple):
    """A server's address without a slash at its end, the token to show, and whether it is on this machine."""

    url: str
    token: str
    local: bool


def find_target(data: Path | None, *, as_admin: bool = False) -> Target:
    """The server to talk to; `as_admin` takes the token that may add users. Raises NoServer."""
    try:
        refuse_unknown()
    except UnknownSettingError as error:
        raise NoServer(f"Setelan tidak dikenal ({error}). Periksa ejaannya atau hapus.") from error
    wanted = ClientSettings()
    if data is None and wanted.url:
        return _remote(wanted)
    return local_target(data or wanted.data, as_admin=as_admin)


def _remote(wanted: ClientSettings) -> Target:
    url = (wanted.url or "").rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise NoServer("ARSIP_URL harus dimulai dengan https:// atau http://, misalnya https://arsip.contoh.go.id")
    if wanted.token is None:
        raise NoServer("ARSIP_URL ada, tetapi ARSIP_TOKEN belum. Minta token kepada admin (`arsip token issue NAMA`).")
    token = wanted.token.get_secret_value().strip()
    if not (token.isascii() and token.isprintable()):
        raise NoServer("Isi ARSIP_TOKEN bukan token. Salin lagi seluruhnya, tanpa spasi atau tanda lain.")
    return Target(url, token, local=False)


def local_target(data: Path, *, as_admin: bool = False) -> Target:
    """The `arsip up` that runs on this data directory. Raises NoServer."""
    state = running(data)
    if state is None:
        raise NoServer(
            f"Arsiparis tidak sedang berjalan dengan folder data {data}. Jalankan dulu: arsip up --data {data}\n"
            "Untuk server lain, isi ARSIP_URL dan ARSIP_TOKEN."
        )
    try:
        secrets = load_secrets(data.expanduser())
    except DataDirError as error:
        raise NoServer(str(error)) from error
    except OSError as error:
        raise NoServer(
            f"Berkas rahasia di {data} tidak bisa dibaca ({error.strerror}). Masuk sebagai pemilik."
        ) from error
    return Target(state.url, secrets.operator_admin_token if as_admin else secrets.operator_token, local=True)


class Api:
    """One server's API. Safe to use from several threads. Every method raises Away, Problem."""

    def __init__(self, find: Callable[[], Target]) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._target = find()
        self._http = _connect(self._target)

    @property
    def url(self) -> str:
        return self._target.url

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """The answer's JSON object."""
        return self._once(lambda http: http.get(API + path, params=params))

    def download(self, path: str, **params: Any) -> bytes:
        """The answer's bytes, each part of them within ten minutes."""
        try:
            response = self._http.get(API + path, params=params, timeout=httpx.Timeout(600.0, connect=5.0))
        except httpx.TransportError as error:
            raise self._away() from error
        if not response.is_success:
            raise problem_of(response)
        return response.content

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[bytes]]:
        """The answer's bytes part by part, however many they are, each part within ten minutes."""
        try:
            with self._http.stream("GET", API + path, timeout=httpx.Timeout(600.0, connect=5.0)) as response:
                if not response.is_success:
                    response.read()
                    raise problem_of(response)
                yield response.iter_bytes()
        except httpx.TransportError as error:
            raise self._away() from error

    def save(self, path: str, file: Path, *, body: dict[str, Any] | None = None, **params: Any) -> int:
        """The answer's bytes in that file, however many, each part within ten minutes; how many. `body` is posted.

        Raises Misused too.
        """
        size, timeout, method = 0, httpx.Timeout(600.0, connect=5.0), "GET" if body is None else "POST"
        try:
            with self._http.stream(method, API + path, params=params, json=body, timeout=timeout) as response:
                if not response.is_success:
                    response.read()
                    raise problem_of(response)
                with file.open("wb") as out:
                    for part in response.iter_bytes():
                        size += out.write(part)
        except httpx.TransportError as error:
            file.unlink(missing_ok=True)  # a part of it would pass for the whole
            raise self._away() from error
        except OSError as error:
            raise Misused(f"{file} tidak bisa ditulis ({error.strerror}).") from error
        return size

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer's JSON object."""
        return self._once(lambda http: http.post(API + path, json=body))

    def send(self, path: str, file: Path, fields: dict[str, str]) -> dict[str, Any]:
        """The answer's JSON object to a file and the fields beside it. Raises Misused for one that can't be read."""
        try:
            content = file.read_bytes()
        except OSError as error:
            raise Misused(f"{file} tidak bisa dibaca ({error.strerror}).") from error
        return self._once(lambda http: http.post(API + path, files={"file": (file.name, content)}, data=fields))

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer's JSON object."""
        return self._once(lambda http: http.put(API + path, json=body))

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer's JSON object."""
        return self._once(lambda http: http.patch(API + path, json=body))

    def delete(self, path: str) -> dict[str, Any]:
        """The answer's JSON object."""
        return self._once(lambda http: http.delete(API + path))

    def remove(self, path: str) -> None:
        """DELETE what answers without a body."""
        try:
            response = self._http.delete(API + path)
        except httpx.TransportError as error:
            raise self._away() from error
        if not response.is_success:
            raise problem_of(response)

    def issue_token(self, name: str) -> str:
        """A new token of that account."""
        return str(self.post(f"/users/{urllib.parse.quote(name, safe='')}/tokens")["token"])

    @contextmanager
    def lines(self, path: str) -> Iterator[Iterator[str]]:
        """POST without a body; the lines of the answer as they come, each within ten minutes."""
        try:
            with self._http.stream("POST", API + path, timeout=httpx.Timeout(600.0, connect=5.0)) as response:
                if not response.is_success:
                    response.read()
                    raise problem_of(response)
                yield response.iter_lines()
        except httpx.TransportError as error:
            raise self._away() from error

    def patiently(self, ask: Callable[[httpx.Client], httpx.Response]) -> dict[str, Any]:
        """Ask until it is answered: waits while the server is away or not ready, and follows it to a new port.

        Raises Problem for any other fault, and when nothing got better for PATIENCE_SECONDS; Broken when only this
        request breaks off again and again.
        """
        wait, broken, deadline = _FIRST_WAIT, 0, time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._answer(ask(self._http))
            except httpx.TransportError as error:
                trouble: Stop = self._away()
                broken += self._is_alive()
                if broken >= _BROKEN_TRIES:
                    raise Broken("Kiriman ini selalu terputus, padahal server menjawab. Coba lagi nanti.") from error
            except Problem as problem:
                if problem.status < 500:
                    raise
                trouble = problem
            if time.monotonic() > deadline:
                raise trouble
            time.sleep(wait * random.uniform(0.7, 1.3))  # noqa: S311 - senders must not all knock at once
            wait = min(wait * 2, _LONGEST_WAIT)
            self._follow()

    def _once(self, ask: Callable[[httpx.Client], httpx.Response]) -> dict[str, Any]:
        try:
            return self._answer(ask(self._http))
        except httpx.TransportError as error:
            raise self._away() from error

    def _answer(self, response: httpx.Response) -> dict[str, Any]:
        if not response.is_success:
            raise problem_of(response)
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Problem(response.status_code, "", "Jawaban server tidak dikenal", "Periksa alamat di ARSIP_URL.")
        return body

    def _away(self) -> Away:
        return Away(
            f"Server {self.url} tidak menjawab. Periksa jaringan dan alamatnya, atau apakah `arsip up` masih berjalan."
        )

    def _is_alive(self) -> bool:
        try:
            return self._http.get("/healthz", timeout=5.0).is_success
        except httpx.TransportError:
            return False

    def _follow(self) -> None:
        """Find the server again: started again, it may listen on another port."""
        try:
            found = self._find()
        except NoServer:
            return  # not up again yet
        with self._lock:
            if found != self._target:
                # the old client is not closed: other threads may be in the middle of a request
                self._target, self._http = found, _connect(found)


def _connect(target: Target) -> httpx.Client:
    return httpx.Client(
        base_url=target.url,
        headers={"Authorization": f"Bearer {target.token}", "Accept": "application/json"},
        timeout=_TIMEOUT,
        trust_env=not target.local,  # a proxy for the internet must not get this machine's letters
    )


def problem_of(response: httpx.Response) -> Problem:
    """What the server's refusal says; an answer from something else in between is named as such."""
    try:
        body = response.json()
        return Problem(response.status_code, body["slug"], body["title"], body["detail"])
    except (ValueError, KeyError, TypeError):
        advice = "Periksa alamat di ARSIP_URL, atau coba lagi sebentar lagi."
        return Problem(response.status_code, "", f"Server menjawab {response.status_code}", advice)


def plain(text: str) -> str:
    """Text safe for a terminal: what is not printable (escape sequences in a file's name) becomes `?`."""
    return "".join(c if c.isprintable() else "?" for c in text)


def write(output: Path, made: bytes) -> None:
    """Save what was made, and say so. Raises Misused where that can't be written."""
    try:
        output.write_bytes(made)
    except OSError as error:
        raise Misused(f"{output} tidak bisa ditulis ({error.strerror}).") from error
    click.echo(f"{output} ditulis, {len(made)} byte.")
