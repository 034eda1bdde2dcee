// What is in a release, as far as a hot upgrade depends on it: of one that runs, or of one that lies in a tarball.
import type { ErlangTerm } from "../spec/erlang-term.ts";

/** One module. Names and versions are text; nothing of it becomes an atom anywhere. */
export type ModuleFacts = {
  /** beam_lib:md5/1 in hex: of the code alone, whatever debug information there is (stdlib, beam_lib(3)). */
  md5: string;
  /** Of -behaviour and -behavior: `gen_server`, `supervisor`. */
  behaviours: readonly string[];
  /** Of what it exports, all that decides how it is upgraded: `code_change/3`, `init/1`, `system_code_change/4`. */
  exports: readonly string[];
  /** The modules that it calls (the imports chunk). */
  calls: readonly string[];
  /** It loads native code (erlang:load_nif/2), or has -on_load. */
  isNative: boolean;
  /** The vsn attribute as Erlang text: what code_change/3 is told; null where there is none. */
  vsn: string | null;
  /** Fields of its records by name; null where debug information, which alone has them, is stripped. */
  records: ReadonlyMap<string, readonly string[]> | null;
};

export type ApplicationFacts = {
  name: string;
  version: string;
  /** As in the .rel file: permanent, transient, temporary, load or none. */
  startType: string;
  /** `{application, Name, Keys}`, from its .app file. */
  resource: ErlangTerm;
  modules: ReadonlyMap<string, ModuleFacts>;
  /** Digest of what lies in priv; empty where there is nothing. */
  priv: string;
  /** Digest of the shared libraries in priv, which a running emulator does not let go; empty where there is none. */
  libraries: string;
};

/** A release. `applications` are in the order in which they start. */
export type ReleaseInventory = {
  name: string;
  version: string;
  /** The version of the emulator: `13.1.5`. */
  erts: string;
  applications: readonly ApplicationFacts[];
  /** What .appup files hold, by application; or why one can't be read, which only a restart does without. */
  appups: ReadonlyMap<string, ErlangTerm | { error: string }>;
  /** What releases/VERSION/relup holds. */
  relup: ErlangTerm | null;
  /** Elixir's consolidated protocols (releases/VERSION/consolidated), which stand in for modules of applications. */
  consolidated: ReadonlyMap<string, ModuleFacts>;
  /** The files that decide how its VM starts (see startFilesOf); null where that is not known of one that runs. */
  startFiles: ReadonlyMap<string, string> | null;
  /** Modules that applications compiled while they ran, in place of their files, by application; of a release that lies in a tarball none. */
  made: ReadonlyMap<string, readonly string[]>;
};
