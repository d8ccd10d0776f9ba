#!/bin/sh
# Makes certificate authorities and the certificates they sign for development and tests, with the system's openssl.
# usage: certs/generate.sh DIRECTORY     (existing files that are still valid for a day are kept)
set -eu
umask 077
out=${1:?usage: certs/generate.sh DIRECTORY}
service=${SERVICE:-profefe-apiserver}
namespace=${NAMESPACE:-kube-system}
days=${DAYS:-365}
mkdir -p "$out"

fresh() { [ -s "$out/$1.crt" ] && [ -s "$out/$1.key" ] && openssl x509 -in "$out/$1.crt" -noout -checkend 86400 >/dev/null; }
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

# authority NAME COMMON-NAME: a self-signed CA.
authority() {
    fresh "$1" && return 0
    key "$out/$1.key"
    openssl req -x509 -new -key "$out/$1.key" -sha256 -days "$days" -subj "/CN=$2" -out "$out/$1.crt" \
        -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
}

# issue NAME CA SUBJECT EXTENDED-USAGE [SUBJECT-ALT-NAMES]: a leaf signed by CA.
issue() {
    fresh "$1" && openssl verify -CAfile "$out/$2.crt" "$out/$1.crt" >/dev/null 2>&1 && return 0
    key "$out/$1.key"
    extensions="$out/$1.ext"
    {
        echo 'basicConstraints=critical,CA:FALSE'
        echo 'keyUsage=critical,digitalSignature'
        echo "extendedKeyUsage=$4"
        [ -z "${5:-}" ] || echo "subjectAltName=$5"
    } >"$extensions"
    openssl req -new -key "$out/$1.key" -subj "$3" |
        openssl x509 -req -CA "$out/$2.crt" -CAkey "$out/$2.key" -sha256 -days "$days" \
            -extfile "$extensions" -out "$out/$1.crt" 2>/dev/null
    rm -f "$extensions"
}

authority ca profefe-dev-ca
authority front-proxy-ca profefe-dev-front-proxy-ca
issue tls ca "/CN=$service.$namespace.svc" serverAuth \
    "DNS:$service,DNS:$service.$namespace,DNS:$service.$namespace.svc,DNS:$service.$namespace.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:::1"
issue admin ca /O=profefe-dev-admins/CN=dev-admin clientAuth
issue shop-viewer ca /CN=shop-viewer clientAuth
issue front-proxy-client front-proxy-ca /CN=front-proxy-client clientAuth
