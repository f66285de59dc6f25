#include "model/glm/arma_internal.h"

#include "base/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* out = M^-1 x, every run from rest. */
static void filter_forward(const struct nvc_arma *a, double b, const double *x, double *out)
{
    for (size_t r = 0; r < a->n_runs; r++) {
        double before = 0;
        for (size_t t = a->run_start[r]; t < a->run_start[r + 1]; t++)
            out[t] = before = x[t] - b * before;
    }
}

/* out = M^-T x. */
static void filter_backward(const struct nvc_arma *a, double b, const double *x, double *out)
{
    for (size_t r = 0; r < a->n_runs; r++) {
        double after = 0;
        for (size_t t = a->run_start[r + 1]; t-- > a->run_start[r];)
            out[t] = after = x[t] - b * after;
    }
}

/* out = (T^-1 L + L' T^-1) x with T = M M'; work holds 2 n values. */
static void filter_middle(const struct nvc_arma *a, double b, const double *x, double *out, double *work)
{
    double *shifted = work, *once = work + a->n;
    for (size_t r = 0; r < a->n_runs; r++) {
        shifted[a->run_start[r]] = 0;
        for (size_t t = a->run_start[r] + 1; t < a->run_start[r + 1]; t++)
            shifted[t] = x[t - 1];
    }
    filter_forward(a, b, shifted, once);
    filter_backward(a, b, once, out);
    filter_forward(a, b, x, once);
    filter_backward(a, b, once, shifted);
    for (size_t r = 0; r < a->n_runs; r++)
        for (size_t t = a->run_start[r]; t + 1 < a->run_start[r + 1]; t++)
            out[t] += shifted[t + 1];
}

static size_t take(double **pool, double **where, size_t n)
{
    if (pool)
        *where = *pool, *pool += n;
    return n;
}

/* Lay the arrays of filters and pairs into the pool, or (pool NULL) count how many doubles they need. */
static size_t lay_out(struct nvc_arma *a, double *pool)
{
    size_t m = a->m, total = 0;
    double **at_pool = pool ? &pool : NULL;
    for (size_t f = 0; f < a->n_filters; f++) {
        struct nvc_arma_filter *x = &a->filters[f];
        total += take(at_pool, &x->last, a->n_runs * m) + take(at_pool, &x->start, a->n_runs * m) +
                 take(at_pool, &x->middle, m * m) + take(at_pool, &x->inner, m * m);
    }
    for (size_t g = 0; g < a->n_pairs; g++) {
        struct nvc_arma_at *x = &a->at[g];
        total += take(at_pool, &x->kappa, a->n_runs) + take(at_pool, &x->tail, a->n_runs) +
                 take(at_pool, &x->corner, a->n_runs * m) + take(at_pool, &x->half, (m + NVC_ARMA_ROWS - 1) * m) +
                 take(at_pool, &x->shift, (a->n_effects + NVC_ARMA_ROWS - 1) * m) + take(at_pool, &x->variance, a->n_effects) +
                 take(at_pool, &x->inverse, a->n_effects);
        for (size_t k = 0; k < a->n_tests; k++)
            total += take(at_pool, &x->tests[k], a->tests[k].n_rows * a->tests[k].n_rows) +
                     take(at_pool, &x->halves[k], a->tests[k].n_rows * a->tests[k].n_rows);
    }
    return total;
}

/* Which filter a pair uses: one for every value of b. */
static int find_filters(struct nvc_arma *a, const struct nvc_arma_spec *s, struct nvc_error *err)
{
    for (size_t g = 0; g < s->n_pairs; g++) {
        size_t f = 0;
        while (f < a->n_filters && a->filters[f].b != s->pairs[g].b)
            f++;
        if (f == NVC_ARMA_MAX_B)
            return nvc_fail(err, NVC_EBUG, "ARMA grid with more than %d values of b", NVC_ARMA_MAX_B);
        if (f == a->n_filters) {
            struct nvc_arma_filter *x = &a->filters[a->n_filters++];
            x->b = s->pairs[g].b;
            x->direct = fabs(x->b) < 0.05;
            x->column = a->n_columns;
            a->n_columns += (x->direct ? 2 : 1) * a->m + a->n_runs;
        }
        a->at[g] = (struct nvc_arma_at){ .pair = s->pairs[g], .filter = f, .tests = a->covariances + 2 * g * a->n_tests,
                                        .halves = a->covariances + (2 * g + 1) * a->n_tests };
    }
    return 0;
}

