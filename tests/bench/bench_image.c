/* bench_image FOLDER: bold.nii.gz (64 x 76 x 64 x 300, TR 2 s, 3 mm: AR(1) noise of .3, a linear drift and a response to 20
 * events in two clusters at the amygdalae), mask.nii.gz (an ellipsoid of 81,224 voxels) and events.tsv. */
#include "io/nifti.h"
#include "math/random.h"

#include <math.h>
#include <nifti1.h>
#include <stdio.h>
#include <stdlib.h>

enum { NX = 64, NY = 76, NZ = 64, TOTAL = NX * NY * NZ, N = 300, EVENTS = 20 };

static struct nvc_error err;

static void check(int status)
{
    if (!status)
        return;
    (void)fprintf(stderr, "bench_image: %s\n", err.text);
    exit(1);
}

static struct nvc_nifti_writer *create(const char *folder, const char *name, size_t n, int datatype, double tr_s)
{
    struct nvc_grid g = { .dim = { NX, NY, NZ }, .to_mm = { { 3, 0, 0, -94.5 }, { 0, 3, 0, -130.5 }, { 0, 0, 3, -76.5 } }, .space_code = 4 };
    struct nvc_nifti_writer *w;
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    check(nvc_nifti_create(&w, path, &(struct nvc_nifti_spec){ .grid = g, .n_volumes = n, .tr_s = tr_s, .datatype = datatype }, &err));
    return w;
}

static bool inside(size_t v)
{
    double x = ((double)(v % NX) - 31.5) / 25, y = ((double)(v / NX % NY) - 37.5) / 31, z = ((double)(v / NX / NY) - 31.5) / 25;
    return x * x + y * y + z * z <= 1;
}

static bool in_cluster(size_t v)
{
    double x = 3 * (double)(v % NX) - 94.5, y = 3 * (double)(v / NX % NY) - 130.5, z = 3 * (double)(v / NX / NY) - 76.5;
    return hypot(hypot(fabs(x) - 22.5, y + 3.5), z + 18) < 8;
}

int main(int argc, char **argv)
{
    static float volume[TOTAL], noise[TOTAL], base[TOTAL], slope[TOTAL];
    static double onset[EVENTS];
    struct nvc_rng r;
    char path[4096];
    if (argc != 2)
        return 2;
    nvc_rng_init(&r, 20240607, 0);
    (void)snprintf(path, sizeof path, "%s/events.tsv", argv[1]);
    FILE *f = fopen(path, "w");
    if (!f)
        return 3;
    (void)fputs("onset\tduration\ttrial_type\n", f);
    for (int k = 0; k < EVENTS; k++) {
        onset[k] = k ? onset[k - 1] + 24 + 4 * nvc_rng_uniform(&r) : 12;
        (void)fprintf(f, "%.1f\t4\tfear\n", onset[k]);
    }
    (void)fclose(f);
    struct nvc_nifti_writer *w = create(argv[1], "mask.nii.gz", 1, DT_UINT16, NAN);
    for (size_t v = 0; v < TOTAL; v++)
        volume[v] = (float)inside(v);
    check(nvc_nifti_put(w, volume, &err));
    check(nvc_nifti_commit(w, &err));
    w = create(argv[1], "bold.nii.gz", N, DT_INT16, 2);
    for (size_t v = 0; v < TOTAL; v++) {
        base[v] = (float)(10000 + 300 * nvc_rng_normal(&r));
        slope[v] = (float)(50 * nvc_rng_normal(&r));
        noise[v] = (float)nvc_rng_normal(&r);
    }
    for (int t = 0; t < N; t++) {
        double response = 0;
        for (int k = 0; k < EVENTS; k++) {
            double x = (2 * t - onset[k]) / 4.7;
            response += x > 0 ? pow(x * exp(1 - x), 4.7 / 0.547) : 0;
        }
        for (size_t v = 0; v < TOTAL; v++) {
            if (t > 0)
                noise[v] = (float)(.3 * (double)noise[v] + sqrt(1 - .09) * nvc_rng_normal(&r));
            volume[v] = inside(v) ? base[v] + slope[v] * (float)(2. * t / (N - 1) - 1) + 100 * noise[v] +
                                    (in_cluster(v) ? (float)(100 * response) : 0)
                                  : 0;
        }
        check(nvc_nifti_put(w, volume, &err));
    }
    check(nvc_nifti_commit(w, &err));
    return 0;
}
