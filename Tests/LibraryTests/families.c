/* Models of every family, small ones: whole, streamed, in batches, through arrays and through files, codes and audio are the same. */
#include "check.h"

#define FIXTURES "Tests/CodecsTests/Fixtures/"

enum { SAMPLES = 9001 };

/* Codes that are taken out and made again. */
static codetta_codes *made_again(const codetta_model *model, const codetta_codes *codes) {
    const codetta_codes_info info = info_of(codes);
    int32_t *values = values_of(codes);
    codetta_segment *segments = calloc((size_t)info.segments + 1, sizeof *segments);
    EXPECT(segments);
    OK(codetta_codes_get_segments(codes, segments, info.segments));
    codetta_code_array array;
    memset(&array, 0, sizeof array);
    array.size = sizeof array;
    array.codes = values;
    array.count = info.count;
    array.tracks = info.tracks;
    array.codebooks = info.codebooks;
    array.frames = info.frames;
    array.sample_rate = info.sample_rate;
    array.original_channels = info.original_channels;
    array.samples = info.samples;
    array.segments = segments;
    array.segment_count = info.segments;
    codetta_codes *again;
    OK(codetta_codes_make(model, &array, &again));
    EXPECT(info_of(again).segments == info.segments);
    free(segments);
    free(values);
    return again;
}

static void everything_agrees(const char *name, int channels) {
    char path[200];
    snprintf(path, sizeof path, FIXTURES "%s", name);
    codetta_model *model;
    OK(codetta_model_load(path, &model));
    codetta_model_info facts = {0};
    facts.size = sizeof facts;
    OK(codetta_model_get_info(model, &facts));
    float *values = make_tones(channels, SAMPLES);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, channels, SAMPLES);
    codetta_codes *whole, *piece, *read, *batch[2];
    OK(codetta_encode(model, &audio, facts.sample_rate, NULL, &whole));
    const codetta_codes_info info = info_of(whole);
    EXPECT(info.channels == channels && info.samples == SAMPLES && info.is_ragged == facts.is_ragged);
    int64_t count = 0;
    for (int32_t k = 0; k < info.codebooks; k++) {
        codetta_codebook codebook;
        OK(codetta_codes_get_codebook(whole, k, &codebook));
        count += info.frames / codebook.stride;
    }
    EXPECT(count * info.tracks == info.count);
    float *expected = decode_all(model, whole);
    const size_t size = sizeof *expected * (size_t)channels * SAMPLES;

    codetta_codes *again = made_again(model, whole);
    float *decoded = decode_all(model, again);
    EXPECT(same_codes(whole, again) && memcmp(expected, decoded, size) == 0);
    free(decoded);

    uint8_t *bytes;
    size_t byte_count;
    OK(codetta_write_bytes(whole, NULL, &bytes, &byte_count));
    OK(codetta_read_bytes(bytes, byte_count, NULL, &read));
    decoded = decode_all(model, read);
    EXPECT(same_codes(whole, read) && memcmp(expected, decoded, size) == 0);
    free(decoded);

    const codetta_audio items[2] = {audio, audio};
    OK(codetta_set_threads(model, 2));
    OK(codetta_encode_batch(model, items, 2, facts.sample_rate, NULL, batch));
    EXPECT(same_codes(whole, batch[0]) && same_codes(whole, batch[1]));

    /* As a stream, there and back. */
    codetta_encoder *encoder;
    codetta_decoder *decoder = NULL;
    OK(codetta_encoder_create(model, facts.sample_rate, channels, NULL, &encoder));
    decoded = calloc((size_t)channels * SAMPLES, sizeof *decoded);
    EXPECT(decoded);
    int64_t done = 0, available, got;
    for (int64_t from = 0, step; from <= SAMPLES; from += step) {
        step = from < SAMPLES ? 1 + (int64_t)random_below(2000) : 1;
        if (step > SAMPLES - from && from < SAMPLES) step = SAMPLES - from;
        codetta_audio part = audio;
        part.data = values + from;
        part.samples = step;
        OK(from < SAMPLES ? codetta_encoder_push(encoder, &part, &piece) : codetta_encoder_finish(encoder, &piece));
        if (!decoder) OK(codetta_decoder_create(model, piece, NULL, &decoder));
        OK(codetta_decoder_push(decoder, piece, &available));
        OK(codetta_free(piece));
        if (from == SAMPLES) OK(codetta_decoder_finish(decoder, -1, &available));
        codetta_audio room = codetta_planar(decoded + done, CODETTA_FLOAT32, channels, SAMPLES);
        room.samples = SAMPLES - done;
        OK(codetta_decoder_read(decoder, &room, &got));
        EXPECT(got == available);
        done += got;
    }
    EXPECT(done == SAMPLES && memcmp(expected, decoded, size) == 0);

    void *all[] = {whole, again, bytes, read, batch[0], batch[1], encoder, decoder, model};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) OK(codetta_free(all[i]));
    free(decoded);
    free(expected);
    free(values);
}

int main(void) {
    const char *mono[] = {"tiny-bigcodec",  "tiny-dac",     "tiny-encodec-causal", "tiny-hificodec",       "tiny-languagecodec",
                          "tiny-mimi",      "tiny-snac",    "tiny-snac-attention", "tiny-vocos-encodec",   "tiny-waveform",
                          "tiny-lyra",      "tiny-xcodec",  "tiny-wavtokenizer",   "tiny-waveform-causal"};
    for (size_t i = 0; i < sizeof mono / sizeof *mono; i++) everything_agrees(mono[i], 1);
    everything_agrees("tiny-snac", 2);
    everything_agrees("tiny-encodec-centred", 2);
    everything_agrees("tiny-encodec-segments", 2);
    codetta_model *vocoder;
    FAILS(codetta_model_load(FIXTURES "tiny-vocos-mel", &vocoder), CODETTA_USAGE, "vocoder");
    return 0;
}
