"""What people are told about their browsers."""

import time

import pytest

from extauthz.device import device_of

CHROMIUM = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0{} Safari/537.36{}"
WEBKIT = "Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6{} Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0", "Firefox on Android"),
        (CHROMIUM.format("Windows NT 10.0; Win64; x64", "", ""), "Chrome on Windows"),
        (CHROMIUM.format("Windows NT 10.0; Win64; x64", "", " Edg/139.0.0.0"), "Edge on Windows"),
        (CHROMIUM.format("Linux; Android 10; K", " Mobile", ""), "Chrome on Android"),
        (
            WEBKIT.format("Macintosh; Intel Mac OS X 10_15_7", ""),
            "Safari on macOS",
        ),
        (
            WEBKIT.format("iPhone; CPU iPhone OS 18_6 like Mac OS X", " Mobile/15E148"),
            "Safari on iOS",
        ),
        ("curl/8.14.1", "curl"),
        ("", ""),
        ("nobody knows this one", ""),
    ],
)
def test_browser_and_system_in_plain_words(user_agent: str, words: str) -> None:
    assert device_of(user_agent) == words


@pytest.mark.parametrize("hostile", ["x" * 1_000_000, "Mozilla/5.0 (" * 50_000, "\x00\ud800\n", "(" * 60_000])
def test_what_is_long_or_odd_is_short_work_and_short_words(hostile: str) -> None:
    began = time.process_time()
    assert len(device_of(hostile)) < 200
    assert time.process_time() - began < 1
