/* map_cover [RUNS [SETTING]]: how often the interval of the correlation of two maps across a region covers the truth, by smoothness (the
 * table of nvc-coupling(1)).  A region of 40 voxels of 3 mm; map x is a Gaussian field of the first smoothness.  Map y is rho x +
 * sqrt(1 - rho^2) e with e of the second, both scaled by their variance inside the region; or, of one source, it is what x was made of,
 * mixed with other noise and smoothed by the second width.  The truth is the correlation inside the region. */
#include "math/random.h"
#include "model/coupling/map_coupling.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 20, POINTS = SIDE * SIDE * SIDE, MOST = 64, SETTINGS = 12, RHOS = 3 };
static const struct nvc_grid grid = { .dim = { SIDE, SIDE, SIDE }, .to_mm = { { 3, 0, 0, -28.5 }, { 0, 3, 0, -28.5 }, { 0, 0, 3, -28.5 } } };
static const double rhos[RHOS] = { 0, 0.5, 0.8 };
/* Widths of x and of e in mm; tail: share of a field of 15 mm that is mixed in. */
static const struct { const char *name; double x, e, tail; bool one_source; } settings[SETTINGS] = {
    { "0", 0, 0, 0, 0 }, { "2", 2, 2, 0, 0 }, { "3", 3, 3, 0, 0 }, { "4", 4, 4, 0, 0 }, { "5", 5, 5, 0, 0 }, { "6", 6, 6, 0, 0 },
    { "8", 8, 8, 0, 0 }, { "3 with 8", 3, 8, 0, 0 }, { "4 with 6", 4, 6, 0, 0 }, { ".6 of 4 + .4 of 15", 4, 4, 0.4, 0 },
    { "3 with 8, one source", 3, 8, 0, 1 }, { "4 with 6, one source", 4, 6, 0, 1 },
};

static double kernel_at(size_t d, double fwhm_mm)
{
    const double away = 3 * (double)(d < SIDE / 2 ? d : SIDE - d), sd = fwhm_mm / 2.354820045;
    return sd > 0 ? exp(-away * away / (2 * sd * sd)) : d == 0;
}

static void noise(double *f, struct nvc_rng *rng)
{
    for (size_t i = 0; i < POINTS; i++)
        f[i] = nvc_rng_normal(rng);
}

/* White noise of variance 1 smoothed along each axis, periodic, of variance 1 again. */
static void smooth(double *f, double fwhm_mm)
{
    double kernel[SIDE], line[SIDE], ss = 0;
    for (size_t d = 0; d < SIDE; d++) {
        kernel[d] = kernel_at(d, fwhm_mm);
        ss += kernel[d] * kernel[d];
    }
    for (size_t step = 1; step < POINTS && fwhm_mm > 0; step *= SIDE)
        for (size_t i = 0; i < POINTS; i++) {
            if (i / step % SIDE)
                continue;
            for (size_t at = 0; at < SIDE; at++) {
                line[at] = 0;
                for (size_t d = 0; d < SIDE; d++)
                    line[at] += kernel[d] * f[i + (at + d) % SIDE * step];
            }
            for (size_t at = 0; at < SIDE; at++)
                f[i + at * step] = line[at] / sqrt(ss);
        }
}

static void mixed(double *f, double fwhm_mm, double tail, struct nvc_rng *rng)
{
    static double wide[POINTS];
    noise(f, rng);
    smooth(f, fwhm_mm);
    if (!(tail > 0))
        return;
    noise(wide, rng);
    smooth(wide, 15);
    for (size_t i = 0; i < POINTS; i++)
        f[i] = (1 - tail) * f[i] + tail * wide[i];
}

/* Correlation of the fields of two widths, of one source, at two points. */
static double covariance(size_t i, size_t j, double first_mm, double second_mm)
{
    double product = 1;
    for (size_t step = 1; step < POINTS; step *= SIDE) {
        const size_t apart = (i / step % SIDE + SIDE - j / step % SIDE) % SIDE;
        double sum = 0, aa = 0, bb = 0;
        for (size_t d = 0; d < SIDE; d++) {
            sum += kernel_at(d, first_mm) * kernel_at((d + apart) % SIDE, second_mm);
            aa += kernel_at(d, first_mm) * kernel_at(d, first_mm);
            bb += kernel_at(d, second_mm) * kernel_at(d, second_mm);
        }
        product *= sum / sqrt(aa * bb);
    }
    return product;
}

