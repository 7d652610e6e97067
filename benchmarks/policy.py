"""How long one evaluation of a policy takes: `make bench-policy`.

Ten criteria of different kinds, compiled once as at load, and asked in the three ways that matter: by somebody who may
pass, by somebody who may not, and by a stranger. What counts is the
processor time of the fastest round; the rest is the machine.
"""

import sys
import timeit
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from time import process_time

import yaml

from access_model.facts import Identity, RequestFacts
from access_model.policy import PolicyInput, evaluate, parse_policy

LIMIT_MICROSECONDS = 20.0
ROUNDS, TIMES = 50, 2_000

POLICY = """
- allow:
    and:
      - domain: example.com
      - groups: engineering
      - claim/department: research
      - http_method: {in: [GET, HEAD, POST]}
      - http_path: {starts_with: /reports/}
      - source_ip: [10.0.0.0/8, "2001:db8::/32"]
      - time_of_day: {timezone: Europe/Berlin, after: "6:00", before: "22:00"}
- deny:
    or:
      - user: {in: ["1", "2", "3"]}
      - header: {name: x-environment, is: production}
      - date: {after: "2099-01-01"}
"""

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REQUEST = RequestFacts(
    "GET",
    "https",
    "app.example.com",
    "app.example.com",
    "/reports/7",
    "/reports/7",
    "",
    headers={"x-environment": ("test",), "accept": ("*/*",)},
    client_address=ip_address("10.1.2.3"),
)
ALICE = Identity(
    "alice",
    "session-1",
    "alice@example.com",
    True,
    groups=("g-17", "engineering"),
    user_claims={"department": ("research",), "groups": ("engineering",)},
)
BOB = Identity("bob", "session-2", "bob@example.net", True)


def main() -> None:
    """Print the figures; exit 1 when one is above the limit."""
    parsed = parse_policy(yaml.load(POLICY, Loader=yaml.BaseLoader))
    assert not parsed.mistakes, parsed.mistakes
    slowest = 0.0
    for who, identity in (("may pass", ALICE), ("may not pass", BOB), ("stranger", None)):
        asked = PolicyInput(REQUEST, identity, NOW)
        assert evaluate(parsed.policy, asked).permits is (identity is ALICE)
        seconds = timeit.repeat(
            partial(evaluate, parsed.policy, asked), timer=process_time, repeat=ROUNDS, number=TIMES
        )
        microseconds = min(seconds) / TIMES * 1e6
        slowest = max(slowest, microseconds)
        sys.stdout.write(f"{who:<14}{microseconds:6.2f} µs per evaluation of ten criteria\n")
    sys.exit(slowest > LIMIT_MICROSECONDS)


if __name__ == "__main__":
    main()
