"""Attention between two pictures' positions and among metadata tokens, in operators that ONNX has had since opset 17.

Layers over a picture's positions are 1x1 convolutions on [N,D,h,w]: the integer kernels compute them as they do a backbone's.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """softmax(Q K^T / sqrt(d)) V per head (Vaswani et al. 2017, eq. 1): [N,heads,d,T] each, channels before positions, to the same."""
    score = torch.matmul(query.transpose(-1, -2), key) * query.shape[-2] ** -0.5
    return torch.matmul(value, torch.softmax(score, -1).transpose(-1, -2))


class CrossAttention(nn.Module):
    """Every position of the original asks every position of the segmented picture.

    original, segmented [N,D,h,w] to LayerNorm(original + O attend(Q original, K segmented, V segmented)) as tokens [N,h*w,D].
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.1):
        super().__init__()
        if width % heads:
            raise ValueError(f"{width} channels do not divide into {heads} heads")
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Conv2d(width, width, 1) for _ in range(4))
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(width)

    def forward(self, original: Tensor, segmented: Tensor) -> Tensor:
        n, width, height, columns = (int(extent) for extent in original.shape)
        by_head = [layer(x).reshape(n, self.heads, width // self.heads, height * columns)
                   for layer, x in ((self.query, original), (self.key, segmented), (self.value, segmented))]
        answer = self.out(attend(*by_head).reshape(n, width, height, columns))
        fused = original + self.dropout(answer)
        return self.norm(fused.reshape(n, width, height * columns).transpose(1, 2))


class EncoderLayer(nn.Module):
    """Self-attention and a ReLU layer over few tokens [N,T,D], each with residual and LayerNorm."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float = 0.1):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.expand, self.contract = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        n, count, width = (int(extent) for extent in tokens.shape)
        by_head = [layer(tokens).transpose(1, 2).reshape(n, self.heads, width // self.heads, count)
                   for layer in (self.query, self.key, self.value)]
        answer = self.out(attend(*by_head).reshape(n, width, count).transpose(1, 2))
        tokens = self.norms[0](tokens + self.dropout(answer))
        return self.norms[1](tokens + self.dropout(self.contract(F.relu(self.expand(tokens)))))


class MetadataTransformer(nn.Module):
    """Vector of `metadata.Encoding` [N,M] to one vector [N, 3 D]: a token each of age, sex and site through two encoder layers.

    A field's token is its block of the vector times its table; "unknown" is a row of the table like any other.
    """

    def __init__(self, blocks: tuple[int, ...], width: int = 64, heads: int = 4, layers: int = 2):
        super().__init__()
        self.width = width
        self.tables = nn.ParameterList(nn.Parameter(torch.randn(size, width)) for size in blocks)
        self.layers = nn.Sequential(*(EncoderLayer(width, heads, 2 * width) for _ in range(layers)))

    @property
    def outputs(self) -> int:
        return len(self.tables) * self.width

    def forward(self, vector: Tensor) -> Tensor:
        # The tables on a diagonal look up all tokens by one product.
        diagonal = torch.cat([F.pad(table, (self.width * i, self.outputs - self.width * (i + 1))) for i, table in enumerate(self.tables)])
        tokens = torch.matmul(vector, diagonal).reshape(int(vector.shape[0]), len(self.tables), self.width)
        return self.layers(tokens).reshape(int(vector.shape[0]), self.outputs)
