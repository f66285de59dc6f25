#include "cmd/qc_job.h"

#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/qc_scan.h"
#include "io/bids.h"
#include "io/sink.h"
#include "math/lsq.h"
#include "model/design/contrast.h"
#include "model/quality/vein.h"
#include "plot/mask_plot.h"
#include "table/design.h"
#include "table/mask.h"
#include "table/motion.h"
#include "table/qc.h"

#include <math.h>
#include <nifti1.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything of one run of the command. */
struct job {
    const struct qc_options *o;
    struct qc_scan scan;
    struct nvc_bids_name name;
    struct nvc_design design;
    struct nvc_qc_model model;   /* of the design: weights and nuisance are ours */
    double *weights, *P, *fd;
    bool *nuisance, has_design, has_effect;
    size_t vein[3];              /* L, R, B: places in the mask, or SIZE_MAX */
    struct nvc_input_mark marks[5];
    size_t n_marks;
    struct nvc_qc_row *rows;
    const char *note;
};

static int open_mask(struct job *j, struct nvc_error *err)
{
    struct nvc_mask_source source;
    struct nvc_labels labels = { 0 };
    const struct qc_options *o = j->o;
    int status = o->labels ? nvc_labels_read(&labels, o->labels, err) : 0;
    if (!status)
        status = nvc_mask_read_as(&j->scan.mask, o->mask, (enum nvc_orientation)o->orientation, o->labels ? &labels : NULL, &source, err);
    nvc_labels_release(&labels);
    j->scan.n_regions = j->scan.mask.n_regions;
    if (!status)
        j->marks[j->n_marks++] = (struct nvc_input_mark){ o->mask, source.crc32, source.bytes };
    return status;
}

