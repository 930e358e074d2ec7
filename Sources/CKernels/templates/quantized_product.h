// The product with a matrix of 8- or 4-bit codes, which become floats right before they are multiplied. For one or two rows, reading
// the weights takes most of the time, and fewer bytes make it faster.
// A panel holds QUANTIZED_PANEL outputs: scales `[group of inputs][QUANTIZED_PANEL]`, then codes `[input][QUANTIZED_PANEL]`. A
// byte holds two 4-bit codes: those of the same lane of two neighbouring vectors, the first one's in its low half.

#define QUANTIZED_VECTORS 4
#define QUANTIZED_PANEL (LANES * QUANTIZED_VECTORS)
/// How many rows are multiplied with codes once these are unpacked.
#define QUANTIZED_ROWS (TILE_ROWS >= 12 ? 4 : 2)
/// How many panels are computed side by side for a single row, so that enough sums run at once.
#define QUANTIZED_PANELS_FOR_ONE_ROW 2

INLINE size_t quantized_panels(const ck_quantized *s) { return (s->outputs + QUANTIZED_PANEL - 1) / QUANTIZED_PANEL; }
INLINE size_t quantized_groups(const ck_quantized *s) { return (s->inputs + s->group - 1) / s->group; }
INLINE size_t quantized_scale_bytes(const ck_quantized *s) {
    return quantized_groups(s) * QUANTIZED_PANEL * sizeof(float);
}
INLINE size_t quantized_panel_bytes(const ck_quantized *s) {
    return quantized_scale_bytes(s) + s->inputs * QUANTIZED_PANEL * s->bits / 8;
}

FUNCTION size_t quantized_packed_size(const ck_quantized *shape) {
    return quantized_panels(shape) * quantized_panel_bytes(shape);
}

FUNCTION void quantized_pack(const ck_quantized *shape, const int8_t *codes, const float *scales, void *packed) {
    const size_t groups = quantized_groups(shape), width = QUANTIZED_PANEL * shape->bits / 8;
    for (size_t o = 0; o < quantized_panels(shape) * QUANTIZED_PANEL; o++) {
        const bool is_filler = o >= shape->outputs;
        char *panel = (char *)packed + o / QUANTIZED_PANEL * quantized_panel_bytes(shape);
        const size_t column = o % QUANTIZED_PANEL, vector = column / LANES, lane = column % LANES;
        float *scale = (float *)panel + column;
        for (size_t g = 0; g < groups; g++) scale[g * QUANTIZED_PANEL] = is_filler ? 0 : scales[o * groups + g];
        uint8_t *code = (uint8_t *)panel + quantized_scale_bytes(shape);
        for (size_t c = 0; c < shape->inputs; c++, code += width) {
            const uint8_t value = is_filler ? 0 : (uint8_t)codes[o * shape->inputs + c];
            if (shape->bits == 8) {
                code[column] = value;
            } else {
                // The even vector comes first and so clears the byte that the odd one completes.
                uint8_t *pair = code + vector / 2 * LANES + lane;
                *pair = vector % 2 ? (uint8_t)(*pair | value << 4) : value & 15;
            }
        }
    }
}

/// The codes of one input value for all outputs of a panel, as floats.
INLINE void unpack_codes(const int bits, const int8_t *codes, V *w) {
    if (bits == 8) {
        UNROLL for (int j = 0; j < QUANTIZED_VECTORS; j++) w[j] = ifloat(iload_bytes(codes + j * LANES));
    } else {
        UNROLL for (int j = 0; j < QUANTIZED_VECTORS; j += 2) {
            const U pair = iload_bytes(codes + j / 2 * LANES);
            w[j] = ifloat(ilow_nibble(pair));
            w[j + 1] = ifloat(ihigh_nibble(pair));
        }
    }
}

/// What a tile reads and writes: rows of the input and the output, and its first panel.
typedef struct quantized_tile {
    const ck_quantized *shape;
    const float *input;
    const char *panel;
    float *output;
    size_t columns;  // how many are valid, from the first column of the first panel on
} quantized_tile;

