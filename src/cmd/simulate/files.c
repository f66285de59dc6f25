#include "config.h"

#include "cmd/simulate/files.h"

#include "base/memory.h"
#include "cli/output.h"
#include "io/json.h"
#include "io/nifti.h"
#include "model/region/roi_parametric.h"
#include "table/series.h"

#include <math.h>
#include <nifti1.h>
#include <stdlib.h>
#include <string.h>

static int make_person_folder(const struct nvc_study *s, const struct nvc_sim_person *p, struct nvc_error *err)
{
    char *path = nvc_sprintf(err, "%s/%s/func", s->root, p->participant_id);
    int status = path ? nvc_make_folders(path, err) : NVC_ESYS;
    free(path);
    return status;
}

static char *path_of(const struct nvc_study *s, const struct nvc_sim_person *p, const char *tail, struct nvc_error *err)
{
    const char *id = p->participant_id;
    return nvc_sprintf(err, "%s/%s/func/%s_task-%s%s", s->root, id, id, s->spec.rest ? "rest" : "faces", tail);
}

/* Hand over text under `path`, which is freed, as is `more`. */
static int put(const struct nvc_study *s, char *path, const struct nvc_text *text, const struct nvc_column *columns, json_t *facts,
               json_t *more, struct nvc_error *err)
{
    struct nvc_sidecar sidecar = { .columns = columns, .facts = facts, .more = more, .seed = s->seed };
    int status = path ? nvc_output(path, text, &sidecar, err) : NVC_ESYS;
    free(path);
    json_decref(more);
    return status;
}

static int put_events(const struct nvc_study *s, const struct nvc_sim_person *p, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    int status = nvc_sim_events_write(&text, &s->events, err);
    if (!status)
        status = put(s, path_of(s, p, "_events.tsv", err), &text, nvc_sim_events_columns, NULL, NULL, err);
    nvc_text_release(&text);
    return status;
}

static int put_confounds(const struct nvc_study *s, const struct nvc_sim_person *p, const struct nvc_sim_run *run,
                         const double *dvars, const double *global_signal, struct nvc_error *err)
{
    struct nvc_sim_confounds c;
    struct nvc_text text = { 0 };
    int status = nvc_sim_confounds_init(&c, &s->spec, run, dvars, global_signal, err);
    if (!status)
        status = nvc_sim_confounds_write(&text, &c, err);
    if (!status)
        status = put(s, path_of(s, p, "_desc-confounds_timeseries.tsv", err), &text, NULL, NULL, NULL, err);
    nvc_text_release(&text);
    nvc_sim_confounds_release(&c);
    return status;
}

static int put_series(const struct nvc_study *s, const struct nvc_sim_person *p, const struct nvc_sim_head *head,
                      const struct nvc_sim_run *run, struct nvc_error *err)
{
    struct nvc_series series = { 0 };
    struct nvc_text text = { 0 };
    json_t *facts = NULL;
    int status = nvc_sim_series(&series, &s->spec, p, head, run, &s->bla, false, err);
    if (!status && !(facts = nvc_series_facts(&series, err)))
        status = (int)err->status;
    if (!status)
        status = nvc_series_write(&text, &series, false, err);
    if (!status)
        status = put(s, path_of(s, p, "_space-" NVC_PARAMETRIC_SPACE "_desc-sim_timeseries.tsv", err), &text,
                     nvc_series_columns, facts, NULL, err);
    json_decref(facts);
    nvc_text_release(&text);
    nvc_series_release(&series);
    return status ? status : put_confounds(s, p, run, NULL, NULL, err);
}

static int put_brain_mask(const struct nvc_study *s, const struct nvc_sim_person *p, const struct nvc_sim_head *head,
                          float *volume, struct nvc_error *err)
{
    struct nvc_nifti_spec spec = { .grid = head->grid, .n_volumes = 1, .tr_s = NAN, .datatype = DT_UINT16 };
    struct nvc_nifti_writer *w;
    char *path = path_of(s, p, "_space-" NVC_PARAMETRIC_SPACE "_desc-brain_mask.nii.gz", err);
    int status = path ? nvc_nifti_create(&w, path, &spec, err) : NVC_ESYS;
    free(path);
    if (status)
        return status;
    for (size_t v = 0; v < head->n; v++)
        volume[head->index[v]] = 1;
    if ((status = nvc_nifti_put(w, volume, err))) {
        nvc_nifti_abandon(w);
        return status;
    }
    return nvc_nifti_commit(w, err);
}

