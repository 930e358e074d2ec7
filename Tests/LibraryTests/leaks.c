/* Memory: thousands of calls, right and wrong, leave it as it was. */
#include <unistd.h>

#include "check.h"

/* Bytes of this process in memory. */
static long resident(void) {
    long pages = 0, unused;
    FILE *file = fopen("/proc/self/statm", "r");
    EXPECT(file && fscanf(file, "%ld %ld", &unused, &pages) == 2);
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static void use_all(codetta_model *model, const codetta_audio *audio) {
    codetta_codes *codes, *piece;
    OK(codetta_encode(model, audio, 44100, NULL, &codes));
    free(decode_all(model, codes));
    uint8_t *bytes;
    size_t size;
    OK(codetta_write_bytes(codes, NULL, &bytes, &size));
    codetta_reader *reader;
    OK(codetta_reader_open_bytes(bytes, size, NULL, &reader));
    OK(codetta_reader_next(reader, &piece));
    codetta_decoder *decoder, *copy;
    OK(codetta_decoder_create(model, piece, NULL, &decoder));
    OK(codetta_decoder_push(decoder, piece, NULL));
    OK(codetta_decoder_copy(decoder, &copy));
    codetta_writer *writer;
    OK(codetta_writer_create(NULL, piece, NULL, &writer));
    OK(codetta_writer_push(writer, piece));
    codetta_encoder *encoder;
    codetta_codes *pushed;
    OK(codetta_encoder_create(model, 44100, audio->channels, NULL, &encoder));
    OK(codetta_encoder_push(encoder, audio, &pushed));
    FAILS(codetta_read_bytes(bytes, size / 2, NULL, &(codetta_codes *){NULL}), CODETTA_BAD_DATA, "bytes");
    FAILS(codetta_model_load("/nowhere", &(codetta_model *){NULL}), CODETTA_NO_INPUT, "nowhere");
    void *all[] = {codes, bytes, reader, piece, decoder, copy, writer, encoder, pushed};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) OK(codetta_free(all[i]));
}

int main(void) {
    codetta_model *model = load_model();
    float *values = make_tones(2, 3000);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 2, 3000);
    for (int i = 0; i < 100; i++) use_all(model, &audio);
    const long before = resident();
    for (int i = 0; i < 300; i++) use_all(model, &audio); /* 16 calls each */
    const long after = resident();
    fprintf(stderr, "%ld kB before, %ld kB after\n", before / 1024, after / 1024);
    /* A kilobyte lost in each round would be 300 kB. */
    EXPECT(after - before < 200 * 1024);
    free(values);
    OK(codetta_free(model));
    return 0;
}
