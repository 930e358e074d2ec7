// Chooses the kernel of a convolution, from its shape alone and never from the number of rows.

typedef enum path { PATH_MATRIX, PATH_MINIMAL, PATH_DEPTHWISE, PATH_DOT } path;

INLINE path choose_path(const ck_convolution *shape) {
    const size_t inputs = shape->in_channels / shape->groups, outputs = shape->out_channels / shape->groups;
    if (inputs == 1 && outputs == 1) return PATH_DEPTHWISE;
    if (as_minimal(shape).taps > 0) return PATH_MINIMAL;
    // With many narrow groups, panels would be mostly filler and several times larger than the weights.
    if (shape->groups > 1 && outputs * 4 < LANES) return PATH_DOT;
    const size_t length = shape->dilation == 1 && shape->groups == 1 ? inputs * shape->kernel : inputs;
    // Vector steps per segment. The dot kernel loads both factors at each step and sums its lanes at the end, hence the factor 2.
    const size_t dot = outputs * ((length + LANES - 1) / LANES) * 2;
    return outputs < LANES && dot < length ? PATH_DOT : PATH_MATRIX;
}

FUNCTION size_t packed_size(const ck_convolution *shape) {
    const size_t inputs = shape->in_channels / shape->groups, outputs = shape->out_channels / shape->groups;
    const minimal_shape minimal = as_minimal(shape);
    switch (choose_path(shape)) {
    case PATH_MATRIX: return shape->groups * panel_group_size(outputs, inputs * shape->kernel);
    case PATH_MINIMAL: return minimal_packed_size(&minimal);
    default: return shape->out_channels * (inputs * shape->kernel + 1);
    }
}

FUNCTION size_t lead(const ck_convolution *shape) {
    return choose_path(shape) == PATH_MINIMAL ? as_minimal(shape).dilation : 0;
}

FUNCTION void pack(const ck_convolution *shape, const float *weight, const float *bias, float *packed) {
    const size_t inputs = shape->in_channels / shape->groups, outputs = shape->out_channels / shape->groups;
    switch (choose_path(shape)) {
    case PATH_MINIMAL: return pack_minimal(shape, weight, bias, packed);
    case PATH_DEPTHWISE: return pack_depthwise(shape, weight, bias, packed);
    case PATH_DOT: return pack_dot(shape, weight, bias, packed);
    case PATH_MATRIX:
        for (size_t g = 0; g < shape->groups; g++) {
            pack_panels(
                weight + g * outputs * inputs * shape->kernel, bias ? bias + g * outputs : NULL, outputs, inputs,
                shape->kernel, 0, packed + g * panel_group_size(outputs, inputs * shape->kernel));
        }
    }
}

FUNCTION void convolve(
    const ck_convolution *shape, const float *packed, const float *input, size_t rows, size_t position,
    const ck_epilogue *epilogue, float *output) {
    if (rows == 0) return;
    switch (choose_path(shape)) {
    case PATH_MINIMAL: return convolve_minimal(shape, packed, input, rows, position, epilogue, output);
    case PATH_DEPTHWISE: return convolve_depthwise(shape, packed, input, rows, epilogue, output);
    case PATH_DOT: return convolve_as_dot(shape, packed, input, rows, epilogue, output);
    case PATH_MATRIX: return convolve_as_matrix(shape, packed, input, rows, epilogue, output);
    }
}
