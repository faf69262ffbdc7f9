"""The emulated cores, the boards that have them, and what a program sees of them."""

from dataclasses import dataclass
from pathlib import Path

PLAIN = "fp asimd evtstrm crc32 cpuid"
DOT_PRODUCT = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp ssbs"


@dataclass(frozen=True)
class Core:
    """A core as qemu emulates it."""

    name: str
    # What `-cpu` takes.
    cpu: str
    # Main identification register: implementer, variant, part, revision.
    implementer: int
    variant: int
    part: int
    revision: int
    features: str
    megahertz: int
    # lentigo's kernels that it must choose by itself.
    family: str
    # The scheduling model of llvm-mca that stands for it, if there is one.
    model: str | None


CORES = (
    Core("Cortex-A53", "cortex-a53", 0x41, 0, 0xD03, 4, PLAIN, 1400, "neon", "cortex-a53"),
    Core("Cortex-A72", "cortex-a72", 0x41, 0, 0xD08, 3, PLAIN, 1800, "neon", "cortex-a72"),
    # LLVM has no model of the A76; the Neoverse N1 is the same core for servers.
    Core("Cortex-A76", "cortex-a76", 0x41, 4, 0xD0B, 1, DOT_PRODUCT, 2400, "dotprod", "neoverse-n1"),
    # qemu's own `max` has i8mm; its 512-bit SVE, which no board has, is switched off. Libraries see a Cortex-A715.
    Core("i8mm", "max,sve=off,sme=off", 0x41, 1, 0xD4D, 1, DOT_PRODUCT + " i8mm bf16", 2400, "i8mm", None),
)


@dataclass(frozen=True)
class Board:
    """A board: whose counts hold for it, its clock, and the scheduling model for its core."""

    name: str
    core: str
    counts_of: str
    model: str
    gigahertz: float


BOARDS = (
    Board("Raspberry Pi Zero 2 W", "Cortex-A53", "Cortex-A53", "cortex-a53", 1.0),
    Board("Jetson Nano", "Cortex-A57", "Cortex-A72", "cortex-a57", 1.43),
    Board("Raspberry Pi 4", "Cortex-A72", "Cortex-A72", "cortex-a72", 1.8),
    Board("Jetson Orin Nano", "Cortex-A78AE", "Cortex-A76", "neoverse-n1", 1.5),
    Board("Raspberry Pi 5", "Cortex-A76", "Cortex-A76", "neoverse-n1", 2.4),
)


def root_of(core: Core, tools: Path) -> Path:
    """A folder for qemu's `-L`: the guest's libraries, and this core's /proc/cpuinfo and /sys/devices/system/cpu.

    qemu-user looks for absolute paths there first. Libraries choose kernels by these files: they must fit what is emulated.
    """
    root = tools / "cores" / core.name
    if (root / "proc/cpuinfo").exists():
        return root
    cpus = root / "sys/devices/system/cpu"
    cpus.mkdir(parents=True)
    (root / "proc").mkdir()
    for folder in ("usr", "lib", "bin", "sbin", "etc"):
        (root / folder).symlink_to(tools / "root" / folder)
    midr = core.implementer << 24 | core.variant << 20 | 0xF << 16 | core.part << 4 | core.revision
    files = {"possible": "0-3", "present": "0-3", "online": "0-3", "kernel_max": "63"}
    cpuinfo = ""
    for cpu in range(4):
        cpuinfo += (f"processor\t: {cpu}\nBogoMIPS\t: 38.40\nFeatures\t: {core.features}\nCPU implementer\t: {core.implementer:#x}\n"
                    f"CPU architecture: 8\nCPU variant\t: {core.variant:#x}\nCPU part\t: {core.part:#x}\nCPU revision\t: {core.revision}\n\n")
        files |= {
            f"cpu{cpu}/topology/physical_package_id": "0", f"cpu{cpu}/topology/core_id": str(cpu),
            f"cpu{cpu}/topology/package_cpus_list": "0-3", f"cpu{cpu}/topology/core_siblings_list": "0-3",
            f"cpu{cpu}/topology/thread_siblings_list": str(cpu), f"cpu{cpu}/cpufreq/cpuinfo_max_freq": str(core.megahertz * 1000),
            f"cpu{cpu}/cpufreq/cpuinfo_min_freq": "600000", f"cpu{cpu}/regs/identification/midr_el1": f"{midr:#018x}",
        }
    for name, text in files.items():
        (cpus / name).parent.mkdir(parents=True, exist_ok=True)
        (cpus / name).write_text(text + "\n")
    (root / "proc/cpuinfo").write_text(cpuinfo)
    return root
