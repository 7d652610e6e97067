from extauthz.check import Pass
from extauthz.grpc_check.encode import HeaderValueOption, encode_answer
from extauthz.pages import Page
from tests.extauthz.grpc_check.requests import answered, is_allowed, set_headers

OVERWRITE = HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
APPEND = HeaderValueOption.APPEND_IF_EXISTS_OR_ADD


def test_a_pass_overwrites_and_removes() -> None:
    response = answered(encode_answer(Pass((("x-email", ""), ("cookie", "a=é")), ("authorization",))))
    assert is_allowed(response)
    ok = response.ok_response
    assert set_headers(ok.headers) == [("x-email", ""), ("cookie", "a=é")]
    assert {option.append_action for option in ok.headers} == {OVERWRITE}
    assert all(option.keep_empty_value for option in ok.headers)
    assert list(ok.headers_to_remove) == ["authorization"]


def test_an_empty_pass_is_a_pass() -> None:
    response = answered(encode_answer(Pass()))
    assert is_allowed(response)
    assert response.WhichOneof("http_response") == "ok_response"


def test_a_page_is_a_denial_of_any_status() -> None:
    headers = (("content-type", "text/plain"), ("set-cookie", "a=1"), ("set-cookie", "b=2"), ("content-length", "2"))
    for status in (200, 302, 401, 503):
        response = answered(encode_answer(Page(status, headers, b"hi")))
        assert not is_allowed(response)
        denied = response.denied_response
        assert (denied.status.code, denied.body) == (status, "hi")
        assert set_headers(denied.headers) == [
            ("content-type", "text/plain"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
        ]
        assert [option.append_action for option in denied.headers] == [OVERWRITE, APPEND, APPEND]


def test_what_is_no_utf_8_is_replaced() -> None:
    response = answered(encode_answer(Page(403, (("x-a", "a\udcff"),), b"\xff")))
    assert set_headers(response.denied_response.headers) == [("x-a", "a?")]
    assert response.denied_response.body == "\ufffd"
