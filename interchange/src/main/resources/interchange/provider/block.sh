#!/bin/sh
# What a batch system runs of a block, on the first of its nodes: starts node.sh on each, and waits for all of them.
#
#   block.sh LAUNCHER DIR TOKEN NODES WALLTIME CORES MEMORY -- WORKER COMMAND...
#
# LAUNCHER says how the other nodes are reached (see launch); DIR is the block's directory, with node.sh and keeper.sh in
# it, on a file system that the nodes share. WALLTIME is in seconds, 0: what the batch system says, or none. CORES and
# MEMORY (MiB) are the most that one worker offers, 0: all that it has. WORKER COMMAND is the worker's, less what only its
# node knows.
#
# In DIR:
#   starts    a line for each start of the block: the batch system may start it again
#   start.N   of start N, from 0: what its nodes must know
#   block.log what we did, and why it ended
#   kept.RANK the exit code of the keeper of a node, once it has ended
#
# TERM, and what else means the end, is handed on to all nodes. Ends with 0 when every node did; one that fails leaves the
# others alone.
set -u
umask 077

# Asking the batch system how much time is left must not hold the block up.
ASK_SECONDS=20
# How long a keeper may need to end that was told to, longer than batch systems give it.
KEEPER_TICKS=150
# What the batch system tells on the first node, and perhaps only there.
TOLD="SLURM_MEM_PER_NODE SLURM_MEM_PER_CPU NCPUS PBS_NUM_PPN LSB_MCPU_HOSTS LSB_DJOB_NUMPROC"

say() {
    echo "$(date '+%Y-%m-%dT%H:%M:%S') block: $*"
}

fail() {
    say "$*"
    exit 1
}

[ "$#" -ge 9 ] && [ "$8" = -- ] || {
    echo "usage: block.sh LAUNCHER DIR TOKEN NODES WALLTIME CORES MEMORY -- WORKER COMMAND..." >&2
    exit 2
}
launcher=$1 dir=$2 token=$3 nodes=$4 walltime=$5 cores=$6 memory=$7
shift 8
cd "$dir" || fail "there is no directory $dir"
if (: >>block.log) 2>/dev/null; then
    exec </dev/null >>block.log 2>&1
fi

# In single quotes, for a shell.
quoted() {
    for word; do
        printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"
    done
    echo
}

is_number() {
    case $1 in
        "" | *[!0-9]*) return 1 ;;
        *) return 0 ;;
    esac
}

# D-HH:MM:SS, with less where it is less, as seconds; prints nothing for words.
seconds_of() {
    awk -F '[-:]' '/^[0-9]+(-[0-9]+)?(:[0-9]+)*$/ {
        days = 0; first = 1
        if ($0 ~ /-/) { days = $1; first = 2 }
        time = 0
        for (i = first; i <= NF; i++) time = time * 60 + $i
        # Slurm leaves out what is 0 on the left: minutes and seconds are always there, but for days with hours alone.
        if (first == 2) for (i = NF; i < 4; i++) time = time * 60
        print days * 86400 + time
    }'
}

# Seconds until the batch system ends us, by its own words; nothing where it does not tell.
told_left() {
    if [ -n "${SLURM_JOB_ID:-}" ]; then
        if is_number "${SLURM_JOB_END_TIME:-}"; then
            echo $((SLURM_JOB_END_TIME - $(date +%s)))
        else
            timeout "$ASK_SECONDS" squeue -h -j "$SLURM_JOB_ID" -o %L </dev/null | head -n 1 | seconds_of
        fi
    elif [ -n "${PBS_JOBID:-}" ] && [ "$walltime" -eq 0 ]; then
        # The queue's, perhaps; we have only just begun.
        timeout "$ASK_SECONDS" qstat -f "$PBS_JOBID" </dev/null | sed -n 's/^ *Resource_List.walltime = //p' | seconds_of
    fi
}

# Which start of the block this is, from 0. Slurm counts those as well that never came as far as this script, and on a full
# disk its count has to do.
count_start() {
    start=0
    if (date +%s >>starts) 2>/dev/null; then
        start=$(($(wc -l <starts) - 1))
    fi
    counted=${SLURM_RESTART_COUNT:-0}
    if is_number "$counted" && [ "$counted" -gt "$start" ]; then
        start=$counted
    fi
}

