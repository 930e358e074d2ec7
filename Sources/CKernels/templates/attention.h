// One head of attention: softmax(q·k · scale) over the keys that a query sees, then the weighted mean of their values. A few queries
// are computed together over the keys that all of them see, so that these are read once. The order of the keys fixes every sum, so a
// query's result never depends on the queries beside it.

#define VALUE_VECTORS 4
/// How many queries are computed together: as many as there are registers for their sums.
#define QUERIES (TILE_ROWS >= 12 ? CK_ATTEND_QUERIES : 2)
/// How many keys several queries are multiplied with at a time.
#define KEYS 2

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

/// Products of `queries` queries with `keys` keys; `scores` of query i are at [i].
INLINE void score_together(
    const int queries, const int keys, const float *query, size_t query_stride, const float *key, size_t stride, size_t size,
    float *const *scores) {
    V sum[CK_ATTEND_QUERIES * KEYS];
    UNROLL for (int i = 0; i < queries * keys; i++) sum[i] = vset(0);
    for (size_t c = 0; c < size; c += LANES) {
        const size_t n = size - c < LANES ? size - c : LANES;
        V k[KEYS];
        UNROLL for (int j = 0; j < keys; j++) k[j] = load_lanes(key + j * stride + c, n);
        UNROLL for (int i = 0; i < queries; i++) {
            const V q = load_lanes(query + i * query_stride + c, n);
            UNROLL for (int j = 0; j < keys; j++) sum[i * keys + j] = vfma(q, k[j], sum[i * keys + j]);
        }
    }
    UNROLL for (int i = 0; i < queries; i++)
        UNROLL for (int j = 0; j < keys; j++) scores[i][j] = 0 + sum_lanes(sum[i * keys + j]);
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
        sum = vadd(sum, load_lanes(scores + j, n));  // lanes past the end are 0
    }
    return sum_lanes(sum);
}

/// The keys [starts[i], ends[i]) that each of `count` ≤ QUERIES queries sees, and the keys that all of them see.
typedef struct sight {
    size_t count;
    const size_t *starts, *ends;
    size_t first, last;  // [first, last) is seen by all; empty if there are not QUERIES queries
} sight;

/// The weighted means of values over `vectors` vectors of channels, each of `lanes` lanes; the weights of query i are at weights[i],
/// from its first key on.
INLINE void mix_values(
    const int vectors, const sight *s, float *const *weights, const float *factors, const float *values, size_t stride,
    size_t lanes, float *output, size_t output_stride) {
    V sum[CK_ATTEND_QUERIES][VALUE_VECTORS];
    UNROLL for (int i = 0; i < QUERIES; i++)
        UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = vset(0);
#define MIX(i, j)                                                                                         \
    {                                                                                                     \
        const V weight = vset(weights[i][(j) - s->starts[i]]);                                            \
        UNROLL for (int v = 0; v < vectors; v++)                                                          \
            sum[i][v] = vfma(weight, load_lanes(values + (j) * stride + v * LANES, lanes), sum[i][v]);    \
    }
    UNROLL for (int i = 0; i < QUERIES; i++) {
        if ((size_t)i >= s->count) break;
        const size_t end = s->first < s->last ? s->first : s->ends[i];
        for (size_t j = s->starts[i]; j < end; j++) MIX(i, j)
    }
    for (size_t j = s->first; j < s->last; j++) UNROLL for (int i = 0; i < QUERIES; i++) MIX(i, j)
    UNROLL for (int i = 0; i < QUERIES; i++) {
        if ((size_t)i >= s->count) break;
        if (s->first < s->last) for (size_t j = s->last; j < s->ends[i]; j++) MIX(i, j)
        UNROLL for (int v = 0; v < vectors; v++) {
            const V mean = vmul(sum[i][v], vset(factors[i]));
            float *to = output + i * output_stride + v * LANES;
            if (lanes == LANES) vstore(to, mean);
            else vstore_first(to, mean, lanes);
        }
    }
#undef MIX
}

/// Scores of all keys that the queries see.
FUNCTION void score_sight(
    const sight *s, const float *query, size_t query_stride, const float *keys, size_t stride, size_t size, float *const *scores) {
    const bool together = s->first < s->last;
    for (size_t i = 0; i < s->count; i++) {
        const float *q = query + i * query_stride;
        const size_t start = s->starts[i], before = together ? s->first : s->ends[i];
        score_keys(q, keys + start * stride, before - start, stride, size, scores[i]);
        if (together) score_keys(q, keys + s->last * stride, s->ends[i] - s->last, stride, size, scores[i] + (s->last - start));
    }
    for (size_t j = s->first; j < s->last;) {
        float *to[CK_ATTEND_QUERIES];
        for (int i = 0; i < QUERIES; i++) to[i] = scores[i] + (j - s->starts[i]);
        const size_t keys_left = s->last - j;
        if (keys_left >= KEYS) score_together(QUERIES, KEYS, query, query_stride, keys + j * stride, stride, size, to);
        else score_together(QUERIES, 1, query, query_stride, keys + j * stride, stride, size, to);
        j += keys_left >= KEYS ? KEYS : 1;
    }
}

FUNCTION void attend_together(
    sight s, const float *query, size_t query_stride, const float *keys, const float *values, size_t stride, size_t size, float scale,
    float *const *scores, float *output) {
    s.first = s.last = 0;
    if (s.count == QUERIES) {
        s.last = s.ends[0];
        for (size_t i = 0; i < s.count; i++) {
            if (s.starts[i] > s.first) s.first = s.starts[i];
            if (s.ends[i] < s.last) s.last = s.ends[i];
        }
        if (s.last <= s.first) s.first = s.last = 0;
    }
    score_sight(&s, query, query_stride, keys, stride, size, scores);
    float factors[CK_ATTEND_QUERIES];
    for (size_t i = 0; i < s.count; i++) factors[i] = 1 / exponentiate(scores[i], s.ends[i] - s.starts[i], scale);
    size_t c = 0;
    for (; c + VALUE_VECTORS * LANES <= size; c += VALUE_VECTORS * LANES)
        mix_values(VALUE_VECTORS, &s, scores, factors, values + c, stride, LANES, output + c, query_stride);
    for (; c + LANES <= size; c += LANES)
        mix_values(1, &s, scores, factors, values + c, stride, LANES, output + c, query_stride);
    if (c < size) mix_values(1, &s, scores, factors, values + c, stride, size - c, output + c, query_stride);
}

FUNCTION void attend(
    const float *query, size_t queries, size_t query_stride, const size_t *starts, const size_t *ends, const float *keys,
    const float *values, size_t stride, size_t size, float scale, float *scores, size_t room, float *output) {
    for (size_t q = 0; q < queries; q += QUERIES) {
        const sight s = {.count = queries - q < QUERIES ? queries - q : QUERIES, .starts = starts + q, .ends = ends + q};
        float *own[CK_ATTEND_QUERIES];
        for (int i = 0; i < CK_ATTEND_QUERIES; i++) own[i] = scores + i * room;
        attend_together(
            s, query + q * query_stride, query_stride, keys, values, stride, size, scale, own, output + q * query_stride);
    }
}
