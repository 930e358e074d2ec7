// Without this, functions that take a parameter's name are macros, which Swift does not see.
#define MPG123_ENUM_API
#include <mpg123.h>

// The type of the buffer changed between versions of the library.
static inline int ck_mpg123_read(mpg123_handle *handle, float *samples, size_t bytes, size_t *done) {
    return mpg123_read(handle, (void *)samples, bytes, done);
}
