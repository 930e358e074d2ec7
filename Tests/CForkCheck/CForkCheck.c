#define _POSIX_C_SOURCE 200809L
#include "CForkCheck.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CKernels.h"

#define ROWS 500
#define CHANNELS 64
#define TAPS 3
/// Seconds until a child counts as hanging.
#define PATIENCE 60

static const ck_convolution shape = {CHANNELS, CHANNELS, TAPS, 1, 1, 1};

/// A convolution that is shared over the pool's threads, its input, and its output on one thread.
typedef struct work {
    int32_t isa;
    ck_pool *pool;
    float *packed, *input, *expected;
} work;

static float *floats(size_t count) {
    void *memory = NULL;
    return posix_memalign(&memory, 64, count * sizeof(float)) == 0 ? memory : NULL;
}

static void convolve(const work *w, ck_pool *pool, float *output) {
    const ck_epilogue epilogue = {.activation = CK_TANH};
    ck_convolve(w->isa, pool, &shape, w->packed, w->input, ROWS, 0, &epilogue, output);
}

/// Whether a call over the pool's threads gives what one thread gives.
static bool is_sound(const work *w) {
    float *output = floats(ROWS * CHANNELS);
    if (!output) return false;
    memset(output, 0, ROWS * CHANNELS * sizeof(float));
    convolve(w, w->pool, output);
    const bool is_same = memcmp(output, w->expected, ROWS * CHANNELS * sizeof(float)) == 0;
    free(output);
    return is_same;
}

static void end(work *w) {
    ck_pool_destroy(w->pool);
    free(w->packed), free(w->input), free(w->expected);
}

static bool begin(work *w, int32_t isa) {
    float weight[CHANNELS * CHANNELS * TAPS];
    uint64_t seed = 1;
    for (size_t i = 0; i < sizeof weight / sizeof *weight; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        weight[i] = (float)(int32_t)(seed >> 32) / 2147483648.0f * 0.1f;
    }
    *w = (work){isa, ck_pool_create(), floats(ck_packed_size(isa, &shape)), floats((ROWS + TAPS - 1) * CHANNELS), floats(ROWS * CHANNELS)};
    if (!w->pool || !w->packed || !w->input || !w->expected || ck_pool_set_threads(w->pool, 3) != 3) {
        end(w);
        return false;
    }
    for (size_t i = 0; i < (ROWS + TAPS - 1) * CHANNELS; i++) w->input[i] = weight[i % 1009];
    ck_pack(isa, &shape, weight, NULL, w->packed);
    convolve(w, NULL, w->expected);
    return true;
}

/// Forks a child that runs the work, and whose own children do, `depth` generations in all.
static int fork_and_work(const work *w, int depth) {
    const pid_t child = fork();
    if (child < 0) return -1;
    if (child == 0) {
        alarm(PATIENCE);
        int result = 0;
        for (int i = 0; i < 3 && result == 0; i++) result = is_sound(w) ? 0 : 1;
        if (result == 0 && depth > 1) result = fork_and_work(w, depth - 1);
        // A pool that came with the fork can be given other threads and be destroyed, and a new one works as well.
        ck_pool *fresh = ck_pool_create();
        const work other = {w->isa, fresh, w->packed, w->input, w->expected};
        if (result == 0 && (ck_pool_set_threads(fresh, 2) != 2 || !is_sound(&other))) result = 1;
        if (result == 0 && (ck_pool_set_threads(w->pool, 4) != 4 || !is_sound(w))) result = 1;
        ck_pool_destroy(fresh);
        ck_pool_destroy(w->pool);
        _exit(result);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) return -2;
    return WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

int check_fork_of_idle_pool(int32_t isa) {
    work w;
    if (!begin(&w, isa)) return -3;
    int result = is_sound(&w) ? fork_and_work(&w, 3) : -4;
    // The parent goes on as before.
    if (result == 0 && !is_sound(&w)) result = -5;
    end(&w);
    return result;
}

/// Two pieces of a call that are under way until they are told to end.
typedef struct occupation {
    ck_pool *pool;
    atomic_int under_way;
    atomic_bool is_over;
} occupation;

static void occupy_thread(void *context, size_t piece) {
    (void)piece;
    occupation *o = context;
    atomic_fetch_add(&o->under_way, 1);
    while (!atomic_load(&o->is_over)) sched_yield();
}

static void *occupy(void *context) {
    occupation *o = context;
    ck_concurrently(o->pool, 2, occupy_thread, o);
    return NULL;
}

int check_fork_of_busy_pool(int32_t isa) {
    work w;
    if (!begin(&w, isa)) return -3;
    occupation o = {.pool = w.pool};
    pthread_t caller;
    int result = -4;
    if (pthread_create(&caller, NULL, occupy, &o) == 0) {
        while (atomic_load(&o.under_way) < 2) sched_yield();
        result = fork_and_work(&w, 2);
        atomic_store(&o.is_over, true);
        pthread_join(caller, NULL);
    }
    if (result == 0 && !is_sound(&w)) result = -5;
    end(&w);
    return result;
}

typedef struct caller {
    const work *work;
    atomic_bool *is_over;
    bool is_sound;
    pthread_t thread;
} caller;

static void *call_again_and_again(void *context) {
    caller *c = context;
    while (!atomic_load(c->is_over)) c->is_sound = c->is_sound && is_sound(c->work);
    return NULL;
}

int check_forks_at_any_moment(int32_t isa, int forks) {
    work w;
    if (!begin(&w, isa)) return -3;
    atomic_bool is_over = false;
    caller callers[2] = {{&w, &is_over, true, 0}, {&w, &is_over, true, 0}};
    int result = 0, started = 0;
    while (started < 2 && pthread_create(&callers[started].thread, NULL, call_again_and_again, &callers[started]) == 0) started++;
    if (started < 2) result = -4;
    for (int i = 0; i < forks && result == 0; i++) result = fork_and_work(&w, 1);
    atomic_store(&is_over, true);
    for (int i = 0; i < started; i++) {
        pthread_join(callers[i].thread, NULL);
        if (result == 0 && !callers[i].is_sound) result = -5;
    }
    end(&w);
    return result;
}

typedef struct holder {
    uint32_t lock;
    atomic_bool is_held, is_over;
} holder;

static void *hold(void *context) {
    holder *h = context;
    ck_lock_take(&h->lock);
    atomic_store(&h->is_held, true);
    while (!atomic_load(&h->is_over)) sched_yield();
    ck_lock_release(&h->lock);
    return NULL;
}

int check_fork_with_lock_held(void) {
    holder h = {0};
    pthread_t thread;
    if (pthread_create(&thread, NULL, hold, &h) != 0) return -4;
    while (!atomic_load(&h.is_held)) sched_yield();
    const pid_t child = fork();
    if (child == 0) {
        alarm(PATIENCE);
        for (int i = 0; i < 3; i++) {
            ck_lock_take(&h.lock);
            ck_lock_release(&h.lock);
        }
        _exit(0);
    }
    int status = 0;
    const bool is_waited = child > 0 && waitpid(child, &status, 0) == child;
    atomic_store(&h.is_over, true);
    // Waits until the holder has released it.
    ck_lock_take(&h.lock);
    ck_lock_release(&h.lock);
    pthread_join(thread, NULL);
    if (!is_waited) return -2;
    return WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}
