// Tasks that pass through stages in order, several at a time, each on a thread of its own. A thread that takes a task through
// all its stages finds the task's data in its own cache. It waits only where the task before is still in the stage that comes
// next, or where the tasks that it needs are not done yet.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "CKernels.h"
#include "pool.h"

/// How often a waiting thread looks at a stage before it goes to sleep. Together these looks take a few microseconds, less than
/// to sleep and wake again.
#define LOOKS 128

typedef struct pipeline {
    const ck_task *tasks;
    ck_stage_function *work;
    void *context;
    /// How many tasks have passed each stage.
    atomic_size_t *passed;
    /// Threads that sleep until a task passes a stage.
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

/// Returns when at least `count` tasks have passed `stage`.
static void await_passed(pipeline *p, size_t count, size_t stage) {
    for (int i = 0; i < LOOKS; i++) {
        if (atomic_load_explicit(&p->passed[stage], memory_order_acquire) >= count) return;
        rest();
    }
    pthread_mutex_lock(&p->lock);
    // Sequentially consistent, as in `pass`: either that thread sees the sleeper, or this one sees the task pass.
    atomic_fetch_add(&p->sleepers, 1);
    while (atomic_load(&p->passed[stage]) < count) pthread_cond_wait(&p->moved, &p->lock);
    atomic_fetch_sub(&p->sleepers, 1);
    pthread_mutex_unlock(&p->lock);
}

static void pass(pipeline *p, size_t index, size_t stage) {
    atomic_store(&p->passed[stage], index + 1);
    if (atomic_load(&p->sleepers) == 0) return;
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
}

/// Tasks are handed out in order, so the first of those under way never waits, and no thread waits for ever.
static void take_tasks(const void *context, size_t start, size_t count) {
    pipeline *p = (pipeline *)context;
    for (size_t i = start; i < start + count; i++) {
        const ck_task *task = &p->tasks[i];
        if (task->needed > 0) await_passed(p, task->needed, task->first_stage - 1);
        for (size_t stage = task->first_stage; stage < task->end_stage; stage++) {
            await_passed(p, task->index, stage);
            p->work(p->context, i, stage);
            pass(p, task->index, stage);
        }
    }
}

static bool take_tasks_together(ck_pool *pool, pipeline *p, size_t count, size_t stages) {
    if (count < 2 || ck_pool_threads(pool) == 1) return false;
    p->passed = malloc(stages * sizeof *p->passed);
    if (!p->passed) return false;
    for (size_t stage = 0; stage < stages; stage++) atomic_init(&p->passed[stage], 0);
    atomic_init(&p->sleepers, 0);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->moved, NULL);
    const bool is_done = share_out(pool, count, 1, take_tasks, p);
    pthread_cond_destroy(&p->moved);
    pthread_mutex_destroy(&p->lock);
    free(p->passed);
    return is_done;
}

void ck_pipeline(ck_pool *pool, const ck_task *tasks, size_t count, size_t stages, ck_stage_function *work, void *context) {
    if (stages == 0) return;
    pipeline p = {.tasks = tasks, .work = work, .context = context};
    if (take_tasks_together(pool, &p, count, stages)) return;
    for (size_t i = 0; i < count; i++)
        for (size_t stage = tasks[i].first_stage; stage < tasks[i].end_stage; stage++) work(context, i, stage);
}

typedef struct pieces {
    ck_piece_function *work;
    void *context;
} pieces;

static void take_pieces(const void *context, size_t start, size_t count) {
    const pieces *p = context;
    for (size_t piece = start; piece < start + count; piece++) p->work(p->context, piece);
}

void ck_concurrently(ck_pool *pool, size_t count, ck_piece_function *work, void *context) {
    const pieces p = {work, context};
    if (count < 2 || !share_out(pool, count, 1, take_pieces, &p)) take_pieces(&p, 0, count);
}
