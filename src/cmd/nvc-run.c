#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/defaults.h"
#include "cmd/run_group.h"
#include "cmd/run_plan.h"
#include "cmd/run_report.h"
#include "cmd/run_work.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    struct nvc_list rest, rest_confounds;
    struct nvc_list participants, sessions, tasks, spaces, atlases, regions, contrasts, confounds, event_durations, pass, atlas_paths;
    const char *hrf, *noise, *tr, *summary, *orientation;
    const char *participants_tsv, *group, *case_label, *control_label, *runs, *covariates;
    const char *site, *primary, *permutations, *scores, *lock;
    struct nvc_list exclude, control_regions;
    double high_pass_s;
    int dummy_scans, bilateral, no_confounds, no_qc, report, jobs, force, dry_run;
};
static const struct options defaults = { .high_pass_s = NAN, .jobs = NVC_NO_INT };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Which runs"),
    OPT_LIST(struct options, participants, 0, "participant-label", "LABEL", "only these participants, with or without sub-, parted by commas"),
    OPT_LIST(struct options, sessions, 0, "session-label", "LABEL", "only these sessions"),
    OPT_LIST(struct options, tasks, 0, "task-label", "LABEL", "only these tasks"),
    OPT_LIST(struct options, spaces, 0, "space", "NAME", "only images in these spaces"),
    OPT_LIST(struct options, rest, 0, "rest", "TASK", "tasks that are rest (those whose name begins with rest); their events, if any, are passed over"),
    OPT_GROUP("Each run"),
    OPT_LIST(struct options, atlases, 'a', "atlas", "ATLAS",
             "builtin, names that nvc-mask --list prints, parted by commas, or NAME=IMAGE[,LABELS[,REGION...]]; each atlas is one chain, and "
             "with several each run gets rows that say how far its indices depend on the atlas"),
    OPT_LIST(struct options, atlas_paths, 0, "atlas-path", "DIR", "folder in which atlases are looked for by name, as for nvc-mask"),
    OPT_LIST(struct options, regions, 'r', "region", "REGION", "region as for nvc-mask (BLA)"),
    OPT_FLAG(struct options, bilateral, 0, "bilateral", "add the union of left and right as side B, as nvc-mask"),
    OPT_TEXT(struct options, summary, 0, "summary", "HOW", "how voxels become a series, as for nvc-extract"),
    OPT_TEXT(struct options, tr, 0, "tr", "TR", "header, sidecar or seconds, as for nvc-extract"),
    OPT_TEXT(struct options, orientation, 0, "orientation", "FORM", "sform or qform, where they disagree, as for nvc-mask"),
    OPT_INT(struct options, dummy_scans, 0, "dummy-scans", "N", 0, 1000, "volumes at the start to leave out of the model"),
    OPT_LIST(struct options, confounds, 0, "confounds", "WHICH",
             "confounds as for nvc-design (" NVC_RUN_CONFOUNDS ")", .exclusive = 1),
    OPT_LIST(struct options, rest_confounds, 0, "rest-confounds", "WHICH", "confounds of resting runs, as for nvc-activity, where they are others"),
    OPT_FLAG(struct options, no_confounds, 0, "no-confounds", "fit without confounds", .exclusive = 1),
    OPT_TEXT(struct options, hrf, 0, "hrf", "HRF", "response function, as for nvc-design"),
    OPT_REAL(struct options, high_pass_s, 0, "high-pass", "SECONDS", "s", 0, INFINITY, "cut-off period, as for nvc-design"),
    OPT_LIST(struct options, event_durations, 0, "event-duration", "[CONDITION=]SECONDS", "event that a percent signal change refers to, as for nvc-design"),
    OPT_LIST(struct options, contrasts, 'C', "contrast", "CONTRAST", "contrast as for nvc-glm; every condition is one by itself"),
    OPT_TEXT(struct options, noise, 0, "noise", "MODEL", "noise model, as for nvc-glm"),
    OPT_FLAG(struct options, no_qc, 0, "no-qc", "leave out nvc-qc, which reads each image a second time"),
    OPT_LIST(struct options, pass, 0, "pass", "COMMAND:WORD", "a further word for a command: --pass nvc-glm:--regressors"),
    OPT_GROUP("Group"),
    OPT_INPUT(struct options, participants_tsv, 'p', "participants", "TSV", "*.tsv", "variables of the participants (BIDS_DIR/participants.tsv)"),
    OPT_TEXT(struct options, group, 'g', "group", "COLUMN", "column that tells cases from controls, as for nvc-group"),
    OPT_TEXT(struct options, case_label, 0, "case", "LABEL", "what that column says of a case; needed at group level"),
    OPT_TEXT(struct options, control_label, 0, "control", "LABEL", "what it says of a control; without it everybody else"),
    OPT_TEXT(struct options, covariates, 'c', "covariates", "NAMES", "columns to adjust for, parted by commas, as for nvc-group"),
    OPT_TEXT(struct options, runs, 0, "runs", "HOW", "several runs of a participant, as for nvc-group"),
    OPT_TEXT(struct options, site, 0, "site", "COLUMN", "sites or scanners, as for nvc-group"),
    OPT_LIST(struct options, exclude, 'x', "exclude", "RULE", "leave out what the rule hits, as for nvc-group: 'qc=fail', 'mean_fd>0.5'"),
    OPT_TEXT(struct options, primary, 0, "primary", "KEY", "the one index that was declared beforehand, as for nvc-group"),
    OPT_LIST(struct options, control_regions, 0, "control-region", "REGION", "region that shows what is not specific, as for nvc-group"),
    OPT_TEXT(struct options, scores, 0, "scores", "NAMES", "columns of clinical scores, parted by commas, as for nvc-group"),
    OPT_TEXT(struct options, permutations, 0, "permutations", "N", "random permutations, as for nvc-group"),
    OPT_OUTPUT(struct options, lock, 0, "lock", "JSON", "*.json", "declare this analysis, or hold it to what was declared, as for nvc-group"),
    OPT_GROUP("Running"),
    OPT_INT(struct options, jobs, 'j', "jobs", "N", 1, 1024, "runs at a time (as many as there are processors)"),
    OPT_FLAG(struct options, report, 0, "report", "make a page by nvc-report: of each participant, or at group level of the cohort"),
    OPT_FLAG(struct options, force, 'f', "force", "do again what is done"),
    OPT_FLAG(struct options, dry_run, 'n', "dry-run", "print the commands, ready for a shell, and run none"),
    OPT_END
};

