#!/bin/sh
# Says what this machine lacks, all of it at once and with the way to get it, before anything else runs.
# Exit 0: nothing is missing, and the Python 3.11 to use is printed.  Exit 2: something is.
#   PYTHON=/path/to/python3.11   another interpreter than the ones on the PATH
#   JAVA_HOME=/path/to/jdk       another JDK than the one on the PATH
# Plain POSIX sh with built-ins alone until a tool was found: it must run on the machine that lacks everything.
set -u
missing=''
lacks() { # what, how to get it
    missing="$missing
  - $1
      $2"
}

# A version manager puts a python3.11 on the PATH that answers "not selected": only one that runs counts.
# Debian splits venv and ensurepip off into a package of their own.
is_python_311() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; }

python=''
without_venv=''
consider_python() {
    [ -z "$python" ] && is_python_311 "$1" || return 0
    if "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; then python=$1; else without_venv=$1; fi
}
if [ -n "${PYTHON:-}" ]; then
    consider_python "$PYTHON"
else
    rest="$PATH:"
    while [ -n "$rest" ]; do
        folder=${rest%%:*}
        rest=${rest#*:}
        for name in python3.11 python3 python; do
            [ -x "$folder/$name" ] && consider_python "$folder/$name"
        done
    done
fi
if [ -z "$python" ] && [ -n "$without_venv" ]; then
    lacks "venv and ensurepip for $without_venv" "Debian, Ubuntu: apt-get install python3.11-venv"
elif [ -z "$python" ]; then
    lacks "Python 3.11${PYTHON:+ (PYTHON=$PYTHON is not one)}" \
        "Debian 12: apt-get install python3.11 python3.11-venv   pyenv: pyenv install 3.11   uv: uv python install 3.11
      macOS: brew install python@3.11   then have python3.11 on the PATH, or say PYTHON=/path/to/python3.11"
fi

# `java -version` says `openjdk version "17.0.2"`; the line may follow others (JAVA_TOOL_OPTIONS announces itself).
java=java
javac=javac
if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
    javac=$JAVA_HOME/bin/javac
fi
get_jdk="Debian, Ubuntu: apt-get install openjdk-17-jdk-headless   macOS: brew install openjdk@17
      another JDK is in use? point JAVA_HOME at a JDK 17"
said=$("$java" -version 2>&1)
case $said in
*' version "17.'* | *' version "17"'* | *' version "17-'*)
    "$javac" -version >/dev/null 2>&1 || lacks "the compiler of JDK 17 ($java is only a runtime)" "$get_jdk"
    ;;
*' version "'*)
    other=${said#*' version "'}
    lacks "JDK 17 ($java is ${other%%\"*})" "$get_jdk"
    ;;
*) lacks "JDK 17${JAVA_HOME:+ (JAVA_HOME=$JAVA_HOME holds no java that runs)}" "$get_jdk" ;;
esac

command -v mvn >/dev/null 2>&1 || lacks "Maven" "Debian, Ubuntu: apt-get install maven   macOS: brew install maven"
command -v make >/dev/null 2>&1 || lacks "make" "Debian, Ubuntu: apt-get install make   macOS: xcode-select --install"

if [ -n "$missing" ]; then
    echo "Semaforo needs, and this machine lacks:$missing" >&2
    exit 2
fi
"$python" -c 'import sys; print(sys.executable)' # behind a version manager's stand-in
