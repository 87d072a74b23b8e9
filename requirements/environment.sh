#!/bin/sh
# Makes a virtual environment hold exactly what its locked files name; a no-op in milliseconds when it does already.
#   sh requirements/environment.sh FOLDER PYTHON LOCKED.txt...
# The stamp is the text of those files: a branch switched to and back costs nothing, a changed pin is noticed.
# No index is ever named here: the machine configures pip and uv.
set -eu
folder=$1
python=$2
shift 2
stamp=$folder/.holds
here=$(dirname "$0")

wanted() { cat "$@" "$here/build.txt"; }
if "$folder/bin/python" -c '' 2>/dev/null && wanted "$@" | cmp -s - "$stamp"; then exit 0; fi
echo "Installing $* into $folder" >&2
rm -f "$stamp"

# uv is itself locked, and lives in .venv: it installs 1.2 GB in 15 s where pip takes minutes.
uv=.venv/bin/uv
if ! "$uv" --version >/dev/null 2>&1 || ! .venv/bin/python -c '' 2>/dev/null; then
    "$python" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$here/setup.txt"
fi
"$folder/bin/python" -c '' 2>/dev/null || "$python" -m venv --without-pip --clear "$folder"

# Where the machine configures pip alone, uv is told the same in its own words; what it says to uv itself wins.
# (`pip config list` names the environment first, which is also what pip prefers; several values are split by \n.)
pip_settings=$(.venv/bin/python -m pip config list 2>/dev/null || true)
pip_says() {
    printf '%s\n' "$pip_settings" | sed -n "s/^[^=]*\.$1='\(.*\)'\$/\1/p" | head -n 1 |
        sed 's/^\\n//; s/\\n/ /g'
}
tell_uv() { # variable, value
    eval "already=\${$1:-}"
    if [ -n "$2" ] && [ -z "$already" ]; then export "$1=$2"; fi
}
tell_uv UV_DEFAULT_INDEX "${UV_INDEX_URL:-$(pip_says index-url)}"
tell_uv UV_INDEX "${UV_EXTRA_INDEX_URL:-$(pip_says extra-index-url)}"
tell_uv UV_FIND_LINKS "$(pip_says find-links | tr ' ' ',')"
tell_uv UV_NO_INDEX "$(pip_says no-index)"
tell_uv UV_INSECURE_HOST "$(pip_says trusted-host)"
tell_uv SSL_CERT_FILE "$(pip_says cert)"
# As pip does: the locked version may be on any of them. The hashes make it the same file.
tell_uv UV_INDEX_STRATEGY unsafe-best-match

# Compiled now, also where PYTHONDONTWRITEBYTECODE is set: a job that starts compiles 1,400 modules of PyFlink otherwise.
"$uv" pip sync --quiet --compile-bytecode --require-hashes --build-constraints "$here/build.txt" \
    --python "$folder/bin/python" "$@"
wanted "$@" >"$stamp"
