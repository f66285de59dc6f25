#include "cmd/run_step.h"

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

static bool named(const char *item, const char *command)
{
    return nvc_has_prefix(item, command) && item[strlen(command)] == ':';
}

int nvc_run_pass_check(struct nvc_list pass, struct nvc_error *err)
{
    for (size_t i = 0; i < pass.n; i++) {
        bool known = named(pass.items[i], "nvc-group");
        for (const struct run_chain *const *chain = run_chains; *chain; chain++)
            for (size_t k = 0; k < (*chain)->n_steps; k++)
                known |= named(pass.items[i], (*chain)->steps[k].command);
        if (!known)
            return nvc_fail(err, NVC_EUSAGE, "--pass '%s': wanted COMMAND:WORD, where COMMAND is one that --dry-run prints, or nvc-group", pass.items[i]);
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

/* Name of the run without folder, desc- and suffix, so that what we do not know of it stays in. */
static char *name_of(const struct nvc_bids_run *run, const char *atlas, struct nvc_error *err)
{
    const char *slash = strrchr(run->bold, '/'), *base = slash ? slash + 1 : run->bold, *stop = strstr(base, "_desc-");
    if (!stop)
        stop = strstr(base, "_bold");
    size_t n = stop ? (size_t)(stop - base) : strlen(base);
    return nvc_sprintf(err, "%.*s_atlas-%s", (int)n, base, atlas);
}

int run_name(struct nvc_run_task *t, char *name, char *folder, const char *out, struct nvc_error *err)
{
    t->job.name = name;
    t->folder = folder;
    if (name && folder && (t->job.log = nvc_sprintf(err, "%s/logs/%s.log", out, name)))
        t->stamp = nvc_sprintf(err, "%s/logs/%s.json", out, name);
    return t->stamp ? 0 : NVC_ESYS;
}

static int name_chain(struct nvc_run_task *t, const char *atlas, const struct nvc_run_wish *wish, struct nvc_error *err)
{
    const struct nvc_bids_name *n = &t->run->name;
    bool sessions = strcmp(n->session, "n/a") != 0;
    char *name = name_of(t->run, atlas, err);
    return run_name(t, name, nvc_sprintf(err, "%s/%s%s%s/func", wish->out, n->participant_id, sessions ? "/ses-" : "", sessions ? n->session : ""),
                    wish->out, err);
}

/* Without --rest a task whose name begins with rest. */
static bool is_rest(const struct nvc_bids_run *run, const struct nvc_run_wish *wish)
{
    return wish->rest.n ? nvc_run_wanted(wish->rest, "task-", run->name.task) : nvc_has_prefix(run->name.task, "rest");
}

static const char *what_is_missing(const struct run_chain *chain, const struct run_values *v, const struct nvc_run_wish *wish)
{
    static const char *const advice[RUN_N_VALUES] = {
        [RUN_EVENTS] = "no events.tsv for this run: a task needs one beside the image or in a folder above; if this is a resting run, name its task "
                       "with --rest",
        [RUN_CONFOUNDS] = "no confounds table for this run; give --no-confounds to go without"
    };
    if (chain == &run_rest_chain && !wish->rest.n && v->of[RUN_EVENTS].n)
        return "a resting run by its name, but it has an events.tsv: name the resting tasks with --rest (events of those are passed over), or "
               "move the table away";
    if (chain == &run_rest_chain && wish->dummy_scans)
        return "--dummy-scans is for runs with a task: a resting run is taken whole, and fMRIPrep's non_steady_state_outlier columns leave its first "
               "volumes out";
    for (const enum run_value *need = chain->needs; *need; need++)
        if (!v->of[*need].n && !(*need == RUN_CONFOUNDS && wish->no_confounds))
            return advice[*need];
    return NULL;
}

static void take_run(struct run_values *v, const struct nvc_bids_run *run)
{
    run_set(v, RUN_IMAGE, run->bold);
    run_set(v, RUN_EVENTS, run->events);
    run_set(v, RUN_CONFOUNDS, run->confounds);
    run_set(v, RUN_BRAIN, run->brain_mask);
    run_set(v, RUN_SIDECAR, run->sidecar);
}

static void take_atlas(struct run_values *v, const struct nvc_run_atlas *a, const struct nvc_run_wish *wish)
{
    v->of[RUN_REGIONS] = a->n_regions ? (struct nvc_list) { (const char *const *)a->regions, a->n_regions } : wish->regions;
    v->of[RUN_ATLAS_PATHS] = a->known ? wish->atlas_paths : (struct nvc_list) { 0 };
    run_set(v, RUN_ATLAS, a->known ? a->known : a->image);
    run_set(v, RUN_ATLAS_NAME, a->image && !a->known ? a->name : NULL);
    run_set(v, RUN_ATLAS_IMAGE, a->image);
    run_set(v, RUN_ATLAS_LABELS, a->labels);
}

static void take_number(struct run_values *v, enum run_value which, char *room, size_t size, double value, bool there)
{
    (void)snprintf(room, size, "%.17g", value);
    run_set(v, which, there ? room : NULL);
}

static void take_wish(struct run_values *v, const struct nvc_run_wish *w, bool rest)
{
    if (!w->no_confounds)
        v->of[RUN_REGRESSORS] = rest && w->rest_confounds.n ? w->rest_confounds : w->confounds;
    run_set(v, RUN_REGRESSOR_TABLE, w->no_confounds ? NULL : v->one[RUN_CONFOUNDS]);
    v->of[RUN_EVENT_DURATIONS] = w->event_durations;
    v->of[RUN_CONTRASTS] = w->contrasts;
    v->of[RUN_PASS] = w->pass;
    run_set(v, RUN_BILATERAL, w->bilateral ? "" : NULL);
    run_set(v, RUN_QUALITY, w->no_qc ? NULL : "");
    run_set(v, RUN_ORIENTATION, w->orientation);
    run_set(v, RUN_TR, w->tr);
    run_set(v, RUN_SUMMARY, w->summary);
    run_set(v, RUN_HRF, w->hrf);
    run_set(v, RUN_NOISE, w->noise);
    take_number(v, RUN_HIGH_PASS, v->number[0], sizeof v->number[0], w->high_pass_s, isfinite(w->high_pass_s));
    take_number(v, RUN_DUMMY_SCANS, v->number[1], sizeof v->number[1], w->dummy_scans, w->dummy_scans > 0);
}

int nvc_run_task_init(struct nvc_run_task *task, const struct nvc_bids_run *run, const struct nvc_run_atlas *atlas,
                      const struct nvc_run_wish *wish, struct nvc_error *err)
{
    struct run_values v = { 0 };
    const bool rest = is_rest(run, wish);
    const struct run_chain *chain = rest ? &run_rest_chain : &run_task_chain;
    *task = (struct nvc_run_task) { .run = run, .chain = chain };
    take_run(&v, run);
    take_atlas(&v, atlas, wish);
    take_wish(&v, wish, rest);
    const char *missing = what_is_missing(chain, &v, wish);
    if (missing) {
        task->job.status = NVC_EDATA;
        (void)snprintf(task->job.reason, sizeof task->job.reason, "%s", missing);
    }
    int status = name_chain(task, atlas->name, wish, err);
    return status ? status : run_build(task, chain, &v, missing, err);
}

/* What the chains that ended well made; paths[*n] on are filled and the caller's. */
static int list_made(struct nvc_list *list, char **paths, const struct nvc_run_task *chains, size_t n, const enum run_value *made, struct nvc_error *err)
{
    list->items = (const char *const *)paths;
    for (size_t i = 0; i < n; i++)
        for (const enum run_value *what = made ? made : chains[i].chain->rows; *what && !chains[i].job.status; what++)
            if (!(paths[list->n++] = run_output_path(&chains[i], *what, err)))
                return NVC_ESYS;
    return 0;
}

int nvc_run_spread_init(struct nvc_run_task *task, const struct nvc_run_task *chains, size_t n, const struct nvc_run_wish *wish,
                        struct nvc_error *err)
{
    static const enum run_value mask[] = { RUN_MASK, RUN_END };
    struct run_values v = { 0 };
    const size_t room = n * (1 + sizeof chains->chain->rows / sizeof *chains->chain->rows);
    *task = (struct nvc_run_task) { .run = chains[0].run, .chain = &run_spread_chain };
    char **paths = nvc_array(room, sizeof *paths, err);
    int status = paths ? name_chain(task, "all", wish, err) : NVC_ESYS;
    v.of[RUN_PASS] = wish->pass;
    if (!status && !(status = list_made(&v.of[RUN_MASKS], paths, chains, n, mask, err)))
        status = list_made(&v.of[RUN_TABLES], paths + n, chains, n, NULL, err);
    if (!status)
        status = run_build(task, &run_spread_chain, &v, v.of[RUN_MASKS].n < 2 ? "fewer than two atlases" : NULL, err);
    for (size_t i = 0; paths && i < room; i++)
        free(paths[i]);
    free(paths);
    return status;
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
