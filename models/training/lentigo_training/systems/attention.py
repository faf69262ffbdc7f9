"""Attention between two pictures' positions and among metadata tokens, in operators that ONNX has had since opset 17.

Tokens of a batch are rows of one matrix [N*T,D]: a Linear over it is one Gemm with its bias, which the integer engine computes in one step.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MultiHead(nn.Module):
    """O softmax(Q K^T / sqrt(d)) V per head (Vaswani et al. 2017, eq. 1): `asking` and `asked` [N*T,D] to [N*T,D]."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        if width % heads:
            raise ValueError(f"{width} channels do not divide into {heads} heads")
        self.heads, self.depth = heads, width // heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, asking: Tensor, asked: Tensor, n: int) -> Tensor:
        rows, width = (int(extent) for extent in asking.shape)
        # The scale lies on the weights: on the scores it would be one more step between two quantised products.
        scale = self.depth ** -0.5
        query = F.linear(asking, self.query.weight * scale, self.query.bias * scale)
        query, key, value = (x.reshape(n, int(x.shape[0]) // n, self.heads, self.depth)
                             for x in (query, self.key(asked), self.value(asked)))
        attention = torch.softmax(torch.matmul(query.transpose(1, 2), key.permute(0, 2, 3, 1)), -1)
        return self.out(torch.matmul(attention, value.transpose(1, 2)).transpose(1, 2).reshape(rows, width))


class CrossAttention(nn.Module):
    """Every position of the original asks every position of the segmented picture: LayerNorm(original + attention), all [N*T,D]."""

    def __init__(self, width: int, heads: int, dropout: float = 0.1):
        super().__init__()
        self.attention = MultiHead(width, heads)
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(width)

    def forward(self, original: Tensor, segmented: Tensor, n: int) -> Tensor:
        return self.norm(original + self.dropout(self.attention(original, segmented, n)))


class EncoderLayer(nn.Module):
    """Self-attention and a ReLU layer over few tokens [N*T,D], each with residual and LayerNorm."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float = 0.1):
        super().__init__()
        self.attention = MultiHead(width, heads)
        self.expand, self.contract = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, n: int) -> Tensor:
        tokens = self.norms[0](tokens + self.dropout(self.attention(tokens, tokens, n)))
        return self.norms[1](tokens + self.dropout(self.contract(F.relu(self.expand(tokens)))))


class MetadataTransformer(nn.Module):
    """Vector of `metadata.Encoding` [N,M] to one vector [N, 3 D]: a token each of age, sex and site through two encoder layers.

    A field's token is its block of the vector times its table; "unknown" is a row of the table like any other.
    """

    def __init__(self, blocks: tuple[int, ...], width: int = 64, heads: int = 4, layers: int = 2):
        super().__init__()
        self.width = width
        self.tables = nn.ParameterList(nn.Parameter(torch.randn(size, width)) for size in blocks)
        self.layers = nn.ModuleList(EncoderLayer(width, heads, 2 * width) for _ in range(layers))

    @property
    def outputs(self) -> int:
        return len(self.tables) * self.width

    def tokens(self, vector: Tensor) -> Tensor:
        """The fields' tokens [N*3, D], before any attention."""
        # The tables on a diagonal look up all tokens by one product.
        diagonal = torch.cat([F.pad(table, (self.width * i, self.outputs - self.width * (i + 1))) for i, table in enumerate(self.tables)])
        return torch.matmul(vector, diagonal).reshape(int(vector.shape[0]) * len(self.tables), self.width)

    def forward(self, vector: Tensor) -> Tensor:
        n = int(vector.shape[0])
        tokens = self.tokens(vector)
        for layer in self.layers:
            tokens = layer(tokens, n)
        return tokens.reshape(n, self.outputs)
