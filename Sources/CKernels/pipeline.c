// Items that pass through stages in order, several items at a time, each on a thread of its own. A thread that takes one item
// after the other through all stages finds the item's data in its own cache; it waits only where the item before is still in
// the stage that comes next, which after the first items happens only as far as the times of a stage vary.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "CKernels.h"
#include "threads.h"

/// Looks at a stage before a thread goes to sleep, a few microseconds together: less than sleeping and waking takes.
#define LOOKS 128

typedef struct pipeline {
    ck_stage_function *work;
    void *context;
    size_t stages;
    /// How many items have passed each stage.
    atomic_size_t *passed;
    /// Threads that sleep until an item passes a stage.
    atomic_size_t sleepers;
    pthread_mutex_t lock;
    pthread_cond_t moved;
} pipeline;

static void rest(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Returns when all items before `item` have passed `stage`.
static void await_turn(pipeline *p, size_t item, size_t stage) {
    for (int i = 0; i < LOOKS; i++) {
        if (atomic_load_explicit(&p->passed[stage], memory_order_acquire) == item) return;
        rest();
    }
    pthread_mutex_lock(&p->lock);
    // Sequentially consistent, as in `pass`: either that thread sees the sleeper, or this one sees the item pass.
    atomic_fetch_add(&p->sleepers, 1);
    while (atomic_load(&p->passed[stage]) != item) pthread_cond_wait(&p->moved, &p->lock);
    atomic_fetch_sub(&p->sleepers, 1);
    pthread_mutex_unlock(&p->lock);
}

static void pass(pipeline *p, size_t item, size_t stage) {
    atomic_store(&p->passed[stage], item + 1);
    if (atomic_load(&p->sleepers) == 0) return;
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
}

/// Items are handed out in order, so the first of those under way never waits, and no thread waits for ever.
static void take_items(const void *context, size_t start, size_t count) {
    pipeline *p = (pipeline *)context;
    for (size_t item = start; item < start + count; item++) {
        for (size_t stage = 0; stage < p->stages; stage++) {
            await_turn(p, item, stage);
            p->work(p->context, item, stage);
            pass(p, item, stage);
        }
    }
}

static bool take_items_together(pipeline *p, size_t items) {
    if (items < 2 || ck_threads() == 1) return false;
    p->passed = malloc(p->stages * sizeof *p->passed);
    if (!p->passed) return false;
    for (size_t stage = 0; stage < p->stages; stage++) atomic_init(&p->passed[stage], 0);
    atomic_init(&p->sleepers, 0);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->moved, NULL);
    const bool is_done = share_out(items, 1, take_items, p);
    pthread_cond_destroy(&p->moved);
    pthread_mutex_destroy(&p->lock);
    free(p->passed);
    return is_done;
}

void ck_pipeline(size_t items, size_t stages, ck_stage_function *work, void *context) {
    if (stages == 0) return;
    pipeline p = {.work = work, .context = context, .stages = stages};
    if (take_items_together(&p, items)) return;
    for (size_t item = 0; item < items; item++)
        for (size_t stage = 0; stage < stages; stage++) work(context, item, stage);
}

typedef struct pieces {
    ck_piece_function *work;
    void *context;
} pieces;

static void take_pieces(const void *context, size_t start, size_t count) {
    const pieces *p = context;
    for (size_t piece = start; piece < start + count; piece++) p->work(p->context, piece);
}

void ck_concurrently(size_t count, ck_piece_function *work, void *context) {
    const pieces p = {work, context};
    if (count < 2 || !share_out(count, 1, take_pieces, &p)) take_pieces(&p, 0, count);
}
