// Where the time goes, by kernel and shape. Threads count at the same time without a lock, so that a fork finds none held.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

/// Different kernels and shapes that are told apart. Later ones are not counted.
#define MOST_ENTRIES 512

enum slot_state { EMPTY, CLAIMED, READY };

typedef struct slot {
    atomic_int state;
    /// Written by the thread that claimed the slot, before it is ready.
    int32_t kernel;
    ck_convolution shape;
    atomic_uint_least64_t calls, rows, nanoseconds;
} slot;

struct ck_profile {
    slot slots[MOST_ENTRIES];
};

ck_profile *ck_profile_create(void) { return calloc(1, sizeof(ck_profile)); }

void ck_profile_destroy(ck_profile *profile) { free(profile); }

size_t ck_profile_capacity(void) { return MOST_ENTRIES; }

static bool is_same(int32_t a_kernel, const ck_convolution *a, int32_t b_kernel, const ck_convolution *b) {
    return a_kernel == b_kernel && memcmp(a, b, sizeof *a) == 0;
}

/// The slot of a kernel and shape, a new one if there is none, or NULL where all are taken.
static slot *find(ck_profile *profile, int32_t kernel, const ck_convolution *shape) {
    for (slot *s = profile->slots; s < profile->slots + MOST_ENTRIES; s++) {
        int state = atomic_load_explicit(&s->state, memory_order_acquire);
        if (state == EMPTY && atomic_compare_exchange_strong(&s->state, &state, CLAIMED)) {
            s->kernel = kernel;
            s->shape = *shape;
            atomic_store_explicit(&s->state, READY, memory_order_release);
            return s;
        }
        // A slot that another thread is just claiming is passed over. If it is for the same kernel and shape, both get one,
        // and `ck_profile_entries` adds them up.
        if (state == READY && is_same(s->kernel, &s->shape, kernel, shape)) return s;
    }
    return NULL;
}

void ck_profile_add(ck_profile *profile, int32_t kernel, const ck_convolution *shape, size_t rows, uint64_t nanoseconds) {
    slot *s = find(profile, kernel, shape);
    if (!s) return;
    atomic_fetch_add_explicit(&s->calls, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->rows, rows, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->nanoseconds, nanoseconds, memory_order_relaxed);
}

size_t ck_profile_entries(ck_profile *profile, ck_profile_entry *copies, size_t most) {
    size_t count = 0;
    for (slot *s = profile->slots; s < profile->slots + MOST_ENTRIES; s++) {
        if (atomic_load_explicit(&s->state, memory_order_acquire) != READY) continue;
        size_t i = 0;
        while (i < count && !is_same(copies[i].kernel, &copies[i].shape, s->kernel, &s->shape)) i++;
        if (i == most) continue;
        if (i == count) copies[count++] = (ck_profile_entry){.kernel = s->kernel, .shape = s->shape};
        copies[i].calls += atomic_load_explicit(&s->calls, memory_order_relaxed);
        copies[i].rows += atomic_load_explicit(&s->rows, memory_order_relaxed);
        copies[i].nanoseconds += atomic_load_explicit(&s->nanoseconds, memory_order_relaxed);
    }
    return count;
}
