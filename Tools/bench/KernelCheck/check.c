// Random odd shapes through every kernel of every instruction set, in buffers of exactly their size, so that
// AddressSanitizer sees any access outside them; results are held against plain loops in double precision.
//
//   clang -std=gnu11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover -I Sources/CKernels/include
//       Tools/bench/KernelCheck/check.c Sources/CKernels/*.c Sources/CKernels/isa/*.c -lm -pthread -o check
//   ./check [shapes]
#include "CKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    const size_t inputs = depthwise ? 1 : between(0, 19) ? between(1, most) : 1024;
    const size_t outputs = depthwise ? 1 : between(1, between(0, 9) ? 70 : 300);
    ck_convolution s = {
        inputs * groups, outputs * groups, between(1, 8), between(1, 4), between(1, 4), groups,
    };
    if (between(0, 2) == 0) s.stride = 1, s.kernel = (size_t[]){2, 3, 7}[between(0, 2)], s.dilation = between(0, 1) ? 1 : between(2, 9);
    if (between(0, 5) == 0) s.kernel = 2 * s.stride, s.dilation = 1;
    const size_t rows = between(1, between(0, 9) ? 40 : 250), span = (s.kernel - 1) * s.dilation + 1;
    float *input = random_floats(((rows - 1) * s.stride + span) * s.in_channels);
    float *weight = random_floats(s.out_channels * inputs * s.kernel), *bias = random_floats(s.out_channels);
    float *packed = buffer(ck_packed_size(isa, &s) * sizeof(float)), *residual = random_floats(rows * s.out_channels);
    float *output = buffer(rows * s.out_channels * sizeof(float));
    ck_pack(isa, &s, weight, bias, packed);
    const ck_epilogue epilogue = {.activation = CK_IDENTITY, .residual = residual};
    ck_convolve(isa, NULL, &s, packed, input, rows, 0, &epilogue, output);
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
    // Cut anywhere, with exactly the input that each piece may read, the rows are the same.
    const size_t cut = between(0, rows), lead = ck_lead(isa, &s) < cut ? ck_lead(isa, &s) : cut;
    const size_t counts[2] = {cut, rows - cut};
    for (size_t piece = 0; piece < 2; piece++) {
        if (counts[piece] == 0) continue;
        const size_t start = piece * cut, before = piece * lead * s.stride;
        const size_t frames = before + (counts[piece] - 1) * s.stride + span;
        float *own = buffer(frames * s.in_channels * sizeof(float)), *part = buffer(counts[piece] * s.out_channels * sizeof(float));
        memcpy(own, input + (start * s.stride - before) * s.in_channels, frames * s.in_channels * sizeof(float));
        const ck_epilogue rest = {.activation = CK_IDENTITY, .residual = residual + start * s.out_channels};
        ck_convolve(isa, NULL, &s, packed, own + before * s.in_channels, counts[piece], start, &rest, part);
        require(
            memcmp(part, output + start * s.out_channels, counts[piece] * s.out_channels * sizeof(float)) == 0,
            "convolution in two pieces", isa);
        free(own), free(part);
    }
    free(input), free(weight), free(bias), free(packed), free(residual), free(output);
}

static double activated(int32_t activation, double x, double parameter, double alpha, double beta) {
    switch (activation) {
    case CK_RELU: return x > 0 ? x : 0;
    case CK_LEAKY_RELU: return x >= 0 ? x : parameter * x;
    case CK_ELU: return x >= 0 ? x : parameter * expm1(x);
    case CK_GELU: return x * 0.5 * erfc(-x / sqrt(2));
    case CK_GELU_TANH: return 0.5 * x * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case CK_TANH: return tanh(x);
    case CK_SIGMOID: return 1 / (1 + exp(-x));
    case CK_SILU: return x / (1 + exp(-x));
    case CK_SNAKE: return x + sin(alpha * x) * sin(alpha * x) / (beta + 1e-9);
    default: return x;
    }
}

