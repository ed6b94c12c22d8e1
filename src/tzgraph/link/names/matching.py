"""Names compared as people mean them: Greek letters, hyphens, spelling, plurals, affixes.

A name is folded to tokens (:mod:`tzgraph.names.folding`); tokens give keys. Two names are the same
if they share a key, and each key has a weight that says how much was changed to get it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tzgraph.link.ontology.kinds import EntityKind
from tzgraph.names.folding import fold, replace_phrases
from tzgraph.names.spelling import plain

__all__ = ["LIGHTER", "Aliases", "Key", "is_acronym", "is_symbol", "keys", "same_name"]

_STOP = frozenset({"of", "the", "in", "by", "and", "for", "with", "a", "an", "or"})
#: Words that make the order of the others matter: a transition "from A to B".
_ORDERED = frozenset({"to", "from", "into", "via", "without", "not", "non"})

#: Words at the end or start of names that say only what kind of thing is named.
_GENERIC: Mapping[EntityKind, frozenset[str]] = {
    EntityKind.GENE: frozenset({"gen", "human"}),
    EntityKind.PROTEIN: frozenset({"protein", "precursor", "human"}),
    EntityKind.PROCESS: frozenset({"pathway", "process", "human"}),
    EntityKind.DISEASE: frozenset({"nos", "human"}),
    EntityKind.DRUG: frozenset({"injection"}),
    EntityKind.BIOMARKER: frozenset({"status", "human"}),
}
_HUMAN = frozenset({"human"})
#: Words anywhere in names of processes that some vocabularies put in and others leave out.
_LIGHT = frozenset({"receptor", "complex", "mediat", "mediated", "pathway", "process"})
#: What is said of names without those; that of a receptor is then like that of what binds to it.
LIGHTER = "without words such as “receptor”"
_TUMOURS = frozenset({"neoplasm", "tumor"})
_ANY: frozenset[str] = frozenset().union(*_GENERIC.values())

#: Counter-ions and hydrates, which make a salt or a hydrate of a drug.
SALTS = frozenset(
    [
        "acetat",
        "anhydrou",
        "besilat",
        "besylat",
        "bromid",
        "calcium",
        "chlorid",
        "citrat",
        "dihydrat",
        "dihydrochlorid",
        "diphosphat",
        "dipotassium",
        "disodium",
        "ditosylat",
        "edisylat",
        "esilat",
        "fumarat",
        "gluconat",
        "hemihydrat",
        "hydrat",
        "hydrobromid",
        "hydrochlorid",
        "hyclat",
        "iodid",
        "lactat",
        "magnesium",
        "maleat",
        "malat",
        "mesilat",
        "mesylat",
        "monohydrat",
        "nitrat",
        "oxalat",
        "pamoat",
        "phosphat",
        "potassium",
        "sodium",
        "succinat",
        "sulfat",
        "tartrat",
        "tosilat",
        "tosylat",
        "trihydrat",
        "trihydrochlorid",
        "hcl",
    ]
)
#: Prefixes that regulators put before the name of a biological.
_PREFIXES = frozenset({"ado", "fam", "ziv", "abo", "inco", "rima", "ona", "prabotulinumtoxina"})
#: Four random letters without meaning after the name of a biological; the stem shows what it is.
_BIOLOGICAL = re.compile(
    r"(?:mab|cept|kin|stim|poetin|tecan|tansin|dotin|ase|bart|mig|tug|fusp)e?$"
)
_SUFFIX = re.compile(r"[a-z]{4}")

#: A role of ChEBI: "EC 2.3.1.85 (fatty acid synthase) inhibitor".
_ENZYME = re.compile(r"EC [\d.n*-]+ \(([^()]+)\) (\w+)", re.IGNORECASE)
_PARENTHESIS = re.compile(r"(?<!\s)\s*+[(\[][^()\[\]]*[)\]]")


@dataclass(frozen=True, slots=True)
class Key:
    """A form of a name: the text compared, its weight up to 1, and what was done to get it."""

    text: str
    weight: float
    how: str = ""


def is_symbol(text: str) -> bool:
    """Whether a name looks like a symbol or code: one word with a digit or capitals.

    >>> [is_symbol(t) for t in ("HER2", "PD-L1", "neu", "fatty acid synthase", "Herceptin")]
    [True, True, False, False, False]
    """
    if " " in text or len(text) > 12:
        return False
    letters = [c for c in text if c.isalpha()]
    upper = sum(c.isupper() for c in letters)
    return any(c.isdigit() for c in text) or (upper >= 2 and 2 * upper > len(letters))


def is_acronym(text: str) -> bool:
    """Whether a name may stand for many things: up to five characters and no word.

    >>> [is_acronym(t) for t in ("EMT", "ADCC", "Tregs", "autophagy", "MDSC")]
    [True, True, False, False, True]
    """
    bare = re.sub(r"[^\w]", "", text)
    return len(bare) <= 3 or (len(bare) <= 6 and is_symbol(text))


@dataclass(frozen=True, slots=True)
class Aliases:
    """Names of one molecule inside longer names: ``HER2/neu``, ``ERBB2`` and ``HER-2`` are one.

    ``phrases`` maps folded names, of up to ``longest`` tokens, to one token for each molecule;
    ``starts`` are their first tokens.
    """

    phrases: Mapping[tuple[str, ...], tuple[str, ...]]
    starts: frozenset[str]
    longest: int

    @staticmethod
    def of(groups: Mapping[str, tuple[str, ...]]) -> Aliases:
        """Make aliases of groups of names; a name of two groups is of no use and left out.

        >>> aliases = Aliases.of({"m1": ("HER2", "ERBB2", "neu")})
        >>> aliases.apply(fold("HER-2/neu positive")) == aliases.apply(fold("ErbB2 positive"))
        True
        """
        owners: dict[tuple[str, ...], set[str]] = {}
        for group, names in groups.items():
            folded = {fold(name) for name in names}
            # Where "TGF-beta" and "TGF-beta 1" are one, so is every other name less its 1.
            if any((*tokens, "1") in folded for tokens in folded):
                folded |= {tokens[:-1] for tokens in folded if tokens[-1:] == ("1",)}
            for tokens in folded:
                for form in {tokens, *_splits(tokens)}:
                    owners.setdefault(form, set()).add(group)
        phrases = {
            form: (f"\N{SECTION SIGN}{min(found)}",)
            for form, found in owners.items()
            if len(found) == 1 and form
        }
        longest = max(map(len, phrases), default=0)
        return Aliases(phrases, frozenset(form[0] for form in phrases), longest)

    def apply(self, tokens: tuple[str, ...]) -> tuple[str, ...]:
        """Write each molecule in one way; repeated mentions side by side become one."""
        if not self.starts.intersection(tokens):
            return tokens
        found: list[str] = []
        for token in replace_phrases(tokens, self.phrases, self.longest):
            if not (found and token == found[-1] and token.startswith("\N{SECTION SIGN}")):
                found.append(token)
        return tuple(found)


def _splits(tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Other ways to write a symbol: joined, and cut before its number."""
    joined = "".join(tokens)
    if len(tokens) > 1:
        yield (joined,)
    cut = re.fullmatch(r"([a-z]{2,})(\d+[a-z]?)", joined)
    if cut:
        yield (cut[1], cut[2])


