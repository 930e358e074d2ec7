// A pool of worker threads, which sleep between calls. The rows of one call are shared out over them. The result of a row does
// not depend on the rows beside it, so the number of threads changes nothing but the time.
#define _POSIX_C_SOURCE 200809L  // sigset_t and its functions, beside those of C
#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "forks.h"

/// Multiply-adds that a share has at least: about ten times what it costs to wake a thread.
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

typedef struct worker {
    struct crew *crew;
    /// Its place among the pool's threads, from 1 on; the caller is 0.
    size_t index;
    pthread_t thread;
} worker;

/// A pool's worker threads in one process.
typedef struct crew {
    ck_pool *pool;
    /// The `fork_count` of the process.
    uint32_t forks;
    /// Held by the call that the workers work for. Calls that come meanwhile do their work themselves.
    pthread_mutex_t owner;
    /// Guards all that follows.
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    job *current;
    size_t generation, busy, size;
    bool is_dismissed;
    worker workers[MOST_THREADS - 1];
} crew;

struct ck_pool {
    /// NULL until it is needed.
    _Atomic(crew *) crew;
    /// Threads that a call may take, the caller included.
    atomic_size_t threads;
    atomic_uint_least64_t multiply_adds;
};

static void take_shares(job *j) {
    for (;;) {
        const size_t start = atomic_fetch_add(&j->next, j->share);
        if (start >= j->rows) return;
        j->work(j->context, start, j->rows - start < j->share ? j->rows - start : j->share);
    }
}

static void *work(void *argument) {
    const worker *self = argument;
    crew *c = self->crew;
    size_t seen = 0;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (!c->is_dismissed && (!c->current || c->generation == seen)) pthread_cond_wait(&c->wake, &c->lock);
        if (c->is_dismissed) break;
        seen = c->generation;
        if (self->index >= ck_pool_threads(c->pool)) continue;
        job *j = c->current;
        c->busy++;
        pthread_mutex_unlock(&c->lock);
        take_shares(j);
        pthread_mutex_lock(&c->lock);
        if (--c->busy == 0) pthread_cond_signal(&c->done);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/// Signals are for the threads of the program, not for workers.
static bool start(worker *w) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool is_started = pthread_create(&w->thread, NULL, work, w) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

/// Starts the workers that `threads` threads need, or as many of them as the system gives. The lock is held.
static void complete(crew *c, size_t threads) {
    while (c->size + 1 < threads) {
        worker *next = &c->workers[c->size];
        *next = (worker){.crew = c, .index = c->size + 1};
        if (!start(next)) return;
        c->size++;
    }
}

static crew *make_crew(ck_pool *pool, uint32_t forks) {
    crew *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->pool = pool;
    c->forks = forks;
    pthread_mutex_init(&c->owner, NULL);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, NULL);
    pthread_cond_init(&c->done, NULL);
    return c;
}

/// Ends the workers, which have nothing to do, and frees what they shared.
static void dismiss(crew *c) {
    pthread_mutex_lock(&c->lock);
    c->is_dismissed = true;
    pthread_cond_broadcast(&c->wake);
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < c->size; i++) pthread_join(c->workers[i].thread, NULL);
    pthread_cond_destroy(&c->done);
    pthread_cond_destroy(&c->wake);
    pthread_mutex_destroy(&c->lock);
    pthread_mutex_destroy(&c->owner);
    free(c);
}

/// The pool's crew in this process, or NULL without memory. In the child of a fork that is a new one: the threads of the old one
/// stayed in the parent, and it stays as they left it, for a mutex that one of them held can be neither unlocked nor destroyed.
static crew *crew_of(ck_pool *pool) {
    const uint32_t forks = fork_count();
    crew *c = atomic_load(&pool->crew);
    if (c && c->forks == forks) return c;
    crew *fresh = make_crew(pool, forks);
    if (!fresh || atomic_compare_exchange_strong(&pool->crew, &c, fresh)) return fresh;
    dismiss(fresh);
    return c;
}

ck_pool *ck_pool_create(void) {
    ck_pool *pool = malloc(sizeof *pool);
    if (!pool) return NULL;
    atomic_init(&pool->crew, NULL);
    atomic_init(&pool->threads, 1);
    atomic_init(&pool->multiply_adds, 0);
    return pool;
}

void ck_pool_destroy(ck_pool *pool) {
    if (!pool) return;
    crew *c = atomic_load(&pool->crew);
    if (c && c->forks == fork_count()) dismiss(c);
    free(pool);
}

size_t ck_pool_set_threads(ck_pool *pool, size_t count) {
    if (count < 1) count = 1;
    if (count > MOST_THREADS) count = MOST_THREADS;
    crew *c = !pool || count == 1 ? NULL : crew_of(pool);
    if (c) {
        pthread_mutex_lock(&c->lock);
        complete(c, count);
        if (count > c->size + 1) count = c->size + 1;
        pthread_mutex_unlock(&c->lock);
    } else {
        count = 1;
    }
    if (pool) atomic_store(&pool->threads, count);
    return count;
}

size_t ck_pool_threads(ck_pool *pool) { return pool ? atomic_load_explicit(&pool->threads, memory_order_relaxed) : 1; }

uint64_t ck_pool_multiply_adds(ck_pool *pool) {
    return pool ? atomic_load_explicit(&pool->multiply_adds, memory_order_relaxed) : 0;
}

bool share_out(ck_pool *pool, size_t rows, size_t share, share_function *work, const void *context) {
    const size_t threads = ck_pool_threads(pool);
    if (threads == 1) return false;
    crew *c = crew_of(pool);
    if (!c || pthread_mutex_trylock(&c->owner) != 0) return false;
    job j = {.work = work, .context = context, .rows = rows, .share = share};
    atomic_init(&j.next, 0);
    pthread_mutex_lock(&c->lock);
    complete(c, threads);
    c->current = &j;
    c->generation++;
    pthread_cond_broadcast(&c->wake);
    pthread_mutex_unlock(&c->lock);
    take_shares(&j);
    pthread_mutex_lock(&c->lock);
    c->current = NULL;
    while (c->busy > 0) pthread_cond_wait(&c->done, &c->lock);
    pthread_mutex_unlock(&c->lock);
    pthread_mutex_unlock(&c->owner);
    return true;
}

void share_rows(ck_pool *pool, size_t rows, size_t multiply_adds, size_t weights, share_function *work, const void *context) {
    if (pool) atomic_fetch_add_explicit(&pool->multiply_adds, (uint64_t)rows * multiply_adds, memory_order_relaxed);
    const size_t threads = ck_pool_threads(pool);
    const size_t least = LEAST_SHARE / (multiply_adds + 1) + 1;
    if (threads > 1 && rows >= 2 * least) {
        const size_t shares = weights > CACHED_WEIGHTS ? threads : 3 * threads;
        const size_t even = (rows + shares - 1) / shares;
        if (share_out(pool, rows, even > least ? even : least, work, context)) return;
    }
    work(context, 0, rows);
}
