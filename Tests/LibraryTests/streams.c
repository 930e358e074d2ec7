/* Streams: any cut gives the bits of the whole, and copies go on by themselves. */
#include "check.h"

enum { SAMPLES = 60000 };

/* Pushes `audio` from sample `from` on in pieces of random lengths, appends to `codes`, which may be NULL, and ends. */
static codetta_codes *push_rest(codetta_encoder *encoder, codetta_audio audio, int64_t from, codetta_codes *codes) {
    const int64_t total = audio.samples;
    codetta_codes *piece;
    while (from < total) {
        const int64_t left = total - from, wanted = (int64_t)random_below(9000);
        codetta_audio part = audio;
        part.data = (float *)audio.data + from * audio.sample_stride;
        part.samples = wanted < left ? wanted : left;
        OK(codetta_encoder_push(encoder, &part, &piece));
        EXPECT(info_of(piece).samples == part.samples);
        from += part.samples;
        if (codes) {
            OK(codetta_codes_append(codes, piece));
            OK(codetta_free(piece));
        } else {
            codes = piece;
        }
    }
    OK(codetta_encoder_finish(encoder, &piece));
    OK(codetta_codes_append(codes, piece));
    OK(codetta_free(piece));
    return codes;
}

static void cuts_do_not_matter(const codetta_model *model, int rate, int channels) {
    float *values = make_tones(channels, SAMPLES);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, channels, SAMPLES);
    codetta_codes *whole;
    OK(codetta_encode(model, &audio, rate, NULL, &whole));
    codetta_encoder *encoder, *copy;
    OK(codetta_encoder_create(model, rate, channels, NULL, &encoder));
    codetta_audio first = audio;
    first.samples = 7777;
    codetta_codes *codes, *branch;
    OK(codetta_encoder_push(encoder, &first, &codes));
    OK(codetta_codes_copy(codes, &branch));
    OK(codetta_encoder_copy(encoder, &copy));
    codes = push_rest(encoder, audio, 7777, codes);
    branch = push_rest(copy, audio, 7777, branch);
    EXPECT(same_codes(whole, codes) && same_codes(whole, branch));
    FAILS(codetta_encoder_push(encoder, &first, &codes), CODETTA_USAGE, "after its end");
    EXPECT(codes == NULL);

    /* The same for decoding. */
    float *expected = decode_all(model, whole);
    float *decoded = calloc((size_t)channels * SAMPLES, sizeof *decoded);
    codetta_decoder *decoder;
    OK(codetta_encoder_create(model, rate, channels, NULL, &encoder));
    codetta_audio none = audio;
    none.samples = 0;
    OK(codetta_encoder_push(encoder, &none, &codes));
    OK(codetta_decoder_create(model, codes, NULL, &decoder));
    OK(codetta_free(codes));
    int64_t done = 0, available = 0, got = 0;
    for (int64_t from = 0, count; from <= SAMPLES; from += count + (count == 0)) {
        count = from < SAMPLES ? 1 + (int64_t)random_below(5000) : 0;
        codetta_audio part = audio;
        part.data = values + from;
        part.samples = count < SAMPLES - from ? count : SAMPLES - from;
        OK(from < SAMPLES ? codetta_encoder_push(encoder, &part, &codes) : codetta_encoder_finish(encoder, &codes));
        OK(codetta_decoder_push(decoder, codes, &available));
        if (from == SAMPLES || part.samples < count) {
            if (from < SAMPLES) {
                OK(codetta_free(codes));
                OK(codetta_encoder_finish(encoder, &codes));
                OK(codetta_decoder_push(decoder, codes, &available));
            }
            codetta_decoder *branch_decoder;
            OK(codetta_decoder_copy(decoder, &branch_decoder));
            int64_t there;
            OK(codetta_decoder_finish(branch_decoder, SAMPLES, &there));
            OK(codetta_decoder_finish(decoder, -1, &available));
            EXPECT(there == available);
            OK(codetta_free(branch_decoder));
            from = SAMPLES;
            count = 0;
        }
        OK(codetta_free(codes));
        /* Two reads, so that a block is read in parts. */
        for (int i = 0; i < 2; i++) {
            codetta_audio room = codetta_planar(decoded + done, CODETTA_FLOAT32, channels, SAMPLES);
            room.samples = i == 0 ? available / 2 : available;
            OK(codetta_decoder_read(decoder, &room, &got));
            EXPECT(got == (i == 0 ? available / 2 : available - available / 2));
            done += got;
        }
        if (count == 0) break;
    }
    EXPECT(done == SAMPLES);
    EXPECT(memcmp(expected, decoded, sizeof *decoded * (size_t)channels * SAMPLES) == 0);
    FAILS(codetta_decoder_finish(decoder, -1, NULL), CODETTA_USAGE, "after its end");
    free(expected);
    free(decoded);
    free(values);
    OK(codetta_free(whole));
    OK(codetta_free(branch));
    OK(codetta_free(decoder));
    OK(codetta_free(encoder));
    OK(codetta_free(copy));
}

