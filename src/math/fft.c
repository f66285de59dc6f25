#include "math/fft.h"

#include "base/memory.h"

#include <fftw3.h>
#include <stdint.h>
#include <stdlib.h>

struct nvc_fft {
    size_t n;
    fftw_plan forward, inverse;
};

int nvc_fft_new(struct nvc_fft **f, size_t n, struct nvc_error *err)
{
    const unsigned flags = FFTW_ESTIMATE | FFTW_UNALIGNED;
    double *x = fftw_malloc(n * sizeof *x);
    fftw_complex *s = fftw_malloc((n / 2 + 1) * sizeof *s);
    struct nvc_fft *p = *f = nvc_array(1, sizeof *p, err);
    int status = NVC_ESYS;
    if (!p)
        goto out;
    if (!x || !s) {
        nvc_fail(err, NVC_ESYS, "out of memory (Fourier transform of %zu values)", n);
        goto out;
    }
    p->n = n;
    p->forward = fftw_plan_dft_r2c_1d((int)n, x, s, flags | FFTW_PRESERVE_INPUT);
    p->inverse = fftw_plan_dft_c2r_1d((int)n, s, x, flags);
    status = p->forward && p->inverse ? 0 : nvc_fail(err, NVC_ESYS, "no plan for a Fourier transform of %zu values", n);
out:
    fftw_free(x);
    fftw_free(s);
    if (status) {
        nvc_fft_free(p);
        *f = NULL;
    }
    return status;
}

void nvc_fft_free(struct nvc_fft *f)
{
    if (!f)
        return;
    if (f->forward)
        fftw_destroy_plan(f->forward);
    if (f->inverse)
        fftw_destroy_plan(f->inverse);
    free(f);
}

void nvc_fft_forward(const struct nvc_fft *f, const double *x, double complex *spectrum)
{
    /* FFTW_PRESERVE_INPUT: x is only read. */
    fftw_execute_dft_r2c(f->forward, (double *)(uintptr_t)x, spectrum);
}

void nvc_fft_inverse(const struct nvc_fft *f, double complex *spectrum, double *x)
{
    fftw_execute_dft_c2r(f->inverse, spectrum, x);
    for (size_t t = 0; t < f->n; t++)
        x[t] /= (double)f->n;
}
