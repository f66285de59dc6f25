#include "cmd/qc/work.h"

#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/shared/map_file.h"
#include "io/sink.h"
#include "math/lsq.h"
#include "model/design/contrast.h"
#include "model/quality/vein.h"
#include "table/mask.h"
#include "table/motion.h"
#include "table/qc.h"

#include <math.h>
#include <nifti1.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int open_mask(struct qc_work *j, struct nvc_error *err)
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

static int open_run(struct qc_work *j, const char *path, struct nvc_error *err)
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
    if (!status && o->grey && !(status = map_read(&j->grey, o->grey, (enum nvc_orientation)o->orientation, &h->grid, "the run", &j->marks[j->n_marks++], err)))
        status = map_check_probability(j->grey, nvc_grid_voxels(&h->grid), o->grey, err);
    return status;
}

/* The design's rows, the weights of the effect, and which columns are no task. */
static int take_design(struct qc_work *j, struct nvc_error *err)
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

static bool in_mni(const struct qc_work *j)
{
    const char *space = j->o->space ? j->o->space : j->name.space;
    return strcmp(space, "n/a") ? !strncmp(space, "MNI", 3) : j->scan.mask.grid.space_code == 4; /* NIfTI code 4: MNI 152 */
}

/* The boxes of the vein as further regions of the mask, one a side that is asked for. */
static int add_veins(struct qc_work *j, struct nvc_error *err)
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
static int take_motion(struct qc_work *j, struct nvc_motion *m, struct nvc_error *err)
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

static int judge(struct qc_work *j, const struct nvc_motion *motion, struct nvc_error *err)
{
    const struct qc_scan *s = &j->scan;
    struct nvc_qc_run run = { .x = s->extract, .mask = &s->mask, .voxels = s->voxels, .n_dummy = s->n_dummy, .brain_level = s->brain_level,
                              .model = j->has_effect ? &j->model : NULL, .limits = &j->o->limits, .grey = j->grey,
                              .brain_signal = s->brain_signal, .tr_s = nvc_nifti_header(s->image)->tr_s, .lag_most_s = j->o->max_lag_s };
    int status = (j->rows = nvc_array(s->n_regions, sizeof *j->rows, err)) ? 0 : (int)err->status;
    if (!status && j->o->positive)
        status = qc_positive_fit(j, &run, err);
    for (size_t r = 0; !status && r < s->n_regions; r++) {
        const char *side = s->mask.regions[r].side;
        j->rows[r].motion = *motion;
        j->rows[r].dvars_pct = s->dvars_pct;
        j->rows[r].positive = j->positive;
        status = nvc_qc_region(&j->rows[r], &run, r, j->vein[!strcmp(side, "L") ? 0 : !strcmp(side, "R") ? 1 : 2], err);
        if (status)
            (void)nvc_fail_in(err, "region %s", s->mask.regions[r].column);
    }
    return status;
}

/* Everything asked for is computed before anything is written. */
static int work(struct qc_work *j, const char *path, struct nvc_error *err)
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
        status = qc_positive_open(j, err);
    if (!status)
        status = qc_scan_run(&j->scan, j->o->figure != NULL, err);
    if (!status)
        status = judge(j, &motion, err);
    if (!status)
        j->marks[j->n_marks++] = (struct nvc_input_mark){ j->scan.path, nvc_nifti_crc32(j->scan.image), nvc_nifti_bytes(j->scan.image) };
    if (!status)
        status = qc_write_maps(j, err);
    if (!status && j->o->figure)
        status = qc_draw(j, kind, err);
    return status ? status : qc_write_table(j, err);
}

int qc_run(const struct qc_options *o, const char *path, struct nvc_error *err)
{
    struct qc_work j = { .o = o };
    nvc_blas_single_thread();
    int status = o->contrast ? nvc_contrast_check(o->contrast, err) : 0;
    if (!status && o->contrast && !o->design)
        status = nvc_fail(err, NVC_EUSAGE, "--contrast goes with --design");
    if (!status && o->positive_contrast)
        status = !o->positive ? nvc_fail(err, NVC_EUSAGE, "--positive-contrast goes with --positive") : nvc_contrast_check(o->positive_contrast, err);
    if (!status && o->positive && !o->design)
        status = nvc_fail(err, NVC_EUSAGE, "--positive goes with --design: it must answer the task");
    if (!status)
        status = work(&j, path, err);
    if (!status)
        qc_say(&j);
    size_t failed = 0;
    for (size_t r = 0; !status && r < j.scan.n_regions; r++)
        failed += j.rows[r].verdict == NVC_VERDICT_FAIL;
    if (!status && failed && o->fail_status)
        status = nvc_fail(err, NVC_EDATA, "%zu of %zu regions fail", failed, j.scan.n_regions);
    nvc_design_release(&j.design);
    qc_scan_release(&j.scan);
    free(j.grey);
    free(j.weights);
    free(j.nuisance);
    free(j.P);
    free(j.fd);
    free(j.rows);
    return status;
}