static void check_activations(int32_t isa) {
    const size_t rows = between(1, 9), channels = between(1, between(0, 3) ? 50 : 600), count = rows * channels;
    float *x = random_floats(count), *y = random_floats(count), *alpha = random_floats(channels), *beta = random_floats(channels);
    float *output = buffer(count * sizeof(float));
    for (size_t i = 0; i < count; i++) x[i] *= 6;
    for (size_t c = 0; c < channels; c++) alpha[c] = fabsf(alpha[c]) + 0.25f;
    for (size_t c = 0; c < channels; c++) beta[c] = fabsf(beta[c]) + 0.25f;
    for (int32_t activation = CK_IDENTITY; activation <= CK_SNAKE; activation++) {
        const bool has_residual = between(0, 1), has_beta = activation == CK_SNAKE && between(0, 1);
        const ck_epilogue epilogue = {
            .activation = activation, .parameter = 0.5f, .alpha = activation == CK_SNAKE ? alpha : NULL,
            .beta = has_beta ? beta : NULL, .residual = has_residual ? y : NULL,
        };
        memcpy(output, x, count * sizeof(float));
        ck_activate(isa, &epilogue, output, rows, channels);
        for (size_t i = 0; i < count; i++) {
            const double expected = activated(activation, x[i], 0.5, alpha[i % channels], (has_beta ? beta : alpha)[i % channels])
                + (has_residual ? y[i] : 0);
            require(fabs(output[i] - expected) < 2e-6 * (1 + fabs(expected)), "activation", isa);
        }
    }
    free(x), free(y), free(alpha), free(beta), free(output);
}

static void check_rows(int32_t isa) {
    const size_t rows = between(0, 9), channels = between(1, between(0, 3) ? 50 : 600), count = rows * channels;
    float *x = random_floats(count), *y = random_floats(count), *scale = random_floats(channels);
    float *output = buffer(count * sizeof(float));
    const bool is_scaled = between(0, 1), has_weight = between(0, 1), has_bias = between(0, 1);
    memcpy(output, x, count * sizeof(float));
    ck_add(isa, y, is_scaled ? scale : NULL, output, rows, channels);
    for (size_t i = 0; i < count; i++) {
        const double expected = x[i] + (is_scaled ? scale[i % channels] : 1.0) * y[i];
        require(fabs(output[i] - expected) < 1e-6, "add", isa);
    }
    ck_layer_norm(isa, x, has_weight ? scale : NULL, has_bias ? y : NULL, 1e-2f, output, rows, channels);
    for (size_t t = 0; t < rows; t++) {
        double mean = 0, variance = 0;
        for (size_t c = 0; c < channels; c++) mean += x[t * channels + c] / (double)channels;
        for (size_t c = 0; c < channels; c++) variance += pow(x[t * channels + c] - mean, 2) / (double)channels;
        for (size_t c = 0; c < channels; c++) {
            const double normed = (x[t * channels + c] - mean) / sqrt(variance + 1e-2f);
            const double expected = normed * (has_weight ? scale[c] : 1) + (has_bias ? y[c] : 0);
            require(fabs(output[t * channels + c] - expected) < 1e-5, "layer norm", isa);
        }
    }
    free(x), free(y), free(scale), free(output);
}