static int allocate(struct nvc_arma *a, const struct nvc_arma_spec *s, struct nvc_error *err)
{
    if (!(a->run_start = nvc_array(s->n_runs + 1, sizeof *a->run_start, err)) ||
        !(a->tests = nvc_array(s->n_tests, sizeof *a->tests, err)) || !(a->at = nvc_array(s->n_pairs, sizeof *a->at, err)) ||
        !(a->want = nvc_array(s->n_effects, sizeof *a->want, err)) ||
        !(a->covariances = nvc_array(2 * s->n_pairs * s->n_tests, sizeof *a->covariances, err)))
        return NVC_ESYS;
    memcpy(a->run_start, s->run_start, s->n_runs * sizeof *a->run_start);
    a->run_start[s->n_runs] = s->n;
    for (size_t k = 0; k < s->n_effects; k++)
        a->want[k] = s->want ? s->want[k] : NVC_WANT_P;
    if (s->n_tests)
        memcpy(a->tests, s->tests, s->n_tests * sizeof *a->tests);
    int status = find_filters(a, s, err);
    if (status)
        return status;
    if (!(a->pool = nvc_array(lay_out(a, NULL), sizeof *a->pool, err)) ||
        !(a->kernels = nvc_array(a->n * a->n_columns, sizeof *a->kernels, err)))
        return NVC_ESYS;
    lay_out(a, a->pool);
    return 0;
}

/* Forms of the columns among themselves, and the kernels that give their forms with a series. */
static void prepare_filter(struct nvc_arma *a, struct nvc_arma_filter *f, const double *Q, double *work)
{
    size_t n = a->n, m = a->m;
    double *xi = work, *scratch = work + n * m, *kernel = a->kernels + f->column * n;
    double *starts = kernel + (f->direct ? 2 : 1) * m * n;
    for (size_t j = 0; j < m; j++) {
        filter_forward(a, f->b, Q + j * n, xi + j * n);
        filter_backward(a, f->b, xi + j * n, kernel + j * n);
        if (f->direct)
            filter_middle(a, f->b, Q + j * n, kernel + (m + j) * n, scratch);
    }
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)m, (int)m, (int)n, 1, xi, (int)n, xi, (int)n, 0, f->inner, (int)m);
    for (size_t r = 0; r < a->n_runs; r++) {
        size_t first = a->run_start[r], end = a->run_start[r + 1];
        memset(scratch, 0, n * sizeof *scratch);
        double power = 1;
        for (size_t t = first; t < end; t++, power *= -f->b)
            scratch[t] = power;
        filter_backward(a, f->b, scratch, starts + r * n);
        for (size_t j = 0; j < m; j++) {
            f->last[r * m + j] = xi[end - 1 + j * n];
            f->start[r * m + j] = cblas_ddot((int)(end - first), scratch + first, 1, xi + first + j * n, 1);
        }
    }
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) {
            double *v = &f->middle[i * m + j];
            if (f->direct) {
                *v = cblas_ddot((int)n, Q + i * n, 1, kernel + (m + j) * n, 1);
                continue;
            }
            *v = (i == j) - (1 + f->b * f->b) * f->inner[i * m + j];
            for (size_t r = 0; r < a->n_runs; r++)
                *v += f->b * f->b * f->last[r * m + i] * f->last[r * m + j];
            *v /= f->b;
        }
}

