#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// Swift can't import function-like macros and expressions over them: one static inline function each.

// SSL_CTX_set_min_proto_version is a macro over SSL_CTX_ctrl.
static inline int shim_SSL_CTX_set_min_proto_version(SSL_CTX *ctx, int version) {
    return (int)SSL_CTX_set_min_proto_version(ctx, version);
}
// SSL_CTX_set_mode and the mode bits are macros.
static inline void shim_SSL_CTX_set_transport_modes(SSL_CTX *ctx) {
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
}
// The SSL_OP_* bits are SSL_OP_BIT(n), a function-like macro.
static inline void shim_SSL_CTX_set_server_options(SSL_CTX *ctx) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_PRIORITIZE_CHACHA);
}
static inline void shim_SSL_set_no_ticket(SSL *ssl) { SSL_set_options(ssl, SSL_OP_NO_TICKET); }
// SSL_CTX_set_session_cache_mode is a macro over SSL_CTX_ctrl.
static inline void shim_SSL_CTX_session_cache_off(SSL_CTX *ctx) {
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}
// SSL_set_tlsext_host_name is a macro over SSL_ctrl.
static inline int shim_SSL_set_host_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}
// The retry flags of a BIO are macros over BIO_set_flags.
static inline void shim_BIO_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void shim_BIO_clear_retry_flags(BIO *bio) { BIO_clear_retry_flags(bio); }
// sk_X509_* are made by macros for each type.
static inline int shim_sk_X509_num(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
static inline X509 *shim_sk_X509_value(const STACK_OF(X509) *stack, int index) { return sk_X509_value(stack, index); }
static inline STACK_OF(X509) *shim_sk_X509_new(void) { return sk_X509_new_null(); }
static inline int shim_sk_X509_push(STACK_OF(X509) *stack, X509 *certificate) { return sk_X509_push(stack, certificate); }
static inline void shim_sk_X509_pop_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }
// OPENSSL_free is a macro that adds file and line.
static inline void shim_OPENSSL_free(void *pointer) { OPENSSL_free(pointer); }
// ERR_GET_REASON and ERR_GET_LIB are inline in 3.0 and macros in 1.1.
static inline int shim_ERR_reason(unsigned long code) { return ERR_GET_REASON(code); }
static inline int shim_ERR_lib(unsigned long code) { return ERR_GET_LIB(code); }
// EVP_EC_gen is a macro over a variadic function.
static inline EVP_PKEY *shim_EVP_P256_gen(void) { return EVP_EC_gen("P-256"); }
// BIO_get_mem_data is a macro over BIO_ctrl.
static inline long shim_BIO_get_mem_data(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }
// SSL_CTX_set_tlsext_servername_callback is a macro over SSL_CTX_callback_ctrl.
static inline void shim_SSL_CTX_set_servername_callback(SSL_CTX *ctx, int (*callback)(SSL *, int *, void *)) {
    SSL_CTX_set_tlsext_servername_callback(ctx, callback);
}
// SSL_CTX_add1_chain_cert is a macro over SSL_CTX_ctrl.
static inline int shim_SSL_CTX_add1_chain_cert(SSL_CTX *ctx, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(ctx, certificate);
}
// The options and the cache mode of a client are macros.
static inline void shim_SSL_CTX_set_client_modes(SSL_CTX *ctx) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
}
// The flags of X509_NAME_print_ex are macros over macros.
static inline int shim_X509_NAME_print(BIO *out, const X509_NAME *name) {
    return X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253);
}
