/* A plugin of qemu-user that counts executed instructions, block by block.
 *
 * qemu-aarch64 -plugin icount.so,out=FILE PROGRAM writes FILE at exit: a line for each block of code, its address, how often it ran and its
 * instruction words (hexadecimal, decimal, hexadecimal). A program can have only a part of its run counted: it calls
 * prctl(0x41434e54, 1) before and prctl(0x41434e54, 2, K) after, which writes FILE.K; Linux itself refuses both with EINVAL, which does no harm.
 *
 * Exact for one running thread. For plugin API 1 (QEMU 7.2). */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu-plugin.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

enum { MAGIC = 0x41434e54, PRCTL = 167, START = 1, STOP = 2 };

struct block {
    uint64_t runs, runs_before, address;
    struct block *next;
    uint32_t length, words[];
};

static struct block *blocks;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *out = "/dev/stdout";
static int written;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t length = qemu_plugin_tb_n_insns(tb);
    struct block *block = calloc(1, sizeof *block + length * sizeof block->words[0]);
    block->length = length;
    block->address = qemu_plugin_tb_vaddr(tb);
    for (size_t i = 0; i < length; i++)
        memcpy(&block->words[i], qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, i)), sizeof block->words[0]);
    qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &block->runs, 1);
    pthread_mutex_lock(&lock);
    block->next = blocks;
    blocks = block;
    pthread_mutex_unlock(&lock);
}

static void start(void)
{
    pthread_mutex_lock(&lock);
    for (struct block *block = blocks; block; block = block->next)
        block->runs_before = block->runs;
    pthread_mutex_unlock(&lock);
}

static void write_counts(uint64_t part)
{
    char name[4096];
    snprintf(name, sizeof name, part ? "%s.%" PRIu64 : "%s", out, part);
    FILE *file = fopen(name, "w");
    if (!file)
        return;
    pthread_mutex_lock(&lock);
    for (struct block *block = blocks; block; block = block->next) {
        uint64_t runs = block->runs - block->runs_before;
        if (!runs)
            continue;
        fprintf(file, "%" PRIx64 " %" PRIu64, block->address, runs);
        for (uint32_t i = 0; i < block->length; i++)
            fprintf(file, " %08x", block->words[i]);
        fputc('\n', file);
    }
    pthread_mutex_unlock(&lock);
    fclose(file);
    written = 1;
}

static void system_call(qemu_plugin_id_t id, unsigned vcpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                        uint64_t a6, uint64_t a7, uint64_t a8)
{
    if (number != PRCTL || a1 != MAGIC)
        return;
    if (a2 == START)
        start();
    else if (a2 == STOP)
        write_counts(a3);
}

static void at_exit(qemu_plugin_id_t id, void *data)
{
    if (!written)
        write_counts(0);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (!strncmp(argv[i], "out=", 4))
            out = strdup(argv[i] + 4);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, system_call);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