def keys(text: str, kind: EntityKind | None, aliases: Aliases | None = None) -> dict[str, Key]:
    """Give the keys of a name of a thing of some kind, by their text; the best of each.

    :param kind: what the name is of; ``None`` if that isn't known, which leaves out whatever might
        be left out
    :param aliases: names of molecules that may stand in a longer name

    >>> "fattyacidsynthas" in keys("fatty-acid synthase", EntityKind.PROTEIN)
    True
    >>> shared = keys("ado-trastuzumab emtansine", EntityKind.DRUG).keys() & keys(
    ...     "Trastuzumab Emtansine", EntityKind.DRUG).keys()
    >>> sorted(shared)
    ['emtansin trastuzumab', 'trastuzumabemtansin']
    """
    found: dict[str, Key] = {}
    for form, weight, how in _forms(text, kind, aliases):
        for key in _keys_of(form, weight, how):
            if key.text not in found or found[key.text].weight < key.weight:
                found[key.text] = key
    return found


def same_name(one: str, other: str) -> bool:
    """Whether two names differ at most in spelling, case, hyphens and number.

    >>> same_name("Gastric Tumours", "gastric tumor"), same_name("gastric", "breast")
    (True, False)
    """
    a, b = fold(one), fold(other)
    return a == b or "".join(a) == "".join(b)