static void check_attention(int32_t isa) {
    const size_t queries = between(1, 9), keys = between(1, 60), size = between(1, 80);
    const size_t stride = size * between(1, 3), apart = size * between(1, 2);
    float *query = random_floats((queries - 1) * apart + size), *key = random_floats((keys - 1) * stride + size);
    float *value = random_floats((keys - 1) * stride + size), *output = buffer(((queries - 1) * apart + size) * sizeof(float));
    float *scores = buffer(CK_ATTEND_QUERIES * keys * sizeof(float)), *alone = buffer(size * sizeof(float));
    double *weights = buffer(keys * sizeof(double));
    size_t starts[9], ends[9];
    for (size_t i = 0; i < queries; i++) starts[i] = between(0, keys - 1), ends[i] = between(starts[i] + 1, keys);
    ck_attend(isa, query, queries, apart, starts, ends, key, value, stride, size, 0.5f, scores, keys, output);
    for (size_t i = 0; i < queries; i++) {
        double sum = 0;
        for (size_t j = starts[i]; j < ends[i]; j++) {
            double product = 0;
            for (size_t c = 0; c < size; c++) product += (double)query[i * apart + c] * key[j * stride + c];
            sum += weights[j] = exp(0.5 * product);
        }
        for (size_t c = 0; c < size; c++) {
            double mean = 0;
            for (size_t j = starts[i]; j < ends[i]; j++) mean += weights[j] / sum * value[j * stride + c];
            require(fabs(output[i * apart + c] - mean) < 1e-5, "attention", isa);
        }
        ck_attend(
            isa, query + i * apart, 1, apart, &starts[i], &ends[i], key, value, stride, size, 0.5f, scores, keys, alone);
        require(memcmp(alone, output + i * apart, size * sizeof(float)) == 0, "attention of one query", isa);
    }
    free(query), free(key), free(value), free(scores), free(output), free(weights), free(alone);
}

static void check_codebook(int32_t isa) {
    const size_t rows = between(0, 30), size = between(1, 200), dimension = between(1, 40);
    float *codewords = random_floats(size * dimension), *input = random_floats(rows * dimension);
    float *packed = buffer(ck_codebook_packed_size(isa, size, dimension) * sizeof(float));
    int32_t *codes = buffer(rows * sizeof(int32_t)), *again = buffer(rows * sizeof(int32_t));
    ck_codebook_pack(isa, codewords, size, dimension, packed);
    ck_nearest(isa, NULL, packed, codewords, size, dimension, input, rows, codes, NULL);
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
    float *other = buffer(rows * dimension * sizeof(float)), *unpacked = buffer(size * dimension * sizeof(float));
    memcpy(other, input, rows * dimension * sizeof(float));
    ck_nearest(isa, NULL, packed, codewords, size, dimension, input, rows, again, input);
    for (size_t t = 0; t < rows; t++) require(codes[t] == again[t], "quantize", isa);
    ck_nearest(isa, NULL, packed, NULL, size, dimension, other, rows, again, other);
    require(memcmp(input, other, rows * dimension * sizeof(float)) == 0, "quantize without rows of codewords", isa);
    ck_codebook_unpack(isa, packed, size, dimension, unpacked);
    require(memcmp(codewords, unpacked, size * dimension * sizeof(float)) == 0, "unpack", isa);
    free(codewords), free(input), free(packed), free(codes), free(again), free(other), free(unpacked);
}

static void check_scores(int32_t isa) {
    const size_t rows = between(1, 20), size = between(1, 200), dimension = between(1, 40);
    float *codewords = random_floats(size * dimension), *input = random_floats(rows * dimension);
    float *packed = buffer(ck_codebook_packed_size(isa, size, dimension) * sizeof(float));
    float *scores = buffer(rows * size * sizeof(float));
    int32_t *codes = buffer(rows * sizeof(int32_t));
    ck_codebook_pack(isa, codewords, size, dimension, packed);
    ck_codebook_scores(isa, packed, size, dimension, input, rows, scores);
    ck_nearest(isa, NULL, packed, codewords, size, dimension, input, rows, codes, NULL);
    for (size_t t = 0; t < rows; t++) {
        const float *row = scores + t * size;
        for (size_t i = 0; i < size; i++) {
            double score = 0;
            for (size_t c = 0; c < dimension; c++) {
                const double e = codewords[i * dimension + c];
                score += input[t * dimension + c] * e - e * e / 2;
            }
            require(fabs(row[i] - score) < 1e-5 * (1 + (double)dimension), "codebook scores", isa);
            require(row[i] <= row[codes[t]], "the nearest codeword's score", isa);
        }
        const size_t start = between(0, size);
        const float bar = row[between(0, size - 1)];
        size_t first = start;
        while (first < size && !(row[first] > bar)) first++;
        require(ck_first_above(isa, row, start, size, bar) == first, "first above", isa);
    }
    free(codewords), free(input), free(packed), free(scores), free(codes);
}

