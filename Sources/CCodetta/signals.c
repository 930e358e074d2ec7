// Writes to pipes without a reader.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <time.h>

#include "codetta_support.h"

static sigset_t pipe_signal(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

cc_signals cc_hold_pipe_signal(void) {
    cc_signals signals;
    sigset_t pending;
    sigpending(&pending);
    signals.was_pending = sigismember(&pending, SIGPIPE) == 1;
    const sigset_t set = pipe_signal();
    pthread_sigmask(SIG_BLOCK, &set, &signals.mask);
    return signals;
}

void cc_restore_signals(const cc_signals *signals) {
    const sigset_t set = pipe_signal();
    if (!signals->was_pending) {
#ifdef __linux__
        const struct timespec now = {0, 0};
        sigtimedwait(&set, NULL, &now);
#else
        sigset_t pending;
        int number;
        sigpending(&pending);
        if (sigismember(&pending, SIGPIPE) == 1) sigwait(&set, &number);
#endif
    }
    pthread_sigmask(SIG_SETMASK, &signals->mask, NULL);
}
