#include "config.h"

#include "cli/jobs.h"

#include "base/memory.h"
#include "cli/message.h"
#include "cli/provenance.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Children that a signal must reach: the handler may look at any moment. */
enum { MAX_PARALLEL = 1024 };
static volatile sig_atomic_t caught;
static volatile pid_t children[MAX_PARALLEL];

static void on_signal(int sig)
{
    caught = sig;
    for (size_t i = 0; i < MAX_PARALLEL; i++)
        if (children[i] > 0)
            (void)kill(children[i], SIGTERM);
}

static void watch_child(size_t slot, pid_t pid)
{
    children[slot] = pid;
    if (caught) /* between its birth and the line above */
        (void)kill(pid, SIGTERM);
}

static const int fatal[] = { SIGINT, SIGTERM, SIGHUP };
enum { N_FATAL = sizeof fatal / sizeof *fatal };

static void watch_signals(struct sigaction was[N_FATAL])
{
    struct sigaction ours = { .sa_handler = on_signal };
    (void)sigemptyset(&ours.sa_mask);
    caught = 0;
    for (size_t i = 0; i < N_FATAL; i++)
        if (!sigaction(fatal[i], NULL, &was[i]) && was[i].sa_handler != SIG_IGN)
            (void)sigaction(fatal[i], &ours, NULL);
}

static void restore_signals(const struct sigaction was[N_FATAL])
{
    for (size_t i = 0; i < N_FATAL; i++)
        (void)sigaction(fatal[i], &was[i], NULL);
    if (caught)
        (void)raise(caught);
}

int nvc_command_add(struct nvc_command *c, struct nvc_error *err, const char *fmt, ...)
{
    char *word = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&word, fmt, ap);
    va_end(ap);
    if (n < 0)
        return nvc_fail(err, NVC_ESYS, "out of memory");
    if (nvc_grow(&c->argv, &c->cap, c->n + 2, sizeof *c->argv, err)) {
        free(word);
        return (int)err->status;
    }
    c->argv[c->n++] = word;
    c->argv[c->n] = NULL;
    return 0;
}

void nvc_command_release(struct nvc_command *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->argv[i]);
    free(c->argv);
    *c = (struct nvc_command) { 0 };
}

int nvc_command_print(FILE *out, char *const *argv)
{
    struct nvc_text line = { 0 };
    struct nvc_error err;
    int status = 0;
    for (size_t i = 0; !status && argv[i]; i++) {
        status = i ? nvc_text_puts(&line, " ", &err) : 0;
        status = status ? status : nvc_shell_word(&line, argv[i], &err);
    }
    if (!status && line.len)
        status = fprintf(out, "%s\n", line.data) < 0;
    nvc_text_release(&line);
    return status ? -1 : 0;
}

char *nvc_sibling(const char *name, struct nvc_error *err)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self);
    const char *slash = n > 0 && n < (ssize_t)sizeof self ? memrchr(self, '/', (size_t)n) : NULL;
    return slash ? nvc_sprintf(err, "%.*s/%s", (int)(slash - self), self, name) : nvc_strdup(name, err);
}

