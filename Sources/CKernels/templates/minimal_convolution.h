// Convolutions of 2, 3 or 7 taps by minimal filtering (Winograd 1980, "Arithmetic Complexity of Computations"; the algorithm
// of Toom and Cook): two output rows from taps + 1 products of transformed inputs and weights instead of 2 · taps. A convolution
// whose kernel is twice its stride is one of 2 taps on runs of `stride` frames.
//
// Rows t and t + dilation are a pair where ⌊t / dilation⌋ is even. t counts from the start of the stream, so a row's result does not
// depend on how the stream is cut. The first row of a pair does not need the last input of the pair, which may not have come
// yet. The second row does need the first input of the pair, which is why a caller keeps inputs before its window (`ck_lead`).
#include <stdlib.h>
#include <string.h>

#define MOST_POINTS 8
/// The fewest pairs that reading the weights pays for, the most that are computed together, and the bytes of transformed inputs that
/// stay in a near cache.
#define LEAST_PAIRS 48
#define MOST_PAIRS 96
#define TRANSFORMED_BYTES (768 << 10)
/// The most weights, in floats. More than these are read from memory, and minimal filtering reads more of them than it has to.
#define MOST_MINIMAL_WEIGHTS (6u << 20)

/// A convolution of `taps` taps and no stride.
typedef struct minimal_shape {
    size_t taps, channels, outputs, dilation;
} minimal_shape;

/// The convolution in that form; its `taps` are 0 where another kernel has to compute it.
INLINE minimal_shape as_minimal(const ck_convolution *shape) {
    minimal_shape s = {shape->kernel, shape->in_channels, shape->out_channels, shape->dilation};
    if (shape->stride > 1) {
        const bool folds = shape->kernel == 2 * shape->stride && shape->dilation == 1;
        s = (minimal_shape){folds ? 2 : 0, shape->in_channels * shape->stride, shape->out_channels, 1};
    }
    const bool pays = shape->groups == 1 && s.channels >= 32 && s.outputs >= 32
        && (s.taps + 1) * s.channels * s.outputs <= MOST_MINIMAL_WEIGHTS;
    if (!pays || (s.taps != 2 && s.taps != 3 && s.taps != 7)) s.taps = 0;
    return s;
}

/// The points at which polynomials are evaluated, beside infinity. They are small, and most are powers of two, so that rounding errors
/// are about those of a direct convolution.
static const float minimal_points[MOST_POINTS - 1] = {0, 1, -1, 2, -2, 0.5f, -0.5f};

/// The factor of tap k in the value of the weights at point i. Point `taps` is infinity.
INLINE double weight_factor(size_t taps, size_t i, size_t k) {
    if (i == taps) return k == taps - 1;
    double factor = 1;
    for (size_t j = 0; j < taps; j++)
        if (j != i) factor /= (double)minimal_points[i] - minimal_points[j];
    for (size_t j = 0; j < k; j++) factor *= minimal_points[i];
    return factor;
}

FUNCTION size_t minimal_packed_size(const minimal_shape *s) {
    return panel_count(s->outputs) * PANEL_WIDTH * ((s->taps + 1) * s->channels + 1);
}

/// Packs as `[point][panel][channel][PANEL_WIDTH]`, then a bias `[panel][PANEL_WIDTH]`.
FUNCTION void pack_minimal(const ck_convolution *shape, const float *weight, const float *bias, float *packed) {
    const minimal_shape s = as_minimal(shape);
    const size_t panels = panel_count(s.outputs), run = s.channels / shape->in_channels;
    for (size_t i = 0; i <= s.taps; i++) {
        double factors[MOST_POINTS];
        for (size_t k = 0; k < s.taps; k++) factors[k] = weight_factor(s.taps, i, k);
        for (size_t o = 0; o < panels * PANEL_WIDTH; o++) {
            float *column = packed + (i * panels + o / PANEL_WIDTH) * PANEL_WIDTH * s.channels + o % PANEL_WIDTH;
            for (size_t c = 0; c < s.channels; c++) {
                // Channel c of a run of frames belongs to frame c / in_channels of the run.
                double sum = 0;
                const size_t channel = c % shape->in_channels, frame = c / shape->in_channels;
                for (size_t k = 0; k < s.taps && o < s.outputs; k++)
                    sum += factors[k] * weight[(o * shape->in_channels + channel) * shape->kernel + k * run + frame];
                column[c * PANEL_WIDTH] = (float)sum;
            }
        }
    }
    float *packed_bias = packed + (s.taps + 1) * panels * PANEL_WIDTH * s.channels;
    for (size_t o = 0; o < panels * PANEL_WIDTH; o++) packed_bias[o] = o < s.outputs && bias ? bias[o] : 0;
}