static int open_run(struct job *j, const char *path, struct nvc_error *err)
{
    struct nvc_mask_source source;
    const struct qc_options *o = j->o;
    int status = nvc_nifti_open(&j->scan.image, path, (enum nvc_orientation)o->orientation, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    const struct nvc_nifti_header *h = nvc_nifti_header(j->scan.image);
    j->scan.path = nvc_nifti_name(j->scan.image);
    if (*nvc_nifti_remarks(j->scan.image))
        nvc_warn("%s: %s", j->scan.path, nvc_nifti_remarks(j->scan.image));
    if (!nvc_grid_equal(&h->grid, &j->scan.mask.grid)) {
        char a[160], b[160];
        nvc_grid_text(&j->scan.mask.grid, a, sizeof a);
        nvc_grid_text(&h->grid, b, sizeof b);
        return nvc_fail(err, NVC_EDATA, "%s: the mask's grid (%s) is not that of the run (%s); make it with nvc-mask -g", o->mask, a, b);
    }
    status = nvc_bids_parse(&j->name, o->bids_name ? o->bids_name : strcmp(path, "-") ? path : "", err);
    if (!status && o->brain_mask) {
        status = nvc_brain_read_as(&j->scan.brain, o->brain_mask, (enum nvc_orientation)o->orientation, &h->grid, &source, err);
        j->scan.brain_given = true;
        j->marks[j->n_marks++] = (struct nvc_input_mark){ o->brain_mask, source.crc32, source.bytes };
    }
    return status;
}

/* The design's rows, the weights of the effect, and which columns are no task. */
static int take_design(struct job *j, struct nvc_error *err)
{
    const struct qc_options *o = j->o;
    struct nvc_contrast contrast = { 0 };
    struct nvc_design *d = &j->design;
    int status = nvc_design_read(d, o->design, err);
    j->has_design = true;
    j->weights = status ? NULL : nvc_array(d->n_cols, sizeof *j->weights, err);
    j->nuisance = j->weights ? nvc_array(d->n_cols, sizeof *j->nuisance, err) : NULL;
    const char **names = j->nuisance ? nvc_array(d->n_cols, sizeof *names, err) : NULL;
    if (!names)
        return status ? status : (int)err->status;
    size_t n_task = 0;
    for (size_t c = 0; c < d->n_cols; c++) {
        names[c] = d->columns[c].name;
        j->nuisance[c] = d->columns[c].role != NVC_ROLE_TASK && d->columns[c].role != NVC_ROLE_UNKNOWN;
        bool canonical = d->columns[c].role == NVC_ROLE_TASK && !d->columns[c].modulator && d->columns[c].basis && !strcmp(d->columns[c].basis, "hrf");
        j->weights[c] = canonical;
        n_task += canonical;
    }
    for (size_t c = 0; c < d->n_cols && n_task; c++)
        j->weights[c] /= (double)n_task;
    if (o->contrast && !(status = nvc_contrast_parse(&contrast, o->contrast, names, d->n_cols, err)))
        memcpy(j->weights, contrast.C, d->n_cols * sizeof *j->weights);
    j->has_effect = o->contrast || n_task;
    if (!status && !j->has_effect)
        nvc_warn("%s: no column is known as the response of a condition, so effects are n/a; say which is wanted with --contrast", o->design);
    free(names);
    nvc_contrast_release(&contrast);
    j->model = (struct nvc_qc_model){ d->n_rows, d->n_cols, d->X, j->weights, j->nuisance };
    if (!status && o->dummy_scans != NVC_NO_INT && (size_t)o->dummy_scans != d->n_dummy)
        status = nvc_fail(err, NVC_EDATA, "%s leaves out %zu volumes, --dummy-scans %d", o->design, d->n_dummy, o->dummy_scans);
    j->scan.n_dummy = d->n_dummy;
    return status;
}

static bool in_mni(const struct job *j)
{
    const char *space = j->o->space ? j->o->space : j->name.space;
    return strcmp(space, "n/a") ? !strncmp(space, "MNI", 3) : j->scan.mask.grid.space_code == 4; /* NIfTI code 4: MNI 152 */
}

/* The boxes of the vein as further regions of the mask, one a side that is asked for. */
static int add_veins(struct job *j, struct nvc_error *err)
{
    static const char *const sides[] = { "L", "R", "B" };
    struct nvc_mask *m = &j->scan.mask;
    int status = 0;
    j->vein[0] = j->vein[1] = j->vein[2] = SIZE_MAX;
    j->note = j->o->no_vein ? "" : in_mni(j) ? "" : "vein_needs_mni";
    if (j->o->no_vein || !in_mni(j))
        return 0;
    for (size_t s = 0; !status && s < 3; s++) {
        bool asked = false;
        for (size_t r = 0; r < j->scan.n_regions; r++)
            asked |= !strcmp(m->regions[r].side, sides[s]) || (s == 2 && !strcmp(m->regions[r].side, "n/a"));
        struct nvc_region *vein, boxes = { 0 };
        struct nvc_mask keep = { .grid = m->grid, .n_regions = j->scan.n_regions, .regions = m->regions };
        if (asked)
            status = nvc_vein_boxes(&boxes, &m->grid, sides[s], &keep, err);
        if (!status && asked && boxes.n && !(status = nvc_mask_append(m, "basal vein", sides[s], &vein, err))) {
            vein->index = boxes.index, vein->weight = boxes.weight, vein->n = boxes.n;
            nvc_region_measure(vein, &m->grid);
            j->vein[s] = m->n_regions - 1;
        } else {
            nvc_region_release(&boxes);
        }
    }
    return status;
}

/* Motion of the retained volumes, and how far it goes with the task. */
static int take_motion(struct job *j, struct nvc_motion *m, struct nvc_error *err)
{
    struct nvc_table t;
    size_t n = nvc_nifti_header(j->scan.image)->n_volumes - j->scan.n_dummy, k = 0;
    *m = (struct nvc_motion){ NAN, NAN, NAN, NAN, NULL };
    if (!j->o->confounds)
        return 0;
    int status = nvc_table_read(&t, j->o->confounds, err);
    if (status)
        return status;
    status = nvc_motion_take(&j->P, &j->fd, &t, j->scan.n_dummy, n, err);
    j->marks[j->n_marks++] = (struct nvc_input_mark){ j->o->confounds, t.crc32, t.bytes };
    nvc_table_release(&t);
    if (status)
        return status;
    nvc_motion_summarise(m, j->fd, n, j->o->limits.fd_limit_mm);
    if (!j->has_design || j->design.n_rows != n)
        return 0;
    double *x = nvc_array(n, sizeof *x, err), *N = x ? nvc_array(n * j->design.n_cols, sizeof *N, err) : NULL;
    for (size_t c = 0; N && c < j->design.n_cols; c++) {
        enum nvc_role role = j->design.columns[c].role;
        for (size_t i = 0; i < n; i++)
            x[i] += j->weights[c] * j->design.X[i + n * c];
        if (role == NVC_ROLE_DRIFT || role == NVC_ROLE_CONSTANT)
            memcpy(N + n * k++, j->design.X + n * c, n * sizeof *N);
    }
    status = N ? (k ? nvc_motion_task(m, j->P, x, n, N, k, err) : 0) : (int)err->status;
    free(x);
    free(N);
    return status;
}

static int judge(struct job *j, const struct nvc_motion *motion, struct nvc_error *err)
{
    const struct qc_scan *s = &j->scan;
    struct nvc_qc_run run = { .x = s->extract, .mask = &s->mask, .voxels = s->voxels, .n_dummy = s->n_dummy, .brain_level = s->brain_level,
                              .model = j->has_effect ? &j->model : NULL, .limits = &j->o->limits };
    int status = (j->rows = nvc_array(s->n_regions, sizeof *j->rows, err)) ? 0 : (int)err->status;
    for (size_t r = 0; !status && r < s->n_regions; r++) {
        const char *side = s->mask.regions[r].side;
        j->rows[r].motion = *motion;
        j->rows[r].dvars_pct = s->dvars_pct;
        status = nvc_qc_region(&j->rows[r], &run, r, j->vein[!strcmp(side, "L") ? 0 : !strcmp(side, "R") ? 1 : 2], err);
        if (status)
            (void)nvc_fail_in(err, "region %s", s->mask.regions[r].column);
    }
    return status;
}

static int write_table(struct job *j, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    struct nvc_identity who;
    struct nvc_sidecar sidecar = { .columns = nvc_qc_columns, .inputs = j->marks, .n_inputs = j->n_marks };
    memcpy(who.participant_id, j->name.participant_id, sizeof who.participant_id);
    memcpy(who.session, j->name.session, sizeof who.session);
    memcpy(who.task, j->name.task, sizeof who.task);
    memcpy(who.run, j->name.run, sizeof who.run);
    memcpy(who.space, j->name.space, sizeof who.space);
    int status = nvc_qc_write_header(&text, err);
    for (size_t r = 0; !status && r < j->scan.n_regions; r++)
        status = nvc_qc_write_row(&text, &who, &j->scan.mask.regions[r], &j->rows[r], j->note, err);
    if (!status)
        status = nvc_output(j->o->output, &text, &sidecar, err);
    nvc_text_release(&text);
    return status;
}

static int write_map(const struct job *j, struct nvc_error *err)
{
    struct nvc_nifti_writer *w;
    struct nvc_nifti_spec spec = { .grid = j->scan.mask.grid, .n_volumes = 1, .tr_s = NAN, .datatype = DT_FLOAT32, .slope = 1, .descrip = "temporal SNR" };
    int status = nvc_nifti_create(&w, j->o->tsnr_map, &spec, err);
    if (status)
        return status;
    if ((status = nvc_nifti_put(w, j->scan.tsnr_map, err))) {
        nvc_nifti_abandon(w);
        return status;
    }
    status = nvc_nifti_commit(w, err);
    return status ? status : nvc_sidecar_write(j->o->tsnr_map, &(struct nvc_sidecar){ .inputs = j->marks, .n_inputs = j->n_marks }, err);
}

static int caption(struct nvc_text *out, const struct nvc_qc_row *row, struct nvc_error *err)
{
    int status = nvc_text_printf(out, err, "%s\n%.0f of %.0f voxels\ncoverage %.2f\ntSNR %.0f\nsignal / brain %.2f", nvc_verdict_names[row->verdict],
                                 row->n_vox, row->n_vox_mask, row->signal_coverage, row->tsnr_median, row->dropout);
    if (!status && row->n_vein > 0 && !isnan(row->vein_t))
        status = nvc_text_printf(out, err, "\nvein t %.1f: %s", row->vein_t, nvc_verdict_names[row->v_vein]);
    if (!status && !isnan(row->motion.fd_mean_mm))
        status = nvc_text_printf(out, err, "\nmean FD %.2f mm", row->motion.fd_mean_mm);
    return status;
}

static int draw(struct job *j, enum nvc_picture kind, struct nvc_error *err)
{
    struct qc_scan *s = &j->scan;
    size_t n = nvc_grid_voxels(&s->mask.grid);
    float *mean = nvc_array(n, sizeof *mean, err);
    struct nvc_text *texts = mean ? nvc_array(s->n_regions, sizeof *texts, err) : NULL, picture = { 0 };
    const char **captions = texts ? nvc_array(s->n_regions, sizeof *captions, err) : NULL;
    char title[320];
    int status = captions ? 0 : (int)err->status;
    (void)snprintf(title, sizeof title, "%s   %s   %s", j->name.participant_id, j->name.task, s->mask.regions[0].atlas);
    for (size_t v = 0; !status && v < n; v++)
        mean[v] = (float)(s->mean.sum[v] / (double)s->mean.n_volumes);
    for (size_t r = 0; !status && r < s->n_regions; r++) {
        status = caption(&texts[r], &j->rows[r], err);
        captions[r] = texts[r].data;
    }
    struct nvc_mask_picture p = { &s->mask, s->n_regions, mean, s->tsnr_map, s->brain_level, title, captions };
    if (!status)
        status = nvc_mask_plot(&picture, kind, &p, err);
    if (!status)
        status = nvc_output(j->o->figure, &picture, NULL, err);
    for (size_t r = 0; texts && r < s->n_regions; r++)
        nvc_text_release(&texts[r]);
    nvc_text_release(&picture);
    free(texts);
    free(captions);
    free(mean);
    return status;
}

static void say(const struct job *j)
{
    for (size_t r = 0; r < j->scan.n_regions; r++) {
        const struct nvc_qc_row *row = &j->rows[r];
        nvc_note("%s: %s (coverage %s, tSNR %s, dropout %s, motion %s, task motion %s, vein %s)", j->scan.mask.regions[r].column,
                 nvc_verdict_names[row->verdict], nvc_verdict_names[row->v_coverage], nvc_verdict_names[row->v_tsnr],
                 nvc_verdict_names[row->v_dropout], nvc_verdict_names[row->v_motion], nvc_verdict_names[row->v_task_motion],
                 nvc_verdict_names[row->v_vein]);
    }
    if (j->scan.n_regions > 8 && j->o->figure)
        nvc_note("the figure shows the first 8 of %zu regions", j->scan.n_regions);
}

/* Everything asked for is computed before anything is written. */
static int work(struct job *j, const char *path, struct nvc_error *err)
{
    enum nvc_picture kind = NVC_PNG;
    struct nvc_motion motion;
    int status = j->o->figure ? nvc_picture_of(j->o->figure, &kind, err) : 0;
    if (!status)
        status = open_mask(j, err);
    if (!status)
        status = open_run(j, path, err);
    if (!status && j->o->design)
        status = take_design(j, err);
    if (!status && !j->o->design)
        j->scan.n_dummy = j->o->dummy_scans == NVC_NO_INT ? 0 : (size_t)j->o->dummy_scans;
    if (!status)
        status = take_motion(j, &motion, err);
    if (!status)
        status = add_veins(j, err);
    if (!status)
        status = qc_scan_run(&j->scan, j->o->figure != NULL, err);
    if (!status)
        status = judge(j, &motion, err);
    if (!status)
        j->marks[j->n_marks++] = (struct nvc_input_mark){ j->scan.path, nvc_nifti_crc32(j->scan.image), nvc_nifti_bytes(j->scan.image) };
    if (!status && j->o->tsnr_map)
        status = write_map(j, err);
    if (!status && j->o->figure)
        status = draw(j, kind, err);
    return status ? status : write_table(j, err);
}

int qc_run(const struct qc_options *o, const char *path, struct nvc_error *err)
{
    struct job j = { .o = o };
    nvc_blas_single_thread();
    int status = o->contrast ? nvc_contrast_check(o->contrast, err) : 0;
    if (!status && o->contrast && !o->design)
        status = nvc_fail(err, NVC_EUSAGE, "--contrast goes with --design");
    if (!status)
        status = work(&j, path, err);
    if (!status)
        say(&j);
    size_t failed = 0;
    for (size_t r = 0; !status && r < j.scan.n_regions; r++)
        failed += j.rows[r].verdict == NVC_VERDICT_FAIL;
    if (!status && failed && o->fail_status)
        status = nvc_fail(err, NVC_EDATA, "%zu of %zu regions fail", failed, j.scan.n_regions);
    nvc_design_release(&j.design);
    qc_scan_release(&j.scan);
    free(j.weights);
    free(j.nuisance);
    free(j.P);
    free(j.fd);
    free(j.rows);
    return status;
}
