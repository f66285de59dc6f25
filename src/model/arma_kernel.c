/* The two loops over voxels, written once on vectors of NVC_VECTOR doubles and compiled for what processors
 * offer: the compiler splits a vector where registers are shorter. */
#include "model/arma_internal.h"

typedef double vec __attribute__((vector_size(NVC_VECTOR_BYTES), may_alias));

#define BODY static inline __attribute__((always_inline))

/* u_t = r_t - b u_(t-1) for four values of b at a time: their chains hide each other's latency. */
BODY void recurse(const struct nvc_arma *a, struct nvc_arma_work *w, const double *R)
{
    enum { AT_ONCE = 4 };
    for (size_t lane = 0; lane < NVC_LANES; lane += NVC_VECTOR)
        for (size_t f = 0; f < a->n_filters; f += AT_ONCE) {
            vec square[AT_ONCE] = { 0 }, lagged[AT_ONCE] = { 0 };
            double b[AT_ONCE] = { 0 };
            size_t n_here = a->n_filters - f < AT_ONCE ? a->n_filters - f : AT_ONCE;
            for (size_t k = 0; k < n_here; k++)
                b[k] = a->filters[f + k].b;
            for (size_t r = 0; r < a->n_runs; r++) {
                vec u[AT_ONCE] = { 0 };
                for (size_t t = a->run_start[r]; t < a->run_start[r + 1]; t++) {
                    vec y = *(const vec *)(R + t * NVC_LANES + lane);
                    for (int k = 0; k < AT_ONCE; k++) {
                        vec next = y - b[k] * u[k];
                        lagged[k] += next * u[k];
                        square[k] += next * next;
                        u[k] = next;
                    }
                }
                for (size_t k = 0; k < n_here; k++)
                    *(vec *)(w->last + ((f + k) * a->n_runs + r) * NVC_LANES + lane) = u[k];
            }
            for (size_t k = 0; k < n_here; k++) {
                *(vec *)(w->square + (f + k) * NVC_LANES + lane) = square[k];
                *(vec *)(w->lagged + (f + k) * NVC_LANES + lane) = lagged[k];
            }
        }
}

/* Residual sum of squares and what is added to the effects, at every pair, for the vector that starts at lane
 * `first`. */
BODY void evaluate(const struct nvc_arma *a, struct nvc_arma_work *w, size_t first)
{
    size_t m = a->m;
    vec *p = (vec *)w->p;
    for (size_t g = 0; g < a->n_pairs; g++) {
        const struct nvc_arma_at *at = &a->at[g];
        const struct nvc_arma_filter *f = &a->filters[at->filter];
        const double *forms = w->forms + f->column * NVC_LANES + first, *starts = forms + (f->direct ? 2 : 1) * m * NVC_LANES;
        double c = at->pair.a, b = f->b;
        vec square = *(const vec *)(w->square + at->filter * NVC_LANES + first);
        vec lagged = *(const vec *)(w->lagged + at->filter * NVC_LANES + first);
        vec rss = (1 + c * c) * square - 2 * c * lagged;
        for (size_t j = 0; j < m; j++)
            p[j] = at->scale * *(const vec *)(forms + j * NVC_LANES);
        for (size_t j = 0; f->direct && j < m; j++)
            p[j] += at->mid * *(const vec *)(forms + (m + j) * NVC_LANES);
        for (size_t r = 0; r < a->n_runs; r++) {
            vec last = *(const vec *)(w->last + (at->filter * a->n_runs + r) * NVC_LANES + first);
            vec start = *(const vec *)(starts + r * NVC_LANES);
            vec z = (1 + c * b) * start + at->tail[r] * last;
            vec pull = -at->kappa[r] * z, edge = at->edge * last;
            const double *at_last = f->last + r * m, *at_corner = at->corner + r * m;
            rss += pull * z - c * c * last * last;
            for (size_t j = 0; j < m; j++)
                p[j] += at_last[j] * edge + at_corner[j] * pull;
        }
        for (size_t i = 0; i < m; i++) {
            const double *half = at->half + i * m;
            vec s = half[0] * p[0];
            for (size_t j = 1; j <= i; j++)
                s += half[j] * p[j];
            rss -= s * s;
        }
        *(vec *)(w->rss + g * NVC_VECTOR) = rss;
        for (size_t k = 0; k < a->n_effects; k++) {
            const double *row = at->shift + k * m;
            vec s = row[0] * p[0];
            for (size_t j = 1; j < m; j++)
                s += row[j] * p[j];
            *(vec *)(w->shifts + (g * a->n_effects + k) * NVC_VECTOR) = s;
        }
    }
}

#define KERNELS(NAME, TARGET)                                                                                        \
    TARGET static void recurse_##NAME(const struct nvc_arma *a, struct nvc_arma_work *w, const double *R)            \
    {                                                                                                                \
        recurse(a, w, R);                                                                                            \
    }                                                                                                                \
    TARGET static void evaluate_##NAME(const struct nvc_arma *a, struct nvc_arma_work *w, size_t first)              \
    {                                                                                                                \
        evaluate(a, w, first);                                                                                       \
    }

KERNELS(plain, )
#if defined(__x86_64__)
KERNELS(avx2, __attribute__((target("avx2,fma"))))
KERNELS(avx512, __attribute__((target("avx512f,avx512dq,avx2,fma"))))
#endif

void nvc_arma_choose_kernels(struct nvc_arma *a)
{
    a->recurse = recurse_plain;
    a->evaluate = evaluate_plain;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
        a->recurse = recurse_avx512;
        a->evaluate = evaluate_avx512;
    } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        a->recurse = recurse_avx2;
        a->evaluate = evaluate_avx2;
    }
#endif
}
