/* From series to estimates, block by block. */
#include "model/glm/glm_internal.h"

#include "base/memory.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_glm_store(const struct nvc_glm *g, struct nvc_glm_fit *fit, size_t v, size_t k, double effect, double variance)
{
    size_t at = k * fit->n_vox + v;
    fit->effect[at] = effect;
    if (!(variance > 0))
        return;
    fit->variance[at] = variance;
    if (g->want[k] == NVC_WANT_P)
        fit->p[at] = nvc_tail_p(&g->t_tail, effect * effect / variance);
}

void nvc_glm_store_test(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t v, size_t k,
                        const double *covariance, double sigma2)
{
    size_t r = g->tests[k].n_rows;
    double *e = w->test;
    for (size_t i = 0; i < r; i++)
        e[i] = fit->effect[(g->tests[k].first + i) * fit->n_vox + v];
    double f = nvc_glm_quadratic(covariance, e, r, e + r) / g->test_scale[k] / sigma2;
    fit->f[k * fit->n_vox + v] = f;
    fit->f_p[k * fit->n_vox + v] = nvc_tail_p(&g->f_tails[k], f);
}

double nvc_glm_quadratic(const double *C, const double *e, size_t r, double *work)
{
    double *L = work, *x = work + r * r, square = 0;
    for (size_t i = 0; i < r; i++) { /* rows of the Cholesky factor as the solution needs them; r is small */
        x[i] = e[i];
        for (size_t j = 0; j <= i; j++) {
            double sum = C[i + j * r];
            for (size_t q = 0; q < j; q++)
                sum -= L[i * r + q] * L[j * r + q];
            L[i * r + j] = i == j ? sqrt(sum) : sum / L[j * r + j];
            x[i] -= j < i ? L[i * r + j] * x[j] : 0;
        }
        x[i] /= L[i * r + i];
        square += x[i] * x[i];
    }
    return square;
}

static void work_free(struct nvc_glm_work *w)
{
    if (!w)
        return;
    nvc_arma_work_free(w->arma);
    free(w->Y);
    free(w->lane);
    free(w);
}

static struct nvc_glm_work *work_new(const struct nvc_glm *g, struct nvc_error *err)
{
    size_t r = 1, blocks = (2 * g->n + g->m) * NVC_LANES + (4 * g->n_effects + 2 * g->n_tests) * NVC_VECTOR;
    for (size_t k = 0; k < g->n_tests; k++)
        r = g->tests[k].n_rows > r ? g->tests[k].n_rows : r;
    struct nvc_glm_work *w = nvc_array(1, sizeof *w, err);
    if (!w)
        return NULL;
    w->Y = aligned_alloc(NVC_VECTOR_BYTES, blocks * sizeof *w->Y);
    w->lane = nvc_array(g->m * (g->m + 5) + 3 * r * (r + 1) + g->n_pairs + 2 * g->n, sizeof *w->lane, err);
    if (!w->Y || !w->lane || (g->arma && !(w->arma = nvc_arma_work_new(g->arma, err)))) {
        if (!w->Y)
            nvc_fail(err, NVC_ESYS, "no memory for %zu bytes", blocks * sizeof *w->Y);
        work_free(w);
        return NULL;
    }
    w->Z = w->Y + g->n * NVC_LANES;
    w->theta = w->Z + g->n * NVC_LANES;
    w->test = w->lane + g->m * (g->m + 5);
    w->objective = w->test + 3 * r * (r + 1);
    w->series = w->objective + g->n_pairs;
    w->ols = w->theta + g->m * NVC_LANES;
    double **const where[] = { &w->average.effect, &w->average.variance, &w->average.p, &w->average.f, &w->average.f_p };
    double *at = w->ols + g->n_effects * NVC_VECTOR;
    for (size_t k = 0; k < 5; k++) {
        *where[k] = at;
        at += (k < 3 ? g->n_effects : g->n_tests) * NVC_VECTOR;
    }
    return w;
}

void nvc_glm_load_columns(const void *columns, size_t first, size_t count, double *Y)
{
    const struct nvc_glm_columns *c = columns;
    for (size_t lane = 0; lane < count; lane++)
        for (size_t t = 0; t < c->n; t++)
            Y[t * NVC_LANES + lane] = c->Y[t + (first + lane) * c->ld];
}

/* theta, residuals and rss of a block.  A series that is constant up to rounding has rss 0. */
static void least_squares(const struct nvc_glm *g, struct nvc_glm_work *w, bool whiten)
{
    int n = (int)g->n, m = (int)g->f.m;
    if (whiten && g->W) {
        memcpy(w->Z, w->Y, g->n * NVC_LANES * sizeof *w->Z);
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, NVC_LANES, n, n, 1, w->Z, NVC_LANES, g->W, n, 0, w->Y, NVC_LANES);
    }
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, NVC_LANES, m, n, 1, w->Y, NVC_LANES, g->f.Q, n, 0, w->theta, NVC_LANES);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, NVC_LANES, n, m, -1, w->theta, NVC_LANES, g->f.Q, n, 1, w->Y, NVC_LANES);
    double fitted[NVC_LANES] = { 0 };
    memset(w->rss, 0, sizeof w->rss);
    for (size_t t = 0; t < g->n; t++)
        for (size_t lane = 0; lane < NVC_LANES; lane++)
            w->rss[lane] += w->Y[t * NVC_LANES + lane] * w->Y[t * NVC_LANES + lane];
    for (size_t j = 0; j < g->f.m; j++)
        for (size_t lane = 0; lane < NVC_LANES; lane++)
            fitted[lane] += w->theta[j * NVC_LANES + lane] * w->theta[j * NVC_LANES + lane];
    for (size_t lane = 0; lane < NVC_LANES; lane++)
        if (w->rss[lane] <= 1e-24 * fitted[lane])
            w->rss[lane] = 0;
}

