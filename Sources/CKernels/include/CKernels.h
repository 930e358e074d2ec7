#ifndef CODETTA_CKERNELS_H
#define CODETTA_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Codetta's compute kernels, reached through the Kernels module.
///
/// Every kernel takes the instruction set to run on first; it must be available. Activations are channels-last,
/// `[rows, channels]` Float32. A row's result is the same to the bit however many rows a call has and however many threads compute
/// it: each output element is one chain of operations. The order of the chain depends on the shape of the weights alone, and for some
/// convolutions also on the row's place in the stream.

/// Instruction sets that kernels are compiled for, best last.
enum ck_instruction_set {
    CK_PORTABLE = 0,
    CK_NEON = 1,
    CK_AVX2 = 2,
    CK_AVX512 = 3,
};

/// Whether this processor and operating system run the kernels of `isa`.
bool ck_available(int32_t isa);

/// Threads that compute calls together. Every function of a pool may be called from any thread at any time, by several at once.
///
/// One call has the pool's threads at a time. Calls that come meanwhile, and calls that the work of a call makes, run on their own
/// thread alone. NULL stands for a pool without threads of its own.
///
/// In the child of a fork a pool starts new threads when it is next used, whatever the parent's threads were doing. Only a call
/// whose own work forked cannot go on in the child.
typedef struct ck_pool ck_pool;

/// A pool of one thread, the caller's, or NULL without memory.
ck_pool *_Nullable ck_pool_create(void);

/// Ends the threads of a pool that no call uses any more.
void ck_pool_destroy(ck_pool *_Nullable pool);

/// Lets a call take `count` threads, 1 to 64, the caller's included. Returns how many there are: fewer where the system gives no
/// more. The results are the same to the bit for any number.
size_t ck_pool_set_threads(ck_pool *_Nullable pool, size_t count);

/// What `ck_pool_set_threads` returned last; 1 before that.
size_t ck_pool_threads(ck_pool *_Nullable pool);

/// Multiply-adds of all convolutions and codebook searches on the pool so far, counted from their shapes.
uint64_t ck_pool_multiply_adds(ck_pool *_Nullable pool);

/// A piece of work that passes the stages from `first_stage` up to, but not including, `end_stage` in order, on one thread.
typedef struct ck_task {
    size_t first_stage, end_stage;
    /// Its place among the tasks of these stages, from 0: each stage takes them in this order, one at a time.
    size_t index;
    /// Tasks that must have passed the stage before `first_stage`, counted from the first; 0 where it needs none of them.
    size_t needed;
} ck_task;

/// Does one stage of a task.
typedef void ck_stage_function(void *_Nonnull context, size_t task, size_t stage);

/// Does `count` tasks on the threads of the pool, begun in the order in which they are given. A task may need only tasks
/// before it. The tasks of one stage follow each other, so a stage may keep a state from one to the next. On average a task
/// must be worth more than waking a thread, about 50 µs.
void ck_pipeline(
    ck_pool *_Nullable pool, const ck_task *_Nullable tasks, size_t count, size_t stages, ck_stage_function *_Nonnull work,
    void *_Nonnull context);

/// Does one piece of `ck_concurrently`.
typedef void ck_piece_function(void *_Nonnull context, size_t piece);

/// Does `count` pieces of work that do not depend on each other on the threads of the pool.
void ck_concurrently(ck_pool *_Nullable pool, size_t count, ck_piece_function *_Nonnull work, void *_Nonnull context);

/// Takes the lock in `word`, which is 0 at the start. A lock is for work of microseconds or work done once: waiting threads look
/// at it again and again. In the child of a fork a lock that a thread of the parent held is free.
void ck_lock_take(uint32_t *_Nonnull word);

/// Releases the lock, which the caller has taken.
void ck_lock_release(uint32_t *_Nonnull word);

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

/// The last step of a kernel, applied to each finished value x: `activation(x) + residual`.
typedef struct ck_epilogue {
    int32_t activation;
    /// The slope of the leaky ReLU or the alpha of the ELU.
    float parameter;
    /// Snake's alpha, one per channel; NULL for the others.
    const float *_Nullable alpha;
    /// The divisors of Snake's periodic part, one per channel, where they are not its alpha (SnakeBeta); else NULL.
    const float *_Nullable beta;
    /// `[rows, channels]` added last, or NULL.
    const float *_Nullable residual;
} ck_epilogue;

/// The shape of a valid (unpadded) convolution. `groups` divides both channel counts; no member is zero.
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

/// How many output frames before the first one of a call must have their input windows in memory too, right before the call's
/// input; at the start of a stream, as many as there are. Above 0 where neighbouring frames are computed together (minimal filtering).
size_t ck_lead(int32_t isa, const ck_convolution *_Nonnull shape);

/// Writes `rows` output frames `[rows, out_channels]` of the convolution over
/// `input` `[(rows - 1) · stride + (kernel - 1) · dilation + 1, in_channels]`.
///
/// `position` is the index of the first of them in its stream. The `stride` · min(`position`, `ck_lead`) input frames that precede
/// `input` in the stream must precede it in memory. Calls of over 4 million multiply-adds are shared over the threads of the pool.
void ck_convolve(
    int32_t isa, ck_pool *_Nullable pool, const ck_convolution *_Nonnull shape, const float *_Nonnull packed,
    const float *_Nullable input, size_t rows, size_t position, const ck_epilogue *_Nonnull epilogue, float *_Nullable output);

