#!/bin/sh
# Makes the fixtures anew with the `go` on PATH; see README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/generate.go" "$work/main.go"
cd "$work"
go mod init fixtures
go build -trimpath -o generate .
./generate "$here"
for profile in "$here"/*.pb.gz; do
    go tool pprof -raw "$profile" | gzip -9n >"${profile%.pb.gz}.raw.gz"
done
