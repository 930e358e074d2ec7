/* The library makes the file that the command made of the same recording, byte for byte. Arguments: the recording, the token file. */
#include "check.h"

static char *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    EXPECT(file);
    char *bytes = malloc(1 << 24);
    EXPECT(bytes);
    *size = fread(bytes, 1, 1 << 24, file);
    fclose(file);
    return bytes;
}

int main(int argc, char **argv) {
    EXPECT(argc == 3);
    codetta_model *model = load_model();
    codetta_encode_options options;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.kilobits = 3;
    char path[4200];
    snprintf(path, sizeof path, "%s.library", argv[2]);
    OK(codetta_encode_file(model, argv[1], path, &options, NULL, NULL));
    size_t sizes[2];
    char *files[2] = {read_file(argv[2], &sizes[0]), read_file(path, &sizes[1])};
    EXPECT(sizes[0] == sizes[1] && sizes[0] > 1000 && memcmp(files[0], files[1], sizes[0]) == 0);
    free(files[0]);
    free(files[1]);
    OK(codetta_free(model));
    return remove(path);
}
