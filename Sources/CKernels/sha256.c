// The compression function of SHA-256 (FIPS 180-4, section 6.2.2) with the instructions that some processors have for it.
#include "CKernels.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>

#define TARGET __attribute__((target("sha,sse4.1")))

static bool ask_processor(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1)) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/// The processor is asked once. In a virtual machine the host answers, which takes longer than compressing a block.
static bool has_instructions(void) {
    enum { UNKNOWN, NO, YES };
    static atomic_int known = UNKNOWN;
    if (atomic_load_explicit(&known, memory_order_relaxed) == UNKNOWN)
        atomic_store_explicit(&known, ask_processor() ? YES : NO, memory_order_relaxed);
    return atomic_load_explicit(&known, memory_order_relaxed) == YES;
}

TARGET static void compress(__m128i *abef, __m128i *cdgh, const uint32_t *constants, const uint8_t *block) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const __m128i first = *abef, second = *cdgh;
    __m128i x = first, y = second, w[4];
    for (int i = 0; i < 4; i++)
        w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 16 * i)), big_endian);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {  // four rounds each
        const __m128i input = _mm_add_epi32(w[i % 4], _mm_loadu_si128((const __m128i *)(constants + 4 * i)));
        y = _mm_sha256rnds2_epu32(y, x, input);
        x = _mm_sha256rnds2_epu32(x, y, _mm_shuffle_epi32(input, 0x0e));
        const __m128i before = w[(i + 3) % 4], shifted = _mm_alignr_epi8(before, w[(i + 2) % 4], 4);
        w[i % 4] = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]), shifted), before);
    }
    *abef = _mm_add_epi32(x, first);
    *cdgh = _mm_add_epi32(y, second);
}

TARGET static void compress_all(uint32_t *state, const uint32_t *constants, const uint8_t *blocks, size_t count) {
    const __m128i abcd = _mm_loadu_si128((const __m128i *)state), efgh = _mm_loadu_si128((const __m128i *)(state + 4));
    const __m128i badc = _mm_shuffle_epi32(abcd, 0xb1), hgfe = _mm_shuffle_epi32(efgh, 0x1b);
    __m128i abef = _mm_alignr_epi8(badc, hgfe, 8), cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
    for (size_t i = 0; i < count; i++) compress(&abef, &cdgh, constants, blocks + 64 * i);
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

bool ck_sha256(uint32_t *state, const uint32_t *constants, const uint8_t *blocks, size_t count) {
    if (!has_instructions()) return false;
    compress_all(state, constants, blocks, count);
    return true;
}

#else

bool ck_sha256(uint32_t *state, const uint32_t *constants, const uint8_t *blocks, size_t count) {
    (void)state, (void)constants, (void)blocks, (void)count;
    return false;
}

#endif
