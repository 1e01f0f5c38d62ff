"""Rule files of someone who means harm, each with what must come of it.

They are about a handful of kinds and facts of their own. `refused` is an error of the loader, `bounded` one
of the reasoner that names the rule; `harmless` derives what it should, and nothing else happens.
"""

from __future__ import annotations

import json
import keyword
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Files = dict[str, str]

KINDS = """
schema = 1
[[kind]]
id = "seed"
meaning = "A number to begin with."
key = ["n"]
[kind.fields]
n = { type = "integer", required = true, meaning = "…" }
text = { type = "text", default = "x", meaning = "…" }
size = { type = "integer", min = 0, meaning = "…" }
[[kind]]
id = "node"
meaning = "A number that was reached."
key = ["n"]
[kind.fields]
n = { type = "integer", required = true, meaning = "…" }
size = { type = "number", meaning = "…" }
text = { type = "text", meaning = "…" }
[[kind]]
id = "found"
meaning = "A result."
key = ["id"]
[kind.fields]
id = { type = "text", required = true, meaning = "…" }
value = { type = "number", meaning = "…" }
"""
FACTS = """
schema = 1
seed = [{ n = 0, size = 1 }, { n = 1 }, { n = 2, size = 3, text = "y" }]
"""
RULE = """
[[rule]]
id = "t.warm"
summary = "Something ordinary, so that all that is loaded late is loaded."
severity = "note"
match = [{ fact = "seed", as = "s" }]
let = { twice = "s.n * 2 + 1/3" }
sum = { all = { of = "o.n", fact = "seed", as = "o", where = ["o.n < s.n", "version_of(o.text) == 0"] } }
where = ["twice > 0.1", { test = "s.n < 2", say = "{s.n} is more" }]
unless = [{ fact = "found", is = { id = "never" } }]
conclude = { fact = "node", n = "s.n", size = "s.size" }
because = "{s.n} of {all} and {s.size}."
"""
WARM_UP: Files = {
    "facts/kinds.toml": KINDS,
    "facts/seeds.toml": FACTS,
    "rules/t.toml": f"schema = 1\n{RULE}",
}


def nothing(folder: Path) -> None:
    """Files are all that there is."""


@dataclass(frozen=True)
class Case:
    """`expect`: harmless, or the code of the problem. `rule` is what the problem of a bounded case names."""

    name: str
    files: Callable[[], Files]
    expect: str
    rule: str | None = None
    derives: tuple[str, ...] | None = None
    says: str | None = None
    prepare: Callable[[Path], None] = nothing


CASES: dict[str, Case] = {}


def rules(*bodies: str) -> Callable[[], Files]:
    """One file of rules, each with an id by its position and a summary."""
    texts = [f'[[rule]]\nid = "t.r{n}"\nsummary = "…"\n{body}\n' for n, body in enumerate(bodies)]
    return lambda: {"rules/t.toml": "schema = 1\n" + "".join(texts)}


def numbered(count: int, body: str, *more: str) -> Callable[[], Files]:
    """Many rules, made when they are needed; `@` stands for the number and `%` for the next."""
    bodies = (body.replace("@", str(n)).replace("%", str(n + 1)) for n in range(count))
    return lambda: rules(*bodies, *more)()


def seeds(count: int) -> Files:
    rows = "".join(f"[[seed]]\nn = {n}\n" for n in range(count))
    return {"facts/seeds.toml": f"schema = 1\n{rows}"}


def case(name: str, files: Callable[[], Files], expect: str, **more: object) -> None:
    assert name not in CASES
    CASES[name] = Case(name, files, expect, **more)  # type: ignore[arg-type]


def where(test: str) -> str:
    return f"{SEEDS}\nwhere = [{json.dumps(test)}]\n{FOUND}"


FOUND = 'conclude = { fact = "found", id = "\'yes\'" }'
SEEDS = 'match = [{ fact = "seed", as = "s" }]'
COUNT = 'each = { n = "1..4096" }\nconclude = { fact = "node", n = "n" }'
STEPS = "too-many-steps"


# Running code, reading files, reaching attributes.

