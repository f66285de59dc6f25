/* rest_width SCANS SNR INPUT RUNS [BOOTSTRAP [shapes]]: how well nvc-hrf --rest recovers the width of the response, beside the
 * published point process (the table of its manual page).  TR 2 s, AR(1) noise .4 of sd 1, responses of peak SNR, their truth the
 * canonical one stretched by .7, .85, 1, 1.2, 1.5; with `shapes` lobes of ttp/fwhm 3.6/4.95, 4/4.75, 5/5.26, 6/5.66, 7.5/7.96 s.
 * INPUT: poisson (events every 27.4 s on average), renewal (the same with a dead time of 12 s), dense (every 3 s, a third of the size),
 * gauss (Gaussian white), pink (Gaussian 1/f); or Poisson events with drift (1/f, sd 1), mayer (.1 Hz, sd .7), breath (.03 Hz, sd 1). */
#include "math/random.h"
#include "model/response/curve.h"
#include "model/rest/rest_hrf.h"
#include "model/rest/rest_width.h"
#include "model/response/shape.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 5, MOST = 4096, METHODS = 3, SAMPLES = 961, OCTAVES = 12 };
static const double stretch[CELLS] = { 0.7, 0.85, 1, 1.2, 1.5 }, sample_s = 0.05, gap_s = 27.4, canonical_fwhm_s = 5.2595;
static const double lobes[CELLS][2] = { { 3.6, 4.95 }, { 4, 4.75 }, { 5, 5.26 }, { 6, 5.66 }, { 7.5, 7.96 } };
static const char *const method_names[METHODS] = { "sparse", "spectral", "point process" };

static double canonical(double t)
{
    return t > 0 ? (exp(5 * log(t) - t) / 120 - exp(15 * log(t) - t) / 1307674368000.0 / 6) / 0.17544056 : 0;
}

/* The true response of a cell, peak 1; returns its width. */
static double make_truth(int cell, int shapes, double *h)
{
    for (int i = 0; i < SAMPLES; i++)
        h[i] = shapes ? nvc_shape_lobe(i * sample_s, lobes[cell][0], lobes[cell][1]) -
                            0.1 * nvc_shape_lobe(i * sample_s, lobes[cell][0] + 10, 9.2)
                      : canonical(i * sample_s / stretch[cell]);
    const struct nvc_curve_shape shape = nvc_curve_measure(h, SAMPLES, sample_s, 12);
    for (int i = 0; i < SAMPLES; i++)
        h[i] /= shape.height;
    return shape.fwhm_s;
}

static void add_response(double *y, int n, double at_s, double size, const double *h)
{
    for (int t = at_s < 0 ? 0 : (int)ceil(at_s / 2); t < n; t++) {
        const double x = (2 * t - at_s) / sample_s;
        if (x >= SAMPLES - 1)
            return;
        const int i = (int)x;
        y[t] += size * (h[i] + (x - i) * (h[i + 1] - h[i]));
    }
}

/* Sums of AR(1) processes an octave apart, mean square 1. */
static double pink(double *level, struct nvc_rng *rng)
{
    double sum = 0;
    for (int k = 0; k < OCTAVES; k++) {
        const double phi = 1 - 1 / pow(2, k);
        level[k] = phi * level[k] + sqrt(1 - phi * phi) * nvc_rng_normal(rng);
        sum += level[k];
    }
    return sum / sqrt(OCTAVES);
}

/* A rhythm whose phase wanders (coherent for some ten periods). */
static void add_rhythm(double *y, int n, double hz, double sd, struct nvc_rng *rng)
{
    double phase = 2 * M_PI * nvc_rng_uniform(rng);
    for (int t = 0; t < n; t++, phase += 4 * M_PI * hz + sqrt(0.4 * hz) * nvc_rng_normal(rng))
        y[t] += sd * sqrt(2) * sin(phase);
}

static void simulate(double *y, int n, const double *h, double snr, const char *input, struct nvc_rng *rng)
{
    double noise = nvc_rng_normal(rng), level[OCTAVES] = { 0 };
    for (int t = 0; t < n; t++) {
        y[t] = noise;
        noise = 0.4 * noise + sqrt(0.84) * nvc_rng_normal(rng);
    }
    if (!strcmp(input, "pink") || !strcmp(input, "gauss")) {
        for (double at = -64; at < 2 * n; at += 1)
            add_response(y, n, at, *input == 'p' ? snr / sqrt(OCTAVES) * pink(level, rng) : snr / 3 * nvc_rng_normal(rng), h);
        return;
    }
    if (!strcmp(input, "drift"))
        for (int t = -512; t < n; t++) {
            const double drift = pink(level, rng);
            y[t < 0 ? 0 : t] += t < 0 ? 0 : drift;
        }
    if (!strcmp(input, "mayer") || !strcmp(input, "breath"))
        add_rhythm(y, n, *input == 'm' ? 0.1 : 0.03, *input == 'm' ? 0.7 : 1, rng);
    const double dead = strcmp(input, "renewal") ? 0 : 12, gap = strcmp(input, "dense") ? gap_s : 3;
    for (double at = -60; at < 2 * n; at += dead + (gap - dead) * nvc_rng_exponential(rng))
        add_response(y, n, at, strcmp(input, "dense") ? snr : snr / 3, h);
}