# What the nodes must know, in a file: launchers treat quotes and environments in as many ways as there are launchers.
write_start() {
    {
        # Where PBS and LSF were asked for whole nodes, what they count is not what there is.
        [ "$cores" -ne 0 ] || [ -n "${SLURM_JOB_ID:-}" ] || echo "unset NCPUS PBS_NUM_PPN LSB_MCPU_HOSTS"
        for name in $TOLD; do
            [ "$cores" -ne 0 ] || [ -n "${SLURM_JOB_ID:-}" ] || break
            eval "value=\${$name:-}"
            # shellcheck disable=SC2154 # by the eval
            [ -z "$value" ] || echo ": \"\${$name:=$(printf '%s' "$value" | tr -cd 'A-Za-z0-9 ._:-')}\""
        done
        echo "token=$(quoted "$token")"
        echo "ends=$ends cores=$cores memory=$memory"
        echo "set -- $(quoted "$@")"
    } >"start.$start"
}

# Children, and the signal that tells them to end.
children=
ending=TERM
told=

# Starts node.sh once on each node. Adds to children.
launch() {
    case $launcher in
        # The one node of a block is this one.
        here)
            host=$(hosts | sed -n '1s/.* //p')
            sh "$dir/node.sh" "$start" 0 ${host:+"$host"} &
            children=$!
            ;;
        srun) launch_srun ;;
        pbs)
            ways=ssh
            ! pbsdsh=$(find_pbsdsh) || ways="pbsdsh ssh"
            launch_hosts
            ;;
        lsf)
            ways=ssh
            ! command -v lsrun >/dev/null 2>&1 || ways="lsrun ssh"
            ! command -v blaunch >/dev/null 2>&1 || ways="blaunch ssh"
            launch_hosts
            ;;
        *) fail "there is no launcher '$launcher'" ;;
    esac
}

# All cores and memory of the allocation, which is what a step gets that does not say how many: --cpus-per-task would give
# each node the cores of the smallest. A session of its own, since TERM makes srun kill its tasks at once; USR1 it hands on.
launch_srun() {
    unset SLURM_CPUS_PER_TASK SRUN_CPUS_PER_TASK SLURM_EXACT SLURM_MEM_PER_CPU SLURM_MEM_PER_NODE
    # From 24.05 on sbatch sets the first of these for --cpus-per-task; the others are what a site's schedulerOptions say.
    unset SLURM_TRES_PER_TASK SLURM_MEM_PER_GPU SLURM_NTASKS_PER_GPU SLURM_CPUS_PER_GPU SLURM_GPUS_PER_TASK \
        SLURM_HINT SLURM_THREADS_PER_CORE SLURM_DISTRIBUTION
    setsid srun --nodes="$nodes" --ntasks="$nodes" --ntasks-per-node=1 --no-kill --kill-on-bad-exit=0 --wait=0 \
        --cpu-bind=none --mem=0 --mpi=none --export=ALL --input=none sh "$dir/node.sh" "$start" &
    children=$!
    ending=USR1
}

# The block's hosts by the names of PBS and LSF, each once, behind its first place among the slots; the first is this one.
hosts() {
    if [ -r "${PBS_NODEFILE:-}" ]; then
        cat "$PBS_NODEFILE"
    elif [ -r "${LSB_DJOB_HOSTFILE:-}" ]; then
        cat "$LSB_DJOB_HOSTFILE"
    elif [ -n "${LSB_MCPU_HOSTS:-}" ]; then
        # Pairs of a host and its slots.
        echo "$LSB_MCPU_HOSTS" | xargs -n 2 | cut -d ' ' -f 1
    else
        echo "${LSB_HOSTS:-}" | tr ' ' '\n'
    fi | awk 'NF && !seen[$1]++ { print NR - 1, $1 }'
}

# A child for each host, which are told apart by the place that each has in the batch system's list.
launch_hosts() {
    rank=0
    list=$(hosts)
    [ -n "$list" ] || fail "the batch system does not say which hosts the block has"
    [ "$(echo "$list" | wc -l)" -eq "$nodes" ] || say "$nodes nodes were asked for, and these are here:" "$(echo "$list" | tr '\n' ' ')"
    while read -r place host; do
        if [ "$rank" -eq 0 ]; then
            sh "$dir/node.sh" "$start" 0 "$host" &
        else
            # shellcheck disable=SC2086 # words
            reach "$rank" "$place" "$host" $ways &
        fi
        children="$children $!"
        rank=$((rank + 1))
    done <<EOF
$list
EOF
}

# Not every site has it on the path of a job.
find_pbsdsh() {
    command -v pbsdsh && return
    for prefix in "${PBS_EXEC:-}" "$(sed -n 's/^PBS_EXEC=//p' /etc/pbs.conf 2>/dev/null)"; do
        if [ -x "$prefix/bin/pbsdsh" ]; then
            echo "$prefix/bin/pbsdsh"
            return
        fi
    done
    return 1
}

