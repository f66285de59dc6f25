#include <config.h>
#include "io/nifti_private.h"

#include "base/memory.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { SLOTS = 2, LEAST_BYTES = 64 * 1024 };

struct nvc_ahead {
    struct nvc_nifti *n;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t first, made, asked; /* volumes: where it began; ready so far; handed out so far */
    bool stop;
    int status;                /* of volume `made`, once it could not be read */
    struct nvc_error err;
    struct nvc_buffer slot[SLOTS];
};

/* The volume in the caller's hands keeps its slot: it may go on when the caller has asked for the next. */
static bool may_read(struct nvc_ahead *a)
{
    (void)pthread_mutex_lock(&a->lock);
    while (!a->stop && a->made >= a->asked + SLOTS - 1)
        (void)pthread_cond_wait(&a->changed, &a->lock);
    bool go = !a->stop;
    (void)pthread_mutex_unlock(&a->lock);
    return go;
}

static void *read_ahead(void *user)
{
    struct nvc_ahead *a = user;
    int status = 0;
    for (size_t v = a->first; !status && v < a->n->header.n_volumes && may_read(a); v++) {
        status = nvc_nifti_read_volume(a->n, v, &a->slot[v % SLOTS], &a->err);
        (void)pthread_mutex_lock(&a->lock);
        a->status = status;
        a->made = v + (status == 0);
        (void)pthread_cond_signal(&a->changed);
        (void)pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}

/* Signals are for the threads that the caller knows. */
static bool start_thread(struct nvc_ahead *a)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before))
        return false;
    bool started = pthread_create(&a->thread, NULL, read_ahead, a) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void release(struct nvc_ahead *a)
{
    for (int i = 0; i < SLOTS; i++)
        free(a->slot[i].data);
    (void)pthread_cond_destroy(&a->changed);
    (void)pthread_mutex_destroy(&a->lock);
    free(a);
}

/* A pipe is left alone: its other end may never write again, and what packed it works beside us already. */
void nvc_ahead_start(struct nvc_nifti *n)
{
    struct nvc_error ignored;
    if (!nvc_stream_is_gzip(n->stream) || !nvc_stream_is_regular(n->stream) || n->volume_bytes < LEAST_BYTES ||
        sysconf(_SC_NPROCESSORS_ONLN) < 2)
        return;
    struct nvc_ahead *a = nvc_array(1, sizeof *a, &ignored);
    if (!a)
        return;
    a->n = n;
    a->first = a->made = a->asked = n->next;
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_cond_init(&a->changed, NULL);
    if (start_thread(a))
        n->ahead = a;
    else
        release(a);
}

int nvc_ahead_next(struct nvc_ahead *a, const void **bytes, struct nvc_error *err)
{
    (void)pthread_mutex_lock(&a->lock);
    const size_t v = a->asked++;
    (void)pthread_cond_signal(&a->changed);
    while (a->made <= v && !a->status)
        (void)pthread_cond_wait(&a->changed, &a->lock);
    int status = a->made > v ? 0 : a->status;
    (void)pthread_mutex_unlock(&a->lock);
    if (status)
        *err = a->err;
    else
        *bytes = a->slot[v % SLOTS].data;
    return status;
}

void nvc_ahead_stop(struct nvc_nifti *n)
{
    struct nvc_ahead *a = n->ahead;
    if (!a)
        return;
    (void)pthread_mutex_lock(&a->lock);
    a->stop = true;
    (void)pthread_cond_signal(&a->changed);
    (void)pthread_mutex_unlock(&a->lock);
    (void)pthread_join(a->thread, NULL);
    n->ahead = NULL;
    release(a);
}
