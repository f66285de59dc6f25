/* What arma.c prepares and arma_kernel.c runs through; the algebra stands in arma.h. */
#ifndef NVC_MODEL_ARMA_INTERNAL_H
#define NVC_MODEL_ARMA_INTERNAL_H

#include "model/glm/arma.h"

/* One value of b: u = M^-1 r.  For every column x of Q, xi = M^-1 x. */
struct nvc_arma_filter {
    double b;
    bool direct;        /* |b| so small that the middle form is taken from columns of its own, not by dividing by b */
    size_t column;      /* in the kernel matrix: m forms xi'u, then m middle forms when direct, then n_runs starts */
    double *last;       /* n_runs x m, column j of run r at [r * m + j]: xi at the last volume */
    double *start;      /* n_runs x m: (M^-1 e1)'xi */
    double *middle;     /* m x m: x'(L'T^-1 + T^-1 L)x with T = M M' */
    double *inner;      /* m x m: xi'xi */
};

/* One pair.  A column's form with a series is
 *     p_j = scale U_j + mid V_j + sum_r [ last_rj (edge u_last,r) + corner_rj (-kappa_r z_r) ]
 * with U and V the inner and middle forms and z_r the corner form, from q_r = (M^-1 e1)'u. */
enum { NVC_ARMA_ROWS = 4 };
struct nvc_arma_at {
    struct nvc_arma_pair pair;
    size_t filter;
    double scale, mid, edge;
    double constant;    /* of the objective: log|Cov| + log|X'Cov^-1 X| in innovation units */
    double *kappa;      /* n_runs */
    double *tail;       /* n_runs: z_r = (1 + ab) q_r + tail_r u_last,r */
    double *corner;     /* n_runs x m: the corner form of the columns */
    double *half;       /* inverse of the Cholesky factor of X'Cov^-1 X, row i at [i * m]: 0 above the diagonal, and
                           rows of zeros up to a multiple of NVC_ARMA_ROWS */
    double *shift;      /* n_effects x m, row k at [k * m]: what p adds to effect k; rows of zeros as above */
    double *variance;   /* n_effects */
    double *inverse;    /* n_effects: 1 over that */
    double **tests;     /* n_tests covariances of effects, row by row */
    double **halves;    /* n_tests inverses of their Cholesky factors, lower */
};

struct nvc_arma {
    size_t n, m, n_runs, n_effects, n_tests, n_filters, n_pairs, n_columns;
    size_t *run_start;  /* n_runs + 1: the end, too */
    struct nvc_arma_test *tests;
    enum nvc_want *want; /* n_effects */
    struct nvc_arma_filter filters[NVC_ARMA_MAX_B];
    struct nvc_arma_at *at;
    double *kernels;    /* n x n_columns */
    double *pool;       /* behind the pointers of filters and pairs */
    double **covariances;
    void (*recurse)(const struct nvc_arma *a, struct nvc_arma_work *w, const double *R);
    void (*evaluate)(const struct nvc_arma *a, struct nvc_arma_work *w);
    void (*shift)(const struct nvc_arma *a, struct nvc_arma_work *w, size_t g);
};

struct nvc_arma_work {
    double *forms;      /* NVC_LANES x n_columns: kernels' products with the series */
    double *square;     /* n_filters x NVC_LANES: u'u */
    double *lagged;     /* n_filters x NVC_LANES: sum of u_t u_(t-1) within runs */
    double *last;       /* n_filters x n_runs x NVC_LANES: u at the last volume of a run */
    size_t first;       /* lane of the vector that was evaluated */
    double *p;          /* m x NVC_VECTOR */
    double *rss, *objective; /* n_pairs x NVC_VECTOR */
    double *precision;  /* n_pairs x NVC_VECTOR: 1 over the variance of innovations, of pairs in `kept` */
    double *weight, *rest;   /* n_pairs x NVC_VECTOR: posterior weights that count, and those too small to */
    double *shifts;     /* n_pairs x n_effects x NVC_VECTOR, of pairs that have been asked for */
    size_t *kept;       /* n_pairs: pairs of some weight in some lane */
    double *test;       /* 2 r (r + 2) x NVC_VECTOR, r the most rows of a test */
    double *pool;
};

