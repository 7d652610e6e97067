"""A port that somebody else listens on is noticed, even one that could be shared."""

import socket

import pytest

from service_kit.addresses import TcpAddress
from service_kit.free_port import AddressTaken, require_free


def test_a_free_port_passes_and_stays_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = TcpAddress("127.0.0.1", server.getsockname()[1])
    require_free(address)
    require_free(address)


def test_a_port_that_could_be_shared_is_taken_all_the_same() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as server:
        address = TcpAddress("127.0.0.1", server.getsockname()[1])
        with pytest.raises(AddressTaken, match=f"cannot listen on `{address}`: Address already in use"):
            require_free(address)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(AddressTaken, match=r"`192\.0\.2\.1:443`"):
        require_free(TcpAddress("192.0.2.1", 443))
