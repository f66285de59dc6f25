#include "table/voxels.h"

#include "io/tsv.h"

const struct nvc_column nvc_voxel_columns[] = {
    { "column", NULL, "column of the series table" },
    { "i", NULL, "first voxel index, from 0" },
    { "j", NULL, "second voxel index, from 0" },
    { "k", NULL, "third voxel index, from 0" },
    { "x_mm", "mm", "centre, right is positive" },
    { "y_mm", "mm", "centre, anterior is positive" },
    { "z_mm", "mm", "centre, superior is positive" },
    { "weight", NULL, "weight in its region" },
    { NULL, NULL, NULL },
};

int nvc_voxels_write(struct nvc_text *out, const struct nvc_series *s, const struct nvc_voxel_place *places,
                     const struct nvc_grid *g, struct nvc_error *err)
{
    int status = nvc_tsv_header(out, nvc_voxel_columns, err);
    for (size_t c = 0; !status && c < s->n_regions; c++) {
        size_t v = places[c].index;
        double mm[3];
        nvc_voxel_mm(g, v, mm);
        const double row[7] = { (double)(v % g->dim[0]), (double)(v / g->dim[0] % g->dim[1]), (double)(v / (g->dim[0] * g->dim[1])),
                                mm[0], mm[1], mm[2], places[c].weight };
        status = nvc_tsv_cell(out, s->regions[c].column, false, err);
        for (size_t i = 0; !status && i < 7; i++)
            status = nvc_tsv_real(out, row[i], i == 6, err);
    }
    return status;
}
