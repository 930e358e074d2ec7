/*
 * From samples to tokens and back.
 *
 *   cc tokens.c $(pkg-config --cflags --libs codetta) -lm -o tokens && ./tokens tone.codetta
 */
#include <codetta.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the program with the library's words, and with the status that the command would have. */
static void must(codetta_status status) {
    if (status == CODETTA_OK) return;
    fprintf(stderr, "tokens: %s\n", codetta_last_message());
    exit((int)status);
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "tone.codetta";

    codetta_model *model;
    must(codetta_model_load("codetta-24k", &model));

    /* A second and one sample of stereo at 44.1 kHz, the two channels beside each other. */
    enum { SAMPLES = 44101, RATE = 44100 };
    static float samples[SAMPLES][2];
    for (int t = 0; t < SAMPLES; t++) samples[t][0] = samples[t][1] = sinf((float)t / 20) / 4;
    const codetta_audio audio = codetta_interleaved(samples, CODETTA_FLOAT32, 2, SAMPLES);

    /* What is zero has its default. */
    codetta_encode_options options = {0};
    options.size = sizeof options;
    options.kilobits = 6;
    codetta_codes *codes;
    must(codetta_encode(model, &audio, RATE, &options, &codes));
    must(codetta_codes_set_tag(codes, "title", "a tone"));
    must(codetta_write(codes, path, NULL));
    must(codetta_free(codes));

    /* Back from the file: the same rate, the same channels, the very number of samples. */
    must(codetta_read(path, NULL, &codes));
    codetta_codes_info info = {0};
    info.size = sizeof info;
    must(codetta_codes_get_info(codes, &info));
    float *decoded = malloc(sizeof *decoded * (size_t)info.channels * (size_t)info.samples);
    if (!decoded) return 1;
    const codetta_audio out = codetta_planar(decoded, CODETTA_FLOAT32, info.channels, info.samples);
    must(codetta_decode(model, codes, NULL, &out));
    printf("%lld samples on %d channels at %d Hz from %lld codes of %s, %.1f kb/s\n", (long long)info.samples, (int)info.channels,
           (int)info.sample_rate, (long long)info.count, info.model, info.kilobits);

    free(decoded);
    must(codetta_free(codes));
    must(codetta_free(model));
    return 0;
}
