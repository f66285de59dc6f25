#include "cmd/shared/design_options.h"

#include "base/memory.h"
#include "base/number.h"
#include "cli/message.h"
#include "table/events.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *const design_orthogonal_names[] = { "auto", "spm", "none", NULL };

const char *const design_response_text[] = {
    "spm, glover: SPM's canonical response (peak 5 s, undershoot 16 s) or Glover's of 1999, convolved with the events in bins of "
    "TR/16; +derivative adds the time derivative (a positive weight is an earlier response), +derivative+dispersion the dispersion "
    "derivative as well.  nilearn and nilearn-glover repeat nilearn's regressors, whose response is shifted by one of 50 bins and "
    "stretched; they serve parity only, with --frame-time 0 unless nilearn was told a slice_time_ref.",
    "gamma:N: SPM's first N gamma functions, with means 4, 8, 16 s ...  fir:LENGTH,STEP: boxes of STEP seconds (the TR when left out) "
    "from 0 to LENGTH; their names carry the delay in seconds at which they begin, as face_delay_6.  A file (--hrf-kernel): an event "
    "of 0 s gives the kernel itself, a longer one its integral over the event.",
    "tent:LENGTH,STEP, gam[:P,Q[,D]], block:D[,PEAK], block5:D[,PEAK], spmg1, spmg2, spmg3[:D]: AFNI's models, evaluated at the time "
    "of each volume as 3dDeconvolve does, each event lasting D seconds whatever the events say.  3dDeconvolve knows no time within a "
    "volume: --frame-time 0 gives its columns.",
    "Events of a condition that all last 0 s are impulses of unit area, so that the response of an event is the response function in "
    "seconds; where durations are mixed, an event of 0 s is a box of one bin, as in SPM.  Modulators are centred over the events of "
    "their condition and orthogonalised in the order given; n/a throughout a condition leaves it without the modulator.",
    "An event before the first volume counts as far as its response reaches into the run (SPM: back to -2 TR); one that begins at or "
    "after the end is dropped, and a warning tells how many.",
    NULL
};
const char *const design_frame_text[] = {
    "A regressor has one value per volume: that at some time within it.  With SliceTimingCorrected true in the sidecar of the image "
    "this is StartTime, to which the slices were shifted (fMRIPrep: the middle of the volume).  Without slice timing correction it is "
    "that of SPM's bin 8 of 16, 7/16 TR.  --frame-time says otherwise.",
    NULL
};

struct design_run design_run_of(const struct nvc_series *s)
{
    return (struct design_run){ s->n_volumes, s->tr_s, s->start_time_s, s->slice_time_corrected,
                                { s->who.participant_id, s->who.session, s->who.task, s->who.run } };
}

/* Names and orders of the modulators: "intensity:2". */
struct modulators {
    char **names;
    int *orders;
    size_t n;
};

static void modulators_release(struct modulators *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->names[i]);
    free(m->names);
    free(m->orders);
}

static int parse_modulators(struct modulators *m, const struct nvc_list *words, struct nvc_error *err)
{
    *m = (struct modulators){ .names = nvc_array(words->n, sizeof *m->names, err) };
    if (!m->names || !(m->orders = nvc_array(words->n, sizeof *m->orders, err)))
        return (int)err->status;
    for (; m->n < words->n; m->n++) {
        const char *word = words->items[m->n], *colon = strrchr(word, ':');
        long order = 1;
        if (!*word || word == colon || (colon && (!nvc_parse_integer(colon + 1, strlen(colon + 1), &order) || order < 1 || order > 6)))
            return nvc_fail(err, NVC_EUSAGE, "--modulator '%s': want COLUMN or COLUMN:ORDER, order 1 to 6", word);
        if (!(m->names[m->n] = nvc_strndup(word, colon ? (size_t)(colon - word) : strlen(word), err)))
            return (int)err->status;
        m->orders[m->n] = (int)order;
    }
    return 0;
}

