# An embedded application that becomes another version while it runs. What a VM of its own has release_handler for is done by the
# same instructions, which release_handler_1 evaluates, without a release: the node is another's.

# What it is made of, for a plan: see inspect. Prints nothing where it is not in that node.
inspect_embedded() { # node app [application=digest]…
  APP=$2
  find_named "$1" && find_node "$vm" || return 0
  shift 2
  known_digests "$@"
  made_of=$(call_node 60 inspect_embedded "App = '$APP', Place = \"$ROOT\", $known_code $(erl_made_code) $(erl_application_facts) ") || made_of='failed its node does not answer'
  its_release=$(printf '%s\n' "$made_of" | sed -n 's/^release [^ ]* \([^ ]*\) .*/\1/p')
  if is_plain_name "$its_release" && [ -r "$ROOT/$APP/$its_release/.beamline" ]; then
    sed -n '/	\.\/\(lib\/[^/]*\/\)\{0,1\}priv\//s/^/priv /p' "$ROOT/$APP/$its_release/.beamline"
  fi
  printf '%s\n' "$made_of" | head -c 33554432
}

# As call_hot, of an application that is embedded. False where nothing was answered.
call_embedded_hot() { # timeout-s expression bindings
  ask_hot "$1" "$2" "App = '$APP', Place = \"$ROOT\", $3 $(erl_made_code) $(erl_embedded) $(erl_hot_processes) $(erl_hot_words) $(erl_embedded_hot) "
}

# release config from-release node up suspended old-code supervisors linger-ms on-linger suspend-ms
do_embed_hot() {
  release=$1 config=$2 from_release=$3 node=$4 up=$5 suspended=$6 old_code=$7 supervisors=$8
  shift 8
  reach_node "$node" || fail node_down - node s "$node" detail s "$node_why"
  hand_config "$config"
  find_lib "$release"
  await_old_code "$old_code" "$1" "$2"
  waiting_for 'its processes to change over'
  call_embedded_hot "$((($3 * 4 + 999) / 1000 + 30))" embed_hot \
    "Dir = \"$lib_root\", Release = \"$release\", Config = \"$config\", EnvFile = \"$ROOT/$APP/config/$config/env.config\", From = \"$from_release\", Up = $up, Suspended = $suspended, Supervisors = $supervisors, Timeout = $3," ||
    true
  case $hot_word in
    upgraded) journal note name s installed value s "$hot_number" ;;
    refused) fail_hot "$from_release → $release" ;;
    # Where it says nothing it may have changed.
    *) fail hot_upgrade_failed - what s "$from_release → $release" detail s "$hot_why" term s "$hot_term" tried b true ;;
  esac
}

# By the way it came; where that does not lead back, by a stop and a start of the application.
do_unembed_hot() { # release config left node down|- suspended supervisors timeout-ms
  down=$5
  [ "$down" != - ] || down=none
  hot_word=
  if reach_node "$4"; then
    hand_config "$2"
    call_embedded_hot 60 unembed_hot \
      "Release = \"$1\", Config = \"$2\", EnvFile = \"$ROOT/$APP/config/$2/env.config\", Left = \"$3\", Down = $down, Suspended = $6, Supervisors = $7, Timeout = 5000," ||
      true
  fi
  [ "$hot_word" != back ] || return 0
  journal note name s lost value s 'the application is started anew' || true
  do_unembed "$4"
  do_embed "$1" "$2" "$4" "$8"
}

# After the gate: processes that go on in old code are left alone, or killed, where the spec has it so.
do_purge() { # node modules linger-ms on-linger
  reach_node "$1" || fail node_down - node s "$1" detail s "$node_why"
  if [ "$4" = kill ]; then
    await_old_code "$2" "$3" "$4"
    ask_node 60 purge "Modules = $2, " || true
  fi
  tell_lingering "$2"
}