/* s[k] = sum over i < n of row k of `factors` (of length m) times x[i]: together, so that no sum waits for itself. */
NVC_INLINE void nvc_arma_rows(const double *factors, const nvc_vec *x, size_t n, size_t m, nvc_vec s[static NVC_ARMA_ROWS])
{
    for (size_t k = 0; k < NVC_ARMA_ROWS; k++)
        s[k] = factors[k * m] * x[0];
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < NVC_ARMA_ROWS; k++)
            s[k] += factors[k * m + i] * x[i];
}

/* The forms p of the columns (into w->p) and of the series with itself (returned) at one pair. */
NVC_INLINE nvc_vec nvc_arma_forms(const struct nvc_arma *a, struct nvc_arma_work *w, const struct nvc_arma_at *at)
{
    const struct nvc_arma_filter *f = &a->filters[at->filter];
    size_t m = a->m, first = w->first;
    nvc_vec *p = (nvc_vec *)(void *)w->p;
    const double *forms = w->forms + f->column * NVC_LANES + first, *starts = forms + (f->direct ? 2 : 1) * m * NVC_LANES;
    double c = at->pair.a, b = f->b;
    nvc_vec sum = (1 + c * c) * nvc_vec_at(w->square + at->filter * NVC_LANES + first) -
                  2 * c * nvc_vec_at(w->lagged + at->filter * NVC_LANES + first);
    for (size_t j = 0; j < m; j++)
        p[j] = at->scale * nvc_vec_at(forms + j * NVC_LANES);
    for (size_t j = 0; f->direct && j < m; j++)
        p[j] += at->mid * nvc_vec_at(forms + (m + j) * NVC_LANES);
    for (size_t r = 0; r < a->n_runs; r++) {
        nvc_vec last = nvc_vec_at(w->last + (at->filter * a->n_runs + r) * NVC_LANES + first);
        nvc_vec z = (1 + c * b) * nvc_vec_at(starts + r * NVC_LANES) + at->tail[r] * last;
        nvc_vec pull = -at->kappa[r] * z, edge = at->edge * last;
        const double *at_last = f->last + r * m, *at_corner = at->corner + r * m;
        sum += pull * z - c * c * last * last;
        for (size_t j = 0; j < m; j++)
            p[j] += at_last[j] * edge + at_corner[j] * pull;
    }
    return sum;
}

/* What pair g adds to the OLS effects, into w->shifts: to all, or only to those that are averaged. */
NVC_INLINE void nvc_arma_find_shifts(const struct nvc_arma *a, struct nvc_arma_work *w, size_t g, bool all)
{
    (void)nvc_arma_forms(a, w, &a->at[g]);
    for (size_t k = 0; k < a->n_effects; k += NVC_ARMA_ROWS) {
        nvc_vec s[NVC_ARMA_ROWS];
        size_t end = k + NVC_ARMA_ROWS < a->n_effects ? k + NVC_ARMA_ROWS : a->n_effects;
        bool asked = all;
        for (size_t i = k; i < end; i++)
            asked = asked || a->want[i] > NVC_WANT_AT_BEST;
        if (!asked)
            continue;
        nvc_arma_rows(a->at[g].shift + k * a->m, (const nvc_vec *)(const void *)w->p, a->m, a->m, s);
        for (size_t i = k; i < end; i++)
            nvc_vec_put(w->shifts + (g * a->n_effects + i) * NVC_VECTOR, s[i - k]);
    }
}

/* The best the processor has; results agree to rounding. */
void nvc_arma_choose_kernels(struct nvc_arma *a);

#endif
