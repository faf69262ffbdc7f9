"""`all`: from the pool to a system's bundles; every step is skipped that has left its result in the work folder."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .prepare import SIZE
from .systems import SYSTEMS

if TYPE_CHECKING:
    from .assemble import Job

# Its network draws the outlines that criteria are measured on before system B's own network is there; same decoder, same trunk.
OUTLINES = Path(__file__).parents[2] / "bundles" / "multitask-edge"


def trunk(options: argparse.Namespace) -> Path:
    """The dermoscopic trunk that every system starts from."""
    from .multitask_train import train_backbone
    from .recipe import backbone_stages
    from .train import Plan

    return train_backbone(Plan(options.data, options.work / f"backbone-{options.backbone}", options.backbone,
                               backbone_stages(options.backbone, False), seed=options.seed, processes=options.processes))


def trained(options: argparse.Namespace, start: Path) -> Path:
    """The checkpoint of `options.system`, trained from the trunk `start`."""
    target = options.work / options.system / "shipped.pt"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    if options.system == "asff":
        from .asff_train import train_asff, train_own
        from .train import Plan

        folder = options.work / "asff"
        own = train_own(options.data, folder, options.backbone, options.seed, options.processes)
        train_asff(Plan(options.data, folder, options.backbone, (), seed=options.seed, processes=options.processes, start=start), own, target)
        return target
    if options.system == "multitask":
        from . import joint_choose, joint_recipe
        from .joint_train import JointPlan, JointRun
        from .multitask_train import open_pool

        plan = JointPlan(joint_recipe.STAGE, start, options.work / "joint" / joint_recipe.STAGE.name, options.backbone, joint_recipe.GUIDANCE,
                         options.seed)
        JointRun(plan, open_pool(options.data, options.work / "cache")).train()
        joint_choose.run(argparse.Namespace(data=options.data, work=options.work, run_folder=plan.folder, epochs=plan.stage.epochs,
                                            backbone=options.backbone, size=SIZE, to=target))
        return target
    if options.system == "cefm":
        from .cefm_train import CefmPlan, train_cefm

        done = options.work / "cefm" / "cefm.pt"
        return done if done.exists() else train_cefm(CefmPlan(
            options.data, options.work / "cache", options.work / "cefm", melanoma_trunk(options, start), measures(options), options.backbone))
    from .dual_train import DualPlan, train_dual

    return train_dual(DualPlan(options.data, options.work / "cache", options.work / "dual", start, options.backbone))


def melanoma_trunk(options: argparse.Namespace, start: Path) -> Path:
    """System B's trunk, fine-tuned for melanoma from the trunk `start`."""
    from .melanoma_train import train_melanoma
    from .train import Plan

    target = options.work / "melanoma" / "chosen.pt"
    if not target.exists():
        train_melanoma(Plan(options.data, options.work / "melanoma", options.backbone, (), seed=options.seed, processes=options.processes,
                            start=start), target)
    return target


def measures(options: argparse.Namespace) -> Path | None:
    """What the runtime measures on the pool with the outlines of a bundle that has them, made once; None for systems without criteria."""
    if not SYSTEMS[options.system].has_criteria:
        return None
    from .measures import run_measure

    target = options.work / "cefm" / "measures.jsonl"
    if not target.exists():
        run_measure(options.data, options.outlines, target)
    return target


def fitted_to_device(options: argparse.Namespace, start: Path, job: "Job") -> Path:
    """System B's bundles again, with clinical head, severity and prototypes by what the int8 one measures itself; returns their checkpoint."""
    from . import assemble, cefm_device, measures
    from .cefm_train import CefmPlan

    measured = job.checkpoint.with_name("measures-device.jsonl")
    if not measured.exists():
        measures.run_measure(options.data, options.out / job.system.bundle, measured)
    plan = CefmPlan(options.data, job.cache, job.checkpoint.parent, melanoma_trunk(options, start), measured, options.backbone)
    fitted = cefm_device.fit_to_device(plan, job.checkpoint)
    assemble.follow(job, fitted, measured)
    return fitted


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """`all`."""
    parser = subparsers.add_parser("all", help="train the trunk and one system, then write its bundles; goes on where it stopped")
    parser.add_argument("--system", choices=tuple(SYSTEMS), default="asff")
    parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder: cache, checkpoints, graphs")
    parser.add_argument("--out", type=Path, required=True, help="folder that receives the bundles")
    parser.add_argument("--backbone", default="tf_efficientnet_lite0")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2, help="single-threaded training processes")
    parser.add_argument("--quality", type=Path, help="TOML of the capture gate, appended to the manifest")
    parser.add_argument("--picture", type=Path, help="224 x 224 synthetic picture of the golden case")
    parser.add_argument("--outlines", type=Path, default=OUTLINES, help="bundle whose outlines system B's criteria are measured on")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    from .assemble import Job, assemble

    missing = options.work / "absent"
    start = trunk(options)
    checkpoint = trained(options, start)
    job = Job(SYSTEMS[options.system], checkpoint, options.backbone, options.data, options.work / "cache", options.work / f"assemble-{options.system}",
              options.out, options.quality or missing, options.picture or missing, measures=measures(options))
    assemble(job)
    if job.system.has_criteria:
        fitted_to_device(options, start, job)
