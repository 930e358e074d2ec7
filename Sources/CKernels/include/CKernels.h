#ifndef CODETTA_CKERNELS_H
#define CODETTA_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Codetta's compute kernels, reached through the Tensors module.
///
/// Every function takes the instruction set to run on first; it must be available. Activations are channels-last,
/// `[rows, channels]` Float32. A row's result is the same to the bit however many rows a call has: each output element
/// is one chain of operations whose order depends on the shape of the weights alone.

/// Instruction sets that kernels are compiled for, best last.
enum ck_instruction_set {
    CK_PORTABLE = 0,
    CK_NEON = 1,
    CK_AVX2 = 2,
    CK_AVX512 = 3,
};

/// Whether this processor and operating system run the kernels of `isa`.
bool ck_available(int32_t isa);

/// Lets convolutions and codebook searches share their rows over `count` threads, 1 to 64, this one included, when the
/// work is worth it; 1, the start, is none but the caller. The results are the same to the bit. Returns how many there
/// are: fewer when the system gives no more. For the whole process; callers that meet while the threads are taken work alone.
size_t ck_set_threads(size_t count);

/// What `ck_set_threads` returned last.
size_t ck_threads(void);

/// Multiply-adds of all convolutions and codebook searches of the process so far, by the shapes.
uint64_t ck_multiply_adds(void);

/// Pointwise functions of an epilogue.
enum ck_activation {
    CK_IDENTITY,
    CK_RELU,
    CK_LEAKY_RELU,
    CK_ELU,
    CK_GELU,
    CK_GELU_TANH,
    CK_TANH,
    CK_SIGMOID,
    CK_SILU,
    CK_SNAKE,
};

/// What happens to a finished value: `activation(x) + residual`.
typedef struct ck_epilogue {
    int32_t activation;
    /// Slope of the leaky ReLU, alpha of the ELU.
    float parameter;
    /// Snake's alpha, one a channel; NULL for the others.
    const float *_Nullable alpha;
    /// The divisors of Snake's periodic part, one a channel, where they are not its alpha (SnakeBeta); else NULL.
    const float *_Nullable beta;
    /// `[rows, channels]` added last, or NULL.
    const float *_Nullable residual;
} ck_epilogue;

/// The shape of a valid convolution; `groups` divides both channel counts, none is zero.
typedef struct ck_convolution {
    size_t in_channels;
    size_t out_channels;
    size_t kernel;
    size_t stride;
    size_t dilation;
    size_t groups;
} ck_convolution;

/// Floats that the packed weights and bias of a convolution take.
size_t ck_packed_size(int32_t isa, const ck_convolution *_Nonnull shape);

/// Packs `[out, in/groups, kernel]` weights and a bias (NULL = zeros) into `packed`, aligned to 64 bytes.
void ck_pack(
    int32_t isa, const ck_convolution *_Nonnull shape, const float *_Nonnull weight, const float *_Nullable bias,
    float *_Nonnull packed);

/// Writes `rows` output frames `[rows, out_channels]` of the convolution over
/// `input` `[(rows - 1) · stride + (kernel - 1) · dilation + 1, in_channels]`.
void ck_convolve(
    int32_t isa, const ck_convolution *_Nonnull shape, const float *_Nonnull packed, const float *_Nullable input,
    size_t rows, const ck_epilogue *_Nonnull epilogue, float *_Nullable output);

/// Applies an epilogue to `values` `[rows, channels]` in place.
void ck_activate(
    int32_t isa, const ck_epilogue *_Nonnull epilogue, float *_Nullable values, size_t rows, size_t channels);

/// `x += scale · y` over `[rows, channels]`; `scale` is one value a channel or NULL for 1.
void ck_add(
    int32_t isa, const float *_Nullable y, const float *_Nullable scale, float *_Nullable x, size_t rows,
    size_t channels);

/// Layer normalisation of `input` `[rows, channels]` over channels, into `output`; `weight` and `bias` may be NULL.
void ck_layer_norm(
    int32_t isa, const float *_Nullable input, const float *_Nullable weight, const float *_Nullable bias,
    float epsilon, float *_Nullable output, size_t rows, size_t channels);

