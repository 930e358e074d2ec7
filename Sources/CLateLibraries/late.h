#ifndef CODETTA_LATE_H
#define CODETTA_LATE_H

#include <stdatomic.h>
#include <stddef.h>

#include "CLateLibraries.h"

/// The address of a function; NULL where the library or the function is missing.
void *cl_function(enum cl_library library, const char *name);

/// Defines the function `name` of a library, which hands over to the library, or does `otherwise` where that is missing.
#define CL_FORWARD(library, type, name, parameters, arguments, otherwise)                                    \
    type name parameters {                                                                                   \
        static _Atomic(void *) known;                                                                        \
        void *function = atomic_load_explicit(&known, memory_order_acquire);                                 \
        if (!function) {                                                                                     \
            function = cl_function(library, #name);                                                          \
            if (!function) { otherwise; }                                                                    \
            atomic_store_explicit(&known, function, memory_order_release);                                   \
        }                                                                                                    \
        return ((type(*) parameters)function)arguments;                                                      \
    }

#endif
