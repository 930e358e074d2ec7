/*
 * Calls the functions of libcodetta at random: right and wrong handles, options, sizes, codes, texts and bytes, in any order.
 *
 *   random_calls CALLS [SEED]
 *
 * Built with AddressSanitizer, as the library is, it ends at the first access outside of what belongs to either side. A call may give
 * any status but CODETTA_INTERNAL, and must store NULL or 0 where it fails. Prints how often each status came.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

#include "random_arguments.h"

/* ---- Calls ------------------------------------------------------------------------------------------------------------------ */

static codetta_codes_info info;

static void call_model(void) {
    codetta_model *model = (codetta_model *)(uintptr_t)1;
    codetta_model_info facts;
    codetta_codebook codebook;
    double kilobits;
    char *json = NULL;
    switch (below(8)) {
    case 0:
        if (once_in(50)) {
            took(codetta_model_load(once_in(8) ? text() : "Models/codetta-24k", &model), model);
            keep(MODEL, model);
        }
        break;
    case 1:
        took(codetta_model_load_bytes(text(), once_in(2) ? "{}" : NULL, below(3), floats, below(100), NULL, below(2), &model), model);
        keep(MODEL, model);
        break;
    case 2:
        facts.size = size_for(sizeof facts);
        if (facts.size > sizeof facts) facts.size = facts.size <= 4096 ? sizeof facts : facts.size;
        took(codetta_model_get_info(handle(MODEL), once_in(40) ? NULL : &facts), NULL);
        break;
    case 3: took(codetta_model_get_codebook(handle(MODEL), (int32_t)odd_number(), &codebook), NULL); break;
    case 4: took(codetta_model_get_kilobits(handle(MODEL), (int32_t)below(15) - 1, &kilobits), NULL); break;
    case 5: took(codetta_set_threads(handle((enum kind)below(KINDS)), (int32_t)below(5) - 1), NULL); break;
    case 6:
        if (once_in(20) && took(codetta_list_models(&json), NULL) == CODETTA_OK) codetta_free(json);
        break;
    default: took(codetta_free(once_in(2) ? NULL : freed[below(64)]), NULL);
    }
}

static void call_codes(void) {
    codetta_codes *codes = (codetta_codes *)(uintptr_t)1;
    codetta_codebook codebook;
    char *given = NULL;
    static int32_t values[1 << 16];
    static codetta_segment segments[64];
    switch (below(9)) {
    case 0: {
        codetta_code_array array;
        memset(&array, 0, sizeof array);
        array.size = size_for(sizeof array);
        if (array.size > sizeof array && array.size <= 4096) array.size = sizeof array;
        array.codes = values;
        array.tracks = 1 + (int32_t)once_in(4);
        array.codebooks = 1 + (int32_t)below(12);
        array.frames = (int64_t)below(200);
        array.count = array.tracks * array.codebooks * array.frames;
        array.samples = once_in(2) ? -1 : (int64_t)below((uint64_t)array.frames * 480 + 1);
        array.sample_rate = once_in(2) ? 0 : rate();
        for (int64_t i = 0; i < array.count; i++) values[i] = (int32_t)below(8);
        if (once_in(10) && array.count > 0) values[below((uint64_t)array.count)] = (int32_t)odd_number();
        if (once_in(20)) array.count = odd_number();
        if (once_in(20)) array.frames = odd_number();
        if (once_in(20)) array.tracks = (int32_t)odd_number();
        if (once_in(20)) array.codebooks = (int32_t)odd_number();
        if (once_in(20)) array.samples = odd_number();
        if (once_in(20)) array.original_channels = (int32_t)odd_number();
        if (once_in(20)) array.codes = NULL;
        if (once_in(20)) array.segments = segments, array.segment_count = once_in(2) ? (int64_t)below(64) : odd_number();
        /* The library may read what the counts say where they agree: no more than there is. */
        if (array.segment_count > 64) array.segments = NULL;
        took(codetta_codes_make(handle(MODEL), once_in(40) ? NULL : &array, &codes), codes);
        keep(CODES, codes);
        break;
    }
    case 1: {
        codetta_codes_info facts;
        facts.size = size_for(sizeof facts);
        if (facts.size > sizeof facts) facts.size = facts.size <= 4096 ? sizeof facts : facts.size;
        took(codetta_codes_get_info(handle(CODES), &facts), NULL);
        break;
    }
    case 2: took(codetta_codes_get_codebook(handle(CODES), (int32_t)below(14) - 1, &codebook), NULL); break;
    case 3: took(codetta_codes_get(handle(CODES), values, once_in(4) ? odd_number() % (1 << 16) : 1 << 16), NULL); break;
    case 4: took(codetta_codes_get_segments(handle(CODES), segments, once_in(4) ? odd_number() % 64 : 64), NULL); break;
    case 5:
        took(codetta_codes_copy(handle(CODES), &codes), codes);
        keep(CODES, codes);
        break;
    case 6: {
        void *target = handle(CODES);
        info.size = sizeof info;
        /* Not without end. */
        if (codetta_codes_get_info(target, &info) != CODETTA_OK || info.count < 20000) took(codetta_codes_append(target, handle(CODES)), NULL);
        break;
    }
    case 7:
        if (took(codetta_codes_get_tag(handle(CODES), text(), &given), given) == CODETTA_OK) codetta_free(given);
        if (took(codetta_codes_get_tags(handle(CODES), &given), given) == CODETTA_OK) codetta_free(given);
        break;
    default: took(codetta_codes_set_tag(handle(CODES), text(), text()), NULL);
    }
}

