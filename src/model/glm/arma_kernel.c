/* The loops over voxels that give the forms of a series and its residual sum of squares at every pair. */
#include "model/glm/arma_internal.h"

#include "math/vec.h"

/* u_t = r_t - b u_(t-1) for four values of b at a time: their chains hide each other's latency. */
NVC_INLINE void recurse(const struct nvc_arma *a, struct nvc_arma_work *w, const double *R)
{
    enum { AT_ONCE = 4 };
    for (size_t lane = 0; lane < NVC_LANES; lane += NVC_VECTOR)
        for (size_t f = 0; f < a->n_filters; f += AT_ONCE) {
            nvc_vec square[AT_ONCE] = { 0 }, lagged[AT_ONCE] = { 0 };
            double b[AT_ONCE] = { 0 };
            size_t n_here = a->n_filters - f < AT_ONCE ? a->n_filters - f : AT_ONCE;
            for (size_t k = 0; k < n_here; k++)
                b[k] = a->filters[f + k].b;
            for (size_t r = 0; r < a->n_runs; r++) {
                nvc_vec u[AT_ONCE] = { 0 };
                for (size_t t = a->run_start[r]; t < a->run_start[r + 1]; t++) {
                    nvc_vec y = nvc_vec_at(R + t * NVC_LANES + lane);
                    for (int k = 0; k < AT_ONCE; k++) {
                        nvc_vec next = y - b[k] * u[k];
                        lagged[k] += next * u[k];
                        square[k] += next * next;
                        u[k] = next;
                    }
                }
                for (size_t k = 0; k < n_here; k++)
                    nvc_vec_put(w->last + ((f + k) * a->n_runs + r) * NVC_LANES + lane, u[k]);
            }
            for (size_t k = 0; k < n_here; k++) {
                nvc_vec_put(w->square + (f + k) * NVC_LANES + lane, square[k]);
                nvc_vec_put(w->lagged + (f + k) * NVC_LANES + lane, lagged[k]);
            }
        }
}

/* |half p|^2. */
NVC_INLINE nvc_vec explained(const double *half, const nvc_vec *p, size_t m)
{
    nvc_vec square = { 0 };
    for (size_t i = 0; i < m; i += NVC_ARMA_ROWS, half += NVC_ARMA_ROWS * m) {
        nvc_vec s[NVC_ARMA_ROWS];
        nvc_arma_rows(half, p, i + NVC_ARMA_ROWS < m ? i + NVC_ARMA_ROWS : m, m, s);
        for (size_t k = 0; k < NVC_ARMA_ROWS; k++)
            square += s[k] * s[k];
    }
    return square;
}

NVC_INLINE void evaluate(const struct nvc_arma *a, struct nvc_arma_work *w)
{
    double dof = (double)(a->n - a->m);
    const nvc_vec *p = (const nvc_vec *)(const void *)w->p;
    for (size_t g = 0; g < a->n_pairs; g++) {
        const struct nvc_arma_at *at = &a->at[g];
        nvc_vec form = nvc_arma_forms(a, w, at), rss = form - explained(at->half, p, a->m);
        nvc_vec_put(w->rss + g * NVC_VECTOR, rss);
        nvc_vec_put(w->objective + g * NVC_VECTOR, at->constant + dof * nvc_vec_log(rss));
    }
}

NVC_KERNEL(recurse, (const struct nvc_arma *a, struct nvc_arma_work *w, const double *R), (a, w, R))
NVC_INLINE void shift(const struct nvc_arma *a, struct nvc_arma_work *w, size_t g)
{
    nvc_arma_find_shifts(a, w, g, true);
}

NVC_KERNEL(evaluate, (const struct nvc_arma *a, struct nvc_arma_work *w), (a, w))
NVC_KERNEL(shift, (const struct nvc_arma *a, struct nvc_arma_work *w, size_t g), (a, w, g))

void nvc_arma_choose_kernels(struct nvc_arma *a)
{
    a->recurse = NVC_KERNEL_CHOOSE(recurse);
    a->evaluate = NVC_KERNEL_CHOOSE(evaluate);
    a->shift = NVC_KERNEL_CHOOSE(shift);
}