# Starts node.sh on another host, by the first of some ways that gets there: it has its claim then. Ends with its code, as
# far as the way tells.
reach() {
    rank=$1 place=$2 host=$3
    shift 3
    reached=
    trap 'told=1; [ -z "$reached" ] || kill -s TERM "$reached" 2>/dev/null' TERM INT HUP USR2
    for way; do
        [ -z "$told" ] || exit 0
        "by_$way" /bin/sh "$dir/node.sh" "$start" "$rank" "$host" &
        reached=$!
        [ -z "$told" ] || kill -s TERM "$reached"
        await "$reached"
        if [ -d "claims.$start/node.$host" ]; then
            [ -z "$told" ] || [ "$code" -eq 0 ] || await_keeper "$rank"
            exit "$code"
        fi
        [ -n "$told" ] || say "host $host can't be reached by $way, which ended with exit code $code"
    done
    [ -n "$told" ]
    exit
}

# Sets code to that of the keeper on a node whose way has ended: pbsdsh of OpenPBS fails at once when it is told to end.
await_keeper() {
    ticks=$KEEPER_TICKS
    while [ "$ticks" -gt 0 ]; do
        kept=$(cat "kept.$1" 2>/dev/null)
        if is_number "$kept"; then
            code=$kept
            return
        fi
        sleep 0.2
        ticks=$((ticks - 1))
    done
}

# It runs a program on the host of a place, with nothing of our environment, and hands signals on.
# shellcheck disable=SC2329 # by its name
by_pbsdsh() {
    exec "$pbsdsh" -n "$place" -- "$@"
}

# shellcheck disable=SC2329 # by its name
by_blaunch() {
    exec blaunch "$host" "$@"
}

# shellcheck disable=SC2329 # by its name
by_lsrun() {
    exec lsrun -m "$host" "$@"
}

# With a terminal, whose end is what the other side notices when we are gone.
# shellcheck disable=SC2329 # by its name
by_ssh() {
    exec ssh -tt -o BatchMode=yes -o ConnectTimeout="$ASK_SECONDS" "$host" "$(quoted "$@")"
}

# shellcheck disable=SC2329 # by the trap
on_term() {
    [ -n "$told" ] || say "told to end"
    told=1
    for child in $children; do
        kill -s "$ending" "$child" 2>/dev/null
    done
}

# Sets code to that of a child. A signal interrupts `wait`; 127 is what it says of one whose end it has told before.
await() {
    code=127
    while :; do
        wait "$1"
        now=$?
        [ "$now" -eq 127 ] || code=$now
        if [ "$now" -eq 127 ] || ! kill -0 "$1" 2>/dev/null; then
            return
        fi
    done
}

# Of the first keeper that gave up, what its worker said.
tell_trouble() {
    for log in worker.*.log; do
        case $(tail -n 1 "$log" 2>/dev/null) in
            *"giving up")
                say "$log ends: $(tail -n 4 "$log" | tail -c 500 | tr '\t\n\r' '   ' | tr -d '\000-\037')"
                return
                ;;
        esac
    done
}

# A node without a keeper looks as if it had left in order. Sets worst.
check_shells() {
    [ -s prefix.sh ] || return
    for claim in "claims.$start"/rank.*; do
        if [ -d "$claim" ] && [ ! -d "claims.$start/shell.${claim##*.}" ]; then
            say "rank ${claim##*.} came to no worker: the login profile of bash ended it (an exec in ~/.bash_profile?)"
            worst=1
        fi
    done
}

# LSF begins with INT, or with USR2 when the time is over.
trap on_term TERM INT HUP USR2
count_start
left=$(told_left 2>/dev/null)
is_number "$left" || left=$walltime
ends=0
[ "$left" -eq 0 ] || ends=$(($(date +%s) + left))
write_start "$@" || fail "can't write in $dir"
say "start $start of block $token: $nodes nodes by $launcher, first $(uname -n)${SLURM_JOB_NODELIST:+, of $SLURM_JOB_NODELIST}" \
    "as job ${SLURM_JOB_ID:-${PBS_JOBID:-${LSB_JOBID:-none}}}, $left s left (0: no end)"
say "worker: $(quoted "$@")"
[ -n "$told" ] || launch

worst=0
for child in $children; do
    await "$child"
    [ "$code" -le "$worst" ] || worst=$code
done
[ "$worst" -ne 0 ] || [ -n "$told" ] || check_shells
[ "$worst" -eq 0 ] || tell_trouble
if [ "$worst" -eq 0 ]; then
    say "ends: ${told:+it was told to, and }all its workers have left in order"
else
    say "ends with exit code $worst: a node's keeper or $launcher failed${told:+, after it was told to end}"
fi
exit "$worst"
