# Two commands do it all on a fresh machine: `make demo` and `make test`. `make` alone lists the others.

PYTHON ?=
VENV = .venv
VERSIONS = 3.11 3.12 3.13 3.14

# Another PYTHON is another environment: the stamp's name says which one .venv was made with.
READY = $(VENV)/ready$(if $(PYTHON),-$(subst /,_,$(PYTHON)))
RUN = $(VENV)/bin/python
MEASURED = tests/data/measured

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-all bench bench-rules accuracy records docs lint wheel clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | while IFS='	' read -r target text; do \
		printf 'make %-11s %s\n' "$$target" "$$text"; done
	@echo 'PYTHON=path/to/python3 names the Python to use; else the best one found, 3.11 or newer.'

venv: $(READY) ## set up .venv, once (make demo and make test do it by themselves)

demo: $(READY) ## ask reference question 1: Mixtral 8x22B on one A100 80 GB
	@$(VENV)/bin/advisor ask examples/mixtral-8x22b-a100.toml; status=$$?; \
	case $$status in 0|1) ;; *) exit $$status ;; esac    # 1 is an answer too: it does not fit

test: $(READY) ## run the tests (ARGS='-k name' is handed to pytest)
	@$(RUN) -m pytest -n auto --dist worksteal $(ARGS)

test-all: ## run the tests on every Python from 3.11 to 3.14 found on PATH or under pyenv
	@sh -c "$$TEST_ALL"

bench: $(READY) ## measure time and memory of `advisor ask` beside their limits
	@$(RUN) -m compileall -q advisor    # as an installation from a wheel is
	@$(RUN) benchmarks/ask.py $(ARGS)

bench-rules: $(READY) ## measure reading, checking and compiling rules, and how it grows with their number
	@$(RUN) -m compileall -q advisor
	@$(RUN) benchmarks/rules.py $(ARGS)

accuracy: $(READY) ## predict the measured cases and write docs/accuracy.md
	@$(RUN) -m advisor accuracy $(MEASURED)/cases.jsonl --targets $(MEASURED)/targets.toml \
		--notes $(MEASURED)/notes.toml --engine clips --worst 5 --format markdown --output docs/accuracy.md; \
	case $$? in 0) ;; 1) echo 'docs/accuracy.md is written; some aims are missed, as it says' ;; *) exit 1 ;; esac

RECORDS = tests/golden/records
REFERENCES = mixtral-8x22b-a100 mixtral-8x22b-h100 home-rtx-4090

records: $(READY) ## write the records of the reference questions anew; look at what differs before you keep it
	@for name in $(REFERENCES); do \
		ADVISOR_HOME=off ADVISOR_RULES= ADVISOR_FACTS= ADVISOR_HOST=reference SOURCE_DATE_EPOCH=1795392000 \
		$(RUN) -m advisor ask examples/$$name.toml --engine clips --record $(RECORDS)/$$name.json >/dev/null; \
		case $$? in 0|1) ;; *) exit 1 ;; esac; \
	done; git diff --stat -- $(RECORDS)

docs: $(READY) ## write docs/rules: a page for each rule that ships
	@ADVISOR_HOME=off ADVISOR_RULES= ADVISOR_FACTS= $(RUN) -m advisor rules doc

lint: ## run ruff over the code, if it is installed
	@if command -v ruff >/dev/null; then ruff check .; \
	else echo 'ruff is not installed, and only lint needs it: pip install ruff' >&2; exit 1; fi

wheel: $(READY) ## build the wheel and the source distribution into dist/
	@$(RUN) -m hatchling build --clean

clean: ## remove everything that make made
	rm -rf .venv .venv-* dist .hypothesis .pytest_cache .ruff_cache
	find advisor tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	@python=$$(sh -c "$$FIND_PYTHON") || exit 1; \
	echo "Setting up $(VENV) with $$python"; \
	"$$python" -m venv --clear $(VENV) && \
	$(RUN) -m pip install --quiet --editable '.[test]' && \
	touch $@

# What a Python says of itself: 'ok', or in one line what is missing and the way out. Runs on any Python, however old.
define PROBE
import os, sys
version = "Python %d.%d" % sys.version_info[:2]
if sys.version_info < (3, 11):
    print("%s is too old: the advisor needs Python 3.11 or newer (make PYTHON=path/to/python3)" % version)
    sys.exit()
import importlib.util, shutil, sysconfig
compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
header = os.path.join(sysconfig.get_path("include"), "Python.h")
instead = "or use Python 3.13 or newer, which needs none (make PYTHON=python3.13)"
if not importlib.util.find_spec("ensurepip"):
    print("%s has no venv module: install it (Debian: apt-get install python3-venv)" % version)
elif sys.version_info < (3, 13) and not shutil.which(compiler):
    print("%s needs a C compiler for durable-rules and there is no %s: install one "
          "(Debian: apt-get install gcc; macOS: xcode-select --install), %s" % (version, compiler, instead))
elif sys.version_info < (3, 13) and not os.path.exists(header):
    print("%s needs its C headers for durable-rules: install them "
          "(Debian: apt-get install python3-dev), %s" % (version, instead))
else:
    print("ok")
endef
export PROBE

# Prints the Python to use. 3.12 and 3.11 come first: durable-rules, the default engine, installs there.
define FIND_PYTHON
problem=
pyenv="$${PYENV_ROOT:-$$HOME/.pyenv}/versions"
if [ -n "$(PYTHON)" ]; then set -- "$(PYTHON)"
else set -- python3.12 python3.11 python3 python "$$pyenv"/3.12.*/bin/python "$$pyenv"/3.11.*/bin/python \
    python3.13 python3.14 "$$pyenv"/3.13.*/bin/python "$$pyenv"/3.14.*/bin/python
fi
for python; do
    said=$$("$$python" -c "$$PROBE" 2>/dev/null) || continue
    if [ "$$said" = ok ]; then echo "$$python"; exit 0; fi
    case "$$problem" in ''|*'too old'*) problem=$$said ;; esac
done
if [ -z "$$problem" ] && [ -n "$(PYTHON)" ]; then problem="$(PYTHON) is not a Python that runs"; fi
echo "$${problem:-No Python found: install Python 3.11 or newer, or name it (make PYTHON=path/to/python3)}" >&2
exit 1
endef
export FIND_PYTHON

define TEST_ALL
failed=0; summary=
for version in $(VERSIONS); do
    found=
    for python in "python$$version" "$${PYENV_ROOT:-$$HOME/.pyenv}/versions/$$version".*/bin/python; do
        if "$$python" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != sys.argv[1])' $$version \
            2>/dev/null; then found=$$python; fi
    done
    if [ -z "$$found" ]; then line='not found'
    else
        echo "== Python $$version: $$found"
        line='not set up'; status=1
        if $(MAKE) --no-print-directory venv VENV=.venv-$$version PYTHON="$$found"; then
            { .venv-$$version/bin/python -m pytest -n auto --dist worksteal $(ARGS); echo $$? >.venv-$$version/status; } \
                | tee .venv-$$version/pytest.log
            status=$$(cat .venv-$$version/status)
            line=$$(tail -n 1 .venv-$$version/pytest.log | tr -d '=')
        fi
        [ "$$status" = 0 ] || failed=1
    fi
    summary="$$summary$$(printf '\n%s: %s' "Python $$version" "$$line")"
done
echo "$$summary"
exit $$failed
endef
export TEST_ALL
