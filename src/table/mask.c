#include "table/mask.h"

#include "base/memory.h"
#include "base/text.h"
#include "io/bids.h"
#include "io/nifti.h"
#include "io/tsv.h"
#include "model/region/roi_name.h"
#include "table/region.h"

#include <math.h>
#include <nifti1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 16384, MAX_LABELS = 4096 };

/* A mask image while it is read: one volume at a time, decoded in pieces. */
struct reader {
    struct nvc_nifti *image;
    const struct nvc_nifti_header *h;
    const void *bytes;
    size_t n_voxels;
    float piece[CHUNK];
};

/* Values [first, first + return) into r->piece. */
static size_t next_piece(struct reader *r, size_t first)
{
    size_t n = r->n_voxels - first < CHUNK ? r->n_voxels - first : CHUNK;
    nvc_nifti_decode_float(r->image, r->bytes, first, n, r->piece);
    return n;
}

/* What a 3-D image holds. */
struct values {
    double least, most;
    bool whole;             /* all are whole numbers */
    size_t n_labels;        /* distinct values > 0, as long as they are whole */
    float label[MAX_LABELS];/* ascending */
};

static int note_label(struct values *v, float value, struct nvc_error *err)
{
    size_t lo = 0, hi = v->n_labels;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (v->label[mid] < value)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo < v->n_labels && v->label[lo] == value)
        return 0;
    if (v->n_labels == MAX_LABELS)
        return nvc_fail(err, NVC_EDATA, "more than %d different values: not a label image", MAX_LABELS);
    memmove(v->label + lo + 1, v->label + lo, (v->n_labels - lo) * sizeof *v->label);
    v->label[lo] = value;
    v->n_labels++;
    return 0;
}

static int look_through(struct reader *r, struct values *v, struct nvc_error *err)
{
    *v = (struct values){ .whole = true };
    float last = 0;
    for (size_t first = 0, n; first < r->n_voxels; first += n) {
        n = next_piece(r, first);
        for (size_t i = 0; i < n; i++) {
            float x = r->piece[i];
            if (x == last || isnan(x))
                continue;
            last = x;
            v->least = fmin(v->least, (double)x);
            v->most = fmax(v->most, (double)x);
            v->whole = v->whole && x == floorf(x);
            int status = v->whole && x > 0 ? note_label(v, x, err) : 0;
            if (status)
                return status;
        }
    }
    return 0;
}

/* Voxels of the current volume as a region: weights (label 0), or weight 1 where the value is `label`. */
static int gather(struct reader *r, float label, struct nvc_region *out, struct nvc_error *err)
{
    size_t cap[2] = { 0 };
    for (size_t first = 0, n; first < r->n_voxels; first += n) {
        n = next_piece(r, first);
        for (size_t i = 0; i < n; i++) {
            double w = label > 0 ? r->piece[i] == label : (double)r->piece[i];
            int status;
            if (!(w > 0))
                continue;
            if (w > 1 + 1e-6)
                return nvc_fail(err, NVC_EDATA, "weight %g at voxel %zu: weights are shares from 0 to 1; is this a mask, or the run?", w, first + i);
            if ((status = nvc_grow(&out->index, &cap[0], out->n + 1, sizeof *out->index, err)) ||
                (status = nvc_grow(&out->weight, &cap[1], out->n + 1, sizeof *out->weight, err)))
                return status;
            out->index[out->n] = first + i;
            out->weight[out->n++] = fmin(w, 1);
        }
    }
    nvc_region_measure(out, &r->h->grid);
    return 0;
}

/* Hand the voxels of `from` to `to`. */
static void move_voxels(struct nvc_region *to, struct nvc_region *from, const struct nvc_grid *g)
{
    free(to->index);
    free(to->weight);
    to->index = from->index, to->weight = from->weight, to->n = from->n;
    from->index = NULL, from->weight = NULL;
    nvc_region_measure(to, g);
}

/* A region that no table names: the side is in the label or, failing that, in its position. */
static int take_foreign(struct nvc_mask *m, struct reader *r, float value, const char *label, struct nvc_error *err)
{
    struct nvc_region voxels = { 0 }, *added;
    char region[96], side[8];
    nvc_label_side(label, region, side);
    int status = gather(r, value, &voxels, err);
    bool from_x = !strcmp(side, "n/a") && voxels.n;
    if (!status && from_x) {
        double left = nvc_region_left_share(&voxels, &m->grid);
        (void)snprintf(side, sizeof side, "%s", left > 0.9 ? "L" : left < 0.1 ? "R" : "B");
    }
    if (!status)
        status = nvc_mask_append(m, region, side, &added, err);
    if (!status) {
        move_voxels(added, &voxels, &m->grid);
        status = nvc_region_check_side(added, true, err);
        if (from_x)
            (void)snprintf(added->side_check, sizeof added->side_check, "from_x");
    }
    nvc_region_release(&voxels);
    return status;
}

