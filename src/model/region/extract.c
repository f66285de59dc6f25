#include "model/region/extract.h"

#include "base/memory.h"
#include "math/eigen.h"
#include "math/median.h"
#include "math/trend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const nvc_summary_names[] = { "auto", "mean", "weighted", "median", "eigenvariate", "all", NULL };

struct nvc_extract {
    const struct nvc_mask *mask;
    struct nvc_extract_opts opts;
    size_t n_index, n_volumes, cap;
    size_t *index;   /* ascending, of the union of the regions */
    double *data;    /* n_index values a volume, volume after volume */
};

static int by_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

int nvc_extract_new(struct nvc_extract **out, const struct nvc_mask *mask, const struct nvc_extract_opts *opts,
                    struct nvc_error *err)
{
    size_t total = 0, n = 0;
    for (size_t r = 0; r < mask->n_regions; r++)
        total += mask->regions[r].n;
    if (!total)
        return nvc_fail(err, NVC_EDATA, "no region of the mask has a voxel");
    struct nvc_extract *x = nvc_array(1, sizeof *x, err);
    if (!x)
        return (int)err->status;
    *x = (struct nvc_extract){ .mask = mask, .opts = *opts, .index = nvc_array(total, sizeof *x->index, err) };
    if (!x->index) {
        free(x);
        return (int)err->status;
    }
    for (size_t r = 0; r < mask->n_regions; r++)
        for (size_t i = 0; i < mask->regions[r].n; i++)
            x->index[n++] = mask->regions[r].index[i];
    qsort(x->index, n, sizeof *x->index, by_size);
    for (size_t i = 0; i < n; i++)
        if (!x->n_index || x->index[x->n_index - 1] != x->index[i])
            x->index[x->n_index++] = x->index[i];
    *out = x;
    return 0;
}

void nvc_extract_free(struct nvc_extract *x)
{
    if (!x)
        return;
    free(x->index);
    free(x->data);
    free(x);
}

const size_t *nvc_extract_index(const struct nvc_extract *x, size_t *n)
{
    *n = x->n_index;
    return x->index;
}

int nvc_extract_add(struct nvc_extract *x, const double *values, struct nvc_error *err)
{
    int status = nvc_grow(&x->data, &x->cap, (x->n_volumes + 1) * x->n_index, sizeof *x->data, err);
    if (!status)
        memcpy(x->data + x->n_volumes++ * x->n_index, values, x->n_index * sizeof *values);
    return status;
}

/* The used-voxel rule, and what the voxel is worth.  y: room for all volumes. */
static void judge(const struct nvc_extract *x, size_t v, double *y, struct nvc_voxel *out)
{
    size_t skip = x->opts.n_dummy, n = x->n_volumes - skip;
    double sum = 0, least = INFINITY, most = -INFINITY;
    *out = (struct nvc_voxel){ .mean = NAN, .sd = NAN, .tsnr = NAN };
    for (size_t t = 0; t < n; t++) {
        y[t] = x->data[(t + skip) * x->n_index + v];
        sum += y[t];
        least = fmin(least, y[t]);
        most = fmax(most, y[t]);
    }
    bool finite = isfinite(sum);
    for (size_t t = 0; t < skip; t++)
        finite = finite && isfinite(x->data[t * x->n_index + v]);
    double mean = sum / (double)n;
    if (!finite)
        out->nonfinite = true;
    else if (least == most)
        *(least == 0 ? &out->zero : &out->constant) = true;
    else if (x->opts.brain && !x->opts.brain[x->index[v]])
        out->outside = true;
    else if (!(mean > 0) && !x->opts.signed_data)
        out->negative = true;
    else {
        out->used = true;
        out->mean = mean;
        out->sd = nvc_quadratic_sd(y, n);
        out->tsnr = out->sd > 0 ? mean / out->sd : NAN;
    }
}

