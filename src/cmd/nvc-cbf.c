#include "base/memory.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/cbf/job.h"
#include "io/json.h"
#include "math/lsq.h"
#include "model/perfusion/cbf_quality.h"
#include "table/coupling.h"
#include "table/perfusion.h"

#include <float.h>
#include <math.h>
#include <nifti1.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = { "PCASL", "CASL", "PASL", NULL };
static const char *const average_names[] = { "robust", "mean", NULL };
static const char *const fit_names[] = { "auto", "kinetic", "weighted", NULL };

static const struct cbf_options defaults = {
    .output = "-", .type = -1, .pulses = NVC_NO_INT, .threads = 1, .delay_s = NAN, .label_s = NAN, .efficiency = NAN, .tesla = NAN, .t1_blood_s = NAN,
    .t1_tissue_s = NAN, .haematocrit = NAN, .lambda = 0.9, .slice_step_s = NAN, .m0_tr_s = NAN, .m0_scale = 1,
};

#define SECONDS(FIELD, NAME, LEAST, MOST, HELP) OPT_REAL(struct cbf_options, FIELD, 0, NAME, "SECONDS", "s", LEAST, MOST, HELP)
static const struct nvc_opt opts[] = {
    OPT_GROUP("Where"),
    OPT_INPUT(struct cbf_options, mask, 'm', "mask", "NIFTI", "*.nii*", "regions of nvc-mask: a row of flow for each"),
    OPT_INPUT(struct cbf_options, brain_mask, 0, "brain-mask", "NIFTI", "*.nii*",
              "voxels to look at; without it those whose M0 (if a number: control volumes) exceeds its clip level"),
    OPT_INPUT(struct cbf_options, grey, 0, "grey", "NIFTI", "*.nii*", "probability of grey matter on the grid of the run: rows of region GM, and quality"),
    OPT_INPUT(struct cbf_options, white, 0, "white", "NIFTI", "*.nii*", "probability of white matter, for quality"),
    OPT_INPUT(struct cbf_options, csf, 0, "csf", "NIFTI", "*.nii*", "probability of cerebrospinal fluid, for quality"),
    OPT_GROUP("How it was measured"),
    OPT_INPUT(struct cbf_options, context, 0, "context", "TSV", "*_aslcontext.tsv", "type of every volume; without it the _aslcontext.tsv beside the run"),
    OPT_INPUT(struct cbf_options, sidecar, 0, "sidecar", "JSON", "*.json", "the parameters; without it the sidecar beside the run"),
    OPT_ORIENTATION(struct cbf_options, orientation),
    OPT_FLAG(struct cbf_options, cbf_map, 0, "cbf-map", "the image holds flow already, in mL/100 g/min: a map (of ASLPrep, say) or a series of maps"),
    OPT_TEXT(struct cbf_options, m0, 0, "m0", "WHAT", "M0: an image, a number, included or control (the mean of the control volumes)"),
    SECONDS(m0_tr_s, "m0-tr", 0.2, 1000, "repetition time of M0, if the sidecar does not say"),
    OPT_REAL(struct cbf_options, m0_scale, 0, "m0-scale", "FACTOR", NULL, DBL_MIN, 1e6, "M0 is multiplied by this: gain of the scanner"),
    OPT_CHOICE(struct cbf_options, type, 0, "type", "TYPE", type_names, "labelling, instead of ArterialSpinLabelingType"),
    SECONDS(delay_s, "delay", 0, 6, "delay after labelling (PASL: inversion time), instead of PostLabelingDelay"),
    SECONDS(label_s, "label-duration", 0.1, 6, "instead of LabelingDuration; PASL: TI1, instead of BolusCutOffDelayTime"),
    SECONDS(slice_step_s, "slice-step", 0, 1, "delay added from slice to slice, instead of SliceTiming"),
    OPT_REAL(struct cbf_options, efficiency, 0, "efficiency", "ALPHA", NULL, 0.2, 1, "labelling efficiency, background suppression included"),
    OPT_INT(struct cbf_options, pulses, 0, "pulses", "N", 0, 20, "background suppression pulses, each of which costs 5 % of the efficiency"),
    OPT_REAL(struct cbf_options, tesla, 0, "field", "TESLA", "T", 0.1, 20, "instead of MagneticFieldStrength"),
    SECONDS(t1_blood_s, "t1-blood", 0.1, 5, "T1 of arterial blood; without it by the field (1.65 s at 3 T)"),
    SECONDS(t1_tissue_s, "t1-tissue", 0.1, 5, "T1 of grey matter; without it by the field (1.607 s at 3 T)"),
    OPT_REAL(struct cbf_options, haematocrit, 0, "haematocrit", "SHARE", NULL, 0.15, 0.7, "of the participant: T1 of blood at 3 T follows from it"),
    OPT_REAL(struct cbf_options, lambda, 0, "lambda", "RATIO", "mL/g", 0.5, 1.2, "blood-brain partition coefficient"),
    OPT_GROUP("How flow is estimated"),
    OPT_CHOICE(struct cbf_options, average, 0, "average", "HOW", average_names, "mean of the repetitions: Tukey's biweight, or plain"),
    OPT_CHOICE(struct cbf_options, fit, 0, "fit", "HOW", fit_names, "of several delays: kinetic model (auto) or weighted delay"),
    OPT_FLAG(struct cbf_options, pvc, 0, "pvc", "also flow of grey matter alone, by linear regression on --grey and --white over 5 x 5 voxels: rows cbf_pvc"),
    OPT_GROUP("Output"),
    OPT_TEXT(struct cbf_options, maps, 0, "maps", "PREFIX", "write PREFIX_cbf.nii.gz, of several delays PREFIX_att.nii.gz, with --pvc PREFIX_desc-pvc_cbf.nii.gz"),
    OPT_FLAG(struct cbf_options, halves, 0, "halves", "with --maps: also flow of the odd and of the even repetitions, for split-half reliability"),
    OPT_OUTPUT(struct cbf_options, flow_series, 0, "flow-series", "NIFTI", "*.nii.gz", "control minus label through time (surround subtraction), 4-D"),
    OPT_OUTPUT(struct cbf_options, bold_series, 0, "bold-series", "NIFTI", "*.nii.gz", "surround average through time, 4-D: of the second echo"),
    OPT_TEXT(struct cbf_options, bids_name, 0, "bids-name", "NAME", "file name to read subject, task, run and space from, for standard input"),
    OPT_INT(struct cbf_options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct cbf_options, output, 'o', "output", "TSV", "*.tsv", "the rows"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "ASL", "perfusion run, 4-D, or with --cbf-map a map of flow; - is standard input", "*.nii *.nii.gz", 0, 1 },
    { 0 }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region and index, of class perfusion", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-cbf -m bla.nii.gz --maps sub-01 --halves sub-01/perf/*_asl.nii.gz > cbf.tsv", "flow of the amygdala, and maps" },
    { "nvc-cbf -m bla.nii.gz --cbf-map sub-01_cbf.nii.gz > again.tsv", "the same of a map that is there already" },
    { "nvc-cbf --flow-series flow.nii.gz --bold-series bold.nii.gz sub-01/perf/*_asl.nii.gz", "flow and BOLD through time: for nvc-extract --signed, and nvc-extract" },
    { NULL, NULL }
};

