"""The one door to ONNX Runtime: it is told to send nothing home before it is loaded.

Its wheels for Linux report to their maker as soon as they are imported, and leave an identifier on disk (charter: nothing is sent). Nothing
else in the program may import it (`tests/rasoat/test_charter_guards.py`).
"""

from __future__ import annotations

import os

# Read once, at import: both names, for versions before and after the switch was renamed.
os.environ["ORT_TELEMETRY_DISABLED"] = os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

__all__ = ["REFUSED", "onnxruntime"]

REFUSED = (state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented, state.RuntimeException)
"""What it raises for a graph that it cannot run."""