int nvc_extract_judge(const struct nvc_extract *x, struct nvc_voxel **voxels, struct nvc_error *err)
{
    *voxels = NULL;
    if (x->n_volumes < x->opts.n_dummy + 2)
        return nvc_fail(err, NVC_EDATA, "%zu volumes, of which %zu are dummy scans, leave too few for a series", x->n_volumes,
                        x->opts.n_dummy);
    double *y = nvc_array(x->n_volumes, sizeof *y, err);
    if (y)
        *voxels = nvc_array(x->n_index, sizeof **voxels, err);
    for (size_t v = 0; *voxels && v < x->n_index; v++)
        judge(x, v, y, &(*voxels)[v]);
    free(y);
    return *voxels ? 0 : (int)err->status;
}

const double *nvc_extract_values(const struct nvc_extract *x, size_t v, size_t *n, size_t *stride)
{
    *n = x->n_volumes;
    *stride = x->n_index;
    return x->data + v;
}

void nvc_extract_rows(const struct nvc_extract *x, const struct nvc_region *r, size_t *row)
{
    for (size_t i = 0, at = 0; i < r->n; i++) { /* both are ascending */
        while (x->index[at] < r->index[i])
            at++;
        row[i] = at;
    }
}

/* One region while it is summarised: its voxels as rows of the union, and which of them are used. */
struct work {
    const struct nvc_region *region;
    size_t *row;         /* region->n: place in the union */
    double *column;      /* room for max(region->n, volumes) */
    const struct nvc_voxel *voxels;
    double least_weight; /* of the voxels that the summary takes */
};

static bool taken(const struct work *w, size_t i)
{
    return w->voxels[w->row[i]].used && w->region->weight[i] >= w->least_weight;
}

/* Weighted mean of the taken voxels, volume by volume. */
static void mean_series(const struct nvc_extract *x, const struct work *w, bool weighted, double *out)
{
    for (size_t t = 0; t < x->n_volumes; t++) {
        const double *volume = x->data + t * x->n_index;
        double sum = 0, weight = 0;
        for (size_t i = 0; i < w->region->n; i++)
            if (taken(w, i)) {
                double c = weighted ? w->region->weight[i] : 1;
                sum += c * volume[w->row[i]];
                weight += c;
            }
        out[t] = sum / weight;
    }
}

static void median_series(const struct nvc_extract *x, const struct work *w, double *out)
{
    for (size_t t = 0; t < x->n_volumes; t++) {
        size_t n = 0;
        for (size_t i = 0; i < w->region->n; i++)
            if (taken(w, i))
                w->column[n++] = x->data[t * x->n_index + w->row[i]];
        out[t] = nvc_median(w->column, n);
    }
}

/* As spm_regions: Y loadings / sqrt(voxels) = u1 s1 / sqrt(voxels) of the column-centred retained volumes. */
static int eigenvariate(const struct nvc_extract *x, const struct work *w, double *out, struct nvc_error *err)
{
    size_t skip = x->opts.n_dummy, n = x->n_volumes - skip, m = 0, c = 0;
    for (size_t i = 0; i < w->region->n; i++)
        m += taken(w, i);
    double *Y = nvc_array(n * m, sizeof *Y, err), *loadings = Y ? nvc_array(m, sizeof *loadings, err) : NULL;
    int status = loadings ? 0 : (int)err->status;
    for (size_t i = 0; !status && i < w->region->n; i++) {
        if (!taken(w, i))
            continue;
        for (size_t t = 0; t < n; t++)
            Y[t + n * c] = x->data[(t + skip) * x->n_index + w->row[i]] - w->voxels[w->row[i]].mean;
        c++;
    }
    if (!status)
        status = nvc_loadings(Y, n, m, loadings, err);
    for (size_t t = 0; !status && t < x->n_volumes; t++) {
        double sum = 0;
        c = 0;
        for (size_t i = 0; i < w->region->n; i++)
            if (taken(w, i))
                sum += (x->data[t * x->n_index + w->row[i]] - w->voxels[w->row[i]].mean) * loadings[c++];
        out[t] = sum / sqrt((double)m);
    }
    free(Y);
    free(loadings);
    return status;
}

