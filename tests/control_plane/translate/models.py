"""Access models for the translation's tests, built by hand: only what a test is about need be named."""

from datetime import timedelta
from typing import Any

from access_model.model import (
    AccessModel,
    AssertionSettings,
    CookieSettings,
    EnvoySettings,
    Listener,
    Origin,
    PathMatch,
    Route,
    Target,
)
from access_model.policy import Policy
from control_plane.translate import Places

PLACES = Places(check="unix:///run/ostiary/check.sock", web="127.0.0.1:8081")


def an_origin(host: str = "app.example.com") -> Origin:
    return Origin(scheme="https", host=host, port=443)


def a_target(host: str = "10.0.0.1", port: int = 8080, **changes: Any) -> Target:
    return Target(**{"scheme": "http", "host": host, "port": port, **changes})


def a_route(route_id: str = "r1", host: str = "app.example.com", prefix: str = "/", **changes: Any) -> Route:
    settings: dict[str, Any] = {
        "id": route_id,
        "name": f"{host}{prefix}",
        "origin": an_origin(host),
        "match": PathMatch("prefix", prefix),
        "targets": (a_target(),),
        "target_path": "",
        "policy": Policy(),
        "public": False,
    }
    return Route(**{**settings, **changes})


def a_listener(**changes: Any) -> Listener:
    return Listener(**{"address": "127.0.0.1", "port": 8443, "insecure": True, "certificates": (), **changes})


def a_model(*routes: Route, **changes: Any) -> AccessModel:
    settings: dict[str, Any] = {
        "revision": "0123456789abcdef",
        "source": "test.yaml",
        "listener": a_listener(),
        "authenticate": an_origin("auth.example.com"),
        "provider": None,
        "cookie": CookieSettings("__Host-_pomerium", None, True, True, "lax", timedelta(hours=14)),
        "assertion": AssertionSettings("x-pomerium-jwt-assertion", None),
        "shared_secret": None,
        "cookie_secret": None,
        "store_url": "memory://",
        "services": None,
        "envoy": EnvoySettings(None, None, "info", None),
        "routes": routes,
    }
    return AccessModel(**{**settings, **changes})
