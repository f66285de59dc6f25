#include "table/activity.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct nvc_map_moments nvc_map_moments_of(const float *map, size_t n)
{
    double sum = 0, count = 0, ss = 0;
    for (size_t v = 0; v < n; v++)
        if (!isnan(map[v]))
            sum += (double)map[v], count++;
    const double mean = sum / count;
    for (size_t v = 0; v < n; v++)
        if (!isnan(map[v]))
            ss += ((double)map[v] - mean) * ((double)map[v] - mean);
    return (struct nvc_map_moments){ mean, sqrt(ss / (count - 1)) };
}

static const struct { enum nvc_activity_map map; const char *index, *unit; } rows[] = {
    { NVC_MAP_ALFF, "alff", NULL }, { NVC_MAP_FALFF, "falff", NULL }, { NVC_MAP_RSFA, "rsfa", "%" },
    { NVC_MAP_RBAR, "reho", "rbar" }, { NVC_MAP_DC, "dc", "mean r" }, { NVC_MAP_DC_BINARY, "dcbinary", "share" },
};
static const char *const alff_units[] = { "%/sqrt(Hz)", "image", "image", "image", "n/a" };

/* Weighted mean over the voxels of a region that have a value. */
static double mean_of(const struct nvc_activity_rows *s, const struct nvc_region *r, const float *map)
{
    double sum = 0, weights = 0;
    for (size_t i = 0; i < r->n; i++) {
        const long v = s->at[r->index[i]];
        if (v < 0 || isnan(map[v]))
            continue;
        sum += r->weight[i] * (double)map[v];
        weights += r->weight[i];
    }
    return weights > 0 ? sum / weights : NAN;
}

/* Voxels of the region, and of grey matter more than 10 mm from any of them. */
static size_t inside(const struct nvc_activity_rows *s, const struct nvc_region *r, size_t *voxels, double *weights)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (s->at[r->index[i]] >= 0) {
            voxels[n] = (size_t)s->at[r->index[i]];
            weights[n++] = r->weight[i];
        }
    return n;
}

static size_t beyond(const struct nvc_activity_rows *s, const struct nvc_region *r, size_t *voxels)
{
    const double margin_mm = 10;
    double low[3] = { INFINITY, INFINITY, INFINITY }, high[3] = { -INFINITY, -INFINITY, -INFINITY }, a[3], b[3];
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        nvc_voxel_mm(&s->mask->grid, r->index[i], a);
        for (int k = 0; k < 3; k++)
            low[k] = fmin(low[k], a[k] - margin_mm), high[k] = fmax(high[k], a[k] + margin_mm);
    }
    for (size_t v = 0; v < s->block->n_voxels; v++) {
        if (s->grey && !s->grey[s->index[v]])
            continue;
        nvc_voxel_mm(&s->mask->grid, s->index[v], a);
        bool near = true;
        for (int k = 0; k < 3; k++)
            near = near && a[k] > low[k] && a[k] < high[k];
        for (size_t i = 0; near && i < r->n; i++) { /* inside the box: look closer */
            nvc_voxel_mm(&s->mask->grid, r->index[i], b);
            const double d2 = (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]);
            if (d2 <= margin_mm * margin_mm)
                break;
            near = i + 1 < r->n;
        }
        if (!near)
            voxels[n++] = v;
    }
    return n;
}

static int ln_alff(const struct nvc_activity_rows *s, const struct nvc_region *r, struct nvc_ln_ratio *out, struct nvc_error *err)
{
    size_t n_bins = 0;
    size_t *voxels = nvc_array(s->block->n_voxels + r->n, sizeof *voxels, err);
    double *weights = nvc_array(r->n, sizeof *weights, err), *own = NULL, *grey = NULL;
    int status = voxels && weights ? 0 : NVC_ESYS;
    *out = (struct nvc_ln_ratio){ NAN, NAN, NAN, NAN, NAN };
    if (!status) {
        size_t n = inside(s, r, voxels, weights), m = beyond(s, r, voxels + r->n);
        if (n && m && !(status = nvc_activity_band(s->block, voxels, weights, n, s->spec, &own, &n_bins, err)) &&
            !(status = nvc_activity_band(s->block, voxels + r->n, NULL, m, s->spec, &grey, &n_bins, err)))
            *out = nvc_alff_ln_ratio(own, grey, n_bins);
    }
    free(voxels);
    free(weights);
    free(own);
    free(grey);
    return status;
}