/* Mean over the brain, and root mean square change since the volume before, which `volume` replaces. */
static void look_at(const float *volume, float *before, const struct nvc_sim_head *head, bool first, double *mean, double *dvars)
{
    double sum = 0, change2 = 0;
    for (size_t v = 0; v < head->n; v++) {
        double x = volume[head->index[v]], d = x - before[v];
        sum += x;
        change2 += d * d;
        before[v] = (float)x;
    }
    *mean = sum / (double)head->n;
    *dvars = first ? NAN : sqrt(change2 / (double)head->n);
}

static int put_volumes(struct nvc_nifti_writer *w, const struct nvc_study *s, const struct nvc_sim_person *p,
                       const struct nvc_sim_head *head, const struct nvc_sim_run *run, float *volume, double *looks,
                       struct nvc_error *err)
{
    struct nvc_sim_noise noise;
    size_t n = run->n_volumes;
    float *before = nvc_array(head->n, sizeof *before, err);
    int status = before ? nvc_sim_noise_init(&noise, &s->spec, p, head, err) : NVC_ESYS;
    for (size_t t = 0; !status && t < n; t++) {
        nvc_sim_volume(volume, t, &s->spec, head, run, &noise);
        look_at(volume, before, head, t == 0, &looks[t], &looks[n + t]);
        status = nvc_nifti_put(w, volume, err);
    }
    if (before)
        nvc_sim_noise_release(&noise);
    free(before);
    return status;
}

static int put_bold(const struct nvc_study *s, const struct nvc_sim_person *p, const struct nvc_sim_head *head,
                    const struct nvc_sim_run *run, float *volume, double *looks, struct nvc_error *err)
{
    struct nvc_nifti_spec spec = { .grid = head->grid, .n_volumes = run->n_volumes, .tr_s = s->spec.tr_s,
                                   .datatype = DT_INT16, .descrip = "nvc-simulate" };
    struct nvc_nifti_writer *w;
    char *path = path_of(s, p, "_space-" NVC_PARAMETRIC_SPACE "_desc-preproc_bold.nii.gz", err);
    int status = path ? nvc_nifti_create(&w, path, &spec, err) : NVC_ESYS;
    if (!status) {
        if ((status = put_volumes(w, s, p, head, run, volume, looks, err)))
            nvc_nifti_abandon(w);
        else
            status = nvc_nifti_commit(w, err);
    }
    if (!status) {
        json_t *more = json_pack("{s:o, s:s, s:f, s:f, s:b, s:o, s:b}", "RepetitionTime", nvc_json_real(s->spec.tr_s),
                                 "TaskName", s->spec.rest ? "rest" : "faces", "EchoTime", 0.04, "MagneticFieldStrength", 1.5, "SliceTimingCorrected", 1,
                                 "StartTime", nvc_json_real(s->spec.tr_s / 2), "SkullStripped", 1);
        status = nvc_sidecar_write(path, &(struct nvc_sidecar) { .more = more, .seed = s->seed }, err);
        json_decref(more);
    }
    free(path);
    return status;
}

static int put_images(const struct nvc_study *s, const struct nvc_sim_person *p, const struct nvc_sim_head *head,
                      const struct nvc_sim_run *run, struct nvc_error *err)
{
    float *volume = nvc_array(nvc_grid_voxels(&head->grid), sizeof *volume, err);
    double *looks = volume ? nvc_array(2 * run->n_volumes, sizeof *looks, err) : NULL;
    int status = looks ? put_bold(s, p, head, run, volume, looks, err) : NVC_ESYS;
    if (!status)
        status = put_confounds(s, p, run, looks + run->n_volumes, looks, err);
    if (!status)
        status = put_brain_mask(s, p, head, volume, err);
    free(volume);
    free(looks);
    return status;
}