/* X'Cov^-1 X in the basis Q (m x m), and the coefficients of forms with series. */
static void prepare_information(const struct nvc_arma *a, struct nvc_arma_at *at, double *G)
{
    const struct nvc_arma_filter *f = &a->filters[at->filter];
    double c = at->pair.a, b = f->b, excess = (c + b) * (c + b) / (1 - c * c);
    size_t m = a->m;
    at->scale = f->direct ? 1 + c * c : 1 + c * c + c * (1 + b * b) / b;
    at->mid = f->direct ? -c : 0;
    at->edge = f->direct ? -c * c : -c * (b + c);
    for (size_t k = 0; k < m * m; k++)
        G[k] = (1 + c * c) * f->inner[k] - c * f->middle[k];
    at->constant = 0;
    for (size_t r = 0; r < a->n_runs; r++) {
        double length = (double)(a->run_start[r + 1] - a->run_start[r]), b2n = pow(b * b, length);
        double weight = excess * (1 - b2n) / (1 - b * b);
        at->constant += log1p(weight);
        at->kappa[r] = excess / (1 + weight);
        at->tail[r] = -c * b * pow(-b, length - 1);
        double *corner = at->corner + r * m;
        const double *last = f->last + r * m;
        for (size_t j = 0; j < m; j++)
            corner[j] = (1 + c * b) * f->start[r * m + j] + at->tail[r] * last[j];
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < m; j++)
                G[i * m + j] -= c * c * last[i] * last[j] + at->kappa[r] * corner[i] * corner[j];
    }
}

/* half (row by row, lower) = inverse of the Cholesky factor of the positive n x n matrix C, which it destroys. */
static bool invert_factor(double *C, size_t n, double *half)
{
    int size = (int)n;
    if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', size, C, size)) /* the upper triangle by columns is the lower by rows */
        return false;
    LAPACKE_dtrtri_work(LAPACK_COL_MAJOR, 'U', 'N', size, C, size);
    for (size_t i = 0; i < n; i++)
        memcpy(half + i * n, C + i * n, (i + 1) * sizeof *C);
    return true;
}

/* Factors, effects and tests at one pair.  G is m x m, overwritten. */
static int prepare_pair(const struct nvc_arma *a, struct nvc_arma_at *at, const double *H, double *G, struct nvc_error *err)
{
    size_t m = a->m;
    int cols = (int)m;
    prepare_information(a, at, G);
    if (!invert_factor(G, m, at->half))
        return nvc_fail(err, NVC_EDATA, "the design is degenerate under ARMA noise with a = %g, b = %g", at->pair.a, at->pair.b);
    for (size_t j = 0; j < m; j++)
        at->constant -= 2 * log(at->half[j * m + j]);
    if (a->n_effects) { /* half' is an upper triangle by columns */
        memcpy(at->shift, H, m * a->n_effects * sizeof *H);
        cblas_dtrmm(CblasColMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, cols, (int)a->n_effects, 1, at->half, cols,
                    at->shift, cols);
        for (size_t k = 0; k < a->n_effects; k++) {
            at->variance[k] = cblas_ddot(cols, at->shift + k * m, 1, at->shift + k * m, 1);
            at->inverse[k] = 1 / at->variance[k];
        }
        cblas_dtrmm(CblasColMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, cols, (int)a->n_effects, 1, at->half, cols,
                    at->shift, cols);
    }
    for (size_t k = 0; k < a->n_tests; k++) {
        const struct nvc_arma_test *test = &a->tests[k];
        int r = (int)test->n_rows;
        cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, r, r, cols, 1, H + test->first * m, cols, at->shift + test->first * m,
                    cols, 0, at->tests[k], r);
        memcpy(G, at->tests[k], test->n_rows * test->n_rows * sizeof *G);
        if (!invert_factor(G, test->n_rows, at->halves[k]))
            return nvc_fail(err, NVC_EDATA, "the rows of an F contrast depend on each other");
    }
    return 0;
}

