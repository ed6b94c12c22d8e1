"""The query library and the values of parameters."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.curies import Curies
from tzgraph.errors import InputUnreadableError, UsageError
from tzgraph.query.binding import bind
from tzgraph.query.library import Parameter, QueryFile, find_query, load_library, parse_query

PREFIXES = {
    "tz": "https://w3id.org/tzgraph/ontology#",
    "tzdrug": "https://w3id.org/tzgraph/id/drug/",
}
CURIES = Curies(PREFIXES)
KINDS = {PREFIXES["tz"] + "Drug": PREFIXES["tzdrug"]}
XSD = "http://www.w3.org/2001/XMLSchema#"

TEXT = """#+ title: Drugs
#+ description: What is known
#+ description: of drugs.
#+ tags: drug, target
#+ pick: 2
#+ param: drug tz:Drug = trastuzumab -- the drug = agent
#+ param: least integer
# a comment
SELECT ?drug ?least { }
"""


def test_header() -> None:
    """Each header line becomes what it says."""
    assert parse_query(TEXT, name="drugs") == QueryFile(
        "drugs",
        TEXT,
        "Drugs",
        "What is known of drugs.",
        ("drug", "target"),
        (
            Parameter("drug", "tz:Drug", "trastuzumab", "the drug = agent"),
            Parameter("least", "integer", None, ""),
        ),
        2,
    )


@pytest.mark.parametrize(
    "line",
    [
        "#+ titel: x",
        "#+ nothing",
        "#+",
        "#+ param: x",
        "#+ param: x float",
        "#+ param: x-y string",
        "#+ title: twice",
        "#+ param: drug string",
        "#+ param: y string? = z",
        "#+ param: y ?",
        "#+ pick: first",
        "#+ pick: 0",
        "#+ pick: -1",
        "#+ pick: \N{ARABIC-INDIC DIGIT ONE}",
        "#+ pick: 99999",
        "#+ pick:",
    ],
)
def test_wrong_header_names_file_and_line(line: str) -> None:
    """A header line that is not understood is an error at its place."""
    text = "#+ title: x\n#+ param: drug string\n" + line
    with pytest.raises(InputUnreadableError, match=r"^a\.rq:3: "):
        parse_query(text, name="a", file="a.rq")


def test_optional_parameter() -> None:
    """A parameter with a question mark may be left out, and is then no value at all."""
    query = parse_query("#+ param: drug tz:Drug? -- any\nSELECT ?drug {}", name="drugs")
    assert query.parameters == (Parameter("drug", "tz:Drug", None, "any", optional=True),)
    assert bind(query, {}, CURIES, KINDS) == {}
    assert bind(query, {"drug": " "}, CURIES, KINDS) == {}
    given = bind(query, {"drug": "x"}, CURIES, KINDS)
    assert given == {ox.Variable("drug"): ox.NamedNode(PREFIXES["tzdrug"] + "x")}


def test_folder(tmp_path: Path) -> None:
    """The library is read in alphabetical order; names have to make routes; titles are needed."""
    for name in ("b", "a"):
        (tmp_path / f"{name}.rq").write_text("#+ title: x\nASK {}")
    assert list(load_library(tmp_path)) == ["a", "b"]
    (tmp_path / "A b.rq").write_text("#+ title: x\nASK {}")
    with pytest.raises(InputUnreadableError, match="Rename"):
        load_library(tmp_path)
    (tmp_path / "A b.rq").unlink()
    (tmp_path / "c.rq").write_bytes(b"#+ title: \xff")
    with pytest.raises(InputUnreadableError, match="UTF-8"):
        load_library(tmp_path)
    (tmp_path / "c.rq").write_text("ASK {}")
    with pytest.raises(InputUnreadableError, match="no title"):
        load_library(tmp_path)


def test_nearest_name() -> None:
    """A misspelt query is an error with the nearest name."""
    with pytest.raises(UsageError, match="Did you mean drugs"):
        find_query("drug", {"drugs": QueryFile("drugs", "")})


def one(kind: str, value: str) -> object:
    """Bind one value."""
    query = QueryFile("q", "", parameters=(Parameter("v", kind),))
    return bind(query, {"v": value}, CURIES, KINDS)[ox.Variable("v")]


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("iri", "<http://x/a>", ox.NamedNode("http://x/a")),
        ("iri", "http://x/a", ox.NamedNode("http://x/a")),
        ("iri", "urn:x:y", ox.NamedNode("urn:x:y")),
        ("iri", "tz:targets", ox.NamedNode(PREFIXES["tz"] + "targets")),
        ("tz:Drug", "trastuzumab", ox.NamedNode(PREFIXES["tzdrug"] + "trastuzumab")),
        ("tz:Drug", "tzdrug:x", ox.NamedNode(PREFIXES["tzdrug"] + "x")),
        ("tz:Drug", "https://other/x", ox.NamedNode("https://other/x")),
        ("string", "> } DROP ALL", ox.Literal("> } DROP ALL")),
        ("string", "", ox.Literal("")),
        ("integer", "-5", ox.Literal("-5", datatype=ox.NamedNode(XSD + "integer"))),
        ("decimal", "1.50", ox.Literal("1.50", datatype=ox.NamedNode(XSD + "decimal"))),
        ("boolean", "true", ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))),
        ("date", "2026-02-28", ox.Literal("2026-02-28", datatype=ox.NamedNode(XSD + "date"))),
    ],
)
def test_values(kind: str, value: str, term: object) -> None:
    """Values become terms of the parameter's type."""
    assert one(kind, value) == term


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("iri", "a b"),
        ("iri", ""),
        ("iri", "x> <y"),
        ("iri", "tx:targets"),
        ("tz:Drug", "a b"),
        ("tz:Drug", "tzdrugg:x"),
        ("integer", "5.0"),
        ("integer", "five"),
        ("decimal", "1e5"),
        ("boolean", "yes"),
        ("date", "2026-02-30"),
        ("date", "28.2.2026"),
    ],
)
def test_ill_typed(kind: str, value: str) -> None:
    """Other values are refused."""
    with pytest.raises(UsageError, match="parameter 'v'"):
        one(kind, value)


