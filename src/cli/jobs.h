/* A queue of jobs, each a chain of commands run one after the other as child processes, several jobs at a
 * time.  A command that fails or dies ends its own job and no other. */
#ifndef NVC_CLI_JOBS_H
#define NVC_CLI_JOBS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct nvc_command {
    char **argv;             /* argv[0] is a name such as "nvc-glm", found beside this program; ends with NULL */
    size_t n, cap;
};
/* One more word, formatted. */
int nvc_command_add(struct nvc_command *c, struct nvc_error *err, const char *fmt, ...) NVC_PRINTF(3, 4) NVC_CHECKED;
void nvc_command_release(struct nvc_command *c);

struct nvc_job {
    char *name;              /* for messages */
    char *log;               /* commands, what they say and how they end; renamed into place when the job ends */
    struct nvc_command *commands;
    size_t n_commands;
    /* What became of it. */
    int status;              /* 0, the exit status of the command that failed, or 128 + signal */
    char reason[1024];       /* its last line, "" when status is 0 */
    /* Used while it runs. */
    pid_t pid;
    size_t at;
    char *part;
    FILE *out;
    long started;            /* where in the log the command's own words begin */
};

enum nvc_job_verdict { NVC_JOB_GO, NVC_JOB_SKIP, NVC_JOB_LATER };
struct nvc_job_hooks { /* called in the parent */
    /* Before a job begins: whether to run it, to leave it out, or to ask again when the others are through;
     * with `wait`, there is no later. */
    int (*begin)(struct nvc_job *job, bool wait, enum nvc_job_verdict *verdict, void *with, struct nvc_error *err);
    /* As a job that ran ends, whether well or not. */
    int (*ended)(struct nvc_job *job, void *with, struct nvc_error *err);
    void *with;
};

/* Run all jobs, at most n_parallel at a time, in their order; `unit` is what the progress line counts.
 * Standard input of the commands is empty; standard output and error go to the log.  On SIGINT, SIGTERM or
 * SIGHUP the commands are told to end and the signal is raised again.  Returns 0 however the jobs ended;
 * NVC_ESYS when a log cannot be written or what a hook returned: running jobs are waited for, no further is begun. */
int nvc_jobs_run(struct nvc_job *const *jobs, size_t n, size_t n_parallel, const char *unit, const struct nvc_job_hooks *hooks,
                 struct nvc_error *err) NVC_CHECKED;

/* Append argv as a line that a shell reads back as the same words. */
int nvc_command_print(FILE *out, char *const *argv);

/* Path of a program beside this one (or its bare name, to be sought on the PATH, where that cannot be
 * told); the caller frees. */
char *nvc_sibling(const char *name, struct nvc_error *err) NVC_CHECKED;

#endif
