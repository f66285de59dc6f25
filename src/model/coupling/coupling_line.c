#include "model/coupling/coupling_line.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int nvc_coupling_of_line(struct nvc_coupling *c, const struct nvc_coupling_row *row, const struct nvc_flow_line_point *parcels, size_t n,
                         const struct nvc_flow_line_point *region, struct nvc_error *err)
{
    struct nvc_flow_line line;
    struct nvc_coupling_row out = *row;
    bool noise_known = false;
    if (nvc_flow_line_fit(parcels, n, region, &line, err) && err->status != NVC_EDATA)
        return (int)err->status;
    for (size_t i = 0; i < n; i++)
        noise_known = noise_known || parcels[i].ln_cbf_se > 0;
    const struct { const char *index, *unit, *note; double value, se; } rows[] = {
        { "nvc_residual", "ln", NULL, line.residual, isnan(region->ln_alff_se) || isnan(region->ln_cbf_se) ? NAN : line.se },
        { "nvc_residual_z", "n/a", "derived", line.z, NAN },
        { "nvc_flow_slope", "ln per ln", NULL, line.slope, line.slope_se },
    };
    for (size_t k = 0; k < 3; k++) {
        const char *why = line.why_not ? line.why_not : !noise_known ? "flow_noise_unknown" : k == 0 && isnan(rows[k].se) ? "error_of_region_unknown" : "";
        char *note = nvc_sprintf(err, "%s%s%s", rows[k].note ? rows[k].note : "", rows[k].note && *why ? ";" : "", why);
        if (!note)
            return NVC_ESYS;
        out.index = rows[k].index, out.unit = rows[k].unit, out.value = rows[k].value, out.se = rows[k].se, out.dof = line.dof, out.note = note;
        nvc_coupling_interval(&out);
        const int status = nvc_coupling_add(c, &out, err);
        free(note);
        if (status)
            return status;
    }
    return 0;
}

static bool usable(double v) { return isfinite(v) && v != 0; }

/* ln of the mean over the voxels of a parcel that have a value in both maps, and its error by halves. */
static void ln_mean(const struct nvc_half_map *m, bool of_half, const size_t *voxels, size_t n, double *ln, double *se)
{
    double sum = 0, half[2] = { 0 };
    for (size_t i = 0; i < n; i++) {
        sum += m->map[voxels[i]];
        for (int k = 0; k < 2; k++)
            half[k] += m->half[k] ? m->half[k][voxels[i]] : NAN;
    }
    *ln = sum > 0 ? log(sum / (double)n) : NAN;
    *se = half[0] > 0 && half[1] > 0 ? fabs(log(half[0]) - log(half[1])) / (of_half ? sqrt(2) : 2) : NAN;
}

int nvc_coupling_of_parcels(struct nvc_coupling *c, const struct nvc_coupling_row *row, const struct nvc_map_set *s, const struct nvc_half_map *activity,
                            const bool *near, const struct nvc_flow_line_point *region, struct nvc_error *err)
{
    struct nvc_flow_line_point *points = nvc_array(s->parcels->n_regions, sizeof *points, err);
    size_t *voxels = nvc_array(nvc_grid_voxels(s->grid), sizeof *voxels, err), n = 0;
    int status = points && voxels ? 0 : NVC_ESYS;
    for (size_t p = 0; p < s->parcels->n_regions && !status; p++) {
        const struct nvc_region *parcel = &s->parcels->regions[p];
        size_t m = 0;
        bool far = parcel->n > 0;
        for (size_t i = 0; i < parcel->n; i++) {
            const size_t v = parcel->index[i];
            far = far && !near[v];
            if (usable(s->cbf.map[v]) && usable(activity->map[v]))
                voxels[m++] = v;
        }
        if (!far || 2 * m < parcel->n)
            continue;
        struct nvc_flow_line_point *q = &points[n];
        ln_mean(&s->cbf, s->of_half, voxels, m, &q->ln_cbf, &q->ln_cbf_se);
        ln_mean(activity, s->of_half, voxels, m, &q->ln_alff, &q->ln_alff_se);
        n += isfinite(q->ln_cbf) && isfinite(q->ln_alff);
    }
    if (!status)
        status = nvc_coupling_of_line(c, row, points, n, region, err);
    free(points);
    free(voxels);
    return status;
}
