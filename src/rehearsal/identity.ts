import { isIPv4 } from "node:net";
import type { Running } from "../runtime/observed.ts";
import type { Host } from "../spec/host.ts";

/** What the sandbox is called, which further names lead to it, and which addresses of its own it has. */
export type Identity = { hostname: string; names: readonly string[]; addresses: readonly string[] };

const isName = (text: string): boolean =>
  /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text) && text.length <= 253 && !isIPv4(text);

/** A host's, so that its node's name and what its configuration says of its own addresses hold there, too. */
export function identityOf({ name, address }: Pick<Host, "name" | "address">, running: Running | null): Identity {
  const place = running?.node?.split("@")[1];
  const known = [...(place === undefined ? [] : [place]), address];
  const hostname = place !== undefined && isName(place) ? place : name.replace(/[^A-Za-z0-9-]/g, "-");
  return { hostname, names: known.filter(isName), addresses: [...new Set(known.filter(isIPv4))] };
}
