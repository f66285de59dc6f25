#include "cmd/run_plan.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int nvc_run_pass(struct nvc_command *command, struct nvc_list pass, struct nvc_error *err)
{
    size_t n = strlen(command->argv[0]);
    int status = 0;
    for (size_t i = 0; !status && i < pass.n; i++)
        if (!strncmp(pass.items[i], command->argv[0], n) && pass.items[i][n] == ':')
            status = nvc_command_add(command, err, "%s", pass.items[i] + n + 1);
    return status;
}

int nvc_run_pass_check(struct nvc_list pass, struct nvc_error *err)
{
    static const char *const names[] = { "nvc-mask", "nvc-extract", "nvc-design", "nvc-glm", "nvc-coupling", "nvc-habituation", "nvc-qc",
                                        "nvc-group" };
    for (size_t i = 0; i < pass.n; i++) {
        bool known = false;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            known |= nvc_has_prefix(pass.items[i], names[k]) && pass.items[i][strlen(names[k])] == ':';
        if (!known)
            return nvc_fail(err, NVC_EUSAGE, "--pass '%s': wanted COMMAND:WORD, where COMMAND is nvc-mask, nvc-extract, nvc-design, "
                            "nvc-glm, nvc-coupling, nvc-habituation, nvc-qc or nvc-group", pass.items[i]);
    }
    return 0;
}

static bool same_label(const char *label, size_t n, const char *prefix, const char *value)
{
    size_t k = strlen(prefix);
    if (nvc_has_prefix(value, prefix))
        value += k;
    if (n > k && !strncmp(label, prefix, k)) {
        label += k;
        n -= k;
    }
    return strlen(value) == n && !strncmp(label, value, n);
}

bool nvc_run_wanted(struct nvc_list labels, const char *prefix, const char *value)
{
    for (size_t i = 0; i < labels.n; i++)
        for (const char *at = labels.items[i]; at;) {
            size_t n = strcspn(at, ",");
            if (same_label(at, n, prefix, value))
                return true;
            at = at[n] ? at + n + 1 : NULL;
        }
    return labels.n == 0;
}

/* A chain under construction: the first failure sticks. */
struct chain {
    struct nvc_run_task *task;
    const struct nvc_run_wish *wish;
    struct nvc_error *err;
    struct nvc_command *command; /* the one that words go to */
    int status;
};

static void word(struct chain *c, const char *text)
{
    if (!c->status)
        c->status = nvc_command_add(c->command, c->err, "%s", text);
}

static void option(struct chain *c, const char *name, const char *value)
{
    if (!value)
        return;
    word(c, name);
    word(c, value);
}

static void options(struct chain *c, const char *name, struct nvc_list values)
{
    for (size_t i = 0; i < values.n; i++)
        option(c, name, values.items[i]);
}

static void number(struct chain *c, const char *name, double value)
{
    if (!c->status && isfinite(value)) {
        word(c, name);
        if (!c->status)
            c->status = nvc_command_add(c->command, c->err, "%.17g", value);
    }
}

static void start(struct chain *c, const char *name)
{
    c->command = &c->task->job.commands[c->task->job.n_commands++];
    word(c, name);
}

static void pass(struct chain *c)
{
    if (!c->status)
        c->status = nvc_run_pass(c->command, c->wish->pass, c->err);
}

static const char *watch(struct chain *c, char *path)
{
    struct nvc_run_task *t = c->task;
    if (!c->status && !path)
        c->status = (int)c->err->status;
    if (!c->status)
        c->status = nvc_grow(&t->files, &t->cap_files, t->n_files + 1, sizeof *t->files, c->err);
    if (c->status) {
        free(path);
        return "";
    }
    return t->files[t->n_files++] = path;
}

static const char *input(struct chain *c, const char *path)
{
    const char *kept = watch(c, nvc_strdup(path, c->err));
    c->task->n_inputs = c->task->n_files;
    return kept;
}

/* OUT/sub-X/func/<name>_desc-nvc_<what>, with its sidecar unless it is an image's table. */
static const char *output(struct chain *c, const char *what)
{
    return watch(c, nvc_sprintf(c->err, "%s/%s_desc-nvc_%s", c->task->folder, c->task->job.name, what));
}

static void say_mask(struct chain *c, const struct nvc_run_atlas *a, const char *bold, const char *mask)
{
    start(c, "nvc-mask");
    if (a->n_regions)
        options(c, "-r", (struct nvc_list) { (const char *const *)a->regions, a->n_regions });
    else
        options(c, "-r", c->wish->regions);
    option(c, "-a", a->known ? a->known : a->image);
    if (a->known)
        options(c, "--atlas-path", c->wish->atlas_paths);
    option(c, "-l", a->labels);
    if (a->image && !a->known)
        option(c, "--atlas-name", a->name);
    if (c->wish->bilateral)
        word(c, "--bilateral");
    option(c, "--orientation", c->wish->orientation);
    option(c, "-g", bold);
    pass(c);
    option(c, "-o", mask);
}

