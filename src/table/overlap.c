#include "table/overlap.h"

#include "io/tsv.h"

#include <string.h>

const struct nvc_column nvc_overlap_columns[] = {
    { "region", NULL, "region of the mask that was made" },
    { "side", NULL, "side of both" },
    { "atlas", NULL, "its atlas" },
    { "other_region", NULL, "region of the mask it is compared with" },
    { "other_atlas", NULL, "its atlas" },
    { "dice", NULL, "2 sum min(w, v) / (sum w + sum v), weights w and v of a voxel" },
    { "distance_mm", "mm", "between the weighted centres" },
    { "volume_ratio", NULL, "volume of the one over that of the other" },
    { NULL, NULL, NULL },
};

int nvc_overlap_write(struct nvc_text *out, const struct nvc_mask *m, const struct nvc_mask *other, bool first,
                      struct nvc_error *err)
{
    int status = first ? nvc_tsv_header(out, nvc_overlap_columns, err) : 0;
    for (size_t a = 0; a < m->n_regions; a++)
        for (size_t b = 0; !status && b < other->n_regions; b++) {
            const struct nvc_region *r = &m->regions[a], *s = &other->regions[b];
            if (strcmp(r->side, s->side) != 0)
                continue;
            const char *const names[] = { r->region, r->side, r->atlas, s->region, s->atlas };
            const double numbers[] = { nvc_region_dice(r, s), nvc_region_distance_mm(r, s), r->volume_mm3 / s->volume_mm3 };
            for (size_t i = 0; !status && i < 5; i++)
                status = nvc_tsv_cell(out, names[i], false, err);
            for (size_t i = 0; !status && i < 3; i++)
                status = nvc_tsv_real(out, numbers[i], i == 2, err);
        }
    return status;
}
