#include "base/grid.h"

#include <math.h>
#include <stdio.h>

size_t nvc_grid_voxels(const struct nvc_grid *g) { return g->dim[0] * g->dim[1] * g->dim[2]; }

static double cofactor(const double M[3][4], int r, int c)
{
    int r1 = (r + 1) % 3, r2 = (r + 2) % 3, c1 = (c + 1) % 3, c2 = (c + 2) % 3;
    return M[r1][c1] * M[r2][c2] - M[r1][c2] * M[r2][c1];
}

static double determinant(const double M[3][4])
{
    return M[0][0] * cofactor(M, 0, 0) + M[0][1] * cofactor(M, 0, 1) + M[0][2] * cofactor(M, 0, 2);
}

double nvc_grid_voxel_mm3(const struct nvc_grid *g) { return fabs(determinant(g->to_mm)); }

void nvc_affine_apply(const double M[3][4], const double p[3], double out[3])
{
    for (int r = 0; r < 3; r++)
        out[r] = M[r][0] * p[0] + M[r][1] * p[1] + M[r][2] * p[2] + M[r][3];
}

void nvc_grid_to_mm(const struct nvc_grid *g, const double ijk[3], double mm[3]) { nvc_affine_apply(g->to_mm, ijk, mm); }

bool nvc_grid_equal(const struct nvc_grid *a, const struct nvc_grid *b)
{
    for (int d = 0; d < 3; d++)
        if (a->dim[d] != b->dim[d])
            return false;
    for (unsigned corner = 0; corner < 8; corner++) {
        double ijk[3], p[3], q[3];
        for (unsigned d = 0; d < 3; d++)
            ijk[d] = corner >> d & 1 ? (double)(a->dim[d] - 1) : 0;
        nvc_grid_to_mm(a, ijk, p);
        nvc_grid_to_mm(b, ijk, q);
        if (!(hypot(hypot(p[0] - q[0], p[1] - q[1]), p[2] - q[2]) <= 1e-4))
            return false;
    }
    return true;
}

void nvc_grid_text(const struct nvc_grid *g, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%zux%zux%zu voxels of %.3g mm3, first at (%.4g, %.4g, %.4g) mm", g->dim[0], g->dim[1],
                   g->dim[2], nvc_grid_voxel_mm3(g), g->to_mm[0][3], g->to_mm[1][3], g->to_mm[2][3]);
}

int nvc_grid_inverse(const struct nvc_grid *g, double to_voxel[3][4], struct nvc_error *err)
{
    double det = determinant(g->to_mm);
    if (!isfinite(det) || det == 0)
        return nvc_fail(err, NVC_EDATA, "the axes of the image are singular (determinant %g mm3)", det);
    for (int r = 0; r < 3; r++) {
        for (int c = 0; c < 3; c++)
            to_voxel[r][c] = cofactor(g->to_mm, c, r) / det;
        to_voxel[r][3] = -(to_voxel[r][0] * g->to_mm[0][3] + to_voxel[r][1] * g->to_mm[1][3] + to_voxel[r][2] * g->to_mm[2][3]);
    }
    return 0;
}
