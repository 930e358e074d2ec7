// Where the time of a process goes, by kernel and shape. Off at the start: a call then costs one load.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "CKernels.h"

/// Different kernels and shapes that are told apart; what comes later is not counted.
#define MOST_ENTRIES 512

static atomic_bool profiling;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/// Guarded by `lock`.
static ck_profile_entry entries[MOST_ENTRIES];
static size_t entry_count;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void ck_set_profiling(bool on) { atomic_store_explicit(&profiling, on, memory_order_relaxed); }

void ck_clear_profile(void) {
    pthread_mutex_lock(&lock);
    entry_count = 0;
    pthread_mutex_unlock(&lock);
}

size_t ck_profile_capacity(void) { return MOST_ENTRIES; }

uint64_t ck_profile_start(void) { return atomic_load_explicit(&profiling, memory_order_relaxed) ? now() : 0; }

static bool is_same(const ck_profile_entry *a, const ck_profile_entry *b) {
    return a->kernel == b->kernel && memcmp(&a->shape, &b->shape, sizeof a->shape) == 0;
}

void ck_profile_end(uint64_t start, int32_t kernel, const ck_convolution *shape, size_t rows) {
    if (start == 0) return;
    const uint64_t taken = now() - start;
    const ck_profile_entry call = {.kernel = kernel, .shape = *shape};
    pthread_mutex_lock(&lock);
    size_t i = 0;
    while (i < entry_count && !is_same(&entries[i], &call)) i++;
    if (i == entry_count && entry_count < MOST_ENTRIES) entries[entry_count++] = call;
    if (i < entry_count) {
        entries[i].calls++;
        entries[i].rows += rows;
        entries[i].nanoseconds += taken;
    }
    pthread_mutex_unlock(&lock);
}

size_t ck_profile(ck_profile_entry *copies, size_t most) {
    pthread_mutex_lock(&lock);
    const size_t count = entry_count < most ? entry_count : most;
    memcpy(copies, entries, count * sizeof *entries);
    pthread_mutex_unlock(&lock);
    return count;
}
