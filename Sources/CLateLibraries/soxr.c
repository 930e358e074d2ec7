// libsoxr: conversion of sample rates.
#include <soxr.h>

#include "late.h"

CL_FORWARD(
    CL_SOXR, soxr_t, soxr_create,
    (double input_rate, double output_rate, unsigned channels, soxr_error_t *error, soxr_io_spec_t const *io,
     soxr_quality_spec_t const *quality, soxr_runtime_spec_t const *runtime),
    (input_rate, output_rate, channels, error, io, quality, runtime), if (error) *error = cl_missing(CL_SOXR); return NULL)
CL_FORWARD(
    CL_SOXR, soxr_error_t, soxr_process,
    (soxr_t stream, soxr_in_t input, size_t input_count, size_t *used, soxr_out_t output, size_t output_count, size_t *given),
    (stream, input, input_count, used, output, output_count, given), return cl_missing(CL_SOXR))
CL_FORWARD(CL_SOXR, void, soxr_delete, (soxr_t stream), (stream), return)
CL_FORWARD(
    CL_SOXR, soxr_io_spec_t, soxr_io_spec, (soxr_datatype_t input, soxr_datatype_t output), (input, output),
    return (soxr_io_spec_t){.itype = input})
CL_FORWARD(
    CL_SOXR, soxr_quality_spec_t, soxr_quality_spec, (unsigned long recipe, unsigned long flags), (recipe, flags),
    return (soxr_quality_spec_t){.flags = flags})
CL_FORWARD(
    CL_SOXR, soxr_runtime_spec_t, soxr_runtime_spec, (unsigned threads), (threads), return (soxr_runtime_spec_t){.num_threads = threads})
