"""Bridges to libraries that people already use. Each module needs its library, and nothing else of this package does."""
