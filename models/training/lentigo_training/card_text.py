"""What a model card says about each system in words: mechanism, assumptions, limits, and the published figures."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Prose:
    """Markdown; `published` and `aims` go by the figures' names in the reports."""

    paper: str
    answers: str
    architecture: str
    assumptions: str
    training: str
    limits: str
    published: dict[str, str] = field(default_factory=dict)
    aims: dict[str, str] = field(default_factory=dict)


COMMON_AIMS = {"ece": "<= 0.03", "cam_inside": ">= 0.70"}

PROSE = {
    "asff": Prose(
        paper="adaptive spatial feature fusion, ASFF, arXiv 2510.03876",
        answers="a calibrated probability of malignancy and a map of where the evidence lies",
        architecture="""- f1: stride 16, output of blocks.4, 14 x 14. f2: stride 32, output of conv_head, 7 x 7.
- f2' = resize(Conv1x1(f2)); w = gate(W2 ReLU(W1 [GAP f1; GAP f2])); y = f1 w + f2' (1 - w); GAP, Dense 512, ReLU, Dense 2.
- Grad-CAM of y for both classes is an output of the graph, in closed form; it equals autograd's (tested).""",
        assumptions="""- The 1x1 convolution runs before the resize. Both are linear, on channels and on positions, so they commute; it costs a quarter.
- f2 is conv_head's output (1280) rather than blocks.6's (320): it is what ImageNet's classifier read.
- The gate's hidden layer has 128 units, the dense layer 512 (the paper's 2048 belongs to 1024 channels).
- The gate is the paper's softmax over channels or a two-way softmax a channel, whichever was better on val; both are compared in `models/EVALUATION.md`.
- The paper tuned on its test split. This was tuned on train and val alone.
- A guidance loss asks the evidence to lie inside the lesion; the paper has none.""",
        training="""Trunk and heads on isic-binary, HAM10000 and ISIC 2017 in three stages (`recipe.STAGES`, averaged), then two stages that draw the evidence
into the lesion (`recipe.GUIDED_STAGES`). Starting from the multi-task trunk of systems A and C instead was compared on val and lost. Both gates
and the same trunk without fusion were trained side by side.""",
        limits="""- isic-binary is nevus against melanoma: every benign picture is a HAM10000 nevus, the malignant ones come from several sources, so source and
  class are partly confounded. Recompression, colour, hair, ruler and vignette were randomised against it; that lessens the shortcut and does not remove it.
- Keratoses, dermatofibromas and vascular lesions are not among the benign pictures it was calibrated on.""",
        published={"accuracy": "0.9318", "roc_auc": "0.9717", "pr_auc": "0.9670"},
        aims={**COMMON_AIMS, "accuracy": "0.94", "roc_auc": "0.980", "pr_auc": "0.975"}),
    "multitask": Prose(
        paper="one network for outline, melanoma and seborrheic keratosis, arXiv 1703.01025",
        answers="the lesion's outline, the probabilities of melanoma and of seborrheic keratosis, each against the rest, and maps of the evidence",
        architecture="""- A shared encoder; a U-Net decoder with separable convolutions to lesion logits at stride 4 (56 x 56).
- Two linear heads read the deepest features, averaged over positions with weights from the outline that the network draws in the same pass.
- Three maps: Grad-CAM of melanoma, of seborrheic keratosis, and of minus their sum (evidence for neither).""",
        assumptions="""- The average over positions is weighted by the outline (softmax of a learned factor times the mask); the paper pools evenly. Where no outline is
  drawn the weights are even.
- Loss: soft Jaccard and cross-entropy of the outline, cross-entropy of both heads, guidance of the evidence into the lesion.
- Backbone and width of the decoder are ours; the paper's network is larger.
- Pictures of other sets teach the same tasks where their labels are known; unknown labels teach nothing.""",
        training="""From the multi-task trunk (`recipe.backbone_stages`: the whole pool at 160, then at 192 px with guidance), whose first five stages stay; decoder,
last stages and heads on ISIC 2017 and the ISIC 2018 segmentation set with a tenth of HAM10000 (`joint_recipe`). Late epochs are averaged; what ships was chosen on val.""",
        limits="""- The published figures and ours are on different held-out parts of ISIC 2017 (150 pictures there).
- Melanoma is rare in the val split of ISIC 2017: intervals are wide. Operating points rest on few positives.""",
        published={"jaccard": "0.724", "roc_auc": "0.880", "roc_auc seborrheic_keratosis": "0.972"},
        aims={**COMMON_AIMS, "jaccard": "0.78", "roc_auc": "0.90", "roc_auc seborrheic_keratosis": "0.975"}),
    "dual-network": Prose(
        paper="dual-network attention with segmentation and metadata, arXiv 2510.17773",
        answers="probabilities of seven diagnoses, the lesion's outline, and maps of the evidence",
        architecture="""- Deep U-Net (dual attention gates on the skips, ASPP at the bottleneck) on the first encoder's features -> outline -> lesion-only picture, inside the graph.
- Two encoders, of the picture and of the lesion alone; multi-head cross-attention over their 49 + 49 positions (queries from the picture,
  keys and values from the lesion), residual and LayerNorm.
- Age, sex and site: a token each, with an entry for "unknown", through two transformer layers; joined with the pooled tokens; Dense, ReLU, Dense 7.
- Grad-CAM of the fused tokens for each class is an output of the graph.""",
        assumptions="""- The U-Net shares the first encoder instead of having an EfficientNet-B3 of its own; encoders are EfficientNet-Lite instead of DenseNet201.
- Outline at stride 4 of 224; the lesion-only picture fades to the normalisation's zero outside.
- 256 channels, 8 heads. Metadata fields are hidden at random in training, so that a missing age, sex or site is an ordinary input.
- Class-balanced loss; the paper does not say which.""",
        training="""Both encoders are the multi-task trunk (`recipe.backbone_stages`), which saw whole and lesion-only pictures of the whole pool. The U-Net was trained
on its frozen features; fusion, metadata transformer and head on cached maps of augmented HAM10000 pictures, with a loss that favours no class
(balanced softmax). Of three seeds the best on val ships.""",
        limits="""- Which diagnosis is named and how probable it is are two answers: a rare one can be named at a low probability. The referral uses the sum of the
  positive classes.
- No figures of the paper are public; challenge winners on the same source reach about 0.85 balanced accuracy with ensembles.
- df, vasc and akiec are rare: their recalls rest on a few dozen pictures.
- Age, sex and site of a person shift the answer; entered wrongly they shift it wrongly.
- The paper names HAM10000, ISIC 2018 and ISIC 2019; ISIC 2019 was not available here.""",
        aims={**COMMON_AIMS, "balanced_accuracy": "0.80", "macro_auc": "0.97", "jaccard": "0.88"}),
    "cefm": Prose(
        paper="CEFM, contrastive alignment of ABC criteria with the picture, arXiv 2512.06105",
        answers="a calibrated probability of melanoma, the lesion's outline, maps of the evidence, an embedding of the case, and the network's own reading of "
                "asymmetry, border and colour; the runtime measures the criteria on the outline and says how far picture and criteria agree",
        architecture="""- A shared encoder and a U-Net decoder (56 x 56), as in system C; features averaged over the lesion, and a small encoder of the outline and its colours.
- Image head 1408-512-128 and, as a second graph (`clinical.onnx`, float32), clinical head N-256-128 on the measured criteria, standardised as the manifest
  says; Linear, batch norm (folded), ReLU, Linear; both outputs of length 1, aligned by symmetric InfoNCE.
- Classifier 128-64-2 on the picture's embedding. The clinical head decides nothing: it says whether the criteria agree with the picture.
- Grad-CAM of both classes through classifier, normalisation and image head is an output of the graph, by ordinary operators; it equals autograd's (tested).
- Criteria are measured by the runtime (`explain::abc`), graded in five levels by quantiles of the training lesions, and written up by a fixed grammar.""",
        assumptions="""- No SAM2: the network's own outline, cleaned by the runtime. No CLIP: the clinical head is trained from scratch. No language model: the report is a
  deterministic grammar, every sentence of which comes from a number (`explain::report`), so it cannot invent anything and cannot say more than was measured.
- The paper's ViT-B/16 (768) is replaced by EfficientNet-Lite0 (1280) and its frozen features by features over the lesion with an encoder of the outline;
  a ViT under the same heads is compared in `models/EVALUATION.md`.
- The paper's border measure, mean curvature of the contour, falls as lesions grow; it is measured and kept, but severity of the border is read from a
  measure that does not depend on size. Clinical inputs are standardised and limited; the paper does not say whether its own are.
- The paper's five severity levels are bins of unknown cuts; here quantiles 0.2, 0.4, 0.6 and 0.8 of the training lesions.
- Alignment and classifier are trained together (the paper: one after the other) at temperature 0.1 (the paper: 0.05), the classifier half on the
  trunk's own opinion; the paper's form on the same features is among the ablations of `models/EVALUATION.md`.
- The network's own reading of A, B and C on the raters' scales, by linear probes, is ours; the paper has none.""",
        training="""From the multi-task trunk (`recipe.backbone_stages`), fine-tuned for melanoma against nevus (`melanoma_train`; the checkpoint was chosen on val); measures by
`lentigo measure` on a network's own outlines, since that is what the device has; then lesion encoder and heads on the frozen trunk (`cefm_train`), the
best of three seeds on val. No val picture or lesion, and no picture of PH2, was trained on.""",
        limits="""- Published figures (accuracy 0.9279 +- 0.0057, AUC 0.961 +- 0.004, precision 0.8819, specificity 0.9715) are on the paper's own pictures; ours are on others.
- "other" means every lesion that is not melanoma; of HAM10000 only nevi and melanomas are counted and calibrated on. Other cancers are not this system's question.
- Criteria describe a lesion; they do not prove anything. Severity is a place among training lesions, not a risk.
- Human raters of the border agree with each other no better than chance on the rated pictures, and little on the colours: a reading of them cannot be checked
  beyond that.
- What is not measured: differential structures, and any diameter without a known scale; the ABCD score is therefore partial. A lesion that reaches the edge
  of the picture is measured as far as it is seen.""",
        published={"accuracy": "0.9279", "roc_auc": "0.961", "precision": "0.8819", "specificity_named": "0.9715"},
        aims={**COMMON_AIMS, "accuracy": "0.93", "roc_auc": "0.965"}),
}