static double mean_of(const double *y, size_t from, size_t to)
{
    double sum = 0;
    for (size_t t = from; t < to; t++)
        sum += y[t];
    return sum / (double)(to - from);
}

/* The base of a percentage, and how much of the brain's signal it is. */
static void take_level(const struct nvc_extract *x, const double *y, double brain_level, struct nvc_region_facts *f)
{
    const size_t from = x->opts.n_dummy, n = x->n_volumes - from;
    f->s0 = mean_of(y, from, x->n_volumes);
    f->dropout = x->opts.signed_data ? NAN : f->s0 / brain_level;
    double ss = 0;
    for (size_t t = from; t < x->n_volumes; t++)
        ss += (y[t] - f->s0) * (y[t] - f->s0);
    if (x->opts.signed_data && !(f->s0 > 5 * sqrt(ss / (double)(n - 1) / (double)n)))
        f->s0 = NAN;
}

/* Everything but the signal: who the region is, how much of it is there, what its voxels are worth. */
static void take_stock(const struct work *w, struct nvc_region_facts *f)
{
    const struct nvc_region *r = w->region;
    double weight = 0, used_weight = 0;
    size_t n_tsnr = 0;
    *f = (struct nvc_region_facts){ .s0 = NAN, .tsnr = NAN, .dropout = NAN };
    (void)snprintf(f->column, sizeof f->column, "%s", r->column);
    (void)snprintf(f->region, sizeof f->region, "%s", r->region);
    (void)snprintf(f->side, sizeof f->side, "%s", r->side);
    (void)snprintf(f->atlas, sizeof f->atlas, "%s", r->atlas);
    for (size_t i = 0; i < r->n; i++) {
        const struct nvc_voxel *v = &w->voxels[w->row[i]];
        weight += r->weight[i];
        used_weight += v->used ? r->weight[i] : 0;
        f->n_vox_mask += r->weight[i] >= w->least_weight;
        f->n_vox += taken(w, i);
        f->n_zero += v->zero;
        f->n_nonfinite += v->nonfinite;
        f->n_constant += v->constant;
        f->n_negative += v->negative;
        if (taken(w, i) && isfinite(v->tsnr))
            w->column[n_tsnr++] = v->tsnr;
    }
    f->coverage = r->n ? used_weight / weight : 0;
    f->tsnr = nvc_median(w->column, n_tsnr);
    (void)snprintf(f->note, sizeof f->note, "%s", f->n_vox > 0 ? r->note : "empty");
}

/* The series of one region and what goes with it. */
static int summarise(const struct nvc_extract *x, enum nvc_summary how, struct work *w, double brain_level, double *out,
                     struct nvc_region_facts *f, struct nvc_error *err)
{
    size_t n = x->n_volumes;
    take_stock(w, f);
    if (!(f->n_vox > 0)) {
        for (size_t t = 0; t < n; t++)
            out[t] = NAN;
        return 0;
    }
    mean_series(x, w, how == NVC_SUMMARY_WEIGHTED, out);
    if (how == NVC_SUMMARY_MEDIAN)
        median_series(x, w, out);
    take_level(x, out, brain_level, f);
    return how == NVC_SUMMARY_EIGENVARIATE ? eigenvariate(x, w, out, err) : 0;
}

static enum nvc_summary resolve(const struct nvc_extract *x)
{
    if (x->opts.summary != NVC_SUMMARY_AUTO)
        return x->opts.summary;
    for (size_t r = 0; r < x->mask->n_regions; r++)
        for (size_t i = 0; i < x->mask->regions[r].n; i++)
            if (x->mask->regions[r].weight[i] < 1)
                return NVC_SUMMARY_WEIGHTED;
    return NVC_SUMMARY_MEAN;
}

