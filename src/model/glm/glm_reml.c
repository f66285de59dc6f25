/* SPM12's way through a model with one noise covariance for all series (spm_spm.m): which series respond,
 * and what whitening makes of the design. */
#include "model/glm/glm_internal.h"

#include "base/memory.h"
#include "math/dist.h"
#include "model/glm/reml.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct nvc_glm_reml {
    double *X;               /* n x m, as given */
    bool *high_pass;         /* m */
    size_t n_filter, n_interest;
    double *interest;        /* m x n_interest: weights of the columns of interest in the basis f.Q, */
    double *interest_inner;  /* and their inner products */
    double threshold;        /* F above which a series responds */
    double *responding, *all; /* n x n: sums of r r' trRV / rss, upper triangles */
    size_t n_responding, n_all;
    double *h;               /* 2 per run */
};

void nvc_glm_reml_free(struct nvc_glm_reml *r)
{
    if (!r)
        return;
    free(r->X);
    free(r->high_pass);
    free(r->interest);
    free(r->responding);
    free(r->h);
    free(r);
}

static int check_filtered(const struct nvc_glm *g, const struct nvc_glm_reml *r, struct nvc_error *err)
{
    for (size_t k = 0; k < g->n_effects; k++)
        for (size_t j = 0; j < g->m; j++)
            if (r->high_pass[j] && g->C[k * g->m + j] != 0)
                return nvc_fail(err, NVC_EDATA, "a contrast weights column %zu, which ar1-reml filters out before it estimates; "
                                "leave it out or take another noise model", j + 1);
    return 0;
}

int nvc_glm_reml_new(struct nvc_glm *g, const struct nvc_glm_spec *s, struct nvc_error *err)
{
    size_t n = g->n, m = g->m;
    struct nvc_glm_reml *r = g->reml = nvc_array(1, sizeof *r, err);
    if (!r || !(r->X = nvc_array(n * m, sizeof *r->X, err)) || !(r->high_pass = nvc_array(m, sizeof *r->high_pass, err)) ||
        !(r->interest = nvc_array(2 * m * m, sizeof *r->interest, err)) ||
        !(r->responding = nvc_array(2 * n * n, sizeof *r->responding, err)) ||
        !(r->h = nvc_array(2 * g->n_runs, sizeof *r->h, err)))
        return NVC_ESYS;
    memcpy(r->X, s->X, n * m * sizeof *r->X);
    r->interest_inner = r->interest + m * m;
    r->all = r->responding + n * n;
    for (size_t j = 0; j < m; j++) {
        r->high_pass[j] = s->high_pass && s->high_pass[j];
        r->n_filter += r->high_pass[j];
        if (!s->interest || !s->interest[j])
            continue;
        for (size_t i = 0; i < m; i++)
            r->interest[r->n_interest * m + i] = g->f.T[j + i * m];
        r->n_interest++;
    }
    if (r->n_interest == 0)
        return nvc_fail(err, NVC_EDATA, "ar1-reml wants columns of interest (role task), the design names none");
    int rows = (int)r->n_interest, cols = (int)m;
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, rows, rows, cols, 1, r->interest, cols, r->interest, cols, 0,
                r->interest_inner, rows);
    r->threshold = nvc_f_quantile(1 - 0.001, rows, (double)(n - m + r->n_filter));
    return check_filtered(g, r, err);
}

/* F of the columns of interest, as SPM selects: degrees of freedom without those of the filter. */
static double selection_f(const struct nvc_glm *g, struct nvc_glm_work *w, size_t lane, double variance)
{
    const struct nvc_glm_reml *r = g->reml;
    double *effect = w->lane, *scratch = effect + g->m;
    for (size_t k = 0; k < r->n_interest; k++)
        effect[k] = cblas_ddot((int)g->m, r->interest + k * g->m, 1, w->theta + lane, NVC_LANES);
    return nvc_glm_quadratic(r->interest_inner, effect, r->n_interest, scratch) / (double)r->n_interest / variance;
}

/* Add the outer products of the lanes, each times its weight, to sum (upper triangle); Z is overwritten. */
static void add_outer(const struct nvc_glm *g, struct nvc_glm_work *w, const double *weight, double *sum)
{
    int n = (int)g->n;
    for (size_t t = 0; t < g->n; t++)
        for (size_t lane = 0; lane < NVC_LANES; lane++)
            w->Z[t * NVC_LANES + lane] = weight[lane] > 0 ? weight[lane] * w->Y[t * NVC_LANES + lane] : 0;
    cblas_dsyrk(CblasColMajor, CblasUpper, CblasTrans, n, NVC_LANES, 1, w->Z, NVC_LANES, 1, sum, n);
}

