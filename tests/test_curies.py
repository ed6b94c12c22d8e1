import pytest

from tzgraph.link.curies import compress, converter, expand, normalise, pattern, registered


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("GO:0001837", "go:0001837"),
        ("GO:GO:0001837", "go:0001837"),
        ("go:GO:0001837", "go:0001837"),
        ("SIO:SIO_000300", "sio:000300"),
        ("HGNC:HGNC:3430", "hgnc:3430"),
        ("UniProtKB:P04626", "uniprot:P04626"),
        ("pmid:20728210", "pubmed:20728210"),
        ("Chembl.Compound:CHEMBL1201585", "chembl.compound:CHEMBL1201585"),
        ("reactome:R-HSA-1227986", "reactome:R-HSA-1227986"),
        ("tzdrug:trastuzumab", "tzdrug:trastuzumab"),
    ],
)
def test_a_curie_has_one_form(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize("text", ["0001837", "nobody:1", "go:", ":1", ""])
def test_what_has_no_known_prefix_is_no_curie(text: str) -> None:
    assert normalise(text) is None
    assert expand(text) is None


@pytest.mark.parametrize(
    ("iri", "curie"),
    [
        ("http://purl.obolibrary.org/obo/MONDO_0006244", "mondo:0006244"),
        ("https://identifiers.org/drugbank/DB00072", "drugbank:DB00072"),
        ("http://identifiers.org/hgnc/3430", "hgnc:3430"),
        ("https://www.genenames.org/data/gene-symbol-report/#!/hgnc_id/HGNC:3430", "hgnc:3430"),
        ("http://semanticscience.org/resource/SIO_000994", "sio:000994"),
        ("https://w3id.org/tzgraph/id/target/her2", "tztarget:her2"),
    ],
)
def test_an_iri_in_any_of_its_forms_has_one_curie(iri: str, curie: str) -> None:
    assert compress(iri) == curie


def test_every_iri_leads_back_to_its_curie() -> None:
    assert len(registered()) > 100
    for prefix in registered():
        iri = expand(f"{prefix}:A1")
        assert iri is not None
        assert (converter().compress(iri) or "").startswith(f"{prefix}:")


def test_no_two_prefixes_share_a_name_or_an_iri() -> None:
    records = converter().records
    for kind in ("_all_prefixes", "_all_uri_prefixes"):
        names = [name for record in records for name in getattr(record, kind)]
        assert len(names) == len(set(names))


def test_patterns_tell_right_ids_from_wrong_ones() -> None:
    for curie, fits in (
        ("clinicaltrials:NCT01041404", True),
        ("clinicaltrials:NCT0104140", False),
        ("mondo:0006244", True),
        ("mondo:6244", False),
        ("ncit:C53556", True),
        ("ncit:3921", False),
    ):
        prefix, _, local = curie.partition(":")
        expected = pattern(prefix)
        assert expected is not None
        assert bool(expected.fullmatch(local)) is fits