static const struct nvc_arg args[] = {
    { "BIDS_DIR", "derivatives folder with preprocessed images in standard space", NULL, 1, 1 },
    { "OUT", "folder for the results; made when it is not there", NULL, 1, 1 },
    { "LEVEL", "participant: every run through its chain; group: the tables of all into one", NULL, 1, 1 },
    { 0 }
};

static const char *const description[] = {
    "Analyse a cohort: for each run that BIDS_DIR holds, and each atlas, run a chain of the other commands as child processes; then, at "
    "group level, gather their tables and compare cases with controls by nvc-group. A run with a task goes through nvc-mask, nvc-extract, "
    "nvc-design, nvc-glm, nvc-coupling, nvc-habituation, nvc-null, nvc-qc; a resting run (task-rest..., or --rest) through nvc-mask, nvc-extract, "
    "nvc-activity, nvc-hrf --rest, nvc-qc. People may have both. "
    "Nothing is computed here: the results are those of the commands typed by hand, byte for byte, and each log in OUT/logs holds the "
    "commands ready to be typed.",
    "Runs are those with the ending _desc-preproc_bold.nii.gz (or plain _bold.nii.gz); events, confounds, brain mask and metadata are "
    "found by their BIDS names. Results go to OUT/sub-X/[ses-Y/]func.",
    "A run that fails, or a command that crashes, does not stop the others; failed runs are named at the end with their reason, their "
    "outputs are removed, and the exit status is 1. What is done is not done again: a run is left out when its commands, the version "
    "of nvctools, and size and time of change of its inputs and outputs are as OUT/logs says. After a crash or a kill the same "
    "command goes on where it was. Several nvc-run may work on one OUT at once, as on a cluster: each run is locked while it is at "
    "work.",
    NULL
};