static int start_command(struct nvc_job *job, struct nvc_error *err)
{
    char **argv = job->commands[job->at].argv;
    (void)fputs("$ ", job->out);
    if (nvc_command_print(job->out, argv) || fflush(job->out))
        return nvc_fail(err, NVC_ESYS, "%s: %s", job->part, strerror(errno));
    job->started = ftell(job->out);
    char *path = nvc_sibling(argv[0], err);
    if (!path)
        return (int)err->status;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t resets;
    (void)sigemptyset(&resets);
    for (size_t i = 0; i < N_FATAL; i++)
        (void)sigaddset(&resets, fatal[i]);
    (void)sigaddset(&resets, SIGPIPE);
    int code = posix_spawn_file_actions_init(&files);
    if (!code)
        code = posix_spawnattr_init(&how);
    if (!code) {
        (void)posix_spawnattr_setsigdefault(&how, &resets);
        (void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF);
        (void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        (void)posix_spawn_file_actions_adddup2(&files, fileno(job->out), STDOUT_FILENO);
        (void)posix_spawn_file_actions_adddup2(&files, fileno(job->out), STDERR_FILENO);
        code = posix_spawnp(&job->pid, path, &files, &how, argv, environ);
        (void)posix_spawnattr_destroy(&how);
        (void)posix_spawn_file_actions_destroy(&files);
    }
    if (code)
        (void)nvc_fail(err, NVC_ESYS, "%s: %s", path, strerror(code));
    free(path);
    return code ? (int)err->status : 0;
}

/* The last line that a failed command wrote. */
static void read_reason(struct nvc_job *job)
{
    char line[sizeof job->reason];
    FILE *f = fopen(job->part, "r");
    if (f && !fseek(f, job->started, SEEK_SET))
        while (fgets(line, sizeof line, f))
            if (line[0] != '\n')
                (void)strcpy(job->reason, line);
    if (f)
        (void)fclose(f);
    job->reason[strcspn(job->reason, "\n")] = '\0';
}

static void judge(struct nvc_job *job, int wait_status)
{
    const char *name = job->commands[job->at].argv[0];
    job->status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
    if (!job->status)
        return;
    if (WIFSIGNALED(wait_status))
        (void)snprintf(job->reason, sizeof job->reason, "%s: ended by signal %d (%s)", name, WTERMSIG(wait_status),
                       strsignal(WTERMSIG(wait_status)));
    else
        read_reason(job);
    if (!*job->reason)
        (void)snprintf(job->reason, sizeof job->reason, "%s: exit status %d, without a word", name, job->status);
}

static int open_log(struct nvc_job *job, struct nvc_error *err)
{
    job->part = nvc_sprintf(err, "%s.%ld.part", job->log, (long)getpid());
    if (!job->part)
        return (int)err->status;
    job->out = fopen(job->part, "we");
    return job->out ? 0 : nvc_fail(err, NVC_ESYS, "%s: %s", job->part, strerror(errno));
}

static int close_log(struct nvc_job *job, struct nvc_error *err)
{
    int code = 0;
    (void)fseek(job->out, 0, SEEK_END);
    (void)fprintf(job->out, job->status ? "failed with status %d\n" : "done\n", job->status);
    if (ferror(job->out) | fclose(job->out) || rename(job->part, job->log))
        code = nvc_fail(err, NVC_ESYS, "%s: %s", job->log, strerror(errno));
    job->out = NULL;
    free(job->part);
    job->part = NULL;
    return code;
}

struct queue {
    struct nvc_job **waiting, *running[MAX_PARALLEL]; /* waiting jobs: those put off stand at the end */
    size_t n, n_waiting, n_running, n_parallel, n_put_off;
    const struct nvc_job_hooks *hooks;
};

static int end_job(struct queue *q, size_t slot, struct nvc_error *err)
{
    struct nvc_job *job = q->running[slot];
    q->running[slot] = NULL;
    q->n_running--;
    int status = job->out ? close_log(job, err) : 0;
    return status ? status : q->hooks->ended(job, q->hooks->with, err);
}

/* The next job that may run now, or NULL: none is left, or all that are left wait for others. */
static int next_job(struct queue *q, struct nvc_job **next, struct nvc_error *err)
{
    *next = NULL;
    while (q->n_waiting && !caught) {
        bool only_put_off = q->n_put_off == q->n_waiting;
        enum nvc_job_verdict verdict;
        struct nvc_job *job = q->waiting[0];
        if (only_put_off && q->n_running)
            return 0;
        int status = q->hooks->begin(job, only_put_off, &verdict, q->hooks->with, err);
        if (status)
            return status;
        memmove(q->waiting, q->waiting + 1, (q->n_waiting - 1) * sizeof(struct nvc_job *));
        if (verdict == NVC_JOB_LATER) {
            q->waiting[q->n_waiting - 1] = job;
            q->n_put_off++;
            continue;
        }
        q->n_waiting--;
        q->n_put_off -= only_put_off;
        if (verdict == NVC_JOB_GO) {
            *next = job;
            return 0;
        }
    }
    return 0;
}

/* Begin jobs while there is room.  One whose first command cannot be started ends at once. */
static int fill_slots(struct queue *q, struct nvc_error *err)
{
    for (size_t slot = 0; slot < q->n_parallel; slot++) {
        struct nvc_job *job;
        if (q->running[slot])
            continue;
        if (next_job(q, &job, err))
            return (int)err->status;
        if (!job)
            return 0;
        q->running[slot] = job;
        q->n_running++;
        if (open_log(job, err)) {
            struct nvc_error first = *err;
            (void)end_job(q, slot, err);
            *err = first;
            return (int)err->status;
        }
        if (!start_command(job, err)) {
            watch_child(slot, job->pid);
            continue;
        }
        job->status = NVC_ESYS;
        (void)snprintf(job->reason, sizeof job->reason, "%s", err->text);
        if (end_job(q, slot--, err))
            return (int)err->status;
    }
    return 0;
}

/* Wait for one child; go on with its chain or end its job. */
static int reap(struct queue *q, bool go_on, struct nvc_error *err)
{
    int wait_status;
    pid_t pid = waitpid(-1, &wait_status, 0);
    if (pid < 0)
        return errno == EINTR ? 0 : nvc_fail(err, NVC_ESYS, "waiting for commands: %s", strerror(errno));
    for (size_t slot = 0; slot < q->n_parallel; slot++) {
        struct nvc_job *job = q->running[slot];
        if (!job || job->pid != pid)
            continue;
        children[slot] = 0;
        judge(job, wait_status);
        (void)fseek(job->out, 0, SEEK_END);
        if (job->status || ++job->at == job->n_commands)
            return end_job(q, slot, err);
        if (!go_on || caught || start_command(job, err)) {
            job->status = NVC_ESYS;
            (void)snprintf(job->reason, sizeof job->reason, "%s", go_on && !caught ? err->text : "interrupted");
            return end_job(q, slot, err);
        }
        watch_child(slot, job->pid);
    }
    return 0;
}

int nvc_jobs_run(struct nvc_job *const *jobs, size_t n, size_t n_parallel, const char *unit, const struct nvc_job_hooks *hooks,
                 struct nvc_error *err)
{
    struct queue q = { .n = n, .n_waiting = n, .hooks = hooks,
                       .n_parallel = n_parallel < 1 ? 1 : n_parallel > MAX_PARALLEL ? MAX_PARALLEL : n_parallel };
    struct sigaction was[N_FATAL];
    struct nvc_error later;
    struct nvc_progress progress;
    q.waiting = nvc_array(n, sizeof(struct nvc_job *), err);
    if (!q.waiting)
        return (int)err->status;
    for (size_t i = 0; i < n; i++)
        q.waiting[i] = jobs[i];
    watch_signals(was);
    nvc_progress_start(&progress, unit, n);
    int status = fill_slots(&q, err);
    while (q.n_running) {
        int code = reap(&q, !status, status ? &later : err);
        if (!status && !(status = code))
            status = fill_slots(&q, err);
        nvc_progress_step(&progress, n - q.n_waiting - q.n_running);
    }
    nvc_progress_end(&progress);
    restore_signals(was);
    free(q.waiting);
    return status;
}