/* R of the fields over the region, both ways centred; returns its trace. */
static double centred(double *R, const size_t *region, size_t n, double first_mm, double second_mm, double tail)
{
    double row[MOST] = { 0 }, all = 0, trace = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            R[i + n * j] = covariance(region[i], region[j], first_mm, second_mm);
            if (tail > 0)
                R[i + n * j] = (1 - tail) * (1 - tail) * R[i + n * j] + tail * tail * covariance(region[i], region[j], 15, 15);
            row[i] += R[i + n * j] / (double)n;
            all += R[i + n * j] / (double)(n * n);
        }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            R[i + n * j] += all - row[i] - row[j];
    for (size_t i = 0; i < n; i++)
        trace += R[i * (n + 1)];
    return trace;
}

static size_t ellipsoid(size_t *region)
{
    size_t n = 0;
    for (size_t i = 0; i < POINTS; i++) {
        const double d[3] = { (double)(i % SIDE) - 9.5, (double)(i / SIDE % SIDE) - 9.5, (double)(i / SIDE / SIDE) - 9.5 };
        if (pow(d[0] / 1.8, 2) + pow(d[1] / 2.3, 2) + pow(d[2] / 2.6, 2) <= 1)
            region[n++] = i;
    }
    return n;
}

static void run_setting(int s, double rho, int runs, const size_t *region, size_t n)
{
    static double x[POINTS], y[POINTS], e[POINTS];
    static double Rx[MOST * MOST], Re[MOST * MOST];
    static bool support[POINTS];
    double shared = 0, sum = 0;
    int covered[3] = { 0 };
    struct nvc_error err;
    memset(support, true, sizeof support);
    const double shares = centred(Rx, region, n, settings[s].x, settings[s].e, 0);
    const double vx = centred(Rx, region, n, settings[s].x, settings[s].x, settings[s].tail);
    const double ve = centred(Re, region, n, settings[s].e, settings[s].e, settings[s].tail);
    const double truth = settings[s].one_source ? rho * shares / sqrt(vx * ve) : rho;
    for (size_t i = 0; i < n * n; i++)
        shared += Rx[i] * Re[i];
    for (int run = 0; run < runs; run++) {
        struct nvc_rng rng;
        struct nvc_map_r r;
        nvc_rng_init(&rng, (uint64_t)s, (uint64_t)run);
        if (settings[s].one_source) {
            noise(x, &rng);
            noise(e, &rng);
            for (size_t i = 0; i < POINTS; i++)
                y[i] = rho * x[i] + sqrt(1 - rho * rho) * e[i];
            smooth(x, settings[s].x);
            smooth(y, settings[s].e);
        } else {
            mixed(x, settings[s].x, settings[s].tail, &rng);
            mixed(e, settings[s].e, settings[s].tail, &rng);
            for (size_t i = 0; i < POINTS; i++)
                y[i] = rho * x[i] / sqrt(vx) + sqrt((1 - rho * rho) / ve) * e[i];
        }
        struct nvc_map_pair p = { .grid = &grid, .x = x, .y = y, .region = region, .n_region = n, .support = support, .support_mm = 20,
                                  .bootstrap = 400, .seed = (uint64_t)run };
        if (nvc_map_couple(&p, &r, &err)) {
            fprintf(stderr, "%s\n", err.text);
            exit(1);
        }
        const double away = fabs(r.z - atanh(truth));
        covered[0] += r.ci_low <= truth && truth <= r.ci_high;
        covered[1] += away <= 1.959964 / sqrt(r.n_eff - 3);
        covered[2] += away <= 1.959964 / sqrt((double)n - 3);
        sum += r.n_eff / runs;
    }
    printf("%s\t%.2f\t%.1f\t%.1f\t%.3f\t%.3f\t%.3f\n", settings[s].name, truth, 1 + vx * ve / shared, sum, (double)covered[0] / runs,
           (double)covered[1] / runs, (double)covered[2] / runs);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    size_t region[MOST];
    const size_t n = ellipsoid(region);
    const int runs = argc > 1 ? atoi(argv[1]) : 1000, only = argc > 2 ? atoi(argv[2]) : -1;
    printf("# %zu voxels, %d runs\nfwhm_mm\trho\tn_eff_true\tn_eff_mean\tbootstrap\tclosed\tnaive\n", n, runs);
    for (int s = 0; s < SETTINGS; s++)
        for (int k = 0; k < RHOS && (only < 0 || only == s); k++)
            run_setting(s, rhos[k], runs, region, n);
    return 0;
}
