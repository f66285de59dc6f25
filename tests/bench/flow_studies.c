/* flow_studies [STUDIES]: how often studies of 30 patients and 30 controls find a difference (Welch, 5 %) in the log-ratio of
 * ALFF and CBF and in the coupling residual (the numbers of nvc-coupling(1)).  Every participant has 100 parcels, ln CBF of sd .25 with noise
 * .1, ln ALFF on a line of slope .4 with residual sd .12, and a region whose ln CBF departs by sd .15 with noise .15, ln ALFF noise .1. */
#include "math/dist.h"
#include "math/random.h"
#include "model/coupling/flow_line.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { SUBJECTS = 30, PARCELS = 100, WORLDS = 4 };
static const struct { const char *name; double region_flow, decoupling, global_flow; } worlds[WORLDS] = {
    { "no difference", 0, 0, 0 },
    { "flow of the region -20 % on the same line", -0.2231435513, 0, 0 },
    { "ln ALFF of the region +.1 off the line", 0, 0.1, 0 },
    { "flow of the whole brain -20 %", 0, 0, -0.2231435513 },
};
static const double slope = 0.4, flow_sd = 0.25, parcel_noise = 0.1, residual_sd = 0.12, region_sd = 0.15, region_noise = 0.15, alff_noise = 0.1;

/* Log-ratio and residual of one participant. */
static void participant(double out[2], int world, bool patient, struct nvc_rng *rng)
{
    struct nvc_flow_line_point p[PARCELS], region = { .ln_cbf_se = region_noise, .ln_alff_se = alff_noise };
    struct nvc_flow_line line;
    struct nvc_error err;
    const double level = patient ? worlds[world].global_flow : 0, own = slope + 0.05 * nvc_rng_normal(rng);
    double c = 0, a = 0;
    for (int i = 0; i < PARCELS; i++) {
        const double flow = flow_sd * nvc_rng_normal(rng);
        p[i] = (struct nvc_flow_line_point){ level + flow + parcel_noise * nvc_rng_normal(rng), parcel_noise,
                                             own * flow + residual_sd * nvc_rng_normal(rng), NAN };
        c += p[i].ln_cbf / PARCELS, a += p[i].ln_alff / PARCELS;
    }
    const double flow = region_sd * nvc_rng_normal(rng) + (patient ? worlds[world].region_flow : 0);
    region.ln_cbf = level + flow + region_noise * nvc_rng_normal(rng);
    region.ln_alff = own * flow + residual_sd * nvc_rng_normal(rng) + alff_noise * nvc_rng_normal(rng) + (patient ? worlds[world].decoupling : 0);
    if (nvc_flow_line_fit(p, PARCELS, &region, &line, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    out[0] = (region.ln_cbf - c) - (region.ln_alff - a);
    out[1] = line.residual;
}

static bool differs(const double x[2][SUBJECTS])
{
    double mean[2] = { 0 }, var[2] = { 0 };
    for (int g = 0; g < 2; g++) {
        for (int i = 0; i < SUBJECTS; i++)
            mean[g] += x[g][i] / SUBJECTS;
        for (int i = 0; i < SUBJECTS; i++)
            var[g] += (x[g][i] - mean[g]) * (x[g][i] - mean[g]) / (SUBJECTS - 1) / SUBJECTS;
    }
    const double both = var[0] + var[1], dof = both * both * (SUBJECTS - 1) / (var[0] * var[0] + var[1] * var[1]);
    return nvc_t_two_sided((mean[0] - mean[1]) / sqrt(both), dof) < 0.05;
}

int main(int argc, char **argv)
{
    const int studies = argc > 1 ? atoi(argv[1]) : 2000;
    printf("patients\tlog_ratio_%%\tresidual_%%\n");
    for (int w = 0; w < WORLDS; w++) {
        int found[2] = { 0 };
        for (int s = 0; s < studies; s++) {
            double x[2][2][SUBJECTS], value[2];
            struct nvc_rng rng;
            nvc_rng_init(&rng, (uint64_t)w, (uint64_t)s);
            for (int g = 0; g < 2; g++)
                for (int i = 0; i < SUBJECTS; i++) {
                    participant(value, w, g == 1, &rng);
                    x[0][g][i] = value[0], x[1][g][i] = value[1];
                }
            found[0] += differs(x[0]), found[1] += differs(x[1]);
        }
        printf("%s\t%.1f\t%.1f\n", worlds[w].name, 100.0 * found[0] / studies, 100.0 * found[1] / studies);
    }
    return 0;
}
