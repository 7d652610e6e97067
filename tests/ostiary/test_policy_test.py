"""`ostiary test`: policies held to what their tests expect."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ostiary.cli import app
from tests.ostiary.test_explain import CONFIGURATION, certified, config

__all__ = ["certified", "config"]

PASSING = """\
users:
  alice: {email: alice@corp.example}
  bob: {email: bob@example.com}
  mallory: {email: bob@example.com.evil.example, claims: {department: sales}}
  erin: {claims: {department: [sales, engineering]}}
tests:
  - {name: staff, user: [alice, erin], request: GET https://app.example.com/, expect: allow}
  - {name: bob by his address, user: bob, request: GET https://app.example.com/, expect: allow, reasons: [email-ok]}
  - {name: others, user: mallory, request: [GET https://app.example.com/, POST https://app.example.com/], expect: deny}
  - {name: strangers, request: GET https://app.example.com/, expect: login}
  - {name: elsewhere, request: GET https://nowhere.example.com/, expect: no-route}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ostiary.yaml").write_text(CONFIGURATION)
    (tmp_path / "tests" / "deep").mkdir(parents=True)
    (tmp_path / "tests" / "deep" / "app.policy-test.yaml").write_text(PASSING)
    return tmp_path


def _test(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["test", "-c", str(folder / "ostiary.yaml"), *arguments])


def test_what_comes_as_expected_exits_with_0(folder: Path) -> None:
    result = _test(folder, str(folder / "tests"))
    assert result.exit_code == 0, result.output
    assert "7 passed, 0 failed" in result.stdout
    assert "3 of 4 criteria exercised" in result.stdout
    assert "never holds   app.example.com: allow user: bob@example.com" in result.stdout


def test_what_comes_otherwise_exits_with_1_and_says_why(folder: Path) -> None:
    file = folder / "tests" / "deep" / "app.policy-test.yaml"
    file.write_text(PASSING.replace("expect: deny", "expect: allow"))
    result = _test(folder, str(file))
    assert result.exit_code == 1
    assert "5 passed, 2 failed" in result.stdout
    assert f"{file}:9: expected allow, got deny (claim-unauthorized, " in result.stdout
    assert "said no: domain: corp.example; " in result.stdout


def test_programs_get_json(folder: Path) -> None:
    told = json.loads(_test(folder, "--json", str(folder / "tests")).stdout)
    assert (told["passed"], told["failed"], len(told["results"])) == (7, 0, 7)
    assert told["coverage"]["exercised"] == 3
    (missing,) = told["coverage"]["not_exercised"]
    assert (missing["criterion"], missing["held"], missing["failed"]) == ("user: bob@example.com", False, True)


def test_a_request_that_cannot_be_fails(folder: Path) -> None:
    file = folder / "one.policy-test.yaml"
    file.write_text("tests: [{request: GET https://app.example.com/../x, expect: deny}]")
    result = _test(folder, str(file))
    assert result.exit_code == 1
    assert "would be refused as malformed" in result.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [("tests: [{expect: allow}]", "there is no request"), ("tests: [", "not valid YAML"), ("\xff", "utf-8")],
)
def test_files_that_cannot_be_read_exit_with_3(folder: Path, content: str, said: str) -> None:
    (folder / "tests" / "b.policy-test.yaml").write_text(content, encoding="latin-1")
    result = _test(folder, str(folder / "tests"))
    assert (result.exit_code, result.stdout) == (3, "")
    assert said in result.stderr


def test_no_tests_at_all_are_no_success(folder: Path) -> None:
    (folder / "empty").mkdir()
    for missing in ("empty", "no-such-folder"):
        result = _test(folder, str(folder / missing))
        assert result.exit_code == 3
        assert missing in result.stderr


@pytest.mark.parametrize(("wanted", "code"), [("0", 0), ("75", 0), ("75.1", 1), ("100", 1)])
def test_too_little_coverage_exits_with_1_and_says_so(folder: Path, wanted: str, code: int) -> None:
    result = _test(folder, "--min-coverage", wanted, str(folder / "tests"))
    assert result.exit_code == code
    assert ("75 % of the criteria are exercised" in result.stderr) is bool(code)


CERTIFIED = """\
users: {bob: {email: bob@example.com}}
tests:
  - {user: bob, request: GET https://app.example.com/, expect: certificate, reasons: [client-certificate-required]}
  - {user: bob, request: GET https://app.example.com/, client_certificate: trusted, expect: allow}
  - {user: bob, request: GET https://app.example.com/, client_certificate: ../laptop.pem, expect: allow}
  - {user: bob, request: GET https://app.example.com/, client_certificate: ../stranger.pem, expect: certificate}
  - {user: bob, request: GET https://app.example.com/, client_certificate: ../laptop.pem, at: "2000-01-01T00:00:00Z",
     expect: certificate, reasons: [invalid-client-certificate]}
  - {request: POST https://app.example.com/, client_certificate: trusted, body: '{"method": "x"}', expect: login}
"""


def test_certificates_take_part(certified: Path) -> None:
    (certified / "tests").mkdir()
    (certified / "tests" / "certified.policy-test.yaml").write_text(CERTIFIED)
    result = _test(certified, str(certified / "tests"))
    assert result.exit_code == 0, result.output
    (certified / "laptop.pem").unlink()
    result = _test(certified, str(certified / "tests"))
    assert result.exit_code == 1
    assert "laptop.pem` cannot be read: no such file or directory" in result.stdout
