"""`ostiary test`: do the policies say what the tests expect of them?"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from access_model.external_data import Directory, ExternalData
from access_model.facts import ClientCertificate, Identity, RequestFacts
from access_model.load import ConfigurationInvalid
from access_model.model import AccessModel
from access_model.policy_tests import Case, Covered, Judge, Person, Seen, coverage, read_policy_tests, run
from extauthz.decide import Known
from extauthz.judged_certificates import JudgedCertificates
from extauthz.rehearsal import NotAClaim, NotARequest, person, placed, rehearse, request
from ostiary.commands.client_certificate import NotACertificate, read_client_certificate
from ostiary.commands.options import ConfigOption, JsonOption
from ostiary.commands.policy_test_text import as_json, print_results
from ostiary.commands.reading import print_problems, read_or_exit
from ostiary.external_data import DataUnusable, read_data
from ostiary.roots.clock import utc_now

SUFFIX = ".policy-test.yaml"
TRUSTED = "trusted"
FAILED = 1
NOT_RUN = 3


class NoTests(Exception):
    """There is nothing to run; the message says where it was looked for."""


def run_tests(
    config: ConfigOption,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help=f"Test files, or folders with files named `*{SUFFIX}`.")
    ],
    min_coverage: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", min=0, max=100, help="Fail if less of the criteria is exercised."),
    ] = None,
    as_json_: JsonOption = False,
) -> None:
    """Run policy tests: files that say who asks for what, and what is to come of it.

    Tells which tests failed and why, and which criteria of the policies no test exercises. Exits with 0 if all passed,
    with 1 if some failed or too few criteria are exercised, with 3 if they cannot be run. Nothing that runs is asked or
    touched.
    """
    file, loaded = read_or_exit(config, NOT_RUN)
    cases = _read_or_exit(paths)
    try:
        data, _ = read_data(file, loaded.model)
    except DataUnusable as error:
        typer.echo(f"the tests cannot be run: {error}", err=True)
        raise typer.Exit(NOT_RUN) from None
    results = run(cases, _judge(loaded.model, data, utc_now()))
    covered = coverage(loaded.model, results)
    if as_json_:
        typer.echo(json.dumps(as_json(results, covered), indent=2))
    else:
        print_results(results, covered)
    enough = min_coverage is None or _enough(covered, min_coverage)
    if not enough or not all(result.passed for result in results):
        raise typer.Exit(FAILED)


def _enough(covered: Sequence[Covered], wanted: float) -> bool:
    """Whether so many percent of the criteria are exercised; if not, it is said. Of none, all are."""
    reached = 100 * sum(each.exercised for each in covered) / len(covered) if covered else 100.0
    if reached < wanted:
        message = f"{reached:.4g} % of the criteria are exercised, and --min-coverage wants {wanted:.4g} %"
        typer.echo(f"{message}: add tests in which those listed hold, and in which they do not", err=True)
    return reached >= wanted


def _judge(model: AccessModel, data: ExternalData, now: datetime) -> Judge:
    def judge(case: Case) -> Seen:
        try:
            facts = _facts(case, model, case.at or now)
            identity = _identity(case.person, data.directory) if case.person else None
        except (NotARequest, NotAClaim, NotACertificate) as error:
            return Seen("nothing", problem=str(error))
        found = rehearse(facts, Known(identity, records=data.records), model, case.at or now)
        route_id = found.route.id if found.route else ""
        return Seen(found.outcome, found.reasons, found.problem, route_id, found.explanation)

    return judge


def _facts(case: Case, model: AccessModel, now: datetime) -> RequestFacts:
    asked = request(case.method, case.url, headers=case.headers, address=case.address, body=case.body.encode())
    if not case.certificate:
        return asked
    if case.certificate == TRUSTED:
        return replace(asked, client_certificate=ClientCertificate("", trusted=True))
    file = Path(case.source.rpartition(":")[0]).parent / case.certificate
    return JudgedCertificates().applied(replace(asked, client_certificate=read_client_certificate(file)), model, now)


def _identity(asks: Person, directory: Directory | None) -> Identity:
    identity = person(asks.id, email=asks.email, groups=asks.groups or (), claims=asks.claims)
    return placed(identity, directory) if asks.groups is None else identity


def _read_or_exit(paths: Sequence[Path]) -> tuple[Case, ...]:
    """The cases of all files; whatever is wrong with any of them is printed whole."""
    cases: list[Case] = []
    right = True
    try:
        for path in sorted(set(_files(paths))):
            try:
                cases += read_policy_tests(path.read_text(encoding="utf-8"), str(path))
            except ConfigurationInvalid as invalid:
                print_problems(invalid.problems)
                right = False
    except (NoTests, OSError, UnicodeDecodeError) as error:
        typer.echo(f"the tests cannot be run: {error}", err=True)
        right = False
    if not right:
        raise typer.Exit(NOT_RUN)
    return tuple(cases)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        found = sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not found:
            raise NoTests(f"no file below `{path}` is named `*{SUFFIX}`")
        yield from found
