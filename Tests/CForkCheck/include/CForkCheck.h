#ifndef CODETTA_CFORKCHECK_H
#define CODETTA_CFORKCHECK_H

#include <stdint.h>

/// Forks processes whose threads are in known states, and runs kernels in the child. It is written in C so that the child runs
/// nothing else: other libraries may hold locks at the moment of the fork.
///
/// Each function returns 0 if in every child all results were equal to the bit to those of the parent, 1 if some were not, the
/// number of the signal that ended a child (SIGALRM where it hung), or a number below 0 where the check itself failed.

/// Forks while the pool's threads sleep, and again in the child and in its child.
int check_fork_of_idle_pool(int32_t isa);

/// Forks while another thread and the pool's threads are in the middle of a call.
int check_fork_of_busy_pool(int32_t isa);

/// Forks `forks` times at random moments while other threads make one call after the other.
int check_forks_at_any_moment(int32_t isa, int forks);

/// Forks while another thread holds a lock of `ck_lock_take`.
int check_fork_with_lock_held(void);

#endif