static void check_quantized(int32_t isa) {
    const ck_quantized s = {between(1, 150), between(1, 200), between(0, 1) ? 8 : 4, between(1, 70)};
    const size_t rows = between(1, 9), groups = (s.inputs + s.group - 1) / s.group;
    int8_t *codes = buffer(s.outputs * s.inputs);
    for (size_t i = 0; i < s.outputs * s.inputs; i++) codes[i] = (int8_t)((int)between(0, (1u << s.bits) - 1) - (1 << (s.bits - 1)));
    float *scales = random_floats(s.outputs * groups), *input = random_floats(rows * s.inputs);
    float *residual = random_floats(rows * s.outputs), *output = buffer(rows * s.outputs * sizeof(float));
    void *packed = buffer(ck_quantized_packed_size(isa, &s));
    ck_quantized_pack(isa, &s, codes, scales, packed);
    const ck_epilogue epilogue = {.activation = CK_IDENTITY, .residual = residual};
    ck_quantized_product(isa, &s, packed, input, rows, &epilogue, output);
    for (size_t t = 0; t < rows; t++) {
        for (size_t o = 0; o < s.outputs; o++) {
            double sum = residual[t * s.outputs + o], size = 1;
            for (size_t c = 0; c < s.inputs; c++) {
                const double product = (double)scales[o * groups + c / s.group] * codes[o * s.inputs + c] * input[t * s.inputs + c];
                sum += product;
                size += fabs(product);
            }
            require(fabs(output[t * s.outputs + o] - sum) < 2e-6 * size, "quantized product", isa);
        }
    }
    free(codes), free(scales), free(input), free(residual), free(output), free(packed);
}

static void check_integer_products(int32_t isa) {
    const size_t rows = between(1, 150), columns = between(1, 200), vectors = between(0, 9);
    const size_t first = between(0, rows), count = between(0, rows - first);
    int8_t *values = buffer(rows * columns);
    int16_t *x = buffer(vectors * columns * sizeof(int16_t));
    int16_t *packed = buffer(ck_integer_packed_size(isa, rows, columns) * sizeof(int16_t));
    int32_t *sums = buffer(vectors * count * sizeof(int32_t)), *output = buffer(vectors * count * sizeof(int32_t));
    int32_t *multipliers = buffer(vectors * count * sizeof(int32_t)), *biases = buffer(vectors * count * sizeof(int32_t));
    for (size_t i = 0; i < rows * columns; i++) values[i] = (int8_t)(next() >> 8);
    for (size_t i = 0; i < vectors * columns; i++) x[i] = (int16_t)(next() >> 8);
    for (size_t i = 0; i < vectors * count; i++) multipliers[i] = (int32_t)(next() >> 3), biases[i] = (int32_t)next();
    ck_integer_pack(isa, values, rows, columns, packed);
    ck_integer_products(isa, packed, columns, first, count, x, vectors, sums);
    const int32_t greatest = ck_integer_scale(isa, sums, multipliers, biases, vectors * count, output);
    int32_t expected = INT32_MIN;
    for (size_t i = 0; i < vectors * count; i++) {
        int64_t sum = 0;
        for (size_t c = 0; c < columns; c++) {
            sum += (int64_t)values[(first + i % count) * columns + c] * x[i / count * columns + c];
        }
        require((uint32_t)sums[i] == (uint32_t)sum, "integer products", isa);
        const int64_t product = (int64_t)sums[i] * multipliers[i] + ((int64_t)1 << 31);
        const int64_t scaled = (product - (product & 0xFFFFFFFF)) / ((int64_t)1 << 32) + biases[i];
        require((uint32_t)output[i] == (uint32_t)scaled, "integer scale", isa);
        if (output[i] > expected) expected = output[i];
    }
    require(greatest == expected, "greatest integer", isa);
    free(values), free(x), free(packed), free(sums), free(output), free(multipliers), free(biases);
}

