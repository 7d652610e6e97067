"""An id from before stands for its successor where only the upstreams changed."""

from access_model.model import AccessModel
from access_model.succession import succeeding
from tests.access_model.reading import SIGN_IN, read

BEFORE = """\
routes:
  - from: https://app.example.com
    to: http://10.0.0.1:8080
    allowed_users: [alice@example.com]
  - from: https://other.example.com
    to: http://10.0.0.1:8080
    allow_any_authenticated_user: true
"""


def model(text: str) -> AccessModel:
    return read(SIGN_IN + text).model


def test_another_upstream_keeps_the_old_id_known_for_the_new_route() -> None:
    before, after = model(BEFORE), model(BEFORE.replace("10.0.0.1:8080\n    allowed", "10.0.0.2:8080\n    allowed"))
    old, new = before.routes[0], after.routes[0]
    assert old.id != new.id
    assert after.route_by_id(old.id) is None
    following = succeeding(after, before)
    assert following.route_by_id(old.id) == new
    assert following.route_by_id(new.id) == new
    assert following == after


def test_ids_are_passed_on_through_several_changes_and_come_back() -> None:
    first, second, third = (
        model(BEFORE.replace("10.0.0.1:8080\n    allowed", f"{host}:80\n    allowed")) for host in "abc"
    )
    last = succeeding(third, succeeding(second, first))
    assert last.route_by_id(first.routes[0].id) == third.routes[0]
    again = succeeding(first, last)
    assert again.route_by_id(first.routes[0].id) == first.routes[0]
    assert again.route_by_id(third.routes[0].id) == first.routes[0]


def test_another_policy_with_another_upstream_has_no_successor() -> None:
    """Or the old upstream would be open by the new policy for a moment."""
    changed = BEFORE.replace("10.0.0.1:8080\n    allowed_users: [alice", "10.0.0.2:8080\n    allowed_users: [bob")
    before = model(BEFORE)
    assert succeeding(model(changed), before).route_by_id(before.routes[0].id) is None


def test_a_removed_route_is_gone() -> None:
    before = model(BEFORE)
    after = model("routes:\n" + BEFORE[BEFORE.index("  - from: https://other") :])
    assert succeeding(after, before).route_by_id(before.routes[0].id) is None
