#include "table/atlas.h"

#include "base/memory.h"
#include "io/bids.h"
#include "model/region/roi_parametric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nvc_atlas_release(struct nvc_atlas *a)
{
    for (size_t i = 0; i < a->n_loaded; i++)
        nvc_atlas_image_release(&a->loaded[i]);
    free(a->loaded);
    free(a->parts);
    free(a->image);
    free(a->other);
    free(a->table);
    nvc_labels_release(&a->labels);
    nvc_labels_release(&a->other_labels);
    *a = (struct nvc_atlas){ 0 };
}

int nvc_atlas_builtin(struct nvc_atlas *a, struct nvc_error *err)
{
    size_t n;
    const struct nvc_nucleus *nuclei = nvc_parametric_nuclei(&n);
    *a = (struct nvc_atlas){ .builtin = true, .name = NVC_PARAMETRIC_ATLAS, .space = NVC_PARAMETRIC_SPACE,
                             .parts = nvc_array(n, sizeof *a->parts, err), .n_parts = n };
    if (!a->parts)
        return (int)err->status;
    for (size_t i = 0; i < n; i++) {
        struct nvc_part *p = &a->parts[i];
        p->name = nuclei[i].parcel;
        p->value = (long)i;
        (void)snprintf(p->region, sizeof p->region, "%s", nuclei[i].region);
        (void)snprintf(p->side, sizeof p->side, "%s", nuclei[i].side);
    }
    return 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* tpl-X (TemplateFlow) or space-X; atlas-X or the stem. */
static int claim(struct nvc_atlas *a, const char *path, const char *name, struct nvc_error *err)
{
    struct nvc_bids_name bids;
    const char *base = base_name(path);
    int status = nvc_bids_parse(&bids, base, err);
    if (status)
        return status;
    char *stem = nvc_bids_stem(base, err);
    if (!stem)
        return (int)err->status;
    (void)snprintf(a->name, sizeof a->name, "%s", name ? name : strcmp(bids.atlas, "n/a") ? bids.atlas : stem);
    (void)snprintf(a->space, sizeof a->space, "%s", bids.space);
    if (nvc_has_prefix(base, "tpl-"))
        (void)snprintf(a->space, sizeof a->space, "%.*s", (int)strcspn(base + 4, "_."), base + 4);
    free(stem);
    return 0;
}

/* Sides that the names do not say, the file may: lh.hippoAmygLabels, ..._hemi-L_..., ..._lh_... */
static const char *side_of_file(const char *path)
{
    const char *base = base_name(path);
    return nvc_has_prefix(base, "lh.") || strstr(base, "hemi-L") || strstr(base, "_lh_") ? "L"
         : nvc_has_prefix(base, "rh.") || strstr(base, "hemi-R") || strstr(base, "_rh_") ? "R" : "n/a";
}

static int make_parts(struct nvc_atlas *a, struct nvc_error *err)
{
    bool by_row = a->probability && a->labels.kind != NVC_LABELS_FSL_XML;
    const char *file_side = side_of_file(a->image);
    a->parts = nvc_array(a->labels.n, sizeof *a->parts, err);
    if (!a->parts)
        return (int)err->status;
    for (size_t i = 0; i < a->labels.n; i++) {
        struct nvc_part *p = &a->parts[a->n_parts++];
        p->name = a->labels.items[i].name;
        p->value = by_row ? (long)i : a->probability ? a->labels.items[i].value - 1 : a->labels.items[i].value;
        nvc_label_side(p->name, p->region, p->side);
        if (!strcmp(p->side, "n/a"))
            (void)snprintf(p->side, sizeof p->side, "%s", file_side);
    }
    return 0;
}

int nvc_atlas_open(struct nvc_atlas *a, const char *image, const char *table, const char *name, struct nvc_error *err)
{
    *a = (struct nvc_atlas){ 0 };
    bool xml = nvc_has_suffix(image, ".xml");
    int status;
    if (xml || table)
        status = (a->table = nvc_strdup(xml ? image : table, err)) ? 0 : (int)err->status;
    else
        status = nvc_atlas_find_table(image, &a->table, err);
    if (!status)
        status = nvc_labels_read(&a->labels, a->table, err);
    if (!status && xml)
        status = nvc_atlas_image_of_xml(&a->labels, image, &a->image, err);
    else if (!status && !(a->image = nvc_strdup(image, err)))
        status = (int)err->status;
    if (!status)
        status = claim(a, image, name, err);
    if (!status)
        status = nvc_atlas_kind(a, err);
    if (!status)
        status = make_parts(a, err);
    if (status)
        nvc_atlas_release(a);
    return status;
}

int nvc_atlas_join(struct nvc_atlas *a, const char *other, const char *table, struct nvc_error *err)
{
    struct nvc_atlas b;
    size_t cap = a->n_parts;
    int status = nvc_atlas_open(&b, other, table, NULL, err);
    if (status)
        return status;
    if (a->probability || b.probability)
        status = nvc_fail(err, NVC_EDATA, "%s: a hemisphere's atlas of probabilities; only label images are joined", other);
    if (!status)
        status = nvc_grow(&a->parts, &cap, a->n_parts + b.n_parts, sizeof *a->parts, err);
    for (size_t i = 0; !status && i < b.n_parts; i++) {
        a->parts[a->n_parts] = b.parts[i];
        a->parts[a->n_parts++].image = 1;
    }
    if (!status) {
        a->other = b.image, b.image = NULL;
        a->other_labels = b.labels, b.labels = (struct nvc_labels){ 0 };
    }
    nvc_atlas_release(&b);
    return status;
}

static int sample(float *volume, const struct nvc_grid *grid, const struct nvc_atlas *a, const struct nvc_group *g,
                  const struct nvc_atlas_sampling *s, double *lost, struct nvc_error *err)
{
    double outside = 0, whole = 0;
    for (size_t i = 0; i < g->n; i++) {
        const struct nvc_part *p = &a->parts[g->members[i].part];
        const struct nvc_atlas_image *image = &a->loaded[a->probability ? g->members[i].part : p->image];
        int status = nvc_sample_part(volume, grid, image, p->value, g->members[i].weight, s->how, &outside, &whole, err);
        if (status)
            return nvc_fail_in(err, "%s", a->image);
    }
    *lost = whole > 0 ? outside / whole : 0;
    return 0;
}

static int sample_builtin(float *volume, const struct nvc_grid *grid, const struct nvc_group *g, double *lost,
                          struct nvc_error *err)
{
    double in = 0, all = 0;
    for (size_t i = 0; i < g->n; i++) {
        struct nvc_region r = { 0 };
        double inside;
        int status = nvc_parametric_weights(&r, grid, g->members[i].part, &inside, err);
        for (size_t v = 0; !status && v < r.n; v++)
            volume[r.index[v]] += (float)(g->members[i].weight * r.weight[v]);
        all += 1;
        in += inside;
        nvc_region_release(&r);
        if (status)
            return status;
    }
    *lost = 1 - in / all;
    return 0;
}

static int append(struct nvc_mask *m, const struct nvc_atlas *a, const struct nvc_group *g, const char *side,
                  const float *volume, const char *method, const char *note, struct nvc_region **r, struct nvc_error *err)
{
    int status = nvc_mask_append(m, g->region, side, r, err);
    if (status)
        return status;
    (void)snprintf((*r)->atlas, sizeof (*r)->atlas, "%s", a->name);
    (void)snprintf((*r)->space, sizeof (*r)->space, "%s", a->space);
    (void)snprintf((*r)->method, sizeof (*r)->method, "%s", method);
    (void)snprintf((*r)->note, sizeof (*r)->note, "%s", note);
    status = nvc_region_set(*r, &m->grid, volume, err);
    nvc_region_measure(*r, &m->grid);
    return status;
}

/* Half of a region that its name does not divide. */
static void keep_half(float *half, const float *volume, const struct nvc_grid *g, bool left)
{
    for (size_t v = 0; v < nvc_grid_voxels(g); v++) {
        double mm[3];
        half[v] = 0;
        if (volume[v] > 0) {
            nvc_voxel_mm(g, v, mm);
            half[v] = (mm[0] < 0) == left ? volume[v] : 0;
        }
    }
}

/* No side in the name: the position tells, and a region on both sides is split. */
static int append_unsided(struct nvc_mask *m, const struct nvc_atlas *a, const struct nvc_group *g, const float *volume,
                          const char *method, const char *note, struct nvc_error *err)
{
    struct nvc_region *r;
    float *half = nvc_array(nvc_grid_voxels(&m->grid), sizeof *half, err);
    int status = half ? 0 : (int)err->status;
    for (int left = 1; !status && left >= 0; left--) {
        size_t n = 0;
        keep_half(half, volume, &m->grid, left);
        for (size_t v = 0; v < nvc_grid_voxels(&m->grid); v++)
            n += half[v] > 0;
        if (n && !(status = append(m, a, g, left ? "L" : "R", half, method, note, &r, err)))
            (void)snprintf(r->side_check, sizeof r->side_check, "from_x");
    }
    free(half);
    return status;
}

int nvc_atlas_region(struct nvc_mask *m, const struct nvc_atlas *a, const struct nvc_group *g,
                     const struct nvc_atlas_sampling *s, struct nvc_error *err)
{
    size_t n = nvc_grid_voxels(&m->grid), kept = 0;
    float *volume = nvc_array(n, sizeof *volume, err);
    struct nvc_region *r;
    char method[48], note[64] = "";
    double lost = 0;
    int status = !volume ? (int)err->status
               : a->builtin ? sample_builtin(volume, &m->grid, g, &lost, err)
                            : sample(volume, &m->grid, a, g, s, &lost, err);
    (void)snprintf(method, sizeof method, a->builtin ? "partial_volume" : a->probability ? "probability_%s" : "%s",
                   nvc_sampling_names[s->how]);
    if (s->threshold > 0)
        (void)snprintf(method + strlen(method), sizeof method - strlen(method), ">=%g", s->threshold);
    if (lost > 0.005)
        (void)snprintf(note, sizeof note, "%.0f %% outside the grid", 100 * lost);
    for (size_t v = 0; !status && v < n; v++) {
        if (volume[v] < (float)s->threshold)
            volume[v] = 0;
        kept += volume[v] > 0;
    }
    if (!status)
        status = strcmp(g->side, "n/a") || !kept ? append(m, a, g, g->side, volume, method, note, &r, err)
                                                 : append_unsided(m, a, g, volume, method, note, err);
    free(volume);
    return status;
}
