/* make_asl OUT VOLUMES [KEY=VALUE]...: a perfusion run whose truth is known, on the grid of make_image at 3 mm.
 * VOLUMES: a letter each: m M0, c control, l label, d difference, f flow; g, w, s probability of grey matter, white matter, fluid.
 * Keys: kind (0 PCASL, 1 CASL, 2 PASL), tau and delay (comma-separated, one for each pair in turn), alpha, flow, arrival (s; without it the
 * consensus formula holds exactly), step (s, delay from slice to slice), m0 (equilibrium), tr (of M0; it has not recovered), noise (sd of
 * a volume), white (flow of white matter: voxels are mixtures by those probabilities, with M0 of 1, 0.8 and 1.2 times m0), spoil (this volume, from 0, is 300 too high), nan (voxels left of x = 0 are NaN in this volume). */
#include "io/nifti.h"
#include "math/random.h"
#include "model/perfusion/perfusion.h"
#include "model/region/roi.h"

#include <math.h>
#include <nifti1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct nvc_error err;

static void check(int status)
{
    if (status) {
        (void)fprintf(stderr, "make_asl: %s\n", err.text);
        exit(1);
    }
}

static const char *text_of(int argc, char **argv, const char *key, const char *otherwise)
{
    for (int i = 3; i < argc; i++)
        if (!strncmp(argv[i], key, strlen(key)) && argv[i][strlen(key)] == '=')
            return argv[i] + strlen(key) + 1;
    return otherwise;
}

static double number(int argc, char **argv, const char *key, double otherwise)
{
    const char *text = text_of(argc, argv, key, NULL);
    return text ? strtod(text, NULL) : otherwise;
}

/* Share of grey matter, white matter and fluid of a voxel. */
static void tissue(const double mm[3], double share[3])
{
    share[0] = 0.5 + 0.45 * sin(mm[0] / 7 + mm[2] / 5) * cos(mm[1] / 6);
    share[1] = (1 - share[0]) * (0.5 + 0.4 * cos(mm[0] / 8));
    share[2] = 1 - share[0] - share[1];
}

/* The n-th of a list, over and over. */
static double nth(const char *list, size_t n)
{
    double values[64];
    size_t count = 0;
    for (char *end; *list && count < 64; list = *end ? end + 1 : end)
        values[count++] = strtod(list, &end);
    return values[n % count];
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    struct nvc_grid g = { .dim = { 41, 41, 33 }, .to_mm = { { -3, 0, 0, 60 }, { 0, 3, 0, -70 }, { 0, 0, 3, -48 } }, .space_code = 4 };
    static const char tissues[] = "gws";
    const char *volumes = argv[2], *delays = text_of(argc, argv, "delay", "1.8"), *labels = text_of(argc, argv, "tau", "1.8");
    struct nvc_asl a = nvc_asl_defaults((enum nvc_asl_kind)number(argc, argv, "kind", 0), 1.8);
    a.alpha = number(argc, argv, "alpha", a.alpha);
    const double pure = number(argc, argv, "flow", 60), white = number(argc, argv, "white", NAN), arrival = number(argc, argv, "arrival", NAN), step = number(argc, argv, "step", 0);
    const double m0 = number(argc, argv, "m0", 1000), tr = number(argc, argv, "tr", INFINITY), noise = number(argc, argv, "noise", 0);
    const double spoil = number(argc, argv, "spoil", -1), hole = number(argc, argv, "nan", -1);
    const struct nvc_nifti_spec spec = { .grid = g, .n_volumes = strlen(volumes), .tr_s = strlen(volumes) > 1 ? 4 : NAN, .datatype = DT_FLOAT32 };
    struct nvc_nifti_writer *w;
    struct nvc_rng random;
    size_t pair = 0;
    float *volume = calloc(nvc_grid_voxels(&g), sizeof *volume);
    nvc_rng_init(&random, 11, 0);
    check(nvc_nifti_create(&w, argv[1], &spec, &err));
    for (size_t t = 0; volume && t < spec.n_volumes; t++) {
        const double delay = nth(delays, pair);
        a.label_s = nth(labels, pair);
        for (size_t v = 0; v < nvc_grid_voxels(&g); v++) {
            const double later = delay + step * (double)(v / (g.dim[0] * g.dim[1]));
            double mm[3], share[3];
            nvc_voxel_mm(&g, v, mm);
            tissue(mm, share);
            const double mixed = isnan(white) ? m0 : m0 * (share[0] + 0.8 * share[1] + 1.2 * share[2]);
            const double flow = isnan(white) ? pure : share[0] * pure + share[1] * 0.8 * white;
            const double dm = isnan(arrival) ? flow * m0 / nvc_cbf(&a, 1, 1, later) : m0 / a.lambda * nvc_asl_signal(&a, flow, arrival, later);
            double x = volumes[t] == 'm' ? mixed * -expm1(-tr / a.t1_tissue_s) : volumes[t] == 'f' ? flow : volumes[t] == 'd' ? dm
                                                : volumes[t] == 'c' ? mixed * -expm1(-tr / a.t1_tissue_s) : volumes[t] == 'l' ? mixed * -expm1(-tr / a.t1_tissue_s) - dm
                                                : share[strchr(tissues, volumes[t]) - tissues];
            x += noise * nvc_rng_normal(&random) + ((double)t == spoil ? 300 : 0);
            const bool brain = hypot(hypot(mm[0] / 55, (mm[1] + 10) / 58), mm[2] / 45) < 1;
            volume[v] = !brain ? 0 : (double)t == hole && mm[0] < 0 ? NAN : (float)x;
        }
        pair += volumes[t] == 'l' || volumes[t] == 'd';
        check(nvc_nifti_put(w, volume, &err));
    }
    check(nvc_nifti_commit(w, &err));
    free(volume);
    return 0;
}
