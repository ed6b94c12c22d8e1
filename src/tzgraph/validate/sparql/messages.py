"""What a result says if its shape has no ``sh:message``.

https://www.w3.org/TR/shacl/#results-message
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tzgraph.vocabulary import SH

if TYPE_CHECKING:
    from tzgraph.validate.sparql.model import Shape

__all__ = ["generic_message"]

_TEXTS = {
    "And": "The value does not conform to all of the shapes",
    "Class": "The value is not an instance of the class",
    "Closed": "The property is not allowed here; allowed are",
    "Datatype": "The value is not a literal of the datatype",
    "Disjoint": "The value is also a value of",
    "Equals": "The values are not the same as those of",
    "HasValue": "This value is missing:",
    "In": "The value is none of",
    "LanguageIn": "The value is not text in one of the languages",
    "LessThan": "The value is not less than that of",
    "LessThanOrEquals": "The value is greater than that of",
    "MaxCount": "There are more values than",
    "MaxExclusive": "The value is not less than",
    "MaxInclusive": "The value is greater than",
    "MaxLength": "The text is longer than",
    "MinCount": "There are fewer values than",
    "MinExclusive": "The value is not greater than",
    "MinInclusive": "The value is less than",
    "MinLength": "The text is shorter than",
    "Node": "The value does not conform to the shape",
    "NodeKind": "The value is not of kind",
    "Not": "The value conforms to the shape that it must not conform to:",
    "Or": "The value conforms to none of the shapes",
    "Pattern": "The text does not match",
    "QualifiedMaxCount": "More values than allowed conform to (shape, number)",
    "QualifiedMinCount": "Fewer values than needed conform to (shape, number)",
    "SPARQL": "The query of the shape found this node.",
    "UniqueLang": "Two values have the same language.",
    "Xone": "The value does not conform to exactly one of the shapes",
}


def generic_message(shape: Shape, component: str) -> str:
    """Say what is wrong by the constraint's component and values.

    :param component: IRI of the component
    """
    name = component.removeprefix(SH).removesuffix("ConstraintComponent")
    args = [c.args for c in shape.constraints if c.component == name]
    values = sorted(arg.n3() for group in args for arg in group)
    text = _TEXTS.get(name, name)
    return (
        f"{text} {', '.join(values)}." if values else text.rstrip(":") + "."[text.endswith(".") :]
    )
