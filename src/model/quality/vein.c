#include "model/quality/vein.h"

#include "base/memory.h"
#include "model/region/roi_parametric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct box {
    const char *segment, *side;
    double x0, x1, y0, y1, z0, z1;
} boxes[] = {
#include "model/vein_boxes.inc"
};
enum { N_BOXES = sizeof boxes / sizeof *boxes };

static bool in_box(const struct box *b, const double p[3])
{
    return p[0] >= b->x0 && p[0] <= b->x1 && p[1] >= b->y0 && p[1] <= b->y1 && p[2] >= b->z0 && p[2] <= b->z1;
}

static bool of_side(const struct box *b, const char *side) { return !strcmp(side, b->side) || (strcmp(side, "L") && strcmp(side, "R")); }

static bool in_any(const char *side, const double p[3])
{
    for (size_t b = 0; b < N_BOXES; b++)
        if (of_side(&boxes[b], side) && in_box(&boxes[b], p))
            return true;
    return false;
}

/* Grey matter is in the voxel or in one of the 6 that share a face with it: `kept`, or by the atlas. */
static bool near_grey(const bool *kept, const struct nvc_grid *g, size_t v)
{
    const size_t *n = g->dim, at[3] = { v % n[0], v / n[0] % n[1], v / (n[0] * n[1]) }, step[3] = { 1, n[0], n[0] * n[1] };
    for (int way = 0; way < 7; way++) {
        int d = way / 2;
        bool up = way % 2;
        if (way < 6 && (up ? at[d] + 1 >= n[d] : !at[d]))
            continue;
        size_t there = way == 6 ? v : up ? v + step[d] : v - step[d];
        double p[3];
        nvc_voxel_mm(g, there, p);
        if (kept[there] || nvc_parametric_grey(p))
            return true;
    }
    return false;
}

int nvc_vein_boxes(struct nvc_region *r, const struct nvc_grid *g, const char *side, const struct nvc_mask *keep,
                   struct nvc_error *err)
{
    size_t n = nvc_grid_voxels(g);
    float *volume = nvc_array(n, sizeof *volume, err);
    bool *kept = volume ? nvc_array(n, sizeof *kept, err) : NULL;
    int status = kept ? 0 : (int)err->status;
    for (size_t k = 0; !status && keep && k < keep->n_regions; k++)
        for (size_t i = 0; i < keep->regions[k].n; i++)
            kept[keep->regions[k].index[i]] |= keep->regions[k].weight[i] >= 0.5;
    for (size_t v = 0; !status && v < n; v++) {
        double p[3];
        nvc_voxel_mm(g, v, p);
        if (in_any(side, p))
            volume[v] = near_grey(kept, g, v) ? 0.5F : 1;
    }
    if (!status)
        status = nvc_region_set(r, g, volume, err);
    free(kept);
    free(volume);
    if (!status)
        nvc_region_measure(r, g);
    return status;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

int nvc_vein_choose(bool *vein, size_t *n_vein, const struct nvc_region *r, const struct nvc_grid *g, const size_t *row,
                    const struct nvc_voxel *voxels, struct nvc_error *err)
{
    double *sd = nvc_array(r->n, sizeof *sd, err);
    if (!sd)
        return (int)err->status;
    memset(vein, 0, r->n * sizeof *vein);
    *n_vein = 0;
    for (size_t b = 0; b < N_BOXES; b++) {
        size_t n = 0;
        for (int pass = 0; pass < 2; pass++) {
            double cut = 0;
            if (pass && n) {
                qsort(sd, n, sizeof *sd, descending);
                cut = sd[(n + 9) / 10 - 1];
            }
            for (size_t i = 0; i < r->n; i++) {
                double p[3];
                nvc_voxel_mm(g, r->index[i], p);
                if (!voxels[row[i]].used || !in_box(&boxes[b], p))
                    continue;
                if (!pass)
                    sd[n++] = voxels[row[i]].sd;
                else if (r->weight[i] >= 1 && voxels[row[i]].sd >= cut && !vein[i])
                    vein[i] = true, (*n_vein)++;
            }
        }
    }
    free(sd);
    if (*n_vein < NVC_VEIN_LEAST) {
        memset(vein, 0, r->n * sizeof *vein);
        *n_vein = 0;
    }
    return 0;
}
