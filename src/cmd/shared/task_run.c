#include "cmd/shared/task_run.h"

#include "cli/belongs.h"

#include "base/memory.h"
#include "base/number.h"
#include "cli/message.h"
#include "cli/output.h"
#include "table/coupling.h"
#include "table/events.h"
#include "table/series.h"

#include <stdlib.h>
#include <string.h>

void task_run_release(struct task_run *r)
{
    nvc_series_release(&r->series);
    nvc_events_release(&r->events);
    nvc_confounds_release(&r->confounds);
    nvc_design_release(&r->design);
    free(r->durations_s);
}

static int read_table(struct task_run *r, struct nvc_table *t, const char *path, struct nvc_error *err)
{
    int status = nvc_table_read(t, path, err);
    if (!status)
        r->marks[r->n_marks++] = (struct nvc_input_mark){ path, t->crc32, t->bytes };
    return status;
}

static bool is_of(const struct nvc_duration *asked, const char *name)
{
    return !asked->condition || (strlen(name) == asked->n_condition && !memcmp(name, asked->condition, asked->n_condition));
}

/* The declared event of each condition: asked for, or the median duration. */
static int declare_events(struct task_run *r, const struct task_run_options *o, struct nvc_duration *asked, struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < o->durations.n && !status; i++) {
        bool found = false;
        status = nvc_duration_parse(asked + i, o->durations.items[i], err);
        for (size_t k = 0; k < r->events.n_conditions && !status; k++)
            found |= is_of(&asked[i], r->events.conditions[k]);
        if (!status && !found)
            status = nvc_fail(err, NVC_EUSAGE, "--event-duration %s: %s has no such condition", o->durations.items[i], o->events);
    }
    for (size_t k = 0; k < r->events.n_conditions && !status; k++) {
        const char *name = r->events.conditions[k];
        status = nvc_events_median_duration(&r->events, k, r->durations_s + k, err);
        for (size_t i = 0; i < o->durations.n && !status; i++)
            if (is_of(&asked[i], name))
                r->durations_s[k] = asked[i].duration_s;
    }
    return status;
}

static int split_events(struct task_run *r, const struct nvc_list *at, struct nvc_error *err)
{
    struct nvc_events parts = { 0 };
    double *edge_s = nvc_array(at->n, sizeof *edge_s, err);
    int status = edge_s ? 0 : NVC_ESYS;
    for (size_t i = 0; i < at->n && !status; i++)
        if (!nvc_parse_real(at->items[i], strlen(at->items[i]), edge_s + i) || !(edge_s[i] > 0))
            status = nvc_fail(err, NVC_EUSAGE, "--split-duration %s: wanted seconds above 0", at->items[i]);
    if (!status)
        status = nvc_events_split(&parts, &r->events, edge_s, at->n, err);
    free(edge_s);
    if (status) {
        nvc_events_release(&parts);
        return status;
    }
    nvc_events_release(&r->events);
    r->events = parts;
    return 0;
}

static int read_events(struct task_run *r, const struct task_run_options *o, struct nvc_error *err)
{
    struct nvc_table t = { 0 };
    struct nvc_duration *asked = nvc_array(o->durations.n, sizeof *asked, err);
    const struct nvc_run_of who = { r->series.who.participant_id, r->series.who.session, r->series.who.task, r->series.who.run };
    nvc_warn_of_other_run(o->events, &who);
    nvc_warn_of_other_run(o->confound_table, &who);
    int status = asked ? read_table(r, &t, o->events, err) : NVC_ESYS;
    if (!status)
        status = nvc_events_parse(&r->events, &t, NULL, &o->modulators, err);
    if (!status && o->splits.n)
        status = split_events(r, &o->splits, err);
    if (!status && !(r->durations_s = nvc_array(r->events.n_conditions, sizeof *r->durations_s, err)))
        status = NVC_ESYS;
    if (!status)
        status = declare_events(r, o, asked, err);
    nvc_table_release(&t);
    free(asked);
    return status;
}

static int declare_parts(struct nvc_duration **parts, const struct task_run *r, const struct nvc_events *e, struct nvc_error *err)
{
    if (!(*parts = nvc_array(e->n_conditions, sizeof **parts, err)))
        return NVC_ESYS;
    for (size_t i = 0; i < e->n_conditions; i++)
        for (size_t k = 0; k < r->events.n_conditions; k++) {
            const char *name = e->conditions[i], *whole = r->events.conditions[k], *end = name + strlen(whole);
            if (nvc_has_prefix(name, whole) && (!*end || *end == '@'))
                (*parts)[i] = (struct nvc_duration){ name, strlen(name), r->durations_s[k] };
        }
    return 0;
}

