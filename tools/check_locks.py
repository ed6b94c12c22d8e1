"""Install the lock files as an old pip would in a year, when every package has a newer release.

Run it with ``python tools/check_locks.py`` in the virtual environment of ``tasks.py``; ``.ci/run``
does. Of a package index it needs the old pip only: each pinned package is on offer as a wheel with
the metadata of the installed one and no content, and with its own hash in the lock file. (That the
real hashes are right is seen where the real packages are installed.)

A lock file that installs on the day it was made can break by itself: an old pip resolves
``coverage[toml]`` apart from a pin of ``coverage`` (https://github.com/pypa/pip/issues/9644), takes
the newest release, and stops as that has no hash. So the oldest pip that comes with the running
Python resolves each lock file here (``pip install --dry-run``) where a newer release of each pinned
package is on offer too, in each way that the project installs them. That the check can fail is
checked first, on the lock file without its extras.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LOCKS = ("runtime", "dev")
#: The pip that came with the first release of a Python.
OLDEST_PIP = {(3, 11): "22.3", (3, 12): "23.2.1", (3, 13): "24.2"}
#: Those that resolve a package with extras apart from its pin without.
STRICT_PIPS = ("22.3", "23.2.1")
#: How lock files are installed: by a user or an image's build, and by tasks.py.
WAYS = (("--require-hashes",), ("--require-hashes", "--no-deps"))
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(\[[^\]]*\])?==(\S+)", re.M)
#: A pin with all that belongs to it: its marker and its hashes.
_ENTRY = re.compile(rf"{_PIN.pattern}(.*)\n(?: +--hash=\S+.*\n)+", re.M)


def pins(lock: str) -> Iterator[tuple[str, str, str]]:
    r"""Give the name, the extras and the version of each pin in the text of a lock file.

    >>> list(pins("rdflib[html]==7.6.0 \\\n    --hash=sha256:00\nuv==0.13.9\n"))
    [('rdflib', '[html]', '7.6.0'), ('uv', '', '0.13.9')]
    """
    for found in _PIN.finditer(lock):
        yield found[1], found[2] or "", found[3]


def without_extras(lock: str) -> str:
    """Give the text of a lock file as it was without ``--no-strip-extras``."""
    return _PIN.sub(r"\1==\3", lock)


def newer(version: str) -> str:
    """Give a version that is a little newer, so that bounds such as ``<8`` still allow it.

    >>> newer("7.6.0"), newer("1!2.0.post1")
    ('7.6.0.99', '1!2.0.99')
    """
    parts = Version(version)
    return f"{parts.epoch}!{parts.base_version.rpartition('!')[2]}.99".removeprefix("0!")


def write_wheel(folder: Path, name: str, version: str, *about: str) -> Path:
    """Write a wheel that installs nothing; give its path.

    :param about: further lines of its metadata, such as ``Requires-Dist: attrs``
    """
    head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    return write_wheel_about(folder, name, version, "\n".join([*head, *about, ""]))


def write_wheel_about(folder: Path, name: str, version: str, metadata: str) -> Path:
    """Write a wheel with this metadata that installs nothing; give its path."""
    stem = f"{canonicalize_name(name).replace('-', '_')}-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    tags = ["Wheel-Version: 1.0", "Root-Is-Purelib: true", "Tag: py3-none-any"]
    files = {"METADATA": metadata, "WHEEL": "\n".join([*tags, ""]), "RECORD": ""}
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            # Without the time, as one package may be written twice, with one hash.
            wheel.writestr(zipfile.ZipInfo(f"{stem}.dist-info/{file}"), text)
    return path


def offer_newer(lock: str, folder: Path) -> None:
    """Write a wheel of a newer release of each package that a lock file pins."""
    for package, extras, version in pins(lock):
        given = [f"Provides-Extra: {extra}" for extra in extras.strip("[]").split(",") if extra]
        write_wheel(folder, package, newer(version), *given)


def with_stand_ins(lock: str, folder: Path) -> str:
    """Write a wheel without content for each installed package of a lock file.

    :return: the lock file with the hashes of these wheels
    """
    installed = {canonicalize_name(found.name): found for found in distributions()}

    def stand_in(entry: re.Match[str]) -> str:
        found = installed.get(canonicalize_name(entry[1]))
        if found is None or found.version != entry[3]:
            return entry[0]  # of another system; else pip says that it isn't to be had
        metadata = found.read_text("METADATA") or ""
        content = write_wheel_about(folder, entry[1], entry[3], metadata).read_bytes()
        pin = entry[0].partition("\n    --hash=")[0]
        return f"{pin}\n    --hash=sha256:{hashlib.sha256(content).hexdigest()}\n"

    return _ENTRY.sub(stand_in, lock)


def bare_environment(folder: Path) -> str:
    """Make a virtual environment with nothing in it; give its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return str(folder / "bin" / "python")


