#ifndef CODETTA_CKERNELS_H
#define CODETTA_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Codetta's compute kernels, reached through the Kernels module.
///
/// Every function takes the instruction set to run on first; it must be available. Activations are channels-last,
/// `[rows, channels]` Float32. A row's result is the same to the bit however many rows a call has: each output element
/// is one chain of operations whose order depends on the shape of the weights, and of a convolution's row its place in the stream, alone.

/// Instruction sets that kernels are compiled for, best last.
enum ck_instruction_set {
    CK_PORTABLE = 0,
    CK_NEON = 1,
    CK_AVX2 = 2,
    CK_AVX512 = 3,
};

/// Whether this processor and operating system run the kernels of `isa`.
bool ck_available(int32_t isa);

/// Lets calls be shared over `count` threads, 1 to 64, this one included: `ck_pipeline` and `ck_concurrently`, and where
/// it is worth it convolutions and codebook searches; 1, the start, is none but the caller. The results are the same to
/// the bit. Returns how many there are: fewer when the system gives no more. For the whole process; callers that meet while
/// the threads are taken, and calls within calls, work alone.
size_t ck_set_threads(size_t count);

/// What `ck_set_threads` returned last.
size_t ck_threads(void);

/// A piece of work that passes the stages from `first_stage` up to, not including, `end_stage` in order, on one thread.
typedef struct ck_task {
    size_t first_stage, end_stage;
    /// Its place among the tasks of these stages, from 0: each stage takes them in this order, one at a time.
    size_t index;
    /// Tasks that must have passed the stage before the first; 0 where it needs nothing of them.
    size_t needed;
} ck_task;

/// A task in one of its stages.
typedef void ck_stage_function(void *_Nonnull context, size_t task, size_t stage);

/// Does `count` tasks on the threads of `ck_set_threads`, begun in the order in which they are given. A task may need only tasks
/// before it. Tasks of one stage follow each other, so that a stage may keep a state from one to the next. On average they
/// must be worth more than waking a thread, some 50 µs.
void ck_pipeline(
    const ck_task *_Nullable tasks, size_t count, size_t stages, ck_stage_function *_Nonnull work, void *_Nonnull context);

/// A piece of `ck_concurrently`.
typedef void ck_piece_function(void *_Nonnull context, size_t piece);

/// Does `count` pieces of work that do not depend on each other on the threads of `ck_set_threads`.
void ck_concurrently(size_t count, ck_piece_function *_Nonnull work, void *_Nonnull context);

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

/// Output frames before the first of a call, or as many as there are, whose input windows must precede the call's input in
/// memory. Above 0 where neighbouring frames are computed together (minimal filtering).
size_t ck_lead(int32_t isa, const ck_convolution *_Nonnull shape);

/// Writes `rows` output frames `[rows, out_channels]` of the convolution over
/// `input` `[(rows - 1) · stride + (kernel - 1) · dilation + 1, in_channels]`.
///
/// `position` is the index of the first of them in its stream. The `stride` · min(`position`, `ck_lead`) input frames that precede `input`
/// in the stream must precede it in memory.
void ck_convolve(
    int32_t isa, const ck_convolution *_Nonnull shape, const float *_Nonnull packed, const float *_Nullable input,
    size_t rows, size_t position, const ck_epilogue *_Nonnull epilogue, float *_Nullable output);

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

/// Queries that attention takes together at most.
#define CK_ATTEND_QUERIES 4

/// One head of attention for `queries` queries of `size` floats, `query_stride` floats apart: writes the mean of the values weighted by
/// softmax(scale · q·k), `size` floats a query, to `output`, as far apart. Query i sees the keys and values [starts[i], ends[i]), at
/// least one, `stride` floats apart. `scale` is above 0. `scores` is scratch: CK_ATTEND_QUERIES times `room` floats, as many as a
/// query sees keys at most.
void ck_attend(
    int32_t isa, const float *_Nonnull query, size_t queries, size_t query_stride, const size_t *_Nonnull starts,
    const size_t *_Nonnull ends, const float *_Nonnull keys, const float *_Nonnull values, size_t stride, size_t size, float scale,
    float *_Nonnull scores, size_t room, float *_Nonnull output);

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

/// Writes the codewords of a packed codebook to `codewords` `[size, dimension]`.
void ck_codebook_unpack(
    int32_t isa, const float *_Nonnull packed, size_t size, size_t dimension, float *_Nonnull codewords);