/* One column per used voxel of the region, from column *at on. */
static void spread(const struct nvc_extract *x, const struct work *w, size_t region, double brain_level, size_t *at,
                   struct nvc_series *s, struct nvc_voxel_place *places)
{
    for (size_t i = 0; i < w->region->n; i++) {
        if (!taken(w, i))
            continue;
        double *out = s->Y + x->n_volumes * *at;
        for (size_t t = 0; t < x->n_volumes; t++)
            out[t] = x->data[t * x->n_index + w->row[i]];
        struct nvc_region_facts *f = &s->regions[*at];
        take_stock(w, f);
        (void)snprintf(f->column, sizeof f->column, "%.100s_v%04zu", w->region->column, i + 1);
        f->n_vox_mask = f->n_vox = f->coverage = 1;
        f->n_zero = f->n_nonfinite = f->n_constant = 0;
        take_level(x, out, brain_level, f);
        f->tsnr = w->voxels[w->row[i]].tsnr;
        places[(*at)++] = (struct nvc_voxel_place){ region, w->region->index[i], w->region->weight[i] };
    }
}

static int fill(const struct nvc_extract *x, enum nvc_summary how, struct work *w, double brain_level, struct nvc_series *s,
                struct nvc_voxel_place *places, struct nvc_error *err)
{
    size_t at = 0, empty = 0;
    for (size_t r = 0; r < x->mask->n_regions; r++) {
        w->region = &x->mask->regions[r];
        nvc_extract_rows(x, w->region, w->row);
        if (places) {
            spread(x, w, r, brain_level, &at, s, places);
            continue;
        }
        int status = summarise(x, how, w, brain_level, s->Y + x->n_volumes * r, &s->regions[r], err);
        if (status)
            return nvc_fail_in(err, "region %s", w->region->column);
        empty += !(s->regions[r].n_vox > 0);
    }
    if (places ? !at : empty == x->mask->n_regions)
        return nvc_fail(err, NVC_EDATA, "no region has a usable voxel (finite, not constant, %sinside the brain mask)",
                        x->opts.signed_data ? "" : "mean above 0, ");
    s->n_regions = places ? at : x->mask->n_regions;
    return 0;
}

int nvc_extract_finish(struct nvc_extract *x, double tr_s, double brain_level, struct nvc_series *s,
                       struct nvc_voxel_place **places, struct nvc_error *err)
{
    enum nvc_summary how = resolve(x);
    size_t n = x->n_volumes, widest = n, columns = 0;
    for (size_t r = 0; r < x->mask->n_regions; r++) {
        columns += how == NVC_SUMMARY_ALL ? x->mask->regions[r].n : 1;
        widest = widest < x->mask->regions[r].n ? x->mask->regions[r].n : widest;
    }
    *places = NULL;
    struct nvc_voxel *voxels;
    int status = nvc_extract_judge(x, &voxels, err);
    if (status)
        return status;
    struct work w = { .voxels = voxels, .least_weight = how == NVC_SUMMARY_WEIGHTED || how == NVC_SUMMARY_ALL ? 0 : 0.5 };
    bool good = (w.row = nvc_array(widest, sizeof *w.row, err)) && (w.column = nvc_array(widest, sizeof *w.column, err)) &&
                (s->Y = nvc_array(n * columns, sizeof *s->Y, err)) && (s->time_s = nvc_array(n, sizeof *s->time_s, err)) &&
                (s->regions = nvc_array(columns, sizeof *s->regions, err)) &&
                (how != NVC_SUMMARY_ALL || (*places = nvc_array(columns, sizeof **places, err)));
    status = good ? 0 : (int)err->status;
    s->n_volumes = n;
    s->tr_s = tr_s;
    (void)snprintf(s->summary, sizeof s->summary, "%s", nvc_summary_names[how]);
    for (size_t t = 0; !status && t < n; t++)
        s->time_s[t] = round((double)t * tr_s * 1e6) / 1e6;
    if (!status)
        status = fill(x, how, &w, brain_level, s, *places, err);
    if (status) {
        free(*places);
        *places = NULL;
    }
    free(voxels);
    free(w.row);
    free(w.column);
    return status;
}
