/* Whole buffers: every rate, layout, type and length comes back exactly. */
#include "check.h"

/* However samples lie in memory, the codes are the same. */
static void layouts_give_the_same_codes(const codetta_model *model) {
    enum { SAMPLES = 5003, CHANNELS = 2 };
    float *planar = make_tones(CHANNELS, SAMPLES);
    static float interleaved[SAMPLES * CHANNELS], sparse[SAMPLES * 7 * CHANNELS], backwards[SAMPLES * CHANNELS];
    for (int c = 0; c < CHANNELS; c++)
        for (int t = 0; t < SAMPLES; t++) {
            interleaved[t * CHANNELS + c] = sparse[(t * CHANNELS + c) * 7] = planar[c * SAMPLES + t];
            backwards[(CHANNELS - 1 - c) * SAMPLES + SAMPLES - 1 - t] = planar[c * SAMPLES + t];
        }
    codetta_audio layouts[4] = {
        codetta_planar(planar, CODETTA_FLOAT32, CHANNELS, SAMPLES),
        codetta_interleaved(interleaved, CODETTA_FLOAT32, CHANNELS, SAMPLES),
        {sparse, CODETTA_FLOAT32, CHANNELS, SAMPLES, 7 * CHANNELS, 7},
        {backwards + SAMPLES * CHANNELS - 1, CODETTA_FLOAT32, CHANNELS, SAMPLES, -1, -SAMPLES},
    };
    codetta_codes *codes[4];
    for (int i = 0; i < 4; i++) {
        OK(codetta_encode(model, &layouts[i], 24000, NULL, &codes[i]));
        EXPECT(same_codes(codes[0], codes[i]));
    }
    /* And decoding writes into each of them what belongs there. */
    float *expected = decode_all(model, codes[0]);
    for (int i = 0; i < 4; i++) {
        OK(codetta_decode(model, codes[0], NULL, &layouts[i]));
        for (int c = 0; c < CHANNELS; c++)
            for (int t = 0; t < SAMPLES; t++)
                EXPECT(((float *)layouts[i].data)[c * layouts[i].channel_stride + t * layouts[i].sample_stride] == expected[c * SAMPLES + t]);
    }
    for (int i = 0; i < 4; i++) OK(codetta_free(codes[i]));
    free(expected);
    free(planar);
}

/* Integers count as their 32768th parts, and come back rounded and limited. */
static void integers_are_scaled(const codetta_model *model) {
    enum { SAMPLES = 3000 };
    static int16_t integers[SAMPLES];
    static float floats[SAMPLES], decoded[SAMPLES];
    for (int t = 0; t < SAMPLES; t++) {
        integers[t] = (int16_t)(t % 7 == 0 ? -32768 : 32767 * tone(t, 0) / 0.42f);
        floats[t] = (float)integers[t] / 32768;
    }
    const codetta_audio audio[2] = {
        codetta_planar(integers, CODETTA_INT16, 1, SAMPLES), codetta_planar(floats, CODETTA_FLOAT32, 1, SAMPLES)};
    codetta_codes *codes[2];
    for (int i = 0; i < 2; i++) OK(codetta_encode(model, &audio[i], 24000, NULL, &codes[i]));
    EXPECT(same_codes(codes[0], codes[1]));
    const codetta_audio out = codetta_planar(decoded, CODETTA_FLOAT32, 1, SAMPLES);
    OK(codetta_decode(model, codes[0], NULL, &out));
    OK(codetta_decode(model, codes[0], NULL, &audio[0]));
    for (int t = 0; t < SAMPLES; t++) {
        const double scaled = nearbyint((double)decoded[t] * 32768);
        EXPECT(integers[t] == (scaled > 32767 ? 32767 : scaled < -32768 ? -32768 : scaled));
    }
    OK(codetta_free(codes[0]));
    OK(codetta_free(codes[1]));
}

