// What it takes to go on in the child of a fork.
#define _POSIX_C_SOURCE 200809L
#include "forks.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "CKernels.h"

static atomic_uint_least32_t forks;

static void count_fork(void) { atomic_fetch_add(&forks, 1); }

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(NULL, NULL, count_fork); }

uint32_t fork_count(void) { return atomic_load_explicit(&forks, memory_order_relaxed); }

/// Attempts before a thread that waits for a lock goes to sleep between them.
#define BRISK_ATTEMPTS 64

// The word is 0 while nobody holds the lock, else one more than the holder's `fork_count`.
void ck_lock_take(uint32_t *lock) {
    const uint32_t mine = fork_count() + 1;
    for (int attempt = 0;; attempt++) {
        uint32_t holder = 0;
        if (__atomic_compare_exchange_n(lock, &holder, mine, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
        // The holder is a thread of the parent, which this process does not have.
        if (holder != mine && __atomic_compare_exchange_n(lock, &holder, mine, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
        const struct timespec pause = {0, 100000};
        if (attempt < BRISK_ATTEMPTS) sched_yield(); else nanosleep(&pause, NULL);
    }
}

void ck_lock_release(uint32_t *lock) { __atomic_store_n(lock, 0, __ATOMIC_RELEASE); }
