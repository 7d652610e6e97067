"""A node that others could be gets its group's resources only if its certificate bears the group out."""

from collections.abc import Sequence

import pytest

from access_model.client_certificate import CertificateNames
from control_plane.ads import Publisher
from control_plane.ads.membership import is_member
from control_plane.xds import Node
from tests.control_plane.xds.world import cluster, snapshot

EDGE = Node(id="e", cluster="edge")


def certificate(*dns_names: str, uris: Sequence[str] = ()) -> CertificateNames:
    return CertificateNames("f", "s", dns_names=dns_names, uris=tuple(uris))


@pytest.mark.parametrize(
    ("listed", "peer", "member"),
    [
        ("edge.test", certificate("edge.test"), True),
        ("edge.test", certificate("other.test", "EDGE.test"), True),
        ("edge.test", certificate("edge.test.evil"), False),
        ("edge.test", certificate("an.edge.test"), False),
        ("edge.test", certificate(), False),
        ("*.edge.test", certificate("one.edge.test"), True),
        ("*.edge.test", certificate("a.b.edge.test"), True),
        ("*.edge.test", certificate("edge.test"), False),
        ("*.edge.test", certificate("oneedge.test"), False),
        ("spiffe://t/edge", certificate(uris=["spiffe://t/edge"]), True),
        ("spiffe://t/edge", certificate(uris=["spiffe://t/edge/x"]), False),
        ("spiffe://t/edge", certificate("spiffe://t/edge"), False),
        ("edge.test", certificate(uris=["edge.test"]), False),
    ],
)
def test_who_is_a_member(listed: str, peer: CertificateNames, member: bool) -> None:
    assert is_member(peer, ["unlike.test", listed]) is member
    assert not is_member(peer, [])


def test_a_group_with_resources_of_its_own_is_for_its_members() -> None:
    publisher, all_of_them = Publisher(), snapshot(cluster("all"))
    publisher.publish(all_of_them, {"edge": snapshot(cluster("edge"))}, {"edge": ["edge.test"]})
    assert publisher.objection(EDGE, certificate("edge.test")) == ""
    assert publisher.objection(EDGE, None) == "", "without TLS only those of this machine come here"
    assert "its names: `inner.test`" in publisher.objection(EDGE, certificate("inner.test"))
    assert "its names: none" in publisher.objection(EDGE, certificate())
    assert publisher.objection(Node(id="i", cluster="inner"), certificate()) == "", "which has nothing of its own"


def test_a_group_of_which_nobody_was_named_is_for_nobody() -> None:
    publisher = Publisher()
    publisher.publish(snapshot(), {"edge": snapshot(cluster("edge"))})
    assert publisher.objection(EDGE, certificate("edge.test"))