/// The values of the inputs d of a pair at the points. There are taps + 1 inputs and as many values.
INLINE void transform(const int taps, const V *d, V *x) {
    if (taps == 2) {
        x[0] = vsub(d[1], d[0]);
        x[1] = d[1];
        x[2] = vsub(d[2], d[1]);
    } else if (taps == 3) {
        x[0] = vsub(d[2], d[0]);
        x[1] = vadd(d[2], d[1]);
        x[2] = vsub(d[2], d[1]);
        x[3] = vsub(d[3], d[1]);
    } else {
        const V even1 = vfma(vset(-4.25f), d[4], vadd(d[2], d[6])), odd1 = vfma(vset(-4.25f), d[3], vadd(d[1], d[5]));
        const V even2 = vfma(vset(0.25f), d[2], vfma(vset(-1.25f), d[4], d[6]));
        const V odd2 = vfma(vset(0.5f), d[1], vfma(vset(-2.5f), d[3], vadd(d[5], d[5])));
        const V even3 = vfma(vset(4), d[2], vfma(vset(-5), d[4], d[6]));
        const V odd3 = vfma(vset(2), d[1], vfma(vset(-2.5f), d[3], vmul(vset(0.5f), d[5])));
        x[0] = vfma(vset(5.25f), vsub(d[2], d[4]), vsub(d[6], d[0]));
        x[1] = vadd(even1, odd1);
        x[2] = vsub(even1, odd1);
        x[3] = vadd(even2, odd2);
        x[4] = vsub(even2, odd2);
        x[5] = vadd(even3, odd3);
        x[6] = vsub(even3, odd3);
        x[7] = vfma(vset(5.25f), vsub(d[3], d[5]), vsub(d[7], d[1]));
    }
}

/// Transforms the inputs of one pair. `rows` points to them; those that have not come yet are NULL. The value at point i is written to
/// `to` + i · `step`.
INLINE void transform_pair(const int taps, const float *const *rows, size_t channels, float *to, size_t step) {
    for (size_t c = 0; c < channels; c += LANES) {
        const size_t n = channels - c;
        V d[MOST_POINTS], x[MOST_POINTS];
        UNROLL for (int i = 0; i <= taps; i++)
            d[i] = !rows[i] ? vset(0) : n >= LANES ? vload(rows[i] + c) : vload_first(rows[i] + c, n);
        transform(taps, d, x);
        UNROLL for (int i = 0; i <= taps; i++) {
            if (n >= LANES) vstore(to + i * step + c, x[i]);
            else vstore_first(to + i * step + c, x[i], n);
        }
    }
}

FUNCTION void transform_pair_2(const float *const *rows, size_t channels, float *to, size_t step) {
    transform_pair(2, rows, channels, to, step);
}
FUNCTION void transform_pair_3(const float *const *rows, size_t channels, float *to, size_t step) {
    transform_pair(3, rows, channels, to, step);
}
FUNCTION void transform_pair_7(const float *const *rows, size_t channels, float *to, size_t step) {
    transform_pair(7, rows, channels, to, step);
}

/// Sums of a strip of columns: the first rows of all pairs, then the second rows of all pairs. Rows are `pitch` floats apart.
typedef struct pair_sums {
    float *first, *second;
    size_t pitch;
    float factor;  // that a product has in the second row
    bool is_last;  // whether it is the product at infinity, which the second row alone has
} pair_sums;

INLINE void minimal_tile(const int rows, const int vectors, const operands *o, const pair_sums *t) {
    V sum[TILE_ROWS * TILE_VECTORS < 16 ? 16 : TILE_ROWS * TILE_VECTORS];
    UNROLL for (int i = 0; i < rows * vectors; i++) sum[i] = vset(0);
    accumulate(rows, vectors, o, sum);
    const V factor = vset(t->factor);
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int j = 0; j < vectors; j++) {
            const V product = sum[i * vectors + j];
            float *first = t->first + i * t->pitch + j * LANES, *second = t->second + i * t->pitch + j * LANES;
            if (!t->is_last) vstore(first, vadd(vload(first), product));
            if (t->factor != 0) vstore(second, vfma(factor, product, vload(second)));
        }
    }
}