static const char *const see_also[] = { "nvc-mask(1)", "nvc-activity(1)", "nvc-coupling(1)", "nvc-group(1)", "nvc-tables(5)", NULL };

/* One number, or when it varies one for each repetition. */
static json_t *label_durations(const struct cbf_job *j)
{
    const struct nvc_asl_plan *p = &j->protocol.plan;
    if (!isnan(j->how.asl.label_s))
        return json_real(j->how.asl.label_s);
    json_t *all = json_array();
    for (size_t k = 0; k < p->n_pairs; k++)
        (void)json_array_append_new(all, json_real(p->pairs[k].label_s));
    return all;
}

static int write_volume(const struct cbf_job *j, const char *what, const char *unit, const float *values, float *volume, struct nvc_error *err)
{
    const struct nvc_grid *g = &nvc_nifti_header(j->run.image)->grid;
    const struct nvc_asl *a = &j->how.asl;
    const struct nvc_nifti_spec spec = { .grid = *g, .n_volumes = 1, .tr_s = NAN, .datatype = DT_FLOAT32 };
    char *path = nvc_sprintf(err, "%s_%s.nii.gz", j->o->maps, what);
    struct nvc_nifti_writer *w = NULL;
    json_t *more = json_pack("{s:s}", "Units", unit);
    if (more && !j->protocol.plan.quantified)
        (void)json_object_update_new(more, json_pack("{s:s, s:o, s:f, s:f, s:f, s:f}", "ArterialSpinLabelingType", type_names[a->kind], "LabelingDuration",
                                     label_durations(j), "LabelingEfficiency", a->alpha, "BloodT1", a->t1_blood_s, "TissueT1", a->t1_tissue_s,
                                     "PartitionCoefficient", a->lambda));
    int status = path ? 0 : NVC_ESYS;
    if (!status)
        status = more ? nvc_nifti_create(&w, path, &spec, err) : nvc_json_fail(err, path);
    for (size_t v = 0; v < nvc_grid_voxels(g); v++)
        volume[v] = NAN;
    for (size_t v = 0; v < j->n_voxels; v++)
        volume[j->index[v]] = values[v];
    if (!status && (status = nvc_nifti_put(w, volume, err)))
        nvc_nifti_abandon(w);
    else if (!status && !(status = nvc_nifti_commit(w, err)))
        status = nvc_sidecar_write(path, &(struct nvc_sidecar){ .inputs = j->marks, .n_inputs = j->n_marks, .more = more }, err);
    json_decref(more);
    free(path);
    return status;
}

