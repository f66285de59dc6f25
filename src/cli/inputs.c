#include "cli/cmd.h"

#include "cli/option.h"

#include <stdio.h>
#include <string.h>
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
