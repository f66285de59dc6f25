#include "io/bids_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Entities that say how an image was processed, not which run it is. */
static const char *const processing[] = { "space-", "cohort-", "res-", "den-", "desc-", NULL };
static const char *const only_desc[] = { "desc-", NULL };

static bool begins_with_one_of(const char *piece, const char *const *keys)
{
    for (; *keys; keys++)
        if (nvc_has_prefix(piece, *keys))
            return true;
    return false;
}

char *bids_sibling(const char *stem, const char *const *drop, const char *tail, struct nvc_error *err)
{
    struct nvc_text out = { 0 };
    const char *slash = strrchr(stem, '/'), *piece = slash ? slash + 1 : stem, *under;
    int status = nvc_text_add(&out, stem, (size_t)(piece - stem), err);
    for (size_t kept = 0; !status && (under = strchr(piece, '_')); piece = under + 1)
        if (!begins_with_one_of(piece, drop)) {
            const char *from = kept++ ? piece - 1 : piece; /* with the '_' before it */
            status = nvc_text_add(&out, from, (size_t)(under - from), err);
        }
    if (!status)
        status = nvc_text_puts(&out, tail, err);
    if (status)
        nvc_text_release(&out);
    return out.data;
}

/* A dangling link counts: reading it says that its content is missing. */
static bool exists(const char *path)
{
    struct stat st;
    return !lstat(path, &st);
}

int bids_find_sibling(char **to, const char *stem, const char *const *drop, const char *tail, struct nvc_error *err)
{
    if (*to)
        return 0;
    char *path = bids_sibling(stem, drop, tail, err);
    if (!path)
        return NVC_ESYS;
    if (exists(path))
        *to = path;
    else
        free(path);
    return 0;
}

void bids_folder_release(struct bids_folder *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->entries[i]);
    free(f->entries);
    *f = (struct bids_folder){ 0 };
}

