/* What the tests of the C library have in common. Each test is a program that ends with 0, or names the line that failed. */
#ifndef CHECK_H
#define CHECK_H

#include <codetta.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is printed beside a condition that does not hold. */
#ifndef CHECK_MESSAGE
#define CHECK_MESSAGE codetta_last_message()
#endif

/* Ends the program unless `condition` holds. */
#define EXPECT(condition)                                                                                      \
    do {                                                                                                       \
        if (!(condition)) {                                                                                    \
            fprintf(stderr, "%s:%d: %s; last message: %s\n", __FILE__, __LINE__, #condition, CHECK_MESSAGE); \
            exit(1);                                                                                           \
        }                                                                                                      \
    } while (0)

/* Ends the program unless a call ends well. */
#define OK(call) EXPECT((call) == CODETTA_OK)

/* Ends the program unless a call fails with `status` and a message that holds `words`. */
#define FAILS(call, status, words)                                                                             \
    do {                                                                                                       \
        const codetta_status found_ = (call);                                                                  \
        if (found_ != (status) || !strstr(codetta_last_message(), words)) {                                    \
            fprintf(stderr, "%s:%d: %s gave %d (%s): %s\n", __FILE__, __LINE__, #call, (int)found_,           \
                    codetta_status_name(found_), codetta_last_message());                                      \
            exit(1);                                                                                           \
        }                                                                                                      \
    } while (0)

/* The folder of models of the checkout. */
#define MODEL "Models/codetta-24k"

/* The tests' model. */
static inline codetta_model *load_model(void) {
    codetta_model *model = NULL;
    OK(codetta_model_load(MODEL, &model));
    return model;
}

/* A number that looks random, in 0 ... bound - 1. */
static inline uint64_t random_below(uint64_t bound) {
    static uint64_t state = 1;
    state += 0x9E3779B97F4A7C15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (z ^ (z >> 31)) % bound;
}

/* Tones that differ by channel, and a little noise: sample t of channel c. */
static inline float tone(int64_t t, int c) {
    return 0.3f * sinf(0.031f * (float)t * (float)(c + 1)) + 0.1f * sinf(0.17f * (float)t) + 0.01f * sinf(0.001f * (float)(t * t % 100003));
}

/* [channels][samples] tones. */
static inline float *make_tones(int channels, int64_t samples) {
    float *values = malloc(sizeof *values * (size_t)channels * (size_t)samples + 1);
    EXPECT(values);
    for (int c = 0; c < channels; c++)
        for (int64_t t = 0; t < samples; t++) values[c * samples + t] = tone(t, c);
    return values;
}

/* The facts of codes. */
static inline codetta_codes_info info_of(const codetta_codes *codes) {
    codetta_codes_info info;
    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    OK(codetta_codes_get_info(codes, &info));
    return info;
}

/* The values of codes, to be freed with free(). */
static inline int32_t *values_of(const codetta_codes *codes) {
    const codetta_codes_info info = info_of(codes);
    int32_t *values = malloc(sizeof *values * (size_t)info.count + 1);
    EXPECT(values);
    OK(codetta_codes_get(codes, values, info.count));
    return values;
}

/* Whether two codes have the same values and the same length. */
static inline int same_codes(const codetta_codes *a, const codetta_codes *b) {
    const codetta_codes_info x = info_of(a), y = info_of(b);
    if (x.count != y.count || x.frames != y.frames || x.samples != y.samples || x.tracks != y.tracks) return 0;
    int32_t *p = values_of(a), *q = values_of(b);
    const int same = memcmp(p, q, sizeof *p * (size_t)x.count) == 0;
    free(p);
    free(q);
    return same;
}

/* All audio of codes, [channels][samples], to be freed with free(). */
static inline float *decode_all(const codetta_model *model, const codetta_codes *codes) {
    const codetta_codes_info info = info_of(codes);
    float *values = calloc((size_t)info.channels * (size_t)info.samples + 1, sizeof *values);
    EXPECT(values);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, info.channels, info.samples);
    OK(codetta_decode(model, codes, NULL, &audio));
    return values;
}

#endif
