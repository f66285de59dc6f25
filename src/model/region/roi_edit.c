#include "model/region/roi_edit.h"

#include <math.h>
#include <string.h>

/* Position along the medial-dorsal direction of the voxel's own hemisphere. */
static double medial_dorsal(const struct nvc_region *r, const struct nvc_grid *g, size_t i)
{
    double p[3];
    nvc_voxel_mm(g, r->index[i], p);
    bool left = strcmp(r->side, "L") && strcmp(r->side, "R") ? p[0] < 0 : r->centre_mm[0] < 0;
    return ((left ? p[0] : -p[0]) + p[2]) / sqrt(2);
}

void nvc_region_trim(struct nvc_region *r, const struct nvc_grid *g, double trim_mm)
{
    double top = -INFINITY, any = -INFINITY;
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++) {
        double t = medial_dorsal(r, g, i);
        any = fmax(any, t);
        if (r->weight[i] >= 0.5)
            top = fmax(top, t);
    }
    double limit = (isfinite(top) ? top : any) - trim_mm;
    for (size_t i = 0; i < r->n; i++)
        if (medial_dorsal(r, g, i) <= limit || !(trim_mm > 0)) {
            r->index[kept] = r->index[i];
            r->weight[kept++] = r->weight[i];
        }
    r->n = kept;
    nvc_region_measure(r, g);
}

size_t nvc_region_exclude(struct nvc_region *r, const struct nvc_grid *g, const bool *excluded)
{
    size_t kept = 0, n = r->n;
    for (size_t i = 0; i < n; i++)
        if (!excluded[r->index[i]]) {
            r->index[kept] = r->index[i];
            r->weight[kept++] = r->weight[i];
        }
    r->n = kept;
    nvc_region_measure(r, g);
    return n - kept;
}

static int add_union(struct nvc_mask *m, size_t left, size_t right, struct nvc_error *err)
{
    struct nvc_region *both;
    char region[96];
    memcpy(region, m->regions[left].region, sizeof region);
    int status = nvc_mask_append(m, region, "B", &both, err);
    if (!status)
        status = nvc_region_unite(both, &m->regions[left], &m->regions[right], err);
    if (status)
        return status;
    memcpy(both->atlas, m->regions[left].atlas, sizeof both->atlas);
    memcpy(both->space, m->regions[left].space, sizeof both->space);
    memcpy(both->method, m->regions[left].method, sizeof both->method);
    nvc_region_measure(both, &m->grid);
    return 0;
}

int nvc_mask_add_bilateral(struct nvc_mask *m, struct nvc_error *err)
{
    for (size_t l = 0, n = m->n_regions; l < n; l++)
        for (size_t r = 0; r < n; r++) {
            const struct nvc_region *a = &m->regions[l], *b = &m->regions[r];
            int status = !strcmp(a->side, "L") && !strcmp(b->side, "R") && !strcmp(a->region, b->region) ? add_union(m, l, r, err) : 0;
            if (status)
                return status;
        }
    return 0;
}
