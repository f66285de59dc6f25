/* What arma.c prepares and arma_kernel.c runs through; the algebra stands in arma.h. */
#ifndef NVC_MODEL_ARMA_INTERNAL_H
#define NVC_MODEL_ARMA_INTERNAL_H

#include "model/arma.h"

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
struct nvc_arma_at {
    struct nvc_arma_pair pair;
    size_t filter;
    double scale, mid, edge;
    double constant;    /* of the objective: log|Cov| + log|X'Cov^-1 X| in innovation units */
    double *kappa;      /* n_runs */
    double *tail;       /* n_runs: z_r = (1 + ab) q_r + tail_r u_last,r */
    double *corner;     /* n_runs x m: the corner form of the columns */
    double *half;       /* m x m, row i at [i * m]: inverse of the Cholesky factor of X'Cov^-1 X, lower */
    double *shift;      /* n_effects x m, row k at [k * m]: what p adds to effect k */
    double *variance;   /* n_effects */
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
    void (*evaluate)(const struct nvc_arma *a, struct nvc_arma_work *w, size_t first);
};

struct nvc_arma_work {
    double *forms;      /* NVC_LANES x n_columns: kernels' products with the series */
    double *square;     /* n_filters x NVC_LANES: u'u */
    double *lagged;     /* n_filters x NVC_LANES: sum of u_t u_(t-1) within runs */
    double *last;       /* n_filters x n_runs x NVC_LANES: u at the last volume of a run */
    double *p;          /* m x NVC_VECTOR */
    double *rss, *objective, *weight; /* n_pairs x NVC_VECTOR */
    double *shifts;     /* n_pairs x n_effects x NVC_VECTOR */
    double *test;       /* 2 r (r + 2) x NVC_VECTOR, r the most rows of a test */
    double *pool;
};

/* The best the processor has; results agree to rounding. */
void nvc_arma_choose_kernels(struct nvc_arma *a);

#endif