void nvc_glm_reml_gather(struct nvc_glm *g, struct nvc_glm_work *w, size_t count)
{
    struct nvc_glm_reml *r = g->reml;
    double all[NVC_LANES] = { 0 }, responding[NVC_LANES] = { 0 };
    size_t n_responding = 0;
    for (size_t lane = 0; lane < count; lane++) {
        if (!(w->rss[lane] > 0))
            continue;
        double variance = w->rss[lane] / (double)(g->n - g->m + r->n_filter);
        all[lane] = 1 / sqrt(variance);
        r->n_all++;
        if (!(selection_f(g, w, lane, variance) > r->threshold))
            continue;
        responding[lane] = all[lane];
        n_responding++;
    }
    if (n_responding > 0)
        add_outer(g, w, responding, r->responding);
    else if (r->n_responding == 0) /* only wanted while nothing responds */
        add_outer(g, w, all, r->all);
    r->n_responding += n_responding;
}

/* The columns that stay (not filtered) and the filter: kept (n x n_kept), filter (n x n_filter, orthonormal). */
static int split_columns(struct nvc_glm *g, double *kept, double *filter, struct nvc_error *err)
{
    struct nvc_glm_reml *r = g->reml;
    size_t n = g->n, n_kept = 0, n_filter = 0;
    for (size_t j = 0; j < g->m; j++) {
        double *to = r->high_pass[j] ? filter + n_filter++ * n : kept + n_kept * n;
        memcpy(to, r->X + j * n, n * sizeof *to);
        n_kept += !r->high_pass[j];
    }
    double *to = g->C;
    for (size_t k = 0; k < g->n_effects * g->m; k++)
        if (!r->high_pass[k % g->m])
            *to++ = g->C[k];
    if (n_filter == 0)
        return 0;
    struct nvc_lsq f;
    int status = nvc_lsq_init(&f, filter, n, n_filter, err);
    if (status)
        return status;
    memcpy(filter, f.Q, n * n_filter * sizeof *filter);
    nvc_lsq_release(&f);
    return 0;
}

/* S = Q'V'Q, trRV and trRVRV with V' = B V B', B = K W, R = I - QQ'.  work holds 2 n n + n f->m. */
static void traces(const struct nvc_lsq *f, const double *B, const double *V, double *S, double *trace, double *square,
                   double *work)
{
    int n = (int)f->n, m = (int)f->m;
    double *A = work, *VB = A + f->n * f->n, *QV = VB + f->n * f->n;
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, B, n, V, n, 0, A, n);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, n, n, n, 1, A, n, B, n, 0, VB, n);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, m, n, n, 1, f->Q, n, VB, n, 0, QV, m);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, m, n, 1, QV, m, f->Q, n, 0, S, m);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, m, -1, f->Q, n, QV, m, 1, VB, n); /* R V' */
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, m, n, 1, VB, n, f->Q, n, 0, QV, n);
    *trace = *square = 0;
    for (size_t t = 0; t < f->n; t++)
        *trace += VB[t + t * f->n];
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, n, n, m, -1, QV, n, f->Q, n, 1, VB, n); /* R V' R */
    *square = cblas_ddot(n * n, VB, 1, VB, 1);
}

/* Satterthwaite numbers of test k: tr(MV') and tr(MV')^2 / tr(MV'MV'), M the projector on its space. */
static int test_traces(struct nvc_glm *g, size_t k, const double *S, struct nvc_error *err)
{
    struct nvc_lsq p;
    size_t m = g->f.m, rows = g->tests[k].n_rows;
    int status = nvc_lsq_init(&p, g->H + g->tests[k].first * m, m, rows, err);
    double *work = status ? NULL : nvc_array(m * rows + rows * rows, sizeof *work, err);
    if (!status && work) {
        double *PS = work, *PSP = work + m * rows, trace = 0;
        int cols = (int)m, r = (int)rows;
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, cols, r, cols, 1, S, cols, p.Q, cols, 0, PS, cols);
        cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, r, r, cols, 1, p.Q, cols, PS, cols, 0, PSP, r);
        for (size_t i = 0; i < rows; i++)
            trace += PSP[i + i * rows];
        g->test_scale[k] = trace;
        g->test_dof[k] = trace * trace / cblas_ddot(r * r, PSP, 1, PSP, 1);
    }
    if (!status)
        nvc_lsq_release(&p);
    free(work);
    return status ? status : work ? 0 : NVC_ESYS;
}