/* Rates, channels and numbers of samples come back. */
static void every_length_comes_back(const codetta_model *model) {
    const int rates[] = {8000, 16000, 22050, 24000, 44100, 48000};
    const int64_t lengths[] = {0, 1, 2, 479, 480, 481, 12345};
    for (int r = 0; r < 6; r++)
        for (int l = 0; l < 7; l++)
            for (int channels = 1; channels <= 2; channels++) {
                float *values = make_tones(channels, lengths[l]);
                const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, channels, lengths[l]);
                codetta_codes *codes;
                OK(codetta_encode(model, &audio, rates[r], NULL, &codes));
                const codetta_codes_info info = info_of(codes);
                EXPECT(info.samples == lengths[l] && info.sample_rate == rates[r] && info.channels == channels);
                EXPECT(info.tracks == channels && info.codebooks == 12 && info.count == info.frames * 12 * channels);
                EXPECT((info.frames == 0) == (lengths[l] == 0));
                free(decode_all(model, codes));
                OK(codetta_free(codes));
                free(values);
            }
}

static void bitrates_choose_codebooks(const codetta_model *model) {
    float *values = make_tones(1, 4800);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, 4800);
    codetta_codes *all, *some;
    OK(codetta_encode(model, &audio, 24000, NULL, &all));
    double kilobits;
    OK(codetta_model_get_kilobits(model, 6, &kilobits));
    EXPECT(kilobits == 3);
    codetta_encode_options options = {sizeof options, 3, 0, 0, NULL, CODETTA_ENTROPY_DEFAULT, CODETTA_PRESET_DEFAULT, NULL};
    OK(codetta_encode(model, &audio, 24000, &options, &some));
    const codetta_codes_info info = info_of(some);
    EXPECT(info.codebooks == 6 && info.kilobits == 3);
    int32_t *x = values_of(all), *y = values_of(some);
    EXPECT(memcmp(x, y, sizeof *x * (size_t)info.count) == 0);
    /* Fewer codebooks are decoded when fewer are asked for. */
    const codetta_decode_options fewer = {sizeof fewer, 6, 0, 0, NULL};
    static float a[4800], b[4800];
    const codetta_audio out[2] = {codetta_planar(a, CODETTA_FLOAT32, 1, 4800), codetta_planar(b, CODETTA_FLOAT32, 1, 4800)};
    OK(codetta_decode(model, all, &fewer, &out[0]));
    OK(codetta_decode(model, some, NULL, &out[1]));
    EXPECT(memcmp(a, b, sizeof a) == 0);
    /* A search by rate finds other codes, and needs to know what they cost. */
    options.search = "rate:4";
    FAILS(codetta_encode(model, &audio, 24000, &options, &some), CODETTA_USAGE, "rate:4");
    options.entropy = CODETTA_ENTROPY_LM;
    codetta_codes *searched;
    OK(codetta_encode(model, &audio, 24000, &options, &searched));
    EXPECT(info_of(searched).entropy == CODETTA_ENTROPY_LM);
    free(x);
    free(y);
    free(values);
    OK(codetta_free(searched));
    OK(codetta_free(all));
}

/* Stereo that is mixed down decodes to one channel. */
static void mixing_down_gives_one_channel(const codetta_model *model) {
    float *values = make_tones(3, 2000);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 3, 2000);
    codetta_encode_options options = {sizeof options, 0, 0, 1, NULL, CODETTA_ENTROPY_DEFAULT, CODETTA_PRESET_DEFAULT, NULL};
    codetta_codes *codes;
    OK(codetta_encode(model, &audio, 24000, &options, &codes));
    const codetta_codes_info info = info_of(codes);
    EXPECT(info.channels == 1 && info.original_channels == 3 && info.tracks == 1);
    free(decode_all(model, codes));
    OK(codetta_free(codes));
    free(values);
}

int main(void) {
    codetta_model *model = load_model();
    codetta_model_info info = {0};
    info.size = sizeof info;
    OK(codetta_model_get_info(model, &info));
    EXPECT(info.sample_rate == 24000 && info.channels == 1 && info.hop_length == 480 && info.codebooks == 12 && info.frame_rate == 50);
    EXPECT(info.is_truncatable == 1 && info.is_streaming == 1 && info.is_ragged == 0 && info.has_entropy_model == 1 && info.latency == 960);
    EXPECT(strcmp(info.name, "codetta-24k") == 0 && strcmp(info.type, "soundstream") == 0 && info.kilobits == 6);
    codetta_codebook codebook;
    OK(codetta_model_get_codebook(model, 11, &codebook));
    EXPECT(codebook.count == 1024 && codebook.stride == 1);
    layouts_give_the_same_codes(model);
    integers_are_scaled(model);
    every_length_comes_back(model);
    bitrates_choose_codebooks(model);
    mixing_down_gives_one_channel(model);
    OK(codetta_free(model));
    return 0;
}
