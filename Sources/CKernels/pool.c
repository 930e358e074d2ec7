// Rows of one call shared out over threads that sleep between calls. A row's result does not depend on the rows beside
// it, so the number of threads changes nothing but the time.
#define _POSIX_C_SOURCE 200809L  // sigset_t and its functions, beside those of C
#include "threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "CKernels.h"

/// Multiply-adds that a share has at least: some ten times what waking a thread costs.
#define LEAST_SHARE 2000000
/// Weights up to this size are read from the cache by every share.
#define CACHED_WEIGHTS (512 << 10)
#define MOST_THREADS 64

typedef struct job {
    share_function *work;
    const void *context;
    size_t rows, share;
    atomic_size_t next;
} job;

/// Held by the call that the workers work for; calls that come meanwhile do their work themselves.
static pthread_mutex_t owner = PTHREAD_MUTEX_INITIALIZER;
/// Guards all that follows.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER, done = PTHREAD_COND_INITIALIZER;
static job *current;
static size_t generation, busy, workers;

static atomic_size_t allowed = 1;
static atomic_uint_least64_t counted;

uint64_t ck_multiply_adds(void) { return atomic_load_explicit(&counted, memory_order_relaxed); }

static void take_shares(job *j) {
    for (;;) {
        const size_t start = atomic_fetch_add(&j->next, j->share);
        if (start >= j->rows) return;
        j->work(j->context, start, j->rows - start < j->share ? j->rows - start : j->share);
    }
}

static void *work(void *argument) {
    const size_t index = (size_t)argument;
    size_t seen = 0;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!current || generation == seen) pthread_cond_wait(&wake, &lock);
        seen = generation;
        if (index >= atomic_load(&allowed)) continue;
        job *j = current;
        busy++;
        pthread_mutex_unlock(&lock);
        take_shares(j);
        pthread_mutex_lock(&lock);
        if (--busy == 0) pthread_cond_signal(&done);
    }
    return NULL;
}

/// Signals are for the threads of the program, not for workers.
static bool start_worker(size_t index) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    const bool started = pthread_create(&thread, NULL, work, (void *)index) == 0;
    if (started) pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

size_t ck_set_threads(size_t count) {
    if (count < 1) count = 1;
    if (count > MOST_THREADS) count = MOST_THREADS;
    pthread_mutex_lock(&lock);
    while (workers + 1 < count && start_worker(workers + 1)) workers++;
    if (count > workers + 1) count = workers + 1;
    atomic_store(&allowed, count);
    pthread_mutex_unlock(&lock);
    return count;
}

size_t ck_threads(void) { return atomic_load(&allowed); }

bool share_out(size_t rows, size_t share, share_function *work, const void *context) {
    if (ck_threads() == 1 || pthread_mutex_trylock(&owner) != 0) return false;
    job j = {.work = work, .context = context, .rows = rows, .share = share};
    atomic_init(&j.next, 0);
    pthread_mutex_lock(&lock);
    current = &j;
    generation++;
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
    take_shares(&j);
    pthread_mutex_lock(&lock);
    current = NULL;
    while (busy > 0) pthread_cond_wait(&done, &lock);
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&owner);
    return true;
}

void share_rows(size_t rows, size_t multiply_adds, size_t weights, share_function *work, const void *context) {
    atomic_fetch_add_explicit(&counted, (uint64_t)rows * multiply_adds, memory_order_relaxed);
    const size_t threads = ck_threads();
    const size_t least = LEAST_SHARE / (multiply_adds + 1) + 1;
    if (threads > 1 && rows >= 2 * least) {
        const size_t shares = weights > CACHED_WEIGHTS ? threads : 3 * threads;
        const size_t even = (rows + shares - 1) / shares;
        if (share_out(rows, even > least ? even : least, work, context)) return;
    }
    work(context, 0, rows);
}
