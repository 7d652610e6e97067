"""Whatever somebody does to a file, reading it with memory comes to what reading it without would have come to."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access_model.load import NOTHING_READ, ConfigurationInvalid, Loaded, Memory, load
from tests.harness.certificates import make_certificate

TOP = """\
insecure_server: true
authenticate_service_url: http://authenticate.example.com
idp_provider: oidc
idp_provider_url: https://id.example.com
idp_client_id: ostiary
"""
HEADS = [
    "",
    "# a comment\n\n",
    "log_level: debug\n",
    "pass_identity_headers: true\n",
    "jwt_claims_headers: [email]\n",
    "set_response_headers:\n  x-a: |\n    b\n",
    "set_response_headers: {x-a: b,\n  x-b: c}\n",
    "<<: {log_level: debug}\n",
    "? log_level\n: debug\n",
    "log_level:\n",
    "idp_scopes:\n- openid\n",
]
ODD_HEADS = [
    "log_level: &level debug\n",
    'log_level: "debug\n',
    "set_response_headers: {x-a: b\n",
    "set_response_headers: |\n",
    "---\n",
    "? log_level\n",
    "log_level: !!str\n",
    "routes: []\n",
    "log_level: debug\u2028# x\n",
    "authenticate_service_url: http://app0.example.com\n",
]
ODD_TOPS = [
    "",
    "--- |\n",
    "%YAML 1.1\n---\n",
    " insecure_server: true\n",
    "{insecure_server: true}\n",
    "insecure_server\n",
    "\ufeff",
    "!!map\ninsecure_server: true\n",
]
TAILS = [
    "",
    "# the end\n",
    "cookie_name: x\n\njwt_issuer_format: uri",
    "directory: {file: {users: users.json}}\n",
    "'cookie_name': x\n",
    "cookie_name : x\n",
]
ODD_TAILS = [
    "log_level: info\n",
    "routes: []\n",
    "<<: {routes: []}\n",
    "idp_scopes: [*level]\n",
    'x"\n',
    ": info\n",
    "- from: http://z.example.com\n",
    "...\n",
    "---\nlog_level: info\n",
    "}\n",
    "cookie_name: x\nroutes:\n  - from: http://y.example.com\n",
    "\ufeffcookie_name: x\n",
]
OPTIONS = [
    "",
    "description: |\n  several\n  lines\n",
    "description: |+\n  several\n\n\n",
    "description: >-\n  - from: x\n\n  folded # no comment\n",
    'description: "- from: http://q.example.com\n\n  and on"\n',
    "description: plain\n  - from: x\n",
    "description: Tom & Jerry\n",
    "description: a&b\n",
    "description: ${NAME}\n",
    "# a comment\n",
    "description: x\t# a comment\n",
    "set_request_headers: {X-A: '${pomerium.jwt}', X-B: \"$$${NAME}\"}\n",
    "policy:\n- allow:\n    or:\n    - email: a@b.c\n    - groups: x\n",
    "policy: {allow: {or: [{record: {type: t, field: f, is: x}}]}}\n",
    "prefix: /ping\n",
    "prefix: /a\n",
    "path: /a/b\n",
    "tls_custom_ca_file: ca.pem\n",
    "? name\n: x\n",
    "!!str name: x\n",
    "name: null\n",
    "<<: {name: x}\n",
]
ODD_OPTIONS = [
    "description: 'quoted\n  - from: x'\n",
    "description: 'quoted\n\n- from: x'\n",
    "description: 'open\n",
    "description: &text again\n",
    "description: *text\n",
    "description: ${ABSENT}\n",
    "\tdescription: x\n",
    "set_request_headers: {X-A: 1, x-a: 2}\n",
    "policy:\n- allow:\n    or:\n    - emial: a@b.c\n",
    "regex: /[a\n",
    "timeout: 3\n",
    "timeuot: 3s\n",
    "description: x\ndescription: y\n",
    "tls_custom_ca_file: absent.pem\n",
    "depends_on: [app1.example.com]\n",
    "name: !secret x\n",
    "redirect: {host_redirect: x.example.com}\n",
    "name: " + "[" * 60 + "]" * 60 + "\n",
    "policy: " + "[" * 61 + "]" * 61 + "\n",
]
KEYS = ["routes:\n"] * 8 + ["routes: # all of them\n", "routes:  \n\n# first\n"]
ODD_KEYS = ['"routes":\n', "routes:#\n", "routes: !!seq\n", "routes:\t\n", "routes:\n\t\n"]
JUNK = [*"'\"{}[]-#|\n\r\t :&*\x85\x00", "- ", "&a ", "*a", "...", "---\n", "\n# x\n", "\n  - "]
ENVIRONMENT = {"NAME": "Ann $x", "HOME": "/nowhere"}


def mostly(usual: list[str], odd: list[str]) -> st.SearchStrategy[str]:
    """Nine times of ten something that may stand in a file without mistakes."""
    return st.integers(0, 9).flatmap(lambda drawn: st.sampled_from(usual if drawn else odd))


def route(number: int, option: str, indent: str, *, flow: bool, public: bool) -> str:
    """One element of `routes`."""
    if flow:
        keys = f"from: 'http://app{number}.example.com',\n to: 'http://10.0.0.9', {option.strip() or 'name: x'}"
        return f"{indent}- {{{keys}}}\n"
    keys = f"from: http://app{number}.example.com\nto: http://10.0.0.{number}\n"
    keys += "allow_public_unauthenticated_access: true\n" if public else "allowed_users: [ann]\n"
    first, *more = (keys + option).splitlines(keepends=True)
    return f"{indent}- {first}" + "".join(f"{indent}  {line}" if line.strip() else line for line in more)


ROUTES = st.builds(
    route,
    st.integers(0, 40),
    st.just("") | mostly(OPTIONS, ODD_OPTIONS),
    st.just("  "),
    flow=st.integers(0, 15).map(lambda drawn: drawn == 0),
    public=st.booleans(),
)


@st.composite
def files(draw: st.DrawFn) -> list[str]:
    """A file as a list of parts: head, key, routes, tail."""
    head = draw(mostly([TOP], ODD_TOPS)) + draw(mostly(HEADS, ODD_HEADS))
    routes = draw(st.lists(ROUTES, min_size=1, max_size=4))
    return [head, draw(mostly(KEYS, ODD_KEYS)), *routes, draw(mostly(TAILS, ODD_TAILS))]


EDITS = ["insert", "append", "remove", "move", "head", "tail", "above", "indent", "junk", "nothing"]


@st.composite
def edited(draw: st.DrawFn, parts: list[str]) -> list[str]:
    """The same file after somebody edited it."""
    head, key, *routes, tail = parts
    match draw(st.sampled_from(EDITS)):
        case "insert":
            routes = [draw(ROUTES), *routes]
        case "append":
            routes = [*routes, draw(ROUTES)]
        case "remove":
            routes = routes[1:] or routes
        case "move":
            routes = draw(st.permutations(routes))
        case "head":
            head = TOP + draw(mostly(HEADS, ODD_HEADS))
        case "tail":
            tail = draw(mostly(TAILS, ODD_TAILS))
        case "above":
            head = draw(st.sampled_from(["# one more line\n", "\n"])) + head
        case "indent":
            routes = [each.replace("  - ", "- ").replace("\n    ", "\n  ") for each in routes]
        case "junk":
            place = draw(st.integers(0, len(routes) - 1))
            at = draw(st.integers(0, len(routes[place])))
            routes[place] = routes[place][:at] + draw(st.sampled_from(JUNK)) + routes[place][at:]
    return [head, key, *routes, tail]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_certificate(tmp_path_factory.mktemp("authority"), ["app.example.com"]).authority.read_bytes()


def outcome(text: str, memory: Memory | None, files: Mapping[str, bytes]) -> tuple[object, Loaded | None]:
    """All that anybody can see of a reading."""
    try:
        loaded = load(
            text, source="f.yaml", environment=ENVIRONMENT, read_file=lambda name: _file(files, name), memory=memory
        )
    except ConfigurationInvalid as invalid:
        return invalid.problems, None
    return (loaded, loaded.model.lines, loaded.model.index, loaded.files), loaded


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise FileNotFoundError(2, "No such file or directory", name)
    return files[name]


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_whatever_is_edited_memory_changes_nothing(authority: bytes, data: st.DataObject) -> None:
    files_, memory = {"ca.pem": authority}, NOTHING_READ
    parts = data.draw(files())
    for _ in range(data.draw(st.integers(1, 4))):
        text = "".join(parts)
        if data.draw(st.integers(0, 9)) == 0:
            text = text.replace("\n", "\r\n")
        remembering, loaded = outcome(text, memory, files_)
        assert remembering == outcome(text, None, files_)[0]
        memory = loaded.memory if loaded else memory
        parts = data.draw(edited(parts))


HEAD = "insecure_server: true\n"
PUBLIC = """\
  - from: http://app.example.com
    to: http://10.0.0.1
    allow_public_unauthenticated_access: true
