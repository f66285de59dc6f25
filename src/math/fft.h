/* Real Fourier transforms of one length, through FFTW with estimated plans: the same plan, and so the
 * same bytes, in every run on one machine.
 * Source: Frigo & Johnson, Proc IEEE 93:216 (2005), doi 10.1109/JPROC.2004.840301. */
#ifndef NVC_MATH_FFT_H
#define NVC_MATH_FFT_H

#include "base/status.h"

#include <complex.h>
#include <stddef.h>

struct nvc_fft; /* opaque; may be used by many threads at once, but is made and freed by one */

/* Plans for transforms of n >= 1 real values.  NVC_ESYS: memory. */
int nvc_fft_new(struct nvc_fft **f, size_t n, struct nvc_error *err) NVC_CHECKED;
void nvc_fft_free(struct nvc_fft *f);

/* spectrum[k] = sum_t x[t] exp(-2 pi i k t / n), k = 0..n/2: n/2 + 1 values. */
void nvc_fft_forward(const struct nvc_fft *f, const double *x, double complex *spectrum);
/* x[t] = (1/n) sum_k of the Hermitian spectrum: undoes nvc_fft_forward.  Destroys spectrum. */
void nvc_fft_inverse(const struct nvc_fft *f, double complex *spectrum, double *x);

#endif
