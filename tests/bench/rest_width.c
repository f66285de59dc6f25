/* rest_width SCANS SNR poisson|renewal|pink RUNS [BOOTSTRAP]: how well nvc-hrf --rest recovers the width of the response, beside the
 * published point process (the table of its manual page).  TR 2 s, AR(1) noise .4 of sd 1, events every 27.4 s on average (renewal:
 * a dead time of 12 s), canonical responses of peak SNR stretched by .7, .85, 1, 1.2, 1.5; pink: Gaussian 1/f input instead. */
#include "math/random.h"
#include "model/rest_hrf.h"
#include "model/rest_width.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 5, MOST = 4096, METHODS = 3 };
static const double stretch[CELLS] = { 0.7, 0.85, 1, 1.2, 1.5 }, width_s = 5.2595, gap_s = 27.4;
static const char *const method_names[METHODS] = { "sparse", "spectral", "point process" };

static double canonical(double t)
{
    return t > 0 ? (exp(5 * log(t) - t) / 120 - exp(15 * log(t) - t) / 1307674368000.0 / 6) / 0.17544056 : 0;
}

static void add_response(double *y, int n, double at_s, double size, double s)
{
    for (int t = at_s < 0 ? 0 : (int)(at_s / 2); t < n && 2 * t - at_s < 32 * s; t++)
        y[t] += size * canonical((2 * t - at_s) / s);
}

static void simulate(double *y, int n, double s, double snr, const char *input, struct nvc_rng *rng)
{
    double noise = nvc_rng_normal(rng), level[12] = { 0 };
    for (int t = 0; t < n; t++) {
        y[t] = noise;
        noise = 0.4 * noise + sqrt(0.84) * nvc_rng_normal(rng);
    }
    if (!strcmp(input, "pink")) { /* sums of AR(1) processes an octave apart */
        for (double at = -64; at < 2 * n; at += 1) {
            double sum = 0;
            for (int k = 0; k < 12; k++) {
                const double phi = 1 - 1 / pow(2, k);
                level[k] = phi * level[k] + sqrt(1 - phi * phi) * nvc_rng_normal(rng);
                sum += level[k];
            }
            add_response(y, n, at, snr / 12 * sum, s);
        }
        return;
    }
    const double dead = strcmp(input, "renewal") ? 0 : 12;
    for (double at = -60; at < 2 * n; at += dead + (gap_s - dead) * nvc_rng_exponential(rng))
        add_response(y, n, at, snr, s);
}

/* 5.26 s times the scale, or what the point process calls fwhm. */
static double estimate(int method, const struct nvc_width_fit *f, const struct nvc_rest *r, const double *y, int run, double truth, int *covered)
{
    struct nvc_error err;
    struct nvc_width w;
    struct nvc_rest_hrf h;
    if (method == 2) {
        if (nvc_rest_fit(r, y, &h, &err))
            return NAN;
        const double fwhm = h.fwhm_s;
        nvc_rest_hrf_release(&h);
        return fwhm;
    }
    if (nvc_width_estimate(f, method ? NVC_WIDTH_SPECTRAL : NVC_WIDTH_SPARSE, y, (uint64_t)run, &w, &err))
        return NAN;
    *covered += w.ci_low_s <= truth && truth <= w.ci_high_s;
    return width_s * w.scale;
}

int main(int argc, char **argv)
{
    struct nvc_error err;
    struct nvc_width_fit *f;
    struct nvc_rest *r;
    static double y[MOST], value[MOST];
    if (argc < 5)
        return fprintf(stderr, "usage: rest_width SCANS SNR poisson|renewal|pink RUNS [BOOTSTRAP]\n"), 2;
    const int n = atoi(argv[1]), runs = atoi(argv[4]);
    struct nvc_width_spec spec = nvc_width_defaults(2);
    const struct nvc_rest_spec published = nvc_rest_defaults(2);
    spec.bootstrap = argc > 5 ? atoi(argv[5]) : 0;
    if (n > MOST || runs > MOST || nvc_width_new(&f, (size_t)n, &spec, &err) || nvc_rest_new(&r, (size_t)n, &published, &err))
        return fprintf(stderr, "rest_width: %s\n", err.text), 1;
    printf("%d scans, SNR %s, %s, %d runs in each cell\n", n, argv[2], argv[3], runs);
    for (int method = 0; method < METHODS; method++) {
        double mx = 0, my = 0, sxx = 0, sxy = 0, mean[CELLS] = { 0 };
        int covered = 0;
        printf("%s\tmedian bias (sd) s:", method_names[method]);
        for (int c = 0; c < CELLS; c++) {
            double square = 0;
            int good = 0;
            for (int k = 0; k < runs; k++) {
                struct nvc_rng rng;
                nvc_rng_init(&rng, 77 + (uint64_t)c, (uint64_t)k);
                simulate(y, n, stretch[c], atof(argv[2]), argv[3], &rng);
                const double v = estimate(method, f, r, y, k, width_s * stretch[c], &covered);
                if (!isnan(v))
                    value[good++] = v;
            }
            for (int k = 0; k < good; k++)
                mean[c] += value[k] / good;
            for (int k = 0; k < good; k++)
                square += (value[k] - mean[c]) * (value[k] - mean[c]) / (good - 1);
            gsl_sort(value, 1, (size_t)good);
            printf(" %+.2f (%.2f)", value[good / 2] - width_s * stretch[c], sqrt(square));
            mx += width_s * stretch[c] / CELLS, my += mean[c] / CELLS;
        }
        for (int c = 0; c < CELLS; c++) {
            sxx += pow(width_s * stretch[c] - mx, 2);
            sxy += (width_s * stretch[c] - mx) * (mean[c] - my);
        }
        printf("\tslope %.3f", sxy / sxx);
        if (spec.bootstrap && method < 2)
            printf("\tcoverage %.3f", (double)covered / (CELLS * runs));
        putchar('\n');
    }
    nvc_width_free(f);
    nvc_rest_free(r);
    return 0;
}
