#include "model/design/cleaner.h"

#include "base/memory.h"
#include "math/lsq.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct nvc_cleaner {
    size_t n, kept, dof;
    size_t m;         /* columns of Q or F */
    double *Q;        /* n x m, orthonormal, to be taken out; rows of censored volumes are 0 */
    double *F, *A;    /* with a band instead: F the Fourier pairs in it, A = F times what nuisance leaves of their coordinates */
    float *F1, *A1;   /* the same in single precision */
    bool *keep;
};

/* Orthonormal Fourier pairs of the n volumes whose frequency is in the band; returns how many columns. */
static size_t in_band(const struct nvc_cleaner_spec *s, double *F)
{
    size_t m = 0;
    for (size_t k = 1; k <= s->n / 2; k++) {
        const double f = (double)k / ((double)s->n * s->tr_s), height = sqrt((2 * k == s->n ? 1.0 : 2.0) / (double)s->n);
        if ((!isnan(s->low_hz) && f < s->low_hz * (1 - 1e-9)) || (!isnan(s->high_hz) && f > s->high_hz * (1 + 1e-9)))
            continue;
        for (int sine = 0; sine < (2 * k == s->n ? 1 : 2); sine++, m++)
            for (size_t t = 0; F && t < s->n; t++) {
                const double phase = 2 * M_PI * (double)(k * t % s->n) / (double)s->n;
                F[t + s->n * m] = height * (sine ? sin(phase) : cos(phase));
            }
    }
    return m;
}

/* Trend and confounds, and for the band a one at each censored volume: what is orthogonal to that is 0 there. */
static size_t nuisance(const struct nvc_cleaner *c, const struct nvc_cleaner_spec *s, bool band, double *X)
{
    size_t m = 0;
    for (int d = 0; d <= s->trend; d++, m++)
        for (size_t t = 0; t < s->n; t++)
            X[t + s->n * m] = pow(2 * (double)t / ((double)s->n - 1) - 1, d);
    if (s->n_confounds)
        memcpy(X + s->n * m, s->confounds, s->n * s->n_confounds * sizeof *X);
    m += s->n_confounds;
    for (size_t t = 0; t < s->n; t++) {
        if (c->keep[t])
            continue;
        if (band)
            X[t + s->n * m++] = 1;
        else
            for (size_t j = 0; j < m; j++)
                X[t + s->n * j] = 0;
    }
    return m;
}

/* A = F (I - q q'), q an orthonormal basis of F'X: the projection on what is in the band and orthogonal to X. */
static int keep_band(struct nvc_cleaner *c, const double *X, size_t m, struct nvc_error *err)
{
    const int n = (int)c->n, b = (int)c->m;
    struct nvc_lsq f = { 0 };
    double *Z = nvc_array(c->m * (m + c->m), sizeof *Z, err), *P = Z + c->m * m;
    size_t used = 0;
    int status = Z ? 0 : NVC_ESYS;
    for (size_t j = 0; j < m && !status; j++) { /* a column that lies out of the band has nothing to take away but rounding */
        double *z = Z + c->m * used;
        cblas_dgemv(CblasColMajor, CblasTrans, n, b, 1, c->F, n, X + c->n * j, 1, 0, z, 1);
        used += cblas_dnrm2(b, z, 1) > 1e-9 * cblas_dnrm2(n, X + c->n * j, 1);
    }
    if (!status && used)
        status = nvc_lsq_init(&f, Z, c->m, used, err);
    if (!status) {
        for (size_t i = 0; i < c->m; i++)
            P[i * (c->m + 1)] = 1;
        if (f.rank)
            cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, b, b, (int)f.rank, -1, f.Q, b, f.Q, b, 1, P, b);
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, b, b, 1, c->F, n, P, b, 0, c->A, n);
        c->dof = c->m - f.rank;
        for (size_t i = 0; i < c->n * c->m; i++)
            c->F1[i] = (float)c->F[i], c->A1[i] = (float)c->A[i];
    }
    nvc_lsq_release(&f);
    free(Z);
    return status;
}

