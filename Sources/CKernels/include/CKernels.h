#ifndef CODETTA_CKERNELS_H
#define CODETTA_CKERNELS_H

/// Codetta's compute kernels. Every function is reached through the Tensors module.

#endif
