// Convolution as a matrix product that reads the channels-last input in place. Output row t is the product of the
// weights with the input rows from t · stride on, which overlap those of the next output row.
#include <stdlib.h>
#include <string.h>

/// Bytes of input that stay in L2 while all panels are read, and the fewest rows that reading the weights pays for.
#define BLOCK_BYTES (384 << 10)
#define BLOCK_LEAST_ROWS 96
/// Rows of a panel that stay in or near L1 while they are multiplied with all rows of the block.
#define REDUCTION_CHUNK 384

/// One block of output rows of one group.
typedef struct product {
    operands first;      // those of output row 0 and panel 0
    const float *bias;
    size_t rows, outputs;
    size_t first_row, first_column, pitch;  // where the block lies in the output `[…, pitch]`
    const ck_epilogue *epilogue;
    float *output;
} product;

INLINE bool has_work(const ck_epilogue *e) { return e->activation != CK_IDENTITY || e->residual; }

/// Computes the columns [column, column + columns) of all rows of a block with one call of a tile function.
INLINE void product_strip(const product *p, convolution_tile_function *tile, size_t column, size_t columns) {
    operands o = p->first;
    o.panel += column / PANEL_WIDTH * o.panel_pitch;
    float *values = p->output + p->first_row * p->pitch + p->first_column + column;
    tile_output t = {values, p->pitch, columns, p->bias + column};
    tile(&o, &t);
    if (has_work(p->epilogue))
        finish_block(p->epilogue, p->output, p->first_row, p->first_column + column, p->rows, columns, p->pitch);
}

/// A block of one or two rows. The weights are read once, so as many panels are computed at a time as there are registers for.
FUNCTION void product_few_rows(const product *p) {
    const size_t step = PANEL_WIDTH * (p->rows == 1 ? PANELS_FOR_ONE_ROW : PANELS_FOR_TWO_ROWS);
    size_t column = 0;
    for (; column + step <= p->outputs; column += step)
        product_strip(p, p->rows == 1 ? one_row_tile : two_row_tile, column, step);
    for (; column < p->outputs; column += PANEL_WIDTH) {
        const size_t columns = p->outputs - column < PANEL_WIDTH ? p->outputs - column : PANEL_WIDTH;
        product_strip(p, (columns <= LANES ? narrow_tiles : full_tiles)[p->rows - 1], column, columns);
    }
}

/// Adds the products of one panel with a part of the inputs (`o`), for all rows of the block, tile by tile.
FUNCTION void product_panel(const product *p, operands o, size_t column, bool starts, bool ends) {
    const size_t columns = p->outputs - column < PANEL_WIDTH ? p->outputs - column : PANEL_WIDTH;
    convolution_tile_function *const *tiles = columns <= LANES ? narrow_tiles : full_tiles;
    const cut rows = cut_evenly(p->rows, TILE_ROWS);
    const float *input = o.input;
    float *corner = p->output + p->first_row * p->pitch + p->first_column + column;
    for (size_t part = 0; part < rows.parts; part++) {
        const size_t row = cut_start(rows, part), count = cut_start(rows, part + 1) - row;
        o.input = input + row * o.row;
        tile_output t = {corner + row * p->pitch, p->pitch, columns, starts ? p->bias + column : NULL};
        tiles[count - 1](&o, &t);
        if (ends && has_work(p->epilogue)) {
            finish_block(
                p->epilogue, p->output, p->first_row + row, p->first_column + column, count, columns, p->pitch);
        }
    }
}

