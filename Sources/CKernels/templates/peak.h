// The rate to hold the other kernels against: multiply-adds on registers alone.

#define PEAK_CHAINS 12

FUNCTION float multiply_add_peak(size_t steps) {
    V sum[PEAK_CHAINS];
    // A multiplier that the compiler cannot see through, and that keeps the sums finite.
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
