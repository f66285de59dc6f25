#include "cmd/run/step.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

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
    int status = paths ? run_name_chain(task, "all", wish, err) : NVC_ESYS;
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

/* Files of two chains that a coupling takes. */
enum {
    REST_ROWS, FLOW_ROWS, REGION_MASK, FLOW_MAP, ODD, EVEN, ACTIVITY, N_ACTIVITY = 6, PAIRS = ACTIVITY + N_ACTIVITY, N_PATHS = PAIRS + N_ACTIVITY
};

static int list_paths(char *paths[N_PATHS], const struct nvc_run_task *rest, const struct nvc_run_task *flow, struct nvc_error *err)
{
    const struct { const struct nvc_run_task *task; enum run_value made; } from[N_PATHS] = {
        [REST_ROWS] = { rest, RUN_ACTIVITY }, [FLOW_ROWS] = { flow, RUN_FLOW }, [REGION_MASK] = { rest, RUN_MASK },
        [FLOW_MAP] = { flow, RUN_FLOW_MAP }, [ODD] = { flow, RUN_ODD_MAP }, [EVEN] = { flow, RUN_EVEN_MAP },
        [ACTIVITY] = { rest, RUN_ALFF_MAP }, { rest, RUN_REHO_MAP }, { rest, RUN_ALFF_FIRST }, { rest, RUN_ALFF_SECOND },
        { rest, RUN_REHO_FIRST }, { rest, RUN_REHO_SECOND }
    };
    static const char *const names[N_ACTIVITY] = { "alff", "reho", "alff", "alff", "reho", "reho" };
    for (int k = 0; k < N_PATHS; k++)
        if (from[k].task && !(paths[k] = run_output_path(from[k].task, from[k].made, err)))
            return NVC_ESYS;
    for (int k = 0; k < N_ACTIVITY; k++)
        if (!(paths[PAIRS + k] = nvc_sprintf(err, "%s=%s", names[k], paths[ACTIVITY + k])))
            return NVC_ESYS;
    return 0;
}

static void take_paths(struct run_values *v, char *paths[N_PATHS], const struct nvc_run_task *flow, bool one_grid)
{
    run_set_all(v, RUN_TABLES, paths + REST_ROWS, 2);
    if (!one_grid)
        return;
    run_set(v, RUN_REGION_MASK, paths[REGION_MASK]);
    run_set(v, RUN_MAPS, paths[FLOW_MAP]);
    run_set_all(v, RUN_MAP_PAIRS, paths + PAIRS, 2);
    run_set_all(v, RUN_HALF_PAIRS, paths + PAIRS + 2, N_ACTIVITY - 2);
    run_set_all(v, RUN_FLOW_HALVES, paths + ODD, strcmp(flow->run->name.suffix, "cbf") ? 2 : 0);
}

/* The table goes with the others of the resting run, the log and the stamp have a name of their own. */
static int name_couple(struct nvc_run_task *task, const struct nvc_run_task *rest, const struct nvc_run_wish *wish, struct nvc_error *err)
{
    char *name = nvc_sprintf(err, "%s_flow", rest->job.name), *folder = nvc_strdup(rest->folder, err);
    const int status = run_name(task, name, folder, wish->out, err);
    free(task->prefix);
    task->prefix = nvc_strdup(rest->prefix, err);
    return task->prefix ? status : NVC_ESYS;
}

int nvc_run_couple_init(struct nvc_run_task *task, const struct nvc_run_task *rest, const struct nvc_run_task *flow, const struct nvc_run_pair *pair,
                        const struct nvc_run_wish *wish, struct nvc_error *err)
{
    const char *slash = strrchr(rest->run->bold, '/'), *missing = rest->job.status || flow->job.status ? "a chain failed" : NULL;
    struct run_values v = { 0 };
    char *paths[N_PATHS] = { 0 };
    *task = (struct nvc_run_task) { .run = rest->run, .chain = &run_couple_chain };
    int status = name_couple(task, rest, wish, err);
    if (!status)
        status = list_paths(paths, rest, flow, err);
    run_take_run(&v, rest->run, pair);
    run_take_wish(&v, wish, true);
    run_set(&v, RUN_FLOW_IMAGE, flow->run->bold);
    run_set(&v, RUN_FLOW_BRAIN, flow->run->brain_mask);
    run_set(&v, RUN_IS_MAP, strcmp(flow->run->name.suffix, "cbf") ? NULL : "");
    run_set(&v, RUN_NAME, slash ? slash + 1 : rest->run->bold);
    run_set(&v, RUN_GREY, pair->one_grid ? pair->grey : NULL);
    run_set(&v, RUN_TOGETHER, wish->parcels && pair->one_grid ? "" : NULL);
    run_set(&v, RUN_APART, wish->parcels && !pair->one_grid ? "" : NULL);
    take_paths(&v, paths, flow, pair->one_grid);
    if (!status)
        status = run_build(task, &run_couple_chain, &v, missing, err);
    for (int k = 0; k < N_PATHS; k++)
        free(paths[k]);
    return status;
}
