/* The loops over voxels that give the forms of a series and its residual sum of squares at every pair. */
#include "model/arma_internal.h"

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

/* Sum over i of factors[i] x[i]. */
NVC_INLINE nvc_vec combine(const double *factors, const nvc_vec *x, size_t n)
{
    nvc_vec sum = factors[0] * x[0];
    for (size_t i = 1; i < n; i++)
        sum += factors[i] * x[i];
    return sum;
}

/* The forms p of the columns (into p) and of the series with itself (returned) at one pair. */
NVC_INLINE nvc_vec forms_at(const struct nvc_arma *a, const struct nvc_arma_work *w, const struct nvc_arma_at *at, size_t first,
                            nvc_vec *p)
{
    const struct nvc_arma_filter *f = &a->filters[at->filter];
    size_t m = a->m;
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

NVC_INLINE void evaluate(const struct nvc_arma *a, struct nvc_arma_work *w, size_t first)
{
    size_t m = a->m;
    double dof = (double)(a->n - m);
    nvc_vec *p = (nvc_vec *)(void *)w->p;
    for (size_t g = 0; g < a->n_pairs; g++) {
        const struct nvc_arma_at *at = &a->at[g];
        nvc_vec rss = forms_at(a, w, at, first, p);
        for (size_t i = 0; i < m; i++) {
            nvc_vec s = combine(at->half + i * m, p, i + 1);
            rss -= s * s;
        }
        nvc_vec_put(w->rss + g * NVC_VECTOR, rss);
        nvc_vec_put(w->objective + g * NVC_VECTOR, at->constant + dof * nvc_vec_log(rss));
        for (size_t k = 0; k < a->n_effects; k++)
            nvc_vec_put(w->shifts + (g * a->n_effects + k) * NVC_VECTOR, combine(at->shift + k * m, p, m));
    }
}

NVC_KERNEL(recurse, (const struct nvc_arma *a, struct nvc_arma_work *w, const double *R), (a, w, R))
NVC_KERNEL(evaluate, (const struct nvc_arma *a, struct nvc_arma_work *w, size_t first), (a, w, first))

void nvc_arma_choose_kernels(struct nvc_arma *a)
{
    a->recurse = NVC_KERNEL_CHOOSE(recurse);
    a->evaluate = NVC_KERNEL_CHOOSE(evaluate);
}
