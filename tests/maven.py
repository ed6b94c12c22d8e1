"""Programs in Java that Maven gets and runs, for tests that are no part of CI."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


class MavenMissingError(Exception):
    """A program in Java can't be run here; the message says why."""


def need_maven() -> None:
    """Look for Java and Maven.

    :raises MavenMissingError: if one isn't there
    """
    if missing := [name for name in ("java", "mvn") if shutil.which(name) is None]:
        raise MavenMissingError(f"{' and '.join(missing)} not found")


def run_maven(pom: Path, *arguments: str, memory: str = "-Xmx2g") -> str:
    """Run Maven on a project.

    :param pom: the project's file
    :param arguments: goals and definitions
    :param memory: options of the Java machine
    :return: what it prints
    :raises MavenMissingError: if Java or Maven isn't there, or can't get what the project needs
    :raises RuntimeError: if it fails otherwise, with what it said
    """
    need_maven()
    command = ["mvn", "--quiet", "--batch-mode", f"--file={pom}", *arguments]
    environment = dict(os.environ, MAVEN_OPTS=memory)
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        said = done.stdout + done.stderr
        if "Could not transfer" in said or "Could not resolve" in said:
            raise MavenMissingError(f"Maven can't get what {pom.parent.name} needs: {said[:500]}")
        raise RuntimeError(f"Maven failed: {said}")
    return done.stdout