static int read_foreign(struct nvc_mask *m, struct reader *r, const char *stem, const struct nvc_labels *labels,
                        struct nvc_error *err)
{
    struct values *v = nvc_array(1, sizeof *v, err);
    int status = v ? look_through(r, v, err) : (int)err->status;
    bool weights = !status && v->least >= 0 && v->most <= 1 && !labels;
    if (!status && !weights && (!v->whole || v->least < 0 || v->most > 16777216))
        status = nvc_fail(err, NVC_EDATA, "values from %g to %g are neither labels (whole numbers) nor weights (0 to 1)",
                          v->least, v->most);
    if (!status && weights)
        status = take_foreign(m, r, 0, stem, err);
    for (size_t i = 0; !status && !weights && i < v->n_labels; i++) {
        char name[32];
        const char *label = name;
        (void)snprintf(name, sizeof name, "mask_%.0f", (double)v->label[i]);
        for (size_t k = 0; labels && k < labels->n; k++)
            if ((double)labels->items[k].value == (double)v->label[i])
                label = labels->items[k].name;
        status = take_foreign(m, r, v->label[i], label, err);
    }
    free(v);
    return status;
}

/* The region table, from the header extension or from X.tsv beside X.nii.gz; m->n_regions stays 0 when there is none. */
static int read_table(struct nvc_mask *m, const struct reader *r, const char *path, struct nvc_error *err)
{
    if (r->h->region_table)
        return nvc_region_table_parse(m, r->h->region_table, "region table in the header", err);
    if (!strcmp(path, "-"))
        return 0;
    char *stem = nvc_bids_stem(path, err), *beside = stem ? nvc_sprintf(err, "%s.tsv", stem) : NULL;
    int status = beside ? 0 : (int)err->status;
    if (!status && !access(beside, R_OK)) {
        struct nvc_table t;
        status = nvc_table_read(&t, beside, err);
        if (!status) {
            if (nvc_table_column(&t, "region") >= 0 && nvc_table_column(&t, "side") >= 0)
                status = nvc_region_table_take(m, &t, err);
            nvc_table_release(&t);
        }
    }
    free(beside);
    free(stem);
    return status;
}

static int read_volumes(struct nvc_mask *m, struct reader *r, const char *stem, const struct nvc_labels *labels,
                        struct nvc_error *err)
{
    size_t n_volumes = r->h->n_volumes, named = m->n_regions;
    bool as_labels = n_volumes == 1 && named > 1;
    if (named && !as_labels && named != n_volumes)
        return nvc_fail(err, NVC_EDATA, "%zu volumes but %zu regions in its region table", n_volumes, named);
    for (size_t t = 0; t < n_volumes; t++) {
        char name[32];
        int status = nvc_nifti_next_raw(r->image, &r->bytes, err);
        (void)snprintf(name, sizeof name, "mask_%zu", t + 1);
        if (!status && !named)
            status = n_volumes == 1 ? read_foreign(m, r, stem, labels, err) : take_foreign(m, r, 0, name, err);
        for (size_t i = as_labels ? 0 : t; !status && named && i < (as_labels ? named : t + 1); i++)
            status = gather(r, as_labels ? (float)(i + 1) : 0, &m->regions[i], err);
        if (status)
            return n_volumes > 1 ? nvc_fail_in(err, "volume %zu of %zu", t + 1, n_volumes) : status;
    }
    return 0;
}

int nvc_mask_read_as(struct nvc_mask *m, const char *path, enum nvc_orientation how, const struct nvc_labels *labels,
                     struct nvc_mask_source *source, struct nvc_error *err)
{
    *m = (struct nvc_mask){ 0 };
    const char *slash = strrchr(path, '/'), *warning;
    char *stem = strcmp(path, "-") ? nvc_bids_stem(slash ? slash + 1 : path, err) : nvc_strdup("mask", err);
    struct reader *r = stem ? nvc_array(1, sizeof *r, err) : NULL;
    int status = r ? nvc_nifti_open(&r->image, path, how, NVC_INFLATE_BEST, err) : (int)err->status;
    if (!status) {
        r->h = nvc_nifti_header(r->image);
        r->n_voxels = nvc_grid_voxels(&r->h->grid);
        m->grid = r->h->grid;
        status = read_table(m, r, path, err);
        source->foreign = !m->n_regions;
        if (!status)
            status = read_volumes(m, r, stem, labels, err);
        if (status)
            (void)nvc_fail_in(err, "%s", strcmp(path, "-") ? path : "standard input");
        else
            status = nvc_nifti_finish(r->image, &warning, err);
        source->crc32 = nvc_nifti_crc32(r->image);
        source->bytes = nvc_nifti_bytes(r->image);
        nvc_nifti_close(r->image);
    }
    free(r);
    free(stem);
    if (status)
        nvc_mask_release(m);
    return status;
}