def resolve(
    python: str, pip: Path, lock: Path, offered: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    """Let a pip find out what it would install for a lock file, with newer releases on offer.

    :param python: of an environment in which nothing is installed
    :param pip: the folder with it
    """
    command = [python, str(pip / "pip"), "install", "--dry-run", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--find-links", str(offered), *options]
    return subprocess.run([*command, "-r", str(lock)], capture_output=True, text=True)


def old_pip(version: str, folder: Path) -> Path:
    """Download a pip; give the folder with it, unpacked."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder)]
    subprocess.run([*command, f"pip=={version}"], check=True)
    (wheel,) = folder.glob("pip-*.whl")
    return unpacked(wheel, folder)


def unpacked(wheel: Path, folder: Path) -> Path:
    """Unpack the wheel of a pip, which starts faster from a folder; give that folder."""
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / wheel.stem)
    return folder / wheel.stem


def is_strict(pip: Path) -> bool:
    """Tell whether a pip is known to resolve a package with extras apart from its pin."""
    return pip.name.split("-")[1] in STRICT_PIPS


def check(lock: Path, python: str, pip: Path, folder: Path, *options: str) -> Iterator[str]:
    """Give what is wrong with a lock file, nothing if it installs in each way.

    :param options: of pip, such as where it finds what is pinned
    """
    text = lock.read_text(encoding="utf-8")
    offered = folder / f"newer-{lock.stem}"
    offered.mkdir()
    offer_newer(text, offered)
    bare = folder / f"{lock.stem}-without-extras.txt"
    bare.write_text(without_extras(text), encoding="utf-8")
    if bare.read_text(encoding="utf-8") == text:
        yield f"{lock} pins nothing with extras, so this check can't show that it can fail"
    elif is_strict(pip) and resolve(python, pip, bare, offered, *WAYS[0], *options).returncode == 0:
        yield f"{pip.name} takes {lock} without its extras too, so this check can't fail"
    for way in WAYS:
        done = resolve(python, pip, lock, offered, *way, *options)
        if done.returncode:
            yield f"{pip.name} {' '.join(way)} -r {lock}:\n{done.stderr.strip()}"


def main() -> int:
    """Check the lock files; give 1 if one can't be installed, and say why."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pip", default=OLDEST_PIP.get(sys.version_info[:2]), metavar="VERSION")
    parser.add_argument("locks", nargs="*", type=Path, help="default: those of the project")
    given = parser.parse_args()
    locks = given.locks or [ROOT / "requirements" / f"{name}.txt" for name in LOCKS]
    failed = 0
    with TemporaryDirectory() as name:
        folder = Path(name)
        pip, python = old_pip(given.pip, folder), bare_environment(folder / "venv")
        pinned = folder / "pinned"
        pinned.mkdir()
        here = ("--no-index", "--find-links", str(pinned))
        for lock in locks:
            copy = folder / lock.name
            copy.write_text(with_stand_ins(lock.read_text(encoding="utf-8"), pinned), "utf-8")
            faults = list(check(copy, python, pip, folder, *here))
            failed += bool(faults)
            print("\n".join(faults or [f"{lock.name}: {pip.name} installs it in each way"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
