#include "table/perfusion.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct nvc_coupling_row row_of(const struct nvc_identity *who, const char *region, const char *side)
{
    return (struct nvc_coupling_row){ .participant_id = who->participant_id, .session = who->session, .task = who->task, .run = who->run,
                                      .space = who->space, .region = region, .side = side, .class_name = "perfusion", .contrast = "rest",
                                      .value = NAN, .se = NAN, .dof = NAN, .ci_low = NAN, .ci_high = NAN, .n_vox = NAN, .coverage = NAN,
                                      .tsnr = NAN, .mean_fd_mm = NAN };
}

static int add(struct nvc_coupling *c, struct nvc_coupling_row *row, const char *index, const char *unit, double value, double se, double dof,
               struct nvc_error *err)
{
    row->index = index, row->unit = unit, row->value = value, row->se = dof > 0 ? se : NAN, row->dof = dof;
    nvc_coupling_interval(row);
    return nvc_coupling_add(c, row, err);
}

/* The voxels of a region that the scan holds; returns how many, *coverage is the share of its weight that can be used. */
static size_t gather(const struct nvc_perfusion_rows *s, const struct nvc_region *r, size_t *voxels, double *weights, double *later, double *coverage)
{
    double all = 0, used = 0;
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        const long v = s->at[r->index[i]];
        const double weight = r->weight[i] * (s->grey ? s->grey[r->index[i]] : 1);
        all += weight;
        if (v < 0 || !nvc_asl_usable(s->scan, (size_t)v))
            continue;
        voxels[n] = (size_t)v, weights[n] = weight, later[n] = s->slice_s ? s->slice_s[v] : 0;
        used += weights[n++];
    }
    *coverage = all > 0 ? used / all : NAN;
    return n;
}

static void add_word(char *note, size_t size, const char *word)
{
    const size_t n = strlen(note);
    if (*word)
        (void)snprintf(note + n, size - n, "%s%s", n ? ";" : "", word);
}

int nvc_perfusion_indices(struct nvc_coupling *c, const struct nvc_perfusion_rows *s, const struct nvc_region *r, struct nvc_error *err)
{
    size_t *voxels = nvc_array(r->n, sizeof *voxels, err);
    double *room = nvc_array(2 * r->n + 4 * s->scan->plan->n_pairs, sizeof *room, err);
    struct nvc_coupling_row row = row_of(s->who, r->region, r->side);
    char note[64];
    int status = voxels && room ? 0 : NVC_ESYS;
    if (!status) {
        double *later = room + r->n, *work = later + r->n;
        const size_t n = gather(s, r, voxels, room, later, &row.coverage);
        const struct nvc_cbf_value v = nvc_asl_flow(s->scan, s->how, voxels, room, later, n, NVC_ASL_ALL, work);
        (void)snprintf(note, sizeof note, "%s", s->grey ? "derived" : "");
        add_word(note, sizeof note, !n ? "empty" : s->how->method == NVC_CBF_KINETIC && s->scan->plan->n_delays < 3 ? "few_delays" : "");
        add_word(note, sizeof note, v.used < 0.75 ? "many_rejected" : "");
        add_word(note, sizeof note, v.at_bound ? "arrival_at_bound" : "");
        row.atlas = r->atlas, row.n_vox = (double)n, row.note = note;
        status = add(c, &row, s->grey ? "cbf_pvc" : "cbf", "mL/100 g/min", v.cbf, v.cbf_se, v.dof, err);
        if (!status && s->scan->plan->n_delays > 1)
            status = add(c, &row, s->grey ? "att_pvc" : "att", "s", v.arrival_s, v.arrival_se_s, v.dof, err);
    }
    free(voxels);
    free(room);
    return status;
}

int nvc_perfusion_quality(struct nvc_coupling *c, const struct nvc_identity *who, const struct nvc_cbf_quality *q, struct nvc_error *err)
{
    const struct { const char *index, *unit; double value; } rows[] = {
        { "cbf_gm_wm", "ratio", q->ratio }, { "cbf_spatial_cov", "ratio", q->spatial_cov }, { "cbf_negative", "share", q->negative_share },
        { "cbf_asymmetry", "ratio", q->asymmetry }, { "cbf_qei", "0..1", q->qei },
    };
    struct nvc_coupling_row row = row_of(who, "GM", "B");
    char flags[96], note[128];
    int status = 0;
    (void)nvc_cbf_quality_note(q, flags);
    row.note = note;
    row.n_vox = (double)q->n_grey;
    for (size_t k = 0; k < sizeof rows / sizeof *rows && !status; k++) {
        (void)snprintf(note, sizeof note, "derived"); /* quality is no hypothesis */
        add_word(note, sizeof note, isnan(rows[k].value) ? "tissue_unknown" : flags);
        status = add(c, &row, rows[k].index, rows[k].unit, rows[k].value, NAN, NAN, err);
    }
    return status;
}
