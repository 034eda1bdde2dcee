# A hot upgrade: the VM that runs becomes another release, by release_handler of its own OTP (sasl, release_handler(3)). Its files
# lie in RELDIR, not among the releases: those never change, and an app's own user may not write there.

# At each start: what release_handler is to know of the release that boots. Where the release brings no OTP of its own, it knows
# nothing, and there are no hot upgrades. $reldir, empty then.
prepare_reldir() { # release version directory
  reldir=
  its_rel=$ROOT/$APP/$1/releases/$2/$APP.rel
  # A full disk keeps nobody from starting.
  rm -rf "$3" 2>/dev/null || return 0
  [ -r "$its_rel" ] || return 0
  # What a configuration holds is closed to others.
  (umask 077 && mkdir -p "$3") 2>/dev/null || return 0
  # {release,{"NAME","VERSION"},{erts,"VERSION"},[{APPLICATION,"VERSION"}, {APPLICATION,"VERSION",TYPE}]} (sasl, rel(4)).
  awk -v root="$ROOT/$APP/$1" -v label="$1" '
    { sub(/%.*/, ""); text = text $0 " " }
    function quoted(part) { sub(/^[^"]*"/, "", part); sub(/".*/, "", part); return part }
    END {
      match(text, /release *, *\{ *"[^"]*"/); name = quoted(substr(text, RSTART, RLENGTH))
      match(text, /erts *, *"[^"]*"/); erts = quoted(substr(text, RSTART, RLENGTH))
      text = substr(text, RSTART + RLENGTH)
      while (match(text, /\{ *[a-z\047][^,{}]*, *"[^"]*"/)) {
        entry = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
        version = quoted(entry)
        sub(/^\{ */, "", entry); sub(/ *,.*/, "", entry)
        directory = entry; gsub(/\047/, "", directory)
        libs = libs (libs == "" ? "" : ",") sprintf("{%s,\"%s\",\"%s/lib/%s-%s\"}", entry, version, root, directory, version)
        if (directory == "sasl") sasl = root "/lib/" directory "-" version
      }
      if (sasl != "") printf "%s\n[{release,\"%s\",\"%s\",\"%s\",[%s],permanent}].\n", sasl, name, label, erts, libs
    }' "$its_rel" 2>/dev/null >"$3/RELEASES.tmp" || true
  { read -r its_sasl && [ -d "$its_sasl" ] && cat >"$3/RELEASES"; } <"$3/RELEASES.tmp" 2>/dev/null && reldir=$3
  rm -f "$3/RELEASES.tmp"
  [ -n "$reldir" ] || rm -rf "$3" || true
}

# A form is what a VM can be: a release with a configuration. $form: {Label, Root, Version, EnvFile}.
erlang_form() { # release config
  boot_version "$1"
  form="{\"$1\", \"$ROOT/$APP/$1\", \"$boot_release\", \"$ROOT/$APP/config/$2/env.config\"}"
}

# Evaluates an expression that answers with a word and a number, and on lines of their own why it failed, in words and as a term:
# $hot_word $hot_number, $hot_why, $hot_term. False where nothing is answered.
ask_hot() { # timeout-s expression bindings
  hot_word='' hot_number='' hot_term=''
  answer=$(ask_node "$@") || { hot_why="the node does not answer, or not within $1 s: $(said_by_call)"; return 1; }
  # What went well needs no more than its first line.
  { read -r hot_word hot_number; IFS= read -r hot_why; IFS= read -r hot_term; } <<END_OF_ANSWER || true
$answer
END_OF_ANSWER
}

# One of the hot_ expressions. False where it failed, or the node is gone.
call_hot() { # timeout-s expression bindings
  ask_hot "$1" "$2" "Name = \"$APP\", Op = \"$OP\", $3 $(erl_hot_processes) $(erl_release_files) $(erl_hot_words) " || return 1
  [ "$hot_word" != failed ] || return 1
  case $2,$hot_word in
    hot_install,installed | hot_back,back | hot_config,reconfigured | hot_permanent,permanent) ;;
    *) hot_why="it answers: $answer"; return 1 ;;
  esac
}

# The VM that is to change. Its user, who must be able to read what it is to be, is the app's: whoever else claims to be its VM is
# told nothing. False where there is none: $hot_why.
find_hot_vm() { # config user|-
  hot_why='it does not run' hot_term=''
  find_vm
  [ -n "$vm" ] || return 1
  hot_why="process $vm runs as another user"
  runs_as "$vm" "$2" || return 1
  hot_why='it is no node that can be asked to change'
  find_node "$vm" || return 1
  [ -n "$vm_reldir" ] || return 1
  hand_config "$1"
}

# `tried`: the VM was on its way already, which may have cost its state; a spec that does that is not tried again.
fail_hot() { # what
  tried=false
  last_fact changing
  if [ -n "$fact" ]; then
    noted_vm=${fact%% *}
    find_vm
    if [ "$vm" != "$noted_vm" ] || is_begun; then tried=true; fi
  fi
  fail hot_upgrade_failed - what s "$1" detail s "$hot_why" term s "$hot_term" tried b "$tried"
}

# Which process this op is about to have changed.
note_vm() {
  process_stat "$vm" || { hot_why="process $vm has ended"; fail_hot "$APP"; }
  has_fact changing "$vm $started" || note_fact changing "$vm $started"
}

# From here on nothing more of this op begins there: what may still be on its way looks for this mark when it has left its own.
call_off() { # shellcheck disable=SC2016 # for the other shell
  as_node_user sh -c 'printf "%s" "$1" >"$2"' sh "$OP" "$vm_reldir/cancelled"
}

# Is the VM the process that this op found, and has it not begun to change? It never will, then.
is_untouched() {
  last_fact changing
  [ -n "$fact" ] || return 0
  noted_vm=${fact%% *} noted_start=${fact#* }
  [ "$vm" = "$noted_vm" ] && is_alive "$noted_vm" "$noted_start" && call_off && ! is_begun
}

# What the VM left when this op began to change it: in the directory of each release that it was to leave.
is_begun() {
  # shellcheck disable=SC2016 # for the other shell
  has_begun=$(as_node_user sh -c 'grep -qsF "$1" "$2"/*/back; echo "$?"' sh "{\"$OP\"," "$vm_reldir") || unanswered
  case $has_begun in
    0) return 0 ;;
    # Without such a file it can't be read.
    1 | 2) return 1 ;;
    *) unanswered ;;
  esac
}

# release config from-release from-config up down|- suspended old-code supervisors linger-ms on-linger suspend-ms user|- replaced-twice
do_hot() {
  release=$1 config=$2 from_release=$3 from_config=$4 up=$5 down=$6 suspended=$7 old_code=$8 supervisors=$9
  shift 9
  find_hot_vm "$config" "$4" || fail_hot "$APP"
  await_old_code "$old_code" "$1" "$2" "$5"
  [ "$down" != - ] || down=none
  erlang_form "$from_release" "$from_config"
  from=$form
  erlang_form "$release" "$config"
  note_vm
  waiting_for 'its processes to change over'
  call_hot "$((($3 * 4 + 999) / 1000 + 30))" hot_install \
    "From = $from, To = $form, Up = $up, Down = $down, Suspended = $suspended, Supervisors = $supervisors, Timeout = $3," ||
    fail_hot "$from_release → $release"
  journal note name s installed value s "$hot_number"
  is_loaded "$release" || fail_hot "$release"
}

# Is every module that the VM has loaded that of the release? Else, or where it can't tell: $hot_why.
is_loaded() { # release
  hot_term=''
  other_code "$1" || { hot_why="it can not tell whose code it has loaded: $(said_by_call)"; return 1; }
  [ -n "$lines" ] || return 0
  hot_why="other code is loaded than the release has, of $(printf '%s' "$lines" | tr '\n' ' ')"
  return 1
}

# Modules whose loaded code is not the release's. $lines; false where the VM can't tell.
other_code() { # release
  boot_version "$1"
  ask_lines 60 loaded "Name = \"$APP\", Root = \"$ROOT/$APP/$1\", Version = \"$boot_release\", Place = \"$ROOT/$APP\", $(erl_made_code) "
}

# Code that was replaced once before is purged to make room: whoever still runs it would not survive that; nor would whoever is in code
# now that is replaced twice.
await_old_code() { # modules timeout-ms refuse|kill [replaced-twice]
  now_ms
  linger_end=$((now + $2))
  hot_term=''
  while ask_lines 60 old_code "Modules = $1, Twice = ${4:-[]}, " || {
    hot_why="it can not tell who runs old code: $(said_by_call)"
    fail_hot "$APP"
  }
    [ -n "$lines" ]; do
    now_ms
    if [ "$now" -ge "$linger_end" ]; then
      [ "$3" = refuse ] || { journal note name s killed value s "$lines"; return 0; }
      lingerers=$(printf '%s\n' "$lines" | wc -l | tr -d ' ')
      [ "$lingerers" != 1 ] || hot_why='1 process still runs'
      [ "$lingerers" = 1 ] || hot_why="$lingerers processes still run"
      [ "${4:-[]}" = '[]' ] || hot_why="$hot_why code that is replaced twice, or"
      hot_why="$hot_why old code after $2 ms: $(printf '%s' "$lines" | head -n 5 | tr '\n' ';')"
      fail_hot "$APP"
    fi
    waiting_for "processes to leave old code: $(printf '%s' "$lines" | head -n 1)"
    sleep 0.2
  done
}

# It is only told.
tell_lingering() { # modules
  ask_lines 60 old_code "Modules = $1, Twice = [], " || lines=
  [ -z "$lines" ] || journal note name s lingering value s "$lines"
}

# By the way it came; where that does not lead back, by a stop and a start.
do_unhot() { # release config left supervisors supervisor user|-
  if find_hot_vm "$2" "$6" && [ "$vm_release" = "$1" ] && [ "$vm_config" = "$2" ] && is_untouched; then return 0; fi
  if find_hot_vm "$2" "$6" && is_back "$1" "$2" "$3" "$4" false && is_loaded "$1"; then
    [ "$5" = daemon ] || { run_choice "$5"; write_choice "$1" "$2"; }
    [ "$hot_number" != anew ] || journal note name s lost value s 'OTP had it boot anew' || true
    return 0
  fi
  find_vm
  [ -z "$vm" ] || do_stop
  journal note name s lost value s "it is started anew: $hot_why" || true
  do_start "$1" "$2" "$5" "$6"
}

# Between two releases, of which only the last one is wanted: by the way it came, and no other. Where that leads elsewhere the undo
# of the first has its own ways.
do_unhot_between() { # release config left supervisors user|-
  find_hot_vm "$2" "$5" || return 0
  # On a full disk there is no mark, and yet a way back.
  call_off || true
  is_back "$1" "$2" "$3" "$4" true || true
}

# A node whose upgrade broke off restarts itself within its process, which takes as long as a boot.
is_back() { # release config left supervisors is-between
  erlang_form "$1" "$2"
  now_ms
  back_by=$((now + 30000))
  until call_hot 60 hot_back "To = $form, Left = \"$3\", Supervisors = $4, IsBetween = $5, Timeout = 5000,"; do
    # What it said was no: there is no use in asking again.
    [ -z "$hot_term" ] || return 1
    now_ms
    [ "$now" -lt "$back_by" ] || return 1
    find_vm
    [ -n "$vm" ] || return 1
    sleep 0.1
  done
}

do_reconfigure() { # release config user|-
  find_hot_vm "$2" "$3" || fail_hot "$APP"
  erlang_form "$1" "$vm_config"
  from=$form
  erlang_form "$1" "$2"
  note_vm
  call_hot 60 hot_config "From = $from, To = $form," || fail_hot "$APP"
}

# Before: after a crash the old version boots; after it, the new one. Processes that go on in old code are left alone, or killed by
# the purge that this is, where the spec has it so.
do_permanent() { # release config supervisor old-code linger-ms on-linger user|-
  find_hot_vm "$2" "$7" || fail_hot "$1"
  erlang_form "$1" "$2"
  [ "$6" = refuse ] || await_old_code "$4" "$5" "$6"
  call_hot 60 hot_permanent "To = $form," || fail_hot "$1"
  tell_lingering "$4"
  [ "$3" = daemon ] || { run_choice "$3"; write_choice "$1" "$2"; }
}

# What a running release is made of; its last line is `end`, or `failed` with a reason. Prints nothing where there is none that
# could tell.
inspect() { # app [application=digest]…
  APP=$1
  shift
  known_digests "$@"
  find_vm
  [ -n "$vm" ] && find_node "$vm" && [ -n "$vm_reldir" ] || return 0
  [ ! -r "$ROOT/$APP/$vm_release/.beamline" ] || sed -n '/	\.\/lib\/[^/]*\/priv\//s/^/priv /p' "$ROOT/$APP/$vm_release/.beamline"
  [ -z "$vm_booted" ] || start_files "$vm_booted"
  # A node that never stops talking is cut off, and then has no last line. An expression that breaks off looks to erl_call like one
  # that ends; it has none either.
  { call_node 60 inspect "$known_code Place = \"$ROOT/$APP\", $(erl_made_code) $(erl_application_facts) " || printf '\nfailed its node does not answer\n'; } |
    head -c 33554432
}

# Those of whose code nothing more need be said, as an Erlang binding: $known_code.
known_digests() { # [application=digest]…
  known_code=
  for pair in "$@"; do known_code="$known_code${known_code:+,}{\"${pair%=*}\",\"${pair#*=}\"}"; done
  known_code="Known = [$known_code],"
}

# What a node would say now to an upgrade that is planned: `lingers` and a process in old code, a line each. The modules whose code is
# replaced, and those of which it is replaced twice, come on standard input, a list of binaries a line. Whoever wrote the plan chose them,
# as a pull request may: no name becomes an atom that is none yet, and nothing of the release is asked, read or evaluated here.
dry_run() { # app
  APP=$1 OP=dry-run
  read -r old
  read -r twice
  find_vm
  [ -n "$vm" ] && find_node "$vm" && [ -n "$vm_reldir" ] || return 1
  decode "$old"
  old=$decoded
  decode "$twice"
  ask_lines 60 old_code "Here = fun(Names) -> lists:flatmap(fun(N) -> try [binary_to_existing_atom(N, utf8)] catch error:badarg -> [] end end, Names) end,
    Modules = Here($old), Twice = Here($decoded), " || return 1
  [ -z "$lines" ] || printf '%s\n' "$lines" | sed 's/^/lingers /'
}

# What a VM of a release reads only when it starts, and takes up no more when it has become another one: name and digest, `-` where
# the release has no such file. Nothing where its mark has no manifest.
start_files() { # release
  boot_release=
  boot_version "$1" 2>/dev/null && [ -r "$ROOT/$APP/$1/.beamline" ] || return 0
  awk -F '\t' -v directory="./releases/$boot_release/" '
    NR > 1 && /^[fx]/ && index($2, directory) == 1 { digest[substr($2, length(directory) + 1)] = substr($1, 2) }
    NR > 1 && $2 == "./releases/COOKIE" { digest["COOKIE"] = substr($1, 2) }
    END {
      count = NR > 1 ? split("vm.args vm.args.src env.sh runtime.exs COOKIE", names, " ") : 0
      for (i = 1; i <= count; i++) print "starts", names[i], ((names[i] in digest) ? digest[names[i]] : "-")
    }' "$ROOT/$APP/$1/.beamline"
}

# For each app whose VM can tell: which release it runs, which it would boot by itself, which it was booted from, which a start
# of the app would take, and whose code it has loaded from elsewhere. A JSON line each.
code() { # app…
  for APP in "$@"; do
    find_vm
    { [ -n "$vm" ] && find_node "$vm" && [ -n "$vm_reldir" ]; } || continue
    labels=$(call_node 10 which_releases) || continue
    { is_plain_name "${labels% *}" && [ -d "$ROOT/$APP/${labels% *}" ]; } || continue
    other_code "${labels% *}" || continue
    modules=
    for module in $lines; do
      json_string "$module"
      modules="$modules${modules:+,}$json"
    done
    chosen_release=
    chosen "$vm_supervisor" || true
    json_object app s "$APP" release s "${labels% *}" permanent s "${labels#* }" booted s "$vm_booted" next s "$chosen_release" \
      otherCode j "[$modules]"
    printf '%s\n' "$json"
  done
}