def test_all_problems_at_once() -> None:
    """One error lists what is unknown, missing and ill-typed, and guesses."""
    query = parse_query(TEXT.replace("integer", "integer") + "\n#+ param: when date", name="q")
    with pytest.raises(UsageError) as raised:
        bind(query, {"drag": "x", "when": "soon"}, CURIES, KINDS)
    for part in (
        "'drag' (did you mean drug?)",
        "missing parameter 'least'",
        "'soon' is not a date",
    ):
        assert part in raised.value.message


@pytest.mark.parametrize(
    ("written", "parameter"),
    [
        ("x string", Parameter("x", "string")),
        ("x string?", Parameter("x", "string", optional=True)),
        ("x\tstring\t=\ta  b", Parameter("x", "string", "a  b")),
        ("x string = a -- b -- c", Parameter("x", "string", "a", "b -- c")),
        ("x string  =  a  --  b = c", Parameter("x", "string", "a", "b = c")),
        ("x string -- b = c", Parameter("x", "string", None, "b = c")),
        ("x string  --  b", Parameter("x", "string", None, "b")),
        ("x string = --a", Parameter("x", "string", "--a")),
        ("x string = a --", Parameter("x", "string", "a --")),
        ("x string = -- a", Parameter("x", "string", "-- a")),
        ("x string = a--b", Parameter("x", "string", "a--b")),
    ],
)
def test_parameters_as_they_are_written(written: str, parameter: Parameter) -> None:
    assert parse_query(f"#+ param: {written}  \nASK {{}}", name="a").parameters == (parameter,)


@pytest.mark.parametrize("written", ["x string --", "x string =", "x string a = b", "x"])
def test_parameters_that_are_malformed(written: str) -> None:
    with pytest.raises(InputUnreadableError, match="malformed param"):
        parse_query(f"#+ param: {written}", name="a")


@pytest.mark.parametrize(
    "line", ["#+title:A b", "#+  title  :  A b  ", "#+ title A b", "#+ title:A b"]
)
def test_header_lines_as_they_are_written(line: str) -> None:
    assert parse_query(line, name="a").title == "A b"
