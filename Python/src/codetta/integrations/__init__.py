"""Bridges to packages that people already use: `torch`, `datasets` and `transformers`. Each needs that package, and nothing else does."""
