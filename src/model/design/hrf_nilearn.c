#include "model/design/hrf_nilearn.h"

#include "base/memory.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

bool nvc_hrf_is_nilearn(const struct nvc_hrf *hrf)
{
    return hrf->kind == NVC_HRF_NILEARN || hrf->kind == NVC_HRF_NILEARN_GLOVER;
}

struct difference { /* of two gamma densities */
    double delay, undershoot, dispersion, dispersion2, ratio;
};

static double sample(const struct difference *p, double t)
{
    return t > 0 ? gsl_ran_gamma_pdf(t, p->delay / p->dispersion, p->dispersion) -
                       p->ratio * gsl_ran_gamma_pdf(t, p->undershoot / p->dispersion2, p->dispersion2)
                 : 0;
}

/* out += scale * unit-sum response */
static void add_response(double *out, size_t n, double dt, const struct difference *p, double onset, double scale)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += sample(p, (double)k * 32 / (double)(n - 1) - onset - dt);
    for (size_t k = 0; k < n; k++)
        out[k] += scale * sample(p, (double)k * 32 / (double)(n - 1) - onset - dt) / sum;
}

void nvc_nilearn_kernel(const struct nvc_hrf *hrf, double *h, size_t n, double dt, size_t j)
{
    bool glover = hrf->kind == NVC_HRF_NILEARN_GLOVER;
    struct difference p = { 6, glover ? 12 : 16, glover ? .9 : 1, glover && j < 2 ? .9 : 1, glover ? .35 : .167 }, wider = p;
    double step = j == 1 ? .1 : .01;
    for (size_t k = 0; k < n; k++)
        h[k] = 0;
    wider.dispersion += j == 2 ? step : 0;
    add_response(h, n, dt, &p, 0, j ? 1 / step : 1);
    if (j)
        add_response(h, n, dt, &wider, j == 1 ? step : 0, -1 / step);
}

/* First index i of n with start + i * step >= t, at most n - 1. */
static size_t first_at(double t, double start, double step, size_t n)
{
    double guess = floor((t - start) / step) - 1;
    size_t i = guess > 0 ? guess < (double)n ? (size_t)guess : n - 1 : 0;
    while (i < n - 1 && (double)i * step + start < t)
        i++;
    return i;
}

int nvc_nilearn_regress(double *x, size_t n_rows, double tr, double first, const struct nvc_stimulus *s, const double *u,
                        const double *B, size_t n_B, struct nvc_error *err)
{
    double last = first + (double)(n_rows - 1) * tr, start = first - nvc_nilearn_past_s;
    double stop = n_rows > 1 ? last * (1 + 1 / (double)(n_rows - 1)) : last + tr;
    size_t n = (size_t)rint((stop - start) / tr * NVC_NILEARN_BINS) + 1;
    double step = (stop - start) / (double)(n - 1), *bins = nvc_array(n, sizeof *bins, err);
    if (!bins)
        return (int)err->status;
    for (size_t i = 0; i < s->n; i++) {
        size_t on = first_at(s->onset_s[i], start, step, n), off = first_at(s->onset_s[i] + s->duration_s[i], start, step, n);
        bins[on] += u[i];
        bins[off == on && off < n - 1 ? off + 1 : off] -= u[i];
    }
    for (size_t k = 1; k < n; k++)
        bins[k] += bins[k - 1];
    for (size_t r = 0; r < n_rows; r++) {
        double t = first + (double)r * tr, value[2] = { 0, 0 };
        size_t above = first_at(t, start, step, n), low = above ? above - 1 : 0;
        for (size_t k = 0; k < n_B; k++)
            for (size_t e = 0; e < 2; e++)
                if (low + e >= k)
                    value[e] += B[k] * bins[low + e - k];
        x[r] += value[0] + (t - ((double)low * step + start)) / step * (value[1] - value[0]);
    }
    free(bins);
    return 0;
}
