#ifndef CODETTA_FORKS_H
#define CODETTA_FORKS_H

#include <stdint.h>

/// How many times this process has come out of a fork, counting the forks of its ancestors since this code was loaded.
///
/// A child has no other threads than the one that forked. What a thread of the parent held at that moment stays held in the child
/// for ever; this number tells such leftovers from what threads of this process hold.
uint32_t fork_count(void);

#endif