/* From V and W: the whitened, filtered design into g->f, its weights, variances and degrees of freedom. */
static int whiten_design(struct nvc_glm *g, const double *V, const double *W, double *work, struct nvc_error *err)
{
    size_t n = g->n, m = g->m - g->reml->n_filter;
    int size = (int)n, cols = (int)m, filters = (int)g->reml->n_filter;
    double *kept = work, *filter = kept + n * m, *whitened = filter + n * g->reml->n_filter, *S = whitened + n * m,
           *scratch = S + m * m, square;
    int status = split_columns(g, kept, filter, err);
    if (status)
        return status;
    if (!(g->W = nvc_array(n * n, sizeof *g->W, err)))
        return NVC_ESYS;
    memcpy(g->W, W, n * n * sizeof *W);
    if (filters > 0) {
        cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, filters, size, size, 1, filter, size, W, size, 0, scratch, filters);
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, size, size, filters, -1, filter, size, scratch, filters, 1, g->W,
                    size);
    }
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, size, cols, size, 1, g->W, size, kept, size, 0, whitened, size);
    nvc_lsq_release(&g->f);
    if ((status = nvc_lsq_init(&g->f, whitened, n, m, err)))
        return status;
    if (g->f.rank < m)
        return nvc_fail(err, NVC_EDATA, "columns of the design are linearly dependent once low frequencies are filtered out "
                        "(rank %zu of %zu)", g->f.rank, m);
    traces(&g->f, g->W, V, S, &g->sigma_dof, &square, scratch);
    g->dof = g->sigma_dof * g->sigma_dof / square;
    nvc_glm_project_weights(g);
    for (size_t k = 0; k < g->n_effects; k++) {
        const double *h = g->H + k * m;
        cblas_dgemv(CblasColMajor, CblasNoTrans, cols, cols, 1, S, cols, h, 1, 0, scratch, 1);
        g->variance[k] = cblas_ddot(cols, h, 1, scratch, 1);
    }
    for (size_t k = 0; k < g->n_tests && !status; k++)
        status = test_traces(g, k, S, err);
    return status;
}

int nvc_glm_reml_finish(struct nvc_glm *g, struct nvc_error *err)
{
    struct nvc_glm_reml *r = g->reml;
    size_t n = g->n, m = g->m;
    bool some = r->n_responding > 0;
    double *Cy = some ? r->responding : r->all;
    if (r->n_all == 0)
        return nvc_fail(err, NVC_EDATA, "ar1-reml: no series varies");
    for (size_t t = 0; t < n; t++)
        for (size_t u = 0; u <= t; u++)
            Cy[u + t * n] = Cy[t + u * n] = Cy[u + t * n] / (double)(some ? r->n_responding : r->n_all);
    double *work = nvc_array(4 * n * n + 4 * n * m + m * m, sizeof *work, err);
    if (!work)
        return NVC_ESYS;
    double *V = work, *W = V + n * n;
    int status = nvc_reml_ar1(r->h, V, W, Cy, g->f.Q, n, m, g->run_start, g->n_runs, err);
    if (!status)
        status = whiten_design(g, V, W, W + n * n, err);
    g->shared_ar = V[1] / V[0];
    free(work);
    return status ? status : nvc_glm_make_tails(g, err);
}

const double *nvc_glm_hyperparameters(const struct nvc_glm *g, size_t *n)
{
    *n = g->reml ? 2 * g->n_runs : 0;
    return g->reml ? g->reml->h : NULL;
}

size_t nvc_glm_responding(const struct nvc_glm *g)
{
    return g->reml ? g->reml->n_responding : 0;
}

/* What is fitted is the part of the columns that stay, by their estimates, and of what remains the low frequencies. */
int nvc_glm_reml_detail(struct nvc_glm_detail *d, const struct nvc_glm *g, const double *y, struct nvc_error *err)
{
    const struct nvc_glm_reml *r = g->reml;
    size_t n = g->n, n_filter = 0, k = 0;
    int rows = (int)n;
    double *z = nvc_array(n * (r->n_filter + 2) + 2 * g->m, sizeof *z, err), *filter = z + n, *rest = filter + n * r->n_filter,
           *beta = rest + n;
    if (!z)
        return NVC_ESYS;
    cblas_dgemv(CblasColMajor, CblasNoTrans, rows, rows, 1, g->W, rows, y, 1, 0, z, 1);
    d->sigma2 = nvc_lsq_solve(&g->f, z, beta, d->residual) / g->sigma_dof;
    memcpy(rest, y, n * sizeof *rest);
    for (size_t j = 0; j < g->m; j++)
        if (r->high_pass[j]) {
            memcpy(filter + n_filter++ * n, r->X + j * n, n * sizeof *filter);
        } else {
            d->beta[j] = beta[k++];
            cblas_daxpy(rows, -d->beta[j], r->X + j * n, 1, rest, 1);
        }
    int status = nvc_lsq_init(&d->f, g->f.Q, n, g->f.m, err); /* orthonormal already: T is the identity up to sign */
    struct nvc_lsq low = { 0 };
    if (!status && n_filter > 0 && !(status = nvc_lsq_init(&low, filter, n, n_filter, err))) {
        memcpy(z, rest, n * sizeof *z);
        nvc_lsq_solve(&low, z, beta, rest);
        d->n_filter = n_filter;
        d->filter = low.Q; /* taken over */
        low.Q = NULL;
        nvc_lsq_release(&low);
    }
    for (size_t t = 0; t < n; t++)
        d->fitted[t] = y[t] - rest[t];
    if (!status)
        cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)g->f.m, (int)g->n_effects, (int)g->f.m, 1, d->f.T, (int)g->f.m,
                    g->H, (int)g->f.m, 0, d->H, (int)g->f.m);
    free(z);
    return status;
}
