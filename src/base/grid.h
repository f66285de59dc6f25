/* The grid of an image: what two images must share to be used voxel by voxel. */
#ifndef NVC_BASE_GRID_H
#define NVC_BASE_GRID_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_grid {
    size_t dim[3];
    double to_mm[3][4];    /* voxel index (0-based centre) -> world mm, +x right, +y anterior, +z superior */
    int space_code;        /* the sform or qform code that was used; 0: from pixdim alone */
};

/* dim0*dim1*dim2. */
size_t nvc_grid_voxels(const struct nvc_grid *g);
/* Volume of one voxel in mm3: |det|. */
double nvc_grid_voxel_mm3(const struct nvc_grid *g);

/* Same dim, and every corner within 1e-4 mm. */
bool nvc_grid_equal(const struct nvc_grid *a, const struct nvc_grid *b);

/* "80x80x35 voxels of 29.7 mm3, first at (120, -118.2, -50.1) mm": for messages about grids that differ. */
void nvc_grid_text(const struct nvc_grid *g, char *buf, size_t size);

/* World mm of a voxel (fractional). */
void nvc_grid_to_mm(const struct nvc_grid *g, const double ijk[3], double mm[3]);

/* The map from world mm to voxel.  NVC_EDATA when the axes are singular or not finite. */
int nvc_grid_inverse(const struct nvc_grid *g, double to_voxel[3][4], struct nvc_error *err) NVC_CHECKED;
/* out = M (p, 1). */
void nvc_affine_apply(const double M[3][4], const double p[3], double out[3]);

#endif