/* One noise covariance for all series: ordinary, or whitened before. */
static void lane_shared(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t lane, size_t v)
{
    double sigma2 = w->rss[lane] / g->sigma_dof;
    fit->ar[v] = g->shared_ar;
    fit->rss[v] = w->rss[lane];
    fit->sigma[v] = sqrt(sigma2);
    for (size_t k = 0; k < g->n_effects; k++) {
        double effect = 0;
        for (size_t j = 0; j < g->f.m; j++)
            effect += g->H[k * g->f.m + j] * w->theta[j * NVC_LANES + lane];
        nvc_glm_store(g, fit, v, k, effect, sigma2 * g->variance[k]);
    }
    for (size_t k = 0; k < g->n_tests; k++)
        nvc_glm_store_test(g, w, fit, v, k, g->covariance[k], sigma2);
}

/* A series without residual: its effects, and nothing that asks for noise. */
static void lane_exact(const struct nvc_glm *g, const struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t lane, size_t v)
{
    for (size_t k = 0; k < g->n_effects; k++) {
        double effect = 0;
        for (size_t j = 0; j < g->f.m; j++)
            effect += g->H[k * g->f.m + j] * w->theta[j * NVC_LANES + lane];
        nvc_glm_store(g, fit, v, k, effect, NAN);
    }
}

static int fit_lane(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t lane, size_t v,
                    struct nvc_error *err)
{
    if (isnan(w->rss[lane]))
        return 0;
    if (w->rss[lane] == 0)
        lane_exact(g, w, fit, lane, v);
    else if (g->arma)
        return 0; /* by vectors */
    else if (g->bands)
        return nvc_glm_lane_banded(g, w, fit, lane, v, 0, err);
    else if (g->ar1)
        nvc_glm_lane_ar1(g, w, fit, lane, v);
    else
        lane_shared(g, w, fit, lane, v);
    return 0;
}

static int fit_block(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t first, size_t count,
                     struct nvc_error *err)
{
    int status = 0;
    least_squares(g, w, true);
    if (g->arma)
        nvc_arma_load(g->arma, w->arma, w->Y);
    for (size_t lane = 0; lane < count && !status; lane++)
        status = fit_lane(g, w, fit, lane, first + lane, err);
    for (size_t lane = 0; lane < count && g->arma && !status; lane += NVC_VECTOR)
        status = nvc_glm_vector_arma(g, w, fit, lane, count - lane < NVC_VECTOR ? count - lane : NVC_VECTOR, first + lane, err);
    return status;
}

static void load(const struct nvc_glm *g, const struct nvc_glm_source *source, struct nvc_glm_work *w, size_t first, size_t count)
{
    if (count < NVC_LANES)
        memset(w->Y, 0, g->n * NVC_LANES * sizeof *w->Y);
    source->load(source->with, first, count, w->Y);
}

static size_t block_size(size_t n_vox, size_t first)
{
    return n_vox - first < NVC_LANES ? n_vox - first : NVC_LANES;
}

/* In one thread, so that sums have one order. */
int nvc_glm_learn(struct nvc_glm *g, const struct nvc_glm_source *source, size_t n_vox, struct nvc_error *err)
{
    struct nvc_glm_work *w = g->reml ? work_new(g, err) : NULL;
    if (!g->reml || !w)
        return g->reml ? NVC_ESYS : 0;
    for (size_t first = 0; first < n_vox; first += NVC_LANES) {
        load(g, source, w, first, block_size(n_vox, first));
        least_squares(g, w, false);
        nvc_glm_reml_gather(g, w, block_size(n_vox, first));
    }
    work_free(w);
    return nvc_glm_reml_finish(g, err);
}

int nvc_glm_run(struct nvc_glm *g, const struct nvc_glm_source *source, struct nvc_glm_fit *fit, int n_threads,
                struct nvc_error *err)
{
    int status = g->reml && !g->W ? nvc_glm_learn(g, source, fit->n_vox, err) : 0;
    if (status)
        return status;
    long n_blocks = (long)((fit->n_vox + NVC_LANES - 1) / NVC_LANES);
    if (n_threads > n_blocks)
        n_threads = (int)n_blocks;
    #pragma omp parallel num_threads(n_threads)
    {
        struct nvc_error mine = { 0 };
        struct nvc_glm_work *w = work_new(g, &mine);
        #pragma omp for schedule(dynamic, 4)
        for (long block = 0; block < n_blocks; block++) {
            size_t first = (size_t)block * NVC_LANES, count = block_size(fit->n_vox, first);
            if (mine.status)
                continue;
            load(g, source, w, first, count);
            if (fit_block(g, w, fit, first, count, &mine))
                continue;
        }
        #pragma omp critical
        if (mine.status) {
            *err = mine;
            status = (int)mine.status;
        }
        work_free(w);
    }
    return status;
}
