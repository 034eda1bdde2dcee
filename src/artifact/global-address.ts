// Whether an IP address is one of the public internet. What is not leads to the runner itself or into its network.
import { BlockList, isIP } from "node:net";

/** IANA's special-purpose registries: what is not globally reachable (RFC 6890), multicast, and what is not given out. */
const NOT_GLOBAL: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Of Azure, on which GitHub's runners are: its host's own services (Microsoft Learn, "What is IP address 168.63.129.16?").
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Within 2000::/3, which alone is given out (IANA, IPv6 address space): protocols, tunnels, documentation. */
const NOT_GLOBAL_6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const listOf = (subnets: readonly (readonly [string, number])[], type: "ipv4" | "ipv6"): BlockList => {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, type);
  return list;
};
const notGlobal = listOf(NOT_GLOBAL, "ipv4");
const notGlobal6 = listOf(NOT_GLOBAL_6, "ipv6");
const givenOut6 = listOf([["2000::", 3]], "ipv6");

/** Whether it is; false as well for what is no address. An IPv6 address that stands for an IPv4 one is judged by that. */
export function isGlobalAddress(address: string): boolean {
  // fe80::1%eth0: which interface of this machine.
  const bare = address.replace(/%.*$/, "");
  const family = isIP(bare);
  if (family === 4) return !notGlobal.check(bare, "ipv4");
  if (family !== 6) return false;
  const embedded = embeddedAddress(bare);
  if (embedded !== null) return isGlobalAddress(embedded);
  return givenOut6.check(bare, "ipv6") && !notGlobal6.check(bare, "ipv6");
}

/** The IPv4 address within ::ffff:0:0/96 (mapped; RFC 4291, 2.5.5.2) or 64:ff9b::/96 (NAT64; RFC 6052, 2.1); null of others. */
function embeddedAddress(address: string): string | null {
  // A URL writes it in the one canonical form (RFC 5952), hex digits throughout.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, head, high = "0", low = "0"] = /^(::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (head === undefined) return /^64:ff9b::/.test(canonical) ? "0.0.0.0" : null;
  const [h, l] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [h >> 8, h & 255, l >> 8, l & 255].join(".");
}