FUNCTION void product_many_rows(const product *p) {
    const operands all = p->first;
    const size_t length = all.length < REDUCTION_CHUNK ? all.length : REDUCTION_CHUNK;
    const size_t segments = all.length < REDUCTION_CHUNK ? REDUCTION_CHUNK / all.length : 1;
    for (size_t column = 0; column < p->outputs; column += PANEL_WIDTH) {
        const float *panel = all.panel + column / PANEL_WIDTH * all.panel_pitch;
        for (size_t s = 0; s < all.segments; s += segments) {
            for (size_t c = 0; c < all.length; c += length) {
                operands o = all;
                o.input += s * all.gap + c;
                o.panel = panel + (s * all.length + c) * PANEL_WIDTH;
                o.segments = all.segments - s < segments ? all.segments - s : segments;
                o.length = all.length - c < length ? all.length - c : length;
                const bool ends = s + o.segments == all.segments && c + o.length == all.length;
                product_panel(p, o, column, s == 0 && c == 0, ends);
            }
        }
    }
}

/// Whether the input should be copied with its rows further apart. Rows whose distance is a multiple of 4 kB fall into the same set of
/// the L1 cache. A tile with more rows than the set has ways, usually 8, then evicts its own inputs. For narrow inputs
/// the copy would cost more than it saves.
INLINE bool rows_collide(const ck_convolution *shape, size_t rows) {
    const size_t distance = shape->stride * shape->in_channels * sizeof(float);
    return TILE_ROWS > 8 && rows > 8 && shape->in_channels >= 64 && distance % 4096 == 0;
}

FUNCTION void convolve_block(
    const ck_convolution *shape, const float *packed, const float *input, size_t input_pitch, size_t first_row,
    size_t rows, const ck_epilogue *epilogue, float *output) {
    const size_t inputs = shape->in_channels / shape->groups, outputs = shape->out_channels / shape->groups;
    const size_t reduction = inputs * shape->kernel, panels = panel_count(outputs);
    const size_t gap = shape->dilation * input_pitch;
    const bool contiguous = gap == inputs || shape->kernel == 1;
    for (size_t g = 0; g < shape->groups; g++) {
        const float *group = packed + g * panel_group_size(outputs, reduction);
        product p = {
            .first = {
                .input = input + g * inputs, .row = shape->stride * input_pitch,
                .segments = contiguous ? 1 : shape->kernel, .length = contiguous ? reduction : inputs, .gap = gap,
                .panel = group, .panel_pitch = reduction * PANEL_WIDTH,
            },
            .bias = group + panels * PANEL_WIDTH * reduction,
            .rows = rows, .outputs = outputs,
            .first_row = first_row, .first_column = g * outputs, .pitch = shape->out_channels,
            .epilogue = epilogue, .output = output,
        };
        if (rows <= 2) product_few_rows(&p);
        else product_many_rows(&p);
    }
}

FUNCTION void convolve_as_matrix(
    const ck_convolution *shape, const float *packed, const float *input, size_t rows, const ck_epilogue *epilogue,
    float *output) {
    const size_t row_bytes = shape->stride * shape->in_channels * sizeof(float);
    const size_t fitting = BLOCK_BYTES / row_bytes;
    const cut blocks = cut_evenly(rows, fitting > BLOCK_LEAST_ROWS ? fitting : BLOCK_LEAST_ROWS);
    const size_t overlap = (shape->kernel - 1) * shape->dilation + 1;
    const size_t spread = shape->in_channels + 16;
    float *copy = NULL;
    if (rows_collide(shape, rows))
        copy = malloc(((cut_start(blocks, 1) - 1) * shape->stride + overlap) * spread * sizeof(float));
    for (size_t b = 0; b < blocks.parts; b++) {
        const size_t row = cut_start(blocks, b), count = cut_start(blocks, b + 1) - row;
        const float *from = input + row * shape->stride * shape->in_channels;
        size_t pitch = shape->in_channels;
        if (copy) {
            const size_t frames = (count - 1) * shape->stride + overlap;
            for (size_t f = 0; f < frames; f++)
                memcpy(copy + f * spread, from + f * pitch, pitch * sizeof(float));
            from = copy;
            pitch = spread;
        }
        convolve_block(shape, packed, from, pitch, row, count, epilogue, output);
    }
    free(copy);
}