for name, text in {
    "attribute-class": "s.__class__ == 1",
    "attribute-of-attribute": "s.n.real > 0",
    "attribute-of-text": "'x'.upper == 1",
    "attribute-of-call": "max(1, 2).real > 0",
    "method": "s.n.__add__(1) > 0",
    "subscript": "s['n'] > 0",
    "import": "__import__('os').system('touch pwned') == 0",
    "builtin": "open('/etc/passwd') == 1",
    "eval": "eval('1') == 1",
    "lambda": "(lambda: 1)() == 1",
    "comprehension": "max([1 for x in s]) > 0",
    "generator": "max(x for x in s) > 0",
    "walrus": "(y := 5) > 0",
    "formatted-text": "f'{s.__class__}' == 'x'",
    "formatted-by-percent": "'%s' % s.n == 'x'",
    "text-multiplied": "'x' * 1000000000 == 'y'",
    "text-added": "'x' + 'y' == 'xy'",
    "bytes": "b'x' == 1",
    "starred": "max(*s) > 0",
    "keywords": "max(1, 2, key=s) > 0",
    "await": "await s.n > 0",
    "yield": "(yield s.n) > 0",
    "ellipsis": "... == 1",
    "complex": "1j > 0",
    "shift": "1 << 1000000000 > 0",
    "bit-or": "s.n | 1 > 0",
    "in": "s.n in (1, 2)",
    "is": "s.n is 1",
    "hexadecimal": "0xFFFFFFFF > s.n",
    "long-number": "9" * 900 + " > s.n",
    "large-exponent": "1e999 > s.n",
    "comment": "s.n > 0 # nothing to see",
    "line-break": "s.n > 0\nimport os",
    "semicolon": "s.n > 0; import os",
    "backslash": "'\\x41' == 'A'",
    "look-alike": "\N{CYRILLIC SMALL LETTER DZE}.n > 0",
    "null": "s.n > 0\0",
    "too-long": "s.n > 0 and " * 90 + "true",
    "parentheses": "(" * 400 + "s.n" + ")" * 400 + " > 0",
    "signs": "-" * 900 + "s.n > 0",
    "powers": "2 ** 3 ** " * 90 + "2 > 0",
    "conditions": "1 if s.n > 0 else " * 50 + "2 > 0",
    "nots": "not " * 200 + "s.n > 0",
}.items():  # fmt: skip
    case(f"expression.{name}", rules(where(text)), "expression")
case("expression.dunder-definition", rules(f'{SEEDS}\nlet = {{ __class__ = "1" }}\n{FOUND}'), "wrong-form")
case("expression.dunder-alias", rules(f'match = [{{ fact = "seed", as = "__s" }}]\n{FOUND}'), "wrong-form")
case("expression.unknown-field", rules(where("s.values == 1")), "unknown-field")
case("expression.longer-than-any", rules(where("s.n > 0 and " * 200 + "true")), "too-long")
for name, text in {
    "attribute": "{s.__class__}",
    "index": "{s[0]}",
    "conversion": "{s.n!r}",
    "format": "{s.n:>1000000000}",
    "nested": "{s.n:{s.n}}",
    "globals": "{s.__init__.__globals__}",
    "position": "{0}",
    "call": "{open('/etc/passwd')}",
}.items():
    body = f'severity = "note"\n{SEEDS}\nbecause = "{text}"'
    case(f"template.{name}", rules(body), "expression")
case(
    "template.read-once",
    rules(f"severity = 'note'\n{SEEDS}\nlet = {{ v = \"'{{s.n}}'\" }}\nbecause = '{{v}}'"),
    "harmless",
    says="{s.n}",
)

# Numbers and texts that grow.

LARGE = " * ".join(["10 ** 30"] * 10)
SQUARES = "\n".join(f'v{n} = "v{n - 1} * v{n - 1}"' for n in range(1, 40))
for name, value in {
    "power": "(s.n + 7) ** 64 ** 64",
    "powers": "((s.n + 7) ** 64) ** 64",
    "negative-power": "(s.n + 7) ** (0 - 99999999)",
    "huge-exponent": "(s.n + 7) ** (10 ** 29)",
    "root": "pow(10 ** 30 * 10 ** 30, 63.5)",
    "product": f"{LARGE} * ({LARGE}) * ({LARGE}) * ({LARGE})",
    "division": "1 / (s.n - s.n)",
}.items():
    computed = f"{SEEDS}\nlet = {{ v = '{value}' }}\nwhere = ['v > 0']\n{FOUND}"
    case(f"number.{name}", rules(computed), "evaluation", rule="t.r0")
