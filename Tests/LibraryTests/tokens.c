/* Token files: written to memory and to paths, whole and in pieces, in every entropy mode and format, and read back. */
#include <unistd.h>

#include "check.h"

static codetta_codes *some_codes(const codetta_model *model, int rate, int channels, int64_t samples) {
    float *values = make_tones(channels, samples);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, channels, samples);
    codetta_codes *codes;
    OK(codetta_encode(model, &audio, rate, NULL, &codes));
    free(values);
    return codes;
}

static void every_mode_and_format_comes_back(const codetta_model *model) {
    const char *formats[] = {"codetta", "json", "npz", "safetensors", "npy"};
    codetta_codes *codes = some_codes(model, 24000, 1, 24000 * 4), *read;
    OK(codetta_codes_set_tag(codes, "title", "tones"));
    size_t sizes[4] = {0};
    for (int f = 0; f < 5; f++)
        for (int mode = CODETTA_ENTROPY_NONE; mode <= CODETTA_ENTROPY_LM; mode++)
            for (int preset = CODETTA_PRESET_ARCHIVE; preset <= CODETTA_PRESET_STREAM; preset++) {
                const codetta_write_options options = {
                    sizeof options, formats[f], (codetta_entropy)mode, (codetta_preset)preset, 0, model};
                const codetta_read_options with_model = {sizeof with_model, model, 0, NULL};
                uint8_t *bytes;
                size_t size;
                OK(codetta_write_bytes(codes, &options, &bytes, &size));
                OK(codetta_read_bytes(bytes, size, &with_model, &read));
                EXPECT(same_codes(codes, read));
                if (f == 0) {
                    const codetta_codes_info info = info_of(read);
                    char *title;
                    EXPECT((int)info.entropy == mode && (int)info.preset == preset);
                    OK(codetta_codes_get_tag(read, "title", &title));
                    EXPECT(strcmp(title, "tones") == 0);
                    OK(codetta_free(title));
                    if (preset == CODETTA_PRESET_ARCHIVE) sizes[mode] = size;
                    /* What was read is written as it was. */
                    uint8_t *again;
                    size_t again_size;
                    OK(codetta_write_bytes(read, NULL, &again, &again_size));
                    EXPECT(again_size == size && memcmp(again, bytes, size) == 0);
                    OK(codetta_free(again));
                }
                OK(codetta_free(read));
                OK(codetta_free(bytes));
            }
    EXPECT(sizes[CODETTA_ENTROPY_LM] < sizes[CODETTA_ENTROPY_NONE] && sizes[CODETTA_ENTROPY_ADAPTIVE] <= sizes[CODETTA_ENTROPY_NONE]);
    OK(codetta_free(codes));
}

