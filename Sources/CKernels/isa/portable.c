// Any processor: the compiler's generic 4-lane vectors and 4 × 8 register tiles. Products are rounded before they are added.
#include <string.h>

#include "../table.h"

#define TABLE ck_portable
#define FUNCTION static
#define INLINE static inline __attribute__((always_inline))
#define LANES 4
#define TILE_ROWS 4
#define TILE_VECTORS 2

// If the compiler made FMA of multiply and add in some loops only, results would depend on the number of rows.
#pragma STDC FP_CONTRACT OFF

typedef float V __attribute__((vector_size(16)));
typedef uint32_t U __attribute__((vector_size(16)));
typedef int32_t I __attribute__((vector_size(16)));
typedef double D __attribute__((vector_size(32)));

INLINE V vset(float x) { return (V){x, x, x, x}; }
INLINE V vload(const float *p) {
    V x;
    memcpy(&x, p, sizeof x);
    return x;
}
INLINE V vload_first(const float *p, size_t n) {
    V x = {0};
    for (size_t i = 0; i < n; i++) x[i] = p[i];
    return x;
}
INLINE void vstore(float *p, V x) { memcpy(p, &x, sizeof x); }
INLINE void vstore_first(float *p, V x, size_t n) {
    for (size_t i = 0; i < n; i++) p[i] = x[i];
}
INLINE V vadd(V a, V b) { return a + b; }
INLINE V vsub(V a, V b) { return a - b; }
INLINE V vmul(V a, V b) { return a * b; }
INLINE V vdiv(V a, V b) { return a / b; }
INLINE V vsqrt(V a) {
    return (V){__builtin_sqrtf(a[0]), __builtin_sqrtf(a[1]), __builtin_sqrtf(a[2]), __builtin_sqrtf(a[3])};
}
INLINE V vfma(V a, V b, V c) { return a * b + c; }
// In double the product of two floats is exact. Where the sum cancels, the rounding of the product would show.
INLINE V vfma_exact(V a, V b, V c) {
    return __builtin_convertvector(
        __builtin_convertvector(a, D) * __builtin_convertvector(b, D) + __builtin_convertvector(c, D), V);
}
INLINE U vbits(V a) { return (U)a; }
INLINE V ufloat(U a) { return (V)a; }
INLINE U uset(uint32_t x) { return (U){x, x, x, x}; }
INLINE U uadd(U a, U b) { return a + b; }
INLINE U uand(U a, U b) { return a & b; }
INLINE U uor(U a, U b) { return a | b; }
INLINE U ushift_exponent(U a) { return a << 23; }
INLINE void ustore(uint32_t *p, U a) { memcpy(p, &a, sizeof a); }
INLINE U uload(const void *p) {
    U x;
    memcpy(&x, p, sizeof x);
    return x;
}
/// In each lane, adds the product of the low halves and the product of the high halves of b and c to a. All are signed.
INLINE U uadd_pair_products(U a, U b, U c) {
    const U low = (U)((I)(b << 16) >> 16) * (U)((I)(c << 16) >> 16);
    return a + low + (U)((I)b >> 16) * (U)((I)c >> 16);
}
INLINE U iload_bytes(const int8_t *p) { return (U)(I){p[0], p[1], p[2], p[3]}; }
INLINE U ilow_nibble(U a) { return (U)((I)(a << 28) >> 28); }
INLINE U ihigh_nibble(U a) { return (U)((I)a >> 4); }
INLINE V ifloat(U a) { return __builtin_convertvector((I)a, V); }
INLINE U uselect(U mask, U a, U b) { return (mask & a) | (~mask & b); }
INLINE V vselect_ge(V x, V y, V a, V b) { return (V)uselect((U)(x >= y), (U)a, (U)b); }
INLINE V vselect_gt(V x, V y, V a, V b) { return (V)uselect((U)(x > y), (U)a, (U)b); }
INLINE U uselect_gt(V x, V y, U a, U b) { return uselect((U)(x > y), a, b); }
INLINE V vmin(V a, V b) { return vselect_gt(b, a, a, b); }
INLINE V vmax(V a, V b) { return vselect_gt(a, b, a, b); }

#include "../templates/table.h"