case(
    "number.squares",
    rules(f'{SEEDS}\nwhere = ["v39 > 0"]\n{FOUND}\n[rule.let]\nv0 = "s.n + 10"\n{SQUARES}'),
    "evaluation",
    rule="t.r0",
)
NOTE = 'severity = "note"'
SHOWN = f'let = {{ v = "{LARGE}" }}\nbecause = "{"{v}" * 600}{{n}}"'
case("text.large-numbers", rules(f'{NOTE}\neach = {{ n = "1..50" }}\n{SHOWN}'), "harmless")
case("text.more-of-them", rules(f'{NOTE}\neach = {{ n = "1..4096" }}\n{SHOWN}'), STEPS, rule="t.r0")
case(
    "text.long-ones",
    lambda: {
        **rules(f'{NOTE}\neach = {{ n = "1..100" }}\n{SEEDS}\nbecause = "{"{s.text}" * 200}{{n}}"')(),
        "facts/more.toml": f'schema = 1\n[[seed]]\nn = 9\ntext = "{"x" * 4000}"\n',
    },
    "harmless",
)
COLLECT = 'collect = { all = { of = "o.n", fact = "node", as = "o" } }'
case(
    "text.lists",
    rules(COUNT, f'{NOTE}\n{SEEDS}\n{COLLECT}\nbecause = "{"{all}" * 390}{{s.n}}"'),
    "harmless",
)
LENGTHS = f"max({', '.join(['length(all)'] * 60)})"
VALUE = 'conclude = { fact = "found", id = "\'x\'", value = "v" }'
case(
    "text.lists-in-formulas",
    rules(COUNT, f'each = {{ k = "1..9" }}\n{COLLECT}\nlet = {{ v = "{LENGTHS}" }}\n{VALUE}'),
    "harmless",
)
case("text.long-because", rules(f'{NOTE}\n{SEEDS}\nbecause = "{"x" * 2001}"'), "too-long")
LONG_SAY = f'where = [{{ test = "s.n > 5", say = "{"x" * 2001}" }}]'
case("text.long-say", rules(f"{SEEDS}\n{LONG_SAY}\n{FOUND}"), "too-long,wrong-type")
case("text.braces", rules(f'{NOTE}\n{SEEDS}\nbecause = "{"{" * 1999}"'), "expression")

# Derivations that never end.

NODES = 'match = [{ fact = "node", as = "x" }]'
NEXT = 'conclude = { fact = "node", n = "x.n + 1" }'
START = 'conclude = { fact = "node", n = "0" }'
case("endless.count", rules(START, f"{NODES}\n{NEXT}"), "endless", rule="t.r1")
DOUBLE = 'conclude = { fact = "node", n = "x.n * 2 + 1" }'
case("endless.double", rules(START, f"{NODES}\n{DOUBLE}"), "evaluation", rule="t.r1")
PERHAPS = f'{SEEDS}\nwhere = ["s.size > 5"]\n{START}'
case("endless.perhaps", rules(PERHAPS, f"{NODES}\n{NEXT}"), "endless", rule="t.r1")
EACH = 'each = { k = "1..4096" }\nconclude = { fact = "node", n = "x.n * 4096 + k" }'
case("endless.each", rules(START, f"{NODES}\n{EACH}"), "endless", rule="t.r1")
DEFAULT = 'conclude = { fact = "node", n = "x.n + 1", default = true }'
case("endless.default", rules(START, f"{NODES}\n{DEFAULT}"), "endless", rule="t.r1")
RANGE = f'each = {{ n = "0..{"9" * 29}" }}\nconclude = {{ fact = "node", n = "n" }}'
case("endless.range", rules(RANGE), "evaluation", rule="t.r0")

# Joins of millions, and the most that is allowed.