def _keys_of(tokens: tuple[str, ...], weight: float, how: str) -> Iterator[Key]:
    joined = "".join(tokens)
    if not joined:
        return
    yield Key(joined, weight, how)
    short = "".join(t for t in tokens if t not in _STOP and t != "to")
    if short and short != joined:
        yield Key(short, weight * 0.97, how or "without small words")
    bag = sorted(t for t in tokens if t not in _STOP)
    if len(bag) > 1 and not _ORDERED.intersection(tokens):
        yield Key(" ".join(bag), weight * 0.95, how or "words in another order")


def _forms(
    text: str, kind: EntityKind | None, aliases: Aliases | None
) -> Iterator[tuple[tuple[str, ...], float, str]]:
    """Give the forms of a name: as it is, and with parts left out or replaced."""
    tokens = fold(text)
    yield tokens, 1.0, ""
    if enzyme := _ENZYME.fullmatch(text):
        yield fold(f"{enzyme[1]} {enzyme[2]}"), 0.97, "without the number of the enzyme"
    if "(" in text or "[" in text:
        bare = fold(_PARENTHESIS.sub("", text))
        if bare and bare != tokens:
            yield bare, 0.9, "without what is in brackets"
            yield from _reduced(bare, kind, 0.9)
    yield from _reduced(tokens, kind, 1.0)
    if kind is None or kind is EntityKind.DRUG:
        yield from _drug_forms(text, tokens)
    if aliases is not None:
        replaced = aliases.apply(tokens)
        if replaced != tokens and len(replaced) > 1:
            yield replaced, 0.97, "another name of the molecule in it"
            yield from _reduced(replaced, kind, 0.97)


def _reduced(
    tokens: tuple[str, ...], kind: EntityKind | None, weight: float
) -> Iterator[tuple[tuple[str, ...], float, str]]:
    generic = _ANY if kind is None else _GENERIC.get(kind, _HUMAN)
    left = list(tokens)
    while len(left) > 1 and left[-1] in generic:
        left.pop()
    while len(left) > 1 and left[0] in generic:
        left.pop(0)
    if len(left) < len(tokens):
        yield tuple(left), weight * 0.97, "without words that only tell the kind"
    if kind in (None, EntityKind.ALTERATION) and "gen" in tokens[1:-1]:
        yield tuple(t for t in tokens if t != "gen"), weight * 0.97, "without “gene”"
    if kind in (None, EntityKind.DISEASE) and "malignant" in tokens:
        cancer = tuple("cancer" if t in _TUMOURS else t for t in tokens if t != "malignant")
        if "cancer" in cancer:
            yield cancer, weight * 0.97, "a malignant neoplasm is a cancer"
    if kind in (None, EntityKind.PROCESS) and _LIGHT.intersection(tokens):
        light = tuple(t for t in tokens if t not in _LIGHT)
        if len(light) > 1:
            yield light, weight * 0.9, LIGHTER


def _drug_forms(text: str, tokens: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], float, str]]:
    left = tokens
    changed = []
    if len(left) > 1 and left[0] in _PREFIXES:
        left = left[1:]
        changed.append("without the prefix")
    if (
        len(left) > 1
        and re.search(r"\w-[a-z]{4}$", text.casefold())
        and _SUFFIX.fullmatch(plain(text)[-4:])
        and _BIOLOGICAL.search(left[-2])
    ):
        left = left[:-1]
        changed.append("without the four-letter suffix")
    if changed:
        yield left, 0.96, " and ".join(changed)
    base = [t for t in left if t not in SALTS]
    if base and len(base) < len(left):
        yield tuple(base), 0.8, "without the salt"
