// KissFFT: Fourier transforms, where the package's trait PermissiveFFT is on.
#ifdef PermissiveFFT
#if __has_include(<kiss_fft.h>)
#include <kiss_fft.h>
#else
#include <kissfft/kiss_fft.h>
#endif

#include "late.h"

CL_FORWARD(
    CL_KISSFFT, kiss_fft_cfg, kiss_fft_alloc, (int size, int is_inverse, void *memory, size_t *length),
    (size, is_inverse, memory, length), return NULL)
CL_FORWARD(CL_KISSFFT, void, kiss_fft, (kiss_fft_cfg plan, const kiss_fft_cpx *input, kiss_fft_cpx *output), (plan, input, output), return)
#else
typedef int no_kissfft;
#endif
