# Builds the jars, the wheel and the virtual environment, each only if what it is made of has changed. To be sourced
# by bash after tools.sh, in the top level of the repository.
# shellcheck shell=bash

VENV=$PWD/.venv
STAMPS=$PWD/build/stamps
JARS=submit/target/jars
WHEELS=build/wheels

# Everything that the jars are made of.
sources_of_jars() { find pom.xml ./*/pom.xml ./*/src -type f "$@"; }

# Runs Maven unless the jars are newer than every source.
build_jars() {
    if [ -d "$JARS" ] && [ -e "$STAMPS/jars" ] && [ -z "$(sources_of_jars -newer "$STAMPS/jars" -print -quit)" ]; then
        return
    fi
    step "Building the jars (mvn package)"
    maven -q package -DskipTests -Dspotless.check.skip=true
    stamp_jars "$MAVEN_STARTED"
}

# Runs Maven with what it prints shortened; sets MAVEN_STARTED.
maven() {
    mkdir -p "$STAMPS"
    touch "$STAMPS/starting"
    MAVEN_STARTED=$STAMPS/starting
    # Jars of another version would stay there.
    rm -rf "$JARS"
    mvn -B -ntp -Dstyle.color=never "$@"
}

# A source that changed while Maven ran is built again the next time.
stamp_jars() { touch -r "$1" "$STAMPS/jars"; }

# Makes .venv with the middleware, unless it has them already.
make_venv() {
    local wanted
    wanted=$("$PYTHON" -c 'import sys; print(sys.executable, sys.version)'; cat submit/python/requirements.txt)
    if [ "$(cat "$VENV/interchange.requirements" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    step "Making .venv ($("$PYTHON" --version))"
    rm -rf "$VENV" "$STAMPS/wheel"
    "$PYTHON" -m venv "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check -r submit/python/requirements.txt
    printf '%s\n' "$wanted" >"$VENV/interchange.requirements"
}

# Installs what checks and tests need beyond what programs need.
install_tools() {
    local wanted=submit/python/requirements-tools.txt
    if cmp -s "$wanted" "$VENV/interchange.tools"; then
        return
    fi
    step "Installing the tools of the tests"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$VENV/interchange.tools"
}

# Builds the wheel and installs it in .venv, unless what is installed was made of the same files. By content and not by
# time: Maven writes jars anew that are what they were.
install_wheel() {
    local content
    content=$(wheel_sources | xargs -0 sha256sum | sha256sum)
    if [ "$(cat "$STAMPS/wheel" 2>/dev/null)" = "$content" ]; then
        return
    fi
    step "Building and installing the wheel"
    mkdir -p "$STAMPS" "$WHEELS"
    rm -f "$WHEELS"/*.whl
    "$VENV/bin/pip" wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w "$WHEELS" submit/python
    "$VENV/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps "$WHEELS"/*.whl
    printf '%s\n' "$content" >"$STAMPS/wheel"
}

wheel_sources() {
    find "$JARS" submit/python/pyproject.toml submit/python/interchange_runtime submit/python/lsst \
        -type f -not -name '*.pyc' -print0 | sort -z
}