static void say_extract(struct chain *c, const char *bold, const char *brain, const char *mask, const char *series)
{
    start(c, "nvc-extract");
    option(c, "-m", mask);
    option(c, "--brain-mask", brain);
    option(c, "--tr", c->wish->tr);
    option(c, "--summary", c->wish->summary);
    option(c, "--orientation", c->wish->orientation);
    if (c->wish->dummy_scans)
        number(c, "--dummy-scans", c->wish->dummy_scans);
    pass(c);
    option(c, "-o", series);
    word(c, bold);
}

static void say_design(struct chain *c, const char *events, const char *confounds, const char *series, const char *design)
{
    start(c, "nvc-design");
    option(c, "-e", events);
    if (!c->wish->no_confounds) {
        option(c, "-c", confounds);
        options(c, "--confounds", c->wish->confounds);
    }
    option(c, "--hrf", c->wish->hrf);
    number(c, "--high-pass", c->wish->high_pass_s);
    options(c, "--event-duration", c->wish->event_durations);
    if (c->wish->dummy_scans)
        number(c, "--dummy-scans", c->wish->dummy_scans);
    pass(c);
    option(c, "-o", design);
    word(c, series);
}

static void say_glm(struct chain *c, const char *series, const char *design, const char *glm)
{
    start(c, "nvc-glm");
    option(c, "-d", design);
    options(c, "--contrast", c->wish->contrasts);
    option(c, "--noise", c->wish->noise);
    pass(c);
    option(c, "-o", glm);
    word(c, series);
}

static void say_coupling(struct chain *c, const char *confounds, const char *glm, const char *coupling)
{
    start(c, "nvc-coupling");
    option(c, "-c", confounds);
    pass(c);
    option(c, "-o", coupling);
    word(c, glm);
}

/* How the response changes over the run, and the halves that tell how reliable it is. */
static void say_habituation(struct chain *c, const char *events, const char *confounds, const char *series, const char *halves, const char *table)
{
    start(c, "nvc-habituation");
    option(c, "-e", events);
    if (!c->wish->no_confounds) {
        option(c, "-c", confounds);
        options(c, "--confounds", c->wish->confounds);
    }
    number(c, "--high-pass", c->wish->high_pass_s);
    options(c, "--event-duration", c->wish->event_durations);
    if (c->wish->dummy_scans)
        number(c, "--dummy-scans", c->wish->dummy_scans);
    word(c, "--where-possible");
    pass(c);
    option(c, "--halves", halves);
    option(c, "-o", table);
    word(c, series);
}

static void say_qc(struct chain *c, const char *bold, const char *brain, const char *confounds, const char *design, const char *mask,
                   const char *qc, const char *picture)
{
    start(c, "nvc-qc");
    option(c, "-m", mask);
    option(c, "--brain-mask", brain);
    option(c, "-d", design);
    option(c, "-c", confounds);
    option(c, "--figure", picture);
    option(c, "--orientation", c->wish->orientation);
    pass(c);
    option(c, "-o", qc);
    word(c, bold);
}

/* Name of the run without folder, desc- and suffix, so that what we do not know of it stays in. */
static char *name_of(const struct nvc_bids_run *run, const char *atlas, struct nvc_error *err)
{
    const char *slash = strrchr(run->bold, '/'), *base = slash ? slash + 1 : run->bold, *stop = strstr(base, "_desc-");
    if (!stop)
        stop = strstr(base, "_bold");
    size_t n = stop ? (size_t)(stop - base) : strlen(base);
    return nvc_sprintf(err, "%.*s_atlas-%s", (int)n, base, atlas);
}

static int name_task(struct nvc_run_task *t, const char *atlas, const struct nvc_run_wish *wish, struct nvc_error *err)
{
    const struct nvc_bids_name *n = &t->run->name;
    bool sessions = strcmp(n->session, "n/a") != 0;
    t->job.name = name_of(t->run, atlas, err);
    if (t->job.name)
        t->folder = nvc_sprintf(err, "%s/%s%s%s/func", wish->out, n->participant_id, sessions ? "/ses-" : "", sessions ? n->session : "");
    if (t->folder)
        t->job.log = nvc_sprintf(err, "%s/logs/%s.log", wish->out, t->job.name);
    if (t->job.log)
        t->stamp = nvc_sprintf(err, "%s/logs/%s.json", wish->out, t->job.name);
    if (t->stamp)
        t->job.commands = nvc_array(7, sizeof *t->job.commands, err);
    return t->job.commands ? 0 : (int)err->status;
}