/// Applies an epilogue to `values` `[rows, channels]` in place.
void ck_activate(
    int32_t isa, const ck_epilogue *_Nonnull epilogue, float *_Nullable values, size_t rows, size_t channels);

/// `x += scale · y` over `[rows, channels]`; `scale` has one value per channel, or is NULL for 1.
void ck_add(
    int32_t isa, const float *_Nullable y, const float *_Nullable scale, float *_Nullable x, size_t rows,
    size_t channels);

/// Layer normalisation of `input` `[rows, channels]` over channels, into `output`; `weight` and `bias` may be NULL.
void ck_layer_norm(
    int32_t isa, const float *_Nullable input, const float *_Nullable weight, const float *_Nullable bias,
    float epsilon, float *_Nullable output, size_t rows, size_t channels);

/// The most queries that attention computes together.
#define CK_ATTEND_QUERIES 4

/// One head of attention. For each of `queries` queries q it writes the mean of the values, weighted by softmax(scale · q·k), to
/// `output`. A query and its output have `size` floats; each starts `query_stride` floats after the one before. Query i sees the
/// keys and values [starts[i], ends[i]), at least one; these start `stride` floats after each other. `scale` is above 0.
/// `scores` is scratch memory of CK_ATTEND_QUERIES times `room` floats, where `room` is the most keys that a query sees.
void ck_attend(
    int32_t isa, const float *_Nonnull query, size_t queries, size_t query_stride, const size_t *_Nonnull starts,
    const size_t *_Nonnull ends, const float *_Nonnull keys, const float *_Nonnull values, size_t stride, size_t size, float scale,
    float *_Nonnull scores, size_t room, float *_Nonnull output);

/// The shape of a matrix of small integers, with a scale for every `group` inputs of an output. No member is zero.
typedef struct ck_quantized {
    size_t inputs;
    size_t outputs;
    /// Bits of a code, 8 or 4, in two's complement.
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

/// For each row x of `input` `[rows, dimension]`, writes the index of the codeword e with the greatest x·e − ‖e‖²/2 to
/// `codes`. The lowest index wins a tie; a row of NaN gets 0. `size` is at least 1.
/// Unless `residual` is NULL, each row's codeword is then subtracted from the row of `residual`, which may be `input` itself. This is
/// a little faster where `codewords`, the codewords as rows, is not NULL. Large calls are shared over the threads of the pool.
void ck_nearest(
    int32_t isa, ck_pool *_Nullable pool, const float *_Nonnull packed, const float *_Nullable codewords, size_t size,
    size_t dimension, const float *_Nullable input, size_t rows, int32_t *_Nullable codes, float *_Nullable residual);

/// Writes x·e − ‖e‖²/2 of every row x of `input` `[rows, dimension]` and every codeword e to `scores` `[rows, size]`:
/// the values that `ck_nearest` compares, to the bit.
void ck_codebook_scores(
    int32_t isa, const float *_Nonnull packed, size_t size, size_t dimension, const float *_Nonnull input, size_t rows,
    float *_Nonnull scores);

/// The least index, from `start` on, of a value above `bar`, or `count` if there is none.
size_t ck_first_above(int32_t isa, const float *_Nonnull values, size_t start, size_t count, float bar);

/// How many int16 a packed matrix of 8-bit integers takes.
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
/// constants. Returns false, with nothing done, where the processor has no instructions for it; only those of x86 are used.
bool ck_sha256(
    uint32_t *_Nonnull state, const uint32_t *_Nonnull constants, const uint8_t *_Nullable blocks, size_t count);

/// The times of calls, by kernel and shape. Its functions may be called from several threads at once.
typedef struct ck_profile ck_profile;

/// The time of all calls of a kernel with one shape.
typedef struct ck_profile_entry {
    /// The number that the caller gave the kernel.
    int32_t kernel;
    ck_convolution shape;
    uint64_t calls;
    uint64_t rows;
    uint64_t nanoseconds;
} ck_profile_entry;

/// A profile without entries, or NULL without memory.
ck_profile *_Nullable ck_profile_create(void);

/// Frees a profile that nobody uses any more.
void ck_profile_destroy(ck_profile *_Nonnull profile);

/// The most entries that a profile has.
size_t ck_profile_capacity(void);

/// Counts a call. Where the profile is full, calls of further kernels and shapes are not counted.
void ck_profile_add(
    ck_profile *_Nonnull profile, int32_t kernel, const ck_convolution *_Nonnull shape, size_t rows, uint64_t nanoseconds);

/// Copies up to `most` entries of what was counted so far. Returns how many.
size_t ck_profile_entries(ck_profile *_Nonnull profile, ck_profile_entry *_Nonnull copies, size_t most);

/// Runs `steps` steps of independent multiply-adds on registers and returns a value that depends on all of them. Its time gives
/// the processor's peak rate, which kernels are compared with.
float ck_multiply_add_peak(int32_t isa, size_t steps);

/// Multiply-adds in one of those steps.
size_t ck_multiply_adds_per_step(int32_t isa);

#endif
