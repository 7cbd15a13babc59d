"""What the installer says when pip fails, and what the locks hold."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


@pytest.fixture(scope="module")
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", ROOT / "scripts" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["install"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError: Failed to establish a new connection: "
            "[Errno -2] Name or service not known'\nERROR: No matching distribution found for django==5.2.19",
            "The Python package index cannot be reached",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "A downloaded package is not the",
        ),
        ("ERROR: No matching distribution found for torch==2.13.0", "The Python package index has no torch==2.13.0"),
        ("error: subprocess-exited-with-error", "Installing failed; the reason is at the end of the log."),
    ],
)
def test_a_failure_is_one_sentence(install: ModuleType, output: str, sentence: str) -> None:
    said = install.why_it_failed(output)
    assert said.startswith(sentence)
    assert "\n" not in said


def test_torch_is_a_step_of_its_own_with_the_users_arguments(install: ModuleType) -> None:
    step = install.torch_step("--index-url 'an address' --quiet")
    assert step.arguments == ("install", "--index-url", "an address", "--quiet", "torch==2.13.0")


def test_locked_steps_resolve_nothing_and_check_hashes(install: ModuleType) -> None:
    step = install.locked_step("base", "title")
    assert step.arguments[:4] == ("install", "--no-deps", "--require-hashes", "--no-build-isolation")
    assert step.packages > 80


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_hash_and_no_lock_names_a_host(lock: Path) -> None:
    text = lock.read_text("utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^\s*#.*\n?", "", text).strip())
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text
    assert not re.search(r"(?m)^(-i|-f|--(extra-)?index-url|--find-links|torch==|nvidia)", text)


def preflight(python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "scripts/preflight.sh", python], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )


def fake_python(folder: Path, script: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_preflight_passes_here() -> None:
    assert (preflight(sys.executable).returncode, preflight(sys.executable).stderr) == (0, "")


def test_another_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    done = preflight(fake_python(tmp_path, "echo 3.9"))
    assert done.returncode == 1
    assert re.fullmatch(r"CS Portal needs Python 3\.11 and `\S+` is Python 3\.9: install 3\.11, .*\.\n", done.stderr)


def test_no_python_is_refused_in_one_sentence() -> None:
    done = preflight("/nowhere/python3.11")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "cannot be run" in done.stderr


def test_a_python_without_venv_is_refused_in_one_sentence(tmp_path: Path) -> None:
    done = preflight(fake_python(tmp_path, 'case "$2" in *version*) echo 3.11;; *) exit 1;; esac'))
    assert done.returncode == 1
    assert "has no venv module" in done.stderr
    assert done.stderr.count("\n") == 1
