#include "model/region/roi_sample.h"

#include <math.h>
#include <stdlib.h>

const char *const nvc_sampling_names[] = { "nearest", "linear", "volume", NULL };

void nvc_atlas_image_release(struct nvc_atlas_image *a)
{
    free(a->value);
    *a = (struct nvc_atlas_image){ 0 };
}

struct nvc_grid nvc_grid_crop(const struct nvc_grid *g, const size_t lo[3], const size_t hi[3])
{
    struct nvc_grid c = *g;
    double corner[3] = { (double)lo[0], (double)lo[1], (double)lo[2] }, mm[3];
    nvc_grid_to_mm(g, corner, mm);
    for (int d = 0; d < 3; d++) {
        c.dim[d] = hi[d] - lo[d] + 1;
        c.to_mm[d][3] = mm[d];
    }
    return c;
}

static double at(const struct nvc_atlas_image *a, float label, long i, long j, long k)
{
    const size_t *n = a->grid.dim;
    if (i < 0 || j < 0 || k < 0 || (size_t)i >= n[0] || (size_t)j >= n[1] || (size_t)k >= n[2])
        return 0;
    float v = a->value[(size_t)i + n[0] * ((size_t)j + n[1] * (size_t)k)];
    return a->probability ? (double)v : v == label;
}

static double nearest(const struct nvc_atlas_image *a, float label, const double p[3])
{
    return at(a, label, lrint(floor(p[0] + 0.5)), lrint(floor(p[1] + 0.5)), lrint(floor(p[2] + 0.5)));
}

static double linear(const struct nvc_atlas_image *a, float label, const double p[3])
{
    long base[3];
    double f[3], sum = 0;
    for (int d = 0; d < 3; d++) {
        base[d] = lrint(floor(p[d]));
        f[d] = p[d] - floor(p[d]);
    }
    for (int c = 0; c < 8; c++) {
        int x = c & 1, y = c >> 1 & 1, z = c >> 2;
        double w = (x ? f[0] : 1 - f[0]) * (y ? f[1] : 1 - f[1]) * (z ? f[2] : 1 - f[2]);
        if (w > 0)
            sum += w * at(a, label, base[0] + x, base[1] + y, base[2] + z);
    }
    return sum;
}

/* Voxel of g -> voxel of the atlas: to_voxel applied after to_mm. */
static void compose(const double outer[3][4], const double inner[3][4], double out[3][4])
{
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++)
            out[r][c] = outer[r][0] * inner[0][c] + outer[r][1] * inner[1][c] + outer[r][2] * inner[2][c] +
                        (c == 3 ? outer[r][3] : 0);
}

static double lattice_mean(const struct nvc_atlas_image *a, float label, const double M[3][4], const size_t ijk[3],
                           const int points[3])
{
    double sum = 0;
    for (int z = 0; z < points[2]; z++)
        for (int y = 0; y < points[1]; y++)
            for (int x = 0; x < points[0]; x++) {
                double q[3] = { (double)ijk[0] - 0.5 + (x + 0.5) / points[0], (double)ijk[1] - 0.5 + (y + 0.5) / points[1],
                                (double)ijk[2] - 0.5 + (z + 0.5) / points[2] }, p[3];
                nvc_affine_apply(M, q, p);
                sum += a->probability ? linear(a, label, p) : nearest(a, label, p);
            }
    return sum / ((double)points[0] * points[1] * points[2]);
}

/* Voxels of g that the atlas' box, one voxel wider, can touch; false when there are none. */
static bool touched(const struct nvc_grid *g, const struct nvc_grid *atlas, const double to_g[3][4], size_t lo[3], size_t hi[3])
{
    double least[3] = { INFINITY, INFINITY, INFINITY }, most[3] = { -INFINITY, -INFINITY, -INFINITY };
    for (unsigned corner = 0; corner < 8; corner++) {
        double c[3], p[3];
        for (unsigned d = 0; d < 3; d++)
            c[d] = corner >> d & 1 ? (double)atlas->dim[d] : -1;
        nvc_affine_apply(to_g, c, p);
        for (int d = 0; d < 3; d++)
            least[d] = fmin(least[d], p[d]), most[d] = fmax(most[d], p[d]);
    }
    for (int d = 0; d < 3; d++) {
        double last = (double)g->dim[d] - 1, from = fmax(0, floor(least[d] - 0.5)), to = fmin(last, ceil(most[d] + 0.5));
        if (!(from <= to))
            return false;
        lo[d] = (size_t)from, hi[d] = (size_t)to;
    }
    return true;
}

static void count_outside(const struct nvc_grid *g, const struct nvc_atlas_image *a, float label, const double to_g[3][4],
                          double *outside, double *whole)
{
    const size_t *n = a->grid.dim;
    for (size_t v = 0; v < nvc_grid_voxels(&a->grid); v++) {
        double c[3] = { (double)(v % n[0]), (double)(v / n[0] % n[1]), (double)(v / (n[0] * n[1])) }, p[3];
        double w = at(a, label, (long)c[0], (long)c[1], (long)c[2]);
        if (w <= 0)
            continue;
        nvc_affine_apply(to_g, c, p);
        bool in = true;
        for (int d = 0; d < 3; d++)
            in = in && p[d] >= -0.5 && p[d] < (double)g->dim[d] - 0.5;
        *whole += w;
        *outside += in ? 0 : w;
    }
}

int nvc_sample_part(float *volume, const struct nvc_grid *g, const struct nvc_atlas_image *a, long label, double weight,
                    enum nvc_sampling how, double *outside, double *whole, struct nvc_error *err)
{
    double g_inverse[3][4], a_inverse[3][4], M[3][4], to_g[3][4];
    size_t lo[3], hi[3], ijk[3];
    int status, points[3];
    if (!a->value) /* nothing of it in the image */
        return 0;
    if ((status = nvc_grid_inverse(g, g_inverse, err)) || (status = nvc_grid_inverse(&a->grid, a_inverse, err)))
        return status;
    compose(a_inverse, g->to_mm, M);
    compose(g_inverse, a->grid.to_mm, to_g);
    count_outside(g, a, (float)label, to_g, outside, whole);
    if (!touched(g, &a->grid, to_g, lo, hi))
        return 0;
    for (int d = 0; d < 3; d++) {
        double edge = hypot(hypot(g->to_mm[0][d], g->to_mm[1][d]), g->to_mm[2][d]);
        points[d] = (int)fmin(fmax(4, ceil(edge / 0.5)), 64);
    }
    for (ijk[2] = lo[2]; ijk[2] <= hi[2]; ijk[2]++)
        for (ijk[1] = lo[1]; ijk[1] <= hi[1]; ijk[1]++)
            for (ijk[0] = lo[0]; ijk[0] <= hi[0]; ijk[0]++) {
                double q[3] = { (double)ijk[0], (double)ijk[1], (double)ijk[2] }, p[3];
                nvc_affine_apply(M, q, p);
                double w = how == NVC_SAMPLE_NEAREST ? nearest(a, (float)label, p)
                         : how == NVC_SAMPLE_LINEAR  ? linear(a, (float)label, p)
                                                     : lattice_mean(a, (float)label, M, ijk, points);
                if (w > 0)
                    volume[ijk[0] + g->dim[0] * (ijk[1] + g->dim[1] * ijk[2])] += (float)(weight * w);
            }
    return 0;
}
