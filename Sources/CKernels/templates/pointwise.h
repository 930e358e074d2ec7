// Epilogues and other pointwise work on rows of a matrix.

/// The activation of one vector. `inverse` is 1/(alpha + 1e-9) for Snake, 1/(beta + 1e-9) for SnakeBeta.
INLINE V activate_vector(const int activation, V x, V parameter, V alpha, V inverse) {
    switch (activation) {
    case CK_RELU: return vmax(vset(0), x);
    case CK_LEAKY_RELU: return vselect_ge(x, vset(0), x, vmul(parameter, x));
    case CK_ELU: return vselect_ge(x, vset(0), x, vmul(parameter, vexpm1(vmin(vset(0), x))));
    case CK_GELU: return vgelu(x);
    case CK_GELU_TANH: return vgelu_tanh(x);
    case CK_TANH: return vtanh(x);
    case CK_SIGMOID: return vsigmoid(x);
    case CK_SILU: return vdiv(x, vadd(vset(1), vexp(vsub(vset(0), x))));
    case CK_SNAKE: return vfma(vsin_squared(vmul(alpha, x)), inverse, x);
    default: return x;
    }
}

/// For how many columns Snake's reciprocals are kept on the stack, to be used for all rows.
#define SNAKE_COLUMNS 256

/// A rectangle of values: `rows` × `columns`, rows `pitch` apart.
typedef struct block {
    float *values;
    size_t rows, columns, pitch;
    const float *residual;  // in the layout of `values`, or NULL
    const float *alpha;     // that of the rectangle's first column and those after it, or NULL
    const float *divisor;   // likewise Snake's alpha or SnakeBeta's beta, or NULL
} block;

INLINE void activate_columns(const int activation, const block *b, V parameter) {
    float inverse[SNAKE_COLUMNS];
    const size_t whole = b->columns - b->columns % LANES, rest = b->columns % LANES;
    if (activation == CK_SNAKE) {
        for (size_t c = 0; c < b->columns; c++) inverse[c] = 1 / (b->divisor[c] + 1e-9f);
    }
    for (size_t r = 0; r < b->rows; r++) {
        float *x = b->values + r * b->pitch;
        const float *residual = b->residual ? b->residual + r * b->pitch : NULL;
        V alpha = vset(0), scale = vset(0);
        for (size_t c = 0; c < whole; c += LANES) {
            if (activation == CK_SNAKE) alpha = vload(b->alpha + c), scale = vload(inverse + c);
            V y = activate_vector(activation, vload(x + c), parameter, alpha, scale);
            vstore(x + c, residual ? vadd(y, vload(residual + c)) : y);
        }
        if (rest) {
            if (activation == CK_SNAKE)
                alpha = vload_first(b->alpha + whole, rest), scale = vload_first(inverse + whole, rest);
            V y = activate_vector(activation, vload_first(x + whole, rest), parameter, alpha, scale);
            vstore_first(x + whole, residual ? vadd(y, vload_first(residual + whole, rest)) : y, rest);
        }
    }
}

FUNCTION void activate_block(int activation, float parameter, const block *b) {
    const V p = vset(parameter);
    switch (activation) {
    case CK_RELU: return activate_columns(CK_RELU, b, p);
    case CK_LEAKY_RELU: return activate_columns(CK_LEAKY_RELU, b, p);
    case CK_ELU: return activate_columns(CK_ELU, b, p);
    case CK_GELU: return activate_columns(CK_GELU, b, p);
    case CK_GELU_TANH: return activate_columns(CK_GELU_TANH, b, p);
    case CK_TANH: return activate_columns(CK_TANH, b, p);
    case CK_SIGMOID: return activate_columns(CK_SIGMOID, b, p);
    case CK_SILU: return activate_columns(CK_SILU, b, p);
    case CK_SNAKE:
        for (size_t c = 0; c < b->columns; c += SNAKE_COLUMNS) {
            size_t n = b->columns - c < SNAKE_COLUMNS ? b->columns - c : SNAKE_COLUMNS;
            block part = {
                b->values + c, b->rows, n, b->pitch, b->residual ? b->residual + c : NULL, b->alpha + c, b->divisor + c,
            };
            activate_columns(CK_SNAKE, &part, p);
        }
        return;
    default:
        if (b->residual) activate_columns(CK_IDENTITY, b, p);
    }
}

/// Applies the epilogue to a rectangle of the output `[…, pitch]` whose top left corner is (`row`, `column`).
FUNCTION void finish_block(
    const ck_epilogue *e, float *output, size_t row, size_t column, size_t rows, size_t columns, size_t pitch) {
    const size_t offset = row * pitch + column;
    const float *divisor = e->beta ? e->beta : e->alpha;
    block b = {
        output + offset, rows, columns, pitch, e->residual ? e->residual + offset : NULL,
        e->alpha ? e->alpha + column : NULL, divisor ? divisor + column : NULL,
    };
    if (columns == pitch && e->activation != CK_SNAKE) {  // contiguous, so treated as one long row with one tail
        b.columns = b.pitch = rows * columns;
        b.rows = 1;
    }
    activate_block(e->activation, e->parameter, &b);
}

FUNCTION void activate(const ck_epilogue *epilogue, float *values, size_t rows, size_t channels) {
    if (rows > 0 && channels > 0) finish_block(epilogue, values, 0, 0, rows, channels, channels);
}

INLINE void add_row(const float *y, const float *scale, float *x, size_t n) {
    size_t c = 0;
    for (; c + LANES <= n; c += LANES) {
        V value = vload(y + c);
        vstore(x + c, scale ? vfma(vload(scale + c), value, vload(x + c)) : vadd(value, vload(x + c)));
    }
    if (c < n) {
        V value = vload_first(y + c, n - c), old = vload_first(x + c, n - c);
        vstore_first(x + c, scale ? vfma(vload_first(scale + c, n - c), value, old) : vadd(value, old), n - c);
    }
}

FUNCTION void add(const float *y, const float *scale, float *x, size_t rows, size_t channels) {
    if (!scale) return add_row(y, NULL, x, rows * channels);
    for (size_t r = 0; r < rows; r++) add_row(y + r * channels, scale, x + r * channels, channels);
}

#ifndef HAS_SUM_LANES
/// The sum of a vector's lanes in a fixed order: halves are added to each other again and again. Instruction sets with shuffles define
/// their own.
INLINE float sum_lanes(V x) {
    float lanes[LANES];
    vstore(lanes, x);
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}
#endif
