"""Lets the tests import the modules of benches/peers and of tests/onnx_node."""

import sys
from pathlib import Path

PEERS = Path(__file__).parent.parent
ROOT = PEERS.parent.parent
sys.path[:0] = [str(PEERS), str(ROOT / "tests" / "onnx_node")]
