/* Threads: eight at a time share a model and a stream, objects are freed under calls, and a flag ends a long call. */
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static codetta_model *model;
static codetta_codes *expected;
static codetta_audio audio;
static codetta_encoder *shared;

static void *code(void *unused) {
    (void)unused;
    for (int i = 0; i < 5; i++) {
        codetta_codes *codes;
        OK(codetta_encode(model, &audio, 24000, NULL, &codes));
        EXPECT(same_codes(codes, expected));
        free(decode_all(model, codes));
        OK(codetta_free(codes));
        FAILS(codetta_free(codes), CODETTA_USAGE, "freed before");
    }
    return NULL;
}

static void *push(void *unused) {
    (void)unused;
    for (int i = 0; i < 20; i++) {
        codetta_codes *codes = NULL;
        codetta_audio part = audio;
        part.samples = 480;
        const codetta_status status = codetta_encoder_push(shared, &part, &codes);
        EXPECT(status == CODETTA_OK || (status == CODETTA_USAGE && strstr(codetta_last_message(), "no such encoder")));
        EXPECT((codes != NULL) == (status == CODETTA_OK));
        OK(codetta_free(codes));
    }
    return NULL;
}

static void in_eight_threads(void *(*work)(void *), void (*meanwhile)(void)) {
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) EXPECT(pthread_create(&threads[i], NULL, work, NULL) == 0);
    if (meanwhile) meanwhile();
    for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
}

static void free_the_shared_one(void) {
    usleep(3000);
    OK(codetta_free(shared));
}

static volatile int32_t stop;

static void on_alarm(int number) {
    (void)number;
    stop = 1;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A signal handler ends an encoding of ten minutes, soon. */
static void a_flag_ends_a_long_call(void) {
    const int64_t samples = (int64_t)24000 * 600;
    float *values = calloc((size_t)samples, sizeof *values);
    EXPECT(values);
    const codetta_audio ten_minutes = codetta_planar(values, CODETTA_FLOAT32, 1, samples);
    codetta_encode_options options;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.cancel = &stop;
    signal(SIGALRM, on_alarm);
    ualarm(50000, 0);
    codetta_codes *codes;
    const double start = seconds();
    FAILS(codetta_encode(model, &ten_minutes, 24000, &options, &codes), CODETTA_CANCELLED, "cancelled");
    EXPECT(codes == NULL);
    fprintf(stderr, "cancelled after %.0f ms\n", 1000 * (seconds() - start));
    /* A stream that was ended early is at its end. */
    codetta_encoder *encoder;
    OK(codetta_encoder_create(model, 24000, 1, &options, &encoder));
    FAILS(codetta_encoder_push(encoder, &audio, &codes), CODETTA_CANCELLED, "cancelled");
    FAILS(codetta_encoder_push(encoder, &audio, &codes), CODETTA_USAGE, "encoder: used after its end");
    OK(codetta_free(encoder));
    free(values);
}

int main(void) {
    model = load_model();
    float *values = make_tones(1, 30000);
    audio = codetta_planar(values, CODETTA_FLOAT32, 1, 30000);
    OK(codetta_encode(model, &audio, 24000, NULL, &expected));
    OK(codetta_set_threads(model, 3));
    in_eight_threads(code, NULL);
    OK(codetta_encoder_create(model, 24000, 1, NULL, &shared));
    in_eight_threads(push, NULL);
    codetta_codes *rest;
    OK(codetta_encoder_finish(shared, &rest));
    OK(codetta_free(rest));
    OK(codetta_free(shared));
    OK(codetta_encoder_create(model, 24000, 1, NULL, &shared));
    in_eight_threads(push, free_the_shared_one);
    a_flag_ends_a_long_call();
    OK(codetta_free(model));
    OK(codetta_free(expected));
    free(values);
    return 0;
}
