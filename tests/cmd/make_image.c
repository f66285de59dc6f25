/* make_image KIND OUT [EDGE_MM [VARIANT]]: images for the tests of the commands.
 *   labels         the amygdala nuclei groups as values 1..6 in the order of the built-in table, VARIANT: flip | shift
 *   probabilities  the same as six volumes in percent
 *   side           one hemisphere as FreeSurfer does: values 7001.. of the right side; VARIANT flip: of the left
 *   weights        the left BLA as one 3-D weight image
 *   run            4-D run of 24 volumes, TR 2 s; VARIANT: dropout (no signal below z = -24), still (it never varies), nan, notr, tr3, ras (x grows to the right),
 *                  oblique (turned by 20 degrees about x, then y, then z)
 *   brain          the brain of that run; VARIANT: right (half of it), none */
#include "io/nifti.h"
#include "math/random.h"
#include "model/region/roi_parametric.h"

#include <math.h>
#include <nifti1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct nvc_error err;

static void check(int status)
{
    if (status) {
        (void)fprintf(stderr, "make_image: %s\n", err.text);
        exit(1);
    }
}

/* About an axis through (0, -5, -20), which lies between the amygdalae. */
static void turn(struct nvc_grid *g, int axis, double angle)
{
    const double pivot[3] = { 0, -5, -20 };
    int a = (axis + 1) % 3, b = (axis + 2) % 3;
    for (int k = 0; k < 4; k++) {
        double u = g->to_mm[a][k] - (k == 3 ? pivot[a] : 0), v = g->to_mm[b][k] - (k == 3 ? pivot[b] : 0);
        g->to_mm[a][k] = cos(angle) * u - sin(angle) * v + (k == 3 ? pivot[a] : 0);
        g->to_mm[b][k] = sin(angle) * u + cos(angle) * v + (k == 3 ? pivot[b] : 0);
    }
}

/* 120 x 120 x 96 mm around the amygdalae and what lies above. */
static struct nvc_grid grid_of(double edge, const char *variant)
{
    struct nvc_grid g = { .to_mm = { { -edge, 0, 0, 60 }, { 0, edge, 0, -70 }, { 0, 0, edge, -48 } }, .space_code = 4 };
    g.dim[0] = g.dim[1] = (size_t)floor(120 / edge) + 1;
    g.dim[2] = (size_t)floor(96 / edge) + 1;
    if (!strcmp(variant, "ras"))
        g.to_mm[0][0] = edge, g.to_mm[0][3] = -60;
    for (int axis = 0; axis < 3 && !strcmp(variant, "oblique"); axis++)
        turn(&g, axis, M_PI / 9);
    return g;
}

static bool in_brain(const double mm[3])
{
    return hypot(hypot(mm[0] / 55, (mm[1] + 10) / 58), mm[2] / 45) < 1;
}

/* Value of a voxel; volume counts from 0. */
static double value(const char *kind, const char *variant, size_t volume, const double at[3], struct nvc_rng *random)
{
    double mm[3] = { !strcmp(variant, "flip") && strcmp(kind, "side") ? -at[0] : at[0], at[1] + (strcmp(variant, "shift") ? 0 : 12), at[2] };
    int owner = nvc_parametric_owner(mm);
    if (!strcmp(kind, "labels"))
        return owner + 1;
    if (!strcmp(kind, "probabilities"))
        return owner == (int)volume ? 80 : 0;
    if (!strcmp(kind, "side"))
        return owner >= 0 && owner % 2 == (strcmp(variant, "flip") ? 1 : 0) ? 7001 + owner / 2 : 0;
    if (!strcmp(kind, "weights"))
        return owner == 0 ? 0.75 : 0;
    if (!strcmp(kind, "brain"))
        return in_brain(mm) && strcmp(variant, "none") && (strcmp(variant, "right") || mm[0] > 0);
    double noise = nvc_rng_normal(random), t = (double)volume;
    if (!strcmp(variant, "nan") && volume == 5 && owner == 0 && mm[2] < -24)
        return NAN;
    if (!in_brain(mm) || (!strcmp(variant, "dropout") && mm[2] < -24))
        return 0;
    if (!strcmp(variant, "still"))
        return 1000 + mm[0];
    return 1000 + mm[0] + 3 * sin(t) + 10 * noise;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: make_image KIND OUT [EDGE_MM [VARIANT]]\n");
        return 2;
    }
    const char *kind = argv[1], *variant = argc > 4 ? argv[4] : "";
    bool run = !strcmp(kind, "run");
    struct nvc_grid g = grid_of(argc > 3 ? strtod(argv[3], NULL) : 3, variant);
    struct nvc_nifti_spec spec = { .grid = g, .n_volumes = run ? 24 : !strcmp(kind, "probabilities") ? 6 : 1,
                                   .tr_s = !run || !strcmp(variant, "notr") ? NAN : !strcmp(variant, "tr3") ? 3 : 2,
                                   .datatype = run || !strcmp(kind, "weights") ? DT_FLOAT32 : DT_INT16, .slope = 1 };
    struct nvc_nifti_writer *w;
    struct nvc_rng random;
    float *volume = calloc(nvc_grid_voxels(&g), sizeof *volume);
    nvc_rng_init(&random, 7, 0);
    check(nvc_nifti_create(&w, argv[2], &spec, &err));
    for (size_t t = 0; volume && t < spec.n_volumes; t++) {
        for (size_t v = 0; v < nvc_grid_voxels(&g); v++) {
            double mm[3];
            nvc_voxel_mm(&g, v, mm);
            volume[v] = (float)value(kind, variant, t, mm, &random);
        }
        check(nvc_nifti_put(w, volume, &err));
    }
    check(nvc_nifti_commit(w, &err));
    free(volume);
    return 0;
}
