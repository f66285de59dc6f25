/* voxel_values IMAGE [I J K]...: the values of these voxels, one a line, all volumes of one after the other; without
 * voxels how many values of the image are numbers. */
#include "io/nifti.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct nvc_error err;
    struct nvc_nifti *n;
    if (argc < 2 || nvc_nifti_open(&n, argv[1], NVC_ORIENT_AUTO, NVC_INFLATE_BEST, &err))
        return 1;
    const struct nvc_nifti_header *h = nvc_nifti_header(n);
    size_t total = nvc_grid_voxels(&h->grid), numbers = 0, asked = (size_t)(argc - 2) / 3;
    double *volume = malloc(total * sizeof *volume), *out = malloc((asked * h->n_volumes + 1) * sizeof *out);
    for (size_t t = 0; t < h->n_volumes; t++) {
        if (nvc_nifti_next(n, volume, &err))
            return 1;
        for (size_t i = 0; i < total; i++)
            numbers += isfinite(volume[i]) != 0;
        for (size_t v = 0; v < asked; v++) {
            char **ijk = argv + 2 + 3 * v;
            size_t at = (size_t)atol(ijk[0]) + h->grid.dim[0] * ((size_t)atol(ijk[1]) + h->grid.dim[1] * (size_t)atol(ijk[2]));
            out[v * h->n_volumes + t] = volume[at];
        }
    }
    for (size_t k = 0; k < asked * h->n_volumes; k++)
        (void)printf("%.9g\n", out[k]);
    if (asked == 0)
        (void)printf("%zu\n", numbers);
    nvc_nifti_close(n);
    free(volume);
    free(out);
    return 0;
}
