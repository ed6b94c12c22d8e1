"""The folders of the largest packages import in one direction, the one that the docs show."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "explanation"
PACKAGES = {"serve": "life-of-a-request.md", "link": "life-of-a-cell.md"}
_ROW = re.compile(
    r"^\| \[`([^`]+)`\]\(\.\./\.\./src/tzgraph/(\w+)/([^)]+)\) \|.*\| ([^|]+) \|$", re.M
)


def imported(path: Path) -> set[str]:
    """Give the dotted names that a module imports anywhere in it, also for types only."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            # A name may be a module of the package.
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def folders_of(root: Path, package: str) -> dict[str, set[str]]:
    """Give for each folder and each module beside them which others of these it imports.

    :param root: the folder of a package
    :param package: its dotted name
    """
    found: dict[str, set[str]] = {}
    for path in root.rglob("*.py"):
        name = path.relative_to(root).parts[0]
        targets = found.setdefault(name, set())
        for dotted in imported(path):
            if dotted.startswith(package + "."):
                first = dotted.removeprefix(package + ".").split(".")[0]
                other = first if (root / first).is_dir() else f"{first}.py"
                targets |= {other} if (root / other).exists() else {"__init__.py"}
        targets.discard(name)
    return found


def shown(page: str, package: str) -> dict[str, set[str] | None]:
    """Give the table of a page: folders in order, with what they may import, ``None`` for all."""
    rows = _ROW.findall((DOCS / page).read_text(encoding="utf-8"))
    found: dict[str, set[str] | None] = {}
    for name, of, target, may in rows:
        assert (of, target) == (package, name), f"the link of {name} leads elsewhere"
        found[name] = None if may == "all" else set(may.replace("–", "").split(", ")) - {""}
    return found


@pytest.mark.parametrize("package", ["tzgraph", *(f"tzgraph.{name}" for name in PACKAGES)])
def test_folders_make_no_circle(package: str) -> None:
    folders = folders_of(ROOT.joinpath("src", *package.split(".")), package)
    assert len(folders) > 10
    TopologicalSorter(folders).prepare()


@pytest.mark.parametrize(("package", "page"), PACKAGES.items())
def test_the_page_shows_the_order_of_imports(package: str, page: str) -> None:
    folders = folders_of(ROOT / "src" / "tzgraph" / package, f"tzgraph.{package}")
    folders.pop("__init__.py")
    table = shown(page, package)
    assert set(table) == set(folders)
    above: set[str] = set()
    for name, may in table.items():
        allowed = above if may is None else may
        assert allowed <= above, f"{page}: {name} may import only what stands above it"
        assert folders[name] <= allowed, f"{page}: {name} may not import this"
        above.add(name)


def test_finds_a_circle(tmp_path: Path) -> None:
    for name, text in {
        "one/__init__.py": "",
        "one/a.py": "def f():\n    from pack.two import b\n",
        "two/__init__.py": "from pack import three\n",
        "two/b.py": "",
        "three.py": "import pack.one.a\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    folders = folders_of(tmp_path, "pack")
    assert folders == {"one": {"two"}, "two": {"three.py"}, "three.py": {"one"}}
    with pytest.raises(CycleError):
        TopologicalSorter(folders).prepare()
