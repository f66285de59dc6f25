#include "model/glm/glm_internal.h"

#include "base/memory.h"
#include "math/dist.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const nvc_noise_names[] = { "ols", "ar1", "ar1-reml", "arma11", "arma11-afni", "arma11-fixed", NULL };

void nvc_glm_weights_in_basis(const struct nvc_lsq *f, const double *C, size_t n_effects, double *H, double *variance)
{
    int m = (int)f->m;
    for (size_t k = 0; k < n_effects; k++) {
        double *h = H + k * f->m;
        cblas_dgemv(CblasColMajor, CblasTrans, m, m, 1, f->T, m, C + k * f->m, 1, 0, h, 1);
        variance[k] = cblas_ddot(m, h, 1, h, 1);
    }
}

void nvc_glm_inner_products(const double *H, size_t m, size_t r, double *covariance)
{
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)r, (int)r, (int)m, 1, H, (int)m, H, (int)m, 0, covariance, (int)r);
}

void nvc_glm_project_weights(struct nvc_glm *g)
{
    nvc_glm_weights_in_basis(&g->f, g->C, g->n_effects, g->H, g->variance);
    for (size_t k = 0; k < g->n_tests; k++)
        nvc_glm_inner_products(g->H + g->tests[k].first * g->f.m, g->f.m, g->tests[k].n_rows, g->covariance[k]);
}

int nvc_glm_make_tails(struct nvc_glm *g, struct nvc_error *err)
{
    g->t_tail = (struct nvc_tail){ .dof1 = 1, .dof2 = g->dof };
    for (size_t k = 0; k < g->n_tests; k++)
        g->f_tails[k] = (struct nvc_tail){ .dof1 = g->test_dof[k], .dof2 = g->dof };
    g->quick_tails = g->quick_tails || g->noise == NVC_NOISE_ARMA11; /* one series asks for hundreds */
    int status = g->quick_tails ? nvc_tail_init(&g->t_tail, 1, g->dof, err) : 0;
    for (size_t k = 0; k < g->n_tests && g->quick_tails && !status; k++)
        status = nvc_tail_init(&g->f_tails[k], g->test_dof[k], g->dof, err);
    return status;
}

static int allocate(struct nvc_glm *g, const struct nvc_glm_spec *s, struct nvc_error *err)
{
    size_t runs = s->n_runs ? s->n_runs : 1, cov = 0;
    for (size_t k = 0; k < s->n_tests; k++)
        cov += s->tests[k].n_rows * s->tests[k].n_rows;
    if (!(g->run_start = nvc_array(runs + 1, sizeof *g->run_start, err)) ||
        !(g->tests = nvc_array(s->n_tests, sizeof *g->tests, err)) ||
        !(g->want = nvc_array(s->n_effects, sizeof *g->want, err)) ||
        !(g->covariance = nvc_array(s->n_tests, sizeof *g->covariance, err)) ||
        !(g->f_tails = nvc_array(s->n_tests, sizeof *g->f_tails, err)) ||
        !(g->pool = nvc_array((2 * s->m + 1) * s->n_effects + 2 * s->n_tests + cov, sizeof *g->pool, err)))
        return NVC_ESYS;
    double *p = g->pool;
    g->C = p, p += s->m * s->n_effects;
    g->H = p, p += s->m * s->n_effects;
    g->variance = p, p += s->n_effects;
    g->test_dof = p, p += s->n_tests;
    g->test_scale = p, p += s->n_tests;
    for (size_t k = 0; k < s->n_tests; k++) {
        g->tests[k] = s->tests[k];
        g->test_dof[k] = g->test_scale[k] = (double)s->tests[k].n_rows;
        g->covariance[k] = p, p += s->tests[k].n_rows * s->tests[k].n_rows;
    }
    if (s->n_effects)
        memcpy(g->C, s->C, s->m * s->n_effects * sizeof *g->C);
    if (s->run_start)
        memcpy(g->run_start, s->run_start, runs * sizeof *g->run_start);
    g->run_start[runs] = s->n;
    for (size_t k = 0; k < s->n_effects; k++)
        g->want[k] = s->want ? s->want[k] : NVC_WANT_P;
    g->n_runs = runs;
    return 0;
}

static int make_arma(struct nvc_glm *g, const struct nvc_glm_spec *s, struct nvc_error *err)
{
    if (!(g->pairs = nvc_array(NVC_ARMA_MAX_PAIRS, sizeof *g->pairs, err)))
        return NVC_ESYS;
    g->pairs[0] = s->pair;
    g->n_pairs = s->noise == NVC_NOISE_ARMA11 ? nvc_arma_grid_wide(g->pairs) : s->noise == NVC_NOISE_ARMA11_AFNI
               ? nvc_arma_grid_afni(g->pairs) : 1;
    if (s->noise != NVC_NOISE_ARMA11 && !(g->bands = nvc_array(g->n_pairs, sizeof *g->bands, err)))
        return NVC_ESYS;
    if (s->noise == NVC_NOISE_ARMA11_FIXED)
        return 0;
    return nvc_arma_new(&g->arma, &(struct nvc_arma_spec){ .Q = g->f.Q, .n = g->n, .m = g->m, .run_start = g->run_start,
        .n_runs = g->n_runs, .pairs = g->pairs, .n_pairs = g->n_pairs, .H = g->H, .n_effects = g->n_effects,
        .want = g->want, .tests = g->tests, .n_tests = g->n_tests }, err);
}

