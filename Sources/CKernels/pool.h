#ifndef CODETTA_POOL_H
#define CODETTA_POOL_H

#include "CKernels.h"

/// Computes the rows [start, start + rows) of a call.
typedef void share_function(const void *context, size_t start, size_t rows);

/// Hands out the rows from 0 to `rows` in order, `share` at a time, to this thread and the pool's others, and returns when all
/// of them are done. Returns false, with nothing done, where the pool has no other thread or another call has taken them.
bool share_out(ck_pool *pool, size_t rows, size_t share, share_function *work, const void *context);

/// Computes `rows` rows of `multiply_adds` multiply-adds each, on the pool's threads where that pays and else on this one alone.
/// `weights` is the size in bytes of the weights, which every share reads.
void share_rows(ck_pool *pool, size_t rows, size_t multiply_adds, size_t weights, share_function *work, const void *context);

#endif
