"""Which port the pages get when several start on one machine."""

import socket

import pytest

from cli.supervisor import StartError
from cli.up import web_port


def test_two_that_start_at_once_get_two_ports() -> None:
    with web_port(None) as one, web_port(None) as other:
        assert one != other


def test_a_port_that_another_starts_on_is_refused_and_then_free_again() -> None:
    with web_port(None) as port, pytest.raises(StartError, match=str(port)), web_port(port):
        pass
    with web_port(port) as again:
        assert again == port


def test_a_port_in_use_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=str(port)), web_port(port):
            pass
