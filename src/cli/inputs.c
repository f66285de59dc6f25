#define _GNU_SOURCE /* FNM_CASEFOLD */
#include "cli/cmd.h"

#include "cli/option.h"
#include "io/sink.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct claim { /* who reads standard input, in the order of the table */
    const char *who[2];
    int n;
};

static void claim(struct claim *c, const char *dashes, const char *name, const char *value, char room[static 64])
{
    if (!value || strcmp(value, "-") || c->n == 2)
        return;
    (void)snprintf(room, 64, "%s%s", dashes, name);
    c->who[c->n++] = room;
}

static void claim_all(struct claim *c, const struct nvc_cmd *cmd, const void *opts, char **args, int n_args,
                      char room[static 2][64])
{
    const struct nvc_arg *a = cmd->args;
    for (const struct nvc_opt *o = cmd->opts; o && o->type != NVC_OPT_END; o++) {
        const void *at = (const char *)opts + o->offset;
        if (nvc_opt_is_input(o) && o->type == NVC_OPT_INPUT)
            claim(c, "--", o->name, *(const char *const *)at, room[c->n % 2]);
        else if (nvc_opt_is_input(o))
            for (size_t i = 0; i < ((const struct nvc_list *)at)->n; i++)
                claim(c, "--", o->name, ((const struct nvc_list *)at)->items[i], room[c->n % 2]);
    }
    for (int i = 0, k = 0; i < n_args && a && a->name; i++) {
        if (a->glob)
            claim(c, "", a->name, args[i], room[c->n % 2]);
        if (a->max >= 0 && ++k == a->max)
            a++, k = 0;
    }
}

int nvc_opt_check_inputs(const struct nvc_cmd *cmd, const void *opts, char **args, int n_args, struct nvc_error *err)
{
    char room[2][64];
    struct claim c = { .n = 0 };
    claim_all(&c, cmd, opts, args, n_args, room);
    if (c.n < 2)
        return 0;
    return nvc_fail(err, NVC_EUSAGE, "%s and %s both read standard input; name a file for one of them", c.who[0],
                    c.who[1]);
}

/* One file: the same path, or two of one regular file. */
static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    if (!strcmp(a, "-") || !strcmp(b, "-"))
        return false;
    if (stat(a, &x) || stat(b, &y))
        return !strcmp(a, b);
    return S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool fits(const char *globs, const char *path)
{
    char word[32];
    for (const char *p = globs; *p; p += strspn(p, " ")) {
        const size_t n = strcspn(p, " ");
        (void)snprintf(word, sizeof word, "%.*s", (int)n, p);
        if (!fnmatch(word, path, FNM_CASEFOLD))
            return true;
        p += n;
    }
    return false;
}

static int refuse_same(const struct nvc_opt *output, const char *path, const char *dashes, const char *name, const char *other, struct nvc_error *err)
{
    if (!other || !same_file(path, other))
        return 0;
    return nvc_fail(err, NVC_EUSAGE, "--%s would write over %s%s, %s; give it another name", output->name, dashes, name, other);
}

/* A picture says by its name which kind it is to be, and no table is called like a picture. */
static int check_ending(const struct nvc_opt *output, const char *path, struct nvc_error *err)
{
    static const char *const kinds[] = { ".png", ".svg", ".pdf", ".nii", ".nii.gz", ".tsv", ".html" };
    bool picture = output->glob && strstr(output->glob, "*.png"), other = picture;
    if (!output->glob || !strcmp(path, "-") || fits(output->glob, path))
        return 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        other = other || nvc_has_suffix(path, kinds[i]);
    if (!other)
        return 0;
    return nvc_fail(err, NVC_EUSAGE, picture ? "--%s %s: the kind of picture is told by its name: .png, .svg or .pdf"
                                             : "--%s %s: this is the name of another kind of file; wanted is %s", output->name, path, output->glob);
}

/* What this output would write over: an input, or an output that stands before it in the table.  Where any number of files
 * may stand, one that is no input by its name is no matter: the page of nvc-report among all files of its folder. */
static int check_output(const struct nvc_cmd *cmd, const struct nvc_opt *output, const void *opts, char **args, int n_args, struct nvc_error *err)
{
    const char *path = *(const char *const *)((const char *)opts + output->offset);
    const struct nvc_arg *a = cmd->args;
    bool before = true;
    int status = 0;
    for (const struct nvc_opt *o = cmd->opts; path && o->type != NVC_OPT_END && !status; o++) {
        const void *at = (const char *)opts + o->offset;
        before = before && o != output;
        if (o->type == NVC_OPT_INPUT || (o->type == NVC_OPT_OUTPUT && before))
            status = refuse_same(output, path, "--", o->name, *(const char *const *)at, err);
        else if (nvc_opt_is_input(o))
            for (size_t i = 0; i < ((const struct nvc_list *)at)->n && !status; i++)
                status = refuse_same(output, path, "--", o->name, ((const struct nvc_list *)at)->items[i], err);
    }
    for (int i = 0, k = 0; path && i < n_args && a && a->name && !status; i++) {
        if (a->glob && (a->max >= 0 || fits(a->glob, args[i])))
            status = refuse_same(output, path, "", a->name, args[i], err);
        if (a->max >= 0 && ++k == a->max)
            a++, k = 0;
    }
    return status;
}

int nvc_opt_check_outputs(const struct nvc_cmd *cmd, const void *opts, char **args, int n_args, struct nvc_error *err)
{
    int status = 0;
    for (const struct nvc_opt *o = cmd->opts; o && o->type != NVC_OPT_END && !status; o++) {
        const char *path = o->type == NVC_OPT_OUTPUT ? *(const char *const *)((const char *)opts + o->offset) : NULL;
        if (!path)
            continue;
        status = check_output(cmd, o, opts, args, n_args, err);
        status = status ? status : check_ending(o, path, err);
        status = status ? status : nvc_sink_check(path, err);
    }
    return status;
}

int nvc_opt_check_terminal(const struct nvc_cmd *cmd, const void *opts, char **args, int n_args, struct nvc_error *err)
{
    char room[2][64];
    struct claim c = { .n = 0 };
    claim_all(&c, cmd, opts, args, n_args, room);
    if (c.n && isatty(STDIN_FILENO))
        return nvc_fail(err, NVC_EUSAGE,
                        "%s would be read from standard input, which is a terminal; name a file or pipe one in; "
                        "see %s --help", c.who[0], cmd->name);
    for (const struct nvc_opt *o = cmd->opts; o && o->type != NVC_OPT_END; o++) {
        if (o->type != NVC_OPT_OUTPUT || !o->glob || !strstr(o->glob, "nii"))
            continue;
        const char *path = *(const char *const *)((const char *)opts + o->offset);
        if (path && !strcmp(path, "-") && isatty(STDOUT_FILENO))
            return nvc_fail(err, NVC_EUSAGE,
                            "an image would be written to the terminal; give --%s a file, or pipe it on", o->name);
    }
    return 0;
}
