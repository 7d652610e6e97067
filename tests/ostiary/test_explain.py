"""`ostiary explain`: the exit code is the answer, the text says why."""

import asyncio
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from typer.testing import CliRunner, Result

from access_model.keys import Purpose, derive_key
from access_model.secret import Secret
from ostiary.cli import app
from session_store.open import open_store
from session_store.records import Handle, Session, User
from session_store.sealing import Sealer
from tests.harness.authority import Authority

SECRET = "correct horse battery staple, at least"
CONFIGURATION = f"""\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.example.com
shared_secret: {SECRET}
session_store_url: sqlite:///store.sqlite3
idp_provider: oidc
idp_provider_url: https://id.example.com
idp_client_id: ostiary
routes:
  - from: https://app.example.com
    to: http://10.0.0.1:8080
    allowed_domains: [corp.example]
    allowed_users: [bob@example.com]
    allowed_idp_claims: {{department: [engineering]}}
"""
URL = "https://app.example.com/reports"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "ostiary.yaml"
    file.write_text(CONFIGURATION)
    return file


def _explain(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["explain", "-c", str(config), *arguments])


def test_a_refused_user_learns_what_said_no_and_what_would_have_said_yes(config: Path) -> None:
    result = _explain(config, "--user", "alice@example.com", "GET", URL)
    assert result.exit_code == 1
    assert "deny: 403" in result.stdout
    assert "✗ domain: corp.example " in result.stdout
    assert "domain-unauthorized" in result.stdout
    assert "or claim/department: engineering" in result.stdout.partition("one would have with")[2]
    assert "\x1b[" not in result.stdout


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--user", "bob@example.com"], 0),
        (["--user", "x", "--claim", "department=engineering"], 0),
        (["--user", "x", "--claim", "email=x@corp.example"], 0),
        (["--user", "x", "--claim", "email=x@corp.example", "--claim", "email_verified=false"], 1),
        ([], 2),
    ],
)
def test_the_exit_code_is_the_answer(config: Path, options: list[str], code: int) -> None:
    assert _explain(config, *options, "GET", URL).exit_code == code


def test_programs_get_json(config: Path) -> None:
    result = _explain(config, "--json", "--user", "alice", "GET", URL)
    told = json.loads(result.stdout)
    assert (told["decision"], told["route"]["name"], told["user"]) == ("deny", "app.example.com", "alice")
    assert told["route"]["source"].endswith("ostiary.yaml:9")
    assert told["said_no"] == [" ".join(way) for way in told["would_say_yes"]]
    assert {each["holds"] for each in told["criteria"]} == {False}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--ip", "localhost", "GET", URL], "--ip `localhost` is not an address"),
        (["--at", "noon", "GET", URL], "--at `noon` is not a time"),
        (["--user", "x", "--claim", "department", "GET", URL], "--claim `department` has no `=`"),
        (["--groups", "admins", "GET", URL], "add --user"),
        (["--user", "", "GET", URL], "--user is empty"),
        (["--header", "X-Role", "GET", URL], "--header `X-Role` has no `:`"),
        (["GET", "app.example.com"], "is not an absolute URL"),
        (["--session", "no-such", "--user", "x", "GET", URL], "--session says who asks"),
        (["--session", "no-such", "GET", URL], "the store has no session `no-such`"),
    ],
)
def test_what_cannot_be_read_exits_with_3(config: Path, arguments: list[str], said: str) -> None:
    result = _explain(config, *arguments)
    assert (result.exit_code, result.stdout) == (3, "")
    assert said in result.stderr


def test_a_configuration_that_is_not_right_is_no_answer(config: Path) -> None:
    config.write_text(CONFIGURATION.replace("allowed_domains", "allowed_domain"))
    result = _explain(config, "GET", URL)
    assert result.exit_code == 3
    assert "did you mean `allowed_domains`?" in result.stderr


def test_a_session_of_the_store_can_ask(config: Path) -> None:
    asyncio.run(_sign_in_bob(config.parent / "store.sqlite3"))
    assert _explain(config, "--session", "session-of-bob", "GET", URL).exit_code == 0


