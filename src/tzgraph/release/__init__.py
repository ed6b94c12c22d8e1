"""A release is an immutable folder: built aside, switched in at once, opened read-only."""

from tzgraph.release.build import BuildOptions, Progress, build_release
from tzgraph.release.manifest import Manifest
from tzgraph.release.reader import Release, open_release

__all__ = ["BuildOptions", "Manifest", "Progress", "Release", "build_release", "open_release"]
