#!/bin/sh
# What runs on each node of a block: becomes the keeper of the node's worker.
#
#   node.sh START [RANK [NAME]]
#
# Lies in the block's directory. START says which start of the block it is; its file, start.START, tells the rest. RANK is
# the node's place in the block; without one it is what the launcher's environment says, else the first that is free. NAME
# is the batch system's for the node, where its environment does not tell.
#
# The worker offers the least of what the site says, what is allocated, and what it can really use: cores by affinity,
# memory by the limits of its cgroup. Before it starts, whatever an earlier start of the block left on this node is killed.
#
# Told to end before there is a keeper, it ends in order: LSF sends INT, or USR2 when the time is over, to the whole
# process group of the block, and so to us.
set -u
umask 077
trap 'exit 0' TERM INT HUP USR1 USR2

# How many looks are between two words about what would not die.
SAY_EVERY=50
EARLIER_MAX=50

case $0 in
    */*) dir=${0%/*} ;;
    *) dir=. ;;
esac
cd "$dir" || exit 1
dir=$PWD

[ "$#" -ge 1 ] || {
    echo "usage: node.sh START [RANK [NAME]]" >&2
    exit 2
}
start=$1
rank=${2:-}

# The batch system's name, by which it can be asked to set the node aside; a host's name may be shared.
name=${3:-${SLURMD_NODENAME:-$(uname -n)}}
# What other launchers than srun do with our words is anybody's guess.
if [ -n "${3:-}" ] && [ "$rank" -ne 0 ] && (: >>"node.$rank.log") 2>/dev/null; then
    exec </dev/null >>"node.$rank.log" 2>&1
fi

say() {
    echo "$(date '+%Y-%m-%dT%H:%M:%S') node $name: $*"
}

is_number() {
    case $1 in
        "" | *[!0-9]*) return 1 ;;
        *) return 0 ;;
    esac
}

# Sets ends, cores, memory, token, what the batch system said on the first node and not here, and the worker's
# command as our arguments.
ends=0 cores=0 memory=0 token=
[ -r "start.$start" ] || {
    say "there is no $dir/start.$start"
    exit 1
}
# shellcheck disable=SC1090 # written by block.sh
. "./start.$start"

# ---- once on each node

# Fails when somebody has it already. On a full disk nobody can have it.
claim() {
    mkdir -p "claims.$start" 2>/dev/null
    mkdir "claims.$start/$1" 2>/dev/null || [ ! -d "claims.$start/$1" ]
}

claim "node.$name" || {
    say "is started already"
    exit 0
}

rank_of_launcher() {
    for candidate in "${SLURM_PROCID:-}" "${OMPI_COMM_WORLD_RANK:-}" "${PMI_RANK:-}" "${PMIX_RANK:-}"; do
        if is_number "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

[ -n "$rank" ] || rank=$(rank_of_launcher)
if [ -n "$rank" ]; then
    claim "rank.$rank" || :
else
    rank=0
    until claim "rank.$rank"; do
        rank=$((rank + 1))
    done
fi

# ---- what it offers

# The least of the numbers that are not 0; other words don't count.
least() {
    found=0
    for number; do
        if is_number "$number" && [ "$number" -gt 0 ] && { [ "$found" -eq 0 ] || [ "$number" -lt "$found" ]; }; then
            found=$number
        fi
    done
    echo "$found"
}

# Of "hostA 4 hostB 8".
lsf_slots() {
    # shellcheck disable=SC2086 # pairs
    set -- ${LSB_MCPU_HOSTS:-}
    while [ "$#" -ge 2 ]; do
        if [ "${1%%.*}" = "${name%%.*}" ]; then
            echo "$2"
            return
        fi
        shift 2
    done
}

allocated_cores() {
    for candidate in "${SLURM_CPUS_ON_NODE:-}" "${NCPUS:-}" "${PBS_NUM_PPN:-}" "$(lsf_slots)"; do
        if is_number "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

# What may be set for programs is no limit of the node.
usable_cores() {
    (
        unset OMP_NUM_THREADS OMP_THREAD_LIMIT
        nproc 2>/dev/null || getconf _NPROCESSORS_ONLN
    )
}

allocated_memory() {
    if is_number "${SLURM_MEM_PER_NODE:-}"; then
        echo "$SLURM_MEM_PER_NODE"
    elif is_number "${SLURM_MEM_PER_CPU:-}" && is_number "${SLURM_CPUS_ON_NODE:-}"; then
        echo $((SLURM_MEM_PER_CPU * SLURM_CPUS_ON_NODE))
    fi
}

# MiB, of each cgroup that we are in, up to the root.
cgroup_memory() {
    while IFS=: read -r number controllers path; do
        case $number:,$controllers, in
            0:,,) root=/sys/fs/cgroup file=memory.max ;;
            *:*,memory,*) root=/sys/fs/cgroup/memory file=memory.limit_in_bytes ;;
            *) continue ;;
        esac
        while :; do
            bytes=$(cat "$root$path/$file" 2>/dev/null)
            ! is_number "$bytes" || echo $((bytes / 1048576))
            [ -n "${path%/}" ] || break
            path=${path%/*}
        done
    done </proc/self/cgroup
}

total_memory() {
    awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo
}

cores=$(least "$cores" "$(allocated_cores)" "$(usable_cores)")
# shellcheck disable=SC2046 # numbers
memory=$(least "$memory" "$(allocated_memory)" $(cgroup_memory) "$(total_memory)")

# ---- what an earlier start left here

# Each start has a token of its own, so that this one is left alone: nodes may share a machine.
token_of() {
    echo "$token.$1."
}

is_alive() {
    for thread in "/proc/$1/task"/*/stat; do
        { read -r stat <"$thread"; } 2>/dev/null || continue
        case ${stat##*) } in
            [ZX]*) ;;
            *) return 0 ;;
        esac
    done
    return 1
}

