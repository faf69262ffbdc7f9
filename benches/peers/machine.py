"""The machine that a bench ran on, and the environment that Python's engines run in."""

import os
import subprocess
import venv
from pathlib import Path

# What an int8 kernel may be chosen by.
TELLING = ("avx2", "avx_vnni", "avx512f", "avx512bw", "avx512vl", "avx512_vnni", "avx512vbmi", "amx_int8", "asimd", "asimddp", "i8mm")


def processor() -> tuple[str, list[str], int]:
    """Name of the CPU, those of its flags that matter here, and the number of CPUs this process may use."""
    fields = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    name = fields.get("model name", "unknown CPU")
    if "cpu family" in fields:
        name += f", family {fields['cpu family']} model {fields.get('model', '?')}"
    flags = (fields.get("flags") or fields.get("Features") or "").split()
    return name, [flag for flag in TELLING if flag in flags], len(os.sched_getaffinity(0))


def load() -> float:
    """Load average of the last minute: what else the machine was doing."""
    return os.getloadavg()[0]


def peer_python(folder: Path, requirements: Path) -> tuple[Path | None, str]:
    """The Python of a virtual environment with the peers installed, made in `folder` when needed; or None and why not."""
    python = folder / "bin" / "python"
    done = folder / "installed.txt"
    wanted = requirements.read_text()
    if python.exists() and done.exists() and done.read_text() == wanted:
        return python, ""
    try:
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements],
                       check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout or "").strip().splitlines()
        return None, f"the peers of {requirements.name} cannot be installed: {said[-1] if said else error}"
    except OSError as error:
        return None, f"no virtual environment can be made in {folder}: {error}"
    done.write_text(wanted)
    return python, ""
