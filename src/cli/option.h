/* Questions that the parser, the check and the documents ask of an option table. */
#ifndef NVC_CLI_OPTION_H
#define NVC_CLI_OPTION_H

#include "base/text.h"
#include "cli/cmd.h"

#include <stdbool.h>

enum { NVC_MAX_OPTS = 128 };

/* The command's options, then the common ones, without groups; returns how many, *n_own: of the
 * command.  At most NVC_MAX_OPTS (nvc_cmd_check sees to it). */
size_t nvc_table_flatten(const struct nvc_cmd *cmd, const struct nvc_opt *table[static NVC_MAX_OPTS], size_t *n_own);

/* Whether the option names input files. */
bool nvc_opt_is_input(const struct nvc_opt *o);

/* What an INT or REAL accepts: "from 1 to 64", "from 0 s up", "above 0 to 100 s"; nothing added when any. */
int nvc_opt_range(const struct nvc_opt *o, struct nvc_text *out, struct nvc_error *err) NVC_CHECKED;

/* The default as the user would write it, or nothing added when it is absent (or a flag). */
int nvc_opt_default(const struct nvc_opt *o, const void *defaults, struct nvc_text *out,
                    struct nvc_error *err) NVC_CHECKED;

/* What else there is to say of an option, in brackets after its help: " (one of a, b; default: a)". */
int nvc_opt_remarks(const struct nvc_cmd *cmd, const struct nvc_opt *o, const void *defaults, struct nvc_text *out,
                    struct nvc_error *err) NVC_CHECKED;

/* "nvc-glm [OPTION]... --design=TSV [SERIES]" */
int nvc_cmd_synopsis(const struct nvc_cmd *cmd, struct nvc_text *out, struct nvc_error *err) NVC_CHECKED;

/* A command line as a shell reads it, in lines of at most `width` columns that end in a backslash and go on
 * two blanks further in; it is never broken inside quotes. */
int nvc_example_wrap(const char *command, size_t width, struct nvc_text *out, struct nvc_error *err) NVC_CHECKED;

/* What the exit statuses mean; ends with a NULL meaning. */
struct nvc_exit_meaning {
    int status;
    const char *meaning;
};
extern const struct nvc_exit_meaning nvc_exit_meanings[];

/* NVC_EUSAGE when two inputs are standard input. */
int nvc_opt_check_inputs(const struct nvc_cmd *cmd, const void *opts, char **args, int n_args,
                         struct nvc_error *err) NVC_CHECKED;

/* NVC_EUSAGE when an output is the file of an input or of another output, or is called like another kind of file; NVC_ESYS when it
 * cannot be written: before anything is computed, so that of several outputs there are all or none. */
int nvc_opt_check_outputs(const struct nvc_cmd *cmd, const void *opts, char **args, int n_args,
                          struct nvc_error *err) NVC_CHECKED;

#endif