/* The same over the mean of the map, and in its standard deviations. */
static int add_standardised(struct nvc_coupling *c, struct nvc_coupling_row row, const float *map, size_t n, struct nvc_error *err)
{
    const struct nvc_map_moments m = nvc_map_moments_of(map, n);
    const double value = row.value;
    const char *const plain = row.index;
    char name[32];
    if (!*row.note)
        row.note = "derived";
    (void)snprintf(name, sizeof name, "m%s", plain);
    row.index = name, row.unit = "ratio", row.value = value / m.mean;
    int status = nvc_coupling_add(c, &row, err);
    name[0] = 'z', row.unit = "sd", row.value = (value - m.mean) / m.sd;
    return status ? status : nvc_coupling_add(c, &row, err);
}

static struct nvc_coupling_row row_of(const struct nvc_activity_rows *s, const char *atlas, const char *region, const char *side)
{
    const struct nvc_identity *who = s->who;
    return (struct nvc_coupling_row){ .participant_id = who->participant_id, .session = who->session, .task = who->task, .run = who->run,
                                      .space = who->space, .atlas = atlas, .region = region, .side = side, .class_name = "bold-fluctuation",
                                      .contrast = "rest", .se = NAN, .dof = NAN, .ci_low = NAN, .ci_high = NAN, .tsnr = NAN,
                                      .mean_fd_mm = s->mean_fd_mm };
}

static const char *unit_of(const struct nvc_activity_rows *s, size_t k)
{
    return rows[k].map == NVC_MAP_ALFF ? alff_units[s->spec->alff] : rows[k].map == NVC_MAP_RSFA && s->spec->alff ? "image" : rows[k].unit;
}

int nvc_activity_grey(struct nvc_coupling *c, const struct nvc_activity_rows *s, struct nvc_error *err)
{
    struct nvc_coupling_row row = row_of(s, "n/a", "GM", "B");
    int status = 0;
    for (size_t k = 0; k < sizeof rows / sizeof *rows && !status && s->grey; k++) {
        const float *map = s->activity->map[rows[k].map];
        double sum = 0, n = 0, all = 0;
        for (size_t v = 0; v < s->block->n_voxels && map; v++)
            if (s->grey[s->index[v]]) {
                all++;
                if (!isnan(map[v]))
                    sum += (double)map[v], n++;
            }
        if (!(2 * n > all)) /* centrality of the regions alone */
            continue;
        row.index = rows[k].index, row.unit = unit_of(s, k), row.value = sum / n, row.n_vox = n, row.coverage = n / all, row.note = "";
        status = nvc_coupling_add(c, &row, err);
    }
    return status;
}

int nvc_activity_indices(struct nvc_coupling *c, const struct nvc_activity_rows *s, size_t region, struct nvc_error *err)
{
    const struct nvc_region *r = s->mask->regions + region;
    struct nvc_ln_ratio ln;
    double used = 0, all = 0, n_used = 0;
    int status = 0;
    for (size_t i = 0; i < r->n; i++) {
        all += r->weight[i];
        if (s->at[r->index[i]] >= 0)
            used += r->weight[i], n_used++;
    }
    struct nvc_coupling_row row = row_of(s, r->atlas, r->region, r->side);
    row.note = n_used > 0 ? "" : "empty", row.n_vox = n_used, row.coverage = all > 0 ? used / all : NAN;
    for (size_t k = 0; k < sizeof rows / sizeof *rows && !status; k++) {
        const float *map = s->activity->map[rows[k].map];
        if (!map)
            continue;
        row.index = rows[k].index;
        row.unit = unit_of(s, k);
        row.value = mean_of(s, r, map);
        status = nvc_coupling_add(c, &row, err);
        if (!status && s->standardise)
            status = add_standardised(c, row, map, s->activity->n_voxels, err);
    }
    if (status || s->spec->alff != NVC_ALFF_DENSITY || (status = ln_alff(s, r, &ln, err)))
        return status;
    row.index = "lnalff", row.unit = "ln", row.value = ln.value, row.se = ln.se, row.dof = ln.dof;
    row.ci_low = ln.ci_low, row.ci_high = ln.ci_high;
    return nvc_coupling_add(c, &row, err);
}
