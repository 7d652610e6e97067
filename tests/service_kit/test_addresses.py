"""Addresses of our services."""

from pathlib import Path

import pytest

from service_kit.addresses import TcpAddress, UnixAddress, parse_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unix:///run/ostiary/xds.sock", UnixAddress(Path("/run/ostiary/xds.sock"))),
        ("unix:/run/xds.sock", UnixAddress(Path("/run/xds.sock"))),
        ("127.0.0.1:18000", TcpAddress("127.0.0.1", 18000)),
        ("[::1]:18000", TcpAddress("::1", 18000)),
        (":443", TcpAddress("0.0.0.0", 443)),
    ],
)
def test_reads(text: str, expected: object) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize("text", ["", "localhost", "localhost:", "localhost:0", "a:70000", "unix:relative", "a:-1"])
def test_refuses_with_the_operators_words(text: str) -> None:
    with pytest.raises(ValueError, match=f"`{text}`"):
        parse_address(text)


def test_a_socket_path_must_fit() -> None:
    with pytest.raises(ValueError, match="choose a shorter one"):
        parse_address("unix:///" + "a" * 120)


@pytest.mark.parametrize("text", ["unix:/run/x.sock", "127.0.0.1:1", "[::1]:1"])
def test_prints_what_grpc_takes(text: str) -> None:
    assert str(parse_address(text)) == text
