"""Write mapping sets as SSSOM/TSV, so that the same set gives the same bytes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import TextIO

import yaml

from tzgraph.link.identifiers.curies import converter
from tzgraph.link.sssom.mapping import MappingSet, SssomMapping
from tzgraph.link.sssom.slots import EXTENSIONS, REQUIRED, SET_SLOTS, SLOTS

__all__ = ["write_sssom"]


def write_sssom(mapping_set: MappingSet, stream: TextIO) -> None:
    """Write a mapping set as SSSOM/TSV; the same set gives the same bytes.

    Rows are sorted, columns are in the order of the standard, those without values are left out,
    and so are those that only repeat the metadata. ``curie_map`` lists the prefixes in use.

    :param mapping_set: the set; its findings are not written
    :param stream: takes the text
    """
    mappings = sorted(mapping_set.mappings, key=lambda mapping: mapping.key)
    metadata = _settled(mapping_set.metadata, mappings)
    names = [*SLOTS, *sorted({n for m in mappings for n in m.other} - SLOTS.keys())]
    used = [
        name
        for name in names
        if name in REQUIRED
        or ((name not in metadata or not _propagated(name)) and any(m.text(name) for m in mappings))
    ]
    known = _in_order(metadata, used, mappings)
    text = yaml.safe_dump(known, sort_keys=False, allow_unicode=True, width=10_000)
    stream.writelines(f"#{line}\n" for line in text.splitlines())
    writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
    writer.writerow(used)
    writer.writerows([mapping.text(name) for name in used] for mapping in mappings)


def _propagated(name: str) -> bool:
    return name in SLOTS and SLOTS[name].propagated


def _settled(metadata: Mapping[str, object], mappings: Sequence[SssomMapping]) -> dict[str, object]:
    """Keep of what holds for all rows only what does hold for all of them."""
    return {
        name: value
        for name, value in metadata.items()
        if not _propagated(name)
        or isinstance(value, list)
        or all(m.text(name) == value for m in mappings)
    }


def _in_order(
    metadata: Mapping[str, object], used: Sequence[str], mappings: Sequence[SssomMapping]
) -> dict[str, object]:
    """The metadata to write, with the prefixes in use and the extension, if it is used."""
    known: dict[str, object] = dict(metadata)
    known["curie_map"] = _prefixes(known, used, mappings)
    extended = [name for name in used if name in EXTENSIONS]
    if extended:
        known["extension_definitions"] = [
            {"slot_name": name, "property": SLOTS[name].iri, "type_hint": EXTENSIONS[name]}
            for name in extended
        ]
    order = {name: number for number, name in enumerate(SET_SLOTS)}
    names = sorted(known, key=lambda name: (order.get(name, len(order)), name))
    return {name: known[name] for name in names}


def _prefixes(
    metadata: Mapping[str, object], used: Sequence[str], mappings: Sequence[SssomMapping]
) -> dict[str, str]:
    """The prefixes of all CURIEs, with their IRIs; as given where they are not known here."""
    given = metadata.get("curie_map")
    declared = given if isinstance(given, dict) else {}
    entities = [name for name in used if name in SLOTS and SLOTS[name].kind == "entity"]
    texts = [m.text(name) for m in mappings for name in entities]
    texts += [str(metadata[n]) for n in metadata if n in SLOTS and SLOTS[n].kind == "entity"]
    curies = {part for text in texts for part in text.split("|") if ":" in part}
    found = {c.partition(":")[0] for c in curies}
    return {p: converter().namespace(p) or str(declared.get(p, "")) for p in sorted(found)}
