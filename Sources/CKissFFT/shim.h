#if __has_include(<kiss_fft.h>)
#include <kiss_fft.h>
#else
#include <kissfft/kiss_fft.h>
#endif
