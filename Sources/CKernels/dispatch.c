#include "pool.h"
#include "table.h"

bool ck_available(int32_t isa) {
    switch (isa) {
    case CK_PORTABLE: return true;
#if defined(__aarch64__)
    case CK_NEON: return true;
#elif defined(__x86_64__)
    case CK_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case CK_AVX512: return __builtin_cpu_supports("avx512f");
#endif
    default: return false;
    }
}

static const ck_table *table(int32_t isa) {
    switch (isa) {
#if defined(__aarch64__)
    case CK_NEON: return &ck_neon;
#elif defined(__x86_64__)
    case CK_AVX2: return &ck_avx2;
    case CK_AVX512: return &ck_avx512;
#endif
    default: return &ck_portable;
    }
}

size_t ck_packed_size(int32_t isa, const ck_convolution *shape) { return table(isa)->packed_size(shape); }

size_t ck_lead(int32_t isa, const ck_convolution *shape) { return table(isa)->lead(shape); }

void ck_pack(int32_t isa, const ck_convolution *shape, const float *weight, const float *bias, float *packed) {
    table(isa)->pack(shape, weight, bias, packed);
}

typedef struct convolve_call {
    const ck_table *table;
    const ck_convolution *shape;
    const float *packed, *input;
    size_t position;
    const ck_epilogue *epilogue;
    float *output;
} convolve_call;

static void convolve_share(const void *context, size_t start, size_t rows) {
    const convolve_call *c = context;
    const size_t written = start * c->shape->out_channels;
    ck_epilogue epilogue = *c->epilogue;
    if (epilogue.residual) epilogue.residual += written;
    c->table->convolve(
        c->shape, c->packed, c->input + start * c->shape->stride * c->shape->in_channels, rows, c->position + start,
        &epilogue, c->output + written);
}

void ck_convolve(
    int32_t isa, ck_pool *pool, const ck_convolution *shape, const float *packed, const float *input, size_t rows,
    size_t position, const ck_epilogue *epilogue, float *output) {
    const convolve_call call = {table(isa), shape, packed, input, position, epilogue, output};
    const size_t weights = shape->out_channels * (shape->in_channels / shape->groups) * shape->kernel;
    share_rows(pool, rows, weights, weights * sizeof(float), convolve_share, &call);
}

void ck_activate(int32_t isa, const ck_epilogue *epilogue, float *values, size_t rows, size_t channels) {
    table(isa)->activate(epilogue, values, rows, channels);
}

void ck_add(int32_t isa, const float *y, const float *scale, float *x, size_t rows, size_t channels) {
    table(isa)->add(y, scale, x, rows, channels);
}

void ck_layer_norm(
    int32_t isa, const float *input, const float *weight, const float *bias, float epsilon, float *output,
    size_t rows, size_t channels) {
    table(isa)->layer_norm(input, weight, bias, epsilon, output, rows, channels);
}

void ck_attend(
    int32_t isa, const float *query, size_t queries, size_t query_stride, const size_t *starts, const size_t *ends,
    const float *keys, const float *values, size_t stride, size_t size, float scale, float *scores, size_t room, float *output) {
    table(isa)->attend(
        query, queries, query_stride, starts, ends, keys, values, stride, size, scale, scores, room, output);
}

size_t ck_quantized_packed_size(int32_t isa, const ck_quantized *shape) {
    return table(isa)->quantized_packed_size(shape);
}

void ck_quantized_pack(
    int32_t isa, const ck_quantized *shape, const int8_t *codes, const float *scales, void *packed) {
    table(isa)->quantized_pack(shape, codes, scales, packed);
}

void ck_quantized_product(
    int32_t isa, const ck_quantized *shape, const void *packed, const float *input, size_t rows,
    const ck_epilogue *epilogue, float *output) {
    table(isa)->quantized_product(shape, packed, input, rows, epilogue, output);
}

size_t ck_codebook_packed_size(int32_t isa, size_t size, size_t dimension) {
    return table(isa)->codebook_packed_size(size, dimension);
}

void ck_codebook_pack(int32_t isa, const float *codewords, size_t size, size_t dimension, float *packed) {
    table(isa)->codebook_pack(codewords, size, dimension, packed);
}

void ck_codebook_unpack(int32_t isa, const float *packed, size_t size, size_t dimension, float *codewords) {
    table(isa)->codebook_unpack(packed, size, dimension, codewords);
}

typedef struct nearest_call {
    const ck_table *table;
    const float *packed, *codewords;
    size_t size, dimension;
    const float *input;
    int32_t *codes;
    float *residual;
} nearest_call;

static void nearest_share(const void *context, size_t start, size_t rows) {
    const nearest_call *c = context;
    const size_t passed = start * c->dimension;
    c->table->nearest(
        c->packed, c->codewords, c->size, c->dimension, c->input + passed, rows, c->codes + start,
        c->residual ? c->residual + passed : NULL);
}

void ck_nearest(
    int32_t isa, ck_pool *pool, const float *packed, const float *codewords, size_t size, size_t dimension,
    const float *input, size_t rows, int32_t *codes, float *residual) {
    if (rows == 0) return;
    const nearest_call call = {table(isa), packed, codewords, size, dimension, input, codes, residual};
    const size_t weights = size * dimension;
    share_rows(pool, rows, weights, weights * sizeof(float), nearest_share, &call);
}

void ck_codebook_scores(
    int32_t isa, const float *packed, size_t size, size_t dimension, const float *input, size_t rows, float *scores) {
    table(isa)->codebook_scores(packed, size, dimension, input, rows, scores);
}

size_t ck_first_above(int32_t isa, const float *values, size_t start, size_t count, float bar) {
    return table(isa)->first_above(values, start, count, bar);
}

size_t ck_integer_packed_size(int32_t isa, size_t rows, size_t columns) {
    return table(isa)->integer_packed_size(rows, columns);
}

void ck_integer_pack(int32_t isa, const int8_t *values, size_t rows, size_t columns, int16_t *packed) {
    table(isa)->integer_pack(values, rows, columns, packed);
}

void ck_integer_products(
    int32_t isa, const int16_t *packed, size_t columns, size_t first, size_t count, const int16_t *x, size_t vectors,
    int32_t *sums) {
    table(isa)->integer_products(packed, columns, first, count, x, vectors, sums);
}

int32_t ck_integer_scale(
    int32_t isa, const int32_t *sums, const int32_t *multipliers, const int32_t *biases, size_t count, int32_t *output) {
    return table(isa)->integer_scale(sums, multipliers, biases, count, output);
}

float ck_multiply_add_peak(int32_t isa, size_t steps) { return table(isa)->multiply_add_peak(steps); }

size_t ck_multiply_adds_per_step(int32_t isa) { return table(isa)->multiply_adds_per_step(); }
