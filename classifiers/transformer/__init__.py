"""The encoder: a compact transformer of our own, served by ONNX Runtime. Owns its tokenizer, weights, training and spans.

Must not know rules, policy or thresholds. Serving (`encoder`, `tokens`) never imports torch; `network`, `pretraining`, `finetuning` do.
"""