int nvc_mask_read(struct nvc_mask *m, const char *path, const struct nvc_labels *labels, struct nvc_mask_source *source,
                  struct nvc_error *err)
{
    return nvc_mask_read_as(m, path, NVC_ORIENT_AUTO, labels, source, err);
}

int nvc_brain_read(bool **inside, const char *path, const struct nvc_grid *g, struct nvc_mask_source *source,
                   struct nvc_error *err)
{
    return nvc_brain_read_as(inside, path, NVC_ORIENT_AUTO, g, source, err);
}

int nvc_brain_read_as(bool **inside, const char *path, enum nvc_orientation how, const struct nvc_grid *g,
                      struct nvc_mask_source *source, struct nvc_error *err)
{
    struct reader *r = nvc_array(1, sizeof *r, err);
    const char *warning;
    int status = r ? nvc_nifti_open(&r->image, path, how, NVC_INFLATE_BEST, err) : (int)err->status;
    *inside = NULL;
    if (status) {
        free(r);
        return status;
    }
    r->h = nvc_nifti_header(r->image);
    r->n_voxels = nvc_grid_voxels(&r->h->grid);
    if (r->h->n_volumes != 1)
        status = nvc_fail(err, NVC_EDATA, "%s: %zu volumes; a brain mask has one", path, r->h->n_volumes);
    else if (!nvc_grid_equal(&r->h->grid, g)) {
        char a[160], b[160];
        nvc_grid_text(&r->h->grid, a, sizeof a);
        nvc_grid_text(g, b, sizeof b);
        status = nvc_fail(err, NVC_EDATA, "%s: its grid (%s) is not that of the run (%s)", path, a, b);
    } else if (!(status = nvc_nifti_next_raw(r->image, &r->bytes, err)) && !(*inside = nvc_array(r->n_voxels, sizeof **inside, err)))
        status = (int)err->status;
    for (size_t first = 0, n; !status && first < r->n_voxels; first += n) {
        n = next_piece(r, first);
        for (size_t i = 0; i < n; i++)
            (*inside)[first + i] = r->piece[i] > 0;
    }
    if (!status)
        status = nvc_nifti_finish(r->image, &warning, err);
    source->crc32 = nvc_nifti_crc32(r->image);
    source->bytes = nvc_nifti_bytes(r->image);
    nvc_nifti_close(r->image);
    free(r);
    if (status) {
        free(*inside);
        *inside = NULL;
    }
    return status;
}

/* All regions in one volume: value = number of the region. */
static int fill_labels(const struct nvc_mask *m, float *volume, struct nvc_error *err)
{
    memset(volume, 0, nvc_grid_voxels(&m->grid) * sizeof *volume);
    for (size_t r = 0; r < m->n_regions; r++)
        for (size_t i = 0; i < m->regions[r].n; i++) {
            float *at = &volume[m->regions[r].index[i]];
            if (*at > 0)
                return nvc_fail(err, NVC_EDATA, "regions %s and %s overlap: one label image cannot hold both; leave --binary out",
                                m->regions[(size_t)*at - 1].column, m->regions[r].column);
            *at = (float)(r + 1);
        }
    return 0;
}

int nvc_mask_write(const struct nvc_mask *m, const char *path, bool binary, struct nvc_error *err)
{
    struct nvc_text table = { 0 };
    struct nvc_nifti_writer *w = NULL;
    float *volume = nvc_array(nvc_grid_voxels(&m->grid), sizeof *volume, err);
    int status = volume ? nvc_region_table_json(&table, m, err) : (int)err->status;
    if (!status && binary)
        status = fill_labels(m, volume, err);
    if (!status) {
        struct nvc_nifti_spec spec = { .grid = m->grid, .n_volumes = binary ? 1 : m->n_regions, .tr_s = NAN,
                                       .datatype = binary ? DT_UINT16 : DT_FLOAT32, .slope = 1, .region_table = table.data,
                                       .descrip = binary ? "region labels" : "region weights" };
        status = nvc_nifti_create(&w, path, &spec, err);
    }
    for (size_t r = 0; !status && r < (binary ? 1 : m->n_regions); r++) {
        if (!binary)
            nvc_region_fill(&m->regions[r], &m->grid, volume);
        status = nvc_nifti_put(w, volume, err);
    }
    if (!status)
        status = nvc_nifti_commit(w, err);
    else if (w)
        nvc_nifti_abandon(w);
    nvc_text_release(&table);
    free(volume);
    return status;
}