static void call_coding(void) {
    codetta_codes *codes = (codetta_codes *)(uintptr_t)1;
    const codetta_audio in = audio(2000);
    switch (below(4)) {
    case 0:
        took(codetta_encode(handle(MODEL), &in, rate(), encode_options(), &codes), codes);
        keep(CODES, codes);
        break;
    case 1: {
        void *source = handle(CODES);
        codetta_audio out = audio(2000);
        info.size = sizeof info;
        if (codetta_codes_get_info(source, &info) == CODETTA_OK && info.samples * info.channels < 1 << 16) {
            out = codetta_planar(floats, CODETTA_FLOAT32, info.channels, info.samples);
            if (once_in(3)) out = codetta_interleaved(integers, CODETTA_INT16, info.channels, info.samples);
        }
        if (once_in(20)) out = audio(2000);
        took(codetta_decode(handle(MODEL), source, decode_options(), &out), NULL);
        break;
    }
    case 2: {
        const codetta_audio items[3] = {audio(600), audio(600), audio(600)};
        codetta_codes *given[3] = {NULL, NULL, NULL};
        const int64_t count = once_in(20) ? odd_number() % 4 : (int64_t)below(4);
        took(codetta_encode_batch(handle(MODEL), items, count, rate(), encode_options(), given), given[0]);
        for (int i = 0; i < 3; i++) keep(CODES, given[i]);
        break;
    }
    default: {
        const codetta_codes *items[2] = {handle(CODES), handle(CODES)};
        codetta_audio out[2];
        for (int i = 0; i < 2; i++) {
            out[i] = audio(600);
            info.size = sizeof info;
            if (codetta_codes_get_info(items[i], &info) == CODETTA_OK && info.samples * info.channels < 1 << 16)
                out[i] = codetta_planar(floats + i * (1 << 16), CODETTA_FLOAT32, info.channels, info.samples);
        }
        took(codetta_decode_batch(handle(MODEL), items, (int64_t)below(3), decode_options(), out), NULL);
    }
    }
}

static void call_streams(void) {
    codetta_codes *codes = (codetta_codes *)(uintptr_t)1;
    void *object = (void *)(uintptr_t)1;
    const codetta_audio in = audio(once_in(20) ? 4000 : 480);
    int64_t count;
    switch (below(9)) {
    case 0:
        took(codetta_encoder_create(handle(MODEL), rate(), once_in(20) ? (int32_t)odd_number() : 1 + (int32_t)below(2), encode_options(), (codetta_encoder **)&object), object);
        keep(ENCODER, object);
        break;
    case 1:
    case 2:
        took(codetta_encoder_push(handle(ENCODER), &in, &codes), codes);
        keep(CODES, codes);
        break;
    case 3:
        took(codetta_encoder_finish(handle(ENCODER), &codes), codes);
        keep(CODES, codes);
        break;
    case 4:
        took(codetta_encoder_copy(handle(ENCODER), (codetta_encoder **)&object), object);
        keep(ENCODER, object);
        break;
    case 5:
        took(codetta_decoder_create(handle(MODEL), handle(CODES), decode_options(), (codetta_decoder **)&object), object);
        keep(DECODER, object);
        break;
    case 6: took(codetta_decoder_push(handle(DECODER), handle(CODES), once_in(2) ? NULL : &count), NULL); break;
    case 7:
        if (once_in(3)) took(codetta_decoder_finish(handle(DECODER), once_in(2) ? -1 : odd_number(), &count), NULL);
        took(codetta_decoder_read(handle(DECODER), &in, &count), NULL);
        break;
    default:
        took(codetta_decoder_copy(handle(DECODER), (codetta_decoder **)&object), object);
        keep(DECODER, object);
    }
}