int task_run_design(struct nvc_design *d, const struct task_run *r, const struct nvc_events *parts, struct nvc_error *err)
{
    struct nvc_design_spec s = r->spec;
    struct nvc_duration *durations = NULL;
    int status = declare_parts(&durations, r, parts, err);
    s.events = parts, s.durations = durations, s.n_durations = parts->n_conditions;
    status = status ? status : nvc_design_build(d, &s, err);
    free(durations);
    return status;
}

static int build(struct task_run *r, const struct task_run_options *o, const struct nvc_hrf *hrf, struct nvc_error *err)
{
    const char *const usual[] = { o->usual_confounds ? o->usual_confounds : "6p" };
    const struct nvc_list otherwise = { usual, 1 };
    struct nvc_design_spec *s = &r->spec;
    struct nvc_confounds *c = &r->confounds;
    struct nvc_table t = { 0 };
    int status = 0;
    nvc_design_defaults(s);
    s->n_dummy = (size_t)o->dummy_scans;
    s->n_volumes = r->series.n_volumes, s->tr_s = r->series.tr_s;
    s->slice_time_corrected = r->series.slice_time_corrected, s->start_time_s = r->series.start_time_s;
    s->high_pass_s = o->high_pass_s > 0 ? o->high_pass_s : NAN;
    struct nvc_events plain = r->events; /* modulators belong to the commands that read them */
    plain.n_modulators = 0;
    s->hrf = hrf, s->events = hrf ? &plain : NULL;
    if (o->confound_table && !(status = read_table(r, &t, o->confound_table, err)) &&
        !(status = nvc_confounds_parse(c, &t, o->confounds.n ? &o->confounds : &otherwise, s->n_volumes, s->n_dummy, err)))
        s->confounds = c, s->censor = c->censor, s->n_censor = c->n_censor;
    r->mean_fd_mm = NAN;
    if (!status && o->confound_table && nvc_table_column(&t, "framewise_displacement") >= 0)
        status = nvc_mean_fd(&r->mean_fd_mm, &t, err);
    if (!status && !(status = nvc_frame_offset(s, &r->offset_s, &r->bin, err)))
        status = nvc_design_build(&r->design, s, err);
    s->events = NULL;
    if (!status)
        nvc_warn_lines(r->design.remarks);
    nvc_table_release(&t);
    return status;
}

static int check_options(const struct task_run_options *o, struct nvc_error *err)
{
    return o->confounds.n && !o->confound_table ? nvc_fail(err, NVC_EUSAGE, "--confounds goes with --confound-table (-c)") : 0;
}

int task_run_read(struct task_run *r, const struct task_run_options *o, const char *series_path, const struct nvc_hrf *hrf,
                  struct nvc_error *err)
{
    struct nvc_table t = { 0 };
    *r = (struct task_run){ .n_marks = 0 };
    int status = check_options(o, err);
    if (!status && !(status = read_table(r, &t, series_path, err)))
        status = nvc_series_parse(&r->series, &t, err);
    nvc_table_release(&t);
    return status ? status : task_run_model(r, o, hrf, err);
}

int task_run_model(struct task_run *r, const struct task_run_options *o, const struct nvc_hrf *hrf, struct nvc_error *err)
{
    int status = check_options(o, err);
    if (!status && o->events)
        status = read_events(r, o, err);
    return status ? status : build(r, o, hrf, err);
}

bool task_run_percent(const struct task_run *r, size_t region, double *y)
{
    const size_t n = r->series.n_volumes;
    const double *Y = r->series.Y + n * region;
    double s0 = 0, low = INFINITY, high = -INFINITY;
    for (size_t t = 0; t < n; t++) {
        s0 += Y[t] / (double)n;
        low = fmin(low, Y[t]), high = fmax(high, Y[t]);
    }
    if (!(s0 > 0) || !(high > low)) {
        nvc_warn("region %s %s: left out", r->series.regions[region].column, s0 > 0 ? "does not vary" : "has no signal");
        return false;
    }
    for (size_t t = 0; t < n; t++)
        y[t] = 100 * (Y[t] / s0 - 1);
    return true;
}

int task_run_output(const struct task_run *r, const char *path, const struct nvc_text *text, const struct nvc_column *columns,
                    struct nvc_error *err)
{
    struct nvc_sidecar sidecar = { .columns = columns, .inputs = r->marks, .n_inputs = r->n_marks };
    return path ? nvc_output(path, text, &sidecar, err) : 0;
}
