// NEON on 64-bit ARM: 4 lanes, 6 × 16 register tiles (24 of 32 registers accumulate).
#if defined(__aarch64__)

#include <arm_neon.h>
#include <string.h>

#include "../table.h"

#define TABLE ck_neon
#define FUNCTION static
#define INLINE static inline __attribute__((always_inline))
#define LANES 4
#define TILE_ROWS 6
#define TILE_VECTORS 4

typedef float32x4_t V;
typedef uint32x4_t U;

INLINE V vset(float x) { return vdupq_n_f32(x); }
INLINE V vload(const float *p) { return vld1q_f32(p); }
INLINE V vload_first(const float *p, size_t n) {
    float values[4] = {0};
    for (size_t i = 0; i < n; i++) values[i] = p[i];
    return vld1q_f32(values);
}
INLINE void vstore(float *p, V x) { vst1q_f32(p, x); }
INLINE void vstore_first(float *p, V x, size_t n) {
    float values[4];
    vst1q_f32(values, x);
    for (size_t i = 0; i < n; i++) p[i] = values[i];
}
INLINE V vadd(V a, V b) { return vaddq_f32(a, b); }
INLINE V vsub(V a, V b) { return vsubq_f32(a, b); }
INLINE V vmul(V a, V b) { return vmulq_f32(a, b); }
INLINE V vdiv(V a, V b) { return vdivq_f32(a, b); }
INLINE V vsqrt(V a) { return vsqrtq_f32(a); }
INLINE V vfma(V a, V b, V c) { return vfmaq_f32(c, a, b); }
INLINE V vfma_exact(V a, V b, V c) { return vfmaq_f32(c, a, b); }
INLINE V vmin(V a, V b) { return vminq_f32(a, b); }
INLINE V vmax(V a, V b) { return vmaxq_f32(a, b); }
INLINE U vbits(V a) { return vreinterpretq_u32_f32(a); }
INLINE V ufloat(U a) { return vreinterpretq_f32_u32(a); }
INLINE U uset(uint32_t x) { return vdupq_n_u32(x); }
INLINE U uadd(U a, U b) { return vaddq_u32(a, b); }
INLINE U uand(U a, U b) { return vandq_u32(a, b); }
INLINE U uor(U a, U b) { return vorrq_u32(a, b); }
INLINE U ushift_exponent(U a) { return vshlq_n_u32(a, 23); }
INLINE void ustore(uint32_t *p, U a) { vst1q_u32(p, a); }
INLINE U uload(const void *p) { return vreinterpretq_u32_u8(vld1q_u8(p)); }
/// In each lane, adds the product of the low halves and the product of the high halves of b and c to a. All are signed.
INLINE U uadd_pair_products(U a, U b, U c) {
    const int32x4_t x = vreinterpretq_s32_u32(b), y = vreinterpretq_s32_u32(c);
    const int32x4_t low = vmlaq_s32(
        vreinterpretq_s32_u32(a), vshrq_n_s32(vshlq_n_s32(x, 16), 16), vshrq_n_s32(vshlq_n_s32(y, 16), 16));
    return vreinterpretq_u32_s32(vmlaq_s32(low, vshrq_n_s32(x, 16), vshrq_n_s32(y, 16)));
}
INLINE U iload_bytes(const int8_t *p) {
    uint32_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return vreinterpretq_u32_s32(vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u32(vdup_n_u32(bytes))))));
}
INLINE U ilow_nibble(U a) { return vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_u32(vshlq_n_u32(a, 28)), 28)); }
INLINE U ihigh_nibble(U a) { return vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_u32(a), 4)); }
INLINE V ifloat(U a) { return vcvtq_f32_s32(vreinterpretq_s32_u32(a)); }
INLINE V vselect_ge(V x, V y, V a, V b) { return vbslq_f32(vcgeq_f32(x, y), a, b); }
INLINE V vselect_gt(V x, V y, V a, V b) { return vbslq_f32(vcgtq_f32(x, y), a, b); }
INLINE U uselect_gt(V x, V y, U a, U b) { return vbslq_u32(vcgtq_f32(x, y), a, b); }

#include "../templates/table.h"

#endif
