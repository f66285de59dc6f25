#include "model/glm/glm_detail.h"

#include "base/memory.h"
#include "model/glm/glm_internal.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_glm_detail_release(struct nvc_glm_detail *d)
{
    nvc_lsq_release(&d->f);
    free(d->filter);
    free(d->H);
    free(d->residual);
    *d = (struct nvc_glm_detail){ 0 };
}

/* x in place as the noise model of series v whitens it (but for ar1-reml, whose whitening is a matrix). */
static void whiten(const struct nvc_glm *g, const struct nvc_glm_fit *fit, size_t v, double *x)
{
    if (!isnan(fit->ma[v])) {
        nvc_arma_whiten((struct nvc_arma_pair){ fit->ar[v], fit->ma[v] }, g->run_start, g->n_runs, g->n, x);
        return;
    }
    if (!g->ar1)
        return;
    for (size_t run = 0; run < g->n_runs; run++)
        for (size_t t = g->run_start[run + 1] - 1; t > g->run_start[run]; t--)
            x[t] -= fit->ar[v] * x[t - 1];
}

int nvc_glm_whiten(const struct nvc_glm *g, const struct nvc_glm_fit *fit, size_t v, double *x, struct nvc_error *err)
{
    int n = (int)g->n;
    double *out = g->W ? nvc_array(g->n, sizeof *out, err) : NULL;
    if (g->W && !out)
        return NVC_ESYS;
    if (g->W) {
        cblas_dgemv(CblasColMajor, CblasNoTrans, n, n, 1, g->W, n, x, 1, 0, out, 1);
        memcpy(x, out, g->n * sizeof *x);
    } else {
        whiten(g, fit, v, x);
    }
    free(out);
    return 0;
}

/* The basis Q of the design, whitened, and y in it. */
static int whiten_all(struct nvc_glm_detail *d, const struct nvc_glm *g, const struct nvc_glm_fit *fit, size_t v,
                      const double *y, struct nvc_error *err)
{
    size_t n = g->n, m = g->f.m;
    double *Q = nvc_array(n * m + n + m, sizeof *Q, err), *series = Q + n * m, *theta = series + n;
    if (!Q)
        return NVC_ESYS;
    memcpy(Q, g->f.Q, n * m * sizeof *Q);
    memcpy(series, y, n * sizeof *series);
    for (size_t j = 0; j < m; j++)
        whiten(g, fit, v, Q + j * n);
    whiten(g, fit, v, series);
    int status = nvc_lsq_init(&d->f, Q, n, m, err);
    if (!status) {
        d->sigma2 = nvc_lsq_solve(&d->f, series, theta, d->residual) / g->sigma_dof;
        cblas_dgemv(CblasColMajor, CblasNoTrans, (int)n, (int)m, 1, g->f.Q, (int)n, theta, 1, 0, d->fitted, 1);
        cblas_dgemv(CblasColMajor, CblasNoTrans, (int)m, (int)m, 1, g->f.T, (int)m, theta, 1, 0, d->beta, 1);
        cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)m, (int)g->n_effects, (int)m, 1, d->f.T, (int)m, g->H, (int)m,
                    0, d->H, (int)m);
    }
    free(Q);
    return status;
}

int nvc_glm_detail_init(struct nvc_glm_detail *d, const struct nvc_glm *g, const struct nvc_glm_fit *fit, size_t v,
                        const double *y, struct nvc_error *err)
{
    *d = (struct nvc_glm_detail){ .n = g->n, .run_start = g->run_start, .n_runs = g->n_runs };
    if (isnan(fit->rss[v]))
        return nvc_fail(err, NVC_EDATA, "series %zu has no estimate", v + 1);
    if (!(d->residual = nvc_array(2 * g->n + g->m, sizeof *d->residual, err)) ||
        !(d->H = nvc_array(g->f.m * g->n_effects, sizeof *d->H, err))) {
        nvc_glm_detail_release(d);
        return NVC_ESYS;
    }
    d->fitted = d->residual + g->n;
    d->beta = d->fitted + g->n;
    int status = g->reml ? nvc_glm_reml_detail(d, g, y, err) : whiten_all(d, g, fit, v, y, err);
    if (status)
        nvc_glm_detail_release(d);
    return status;
}

double nvc_glm_correlation(const struct nvc_glm_detail *a, const struct nvc_glm_detail *b, size_t k)
{
    int n = (int)a->n, m = (int)a->f.m;
    const double *ha = a->H + k * a->f.m, *hb = b->H + k * b->f.m;
    double residual = cblas_ddot(n, a->residual, 1, b->residual, 1) /
                      (cblas_dnrm2(n, a->residual, 1) * cblas_dnrm2(n, b->residual, 1));
    double weights = 0;
    for (size_t i = 0; i < a->n; i++)
        weights += cblas_ddot(m, a->f.Q + i, n, ha, 1) * cblas_ddot(m, b->f.Q + i, n, hb, 1);
    return residual * weights / (cblas_dnrm2(m, ha, 1) * cblas_dnrm2(m, hb, 1));
}

int nvc_glm_influence(const struct nvc_glm_detail *d, const struct nvc_glm *g, const struct nvc_glm_fit *fit, size_t v, size_t p,
                      double *leverage, double *cook, struct nvc_error *err)
{
    int n = (int)d->n, m = (int)d->f.m;
    double *column = nvc_array(d->n + d->f.m, sizeof *column, err), *inside = column + d->n;
    if (!column)
        return NVC_ESYS;
    for (int t = 0; t < n; t++) {
        memset(column, 0, d->n * sizeof *column);
        column[t] = 1;
        if (g->W)
            cblas_dcopy(n, g->W + (size_t)t * d->n, 1, column, 1);
        else
            whiten(g, fit, v, column);
        cblas_dgemv(CblasColMajor, CblasTrans, n, m, 1, d->f.Q, n, column, 1, 0, inside, 1);
        double all = cblas_ddot(n, column, 1, column, 1), explained = cblas_ddot(m, inside, 1, inside, 1), rest = all - explained;
        double gap = cblas_ddot(n, column, 1, d->residual, 1) / rest;
        bool open = rest > 1e-9 * all; /* not closed already by a column of its own */
        leverage[t] = open ? explained / all : 1;
        cook[t] = open ? gap * gap * explained / ((double)p * d->sigma2) : NAN;
    }
    free(column);
    return 0;
}
