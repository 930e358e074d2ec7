/* Without libraries for audio: the codec works, and what needs one of them says so. */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "check.h"

/* In place of the system's: finds none of the libraries that codetta would load. */
void *dlopen(const char *name, int flags) {
    static void *(*open)(const char *, int);
    if (name && (strstr(name, "sndfile") || strstr(name, "mpg123") || strstr(name, "soxr") || strstr(name, "ebur128") || strstr(name, "kissfft")))
        return NULL;
    if (!open) *(void **)&open = dlsym(RTLD_NEXT, "dlopen");
    return open(name, flags);
}

int main(void) {
    codetta_model *model = load_model();
    float *values = make_tones(1, 24000);
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, 24000);
    codetta_codes *codes;
    OK(codetta_encode(model, &audio, 24000, NULL, &codes));
    float *decoded = decode_all(model, codes);
    OK(codetta_free(codes));
    FAILS(codetta_encode(model, &audio, 44100, NULL, &codes), CODETTA_NO_INPUT, "libsoxr is not installed");
    codetta_encoder *encoder;
    FAILS(codetta_encoder_create(model, 8000, 1, NULL, &encoder), CODETTA_NO_INPUT, "libsoxr is not installed");
    char *json;
    const codetta_audio other = codetta_planar(decoded, CODETTA_FLOAT32, 1, 24000);
    FAILS(codetta_measure(&audio, 24000, &other, 24000, NULL, &json), CODETTA_NO_INPUT, "KissFFT is not installed");
    EXPECT(json == NULL);
    char folder[] = "/tmp/codetta-test-XXXXXX", path[64], command[64];
    EXPECT(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.codetta", folder);
    FAILS(codetta_encode_file(model, "Samples/human-en.flac", path, NULL, NULL, NULL), CODETTA_NO_INPUT, "human-en.flac: libsndfile is not installed");
    snprintf(command, sizeof command, "rm -r %s", folder);
    free(values);
    free(decoded);
    OK(codetta_free(model));
    return system(command);
}
