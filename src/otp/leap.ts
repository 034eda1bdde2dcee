import type { hotUpgrade } from "./hot-upgrade.ts";
import type { HotOptions } from "./upgrade.ts";

/**
 * Whether nobody may have thought of this way: an appup that does not know where it begins, or a state that is changed by instructions
 * which nobody wrote. code_change and appups mostly know the version before, and no other.
 */
export const isLeap = (answer: ReturnType<typeof hotUpgrade>, { appup }: HotOptions): boolean => {
  if (!("hot" in answer)) return appup === "shipped";
  const { findings, migrated, applications } = answer.hot;
  return (
    findings.some(({ code }) => code === "version_unknown") ||
    (migrated.length > 0 && applications.some(({ origin }) => origin === "generated"))
  );
};
