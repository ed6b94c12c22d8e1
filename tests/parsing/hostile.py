"""Data that end the process of a parser without guard, or fill its memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.cli.commands import environment

__all__ = ["ENTITIES", "Run", "deep_json", "deep_turtle", "deep_xml", "entities", "run_measured"]

_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def deep_turtle(depth: int) -> bytes:
    """One triple whose object has this many triple terms within each other."""
    begin = b"<http://e.org/a> <http://e.org/b> "
    return begin + (b"<<( " + begin) * depth + b"<http://e.org/c>" + b" )>>" * depth + b" .\n"


def deep_json(depth: int) -> bytes:
    """JSON-LD of objects within each other."""
    return b'{"http://e.org/p":' * depth + b"1" + b"}" * depth


def deep_xml(depth: int, padding: int = 0) -> bytes:
    """RDF/XML of elements within each other (an even number of them beside the root)."""
    inside = "<e:A><e:p>" * (depth // 2) + "</e:p></e:A>" * (depth // 2)
    comment = f"<!--{'x' * padding}-->" if padding else ""
    return f'<rdf:RDF {_RDF} xmlns:e="http://e.org/">{comment}{inside}</rdf:RDF>'.encode()


def entities(levels: int, quote: str = '"', begin: str = "'", hidden: bool = False) -> bytes:
    """RDF/XML in which each entity is ten of the one before, and none is used.

    :param quote: what stands around their values
    :param begin: what their values begin with
    :param hidden: put them into a comment, where XML has none
    """
    lines = [f"<!ENTITY a0 {quote}{begin}{'a' * 20}{quote}>"]
    for level in range(1, levels + 1):
        value = begin + f"&a{level - 1};" * 10
        lines.append(f"<!ENTITY a{level} {quote}{value}{quote}>")
    declared = "\n".join(lines)
    if hidden:
        declared = f"<!-- {declared} -->"
    return (
        f'<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [\n{declared}\n]>\n<rdf:RDF {_RDF} '
        'xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" '
        'xmlns:owl="http://www.w3.org/2002/07/owl#">'
        '<owl:Class rdf:about="http://purl.obolibrary.org/obo/DOID_1612">'
        "<rdfs:label>x</rdfs:label></owl:Class></rdf:RDF>"
    ).encode()


#: Ways to write entities that grow.
ENTITIES = {
    "an apostrophe in quotes": entities(9),
    "nothing before them": entities(9, begin=""),
    "apostrophes around them": entities(9, quote="'", begin='"'),
    "in a comment": entities(9, hidden=True),
}


class Run:
    """A command that has ended: its status, what it wrote, and the megabytes it took at most."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.status, self.megabytes, self.out, self.err = json.loads(done.stdout)


_MEASURE = """
import json, resource, subprocess, sys
limit = 6_000_000_000
done = subprocess.run(
    [sys.executable, "-m", "tzgraph", *sys.argv[1:]], capture_output=True, text=True,
    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
)
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(json.dumps([done.returncode, used, done.stdout, done.stderr]))
"""


def run_measured(*arguments: str | Path) -> Run:
    """Run a command in a process of its own, and measure the memory that it takes."""
    return Run(
        subprocess.run(
            [sys.executable, "-c", _MEASURE, *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment(),
            check=True,
            timeout=120,
        )
    )
