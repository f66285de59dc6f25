#include "base/memory.h"
#include "base/number.h"
#include "cli/message.h"
#include "cmd/cbf/job.h"
#include "cmd/shared/map_file.h"
#include "io/bids.h"
#include "io/json.h"
#include "table/mask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cbf_release(struct cbf_job *j)
{
    bold_release(&j->run);
    nvc_asl_protocol_release(&j->protocol);
    nvc_mask_release(&j->mask);
    nvc_asl_scan_release(&j->scan);
    nvc_asl_scan_release(&j->pure);
    for (int k = 0; k < 3; k++)
        free(j->tissue[k]);
    free(j->index);
    free(j->at);
    free(j->brain);
    free(j->slice_s);
    free(j->m0_path);
}

static void mark(struct cbf_job *j, const char *path, uint32_t crc32, uint64_t bytes)
{
    j->marks[j->n_marks++] = (struct nvc_input_mark){ path, crc32, bytes };
}

/* "x/sub-01_asl.nii.gz" and "_aslcontext.tsv" -> "x/sub-01_aslcontext.tsv"; NULL with a message for a name that does not end so. */
static char *beside(const char *path, const char *suffix, struct nvc_error *err)
{
    char *stem = nvc_bids_stem(path, err), *made = NULL;
    if (stem && nvc_has_suffix(stem, "_asl"))
        made = nvc_sprintf(err, "%.*s%s", (int)(strlen(stem) - 4), stem, suffix);
    else if (stem)
        (void)nvc_fail(err, NVC_EDATA, "%s: the name does not end in _asl, so that *%s cannot be found: give --context (or --cbf-map for a map of flow)", path,
                       suffix);
    free(stem);
    return made;
}

/* A number, "control", "included", or the path of an image. */
static int choose_m0(struct cbf_job *j, struct nvc_asl_choice *choice, struct nvc_error *err)
{
    const char *m0 = j->o->m0;
    if (!m0)
        return 0;
    choice->m0 = !strcmp(m0, "control") ? NVC_M0_CONTROL : !strcmp(m0, "included") ? NVC_M0_INCLUDED
               : nvc_parse_real(m0, strlen(m0), &choice->m0_estimate) ? NVC_M0_ESTIMATE : NVC_M0_SEPARATE;
    if (choice->m0 == NVC_M0_ESTIMATE && !(choice->m0_estimate > 0))
        return nvc_fail(err, NVC_EUSAGE, "--m0 %s: a number above 0, an image, included or control is wanted", m0);
    return 0;
}

/* For messages: the file that holds the parameters, or would. */
static char *name_sidecar(const struct cbf_job *j, struct nvc_error *err)
{
    if (j->o->sidecar || !strcmp(j->run.path, "-"))
        return nvc_strdup(j->o->sidecar ? j->o->sidecar : "no sidecar (--sidecar)", err);
    char *stem = nvc_bids_stem(j->run.path, err), *name = stem ? nvc_sprintf(err, "%s.json%s", stem, j->run.meta ? "" : " (missing)") : NULL;
    free(stem);
    return name;
}

static int read_protocol(struct cbf_job *j, struct nvc_error *err)
{
    const struct cbf_options *o = j->o;
    const struct nvc_nifti_header *h = nvc_nifti_header(j->run.image);
    struct nvc_asl_choice choice = { .kind = o->type, .pulses = o->pulses == NVC_NO_INT ? -1 : o->pulses, .m0 = -1, .delay_s = o->delay_s, .label_s = o->label_s,
                                     .efficiency = o->efficiency, .tesla = o->tesla, .t1_blood_s = o->t1_blood_s, .t1_tissue_s = o->t1_tissue_s,
                                     .haematocrit = o->haematocrit, .lambda = o->lambda, .slice_step_s = o->slice_step_s, .m0_tr_s = o->m0_tr_s,
                                     .m0_estimate = NAN };
    struct nvc_table context = { 0 };
    if (o->cbf_map)
        return nvc_asl_protocol_of_cbf(&j->protocol, h->n_volumes, err);
    char *path = o->context ? nvc_strdup(o->context, err) : beside(j->run.path, "_aslcontext.tsv", err);
    int status = path ? nvc_table_read(&context, path, err) : (int)err->status;
    char *json = status ? NULL : name_sidecar(j, err);
    if (!status)
        status = json ? choose_m0(j, &choice, err) : NVC_ESYS;
    if (!status) {
        mark(j, o->context ? o->context : "_aslcontext.tsv", context.crc32, context.bytes);
        status = nvc_asl_protocol_read(&j->protocol, &context, j->run.meta, json, h->n_volumes, h->grid.dim[2], &choice, err);
    }
    if (!status && j->protocol.plan.n_single)
        nvc_warn("%s: %zu control or label volumes have no partner and are left out", path, j->protocol.plan.n_single);
    nvc_table_release(&context);
    free(json);
    free(path);
    return status;
}