typedef void minimal_tile_function(const operands *o, const pair_sums *t);

#define DEFINE_MINIMAL_TILE(rows) \
    FUNCTION void minimal_tile_##rows(const operands *o, const pair_sums *t) { minimal_tile(rows, TILE_VECTORS, o, t); }

DEFINE_MINIMAL_TILE(1)
DEFINE_MINIMAL_TILE(2)
DEFINE_MINIMAL_TILE(3)
DEFINE_MINIMAL_TILE(4)
#if TILE_ROWS >= 6
DEFINE_MINIMAL_TILE(5)
DEFINE_MINIMAL_TILE(6)
#endif
#if TILE_ROWS >= 12
DEFINE_MINIMAL_TILE(7)
DEFINE_MINIMAL_TILE(8)
DEFINE_MINIMAL_TILE(9)
DEFINE_MINIMAL_TILE(10)
DEFINE_MINIMAL_TILE(11)
DEFINE_MINIMAL_TILE(12)
#endif

static minimal_tile_function *const minimal_tiles[] = {TILES(minimal)};

FUNCTION void one_pair_tile(const operands *o, const pair_sums *t) {
    minimal_tile(1, PANELS_FOR_ONE_ROW * TILE_VECTORS, o, t);
}

/// Some pairs of a call: those of `blocks` runs of 2 · dilation rows. The first run starts at row `start`, which is below 0 where the
/// call begins in the middle of a run.
typedef struct pair_block {
    const minimal_shape *shape;
    ptrdiff_t start, rows;  // `rows` are those of the call
    size_t blocks;
    const float *packed;
    float *transformed;  // [point][pair][channel]
    float *sums;         // [2][pair][width]
    const ck_epilogue *epilogue;
    float *output;
} pair_block;

INLINE size_t pair_count(const pair_block *b) { return b->blocks * b->shape->dilation; }

/// The first row of a pair.
INLINE ptrdiff_t first_row(const pair_block *b, size_t pair) {
    const size_t dilation = b->shape->dilation;
    return b->start + (ptrdiff_t)(pair / dilation * 2 * dilation + pair % dilation);
}

/// Transforms the inputs of all pairs. It may read the inputs of `lead` output rows before the call's first one.
FUNCTION void transform_pairs(const pair_block *b, const float *input) {
    const minimal_shape *s = b->shape;
    const size_t pairs = pair_count(b), step = pairs * s->channels;
    const ptrdiff_t dilation = (ptrdiff_t)s->dilation;
    for (size_t pair = 0; pair < pairs; pair++) {
        const ptrdiff_t row = first_row(b, pair);
        const bool is_outside = row >= b->rows || row + dilation < 0;
        const float *rows[MOST_POINTS];
        for (ptrdiff_t i = 0; i <= (ptrdiff_t)s->taps; i++) {
            const bool is_there = !is_outside && (i < (ptrdiff_t)s->taps || row + dilation < b->rows);
            rows[i] = is_there ? input + (row + i * dilation) * (ptrdiff_t)s->channels : NULL;
        }
        float *to = b->transformed + pair * s->channels;
        if (s->taps == 2) transform_pair_2(rows, s->channels, to, step);
        else if (s->taps == 3) transform_pair_3(rows, s->channels, to, step);
        else transform_pair_7(rows, s->channels, to, step);
    }
}

