#ifndef CODETTA_THREADS_H
#define CODETTA_THREADS_H

#include <stdbool.h>
#include <stddef.h>

/// Computes rows [start, start + rows) of a call.
typedef void share_function(const void *context, size_t start, size_t rows);

/// Hands out rows 0 to `rows` in order, `share` at a time, to this thread and those that `ck_set_threads` allows besides,
/// and returns when all are done. False, with nothing done, where there is but one thread or others have the threads.
bool share_out(size_t rows, size_t share, share_function *work, const void *context);

/// Computes `rows` rows of `multiply_adds` each on the threads that `ck_set_threads` allows, or on this one where that would
/// not pay. `weights` is the size in bytes of what every share reads again.
void share_rows(size_t rows, size_t multiply_adds, size_t weights, share_function *work, const void *context);

#endif
