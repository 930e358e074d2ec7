// Nearest-codeword search: the matrix product of rows and codewords with the greatest score kept in registers.
#include <math.h>

FUNCTION size_t codebook_packed_size(size_t size, size_t dimension) { return panel_group_size(size, dimension); }

/// Packs codewords as panels with −‖e‖²/2 as their bias. The columns that fill up the last panel score −infinity and never win.
FUNCTION void codebook_pack(const float *codewords, size_t size, size_t dimension, float *packed) {
    pack_panels(codewords, NULL, size, dimension, 1, -INFINITY, packed);
    float *bias = packed + panel_count(size) * PANEL_WIDTH * dimension;
    for (size_t i = 0; i < size; i++) {
        double norm = 0;
        for (size_t c = 0; c < dimension; c++) {
            const double e = codewords[i * dimension + c];
            norm += e * e;
        }
        bias[i] = (float)(-0.5 * norm);
    }
}

/// The column of the lane with the greatest score, the lowest one of equals; 0 if no score is above −infinity.
INLINE int32_t best_column(V score, U column) {
    float scores[LANES];
    uint32_t columns[LANES];
    vstore(scores, score);
    ustore(columns, column);
    float best = -INFINITY;
    uint32_t found = 0;
    for (uint32_t lane = 0; lane < LANES; lane++) {
        const uint32_t at = columns[lane] + lane;
        if (scores[lane] > best || (scores[lane] == best && at < found)) best = scores[lane], found = at;
    }
    return (int32_t)found;
}

INLINE void subtract_row(const float *y, float *x, size_t n) {
    size_t c = 0;
    for (; c + LANES <= n; c += LANES) vstore(x + c, vsub(vload(x + c), vload(y + c)));
    if (c < n) vstore_first(x + c, vsub(vload_first(x + c, n - c), vload_first(y + c, n - c)), n - c);
}

/// The first value of a codeword in its panel; the others follow PANEL_WIDTH floats apart.
INLINE const float *codeword_column(const float *packed, size_t code, size_t dimension) {
    return packed + code / PANEL_WIDTH * PANEL_WIDTH * dimension + code % PANEL_WIDTH;
}

FUNCTION void codebook_unpack(const float *packed, size_t size, size_t dimension, float *codewords) {
    for (size_t i = 0; i < size; i++) {
        const float *column = codeword_column(packed, i, dimension);
        for (size_t c = 0; c < dimension; c++) codewords[i * dimension + c] = column[c * PANEL_WIDTH];
    }
}

/// Subtracts a codeword. It is read from `codewords` if that is not NULL, else from its panel.
INLINE void subtract_codeword(const float *packed, const float *codewords, size_t code, size_t dimension, float *x) {
    if (codewords) return subtract_row(codewords + code * dimension, x, dimension);
    const float *column = codeword_column(packed, code, dimension);
    for (size_t c = 0; c < dimension; c++) x[c] -= column[c * PANEL_WIDTH];
}

FUNCTION void nearest(
    const float *packed, const float *codewords, size_t size, size_t dimension, const float *input, size_t rows,
    int32_t *codes, float *residual) {
    if (rows == 0) return;
    const size_t columns = panel_count(size) * PANEL_WIDTH, wide = PANELS_FOR_ONE_ROW * PANEL_WIDTH;
    const float *bias = packed + columns * dimension;
    const cut tiles = cut_evenly(rows, TILE_ROWS);
    for (size_t part = 0; part < tiles.parts; part++) {
        const size_t row = cut_start(tiles, part), count = cut_start(tiles, part + 1) - row;
        operands o = {
            .input = input + row * dimension, .row = dimension, .segments = 1, .length = dimension,
            .panel_pitch = PANEL_WIDTH * dimension,
        };
        best_match best;
        for (size_t i = 0; i < count; i++) best.score[i] = vset(-INFINITY), best.column[i] = uset(0);
        size_t column = 0;
        if (count == 1) {
            for (; column + wide <= columns; column += wide) {
                o.panel = packed + column * dimension;
                one_row_codebook_tile(&o, bias + column, column, &best);
            }
        }
        for (; column < columns; column += PANEL_WIDTH) {
            o.panel = packed + column * dimension;
            codebook_tiles[count - 1](&o, bias + column, column, &best);
        }
        for (size_t i = 0; i < count; i++) {
            codes[row + i] = best_column(best.score[i], best.column[i]);
            if (residual)
                subtract_codeword(packed, codewords, (size_t)codes[row + i], dimension, residual + (row + i) * dimension);
        }
    }
}

/// Writes the scores that `nearest` takes the greatest of. A packed codebook has the form of a linear layer.
FUNCTION void codebook_scores(
    const float *packed, size_t size, size_t dimension, const float *input, size_t rows, float *scores) {
    if (rows == 0) return;
    const ck_convolution shape = {
        .in_channels = dimension, .out_channels = size, .kernel = 1, .stride = 1, .dilation = 1, .groups = 1,
    };
    const ck_epilogue none = {.activation = CK_IDENTITY};
    convolve_as_matrix(&shape, packed, input, rows, &none, scores);
}

FUNCTION size_t first_above(const float *values, size_t start, size_t count, float bar) {
    enum { RUN = 32 };
    size_t at = start;
    for (; at + RUN <= count; at += RUN) {
        int found = 0;
        for (size_t i = 0; i < RUN; i++) found |= values[at + i] > bar;
        if (found) break;
    }
    while (at < count && !(values[at] > bar)) at++;
    return at;
}
