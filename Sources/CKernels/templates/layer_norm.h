// Layer normalisation of a row. A second pass over the values computes the variance and corrects the mean of the first pass.

INLINE V deviation(const float *x, size_t n, V mean) {
    V d = vsub(n == LANES ? vload(x) : vload_first(x, n), mean);
    if (n == LANES) return d;
    float values[LANES];
    vstore(values, d);
    return vload_first(values, n);  // lanes past the end would hold −mean
}

/// The mean of `x` is `first + correction`, kept apart because a mean far from 0 would round the difference away.
typedef struct moments {
    float first, correction, variance;
} moments;

FUNCTION moments row_moments(const float *x, size_t n) {
    V sum = vset(0);
    size_t c = 0;
    for (; c + LANES <= n; c += LANES) sum = vadd(sum, vload(x + c));
    if (c < n) sum = vadd(sum, vload_first(x + c, n - c));
    const float first = sum_lanes(sum) / (float)n;
    V drift = vset(0), square = vset(0);
    for (c = 0; c < n; c += LANES) {
        V d = deviation(x + c, n - c < LANES ? n - c : LANES, vset(first));
        drift = vadd(drift, d);
        square = vfma(d, d, square);
    }
    const float correction = sum_lanes(drift) / (float)n;
    const float variance = sum_lanes(square) / (float)n - correction * correction;
    return (moments){first, correction, variance < 0 ? 0 : variance};
}

INLINE V normalised(V x, const moments *m, V scale) {
    return vmul(vsub(vsub(x, vset(m->first)), vset(m->correction)), scale);
}

FUNCTION void layer_norm(
    const float *input, const float *weight, const float *bias, float epsilon, float *output, size_t rows,
    size_t channels) {
    for (size_t r = 0; r < rows; r++) {
        const float *x = input + r * channels;
        float *y = output + r * channels;
        const moments m = row_moments(x, channels);
        const V scale = vdiv(vset(1), vsqrt(vset(m.variance + epsilon)));
        size_t c = 0;
        for (; c + LANES <= channels; c += LANES) {
            V v = normalised(vload(x + c), &m, scale);
            if (weight) v = vmul(v, vload(weight + c));
            if (bias) v = vadd(v, vload(bias + c));
            vstore(y + c, v);
        }
        if (c < channels) {
            const size_t n = channels - c;
            V v = normalised(vload_first(x + c, n), &m, scale);
            if (weight) v = vmul(v, vload_first(weight + c, n));
            if (bias) v = vadd(v, vload_first(bias + c, n));
            vstore_first(y + c, v, n);
        }
    }
}
