"""News of documents as they move on, to whoever listens: PostgreSQL's notices, fanned out to open pages."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import psycopg

from core.settings import settings

log = logging.getLogger(__name__)

_RETRY_SECONDS = 1.0
_POLL_SECONDS = 1.0


class Listener:
    """One ear for the whole process: a thread that listens, and a set of waiting streams. Started with the app."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="progress", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=3)

    @contextmanager
    def stream(self) -> Iterator["Stream"]:
        """A stream of changed documents for one listener, on the running event loop."""
        stream = Stream(asyncio.get_running_loop())
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    def _listen(self) -> None:
        url = settings().database_url.get_secret_value().replace("postgresql+psycopg://", "postgresql://")
        while not self._stop.is_set():
            try:
                with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
                    connection.execute("LISTEN progress")
                    self._pass_on(connection)
            except psycopg.Error as error:
                log.warning("progress_listener_lost", extra={"error": type(error).__name__})
                self._stop.wait(_RETRY_SECONDS)

    def _pass_on(self, connection: psycopg.Connection) -> None:
        while not self._stop.is_set():
            for notice in connection.notifies(timeout=_POLL_SECONDS):
                for stream in tuple(self._streams):
                    stream.tell(UUID(notice.payload))


class Stream:
    """What changed since a listener last asked; many changes of one document are one piece of news."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._news = asyncio.Event()
        self._changed: set[UUID] = set()

    def tell(self, document: UUID) -> None:
        """Called from the listener's thread."""
        with suppress(RuntimeError):  # the loop has just been closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._note, document)

    def _note(self, document: UUID) -> None:
        self._changed.add(document)
        self._news.set()

    async def changed(self, timeout: float) -> set[UUID]:
        """Documents that changed; an empty set when nothing did within so many seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._news.wait()
        except TimeoutError:
            return set()
        self._news.clear()
        changed, self._changed = self._changed, set()
        return changed
