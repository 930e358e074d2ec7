/* Batches: each item has the bits that it has by itself, whatever the batch, its order and the threads. */
#include "check.h"

enum { ITEMS = 40 };

static codetta_audio items[ITEMS];
static codetta_codes *alone[ITEMS];

static void batches_have_the_bits_of_their_items(codetta_model *model) {
    for (int threads = 1; threads <= 4; threads++) {
        OK(codetta_set_threads(model, threads));
        for (int count = 0; count <= ITEMS; count += count < 3 ? 1 : 37) {
            codetta_audio batch[ITEMS];
            codetta_codes *codes[ITEMS];
            for (int i = 0; i < count; i++) batch[i] = items[(i * 7 + threads) % ITEMS];
            OK(codetta_encode_batch(model, batch, count, 44100, NULL, codes));
            codetta_audio out[ITEMS];
            for (int i = 0; i < count; i++) {
                EXPECT(same_codes(codes[i], alone[(i * 7 + threads) % ITEMS]));
                const codetta_codes_info info = info_of(codes[i]);
                float *values = calloc((size_t)(info.channels * info.samples) + 1, sizeof *values);
                out[i] = codetta_planar(values, CODETTA_FLOAT32, info.channels, info.samples);
            }
            OK(codetta_decode_batch(model, (const codetta_codes *const *)codes, count, NULL, out));
            for (int i = 0; i < count; i++) {
                float *expected = decode_all(model, codes[i]);
                EXPECT(memcmp(expected, out[i].data, sizeof *expected * (size_t)(out[i].channels * out[i].samples)) == 0);
                free(expected);
                free(out[i].data);
                OK(codetta_free(codes[i]));
            }
        }
    }
}

static void the_first_failure_is_named(codetta_model *model) {
    codetta_audio batch[ITEMS];
    codetta_codes *codes[ITEMS];
    float bad[8] = {0, 0, NAN};
    for (int i = 0; i < ITEMS; i++) batch[i] = items[i];
    batch[31] = batch[7] = batch[12] = codetta_planar(bad, CODETTA_FLOAT32, 1, 8);
    for (int i = 0; i < ITEMS; i++) codes[i] = (codetta_codes *)(uintptr_t)1;
    FAILS(codetta_encode_batch(model, batch, ITEMS, 44100, NULL, codes), CODETTA_BAD_DATA, "items[7]: sample 2 of channel 1 is NaN");
    for (int i = 0; i < ITEMS; i++) EXPECT(codes[i] == NULL);
    FAILS(codetta_encode_batch(model, batch, -1, 44100, NULL, codes), CODETTA_USAGE, "count: is -1");
    FAILS(codetta_encode_batch(model, NULL, 2, 44100, NULL, codes), CODETTA_USAGE, "items: is NULL");
    FAILS(codetta_encode_batch(model, batch, 2, 44100, NULL, NULL), CODETTA_USAGE, "is NULL");
    OK(codetta_encode_batch(model, NULL, 0, 44100, NULL, NULL));
    const codetta_codes *none[2] = {alone[0], NULL};
    FAILS(codetta_decode_batch(model, none, 2, NULL, batch), CODETTA_USAGE, "items[1]: is NULL");
    const int32_t stop = 1;
    const codetta_decode_options stopped = {sizeof stopped, 0, 0, 0, &stop};
    FAILS(codetta_decode_batch(model, none, 1, &stopped, batch), CODETTA_CANCELLED, "cancelled");
}

int main(void) {
    codetta_model *model = load_model();
    for (int i = 0; i < ITEMS; i++) {
        const int channels = 1 + i % 2;
        const int64_t samples = i == 5 ? 0 : 100 + (int64_t)random_below(30000);
        items[i] = codetta_planar(make_tones(channels, samples), CODETTA_FLOAT32, channels, samples);
        OK(codetta_encode(model, &items[i], 44100, NULL, &alone[i]));
    }
    batches_have_the_bits_of_their_items(model);
    the_first_failure_is_named(model);
    for (int i = 0; i < ITEMS; i++) {
        free(items[i].data);
        OK(codetta_free(alone[i]));
    }
    OK(codetta_free(model));
    return 0;
}
