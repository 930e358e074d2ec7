// libmpg123: decoding MPEG audio.
#define MPG123_ENUM_API
#include <mpg123.h>

#include "late.h"

CL_FORWARD(CL_MPG123, int, mpg123_init, (void), (), return MPG123_ERR)
CL_FORWARD(CL_MPG123, mpg123_handle *, mpg123_new, (const char *decoder, int *error), (decoder, error), return NULL)
CL_FORWARD(CL_MPG123, const char *, mpg123_plain_strerror, (int error), (error), return cl_missing(CL_MPG123))
CL_FORWARD(CL_MPG123, const char *, mpg123_strerror, (mpg123_handle * handle), (handle), return cl_missing(CL_MPG123))
CL_FORWARD(CL_MPG123, void, mpg123_delete, (mpg123_handle * handle), (handle), return)
CL_FORWARD(
    CL_MPG123, int, mpg123_param, (mpg123_handle * handle, enum mpg123_parms type, long value, double fraction),
    (handle, type, value, fraction), return MPG123_ERR)
CL_FORWARD(CL_MPG123, int, mpg123_open_feed, (mpg123_handle * handle), (handle), return MPG123_ERR)
CL_FORWARD(
    CL_MPG123, int, mpg123_feed, (mpg123_handle * handle, const unsigned char *bytes, size_t count), (handle, bytes, count),
    return MPG123_ERR)
CL_FORWARD(
    CL_MPG123, int, mpg123_getformat, (mpg123_handle * handle, long *rate, int *channels, int *encoding),
    (handle, rate, channels, encoding), return MPG123_ERR)
// The type of the buffer changed between versions of the library.
#if MPG123_API_VERSION >= 47
CL_FORWARD(
    CL_MPG123, int, mpg123_read, (mpg123_handle * handle, void *samples, size_t bytes, size_t *done), (handle, samples, bytes, done),
    return MPG123_ERR)
#else
CL_FORWARD(
    CL_MPG123, int, mpg123_read, (mpg123_handle * handle, unsigned char *samples, size_t bytes, size_t *done),
    (handle, samples, bytes, done), return MPG123_ERR)
#endif