async def _sign_in_bob(file: Path) -> None:
    now = datetime.now(UTC)
    sealer = Sealer.single(derive_key(Secret.of(SECRET.encode()), Purpose.STORE_AT_REST))
    store = await open_store(f"sqlite:///{file}", sealer=sealer, entropy=secrets.token_bytes)
    session = Session(
        "session-of-bob", "bob-id", "https://id.example.com", "idp", now, now, now + timedelta(hours=1), {}
    )
    user = User("https://id.example.com", "bob-id", "bob@example.com")
    await store.save_sign_in(session, user, Handle(bytes(32), session.id, "app.example.com", now))
    await store.close()


WITH_CERTIFICATES = (
    CONFIGURATION.replace("routes:", "downstream_mtls: {ca_file: ca.pem}\nroutes:")
    + """\
    policy: {allow: {and: [mcp_tool: search, client_certificate: {san_dns: laptop.example.com}]}}
"""
)
CALL = '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search"}}'


@pytest.fixture
def certified(config: Path) -> Path:
    """A folder with certificates, of an authority that is trusted and of one that is not."""
    config.write_text(WITH_CERTIFICATES)
    authority = Authority.root("Clients")
    (config.parent / "ca.pem").write_text(authority.pem)
    for name, issuer in {"laptop": authority, "stranger": Authority.root("Others")}.items():
        issuer.issue(x509.DNSName("laptop.example.com")).file(config.parent).rename(config.parent / f"{name}.pem")
    return config.parent


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ([], 1, "deny: 495, a client certificate is wanted"),
        (["--client-cert", "stranger.pem"], 1, "a certificate, not trusted: no chain leads from it"),
        (["--client-cert", "laptop.pem"], 2, "a certificate, trusted"),
        (["--client-cert", "laptop.pem", "--at", "2000-01-01"], 1, "not trusted: it is not valid before"),
        (["--client-cert", "laptop.pem", "--body", CALL], 0, "allow: the request reaches its upstream"),
        (["--client-cert", "laptop.pem", "--body", "@call.json"], 0, "allow: the request reaches its upstream"),
        (["--client-cert", "laptop.pem", "--body", CALL.replace("search", "delete")], 2, "mcp-tool-unauthorized"),
        (["--client-cert", "ostiary.yaml"], 3, "holds no certificate in PEM"),
        (["--client-cert", "gone.pem"], 3, "cannot be read: no such file or directory"),
        (["--body", "@gone.json"], 3, "names a file that cannot be read: no such file or directory"),
    ],
)
def test_certificates_and_bodies_take_part(
    certified: Path, options: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(certified)
    (certified / "call.json").write_text(CALL)
    result = _explain(certified / "ostiary.yaml", *options, "POST", URL)
    assert result.exit_code == code, result.output
    assert said in result.output


def test_programs_learn_about_the_certificate(certified: Path) -> None:
    config = certified / "ostiary.yaml"
    told = json.loads(_explain(config, "--json", "--client-cert", str(certified / "laptop.pem"), "GET", URL).stdout)
    assert (told["decision"], told["client_certificate"]) == ("login", {"trusted": True, "objection": ""})
    told = json.loads(_explain(config, "--json", "GET", URL).stdout)
    assert (told["decision"], told["client_certificate"]) == ("certificate", None)
    assert told["said_no"] == ["deny invalid_client_certificate"]


WITH_DATA = (
    CONFIGURATION
    + """\
    allowed_groups: [admins]
    policy: {allow: {and: [{record: {type: employee, field: locale, is: de}}]}}
directory: {file: {users: users.csv}}
external_data: [{type: employee, file: people.json, foreign_key: user.email}]
"""
)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--user", "erin@example.com"], 0),
        (["--user", "erin-id"], 0),
        (["--user", "frank@example.com"], 0),
        (["--user", "grace@example.com"], 1),
        (["--user", "grace@example.com", "--groups", "admins"], 0),
        (["--user", "erin@example.com", "--groups", "staff"], 1),
    ],
)
def test_directory_and_records_take_part(config: Path, options: list[str], code: int) -> None:
    config.write_text(WITH_DATA)
    (config.parent / "users.csv").write_text("id,email,groups\nerin-id,erin@example.com,admins;staff\n")
    (config.parent / "people.json").write_text('[{"id": "frank@example.com", "locale": "de"}]')
    assert _explain(config, *options, "GET", URL).exit_code == code


def test_data_that_cannot_be_read_is_no_answer(config: Path) -> None:
    config.write_text(WITH_DATA)
    (config.parent / "users.csv").write_text("id\n")
    result = _explain(config, "GET", URL)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "the data file `people.json` cannot be used: no such file or directory" in result.stderr
