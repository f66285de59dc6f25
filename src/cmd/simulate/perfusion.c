#include "base/memory.h"
#include "cli/output.h"
#include "cmd/simulate/files.h"
#include "io/json.h"
#include "io/nifti.h"
#include "model/region/roi_parametric.h"
#include "model/simulate/simulate_asl.h"

#include <math.h>
#include <nifti1.h>
#include <stdlib.h>

static char *path_of(const struct nvc_study *s, const struct nvc_sim_person *p, const char *tail, struct nvc_error *err)
{
    const char *id = p->participant_id;
    return nvc_sprintf(err, "%s/%s/perf/%s_space-" NVC_PARAMETRIC_SPACE "_%s", s->root, id, id, tail);
}

static int put_context(const struct nvc_study *s, const struct nvc_sim_person *p, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    char *path = path_of(s, p, "aslcontext.tsv", err);
    int status = path ? nvc_text_puts(&text, "volume_type\nm0scan\n", err) : NVC_ESYS;
    for (int k = 0; k < NVC_SIM_ASL_PAIRS && !status; k++)
        status = nvc_text_puts(&text, "control\nlabel\n", err);
    if (!status)
        status = nvc_output(path, &text, NULL, err);
    nvc_text_release(&text);
    free(path);
    return status;
}

static json_t *parameters(const struct nvc_sim_asl *a)
{
    return json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:b}", "ArterialSpinLabelingType", "PCASL", "MRAcquisitionType", "3D", "M0Type", "Included",
                     "PostLabelingDelay", a->delay_s, "LabelingDuration", a->asl.label_s, "LabelingEfficiency", a->asl.alpha, "RepetitionTimePreparation",
                     a->tr_s, "MagneticFieldStrength", 3.0, "BackgroundSuppression", 0);
}

/* A run of n volumes, or with a NULL the map of grey matter. */
static int put_image(const struct nvc_study *s, const struct nvc_sim_person *p, const struct nvc_sim_head *head, struct nvc_sim_asl *a, bool run,
                     struct nvc_error *err)
{
    const struct nvc_nifti_spec spec = { .grid = head->grid, .n_volumes = run ? NVC_SIM_ASL_VOLUMES : 1, .tr_s = run ? a->tr_s : NAN,
                                         .datatype = DT_FLOAT32, .descrip = "nvc-simulate" };
    struct nvc_nifti_writer *w = NULL;
    char *path = path_of(s, p, run ? "asl.nii.gz" : "label-GM_probseg.nii.gz", err);
    float *volume = nvc_array(nvc_grid_voxels(&head->grid), sizeof *volume, err);
    int status = path && volume ? nvc_nifti_create(&w, path, &spec, err) : NVC_ESYS;
    for (size_t t = 0; t < spec.n_volumes && !status; t++) {
        for (size_t v = 0; v < head->n && !run; v++)
            volume[head->index[v]] = a->grey[v];
        if (run)
            nvc_sim_asl_volume(volume, t, &s->spec, head, a);
        if ((status = nvc_nifti_put(w, volume, err)))
            nvc_nifti_abandon(w);
    }
    if (!status)
        status = nvc_nifti_commit(w, err);
    if (!status && run) {
        json_t *more = parameters(a);
        status = more ? nvc_sidecar_write(path, &(struct nvc_sidecar){ .more = more, .seed = s->seed }, err) : nvc_json_fail(err, path);
        json_decref(more);
    }
    free(path);
    free(volume);
    return status;
}

/* Number of the block of a voxel, from 1: blocks of 6 mm of the slab, of 12 mm else. */
static size_t block_of(const struct nvc_study *s, const struct nvc_grid *g, size_t voxel)
{
    const size_t edge = s->spec.tiny ? 2 : 4, i = voxel % g->dim[0] / edge, j = voxel / g->dim[0] % g->dim[1] / edge;
    const size_t k = voxel / (g->dim[0] * g->dim[1]) / edge, n_i = (g->dim[0] + edge - 1) / edge, n_j = (g->dim[1] + edge - 1) / edge;
    return 1 + i + n_i * (j + n_j * k);
}

static int put_parcel_names(const struct nvc_study *s, const struct nvc_grid *g, const char *stem, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    char *path = nvc_sprintf(err, "%s.tsv", stem);
    int status = path ? nvc_text_puts(&text, "index\tname\n", err) : NVC_ESYS;
    size_t named = 0;
    for (size_t v = 0; v < nvc_grid_voxels(g) && !status; v++) {
        const size_t block = block_of(s, g, v);
        double mm[3];
        nvc_grid_to_mm(g, (double[3]){ (double)(v % g->dim[0]), 0, 0 }, mm);
        if (block > named) /* the first voxel of the next block: blocks are numbered as voxels are */
            status = nvc_text_printf(&text, err, "%zu\tblock%03zu_%c\n", named = block, block, mm[0] < 0 ? 'L' : 'R');
    }
    if (!status)
        status = nvc_output(path, &text, NULL, err);
    nvc_text_release(&text);
    free(path);
    return status;
}

int nvc_study_put_parcels(const struct nvc_study *s, struct nvc_error *err)
{
    const struct nvc_grid g = nvc_sim_grid(&s->spec);
    const struct nvc_nifti_spec spec = { .grid = g, .n_volumes = 1, .tr_s = NAN, .datatype = DT_UINT16, .descrip = "nvc-simulate" };
    struct nvc_nifti_writer *w = NULL;
    char *stem = nvc_sprintf(err, "%s/tpl-" NVC_PARAMETRIC_SPACE "_atlas-blocks_dseg", s->root), *path = stem ? nvc_sprintf(err, "%s.nii.gz", stem) : NULL;
    float *label = nvc_array(nvc_grid_voxels(&g), sizeof *label, err);
    int status = path && label ? nvc_nifti_create(&w, path, &spec, err) : NVC_ESYS;
    for (size_t v = 0; !status && v < nvc_grid_voxels(&g); v++)
        label[v] = (float)block_of(s, &g, v);
    if (!status && (status = nvc_nifti_put(w, label, err)))
        nvc_nifti_abandon(w);
    else if (!status)
        status = nvc_nifti_commit(w, err);
    if (!status)
        status = put_parcel_names(s, &g, stem, err);
    free(label);
    free(path);
    free(stem);
    return status;
}

int nvc_study_put_perfusion(const struct nvc_study *s, const struct nvc_sim_person *p, const struct nvc_sim_head *head, struct nvc_error *err)
{
    struct nvc_sim_asl a = { 0 };
    char *folder = nvc_sprintf(err, "%s/%s/perf", s->root, p->participant_id);
    int status = folder ? nvc_make_folders(folder, err) : NVC_ESYS;
    free(folder);
    if (!status)
        status = nvc_sim_asl_init(&a, &s->spec, p, head, err);
    if (!status && !(status = put_context(s, p, err)) && !(status = put_image(s, p, head, &a, true, err)))
        status = put_image(s, p, head, &a, false, err);
    nvc_sim_asl_release(&a);
    return status;
}
