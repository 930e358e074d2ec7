// Depthwise convolution, vectorised over channels. Packed as taps `[kernel, channels]`, then the bias `[channels]`.

#define DEPTHWISE_ROWS 8

FUNCTION void pack_depthwise(const ck_convolution *shape, const float *weight, const float *bias, float *packed) {
    const size_t channels = shape->in_channels;
    for (size_t k = 0; k < shape->kernel; k++)
        for (size_t c = 0; c < channels; c++) packed[k * channels + c] = weight[c * shape->kernel + k];
    for (size_t c = 0; c < channels; c++) packed[shape->kernel * channels + c] = bias ? bias[c] : 0;
}

INLINE V load_lanes(const float *p, size_t n) { return n == LANES ? vload(p) : vload_first(p, n); }

/// Computes `rows` output rows of the `lanes` channels that start at `packed` and `input`.
INLINE void depthwise_tile(
    const int rows, const ck_convolution *shape, const float *packed, const float *input, size_t lanes,
    float *output) {
    const size_t channels = shape->in_channels;
    V sum[DEPTHWISE_ROWS];
    UNROLL for (int i = 0; i < rows; i++) sum[i] = load_lanes(packed + shape->kernel * channels, lanes);
    for (size_t k = 0; k < shape->kernel; k++) {
        const V w = load_lanes(packed + k * channels, lanes);
        const float *x = input + k * shape->dilation * channels;
        UNROLL for (int i = 0; i < rows; i++)
            sum[i] = vfma(w, load_lanes(x + i * shape->stride * channels, lanes), sum[i]);
    }
    UNROLL for (int i = 0; i < rows; i++) {
        if (lanes == LANES) vstore(output + i * channels, sum[i]);
        else vstore_first(output + i * channels, sum[i], lanes);
    }
}

INLINE void depthwise_rows(
    const int rows, const ck_convolution *shape, const float *packed, const float *input, float *output) {
    const size_t channels = shape->in_channels, rest = channels % LANES;
    size_t c = 0;
    for (; c + LANES <= channels; c += LANES)
        depthwise_tile(rows, shape, packed + c, input + c, LANES, output + c);
    if (rest) depthwise_tile(rows, shape, packed + c, input + c, rest, output + c);
}

FUNCTION void convolve_depthwise(
    const ck_convolution *shape, const float *packed, const float *input, size_t rows, const ck_epilogue *epilogue,
    float *output) {
    const size_t channels = shape->in_channels, step = shape->stride * channels;
    for (size_t t = 0; t < rows;) {
        const size_t count = rows - t < DEPTHWISE_ROWS ? 1 : DEPTHWISE_ROWS;
        float *to = output + t * channels;
        if (count == DEPTHWISE_ROWS) depthwise_rows(DEPTHWISE_ROWS, shape, packed, input + t * step, to);
        else depthwise_rows(1, shape, packed, input + t * step, to);
        finish_block(epilogue, output, t, 0, count, channels, channels);
        t += count;
    }
}