MANY = "too-many-combinations"
TWO = '{ fact = "node", as = "x" }, { fact = "node", as = "y" }'
NEVER = '{ fact = "found", as = "f", is = { id = "never" } }'
case("joins.pairs", rules(COUNT, f"match = [{TWO}]\n{FOUND}"), MANY, rule="t.r1")
case("joins.that-match-nothing", rules(COUNT, f"match = [{TWO}, {NEVER}]\n{FOUND}"), MANY, rule="t.r1")
SIXTEEN = ", ".join(f'{{ fact = "seed", as = "s{n}" }}' for n in range(16))
case("joins.sixteen", rules(f"match = [{SIXTEEN}]\n{FOUND}"), MANY, rule="t.r0")
case("joins.seventeen", rules(f'match = [{SIXTEEN}, {{ fact = "seed" }}]\n{FOUND}'), "too-large")
ONE_VALUE = 'match = [{ fact = "seed", as = "x" }, { fact = "seed", as = "y", on = { text = "x.text" } }]'
case(
    "joins.on-one-value",
    lambda: {**rules(f"{ONE_VALUE}\n{FOUND}")(), **seeds(2000)},
    MANY,
    rule="t.r0",
)
case("joins.many-rules", lambda: rules(COUNT, *[f"{NODES}\n{FOUND}"] * 500)(), MANY)
SUM = 'sum = { t = { of = "o.size", fact = "seed", as = "o" } }'
COPIES = f'each = {{ n = "1..8" }}\n{SUM}\nconclude = {{ fact = "node", n = "0", size = "t + n" }}'
BY_KEY = ", ".join(f'{{ fact = "node", as = "x{n}", is = {{ n = 0 }} }}' for n in range(16))
case(
    "joins.of-one-key-settled-before",  # eight facts have become one when the next stratum begins
    rules(COPIES, f"match = [{BY_KEY}]\n{FOUND}"),
    "harmless",
    derives=("found[yes]", "node[0]"),
)
FIRST = 'conclude = { fact = "found", id = "\'first\'" }'
IN_A_RING = f'match = [{{ fact = "found" }}]\n{COPIES}'  # reads what is found of what it writes: one stratum
case("joins.of-one-key", rules(IN_A_RING, f"match = [{BY_KEY}]\n{FOUND}", FIRST), MANY, rule="t.r1")
NEARLY = COUNT.replace("4096", "1400")
case("joins.most-that-is-allowed", rules(NEARLY, f"match = [{TWO}, {NEVER}]\n{FOUND}"), "harmless")
KEYS = ", ".join(f'{{ fact = "node", as = "x{n}", on = {{ n = "x0.n" }} }}' for n in range(1, 16))
ALL_ONE = f'match = [{{ fact = "node", as = "x0" }}, {KEYS}]\nwhere = ["x0.n == 7"]\n{FOUND}'
case("joins.by-key", rules(NEARLY, ALL_ONE), "harmless")

# Work that grows with the square.

LONG = " and ".join(["version_of('1.2') > 0"] * 30)  # dear by its price, and quick in truth
OTHERS = f'fact = "node", as = "o", where = ["{LONG} and o.n < n"]'
BEST = f'minimize = "o.n", fact = "node", where = ["{LONG} and o.n < n"]'
for name, body in {
    "sum": f'sum = {{ t = {{ of = "o.n", {OTHERS} }} }}\nwhere = ["t < 0"]',
    "count": f'count = {{ t = {{ {OTHERS} }} }}\nwhere = ["t < 0"]',
    "collect": f'collect = {{ t = {{ of = "o.n", {OTHERS} }} }}\nwhere = ["length(t) < 0"]',
    "best": f'best = {{ o = {{ {BEST} }} }}\nwhere = ["o.n < 0"]',
    "unless": f"unless = [{{ {OTHERS} }}]",
}.items():
    quadratic = f'each = {{ n = "1..4096" }}\n{body}\n{FOUND}'
    case(f"quadratic.{name}", rules(COUNT, quadratic), STEPS, rule="t.r1")
LETS = "\n".join(f'v{n} = "{LONG}"' for n in range(250))
case(
    "quadratic.definitions",
    rules(COUNT, f"{NODES}\nwhere = ['v249']\n{FOUND}\n[rule.let]\n{LETS}"),
    STEPS,
    rule="t.r1",
)
TOTAL = f'{SUM}\nconclude = {{ fact = "node", n = "0", size = "t" }}'
SPREAD = (
    'match = [{ fact = "node", as = "x", is = { n = 0 } }]\neach = { n = "1..4096" }\n'
    'conclude = { fact = "node", n = "n", size = "x.size + n" }'
)
case("quadratic.unknown", lambda: {**rules(TOTAL, SPREAD)(), **seeds(4000)}, STEPS, rule="t.r1")
case("quadratic.very-unknown", lambda: {**rules(TOTAL)(), **seeds(5000)}, "too-many-unknown", rule="t.r0")
VERSIONS = f'each = {{ n = "1..4096" }}\n{SUM}\nconclude = {{ fact = "node", n = "0", size = "t + n" }}'
case("quadratic.versions-of-one-fact", rules(VERSIONS), STEPS, rule="t.r0")

# Orders that are long.

