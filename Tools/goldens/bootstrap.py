"""The numbers of Tests/EvaluationTests/BootstrapTests.swift: SplitMix64 and NumPy's mean and percentile.

    python Tools/goldens/bootstrap.py        (needs numpy)
"""
import numpy as np

MASK = (1 << 64) - 1


def split_mix(seed):
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        yield z ^ z >> 31


values = np.array([0.5, 1.25, -2.0, 3.0, 0.75, 4.5, 1.0])
numbers = split_mix(7)
draws = [[next(numbers) * len(values) >> 64 for _ in values] for _ in range(1000)]
means = values[np.array(draws)].mean(axis=1)
for confidence in (0.95, 0.8):
    tail = 50 * (1 - confidence)
    print(confidence, *np.percentile(means, [tail, 100 - tail]))
