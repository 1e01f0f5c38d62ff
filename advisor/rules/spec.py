"""The shape of a rule file, as written."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, StringConstraints(max_length=2000)]
Constant = str | bool | int
MANY = 250  # entries of anything that a rule lists; the longest that ships has 23
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$", max_length=120)]
Expression = str | bool | int | InstanceOf[Fraction]
#: Parts of the prose summary that the sentences of rules make.
Prose = Literal["reason", "rest-of-hardware", "speed", "caution", "otherwise"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class TestSpec(_Strict):
    __test__ = False
    test: Text
    say: Text | None = None


Conditions = Annotated[list[Text | TestSpec], BeforeValidator(_as_list)]


class PatternSpec(_Strict):
    fact: str
    alias: Name | None = Field(None, alias="as")
    on: dict[str, str] = Field(default_factory=dict, max_length=16)
    equals: dict[str, Constant] = Field(default_factory=dict, alias="is", max_length=16)


class SearchSpec(PatternSpec):
    """A pattern that looks at complete facts: `unless` and the aggregates."""

    where: Conditions = Field(default_factory=list, max_length=MANY)


class ValueSpec(SearchSpec):
    of: Text


class BestSpec(SearchSpec):
    minimize: Text | None = None
    maximize: Text | None = None


class ProposalSpec(_Strict):
    kind: str
    title: Text
    changes: dict[str, Expression | list[Constant]] = Field(default_factory=dict, alias="set")
    costs: list[Text] = Field(default_factory=list)
    vary: Text | None = None  # a field of the question, of which the search finds the best value that works
    first: Expression | None = Field(None, alias="from")
    last: Expression | None = Field(None, alias="to")
    step: Expression = 1
    seek: Literal["largest", "smallest"] | None = None
    order: Expression = 0
    advice: bool = False


class ExampleSpec(_Strict):
    """A `[[rule.test]]`."""

    name: str
    given: list[dict[str, Any]] = Field(default_factory=list)
    expect: list[dict[str, Any]] = Field(default_factory=list)
    reject: list[dict[str, Any]] = Field(default_factory=list)
    says: str | None = None


class RuleSpec(_Strict):
    id: RuleId
    summary: Text
    severity: Literal["error", "warning", "note", "info"] | None = None
    status: Literal["stable", "preview", "deprecated"] = "stable"
    over: Literal["question", "catalog"] = "question"
    match: list[PatternSpec] = Field(default_factory=list, max_length=16)
    each: dict[Name, Text] = Field(default_factory=dict, max_length=1)
    let: dict[Name, Expression] = Field(default_factory=dict, max_length=MANY)
    sum: dict[Name, ValueSpec] = Field(default_factory=dict, max_length=MANY)
    min: dict[Name, ValueSpec] = Field(default_factory=dict, max_length=MANY)
    max: dict[Name, ValueSpec] = Field(default_factory=dict, max_length=MANY)
    count: dict[Name, SearchSpec] = Field(default_factory=dict, max_length=MANY)
    collect: dict[Name, ValueSpec] = Field(default_factory=dict, max_length=MANY)
    best: dict[Name, BestSpec] = Field(default_factory=dict, max_length=MANY)
    where: Conditions = Field(default_factory=list, max_length=MANY)
    unless: Annotated[list[SearchSpec], BeforeValidator(_as_list)] = Field(
        default_factory=list, max_length=MANY
    )
    conclude: Annotated[list[dict[str, Expression]], BeforeValidator(_as_list)] = Field(
        default_factory=list, max_length=MANY
    )
    propose: ProposalSpec | None = None
    because: Text | None = None
    prose: Prose | None = None
    sources: list[str | dict[str, Any]] = Field(default_factory=list)
    test: list[ExampleSpec] = Field(default_factory=list, max_length=MANY)


#: What stands inside a key of a rule.
SHAPES: dict[str, type[BaseModel]] = {
    **{"match": PatternSpec, "unless": SearchSpec, "where": TestSpec, "best": BestSpec, "count": SearchSpec},
    **dict.fromkeys(("sum", "min", "max", "collect"), ValueSpec),
    **{"propose": ProposalSpec, "test": ExampleSpec},
}
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class _OverlaySpec(_Strict):
    rule: str
    reason: Reason
    sources: list[str | dict[str, Any]] = Field(default_factory=list)


class OverrideSpec(_OverlaySpec):
    """An `[[override]]` of a rule. `changes` has the shape of a rule and is merged into it."""

    changes: dict[str, Any] = Field(default_factory=dict, alias="set")
    remove: list[str] = Field(default_factory=list)
    test: list[ExampleSpec] | None = None  # in place of the rule's own tests


class DisableSpec(_OverlaySpec):
    """A `[[disable]]`."""


class RuleFile(_Strict):
    """A rule file; what stands in its tables is looked at one by one."""

    schema_: Literal[1] = Field(alias="schema")
    rule: list[dict[str, Any]] = Field(default_factory=list)
    override: list[dict[str, Any]] = Field(default_factory=list)
    disable: list[dict[str, Any]] = Field(default_factory=list)