static int take_out(struct nvc_cleaner *c, const double *X, size_t m, struct nvc_error *err)
{
    struct nvc_lsq f = { 0 };
    int status = nvc_lsq_init(&f, X, c->n, m, err);
    if (!status && !(c->Q = nvc_array(c->n * f.rank, sizeof *c->Q, err)))
        status = NVC_ESYS;
    if (!status) {
        memcpy(c->Q, f.Q, c->n * f.rank * sizeof *c->Q);
        c->m = f.rank;
        c->dof = c->kept - f.rank;
    }
    nvc_lsq_release(&f);
    return status;
}

int nvc_cleaner_new(struct nvc_cleaner **out, const struct nvc_cleaner_spec *s, struct nvc_error *err)
{
    struct nvc_cleaner *c = *out = nvc_array(1, sizeof *c, err);
    const bool band = !isnan(s->low_hz) || !isnan(s->high_hz);
    const size_t n_in = band ? in_band(s, NULL) : s->n - 1, n_out = s->n - 1 - n_in, n_plain = (size_t)s->trend + 1 + s->n_confounds;
    double *X = NULL;
    int status = NVC_ESYS;
    if (!c || !(c->keep = nvc_array(s->n, sizeof *c->keep, err)))
        goto out;
    c->n = s->n;
    for (size_t t = 0; t < s->n; t++)
        c->kept += c->keep[t] = !s->keep || s->keep[t];
    if (c->kept < n_plain + n_out + 2) {
        status = nvc_fail(err, NVC_EDATA, "%zu volumes are left for %d trend, %zu confound and %zu out-of-band columns: censor "
                          "less, take fewer confounds or widen the band", c->kept, s->trend + 1, s->n_confounds, n_out);
        goto out;
    }
    if (!(X = nvc_array(s->n * (n_plain + s->n - c->kept), sizeof *X, err)) ||
        (band && (!(c->F = nvc_array(s->n * n_in, sizeof *c->F, err)) || !(c->A = nvc_array(s->n * n_in, sizeof *c->A, err)) ||
                  !(c->F1 = nvc_array(s->n * n_in, sizeof *c->F1, err)) || !(c->A1 = nvc_array(s->n * n_in, sizeof *c->A1, err)))))
        goto out;
    const size_t m = nuisance(c, s, band, X);
    if (band)
        c->m = in_band(s, c->F);
    status = band ? keep_band(c, X, m, err) : take_out(c, X, m, err);
out:
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
    free(c->F);
    free(c->A);
    free(c->F1);
    free(c->A1);
    free(c->keep);
    free(c);
}

size_t nvc_cleaner_dof(const struct nvc_cleaner *c) { return c->dof; }

static void blank(const struct nvc_cleaner *c, double *Y, size_t k)
{
    for (size_t t = 0; c->kept < c->n && t < c->n; t++)
        if (!c->keep[t])
            for (size_t v = 0; v < k; v++)
                Y[t + c->n * v] = 0;
}

void nvc_cleaner_apply(const struct nvc_cleaner *c, double *Y, size_t k, double *work)
{
    const int n = (int)c->n, m = (int)c->m;
    const double *in = c->F ? c->F : c->Q, *out = c->F ? c->A : c->Q;
    blank(c, Y, k);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, m, (int)k, n, 1, in, n, Y, n, 0, work, m);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, (int)k, m, c->F ? 1 : -1, out, n, work, m, c->F ? 0 : 1, Y, n);
    if (c->F)
        blank(c, Y, k);
}

void nvc_cleaner_band(const struct nvc_cleaner *c, float *Y, size_t k, float *work)
{
    const int n = (int)c->n, m = (int)c->m;
    for (size_t v = 0; v < k; v++) {
        float *y = Y + c->n * v;
        double sum = 0;
        for (size_t t = 0; c->kept < c->n && t < c->n; t++)
            y[t] = c->keep[t] ? y[t] : 0;
#pragma omp simd reduction(+ : sum)
        for (size_t t = 0; t < c->n; t++)
            sum += (double)y[t];
        const double mean = sum / (double)c->kept; /* out first, so that it takes no digits from the rest */
        for (size_t t = 0; t < c->n; t++)
            y[t] = (float)((double)y[t] - mean);
        for (size_t t = 0; c->kept < c->n && t < c->n; t++)
            y[t] = c->keep[t] ? y[t] : 0;
    }
    cblas_sgemm(CblasColMajor, CblasTrans, CblasNoTrans, m, (int)k, n, 1, c->F1, n, Y, n, 0, work, m);
    cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, (int)k, m, 1, c->A1, n, work, m, 0, Y, n);
}
