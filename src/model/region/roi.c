#include "model/region/roi.h"

#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nvc_region_release(struct nvc_region *r)
{
    free(r->index);
    free(r->weight);
    *r = (struct nvc_region){ 0 };
}

void nvc_mask_release(struct nvc_mask *m)
{
    for (size_t i = 0; i < m->n_regions; i++)
        nvc_region_release(&m->regions[i]);
    free(m->regions);
    *m = (struct nvc_mask){ 0 };
}

int nvc_mask_append(struct nvc_mask *m, const char *region, const char *side, struct nvc_region **added,
                    struct nvc_error *err)
{
    struct nvc_region r = { .atlas = "n/a", .space = "n/a", .method = "n/a", .side_check = "n/a" };
    bool has_side = side && *side && strcmp(side, "n/a") != 0;
    int a = snprintf(r.region, sizeof r.region, "%s", region ? region : "n/a");
    int b = snprintf(r.side, sizeof r.side, "%s", has_side ? side : "n/a");
    int c = has_side ? snprintf(r.column, sizeof r.column, "%s_%s", r.region, r.side)
                     : snprintf(r.column, sizeof r.column, "%s", r.region);
    if (a >= (int)sizeof r.region || b >= (int)sizeof r.side || c >= (int)sizeof r.column)
        return nvc_fail(err, NVC_EDATA, "the name of region '%.40s...' is longer than %zu bytes", region, sizeof r.region - 1);
    for (size_t i = 0; i < m->n_regions; i++)
        if (!strcmp(m->regions[i].column, r.column))
            return nvc_fail(err, NVC_EDATA, "region '%s' comes twice", r.column);
    struct nvc_region *grown = realloc(m->regions, (m->n_regions + 1) * sizeof *grown);
    if (!grown)
        return nvc_fail(err, NVC_ESYS, "out of memory for %zu regions", m->n_regions + 1);
    m->regions = grown;
    grown[m->n_regions] = r;
    *added = &grown[m->n_regions++];
    return 0;
}

static int region_allocate(struct nvc_region *r, size_t n, struct nvc_error *err)
{
    free(r->index);
    free(r->weight);
    r->n = 0;
    r->weight = NULL;
    r->index = nvc_array(n, sizeof *r->index, err);
    if (r->index)
        r->weight = nvc_array(n, sizeof *r->weight, err);
    return r->weight ? 0 : (int)err->status;
}

int nvc_region_set(struct nvc_region *r, const struct nvc_grid *g, const float *volume, struct nvc_error *err)
{
    size_t n_voxels = nvc_grid_voxels(g), n = 0;
    for (size_t v = 0; v < n_voxels; v++)
        n += volume[v] > 0;
    int status = region_allocate(r, n, err);
    if (status)
        return status;
    for (size_t v = 0; v < n_voxels; v++)
        if (volume[v] > 0) {
            r->index[r->n] = v;
            r->weight[r->n++] = volume[v] < 1 ? (double)volume[v] : 1;
        }
    return 0;
}

void nvc_region_fill(const struct nvc_region *r, const struct nvc_grid *g, float *volume)
{
    memset(volume, 0, nvc_grid_voxels(g) * sizeof *volume);
    for (size_t i = 0; i < r->n; i++)
        volume[r->index[i]] = (float)r->weight[i];
}

void nvc_voxel_mm(const struct nvc_grid *g, size_t index, double mm[3])
{
    double ijk[3] = { (double)(index % g->dim[0]), (double)(index / g->dim[0] % g->dim[1]),
                      (double)(index / (g->dim[0] * g->dim[1])) };
    nvc_grid_to_mm(g, ijk, mm);
}

void nvc_region_measure(struct nvc_region *r, const struct nvc_grid *g)
{
    double sum = 0, first[3] = { 0 };
    r->n_half = 0;
    for (size_t i = 0; i < r->n; i++) {
        double p[3];
        nvc_voxel_mm(g, r->index[i], p);
        for (int d = 0; d < 3; d++)
            first[d] += r->weight[i] * p[d];
        sum += r->weight[i];
        r->n_half += r->weight[i] >= 0.5;
    }
    r->weight_sum = sum;
    r->volume_mm3 = sum * nvc_grid_voxel_mm3(g);
    for (int d = 0; d < 3; d++)
        r->centre_mm[d] = r->n ? first[d] / sum : NAN;
}

void nvc_region_binarise(struct nvc_region *r, const struct nvc_grid *g, double threshold)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->weight[i] >= threshold) {
            r->index[kept] = r->index[i];
            r->weight[kept++] = 1;
        }
    r->n = kept;
    nvc_region_measure(r, g);
}

