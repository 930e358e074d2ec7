// Weight panels: PANEL_WIDTH output channels side by side, input value by input value. The last panel is filled up with zeros.
// Layout of a group: panels `[panel][input value][PANEL_WIDTH]`, then a bias `[panel][PANEL_WIDTH]`.

INLINE size_t panel_count(size_t outputs) { return (outputs + PANEL_WIDTH - 1) / PANEL_WIDTH; }

INLINE size_t panel_group_size(size_t outputs, size_t reduction) {
    return panel_count(outputs) * PANEL_WIDTH * (reduction + 1);
}

/// Packs `[outputs, channels, kernel]` weights; the reduction runs over kernel taps, then channels.
/// `filler` is the bias of the columns past the last output.
FUNCTION void pack_panels(
    const float *weight, const float *bias, size_t outputs, size_t channels, size_t kernel, float filler,
    float *packed) {
    const size_t reduction = channels * kernel, panels = panel_count(outputs);
    float *packed_bias = packed + panels * PANEL_WIDTH * reduction;
    for (size_t o = 0; o < panels * PANEL_WIDTH; o++) {
        float *column = packed + o / PANEL_WIDTH * PANEL_WIDTH * reduction + o % PANEL_WIDTH;
        packed_bias[o] = o >= outputs ? filler : bias ? bias[o] : 0;
        for (size_t c = 0; c < channels; c++)
            for (size_t k = 0; k < kernel; k++)
                column[(k * channels + c) * PANEL_WIDTH] =
                    o < outputs ? weight[(o * channels + c) * kernel + k] : 0;
    }
}

/// Cuts `total` rows into equal runs of at most `most`, so that no short run is left over.
typedef struct cut {
    size_t total, parts;
} cut;

INLINE cut cut_evenly(size_t total, size_t most) { return (cut){total, (total + most - 1) / most}; }

INLINE size_t cut_start(cut c, size_t part) {
    const size_t base = c.total / c.parts, extra = c.total % c.parts;
    return part * base + (part < extra ? part : extra);
}
