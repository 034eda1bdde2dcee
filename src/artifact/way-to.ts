// Where the name in a url leads. It is asked once: the connection goes to the addresses that were judged, not to others a second later.
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { type AllowedSources, isAllowedUrl } from "./allowed-sources.ts";
import { isGlobalAddress } from "./global-address.ts";

/** How to connect to the host of an http(s) url, or why that is refused, and the line of the input allow-sources that would allow it. */
export async function wayTo(
  url: URL,
  allowed: AllowedSources,
): Promise<{ lookup: LookupFunction } | { refused: string; line: string }> {
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const resolved = isIP(name) > 0 ? [{ address: name, family: isIP(name) }] : await addressesOf(name);
  // Behind a proxy the runner itself may know no names; where one of those names leads only the proxy knows.
  if (resolved instanceof Error) return { lookup: (_, __, done) => done(resolved, "") };
  const stranger = resolved.find(({ address }) => !isGlobalAddress(address));
  if (stranger !== undefined && !isAllowedUrl(url, allowed)) {
    const what = stranger.address === name ? `${name} is` : `${name} leads to ${stranger.address}, which is`;
    return { refused: `${what} no address of the public internet`, line: `${url.origin}/` };
  }
  return {
    lookup: (asked, options, done) => {
      // Whoever else is looked up on the way, such as a proxy, was named by the job's own environment.
      if (asked !== name)
        addressesOf(asked).then((found) =>
          found instanceof Error ? done(found, "") : answer(found, options.all, done),
        );
      else answer(resolved, options.all, done);
    },
  };
}

async function addressesOf(name: string): Promise<LookupAddress[] | Error> {
  try {
    return await lookup(name, { all: true });
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function answer(found: LookupAddress[], all: boolean | undefined, done: Parameters<LookupFunction>[2]): void {
  const [first] = found;
  if (all) done(null, found);
  else done(null, first?.address ?? "", first?.family);
}
