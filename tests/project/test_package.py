"""The frame of the project: metadata, lock files, and what the packages carry."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
DATA_FOLDERS = ("ontology", "queries", "shapes", "sources")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def version() -> str:
    return str(project()["project"]["version"])


def locked(name: str) -> dict[str, set[str]]:
    """Give the versions of each package in a lock file (several where Pythons need several)."""
    found: dict[str, set[str]] = {}
    for package, pin in re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", read(f"requirements/{name}"), re.M
    ):
        found.setdefault(canonicalize_name(package), set()).add(pin)
    return found


def wanted(*groups: str, extras: bool) -> list[Requirement]:
    """Give the requirements that pyproject.toml states, with those of dependency groups."""
    stated = project()
    texts = list(stated["project"]["dependencies"])
    if extras:
        for extra in stated["project"]["optional-dependencies"].values():
            texts += extra
    pending = list(groups)
    while pending:
        for entry in stated["dependency-groups"][pending.pop()]:
            if isinstance(entry, dict):
                pending.append(entry["include-group"])
            else:
                texts.append(entry)
    return [Requirement(text) for text in texts]


def data_files() -> set[str]:
    """Give the files of the data folders, and of the documentation, that belong to the project."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in (*DATA_FOLDERS, "docs")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[zipfile.ZipFile, tarfile.TarFile]:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return zipfile.ZipFile(wheel), tarfile.open(sdist)


def test_version_is_the_same_everywhere() -> None:
    import tzgraph

    citation = re.search(r"^version: (\S+)$", read("CITATION.cff"), re.M)
    assert citation is not None
    assert citation[1] == version()
    assert tzgraph.__version__ == version()
    assert metadata.version("tzgraph") == version(), "run `python3 tasks.py test`, it reinstalls"


def test_changelog_has_a_section_for_the_version() -> None:
    changelog = read("CHANGELOG.md")
    assert f"## [{version()}]" in changelog or f"Will become {version()}" in changelog
    lines = re.findall(r"^- (\S+)", changelog, re.M)
    assert lines
    assert all(line.endswith(":") for line in lines), "each line starts with its component"


def test_licences_are_there() -> None:
    for name in project()["project"]["license-files"]:
        assert (ROOT / name).is_file()
    assert "END OF TERMS AND CONDITIONS" in read("LICENSE")
    for folder in DATA_FOLDERS:
        assert f"    {folder}/\n" in read("LICENSE-DATA")


def test_notice_names_every_package_that_is_needed_to_run() -> None:
    listed = {
        canonicalize_name(name) for name in re.findall(r"^    (\S+) .*\S", read("NOTICE"), re.M)
    }
    assert set(locked("runtime.txt")) - listed == set()


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_lock_file_names_no_address(name: str) -> None:
    text = read(f"requirements/{name}")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host| @ ", text)


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_lock_file_has_hashes_for_every_pin(name: str) -> None:
    text = re.sub(r"\\\n\s*", "", read(f"requirements/{name}"))
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert pins
    assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


@pytest.mark.parametrize(
    ("name", "groups", "extras"), [("runtime.txt", ["build"], False), ("dev.txt", ["dev"], True)]
)
def test_lock_file_fits_pyproject(name: str, groups: list[str], extras: bool) -> None:
    pins = locked(name)
    for requirement in wanted(*groups, extras=extras):
        versions = pins.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement} is not locked: run `python3 tasks.py lock`"
        assert all(requirement.specifier.contains(pin) for pin in versions), requirement


def test_development_lock_contains_the_runtime() -> None:
    development = locked("dev.txt")
    for package, versions in locked("runtime.txt").items():
        assert development.get(package) == versions


def test_wheel_carries_package_data_and_licences(
    packages: tuple[zipfile.ZipFile, tarfile.TarFile],
) -> None:
    wheel, _ = packages
    names = set(wheel.namelist())
    assert data_files()
    for name in data_files():
        assert wheel.read(f"tzgraph/data/{name}") == (ROOT / name).read_bytes()
    modules = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    assert modules <= names
    licences = {name.rpartition("/")[2] for name in names if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "LICENSE-DATA", "NOTICE"}
    assert not any("__pycache__" in name for name in names)


def test_sdist_carries_all_that_git_knows(
    packages: tuple[zipfile.ZipFile, tarfile.TarFile],
) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    _, sdist = packages
    names = {name.partition("/")[2] for name in sdist.getnames()}
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    known = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    files = {name for name in known.split("\0") if (ROOT / name).is_file()}
    assert files - names == set()