/* Maps into `cbf` (grid), and to files when asked for. */
static int make_maps(const struct cbf_job *j, float *cbf, struct nvc_error *err)
{
    const size_t n_grid = nvc_grid_voxels(&nvc_nifti_header(j->run.image)->grid), n = j->n_voxels;
    const bool several = j->protocol.plan.n_delays > 1, halves = j->o->maps && j->o->halves;
    float *room = nvc_array(4 * n + n_grid, sizeof *room, err);
    if (!room)
        return NVC_ESYS;
    const struct nvc_cbf_maps maps = { .cbf = room, .arrival = several ? room + n : NULL, .odd = halves ? room + 2 * n : NULL,
                                       .even = halves ? room + 3 * n : NULL };
    const struct { const char *what, *unit; const float *values; } files[] = {
        { "cbf", "mL/100 g/min", maps.cbf }, { "att", "s", maps.arrival }, { "desc-odd_cbf", "mL/100 g/min", maps.odd },
        { "desc-even_cbf", "mL/100 g/min", maps.even },
    };
    int status = nvc_asl_map(&j->scan, &j->how, j->slice_s, &maps, err);
    for (size_t k = 0; k < sizeof files / sizeof *files && j->o->maps && !status; k++)
        if (files[k].values)
            status = write_volume(j, files[k].what, files[k].unit, files[k].values, room + 4 * n, err);
    for (size_t v = 0; v < n_grid; v++)
        cbf[v] = j->at[v] < 0 ? NAN : maps.cbf[j->at[v]];
    free(room);
    return status;
}

/* Flow of grey matter alone. */
static int make_pure(struct cbf_job *j, struct nvc_error *err)
{
    const struct nvc_grid *g = &nvc_nifti_header(j->run.image)->grid;
    const struct nvc_tissue tissue = { j->tissue[0], j->tissue[1], j->tissue[2] };
    const bool m0_image = !j->protocol.plan.quantified && j->protocol.m0 != NVC_M0_ESTIMATE;
    int status = nvc_asl_grey_scan(&j->pure, &j->scan, &tissue, g, j->index, j->at, m0_image, err);
    if (status || !j->o->maps)
        return status;
    float *cbf = nvc_array(j->n_voxels, sizeof *cbf, err), *volume = nvc_array(nvc_grid_voxels(g), sizeof *volume, err);
    status = cbf && volume ? nvc_asl_map(&j->pure, &j->how, j->slice_s, &(struct nvc_cbf_maps){ .cbf = cbf }, err) : NVC_ESYS;
    if (!status)
        status = write_volume(j, "desc-pvc_cbf", "mL/100 g/min", cbf, volume, err);
    free(cbf);
    free(volume);
    return status;
}

