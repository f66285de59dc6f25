#include "cmd/extract/grey.h"

#include "base/memory.h"
#include "cmd/shared/map_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void extract_grey_release(struct extract_grey *x)
{
    for (int k = 0; k < 3; k++)
        free(x->maps[k]);
    free(x->of);
    free(x->volume);
}

static int weigh(struct nvc_region *r, const struct nvc_grid *g, const double *grey, struct nvc_error *err)
{
    float *volume = nvc_array(nvc_grid_voxels(g), sizeof *volume, err);
    int status = volume ? 0 : NVC_ESYS;
    for (size_t i = 0; i < r->n && !status; i++)
        if (grey[r->index[i]] >= NVC_GREY_LEAST)
            volume[r->index[i]] = (float)(r->weight[i] * grey[r->index[i]]);
    if (!status && !(status = nvc_region_set(r, g, volume, err)))
        (void)snprintf(r->note, sizeof r->note, "grey_matter");
    free(volume);
    return status;
}

int extract_grey_open(struct extract_grey *x, const char *const paths[3], enum nvc_orientation how, struct nvc_mask *mask,
                      struct nvc_input_mark *marks, size_t *n_marks, struct nvc_error *err)
{
    int status = 0;
    for (int k = 0; k < 3 && !status; k++)
        if (paths[k] && !(status = map_read(&x->maps[k], paths[k], how, &mask->grid, "the run", &marks[(*n_marks)++], err)))
            status = map_check_probability(x->maps[k], nvc_grid_voxels(&mask->grid), paths[k], err);
    for (size_t r = 0; r < mask->n_regions && !status; r++)
        status = weigh(&mask->regions[r], &mask->grid, x->maps[0], err);
    return status;
}

int extract_grey_plan(struct extract_grey *x, const struct nvc_grid *g, const size_t *index, size_t n, struct nvc_error *err)
{
    const struct nvc_tissue tissue = { x->maps[0], x->maps[1], x->maps[2] };
    if (!(x->of = nvc_array(n, sizeof *x->of, err)) || !(x->volume = nvc_array(nvc_grid_voxels(g), sizeof *x->volume, err)))
        return NVC_ESYS;
    int status = 0;
    for (size_t v = 0; v < n && !status; v++)
        status = nvc_grey_estimate(&x->of[v], &tissue, g, index[v], NULL, err);
    return status;
}

void extract_grey_values(struct extract_grey *x, const struct nvc_nifti *image, const void *bytes, size_t n, double *values)
{
    nvc_nifti_decode_float(image, bytes, 0, nvc_grid_voxels(&nvc_nifti_header(image)->grid), x->volume);
    for (size_t v = 0; v < n; v++) {
        const struct nvc_grey_estimate *e = &x->of[v];
        values[v] = e->n ? 0 : NAN;
        for (size_t i = 0; i < e->n; i++)
            values[v] += e->weight[i] * (double)x->volume[e->index[i]];
    }
}