/* Mark the volumes of "12,40-43"; marked NULL: only look. */
static int parse_volumes(bool *marked, size_t n_volumes, const char *text, struct nvc_error *err)
{
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, ","), dash = strcspn(at, "-,");
        long first, last;
        bool range = dash < n, good = nvc_parse_integer(at, range ? dash : n, &first) && first >= 0;
        last = first;
        good = good && (!range || nvc_parse_integer(at + dash + 1, n - dash - 1, &last));
        if (!good || last < first)
            return nvc_fail(err, NVC_EUSAGE, "--censor '%s': want volumes counted from 0, as 12,40-43", text);
        if (marked && (size_t)last >= n_volumes)
            return nvc_fail(err, NVC_EDATA, "--censor '%s': the run has volumes 0 to %zu", text, n_volumes - 1);
        for (long i = first; marked && i <= last; i++)
            marked[i] = true;
        at += n;
        if (!*at)
            return 0;
    }
}

static int check_events(const struct design_options *o, struct nvc_error *err)
{
    bool timing = o->fsl.n || o->afni.n;
    if (o->events && timing)
        return nvc_fail(err, NVC_EUSAGE, "--events and timing files (--fsl, --afni) exclude each other; give one kind");
    if (!o->events && (o->trial_type || o->modulators.n))
        return nvc_fail(err, NVC_EUSAGE, "--%s goes with --events", o->trial_type ? "trial-type" : "modulator");
    if (!o->afni.n && (o->timing_run || !isnan(o->timing_duration_s)))
        return nvc_fail(err, NVC_EUSAGE, "--timing-%s goes with --afni", o->timing_run ? "run" : "duration");
    if (!o->events && !timing && o->durations.n)
        return nvc_fail(err, NVC_EUSAGE, "--event-duration goes with events");
    if (o->confounds.n && !o->confound_table)
        return nvc_fail(err, NVC_EUSAGE, "--confounds goes with --confound-table (-c)");
    return 0;
}

int design_options_check(const struct design_options *o, struct nvc_error *err)
{
    struct modulators m;
    struct nvc_hrf hrf;
    struct nvc_duration duration;
    int status = check_events(o, err);
    if (!status && !o->kernel)
        status = nvc_hrf_parse(&hrf, o->hrf, err);
    for (size_t i = 0; !status && i < o->durations.n; i++)
        status = nvc_duration_parse(&duration, o->durations.items[i], err);
    for (size_t i = 0; !status && i < o->censor.n; i++)
        status = parse_volumes(NULL, 0, o->censor.items[i], err);
    if (!status)
        status = nvc_selection_check(&o->confounds, err);
    if (status)
        return status;
    status = parse_modulators(&m, &o->modulators, err);
    modulators_release(&m);
    return status;
}

/* Everything a design is built from, while it is built. */
struct parts {
    struct nvc_events events;
    struct nvc_confounds confounds;
    struct nvc_hrf hrf;
    struct nvc_duration *durations;
    struct modulators modulators;
    double *kernel;
    size_t *censor, n_censor;
    struct nvc_input_mark *marks;
    size_t *n_marks;
};

static void parts_release(struct parts *p)
{
    nvc_events_release(&p->events);
    nvc_confounds_release(&p->confounds);
    modulators_release(&p->modulators);
    free(p->durations);
    free(p->kernel);
    free(p->censor);
}

static void mark(struct parts *p, const char *path, const struct nvc_table *t)
{
    p->marks[(*p->n_marks)++] = (struct nvc_input_mark){ path, t->crc32, t->bytes };
}

static int read_events(struct parts *p, const struct design_options *o, struct nvc_error *err)
{
    struct nvc_table t;
    struct nvc_list names = { (const char *const *)p->modulators.names, p->modulators.n };
    if (!o->events) {
        double duration = isnan(o->timing_duration_s) && nvc_hrf_is_continuous(&p->hrf) ? 0 : o->timing_duration_s;
        return nvc_events_read_timing(&p->events, &(struct nvc_timing_request){ &o->fsl, &o->afni, o->timing_run, duration }, err);
    }
    int status = nvc_table_read(&t, o->events, err);
    if (status)
        return status;
    mark(p, o->events, &t);
    status = nvc_events_parse(&p->events, &t, o->trial_type, &names, err);
    nvc_table_release(&t);
    return status;
}