/* Grey matter as a region: what the mask calls GM goes before. */
static int grey_rows(const struct cbf_job *j, const struct nvc_perfusion_rows *source, const float *cbf, struct nvc_coupling *rows, struct nvc_error *err)
{
    const struct nvc_grid *g = &nvc_nifti_header(j->run.image)->grid;
    const struct nvc_tissue tissue = { j->tissue[0], j->tissue[1], j->tissue[2] };
    struct nvc_mask grey = { .grid = *g };
    struct nvc_region *region;
    struct nvc_cbf_quality q;
    const size_t n = nvc_grid_voxels(g);
    float *sure = nvc_array(n, sizeof *sure, err);
    int status = sure ? nvc_cbf_quality_of(&q, cbf, g, &tissue, err) : NVC_ESYS;
    if (status)
        (void)nvc_fail_in(err, "%s", j->o->grey);
    for (size_t v = 0; v < n && !status; v++)
        sure[v] = tissue.grey[v] > 0.7 ? 1 : 0;
    if (!status && !(status = nvc_mask_append(&grey, "GM", "B", &region, err)) && !(status = nvc_region_set(region, g, sure, err)))
        status = nvc_perfusion_indices(rows, source, region, err);
    if (!status)
        status = nvc_perfusion_quality(rows, source->who, &q, err);
    if (!status && (q.grey < 25 || q.grey > 120))
        nvc_warn("%s: mean flow of grey matter is %.3g mL/100 g/min, 25 to 120 is usual: see to M0, its scale and the units", j->run.path, q.grey);
    nvc_mask_release(&grey);
    free(sure);
    return status;
}

static int write_rows(const struct cbf_job *j, const float *cbf, struct nvc_error *err)
{
    struct nvc_series who = { 0 };
    struct nvc_coupling rows = { 0 };
    struct nvc_text text = { 0 };
    const struct nvc_perfusion_rows source = { &j->scan, &j->how, &who.who, j->slice_s, j->at, NULL },
                                    pure = { &j->pure, &j->how, &who.who, j->slice_s, j->at, j->tissue[0] };
    int status = bold_identify(&j->run, j->o->bids_name, &who, err);
    for (size_t r = 0; r < j->mask.n_regions && !status; r++)
        status = nvc_perfusion_indices(&rows, &source, &j->mask.regions[r], err);
    for (size_t r = 0; r < j->mask.n_regions && j->o->pvc && !status; r++)
        status = nvc_perfusion_indices(&rows, &pure, &j->mask.regions[r], err);
    if (!status && j->o->grey)
        status = grey_rows(j, &source, cbf, &rows, err);
    if (!status)
        status = nvc_coupling_write(&text, &rows, true, err);
    if (!status)
        status = nvc_output(j->o->output, &text, &(struct nvc_sidecar){ .columns = nvc_coupling_columns, .inputs = j->marks, .n_inputs = j->n_marks }, err);
    nvc_coupling_release(&rows);
    nvc_text_release(&text);
    return status;
}

static int check(const struct cbf_options *o, struct nvc_error *err)
{
    if (!o->mask && !o->maps && !o->grey && !o->flow_series && !o->bold_series)
        return nvc_fail(err, NVC_EUSAGE, "give --mask or --grey for rows, --maps for maps, --flow-series or --bold-series for series");
    if ((o->white || o->csf) && !o->grey)
        return nvc_fail(err, NVC_EUSAGE, "--white and --csf go with --grey");
    if (o->pvc && (!o->grey || !o->white))
        return nvc_fail(err, NVC_EUSAGE, "--pvc needs --grey and --white");
    if (o->halves && !o->maps)
        return nvc_fail(err, NVC_EUSAGE, "--halves goes with --maps");
    if (o->cbf_map && (o->flow_series || o->bold_series || o->m0 || o->context || o->fit != CBF_FIT_AUTO))
        return nvc_fail(err, NVC_EUSAGE, "of a map of flow (--cbf-map) there is no context, no M0, no fit and no series");
    return 0;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    struct cbf_job j = { .o = options };
    float *cbf = NULL;
    int status = check(j.o, err);
    if (status)
        return status;
    nvc_blas_single_thread();
    omp_set_num_threads(j.o->threads);
    status = cbf_open(&j, n_args ? args[0] : "-", err);
    if (!status && !(status = cbf_scan(&j, err)) && j.scan.D && !(status = cbf_m0(&j, err))) {
        cbf = nvc_array(nvc_grid_voxels(&nvc_nifti_header(j.run.image)->grid), sizeof *cbf, err);
        status = !cbf ? NVC_ESYS : j.o->maps || j.o->grey ? make_maps(&j, cbf, err) : 0;
    }
    if (!status && j.o->pvc)
        status = make_pure(&j, err);
    if (!status && (j.o->mask || j.o->grey))
        status = write_rows(&j, cbf, err);
    free(cbf);
    cbf_release(&j);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-cbf", .summary = "measure cerebral blood flow by arterial spin labelling", .description = cbf_description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = cbf_sections, .examples = examples, .references = cbf_references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