static const char *what_is_missing(const struct nvc_bids_run *run, const struct nvc_run_wish *wish)
{
    if (!run->events)
        return "no events.tsv for this run; a task chain needs one";
    if (!run->confounds && !wish->no_confounds)
        return "no confounds table for this run; give --no-confounds to go without";
    return NULL;
}

enum { MASK, SERIES, DESIGN, GLM, COUPLING, HABITUATION, HALVES, QC, PICTURE, N_OUTPUTS };
static const char *const outputs[N_OUTPUTS] = { "mask.nii.gz", "timeseries.tsv", "design.tsv", "glm.tsv", "coupling.tsv",
                                                 "habituation.tsv", "halves.tsv", "qc.tsv", "qc.png" };

int nvc_run_task_init(struct nvc_run_task *task, const struct nvc_bids_run *run, const struct nvc_run_atlas *atlas,
                      const struct nvc_run_wish *wish, struct nvc_error *err)
{
    *task = (struct nvc_run_task) { .run = run };
    struct chain c = { .task = task, .wish = wish, .err = err };
    c.status = name_task(task, atlas->name, wish, err);
    const char *missing = what_is_missing(run, wish);
    if (c.status || missing) {
        task->job.status = NVC_EDATA;
        (void)snprintf(task->job.reason, sizeof task->job.reason, "%s", missing ? missing : "");
        for (size_t i = 0; !c.status && i < N_OUTPUTS; i++)
            (void)output(&c, outputs[i]);
        return c.status;
    }
    const char *bold = input(&c, run->bold), *events = input(&c, run->events);
    const char *confounds = run->confounds ? input(&c, run->confounds) : NULL;
    const char *brain = run->brain_mask ? input(&c, run->brain_mask) : NULL;
    if (run->sidecar)
        (void)input(&c, run->sidecar);
    if (atlas->image)
        (void)input(&c, atlas->image);
    if (atlas->labels)
        (void)input(&c, atlas->labels);
    const char *made[N_OUTPUTS];
    for (size_t i = 0; i < (wish->no_qc ? QC : N_OUTPUTS); i++)
        made[i] = output(&c, outputs[i]);
    say_mask(&c, atlas, bold, made[MASK]);
    say_extract(&c, bold, brain, made[MASK], made[SERIES]);
    say_design(&c, events, confounds, made[SERIES], made[DESIGN]);
    say_glm(&c, made[SERIES], made[DESIGN], made[GLM]);
    say_coupling(&c, confounds, made[GLM], made[COUPLING]);
    say_habituation(&c, events, confounds, made[SERIES], made[HALVES], made[HABITUATION]);
    if (!wish->no_qc)
        say_qc(&c, bold, brain, confounds, made[DESIGN], made[MASK], made[QC], made[PICTURE]);
    return c.status;
}

int nvc_run_spread_init(struct nvc_run_task *task, const struct nvc_run_task *chains, size_t n, const struct nvc_run_wish *wish,
                        struct nvc_error *err)
{
    *task = (struct nvc_run_task) { .run = chains[0].run };
    struct chain c = { .task = task, .wish = wish, .err = err };
    c.status = name_task(task, "all", wish, err);
    for (size_t i = 0; i < n; i++)
        for (size_t k = MASK; k <= COUPLING && !chains[i].job.status; k += COUPLING - MASK)
            (void)input(&c, chains[i].files[chains[i].n_inputs + k]);
    const char *coupling = output(&c, "coupling.tsv"), *overlap = output(&c, "overlap.tsv");
    if (c.status || task->n_inputs < 4) /* of two atlases, masks and rows */
        return c.status;
    start(&c, "nvc-spread");
    for (size_t i = 0; i < task->n_inputs; i += 2)
        option(&c, "-m", task->files[i]);
    option(&c, "--overlap", overlap);
    option(&c, "-o", coupling);
    for (size_t i = 1; i < task->n_inputs; i += 2)
        word(&c, task->files[i]);
    return c.status;
}

void nvc_run_task_release(struct nvc_run_task *task)
{
    for (size_t i = 0; i < task->job.n_commands; i++)
        nvc_command_release(&task->job.commands[i]);
    for (size_t i = 0; i < task->n_files; i++)
        free(task->files[i]);
    json_decref(task->before);
    free(task->job.commands);
    free(task->job.name);
    free(task->job.log);
    free(task->folder);
    free(task->stamp);
    free(task->files);
    *task = (struct nvc_run_task) { 0 };
}
