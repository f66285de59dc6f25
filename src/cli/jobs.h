/* A queue of jobs, each a chain of commands run one after the other as child processes, several jobs at a
 * time.  A command that fails or dies ends its own job and no other. */
#ifndef NVC_CLI_JOBS_H
#define NVC_CLI_JOBS_H

#include "base/status.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct nvc_command {
    char **argv;             /* argv[0] is a name such as "nvc-glm", found beside this program; ends with NULL */
};

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

/* Called in the parent as each job ends, whether well or not. */
typedef int nvc_job_ended(struct nvc_job *job, void *with, struct nvc_error *err);

/* Run all jobs, at most n_parallel at a time, in their order; `unit` is what the progress line counts.
 * Standard input of the commands is empty; standard output and error go to the log.  On SIGINT, SIGTERM or
 * SIGHUP the commands are told to end and the signal is raised again.  Returns 0 however the jobs ended;
 * NVC_ESYS when a log cannot be written or `ended` fails: running jobs are waited for, no further is begun. */
int nvc_jobs_run(struct nvc_job *jobs, size_t n, size_t n_parallel, const char *unit, nvc_job_ended *ended, void *with,
                 struct nvc_error *err) NVC_CHECKED;

/* Append argv as a line that a shell reads back as the same words. */
int nvc_command_print(FILE *out, char *const *argv);

/* Path of a program beside this one (or its bare name, to be sought on the PATH, where that cannot be
 * told); the caller frees. */
char *nvc_sibling(const char *name, struct nvc_error *err) NVC_CHECKED;

#endif