static int read_confounds(struct parts *p, const struct design_options *o, size_t n_volumes, struct nvc_error *err)
{
    static const char *const usual[] = { NVC_RUN_CONFOUNDS };
    const struct nvc_list otherwise = { usual, 1 };
    struct nvc_table t;
    int status = nvc_table_read(&t, o->confound_table, err);
    if (status)
        return status;
    mark(p, o->confound_table, &t);
    status = nvc_confounds_parse(&p->confounds, &t, o->confounds.n ? &o->confounds : &otherwise, n_volumes, (size_t)o->dummy_scans, err);
    nvc_table_release(&t);
    return status;
}

static int list_censored(struct parts *p, const struct design_options *o, size_t n_volumes, struct nvc_error *err)
{
    bool *marked = nvc_array(n_volumes, sizeof *marked, err);
    int status = marked && (p->censor = nvc_array(n_volumes, sizeof *p->censor, err)) ? 0 : (int)err->status;
    for (size_t i = 0; !status && i < o->censor.n; i++)
        status = parse_volumes(marked, n_volumes, o->censor.items[i], err);
    for (size_t i = 0; !status && i < n_volumes; i++)
        if (marked[i])
            p->censor[p->n_censor++] = i;
    free(marked);
    return status;
}

static int list_durations(struct parts *p, const struct design_options *o, struct nvc_error *err)
{
    if (!(p->durations = nvc_array(o->durations.n, sizeof *p->durations, err)))
        return (int)err->status;
    int status = 0;
    for (size_t i = 0; !status && i < o->durations.n; i++)
        status = nvc_duration_parse(&p->durations[i], o->durations.items[i], err);
    return status;
}

static int gather(struct parts *p, const struct design_options *o, const struct design_run *run, struct nvc_error *err)
{
    int status = parse_modulators(&p->modulators, &o->modulators, err);
    if (!status)
        status = o->kernel ? nvc_kernel_read(&p->hrf, &p->kernel, o->kernel, err) : nvc_hrf_parse(&p->hrf, o->hrf, err);
    if (!status)
        status = list_durations(p, o, err);
    nvc_warn_of_other_run(o->events, &run->who);
    nvc_warn_of_other_run(o->confound_table, &run->who);
    if (!status && (o->events || o->fsl.n || o->afni.n))
        status = read_events(p, o, err);
    if (!status && o->confound_table)
        status = read_confounds(p, o, run->n_volumes, err);
    return status ? status : list_censored(p, o, run->n_volumes, err);
}

int design_from_options(struct nvc_design *d, const struct design_options *o, const struct design_run *run,
                        struct nvc_input_mark *marks, size_t *n_marks, struct nvc_error *err)
{
    struct parts p = { .marks = marks, .n_marks = n_marks };
    struct nvc_design_spec spec;
    *d = (struct nvc_design){ 0 };
    int status = gather(&p, o, run, err);
    nvc_design_defaults(&spec);
    spec.n_volumes = run->n_volumes;
    spec.tr_s = run->tr_s;
    spec.start_time_s = run->start_time_s;
    spec.slice_time_corrected = run->slice_time_corrected;
    spec.n_dummy = (size_t)o->dummy_scans;
    spec.frame_time_s = o->frame_time_s;
    spec.microtime = o->microtime;
    spec.high_pass_s = o->high_pass_s > 0 ? o->high_pass_s : NAN;
    spec.orthogonal = (enum nvc_orthogonal)o->orthogonal;
    spec.hrf = &p.hrf;
    spec.events = p.events.n ? &p.events : NULL;
    spec.modulator_orders = p.modulators.orders;
    spec.durations = p.durations;
    spec.n_durations = o->durations.n;
    spec.confounds = o->confound_table ? &p.confounds : NULL;
    spec.censor = p.censor;
    spec.n_censor = p.n_censor;
    if (!status)
        status = nvc_design_build(d, &spec, err);
    if (!status)
        nvc_warn_lines(d->remarks);
    parts_release(&p);
    return status;
}
