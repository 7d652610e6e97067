"""The access model as Envoy resources: one pure function, one Envoy feature per file.

https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
"""

from control_plane.translate.memory import Memory
from control_plane.translate.places import Places
from control_plane.translate.resources import groups, translate

__all__ = ["Memory", "Places", "groups", "translate"]
