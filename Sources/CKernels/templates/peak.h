// Multiply-adds on registers alone, whose rate the other kernels are compared with.

#define PEAK_CHAINS 12

FUNCTION float multiply_add_peak(size_t steps) {
    V sum[PEAK_CHAINS];
    // The compiler does not know the multiplier, and it keeps the sums finite.
    volatile float seed = 0.5f;
    const V x = vset(seed), y = vset(seed);
    UNROLL for (int i = 0; i < PEAK_CHAINS; i++) sum[i] = vset((float)i);
    for (size_t s = 0; s < steps; s++)
        UNROLL for (int i = 0; i < PEAK_CHAINS; i++) sum[i] = vfma(sum[i], x, y);
    V total = sum[0];
    UNROLL for (int i = 1; i < PEAK_CHAINS; i++) total = vadd(total, sum[i]);
    return sum_lanes(total);
}

FUNCTION size_t multiply_adds_per_step(void) { return PEAK_CHAINS * LANES; }
