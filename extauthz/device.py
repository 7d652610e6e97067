"""What a browser is, in plain words, for the person who uses it. Never for a decision: any client can say anything."""

import ua_parser

LONGEST_HEADER = 512
LONGEST_NAME = 60
_ALSO_CALLED = {"Mac OS X": "macOS", "Mobile Safari": "Safari"}
_VARIANTS = (" Mobile", " WebView", " UI/WKWebView")


def device_of(user_agent: str) -> str:
    """`Firefox on Linux`, out of the header `User-Agent`; empty where that tells nothing."""
    said = user_agent[:LONGEST_HEADER].encode("ascii", "ignore").decode()
    browser, system = ua_parser.parse_user_agent(said), ua_parser.parse_os(said)
    names = [_plain(found.family) for found in (browser, system) if found is not None]
    return " on ".join(name for name in names if name)


def _plain(family: str) -> str:
    name = _ALSO_CALLED.get(family, family)
    for variant in _VARIANTS:
        name = name.removesuffix(variant)
    return name[:LONGEST_NAME] if name.isprintable() else ""