/// Computes `rows` rows of `panels` panels. The products of each group are summed by themselves and then scaled, in the same order in any
/// tile.
INLINE void multiply_codes(const int bits, const int rows, const int panels, const quantized_tile *t) {
    const ck_quantized *s = t->shape;
    const int vectors = panels * QUANTIZED_VECTORS;
    const size_t pitch = quantized_panel_bytes(s), width = QUANTIZED_PANEL * bits / 8;
    V total[16];
    UNROLL for (int i = 0; i < rows * vectors; i++) total[i] = vset(0);
    for (size_t first = 0, g = 0; first < s->inputs; first += s->group, g++) {
        const size_t end = s->inputs - first < s->group ? s->inputs : first + s->group;
        const int8_t *codes = (const int8_t *)t->panel + quantized_scale_bytes(s) + first * width;
        V sum[16];
        UNROLL for (int i = 0; i < rows * vectors; i++) sum[i] = vset(0);
        for (size_t c = first; c < end; c++, codes += width) {
            V w[8];
            UNROLL for (int p = 0; p < panels; p++) unpack_codes(bits, codes + p * pitch, w + p * QUANTIZED_VECTORS);
            UNROLL for (int i = 0; i < rows; i++) {
                const V x = vset(t->input[i * s->inputs + c]);
                UNROLL for (int j = 0; j < vectors; j++) sum[i * vectors + j] = vfma(x, w[j], sum[i * vectors + j]);
            }
        }
        UNROLL for (int j = 0; j < vectors; j++) {
            const float *scales = (const float *)(t->panel + j / QUANTIZED_VECTORS * pitch) + g * QUANTIZED_PANEL;
            const V scale = vload(scales + j % QUANTIZED_VECTORS * LANES);
            UNROLL for (int i = 0; i < rows; i++)
                total[i * vectors + j] = vfma(sum[i * vectors + j], scale, total[i * vectors + j]);
        }
    }
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int j = 0; j < vectors; j++) {
            const size_t c = j * LANES;
            float *to = t->output + i * s->outputs + c;
            if (c + LANES <= t->columns) vstore(to, total[i * vectors + j]);
            else if (c < t->columns) vstore_first(to, total[i * vectors + j], t->columns - c);
        }
    }
}

typedef void quantized_tile_function(const quantized_tile *t);

#define DEFINE_QUANTIZED_TILES(bits)                                                                    \
    FUNCTION void quantized_row_##bits(const quantized_tile *t) { multiply_codes(bits, 1, 1, t); }      \
    FUNCTION void quantized_wide_row_##bits(const quantized_tile *t) {                                  \
        multiply_codes(bits, 1, QUANTIZED_PANELS_FOR_ONE_ROW, t);                                       \
    }                                                                                                   \
    FUNCTION void quantized_rows_##bits(const quantized_tile *t) { multiply_codes(bits, QUANTIZED_ROWS, 1, t); }

DEFINE_QUANTIZED_TILES(8)
DEFINE_QUANTIZED_TILES(4)

FUNCTION void quantized_product(
    const ck_quantized *shape, const void *packed, const float *input, size_t rows, const ck_epilogue *epilogue,
    float *output) {
    const bool is_byte = shape->bits == 8;
    quantized_tile_function *const row_tile = is_byte ? quantized_row_8 : quantized_row_4;
    quantized_tile_function *const wide_row_tile = is_byte ? quantized_wide_row_8 : quantized_wide_row_4;
    quantized_tile_function *const rows_tile = is_byte ? quantized_rows_8 : quantized_rows_4;
    const size_t panels = quantized_panels(shape);
    for (size_t panel = 0, step = 1; panel < panels; panel += step) {
        const bool is_wide = rows < QUANTIZED_ROWS && panel + QUANTIZED_PANELS_FOR_ONE_ROW <= panels;
        step = is_wide ? QUANTIZED_PANELS_FOR_ONE_ROW : 1;
        const size_t column = panel * QUANTIZED_PANEL, left = shape->outputs - column;
        quantized_tile t = {
            .shape = shape, .panel = (const char *)packed + panel * quantized_panel_bytes(shape),
            .columns = left < step * QUANTIZED_PANEL ? left : step * QUANTIZED_PANEL,
        };
        for (size_t row = 0, count = 1; row < rows; row += count) {
            count = !is_wide && rows - row >= QUANTIZED_ROWS ? QUANTIZED_ROWS : 1;
            t.input = input + row * shape->inputs;
            t.output = output + row * shape->outputs + column;
            (count > 1 ? rows_tile : is_wide ? wide_row_tile : row_tile)(&t);
        }
        finish_block(epilogue, output, 0, column, rows, t.columns, shape->outputs);
    }
}
