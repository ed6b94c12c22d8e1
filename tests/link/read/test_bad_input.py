"""Files that are damaged or no ontologies: one clear error with its place, and nothing read."""

from __future__ import annotations

import gzip
import lzma
import os
import sys
from pathlib import Path

import pytest

from tests.link.read.test_syntaxes import TURTLE, owl
from tzgraph.errors import DataError, InputUnreadableError, ReaderUnavailableError
from tzgraph.link.read import read_ontology

XML = (
    '<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"\n'
    ' xmlns:owl="http://www.w3.org/2002/07/owl#"\n'
    ' xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">\n'
    '<owl:Class rdf:about="http://e.org/A">\n<rdfs:subClassOf rdf:resource="http://e.org/B"/>\n'
    "</owl:Class>\n</rdf:RDF>\n"
)
OBO = "format-version: 1.2\n\n[Term]\nid: X:1\nname: a\n"
HTML = "<!DOCTYPE html>\n<html><head><title>404</title></head><body>not found</body></html>\n"


@pytest.mark.parametrize(
    ("name", "data", "code", "row"),
    [
        ("empty.owl", b"", "empty-file", None),
        ("blank.obo", b"\n \n", "empty-file", None),
        ("nothing.gz", gzip.compress(b"", mtime=0), "empty-file", None),
        ("page.owl", HTML.encode(), "html", 1),
        ("page.tsv", HTML.encode(), "html", 1),
        ("page.gz", gzip.compress(HTML.encode(), mtime=0), "html", 1),
        ("xhtml.owl", b'<?xml version="1.0"?>\n' + HTML.encode(), "html", 1),
        ("binary.owl", bytes(range(256)) * 40, "binary-file", None),
        ("wide.obo", OBO.encode("utf-16"), "wrong-encoding", 1),
        ("latin.obo", OBO.encode() + "name: caf\xe9\n".encode("latin-1"), "bad-utf-8", 6),
        ("latin.tsv", "id\tname\nA:1\tcaf\xe9\n".encode("latin-1"), "bad-utf-8", 2),
        ("latin.json", b'{\n"a": "caf\xe9"}', "bad-utf-8", 2),
        ("prose.owl", b"Dear all, please find the ontology attached", "syntax-error", None),
        ("other.xml", b"<Pathway xmlns='http://e.org'/>", "unknown-syntax", 1),
        ("cut.owl", XML[:-40].encode(), "syntax-error", None),
        ("bad.owl", XML.replace("</owl:Class>", "</owl:Klass>").encode(), "syntax-error", 7),
        ("bad.ttl", (TURTLE + "\n:x :y ").encode(), "syntax-error", None),
        ("zip.owl", b"PK\x03\x04" + b"x" * 50, "unknown-packing", None),
        ("wide.tsv", "id\tname\nA:1\tb\n".encode("utf-16-le"), "wrong-encoding", 1),
        ("wide.tsv", "id\tname\nA:1\tb\n".encode("utf-16-be"), "wrong-encoding", 1),
        (
            "lfs.owl",
            b"version https://git-lfs.github.com/spec/v1\n",
            "pointer-file",
            1,
        ),
        ("number.json", b'[{"id": "A:1", "name": ' + b"9" * 5000 + b"}]", "syntax-error", None),
        ("half.json", b'[{"id": "A:1",\n"name": "a\\ud800b"}]', "syntax-error", 2),
        ("far.jsonld", b'{"@context": "https://e.org/c", "@id": "A:1"}', "syntax-error", None),
        ("open.csv", b'id,name\nA:1,"b\nA:2,c\nA:3,d\n', "unclosed-quote", 2),
        ("deep.json", b'{"graphs": ' + b"[" * 9000, "syntax-error", None),
        ("deep.owl", XML.partition("<owl")[0].encode() + b"<a><b>" * 900, "too-deep", None),
        ("deep.ofn", b"Ontology(" + b"Annotation(" * 900 + b")" * 901, "too-deep", None),
        ("deep.omn", b"Ontology: <http://e.org/> Class: " + b"(" * 900, "too-deep", None),
        (
            "deep.owx",
            b"<Ontology>" + b"<a>" * 900 + b"</a>" * 900 + b"</Ontology>",
            "too-deep",
            None,
        ),
        ("zstd.owl", b"\x28\xb5\x2f\xfd" + b"x" * 50, "unknown-packing", None),
    ],
)
def test_nothing_is_read(
    tmp_path: Path, name: str, data: bytes, code: str, row: int | None
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        read_ontology(path)
    (finding,) = caught.value.findings
    found = "syntax-error" if name == "prose.owl" and finding.code == "no-term-columns" else None
    assert (found or finding.code) == code
    assert finding.file == name
    if row is not None:
        assert finding.row == row
    assert finding.message
    assert finding.hint
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("pack", ["gzip", "xz"])
@pytest.mark.parametrize("share", [0.3, 0.9])
@pytest.mark.parametrize("syntax", ["turtle", "rdfxml", "obo", "json", "table", "owlxml"])
def test_a_truncated_archive_gives_nothing(
    tmp_path: Path, pack: str, share: float, syntax: str
) -> None:
    noise = "".join(f"<!-- {n * 7919 % 1000003} -->\n" for n in range(30_000))
    data = {
        "turtle": TURTLE + noise.replace("<!--", "#"),
        "rdfxml": XML.replace("<owl:Class", noise + "<owl:Class", 1),
        "obo": OBO + noise.replace("<!--", "!"),
        "json": '{"graphs": [{"nodes": [' + ",".join(f'{{"id":"X:{n}"}}' for n in range(30_000)),
        "table": "id\tname\n" + "".join(f"X:{n}\tt{n * 7919 % 1000003}\n" for n in range(30_000)),
        "owlxml": owl("owx").decode().replace("<Declaration", noise + "<Declaration", 1),
    }[syntax].encode()
    packed = gzip.compress(data) if pack == "gzip" else lzma.compress(data)
    path = tmp_path / "x.owl"
    path.write_bytes(packed[: int(len(packed) * share)])
    with pytest.raises(DataError) as caught:
        read_ontology(path)
    assert [f.code for f in caught.value.findings] == ["truncated-file"]


def test_a_damaged_archive_gives_nothing(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(rdf_noise()))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "x.ttl.gz"
    path.write_bytes(bytes(packed))
    with pytest.raises(DataError) as caught:
        read_ontology(path)
    assert caught.value.findings[0].code in ("damaged-file", "truncated-file")


def rdf_noise() -> bytes:
    return TURTLE.encode() + b"".join(b"# %d\n" % (n * 7919 % 1000003) for n in range(20_000))


@pytest.mark.parametrize(
    ("form", "spoilt", "row"),
    [("ofn", b"Declaration(", 1), ("owx", b"<Declaration>", None), ("omn", b"Class:", None)],
)
def test_a_mistake_in_owl_is_told_with_its_line(
    tmp_path: Path, form: str, spoilt: bytes, row: int | None
) -> None:
    data = owl(form)
    line = data[: data.index(spoilt)].count(b"\n") + 1
    path = tmp_path / "x.owl"
    path.write_bytes(data.replace(spoilt, b"<<" + spoilt, 1))
    with pytest.raises(DataError) as caught:
        read_ontology(path)
    (finding,) = caught.value.findings
    assert finding.code == "syntax-error"
    if row:
        assert finding.row == line


def test_owl_xml_that_breaks_off_is_told_with_its_line(tmp_path: Path) -> None:
    data = owl("owx")
    path = tmp_path / "x.owx"
    for cut in range(data.index(b"<Declaration>"), len(data) - 2, 7):
        path.write_bytes(data[:cut])
        with pytest.raises(DataError) as caught:
            read_ontology(path)
        (finding,) = caught.value.findings
        assert finding.code == "syntax-error"
        assert finding.row is not None
        assert finding.row <= data[:cut].count(b"\n") + 1


def test_escapes_of_whole_characters_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(r'[{"id": "GO:0000001", "name": "\ud83d\ude00 \\ud800 \u00e9"}]')
    (term,) = read_ontology(path).terms.values()
    assert term.label == "\N{GRINNING FACE} \\ud800 \N{LATIN SMALL LETTER E WITH ACUTE}"


def test_brackets_in_texts_and_iris_are_not_counted(tmp_path: Path) -> None:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    texts = "".join(
        f'AnnotationAssertion({label} <http://e.org/A> "a \\" ((( {n}")\n' for n in range(300)
    )
    path = tmp_path / "x.ofn"
    path.write_text(f"Ontology(<http://e.org/o>\nDeclaration(Class(<http://e.org/A>))\n{texts})")
    assert "http://e.org/A" in read_ontology(path).terms


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.obo")
    (tmp_path / "loop.obo").symlink_to("loop.obo")
    for path in (tmp_path / "pipe.obo", tmp_path / "loop.obo", tmp_path, tmp_path / "none.obo"):
        with pytest.raises(InputUnreadableError, match="can't be read"):
            read_ontology(path)


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.owl"
    path.write_bytes(owl("ofn"))
    monkeypatch.setitem(sys.modules, "pyhornedowl", None)
    with pytest.raises(ReaderUnavailableError, match=r"tzgraph\[link\]"):
        read_ontology(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputUnreadableError):
        read_ontology(tmp_path / "none.owl")
    with pytest.raises(InputUnreadableError):
        read_ontology(tmp_path)


def test_findings_of_rdf_have_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.owl"
    path.write_text(XML)
    (finding,) = read_ontology(path).findings
    assert (finding.code, finding.row) == ("dangling-parent", 5)


def test_entities_do_not_grow_without_bound(tmp_path: Path) -> None:
    path = tmp_path / "x.owl"
    bombs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    path.write_text(
        XML.replace(
            "<rdf:RDF", f'<!DOCTYPE rdf:RDF [<!ENTITY a0 "x">{bombs}]>\n<rdf:RDF', 1
        ).replace("</owl:Class>", "<rdfs:label>&a11;</rdfs:label></owl:Class>")
    )
    with pytest.raises(DataError) as caught:
        read_ontology(path)
    assert [(f.code, f.row) for f in caught.value.findings] == [("growing-entity", 2)]


def test_entities_that_begin_iris_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.owl"
    entities = '<!DOCTYPE rdf:RDF [<!ENTITY e "http://e.org/"><!ENTITY f "&e;sub/">]>\n<rdf:RDF'
    path.write_text(XML.replace("<rdf:RDF", entities, 1).replace("http://e.org/B", "&f;B"))
    assert read_ontology(path).terms["http://e.org/A"].parents == ("http://e.org/sub/B",)


@pytest.mark.parametrize("form", ["rdfxml", "turtle"])
def test_an_iri_that_is_none_is_left_out(tmp_path: Path, form: str) -> None:
    path = tmp_path / "x.owl"
    text = XML if form == "rdfxml" else rdf_text()
    path.write_text(text.replace("http://e.org/B", "http://e.org/B B"))
    found = read_ontology(path)
    assert all(" " not in p for t in found.terms.values() for p in t.parents)
    assert "malformed-iri" in {f.code for f in found.findings}


def rdf_text() -> str:
    rdfs = "http://www.w3.org/2000/01/rdf-schema#"
    return (
        f"@prefix rdfs: <{rdfs}> .\n<http://e.org/A> rdfs:subClassOf <http://e.org/B> ;\n"
        "rdfs:label 'a' .\n"
    )
