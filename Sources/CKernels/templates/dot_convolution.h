// Convolution to very few output channels, such as to the one channel of a waveform. A panel of weights would be mostly filler,
// so the lanes of a vector hold parts of one sum instead. Packed as `[out, kernel, in/groups]`, then the bias `[out]`.

#define DOT_ROWS 8
#define DOT_BLOCK_ROWS 64

FUNCTION void pack_dot(const ck_convolution *shape, const float *weight, const float *bias, float *packed) {
    const size_t channels = shape->in_channels / shape->groups;
    for (size_t o = 0; o < shape->out_channels; o++)
        for (size_t c = 0; c < channels; c++)
            for (size_t k = 0; k < shape->kernel; k++)
                packed[(o * shape->kernel + k) * channels + c] = weight[(o * channels + c) * shape->kernel + k];
    packed += shape->out_channels * channels * shape->kernel;
    for (size_t o = 0; o < shape->out_channels; o++) packed[o] = bias ? bias[o] : 0;
}

/// The products of one output channel's weights with `rows` rows. Lane l sums the inputs l, l + LANES, … of each segment.
INLINE void dot_tile(const int rows, const operands *o, float bias, float *output, size_t pitch) {
    V sum[DOT_ROWS];
    UNROLL for (int i = 0; i < rows; i++) sum[i] = vset(0);
    for (size_t s = 0; s < o->segments; s++) {
        const float *w = o->panel + s * o->length, *x = o->input + s * o->gap;
        size_t c = 0;
        for (; c + LANES <= o->length; c += LANES) {
            const V weight = vload(w + c);
            UNROLL for (int i = 0; i < rows; i++) sum[i] = vfma(weight, vload(x + i * o->row + c), sum[i]);
        }
        if (c < o->length) {
            const V weight = vload_first(w + c, o->length - c);
            UNROLL for (int i = 0; i < rows; i++)
                sum[i] = vfma(weight, vload_first(x + i * o->row + c, o->length - c), sum[i]);
        }
    }
    UNROLL for (int i = 0; i < rows; i++) output[i * pitch] = bias + sum_lanes(sum[i]);
}

FUNCTION void convolve_as_dot(
    const ck_convolution *shape, const float *packed, const float *input, size_t rows, const ck_epilogue *epilogue,
    float *output) {
    const size_t channels = shape->in_channels / shape->groups, per_group = shape->out_channels / shape->groups;
    const size_t reduction = channels * shape->kernel, gap = shape->dilation * shape->in_channels;
    const bool contiguous = gap == channels || shape->kernel == 1;
    const float *bias = packed + shape->out_channels * reduction;
    operands o = {
        .row = shape->stride * shape->in_channels, .segments = contiguous ? 1 : shape->kernel,
        .length = contiguous ? reduction : channels, .gap = gap,
    };
    for (size_t start = 0; start < rows; start += DOT_BLOCK_ROWS) {
        const size_t end = rows - start < DOT_BLOCK_ROWS ? rows : start + DOT_BLOCK_ROWS;
        for (size_t t = start; t < end;) {
            const size_t count = end - t < DOT_ROWS ? 1 : DOT_ROWS;
            for (size_t out = 0; out < shape->out_channels; out++) {
                o.input = input + t * o.row + out / per_group * channels;
                o.panel = packed + out * reduction;
                float *to = output + t * shape->out_channels + out;
                if (count == DOT_ROWS) dot_tile(DOT_ROWS, &o, bias[out], to, shape->out_channels);
                else dot_tile(1, &o, bias[out], to, shape->out_channels);
            }
            t += count;
        }
        finish_block(epilogue, output, start, 0, end - start, shape->out_channels, shape->out_channels);
    }
}
