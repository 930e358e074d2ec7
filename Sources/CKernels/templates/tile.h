// The register tile: up to TILE_ROWS rows × TILE_VECTORS vectors of the product of input rows and a weight panel,
// or of 1 to 2 rows × several panels, so that a single row keeps the multipliers as busy as many rows do.
// Whatever the tile, each element is one chain of multiply-adds that starts with the bias and takes the inputs in order.

#define PANEL_WIDTH (LANES * TILE_VECTORS)
#define PANELS_FOR_ONE_ROW 4
#define PANELS_FOR_TWO_ROWS 2

#if TILE_ROWS > 12
#error "accumulate() keeps four row pointers, three rows apart"
#endif

/// What a tile reads. Rows of the input are `row` floats apart. Each has `segments` pieces of `length` floats, which start `gap` floats
/// apart: the taps of a dilated or grouped convolution. Panels are `panel_pitch` floats apart, with PANEL_WIDTH floats per input value.
typedef struct operands {
    const float *input;
    size_t row, segments, length, gap;
    const float *panel;
    size_t panel_pitch;
} operands;

#define UNROLL _Pragma("GCC unroll 32")

INLINE void accumulate(const int rows, const int vectors, const operands *restrict o, V *restrict sum) {
    const size_t row = o->row, pitch = o->panel_pitch;
    const float *panel = o->panel;
    for (size_t s = 0; s < o->segments; s++) {
        // Twelve rows are addressed with four pointers and two multiples of `row`, instead of one register each.
        const float *x0 = o->input + s * o->gap;
        const float *x[4] = {x0, rows > 3 ? x0 + 3 * row : x0, rows > 6 ? x0 + 6 * row : x0, rows > 9 ? x0 + 9 * row : x0};
        for (size_t c = 0; c < o->length; c++) {
            V w[16];
            UNROLL for (int j = 0; j < vectors; j++)
                w[j] = vload(panel + (j / TILE_VECTORS) * pitch + (j % TILE_VECTORS) * LANES);
            UNROLL for (int i = 0; i < rows; i++) {
                V value = vset(x[i / 3][(i % 3) * row]);
                UNROLL for (int j = 0; j < vectors; j++) sum[i * vectors + j] = vfma(value, w[j], sum[i * vectors + j]);
            }
            panel += PANEL_WIDTH;
            UNROLL for (int i = 0; i < 4; i++) x[i]++;
        }
    }
}

/// A tile of the output. Rows are `pitch` floats apart, and `columns` columns are valid. Sums start from `bias` or, if that is NULL,
/// from the partial sums that the tile holds.
typedef struct tile_output {
    float *values;
    size_t pitch, columns;
    const float *bias;
} tile_output;

INLINE void convolution_tile(const int rows, const int vectors, const operands *o, const tile_output *t) {
    V sum[TILE_ROWS * TILE_VECTORS < 16 ? 16 : TILE_ROWS * TILE_VECTORS];
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int j = 0; j < vectors; j++) {
            const size_t c = j * LANES;
            const float *from = t->values + i * t->pitch + c;
            if (t->bias) sum[i * vectors + j] = vload(t->bias + c);
            else if (c + LANES <= t->columns) sum[i * vectors + j] = vload(from);
            else sum[i * vectors + j] = c < t->columns ? vload_first(from, t->columns - c) : vset(0);
        }
    }
    accumulate(rows, vectors, o, sum);
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int j = 0; j < vectors; j++) {
            const size_t c = j * LANES;
            float *to = t->values + i * t->pitch + c;
            if (c + LANES <= t->columns) vstore(to, sum[i * vectors + j]);
            else if (c < t->columns) vstore_first(to, sum[i * vectors + j], t->columns - c);
        }
    }
}

/// For each row of a tile and each lane, the best score so far and the panel column that gave it.
typedef struct best_match {
    V score[TILE_ROWS];
    U column[TILE_ROWS];
} best_match;

INLINE void codebook_tile(
    const int rows, const int vectors, const operands *o, const float *bias, size_t column, best_match *best) {
    V sum[TILE_ROWS * TILE_VECTORS < 16 ? 16 : TILE_ROWS * TILE_VECTORS];
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++) sum[i * vectors + j] = vload(bias + j * LANES);
    accumulate(rows, vectors, o, sum);
    UNROLL for (int i = 0; i < rows; i++) {
        V score = best->score[i];
        U found = best->column[i];
        UNROLL for (int j = 0; j < vectors; j++) {
            const V candidate = sum[i * vectors + j];
            found = uselect_gt(candidate, score, uset((uint32_t)(column + j * LANES)), found);
            score = vselect_gt(candidate, score, candidate, score);
        }
        best->score[i] = score;
        best->column[i] = found;
    }
}

typedef void convolution_tile_function(const operands *o, const tile_output *t);
typedef void codebook_tile_function(const operands *o, const float *bias, size_t column, best_match *best);

#define DEFINE_TILES(rows)                                                                                        \
    FUNCTION void full_tile_##rows(const operands *o, const tile_output *t) {                                     \
        convolution_tile(rows, TILE_VECTORS, o, t);                                                               \
    }                                                                                                             \
    FUNCTION void narrow_tile_##rows(const operands *o, const tile_output *t) { convolution_tile(rows, 1, o, t); } \
    FUNCTION void codebook_tile_##rows(const operands *o, const float *bias, size_t column, best_match *best) {   \
        codebook_tile(rows, TILE_VECTORS, o, bias, column, best);                                                 \
    }

DEFINE_TILES(1)
DEFINE_TILES(2)
DEFINE_TILES(3)
DEFINE_TILES(4)
#define TILES_TO_4(kind) kind##_tile_1, kind##_tile_2, kind##_tile_3, kind##_tile_4
#define TILES(kind) TILES_TO_4(kind)

#if TILE_ROWS >= 6
DEFINE_TILES(5)
DEFINE_TILES(6)
#define TILES_TO_6(kind) TILES_TO_4(kind), kind##_tile_5, kind##_tile_6
#undef TILES
#define TILES(kind) TILES_TO_6(kind)
#endif

#if TILE_ROWS >= 12
DEFINE_TILES(7)
DEFINE_TILES(8)
DEFINE_TILES(9)
DEFINE_TILES(10)
DEFINE_TILES(11)
DEFINE_TILES(12)
#undef TILES
#define TILES(kind)                                                                                        \
    TILES_TO_6(kind), kind##_tile_7, kind##_tile_8, kind##_tile_9, kind##_tile_10, kind##_tile_11, kind##_tile_12
#endif

static convolution_tile_function *const full_tiles[] = {TILES(full)};
static convolution_tile_function *const narrow_tiles[] = {TILES(narrow)};
static codebook_tile_function *const codebook_tiles[] = {TILES(codebook)};
_Static_assert(sizeof full_tiles / sizeof *full_tiles == TILE_ROWS, "one tile function for each number of rows");

FUNCTION void one_row_tile(const operands *o, const tile_output *t) {
    convolution_tile(1, PANELS_FOR_ONE_ROW * TILE_VECTORS, o, t);
}
FUNCTION void two_row_tile(const operands *o, const tile_output *t) {
    convolution_tile(2, PANELS_FOR_TWO_ROWS * TILE_VECTORS, o, t);
}
FUNCTION void one_row_codebook_tile(const operands *o, const float *bias, size_t column, best_match *best) {
    codebook_tile(1, PANELS_FOR_ONE_ROW * TILE_VECTORS, o, bias, column, best);
}
