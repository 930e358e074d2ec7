// AVX-512F: 16 lanes, 12 × 32 register tiles (24 of 32 registers accumulate).
#if defined(__x86_64__)

#include <immintrin.h>

#include "../table.h"

#define TABLE ck_avx512
#define TARGET __attribute__((target("avx512f")))
#define FUNCTION static TARGET
#define INLINE static inline __attribute__((always_inline)) TARGET
#define LANES 16
#define TILE_ROWS 12
#define TILE_VECTORS 2

typedef __m512 V;
typedef __m512i U;

INLINE __mmask16 tail_mask(size_t n) { return (__mmask16)((1u << n) - 1); }

INLINE V vset(float x) { return _mm512_set1_ps(x); }
INLINE V vload(const float *p) { return _mm512_loadu_ps(p); }
INLINE V vload_first(const float *p, size_t n) { return _mm512_maskz_loadu_ps(tail_mask(n), p); }
INLINE void vstore(float *p, V x) { _mm512_storeu_ps(p, x); }
INLINE void vstore_first(float *p, V x, size_t n) { _mm512_mask_storeu_ps(p, tail_mask(n), x); }
INLINE V vadd(V a, V b) { return _mm512_add_ps(a, b); }
INLINE V vsub(V a, V b) { return _mm512_sub_ps(a, b); }
INLINE V vmul(V a, V b) { return _mm512_mul_ps(a, b); }
INLINE V vdiv(V a, V b) { return _mm512_div_ps(a, b); }
INLINE V vsqrt(V a) { return _mm512_sqrt_ps(a); }
INLINE V vfma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
INLINE V vfma_exact(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
INLINE V vmin(V a, V b) { return _mm512_min_ps(a, b); }
INLINE V vmax(V a, V b) { return _mm512_max_ps(a, b); }
INLINE U vbits(V a) { return _mm512_castps_si512(a); }
INLINE V ufloat(U a) { return _mm512_castsi512_ps(a); }
INLINE U uset(uint32_t x) { return _mm512_set1_epi32((int32_t)x); }
INLINE U uadd(U a, U b) { return _mm512_add_epi32(a, b); }
INLINE U uand(U a, U b) { return _mm512_and_si512(a, b); }
INLINE U uor(U a, U b) { return _mm512_or_si512(a, b); }
INLINE U ushift_exponent(U a) { return _mm512_slli_epi32(a, 23); }
INLINE void ustore(uint32_t *p, U a) { _mm512_storeu_si512(p, a); }
INLINE U uload(const void *p) { return _mm512_loadu_si512(p); }
/// In each lane, adds the product of the low halves and the product of the high halves of b and c to a. All are signed.
INLINE U uadd_pair_products(U a, U b, U c) {
    const __m256i low = _mm256_madd_epi16(_mm512_castsi512_si256(b), _mm512_castsi512_si256(c));
    const __m256i high = _mm256_madd_epi16(_mm512_extracti64x4_epi64(b, 1), _mm512_extracti64x4_epi64(c, 1));
    return _mm512_add_epi32(a, _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1));
}
INLINE U iload_bytes(const int8_t *p) { return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)); }
INLINE U ilow_nibble(U a) { return _mm512_srai_epi32(_mm512_slli_epi32(a, 28), 28); }
INLINE U ihigh_nibble(U a) { return _mm512_srai_epi32(a, 4); }
INLINE V ifloat(U a) { return _mm512_cvtepi32_ps(a); }
INLINE V vselect_ge(V x, V y, V a, V b) { return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, y, _CMP_GE_OQ), b, a); }
INLINE V vselect_gt(V x, V y, V a, V b) { return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, y, _CMP_GT_OQ), b, a); }
INLINE U uselect_gt(V x, V y, U a, U b) {
    return _mm512_mask_blend_epi32(_mm512_cmp_ps_mask(x, y, _CMP_GT_OQ), b, a);
}
#define HAS_SUM_LANES
INLINE float sum_lanes(V x) {
    const __m256 upper = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1));
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), upper);
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#include "../templates/table.h"

#endif
