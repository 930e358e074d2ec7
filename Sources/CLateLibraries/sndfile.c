// libsndfile: reading and writing audio files.
#include <sndfile.h>

#include "late.h"

CL_FORWARD(
    CL_SNDFILE, SNDFILE *, sf_open_virtual, (SF_VIRTUAL_IO * calls, int mode, SF_INFO *info, void *context),
    (calls, mode, info, context), return NULL)
CL_FORWARD(CL_SNDFILE, int, sf_close, (SNDFILE * file), (file), return SF_ERR_SYSTEM)
CL_FORWARD(CL_SNDFILE, int, sf_command, (SNDFILE * file, int command, void *data, int size), (file, command, data, size), return SF_FALSE)
CL_FORWARD(CL_SNDFILE, sf_count_t, sf_readf_float, (SNDFILE * file, float *samples, sf_count_t count), (file, samples, count), return 0)
CL_FORWARD(
    CL_SNDFILE, sf_count_t, sf_writef_float, (SNDFILE * file, const float *samples, sf_count_t count), (file, samples, count), return 0)
CL_FORWARD(
    CL_SNDFILE, sf_count_t, sf_writef_int, (SNDFILE * file, const int *samples, sf_count_t count), (file, samples, count), return 0)
// Not SF_ERR_UNRECOGNISED_FORMAT, which would speak of the file.
CL_FORWARD(CL_SNDFILE, int, sf_error, (SNDFILE * file), (file), return SF_ERR_SYSTEM)
CL_FORWARD(CL_SNDFILE, const char *, sf_strerror, (SNDFILE * file), (file), return cl_missing(CL_SNDFILE))
CL_FORWARD(CL_SNDFILE, int, sf_format_check, (const SF_INFO *info), (info), return SF_FALSE)