CHAIN = 'match = [{ fact = "node", is = { n = @ } }]\nconclude = { fact = "node", n = % }'
case("order.chain", numbered(800, CHAIN, START.replace("0", "0 ")), "harmless")
WAITS = 'unless = [{ fact = "node", is = { n = % } }]\nconclude = { fact = "node", n = @ }'
case("order.waits", numbered(1000, WAITS), "harmless")
LAST = 'unless = [{ fact = "node", is = { n = 0 } }]\nconclude = { fact = "node", n = 1000 }'
case("order.cycle", numbered(1000, WAITS, LAST), "cycle")
case("order.all-on-all", numbered(800, f'{NODES}\nwhere = ["x.n < 0"]\n{NEXT}'), "too-many-dependencies")

# Names that engines and Python have for themselves.

OWN = (
    *("sid", "id", "k", "one", "p0", "r0", "f0", "n"),
    *("take", "found_all", "and_", "deffacts", "defrule", "deftemplate", "initial_fact", "fact_1"),
    *("halt", "reset", "self", "env", "values", "key", "label", "cls"),
    *("exec", "nil", "null", "class", "none", "lambda"),
)
TEXTS = (
    *("$and", ") (exit) (", "?*found*", "f0", '"', "'", "%d", "{n}", "nil", "TRUE", "True", "1", " ", "\n"),
    *("é", "\N{MATHEMATICAL FRAKTUR SMALL X}", "(halt)", '","sid":"1', "}{", "x" * 4000),
)


def _named() -> Files:
    """Kinds, fields and aliases of every such name, and texts that would mean something to an engine."""
    kinds = "".join(
        f'[[kind]]\nid = "{name}"\nmeaning = "…"\nkey = ["{_field(name)}"]\n[kind.fields]\n'
        f'{_field(name)} = {{ type = "text", required = true, meaning = "…" }}\n'
        for name in OWN
    )
    said = [json.dumps(text, ensure_ascii=False) for text in TEXTS]
    facts = "".join(f"[[{name}]]\n{_field(name)} = {text}\n" for name in OWN for text in said)
    bodies = "".join(_joined(one, other) for one, other in zip(OWN, (*OWN[1:], OWN[0]), strict=True))
    return {
        "facts/own-kinds.toml": f"schema = 1\n{kinds}",
        "facts/own.toml": f"schema = 1\n{facts}",
        "rules/t.toml": f"schema = 1\n{bodies}",
    }


def _field(name: str) -> str:
    """Python's own words cannot be fields, and an alias of such a name cannot be read."""
    return f"{name}_" if keyword.iskeyword(name) else name


def _joined(one: str, other: str) -> str:
    alias, field = _field(one), _field(other)
    return (
        f'[[rule]]\nid = "t.{one.replace("_", "-").rstrip("-")}"\nsummary = "…"\n'
        f'match = [{{ fact = "{one}", as = "{alias}" }}, '
        f'{{ fact = "{other}", as = "other", on = {{ {field} = "{alias}.{alias}" }} }}]\n'
        f'count = {{ t = {{ fact = "{one}", as = "o", on = {{ {alias} = "other.{field}" }} }} }}\n'
        f'where = ["t == 1"]\nconclude = {{ fact = "found", id = "{alias}.{alias}", value = "t" }}\n'
    )


case("names.of-engines", _named, "harmless", derives=tuple(sorted(f"found[{text}]" for text in TEXTS)))


def own_kind(id: str = "own", field: str = "x") -> Callable[[], Files]:
    fields = f'[kind.fields]\n"{field}" = {{ type = "text", meaning = "…" }}'
    return lambda: {"facts/own.toml": f'schema = 1\n[[kind]]\nid = "{id}"\nmeaning = "…"\n{fields}\n'}


UNUSABLE = (
    *("class", "sources", "fact", "a b", "a.b", "a-b", "None", "", "x\\u0000", "__class__", "_private"),
    *("__base__", "__config__", "__validators__", "model_config", "model_fields", "copy", "dict", "json"),
)
for name in UNUSABLE:
    case(f"names.field-{name or 'empty'}", own_kind(field=name), "kind-field")
WRITTEN = '[kind.fields]\nx = { type = "integer", meaning = "…", written = { model_config = "" } }'
case(
    "names.written",
    lambda: {"facts/own.toml": f'schema = 1\n[[kind]]\nid = "own"\nmeaning = "…"\n{WRITTEN}\n'},
    "kind-field",
)
case("names.kind", own_kind(id="$and"), "wrong-form")
case("names.dunder-kind", own_kind(id="__class__"), "wrong-form")
INJECTED = f'[[rule]]\nid = "t.r) (exit)"\nsummary = "…"\n{FOUND}'

