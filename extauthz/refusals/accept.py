"""What a client would rather read, by its `Accept` header (RFC 9110 section 12.5.1). Pure and total."""

from collections.abc import Iterable, Iterator

_HTML = frozenset(("text/html", "application/xhtml+xml"))
_JSON = frozenset(("application/json", "text/json"))


def prefers_html(values: Iterable[str]) -> bool:
    """Whether HTML is named, and at least as welcome as JSON. `*/*` names nothing: programs send it, too."""
    ranges = tuple(_ranges(values))
    html = max((weight for media, weight in ranges if media in _HTML), default=0.0)
    json = max((weight for media, weight in ranges if media in _JSON or media.endswith("+json")), default=0.0)
    return html > 0 and html >= json


def _ranges(values: Iterable[str]) -> Iterator[tuple[str, float]]:
    for value in values:
        for entry in value.split(","):
            media, *parameters = (part.strip().lower() for part in entry.split(";"))
            yield media, _weight(parameters)


def _weight(parameters: Iterable[str]) -> float:
    given = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        weight = float(given)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