static int bytewise(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int bids_folder_read(struct bids_folder *f, const char *path, struct nvc_error *err)
{
    *f = (struct bids_folder){ 0 };
    int n = scandir(path, &f->entries, NULL, bytewise);
    if (n < 0 && errno != ENOENT && errno != ENOTDIR)
        return nvc_fail(err, NVC_ESYS, "%s: cannot read the folder: %s", path, strerror(errno));
    f->n = n < 0 ? 0 : (size_t)n;
    return 0;
}

/* Is every piece of `name` before its suffix also one of `key`, the name of a run? */
static bool applies(const char *name, const char *key)
{
    for (const char *under; (under = strchr(name, '_')); name = under + 1) {
        size_t n = (size_t)(under - name);
        const char *piece = key;
        while (piece && (strncmp(piece, name, n) || (piece[n] != '_' && piece[n])))
            piece = (piece = strchr(piece, '_')) ? piece + 1 : NULL;
        if (!piece)
            return false;
    }
    return true;
}

/* The events table of a folder that applies to the run and says most about it. */
static int events_in(char **path, const char *folder, const char *key, struct nvc_error *err)
{
    struct bids_folder f;
    const char *best = NULL;
    int status = bids_folder_read(&f, folder, err);
    for (size_t i = 0; i < f.n; i++) {
        const char *name = f.entries[i]->d_name;
        if (nvc_has_suffix(name, "_events.tsv") && applies(name, key) && (!best || strlen(name) > strlen(best)))
            best = name;
    }
    if (best && !(*path = nvc_sprintf(err, "%s/%s", folder, best)))
        status = NVC_ESYS;
    bids_folder_release(&f);
    return status;
}

int nvc_bids_find_events(char **path, const char *root, const char *bold, struct nvc_error *err)
{
    struct nvc_bids_name name;
    const char *slash = strrchr(bold, '/');
    *path = NULL;
    int status = nvc_bids_parse(&name, bold, err);
    if (status)
        return status;
    char *stem = nvc_bids_stem(slash ? slash + 1 : bold, err);
    char *key = stem ? bids_sibling(stem, processing, "", err) : NULL;
    bool session = strcmp(name.session, "n/a");
    char *folder = key ? nvc_sprintf(err, "%s/%s%s%s/func", root, name.participant_id, session ? "/ses-" : "",
                                     session ? name.session : "") : NULL;
    status = folder ? 0 : NVC_ESYS;
    for (size_t least = strlen(root); !status && !*path;) {
        status = events_in(path, folder, key, err);
        char *end = strrchr(folder, '/');
        if (!end || (size_t)(end - folder) < least)
            break;
        *end = '\0';
    }
    free(folder);
    free(key);
    free(stem);
    return status;
}

struct search {
    struct nvc_bids_run *runs;
    size_t n, cap;
    const char *root;
    const struct nvc_bids_filter *filter;
    struct nvc_error *err;
    bool perfusion;          /* in perf, else in func */
};

static bool passes(const char *wanted, const char *prefix, const char *value)
{
    if (!wanted)
        return true;
    if (nvc_has_prefix(wanted, prefix))
        wanted += strlen(prefix);
    if (nvc_has_prefix(value, prefix))
        value += strlen(prefix);
    return !strcmp(wanted, value);
}

static bool is_wanted(const struct nvc_bids_filter *f, const struct nvc_bids_name *name)
{
    return !f || (passes(f->participant, "sub-", name->participant_id) && passes(f->session, "ses-", name->session) &&
                  passes(f->task, "task-", name->task) && passes(f->run, "run-", name->run) &&
                  passes(f->space, "space-", name->space));
}

static void run_release(struct nvc_bids_run *r)
{
    free(r->bold);
    free(r->events);
    free(r->confounds);
    free(r->brain_mask);
    free(r->sidecar);
    free(r->context);
    free(r->m0);
}

void nvc_bids_runs_free(struct nvc_bids_run *runs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        run_release(&runs[i]);
    free(runs);
}

static int find_parts(struct nvc_bids_run *run, const char *root, struct nvc_error *err)
{
    static const char *const nothing[] = { NULL };
    char *stem = nvc_bids_stem(run->bold, err);
    int status = stem ? nvc_bids_find_events(&run->events, root, run->bold, err) : NVC_ESYS;
    if (!status)
        status = bids_find_sibling(&run->confounds, stem, processing, "_desc-confounds_timeseries.tsv", err);
    if (!status)
        status = bids_find_sibling(&run->confounds, stem, processing, "_desc-confounds_regressors.tsv", err);
    if (!status)
        status = bids_find_sibling(&run->brain_mask, stem, only_desc, "_desc-brain_mask.nii.gz", err);
    if (!status)
        status = bids_find_sibling(&run->brain_mask, stem, only_desc, "_desc-brain_mask.nii", err);
    if (!status)
        status = bids_find_sibling(&run->sidecar, stem, nothing, "_bold.json", err);
    free(stem);
    return status;
}

static bool is_bold(const char *name)
{
    bool image = nvc_has_suffix(name, "_bold.nii.gz") || nvc_has_suffix(name, "_bold.nii");
    return image && nvc_has_prefix(name, "sub-") && !strstr(name, "_echo-") && !strstr(name, "_part-");
}

/* A _bold without desc- stands for its run unless a desc-preproc one has all its entities. */
static bool has_preproc(const struct bids_folder *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++) {
        const char *that = f->entries[i]->d_name;
        if (is_bold(that) && strstr(that, "_desc-preproc_") && applies(name, that))
            return true;
    }
    return false;
}

static int add_run(struct search *s, const char *folder, const char *file)
{
    struct nvc_bids_run run = { 0 };
    int status = nvc_bids_parse(&run.name, file, s->err);
    if (status)
        return nvc_fail_in(s->err, "%s/%s", folder, file);
    if (!is_wanted(s->filter, &run.name))
        return 0;
    status = nvc_grow(&s->runs, &s->cap, s->n + 1, sizeof *s->runs, s->err);
    if (!status && !(run.bold = nvc_sprintf(s->err, "%s/%s", folder, file)))
        status = NVC_ESYS;
    if (!status)
        status = s->perfusion ? bids_perfusion_parts(&run, s->err) : find_parts(&run, s->root, s->err);
    if (status)
        run_release(&run);
    else
        s->runs[s->n++] = run;
    return status;
}

