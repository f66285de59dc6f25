#include "model/cleaner.h"

#include "base/memory.h"
#include "math/lsq.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct nvc_cleaner {
    size_t n, rank, kept;
    double *Q;        /* n x rank, orthonormal; rows of censored volumes are 0 */
    bool *keep;
};

/* Fourier pairs of the n volumes whose frequency is out of band; returns how many columns. */
static size_t out_of_band(const struct nvc_cleaner_spec *s, double *X)
{
    size_t m = 0;
    for (size_t k = 1; k <= s->n / 2; k++) {
        const double f = (double)k / ((double)s->n * s->tr_s);
        if ((isnan(s->low_hz) || f >= s->low_hz * (1 - 1e-9)) && (isnan(s->high_hz) || f <= s->high_hz * (1 + 1e-9)))
            continue;
        for (int sine = 0; sine < (2 * k == s->n ? 1 : 2); sine++, m++)
            for (size_t t = 0; X && t < s->n; t++) {
                const double phase = 2 * M_PI * (double)(k * t % s->n) / (double)s->n;
                X[t + s->n * m] = sine ? sin(phase) : cos(phase);
            }
    }
    return m;
}

static void fill(const struct nvc_cleaner_spec *s, double *X)
{
    for (int d = 0; d <= s->trend; d++, X += s->n)
        for (size_t t = 0; t < s->n; t++)
            X[t] = pow(2 * (double)t / ((double)s->n - 1) - 1, d);
    if (s->n_confounds)
        memcpy(X, s->confounds, s->n * s->n_confounds * sizeof *X);
    (void)out_of_band(s, X + s->n * s->n_confounds);
}

int nvc_cleaner_new(struct nvc_cleaner **out, const struct nvc_cleaner_spec *s, struct nvc_error *err)
{
    struct nvc_cleaner *c = *out = nvc_array(1, sizeof *c, err);
    struct nvc_lsq f = { 0 };
    const size_t n_band = out_of_band(s, NULL), m = (size_t)s->trend + 1 + s->n_confounds + n_band;
    double *X = NULL;
    int status = NVC_ESYS;
    if (!c || !(c->keep = nvc_array(s->n, sizeof *c->keep, err)) || !(X = nvc_array(s->n * m, sizeof *X, err)))
        goto out;
    c->n = s->n;
    for (size_t t = 0; t < s->n; t++)
        c->kept += c->keep[t] = !s->keep || s->keep[t];
    if (c->kept < m + 2) {
        status = nvc_fail(err, NVC_EDATA, "%zu volumes are left for %d trend, %zu confound and %zu out-of-band columns: censor "
                          "less, take fewer confounds or widen the band", c->kept, s->trend + 1, s->n_confounds, n_band);
        goto out;
    }
    fill(s, X);
    for (size_t j = 0; j < m; j++)
        for (size_t t = 0; t < s->n; t++)
            if (!c->keep[t])
                X[t + s->n * j] = 0;
    if ((status = nvc_lsq_init(&f, X, s->n, m, err)))
        goto out;
    c->rank = f.rank;
    if (!(c->Q = nvc_array(s->n * f.rank, sizeof *c->Q, err))) {
        status = NVC_ESYS;
        goto out;
    }
    memcpy(c->Q, f.Q, s->n * f.rank * sizeof *c->Q);
out:
    nvc_lsq_release(&f);
    free(X);
    if (status) {
        nvc_cleaner_free(c);
        *out = NULL;
    }
    return status;
}

void nvc_cleaner_free(struct nvc_cleaner *c)
{
    if (!c)
        return;
    free(c->Q);
    free(c->keep);
    free(c);
}

size_t nvc_cleaner_dof(const struct nvc_cleaner *c) { return c->kept - c->rank; }

void nvc_cleaner_apply(const struct nvc_cleaner *c, double *Y, size_t k, double *work)
{
    const int n = (int)c->n, m = (int)c->rank;
    for (size_t t = 0; c->kept < c->n && t < c->n; t++)
        if (!c->keep[t])
            for (size_t v = 0; v < k; v++)
                Y[t + c->n * v] = 0;
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, m, (int)k, n, 1, c->Q, n, Y, n, 0, work, m);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, (int)k, m, -1, c->Q, n, work, m, 1, Y, n);
}
