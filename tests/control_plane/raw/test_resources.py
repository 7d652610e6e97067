"""The operator's own resources: taken as they are, or refused with file, line and path."""

import pytest

from access_model.model import RawFile
from access_model.secret import Secret
from control_plane.raw import RawResourcesInvalid, raw_resources
from control_plane.readable import readable
from control_plane.snapshot import Reference, Resource, TypeUrl

PREFIX = "type.googleapis.com/envoy."
LISTENER = """\
listeners:
  - name: own
    address: {socket_address: {address: 127.0.0.1, port_value: 8444}}
    filter_chains:
      - filters:
          - name: hcm
            typed_config:
              "@type": PREFIX/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: own
              codec_type: AUTO
              rds: {route_config_name: own, config_source: {ads: {}, resource_api_version: V3}}
              http_filters:
                - name: ostiary.ext_authz
                  config_discovery:
                    config_source: {ads: {}, resource_api_version: V3}
                    type_urls: [type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz]
""".replace("PREFIX", "type.googleapis.com")
CLUSTER = """\
clusters:
  - name: own
    type: EDS
    connectTimeout: 1.5s
    eds_cluster_config: {eds_config: {ads: {}}}
    metadata: {filter_metadata: {mine: {deep: [1, true, text]}}}
"""
ROUTE = """\
routes:
  - name: own
    virtual_hosts:
      - {name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: own}}]}
"""
ENDPOINTS = "endpoints: [{cluster_name: own, endpoints: []}]\n"


def raw(text: str, name: str = "own.yaml") -> RawFile:
    return RawFile(name, Secret.of(text))


def resources(*texts: str, ours: tuple[Resource, ...] = ()) -> dict[Reference, Resource]:
    made = raw_resources([raw(text, f"{index}.yaml") for index, text in enumerate(texts)], ours)
    return {resource.reference: resource for resource in made}


def problems(*texts: str, ours: tuple[Resource, ...] = ()) -> list[str]:
    with pytest.raises(RawResourcesInvalid) as caught:
        resources(*texts, ours=ours)
    return list(caught.value.problems)


def test_what_they_name_is_found_wherever_it_stands() -> None:
    made = resources(LISTENER, CLUSTER, ROUTE, ENDPOINTS)
    names = {reference: set(resource.references) for reference, resource in made.items()}
    assert names == {
        Reference(TypeUrl.LISTENER, "own"): {
            Reference(TypeUrl.ROUTE, "own"),
            Reference(TypeUrl.EXTENSION_CONFIG, "ostiary.ext_authz"),
        },
        Reference(TypeUrl.CLUSTER, "own"): {Reference(TypeUrl.ENDPOINT, "own")},
        Reference(TypeUrl.ROUTE, "own"): {Reference(TypeUrl.CLUSTER, "own")},
        Reference(TypeUrl.ENDPOINT, "own"): set(),
    }


def test_values_arrive_as_they_were_written() -> None:
    shown = readable(resources(CLUSTER)[Reference(TypeUrl.CLUSTER, "own")])
    assert shown["connect_timeout"] == "1.500s"
    assert shown["metadata"]["filter_metadata"]["mine"] == {"deep": [1.0, True, "text"]}


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: own}',
        '[{"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: own}]',
        '{"clusters": [{"name": "own"}]}',
        "---\nclusters:\n- name: own\n---\nclusters: []\n",
    ],
)
def test_every_form_gives_the_same(text: str) -> None:
    assert resources(text) == resources("clusters: [{name: own}]")


def test_the_order_of_keys_does_not_count() -> None:
    assert resources("clusters: [{name: own, type: STATIC}]") == resources("clusters: [{type: STATIC, name: own}]")


def test_a_kind_of_on_and_off_is_no_truth_value() -> None:
    text = 'secrets: [{name: "on", generic_secret: {secret: {inline_string: on}}}]'
    (made,) = resources(text).values()
    assert readable(made)["generic_secret"]["secret"] == {"inline_string": "on"}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("clusters:\n  - name: own\n    typ: EDS\n", "0.yaml:3: clusters[0].typ", "did you mean `type`?"),
        ("clusters:\n  - name: own\n    type: EDSS\n", "0.yaml:3: clusters[0].type", "EDSS"),
        ("clusters:\n  - name: own\n    connect_timeout: soon\n", "0.yaml:3: clusters[0].connect_timeout", "Duration"),
        ("clusters:\n  - name: own\n    lb_subset_config: 7\n", "0.yaml:3: clusters[0].lb_subset_config", "mapping"),
        ("clusters:\n  - type: EDS\n", "0.yaml:2: clusters[0]", "no name"),
        ("clusters:\n  own: {}\n", "0.yaml:1: clusters", "list is wanted"),
        ("clusters:\n  - own\n", "0.yaml:2: clusters[0]", "mapping"),
        ("clusters:\n  - name: [a]\n", "0.yaml:2: clusters[0].name", ""),
        ("clusters:\n  - name: 7\n", "0.yaml:2: clusters[0].name", ""),
        ("cluster: []\n", "0.yaml:1: cluster", "`clusters`"),
        ("just text\n", "0.yaml:1: the file", "mapping or a list"),
        ("clusters: [\n", "0.yaml:2", "neither YAML nor JSON"),
        ("clusters: []\nclusters: []\n", "0.yaml:2", "`clusters` is given twice"),
        ("clusters: &a [*a]\n", "0.yaml:1", "contains itself"),
        ('- {"@type": nonsense}\n', "0.yaml:1: [0].@type", "`nonsense` is no type"),
        ("- {name: own}\n", "0.yaml:1: [0]", "`@type` is missing"),
        (f'- {{"@type": {PREFIX}config.core.v3.Node, id: x}}\n', "0.yaml:1: [0]", "nothing that is served"),
        (ROUTE.replace("cluster: own", "cluster: own, cluster_header: x"), "0.yaml:4", "`cluster` is given as well"),
        (LISTENER.replace("stat_prefix", "stat_prefx"), "0.yaml:9", "did you mean `stat_prefix`?"),
        (LISTENER.replace("8444", "84440000000"), "0.yaml:3", "range"),
        (LISTENER.replace("v3.HttpConn", "v3.HtpConn"), "0.yaml:8", "no type that this version knows"),
        (CLUSTER.replace("{mine: {", "{ostiary: {"), "0.yaml:2: clusters[0]", "only a listener"),
    ],
)
def test_mistakes_have_file_line_and_path(text: str, place: str, words: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(place)
    assert words in problem


def test_all_mistakes_come_at_once() -> None:
    assert len(problems("clusters: [{name: a, typ: x}, {name: b, typ: x}]", "nonsense", "clusters: {}")) == 4


def test_a_name_twice_is_refused_with_both_places() -> None:
    (problem,) = problems(CLUSTER, "\n" + CLUSTER)
    assert problem.startswith("1.yaml:3: clusters[0]: cluster `own` exists already, in 0.yaml:2")
    ours = tuple(resources(CLUSTER).values())
    (problem,) = problems(CLUSTER, ours=ours)
    assert "in what the routes lead to" in problem


def test_no_key_material_is_in_a_message() -> None:
    text = (
        "secrets:\n  - name: s\n    tls_certificate: {private_key: {inline_strin: hunter2, inline_bytes: hunter2!}}\n"
    )
    assert all("hunter2" not in problem for problem in problems(text))
