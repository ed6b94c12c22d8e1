# /// script
# requires-python = ">=3.11"
# dependencies = ["bioregistry==0.15.6", "curies>=0.15"]
# ///
"""Write ``src/tzgraph/bioregistry.json`` from the Bioregistry.

Run it with ``uv run tools/make_prefix_map.py``.

The package ``bioregistry`` is 31 MB, so only what this script takes from it ships. The Bioregistry
is CC0-1.0. To update, raise the version above, run, and look at the difference: an IRI that
changes is an IRI of the graph that changes.

A prefix's RDF IRIs are, in this order: those that the Bioregistry registers for RDF; those of
identifiers.org, which are for RDF and no address of a web page that moves; its default.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bioregistry

TARGET = Path(__file__).parents[1] / "src/tzgraph/bioregistry.json"

#: Prefixes of ours, and the common ones of biomedicine.
PREFIXES = """
atc bao bfo biolink bto cas cellosaurus chebi chembl chembl.compound chembl.target civic.did
civic.eid civic.gid civic.tid civic.vid cl clinicaltrials clo complexportal ctcae cto dbsnp dcterms
doi doid dron drugbank drugcentral dto duo eco edam efo emapa ensembl euclinicaltrials faldo fma
foodon fplx gard geno genepio geo go hgnc hgnc.genegroup hp hpa iao icd10 icd10cm icd11 icd9cm icdo
ido inchikey infores ino interpro kegg kegg.disease kegg.drug kegg.pathway lincs.smallmolecule
loinc ma maxo meddra medgen mesh mi mir mirbase mod mondo mp ms ncbigene ncbiprotein ncbitaxon ncit
ndfrt oae obi obib oboinowl ogg ogms omim omim.ps oncotree opmi orcid orphanet.ordo owl pato pdb
pfam pharmgkb.disease pharmgkb.drug pharmgkb.gene pharmgkb.pathways pmc po pr prov pubchem.compound
pubchem.substance pubmed pw rdf rdfs reactome refseq rgd rhea ro rrid rxnorm semapv signor sio skos
snomedct so sssom stato stitch string symp tcdb ttd.drug ttd.target uberon umls unii uniprot
uniprot.chain uniprot.isoform uo vario vo wikidata wikipathways xsd zfa
""".split()  # noqa: SIM905 - a list would take a page

#: Where the rule above would give IRIs that others don't use, with the reason.
INSTEAD = {
    "atc": "http://www.whocc.no/atc_ddd_index/?code=",  # WHO's own, and the default
    "doi": "https://doi.org/",  # as the DOI Foundation recommends since 2015
    "pdb": "http://rdf.wwpdb.org/pdb/",  # as in the RDF of UniProt and of wwPDB
    "pubmed": "http://identifiers.org/pubmed/",  # those for RDF are PubChem's own
    "sio": "http://semanticscience.org/resource/SIO_",  # the ontology's own
}
#: Resolvers and pages whose addresses are no IRIs of anyone's data.
_PAGES = re.compile(r"[?#]|bio2rdf|n2t\.net|/ols4?/|scholia|cgi|marrvel|furna|smartpatients")


def record(prefix: str) -> dict[str, Any] | None:
    """What ships of a prefix, or nothing if the Bioregistry doesn't know it."""
    found = bioregistry.get_resource(prefix)
    if found is None or found.prefix != prefix:
        return None
    known = set(found.get_uri_prefixes())
    plain = f"http://identifiers.org/{prefix}/"
    chosen = (
        INSTEAD.get(prefix)
        or found.get_rdf_uri_prefix()
        or (plain if plain in known else None)
        or found.get_uri_prefix()
    )
    if not chosen:
        return None
    others = {iri for iri in known if not _PAGES.search(iri)} | {found.get_uri_prefix() or chosen}
    names = {name for name in found.get_synonyms() if re.fullmatch(r"[A-Za-z][\w.-]*", name)}
    preferred = found.get_preferred_prefix() or prefix
    return {
        "prefix": prefix,
        "name": found.get_name(),
        "uri_prefix": chosen,
        "prefix_synonyms": sorted((names | {preferred, prefix.upper()}) - {prefix}),
        "uri_prefix_synonyms": sorted(others - {chosen}),
        "pattern": found.get_pattern(),
    }


def without_doubles(records: list[dict[str, Any]]) -> None:
    """Drop synonyms that name two prefixes: they could be read either way."""
    for key, own in (("prefix_synonyms", "prefix"), ("uri_prefix_synonyms", "uri_prefix")):
        taken = {r[own].casefold() for r in records}
        seen: dict[str, int] = {}
        for r in records:
            for name in {n.casefold() for n in r[key]}:
                seen[name] = seen.get(name, 0) + 1
        for r in records:
            own_name = r[own].casefold()
            r[key] = [
                n
                for n in r[key]
                if seen[n.casefold()] == 1
                and (n.casefold() not in taken or n.casefold() == own_name)
            ]


def main() -> None:
    """Write the file."""
    records = [found for prefix in sorted(set(PREFIXES)) if (found := record(prefix))]
    without_doubles(records)
    about = {
        "source": f"Bioregistry, PyPI package bioregistry {version('bioregistry')}",
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "records": records,
    }
    text = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    TARGET.write_text(text, encoding="utf-8", newline="\n")
    missing = sorted(set(PREFIXES) - {r["prefix"] for r in records})
    print(f"{len(records)} prefixes; not taken: {' '.join(missing)}")


if __name__ == "__main__":
    main()