int nvc_arma_new(struct nvc_arma **out, const struct nvc_arma_spec *s, struct nvc_error *err)
{
    struct nvc_arma *a = nvc_array(1, sizeof *a, err);
    *out = a;
    if (!a)
        return NVC_ESYS;
    *a = (struct nvc_arma){ .n = s->n, .m = s->m, .n_runs = s->n_runs, .n_effects = s->n_effects, .n_tests = s->n_tests,
                            .n_pairs = s->n_pairs };
    double *work = NULL;
    int status = allocate(a, s, err);
    if (status)
        goto out;
    if (!(work = nvc_array(s->n * (s->m + 2) + s->m * s->m, sizeof *work, err))) {
        status = NVC_ESYS;
        goto out;
    }
    for (size_t f = 0; f < a->n_filters; f++)
        prepare_filter(a, &a->filters[f], s->Q, work);
    for (size_t g = 0; g < a->n_pairs && !status; g++)
        status = prepare_pair(a, &a->at[g], s->H, work, err);
    nvc_arma_choose_kernels(a);
out:
    free(work);
    if (status) {
        nvc_arma_free(a);
        *out = NULL;
    }
    return status;
}

void nvc_arma_free(struct nvc_arma *a)
{
    if (!a)
        return;
    free(a->run_start);
    free(a->tests);
    free(a->want);
    free(a->at);
    free(a->covariances);
    free(a->kernels);
    free(a->pool);
    free(a);
}

struct nvc_arma_work *nvc_arma_work_new(const struct nvc_arma *a, struct nvc_error *err)
{
    size_t square = NVC_LANES * a->n_filters, pairs = a->n_pairs * NVC_VECTOR, r = 0;
    for (size_t k = 0; k < a->n_tests; k++)
        r = a->tests[k].n_rows > r ? a->tests[k].n_rows : r;
    struct nvc_arma_work *w = nvc_array(1, sizeof *w, err);
    double **const where[] = { &w->forms, &w->square, &w->lagged, &w->last, &w->p, &w->rss, &w->objective, &w->precision,
                               &w->weight, &w->rest, &w->shifts, &w->test };
    const size_t size[] = { NVC_LANES * a->n_columns, square, square, square * a->n_runs, a->m * NVC_VECTOR, pairs, pairs, pairs,
                            pairs, pairs, pairs * a->n_effects, 2 * r * (r + 2) * NVC_VECTOR };
    size_t total = 0;
    for (size_t k = 0; k < sizeof size / sizeof *size; k++)
        total += size[k];
    if (!w)
        return NULL;
    w->kept = nvc_array(a->n_pairs, sizeof *w->kept, err);
    if (!w->kept || !(w->pool = aligned_alloc(NVC_VECTOR_BYTES, total * sizeof *w->pool))) {
        if (w->kept)
            nvc_fail(err, NVC_ESYS, "no memory for %zu bytes", total * sizeof *w->pool);
        nvc_arma_work_free(w);
        return NULL;
    }
    double *at = w->pool;
    for (size_t k = 0; k < sizeof size / sizeof *size; at += size[k++])
        *where[k] = at;
    return w;
}

void nvc_arma_work_free(struct nvc_arma_work *w)
{
    if (!w)
        return;
    free(w->kept);
    free(w->pool);
    free(w);
}

void nvc_arma_load(const struct nvc_arma *a, struct nvc_arma_work *w, const double *R)
{
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, NVC_LANES, (int)a->n_columns, (int)a->n, 1, R, NVC_LANES,
                a->kernels, (int)a->n, 0, w->forms, NVC_LANES);
    a->recurse(a, w, R);
}

void nvc_arma_evaluate(const struct nvc_arma *a, struct nvc_arma_work *w, size_t first)
{
    w->first = first;
    a->evaluate(a, w);
}

double nvc_arma_objective(const struct nvc_arma_work *w, size_t lane, size_t g)
{
    return w->objective[g * NVC_VECTOR + lane];
}

double nvc_arma_rss(const struct nvc_arma_work *w, size_t lane, size_t g)
{
    return w->rss[g * NVC_VECTOR + lane];
}

double nvc_arma_shift(const struct nvc_arma *a, struct nvc_arma_work *w, size_t lane, size_t g, size_t k)
{
    a->shift(a, w, g);
    return w->shifts[(g * a->n_effects + k) * NVC_VECTOR + lane];
}

double nvc_arma_variance(const struct nvc_arma *a, size_t g, size_t k)
{
    return a->at[g].variance[k];
}

const double *nvc_arma_test_covariance(const struct nvc_arma *a, size_t g, size_t k)
{
    return a->at[g].tests[k];
}
