/* What random_calls.c passes to functions: handles, audio, options, texts and bytes, most of them right, some wrong in every way. */
#ifndef RANDOM_ARGUMENTS_H
#define RANDOM_ARGUMENTS_H

#include <codetta.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t below(uint64_t bound) {
    state += 0x9E3779B97F4A7C15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (z ^ (z >> 31)) % bound;
}

/* True once in `n` times. */
static int once_in(uint64_t n) { return below(n) == 0; }

/* ---- Handles: those that are alive, and sometimes others ------------------------------------------------------------------- */

enum kind { MODEL, CODES, ENCODER, DECODER, READER, WRITER, KINDS };
enum { SLOTS = 24 };

static void *alive[KINDS][SLOTS];
static void *freed[64];

/* Any handle of this kind, or else of another, a freed one, nonsense or NULL. */
static void *handle(enum kind kind) {
    if (once_in(40)) {
        switch (below(4)) {
        case 0: return NULL;
        case 1: return freed[below(64)];
        case 2: return (void *)(uintptr_t)(below(UINT64_MAX) | (uint64_t)once_in(2) << 63);
        default: kind = (enum kind)below(KINDS);
        }
    }
    for (uint64_t slot = below(SLOTS), tries = 0; tries < SLOTS; tries++, slot = (slot + 1) % SLOTS)
        if (alive[kind][slot]) return alive[kind][slot];
    return NULL;
}

static void drop(enum kind kind, uint64_t slot) {
    if (alive[kind][slot]) {
        freed[below(64)] = alive[kind][slot];
        if (codetta_free(alive[kind][slot]) != CODETTA_OK) abort();
        alive[kind][slot] = NULL;
    }
}

/* Keeps what a call has given, in place of another. The first models stay. */
static void keep(enum kind kind, void *object) {
    if (!object) return;
    const uint64_t slot = kind == MODEL ? 2 + below(SLOTS - 2) : below(SLOTS);
    drop(kind, slot);
    alive[kind][slot] = object;
}

/* ---- Statuses -------------------------------------------------------------------------------------------------------------- */

static uint64_t counts[256];

/* Counts a status. What fails must say why, and give nothing. */
static codetta_status check(codetta_status status, const void *given) {
    counts[status < 256 ? status : 255]++;
    const char *message = codetta_last_message();
    if (status == CODETTA_INTERNAL || (status != CODETTA_OK && (!*message || given || strchr(message, '\n')))) {
        fprintf(stderr, "status %d (%s), gave %p: %s\n", (int)status, codetta_status_name(status), given, message);
        abort();
    }
    return status;
}

/* The call before what it has given is looked at. */
#define took(call, given) (last_status = (call), check(last_status, given))
static codetta_status last_status;

/* ---- Arguments ------------------------------------------------------------------------------------------------------------- */

static float floats[1 << 17];
static int16_t integers[1 << 17];

static int64_t odd_number(void) {
    static const int64_t numbers[] = {0, 1, -1, 2, 1000, -1000, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, (int64_t)1 << 40, (int64_t)1 << 48};
    return numbers[below(sizeof numbers / sizeof *numbers)];
}

/* Audio within the arrays above, with at most `most` samples, or something that must be refused before it is touched. */
static codetta_audio audio(int64_t most) {
    const int is_float = !once_in(3);
    codetta_audio audio;
    memset(&audio, 0, sizeof audio);
    audio.type = is_float ? CODETTA_FLOAT32 : CODETTA_INT16;
    audio.channels = once_in(4) ? 2 : once_in(30) ? 1 + (int32_t)below(8) : 1;
    audio.samples = (int64_t)below((uint64_t)most + 1);
    const int64_t room = (int64_t)(sizeof floats / sizeof *floats);
    int64_t stride = 1, offset = 0;
    if (once_in(3)) {
        audio.sample_stride = audio.channels * stride, audio.channel_stride = stride;
    } else {
        audio.sample_stride = stride, audio.channel_stride = audio.samples;
    }
    if (audio.samples * audio.channels > room) audio.samples = room / audio.channels;
    if (audio.channel_stride > 1) audio.channel_stride = audio.samples;
    if (once_in(8) && audio.samples > 0) {
        offset = (audio.samples - 1) * audio.sample_stride;
        audio.sample_stride = -audio.sample_stride;
    }
    audio.data = is_float ? (void *)(floats + offset) : (void *)(integers + offset);
    if (once_in(60)) {
        switch (below(6)) {
        case 0: audio.samples = -1 - (int64_t)below(10); break;
        case 1: audio.samples = ((int64_t)1 << 48) + 1 + (int64_t)below(1000); break;
        case 2: audio.data = NULL; break;
        case 3: audio.channels = -(int32_t)below(3) * 7; break;
        case 4: audio.channels = 65 + (int32_t)below(1000); break;
        default: audio.type = (codetta_sample_type)(2 + below(1000));
        }
    }
    return audio;
}