static int prepare(struct nvc_glm *g, const struct nvc_glm_spec *s, struct nvc_error *err)
{
    if (s->n < s->m + 3)
        return nvc_fail(err, NVC_EDATA, "%zu volumes leave no noise to be estimated beside %zu columns", s->n, s->m);
    int status = allocate(g, s, err);
    if (!status)
        status = nvc_lsq_init(&g->f, s->X, s->n, s->m, err);
    if (!status && g->f.rank < s->m)
        status = nvc_fail(err, NVC_EDATA, "columns of the design are linearly dependent (rank %zu of %zu)", g->f.rank, s->m);
    if (status)
        return status;
    g->dof = g->sigma_dof = (double)(s->n - s->m);
    nvc_glm_project_weights(g);
    switch (s->noise) {
    case NVC_NOISE_OLS: break;
    case NVC_NOISE_AR1: status = nvc_glm_ar1_new(g, err); break;
    case NVC_NOISE_AR1_REML: return nvc_glm_reml_new(g, s, err); /* its degrees of freedom are not known yet */
    default: status = make_arma(g, s, err);
    }
    return status ? status : nvc_glm_make_tails(g, err);
}

int nvc_glm_new(struct nvc_glm **out, const struct nvc_glm_spec *s, struct nvc_error *err)
{
    struct nvc_glm *g = *out = nvc_array(1, sizeof *g, err);
    if (!g)
        return NVC_ESYS;
    *g = (struct nvc_glm){ .n = s->n, .m = s->m, .n_effects = s->n_effects, .n_tests = s->n_tests, .noise = s->noise,
                           .quick_tails = s->quick_tails, .shared_ar = NAN };
    int status = prepare(g, s, err);
    if (status) {
        nvc_glm_free(g);
        *out = NULL;
    }
    return status;
}

void nvc_glm_free(struct nvc_glm *g)
{
    if (!g)
        return;
    nvc_lsq_release(&g->f);
    nvc_tail_release(&g->t_tail);
    for (size_t k = 0; g->f_tails && k < g->n_tests; k++)
        nvc_tail_release(&g->f_tails[k]);
    nvc_arma_free(g->arma);
    for (size_t k = 0; g->bands && k < g->n_pairs; k++)
        nvc_glm_band_free(g->bands[k]);
    nvc_glm_ar1_free(g->ar1);
    nvc_glm_reml_free(g->reml);
    free(g->run_start);
    free(g->tests);
    free(g->want);
    free(g->covariance);
    free(g->f_tails);
    free(g->pairs);
    free(g->bands);
    free(g->W);
    free(g->pool);
    free(g);
}

double nvc_glm_p(double t, double dof)
{
    return nvc_t_two_sided(t, dof);
}

double nvc_glm_z(double t, double dof)
{
    return nvc_t_to_z(t, dof);
}

double nvc_glm_z_of_p(double p, double sign)
{
    return copysign(-nvc_normal_quantile(p / 2), sign);
}

double nvc_glm_dof(const struct nvc_glm *g)
{
    return g->dof;
}

double nvc_glm_test_dof(const struct nvc_glm *g, size_t k)
{
    return g->test_dof[k];
}

int nvc_glm_fit_init(struct nvc_glm_fit *fit, const struct nvc_glm *g, size_t n_vox, struct nvc_error *err)
{
    size_t columns = 3 * g->n_effects + 2 * g->n_tests + 5;
    *fit = (struct nvc_glm_fit){ .n_vox = n_vox, .n_effects = g->n_effects, .n_tests = g->n_tests };
    if (!(fit->pool = nvc_array(columns * n_vox, sizeof *fit->pool, err)))
        return NVC_ESYS;
    double **const where[] = { &fit->ar, &fit->ma, &fit->sigma, &fit->rss, &fit->objective };
    double *p = fit->pool;
    for (size_t k = 0; k < sizeof where / sizeof *where; k++, p += n_vox)
        *where[k] = p;
    fit->effect = p, p += g->n_effects * n_vox;
    fit->variance = p, p += g->n_effects * n_vox;
    fit->p = p, p += g->n_effects * n_vox;
    fit->f = p, p += g->n_tests * n_vox;
    fit->f_p = p;
    for (size_t k = 0; k < columns * n_vox; k++)
        fit->pool[k] = NAN;
    return 0;
}

void nvc_glm_fit_release(struct nvc_glm_fit *fit)
{
    free(fit->pool);
    *fit = (struct nvc_glm_fit){ 0 };
}