int nvc_region_unite(struct nvc_region *out, const struct nvc_region *a, const struct nvc_region *b, struct nvc_error *err)
{
    struct nvc_region u = { 0 };
    int status = region_allocate(&u, a->n + b->n, err);
    for (size_t i = 0, j = 0; !status && (i < a->n || j < b->n);) {
        size_t x = i < a->n ? a->index[i] : SIZE_MAX, y = j < b->n ? b->index[j] : SIZE_MAX;
        double w = 0;
        u.index[u.n] = x < y ? x : y;
        if (x <= y)
            w = a->weight[i++];
        if (y <= x)
            w = fmax(w, b->weight[j++]);
        u.weight[u.n++] = w;
    }
    if (status) {
        nvc_region_release(&u);
        return status;
    }
    free(out->index);
    free(out->weight);
    out->index = u.index, out->weight = u.weight, out->n = u.n;
    return 0;
}

double nvc_region_left_share(const struct nvc_region *r, const struct nvc_grid *g)
{
    double left = 0, sum = 0;
    for (size_t i = 0; i < r->n; i++) {
        double p[3];
        nvc_voxel_mm(g, r->index[i], p);
        left += p[0] < 0 ? r->weight[i] : 0;
        sum += r->weight[i];
    }
    return sum > 0 ? left / sum : NAN;
}

int nvc_region_check_side(struct nvc_region *r, bool allow, struct nvc_error *err)
{
    bool left = !strcmp(r->side, "L");
    if ((!left && strcmp(r->side, "R") != 0) || !r->n) {
        (void)snprintf(r->side_check, sizeof r->side_check, "n/a");
        return 0;
    }
    bool fits = left == (r->centre_mm[0] < 0);
    (void)snprintf(r->side_check, sizeof r->side_check, "%s", fits ? "ok" : "mismatch");
    if (fits || allow)
        return 0;
    return nvc_fail(err, NVC_EDATA,
                    "region %s is named %s but its centre lies at x = %.2f mm, which is %s (left is x < 0): the atlas or the "
                    "run may be flipped; --allow-side-mismatch goes on",
                    r->column, left ? "left" : "right", r->centre_mm[0], left ? "right" : "left");
}

double nvc_region_dice(const struct nvc_region *a, const struct nvc_region *b)
{
    double common = 0, sum = 0;
    for (size_t i = 0; i < a->n; i++)
        sum += a->weight[i];
    for (size_t i = 0; i < b->n; i++)
        sum += b->weight[i];
    for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
        if (a->index[i] == b->index[j])
            common += fmin(a->weight[i++], b->weight[j++]);
        else if (a->index[i] < b->index[j])
            i++;
        else
            j++;
    }
    return sum > 0 ? 2 * common / sum : NAN;
}

double nvc_region_distance_mm(const struct nvc_region *a, const struct nvc_region *b)
{
    const double *p = a->centre_mm, *q = b->centre_mm;
    return hypot(hypot(p[0] - q[0], p[1] - q[1]), p[2] - q[2]);
}

/* How many voxels along each axis a distance reaches; exact for any axes: the extent of the ball in voxel space. */
void nvc_region_margin(const struct nvc_region *r, const struct nvc_grid *g, double margin_mm, bool *inside)
{
    double to_voxel[3][4];
    struct nvc_error ignored;
    long reach[3];
    if (nvc_grid_inverse(g, to_voxel, &ignored))
        return;
    for (int k = 0; k < 3; k++)
        reach[k] = (long)floor(margin_mm * sqrt(to_voxel[k][0] * to_voxel[k][0] + to_voxel[k][1] * to_voxel[k][1] + to_voxel[k][2] * to_voxel[k][2]));
    for (size_t i = 0; i < r->n; i++) {
        const long at[3] = { (long)(r->index[i] % g->dim[0]), (long)(r->index[i] / g->dim[0] % g->dim[1]), (long)(r->index[i] / g->dim[0] / g->dim[1]) };
        for (long z = -reach[2]; z <= reach[2]; z++)
            for (long y = -reach[1]; y <= reach[1]; y++)
                for (long x = -reach[0]; x <= reach[0]; x++) {
                    const long p[3] = { at[0] + x, at[1] + y, at[2] + z };
                    double d2 = 0;
                    for (int k = 0; k < 3; k++) {
                        const double mm = g->to_mm[k][0] * (double)x + g->to_mm[k][1] * (double)y + g->to_mm[k][2] * (double)z;
                        d2 += mm * mm;
                    }
                    if (d2 <= margin_mm * margin_mm && p[0] >= 0 && p[1] >= 0 && p[2] >= 0 && p[0] < (long)g->dim[0] && p[1] < (long)g->dim[1] &&
                        p[2] < (long)g->dim[2])
                        inside[p[0] + (long)g->dim[0] * (p[1] + (long)g->dim[1] * p[2])] = true;
                }
    }
}