static const struct nvc_example examples[] = {
    { "nvc-run . out participant --contrast 'faces_vs_shapes = face - shape' && "
      "nvc-run . out group --group group --case patient --covariates age,sex", "A case-control study from images to table:" },
    { "nvc-run . out group --case patient --covariates age,sex --exclude 'mean_fd>0.5' --primary psc.face.BLA_L "
      "--lock analysis.json", "The same with rules of exclusion and a primary index, declared beforehand:" },
    { "nvc-run . out participant --participant-label 01 --dry-run", "See what would be run:" },
    { 0 }
};
static const char *const see_also[] = { "nvc-mask(1)", "nvc-extract(1)", "nvc-design(1)", "nvc-glm(1)", "nvc-coupling(1)",
                                        "nvc-group(1)", "nvc-simulate(1)", "nvctools(7)", NULL };

/* Every participant asked for must be there: a slip of the finger must not shrink a study. */
static int check_participants(const struct options *o, const struct nvc_bids_run *runs, size_t n, const char *root,
                              struct nvc_error *err)
{
    for (size_t k = 0; k < o->participants.n; k++)
        for (const char *at = o->participants.items[k]; at;) {
            size_t length = strcspn(at, ",");
            char *label = nvc_strndup(at, length, err);
            const char *one[] = { label };
            bool found = false;
            if (!label)
                return (int)err->status;
            for (size_t i = 0; i < n && !found; i++)
                found = nvc_run_wanted((struct nvc_list) { one, 1 }, "sub-", runs[i].name.participant_id);
            if (!found)
                (void)nvc_fail(err, NVC_EDATA, "%s: no run of participant '%s'", root, label);
            free(label);
            if (!found)
                return (int)err->status;
            at = at[length] ? at + length + 1 : NULL;
        }
    return 0;
}

/* Keep the runs asked for, at the front. */
static size_t choose_runs(const struct options *o, const struct nvc_bids_run **chosen, const struct nvc_bids_run *runs, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const struct nvc_bids_name *name = &runs[i].name;
        if (nvc_run_wanted(o->participants, "sub-", name->participant_id) && nvc_run_wanted(o->sessions, "ses-", name->session) &&
            nvc_run_wanted(o->tasks, "task-", name->task) && nvc_run_wanted(o->spaces, "space-", name->space))
            chosen[kept++] = &runs[i];
    }
    return kept;
}

static struct nvc_run_wish wish_of(const struct options *o, const char *out)
{
    static const char *const regions[] = { "BLA" }, *const confounds[] = { NVC_RUN_CONFOUNDS };
    return (struct nvc_run_wish) {
        .out = out, .rest = o->rest, .rest_confounds = o->rest_confounds,
        .regions = o->regions.n ? o->regions : (struct nvc_list) { regions, 1 }, .contrasts = o->contrasts,
        .confounds = o->confounds.n ? o->confounds : (struct nvc_list) { confounds, 1 }, .pass = o->pass, .hrf = o->hrf,
        .noise = o->noise, .tr = o->tr, .event_durations = o->event_durations, .summary = o->summary, .orientation = o->orientation,
        .atlas_paths = o->atlas_paths, .high_pass_s = o->high_pass_s, .dummy_scans = o->dummy_scans, .bilateral = o->bilateral,
        .no_confounds = o->no_confounds, .no_qc = o->no_qc
    };
}

static int parse_atlases(struct nvc_run_atlas **atlases, size_t *n, struct nvc_list texts, const struct nvc_list *paths,
                         struct nvc_error *err)
{
    static const char *const builtin[] = { "builtin" };
    size_t cap = 0;
    int status = 0;
    if (!texts.n)
        texts = (struct nvc_list) { builtin, 1 };
    for (size_t i = 0; !status && i < texts.n; i++)
        for (const char *at = texts.items[i]; !status && at;)
            if (!(status = nvc_grow(atlases, &cap, *n + 1, sizeof **atlases, err)))
                status = nvc_run_atlas_parse(&(*atlases)[(*n)++], &at, paths, err);
    for (size_t i = 0; !status && i < *n; i++)
        for (size_t k = 0; !status && k < i; k++)
            if (!strcmp((*atlases)[i].name, (*atlases)[k].name))
                status = nvc_fail(err, NVC_EUSAGE, "two atlases named '%s': their files would have the same names",
                                  (*atlases)[i].name);
    for (size_t i = 0; !status && i < *n; i++)
        if (*n > 1 && !strcmp((*atlases)[i].name, "all"))
            status = nvc_fail(err, NVC_EUSAGE, "atlas 'all': the rows over all atlases have that name");
    return status;
}