/* What is wrong usage leaves a stream as it was. */
static void mistakes_do_not_disturb(const codetta_model *model) {
    float *values = make_tones(2, 2000);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, 2000);
    const codetta_audio stereo = codetta_planar(values, CODETTA_FLOAT32, 2, 2000);
    codetta_encoder *encoder;
    codetta_codes *whole, *codes, *piece;
    OK(codetta_encode(model, &audio, 24000, NULL, &whole));
    OK(codetta_encoder_create(model, 24000, 1, NULL, &encoder));
    FAILS(codetta_encoder_push(encoder, &stereo, &piece), CODETTA_USAGE, "audio: has 2 channel(s)");
    float bad[3] = {0, NAN, 0};
    const codetta_audio broken = codetta_planar(bad, CODETTA_FLOAT32, 1, 3);
    FAILS(codetta_encoder_push(encoder, &broken, &piece), CODETTA_BAD_DATA, "audio: sample 1 of channel 1 is NaN");
    OK(codetta_encoder_push(encoder, &audio, &codes));
    OK(codetta_encoder_finish(encoder, &piece));
    OK(codetta_codes_append(codes, piece));
    EXPECT(same_codes(whole, codes));
    codetta_decoder *decoder;
    OK(codetta_decoder_create(model, codes, NULL, &decoder));
    FAILS(codetta_decoder_finish(decoder, 1000000, NULL), CODETTA_USAGE, "samples");
    OK(codetta_decoder_push(decoder, codes, NULL));
    int64_t available;
    OK(codetta_decoder_finish(decoder, -1, &available));
    EXPECT(available == 2000);
    FAILS(codetta_decoder_read(decoder, &stereo, &available), CODETTA_USAGE, "audio: has 2 channel(s)");
    OK(codetta_free(decoder));
    OK(codetta_free(codes));
    OK(codetta_free(piece));
    OK(codetta_free(whole));
    OK(codetta_free(encoder));
    free(values);
}

/* A live stream holds nothing back: two frames after the first samples go in, the first come out, and they are the same. */
static void live_streams_wait_for_the_codec_alone(const codetta_model *model) {
    float *values = make_tones(1, 24000);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, 24000);
    codetta_codes *whole, *codes;
    OK(codetta_encode(model, &audio, 24000, NULL, &whole));
    float *expected = decode_all(model, whole);
    codetta_encoder *encoder;
    codetta_decoder *decoder = NULL;
    const codetta_decode_options options = {sizeof options, 0, 0, 1, NULL};
    OK(codetta_encoder_create(model, 24000, 1, NULL, &encoder));
    static float heard[26000];
    int64_t done = 0, available, got;
    for (int64_t from = 0; from <= 24000; from += 480) {
        codetta_audio part = codetta_planar(values + from, CODETTA_FLOAT32, 1, 480);
        OK(from < 24000 ? codetta_encoder_push(encoder, &part, &codes) : codetta_encoder_finish(encoder, &codes));
        if (!decoder) OK(codetta_decoder_create(model, codes, &options, &decoder));
        OK(codetta_decoder_push(decoder, codes, &available));
        OK(codetta_free(codes));
        const codetta_audio room = codetta_planar(heard + done, CODETTA_FLOAT32, 1, 26000 - done);
        OK(codetta_decoder_read(decoder, &room, &got));
        done += got;
        EXPECT(done + 960 >= from);
    }
    OK(codetta_decoder_finish(decoder, -1, &available));
    const codetta_audio room = codetta_planar(heard + done, CODETTA_FLOAT32, 1, 26000 - done);
    OK(codetta_decoder_read(decoder, &room, &got));
    EXPECT(done + got >= 24000 && memcmp(expected, heard, 24000 * sizeof *heard) == 0);
    free(expected);
    free(values);
    OK(codetta_free(decoder));
    OK(codetta_free(encoder));
    OK(codetta_free(whole));
}

int main(void) {
    codetta_model *model = load_model();
    cuts_do_not_matter(model, 24000, 1);
    cuts_do_not_matter(model, 44100, 2);
    mistakes_do_not_disturb(model);
    live_streams_wait_for_the_codec_alone(model);
    OK(codetta_free(model));
    return 0;
}
