/* Two copies of the library in one process, each with a runtime of its own, side by side. Arguments: the paths of the two. */
#include <dlfcn.h>
#include <pthread.h>

/* The program itself is linked with neither of them. */
#define CHECK_MESSAGE ""
#include "check.h"

typedef struct library {
    codetta_status (*load)(const char *, codetta_model **);
    codetta_status (*encode)(const codetta_model *, const codetta_audio *, int32_t, const codetta_encode_options *, codetta_codes **);
    codetta_status (*get_info)(const codetta_codes *, codetta_codes_info *);
    codetta_status (*get)(const codetta_codes *, int32_t *, int64_t);
    codetta_status (*free)(void *);
    const char *(*message)(void);
    codetta_model *model;
    int32_t values[1 << 16];
    int64_t count;
} library;

static library copies[2];
static float *values;

static void *symbol(void *handle, const char *name) {
    void *found = dlsym(handle, name);
    EXPECT(found);
    return found;
}

static void *use(void *context) {
    library *copy = context;
    for (int i = 0; i < 10; i++) {
        const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 2, 20000);
        codetta_codes *codes;
        EXPECT(copy->encode(copy->model, &audio, 44100, NULL, &codes) == CODETTA_OK);
        codetta_codes_info info = {0};
        info.size = sizeof info;
        EXPECT(copy->get_info(codes, &info) == CODETTA_OK);
        copy->count = info.count;
        EXPECT(copy->get(codes, copy->values, 1 << 16) == CODETTA_OK);
        EXPECT(copy->free(codes) == CODETTA_OK);
    }
    return NULL;
}

int main(int argc, char **argv) {
    EXPECT(argc == 3);
    values = make_tones(2, 20000);
    for (int i = 0; i < 2; i++) {
        void *handle = dlopen(argv[i + 1], RTLD_NOW | RTLD_LOCAL);
        EXPECT(handle);
        library *copy = &copies[i];
        *(void **)&copy->load = symbol(handle, "codetta_model_load");
        *(void **)&copy->encode = symbol(handle, "codetta_encode");
        *(void **)&copy->get_info = symbol(handle, "codetta_codes_get_info");
        *(void **)&copy->get = symbol(handle, "codetta_codes_get");
        *(void **)&copy->free = symbol(handle, "codetta_free");
        *(void **)&copy->message = symbol(handle, "codetta_last_message");
        EXPECT(copy->load(MODEL, &copy->model) == CODETTA_OK);
    }
    EXPECT((void *)copies[0].load != (void *)copies[1].load);
    /* One's objects are none of the other's. */
    codetta_codes *codes;
    const codetta_audio audio = codetta_planar(values, CODETTA_FLOAT32, 1, 10);
    EXPECT(copies[1].encode(copies[0].model, &audio, 24000, NULL, &codes) == CODETTA_USAGE);
    EXPECT(strstr(copies[1].message(), "model: no such model") && strcmp(copies[0].message(), "") == 0);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) EXPECT(pthread_create(&threads[i], NULL, use, &copies[i]) == 0);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    EXPECT(copies[0].count > 0 && copies[0].count == copies[1].count);
    EXPECT(memcmp(copies[0].values, copies[1].values, sizeof(int32_t) * (size_t)copies[0].count) == 0);
    for (int i = 0; i < 2; i++) EXPECT(copies[i].free(copies[i].model) == CODETTA_OK);
    free(values);
    return 0;
}