static void files_appear_whole(const codetta_model *model, const char *folder) {
    char path[4200], other[4200];
    snprintf(path, sizeof path, "%s/a.codetta", folder);
    snprintf(other, sizeof other, "%s/b.wav", folder);
    codetta_codes *codes = some_codes(model, 44100, 2, 30000), *read, *piece;
    OK(codetta_write(codes, path, NULL));
    OK(codetta_read(path, NULL, &read));
    EXPECT(same_codes(codes, read));
    OK(codetta_free(read));
    const codetta_write_options keep = {sizeof keep, NULL, CODETTA_ENTROPY_DEFAULT, CODETTA_PRESET_DEFAULT, 1, NULL};
    FAILS(codetta_write(codes, path, &keep), CODETTA_CANNOT_CREATE, "a.codetta: exists already");
    FAILS(codetta_write(codes, other, NULL), CODETTA_USAGE, ".wav");
    FAILS(codetta_read(other, NULL, &read), CODETTA_NO_INPUT, "b.wav: no such file");
    FAILS(codetta_read(folder, NULL, &read), CODETTA_NO_INPUT, "is a directory");
    FAILS(codetta_write(codes, "/nowhere/a.codetta", NULL), CODETTA_CANNOT_CREATE, "/nowhere/a.codetta: ");

    /* In pieces, through a path and through memory: the same bytes but for the length, which is not known ahead. */
    codetta_reader *reader;
    codetta_writer *to_path, *to_memory;
    OK(codetta_reader_open(path, NULL, &reader));
    snprintf(other, sizeof other, "%s/c.codetta", folder);
    OK(codetta_writer_create(other, codes, NULL, &to_path));
    OK(codetta_writer_create(NULL, codes, NULL, &to_memory));
    uint8_t *bytes = malloc(1 << 20), *taken;
    size_t size = 0, taken_size;
    int64_t samples;
    EXPECT(bytes);
    for (;;) {
        OK(codetta_reader_next(reader, &piece));
        if (!piece) break;
        OK(codetta_reader_get_samples(reader, &samples));
        EXPECT(samples == -1);
        OK(codetta_writer_push(to_path, piece));
        OK(codetta_writer_push(to_memory, piece));
        OK(codetta_free(piece));
        OK(codetta_writer_take(to_memory, &taken, &taken_size));
        memcpy(bytes + size, taken, taken_size);
        size += taken_size;
        OK(codetta_free(taken));
    }
    OK(codetta_reader_get_samples(reader, &samples));
    EXPECT(samples == 30000);
    EXPECT(access(other, F_OK) != 0);
    OK(codetta_writer_finish(to_path, samples));
    OK(codetta_writer_finish(to_memory, samples));
    EXPECT(access(other, F_OK) == 0);
    OK(codetta_writer_take(to_memory, &taken, &taken_size));
    memcpy(bytes + size, taken, taken_size);
    size += taken_size;
    OK(codetta_free(taken));
    FAILS(codetta_writer_take(to_path, &taken, &taken_size), CODETTA_USAGE, "not to memory");
    FAILS(codetta_writer_push(to_path, codes), CODETTA_USAGE, "after its end");
    OK(codetta_read_bytes(bytes, size, NULL, &read));
    EXPECT(same_codes(codes, read));
    OK(codetta_free(read));
    OK(codetta_read(other, NULL, &read));
    EXPECT(same_codes(codes, read));
    OK(codetta_free(read));
    char *json;
    OK(codetta_reader_get_report(reader, &json));
    EXPECT(strcmp(json, "{\"concealedFrames\":0,\"damage\":[],\"format\":\"codetta\",\"isSalvaged\":false}") == 0);
    OK(codetta_free(json));
    int32_t found = 7;
    OK(codetta_reader_next_recording(reader, &found));
    EXPECT(found == 0);
    OK(codetta_free(reader));

    /* Two files behind each other are two recordings. */
    memcpy(bytes + size, bytes, size);
    FAILS(codetta_read_bytes(bytes, 2 * size, NULL, &read), CODETTA_BAD_DATA, "recording");
    OK(codetta_reader_open_bytes(bytes, 2 * size, NULL, &reader));
    int pieces[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        for (;;) {
            OK(codetta_reader_next(reader, &piece));
            if (!piece) break;
            pieces[i]++;
            OK(codetta_free(piece));
        }
        OK(codetta_reader_next_recording(reader, &found));
        EXPECT(found == (i == 0));
    }
    EXPECT(pieces[0] == pieces[1] && pieces[0] > 0);
    OK(codetta_free(reader));

    /* A file without its last byte is damaged, and salvaged when that is asked for. */
    FAILS(codetta_read_bytes(bytes, size - 1, NULL, &read), CODETTA_BAD_DATA, "bytes: ");
    const codetta_read_options lenient = {sizeof lenient, NULL, 1, NULL};
    OK(codetta_read_bytes(bytes, size - 1, &lenient, &read));
    OK(codetta_free(read));
    FAILS(codetta_read_bytes(NULL, 10, NULL, &read), CODETTA_USAGE, "bytes: is NULL");
    FAILS(codetta_read_bytes(bytes, 0, NULL, &read), CODETTA_BAD_DATA, "bytes: ");
    FAILS(codetta_read_bytes("hello", 5, NULL, &read), CODETTA_BAD_DATA, "bytes: ");

    /* A writer that is freed before its end leaves nothing. */
    snprintf(other, sizeof other, "%s/d.codetta", folder);
    codetta_writer *writer;
    OK(codetta_writer_create(other, codes, NULL, &writer));
    OK(codetta_writer_push(writer, codes));
    OK(codetta_free(writer));
    EXPECT(access(other, F_OK) != 0);
    OK(codetta_free(to_path));
    OK(codetta_free(to_memory));
    OK(codetta_free(codes));
    free(bytes);
}

int main(void) {
    char folder[] = "/tmp/codetta-test-XXXXXX", command[64];
    EXPECT(mkdtemp(folder));
    codetta_model *model = load_model();
    every_mode_and_format_comes_back(model);
    files_appear_whole(model, folder);
    OK(codetta_free(model));
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}
