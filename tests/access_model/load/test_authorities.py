"""`certificate_authority`: all the ways to give it, and all the ways to get it wrong."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from tests.access_model.reading import ROUTE, SIGN_IN, problems_of, read
from tests.harness.authority import Authority

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ONE, TWO = (Authority.root(name, now=NOW).pem for name in ("One", "Two"))
FILES = {"one.pem": ONE.encode(), "both.pem": f"{ONE}{TWO}".encode()}


def authorities(keys: str, files: dict[str, bytes] | None = None) -> str:
    return read(f"{SIGN_IN}{keys}\n{ROUTE}", files=files or FILES, now=NOW).model.authorities_pem


@pytest.mark.parametrize(
    ("keys", "pem"),
    [
        ("", ""),
        ("certificate_authority_file: one.pem", ONE),
        ("certificate_authority_file: both.pem", f"{ONE}{TWO}"),
        (f"certificate_authority: {b64encode(ONE.encode()).decode()}", ONE),
        ("certificate_authority: |\n  " + ONE.replace("\n", "\n  "), ONE),
    ],
)
def test_authorities_in_all_their_forms(keys: str, pem: str) -> None:
    assert authorities(keys) == pem


def test_the_file_is_followed() -> None:
    loaded = read(f"{SIGN_IN}certificate_authority_file: one.pem\n{ROUTE}", files=FILES, now=NOW)
    assert loaded.files == ("one.pem",)
    assert loaded.warnings == ()


def test_only_certificates_are_kept_and_each_once() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
    text = f"# Ünternehmen\n{ONE}{key}{ONE}{TWO}"
    assert authorities("certificate_authority_file: x", {"x": text.encode()}) == f"{ONE}{TWO}"


def test_whom_to_trust_is_no_part_of_a_decision() -> None:
    with_key = read(f"{SIGN_IN}certificate_authority_file: one.pem\n{ROUTE}", files=FILES)
    assert with_key.model.revision == read(f"{SIGN_IN}{ROUTE}").model.revision


@pytest.mark.parametrize(
    ("keys", "path", "code"),
    [
        ("certificate_authority: hello", "certificate_authority", "bad-pem"),
        ("certificate_authority: ''", "certificate_authority", "bad-pem"),
        ("certificate_authority: [x]", "certificate_authority", "bad-text"),
        ("certificate_authority_file: gone", "certificate_authority_file", "unreadable-file"),
        ("certificate_authority_file: junk", "certificate_authority_file", "bad-pem"),
        ("certificate_authority_file: empty", "certificate_authority_file", "bad-pem"),
        ("certificate_authority_file: broken", "certificate_authority_file", "bad-pem"),
    ],
)
def test_what_cannot_be_used_is_reported_with_its_line(keys: str, path: str, code: str) -> None:
    files = {"junk": b"-----BEGIN X-----", "empty": b"", "broken": ONE.replace("MII", "XXX").encode()}
    (problem,) = problems_of(f"{SIGN_IN}{keys}\n{ROUTE}", files=files)
    assert (problem.path, problem.line, problem.code) == (path, 6, code)


def test_both_forms_are_one_too_many() -> None:
    keys = f"certificate_authority: {b64encode(ONE.encode()).decode()}\ncertificate_authority_file: one.pem"
    (problem,) = problems_of(f"{SIGN_IN}{keys}\n{ROUTE}", files=FILES)
    assert (problem.path, problem.line, problem.code) == ("certificate_authority_file", 7, "given-twice")


def test_an_authority_that_ran_out_is_worth_a_warning() -> None:
    end = x509.load_pem_x509_certificate(ONE.encode()).not_valid_after_utc
    loaded = read(
        f"{SIGN_IN}certificate_authority_file: both.pem\n{ROUTE}", files=FILES, now=end + timedelta(seconds=1)
    )
    first, second = loaded.warnings
    assert (first.path, first.line, first.code) == ("certificate_authority_file", 6, "certificate-validity")
    assert "`CN=One`: the certificate expired on" in first.message
    assert "`CN=Two`" in second.message
