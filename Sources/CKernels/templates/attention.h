// One head of attention for one query: softmax(q·k · scale) over the keys, then the mix of their values.
// The keys' order fixes every sum, so a query's result never depends on the queries beside it.

#define VALUE_VECTORS 4

/// Products of the query with `count` keys, `stride` floats apart.
INLINE void score_keys(
    const float *query, const float *keys, size_t count, size_t stride, size_t size, float *scores) {
    operands o = {.panel = query, .row = stride, .segments = 1, .length = size};
    size_t j = 0;
    for (; j + DOT_ROWS <= count; j += DOT_ROWS) {
        o.input = keys + j * stride;
        dot_tile(DOT_ROWS, &o, 0, scores + j, 1);
    }
    for (; j < count; j++) {
        o.input = keys + j * stride;
        dot_tile(1, &o, 0, scores + j, 1);
    }
}

/// Turns scores into e^(scale · (score − greatest)), scale > 0, and returns their sum.
INLINE float exponentiate(float *scores, size_t count, float scale) {
    float greatest = scores[0];
    for (size_t j = 1; j < count; j++) greatest = scores[j] > greatest ? scores[j] : greatest;
    V sum = vset(0);
    for (size_t j = 0; j < count; j += LANES) {
        const size_t n = count - j < LANES ? count - j : LANES;
        const V weight = vexp(vmul(vsub(load_lanes(scores + j, n), vset(greatest)), vset(scale)));
        if (n == LANES) vstore(scores + j, weight);
        else vstore_first(scores + j, weight, n);
        sum = vadd(sum, load_lanes(scores + j, n));  // lanes past the end count nothing
    }
    return sum_lanes(sum);
}

/// The weighted mean of `count` values over `vectors` vectors of channels, each of `lanes` lanes.
INLINE void mix_values(
    const int vectors, const float *weights, float factor, const float *values, size_t count, size_t stride,
    size_t lanes, float *output) {
    V sum[VALUE_VECTORS];
    UNROLL for (int i = 0; i < vectors; i++) sum[i] = vset(0);
    for (size_t j = 0; j < count; j++) {
        const V weight = vset(weights[j]);
        const float *row = values + j * stride;
        UNROLL for (int i = 0; i < vectors; i++) sum[i] = vfma(weight, load_lanes(row + i * LANES, lanes), sum[i]);
    }
    UNROLL for (int i = 0; i < vectors; i++) {
        const V mean = vmul(sum[i], vset(factor));
        if (lanes == LANES) vstore(output + i * LANES, mean);
        else vstore_first(output + i * LANES, mean, lanes);
    }
}

FUNCTION void attend(
    const float *query, const float *keys, const float *values, size_t count, size_t stride, size_t size, float scale,
    float *scores, float *output) {
    score_keys(query, keys, count, stride, size, scores);
    const float factor = 1 / exponentiate(scores, count, scale);
    size_t c = 0;
    for (; c + VALUE_VECTORS * LANES <= size; c += VALUE_VECTORS * LANES)
        mix_values(VALUE_VECTORS, scores, factor, values + c, count, stride, LANES, output + c);
    for (; c + LANES <= size; c += LANES) mix_values(1, scores, factor, values + c, count, stride, LANES, output + c);
    if (c < size) mix_values(1, scores, factor, values + c, count, stride, size - c, output + c);
}
