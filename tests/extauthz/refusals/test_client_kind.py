import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.refusals import ClientKind, classify

HTML = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("method", "headers", "kind"),
    [
        ("GET", HTML, ClientKind.NAVIGATION),
        ("HEAD", HTML, ClientKind.NAVIGATION),
        ("GET", {"accept": "*/*", "sec-fetch-mode": "navigate"}, ClientKind.NAVIGATION),
        ("GET", {**HTML, "sec-fetch-mode": "cors"}, ClientKind.JSON),
        ("GET", {**HTML, "sec-fetch-mode": "no-cors"}, ClientKind.JSON),
        ("GET", {**HTML, "sec-fetch-mode": "same-origin"}, ClientKind.JSON),
        ("GET", {**HTML, "x-requested-with": "XMLHttpRequest"}, ClientKind.JSON),
        ("CONNECT", {}, ClientKind.NAVIGATION),
        ("CONNECT", {"authorization": "Pomerium x"}, ClientKind.JSON),
        ("POST", HTML, ClientKind.BROWSER),
        ("POST", {**HTML, "sec-fetch-mode": "navigate"}, ClientKind.BROWSER),
        ("OPTIONS", HTML, ClientKind.BROWSER),
        ("GET", {**HTML, "authorization": "Bearer x"}, ClientKind.BROWSER),
        ("GET", {**HTML, "x-pomerium-authorization": "x"}, ClientKind.BROWSER),
        ("GET", {}, ClientKind.JSON),
        ("GET", {"accept": ""}, ClientKind.JSON),
        ("GET", {"accept": "*/*"}, ClientKind.JSON),
        ("GET", {"accept": "application/json"}, ClientKind.JSON),
        ("GET", {"accept": "application/json, text/html;q=0.5"}, ClientKind.JSON),
        ("GET", {"accept": "application/problem+json, text/html;q=0.9"}, ClientKind.JSON),
        ("GET", {"accept": "text/html;q=0, */*"}, ClientKind.JSON),
        ("GET", {"accept": "text/html;q=huge"}, ClientKind.JSON),
        ("GET", {"accept": "image/avif,*/*;q=0.8"}, ClientKind.JSON),
        ("GET", {"user-agent": ""}, ClientKind.JSON),
        ("GET", {"user-agent": "GoogleHC/1.0"}, ClientKind.JSON),
        ("GET", {"user-agent": "kube-probe/1.30"}, ClientKind.JSON),
        ("GET", {"user-agent": "kubectl/v1.31.0 (linux/amd64) kubernetes/abc"}, ClientKind.KUBERNETES),
        ("GET", {**HTML, "upgrade": "websocket"}, ClientKind.WEBSOCKET),
        ("GET", {**HTML, "sec-websocket-key": "x"}, ClientKind.WEBSOCKET),
        ("POST", {"content-type": "application/grpc"}, ClientKind.GRPC),
        ("POST", {"content-type": "application/grpc+proto"}, ClientKind.GRPC),
        ("POST", {"content-type": "application/grpc-web"}, ClientKind.GRPC_WEB),
        ("POST", {"content-type": "application/grpc-web-text+proto"}, ClientKind.GRPC_WEB),
        ("POST", {"content-type": "application/grpcfoo"}, ClientKind.JSON),
    ],
)
def test_kinds(method: str, headers: dict[str, str], kind: ClientKind) -> None:
    assert classify(method, {name: (value,) for name, value in headers.items()}) is kind


NAMES = st.sampled_from(["accept", "content-type", "user-agent", "upgrade", "sec-fetch-mode", "authorization", "x"])


@given(st.text(max_size=10), st.dictionaries(NAMES, st.lists(st.text(max_size=40), max_size=3).map(tuple)))
def test_every_request_is_of_some_kind(method: str, headers: dict[str, tuple[str, ...]]) -> None:
    kind = classify(method, headers)
    assert kind is not ClientKind.NAVIGATION or (method in {"GET", "HEAD"} and "authorization" not in headers)
