// Finds libraries when they are needed.
#include "late.h"

#include <dlfcn.h>

/// What a library is called in messages, and the names of its file: the one with the version of the interface that the headers declare first.
static const struct {
    const char *missing;
    const char *files[2];
} libraries[] = {
#ifdef __APPLE__
    [CL_SNDFILE] = {"libsndfile is not installed", {"libsndfile.1.dylib", "libsndfile.dylib"}},
    [CL_MPG123] = {"libmpg123 is not installed", {"libmpg123.0.dylib", "libmpg123.dylib"}},
    [CL_SOXR] = {"libsoxr is not installed", {"libsoxr.0.dylib", "libsoxr.dylib"}},
    [CL_EBUR128] = {"libebur128 is not installed", {"libebur128.1.dylib", "libebur128.dylib"}},
    [CL_KISSFFT] = {"KissFFT is not installed", {"libkissfft-float.131.dylib", "libkissfft-float.dylib"}},
#else
    [CL_SNDFILE] = {"libsndfile is not installed (libsndfile.so.1)", {"libsndfile.so.1", NULL}},
    [CL_MPG123] = {"libmpg123 is not installed (libmpg123.so.0)", {"libmpg123.so.0", NULL}},
    [CL_SOXR] = {"libsoxr is not installed (libsoxr.so.0)", {"libsoxr.so.0", NULL}},
    [CL_EBUR128] = {"libebur128 is not installed (libebur128.so.1)", {"libebur128.so.1", NULL}},
    [CL_KISSFFT] = {"KissFFT is not installed (libkissfft-float.so.131)", {"libkissfft-float.so.131", "libkissfft-float.so"}},
#endif
};

static _Atomic(void *) handles[sizeof libraries / sizeof *libraries];

/// The library's handle, which stays open; NULL if there is none. Two threads that come first both open the same library.
static void *handle_of(enum cl_library library) {
    void *handle = atomic_load_explicit(&handles[library], memory_order_acquire);
    for (int i = 0; !handle && i < 2 && libraries[library].files[i]; i++)
        handle = dlopen(libraries[library].files[i], RTLD_NOW | RTLD_LOCAL);
    if (handle) atomic_store_explicit(&handles[library], handle, memory_order_release);
    return handle;
}

const char *cl_missing(enum cl_library library) { return handle_of(library) ? NULL : libraries[library].missing; }

void *cl_function(enum cl_library library, const char *name) {
    void *handle = handle_of(library);
    return handle ? dlsym(handle, name) : NULL;
}