# Files.


def text(body: str) -> Callable[[], Files]:
    return lambda: {"rules/t.toml": f"schema = 1\n{body}\n"}


case("names.rule", text(INJECTED), "wrong-form")
case("file.deep-key", text("a" + ".a" * 100_000 + " = 1"), "toml-depth")
case("file.deep-quoted-key", text('"a"' + ' . "a"' * 100_000 + " = 1"), "toml-depth")
case("file.deep-header", text("[a" + ".a" * 100_000 + "]"), "toml-depth")
case("file.deep-list", text("a = " + "[" * 50_000 + "]" * 50_000), "toml-depth")
case("file.less-deep-list", text("a = " + "[" * 200 + "]" * 200), "toml-depth")
case("file.deep-table", text("a = " + "{a = " * 50_000 + "1" + "}" * 50_000), "toml-depth")
case("file.long", text("#" * (8 << 20)), "file-too-long")
case("file.many-values", text("rule = [" + "1," * 100_001 + "]"), "file-too-long")
case("file.many-empty-tables", text("[[rule]]\n" * 100_001), "file-too-long")
WRONG_KEYS = "".join(f"k{n} = 1\n" for n in range(20_000))
case("file.many-wrong-keys", rules(f"{FOUND}\n{WRONG_KEYS}"), "more-problems,unknown-key")
case("file.many-rules", numbered(5001, FOUND), "too-many-rules")
case("file.many-wrong-rules", numbered(3000, f'{FOUND}\nwhere = ["q.n > 1"]'), "too-many-rules,unbound")
ROW = '{ id = "t.r%d", summary = "…", where = ["q.n > 1"], conclude = { fact = "node", n = "1" } }'
ROWS = ",".join(ROW % number for number in range(3000))
case("file.one-line", text(f"rule = [{ROWS}]"), "too-many-rules,unbound")
LINES = '[[rule]]\nid = "t.r"\nsummary = """\n%s\n"""\nwrong = 1'
case("file.spaces", text(LINES % ("[" + " " * 200_000)), "too-long,unknown-key")
case("file.quotes", text(LINES % ("'\\\\" * 100_000)), "too-long,unknown-key")
LET = "".join(f"v{n} = 1\n" for n in range(251))
case("file.many-definitions", rules(f"{FOUND}\n[rule.let]\n{LET}"), "too-large")
case("file.long-id", text(f'[[rule]]\nid = "t.{"r" * 500_000}"\nsummary = "…"\n{FOUND}'), "too-long")
case("file.long-key", text("k" * 500_000 + " = 1"), "unknown-key")
case("file.long-kind", rules(f'match = [{{ fact = "{"k" * 500_000}" }}]\n{FOUND}'), "unknown-kind")
case("file.escapes", text('"\\u001b[2J\\u0007\\nrules/t.toml: all is well" = 1'), "unknown-key")
case("file.long-number", text("a = " + "9" * 100_000), "toml-number")
case("file.small-number", text("a = 1e-999999999"), "toml-number")
case("file.infinity", text("a = inf"), "toml-number")
case("file.cut-off", text('[[rule]]\nid = "t.r0'), "toml-syntax")
for name, code, make in (
    ("pipe", "file-unreadable", os.mkfifo),
    ("folder", "harmless", os.mkdir),  # what lies in it would be read
    ("device", "file-unreadable", lambda path: path.symlink_to("/dev/zero")),
    ("link-to-itself", "file-unreadable", lambda path: path.symlink_to(path.name)),
    ("link-to-nothing", "file-missing", lambda path: path.symlink_to("none.toml")),
    ("no-text", "file-encoding", lambda path: path.write_bytes(b"\xff\xfe\x00")),
):
    for where_ in ("rules", "facts"):
        path = f"{where_}/a.toml"
        case(f"file.{name}-of-{where_}", dict, code, prepare=lambda at, path=path, make=make: make(at / path))
case("file.loop", dict, "harmless", prepare=lambda at: (at / "rules" / "in").symlink_to(at))


def _many_files(folder: Path) -> None:
    for number in range(5001):
        (folder / "rules" / f"{number}.toml").touch()


case("file.very-many", dict, "missing-key,too-many-files", prepare=_many_files)
