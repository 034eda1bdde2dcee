# Releases and configurations as they lie on the host.

# To be used in a process of its own, as in $(list_dir …): then it costs no other.
list_dir() { # dir → names, one a line
  set +f
  for listed in "$1"/* "$1"/.[!.]*; do
    if [ -e "$listed" ] || [ -L "$listed" ]; then printf '%s\n' "${listed##*/}"; fi
  done
}

# FILESYSTEM 1024-BLOCKS USED AVAILABLE CAPACITY MOUNT-POINT (POSIX, df -P). The first of them, a share's above all, may have spaces.
free_kb() { df -Pk "$1" | sed -n '2s/.* \([0-9-]\{1,\}\) \{1,\}[0-9-]\{1,\}%\{0,1\} \{1,\}\/.*/\1/p'; } # path

# The digest of a directory's contents: files with their sha256 in byte order of their paths, then the executable ones, then
# the links. src/artifact/manifest.ts computes the same from the tarball.
# `marked`: only of what the manifest in its mark has. An application may write files of its own into its working directory.
content_digest() { # dir [marked]
  (
    cd "$1"
    part=all
    [ -z "${2:-}" ] || part=listed
    {
      file_digests ! -path ./.beamline | sort -k 2
      find . -type f ! -path ./.beamline -perm -100 | sort
      link_lines ' -> '
    } | only_listed "$part" | digest_of -
  )
}

# The links below the working directory, each with its target, in byte order of their paths.
link_lines() { # what stands between them
  find . -type l | sort | while IFS= read -r symlink; do printf '%s%s%s\n' "$symlink" "$1" "$(readlink "$symlink")"; done
}

# What computes SHA-256 here, as words: coreutils' or busybox' own, Perl's, OpenSSL's or BSD's. $sha256, false where nothing does.
find_sha256() {
  [ -z "$sha256" ] || return 0
  for sha256 in 'sha256sum' 'shasum -a 256' 'openssl dgst -sha256 -r' 'sha256 -r'; do
    ! command -v "${sha256%% *}" >/dev/null || return 0
  done
  sha256=
  return 1
}

# Which releases of an app are not what was unpacked there, one a line. It takes as long as reading them.
verify() { # app [release digest]…
  APP=$1
  shift
  while [ $# -gt 1 ]; do
    is_intact "$ROOT/$APP/$1" "$2" || printf '%s\n' "$1"
    shift 2
  done
}

# Is a release what was unpacked there? Some applications write into the data that they bring along, or remove it (tzdata its tables):
# that is theirs. $own_data: such files, one a line. Code is as it was, or the release is damaged.
is_intact() { # dir digest
  own_data=
  [ "$(content_digest "$1" marked)" != "$2" ] || return 0
  [ -r "$1/.beamline" ] && read -r marked_digest <"$1/.beamline" && [ "$marked_digest" = "$2" ] || return 1
  own_data=$(differing_files "$1") || unanswered
  [ -n "$own_data" ] || return 1
  ! printf '%s\n' "$own_data" | grep -Eqv "$OWN_DATA"
}

# What applications keep: tables of Erlang's, databases, what they have fetched. Templates, scripts and migrations in priv are code.
OWN_DATA='^\./lib/[^/]*/priv/.*\.(ets|dets|DAT|DCD|DCL|LOG|TAB|tab|dat|db|sqlite3?|sqlite3?-(wal|shm)|mmdb|txt|csv|log)$'

# Files and links that its manifest has otherwise, one a line; of an executable one `(executable)`, which is nobody's data.
differing_files() { # dir
  (
    cd "$1"
    digests_there=$(file_digests ! -path ./.beamline) || unanswered
    executable_there=$(find . -type f ! -path ./.beamline -perm -100) || unanswered
    links_there=$(link_lines "$TAB") || unanswered
    awk -F '\t' '
      part == "mark" { if (NF > 1) marked[$2] = $1 == "l" ? "l" $3 : $1; next }
      NF == 0 { section++; next }
      section == 0 { path = substr($0, 67); there[path] = "f" substr($0, 1, 12); next }
      section == 1 { sub(/^f/, "x", there[$0]); next }
      { there[$1] = "l" $2 }
      END {
        for (path in marked) if (marked[path] != "d" && marked[path] != there[path])
          print marked[path] ~ /^f/ && there[path] !~ /^[xl]/ ? path : "(executable) " path
      }' part=mark .beamline part=there - <<END_OF_CONTENTS || unanswered
$digests_there

$executable_there

$links_there
END_OF_CONTENTS
  )
}

# The files below the working directory as sha256sum prints them: digest, two spaces, path.
file_digests() { # find's conditions…
  find_sha256
  # shellcheck disable=SC2086 # words of our own
  case $sha256 in
    *sum*) find . -type f "$@" -exec $sha256 {} + ;;
    *) find . -type f "$@" -exec $sha256 {} + | sed 's/^\(.\{64\}\)[ *]*\./\1  ./' ;;
  esac
}

digest_of() { # file, or - for standard input
  find_sha256
  # shellcheck disable=SC2086 # words of our own
  if [ "$1" = - ]; then $sha256; else $sha256 <"$1"; fi | cut -c 1-64
}

# Of the lines of content_digest those whose path is in the mark; all where the mark has no manifest.
only_listed() { # all|listed
  if [ "$1" = all ] || [ ! -r .beamline ] || [ "$(wc -l <.beamline)" -lt 2 ]; then cat; else
    awk -F '\t' '
      part == "mark" { listed[$2]; next }
      {
        path = $0
        if (substr($0, 65, 4) == "  ./") path = substr($0, 67)
        else if (i = index($0, " -> ")) path = substr($0, 1, i - 1)
        if (path in listed) print
      }' part=mark .beamline part=contents -
  fi
}

