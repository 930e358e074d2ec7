#ifndef CODETTA_SUPPORT_H
#define CODETTA_SUPPORT_H

// What the C library's Swift code needs from C. No part of the library's interface.
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/// Keeps a copy of `text` as this thread's codetta_last_message().
void cc_set_message(const char *_Nonnull text);

/// Enters the gate in `word`, which is 0 at the start: one thread at a time, and no second time from within. Others wait, looking at it
/// five thousand times a second.
/// \returns false where a thread was within when this process came out of a fork: what the gate guards is in pieces then.
bool cc_gate_enter(uint32_t *_Nonnull word);

/// Leaves the gate.
void cc_gate_leave(uint32_t *_Nonnull word);

/// Takes the lock of the table of handles, for a few instructions. A fork waits until it is released.
void cc_table_lock(void);

/// Releases the lock of the table of handles.
void cc_table_unlock(void);

/// What a flag of the caller's says now.
static inline int32_t cc_flag(const int32_t *_Nonnull flag) { return __atomic_load_n(flag, __ATOMIC_RELAXED); }

/// What a thread's signals were.
typedef struct cc_signals {
    sigset_t mask;
    bool was_pending;
} cc_signals;

/// Keeps a pipe without a reader from ending the process: a write to it fails instead, in this thread, until the signals are restored.
cc_signals cc_hold_pipe_signal(void);

/// Takes away the signal of a write that failed meanwhile, and restores the thread's signals.
void cc_restore_signals(const cc_signals *_Nonnull signals);

/// Processors that this process may use, at least 1.
int32_t cc_processors(void);

/// The path of the file that this code was loaded from, or NULL if that is not known. Never freed.
const char *_Nullable cc_library_path(void);

#endif
