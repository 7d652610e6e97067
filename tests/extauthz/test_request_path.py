import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.request_path import PathRefused, canonical, merged, read_target, without_parameters


@pytest.mark.parametrize(
    ("target", "raw", "decoded", "query"),
    [
        ("/", "/", "/", ""),
        ("/admin?x=1", "/admin", "/admin", "x=1"),
        ("/admin?x=1?y=2", "/admin", "/admin", "x=1?y=2"),
        ("/admin?", "/admin", "/admin", ""),
        ("/api/private?x=/status", "/api/private", "/api/private", "x=/status"),
        ("/a%20b", "/a%20b", "/a b", ""),
        ("/a%23/b", "/a%23/b", "/a#/b", ""),
        ("/a%3fb", "/a%3fb", "/a?b", ""),
        ("/100%25", "/100%25", "/100%", ""),
        ("/a%2520b", "/a%2520b", "/a%20b", ""),
        ("/caf%C3%A9", "/caf%C3%A9", "/café", ""),
        ("/...", "/...", "/...", ""),
        ("/a;v=1/b", "/a;v=1/b", "/a;v=1/b", ""),
        ("/?next=/../%2e%2e", "/", "/", "next=/../%2e%2e"),
    ],
)
def test_a_path_with_one_reading(target: str, raw: str, decoded: str, query: str) -> None:
    path = read_target(target)
    assert (path.raw, path.decoded, path.query) == (raw, decoded, query)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "*",
        "admin",
        "http://app.example.com/admin",
        "?x",
        "/public/../admin",
        "/public/..",
        "/./admin",
        "/.",
        "/public/%2e%2e/admin",
        "/public/%2E%2e/admin",
        "/public/.%2e/admin",
        "/public/..;/admin",
        "/public/..;x=y/admin",
        "/public/%2e%2e;/admin",
        "/public/..%3b/admin",
        "/public/%252e%252e/admin",
        "/public/%25252e%25252e/admin",
        "/public/%2525252e%2525252e/admin",
        "/public%2f..%2fadmin",
        "/public%2Fx",
        "/public%252fadmin",
        "/public%25252Fadmin",
        "/public%5cadmin",
        "/public%255cadmin",
        "/public\\..\\admin",
        "/\\/admin",
        "/admin#/public",
        "/a b",
        "/a\tb",
        "/a\nb",
        "/caf\xe9",
        "/%00",
        "/%0d%0aX-Admin:1",
        "/%7f",
        "/%",
        "/%2",
        "/%zz",
        "/%ff",
        "/%c0%ae%c0%ae/admin",
        "/%ed%a0%80",
    ],
)
def test_a_path_with_two_readings_is_refused(target: str) -> None:
    with pytest.raises(PathRefused):
        read_target(target)


@pytest.mark.parametrize("target", ["//admin/secret", "///admin", "/a//b", "/a//"])
def test_repeated_slashes_are_told(target: str) -> None:
    assert read_target(target).ambiguous_slashes
    assert not read_target(merged(target)).ambiguous_slashes


def test_needless_escapes_and_parameters() -> None:
    assert canonical("/%61dmin%2Dx%7e%20%2f") == "/admin-x~%20%2f"
    assert without_parameters("/a;x=1/b;y/c%3Bz") == "/a/b/c"


@given(st.text(max_size=60) | st.text(alphabet="/.;%25eEfF\\ca?#", max_size=60).map(lambda text: f"/{text}"))
def test_no_text_is_read_in_two_ways(target: str) -> None:
    try:
        path = read_target(target)
    except PathRefused:
        return
    assert path.raw == target.partition("?")[0]
    segments = path.decoded.split("/")
    assert len(segments) == len(path.raw.split("/"))
    assert not {segment.partition(";")[0] for segment in segments} & {".", ".."}
    assert "\\" not in path.decoded
