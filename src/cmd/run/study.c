#include "cmd/run/study.h"

#include "base/memory.h"
#include "cmd/run/report.h"
#include "cmd/run/work.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plan {
    struct nvc_run_task *tasks;
    size_t n;
};

static int plan_init(struct plan *p, size_t most, struct nvc_error *err)
{
    p->tasks = nvc_array(most, sizeof *p->tasks, err);
    return p->tasks ? 0 : NVC_ESYS;
}

static void plan_release(struct plan *p)
{
    for (size_t i = 0; i < p->n; i++)
        nvc_run_task_release(&p->tasks[i]);
    free(p->tasks);
}

/* The last task cannot be done, and that is no failure: a chain that it needs has failed, or there is nothing to show. */
static void drop_idle(struct plan *p, bool dry_run)
{
    struct nvc_run_task *last = &p->tasks[p->n - 1];
    if (last->job.n_commands)
        return;
    p->n--;
    (dry_run ? nvc_run_task_release : nvc_run_task_forget)(last);
}

static void print_plan(const struct plan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct nvc_job *job = &p->tasks[i].job;
        (void)printf("# %s%s%s\n", job->name, *job->reason ? ": " : "", job->reason);
        for (size_t k = 0; k < job->n_commands; k++)
            (void)nvc_command_print(stdout, job->commands[k].argv);
    }
}

/* one, many: the words for tasks. */
static int carry_out(const struct plan *p, const struct nvc_run_study *s, const char *one, const char *many, struct nvc_error *err)
{
    if (s->dry_run) {
        print_plan(p);
        return 0;
    }
    return p->n ? nvc_run_work(p->tasks, p->n, s->wish->out, s->n_parallel, p->n == 1 ? one : many, s->force, err) : 0;
}

/* Resting runs with the flow of their session, in each atlas. */
static int couple(const struct nvc_run_study *s, const struct nvc_run_task *chains, const struct nvc_run_pair *pairs, struct nvc_error *err)
{
    struct plan p = { 0 };
    int status = plan_init(&p, s->n_runs * s->n_atlases, err);
    for (size_t r = 0; r < s->n_runs; r++)
        for (size_t a = 0; !status && a < s->n_atlases && pairs[r].flow != SIZE_MAX; a++) {
            const struct nvc_run_task *flow = &chains[pairs[r].flow * s->n_atlases + a];
            status = nvc_run_couple_init(&p.tasks[p.n++], &chains[r * s->n_atlases + a], flow, &pairs[r], s->wish, err);
            drop_idle(&p, s->dry_run);
        }
    if (!status)
        status = carry_out(&p, s, "pair of flow and activity", "pairs of flow and activity", err);
    plan_release(&p);
    return status;
}

/* What several atlases say of each run, once their chains have ended. */
static int compare_atlases(const struct nvc_run_study *s, const struct nvc_run_task *chains, const struct nvc_run_pair *pairs, struct nvc_error *err)
{
    struct plan p = { 0 };
    int status = plan_init(&p, s->n_runs, err);
    (void)pairs;
    for (size_t r = 0; !status && s->n_atlases > 1 && r < s->n_runs; r++) {
        status = nvc_run_spread_init(&p.tasks[p.n++], &chains[r * s->n_atlases], s->n_atlases, s->wish, err);
        drop_idle(&p, s->dry_run);
    }
    if (!status)
        status = carry_out(&p, s, "comparison of atlases", "comparisons of atlases", err);
    plan_release(&p);
    return status;
}

/* A page of each participant, from all that stands in OUT of them. */
static int report(const struct nvc_run_study *s, const struct nvc_run_task *chains, const struct nvc_run_pair *pairs, struct nvc_error *err)
{
    struct plan p = { 0 };
    int status = plan_init(&p, s->n_runs, err);
    (void)chains, (void)pairs;
    for (size_t r = 0; !status && s->report && r < s->n_runs; r++) {
        const char *who = s->runs[r]->name.participant_id;
        bool seen = false;
        for (size_t k = 0; k < r && !seen; k++)
            seen = !strcmp(s->runs[k]->name.participant_id, who);
        if (seen)
            continue;
        status = nvc_run_report_init(&p.tasks[p.n++], who, s->wish->out, err);
        drop_idle(&p, s->dry_run);
    }
    if (!status)
        status = carry_out(&p, s, "page", "pages", err);
    plan_release(&p);
    return status;
}

int nvc_run_study(const struct nvc_run_study *s, struct nvc_error *err)
{
    int (*const stages[])(const struct nvc_run_study *, const struct nvc_run_task *, const struct nvc_run_pair *, struct nvc_error *) = {
        couple, compare_atlases, report
    };
    struct nvc_run_pair *pairs = nvc_array(s->n_runs, sizeof *pairs, err);
    struct plan chains = { 0 };
    int status = pairs ? plan_init(&chains, s->n_runs * s->n_atlases, err) : NVC_ESYS;
    if (!status)
        status = nvc_run_pair_all(pairs, s->runs, s->n_runs, s->wish, err);
    for (size_t r = 0; !status && r < s->n_runs; r++)
        for (size_t a = 0; !status && a < s->n_atlases; a++)
            status = nvc_run_task_init(&chains.tasks[chains.n++], s->runs[r], &pairs[r], &s->atlases[a], s->wish, err);
    if (!status)
        status = carry_out(&chains, s, "run", "runs", err);
    /* A run that failed stops no other; of several failures the first is told. */
    for (size_t k = 0; k < sizeof stages / sizeof *stages && (!status || status == NVC_EDATA); k++) {
        struct nvc_error later;
        const int other = stages[k](s, chains.tasks, pairs, &later);
        if (other && (!status || other != NVC_EDATA)) {
            *err = later;
            status = other;
        }
    }
    for (size_t r = 0; pairs && r < s->n_runs; r++)
        free(pairs[r].grey);
    free(pairs);
    plan_release(&chains);
    return status;
}
