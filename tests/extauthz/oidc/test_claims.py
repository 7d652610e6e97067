from typing import Any

from extauthz.oidc.claims import beyond, first, flatten, truth


def test_claims_become_flat_and_textual() -> None:
    claims = {
        "sub": "alice",
        "groups": ["a", "b", None],
        "age": 42,
        "ratio": 0.5,
        "admin": True,
        "address": {"city": "Berlin", "geo": {"lat": 52}},
        "roles": [{"id": 1}, True],
        "gone": None,
        "empty": {},
        "nonce": "n",
        "at_hash": "h",
    }
    assert dict(flatten(claims)) == {
        "sub": ("alice",),
        "groups": ("a", "b"),
        "age": ("42",),
        "ratio": ("0.5",),
        "admin": ("true",),
        "address.city": ("Berlin",),
        "address.geo.lat": ("52",),
        "roles": ('{"id":1}', "true"),
    }


def test_a_claim_named_literally_wins_over_a_nested_one() -> None:
    assert flatten({"a": {"b": "nested"}, "a.b": "literal"})["a.b"] == ("literal",)


def test_depth_is_bounded() -> None:
    deep: dict[str, Any] = {"leaf": 1}
    for _ in range(100):
        deep = {"x": deep}
    ((name, values),) = flatten(deep).items()
    assert name.count(".") == 8
    assert values[0].startswith('{"x":')


def test_booleans_are_read_as_text_too() -> None:
    flat = flatten({"yes": True, "no": "False", "odd": 1})
    assert (truth(flat, "yes"), truth(flat, "no"), truth(flat, "odd"), truth(flat, "none")) == (True, False, None, None)
    assert first(flat, "none") == ""


def test_of_what_both_say_alike_the_profile_alone_is_kept() -> None:
    claims = {"sub": ("alice",), "acr": ("2",), "groups": ("a", "b"), "name": ("Alice",), "roles": ("admin",)}
    profile = {"sub": ("alice",), "acr": ("2",), "groups": ("a", "b"), "name": ("Alice Liddell",)}
    kept = beyond(profile, claims)
    assert dict(kept) == {"sub": ("alice",), "acr": ("2",), "name": ("Alice",), "roles": ("admin",)}
