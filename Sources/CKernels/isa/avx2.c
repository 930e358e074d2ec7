// AVX2 with FMA: 8 lanes, 6 × 16 register tiles (12 of 16 registers accumulate).
#if defined(__x86_64__)

#include <immintrin.h>

#include "../table.h"

#define TABLE ck_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define FUNCTION static TARGET
#define INLINE static inline __attribute__((always_inline)) TARGET
#define LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2

typedef __m256 V;
typedef __m256i U;

static const int32_t tail_masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

INLINE __m256i tail_mask(size_t n) { return _mm256_loadu_si256((const __m256i *)(tail_masks + 8 - n)); }

INLINE V vset(float x) { return _mm256_set1_ps(x); }
INLINE V vload(const float *p) { return _mm256_loadu_ps(p); }
INLINE V vload_first(const float *p, size_t n) { return _mm256_maskload_ps(p, tail_mask(n)); }
INLINE void vstore(float *p, V x) { _mm256_storeu_ps(p, x); }
INLINE void vstore_first(float *p, V x, size_t n) { _mm256_maskstore_ps(p, tail_mask(n), x); }
INLINE V vadd(V a, V b) { return _mm256_add_ps(a, b); }
INLINE V vsub(V a, V b) { return _mm256_sub_ps(a, b); }
INLINE V vmul(V a, V b) { return _mm256_mul_ps(a, b); }
INLINE V vdiv(V a, V b) { return _mm256_div_ps(a, b); }
INLINE V vsqrt(V a) { return _mm256_sqrt_ps(a); }
INLINE V vfma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
INLINE V vfma_exact(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
INLINE V vmin(V a, V b) { return _mm256_min_ps(a, b); }
INLINE V vmax(V a, V b) { return _mm256_max_ps(a, b); }
INLINE U vbits(V a) { return _mm256_castps_si256(a); }
INLINE V ufloat(U a) { return _mm256_castsi256_ps(a); }
INLINE U uset(uint32_t x) { return _mm256_set1_epi32((int32_t)x); }
INLINE U uadd(U a, U b) { return _mm256_add_epi32(a, b); }
INLINE U uand(U a, U b) { return _mm256_and_si256(a, b); }
INLINE U uor(U a, U b) { return _mm256_or_si256(a, b); }
INLINE U ushift_exponent(U a) { return _mm256_slli_epi32(a, 23); }
INLINE void ustore(uint32_t *p, U a) { _mm256_storeu_si256((__m256i *)p, a); }
INLINE U uload(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
/// In each lane, adds the product of the low halves and the product of the high halves of b and c to a. All are signed.
INLINE U uadd_pair_products(U a, U b, U c) { return _mm256_add_epi32(a, _mm256_madd_epi16(b, c)); }
INLINE U iload_bytes(const int8_t *p) { return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p)); }
INLINE U ilow_nibble(U a) { return _mm256_srai_epi32(_mm256_slli_epi32(a, 28), 28); }
INLINE U ihigh_nibble(U a) { return _mm256_srai_epi32(a, 4); }
INLINE V ifloat(U a) { return _mm256_cvtepi32_ps(a); }
INLINE V vselect_ge(V x, V y, V a, V b) { return _mm256_blendv_ps(b, a, _mm256_cmp_ps(x, y, _CMP_GE_OQ)); }
INLINE V vselect_gt(V x, V y, V a, V b) { return _mm256_blendv_ps(b, a, _mm256_cmp_ps(x, y, _CMP_GT_OQ)); }
INLINE U uselect_gt(V x, V y, U a, U b) {
    return _mm256_blendv_epi8(b, a, _mm256_castps_si256(_mm256_cmp_ps(x, y, _CMP_GT_OQ)));
}
#define HAS_SUM_LANES
INLINE float sum_lanes(V x) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#include "../templates/table.h"

#endif
