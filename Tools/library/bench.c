/*
 * What calls of libcodetta cost: start-up, a call, pushing 20 ms, a batch beside its items one by one.
 *
 *   cc -O2 bench.c -ldl -lm -o bench && ./bench .build/library/lib/libcodetta.so.0
 */
#include <codetta.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void *library;

/* A function of the library. */
#define CALL(name) (*(__typeof__(name) **)&(void *){dlsym(library, #name)})

static void must(codetta_status status) {
    if (status == CODETTA_OK) return;
    fprintf(stderr, "bench: %s\n", CALL(codetta_last_message)());
    exit(1);
}

/* The least of `rounds` times that `work` takes, in seconds. */
static double least(int rounds, void (*work)(void)) {
    double best = INFINITY;
    for (int i = 0; i < rounds; i++) {
        const double start = now();
        work();
        best = fmin(best, now() - start);
    }
    return best;
}

enum { CLIPS = 64, CLIP = 24000 * 5, PUSHES = 500 };

static codetta_model *model;
static codetta_encoder *encoder;
static codetta_audio clips[CLIPS], packet, nothing;
static codetta_codes *codes[CLIPS];
static __typeof__(codetta_encoder_push) *push;
static __typeof__(codetta_free) *release;
static __typeof__(codetta_model_get_codebook) *get_codebook;

static void push_all(const codetta_audio *audio) {
    for (int i = 0; i < PUSHES; i++) {
        codetta_codes *known;
        must(push(encoder, audio, &known));
        must(release(known));
    }
}
static void push_packets(void) { push_all(&packet); }
static void push_nothing(void) { push_all(&nothing); }
static void ask(void) {
    codetta_codebook codebook;
    for (int i = 0; i < PUSHES; i++) must(get_codebook(model, 0, &codebook));
}
static void forget(void) {
    for (int i = 0; i < CLIPS; i++) must(release(codes[i]));
}
static void one_by_one(void) {
    __typeof__(codetta_encode) *encode = CALL(codetta_encode);
    for (int i = 0; i < CLIPS; i++) must(encode(model, &clips[i], 24000, NULL, &codes[i]));
    forget();
}
static void as_a_batch(void) {
    must(CALL(codetta_encode_batch)(model, clips, CLIPS, 24000, NULL, codes));
    forget();
}

int main(int argc, char **argv) {
    const double start = now();
    library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (!library) return 64;
    const double opened = now();
    must(CALL(codetta_model_load)("codetta-24k", &model));
    const double loaded = now();
    float *samples = malloc(sizeof *samples * CLIP);
    if (!samples) return 1;
    for (int t = 0; t < CLIP; t++) samples[t] = 0.3f * sinf((float)t * 0.05f);
    packet = codetta_planar(samples, CODETTA_FLOAT32, 1, 480);
    nothing = codetta_planar(samples, CODETTA_FLOAT32, 1, 0);
    for (int i = 0; i < CLIPS; i++) clips[i] = codetta_planar(samples, CODETTA_FLOAT32, 1, CLIP);
    must(CALL(codetta_encode)(model, &packet, 24000, NULL, codes));
    const double encoded = now();
    printf("open the library %.1f ms, load the model %.1f ms, first 20 ms of audio %.1f ms\n", 1e3 * (opened - start), 1e3 * (loaded - opened),
           1e3 * (encoded - loaded));

    push = CALL(codetta_encoder_push);
    release = CALL(codetta_free);
    get_codebook = CALL(codetta_model_get_codebook);
    must(CALL(codetta_encoder_create)(model, 24000, 1, NULL, &encoder));
    printf("call %.3f us, push nothing and free %.2f us, push 20 ms and free %.1f us\n", 1e6 * least(20, ask) / PUSHES,
           1e6 * least(10, push_nothing) / PUSHES, 1e6 * least(5, push_packets) / PUSHES);

    const double single = least(3, one_by_one);
    must(CALL(codetta_set_threads)(model, 2));
    const double batch = least(3, as_a_batch);
    printf("64 clips of 5 s: one by one %.2f s, as a batch on two threads %.2f s (%.2f times as fast)\n", single, batch, single / batch);
    return 0;
}
