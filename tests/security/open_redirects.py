"""Spellings of `evil.example` that some parser takes for an address of ours, or some browser for one of the other's.

Each is built from what browsers do and parsers do not: the URL Standard strips tabs and line ends, reads `\\` as `/`,
takes any number of slashes behind `https:`, maps full-width characters to plain ones, and ends the host at the first
`/`, `?`, `#` or `\\`.
"""

from collections.abc import Iterator
from itertools import product
from urllib.parse import quote

EVIL = "evil.example"

_SLASHES = ("//", "///", "////", "/\\", "\\/", "\\\\", "\\/\\/", "/\\/", "//\\", "\\//", "/\\\\")
_BETWEEN = ("\t", "\n", "\r", "\r\n", " ", "\v", "\f", "\x00", "\x1f", "\u00a0", "\u2028", "\u3000", "\ufeff", "\u200b")
_SCHEMES = (
    "https:",
    "http:",
    "HTTPS:",
    "hTtP:",
    "https:/",
    "https:\\",
    "https:///",
    "https:////",
    "https:\\\\",
    "https:",
)
_OTHER_SCHEMES = (
    "javascript:alert(1)//",
    "data:text/html,",
    "vbscript:",
    "file://",
    "ftp://",
    "ws://",
    "wss://",
    "blob:https://",
    "filesystem:https://",
    "view-source:https://",
    "intent://",
    "about:",
    "mailto:x@",
    "tel:",
    "jar:https://",
    "feed:https://",
    "x:",
    "://",
    ":",
    ":///",
    "https",
    "https;//",
    "https//",
)
_DOTS = ("\u3002", "\uff0e", "\uff61", "%2e", "%252e", "\u2024")
_LETTERS = ("\uff45vil", "\u24d4vil", "\u212fvil", "%65vil", "%2565vil", "e\u00advil", "e\u200bvil", "xn--evil-")


def open_redirects(served: str) -> tuple[str, ...]:
    """The forms, each once; `served` is a `host[:port]` of ours to hide behind."""
    host = served.partition(":")[0]
    return tuple(dict.fromkeys(form for forms in _families(served, host) for form in forms))


def _families(served: str, host: str) -> Iterator[Iterator[str] | list[str]]:
    yield (f"{slashes}{EVIL}" for slashes in _SLASHES)
    yield (f"{slashes}{EVIL}/%2f.." for slashes in _SLASHES)
    yield (f"/{between}/{EVIL}" for between in _BETWEEN)
    yield (f"{between}//{EVIL}" for between in _BETWEEN)
    yield (f"/{quote(between)}/{EVIL}" for between in _BETWEEN)
    yield (f"ht{between}tps://{EVIL}/" for between in _BETWEEN)
    yield (f"https:{between}//{EVIL}/" for between in _BETWEEN)
    yield (f"https://{served}{between}.{EVIL}/" for between in _BETWEEN)
    yield (f"https://{served}{between}@{EVIL}/" for between in _BETWEEN)
    yield (f"{scheme}{EVIL}/" for scheme in _SCHEMES)
    yield (f"{scheme}{served}@{EVIL}/" for scheme in (*_SCHEMES, "https://", "//"))
    yield (f"{scheme}{EVIL}/" for scheme in _OTHER_SCHEMES)
    yield (f"https://evil{dot}example/" for dot in _DOTS)
    yield (f"https://{host}{dot}{EVIL}/" for dot in _DOTS)
    yield (f"https://{letters}.example/" for letters in _LETTERS)
    yield _authorities(served, host)
    yield _paths(served, host)
    yield _controls(served)
    yield _addresses()


def _authorities(served: str, host: str) -> list[str]:
    ends = ("", "/", "?", "#", "\\", ";", ":443", ":@", "%00", "%09", "%0a", "%20", "%23", "%2f", "%3f", "%40", "%5c")
    return [
        *(f"https://{served}{end}.{EVIL}/" for end in ends[5:]),
        *(f"https://{EVIL}{end}{separator}{host}/" for end, separator in product(ends[:6], ("", ".", "@"))),
        *(f"https://{served}{end}@{EVIL}/" for end in ends[5:]),
        f"https://{host}.{EVIL}/",
        f"https://{host}{EVIL}/",
        f"https://evil{host}/",
        f"https://evil-{host}/",
        f"https://.{host}@{EVIL}/",
        f"https://{host}:80#@{EVIL}/",
        f"https://{host}\\@{EVIL}/",
        f"https://{EVIL}\\@{served}/",
        f"https://{EVIL}\\.{served}/",
        f"https://[{EVIL}]/",
        f"https://[{served}]@{EVIL}/",
        f"https://{served}:x@{EVIL}/",
        f"https://user:{served}@{EVIL}/",
        f"https://{EVIL}:443@{EVIL}/",
    ]


def _paths(served: str, host: str) -> list[str]:
    return [
        f"/.{EVIL}",
        f".{EVIL}",
        f"@{EVIL}",
        f":{EVIL}",
        f"/.//{EVIL}",
        f"/..//{EVIL}",
        f"/./\\{EVIL}",
        f"/x/..//{EVIL}",
        f"/;//{EVIL}",
        f"/?//{EVIL}",
        f"/%2f{EVIL}",
        f"/%5c{EVIL}",
        f"%2f%2f{EVIL}",
        f"%5c%5c{EVIL}",
        f"/%2e%2e//{EVIL}",
        f"//{EVIL}/{served}",
        f"//{EVIL}@{host}",
        f"//{host}@{EVIL}",
        f"/\\{host}@{EVIL}",
        f"/redirect?to=//{EVIL}",
        f"?{EVIL}",
        f"#//{EVIL}",
    ]


def _controls(served: str) -> list[str]:
    return [
        f"https://{served}/\r\nLocation: https://{EVIL}/",
        f"https://{served}/%0d%0aLocation:%20https://{EVIL}/",
        f"https://{served}/\nSet-Cookie: x=1; Domain={EVIL}",
        f"https://{served}/%E5%98%8D%E5%98%8ALocation:%20https://{EVIL}/",
        f"https://{served}/\u560d\u560aLocation: https://{EVIL}/",
        f"https://{served}/,https://{EVIL}/",
        f"https://{served}/ https://{EVIL}/",
        f'https://{served}/"><meta http-equiv=refresh content=0;url=https://{EVIL}/>',
    ]


def _addresses() -> list[str]:
    return [
        f"https://{address}/?{EVIL}"
        for address in ("192.0.2.1", "3221225985", "0xc0000201", "0300.0.2.1", "[::ffff:192.0.2.1]")
    ]
