"""Settings, from the environment to the dataclasses that the server uses."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tzgraph.errors import UsageError
from tzgraph.serve.settings import SETTINGS, ServeSettings, WriteSettings
from tzgraph.settings import CommandSettings, from_environment, release_dir

WRITTEN = {
    "TZGRAPH_DIR": "graph",
    "TZGRAPH_QUERY_TIMEOUT": "2.5",
    "TZGRAPH_QUEUE": "1e2",
    "TZGRAPH_RESULT_BYTES": "9007199254740992",
    "TZGRAPH_ACCESS_LOG": "0",
    "TZGRAPH_LOG_QUERIES": "1",
    "TZGRAPH_WATCH": "",
    "TZGRAPH_FEDERATION": "https://a.example/, https://b.example/",
}


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)


def test_what_is_not_set_has_its_default() -> None:
    assert from_environment(ServeSettings) == ServeSettings()
    assert release_dir() == CommandSettings().directory == Path("build")


def test_what_is_set_holds_with_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, text in WRITTEN.items():
        monkeypatch.setenv(variable, text)
    made = from_environment(ServeSettings)
    assert made.queries.timeout_s == made.writes.timeout_s == 2.5
    assert repr((made.queries.max_waiting, made.writes.max_waiting)) == "(100, 100)"
    assert made.queries.max_result_bytes == 2**53
    assert made.logs == replace(ServeSettings().logs, access=False, queries=True)
    assert made.watch_s == ServeSettings().watch_s
    assert [one.host for one in made.queries.federation.endpoints] == ["a.example", "b.example"]
    assert release_dir() == Path("graph")


@pytest.mark.parametrize(
    ("variable", "text", "told"),
    [
        ("QUERY_TIMEOUT", "x", "must be a number >= 0.1, got 'x'."),
        ("QUERY_TIMEOUT", "0.05", "must be a number >= 0.1, got '0.05'."),
        ("SETTLE", "-1", "must be a number >= 0, got '-1'."),
        ("WATCH", "nan", "must be a number >= 0, got 'nan'."),
        ("WATCH", "inf", "must be a number >= 0, got 'inf'."),
        ("QUEUE", "1.5", "must be a whole number >= 0, got '1.5'."),
        ("QUERY_MEMORY", "15", "must be a whole number >= 16, got '15'."),
        ("ACCESS_LOG", "2", "must be 0 or 1, got '2'."),
        ("ACCESS_LOG", "yes", "must be 0 or 1, got 'yes'."),
    ],
)
def test_a_wrong_number_is_named(
    variable: str, text: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TZGRAPH_{variable}", text)
    with pytest.raises(UsageError) as raised:
        from_environment(ServeSettings)
    assert raised.value.message == f"TZGRAPH_{variable} {told}"


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZGRAPH_QUERY_TIMEOUT", "x")
    monkeypatch.setenv("TZGRAPH_SLOW_QUERY", "y")
    monkeypatch.setenv("TZGRAPH_TOKEN", "a b")
    monkeypatch.setenv("TZGRAPH_FEDERATION", "z")
    with pytest.raises(UsageError) as raised:
        from_environment(ServeSettings)
    told = re.findall(r"TZGRAPH_\w+", raised.value.message)
    assert told == [
        f"TZGRAPH_{name}" for name in ("QUERY_TIMEOUT", "FEDERATION", "TOKEN", "SLOW_QUERY")
    ]


def test_the_token_comes_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read() -> WriteSettings:
        return from_environment(WriteSettings)

    assert (read().enabled, read().shared_token) == (False, "")
    monkeypatch.setenv("TZGRAPH_TOKEN", "abc=")
    assert (read().enabled, read().shared_token) == (True, "abc=")
    path = tmp_path / "token"
    path.write_text("from-a-file\n")
    monkeypatch.setenv("TZGRAPH_TOKEN_FILE", str(path))
    with pytest.raises(UsageError, match="both set"):
        read()
    monkeypatch.delenv("TZGRAPH_TOKEN")
    assert read().shared_token == "from-a-file"
    assert "from-a-file" not in repr(from_environment(ServeSettings))
    path.write_text(" \n")
    with pytest.raises(UsageError, match="TZGRAPH_TOKEN_FILE must name a file that holds a token"):
        read()
    path.write_text("two words")
    with pytest.raises(UsageError, match="openssl"):
        read()
    monkeypatch.setenv("TZGRAPH_TOKEN_FILE", str(tmp_path / "none"))
    with pytest.raises(UsageError, match="can't be read: No such file"):
        read()


@pytest.mark.parametrize("token", ["two words", "\u00e9", "a\nb", '"'])
def test_what_clients_can_not_send_is_no_token(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZGRAPH_TOKEN", token)
    with pytest.raises(UsageError, match="openssl") as raised:
        from_environment(WriteSettings)
    assert token not in raised.value.message.removeprefix("TZGRAPH_TOKEN must have")


def test_units_stand_in_the_names_of_fields() -> None:
    """By the unit that a setting's sentence begins with."""
    units = {"Seconds": "_s", "Megabytes": "_mb", "Bytes": "_bytes", "Rows": "_rows"}
    seen = set()
    parts = [ServeSettings, *(one.default_factory for one in fields(ServeSettings))]
    for part in parts:
        for one in fields(part) if isinstance(part, type) else ():
            if "setting" in one.metadata:
                unit = units.get(one.metadata["setting"].meaning.split()[0], "")
                assert one.name.endswith(unit)
                seen.add(unit)
    assert seen == {*units.values(), ""}
