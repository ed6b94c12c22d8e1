"""Which species a vocabulary's term is about, if it is about one.

Told by the term's own taxa, by identifiers that carry the species (``R-MMU-…``,
``ENSMUSG…``), by prefixes of databases of one species, or by the label ("ErbB2 (mouse)").
"""

from __future__ import annotations

import re

from tzgraph.link.ontology.model import OntologyTerm

__all__ = ["HUMAN", "species_of"]

#: The species of the shipped graph.
HUMAN = "NCBITaxon:9606"

_REACTOME = {
    "HSA": "9606", "MMU": "10090", "RNO": "10116", "BTA": "9913", "SSC": "9823", "CFA": "9615",
    "GGA": "9031", "XTR": "8364", "DRE": "7955", "DME": "7227", "CEL": "6239", "DDI": "44689",
    "SCE": "4932", "SPO": "4896", "PFA": "5833", "MTU": "1773", "ATH": "3702", "OSA": "4530",
}  # fmt: skip
_ENSEMBL = {"": "9606", "MUS": "10090", "RNO": "10116", "BTA": "9913", "SSC": "9823",
            "CAF": "9615", "GAL": "9031", "DAR": "7955", "XET": "8364"}  # fmt: skip
_PREFIXES = {
    "hgnc": "9606", "mgi": "10090", "rgd": "10116", "zfin": "7955", "flybase": "7227",
    "wormbase": "6239", "sgd": "4932", "xenbase": "8364", "pombase": "4896", "dictybase": "44689",
}  # fmt: skip
_NAMES = {
    "human": "9606", "homo sapiens": "9606", "mouse": "10090", "mus musculus": "10090",
    "rat": "10116", "rattus norvegicus": "10116", "bovine": "9913", "bos taurus": "9913",
    "pig": "9823", "sus scrofa": "9823", "dog": "9615", "canis familiaris": "9615",
    "chicken": "9031", "gallus gallus": "9031", "zebrafish": "7955", "danio rerio": "7955",
    "fruit fly": "7227", "drosophila melanogaster": "7227", "yeast": "4932",
    "saccharomyces cerevisiae": "4932", "caenorhabditis elegans": "6239", "rabbit": "9986",
    "guinea pig": "10141", "macaque": "9544", "rhesus macaque": "9544", "frog": "8364",
}  # fmt: skip
_LABEL = re.compile(r"[(\[,]([^(\[,)\]]*+)[)\]]?$")


def species_of(term: OntologyTerm, curie: str | None) -> frozenset[str]:
    """Give the CURIEs of the species a term is about; none if it is about no species in particular.

    :param curie: the term's CURIE, if it has one

    >>> signaling = OntologyTerm("x", "Signaling by ERBB2", "class")
    >>> sorted(species_of(signaling, "reactome:R-MMU-1227986"))
    ['NCBITaxon:10090']
    >>> sorted(species_of(OntologyTerm("x", "Erbb2 (rat)", "class"), None))
    ['NCBITaxon:10116']
    """
    if term.taxa:
        return frozenset("NCBITaxon:" + taxon.rpartition(":")[2] for taxon in term.taxa)
    told = _of_curie(curie or "") or _of_label(term.label)
    return frozenset({"NCBITaxon:" + told}) if told else frozenset()


def _of_curie(curie: str) -> str | None:
    prefix, _, local = curie.partition(":")
    prefix = prefix.casefold()
    if prefix == "reactome":
        parts = local.split("-")
        return _REACTOME.get(parts[1]) if len(parts) == 3 and parts[0] == "R" else None
    if prefix.startswith("ensembl"):
        found = re.fullmatch(r"ENS([A-Z]{3})?[GTP]\d{11}(?:\.\d+)?", local)
        return _ENSEMBL.get(found[1] or "", "other") if found else None
    return _PREFIXES.get(prefix)


def _of_label(label: str) -> str | None:
    found = _LABEL.search(label.casefold())
    return _NAMES.get(found[1].strip()) if found else None
