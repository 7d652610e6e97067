"""The results of policy tests, for people and for programs."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from access_model.policy_tests import Covered, Result


def print_results(results: Sequence[Result], covered: Sequence[Covered]) -> None:
    """Print them to standard output, with colours on a terminal."""
    console = Console(soft_wrap=True, highlight=False, no_color=not sys.stdout.isatty())
    for line in (*_results(results), *_coverage(covered)):
        console.print(line)


def as_json(results: Sequence[Result], covered: Sequence[Covered]) -> dict[str, Any]:
    """The same, of plain values."""
    passed = sum(result.passed for result in results)
    return {
        "passed": passed,
        "failed": len(results) - passed,
        "results": [_result(result) for result in results],
        "coverage": {
            "criteria": len(covered),
            "exercised": sum(each.exercised for each in covered),
            "not_exercised": [_criterion(each) for each in covered if not each.exercised],
        },
    }


def _result(result: Result) -> dict[str, Any]:
    case = result.case
    return {
        "name": case.name,
        "source": case.source,
        "user": case.person.name if case.person else None,
        "method": case.method,
        "url": case.url,
        "passed": result.passed,
        "expected": case.expect,
        "decision": result.seen.outcome,
        "reasons": list(result.seen.reasons),
        "complaint": result.complaint,
        "said_no": _said_no(result),
    }


def _criterion(each: Covered) -> dict[str, Any]:
    return {
        "route": each.route,
        "source": each.source,
        "action": each.action,
        "criterion": each.criterion,
        "held": each.held,
        "failed": each.failed,
    }


def _said_no(result: Result) -> list[str]:
    explanation = result.seen.explanation
    return [each.text for each in explanation.said_no] if explanation else []


def _results(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        mark = "[green]✓[/]" if result.passed else "[red]✗[/]"
        yield f"{mark} {escape(result.case.title)}"
        if not result.passed:
            yield f"    {escape(result.case.source)}: [red]{escape(result.complaint)}[/]"
            if said_no := _said_no(result):
                yield f"    said no: {escape('; '.join(said_no))}"
    failed = sum(not result.passed for result in results)
    yield ""
    yield f"[bold]{len(results) - failed} passed, {failed} failed[/]"


def _coverage(covered: Sequence[Covered]) -> Iterator[str]:
    missing = [each for each in covered if not each.exercised]
    yield f"{len(covered) - len(missing)} of {len(covered)} criteria exercised"
    for each in missing:
        lacks = "never asked" if not (each.held or each.failed) else "never holds" if each.failed else "always holds"
        yield f"  {lacks:<12}  {escape(f'{each.route}: {each.action} {each.criterion} ({each.source})')}"
