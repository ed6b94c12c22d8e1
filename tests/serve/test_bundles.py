"""The bundled scripts of the pages: what is committed is what ``web/`` makes, and it is small."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

import tasks
from tzgraph.resources import shipped
from tzgraph.serve.views.assets import STATIC, asset, bundles

_WEB = shipped("ontology").parent / "web"
#: Bytes that a bundle may have, compressed.
_BUDGET = {"app.js": 15_000, "editor.js": 160_000}


@pytest.mark.parametrize("name", _BUDGET)
def test_bundle_is_small_and_kept_for_good(client: httpx.Client, name: str) -> None:
    for coding in ("gzip", "zstd"):
        with client.stream("GET", asset(name), headers={"Accept-Encoding": coding}) as response:
            sent = b"".join(response.iter_raw())
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/javascript")
        assert "immutable" in response.headers["cache-control"]
        assert len(sent) <= _BUDGET[name]
    assert set(bundles()) == set(_BUDGET)


def test_bundle_comes_whole_and_compressed_alike(client: httpx.Client) -> None:
    path = asset("editor.js")
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    small = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.content == plain.content == (STATIC / bundles()["editor.js"]).read_bytes()
    assert small.headers["etag"] == f"W/{plain.headers['etag']}"
    head = client.head(path, headers={"Accept-Encoding": "gzip"})
    assert head.headers["content-length"] == small.headers["content-length"]
    assert len(gzip.compress(plain.content, 9)) == int(small.headers["content-length"])
    for tag in (plain.headers["etag"], small.headers["etag"]):
        again = client.get(path, headers={"If-None-Match": tag})
        assert again.status_code == 304
        assert "immutable" in again.headers["cache-control"]


@pytest.mark.parametrize("name", ["tzgraph.css", "bundles.json", "LICENSES.txt"])
def test_what_keeps_its_name_is_asked_for_again(client: httpx.Client, name: str) -> None:
    response = client.get(f"/static/{name}")
    assert response.status_code == 200
    assert "immutable" not in response.headers.get("cache-control", "")


def test_unknown_bundles(client: httpx.Client) -> None:
    assert client.get("/static/app-000000000000.js").status_code == 404
    with pytest.raises(KeyError):
        asset("application.js")


def test_licences_name_all_that_the_lock_file_bundles() -> None:
    text = (STATIC / "LICENSES.txt").read_text(encoding="utf-8")
    lock = json.loads((_WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    bundled = {path: found for path, found in lock.items() if path and not found.get("dev")}
    types_only = "node_modules/@codemirror/streamparser"
    for path in bundled.keys() - {types_only}:
        name = path.removeprefix("node_modules/")
        assert f"\n{name} {bundled[path]['version']} (MIT)\n" in text


def test_versions_are_exact_and_no_address_is_locked() -> None:
    package = json.loads((_WEB / "package.json").read_text(encoding="utf-8"))
    assert list(package["devDependencies"]) == ["esbuild"]
    for version in {**package["dependencies"], **package["devDependencies"]}.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    lock = json.loads((_WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert not any("resolved" in found for found in lock.values())
    assert all("integrity" in found for path, found in lock.items() if path)


def test_bundles_are_what_the_sources_make() -> None:
    node = shutil.which("node")
    if node is None or not (_WEB / "node_modules" / "esbuild").is_dir():
        pytest.skip("no Node.js, or `python3 tasks.py web --check` has not installed its packages")
    done = subprocess.run(
        [node, str(_WEB / "build.mjs"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_task_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tasks.main(["web"]) == 2
    assert "Node.js" in capsys.readouterr().err
    assert tasks.main(["web", "--chek"]) == 2
