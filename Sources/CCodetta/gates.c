// Mutual exclusion that a fork does not turn into a deadlock.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "codetta_support.h"

static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
/// How often this process has come out of a fork.
static uint32_t forks;

void cc_table_lock(void) { pthread_mutex_lock(&table); }
void cc_table_unlock(void) { pthread_mutex_unlock(&table); }

static void enter_child(void) {
    __atomic_fetch_add(&forks, 1, __ATOMIC_RELAXED);
    cc_table_unlock();
}

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(cc_table_lock, cc_table_unlock, enter_child); }

// The word is 0 while nobody is within, else one more than the number of forks before the one who is came in.
bool cc_gate_enter(uint32_t *word) {
    const uint32_t mine = __atomic_load_n(&forks, __ATOMIC_RELAXED) + 1;
    for (;;) {
        uint32_t holder = 0;
        if (__atomic_compare_exchange_n(word, &holder, mine, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return true;
        if (holder != mine) return false;
        const struct timespec pause = {0, 200000};
        nanosleep(&pause, NULL);
    }
}

void cc_gate_leave(uint32_t *word) { __atomic_store_n(word, 0, __ATOMIC_RELEASE); }

int32_t cc_processors(void) {
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int32_t)count : 1;
}

const char *cc_library_path(void) {
    Dl_info info;
    return dladdr((const void *)&forks, &info) ? info.dli_fname : NULL;
}
