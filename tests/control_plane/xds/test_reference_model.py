"""Rules 1 to 13 hold whatever is published, answered, refused, subscribed to and interrupted."""

from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from control_plane.snapshot import Resource, Snapshot
from control_plane.xds import Variant
from tests.control_plane.xds.reference_client import TYPES, ReferenceClient
from tests.control_plane.xds.world import EDS, RDS, SDS, cluster, endpoints, host, listener, route, secret

NAMES = ("a", "b", "c")
CONTENTS = st.sampled_from(("1", "2", "3"))
SOME = st.sets(st.sampled_from(NAMES))


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A few clusters, some with endpoints and secrets, and routes, virtual hosts and listeners that name them."""
    resources: list[Resource] = []
    clusters = sorted(draw(SOME))
    for name in clusters:
        eds, secrets = draw(st.booleans()), draw(st.sets(st.just(name)))
        resources.append(cluster(name, f"{draw(CONTENTS)} {eds} {secrets}", eds=eds, secrets=secrets))
        resources += [endpoints(name, draw(CONTENTS))] if eds else []
        resources += [secret(name, draw(CONTENTS))] if secrets else []
    targets = st.sets(st.sampled_from(clusters)) if clusters else st.just(set())
    routes = sorted(draw(SOME))
    resources += [route(name, draw(CONTENTS) + str(sorted(to)), to=to) for name in routes for to in [draw(targets)]]
    hosts = sorted(draw(SOME))
    resources += [host(name, draw(CONTENTS) + str(sorted(to)), to=to) for name in hosts for to in [draw(targets)]]
    named = st.sets(st.sampled_from(routes)) if routes else st.just(set())
    for name in sorted(draw(SOME)):
        made_of = draw(named), draw(targets)
        content = f"{draw(CONTENTS)} {sorted(made_of[0])} {sorted(made_of[1])}"
        resources.append(listener(name, content, routes=made_of[0], to=made_of[1]))
    return Snapshot.build(resources)


class Conversation(RuleBasedStateMachine):
    """One client, any order of events."""

    variant: ClassVar[Variant]

    @initialize(snapshot=snapshots())
    def connect(self, snapshot: Snapshot) -> None:
        self.client = ReferenceClient(self.variant, snapshot)

    @rule(snapshot=snapshots())
    def publish(self, snapshot: Snapshot) -> None:
        self.client.publish(snapshot)

    @precondition(lambda self: self.client.unanswered)
    @rule(data=st.data(), accept=st.sampled_from((True, True, False)))
    def answer(self, data: st.DataObject, accept: bool) -> None:
        self.client.answer(data.draw(st.sampled_from(sorted(self.client.unanswered))), accept=accept)

    @rule(type_url=st.sampled_from((EDS, RDS, SDS)), name=st.sampled_from(NAMES))
    def subscribe(self, type_url: str, name: str) -> None:
        self.client.subscribe(type_url, name)

    @rule(type_url=st.sampled_from((EDS, RDS, SDS)), name=st.sampled_from(NAMES))
    def unsubscribe(self, type_url: str, name: str) -> None:
        self.client.unsubscribe(type_url, name)

    @rule()
    def reconnect(self) -> None:
        self.client.connect()

    @rule()
    def age(self) -> None:
        self.client.age()

    @rule()
    def settle(self) -> None:
        self.client.settle()
        self.client.age()
        self.client.settle()
        self.client.check_settled()
        assert set(self.client.held) == set(TYPES)

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.settle()


class SotwConversation(Conversation):
    """State of the world."""

    variant = Variant.SOTW


class DeltaConversation(Conversation):
    """Differences."""

    variant = Variant.DELTA


BOUNDED = settings(
    max_examples=100,
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestSotw = SotwConversation.TestCase
TestSotw.settings = BOUNDED
TestDelta = DeltaConversation.TestCase
TestDelta.settings = BOUNDED
