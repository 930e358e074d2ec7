"""The error and time of `codetta quantizer fit --kind vq` beside scikit-learn's KMeans and MiniBatchKMeans on the same vectors.

    python Tools/bench/kmeans.py latents.npy [--size 1024] [--codetta .build/release/codetta]        (needs scikit-learn and safetensors)
"""
import argparse
import json
import os
import subprocess
import tempfile
import time

import numpy as np
from safetensors.numpy import load_file
from sklearn.cluster import KMeans, MiniBatchKMeans


def inertia(vectors, words):
    """Sum of the squared distances to the nearest words, in float64."""
    total = 0.0
    for block in np.array_split(vectors.astype(np.float64), max(1, len(vectors) // 4096)):
        distances = (block**2).sum(1)[:, None] - 2 * block @ words.T + (words**2).sum(1)
        total += distances.min(1).sum()
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--codetta", default=".build/release/codetta")
    arguments = parser.parse_args()
    vectors = np.load(arguments.vectors)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "q.safetensors")
        command = [arguments.codetta, "quantizer", "fit", "--kind", "vq", "--size", str(arguments.size), "-i", arguments.vectors,
                   "-o", output, "--json"]
        report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        rows.append(("codetta", inertia(vectors, load_file(output)["codebook.embed"].astype(np.float64)), report["seconds"]))
    for kind in (KMeans, MiniBatchKMeans):
        start = time.perf_counter()
        model = kind(arguments.size, n_init=1, random_state=0, **(dict(batch_size=8192) if kind is MiniBatchKMeans else {})).fit(vectors)
        rows.append((kind.__name__, inertia(vectors, model.cluster_centers_.astype(np.float64)), time.perf_counter() - start))
    for name, value, seconds in rows:
        print(f"{name:16} inertia {value / rows[1][1]:.4f} of KMeans's, {seconds:.1f} s")


if __name__ == "__main__":
    main()
