"""Command line: `python -m lentigo_training <stage>`; `all` runs everything that is not finished yet."""

import argparse
import json
import tomllib
from pathlib import Path

from . import evaluate as evaluation
from .assemble import Job, assemble
from .cache import open_cache
from .calibrate import Calibration
from .export import export
from .gradcam import WithCam
from .index import read_index
from .quantise import METHODS, quantise
from .recipe import AVERAGE, STAGES, SYSTEMS, backbone_stages


def _paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder: cache, checkpoints, graphs")


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--system", choices=SYSTEMS, default="asff")
    parser.add_argument("--backbone", default="tf_efficientnet_lite0", help="timm name; resnet50 is the paper's")
    parser.add_argument("--resize", choices=("bilinear", "nearest"), default="bilinear", help="upsampling of f2'")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2, help="single-threaded training processes")


def _assembly(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="folder that receives the bundles")
    parser.add_argument("--gate", choices=("softmax", "two_way"), help="ship this form instead of the better one on val")
    parser.add_argument("--quality", type=Path, help="TOML of the capture gate, appended to the manifest")
    parser.add_argument("--picture", type=Path, help="224 x 224 synthetic picture of the golden case")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lentigo_training", description=__doc__)
    stages = parser.add_subparsers(dest="stage", required=True)
    cache = stages.add_parser("cache", help="decode the pool once")
    _paths(cache)
    training = stages.add_parser("train", help="train, or continue where a run was stopped")
    backbone = stages.add_parser("backbone", help="train the multi-task dermoscopic backbone, or continue where a run was stopped")
    _paths(backbone)
    backbone.add_argument("--backbone", default="tf_efficientnet_lite0", help="timm name; lite0..2 start from ImageNet")
    backbone.add_argument("--teacher", type=Path, help="opinions that `teach` wrote: distil from them")
    _run(backbone)
    teaching = stages.add_parser("teach", help="opinions of an ensemble of backbones on every training picture")
    _paths(teaching)
    teaching.add_argument("members", nargs="+", metavar="NAME=CHECKPOINT", help="timm name and checkpoint of each backbone")
    teaching.add_argument("--size", type=int, default=224)
    teaching.add_argument("--to", type=Path, required=True)
    judging = stages.add_parser("judge", help="figures of a backbone on the whole val of every dataset")
    _paths(judging)
    judging.add_argument("--backbone", default="tf_efficientnet_lite0")
    judging.add_argument("--checkpoint", type=Path, required=True)
    judging.add_argument("--size", type=int, default=224)
    fusing = stages.add_parser("asff", help="fine-tune system D from the finished trunk and from its own weights, choose among both and the gates")
    _paths(fusing)
    fusing.add_argument("--backbone", default="tf_efficientnet_lite0")
    fusing.add_argument("--start", type=Path, help="the trunk's checkpoint; without it the one that `backbone` left in WORK")
    fusing.add_argument("--own", type=Path, help="system D's own weights; without it those that `train` left in WORK, if any")
    fusing.add_argument("--to", type=Path, required=True)
    _run(fusing)
    heads = stages.add_parser("heads", help="system D's gates and the same trunk without fusion on whole val splits, with intervals")
    _paths(heads)
    heads.add_argument("--backbone", default="tf_efficientnet_lite0")
    heads.add_argument("--checkpoint", type=Path, required=True)
    heads.add_argument("--size", type=int, default=224)
    heads.add_argument("--flips", action="store_true", help="mean over the four flips, as the device averages them")
    geometry = stages.add_parser("geometry", help="whether a backbone minds how an oblong frame becomes a square")
    geometry.add_argument("--data", type=Path, required=True, help="folder of the pool, holds index.csv")
    geometry.add_argument("--backbone", default="tf_efficientnet_lite0")
    geometry.add_argument("--checkpoint", type=Path, required=True)
    average = stages.add_parser("average", help="mean of several checkpoints")
    average.add_argument("checkpoints", type=Path, nargs="+")
    average.add_argument("--shares", type=float, nargs="+", help="one weight per checkpoint; equal without it")
    average.add_argument("--to", type=Path, required=True)
    exporting = stages.add_parser("export", help="write the fp32 graph of a checkpoint, or of untrained weights")
    _model(exporting)
    exporting.add_argument("--checkpoint", type=Path)
    exporting.add_argument("--gate", choices=("softmax", "two_way"), default="two_way")
    exporting.add_argument("--to", type=Path, required=True)
    quantising = stages.add_parser("quantise", help="int8 twin of an fp32 graph")
    _paths(quantising)
    quantising.add_argument("--graph", type=Path, required=True)
    quantising.add_argument("--method", choices=METHODS, default="minmax")
    quantising.add_argument("--to", type=Path, required=True)
    bundling = stages.add_parser("bundle", help="choose the gate, export, quantise, calibrate, assemble")
    bundling.add_argument("--checkpoint", type=Path, required=True)
    everything = stages.add_parser("all", help="train, then bundle")
    for stage in (training, bundling, everything):
        _paths(stage)
        _model(stage)
    for stage in (training, everything):
        _run(stage)
    for stage in (bundling, everything):
        _assembly(stage)
    evaluating = stages.add_parser("evaluate", help="figures of a bundle on one split")
    _paths(evaluating)
    evaluating.add_argument("--bundle", type=Path, required=True)
    evaluating.add_argument("--dataset", default="isic-binary")
    evaluating.add_argument("--split", default="val")
    return parser


def _train(options: argparse.Namespace) -> Path:
    from .average import average
    from .train import Plan, train

    folder = options.work / options.system
    train(Plan(options.data, folder, options.backbone, STAGES, seed=options.seed,
               processes=options.processes, resize=options.resize))
    shipped = folder / "shipped.pt"
    average([folder / stage / "final.pt" for stage in AVERAGE], list(AVERAGE.values()), shipped)
    return shipped


