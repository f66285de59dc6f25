#include "model/vein.h"

#include "base/memory.h"
#include "model/roi_parametric.h"

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

/* Grey matter touches the voxel or one of its 26 neighbours. */
static bool near_grey(const bool *grey, const struct nvc_grid *g, size_t v)
{
    const size_t *n = g->dim, i = v % n[0], j = v / n[0] % n[1], k = v / (n[0] * n[1]);
    for (size_t c = k ? k - 1 : 0; c <= k + 1 && c < n[2]; c++)
        for (size_t b = j ? j - 1 : 0; b <= j + 1 && b < n[1]; b++)
            for (size_t a = i ? i - 1 : 0; a <= i + 1 && a < n[0]; a++)
                if (grey[a + n[0] * (b + n[1] * c)])
                    return true;
    return false;
}

/* Voxels that are grey matter, as far as they can lie next to a box. */
static void mark_grey(bool *grey, const struct nvc_grid *g, const struct nvc_mask *keep)
{
    for (size_t v = 0; v < nvc_grid_voxels(g); v++) {
        double p[3];
        nvc_voxel_mm(g, v, p);
        if (fabs(p[0]) < 40 && p[1] > -55 && p[1] < 15 && p[2] > -35 && p[2] < 20)
            grey[v] = nvc_parametric_grey(p);
    }
    for (size_t r = 0; keep && r < keep->n_regions; r++)
        for (size_t i = 0; i < keep->regions[r].n; i++)
            grey[keep->regions[r].index[i]] |= keep->regions[r].weight[i] >= 0.5;
}

int nvc_vein_boxes(struct nvc_region *r, const struct nvc_grid *g, const char *side, const struct nvc_mask *keep,
                   struct nvc_error *err)
{
    size_t n = nvc_grid_voxels(g);
    float *volume = nvc_array(n, sizeof *volume, err);
    bool *grey = volume ? nvc_array(n, sizeof *grey, err) : NULL;
    int status = grey ? 0 : (int)err->status;
    if (!status)
        mark_grey(grey, g, keep);
    for (size_t v = 0; !status && v < n; v++) {
        double p[3];
        nvc_voxel_mm(g, v, p);
        if (in_any(side, p))
            volume[v] = near_grey(grey, g, v) ? 0.5F : 1;
    }
    if (!status)
        status = nvc_region_set(r, g, volume, err);
    free(grey);
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
