// Matrix times vector in integers, in a form that compilers turn into each instruction set's pairwise multiply-adds. Unsigned sums
// wrap where signed ones would be undefined.

FUNCTION void integer_products(const int16_t *rows, size_t count, size_t length, const int16_t *x, int32_t *sums) {
    for (size_t r = 0; r < count; r++) {
        const int16_t *row = rows + r * length;
        uint32_t sum = 0;
        for (size_t i = 0; i < length; i++) sum += (uint32_t)((int32_t)row[i] * (int32_t)x[i]);
        sums[r] = (int32_t)sum;
    }
}