def _backbone(options: argparse.Namespace) -> Path:
    from .multitask_train import train_backbone
    from .train import Plan

    folder = options.work / (f"backbone-{options.backbone}" + ("-taught" if options.teacher else ""))
    return train_backbone(Plan(options.data, folder, options.backbone, backbone_stages(options.backbone, bool(options.teacher)),
                               seed=options.seed, processes=options.processes, teacher=options.teacher))


def _teach(options: argparse.Namespace) -> None:
    from .multitask import load_network
    from .multitask_train import open_pool
    from .teacher import opinions, store

    members = [member.partition("=") for member in options.members]
    models = [load_network(name, Path(checkpoint)) for name, _, checkpoint in members]
    pool = open_pool(options.data, options.work / "cache")
    store(opinions(models, pool.cache, pool.groups, options.size), options.to)


def _judge(options: argparse.Namespace) -> dict:
    from .multitask import load_network
    from .multitask_train import VAL_DATASETS, open_pool
    from .multitask_val import validate

    pool = open_pool(options.data, options.work / "cache")
    return validate(load_network(options.backbone, options.checkpoint), pool.index, pool.cache, pool.masks, VAL_DATASETS,
                    options.size, limit=len(pool.index))


def _geometry(options: argparse.Namespace) -> dict:
    from .geometry_val import compare
    from .multitask import load_network

    return compare(load_network(options.backbone, options.checkpoint), read_index(options.data / "index.csv"), options.data)


def _asff(options: argparse.Namespace) -> dict:
    from .asff_train import train_asff
    from .train import Plan

    start = options.start or options.work / f"backbone-{options.backbone}" / "finish-192" / "final.pt"
    return train_asff(Plan(options.data, options.work / "asff", options.backbone, (), seed=options.seed, processes=options.processes,
                           start=start), options.own or options.work / "asff" / "shipped.pt", options.to)


def _heads(options: argparse.Namespace) -> dict:
    from .asff_val import judge
    from .multitask import load_network
    from .multitask_train import open_pool

    pool = open_pool(options.data, options.work / "cache")
    return judge(load_network(options.backbone, options.checkpoint), pool.index, pool.cache, pool.masks,
                 ("isic-binary", "isic2017", "ham10000", "ph2"), options.size, options.flips)


def _bundle(options: argparse.Namespace, checkpoint: Path) -> None:
    index = read_index(options.data / "index.csv")
    cache = open_cache(index, options.data, options.work / "cache")
    missing = options.work / "absent"
    assemble(Job(checkpoint, options.backbone, options.data, options.work / options.system / "assemble", options.out,
                 options.quality or missing, options.picture or missing, options.resize, options.gate), index, cache)


def _export(options: argparse.Namespace) -> None:
    import torch

    from .backbone import LITE
    from .systems.asff import AsffTrainer

    model = AsffTrainer(options.backbone, pretrained=not options.checkpoint and bool(LITE.fullmatch(options.backbone)),
                        resize=options.resize)
    if options.checkpoint:
        model.load_state_dict(torch.load(options.checkpoint, weights_only=True)["ema"])
    export(WithCam(model.single(options.gate)), options.to, ("logits", "cam"))


def _quantise(options: argparse.Namespace) -> None:
    from .assemble import calibration_rows

    index = read_index(options.data / "index.csv")
    cache = open_cache(index, options.data, options.work / "cache")
    quantise(options.graph, options.to, cache[calibration_rows(index)], options.method)


def _evaluate(options: argparse.Namespace) -> None:
    index = read_index(options.data / "index.csv")
    cache = open_cache(index, options.data, options.work / "cache")
    manifest = tomllib.loads((options.bundle / "manifest.toml").read_text(encoding="utf-8"))
    calibration = Calibration(**manifest["calibration"])
    decision = manifest["decision"]["operating_point"]
    (point,) = [p for p in manifest["operating_points"] if p["name"] == decision]
    rows, score = evaluation.score_dataset(options.bundle / manifest["graph"]["file"], index, cache, options.dataset, options.split)
    label = index.malignant[rows]
    print(json.dumps({
        "bundle": manifest["name"], "dataset": options.dataset, "split": options.split, "images": len(rows),
        "figures": evaluation.figures(label, score, calibration, point["threshold"]),
        "subgroups": evaluation.subgroups(index, rows, score)}, indent=1))


def main() -> None:
    options = arguments().parse_args()
    if options.stage == "cache":
        open_cache(read_index(options.data / "index.csv"), options.data, options.work / "cache")
    elif options.stage == "train":
        print(_train(options))
    elif options.stage == "backbone":
        print(_backbone(options))
    elif options.stage == "teach":
        _teach(options)
    elif options.stage == "judge":
        print(json.dumps(_judge(options), indent=1))
    elif options.stage == "asff":
        print(json.dumps(_asff(options), indent=1))
    elif options.stage == "heads":
        print(json.dumps(_heads(options), indent=1))
    elif options.stage == "geometry":
        print(json.dumps(_geometry(options), indent=1))
    elif options.stage == "average":
        from .average import average

        average(options.checkpoints, options.shares or [1.0] * len(options.checkpoints), options.to)
    elif options.stage == "export":
        _export(options)
    elif options.stage == "quantise":
        _quantise(options)
    elif options.stage == "bundle":
        _bundle(options, options.checkpoint)
    elif options.stage == "all":
        _bundle(options, _train(options))
    elif options.stage == "evaluate":
        _evaluate(options)


if __name__ == "__main__":
    main()