static int search_perf(struct search *s, const char *folder)
{
    struct bids_folder f;
    int status = bids_folder_read(&f, folder, s->err);
    for (size_t i = 0; i < f.n && !status; i++) {
        bool outdone;
        if (!(status = bids_is_outdone(&outdone, &f, f.entries[i]->d_name, s->err)) && !outdone)
            status = add_run(s, folder, f.entries[i]->d_name);
    }
    bids_folder_release(&f);
    return status;
}

static int search_func(struct search *s, const char *folder)
{
    struct bids_folder f;
    int status = bids_folder_read(&f, folder, s->err);
    for (size_t i = 0; i < f.n && !status; i++) {
        const char *name = f.entries[i]->d_name;
        if (is_bold(name) && (strstr(name, "_desc-preproc_") || (!strstr(name, "_desc-") && !has_preproc(&f, name))))
            status = add_run(s, folder, name);
    }
    bids_folder_release(&f);
    return status;
}

/* Level 0 holds sub-*, 1 holds ses-* and func, 2 holds func: a loop of links cannot lead further. */
static int search_level(struct search *s, const char *path, int level)
{
    struct bids_folder f;
    int status = bids_folder_read(&f, path, s->err);
    for (size_t i = 0; i < f.n && !status; i++) {
        const char *name = f.entries[i]->d_name;
        bool func = level > 0 && !strcmp(name, s->perfusion ? "perf" : "func");
        bool below = level < 2 && nvc_has_prefix(name, level ? "ses-" : "sub-");
        if (level == 0 && s->filter)
            below = below && passes(s->filter->participant, "sub-", name);
        if (!func && !below)
            continue;
        char *child = nvc_sprintf(s->err, "%s/%s", path, name);
        status = !child ? NVC_ESYS : func ? (s->perfusion ? search_perf : search_func)(s, child) : search_level(s, child, level + 1);
        free(child);
    }
    bids_folder_release(&f);
    return status;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct nvc_bids_run *)a)->bold, ((const struct nvc_bids_run *)b)->bold);
}

static int find(struct nvc_bids_run **runs, size_t *n, const char *root, const struct nvc_bids_filter *filter, bool perfusion, struct nvc_error *err)
{
    struct search s = { .root = root, .filter = filter, .err = err, .perfusion = perfusion };
    struct stat st;
    *runs = NULL;
    *n = 0;
    if (stat(root, &st))
        return nvc_fail(err, NVC_ESYS, "%s: cannot open the folder: %s", root, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return nvc_fail(err, NVC_EDATA, "%s: is not a folder; wanted the root of a BIDS derivatives dataset", root);
    int status = search_level(&s, root, 0);
    if (!status && s.n)
        qsort(s.runs, s.n, sizeof *s.runs, by_path);
    for (size_t i = 1; i < s.n && !status; i++)
        if (nvc_has_prefix(s.runs[i].bold, s.runs[i - 1].bold))
            status = nvc_fail(err, NVC_EDATA, "%s: stands beside %s; remove one of the two", s.runs[i].bold,
                              s.runs[i - 1].bold);
    if (status) {
        nvc_bids_runs_free(s.runs, s.n);
        return status;
    }
    *runs = s.runs;
    *n = s.n;
    return 0;
}

int nvc_bids_find_runs(struct nvc_bids_run **runs, size_t *n, const char *root, const struct nvc_bids_filter *filter,
                       struct nvc_error *err)
{
    return find(runs, n, root, filter, false, err);
}

int nvc_bids_find_perfusion(struct nvc_bids_run **runs, size_t *n, const char *root, const struct nvc_bids_filter *filter,
                            struct nvc_error *err)
{
    return find(runs, n, root, filter, true, err);
}
