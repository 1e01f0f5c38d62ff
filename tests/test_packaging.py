"""What is installed is what stands in the tree, and is found without the tree."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("rules", "facts")


def run(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def build(source: Path, target: str, into: Path) -> Path:
    """Build `target` (wheel or sdist) of the tree at `source`, without the network."""
    done = run("-m", "hatchling", "build", "--target", target, "--directory", into, cwd=source)
    assert done.returncode == 0, done.stderr
    (built,) = into.iterdir()
    return built


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tree(folder: Path, pattern: str) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob(pattern)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def metadata(unpacked: Path) -> Message:
    (file,) = unpacked.glob("*.dist-info/METADATA")
    return BytesParser().parsebytes(file.read_bytes())


@pytest.mark.parametrize("folder", SHIPPED)
def test_every_rule_and_fact_of_the_tree_is_in_the_wheel(folder: str, unpacked: Path) -> None:
    expected = tree(ROOT / folder, "*.toml")
    assert expected
    assert tree(unpacked / "advisor" / "data" / folder, "*.toml") == expected


def test_the_wheel_holds_the_package_and_nothing_beside_it(unpacked: Path) -> None:
    assert tree(unpacked / "advisor", "*.py") == tree(ROOT / "advisor", "*.py")
    beside = [path.name for path in unpacked.iterdir() if path.suffix != ".dist-info"]
    assert beside == ["advisor"]
    assert sorted(path.name for path in (unpacked / "advisor" / "data").iterdir()) == sorted(SHIPPED)
    assert not list(unpacked.rglob("*.pyc"))


def test_the_installed_package_finds_its_own_rules_and_facts(unpacked: Path, tmp_path: Path) -> None:
    program = (
        "from advisor.paths import facts_folder, rules_folder\n"
        "print(rules_folder().resolve()); print(facts_folder().resolve())"
    )
    done = run("-c", program, cwd=tmp_path, PYTHONPATH=str(unpacked))
    assert done.returncode == 0, done.stderr
    data = (unpacked / "advisor" / "data").resolve()
    assert done.stdout.splitlines() == [str(data / "rules"), str(data / "facts")]


def test_the_installed_command_answers(unpacked: Path, tmp_path: Path) -> None:
    (entry_points,) = unpacked.glob("*.dist-info/entry_points.txt")
    (entry,) = [line for line in entry_points.read_text().splitlines() if line.startswith("advisor = ")]
    module, function = entry.removeprefix("advisor = ").split(":")
    program = f"import sys; from {module} import {function}; sys.argv[0] = 'advisor'; sys.exit({function}())"
    question = ROOT / "examples" / "mixtral-8x22b-a100.toml"
    done = run("-c", program, "ask", question, "--format", "json", cwd=tmp_path, PYTHONPATH=str(unpacked))
    assert done.returncode == 1, done.stderr
    assert '"does-not-fit"' in done.stdout


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    sdist = build(ROOT, "sdist", tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # from 3.11.4 on
        archive.extractall(tmp_path / "source", **safely)
    (source,) = (tmp_path / "source").iterdir()
    again = build(source, "wheel", tmp_path / "wheel")
    assert again.name == wheel.name
    assert contents(again) == contents(wheel)


def test_durable_rules_is_asked_for_only_where_it_imports(metadata: Message) -> None:
    requirements = metadata.get_all("Requires-Dist", [])
    (durable,) = [line for line in requirements if line.startswith("durable-rules")]
    assert durable.partition(";")[2].replace("'", '"').strip() == 'python_version < "3.13"'


def test_the_licence_travels_with_the_package(metadata: Message, unpacked: Path) -> None:
    assert metadata["License-Expression"] == "Apache-2.0"
    (licence,) = unpacked.glob("*.dist-info/licenses/LICENSE")
    assert licence.read_bytes() == (ROOT / "LICENSE").read_bytes()
