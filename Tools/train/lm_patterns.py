"""Codebook patterns: which code stands in which step. The twin of Sources/TokenLM/CodebookPattern.swift and PatternSchedule.swift."""
import math

import numpy as np

ABSENT = -1
PATTERNS = ("flatten", "parallel", "delay", "stack-and-delay", "coarse-first")


def block_position(unit, units, half):
    """Units in blocks of 2 * half, the odd ones of a block before the even ones."""
    place = unit % (2 * half)
    start = unit - place
    odd = min(2 * half, units - start) // 2
    return start + place // 2 + (0 if place % 2 else odd)


def step_key(pattern, codebook, frame, frames, strides, coarse):
    """A number for a code: steps follow these numbers, equal ones share a step."""
    count = len(strides)
    if pattern == "parallel":
        return frame
    if pattern == "delay":
        return frame + codebook
    if pattern == "flatten":
        return frame * count + codebook
    if pattern == "coarse-first":
        return (frame if codebook < coarse else frames + frame) * count + codebook
    if pattern == "stack-and-delay":
        superframe = min(math.lcm(*strides), max(frames, 1))
        units = -(-frames // superframe)
        return block_position(frame // superframe, units, count) * superframe + frame % superframe + codebook
    raise SystemExit(f"unknown pattern {pattern}; known: {', '.join(PATTERNS)}")


def schedule(pattern, frames, strides, coarse=1):
    """[steps, codebooks]: the time, within its codebook, of the code in each place, or ABSENT."""
    keys = [[step_key(pattern, k, f, frames, strides, coarse) for f in range(0, frames, stride)] for k, stride in enumerate(strides)]
    step_of_key = {key: step for step, key in enumerate(sorted({key for row in keys for key in row}))}
    times = np.full((len(step_of_key), len(strides)), ABSENT, np.int64)
    for k, row in enumerate(keys):
        for t, key in enumerate(row):
            times[step_of_key[key], k] = t
    return times


def interleave(streams, times):
    """Streams (one array a codebook) to steps."""
    grid = np.full(times.shape, ABSENT, np.int64)
    for k, stream in enumerate(streams):
        place = times[:, k] != ABSENT
        grid[place, k] = np.asarray(stream)[times[place, k]]
    return grid


def invert(grid, times, lengths):
    """Steps, perhaps only the first ones, to streams; ABSENT where unknown."""
    streams = [np.full(n, ABSENT, np.int64) for n in lengths]
    for k, stream in enumerate(streams):
        column = times[: len(grid), k]
        place = column != ABSENT
        stream[column[place]] = grid[place, k]
    return streams