struct tally { int covered, given, low, high; double length[MOST]; }; /* low, high: open there; length within the search */

static void print_intervals(struct tally *t)
{
    int covered = 0, given = 0, low = 0, high = 0;
    printf("\tcoverage");
    for (int c = 0; c < CELLS; c++) {
        covered += t[c].covered, given += t[c].given, low += t[c].low, high += t[c].high;
        printf(" %.2f", (double)t[c].covered / t[c].given);
    }
    printf(", all %.3f, open below %.2f above %.2f, length s", (double)covered / given, (double)low / given, (double)high / given);
    for (int c = 0; c < CELLS; c++) {
        gsl_sort(t[c].length, 1, (size_t)t[c].given);
        printf(" %.1f", t[c].given ? t[c].length[t[c].given / 2] : NAN);
    }
}

/* 5.26 s times the scale, or what the point process calls fwhm. */
static double estimate(int method, const struct nvc_width_fit *f, const struct nvc_rest *r, const double *y, int run, double truth, struct tally *tally)
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
    tally->covered += w.has_interval && !(w.ci_low_s > truth) && !(w.ci_high_s < truth);
    tally->low += w.has_interval && isnan(w.ci_low_s), tally->high += w.has_interval && isnan(w.ci_high_s);
    if (w.has_interval)
        tally->length[tally->given++] = fmin(w.ci_high_s, 12.6) - fmax(w.ci_low_s, 2.4);
    return canonical_fwhm_s * w.scale;
}

int main(int argc, char **argv)
{
    struct nvc_error err;
    struct nvc_width_fit *f;
    struct nvc_rest *r;
    static double y[MOST], value[MOST], h[SAMPLES];
    if (argc < 5)
        return fprintf(stderr, "usage: rest_width SCANS SNR poisson|renewal|dense|gauss|pink|drift|mayer|breath RUNS [BOOTSTRAP [shapes]]\n"), 2;
    const int n = atoi(argv[1]), runs = atoi(argv[4]);
    struct nvc_width_spec spec = nvc_width_defaults(2);
    const struct nvc_rest_spec published = nvc_rest_defaults(2);
    spec.bootstrap = argc > 5 ? atoi(argv[5]) : 0;
    if (n > MOST || runs > MOST || nvc_width_new(&f, (size_t)n, &spec, &err) || nvc_rest_new(&r, (size_t)n, &published, &err))
        return fprintf(stderr, "rest_width: %s\n", err.text), 1;
    printf("%d scans, SNR %s, %s, %d runs in each cell\n", n, argv[2], argv[3], runs);
    for (int method = 0; method < METHODS; method++) {
        double mx = 0, my = 0, sxx = 0, sxy = 0, mean[CELLS] = { 0 }, truth[CELLS];
        static struct tally tally[CELLS];
        memset(tally, 0, sizeof tally);
        printf("%s\tmedian bias (sd) s:", method_names[method]);
        for (int c = 0; c < CELLS; c++) {
            double square = 0;
            truth[c] = make_truth(c, argc > 6, h);
            int good = 0;
            for (int k = 0; k < runs; k++) {
                struct nvc_rng rng;
                nvc_rng_init(&rng, 77 + (uint64_t)c, (uint64_t)k);
                simulate(y, n, h, atof(argv[2]), argv[3], &rng);
                const double v = estimate(method, f, r, y, k, truth[c], tally + c);
                if (!isnan(v))
                    value[good++] = v;
            }
            for (int k = 0; k < good; k++)
                mean[c] += value[k] / good;
            for (int k = 0; k < good; k++)
                square += (value[k] - mean[c]) * (value[k] - mean[c]) / (good - 1);
            gsl_sort(value, 1, (size_t)good);
            printf(" %+.2f (%.2f)", (value[(good - 1) / 2] + value[good / 2]) / 2 - truth[c], sqrt(square));
            mx += truth[c] / CELLS, my += mean[c] / CELLS;
        }
        for (int c = 0; c < CELLS; c++) {
            sxx += pow(truth[c] - mx, 2);
            sxy += (truth[c] - mx) * (mean[c] - my);
        }
        printf("\tslope %.3f", sxy / sxx);
        if (spec.bootstrap && method < 2)
            print_intervals(tally);
        putchar('\n');
    }
    nvc_width_free(f);
    nvc_rest_free(r);
    return 0;
}