/// Writes the index of the codeword with the greatest x·e − ‖e‖²/2 of each row of `input` `[rows, dimension]` to
/// `codes`; the lowest index wins a tie, a row of NaN gets 0. `size` is at least 1.
/// Unless `residual` is NULL, the chosen codeword is then subtracted from its rows, which may be `input` itself; a little faster
/// where `codewords` has them in rows and is not NULL.
void ck_nearest(
    int32_t isa, const float *_Nonnull packed, const float *_Nullable codewords, size_t size, size_t dimension,
    const float *_Nullable input, size_t rows, int32_t *_Nullable codes, float *_Nullable residual);

/// Writes x·e − ‖e‖²/2 of every row x of `input` `[rows, dimension]` and every codeword e to `scores` `[rows, size]`:
/// the values that `ck_nearest` compares, to the bit.
void ck_codebook_scores(
    int32_t isa, const float *_Nonnull packed, size_t size, size_t dimension, const float *_Nonnull input, size_t rows,
    float *_Nonnull scores);

/// The least index from `start` on whose value is above `bar`, or `count` if there is none.
size_t ck_first_above(int32_t isa, const float *_Nonnull values, size_t start, size_t count, float bar);

/// Numbers of int16 that a packed matrix of 8-bit integers takes.
size_t ck_integer_packed_size(int32_t isa, size_t rows, size_t columns);

/// Packs `values` `[rows, columns]` for `ck_integer_products` on the same instruction set.
void ck_integer_pack(
    int32_t isa, const int8_t *_Nonnull values, size_t rows, size_t columns, int16_t *_Nonnull packed);

/// Writes the dot products of the `count` rows from `first` on and each vector of `x` `[vectors, columns]` to `sums`
/// `[vectors, count]`, modulo 2^32: exact, and so equal on every instruction set, where no sum leaves 32 bits.
void ck_integer_products(
    int32_t isa, const int16_t *_Nonnull packed, size_t columns, size_t first, size_t count, const int16_t *_Nonnull x,
    size_t vectors, int32_t *_Nonnull sums);

/// Writes ⌊sum · multiplier / 2^32 + 1/2⌋ + bias, modulo 2^32, for each of `count` sums to `output`, which may be `sums`.
/// Returns the greatest.
int32_t ck_integer_scale(
    int32_t isa, const int32_t *_Nonnull sums, const int32_t *_Nonnull multipliers, const int32_t *_Nonnull biases,
    size_t count, int32_t *_Nonnull output);

/// Runs the compression function of SHA-256 over `count` blocks of 64 bytes. `state` is its eight words, `constants` its 64 round
/// constants. False, with nothing done, where the processor has no instructions for it (x86 alone is looked at).
bool ck_sha256(
    uint32_t *_Nonnull state, const uint32_t *_Nonnull constants, const uint8_t *_Nullable blocks, size_t count);

/// What a profile tells apart, beside the shape.
typedef enum ck_profiled_kernel {
    CK_PROFILED_CONVOLUTION,
    CK_PROFILED_CODEBOOK,
    CK_PROFILED_QUANTIZED_PRODUCT,
    CK_PROFILED_ATTENTION,
    CK_PROFILED_ACTIVATION,
    CK_PROFILED_ADDITION,
    CK_PROFILED_NORM,
} ck_profiled_kernel;

/// The time of all calls of a kernel with a shape.
typedef struct ck_profile_entry {
    int32_t kernel;
    /// Of kernels that are no convolution, the channels that go in and come out, all else 1.
    ck_convolution shape;
    uint64_t calls;
    uint64_t rows;
    uint64_t nanoseconds;
} ck_profile_entry;

/// Starts or ends counting, for the whole process. What was counted stays.
void ck_set_profiling(bool on);

/// Forgets what was counted.
void ck_clear_profile(void);

/// Entries that a profile has at most.
size_t ck_profile_capacity(void);

/// The time now for `ck_profile_end`, or 0 where nothing is counted.
uint64_t ck_profile_start(void);

/// Counts a call that began at `start`, unless that is 0.
void ck_profile_end(uint64_t start, int32_t kernel, const ck_convolution *_Nonnull shape, size_t rows);

/// Copies up to `most` entries of what was counted so far; returns how many.
size_t ck_profile(ck_profile_entry *_Nonnull copies, size_t most);

/// Runs `steps` steps of independent multiply-adds on registers and returns a value that depends on all of them:
/// timed, it measures the peak that kernels are held against.
float ck_multiply_add_peak(int32_t isa, size_t steps);

/// Multiply-adds in one of those steps.
size_t ck_multiply_adds_per_step(int32_t isa);

#endif