/// Enough rows to be shared, on one thread and on several.
static void check_shared_convolution(int32_t isa) {
    const ck_convolution s = {between(30, 90), between(30, 90), between(1, 7), between(1, 2), between(1, 3), 1};
    const size_t rows = between(1000, 3000), values = rows * s.out_channels, span = (s.kernel - 1) * s.dilation + 1;
    float *input = random_floats(((rows - 1) * s.stride + span) * s.in_channels);
    float *weight = random_floats(s.out_channels * s.in_channels * s.kernel);
    float *packed = buffer(ck_packed_size(isa, &s) * sizeof(float));
    float *alone = buffer(values * sizeof(float)), *shared = buffer(values * sizeof(float));
    const ck_epilogue epilogue = {.activation = CK_TANH};
    ck_pack(isa, &s, weight, NULL, packed);
    ck_pool *pool = ck_pool_create();
    ck_pool_set_threads(pool, between(2, 5));
    ck_convolve(isa, NULL, &s, packed, input, rows, 0, &epilogue, alone);
    ck_convolve(isa, pool, &s, packed, input, rows, 0, &epilogue, shared);
    ck_pool_destroy(pool);
    require(memcmp(alone, shared, values * sizeof(float)) == 0, "convolution on several threads", isa);
    free(input), free(weight), free(packed), free(alone), free(shared);
}

/// Sums over the items that a stage has seen and the stages that an item has passed, in order.
typedef struct passage {
    uint64_t *items, *sums;
} passage;

static void pass_stage(void *context, size_t item, size_t stage) {
    const passage *p = context;
    p->sums[stage] = p->sums[stage] * 31 + p->items[item];
    p->items[item] = p->items[item] * 17 + p->sums[stage];
}

static void add_piece(void *context, size_t piece) { ((uint64_t *)context)[piece] += piece; }

static void check_pipeline(void) {
    const size_t items = between(0, 30), stages = between(1, 9);
    uint64_t values[2][30], sums[2][9];
    for (size_t run = 0; run < 2; run++) {
        for (size_t i = 0; i < 30; i++) values[run][i] = i;
        for (size_t i = 0; i < 9; i++) sums[run][i] = 1;
        ck_pool *pool = ck_pool_create();
        ck_pool_set_threads(pool, run == 0 ? 1 : between(2, 5));
        passage p = {values[run], sums[run]};
        ck_task tasks[30];
        for (size_t i = 0; i < items; i++) tasks[i] = (ck_task){0, stages, i, 0};
        ck_pipeline(pool, tasks, items, stages, pass_stage, &p);
        ck_concurrently(pool, 30, add_piece, values[run]);
        ck_pool_destroy(pool);
    }
    require(memcmp(values[0], values[1], sizeof values[0]) == 0, "pipeline", -1);
    require(memcmp(sums[0], sums[1], sizeof sums[0]) == 0, "pipeline", -1);
}

static void check_all(int32_t isa) {
    check_convolution(isa), check_activations(isa), check_rows(isa), check_attention(isa), check_codebook(isa);
    check_scores(isa), check_quantized(isa), check_integer_products(isa);
}

int main(int count, char **arguments) {
    const int shapes = count > 1 ? atoi(arguments[1]) : 300;
    for (int i = 0; i < shapes; i++) check_pipeline();
    for (int32_t isa = CK_PORTABLE; isa <= CK_AVX512; isa++) {
        if (!ck_available(isa)) continue;
        for (int i = 0; i < shapes; i++) check_all(isa);
        for (int i = 0; i < shapes / 30; i++) check_shared_convolution(isa);
        printf("instruction set %d: %d shapes\n", isa, shapes);
    }
    return 0;
}
