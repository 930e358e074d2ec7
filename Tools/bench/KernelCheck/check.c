// Random odd shapes through every kernel of every instruction set, in buffers of exactly their size, so that
// AddressSanitizer sees any access outside them; results are held against plain loops in double precision.
//
//   clang -std=gnu11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover -I Sources/CKernels/include
//       Tools/bench/KernelCheck/check.c Sources/CKernels/*.c Sources/CKernels/isa/*.c -lm -o check
//   ./check [shapes]
#include "CKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t seed = 1;

static uint32_t next(void) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33);
}

static size_t between(size_t low, size_t high) { return low + next() % (high - low + 1); }

static void *buffer(size_t bytes) {
    void *memory = NULL;
    if (posix_memalign(&memory, 64, bytes) != 0) abort();
    return memory;
}

static float *random_floats(size_t count) {
    float *values = buffer(count * sizeof(float));
    for (size_t i = 0; i < count; i++) values[i] = (float)next() / (float)(1u << 30) - 1;
    return values;
}

static void require(bool holds, const char *what, int32_t isa) {
    if (holds) return;
    fprintf(stderr, "instruction set %d: %s\n", isa, what);
    exit(1);
}

static void check_convolution(int32_t isa) {
    const size_t groups = between(0, 2) ? 1 : between(1, 7);
    const bool depthwise = between(0, 4) == 0;
    // 1024 channels are a case of their own: rows that collide in the cache are copied apart.
    const size_t most = between(0, 9) ? 40 : 600;
    const size_t inputs = depthwise ? 1 : between(0, 19) ? between(1, most) : 1024, outputs = depthwise ? 1 : between(1, 70);
    const ck_convolution s = {
        inputs * groups, outputs * groups, between(1, 8), between(1, 4), between(1, 4), groups,
    };
    const size_t rows = between(1, 40), span = (s.kernel - 1) * s.dilation + 1;
    float *input = random_floats(((rows - 1) * s.stride + span) * s.in_channels);
    float *weight = random_floats(s.out_channels * inputs * s.kernel), *bias = random_floats(s.out_channels);
    float *packed = buffer(ck_packed_size(isa, &s) * sizeof(float)), *residual = random_floats(rows * s.out_channels);
    float *output = buffer(rows * s.out_channels * sizeof(float));
    ck_pack(isa, &s, weight, bias, packed);
    const ck_epilogue epilogue = {CK_IDENTITY, 0, NULL, residual};
    ck_convolve(isa, &s, packed, input, rows, &epilogue, output);
    for (size_t t = 0; t < rows; t++) {
        for (size_t o = 0; o < s.out_channels; o++) {
            double sum = bias[o], size = 1;
            for (size_t k = 0; k < s.kernel; k++) {
                for (size_t c = 0; c < inputs; c++) {
                    const double product =
                        (double)input[(t * s.stride + k * s.dilation) * s.in_channels + o / outputs * inputs + c]
                        * weight[(o * inputs + c) * s.kernel + k];
                    sum += product;
                    size += fabs(product);
                }
            }
            sum += residual[t * s.out_channels + o];
            require(fabs(output[t * s.out_channels + o] - sum) < 2e-6 * size, "convolution", isa);
        }
    }
    free(input), free(weight), free(bias), free(packed), free(residual), free(output);
}

static void check_rows(int32_t isa) {
    const size_t rows = between(0, 9), channels = between(1, between(0, 3) ? 50 : 600);
    float *x = random_floats(rows * channels), *y = random_floats(rows * channels);
    float *alpha = random_floats(channels), *output = buffer(rows * channels * sizeof(float));
    for (int32_t activation = CK_IDENTITY; activation <= CK_SNAKE; activation++) {
        const ck_epilogue epilogue = {activation, 0.5f, activation == CK_SNAKE ? alpha : NULL, between(0, 1) ? y : NULL};
        ck_activate(isa, &epilogue, x, rows, channels);
    }
    ck_add(isa, y, between(0, 1) ? alpha : NULL, x, rows, channels);
    ck_layer_norm(isa, x, between(0, 1) ? alpha : NULL, between(0, 1) ? alpha : NULL, 1e-5f, output, rows, channels);
    free(x), free(y), free(alpha), free(output);
}

static void check_attention(int32_t isa) {
    const size_t count = between(1, 60), size = between(1, 80), stride = size * between(1, 3);
    float *query = random_floats(size), *keys = random_floats((count - 1) * stride + size);
    float *values = random_floats((count - 1) * stride + size);
    float *scores = buffer(count * sizeof(float)), *output = buffer(size * sizeof(float));
    double *weights = buffer(count * sizeof(double)), sum = 0;
    ck_attend(isa, query, keys, values, count, stride, size, 0.5f, scores, output);
    for (size_t j = 0; j < count; j++) {
        double product = 0;
        for (size_t c = 0; c < size; c++) product += (double)query[c] * keys[j * stride + c];
        sum += weights[j] = exp(0.5 * product);
    }
    for (size_t c = 0; c < size; c++) {
        double mean = 0;
        for (size_t j = 0; j < count; j++) mean += weights[j] / sum * values[j * stride + c];
        require(fabs(output[c] - mean) < 1e-5, "attention", isa);
    }
    free(query), free(keys), free(values), free(scores), free(output), free(weights);
}

static void check_codebook(int32_t isa) {
    const size_t rows = between(0, 30), size = between(1, 200), dimension = between(1, 40);
    float *codewords = random_floats(size * dimension), *input = random_floats(rows * dimension);
    float *packed = buffer(ck_codebook_packed_size(isa, size, dimension) * sizeof(float));
    int32_t *codes = buffer(rows * sizeof(int32_t)), *again = buffer(rows * sizeof(int32_t));
    ck_codebook_pack(isa, codewords, size, dimension, packed);
    ck_nearest(isa, packed, codewords, size, dimension, input, rows, codes, NULL);
    for (size_t t = 0; t < rows; t++) {
        double chosen = 0, least = INFINITY;
        for (size_t i = 0; i < size; i++) {
            double distance = 0;
            for (size_t c = 0; c < dimension; c++) {
                const double d = (double)input[t * dimension + c] - codewords[i * dimension + c];
                distance += d * d;
            }
            if ((int32_t)i == codes[t]) chosen = distance;
            if (distance < least) least = distance;
        }
        require(codes[t] >= 0 && (size_t)codes[t] < size && chosen - least < 1e-5 * (1 + least), "nearest", isa);
    }
    ck_nearest(isa, packed, codewords, size, dimension, input, rows, again, input);
    for (size_t t = 0; t < rows; t++) require(codes[t] == again[t], "quantize", isa);
    free(codewords), free(input), free(packed), free(codes), free(again);
}

int main(int count, char **arguments) {
    const int shapes = count > 1 ? atoi(arguments[1]) : 300;
    for (int32_t isa = CK_PORTABLE; isa <= CK_AVX512; isa++) {
        if (!ck_available(isa)) continue;
        for (int i = 0; i < shapes; i++) check_convolution(isa), check_rows(isa), check_attention(isa), check_codebook(isa);
        printf("instruction set %d: %d shapes\n", isa, shapes);
    }
    return 0;
}