static int32_t rate(void) {
    static const int32_t rates[] = {24000, 24000, 24000, 24000, 24000, 24000, 48000, 16000, 44100, 8000, 1000, 768000, 0, -1, 999, 768001, INT32_MAX};
    return rates[once_in(4) ? below(sizeof rates / sizeof *rates) : 0];
}

static const char *text(void) {
    static const char *texts[] = {"title", "speaker", "x", "", "\xff\xfe", "a key", "all", "stoi", "greedy", "beam:2", "rate:2", "codetta", "npy",
                                  "json", "-", "codetta-24k", "%s%n", "../..", "Grüße"};
    return once_in(30) ? NULL : texts[below(sizeof texts / sizeof *texts)];
}

/* A size for a struct of options or facts. */
static size_t size_for(size_t size) { return once_in(60) ? (once_in(2) ? below(size + 1) : (size_t)odd_number()) : size; }

static const int32_t set = 1, clear = 0;

static const codetta_encode_options *encode_options(void) {
    static codetta_encode_options options;
    if (once_in(3)) return NULL;
    memset(&options, 0, sizeof options);
    options.size = size_for(sizeof options);
    if (options.size > sizeof options && options.size <= 4096) options.size = sizeof options;
    if (once_in(3)) options.kilobits = once_in(20) ? NAN : 0.5 * (double)below(14);
    if (once_in(4)) options.codebooks = (int32_t)below(15) - 1;
    if (once_in(8)) options.downmix = (int32_t)below(3);
    if (once_in(30)) options.search = text();
    if (once_in(4)) options.entropy = (codetta_entropy)below(5);
    if (once_in(4)) options.preset = (codetta_preset)below(4);
    if (once_in(10)) options.cancel = once_in(2) ? &set : &clear;
    return &options;
}

static const codetta_decode_options *decode_options(void) {
    static codetta_decode_options options;
    if (once_in(3)) return NULL;
    memset(&options, 0, sizeof options);
    options.size = size_for(sizeof options);
    if (options.size > sizeof options && options.size <= 4096) options.size = sizeof options;
    if (once_in(3)) options.codebooks = (int32_t)below(15) - 1;
    if (once_in(8)) options.ignore_weights = (int32_t)below(3);
    if (once_in(4)) options.live = (int32_t)below(3);
    if (once_in(10)) options.cancel = once_in(2) ? &set : &clear;
    return &options;
}

static const codetta_read_options *read_options(void) {
    static codetta_read_options options;
    if (once_in(3)) return NULL;
    memset(&options, 0, sizeof options);
    options.size = size_for(sizeof options);
    if (options.size > sizeof options && options.size <= 4096) options.size = sizeof options;
    if (!once_in(3)) options.model = handle(MODEL);
    if (once_in(3)) options.lenient = (int32_t)below(3);
    if (once_in(10)) options.cancel = once_in(2) ? &set : &clear;
    return &options;
}

static const codetta_write_options *write_options(void) {
    static const char *formats[] = {"codetta", "codetta", "npy", "npz", "json", "safetensors", "ecdc", "dac", "wav"};
    static codetta_write_options options;
    if (once_in(3)) return NULL;
    memset(&options, 0, sizeof options);
    options.size = size_for(sizeof options);
    if (options.size > sizeof options && options.size <= 4096) options.size = sizeof options;
    if (once_in(2)) options.format = formats[below(9)];
    if (once_in(2)) options.entropy = (codetta_entropy)below(5);
    if (once_in(2)) options.preset = (codetta_preset)below(4);
    if (once_in(8)) options.keep_existing = (int32_t)below(3);
    if (!once_in(3)) options.model = handle(MODEL);
    return &options;
}

/* ---- Bytes of token files, as they were written and damaged ----------------------------------------------------------------- */

static uint8_t *files[SLOTS];
static size_t file_sizes[SLOTS];

static void keep_file(const uint8_t *bytes, size_t size) {
    const uint64_t slot = below(SLOTS);
    free(files[slot]);
    files[slot] = malloc(size + 1);
    if (!files[slot]) abort();
    memcpy(files[slot], bytes, size);
    file_sizes[slot] = size;
    if (once_in(3) && size > 0)
        for (uint64_t i = 1 + below(4); i > 0; i--) files[slot][below(size)] ^= (uint8_t)(1 << below(8));
    if (once_in(6)) file_sizes[slot] = below(size + 1);
}

#endif
