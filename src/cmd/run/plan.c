#include "cmd/run/step.h"

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
        stop = strrchr(base, '_'); /* before the suffix */
    size_t n = stop ? (size_t)(stop - base) : strlen(base);
    return nvc_sprintf(err, "%.*s_atlas-%s", (int)n, base, atlas);
}

int run_name(struct nvc_run_task *t, char *name, char *folder, const char *out, struct nvc_error *err)
{
    t->job.name = name;
    t->folder = folder;
    if (name && folder && (t->job.log = nvc_sprintf(err, "%s/logs/%s.log", out, name)) && (t->stamp = nvc_sprintf(err, "%s/logs/%s.json", out, name)))
        t->prefix = nvc_sprintf(err, "%s/%s", folder, name);
    return t->prefix ? 0 : NVC_ESYS;
}

int run_name_chain(struct nvc_run_task *t, const char *atlas, const struct nvc_run_wish *wish, struct nvc_error *err)
{
    const struct nvc_bids_name *n = &t->run->name;
    bool sessions = strcmp(n->session, "n/a") != 0;
    char *name = name_of(t->run, atlas, err);
    return run_name(t, name, nvc_sprintf(err, "%s/%s%s%s/%s", wish->out, n->participant_id, sessions ? "/ses-" : "", sessions ? n->session : "",
                                         nvc_run_is_flow(t->run) ? "perf" : "func"), wish->out, err);
}

bool nvc_run_is_flow(const struct nvc_bids_run *run)
{
    return !strcmp(run->name.suffix, "asl") || !strcmp(run->name.suffix, "cbf");
}

/* Without --rest a task whose name begins with rest. */
bool nvc_run_is_rest(const struct nvc_bids_run *run, const struct nvc_run_wish *wish)
{
    if (nvc_run_is_flow(run))
        return false;
    return wish->rest.n ? nvc_run_wanted(wish->rest, "task-", run->name.task) : nvc_has_prefix(run->name.task, "rest");
}

static const char *what_is_missing(const struct run_chain *chain, const struct run_values *v, const struct nvc_bids_run *run,
                                   const struct nvc_run_wish *wish)
{
    static const char *const advice[RUN_N_VALUES] = {
        [RUN_EVENTS] = "no events.tsv for this run: a task needs one beside the image or in a folder above; if this is a resting run, name its task "
                       "with --rest",
        [RUN_CONFOUNDS] = "no confounds table for this run; give --no-confounds to go without"
    };
    if (chain == &run_flow_chain && !strcmp(run->name.space, "n/a"))
        return "no space- in the name: an atlas wants flow in a template's space, as output-spaces of ASLPrep asks for it";
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

int nvc_run_task_init(struct nvc_run_task *task, const struct nvc_bids_run *run, const struct nvc_run_pair *pair, const struct nvc_run_atlas *atlas,
                      const struct nvc_run_wish *wish, struct nvc_error *err)
{
    struct run_values v = { 0 };
    const bool rest = nvc_run_is_rest(run, wish), flow = nvc_run_is_flow(run);
    const struct run_chain *chain = flow ? &run_flow_chain : rest ? &run_rest_chain : &run_task_chain;
    *task = (struct nvc_run_task) { .run = run, .chain = chain, .sole = true };
    int status = run_name_chain(task, atlas->name, wish, err);
    run_take_run(&v, run, pair);
    run_take_atlas(&v, atlas, wish);
    run_take_wish(&v, wish, rest);
    run_set(&v, RUN_PREFIX, flow || pair->one_grid ? task->prefix : NULL);
    const char *missing = what_is_missing(chain, &v, run, wish);
    if (missing) {
        task->job.status = NVC_EDATA;
        (void)snprintf(task->job.reason, sizeof task->job.reason, "%s", missing);
    }
    return status ? status : run_build(task, chain, &v, missing, err);
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
    free(task->prefix);
    free(task->stamp);
    free(task->files);
    *task = (struct nvc_run_task) { 0 };
}