static int choose_method(struct cbf_job *j, struct nvc_error *err)
{
    const size_t n_delays = j->protocol.plan.n_delays;
    const bool pasl = j->protocol.asl.kind == NVC_ASL_PASL;
    j->how = (struct nvc_cbf_how){ .asl = j->protocol.asl, .robust = j->o->average == 0, .method = NVC_CBF_SINGLE };
    if (n_delays > 1)
        j->how.method = j->o->fit == CBF_FIT_WEIGHTED ? NVC_CBF_WEIGHTED : NVC_CBF_KINETIC;
    if (n_delays == 1 && j->o->fit != CBF_FIT_AUTO)
        return nvc_fail(err, NVC_EDATA, "%s: one delay; --fit is for several", j->run.path);
    if (j->how.method == NVC_CBF_WEIGHTED && isnan(j->protocol.asl.label_s))
        return nvc_fail(err, NVC_EDATA, "%s: the weighted delay is of one LabelingDuration, here it varies; use --fit kinetic", j->run.path);
    if (j->how.method == NVC_CBF_WEIGHTED && pasl)
        return nvc_fail(err, NVC_EDATA, "%s: the weighted delay is of (P)CASL; use --fit kinetic", j->run.path);
    return 0;
}

static int list_voxels(struct cbf_job *j, struct nvc_error *err)
{
    const struct nvc_grid *g = &nvc_nifti_header(j->run.image)->grid;
    const size_t n = nvc_grid_voxels(g), plane = g->dim[0] * g->dim[1];
    if (!(j->index = nvc_array(n, sizeof *j->index, err)) || !(j->at = nvc_array(n, sizeof *j->at, err)))
        return NVC_ESYS;
    for (size_t v = 0; v < n; v++) {
        j->at[v] = !j->brain || j->brain[v] ? (long)j->n_voxels : -1;
        if (j->at[v] >= 0)
            j->index[j->n_voxels++] = v;
    }
    if (!j->n_voxels)
        return nvc_fail(err, NVC_EDATA, "%s: no voxel above 0", j->o->brain_mask);
    if (!j->protocol.slice_s)
        return 0;
    if (!(j->slice_s = nvc_array(j->n_voxels, sizeof *j->slice_s, err)))
        return NVC_ESYS;
    for (size_t v = 0; v < j->n_voxels; v++)
        j->slice_s[v] = j->protocol.slice_s[j->index[v] / plane];
    return 0;
}

static int read_masks(struct cbf_job *j, struct nvc_error *err)
{
    const struct cbf_options *o = j->o;
    const struct nvc_grid *g = &nvc_nifti_header(j->run.image)->grid;
    const char *const tissue[] = { o->grey, o->white, o->csf };
    struct nvc_mask_source source;
    int status = 0;
    if (o->mask && !(status = nvc_mask_read_as(&j->mask, o->mask, j->run.orientation, NULL, &source, err))) {
        mark(j, o->mask, source.crc32, source.bytes);
        status = bold_check_grid(&j->run, &j->mask.grid, o->mask, err);
    }
    if (!status && o->brain_mask && !(status = nvc_brain_read_as(&j->brain, o->brain_mask, j->run.orientation, g, &source, err)))
        mark(j, o->brain_mask, source.crc32, source.bytes);
    for (int k = 0; k < 3 && !status; k++)
        if (tissue[k]) {
            status = map_read(&j->tissue[k], tissue[k], j->run.orientation, g, "the run", &j->marks[j->n_marks++], err);
            status = status ? status : map_check_probability(j->tissue[k], nvc_grid_voxels(g), tissue[k], err);
        }
    return status;
}

int cbf_open(struct cbf_job *j, const char *path, struct nvc_error *err)
{
    j->run = (struct bold){ .path = path, .tr_s = NAN, .orientation = (enum nvc_orientation)j->o->orientation };
    int status = nvc_nifti_open(&j->run.image, path, j->run.orientation, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    if (*nvc_nifti_remarks(j->run.image))
        nvc_warn("%s: %s", nvc_nifti_name(j->run.image), nvc_nifti_remarks(j->run.image));
    if (j->o->sidecar)
        status = nvc_json_read(&j->run.meta, j->o->sidecar, err);
    else if (strcmp(path, "-") != 0)
        status = nvc_bids_sidecar(&j->run.meta, path, err);
    if (status || (status = read_protocol(j, err)) || (status = choose_method(j, err)) || (status = read_masks(j, err)))
        return status;
    if (!isnan(j->protocol.pair_s))
        j->run.tr_s = j->protocol.pair_s;
    else
        j->run.tr_s = nvc_nifti_header(j->run.image)->tr_s;
    if (j->protocol.m0 == NVC_M0_SEPARATE && !j->protocol.plan.quantified) {
        if (j->o->m0)
            j->m0_path = nvc_strdup(j->o->m0, err);
        else if ((j->m0_path = beside(path, "_m0scan.nii.gz", err)) && access(j->m0_path, R_OK) != 0)
            j->m0_path[strlen(j->m0_path) - 3] = '\0';
        if (!j->m0_path)
            return (int)err->status;
    }
    if (j->protocol.m0 == NVC_M0_ESTIMATE && !j->protocol.plan.quantified && !j->brain && j->o->maps && !j->protocol.shows_brain)
        return nvc_fail(err, NVC_EDATA, "%s: M0 is a number, and there are no control volumes of full signal, so nothing says where the brain is: "
                        "--maps needs --brain-mask", path);
    return list_voxels(j, err);
}