/* The resting run: the same person, head and files, but no events. */
static int put_rest(const struct nvc_study *s, const struct nvc_sim_person *p, const struct nvc_sim_head *head, struct nvc_error *err)
{
    struct nvc_study rest = *s;
    struct nvc_sim_run run = { 0 };
    rest.spec = nvc_sim_rest(&s->spec);
    int status = nvc_sim_run_init(&run, &rest.spec, &s->events, p, err);
    if (!status)
        status = put_images(&rest, p, head, &run, err);
    nvc_sim_run_release(&run);
    return status;
}

int nvc_study_put_person(const struct nvc_study *s, size_t index, struct nvc_error *err)
{
    struct nvc_sim_person p = nvc_sim_person(&s->spec, index);
    struct nvc_sim_head head = { 0 };
    struct nvc_sim_run run = { 0 };
    int status = make_person_folder(s, &p, err);
    if (!status)
        status = nvc_sim_head_init(&head, &s->spec, &p, &s->bla, s->series, err);
    if (!status)
        status = nvc_sim_run_init(&run, &s->spec, &s->events, &p, err);
    if (!status)
        status = nvc_sim_truth(s->truth[index], &s->chain, &s->spec, &p, &s->events, &s->bla, &head, &run, err);
    if (!status)
        status = put_events(s, &p, err);
    if (!status)
        status = s->series ? put_series(s, &p, &head, &run, err) : put_images(s, &p, &head, &run, err);
    if (!status && s->rest)
        status = put_rest(s, &p, &head, err);
    if (!status && s->perfusion)
        status = nvc_study_put_perfusion(s, &p, &head, err);
    nvc_sim_run_release(&run);
    nvc_sim_head_release(&head);
    return status;
}

static json_t *population_means(const struct nvc_sim_population *p)
{
    static const char *const columns[3] = { "psc_noisefree_L", "psc_noisefree_R", "psc_noisefree" };
    json_t *means = json_object();
    for (int k = 0; means && k < 3; k++)
        (void)json_object_set_new(means, columns[k], json_pack("{s:o, s:o, s:o}", "patient", nvc_json_real(p->psc_case[k]), "control",
                                  nvc_json_real(p->psc_control[k]), "difference", nvc_json_real(p->psc_case[k] - p->psc_control[k])));
    return json_pack("{s:o}", "PopulationMeans", means);
}

int nvc_study_put_tables(const struct nvc_study *s, struct nvc_error *err)
{
    struct nvc_text people = { 0 }, truth = { 0 }, description_text = { 0 };
    struct nvc_sim_population population;
    json_t *about = json_pack("{s:s, s:s, s:s, s:[{s:s, s:s}]}", "Name", "Simulated case-control study of the amygdala",
                              "BIDSVersion", "1.10.0", "DatasetType", "derivative", "GeneratedBy", "Name", "nvc-simulate",
                              "Version", PACKAGE_VERSION);
    int status = nvc_sim_population(&population, &s->chain, &s->spec, &s->events, &s->bla, err);
    if (!status)
        status = nvc_sim_participants_write(&people, &s->spec, err);
    if (!status)
        status = nvc_sim_truth_write(&truth, &s->spec, (const double (*)[2])s->truth, err);
    if (!status)
        status = nvc_json_write(&description_text, about, 2, err);
    if (!status) {
        char *path = nvc_sprintf(err, "%s/dataset_description.json", s->root);
        status = path ? nvc_output(path, &description_text, NULL, err) : NVC_ESYS;
        free(path);
    }
    if (!status)
        status = put(s, nvc_sprintf(err, "%s/participants.tsv", s->root), &people, nvc_sim_participants_columns, NULL, NULL, err);
    if (!status)
        status = put(s, nvc_sprintf(err, "%s/truth.tsv", s->root), &truth, nvc_sim_truth_columns, NULL,
                     population_means(&population), err);
    json_decref(about);
    nvc_text_release(&people);
    nvc_text_release(&truth);
    nvc_text_release(&description_text);
    return status;
}