# The mark of a release of ours: its digest, then its manifest.
release_digest() { # release → $digest, empty where it is not ours
  digest=
  marked=$ROOT/$APP/$1
  if is_release "$marked" && [ -r "$marked/.beamline" ]; then read -r digest <"$marked/.beamline" || :; fi
}

do_unstage() { # release
  rm -rf "$ROOT/$APP/.stage-$OP"
  if has_made "$1" && ! is_in_use "$1"; then remove_release "$1"; fi
  remove_empty
}

# Is the app's directory, or one of those in it that are ours, a link? What is written through one is not removed with it, and what
# is removed through one may be anybody's. $leading. (A release that is one was not put there by us: it is verified before it is
# used, as any other, and removing it removes the link.)
leads_elsewhere() {
  for leading in "$ROOT/$APP" "$ROOT/$APP/config" "$ROOT/$APP/log" "$ROOT/$APP/run"; do
    [ ! -L "$leading" ] || return 0
  done
  return 1
}

# Out of sight first: a release that is half removed must never be taken for a whole one.
remove_release() { # release
  rm -rf "$ROOT/$APP/.removed-$1"
  if [ -e "$ROOT/$APP/$1" ] || [ -L "$ROOT/$APP/$1" ]; then mv "$ROOT/$APP/$1" "$ROOT/$APP/.removed-$1"; fi
  rm -rf "$ROOT/$APP/.removed-$1"
}

do_config() { # config
  directory=$ROOT/$APP/config/$1
  if [ -d "$directory" ]; then
    # What somebody has changed there is as it was written again, file by file: an app may be starting with them.
    is_whole_config "$1" || fill_config "$directory" "$1"
    return 0
  fi
  note_fact made-config "$1"
  make_directory "$ROOT/$APP/config"
  staged=$ROOT/$APP/config/.stage-$OP
  remove_if_there "$staged"
  mkdir "$staged"
  fill_config "$staged" "$1"
  mv "$staged" "$directory"
  sync_file "$ROOT/$APP/config"
}

# With a mark, as a release has one: the digests of the files, by the paths that they are going to have. Written last.
fill_config() { # directory config
  rm -f "$1/.beamline"
  for name in $(list_dir "$1"); do
    case $name in env.config | os_env | vm_args) ;; *) rm -rf "${1:?}/$name" ;; esac
  done
  for file in env.config os_env vm_args; do write_file "$1/$file" <"$OPDIR/in/$file"; done
  config_digests=$(cd "$1" && file_digests) || unanswered
  config_digests=$(printf '%s\n' "$config_digests" | sed "s|  \./|  ./$2/|") || unanswered
  write_text "$1/.beamline" "$config_digests"
}

is_whole_config() { # config
  whole_configs=$(whole_configs) || unanswered
  case "$NEWLINE$whole_configs$NEWLINE" in *"$NEWLINE$1$NEWLINE"*) [ -f "$ROOT/$APP/config/$1/.beamline" ] ;; *) return 1 ;; esac
}

# The configurations of the app that are what was written there, one a line. Of one without a mark nobody knows: earlier versions
# wrote none.
whole_configs() {
  [ -d "$ROOT/$APP/config" ] || return 0
  (
    cd "$ROOT/$APP/config"
    config_names=$(list_dir .) || unanswered
    config_digests=$(file_digests -path './[!.]*/*' ! -name .beamline) || ended_itself $?
    set +f
    set -- ./[!.]*/.beamline
    [ -e "$1" ] || set --
    awk '
      part == "marks" { split(FILENAME, at, "/"); mark[at[2], $0]; marked[at[2]]++; next }
      NF == 0 { part = "contents"; next }
      part == "names" { names[++count] = $0; next }
      { split(substr($0, 67), at, "/"); files[at[2]]++; if ((at[2], $0) in mark) right[at[2]]++ }
      END {
        for (i = 1; i <= count; i++) {
          name = names[i]
          if (name !~ /^\./ && (!(name in marked) || (files[name] == right[name] && right[name] == marked[name]))) print name
        }
      }' part=marks "$@" part=names - <<END_OF_CONFIGS || unanswered
$config_names

$config_digests
END_OF_CONFIGS
  )
}

do_unconfig() { # config
  rm -rf "$ROOT/$APP/config/.stage-$OP"
  ! has_fact made-config "$1" || rm -rf "$ROOT/$APP/config/$1"
  remove_empty
}

# An app's directory goes with its last release: a deploy that was undone leaves nothing. What its log said has been quoted.
remove_empty() {
  [ -d "$ROOT/$APP" ] || return 0
  names=$(list_dir "$ROOT/$APP") || unanswered
  for name in $names; do
    case $name in config | run | log) ;; *) return 0 ;; esac
  done
  forget_users_but ''
  rm -rf "${ROOT:?}/$APP"
}

current_release() { # → $current
  current=
  [ ! -L "$ROOT/$APP/current" ] || current=$(readlink "$ROOT/$APP/current") || unanswered
}

do_link() { # release|-
  remove_if_there "$ROOT/$APP/.current-$OP"
  current_release
  # Where it is so already nothing need be written.
  if [ "$1" = - ] && [ -z "$current" ] && [ ! -e "$ROOT/$APP/current" ]; then
    return 0
  elif [ "$1" = - ]; then
    rm -f "$ROOT/$APP/current"
  elif [ "$current" != "$1" ]; then
    # rename(2) replaces the link in one step; ln -sf would remove it first.
    ln -s "$1" "$ROOT/$APP/.current-$OP"
    mv -T "$ROOT/$APP/.current-$OP" "$ROOT/$APP/current"
  fi
  sync_file "$ROOT/$APP"
}
