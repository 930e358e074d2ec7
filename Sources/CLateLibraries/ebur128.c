// libebur128: loudness.
#include <ebur128.h>

#include "late.h"

CL_FORWARD(
    CL_EBUR128, ebur128_state *, ebur128_init, (unsigned channels, unsigned long rate, int mode), (channels, rate, mode), return NULL)
CL_FORWARD(CL_EBUR128, void, ebur128_destroy, (ebur128_state * *state), (state), return)
CL_FORWARD(
    CL_EBUR128, int, ebur128_set_channel, (ebur128_state * state, unsigned channel, int place), (state, channel, place),
    return EBUR128_ERROR_NOMEM)
CL_FORWARD(
    CL_EBUR128, int, ebur128_add_frames_float, (ebur128_state * state, const float *samples, size_t count), (state, samples, count),
    return EBUR128_ERROR_NOMEM)
CL_FORWARD(
    CL_EBUR128, int, ebur128_loudness_global, (ebur128_state * state, double *loudness), (state, loudness), return EBUR128_ERROR_NOMEM)
