"""Values in records are read back as they were."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.audit.records.exact import read, told, value_of
from advisor.expressions import Cause, Unknown

NUMBERS = st.integers() | st.fractions()
PLAIN = NUMBERS | st.text() | st.booleans()
CAUSES = st.frozensets(st.builds(Cause, st.text(), st.text()), max_size=3)
VALUES = PLAIN | st.lists(PLAIN, max_size=4).map(tuple) | st.builds(Unknown, st.none() | NUMBERS, CAUSES)


@given(VALUES)
def test_a_value_comes_back_from_json_as_it_was(value):
    found = value_of(json.loads(json.dumps(told(value))))
    assert found == value and type(found) is type(value)


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_a_question_comes_back_as_it_was(tables):
    if isinstance(tables, dict) and set(tables) in ({"exact"}, {"unknown"}):
        return  # no field of a question is called so
    assert read(json.loads(json.dumps(told({"table": tables})))) == {"table": tables}


@pytest.mark.parametrize(
    "said", [1.5, {"exact": 1.5}, {"exact": "1/0"}, {"exact": "1e999999999"}, {"unknown": {}}, [0.1]]
)
def test_what_is_no_exact_value_is_refused(said):
    with pytest.raises((ValueError, KeyError, ZeroDivisionError)):
        read(said)