/// Adds the products of all pairs with the `panels` panels from `panel` on to the sums.
FUNCTION void add_products(const pair_block *b, size_t panel, size_t panels) {
    const minimal_shape *s = b->shape;
    const size_t pairs = pair_count(b), all = panel_count(s->outputs), width = panels * PANEL_WIDTH;
    const cut tiles = cut_evenly(pairs, panels > 1 ? 1 : TILE_ROWS);
    for (size_t i = 0; i <= s->taps; i++) {
        const float *weights = b->packed + (i * all + panel) * PANEL_WIDTH * s->channels;
        for (size_t c = 0; c < s->channels; c += REDUCTION_CHUNK) {
            operands o = {
                .row = s->channels, .segments = 1,
                .length = s->channels - c < REDUCTION_CHUNK ? s->channels - c : REDUCTION_CHUNK,
                .panel = weights + c * PANEL_WIDTH, .panel_pitch = s->channels * PANEL_WIDTH,
            };
            for (size_t part = 0; part < tiles.parts; part++) {
                const size_t pair = cut_start(tiles, part), count = cut_start(tiles, part + 1) - pair;
                o.input = b->transformed + (i * pairs + pair) * s->channels + c;
                float *first = b->sums + pair * width;
                const pair_sums t = {first, first + pairs * width, width, i == s->taps ? 1 : minimal_points[i], i == s->taps};
                if (panels > 1) one_pair_tile(&o, &t);
                else minimal_tiles[count - 1](&o, &t);
            }
        }
    }
}

/// Computes one strip of columns, from the bias to the epilogue.
FUNCTION void minimal_strip(const pair_block *b, size_t panel, size_t panels) {
    const minimal_shape *s = b->shape;
    const size_t pairs = pair_count(b), width = panels * PANEL_WIDTH, column = panel * PANEL_WIDTH;
    const float *bias = b->packed + (s->taps + 1) * panel_count(s->outputs) * PANEL_WIDTH * s->channels + column;
    for (size_t i = 0; i < 2 * pairs; i++) memcpy(b->sums + i * width, bias, width * sizeof(float));
    add_products(b, panel, panels);
    const size_t columns = s->outputs - column < width ? s->outputs - column : width;
    for (size_t i = 0; i < 2 * pairs; i++) {
        const ptrdiff_t row = first_row(b, i % pairs) + (i < pairs ? 0 : (ptrdiff_t)s->dilation);
        if (row < 0 || row >= b->rows) continue;
        memcpy(b->output + (size_t)row * s->outputs + column, b->sums + i * width, columns * sizeof(float));
    }
    const ptrdiff_t after = b->start + (ptrdiff_t)(2 * pairs);
    const size_t from = b->start < 0 ? 0 : (size_t)b->start, to = (size_t)(after < b->rows ? after : b->rows);
    if (has_work(b->epilogue)) finish_block(b->epilogue, b->output, from, column, to - from, columns, s->outputs);
}

/// The result of row i depends on `position` + i and its window alone. The inputs of the rows before the call's first one, as many as
/// the dilation if there are so many, must precede `input` in memory.
FUNCTION void convolve_minimal(
    const ck_convolution *shape, const float *packed, const float *input, size_t rows, size_t position,
    const ck_epilogue *epilogue, float *output) {
    const minimal_shape s = as_minimal(shape);
    const size_t run = 2 * s.dilation, phase = position % run, blocks = (rows + phase + run - 1) / run;
    const size_t pair_bytes = (s.taps + 1) * s.channels * sizeof(float);
    size_t most = TRANSFORMED_BYTES / pair_bytes;
    most = most < LEAST_PAIRS ? LEAST_PAIRS : most > MOST_PAIRS ? MOST_PAIRS : most;
    const cut parts = cut_evenly(blocks, most > s.dilation ? most / s.dilation : 1);
    const size_t pairs = cut_start(parts, 1) * s.dilation, panels = panel_count(s.outputs);
    const size_t width = PANEL_WIDTH * (pairs == 1 ? PANELS_FOR_ONE_ROW : 1);
    float *memory = malloc(pairs * ((s.taps + 1) * s.channels + 2 * width) * sizeof(float));
    for (size_t part = 0; part < parts.parts; part++) {
        const size_t block = cut_start(parts, part);
        const pair_block b = {
            .shape = &s, .start = (ptrdiff_t)(block * run) - (ptrdiff_t)phase, .rows = (ptrdiff_t)rows,
            .blocks = cut_start(parts, part + 1) - block, .packed = packed,
            .transformed = memory, .sums = memory + pairs * (s.taps + 1) * s.channels,
            .epilogue = epilogue, .output = output,
        };
        transform_pairs(&b, input);
        const size_t together = pair_count(&b) == 1 ? PANELS_FOR_ONE_ROW : 1;
        size_t panel = 0;
        for (; panel + together <= panels; panel += together) minimal_strip(&b, panel, together);
        for (; panel < panels; panel++) minimal_strip(&b, panel, 1);
    }
    free(memory);
}