/// One head of attention for one query of `size` floats over `count` ≥ 1 keys and values, `stride` floats apart:
/// writes the mean of the values weighted by softmax(scale · q·k), `size` floats, to `output`. `scale` is above 0.
/// `scores` is room for `count` floats.
void ck_attend(
    int32_t isa, const float *_Nonnull query, const float *_Nonnull keys, const float *_Nonnull values, size_t count,
    size_t stride, size_t size, float scale, float *_Nonnull scores, float *_Nonnull output);

/// The shape of a matrix of small integers with a scale for every `group` inputs of an output; none is zero.
typedef struct ck_quantized {
    size_t inputs;
    size_t outputs;
    /// Of a code: 8 or 4, two's complement.
    size_t bits;
    size_t group;
} ck_quantized;

/// Bytes that a packed matrix of such a shape takes.
size_t ck_quantized_packed_size(int32_t isa, const ck_quantized *_Nonnull shape);

/// Packs codes `[outputs, inputs]` and scales `[outputs, ⌈inputs/group⌉]` into `packed`, aligned to 64 bytes.
void ck_quantized_pack(
    int32_t isa, const ck_quantized *_Nonnull shape, const int8_t *_Nonnull codes, const float *_Nonnull scales,
    void *_Nonnull packed);

/// Writes the products `[rows, outputs]` of the matrix scale · code with `input` `[rows, inputs]`, in Float32 throughout.
void ck_quantized_product(
    int32_t isa, const ck_quantized *_Nonnull shape, const void *_Nonnull packed, const float *_Nullable input, size_t rows,
    const ck_epilogue *_Nonnull epilogue, float *_Nullable output);

/// Floats that a packed codebook takes.
size_t ck_codebook_packed_size(int32_t isa, size_t size, size_t dimension);

/// Packs codewords `[size, dimension]` into `packed`, aligned to 64 bytes.
void ck_codebook_pack(
    int32_t isa, const float *_Nonnull codewords, size_t size, size_t dimension, float *_Nonnull packed);

/// Writes the index of the codeword with the greatest x·e − ‖e‖²/2 of each row of `input` `[rows, dimension]` to
/// `codes`; the lowest index wins a tie, a row of NaN gets 0. `size` is at least 1.
/// Unless `residual` is NULL, the chosen codeword is then subtracted from its rows, which may be `input` itself.
void ck_nearest(
    int32_t isa, const float *_Nonnull packed, const float *_Nonnull codewords, size_t size, size_t dimension,
    const float *_Nullable input, size_t rows, int32_t *_Nullable codes, float *_Nullable residual);

/// Writes x·e − ‖e‖²/2 of every row x of `input` `[rows, dimension]` and every codeword e to `scores` `[rows, size]`:
/// the values that `ck_nearest` compares, to the bit.
void ck_codebook_scores(
    int32_t isa, const float *_Nonnull packed, size_t size, size_t dimension, const float *_Nonnull input, size_t rows,
    float *_Nonnull scores);

/// The least index from `start` on whose value is above `bar`, or `count` if there is none.
size_t ck_first_above(int32_t isa, const float *_Nonnull values, size_t start, size_t count, float bar);

/// Writes the dot product of `x` and each of `count` rows of `length` int16 to `sums`, modulo 2^32: exact, and so equal on every
/// instruction set, where no sum leaves 32 bits.
void ck_integer_products(
    int32_t isa, const int16_t *_Nonnull rows, size_t count, size_t length, const int16_t *_Nonnull x,
    int32_t *_Nonnull sums);

/// Runs `steps` steps of independent multiply-adds on registers and returns a value that depends on all of them:
/// timed, it measures the peak that kernels are held against.
float ck_multiply_add_peak(int32_t isa, size_t steps);

/// Multiply-adds in one of those steps.
size_t ck_multiply_adds_per_step(int32_t isa);

#endif