# Processes of earlier starts: by their environment, and by the mark that keeper.sh makes of the token.
carriers() {
    earlier=$((start > EARLIER_MAX ? start - EARLIER_MAX : 0))
    while [ "$earlier" -lt "$start" ]; do
        carried=$(token_of "$earlier")
        digits=$(printf '%010d' "$(printf '%s' "$carried" | cksum | cut -d ' ' -f 1)")
        {
            grep -lsF "INTERCHANGE_BLOCK_TOKEN=$carried" /proc/[0-9]*/environ
            grep -lsE "^Max realtime timeout +[1-8]${digits}[0-9]{8} " /proc/[0-9]*/limits
        } | cut -d / -f 3
        earlier=$((earlier + 1))
    done | sort -u | while read -r pid; do
        ! is_alive "$pid" || echo "$pid"
    done
}

# Kills until none is left, as keeper.sh does. What is stuck in the kernel is waited for: it may still write, and the daemon
# takes our worker's first word for the end of all earlier ones.
sweep() {
    tries=0
    clean=0
    while [ "$clean" -lt 2 ]; do
        pids=$(carriers)
        if [ -z "$pids" ]; then
            clean=$((clean + 1))
        else
            clean=0
            left=$(echo "$pids" | tr '\n' ' ')
            if [ "$tries" -eq 0 ]; then
                say "an earlier start of the block left processes here, killing: $left"
            elif [ "$((tries % SAY_EVERY))" -eq 0 ]; then
                say "processes of an earlier start would not die, waiting for: $left"
            fi
            for pid in $pids; do
                kill -s KILL "$pid" 2>/dev/null
            done
            tries=$((tries + 1))
        fi
        sleep 0.1
    done
    [ "$tries" -eq 0 ] || say "all that an earlier start left is dead"
}

[ "$start" -eq 0 ] || sweep

# ---- the keeper

set -- sh "$dir/keeper.sh" "$dir" "$rank" "$@" --rank "$rank" --block-restarts "$start" --host "$name" \
    --cores "$cores" --memory "$memory"
if [ "$ends" -gt 0 ]; then
    left=$((ends - $(date +%s)))
    [ "$left" -gt 0 ] || left=0
    set -- "$@" --remaining "$left"
fi
say "rank $rank offers $cores cores and $memory MiB${left:+, $left s left}"
INTERCHANGE_BLOCK_TOKEN=$(token_of "$start")
export INTERCHANGE_BLOCK_TOKEN
[ -s prefix.sh ] || exec "$@"

# The site's commands are written for the shell of a login, where modules are known. That we came as far is left for
# block.sh to see: a profile may exec another shell.
# shellcheck disable=SC2016 # for that shell
PREFIXED='
    cd "$1" || exit 1
    mkdir "claims.$2/shell.$3"
    shift 3
    trap "echo \"\$(date +%Y-%m-%dT%H:%M:%S) node $0: the command prefix ended the shell\"" EXIT
    . ./prefix.sh
    code=$?
    [ "$code" -eq 0 ] || echo "$(date +%Y-%m-%dT%H:%M:%S) node $0: the command prefix ended with exit code $code"
    trap - EXIT
    exec "$@"'
exec bash -l -c "$PREFIXED" "$name" "$dir" "$start" "$rank" "$@"
