/* Audio files through token files and back. */
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char folder[] = "/tmp/codetta-test-XXXXXX";

static const char *in_folder(const char *name) {
    static char paths[4][96];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

int main(void) {
    EXPECT(mkdtemp(folder));
    codetta_model *model = load_model();
    codetta_encode_options options;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.kilobits = 3;
    char *json;
    OK(codetta_encode_file(model, "Samples/human-en.flac", in_folder("a.codetta"), &options, NULL, &json));
    EXPECT(strstr(json, "\"model\":\"codetta-24k\"") && strstr(json, "\"codebooks\":6"));
    OK(codetta_free(json));
    OK(codetta_decode_file(model, in_folder("a.codetta"), in_folder("b.wav"), NULL, NULL, &json));
    EXPECT(strstr(json, "\"container\":\"wav\""));
    OK(codetta_free(json));
    OK(codetta_decode_file(model, in_folder("a.codetta"), in_folder("b.flac"), NULL, NULL, NULL));
    const codetta_measure_options some = {sizeof some, "stoi", 0, NULL};
    OK(codetta_measure_files("Samples/human-en.flac", in_folder("b.wav"), &some, &json));
    EXPECT(strstr(json, "\"stoi\":{\"value\":0.9"));
    OK(codetta_free(json));
    /* The codes are those of the samples themselves. */
    codetta_codes *codes;
    OK(codetta_read(in_folder("a.codetta"), NULL, &codes));
    const codetta_codes_info info = info_of(codes);
    EXPECT(info.codebooks == 6 && info.tracks == 1);
    OK(codetta_free(codes));

    FAILS(codetta_encode_file(model, "/nowhere.wav", in_folder("c.codetta"), NULL, NULL, NULL), CODETTA_NO_INPUT, "/nowhere.wav: no such file");
    FAILS(codetta_encode_file(model, "Makefile", in_folder("c.codetta"), NULL, NULL, NULL), CODETTA_BAD_DATA, "Makefile: not an audio file");
    FAILS(codetta_encode_file(model, in_folder("b.wav"), in_folder("c.flac"), NULL, NULL, NULL), CODETTA_USAGE, "c.flac: names that end in .flac");
    FAILS(codetta_encode_file(model, in_folder("b.wav"), in_folder("b.wav"), NULL, NULL, NULL), CODETTA_USAGE, "b.wav");
    FAILS(codetta_decode_file(model, in_folder("b.wav"), in_folder("c.wav"), NULL, NULL, NULL), CODETTA_BAD_DATA, "b.wav: ");
    FAILS(codetta_decode_file(model, in_folder("a.codetta"), in_folder("c.mp9"), NULL, NULL, NULL), CODETTA_USAGE, "mp9");
    const int32_t stop = 1;
    options.cancel = &stop;
    FAILS(codetta_encode_file(model, "Samples/human-en.flac", in_folder("c.codetta"), &options, NULL, NULL), CODETTA_CANCELLED, "cancelled");
    EXPECT(access(in_folder("c.codetta"), F_OK) != 0 && access(in_folder("c.wav"), F_OK) != 0);
    /* A pipe whose reader goes away is a status, not the end of the process. */
    if (mkfifo(in_folder("pipe"), 0600) == 0) {
        const pid_t child = fork();
        if (child == 0) {
            FILE *pipe = fopen(in_folder("pipe"), "r");
            fgetc(pipe);
            _exit(0);
        }
        codetta_codes *long_codes;
        float *values = make_tones(1, 24000 * 200);
        const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, 24000 * 200);
        OK(codetta_encode(model, &audio, 24000, NULL, &long_codes));
        FAILS(codetta_write(long_codes, in_folder("pipe"), NULL), CODETTA_BROKEN_PIPE, "pipe: ");
        OK(codetta_free(long_codes));
        free(values);
    }
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    OK(codetta_free(model));
    return system(command);
}
