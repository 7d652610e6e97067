"""Envoy resources that the operator brings himself (`xds_resources`): text in, checked resources out.

Pure, as the translation is: what they are read from was read before.
"""

from control_plane.raw.resources import RawResourcesInvalid, raw_resources

__all__ = ["RawResourcesInvalid", "raw_resources"]
