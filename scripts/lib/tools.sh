# Finds the JDK, Maven and Python that the scripts need, or says exactly what is missing. To be sourced by bash.
# shellcheck shell=bash

JDK_MAJOR=25
PYTHON_MINOR=12

say() { printf '%s\n' "$*" >&2; }
step() { printf '\n== %s\n' "$*" >&2; }
fail() {
    say "$(basename "$0"): $*"
    exit 2
}

# Sets JAVA_HOME to a JDK (a runtime has no compiler) of the right version or newer.
find_jdk() {
    local home
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* "$(home_of_javac)"; do
        if [ -x "$home/bin/javac" ] && [ "$(jdk_major "$home")" -ge "$JDK_MAJOR" ]; then
            export JAVA_HOME=$home
            return
        fi
    done
    missing "a JDK $JDK_MAJOR" \
        "openjdk-$JDK_MAJOR-jdk-headless (Debian 14, Ubuntu 25.10), or temurin-$JDK_MAJOR-jdk of adoptium.net for older ones" \
        "looked at JAVA_HOME, /usr/lib/jvm, /opt and PATH; set JAVA_HOME to one that is elsewhere"
}

home_of_javac() {
    local javac
    javac=$(command -v javac) || return 0
    dirname "$(dirname "$(readlink -f "$javac")")"
}

jdk_major() {
    local version
    version=$(sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
    echo "${version:-0}"
}

find_maven() {
    command -v mvn >/dev/null || missing "Maven 3.8 or newer" "maven" "looked for mvn on PATH"
}

# Sets PYTHON to one that can make virtual environments, if possible one whose zipfile is sound. Not to one that is in
# a virtual environment itself: that may be .venv, which must outlive being made anew.
find_python() {
    local candidate fallback=""
    local candidates
    mapfile -t candidates < <(type -aP python3 python3.12 python3.13 python3.14)
    for candidate in "${PYTHON:-}" "${candidates[@]}" \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3 /usr/local/bin/python3 /usr/bin/python3; do
        [ -x "$candidate" ] || continue
        case $(python_fitness "$candidate") in
            sound)
                PYTHON=$candidate
                return
                ;;
            usable) fallback=${fallback:-$candidate} ;;
        esac
    done
    PYTHON=$fallback
    [ -n "$PYTHON" ] || missing "Python 3.$PYTHON_MINOR or newer with venv" \
        "python3 python3-venv (Debian 13, Ubuntu 24.04), or pyenv install 3.$PYTHON_MINOR" \
        "looked at PYTHON, PATH and the versions of pyenv, but not into virtual environments; set PYTHON to one elsewhere"
}

python_fitness() {
    "$1" - "$PYTHON_MINOR" 2>/dev/null <<'PYTHON' || echo none
import ensurepip
import sys
import venv

version = sys.version_info[:3]
if version[:2] < (3, int(sys.argv[1])) or sys.prefix != sys.base_prefix:
    print("none")
# A fault of zipfile, which the tests mend by sitecustomize.
elif (3, 12) <= version < (3, 12, 9) or (3, 13) <= version < (3, 13, 2):
    print("usable")
else:
    print("sound")
PYTHON
}

missing() {
    say "$(basename "$0"): missing: $1"
    say "  install: $2"
    say "  ($3)"
    exit 2
}
