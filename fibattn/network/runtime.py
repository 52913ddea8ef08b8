"""How TensorFlow is started: settings that must be in the environment before it compiles.

Imported before TensorFlow by the modules that use it. Nothing here imports TensorFlow.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

import platformdirs

# XLA runs a while loop on the CPU as a list of small kernels, and starting them takes ten times
# as long as what they compute. A loop that touches fewer bytes than this threshold (1 KB unless
# told otherwise) it compiles into one function instead. With the threshold out of the way, a
# whole epoch is one function call. The SLP vectoriser finds nothing in that function, and takes a
# tenth of the time to look.
_ONE_FUNCTION = (
    "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=1000000000,"
    "xla_cpu_disable_slp_vectorizer=true"
)
# XLA hands sums over large arrays to the library YNNPACK, but inside one function it cannot call
# it: self-attention over batches of 64 windows was refused ("Fusion kind not implemented on CPU").
_NO_LIBRARY = "--xla_cpu_experimental_ynn_fusion_type="


# A compiled program has about half of PROGRAM_BYTES; all that are kept have MOST_BYTES at most.
PROGRAM_BYTES = 2**20
MOST_BYTES = 512 * 2**20


def compile_cache() -> Path | None:
    """Return the folder in which compiled programs are kept, None if they are not.

    `FIBATTN_COMPILE_CACHE` names another folder; set to nothing it turns the cache off. Where it
    is not set, servers that share their runs in the folder `FIBATTN_STORE` share their programs
    there too. Compiled code is only good for the processor and the TensorFlow it was compiled
    with, so each pair has a folder of its own.
    """
    chosen, store = os.environ.get("FIBATTN_COMPILE_CACHE"), os.environ.get("FIBATTN_STORE")
    if chosen == "":
        return None
    if chosen is None and store:
        root = Path(store) / "programs"
    else:
        root = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("fibattn"))
    machine = f"{platform.machine()} {platform.processor()} {_processor_features()}"
    key = hashlib.sha256(f"{machine} {_tensorflow_version()}".encode()).hexdigest()[:16]
    return root / key


def is_usable(folder: Path) -> bool:
    """Return whether a compiled program can be kept in the folder."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROGRAM_BYTES))
    except OSError:
        return False
    return True


def discard(folder: Path) -> None:
    """Remove all compiled programs from the folder, as far as that is possible."""
    for file in _kept(folder):
        with contextlib.suppress(OSError):
            file.unlink()


def _forget_oldest(folder: Path) -> None:
    """Remove the programs unused for longest while all take more than MOST_BYTES."""
    with contextlib.suppress(OSError):  # another server may be doing the same
        files = sorted(_kept(folder), key=lambda file: file.stat().st_mtime)
        size = sum(file.stat().st_size for file in files)
        for file in files:
            if size <= MOST_BYTES:
                break
            size -= file.stat().st_size
            file.unlink()


def _kept(folder: Path) -> list[Path]:
    try:
        return [file for file in folder.iterdir() if file.name.startswith("fibattn")]
    except OSError:  # gone, or no folder
        return []


def _processor_features() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux: the processor's name must do
        return ""
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


def _tensorflow_version() -> str:
    for name in ("tensorflow-cpu", "tensorflow"):
        try:
            return version(name)
        except ModuleNotFoundError:
            continue
    return "unknown"


def prepare() -> None:
    """Set the environment TensorFlow reads, leaving alone what the user has set.

    In a process that has compiled with XLA before, the settings come too late: training is then
    right, but ten times slower.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    # Faster for large models only, and not the same bits in every process.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    _append("XLA_FLAGS", f"{_ONE_FUNCTION} {_NO_LIBRARY}")
    folder = compile_cache()
    if folder is None:
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        # It holds code that will be run: nobody else may write there.
        folder.chmod(0o700)
    except OSError:  # a read-only home: compile afresh each time
        return
    _forget_oldest(folder)
    if not is_usable(folder):
        return
    _append(
        "TF_XLA_FLAGS",
        f"--tf_xla_persistent_cache_directory={folder} --tf_xla_persistent_cache_prefix=fibattn",
    )


def keep_nothing() -> None:
    """Take back what `prepare` said of the folder: TensorFlow reads it when it first compiles."""
    os.environ["FIBATTN_COMPILE_CACHE"] = ""
    # Of two values for one flag the last counts.
    flags = os.environ.get("TF_XLA_FLAGS", "")
    os.environ["TF_XLA_FLAGS"] = f"{flags} --tf_xla_persistent_cache_directory="


def _append(variable: str, flags: str) -> None:
    present = os.environ.get(variable, "")
    if flags not in present:
        os.environ[variable] = f"{present} {flags}".strip()


prepare()
