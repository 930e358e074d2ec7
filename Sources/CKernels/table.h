#ifndef CODETTA_TABLE_H
#define CODETTA_TABLE_H

#include "CKernels.h"

/// The kernels of one instruction set. Each member is what the CKernels.h function of its name runs, on one thread.
typedef struct ck_table {
    size_t (*packed_size)(const ck_convolution *shape);
    size_t (*lead)(const ck_convolution *shape);
    void (*pack)(const ck_convolution *shape, const float *weight, const float *bias, float *packed);
    void (*convolve)(
        const ck_convolution *shape, const float *packed, const float *input, size_t rows, size_t position,
        const ck_epilogue *epilogue, float *output);
    void (*activate)(const ck_epilogue *epilogue, float *values, size_t rows, size_t channels);
    void (*add)(const float *y, const float *scale, float *x, size_t rows, size_t channels);
    void (*layer_norm)(
        const float *input, const float *weight, const float *bias, float epsilon, float *output, size_t rows,
        size_t channels);
    void (*attend)(
        const float *query, size_t queries, size_t query_stride, const size_t *starts, const size_t *ends, const float *keys,
        const float *values, size_t stride, size_t size, float scale, float *scores, size_t room, float *output);
    size_t (*quantized_packed_size)(const ck_quantized *shape);
    void (*quantized_pack)(const ck_quantized *shape, const int8_t *codes, const float *scales, void *packed);
    void (*quantized_product)(
        const ck_quantized *shape, const void *packed, const float *input, size_t rows, const ck_epilogue *epilogue,
        float *output);
    size_t (*codebook_packed_size)(size_t size, size_t dimension);
    void (*codebook_pack)(const float *codewords, size_t size, size_t dimension, float *packed);
    void (*codebook_unpack)(const float *packed, size_t size, size_t dimension, float *codewords);
    void (*nearest)(
        const float *packed, const float *codewords, size_t size, size_t dimension, const float *input, size_t rows,
        int32_t *codes, float *residual);
    void (*codebook_scores)(
        const float *packed, size_t size, size_t dimension, const float *input, size_t rows, float *scores);
    size_t (*first_above)(const float *values, size_t start, size_t count, float bar);
    size_t (*integer_packed_size)(size_t rows, size_t columns);
    void (*integer_pack)(const int8_t *values, size_t rows, size_t columns, int16_t *packed);
    void (*integer_products)(
        const int16_t *packed, size_t columns, size_t first, size_t count, const int16_t *x, size_t vectors, int32_t *sums);
    int32_t (*integer_scale)(
        const int32_t *sums, const int32_t *multipliers, const int32_t *biases, size_t count, int32_t *output);
    float (*multiply_add_peak)(size_t steps);
    size_t (*multiply_adds_per_step)(void);
} ck_table;

extern const ck_table ck_portable;
#if defined(__aarch64__)
extern const ck_table ck_neon;
#elif defined(__x86_64__)
extern const ck_table ck_avx2;
extern const ck_table ck_avx512;
#endif

#endif
