"""Command line: `python -m lentigo_training <stage>`."""

import argparse
import importlib
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

from .recipe import backbone_stages
from .systems import SYSTEMS

# Modules that bring commands of their own by `add_command(subparsers)`; each sets `run`.
COMMANDS = ("chain", "evaluation_doc", "joint_train", "joint_choose", "joint_ablation", "dual_train", "melanoma_train", "vit_train", "cefm_train", "cefm_device",
            "cefm_study", "cefm_vit", "cleaning_study", "paper")


def _paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder: cache, checkpoints, graphs")


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--system", choices=tuple(SYSTEMS), default="asff")
    parser.add_argument("--backbone", default="tf_efficientnet_lite0", help="timm name; resnet50 is the ASFF paper's")


def _command(stages: argparse._SubParsersAction, name: str, run: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
    parser = stages.add_parser(name, help=text)
    parser.set_defaults(run=run)
    return parser


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lentigo_training", description=__doc__)
    stages = parser.add_subparsers(dest="stage", required=True)
    _paths(_command(stages, "cache", _cache, "decode the pool once"))
    backbone = _command(stages, "backbone", _backbone, "train the multi-task dermoscopic backbone, or continue where a run was stopped")
    _paths(backbone)
    backbone.add_argument("--backbone", default="tf_efficientnet_lite0", help="timm name; lite0..2 start from ImageNet")
    backbone.add_argument("--teacher", type=Path, help="opinions that `teach` wrote: distil from them")
    backbone.add_argument("--seed", type=int, default=0)
    backbone.add_argument("--processes", type=int, default=2, help="single-threaded training processes")
    own = _command(stages, "train", _train, "system D's own weights, on three sets of the pool and its heads alone")
    _paths(own)
    own.add_argument("--backbone", default="tf_efficientnet_lite0")
    own.add_argument("--seed", type=int, default=0)
    own.add_argument("--processes", type=int, default=2, help="single-threaded training processes")
    teaching = _command(stages, "teach", _teach, "opinions of an ensemble of backbones on every training picture")
    _paths(teaching)
    teaching.add_argument("members", nargs="+", metavar="NAME=CHECKPOINT", help="timm name and checkpoint of each backbone")
    teaching.add_argument("--size", type=int, default=224)
    teaching.add_argument("--to", type=Path, required=True)
    judging = _command(stages, "judge", _judge, "figures of a backbone on the whole val of every dataset")
    _paths(judging)
    judging.add_argument("--backbone", default="tf_efficientnet_lite0")
    judging.add_argument("--checkpoint", type=Path, required=True)
    judging.add_argument("--size", type=int, default=224)
    fusing = _command(stages, "asff", _asff, "fine-tune system D from the finished trunk and from its own weights, choose among both and the gates")
    _paths(fusing)
    fusing.add_argument("--backbone", default="tf_efficientnet_lite0")
    fusing.add_argument("--start", type=Path, help="the trunk's checkpoint; without it the one that `backbone` left in WORK")
    fusing.add_argument("--own", type=Path, help="system D's own weights; without it those that `train` left in WORK, if any")
    fusing.add_argument("--to", type=Path, required=True)
    fusing.add_argument("--seed", type=int, default=0)
    fusing.add_argument("--processes", type=int, default=2, help="single-threaded training processes")
    heads = _command(stages, "heads", _heads, "system D's gates and the same trunk without fusion on whole val splits, with intervals")
    _paths(heads)
    heads.add_argument("--backbone", default="tf_efficientnet_lite0")
    heads.add_argument("--checkpoint", type=Path, required=True)
    heads.add_argument("--size", type=int, default=224)
    heads.add_argument("--flips", action="store_true", help="mean over the four flips, as the device averages them")
    geometry = _command(stages, "geometry", _geometry, "whether a backbone minds how an oblong frame becomes a square")
    geometry.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    geometry.add_argument("--backbone", default="tf_efficientnet_lite0")
    geometry.add_argument("--checkpoint", type=Path, required=True)
    average = _command(stages, "average", _average, "mean of several checkpoints")
    average.add_argument("checkpoints", type=Path, nargs="+")
    average.add_argument("--shares", type=float, nargs="+", help="one weight per checkpoint; equal without it")
    average.add_argument("--to", type=Path, required=True)
    exporting = _command(stages, "export", _export, "write the fp32 graph of a system's checkpoint, or of untrained weights")
    _model(exporting)
    exporting.add_argument("--checkpoint", type=Path)
    exporting.add_argument("--to", type=Path, required=True)
    quantising = _command(stages, "quantise", _quantise, "int8 twin of an fp32 graph by one recipe")
    _paths(quantising)
    _model(quantising)
    quantising.add_argument("--graph", type=Path, required=True)
    quantising.add_argument("--method", default="mse", help="minmax, percentile-99.9, -99.99, -99.999, entropy or mse")
    quantising.add_argument("--equalise", action="store_true")
    quantising.add_argument("--correct-bias", action="store_true")
    quantising.add_argument("--pictures", type=int, default=192)
    quantising.add_argument("--to", type=Path, required=True)
    bundling = _command(stages, "bundle", _bundle, "export, quantise by experiment, calibrate, limit, measure, write both bundles")
    _paths(bundling)
    _model(bundling)
    bundling.add_argument("--checkpoint", type=Path, required=True)
    bundling.add_argument("--out", type=Path, required=True, help="folder that receives the bundles")
    bundling.add_argument("--quality", type=Path, help="TOML of the capture gate, appended to the manifest")
    bundling.add_argument("--picture", type=Path, help="224 x 224 synthetic picture of the golden case")
    bundling.add_argument("--measures", type=Path, help="what `lentigo measure --json` said about the pool; system B needs it")
    bundling.add_argument("--flips", nargs="+", choices=("none", "horizontal", "vertical", "both"),
                          default=("none", "horizontal", "vertical", "both"), help="views that are averaged")
    strange = _command(stages, "strange", _strange, "write pictures that are not dermoscopic, with an index.csv")
    strange.add_argument("--to", type=Path, required=True)
    for name in COMMANDS:
        if importlib.util.find_spec(f"{__package__}.{name}"):
            importlib.import_module(f".{name}", __package__).add_command(stages)
    return parser


def _print(found: dict) -> None:
    print(json.dumps(found, indent=1))


def _cache(options: argparse.Namespace) -> None:
    from .cache import open_cache
    from .index import read_index

    open_cache(read_index(options.data / "index.csv"), options.data, options.work / "cache")


def _backbone(options: argparse.Namespace) -> None:
    from .multitask_train import train_backbone
    from .train import Plan

    folder = options.work / (f"backbone-{options.backbone}" + ("-taught" if options.teacher else ""))
    print(train_backbone(Plan(options.data, folder, options.backbone, backbone_stages(options.backbone, bool(options.teacher)),
                              seed=options.seed, processes=options.processes, teacher=options.teacher)))


def _teach(options: argparse.Namespace) -> None:
    from .multitask import load_network
    from .multitask_train import open_pool
    from .teacher import opinions, store

    members = [member.partition("=") for member in options.members]
    models = [load_network(name, Path(checkpoint)) for name, _, checkpoint in members]
    pool = open_pool(options.data, options.work / "cache")
    store(opinions(models, pool.cache, pool.groups, options.size), options.to)


def _judge(options: argparse.Namespace) -> None:
    from .multitask import load_network
    from .multitask_train import VAL_DATASETS, open_pool
    from .multitask_val import validate

    pool = open_pool(options.data, options.work / "cache")
    _print(validate(load_network(options.backbone, options.checkpoint), pool.index, pool.cache, pool.masks, VAL_DATASETS,
                    options.size, limit=len(pool.index)))


def _train(options: argparse.Namespace) -> None:
    from .asff_train import train_own

    print(train_own(options.data, options.work / "asff", options.backbone, options.seed, options.processes))


def _asff(options: argparse.Namespace) -> None:
    from .asff_train import train_asff
    from .train import Plan

    start = options.start or options.work / f"backbone-{options.backbone}" / "finish-192" / "final.pt"
    _print(train_asff(Plan(options.data, options.work / "asff", options.backbone, (), seed=options.seed, processes=options.processes,
                           start=start), options.own or options.work / "asff" / "own.pt", options.to))


def _heads(options: argparse.Namespace) -> None:
    from .asff_val import judge
    from .multitask import load_network
    from .multitask_train import open_pool

    pool = open_pool(options.data, options.work / "cache")
    _print(judge(load_network(options.backbone, options.checkpoint), pool.index, pool.cache, pool.masks,
                 ("isic-binary", "isic2017", "ham10000", "ph2"), options.size, options.flips))


def _geometry(options: argparse.Namespace) -> None:
    from .geometry_val import compare
    from .index import read_index
    from .multitask import load_network

    _print(compare(load_network(options.backbone, options.checkpoint), read_index(options.data / "index.csv"), options.data))


def _average(options: argparse.Namespace) -> None:
    from .average import average

    average(options.checkpoints, options.shares or [1.0] * len(options.checkpoints), options.to)


def _export(options: argparse.Namespace) -> None:
    from .export import export_network

    export_network(SYSTEMS[options.system].build(options.checkpoint, options.backbone), options.to)


def _quantise(options: argparse.Namespace) -> None:
    import numpy as np

    from .quantise import Quantiser, Recipe
    from .sources import open_sources, stratified

    system = SYSTEMS[options.system]
    sources = open_sources(options.data, options.work / "cache")
    rows = stratified(system, sources, options.pictures)
    Quantiser(options.graph, np.stack([sources.pixels[row] for row in rows]), system.metadata(sources.index, rows)).write(
        options.to, Recipe(options.method, options.equalise, options.correct_bias, options.pictures))


def _bundle(options: argparse.Namespace) -> None:
    from .assemble import Job, assemble

    missing = options.work / "absent"
    assemble(Job(SYSTEMS[options.system], options.checkpoint, options.backbone, options.data, options.work / "cache",
                 options.work / f"assemble-{options.system}", options.out, options.quality or missing, options.picture or missing,
                 tuple(options.flips), measures=options.measures))


def _strange(options: argparse.Namespace) -> None:
    from .nondermoscopic import strange

    strange(options.to)


def main() -> None:
    options = arguments().parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
