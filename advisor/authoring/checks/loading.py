"""Codes of what is found while files are read and rules are bound."""

from __future__ import annotations

from advisor.authoring.checks.registry import CODES, Code

_MEANINGS = {
    # files
    "toml-syntax": "the file is not TOML",
    "toml-depth": "the file nests too deeply",
    "toml-number": "a number cannot be used",
    # the shape of a rule
    "unknown-key": "there is no such key",
    "missing-key": "a key that every rule has is missing",
    "wrong-type": "a value has another type than its key takes",
    "wrong-choice": "a value is none of those that are allowed",
    "wrong-form": "an id or a name has a form that is not allowed",
    "too-long": "a text is too long",
    "topic": "the rule's id says another topic than its file",
    "rule-twice": "two rules have one id",
    # overlays
    "unknown-rule": "what is to be changed or left out is no rule",
    "override-here": "a folder changes or leaves out a rule of its own",
    "override-key": "a key that cannot be changed",
    "override-twice": "a folder changes one field twice",
    "override-disabled": "a rule is changed that is left out already",
    "nothing-to-remove": "what is to be withdrawn is not there",
    # kinds, fields, aliases and names
    "unknown-kind": "there is no such kind of fact",
    "unknown-field": "the kind has no such field",
    "missing-field": "a conclusion lacks a field that every fact of its kind has",
    "unknown-path": "the question has no such field to change",
    "unbound": "an alias or a name is bound to nothing",
    "alias-twice": "an alias is bound twice",
    "name-twice": "a name is defined twice",
    "name-reserved": "a name means something already",
    "let-order": "definitions need one another",
    # expressions
    "expression": "an expression is not part of the language, or its types do not fit",
    "unit-mismatch": "an expression mixes units: left is bits, right is bytes",
    "not-a-condition": "a condition is neither true nor false",
    "not-a-number": "an aggregate over what is not a number",
    "field-type": "a field gets a value of another type",
    "each-range": "a range is not written as first..last, or its ends are no integers",
    # joins
    "self-join": "a fact is joined with itself",
    "join-types": "two fields of different types are joined",
    "not-joinable": "a field that may be absent, or is no text, integer or truth value, is joined",
    "best": "`best` needs either minimize or maximize",
    # what a rule does
    "no-effect": "the rule concludes, proposes and says nothing",
    "no-because": "a rule that is shown has no `because`",
    "prose-unheard": "a rule has a place in the prose, and no answer shows its sentence",
    "empty-proposal": "a proposal sets and varies nothing and is not marked as advice",
    "incomplete-search": "a proposal that searches lacks what to vary, from where to where, or what to seek",
    "no-question": "a rule over the catalog proposes",
    "catalog-only": "a rule of the question reads what only rules over the catalog write",
    "cycle": "a rule waits for its own result, through `unless`, an aggregate or a default",
}

#: What is met only where far more stands in the files than anybody writes.
BOUNDS = {
    "too-many-rules": "there are more rules, or more is wrong with them, than is looked at",
    "more-problems": "one thing has more problems than are told",
    "too-many-files": "a folder holds more files than are read",
    "too-many-dependencies": "rules depend on one another in more ways than can be put in order",
}

CODES.update({code: Code("error", meaning) for code, meaning in {**_MEANINGS, **BOUNDS}.items()})