"""


@pytest.mark.parametrize(
    "text",
    [
        f"{{insecure_server: true}}\nroutes:\n{PUBLIC}",
        f" insecure_server: true\nroutes:\n{PUBLIC}",
        f"{HEAD}...\nroutes:\n{PUBLIC}",
        f"{HEAD}# one\u2028# two\nroutes:\n{PUBLIC}",
        f"{HEAD}# one\x85# two\nroutes:\n{PUBLIC}",
        f"{HEAD}# one\r# two\nroutes:\n{PUBLIC}",
        f"{HEAD}routes:\n{PUBLIC}    # one\r    # two\n{PUBLIC.replace('app', 'other')}",
        f"{HEAD}routes:\n{PUBLIC}  -",
        f"{HEAD}routes:\n{PUBLIC}\ufeffcookie_name: x\n",
        f"{HEAD}cookie_name: &a x\nroutes:\n{PUBLIC}    name: &a x\n",
        f"{HEAD}routes:\n{PUBLIC}    name: &a x\n{PUBLIC.replace('app', 'other')}    name: &a x\n",
        f'{HEAD}cookie_name: "x\nroutes:\n{PUBLIC}y"\n',
        f"{HEAD}routes:\n{PUBLIC}routes:\n{PUBLIC}",
        f"{HEAD}cookie_name: x\nroutes:\n{PUBLIC}cookie_name: y\n",
        f"<<: {{cookie_name: y}}\n{HEAD}routes:\n{PUBLIC}cookie_name: x\n",
        f"{HEAD}routes:\n{PUBLIC}    name: |+\n      x\n\n\n# y\ncookie_name: x\n",
        f"{HEAD}routes:\n{PUBLIC}    description: a\n    description: b\n",
        f"{HEAD}routes:\n{PUBLIC}    name: !x y\n",
    ],
)
def test_what_looks_like_pieces_and_is_not_is_read_whole(text: str) -> None:
    assert outcome(text, NOTHING_READ, {})[0] == outcome(text, None, {})[0]