static void print_plan(const struct nvc_run_task *tasks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)printf("# %s%s%s\n", tasks[i].job.name, *tasks[i].job.reason ? ": " : "", tasks[i].job.reason);
        for (size_t k = 0; k < tasks[i].job.n_commands; k++)
            (void)nvc_command_print(stdout, tasks[i].job.commands[k].argv);
    }
}

/* What several atlases say of each run, once their chains have ended. */
static int compare_atlases(const struct nvc_run_task *chains, size_t n_runs, size_t n_atlases, const struct options *o, size_t jobs,
                           const struct nvc_run_wish *wish, struct nvc_error *err)
{
    struct nvc_run_task *tasks = nvc_array(n_runs, sizeof *tasks, err);
    size_t n = 0;
    int status = tasks ? 0 : (int)err->status;
    for (size_t r = 0; !status && r < n_runs; r++)
        if (!(status = nvc_run_spread_init(&tasks[n++], &chains[r * n_atlases], n_atlases, wish, err)) && !tasks[n - 1].job.n_commands)
            nvc_run_task_forget(&tasks[--n]);
    if (!status && o->dry_run)
        print_plan(tasks, n);
    else if (!status && n)
        status = nvc_run_work(tasks, n, wish->out, jobs, "comparison of atlases", o->force, err);
    for (size_t i = 0; i < n; i++)
        nvc_run_task_release(&tasks[i]);
    free(tasks);
    return status;
}

/* A page of each participant, from all that stands in OUT of them. */
static int report_participants(const struct nvc_bids_run *const *runs, size_t n_runs, const struct options *o, size_t jobs, const char *out,
                               struct nvc_error *err)
{
    struct nvc_run_task *tasks = nvc_array(n_runs, sizeof *tasks, err);
    size_t n = 0;
    int status = tasks ? 0 : (int)err->status;
    for (size_t r = 0; !status && r < n_runs; r++) {
        const char *who = runs[r]->name.participant_id;
        bool seen = false;
        for (size_t k = 0; k < r && !seen; k++)
            seen = !strcmp(runs[k]->name.participant_id, who);
        if (!seen && !(status = nvc_run_report_init(&tasks[n++], who, out, err)) && !tasks[n - 1].job.n_commands)
            nvc_run_task_forget(&tasks[--n]);
    }
    if (!status && o->dry_run)
        print_plan(tasks, n);
    else if (!status && n)
        status = nvc_run_work(tasks, n, out, jobs, "page", o->force, err);
    for (size_t i = 0; i < n; i++)
        nvc_run_task_release(&tasks[i]);
    free(tasks);
    return status;
}

static int work_on(const struct nvc_bids_run *const *runs, size_t n_runs, const struct nvc_run_atlas *atlases, size_t n_atlases,
                   const struct options *o, const char *out, struct nvc_error *err)
{
    struct nvc_run_wish wish = wish_of(o, out);
    size_t n = 0;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = (size_t)(o->jobs != NVC_NO_INT ? o->jobs : processors > 0 ? (int)processors : 1);
    struct nvc_run_task *tasks = nvc_array(n_runs * n_atlases, sizeof *tasks, err);
    int status = tasks ? 0 : (int)err->status;
    for (size_t r = 0; !status && r < n_runs; r++)
        for (size_t a = 0; !status && a < n_atlases; a++)
            status = nvc_run_task_init(&tasks[n++], runs[r], &atlases[a], &wish, err);
    if (!status && o->dry_run)
        print_plan(tasks, n);
    else if (!status)
        status = nvc_run_work(tasks, n, out, jobs, "run", o->force, err);
    /* A run that failed stops no other. */
    struct nvc_error later;
    int other = n_atlases > 1 && (!status || status == NVC_EDATA) ? compare_atlases(tasks, n_runs, n_atlases, o, jobs, &wish, &later) : 0;
    if (o->report && !other && (!status || status == NVC_EDATA))
        other = report_participants(runs, n_runs, o, jobs, out, &later);
    if (other && !status) {
        *err = later;
        status = other;
    }
    for (size_t i = 0; i < n; i++)
        nvc_run_task_release(&tasks[i]);
    free(tasks);
    return status;
}