static void call_tokens(void) {
    codetta_codes *codes = (codetta_codes *)(uintptr_t)1;
    void *object = (void *)(uintptr_t)1;
    uint8_t *bytes = NULL;
    size_t size = 0;
    char *json = NULL;
    int64_t count;
    int32_t found;
    const uint64_t file = below(SLOTS);
    switch (below(10)) {
    case 0:
        if (took(codetta_write_bytes(handle(CODES), write_options(), &bytes, &size), bytes) == CODETTA_OK) {
            keep_file(bytes, size);
            codetta_free(bytes);
        }
        break;
    case 1:
    case 2:
        took(codetta_read_bytes(files[file], file_sizes[file], read_options(), &codes), codes);
        keep(CODES, codes);
        break;
    case 3:
        took(codetta_reader_open_bytes(files[file], file_sizes[file], read_options(), (codetta_reader **)&object), object);
        keep(READER, object);
        break;
    case 4:
        took(codetta_reader_next(handle(READER), &codes), codes);
        keep(CODES, codes);
        break;
    case 5:
        took(codetta_reader_get_samples(handle(READER), &count), NULL);
        took(codetta_reader_next_recording(handle(READER), &found), NULL);
        if (took(codetta_reader_get_report(handle(READER), &json), json) == CODETTA_OK) codetta_free(json);
        break;
    case 6:
        took(codetta_writer_create(NULL, handle(CODES), write_options(), (codetta_writer **)&object), object);
        keep(WRITER, object);
        break;
    case 7: took(codetta_writer_push(handle(WRITER), handle(CODES)), NULL); break;
    case 8:
        if (once_in(3)) took(codetta_writer_finish(handle(WRITER), once_in(2) ? -1 : odd_number()), NULL);
        if (took(codetta_writer_take(handle(WRITER), &bytes, &size), bytes) == CODETTA_OK) {
            keep_file(bytes, size);
            codetta_free(bytes);
        }
        break;
    default:
        /* Paths at which there is nothing, or no file. */
        took(codetta_read(once_in(2) ? "Models" : text(), read_options(), &codes), codes);
        keep(CODES, codes);
        took(codetta_write(handle(CODES), "/nowhere/a.codetta", write_options()), NULL);
    }
}

static void call_measures(void) {
    static const char *measures[] = {"snr", "siSDR", "snr,siSDR", "", ",", "Snr", "x"};
    codetta_measure_options options;
    memset(&options, 0, sizeof options);
    options.size = size_for(sizeof options);
    if (options.size > sizeof options && options.size <= 4096) options.size = sizeof options;
    options.measures = measures[below(7)];
    options.max_delay = once_in(10) ? NAN : once_in(10) ? 1e300 : once_in(10) ? -INFINITY : 0.01;
    const codetta_audio a = audio(1500), b = audio(1500);
    char *json = NULL;
    if (took(codetta_measure(&a, rate(), &b, rate(), &options, &json), json) == CODETTA_OK) codetta_free(json);
}

static void on_alarm(int number) {
    (void)number;
    static const char text[] = "a call takes longer than a minute\n";
    if (write(2, text, sizeof text - 1) < 0) _exit(1);
    abort();
}

int main(int argc, char **argv) {
    if (argc < 2) return 64;
    const uint64_t calls = strtoull(argv[1], NULL, 10);
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    signal(SIGALRM, on_alarm);
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        floats[i] = sinf((float)i * 0.05f);
        integers[i] = (int16_t)(floats[i] * 32767);
    }
    codetta_model *model;
    for (int i = 0; i < 2; i++) {
        if (codetta_model_load("Models/codetta-24k", &model) != CODETTA_OK) {
            fprintf(stderr, "%s\n", codetta_last_message());
            return 1;
        }
        alive[MODEL][i] = model;
    }
    for (uint64_t call = 0; call < calls; call++) {
        /* A float that is no number, or huge, now and then. */
        if (once_in(500)) floats[below(3000)] = once_in(3) ? NAN : once_in(2) ? INFINITY : 3e38f;
        if (once_in(50)) for (int i = 0; i < 3000; i++) floats[i] = isfinite(floats[i]) && fabsf(floats[i]) < 2 ? floats[i] : 0.5f;
        if (call % 1000 == 0) alarm(60);
        switch (below(16)) {
        case 0: call_model(); break;
        case 1:
        case 2:
        case 3: call_codes(); break;
        case 4: call_coding(); break;
        case 5:
        case 6:
        case 7:
        case 8: call_streams(); break;
        case 9:
        case 10:
        case 11:
        case 12: call_tokens(); break;
        case 13: if (once_in(4)) call_measures(); break;
        default: {
            const enum kind kind = (enum kind)below(KINDS);
            const uint64_t slot = below(SLOTS);
            if (kind != MODEL || slot >= 2) drop(kind, slot);
        }
        }
    }
    for (int kind = 0; kind < KINDS; kind++)
        for (uint64_t slot = 0; slot < SLOTS; slot++) drop((enum kind)kind, slot);
    for (int i = 0; i < SLOTS; i++) free(files[i]);
    for (int i = 0; i < 256; i++)
        if (counts[i]) printf("%10llu %s\n", (unsigned long long)counts[i], codetta_status_name((codetta_status)i));
    return 0;
}
