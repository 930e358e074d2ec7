#ifndef CODETTA_THREADS_H
#define CODETTA_THREADS_H

#include <stddef.h>

/// Computes rows [start, start + rows) of a call.
typedef void share_function(const void *context, size_t start, size_t rows);

/// Computes `rows` rows of `multiply_adds` each on the threads that `ck_set_threads` allows, or on this one where that would
/// not pay. `weights` is the size in bytes of what every share reads again.
void share_rows(size_t rows, size_t multiply_adds, size_t weights, share_function *work, const void *context);

#endif
