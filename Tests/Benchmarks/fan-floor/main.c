// What telling many watches costs at least: lines copied into frames, TLS 1.3 and TCP over loopback, and nothing else.
//
//     fan-floor CERTIFICATE KEY LINES BYTES
//
// A server on core 0 sends LINES lines of BYTES bytes over 16 connections in pieces of 64 KiB; a client on core 1 decrypts them and
// counts the line ends. Prints the processor time of each for a line, in µs.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { connections = 16, piece = 64 << 10, frame_header = 9 };

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    sched_setaffinity(0, sizeof set, &set);
}

static double processor_time(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

// One end of a TLS connection over memory, as servers on event loops have it.
struct end {
    int socket;
    SSL *ssl;
    BIO *in, *out;
};

static void shake_hands(struct end *end, SSL_CTX *context, int (*shake)(SSL *)) {
    end->ssl = SSL_new(context);
    SSL_set_fd(end->ssl, end->socket);
    if (shake(end->ssl) != 1) fail("handshake");
    end->in = BIO_new(BIO_s_mem());
    end->out = BIO_new(BIO_s_mem());
    SSL_set_bio(end->ssl, end->in, end->out);
}

static double serve(int listener, SSL_CTX *context, long lines, int bytes) {
    static struct end ends[connections];
    for (int i = 0; i < connections; i++) {
        if ((ends[i].socket = accept(listener, NULL, NULL)) < 0) fail("accept");
        shake_hands(&ends[i], context, SSL_accept);
    }
    char *line = malloc(bytes), *frames = malloc(piece + frame_header + bytes);
    memset(line, 'x', bytes);
    line[bytes - 1] = '\n';
    double start = processor_time();
    for (long sent = 0; sent < lines;) {
        for (int i = 0; i < connections && sent < lines; i++) {
            int count = 0;
            for (; count < piece && sent < lines; sent++, count += frame_header + bytes) {
                memset(frames + count, 0, frame_header);
                memcpy(frames + count + frame_header, line, bytes);
            }
            if (SSL_write(ends[i].ssl, frames, count) != count) fail("SSL_write");
            char *cipher;
            for (long rest = BIO_get_mem_data(ends[i].out, &cipher); rest > 0;) {
                long written = write(ends[i].socket, cipher, rest);
                if (written <= 0) fail("write");
                cipher += written;
                rest -= written;
            }
            (void)BIO_reset(ends[i].out);
        }
    }
    return (processor_time() - start) / lines;
}

static double receive(struct sockaddr_in *address, long lines) {
    static struct end ends[connections];
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    int poll = epoll_create1(0);
    for (int i = 0; i < connections; i++) {
        ends[i].socket = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(ends[i].socket, (struct sockaddr *)address, sizeof *address) != 0) fail("connect");
        shake_hands(&ends[i], context, SSL_connect);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &ends[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, ends[i].socket, &event);
    }
    char *cipher = malloc(piece), *plain = malloc(piece);
    double start = processor_time();
    for (long seen = 0; seen < lines;) {
        struct epoll_event events[connections];
        int ready = epoll_wait(poll, events, connections, -1);
        for (int i = 0; i < ready; i++) {
            struct end *end = events[i].data.ptr;
            long count = read(end->socket, cipher, piece);
            if (count <= 0) fail("read");
            BIO_write(end->in, cipher, count);
            for (int got; (got = SSL_read(end->ssl, plain, piece)) > 0;)
                for (char *at = plain; (at = memchr(at, '\n', plain + got - at)) != NULL; at++) seen++;
        }
    }
    return (processor_time() - start) / lines;
}

int main(int count, char **arguments) {
    if (count != 5) return fprintf(stderr, "usage: fan-floor CERTIFICATE KEY LINES BYTES\n"), 2;
    long lines = atol(arguments[3]);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, connections) != 0) fail("listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    if (fork() == 0) {
        pin(1);
        printf("client %.2f µs", receive(&address, lines));
        return 0;
    }
    pin(0);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, arguments[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, arguments[2], SSL_FILETYPE_PEM) != 1)
        fail("certificate");
    double server = serve(listener, context, lines, atoi(arguments[4]));
    wait(NULL);
    printf(", server %.2f µs\n", server);
    return 0;
}
