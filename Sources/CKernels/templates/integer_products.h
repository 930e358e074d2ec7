// Products of a matrix of 8-bit integers and vectors of 16-bit integers, summed in 32 bits modulo 2^32. Where no sum overflows 32 bits
// they are exact, and so the same on every instruction set.
// A panel holds LANES rows, `[pair of columns][row][2]`. If the number of columns is odd, a column of zeros follows the last one.

/// The most panels that are computed side by side for a single vector, so that enough sums run at once.
#define INTEGER_PANELS 4
/// How many vectors are multiplied with weights once these are loaded.
#define INTEGER_VECTORS 4

INLINE size_t integer_pairs(size_t columns) { return (columns + 1) / 2; }

FUNCTION size_t integer_packed_size(size_t rows, size_t columns) {
    return (rows + LANES - 1) / LANES * integer_pairs(columns) * 2 * LANES;
}

FUNCTION void integer_pack(const int8_t *values, size_t rows, size_t columns, int16_t *packed) {
    const size_t panel = integer_pairs(columns) * 2 * LANES;
    for (size_t i = 0; i < integer_packed_size(rows, columns); i++) packed[i] = 0;
    for (size_t r = 0; r < rows; r++) {
        int16_t *row = packed + r / LANES * panel + r % LANES * 2;
        for (size_t c = 0; c < columns; c++) row[c / 2 * 2 * LANES + c % 2] = values[r * columns + c];
    }
}

/// What is to be computed: `count` rows from `first` on for each of some vectors.
typedef struct integer_call {
    const int16_t *packed;
    size_t columns, first, count;
    const int16_t *x;
    int32_t *sums;
} integer_call;

/// Adds the products of pair p of columns to the sums `[vector][panel]`. `bytes` says how much of the pair of inputs there is.
INLINE void add_pairs(
    const int panels, const int vectors, const integer_call *c, const int16_t *packed, const int16_t *x, size_t p,
    const size_t bytes, U *total) {
    const size_t panel = integer_pairs(c->columns) * 2 * LANES;
    U weights[INTEGER_PANELS];
    UNROLL for (int j = 0; j < panels; j++) weights[j] = uload(packed + j * panel + p * 2 * LANES);
    UNROLL for (int v = 0; v < vectors; v++) {
        uint32_t pair = 0;
        __builtin_memcpy(&pair, x + v * c->columns + 2 * p, bytes);
        UNROLL for (int j = 0; j < panels; j++) {
            total[v * panels + j] = uadd_pair_products(total[v * panels + j], weights[j], uset(pair));
        }
    }
}

/// Computes the rows of `panels` panels, from panel `k` on, for `vectors` vectors, from vector `v` on.
INLINE void multiply_integers(const int panels, const int vectors, const integer_call *c, size_t k, size_t v) {
    const size_t pairs = integer_pairs(c->columns), panel = pairs * 2 * LANES;
    const int16_t *packed = c->packed + k * panel, *x = c->x + v * c->columns;
    U total[INTEGER_PANELS * INTEGER_VECTORS];
    UNROLL for (int i = 0; i < panels * vectors; i++) total[i] = uset(0);
    for (size_t p = 0; p < c->columns / 2; p++) add_pairs(panels, vectors, c, packed, x, p, 4, total);
    if (c->columns % 2) add_pairs(panels, vectors, c, packed, x, pairs - 1, 2, total);
    UNROLL for (int i = 0; i < panels * vectors; i++) {
        int32_t *sums = c->sums + (v + i / panels) * c->count;
        const size_t row = (k + i % panels) * LANES, end = c->first + c->count;
        if (row >= c->first && row + LANES <= end) {
            ustore((uint32_t *)(sums + (row - c->first)), total[i]);
            continue;
        }
        uint32_t lanes[LANES];
        ustore(lanes, total[i]);
        for (size_t r = row; r < row + LANES; r++) {
            if (r >= c->first && r < end) sums[r - c->first] = (int32_t)lanes[r - row];
        }
    }
}

FUNCTION void integer_products(
    const int16_t *packed, size_t columns, size_t first, size_t count, const int16_t *x, size_t vectors, int32_t *sums) {
    const integer_call call = {packed, columns, first, count, x, sums};
    const size_t end = (first + count + LANES - 1) / LANES;
    size_t v = 0;
    for (; v + INTEGER_VECTORS <= vectors; v += INTEGER_VECTORS) {
        size_t k = first / LANES;
        for (; k + 2 <= end; k += 2) multiply_integers(2, INTEGER_VECTORS, &call, k, v);
        for (; k < end; k++) multiply_integers(1, INTEGER_VECTORS, &call, k, v);
    }
    for (; v < vectors; v++) {
        size_t k = first / LANES;
        for (; k + INTEGER_PANELS <= end; k += INTEGER_PANELS) multiply_integers(INTEGER_PANELS, 1, &call, k, v);
        for (; k < end; k++) multiply_integers(1, 1, &call, k, v);
    }
}

FUNCTION int32_t integer_scale(
    const int32_t *sums, const int32_t *multipliers, const int32_t *biases, size_t count, int32_t *output) {
    int32_t greatest = INT32_MIN;
    for (size_t i = 0; i < count; i++) {
        // C leaves the right shift of a negative number to the compiler; all in use shift arithmetically.
        const int64_t scaled = ((int64_t)sums[i] * multipliers[i] + ((int64_t)1 << 31)) >> 32;
        output[i] = (int32_t)(uint32_t)((uint64_t)scaled + (uint64_t)(int64_t)biases[i]);
        greatest = output[i] > greatest ? output[i] : greatest;
    }
    return greatest;
}