static int participant_level(const struct options *o, const char *root, const char *out, struct nvc_error *err)
{
    struct nvc_bids_run *runs = NULL;
    struct nvc_run_atlas *atlases = NULL;
    size_t n_runs = 0, n_atlases = 0;
    int status = parse_atlases(&atlases, &n_atlases, o->atlases, &o->atlas_paths, err);
    if (!status)
        status = nvc_bids_find_runs(&runs, &n_runs, root, &(struct nvc_bids_filter) { 0 }, err);
    if (!status)
        status = check_participants(o, runs, n_runs, root, err);
    const struct nvc_bids_run **chosen = status ? NULL : nvc_array(n_runs, sizeof(const struct nvc_bids_run *), err);
    size_t n = chosen ? choose_runs(o, chosen, runs, n_runs) : 0;
    if (!status && !chosen)
        status = (int)err->status;
    else if (!status && !n_runs)
        status = nvc_fail(err, NVC_EDATA, "%s: no sub-*_bold.nii.gz in a func folder; a BIDS derivatives folder is wanted", root);
    else if (!status && !n)
        status = nvc_fail(err, NVC_EDATA, "%s: none of the %zu runs found is one that was asked for", root, n_runs);
    if (!status)
        status = work_on(chosen, n, atlases, n_atlases, o, out, err);
    free(chosen);
    for (size_t i = 0; i < n_atlases; i++)
        nvc_run_atlas_release(&atlases[i]);
    free(atlases);
    nvc_bids_runs_free(runs, n_runs);
    return status;
}

/* Absolute, so that logs hold commands that can be typed anywhere. */
static int absolute(char **path, const char *given, struct nvc_error *err)
{
    *path = realpath(given, NULL);
    return *path ? 0 : nvc_fail(err, NVC_ESYS, "%s: %s", given, strerror(errno));
}

static int prepare(char **root, char **out, char **arg, bool dry, struct nvc_error *err)
{
    bool participant = !strcmp(arg[2], "participant");
    if (!participant && strcmp(arg[2], "group"))
        return nvc_fail(err, NVC_EUSAGE, "level '%s': wanted participant or group", arg[2]);
    int status = absolute(root, arg[0], err);
    if (!status && participant && !dry) {
        char *logs = nvc_sprintf(err, "%s/logs", arg[1]);
        status = logs ? nvc_make_folders(logs, err) : NVC_ESYS;
        free(logs);
    }
    if (status)
        return status;
    if (dry && access(arg[1], F_OK)) { /* nothing is made, not even the folder */
        *out = nvc_strdup(arg[1], err);
        return *out ? 0 : NVC_ESYS;
    }
    if (!participant && access(arg[1], F_OK))
        return nvc_fail(err, NVC_ESYS, "%s: there are no results yet; run the participant level first", arg[1]);
    status = absolute(out, arg[1], err);
    return status || !participant || dry ? status : nvc_run_describe(*out, err);
}

static int run(const void *options, char **arg, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    char *root = NULL, *out = NULL;
    (void)n_args;
    int status = nvc_run_pass_check(o->pass, err);
    if (!status && o->no_confounds && o->rest_confounds.n)
        status = nvc_fail(err, NVC_EUSAGE, "--no-confounds and --rest-confounds: say one of them");
    if (!status)
        status = prepare(&root, &out, arg, o->dry_run, err);
    if (!status && !strcmp(arg[2], "participant"))
        status = participant_level(o, root, out, err);
    else if (!status)
        status = nvc_run_group(&(struct nvc_run_group_wish) {
            .root = root, .out = out, .participants_tsv = o->participants_tsv, .group = o->group, .case_label = o->case_label,
            .control_label = o->control_label, .runs = o->runs, .covariates = o->covariates, .site = o->site,
            .primary = o->primary, .permutations = o->permutations, .scores = o->scores, .lock = o->lock,
            .exclude = o->exclude, .control_regions = o->control_regions, .only = o->participants,
            .pass = o->pass, .dry_run = o->dry_run, .report = o->report }, err);
    free(root);
    free(out);
    return status;
}

static const struct nvc_cmd nvc_run_cmd = {
    .name = "nvc-run", .summary = "analyse a cohort, from images to a case-control table", .description = description,
    .args = args, .opts = opts, .examples = examples, .see_also = see_also, .defaults = &defaults,
    .size = sizeof defaults, .run = run
};

int main(int argc, char **argv)
{
    return nvc_main(&nvc_run_cmd, argc, argv);
}
